"""Searching: how each operator compares, in which order results come, what a search refuses."""

from typing import Any

import pytest

from .wire import Clock, Wire, ids, told, where

NAMES = {"alpha": "Alpha Foods", "beta": "beta foods", "gamma": "Gamma Print", "none": None}


@pytest.fixture
def four(empty: Wire, clock: Clock) -> dict[str, str]:
    """Four companies, a minute between each: numbers, days, options and one with nothing but a city."""
    rows: dict[str, dict[str, Any]] = {
        "alpha": {"name": "Alpha Foods", "annual_spend": "900.5", "renewal_date": "2026-12-01",
                  "products": "academy;api", "lifecyclestage": "customer", "is_strategic": "true", "country": "France"},
        "beta": {"name": "beta foods", "annual_spend": "1000", "renewal_date": "2027-01-15", "products": "support",
                 "lifecyclestage": "lead", "is_strategic": "false", "country": "Spain"},
        "gamma": {"name": "Gamma Print", "annual_spend": "20000", "renewal_date": "2027-06-30", "products": "api",
                  "lifecyclestage": "evangelist", "is_strategic": "true", "country": "France"},
        "empty": {"city": "Lyon"},
    }  # fmt: skip
    made = {}
    for name, values in rows.items():
        made[name] = empty.crm.create("companies", **values)
        clock.pass_by(60)
    return made


def _names(four: dict[str, str], found: list[str]) -> set[str]:
    return {name for name, record_id in four.items() if record_id in found}


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        # Texts: EQ ignores case; a list of texts must be written in lower case.
        (where("name", "EQ", "ALPHA FOODS"), {"alpha"}),
        (where("name", "NEQ", "Alpha Foods"), {"beta", "gamma"}),
        (where("country", "IN", ["france"]), {"alpha", "gamma"}),
        (where("country", "IN", ["France"]), set()),
        (where("country", "NOT_IN", ["france"]), {"beta"}),
        (where("name", "HAS_PROPERTY"), {"alpha", "beta", "gamma"}),
        (where("name", "NOT_HAS_PROPERTY"), {"empty"}),
        (where("name", "CONTAINS_TOKEN", "foods"), {"alpha", "beta"}),
        (where("name", "CONTAINS_TOKEN", "food"), set()),
        (where("name", "CONTAINS_TOKEN", "food*"), {"alpha", "beta"}),
        (where("name", "NOT_CONTAINS_TOKEN", "foods"), {"gamma"}),
        # Numbers as numbers: 1000 is more than 900.5.
        (where("annual_spend", "GT", "900.5"), {"beta", "gamma"}),
        (where("annual_spend", "GTE", "900.50"), {"alpha", "beta", "gamma"}),
        (where("annual_spend", "LT", "1000"), {"alpha"}),
        (where("annual_spend", "EQ", "1000.00"), {"beta"}),
        (where("annual_spend", "BETWEEN", "950", highValue="20000"), {"beta", "gamma"}),
        (where("annual_spend", "IN", ["1000", "20000.0"]), {"beta", "gamma"}),
        # Days in ISO and in milliseconds.
        (where("renewal_date", "LTE", "2027-01-15"), {"alpha", "beta"}),
        (where("renewal_date", "GT", "1796083200000"), {"beta", "gamma"}),
        # Options: case matters, of several any counts.
        (where("lifecyclestage", "IN", ["customer", "evangelist"]), {"alpha", "gamma"}),
        (where("lifecyclestage", "EQ", "Customer"), set()),
        (where("products", "EQ", "api"), {"alpha", "gamma"}),
        (where("products", "IN", ["academy", "support"]), {"alpha", "beta"}),
        (where("products", "NOT_IN", ["api"]), {"beta"}),
        (where("is_strategic", "EQ", "true"), {"alpha", "gamma"}),
    ],
)  # fmt: skip
def test_operator_finds(empty: Wire, four: dict[str, str], one: dict[str, Any], expected: set[str]) -> None:
    assert _names(four, empty.found("companies", one)) == expected


def test_filters_of_a_group_are_all_true_and_of_groups_any(empty: Wire, four: dict[str, str]) -> None:
    groups = [
        {"filters": [where("country", "EQ", "france"), where("annual_spend", "GT", "1000")]},
        {"filters": [where("name", "NOT_HAS_PROPERTY")]},
    ]

    answer = empty.post("/crm/objects/2026-09/companies/search", {"filterGroups": groups})

    assert _names(four, ids(answer)) == {"gamma", "empty"}
    assert answer.json()["total"] == 2


def test_the_oldest_come_first_unless_sorted(empty: Wire, four: dict[str, str]) -> None:
    assert empty.found("companies") == [four[name] for name in ("alpha", "beta", "gamma", "empty")]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ({"propertyName": "annual_spend", "direction": "DESCENDING"}, ["gamma", "beta", "alpha", "empty"]),
        ({"propertyName": "name", "direction": "ASCENDING"}, ["alpha", "beta", "gamma", "empty"]),
        ({"propertyName": "hs_lastmodifieddate", "direction": "DESCENDING"}, ["empty", "gamma", "beta", "alpha"]),
        ("renewal_date", ["alpha", "beta", "gamma", "empty"]),
    ],
)
def test_sorted_by_one_property(empty: Wire, four: dict[str, str], sort: Any, expected: list[str]) -> None:
    assert empty.found("companies", sorts=[sort]) == [four[name] for name in expected]


def test_sorted_by_id_is_by_number(empty: Wire, four: dict[str, str]) -> None:
    found = empty.found("companies", sorts=[{"propertyName": "hs_object_id", "direction": "ASCENDING"}])

    assert found == sorted(four.values(), key=int)


def test_query_looks_where_people_look(empty: Wire, four: dict[str, str]) -> None:
    assert _names(four, empty.found("companies", query="foo")) == {"alpha", "beta"}
    assert _names(four, empty.found("companies", where("country", "EQ", "spain"), query="foo")) == {"beta"}


def test_linked_records_are_found_by_the_pseudo_property(wire: Wire) -> None:
    company, other = ids(wire.page("companies", limit=2))

    of_one = wire.found("contacts", where("associations.company", "EQ", company))
    of_both = wire.found("contacts", where("associations.company", "IN", [company, other]))

    assert len(of_one) == 2
    assert len(of_both) == 4
    linked = wire.link("companies", "contacts", "read", [{"id": company}]).json()["results"][0]["to"]
    assert sorted(of_one) == sorted(str(one["toObjectId"]) for one in linked)


def test_archived_records_and_links_never_come(wire: Wire) -> None:
    gone = ids(wire.page("companies", limit=1))[0]
    wire.delete("companies", gone)

    answer = wire.search("companies", limit=200)

    assert gone not in ids(answer)
    assert answer.json()["total"] == 11
    assert not any("associations" in one for one in answer.json()["results"])


# --- Pages ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("count", [0, 1, 5, 6])
def test_after_counts_records(empty: Wire, count: int) -> None:
    made = {empty.crm.create("companies", name=f"C{n}") for n in range(count)}

    first = empty.search("companies", limit=5)

    assert first.json()["total"] == count
    if count <= 5:
        assert "paging" not in first.json()
        return
    assert first.json()["paging"] == {"next": {"after": "5"}}
    second = empty.search("companies", limit=5, after="5")
    assert set(ids(first) + ids(second)) == made
    assert "paging" not in second.json()


def test_page_of_a_search_holds_two_hundred(wire: Wire) -> None:
    assert wire.search("companies", limit=200).status_code == 200
    assert told(wire.search("companies", limit=201))[:2] == (400, "VALIDATION_ERROR")


def test_nothing_beyond_ten_thousand(wire: Wire) -> None:
    assert wire.search("companies", limit=200, after="9800").status_code == 200
    assert told(wire.search("companies", limit=200, after="9801"))[:2] == (400, "VALIDATION_ERROR")
    assert told(wire.search("companies", limit=1, after="10000"))[:2] == (400, "VALIDATION_ERROR")


# --- Refusals ---------------------------------------------------------------------------------------------------------
NAME = where("name", "HAS_PROPERTY")


@pytest.mark.parametrize(
    ("sizes", "status"), [([1] * 5, 200), ([1] * 6, 400), ([6], 200), ([7], 400), ([6, 6, 6], 200), ([6, 6, 6, 1], 400)]
)
def test_number_of_filters_is_limited(wire: Wire, sizes: list[int], status: int) -> None:
    groups = [{"filters": [NAME] * size} for size in sizes]

    assert wire.post("/crm/objects/2026-09/companies/search", {"filterGroups": groups}).status_code == status


def test_one_sort_only(wire: Wire) -> None:
    assert wire.search("companies", sorts=["name", "city"]).status_code == 400


def test_body_of_three_thousand_characters_is_the_longest(wire: Wire) -> None:
    assert wire.search("companies", where("name", "EQ", "x" * 3000)).status_code == 400
    assert wire.search("companies", query="x" * 3001).status_code == 400
    assert wire.search("companies", properties=[f"property_{n}" for n in range(500)]).status_code == 200


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"filters": [{"operator": "EQ"}]}, "Cannot build Filter, some of required attributes are not set"),
        ({"filters": [where("name", "LIKE", "x")]}, "LIKE is not one of"),
        ({"filters": [where("name", "IN")]}, "problem: operator IN requires values"),
        ({"filters": [where("annual_spend", "BETWEEN", "1")]}, "problem: operator BETWEEN requires a highValue"),
        ({"filters": [{"propertyName": "name", "operator": "EQ", "value": ["a"]}]}, "out of START_ARRAY token"),
    ],
)
def test_filter_that_cannot_be_read_is_told_by_its_place(wire: Wire, body: dict[str, Any], said: str) -> None:
    status, _, message = told(wire.post("/crm/objects/2026-09/companies/search", {"filterGroups": [body]}))

    assert status == 400
    assert message.startswith("Invalid input JSON on line 1, column ")
    assert said in message


@pytest.mark.parametrize(
    "one", [where("unheard_of", "EQ", "x"), where("annual_spend", "EQ", "much"), where("createdate", "GT", "soon")]
)
def test_filter_that_makes_no_sense_is_refused(wire: Wire, one: dict[str, Any]) -> None:
    assert told(wire.search("companies", one))[:2] == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "body", [{"sorts": [7]}, {"filterGroups": ["x"]}, {"filterGroups": {}}, {"limit": "many"}, {"properties": "name"}]
)
def test_body_of_another_shape_cannot_be_read(wire: Wire, body: dict[str, Any]) -> None:
    answer = wire.post("/crm/objects/2026-09/companies/search", body)

    # An empty object where a list belongs passes for an empty list.
    assert answer.status_code == (200 if body == {"filterGroups": {}} else 400)


def test_sort_by_something_unknown_is_refused(wire: Wire) -> None:
    assert told(wire.search("companies", sorts=["unheard_of"]))[:2] == (400, "VALIDATION_ERROR")
