"""Every field that could be a merge key of a data type, measured on the rows as they are, with a verdict in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.engine.key_verdict import Measured, Strength, strength, why
from integrations.hub.fields import HubField, fields_of

from ..key_quality import quality_of
from ..models import Block, Connection
from .shared import Shared, shared_of, unusable_rows

LAMPS = {Strength.STRONG: "ok", Strength.USABLE: "updated", Strength.WEAK: "refused", Strength.UNKNOWN: "pause"}
"""Keys of accounts.vocabulary.STATES; the word is its own."""
WORDS: Mapping[Strength, str | Promise] = {
    Strength.STRONG: _("Strong"),
    Strength.USABLE: _("Usable"),
    Strength.WEAK: _("Weak"),
    Strength.UNKNOWN: _("Nothing to measure"),
}
WHY: Mapping[str, str | Promise] = {
    "no-rows": _("There is no row here yet."),
    "empty": _("No row has a value."),
    "shared-by-many": _("Too many rows share their value: each of these becomes a collision."),
    "shared-by-few": _("A few rows share their value: each of these becomes a collision."),
    "seldom-filled": _("More than half of the rows have none: ask another key as well."),
    "partly-filled": _("Some rows have none: ask another key after it."),
}
NOTHING_WRONG = _("Nearly every row has a value, and each value is one row’s.")


@dataclass(frozen=True, slots=True)
class Key:
    field: HubField
    measured: Measured
    shared: Shared
    unusable: int
    """Rows that hold something which recognises nobody."""
    asked_by: tuple[str, ...]
    """Names of the connections that ask it."""

    @property
    def strength(self) -> Strength:
        return strength(self.measured)

    @property
    def lamp(self) -> str:
        return LAMPS[self.strength]

    @property
    def word(self) -> str | Promise:
        return WORDS[self.strength]

    @property
    def says(self) -> list[str | Promise]:
        return [WHY[code] for code in why(self.measured)] or [NOTHING_WRONG]

    @property
    def coverage_percent(self) -> float:
        return round(100 * self.measured.coverage, 1)

    @property
    def unique_percent(self) -> float:
        return round(100 * self.measured.unique, 1)


def keys_of(object_name: str) -> list[Key]:
    """The same few statements for any number of rows."""
    fields = {name: field for name, field in fields_of(object_name).items() if field.key is not None}
    measured = quality_of(object_name, fields)
    names = list(measured)
    shared, unusable, asked = shared_of(object_name, names), unusable_rows(object_name, names), _asked(object_name)
    return [
        Key(
            fields[name], Measured(one.rows, one.filled, shared[name].rows), shared[name],
            unusable.get(f"n_{name}", 0), tuple(asked.get(name, ())),
        )
        for name, one in measured.items()
        if name in fields
    ]  # fmt: skip


def _asked(object_name: str) -> dict[str, list[str]]:
    blocks = Block.objects.filter(object=object_name).exclude(connection__state=Connection.State.ARCHIVED)
    found: dict[str, list[str]] = {}
    for name, keys in blocks.order_by("connection__order", "connection__name").values_list(
        "connection__name", "merge_keys"
    ):
        for key in keys:
            found.setdefault(key, []).append(name)
    return found
