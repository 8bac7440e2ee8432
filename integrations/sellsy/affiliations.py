"""Which contact belongs to which companies. A contact does not say so itself, and a search by companies does not either.

So the companies are asked for their contacts, fifty in one batch, and Sellsy for the other companies of these contacts.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from integrations.wire.chunks import chunks
from integrations.wire.errors import Misconfigured

from .client import PAGE, Line, SellsyClient, Told
from .scope import COMPANIES, CONTACTS, Filters

Raw = Mapping[str, Any]
CONTACTS_OF_ONE_SEARCH = 600
ID = {"field": ["id"]}


@dataclass(slots=True)
class Around:
    """The contacts around some companies, each with all companies that it belongs to, in scope or not."""

    rows: dict[int, Raw] = field(default_factory=dict)
    companies: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    beside: Sequence[Told] = ()
    """What the questions beside them were answered."""


def around(
    client: SellsyClient, ids: Sequence[int], filters: Filters, query: Mapping[str, Any], also: Sequence[Line] = ()
) -> Around:
    """`filters`: of the chosen view of contacts, if one is chosen. `also`: questions that go along in the same batches."""
    found = Around()
    asked = [(one, line_of(one, filters, query)) for one in ids]
    told = client.ask([*(line for _, line in asked), *also], kind="links")
    found.beside = told[len(asked) :]
    for company, row in to_the_end(client, asked, told[: len(asked)]):
        found.rows[int(row["id"])] = row
        found.companies[int(row["id"])].add(company)
    with_contacts = {company for companies in found.companies.values() for company in companies}
    others = companies_with(client, list(found.rows), known=len(with_contacts)) - set(ids)
    for company, row in _each(client, [(one, line_of(one, filters, ID)) for one in sorted(others)]):
        if row["id"] in found.rows:
            found.companies[int(row["id"])].add(company)
    return found


def line_of(company: int, filters: Filters, query: Mapping[str, Any]) -> Line:
    query = {"limit": PAGE, "order": "id", **query}
    if filters:
        return Line("POST", f"{CONTACTS}/search", query, {"filters": {**filters, "companies": [company]}})
    return Line("GET", f"{COMPANIES}/{company}/contacts", query)


def companies_with(client: SellsyClient, contacts: Sequence[int], known: int) -> set[int]:
    """The companies of any of them; which belongs to which is not said.

    Where there are no more of them than are `known`, nobody has to see which they are.
    """
    found: set[int] = set()
    for part in chunks(contacts, CONTACTS_OF_ONE_SEARCH):
        offset = ""
        while True:
            query = {"limit": PAGE, "order": "id", **ID, **({"offset": offset} if offset else {})}
            page = client.search(COMPANIES, {"contacts": list(part)}, query, kind="links")
            found.update(int(row["id"]) for row in page.rows)
            offset = page.offset
            if not offset or (page.total <= known and len(contacts) <= CONTACTS_OF_ONE_SEARCH):
                break
    return found


def companies_of(client: SellsyClient, contacts: Sequence[int]) -> dict[int, set[int]]:
    """Of contacts that were found by themselves: each is asked for its companies."""
    found: dict[int, set[int]] = defaultdict(set)
    query = {"limit": PAGE, "order": "id", **ID}
    asked = [(one, Line("GET", f"{CONTACTS}/{one}/companies", query)) for one in contacts]
    for contact, row in _each(client, asked):
        found[contact].add(int(row["id"]))
    return found


def _each(client: SellsyClient, asked: Sequence[tuple[int, Line]]) -> Iterable[tuple[int, Raw]]:
    return to_the_end(client, asked, client.ask([line for _, line in asked], kind="links"))


def to_the_end(
    client: SellsyClient, asked: Sequence[tuple[int, Line]], told: Sequence[Told]
) -> Iterable[tuple[int, Raw]]:
    """The rows of every line to its end: a company may have more contacts than a page holds."""
    while asked:
        for (number, _), one in zip(asked, told, strict=True):
            yield from ((number, row) for row in one.rows)
        asked = [
            (number, _next_of(line, one.offset)) for (number, line), one in zip(asked, told, strict=True) if one.offset
        ]
        told = client.ask([line for _, line in asked], kind="links") if asked else ()


def _next_of(line: Line, offset: str) -> Line:
    if line.query.get("offset") == offset:
        raise Misconfigured("PAGING_LOOP", "Sellsy names a page as the next one that was read already.")
    return replace(line, query={**line.query, "offset": offset})
