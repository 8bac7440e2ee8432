"""What was deleted, and into what it was merged. HubSpot has no list of either by date: one keeps the deleted for 90 days
by id, and what was merged is told by the record that it became."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from integrations.sync.connector import Gone, Page, Read
from integrations.wire.chunks import chunks

from .client import BATCH, HubSpotClient
from .scope import Source, after, where
from .values import moment, written

MERGED = "hs_merged_object_ids"
MERGING = frozenset({"companies", "contacts", "deals"})
MOST_PAGES = 20
"""Of the deleted: in a portal that deletes more than 2,000 a quarter, comparing all ids finds them."""


def deleted_page(client: HubSpotClient, source: Source, read: Read) -> Page:
    if read.ids:
        return Page(gone=fate_of(client, source, read.ids))
    if source.is_company:
        # At every sync their ids are compared, and whoever is missing is asked about by name.
        return Page()
    return Page(gone=[*merged(client, source, read), *archived(client, source, read)])


def archived(client: HubSpotClient, source: Source, read: Read) -> Iterable[Gone]:
    assert read.since is not None
    found: list[Gone] = []
    following = ""
    for _ in range(MOST_PAGES):
        page = client.page(source.object, (), following, archived=True)
        found += [
            Gone(f"{source.prefix}{row['id']}", at)
            for row in page.results
            if (at := moment(row["archivedAt"])) >= read.since
        ]
        following = page.after
        if not following:
            return found
    return ()


def merged(client: HubSpotClient, source: Source, read: Read) -> Iterable[Gone]:
    """The record that two became is a new one, and names them."""
    if source.object not in MERGING or read.since is None:
        return
    since = where(source.modified, "GTE", written(read.since))
    last = ""
    while True:
        found = client.search(
            source.object, [[where(MERGED, "HAS_PROPERTY"), since, after(last)]], [MERGED], sort="hs_object_id"
        )
        for row in found.results:
            yield from became(source, row)
        if not found.after:
            return
        last = str(found.results[-1]["id"])


def fate_of(client: HubSpotClient, source: Source, ids: Sequence[str]) -> list[Gone]:
    """Whatever answers under another id was merged into it; what does not answer at all is not there any more."""
    gone: list[Gone] = []
    for chunk in chunks([one.removeprefix(source.prefix) for one in ids], BATCH):
        rows = client.read(source.object, chunk, [MERGED])["results"]
        there = {str(row["id"]) for row in rows}
        into = {one.source_id: one for row in rows for one in became(source, row)}
        named = [f"{source.prefix}{one}" for one in chunk if one not in there]
        gone += [into.get(one, Gone(one)) for one in named]
    return gone


def became(source: Source, row: Mapping[str, Any]) -> Iterable[Gone]:
    merged_ids = str((row.get("properties") or {}).get(MERGED) or "").split(";")
    return [Gone(f"{source.prefix}{old}", None, f"{source.prefix}{row['id']}") for old in merged_ids if old]
