"""The steps of the set-up, in order; each can be left and taken up again."""

from collections.abc import Collection
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from integrations.hub.fields import INTERACTION_TYPES
from integrations.sync.models import Connection, DataType, Mode

from .guide import Guide, Step, guide_of

OPTIONAL = {
    "agreements": (DataType.AGREEMENTS,),
    "interactions": tuple(INTERACTION_TYPES),
    "scores": (DataType.SCORES,),
}
"""Which data types an optional step switches on."""


@dataclass(frozen=True, slots=True)
class Shown:
    label: str
    note: str
    url: str
    """Empty for a step that is not reached yet."""
    is_done: bool
    is_current: bool


def step_of(guide: Guide, name: str) -> Step | None:
    return next((step for step in guide.steps if step.name == name), None)


def place_of(guide: Guide, name: str) -> int:
    """A step that is not known stands at the beginning."""
    return next((place for place, step in enumerate(guide.steps) if step.name == name), 0)


def url_of(connection: Connection, name: str) -> str:
    return reverse(f"{guide_of(connection).namespace}:wizard", args=[connection.slug, name])


def following(guide: Guide, name: str) -> Step | None:
    """From an optional step to whatever stands next, else to the next one that is needed."""
    place = place_of(guide, name)
    is_led = not guide.steps[place].is_optional
    return next((step for step in guide.steps[place + 1 :] if not (is_led and step.is_optional)), None)


def preceding(guide: Guide, name: str, taken: Collection[str]) -> Step | None:
    """The way that led here, back: past optional steps that nobody made use of, unless this is one itself."""
    place = place_of(guide, name)
    before, is_led = guide.steps[:place], not guide.steps[place].is_optional
    return next(
        (step for step in reversed(before) if not (is_led and step.is_optional and step.name not in taken)), None
    )


def chosen(connection: Connection) -> frozenset[str]:
    """Optional steps whose data types are switched on."""
    used = set(connection.blocks.exclude(mode=Mode.DISABLED).values_list("object", flat=True))
    return frozenset(name for name, data_types in OPTIONAL.items() if used & set(data_types))


def reach(connection: Connection, name: str) -> None:
    """The furthest step so far: where the set-up is taken up again."""
    guide = guide_of(connection)
    if place_of(guide, name) > place_of(guide, connection.wizard_step):
        connection.wizard_step = name
        connection.save(update_fields=["wizard_step"])


def strip(connection: Connection, current: str, taken: Collection[str]) -> list[Shown]:
    return [shown(connection, step, current, is_taken=step.name in taken) for step in guide_of(connection).steps]


def number_of(guide: Guide, step: Step) -> int:
    return sum(not one.is_optional for one in guide.steps[: place_of(guide, step.name) + 1])


def shown(connection: Connection, step: Step, current: str, *, is_taken: bool) -> Shown:
    guide = guide_of(connection)
    place, furthest = place_of(guide, step.name), place_of(guide, connection.wizard_step)
    is_current = step.name == current
    is_done = is_taken if step.is_optional else place < furthest
    is_signed_in = step.name == "connect" and bool(connection.account)
    return Shown(
        label=str(step.label) if is_done or step.is_optional else f"{number_of(guide, step)}. {step.label}",
        note=_("as %(user)s") % {"user": connection.account} if is_signed_in else "" if is_taken else str(step.note),
        url="" if is_current or place > furthest else url_of(connection, step.name),
        is_done=is_done and not is_current,
        is_current=is_current,
    )
