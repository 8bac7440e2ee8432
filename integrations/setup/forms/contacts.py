"""Which contacts come in, and which value gives them which role."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from integrations.engine.mapping import Kind
from integrations.sync.configuration import snapshot
from integrations.sync.connector import CrmField
from integrations.wire.errors import Misconfigured

from ..looks import COUNTED_AT_ONCE, Looks
from ..saving import Data, line_of, set_line
from .both_ways import both_ways_field
from .offers import Choices, OfferedField, is_id, offered
from .step_form import StepForm, key_field_of_ours, mode_field

ROLES = {
    "is_champion": (
        gettext_lazy("Champion"),
        gettext_lazy("Who speaks for you inside, e.g. where the role is Ambassador."),
    ),
    "is_sponsor": (gettext_lazy("Sponsor"), gettext_lazy("Who decides on the budget.")),
    "is_key_user": (gettext_lazy("Key user"), gettext_lazy("Who runs your product day by day and helps colleagues.")),
    "is_end_user": (gettext_lazy("End user"), gettext_lazy("Who works with your product.")),
}
GONE = gettext_lazy(
    "This view is gone from %(system)s, or hidden from the signed-in user. Choose another one; nothing was changed."
)
KEPT = "as-it-is"
"""A rule that was made in the mapping editor and that this select cannot say."""
MOST_VALUES = 40
COUNTED_FIELDS = 6
"""Fields whose values are counted for the page, one call each."""


@dataclass(frozen=True, slots=True)
class Condition:
    path: str
    value: str

    def __str__(self) -> str:
        return f"{self.path}={self.value}"


def condition_of(text: str) -> Condition:
    path, _equals, value = text.partition("=")
    return Condition(path, value)


def role_field(label: Any, help_text: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, help_text=help_text, required=False)


def may_give_role(field: CrmField, usual: Sequence[str]) -> bool:
    """Of the many fields of a contact those that somebody filled in to say what the person does."""
    if not (field.is_custom or field.path in usual) or field.is_id:
        return False
    active = [choice for choice in field.choices if choice.is_active]
    is_list = field.kind in {Kind.CHOICE, Kind.LIST} and 0 < len(active) <= MOST_VALUES
    return is_list or field.kind in {Kind.BOOL, Kind.TEXT}


class ContactsForm(StepForm):
    data_type = "contacts"
    mode = mode_field()
    both_ways = both_ways_field()
    make_key = key_field_of_ours()
    contact_view = forms.ChoiceField(
        label=gettext_lazy("Contact view"),
        required=False,
        help_text=gettext_lazy(
            "Without a view, every contact of a record that comes in follows it, and no other. A view narrows that down."
        ),
    )
    ref_id = OfferedField(
        label=gettext_lazy("Contact ID"),
        help_text=gettext_lazy(
            "Best an ID that all your systems share. Without one, the ID that %(system)s gives each contact serves."
        ),
    )
    is_champion = role_field(*ROLES["is_champion"])
    is_sponsor = role_field(*ROLES["is_sponsor"])
    is_key_user = role_field(*ROLES["is_key_user"])
    is_end_user = role_field(*ROLES["is_end_user"])

    def __init__(self, looks: Looks, data: Any = None) -> None:
        super().__init__(looks, data)
        kept: Data = snapshot(self.connection)
        self.block: Data = kept["blocks"]["contacts"]
        self.has_view = "contact_view" in kept["settings"]
        """Whether a connection of this system keeps a view of contacts."""
        self.schema = looks.schema("contacts")
        self.offer_both_ways(self.block)
        self.offer_key_field(self.schema)
        stored, self.stored_label = looks.connector.chosen_view("contacts")
        self.stored_view = stored
        self.initial.update(mode=self.block["mode"], contact_view=stored)
        self.offer_fields("contacts", self.schema, self.block, {"ref_id": is_id})
        if self.has_view:
            self._offer_views()
        else:
            del self.fields["contact_view"]
        self._offer_roles()

    # --- The view

    def _offer_views(self) -> None:
        self.views = {view.id: view for view in self.looks.views("contacts") if view.is_usable}
        stored = self.stored_view
        if not self.views and not stored:
            # Nothing to choose: said, not asked.
            self.has_view = False
            del self.fields["contact_view"]
            return
        counted = list(self.views)[: COUNTED_AT_ONCE - 1]
        choices = [("", self._view_label(self.guide.say(_("No view: all %(contacts)s of these %(accounts)s")), ""))]
        for view_id, view in self.views.items():
            is_counted = view_id in counted or view_id == self.stored_view
            choices.append((view_id, self._view_label(view.label, view_id) if is_counted else view.label))
        self.lost_view = stored if stored and stored not in self.views else ""
        if self.lost_view:
            label = self.stored_label or stored
            choices.append((stored, _("%(view)s (gone from %(system)s)") % {"view": label, **self.guide.words}))
        self.fields["contact_view"].choices = choices  # type: ignore[attr-defined]

    @property
    def everybody(self) -> str:
        """Where nothing narrows them down: who comes in, counted."""
        return self._view_label(self.guide.say(_("All %(contacts)s of these %(accounts)s come in")), "")

    def _view_label(self, label: str, view_id: str) -> str:
        try:
            number = self.looks.count("contacts", view_id).total
        except Misconfigured:
            return label
        return f"{label} ({contacts(number)})"

    def clean_contact_view(self) -> str:
        chosen: str = self.cleaned_data["contact_view"]
        if chosen and chosen == self.lost_view:
            raise forms.ValidationError(self.guide.say(GONE))
        if chosen:
            self.check_by(lambda: self.looks.count("contacts", chosen))
        return chosen

    # --- The roles

    def _offer_roles(self) -> None:
        if self.guide.offers.champion:
            self.fields["is_champion"].help_text = str(self.guide.offers.champion)
        self.role_fields = {field.path: field for field in offered(self.guide, self.schema, self._may_give_role)}
        stored = {name: self._stored(name) for name in ROLES}
        options = self._options({condition_of(text).path for text in stored.values()})
        listed = {value for _group, values in options for value, _label in values}
        for name, current in stored.items():
            is_special = bool(current) and current not in listed
            kept: Choices = [(KEPT, self._kept_label(name))] if is_special else []
            self.fields[name].choices = [("", _("Nobody")), *kept, *options]  # type: ignore[attr-defined]
            self.initial[name] = KEPT if is_special else current

    def _may_give_role(self, field: CrmField) -> bool:
        return may_give_role(field, self.guide.offers.roles)

    def _stored(self, name: str) -> str:
        line = line_of(self.block, name)
        if line is None:
            return ""
        if line["transform"] == "equals":
            return str(Condition(line["crm"], line["argument"]))
        return str(Condition(line["crm"], "true"))

    def _kept_label(self, name: str) -> str:
        line = line_of(self.block, name) or {}
        label = line.get("seen", {}).get("label") or line.get("crm", "")
        return _("%(field)s: %(rule)s, as set in the mapping") % {
            "field": label,
            "rule": line.get("argument") or _("yes"),
        }

    def _options(self, in_use: set[str]) -> Choices:
        """The CRM's own field for it, then the organisation's; some of them counted value by value, one call each."""
        first = self.guide.offers.first_role
        fields = sorted(
            self.role_fields.values(),
            key=lambda field: (field.path != first, field.path not in in_use, not field.is_custom),
        )
        counted = [field for field in fields if field.kind is not Kind.LIST][:COUNTED_FIELDS]
        found = [(field.label, list(self._values(field, field in counted))) for field in fields]
        return [group for group in found if group[1]]

    def _values(self, field: CrmField, is_counted: bool) -> Any:
        counts = self.looks.value_counts("contacts", field.path) if is_counted else {}
        for value, label in self._values_offered(field, counts):
            number = f" ({contacts(counts.get(value, 0))})" if counts else ""
            yield str(Condition(field.path, value)), f"{field.label} = {label}{number}"

    def _values_offered(self, field: CrmField, counts: Mapping[str, int]) -> list[tuple[str, str]]:
        if field.kind is Kind.BOOL:
            return [("true", _("yes"))]
        if field.choices:
            return [(choice.value, choice.label) for choice in field.choices if choice.is_active]
        # Of a text the values that occur most; one in which nearly every contact differs tells no roles apart.
        # A semicolon would make two values of one.
        repeated = (value for value, number in counts.items() if number > 1 and ";" not in value)
        frequent = sorted(repeated, key=lambda value: -counts[value])
        return [(value, value) for value in frequent[:MOST_VALUES]]

    def apply_to(self, data: Data) -> None:
        block = data["blocks"]["contacts"]
        block["mode"] = self.cleaned_data["mode"]
        if self.has_view:
            chosen = self.cleaned_data["contact_view"]
            label = self.views[chosen].label if chosen else ""
            data["settings"].update(contact_view=chosen, contact_view_label=label)
        schema = self.schema
        set_line(
            block, "ref_id", self.cleaned_data["ref_id"], schema.get(self.cleaned_data["ref_id"]) if schema else None
        )
        for name in ROLES:
            self._apply_role(block, name)
        self.apply_both_ways(block, schema)

    def _apply_role(self, block: Data, name: str) -> None:
        text = self.cleaned_data[name]
        if text == KEPT:
            return
        condition = condition_of(text)
        field = self.role_fields.get(condition.path)
        is_yes_or_no = field is None or field.kind is Kind.BOOL
        rule = (
            {"transform": "", "argument": ""} if is_yes_or_no else {"transform": "equals", "argument": condition.value}
        )
        set_line(block, name, condition.path, field, **rule)


def contacts(number: int) -> str:
    return ngettext("%(n)s contact", "%(n)s contacts", number) % {"n": intcomma(number)}
