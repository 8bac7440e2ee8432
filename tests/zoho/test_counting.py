"""How many records there are: counted by Zoho, or found by a search for their end."""

import re
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.zoho.client import Found, ZohoClient
from integrations.zoho.coql import FURTHEST, MOST_ROWS
from integrations.zoho.counting import end_of

ASKED = re.compile(r"limit (?:(\d+), )?(\d+)$")
BEHIND = re.compile(r"id > '(\d+)'")


@dataclass
class Counted:
    """So many records, with ids from one on."""

    number: int
    asked: list[tuple[int, int]] = field(default_factory=list)

    def query(self, coql: str) -> Found:
        match = ASKED.search(coql)
        assert match is not None
        offset, limit = int(match[1] or 0), int(match[2])
        assert limit <= MOST_ROWS
        assert offset + limit <= FURTHEST
        behind = BEHIND.search(coql)
        start = (int(behind[1]) if behind else 0) + offset
        self.asked.append((offset, limit))
        rows: list[dict[str, Any]] = [{"id": str(n)} for n in range(start + 1, min(start + limit, self.number) + 1)]
        return Found(rows, start + limit < self.number)


def counted(number: int) -> Counted:
    client = Counted(number)
    assert end_of(cast("ZohoClient", client), "Accounts", "") == number
    return client


@pytest.mark.parametrize(
    "number",
    [0, 1, 1999, 2000, 2001, 3999, 4000, 4001, 6000, 97_999, 98_000, 98_001, 99_999, 100_000, 100_001, 250_000],
)
def test_count_is_exact_at_every_edge(number: int) -> None:
    counted(number)


@given(st.integers(min_value=0, max_value=320_000))
def test_count_is_exact(number: int) -> None:
    counted(number)


@pytest.mark.parametrize(("number", "calls"), [(0, 1), (2000, 1), (10_000, 7), (30_000, 9), (90_000, 13)])
def test_count_takes_few_calls_of_few_rows(number: int, calls: int) -> None:
    client = counted(number)

    assert len(client.asked) <= calls
    assert sum(limit for _offset, limit in client.asked) <= 2 * MOST_ROWS + calls
