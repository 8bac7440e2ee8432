"""Of several connections with one customer: which of them writes a field, and which may churn it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from .mapping import FieldRule, Kind
from .plan import REF, STAGE


@dataclass(frozen=True, slots=True)
class Holder:
    """A connection that has the row in scope."""

    connection_id: int
    name: str
    order: int
    writes: frozenset[str] = frozenset()
    """Hub fields that its mapping carries in."""
    is_live: bool = True
    """A paused one writes nothing, so others may; what it wrote stays its own."""

    @property
    def rank(self) -> tuple[int, int]:
        """Two with the same order: the older connection comes first."""
        return self.order, self.connection_id


def writer_of(field: str, holders: Iterable[Holder]) -> Holder | None:
    """The first live one that carries the field in."""
    return _first(one for one in holders if one.is_live and field in one.writes)


def keeper_of_stage(holders: Iterable[Holder]) -> Holder | None:
    """Only it may churn: who writes the stage, else the first of all, paused ones included.

    A stage that no mapping carries in was given to the customer by whoever came first.
    """
    known = list(holders)
    return _first(one for one in known if STAGE in one.writes) or _first(known)


def written_before(connection_id: int, order: int, holders: Iterable[Holder]) -> dict[str, str]:
    """Field → the name of the earlier connection that writes it, so that this one only fills its blank."""
    earlier = [one for one in holders if one.is_live and one.rank < (order, connection_id)]
    found: dict[str, str] = {}
    for one in sorted(earlier, key=lambda holder: holder.rank):
        for field in one.writes:
            found.setdefault(field, one.name)
    return found


def with_owner(
    written: Mapping[str, str], owner: int | None, connection_id: int, holders: Iterable[Holder]
) -> Mapping[str, str]:
    """A row's ID has one owner, wherever that stands in the order: it changes hands by a re-key, not by a sync."""
    others = {name: other for name, other in written.items() if name != REF}
    if owner == connection_id:
        return others
    holds = _first(one for one in holders if one.connection_id == owner and one.is_live and REF in one.writes)
    return {**others, REF: holds.name} if holds else written


def yielding(rules: Iterable[FieldRule], written: Mapping[str, str]) -> tuple[FieldRule, ...]:
    """No parent is a fact and never a blank: where an earlier connection says it, there is nothing to fill."""
    return tuple(
        replace(rule, yields_to=written[rule.hub_field]) if rule.hub_field in written else rule
        for rule in rules
        if rule.kind is not Kind.PARENT or rule.hub_field not in written
    )


def _first(holders: Iterable[Holder]) -> Holder | None:
    return min(holders, key=lambda one: one.rank, default=None)
