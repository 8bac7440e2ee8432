"""Where the agreements stand in the CRM, which of them come in, and which fields say what."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib.humanize.templatetags.humanize import intcomma
from django.forms.utils import ErrorDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.engine.agreements import Renewal
from integrations.engine.currencies import CURRENCIES
from integrations.engine.mapping import Kind
from integrations.hub.models import Agreement
from integrations.sync.agreement_checks import missing, unusual
from integrations.sync.blocks import LONGEST_VIEW, AgreementSource
from integrations.sync.configuration import snapshot
from integrations.sync.connector import CrmField
from integrations.sync.models.connection import Mode
from integrations.wire.errors import Misconfigured

from ..guided import Candidate
from ..looks import COUNTED_AT_ONCE, Looks
from ..saving import Data, first_block, line_of, set_line
from .agreement_fields import AgreementFields
from .agreement_lines import DATE, DURATION, END, MANUAL, NONE, NOTICE, Span, answers_of, notice_field, write_answers
from .agreement_offers import (
    FIXED,
    USUAL_CURRENCIES,
    may_be_amount,
    may_be_currency,
    may_be_day,
    may_be_number,
    may_be_plan,
    may_tell_renewal,
    offered_fields,
    proposed,
)
from .offers import grouped

NAME = "agreements"
SUITS = {
    "plan": may_be_plan, "amount": may_be_amount, "fee": may_be_amount, "start_date": may_be_day,
    "end_field": may_be_number, "end_date": may_be_day, "notice_field": may_be_number, "notice_date": may_be_day,
    "renewal_field": may_tell_renewal,
}  # fmt: skip
FIELDS_OF_LABELS = {
    "Recurring revenue format": "amount_format",
    "Revenue field": "amount",
    "Start date": "start_date",
    "Tacit renewal": "renewal_way",
}
"""Where on the page stands what the rules find missing."""


class AgreementsForm(AgreementFields):
    def __init__(self, looks: Looks, data: Any = None, *, before: "AgreementsForm | None" = None) -> None:
        """`before`: the form that was posted about the fields of another object than the one it chose."""
        super().__init__(looks, data)
        self.kept: Data | None = snapshot(self.connection)["blocks"].get(NAME)
        self.saved = self._saved(self.kept["settings"]) if self.kept else AgreementSource()
        self.candidates = {one.object: one for one in looks.candidates()}
        self.choice: AgreementSource = before.choice if before else self._choice()
        self.schema = looks.agreement_fields(self.choice)
        if self.guide.offers.contract_id is None:
            del self.fields["ref_id"]
        self.is_new_source = self.choice.source != self.saved.source
        self.block = self._block()
        self._offer_source()
        self._offer_views()
        self._offer_fields()
        self._offer_words()
        mode = before.data.get("mode") if before else self.kept["mode"] if self.kept else Mode.DISABLED.value
        self.initial.update(
            mode=mode, shown=self.choice.source, source=self.choice.source, view=self.choice.view,
            customer_field=self.choice.customer_field, **self._answers(),
        )  # fmt: skip
        if self.is_new_source:
            self.initial.update(proposed(self.guide, self.choice.source, self.schema))

    def _saved(self, settings: Mapping[str, Any]) -> AgreementSource:
        saved = AgreementSource.read(settings)
        return saved if saved.source else AgreementSource(self.guide.offers.first_source)

    # --- What is looked at

    def _choice(self) -> AgreementSource:
        """What the page asks about: as posted, else as saved, else where agreements usually stand."""
        known = self.saved if self.saved.source in self.candidates else None
        source = str(self.data.get("source") or (known.source if known else self.guide.offers.first_source))
        if source not in self.candidates:
            source = next(iter(self.candidates))
        candidate = self.candidates[source]
        kept = self.saved if self.saved.source == source else AgreementSource(source)
        field = str(self.data.get("customer_field") or kept.customer_field)
        view = str(self.data.get("view", kept.view)) if self._is_shown(source) else kept.view
        lookup = field if field in candidate.lookups else candidate.usual_lookup
        return AgreementSource(source, lookup, view, kept.view_label if view == kept.view else "")

    def _is_shown(self, source: str) -> bool:
        """The rest of the page was about this object when it was sent."""
        return not self.is_bound or self.data.get("shown", source) == source

    @property
    def shows_another(self) -> bool:
        """Another object was chosen than the one whose fields stood on the page: first these are shown."""
        looks_only = self.data.get("do") == "look"
        return not self._is_shown(self.choice.source) and (looks_only or not self.is_off)

    @property
    def candidate(self) -> Candidate:
        return self.candidates[self.choice.source]

    def _named(self, choice: AgreementSource) -> AgreementSource:
        """With what people call each of its parts, for pages that ask the CRM nothing."""
        field = self.schema.get(choice.customer_field)
        return replace(
            choice,
            view_label=self.views.get(choice.view, ""),
            source_label=str(self.candidate.label)[:LONGEST_VIEW],
            customer_field_label=(field.label if field else "")[:LONGEST_VIEW],
        )

    def _block(self) -> Data:
        """Of another object than before only what says its own id is kept."""
        if self.kept is not None and not self.is_new_source:
            return deepcopy(self.kept)
        block = first_block(self.guide, NAME, self.schema)
        return {**block, "mode": Mode.DISABLED.value}

    @property
    def number(self) -> int | None:
        """How many would come in; None where the chosen view cannot be asked."""
        try:
            return self.looks.agreement_count(self.choice)
        except Misconfigured:
            return None

    # --- What can be chosen

    @property
    def usual(self) -> str:
        """What the objects are called in which agreements usually stand."""
        first = self.candidates.get(self.guide.offers.first_source)
        return str((first or self.candidate).label).lower()

    def _offer_source(self) -> None:
        source = self.fields["source"]
        source.help_text = str(source.help_text) % {"records": self.usual}
        self.fields["source"].choices = [(one.object, one.label) for one in self.candidates.values()]  # type: ignore[attr-defined]
        labels = {field.path: field.label for field in self.schema.fields}
        lookups = self.candidate.lookups
        self.fields["customer_field"].choices = [(path, labels.get(path, path)) for path in lookups]  # type: ignore[attr-defined]
        if len(lookups) == 1:
            self.fields["customer_field"].widget = forms.HiddenInput()

    def _offer_views(self) -> None:
        self.views = {view.id: view.label for view in self.looks.agreement_views(self.choice)}
        counted = [*list(self.views)[: COUNTED_AT_ONCE - 1], self.choice.view]
        choices = [("", self._counted(self.guide.say(self.guide.offers.without_view(self.choice.source)), ""))]
        for view_id, label in self.views.items():
            choices.append((view_id, self._counted(label, view_id) if view_id in counted else label))
        self.lost_view = self.choice.view if self.choice.view not in {"", *self.views} else ""
        if self.lost_view:
            label = self.saved.view_label or self.lost_view
            choices.append((self.lost_view, _("%(view)s (gone from %(system)s)") % {"view": label, **self.guide.words}))
        self.fields["view"].choices = choices  # type: ignore[attr-defined]

    def _counted(self, label: str, view_id: str) -> str:
        try:
            one = AgreementSource(self.choice.source, self.choice.customer_field, view_id)
            number = self.looks.agreement_count(one)
        except Misconfigured:
            return label
        return f"{label} ({agreements(number)})"

    def _offer_fields(self) -> None:
        known = offered_fields(self.guide, self.schema)
        found = {name: [field for field in known if suits(field)] for name, suits in self._suits.items()}
        money = [field for field in known if may_be_currency(field)]
        paths = list(dict.fromkeys(field.path for some in (*found.values(), money) for field in some))
        # A view that is gone shows nothing: then the samples come from all of the object.
        seen = replace(self.choice, view="") if self.lost_view else self.choice
        self.samples = self.looks.agreement_samples(seen, paths)
        stored = self._answers()
        for name, fields in found.items():
            path = str(stored.get(name) or "")
            line = next((line for line in self.block["lines"] if path and line["crm"] == path), None)
            self.fields[name].offer(self.guide, self._with(path, fields), self.samples, line)  # type: ignore[attr-defined]
        self.fields["currency"].choices = [  # type: ignore[attr-defined]
            ("", _("Not mapped: the reporting currency")),
            *grouped(self.guide, self._with(str(stored["currency"]), money), self.samples),
            (_("The same for all"), [(f"{FIXED}{code}", code) for code in currencies()]),
        ]

    def _answers(self) -> dict[str, Any]:
        path = str((line_of(self.block, "ref_id") or {}).get("crm") or "")
        return {**answers_of(self.block), "ref_id": "" if path == self._record_id else path}

    @property
    def _record_id(self) -> str:
        """What the contract's ID is taken from where no field of the organisation holds it."""
        lines = self.guide.default_lines(NAME)
        return next((str(line["crm_field"]) for line in lines if line["hub_field"] == "ref_id"), "")

    @property
    def _suits(self) -> Mapping[str, Callable[[CrmField], bool]]:
        identifies = self.guide.offers.contract_id
        return {**SUITS, "ref_id": identifies} if identifies else SUITS

    def _with(self, path: str, fields: list[CrmField]) -> list[CrmField]:
        """What the mapping editor chose stays on offer, whatever it is."""
        chosen = self.schema.get(path)
        return fields if chosen is None or chosen in fields else [chosen, *fields]

    def _offer_words(self) -> None:
        self.fields["amount_format"].choices = list(Agreement.Format.choices)  # type: ignore[attr-defined]
        self.fields["renewal_value"].widget.attrs["list"] = "renewal-values"

    @property
    def renewal_values(self) -> list[str]:
        """What the chosen field may hold; before one is chosen, what the organisation's own lists hold."""
        chosen = self.schema.get(str(self["renewal_field"].value() or ""))
        fields = [chosen] if chosen else [field for field in self.schema.fields if field.is_custom]
        return sorted({one.value for field in fields for one in field.choices if one.is_active})

    # --- What was chosen

    def clean_view(self) -> str:
        chosen: str = self.cleaned_data["view"]
        if chosen and chosen == self.lost_view:
            text = _("This view is gone from %(system)s. Choose another one, or none.")
            raise forms.ValidationError(self.guide.say(text))
        self.check_by(lambda: self.looks.agreement_count(self.choice))
        return chosen

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.is_off:
            # Whoever switches them off need not put anything right first.
            self._errors = ErrorDict()
            return cleaned
        for span in (END, NOTICE):
            self._check_span(span, cleaned)
        self._check_renewal(cleaned)
        self._check_complete(cleaned)
        return cleaned

    @property
    def is_off(self) -> bool:
        return str(self.data.get("mode")) == Mode.DISABLED

    def _check_span(self, span: Span, cleaned: dict[str, Any]) -> None:
        asked = {DURATION: f"{span.name}_field", DATE: f"{span.name}_date", MANUAL: f"{span.name}_number"}
        name = asked.get(cleaned.get(f"{span.name}_way") or NONE)
        if name and not cleaned.get(name) and name not in self.errors:
            self.add_error(name, _("Type the number.") if name.endswith("_number") else _("Choose the field."))

    def _check_renewal(self, cleaned: dict[str, Any]) -> None:
        match cleaned.get("renewal_way"):
            case Renewal.NOTICE.value if not notice_field(cleaned):
                text = _("Above, no field of %(system)s says the notice. Choose one there, or answer in another way.")
                self.add_error("renewal_way", self.guide.say(text))
            case Renewal.VALUE.value:
                field = self.schema.get(cleaned.get("renewal_field") or "")
                if field is None:
                    self.add_error("renewal_field", _("Choose the field."))
                elif field.kind is not Kind.BOOL and not cleaned.get("renewal_value", "").strip(" ;"):
                    self.add_error("renewal_value", _("Type the value that means yes."))
            case Renewal.ALWAYS.value if not cleaned.get("renewal_answer"):
                self.add_error("renewal_answer", _("Choose the answer."))

    def _check_complete(self, cleaned: dict[str, Any]) -> None:
        block = deepcopy(self.block)
        write_answers(block, cleaned, self.schema)
        for label in missing(block["lines"]):
            name = FIELDS_OF_LABELS.get(label, "")
            # What belongs to an answer that is begun is said where it stands.
            is_begun = name == "renewal_way" and any(found.startswith("renewal") for found in self.errors)
            if name and name not in self.errors and not is_begun:
                text = _("“%(field)s” is needed before agreements can be read.") % {"field": _(label)}
                self.add_error(name, text)

    # --- For the page

    @property
    def named_errors(self) -> str:
        names = (name for name in self.errors if name in self.fields)
        return ", ".join(str(self.fields[name].label).removesuffix(" *") for name in names)

    @property
    def advice(self) -> list[tuple[str, str]]:
        """What is allowed but seldom meant, about what stands on the page now: (why, what to do)."""
        if self.is_bound and not self.is_off and self.is_valid():
            block = deepcopy(self.block)
            write_answers(block, self.cleaned_data, self.schema)
            return unusual(block["lines"])
        is_on = self.kept is not None and self.kept["mode"] != Mode.DISABLED
        return unusual(self.block["lines"]) if is_on and not self.is_bound else []

    def apply_to(self, data: Data) -> None:
        mode = self.cleaned_data["mode"]
        if mode == Mode.DISABLED:
            # Never switched on: there is nothing to keep.
            if self.kept is not None:
                data["blocks"][NAME]["mode"] = mode
            return
        self.block.update(mode=mode, settings=self._named(self.choice).settings)
        write_answers(self.block, self.cleaned_data, self.schema)
        if "ref_id" in self.fields:
            path = self.cleaned_data["ref_id"] or self._record_id
            set_line(self.block, "ref_id", path, self.schema.get(path))
        data["blocks"][NAME] = self.block


def currencies() -> list[str]:
    return [*USUAL_CURRENCIES, *(code for code in CURRENCIES if code not in USUAL_CURRENCIES)]


def agreements(number: int) -> str:
    return ngettext("%(n)s agreement", "%(n)s agreements", number) % {"n": intcomma(number)}
