"""How many records there are: counted by Zoho, or found by a search for their end."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.rehearsal.practice_zoho import PracticeZoho
from integrations.wire.errors import Misconfigured
from integrations.zoho.client import Found, ZohoClient
from integrations.zoho.connector import ZohoConnector
from integrations.zoho.coql import COUNTED, FURTHEST, MOST_ROWS
from integrations.zoho.counting import count_of, end_of, tally_of
from integrations.zoho.scope import Filter

ASKED = re.compile(r"limit (?:(\d+), )?(\d+)$")
BEHIND = re.compile(r"id > '(\d+)'")


@dataclass
class Counted:
    """So many records, with ids from one on."""

    number: int
    asked: list[tuple[int, int]] = field(default_factory=list)

    def query(self, coql: str) -> Found:
        if COUNTED in coql:
            raise Misconfigured("SYNTAX_ERROR", "this Zoho knows no aggregates")
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


@dataclass
class Counting(Counted):
    """Its queries count."""

    def query(self, coql: str) -> Found:
        if COUNTED not in coql:
            return super().query(coql)
        self.asked.append((0, 1))
        return Found([{COUNTED: self.number}])


def test_query_that_counts_is_asked_once_and_one_that_does_not_is_searched_for_its_end() -> None:
    counting, other = Counting(12_345), Counted(12_345)

    assert [count_of(cast("ZohoClient", one), "Accounts", "") for one in (counting, other)] == [12_345, 12_345]
    assert len(counting.asked) == 1


@dataclass
class Blind(Counted):
    """What its queries are to count, it leaves out without a word."""

    def query(self, coql: str) -> Found:
        return Found([{"id": "1"}]) if COUNTED in coql else super().query(coql)


def test_answer_without_its_count_is_searched_for_its_end() -> None:
    client = cast("ZohoClient", Blind(12_345))

    assert (count_of(client, "Accounts", ""), tally_of(client, "Accounts", "Account_Type", "")) == (
        12_345,
        {"": 12_345},
    )


@pytest.mark.django_db
def test_count_costs_one_credit(connector: ZohoConnector, practice: PracticeZoho) -> None:
    connector.described("contacts")
    before = spent(practice)

    connector.count("contacts")

    assert spent(practice) - before == 1


def spent(practice: PracticeZoho) -> int:
    return int(practice.app.control.state()["quota"]["used"])


def test_values_are_counted_by_the_rows_where_queries_do_not_group() -> None:
    assert tally_of(cast("ZohoClient", Counted(2_500)), "Accounts", "Account_Type", "") == {"": 2_500}


@pytest.mark.django_db
def test_counts_of_a_connection_take_a_call_each(connector: ZohoConnector, practice: PracticeZoho) -> None:
    with practice.store.transaction():
        accounts = practice.store.find("Accounts")
        ours = len([one for one in practice.store.find("Contacts") if one.body.get("Account_Name")])
    types = Counter(one.body.get("Account_Type") or "" for one in accounts)
    connector.described("customers")
    practice.forget_calls()

    assert connector.count("customers").total == len(accounts)
    assert connector.count("contacts").total == ours
    assert dict(connector.count_accounts(Filter()).groups) == types
    assert connector.count_values_everywhere("Account_Type") == {one: n for one, n in types.items() if one}
    assert practice.calls() == {"coql": 4}
