"""How well a CRM field suits a hub field: matching, matching in part (values may be refused), or not at all."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Kind
from integrations.engine.successors import Known
from integrations.engine.successors import successors as ranked
from integrations.engine.transforms import TRANSFORMS
from integrations.hub.fields import HubField

from .connector import CrmField, Schema
from .drift import NUMBERS, may_become

WORDS: dict[Kind, str | Promise] = {
    Kind.ID: _("id"),
    Kind.TEXT: _("text"),
    Kind.LONG_TEXT: _("long text"),
    Kind.EMAIL: _("e-mail"),
    Kind.DOMAIN: _("domain"),
    Kind.PHONE: _("phone"),
    Kind.INTEGER: _("whole number"),
    Kind.NUMBER: _("number"),
    Kind.MONEY: _("amount"),
    Kind.DATE: _("date"),
    Kind.DATETIME: _("date and time"),
    Kind.BOOL: _("yes / no"),
    Kind.CHOICE: _("one of a list"),
    Kind.PERSON: _("user"),
    Kind.LIST: _("list"),
    Kind.PARENT: _("parent"),
}
# Every value of these kinds can be taken as the hub's kind; of other possible kinds single values may be refused.
_WHOLLY = {
    Kind.TEXT: {Kind.ID, Kind.EMAIL, Kind.DOMAIN, Kind.PHONE, Kind.CHOICE, Kind.PERSON},
    Kind.LONG_TEXT: set(Kind),
    Kind.NUMBER: {Kind.INTEGER, Kind.MONEY},
    Kind.MONEY: {Kind.INTEGER, Kind.NUMBER},
    Kind.DOMAIN: {Kind.TEXT},
    Kind.PHONE: {Kind.TEXT},
    Kind.LIST: {Kind.CHOICE},
}

HOLDS_A_NUMBER = NUMBERS | {Kind.TEXT, Kind.LONG_TEXT, Kind.CHOICE}


class Fit(StrEnum):
    MATCHING = "matching"
    PARTLY = "partly"
    UNMATCHED = "unmatched"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Suits:
    fit: Fit
    why: str | Promise = ""


def suits(hub: HubField, crm: CrmField, transform: str) -> Suits:
    if hub.kind is Kind.ID and not crm.is_id:
        return Suits(Fit.UNMATCHED, _("Only a field that is an ID in the CRM can be the ID here."))
    if hub.kind is Kind.PERSON and not crm.is_person:
        return Suits(Fit.UNMATCHED, _("Only a field that points to a user of the CRM can be the owner here."))
    if transform and transform != "none":
        return _by_transform(hub, transform)
    if not may_become(crm.kind, hub.kind):
        return Suits(Fit.UNMATCHED, _("Its type cannot become this one; choose a transform or another field."))
    if hub.kind is Kind.BOOL and crm.kind is not Kind.BOOL:
        return Suits(Fit.PARTLY, _("Say which value means yes: choose “Yes where it is one of” under Values."))
    if crm.kind is not hub.kind and crm.kind not in _WHOLLY.get(hub.kind, set()) and hub.kind is not Kind.ID:
        return Suits(Fit.PARTLY, _("The types differ: values that do not fit are refused one by one."))
    if hub.max_length and crm.length and crm.length > hub.max_length:
        return Suits(Fit.PARTLY, _("The CRM allows longer texts: those are refused, never cut."))
    return Suits(Fit.MATCHING)


def takes(hub: HubField, crm: CrmField, values: Mapping[str, str]) -> Suits:
    """Whether a CRM field can hold what the hub sends there."""
    if not crm.is_updateable:
        return Suits(Fit.UNMATCHED, _("The CRM does not let the signed-in user change this field."))
    if hub.kind in NUMBERS and crm.kind not in HOLDS_A_NUMBER:
        return Suits(Fit.UNMATCHED, _("A field of this type cannot hold a number."))
    if crm.kind is Kind.CHOICE and not values:
        return Suits(Fit.PARTLY, _("A list takes only its own values: say under Values which one stands for which."))
    return Suits(Fit.MATCHING)


def _by_transform(hub: HubField, transform: str) -> Suits:
    known = TRANSFORMS.get(transform)
    if known is None or hub.kind not in known.kinds:
        return Suits(Fit.UNMATCHED, _("This transform gives another type than the hub field has."))
    return Suits(Fit.MATCHING)


def is_offered(hub: HubField, crm: CrmField) -> bool:
    """What the list of a line proposes; a transform can make more of them fit."""
    if hub.kind is Kind.ID:
        return crm.is_id
    return crm.is_person if hub.kind is Kind.PERSON else True


def successors(
    label: str,
    path: str,
    hub: HubField,
    schema: Schema,
    taken: Iterable[str],
    *,
    type_: str = "",
    values: Collection[str] = (),
) -> list[CrmField]:
    """Fields that suit the hub field and may have taken the place of a lost one, the likeliest first."""
    used = set(taken)
    others = {field.path: field for field in schema.fields if field.path not in used and _may_follow(hub, field, type_)}
    known = [Known(f.path, f.label, f.type, f.kind, [choice.value for choice in f.choices]) for f in others.values()]
    return [others[found] for found in ranked(Known(path, label, type_, hub.kind, values), known)]


def _may_follow(hub: HubField, field: CrmField, type_: str) -> bool:
    """What the lost field could be in part, another of its type may be too."""
    fit = suits(hub, field, "").fit
    return fit is Fit.MATCHING or (fit is Fit.PARTLY and field.type == type_)
