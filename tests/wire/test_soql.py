from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.salesforce import soql

ALL_ACCOUNTS = (
    "SELECT Name, Site, BillingState, Phone, toLabel(Type), Owner.Alias, Id, CreatedDate, LastModifiedDate, "
    "SystemModstamp FROM Account ORDER BY Name ASC NULLS FIRST, Id ASC NULLS FIRST"
)
MINE = "SELECT Name, toLabel(Type) FROM Account USING SCOPE mine WHERE Type = 'Customer' ORDER BY Name"
AWKWARD = (
    "SELECT Id, (SELECT Id FROM Contacts WHERE Email != null ORDER BY Name LIMIT 5) FROM Account "
    "WHERE Name = 'from WHERE to \\' ORDER BY (LIMIT 1' AND Id IN (SELECT AccountId FROM Contact WHERE Title = 'x') "
    "ORDER BY Name DESC NULLS LAST LIMIT 10"
)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("x' OR Name != '", r"'x\' OR Name != \''"),
        ("back\\slash\nline", r"'back\\slash\nline'"),
        ("", "''"),
        (True, "true"),
        (None, "null"),
        (5, "5"),
        (Decimal("1.50"), "1.50"),
        (Decimal("1E+8"), "100000000"),
        (date(2026, 11, 25), "2026-11-25"),
        (datetime(2026, 11, 25, 9, 30, 15, 999, tzinfo=UTC), "2026-11-25T09:30:15Z"),
        (datetime(2026, 11, 25, 9, 30, tzinfo=timezone(timedelta(hours=2))), "2026-11-25T07:30:00Z"),
        (["a'b", "c"], r"('a\'b','c')"),
        ([datetime(2026, 1, 1, tzinfo=UTC)], "(2026-01-01T00:00:00Z)"),
    ],
)
def test_literal(value: Any, written: str) -> None:
    assert soql.literal(value) == written


def test_literal_refuses_a_time_without_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        soql.literal(datetime(2026, 1, 1))


def test_fill_quotes_every_value() -> None:
    where = soql.fill(
        "Email = {email} AND SystemModstamp >= {since}", email="o'x@a.example", since=datetime(2026, 1, 1, tzinfo=UTC)
    )

    assert where == "Email = 'o\\'x@a.example' AND SystemModstamp >= 2026-01-01T00:00:00Z"


def test_containing_takes_wildcards_for_characters() -> None:
    assert soql.containing("50%_o'f") == r"'%50\%\_o\'f%'"


@given(st.text())
def test_text_stays_one_value_whatever_it_holds(text: str) -> None:
    query = f"SELECT Id FROM Account WHERE Name = {soql.literal(text)} ORDER BY Id"

    assert soql.where_of(query) == f"Name = {soql.literal(text)}"
    assert soql.replace_select(query, ["Id"]) == query


def test_id_chunks_hold_each_id_once() -> None:
    chunks = list(soql.id_chunks(["a", "b", "a", "c", "d", "b"], size=2))

    assert chunks == [("a", "b"), ("c", "d")]
    assert list(soql.id_chunks([])) == []


def test_query_with_a_full_chunk_fits_into_an_address() -> None:
    from requests import Request

    ids = [f"001dM0000{number:09d}" for number in range(soql.IDS_PER_QUERY)]
    query = soql.select(["Id", "Name", "Email", "AccountId"] * 5, "Contact", f"AccountId IN {soql.literal(ids)}")

    url = (
        Request("GET", "https://aldervale.my.salesforce.com/services/data/v66.0/query", params={"q": query})
        .prepare()
        .url
    )

    assert len(url or "") < 16_384 - 2_000


@pytest.mark.requirement("R62", "R63")
@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        (ALL_ACCOUNTS, "SELECT Id, Website FROM Account ORDER BY Name ASC NULLS FIRST, Id ASC NULLS FIRST"),
        (MINE, "SELECT Id, Website FROM Account USING SCOPE mine WHERE Type = 'Customer' ORDER BY Name"),
        (AWKWARD, "SELECT Id, Website " + AWKWARD[AWKWARD.index("FROM Account") :]),
        ("select id from Order order by Id", "SELECT Id, Website from Order order by Id"),
        ("SELECT Id\nFROM\n  Account\nWHERE Name='a'", "SELECT Id, Website FROM\n  Account\nWHERE Name='a'"),
    ],
)
def test_replace_select_keeps_everything_but_the_columns(query: str, wanted: str) -> None:
    assert soql.replace_select(query, ["Id", "Website"]) == wanted


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        (ALL_ACCOUNTS, "SELECT Id FROM Account"),
        (MINE, "SELECT Id FROM Account USING SCOPE mine WHERE Type = 'Customer'"),
        (
            AWKWARD,
            "SELECT Id " + AWKWARD[AWKWARD.index("FROM Account") : AWKWARD.index("ORDER BY Name DESC")] + "LIMIT 10",
        ),
        ("SELECT Id FROM Order ORDER BY Id", "SELECT Id FROM Order"),
    ],
)
def test_replace_select_can_drop_the_order(query: str, wanted: str) -> None:
    assert soql.replace_select(query, ["Id"], keep_order=False) == wanted


def test_replace_select_refuses_what_is_no_query() -> None:
    with pytest.raises(ValueError, match="not a query"):
        soql.replace_select("DELETE Account", ["Id"])


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("SELECT Id FROM Account", "SELECT Id FROM Account WHERE X = 1"),
        ("SELECT Id FROM Account LIMIT 5", "SELECT Id FROM Account WHERE X = 1 LIMIT 5"),
        ("SELECT Id FROM Account USING SCOPE mine", "SELECT Id FROM Account USING SCOPE mine WHERE X = 1"),
        ("SELECT Id FROM Group GROUP BY Id", "SELECT Id FROM Group WHERE X = 1 GROUP BY Id"),
        (
            "SELECT Id FROM Account WHERE A = 1 OR B = 2 ORDER BY Id",
            "SELECT Id FROM Account WHERE (A = 1 OR B = 2) AND X = 1 ORDER BY Id",
        ),
        (
            "SELECT Id FROM Account where A = 'ORDER BY' WITH SECURITY_ENFORCED",
            "SELECT Id FROM Account WHERE A = 'ORDER BY' AND X = 1 WITH SECURITY_ENFORCED",
        ),
        (
            "SELECT Id FROM Contact WHERE AccountId IN (SELECT Id FROM Account WHERE A = 1 OR B = 2)",
            "SELECT Id FROM Contact WHERE AccountId IN (SELECT Id FROM Account WHERE A = 1 OR B = 2) AND X = 1",
        ),
    ],
)
def test_add_condition(query: str, wanted: str) -> None:
    assert soql.add_condition(query, "X = 1") == wanted


def test_add_condition_that_offers_a_choice_is_grouped() -> None:
    assert soql.add_condition("SELECT Id FROM Account WHERE A = 1", "X = 1 or Y = 'a OR b'") == (
        "SELECT Id FROM Account WHERE A = 1 AND (X = 1 or Y = 'a OR b')"
    )


def test_add_condition_without_a_condition_changes_nothing() -> None:
    assert soql.add_condition(MINE, "") == MINE


@pytest.mark.parametrize(
    ("query", "where", "scope"),
    [
        (ALL_ACCOUNTS, "", ""),
        (MINE, "Type = 'Customer'", "mine"),
        ("SELECT Id FROM Account USING SCOPE Everything", "", "everything"),
        (AWKWARD, AWKWARD[AWKWARD.index("Name = 'from") : AWKWARD.index(" ORDER BY Name DESC")], ""),
    ],
)
def test_where_and_scope_of_a_view(query: str, where: str, scope: str) -> None:
    assert (soql.where_of(query), soql.scope_of(query)) == (where, scope)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("001dM00003jU9Gy", "001dM00003jU9GyQAK"),
        ("003dM00001vWOXJ", "003dM00001vWOXJQA4"),
        ("001D000000JliST", "001D000000JliSTIAZ"),
    ],
)
def test_to_18_completes_old_ids(short: str, long: str) -> None:
    assert (soql.to_18(short), soql.to_18(long)) == (long, long)


@pytest.mark.parametrize(
    "bad", ["", "001", "001dM00003jU9Gy'", "001dM00003jU9GyQ", "001dM00003jU9GyQAKX", "001dM00003jU9G "]
)
def test_to_18_refuses_what_is_no_id(bad: str) -> None:
    with pytest.raises(ValueError, match="Not a Salesforce id"):
        soql.to_18(bad)
