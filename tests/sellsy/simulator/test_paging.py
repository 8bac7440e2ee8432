import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from integrations.rehearsal.practice_sellsy import PracticeSellsy
from tests.sellsy.simulator.api import Api, ids

Small = Callable[..., PracticeSellsy]


def decoded(offset: str) -> Any:
    return json.loads(base64.b64decode(offset))


@pytest.mark.parametrize(("size", "pages"), [(0, [0]), (1, [1]), (5, [5, 0]), (6, [5, 1])])
def test_every_record_is_read_once_whatever_the_last_page_holds(small: Small, size: int, pages: list[int]) -> None:
    api = Api(small(size, contacts_per=0))
    found = list(api.pages("/companies", 5))

    assert [len(page) for page in found] == pages
    assert [one["id"] for page in found for one in page] == list(range(1, size + 1))


def test_the_offset_is_there_on_the_last_page_and_repeated_on_an_empty_one(small: Small) -> None:
    api = Api(small(2, contacts_per=0))
    last = api.get("/companies?limit=2")["pagination"]
    empty = api.get(f"/companies?limit=2&offset={last['offset']}")

    assert last == {"limit": 2, "count": 2, "total": 2, "offset": last["offset"]}
    assert decoded(last["offset"]) == ["2"]
    assert empty == {"data": [], "pagination": {**last, "count": 0}}


def test_rows_are_counted_when_the_first_offset_is_a_number(small: Small) -> None:
    api = Api(small(8, contacts_per=0))
    found = api.get("/companies?limit=3&offset=5")

    assert ids(found) == [6, 7, 8]
    assert found["pagination"] == {"limit": 3, "count": 3, "total": 8, "offset": 5}
    assert api.get("/companies?limit=3&offset=0")["pagination"]["offset"] == 0


def test_only_the_first_hundred_thousand_rows_can_be_counted(api: Api) -> None:
    assert api.get("/companies?limit=100&offset=99900")["data"] == []
    assert list(api.refused("GET", "/companies?limit=100&offset=99901")["details"]) == ["offset"]


def test_a_limit_of_nothing_only_counts(api: Api) -> None:
    found = api.get("/companies?limit=0")
    assert (found["data"], found["pagination"]["count"], found["pagination"]["total"]) == ([], 0, 3)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("order=email", "order"),
        ("direction=up", "direction"),
        ("offset=%21%21", "offset"),
        ("order=name&offset=WyI0Il0=", "offset"),
        ("embed[]=nonsense", "embed"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(api: Api, query: str, named: str) -> None:
    assert list(api.refused("GET", f"/companies?{query}")["details"]) == [named]


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("order", ["id", "name", "created_at", "updated_at"])
def test_seeking_goes_through_equal_values_and_cases(
    api: Api, practice: PracticeSellsy, order: str, direction: str
) -> None:
    for name in ("beta", "Beta", "BETA", "alpha", "Gamma", ""):
        practice.create("company", name=name, type="client")

    found = [one for page in api.pages(f"/companies?order={order}&direction={direction}", 2) for one in page]

    key = {"id": lambda c: c["id"], "name": lambda c: c["name"].lower(), "created_at": lambda c: c["created"]}
    values = [key.get(order, lambda c: c["updated_at"])(one) for one in found]
    assert sorted(one["id"] for one in found) == list(range(1, 10))
    assert values == sorted(values, reverse=direction == "desc")


def test_lists_without_brackets_are_ignored_in_silence(api: Api) -> None:
    whole = api.get("/companies/1")

    assert api.get("/companies/1?embed=owner&fields[]=id&field=id") == whole
    assert list(api.get("/companies/1?field[]=id&field[]=owner.id")) == ["id", "owner"]


def test_fields_reach_into_objects_lists_and_embeds(api: Api) -> None:
    path = "/companies/1?embed[]=owner&field[]=id&field[]=owner.id&field[]=_embed.owner.email"
    found = api.get(path)

    assert found["owner"] == {"id": found["owner"]["id"]}
    assert list(found["_embed"]["owner"]) == ["email"]
    assert found["_embed"]["owner"]["email"].endswith("@aldervale.example")
    assert api.get("/companies/1?embed[0]=owner&field[0]=id") == {"id": 1}


def test_a_record_deleted_between_two_pages_moves_nothing_in_seek_and_everything_in_count(small: Small) -> None:
    practice = small(6, contacts_per=0)
    api = Api(practice)
    seek = api.get("/companies?limit=3")["pagination"]["offset"]
    practice.delete("company", "1")

    assert ids(api.get(f"/companies?limit=3&offset={seek}")) == [4, 5, 6]
    assert ids(api.get("/companies?limit=3&offset=3")) == [5, 6]
