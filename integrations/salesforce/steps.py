"""The steps of the set-up, in order; each can be left and taken up again."""

from collections.abc import Collection
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.hub.fields import INTERACTION_TYPES
from integrations.sync.models import DataType, Mode

from .models import SalesforceConnection


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    label: Promise
    note: Promise
    is_optional: bool = False
    """Nobody is led through it on the way to the first sync; who wants it finds it beside the others."""


STEPS = (
    Step("connect", gettext_lazy("Connect"), gettext_lazy("who signs in")),
    Step("scope", gettext_lazy("Scope"), gettext_lazy("which accounts come in")),
    Step("customers", gettext_lazy("Customers"), gettext_lazy("which fields meet")),
    Step("contacts", gettext_lazy("Contacts"), gettext_lazy("who, and their roles")),
    Step("agreements", gettext_lazy("Agreements"), gettext_lazy("if you like"), is_optional=True),
    Step("interactions", gettext_lazy("Interactions"), gettext_lazy("if you like"), is_optional=True),
    Step("scores", gettext_lazy("Scores"), gettext_lazy("if you like"), is_optional=True),
    Step("review", gettext_lazy("Review"), gettext_lazy("preview, then turn on")),
)
OPTIONAL = {
    "agreements": (DataType.AGREEMENTS,),
    "interactions": tuple(INTERACTION_TYPES),
    "scores": (DataType.SCORES,),
}
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
    """From an optional step to whatever stands next, else to the next one that is needed."""
    is_led = not STEPS[ORDER[name]].is_optional
    return next((step for step in STEPS[ORDER[name] + 1 :] if not (is_led and step.is_optional)), None)


def preceding(name: str, taken: Collection[str]) -> Step | None:
    """The way that led here, back: past optional steps that nobody made use of, unless this is one itself."""
    before = STEPS[: ORDER[name]]
    is_led = not STEPS[ORDER[name]].is_optional
    return next(
        (step for step in reversed(before) if not (is_led and step.is_optional and step.name not in taken)), None
    )


def chosen(connection: SalesforceConnection) -> frozenset[str]:
    """Optional steps whose data types are switched on."""
    used = set(connection.blocks.exclude(mode=Mode.DISABLED).values_list("object", flat=True))
    return frozenset(name for name, data_types in OPTIONAL.items() if used & set(data_types))


def reach(connection: SalesforceConnection, name: str) -> None:
    """The furthest step so far: where the set-up is taken up again."""
    if ORDER[name] > ORDER.get(connection.wizard_step, 0):
        connection.wizard_step = name
        connection.save(update_fields=["wizard_step"])


def strip(connection: SalesforceConnection, current: str, taken: Collection[str]) -> list[Shown]:
    furthest = ORDER.get(connection.wizard_step, 0)
    return [shown(connection, step, current, furthest, is_taken=step.name in taken) for step in STEPS]


def number_of(step: Step) -> int:
    return sum(not one.is_optional for one in STEPS[: ORDER[step.name] + 1])


def shown(connection: SalesforceConnection, step: Step, current: str, furthest: int, *, is_taken: bool) -> Shown:
    place = ORDER[step.name]
    is_current = step.name == current
    is_done = is_taken if step.is_optional else place < furthest
    is_signed_in = step.name == "connect" and bool(connection.account)
    return Shown(
        label=str(step.label) if is_done or step.is_optional else f"{number_of(step)}. {step.label}",
        note=_("as %(user)s") % {"user": connection.account} if is_signed_in else "" if is_taken else str(step.note),
        url="" if is_current or place > furthest else url_of(connection, step.name),
        is_done=is_done and not is_current,
        is_current=is_current,
    )
