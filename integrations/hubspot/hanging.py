"""What hangs on companies: asked for a thousand companies at a time, then a hundred records at a time."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from integrations.wire.chunks import unique_chunks
from integrations.wire.errors import Misconfigured

from .client import ASSOCIATED, BATCH, HubSpotClient
from .replies import MISSING_SCOPES
from .scope import Source

COMPANIES, CONTACTS = "companies", "contacts"
PRIMARY = frozenset({1, 5})
"""Of the ties to a company: a contact's and a deal's first one."""
Ties = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Bonds:
    """To which companies each record belongs, the primary one first; and of interactions, who took part."""

    companies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    contacts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """The records of one object that hang on some companies."""

    ids: tuple[str, ...] = ()
    """In the order of their numbers, so that a place in it holds whoever asks again."""
    tell: Callable[[], Bonds] = Bonds

    @cached_property
    def bonds(self) -> Bonds:
        """A record may belong to companies outside these too, and its first one decides. Asked once for all of them."""
        return self.tell()

    def after(self, record_id: str) -> tuple[str, ...]:
        start = int(record_id or 0)
        return tuple(one for one in self.ids if int(one) > start)[:BATCH]


def hanging_on(client: HubSpotClient, source: Source, companies: Collection[str]) -> Group:
    found = others(tied(client, COMPANIES, source.object, companies))
    for through in source.through:
        standing = others(seen(client, COMPANIES, through, companies))
        found |= others(seen(client, through, source.object, standing))
    ids = tuple(sorted(found, key=int))
    return Group(ids, lambda: bonds_of(client, source, ids))


def bonds_of(client: HubSpotClient, source: Source, ids: Collection[str]) -> Bonds:
    companies = tied(client, source.object, COMPANIES, ids)
    if not source.through:
        return Bonds(companies)
    contacts = tied(client, source.object, CONTACTS, ids)
    for through in source.through:
        alone = [one for one in ids if one not in companies]
        if not alone:
            break
        standing = contacts if through == CONTACTS else seen(client, source.object, through, alone)
        on = {one: standing[one] for one in alone if one in standing}
        theirs = seen(client, through, COMPANIES, others(on))
        for one, those in on.items():
            if found := tuple(dict.fromkeys(company for other in those for company in theirs.get(other, ()))):
                companies[one] = found
    return Bonds(companies, contacts)


def tied(client: HubSpotClient, start: str, end: str, ids: Iterable[str]) -> Ties:
    """Record → what it is tied to, a primary one first, then by number. Whoever has no tie is not among them."""
    found: Ties = {}
    for chunk in unique_chunks(ids, ASSOCIATED):
        for record_id, ties in client.associated(start, end, chunk).items():
            found[record_id] = tuple(dict.fromkeys(str(tie["toObjectId"]) for tie in sorted(ties, key=rank)))
    return found


def seen(client: HubSpotClient, start: str, end: str, ids: Iterable[str]) -> Ties:
    """Deals may be hidden from this sign-in: what stands on one alone then hangs on nobody that is known."""
    try:
        return tied(client, start, end, ids)
    except Misconfigured as refused:
        if refused.code != MISSING_SCOPES:
            raise
        return {}


def others(ties: Mapping[str, Iterable[str]]) -> set[str]:
    return {one for those in ties.values() for one in those}


def rank(tie: Mapping[str, Any]) -> tuple[bool, int]:
    types = {int(one.get("typeId") or 0) for one in tie.get("associationTypes") or ()}
    return not types & PRIMARY, int(tie["toObjectId"])
