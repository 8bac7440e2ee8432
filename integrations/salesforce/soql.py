"""SOQL as text: values in, other people's queries (list views) taken apart and put together again."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from simple_salesforce.format import format_soql

from integrations.engine.compare import id_suffix
from integrations.wire.chunks import unique_chunks

# URI and headers together may have 16,384 bytes; an id takes 27 of them once encoded.
IDS_PER_QUERY = 400

TOKEN = re.compile(r"'(?:[^'\\]|\\.)*'|[()]|\w+|[^\w\s'()]+", re.DOTALL)
CLAUSES = (
    "USING SCOPE",
    "WHERE",
    "WITH",
    "GROUP BY",
    "HAVING",
    "ORDER BY",
    "LIMIT",
    "OFFSET",
    "FOR VIEW",
    "FOR REFERENCE",
    "FOR UPDATE",
    "UPDATE TRACKING",
    "UPDATE VIEWSTAT",
    "ALL ROWS",
)
ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")


def literal(value: Any) -> str:
    """A value as SOQL reads it; text stays one value whatever it holds."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("A time without a zone means nothing to Salesforce.")
        # Z rather than +00:00: the plus would have to survive every encoding on the way.
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (list, tuple, set, frozenset)):
        return f"({','.join(literal(member) for member in value)})"
    return format_soql("{}", value)


def fill(template: str, **values: Any) -> str:
    """`fill("Email = {email}", email="x' OR Name != '")`: every value quoted and escaped."""
    return template.format_map({name: literal(value) for name, value in values.items()})


def containing(text: str) -> str:
    """A LIKE pattern, quoted, for text found anywhere; % and _ in it are plain characters."""
    return format_soql("'%{:like}%'", text)


def id_chunks(ids: Iterable[str], size: int = IDS_PER_QUERY) -> Iterator[tuple[str, ...]]:
    """Each id once, in order, so many at a time that the query still fits into an address."""
    return unique_chunks(ids, size)


def select(fields: Sequence[str], source: str, where: str = "", order_by: str = "") -> str:
    return " ".join(
        part
        for part in (
            f"SELECT {', '.join(fields)} FROM {source}",  # noqa: S608 (names from describe, not values)
            f"WHERE {where}" if where else "",
            f"ORDER BY {order_by}" if order_by else "",
        )
        if part
    )


def replace_select(query: str, fields: Sequence[str], *, keep_order: bool = True) -> str:
    """A list view's own query with our fields: scope and conditions stay, whatever it displayed goes."""
    tail = query[clause_at(query, "FROM") :].strip()
    new = f"SELECT {', '.join(fields)} {tail}"
    return new if keep_order else without(new, "ORDER BY")


def add_condition(query: str, condition: str) -> str:
    """Joined by AND; a condition that holds an OR of its own gets parentheses, without which SOQL refuses the mixture."""
    if not condition:
        return query
    span = clause_span(query, "WHERE")
    if span is None:
        place = next((start for _, start in after_source(query)), len(query))
        return " ".join(filter(None, (query[:place].strip(), f"WHERE {condition}", query[place:].strip())))
    start, end = span
    old = query[start + len("WHERE") : end].strip()
    return " ".join(
        filter(None, (query[:start].strip(), f"WHERE {grouped(old)} AND {grouped(condition)}", query[end:].strip()))
    )


def grouped(condition: str) -> str:
    # Not around everything: a semi-join is refused anywhere but on the outermost level (and never stands beside an OR).
    return f"({condition})" if any(word == "OR" for word, _ in outer_words(condition)) else condition


def where_of(query: str) -> str:
    """The condition without its keyword; empty where the query has none."""
    span = clause_span(query, "WHERE")
    return query[span[0] + len("WHERE") : span[1]].strip() if span else ""


def scope_of(query: str) -> str:
    """`mine` of USING SCOPE mine, in lower case; empty where the query has none."""
    span = clause_span(query, "USING SCOPE")
    return query[span[0] : span[1]].rsplit(maxsplit=1)[-1].lower() if span else ""


def without(query: str, clause: str) -> str:
    span = clause_span(query, clause)
    if span is None:
        return query
    return " ".join(filter(None, (query[: span[0]].strip(), query[span[1] :].strip())))


def to_18(record_id: str) -> str:
    """Old exports and the browser show 15 characters, where only case tells two records apart."""
    if not ID.fullmatch(record_id):
        raise ValueError(f"Not a Salesforce id: {record_id[:40]!r}")
    if len(record_id) == 18:
        return record_id
    return record_id + id_suffix(record_id)


def clause_span(query: str, clause: str) -> tuple[int, int] | None:
    found = clauses(query)
    for index, (name, start) in enumerate(found):
        if name == clause:
            return start, found[index + 1][1] if index + 1 < len(found) else len(query)
    return None


def clause_at(query: str, clause: str) -> int:
    for name, start in clauses(query):
        if name == clause:
            return start
    raise ValueError(f"This is not a query: {query[:80]!r}")


def after_source(query: str) -> Iterator[tuple[str, int]]:
    return (found for found in clauses(query) if found[0] not in {"FROM", "USING SCOPE"})


def clauses(query: str) -> list[tuple[str, int]]:
    """Where the outermost query's clauses begin; quotes and sub-selects may hold the same words."""
    words = list(outer_words(query))
    found: list[tuple[str, int]] = []
    for index, (word, start) in enumerate(words):
        if not found:
            # What stands before the first FROM are fields, whatever their names.
            if word == "FROM":
                found.append(("FROM", start))
            continue
        if index > 0 and words[index - 1][0] in {"FROM", "."}:
            continue
        pair = f"{word} {words[index + 1][0]}" if index + 1 < len(words) else word
        found.extend((name, start) for name in CLAUSES if name in {word, pair})
    return found


def outer_words(query: str) -> Iterator[tuple[str, int]]:
    depth = 0
    for token in TOKEN.finditer(query):
        text = token.group()
        depth += (text == "(") - (text == ")")
        if depth == 0 and text != ")":
            yield text.upper(), token.start()
