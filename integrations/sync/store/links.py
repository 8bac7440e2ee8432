"""Record links as the engine reads them, and their set-based upsert."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from integrations.engine.reasons import Reason
from integrations.engine.records import Choice, Link, LinkState, Pair, Side
from integrations.engine.retry import Tried
from integrations.engine.values import Json, from_json, to_json

from ..models import RecordLink
from .bulk import fetch, update, upsert

IDENTITY = ("connection", "object", "source_id")
DECIDED = (
    "source_object", "name", "state", "hub_id", "settled", "source_hash", "rules_hash", "modified_at", "parent_id",
    "top_id", "customer_id", "reason_code", "reason_params", "misses", "churned_from", "merged_into", "gone_at",
    "linked_at", "synced_at", "run_id", "chosen", "waves", "frozen", "tries", "next_try_at", "given_up_at",
)  # fmt: skip

READ = ("pk", "source_id", "excluded_by_hand", "paused_at", "sent_at", "wanted_at")
"""Read with them, and never written by a decision: they are a person's, or the outbox's."""
HANDED_ON = ("settled", "chosen", "waves", "frozen", "churned_from", "linked_at")
"""What goes with a hub row to the record that the linked one was merged into."""
UNTRIED: Mapping[str, Any] = {"tries": 0, "next_try_at": None, "given_up_at": None}
"""The columns of a link that no loop asks for: it is well, or a person gave it a new chance."""
LINE_AT = 2
"""Place of `Pair.line` in a stored pair."""
UNREAD_AT = 4
"""Place of `Pair.is_unread` in a stored pair, which has none where it is false."""
DELETED_HERE = "deleted-here"
"""Why a record is kept apart: its row was deleted by hand."""
KEPT_APART: Mapping[str, Any] = {
    "state": LinkState.EXCLUDED.value, "excluded_by_hand": True, "reason_code": DELETED_HERE, "reason_params": {},
    "source_hash": "",
}  # fmt: skip
"""The columns of the link of such a record."""


@dataclass(frozen=True, slots=True)
class Known:
    """A stored link: what the engine asks of it, and what the store needs to see that nothing changed."""

    pk: int
    link: Link
    columns: Mapping[str, Any]

    @property
    def source_hash(self) -> str:
        return str(self.columns["source_hash"])

    @property
    def rules_hash(self) -> str:
        return str(self.columns["rules_hash"])

    @property
    def tried(self) -> Tried:
        return Tried(self.columns["tries"], self.columns["next_try_at"], self.columns["given_up_at"])

    @property
    def is_asked_for(self) -> bool:
        """By a person: the answer is told, even if it is the same as before."""
        return self.columns["wanted_at"] is not None


def known_links(connection_id: int, object_name: str, source_ids: Iterable[str]) -> dict[str, Known]:
    ids = list(source_ids)
    rows = RecordLink.objects.filter(connection=connection_id, object=object_name, source_id__in=ids)
    found = fetch(rows, [*READ, *DECIDED], len(ids))
    return {row["source_id"]: known(row) for row in found}


def links_of_rows(connection_id: int, object_name: str, hub_ids: Sequence[int]) -> dict[int, Known]:
    """hub id → the living link of this connection."""
    rows = RecordLink.objects.filter(connection=connection_id, object=object_name, hub_id__in=hub_ids)
    found = fetch(rows.exclude(state=RecordLink.State.MERGED), [*READ, *DECIDED], len(hub_ids))
    return {row["hub_id"]: known(row) for row in found}


def link_as_is(known: Known) -> dict[str, Any]:
    """The columns that a decision sets, as they stand: for one that changes nothing about the link itself."""
    kept = ("rules_hash", "parent_id", "top_id", "customer_id", "misses", "churned_from", "merged_into")
    return {name: known.columns[name] for name in kept} | {"reason_code": "", "reason_params": {}, "gone": False}


def known(row: Mapping[str, Any]) -> Known:
    reason = Reason(row["reason_code"], row["reason_params"]) if row["reason_code"] else None
    link = Link(
        state=LinkState(row["state"]),
        hub_id=row["hub_id"],
        settled=pairs_from(row["settled"]),
        misses=row["misses"],
        churned_from=row["churned_from"],
        excluded_by_hand=row["excluded_by_hand"],
        reason=reason,
        is_paused=row["paused_at"] is not None,
        chosen={name: Choice(Side(side), by) for name, (side, by) in row["chosen"].items()},
        frozen=frozenset(row["frozen"]),
    )
    return Known(row["pk"], link, row)


def pairs_from(stored: Mapping[str, Any]) -> dict[str, Pair]:
    return {name: _pair(*pair) for name, pair in stored.items()}


def pairs_to(pairs: Mapping[str, Pair]) -> dict[str, Json]:
    return {name: _stored(pair) for name, pair in pairs.items()}


def _pair(hub: Json, crm: Json, line: str = "", raw: Json = None, is_unread: Json = False) -> Pair:
    return Pair(from_json(hub), from_json(crm), line, from_json(raw), is_unread=bool(is_unread))


def _stored(pair: Pair) -> list[Json]:
    """Most fields can be brought back from what was read of them: those keep nothing else."""
    stored = [to_json(pair.hub), to_json(pair.crm), pair.line]
    if pair.is_unread:
        return [*stored, to_json(pair.raw), True]
    return stored if pair.raw is None else [*stored, to_json(pair.raw)]


def was_read(name: str) -> Q:
    """Links of which the line has read a value and can still read the one that is there; true or false, never null."""
    return Q(settled__has_key=name) & Q(**{f"settled__{name}__{UNREAD_AT}__isnull": True})


def write_links(connection_id: int, object_name: str, columns_of: Mapping[str, Mapping[str, Any]]) -> None:
    """source id → all decided columns."""
    rows = [
        (connection_id, object_name, source_id, *(columns[name] for name in DECIDED), False)
        for source_id, columns in columns_of.items()
    ]
    upsert(RecordLink, [*IDENTITY, *DECIDED, "excluded_by_hand"], rows, conflict=IDENTITY, update=DECIDED)


def release_merged(connection_id: int, object_name: str, hub_ids: Sequence[int], formers: Collection[str]) -> None:
    """The dead half of a CRM merge hands its hub row on to the record that is linked to it now.

    `formers`: records that hand theirs on with this very page.
    """
    links = RecordLink.objects.filter(connection=connection_id, object=object_name, hub_id__in=hub_ids)
    links.filter(Q(state=RecordLink.State.MERGED) | Q(source_id__in=list(formers))).update(hub_id=None)


def pause_like(connection_id: int, object_name: str, paused: Mapping[str, datetime]) -> None:
    """A pause goes on with the record that took the row over."""
    links = RecordLink.objects.filter(connection=connection_id, object=object_name, source_id__in=list(paused))
    update(RecordLink, ["paused_at"], [(paused[one], pk) for pk, one in links.values_list("pk", "source_id")])


def empty_columns(source_object: str, now: datetime, run_id: int) -> dict[str, Any]:
    """A link nobody has decided yet."""
    return {
        "source_object": source_object, "name": "", "state": LinkState.FAILING.value, "hub_id": None, "settled": {},
        "source_hash": "", "rules_hash": "", "modified_at": None, "parent_id": "", "top_id": "", "customer_id": "",
        "reason_code": "", "reason_params": {}, "misses": 0, "churned_from": "", "merged_into": "", "gone_at": None,
        "linked_at": None, "synced_at": now, "run_id": run_id, "chosen": {}, "waves": {}, "frozen": {},
        **UNTRIED,
    }  # fmt: skip
