"""Hangs a company in the hub's two levels: from the top-most ancestor in scope; circles are cut, and both are said."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from .reasons import Reason

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Ancestry:
    parent: str = ""
    """The source id it hangs from; empty: it is a head itself."""
    depth: int = 0
    """Levels between it and its head in the CRM; the hub shows at most one."""
    notes: tuple[Reason, ...] = ()


def top_of(
    source_id: str,
    parents: Mapping[str, str],
    inside: Callable[[str], bool] | Collection[str],
    limit: int = 50,
    *,
    system: str = "the CRM",
) -> Ancestry:
    """`parents` holds each record's parent as the CRM says. The answer is the same from whichever record one asks."""
    is_inside = inside if callable(inside) else inside.__contains__
    path = [source_id]
    notes: tuple[Reason, ...] = ()
    while parent := parents.get(path[-1], ""):
        if parent in path:
            return _cut(path, path[path.index(parent) :], system)
        if not is_inside(parent):
            notes = (Reason("parent-out-of-scope", {"parent": parent, "system": system}),)
            break
        if len(path) > limit:
            return Ancestry(notes=(Reason("too-deep", {"depth": limit, "system": system}),))
        path.append(parent)
    return _hung(path, notes, system)


def _cut(path: list[str], circle: list[str], system: str) -> Ancestry:
    """The smallest id of the circle becomes its head: every member and every record below it finds the same one."""
    head = min(circle)
    shown = ", ".join(sorted(circle)[:_SHOWN]) + (", …" if len(circle) > _SHOWN else "")
    note = Reason("loop-cut", {"members": shown, "parent": head, "system": system})
    return _hung(path[: path.index(head) + 1], (note,), system)


def _hung(path: list[str], notes: tuple[Reason, ...], system: str) -> Ancestry:
    top, depth = path[-1], len(path) - 1
    if depth > 1:
        notes = (*notes, Reason("flattened", {"depth": depth, "parent": top, "system": system}))
    return Ancestry(top if depth else "", depth, notes)
