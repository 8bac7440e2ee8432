"""Links that are asked for while a record is created."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from integrations.simulation.documents import Record

from .errors import ApiError, unreadable
from .kinds import BY_NAME, Kind
from .labels import type_of
from .links import Links
from .portal import Portal


@dataclass(frozen=True, slots=True)
class Tie:
    kind: str
    id: str
    number: int
    back: int | None


def planned(portal: Portal, kind: Kind, asked: Any) -> list[Tie]:
    """The type must start at the object that is being created, and the other record must be there."""
    if not isinstance(asked, list):
        raise unreadable("Cannot deserialize value of `associations` from Object value")
    return [one for entry in asked for one in _planned(portal, kind, entry)]


def _planned(portal: Portal, kind: Kind, entry: Any) -> list[Tie]:
    try:
        other, types = str(entry["to"]["id"]), [int(one["associationTypeId"]) for one in entry["types"]]
    except (KeyError, TypeError, ValueError):
        raise unreadable(
            "Cannot build PublicAssociationsForObject, some of required attributes are not set [to, types]"
        ) from None
    if not types:
        raise unreadable("Cannot build PublicAssociationsForObject, some of required attributes are not set [types]")
    found = []
    for number in types:
        kind_of_link = type_of(portal, number)
        if kind_of_link is None:
            raise ApiError(f"Association type {number} does not exist")
        if kind_of_link.start != kind.name:
            start = BY_NAME[kind_of_link.start].number
            raise ApiError(
                f"invalid from object type {kind.number} for associations to be created. expected: {start}. "
                f"For definition 0-{number}"
            )
        end = BY_NAME[kind_of_link.end]
        if portal.store.get(end.name, other) is None:
            context = {
                "INVALID_OBJECT_IDS": [f"{end.word}={other} is not valid"],
                "objectId": [other],
                "objectType": [end.word],
            }
            raise ApiError("One or more associations are not valid", context=context)
        found.append(Tie(end.name, other, number, kind_of_link.inverse))
    return found


def tie(portal: Portal, record: Record, ties: Sequence[Tie]) -> None:
    links = Links(portal.store)
    for one in ties:
        links.add(one.number, (record.kind, record.id), (one.kind, one.id), one.back)
    links.settle()
