"""What the step of agreements asks, in words; the form itself decides what can be chosen and what is missing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from integrations.engine.agreements import Renewal
from integrations.hub.models.agreement import Period

from .agreement_lines import ALWAYS, DATE, DURATION, MANUAL, NEVER, NONE
from .offers import OfferedField
from .step_form import StepForm, mode_field

NOT_MAPPED = gettext_lazy("Not mapped")
CHOOSE = gettext_lazy("Choose a field")
LONGEST_SPAN = 1200


def radios(label: Any, choices: Any, **more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect, required=False, **more)


def ways(label: Any, none: Any) -> forms.ChoiceField:
    return radios(
        label,
        [
            (NONE, none),
            (DURATION, gettext_lazy("Duration: a field of %(system)s holds a number, such as 12")),
            (DATE, gettext_lazy("Date: a field of %(system)s holds the day")),
            (MANUAL, gettext_lazy("Manual: the same for every agreement, whatever %(system)s holds")),
        ],
    )


def offered_field(label: Any, help_text: Any = "", empty: Any = CHOOSE) -> OfferedField:
    return OfferedField(label=label, help_text=help_text, empty=empty)


def number_field() -> forms.IntegerField:
    return forms.IntegerField(
        label=gettext_lazy("Number"), required=False, min_value=1, max_value=LONGEST_SPAN,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip


def period_field() -> forms.ChoiceField:
    return forms.ChoiceField(label=gettext_lazy("Interval"), choices=Period.choices, required=False)


class AgreementFields(StepForm):
    data_type = "agreements"
    mode = mode_field()
    source = forms.ChoiceField(
        label=gettext_lazy("Object"),
        help_text=gettext_lazy("Where your contract information stands: usually in %(records)s."),
    )
    shown = forms.CharField(required=False, widget=forms.HiddenInput)
    customer_field = forms.ChoiceField(
        label=gettext_lazy("Field that names the customer"),
        required=False,
        help_text=gettext_lazy("This object points to %(accounts)s by several fields."),
    )
    view = forms.ChoiceField(label=gettext_lazy("View"), required=False)
    ref_id = offered_field(
        gettext_lazy("Field that holds the contract’s ID"),
        gettext_lazy("By it an agreement is known again. Without a field for it, the ID that %(system)s gives serves."),
        gettext_lazy("The ID that %(system)s gives each record"),
    )
    plan = offered_field(gettext_lazy("Plan name"), gettext_lazy("The offer or plan subscribed to."), NOT_MAPPED)
    amount_format = radios(
        gettext_lazy("Recurring revenue format *"), [], help_text=gettext_lazy("How your %(system)s says amounts.")
    )
    amount = offered_field(
        gettext_lazy("Revenue field *"), gettext_lazy("The recurring amount, read in the format above.")
    )
    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"),
        required=False,
        help_text=gettext_lazy("A field of %(system)s, or one currency for all agreements."),
    )
    fee = offered_field(gettext_lazy("One-time fee"), gettext_lazy("A set-up fee, for instance."), NOT_MAPPED)
    start_date = offered_field(
        gettext_lazy("Start date *"),
        gettext_lazy("The day the contract starts. It is usually another one than the close date of what was sold."),
    )
    end_way = ways(gettext_lazy("How %(system)s says when a contract ends"), gettext_lazy("Not at all"))
    end_field = offered_field(gettext_lazy("Field with the number"))
    end_period = period_field()
    end_date = offered_field(gettext_lazy("Field with the last day"))
    end_number = number_field()
    notice_way = ways(gettext_lazy("How %(system)s says the notice"), gettext_lazy("There is none"))
    notice_field = offered_field(gettext_lazy("Field with the number"))
    notice_period = period_field()
    notice_date = offered_field(gettext_lazy("Field with the last day to give notice"))
    notice_number = number_field()
    renewal_way = radios(
        gettext_lazy("Renews by itself *"),
        [
            (Renewal.NOTICE.value, gettext_lazy("Yes where %(system)s holds a notice date or period")),
            (Renewal.VALUE.value, gettext_lazy("Yes where a field of %(system)s holds a value")),
            (Renewal.ALWAYS.value, gettext_lazy("The same answer for every agreement")),
        ],
    )
    renewal_field = offered_field(gettext_lazy("Field"))
    renewal_value = forms.CharField(
        label=gettext_lazy("Value"),
        required=False,
        max_length=255,
        help_text=gettext_lazy("Several, separated by a semicolon: any of them. Of a yes/no field, yes."),
    )
    renewal_answer = radios(
        gettext_lazy("Answer"),
        [(ALWAYS, gettext_lazy("Yes, tacit renewal")), (NEVER, gettext_lazy("No tacit renewal"))],
    )
