"""Counts and sample values. Pipedrive counts nothing itself: whoever wants a number reads the rows."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from integrations.engine.values import is_blank
from integrations.setup.samples import as_text, distinct

from .client import PipedriveClient, Row
from .schema import Described
from .scope import WON_DEALS, Source
from .values import value_of

SAMPLE_ROWS = 100


def in_scope(client: PipedriveClient, source: Source, optional: Iterable[str] = ()) -> Iterator[Row]:
    """Five hundred to a call."""
    wanted = sorted({*optional, *((WON_DEALS,) if source.needs_won_deal else ())})
    more = {"include_fields": ",".join(wanted)} if wanted else {}
    for asked in source.asked:
        for plural in source.lists:
            yield from (row for row in client.everything(plural, {**asked, **more}) if source.belongs(row))


def counts_by_value(rows: Iterable[Row], path: str, described: Described, people: Mapping[str, str]) -> dict[str, int]:
    """Of a field with several values each of them counts."""
    found: Counter[str] = Counter()
    for row in rows:
        value = value_of(row, path, described.field(path), people)
        found.update(value if isinstance(value, tuple) else () if is_blank(value) else (as_text(value),))
    return dict(found)


def sample_values(
    client: PipedriveClient, source: Source, described: Described, paths: Sequence[str], people: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """Up to three different filled values of each field, out of one page."""
    wanted = sorted({*described.optional(paths), *((WON_DEALS,) if source.needs_won_deal else ())})
    asked = {**source.asked[0], **({"include_fields": ",".join(wanted)} if wanted else {})}
    rows = [row for row in client.page(source.plural, asked).rows if source.belongs(row)][:SAMPLE_ROWS]
    return {path: distinct(value_of(row, path, described.field(path), people) for row in rows) for path in paths}
