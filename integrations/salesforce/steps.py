"""The steps of the set-up, in order; each can be left and taken up again."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import SalesforceConnection


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    label: Promise
    note: Promise


STEPS = (
    Step("connect", gettext_lazy("Connect"), gettext_lazy("who signs in")),
    Step("scope", gettext_lazy("Scope"), gettext_lazy("which accounts come in")),
    Step("customers", gettext_lazy("Customers"), gettext_lazy("which fields meet")),
    Step("contacts", gettext_lazy("Contacts"), gettext_lazy("who, and their roles")),
    Step("review", gettext_lazy("Review"), gettext_lazy("preview, then turn on")),
)
ORDER = {step.name: place for place, step in enumerate(STEPS)}


@dataclass(frozen=True, slots=True)
class Shown:
    label: str
    note: str
    url: str
    """Empty for a step that is not reached yet."""
    is_done: bool
    is_current: bool


def url_of(connection: SalesforceConnection, name: str) -> str:
    return reverse("salesforce:wizard", args=[connection.slug, name])


def following(name: str) -> Step | None:
    place = ORDER[name] + 1
    return STEPS[place] if place < len(STEPS) else None


def preceding(name: str) -> Step | None:
    return STEPS[ORDER[name] - 1] if ORDER[name] else None


def reach(connection: SalesforceConnection, name: str) -> None:
    """The furthest step so far: where the set-up is taken up again."""
    if ORDER[name] > ORDER.get(connection.wizard_step, 0):
        connection.wizard_step = name
        connection.save(update_fields=["wizard_step"])


def strip(connection: SalesforceConnection, current: str) -> list[Shown]:
    furthest = ORDER.get(connection.wizard_step, 0)
    return [shown(connection, step, current, furthest) for step in STEPS]


def shown(connection: SalesforceConnection, step: Step, current: str, furthest: int) -> Shown:
    place = ORDER[step.name]
    is_current = step.name == current
    is_signed_in = step.name == "connect" and bool(connection.account)
    return Shown(
        label=str(step.label) if place < furthest else f"{place + 1}. {step.label}",
        note=_("as %(user)s") % {"user": connection.account} if is_signed_in else str(step.note),
        url="" if is_current or place > furthest else url_of(connection, step.name),
        is_done=place < furthest and not is_current,
        is_current=is_current,
    )
