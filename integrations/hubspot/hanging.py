"""What hangs on companies: asked for a thousand companies at a time, then a hundred records at a time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from integrations.wire.chunks import chunks

from .client import ASSOCIATED, BATCH, HubSpotClient

COMPANIES = "companies"
Item = TypeVar("Item")
PRIMARY = frozenset({1, 5})
"""Of the ties to a company: a contact's and a deal's first one."""


@dataclass(frozen=True, slots=True)
class Group:
    """The records of one object that hang on some companies, and to which companies each belongs."""

    ids: tuple[str, ...] = ()
    """In the order of their numbers, so that a place in it holds whoever asks again."""
    companies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def after(self, record_id: str) -> tuple[str, ...]:
        start = int(record_id or 0)
        return tuple(one for one in self.ids if int(one) > start)[:BATCH]


def hanging_on(client: HubSpotClient, obj: str, companies: Sequence[str]) -> Group:
    found = {str(tie["toObjectId"]) for ties in client.associated(COMPANIES, obj, companies).values() for tie in ties}
    ids = tuple(sorted(found, key=int))
    # A record may belong to companies outside these too, and its first one decides.
    return Group(ids, companies_of(client, obj, ids))


def companies_of(client: HubSpotClient, obj: str, ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Record → its companies, the primary one first, then by number."""
    found: dict[str, tuple[str, ...]] = {}
    for chunk in chunks(tuple(ids), ASSOCIATED):
        for record_id, ties in client.associated(obj, COMPANIES, chunk).items():
            found[record_id] = tuple(dict.fromkeys(str(tie["toObjectId"]) for tie in sorted(ties, key=rank)))
    return found


def rank(tie: Mapping[str, Any]) -> tuple[bool, int]:
    types = {int(one.get("typeId") or 0) for one in tie.get("associationTypes") or ()}
    return not types & PRIMARY, int(tie["toObjectId"])
