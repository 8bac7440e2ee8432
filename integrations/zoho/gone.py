"""What was deleted. Of a merge Zoho tells no more than that: nothing leads from the record that went to the one that stayed."""

from datetime import timedelta

from integrations.sync.connector import Gone, Page, Read

from .client import Found, ZohoClient
from .places import Place
from .replies import NoFurther
from .values import moment

KEPT = timedelta(days=60)
"""In the recycle bin; for as long again only the id of what went for good is known."""
MOST_PAGES = 25
"""Of the list of deletions, latest first, for records that went a moment ago; absence alone is judged by complete readings."""


def deleted_page(client: ZohoClient, module: str, read: Read, place: Place) -> Page:
    """`covered_until` is missing where part of the time is not known any more: only comparing all ids helps then."""
    if read.ids:
        return fate_of(client, module, frozenset(read.ids))
    assert read.since is not None
    assert read.until is not None
    page = place.chunk + 1
    try:
        found = client.deleted(module, page=page, since=read.since)
    except NoFurther:
        return Page()
    has_gap = read.until - read.since > KEPT
    following = str(place.moved(chunk=page)) if found.has_more else ""
    return Page(gone=gone_of(found), next=following, covered_until=None if has_gap else read.until)


def fate_of(client: ZohoClient, module: str, ids: frozenset[str]) -> Page:
    """Latest first, so that what has just gone is found on the first page."""
    gone: list[Gone] = []
    page, is_last = 1, False
    while not is_last and len(gone) < len(ids) and page <= MOST_PAGES:
        try:
            found = client.deleted(module, page=page)
        except NoFurther:
            break
        gone += [one for one in gone_of(found) if one.source_id in ids]
        page, is_last = page + 1, not found.has_more
    return Page(gone=gone)


def gone_of(found: Found) -> list[Gone]:
    return [
        Gone(str(row["id"]), moment(row["deleted_time"]) if row.get("deleted_time") else None) for row in found.rows
    ]
