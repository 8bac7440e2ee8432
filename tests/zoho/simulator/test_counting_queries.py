"""Queries that count: aggregates, groups, and what the grammar refuses of them."""

import pytest

from .caller import Caller

WITH = "where Phone = '+33 7'"


@pytest.fixture
def kinds(api: Caller) -> Caller:
    made = [{"Account_Name": f"A {n}", "Phone": "+33 7", "Account_Type": kind, "Employees": n}
            for n, kind in enumerate(("Customer", "Customer", "Prospect", None))]  # fmt: skip
    api.add("Accounts", *made)
    return api


def test_query_counts_in_one_row(kinds: Caller) -> None:
    answer = kinds.coql(f"select COUNT(id), SUM(Employees) from Accounts {WITH}").json()

    assert answer == {
        "data": [{"COUNT(id)": 4, "SUM(Employees)": 6}],
        "info": {"count": 1, "more_records": False},
    }
    assert kinds.coql("select COUNT(id) from Accounts where Phone = 'nobody'").json()["data"] == [{"COUNT(id)": 0}]


def test_query_counts_by_the_values_of_a_field(kinds: Caller) -> None:
    answer = kinds.coql(f"select COUNT(id), Account_Type from Accounts {WITH} group by Account_Type").json()

    found = {row["Account_Type"]: row["COUNT(id)"] for row in answer["data"]}
    assert found == {"Customer": 2, "Prospect": 1, None: 1}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("select count(id) from Accounts where id is not null", "SYNTAX_ERROR"),
        ("select COUNT(id), COUNT(id) from Accounts where id is not null", "DUPLICATE_DATA"),
        ("select COUNT(Description) from Accounts where id is not null", "INVALID_DATA"),
        ("select SUM(Account_Type) from Accounts where id is not null", "INVALID_DATA"),
        ("select COUNT(id), Account_Type from Accounts where id is not null", "INVALID_QUERY"),
        ("select COUNT(id), Nothing from Accounts where id is not null group by Nothing", "INVALID_QUERY"),
        ("select COUNT(id), A from Accounts where id is not null group by A, B, C, D, E", "LIMIT_EXCEEDED"),
    ],
)
def test_query_that_cannot_be_counted_is_refused(api: Caller, query: str, code: str) -> None:
    answer = api.coql(query)

    assert (answer.status_code, answer.json()["code"]) == (400, code)
