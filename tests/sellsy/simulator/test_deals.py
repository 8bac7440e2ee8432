from typing import Any

import pytest

from integrations.rehearsal.practice_sellsy import PracticeSellsy
from tests.sellsy.simulator.api import Api, ids
from tests.sellsy.simulator.conftest import Clock

NEW = {"name": "Plan", "pipeline": 1, "step": 2, "related": [{"id": 1, "type": "company"}]}


def made(api: Api, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = api("POST", "/opportunities", {**NEW, **more}, 201)
    return found


def test_an_opportunity_is_made_with_what_was_left_out(api: Api) -> None:
    found = made(api)

    assert (found["id"], found["number"], found["status"]) == (1, "OPP-1", "open")
    assert (found["pipeline"], found["step"]) == ({"id": 1, "name": "Ventes"}, {"id": 2, "name": "Qualification"})
    assert (found["probability"], found["amount"]) == (20, {"value": "0.00", "currency": "EUR"})
    assert (found["company_id"], found["individual_id"], found["updated_status"]) == (1, None, None)
    assert found["related"] == [{"id": 1, "type": "company"}]


@pytest.mark.parametrize("name", ["name", "pipeline", "step", "related"])
def test_what_an_opportunity_requires(api: Api, name: str) -> None:
    sent = {key: value for key, value in NEW.items() if key != name}
    assert api.refused("POST", "/opportunities", sent)["details"][name] == "Ce champ est manquant"


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"amount": 12.5}, "amount"),
        ({"amount": "a lot"}, "amount"),
        ({"pipeline": 9}, "pipeline"),
        ({"step": 10}, "step"),
        ({"related": []}, "related"),
        ({"related": [{"id": 99, "type": "company"}]}, "related[0]"),
        ({"related": [{"id": 1, "type": "item"}]}, "related[0].type"),
        ({"contact_ids": [99]}, "contact_ids"),
        ({"due_date": "2026-12-01T00:00:00Z"}, "due_date"),
        ({"status": "paused"}, "status"),
        ({"currency": "EUR"}, "currency"),
    ],
)
def test_what_does_not_fit_an_opportunity(api: Api, changed: dict[str, Any], named: str) -> None:
    assert list(api.refused("POST", "/opportunities", {**NEW, **changed})["details"]) == [named]


def test_an_amount_is_a_text_in_put_and_a_number_in_patch(api: Api) -> None:
    found = made(api, amount="72000.99")

    assert found["amount"]["value"] == "72000.99"
    assert api("PUT", "/opportunities/1", {"amount": "10"})["amount"]["value"] == "10"
    assert api("PATCH", "/opportunities/1?only[]=amount", {"amount": 12.5})["amount"]["value"] == "12.50"
    assert api("PATCH", "/opportunities/1?only[]=probability", {"probability": 33.4})["probability"] == 33
    assert list(api.refused("PATCH", "/opportunities/1?only[]=amount", {"amount": "12.5"})["details"]) == ["amount"]


def test_a_patch_drops_what_only_does_not_name(api: Api) -> None:
    made(api)
    sent = {"status": "won", "name": "Other"}

    changed = api("PATCH", "/opportunities/1?only[]=status", sent)
    assert (changed["status"], changed["name"]) == ("won", "Plan")
    assert list(api.refused("PATCH", "/opportunities/1", sent)["details"]) == ["only"]
    assert list(api.refused("PATCH", "/opportunities/1?only[]=related", sent)["details"]) == ["only"]


def test_only_a_change_of_status_moves_its_stamp(api: Api, clock: Clock) -> None:
    made(api)
    clock.move(60)
    renamed = api("PUT", "/opportunities/1", {"name": "Other"})
    clock.move(60)
    won = api("PUT", "/opportunities/1", {"status": "won"})

    assert (renamed["updated_status"], won["updated_status"]) == (None, "2026-11-26T10:02:00+01:00")
    assert ids(api.search("/opportunities", updated_status={"start": "2026-11-26T09:02:00Z"})) == [1]
    assert list(api.refused("POST", "/opportunities/search", {"filters": {"updated": {}}})["details"]) == [
        "filters.updated"
    ]


def test_an_open_one_is_late_once_its_day_has_passed(api: Api, clock: Clock) -> None:
    made(api, due_date="2026-11-26")
    made(api, due_date="2026-11-26", status="lost")
    assert ids(api.search("/opportunities", statuses=["open"])) == [1]

    clock.move(86_400)
    api.sign_in()

    assert api.get("/opportunities/1")["status"] == "late"
    assert ids(api.search("/opportunities", statuses=["open"])) == []
    assert ids(api.search("/opportunities", statuses=["late"])) == [1]
    assert ids(api.search("/opportunities", statuses=["late", "lost"])) == [1, 2]
    assert api("PUT", "/opportunities/1", {"due_date": "2026-12-24"})["status"] == "open"


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"pipeline": [2]}, [2]), ({"step": [2, 3]}, [1, 3]), ({"name": "plan"}, [1, 3]), ({"amount": {"min": 50}}, [2]),
        ({"amount": {"max": 0}}, [1, 3]), ({"related_objects": [{"type": "company", "id": 2}]}, [2]),
        ({"assigned_staffs": [3]}, [3]), ({"statuses": ["won"]}, [2]), ({"statuses": None}, [1, 2, 3]),
        ({"due_date": {"start": "2026-12-01T00:00:00Z", "end": "2026-12-31T00:00:00Z"}}, [3]),
        ({"created": {"end": "2026-11-26T08:59:59Z"}}, []),
    ],
)  # fmt: skip
def test_opportunities_are_found(api: Api, filters: dict[str, Any], found: list[int]) -> None:
    made(api)
    related = [{"id": 2, "type": "company"}]
    made(api, name="Other", pipeline=2, step=10, amount="100", status="won", related=related)
    made(api, assigned_staff_ids=[3], due_date="2026-12-24")

    assert ids(api.search("/opportunities", **filters)) == found


def test_people_and_companies_of_an_opportunity_are_embedded(api: Api) -> None:
    made(api, contact_ids=[1, 2], assigned_staff_ids=[2])
    found = api.get("/opportunities/1?embed[]=company&embed[]=contacts&embed[]=assigned_staffs&embed[]=estimates")[
        "_embed"
    ]

    assert (found["company"]["id"], [one["id"] for one in found["contacts"]]) == (1, [1, 2])
    assert ([one["id"] for one in found["assigned_staffs"]], found["estimates"]) == ([2], 0)
    assert api.get("/companies/1?embed[]=opportunities")["_embed"] == {"opportunities": 1}
    assert api.get("/contacts/2?embed[]=opportunities")["_embed"]["opportunities"] == 1


def test_pipelines_steps_sources_and_labels_are_in_the_order_of_their_rank(api: Api) -> None:
    made(api)
    steps = api.get("/opportunities/pipelines/1/steps?embed[]=opportunities_number&limit=100")["data"]

    assert [one["name"] for one in api.get("/opportunities/pipelines")["data"]] == ["Ventes", "Renouvellements"]
    assert ids(api.search("/opportunities/pipelines", is_default=True)) == [1]
    assert [one["rank"] for one in steps] == list(range(9))
    assert [one["_embed"]["opportunities_number"] for one in steps] == [0, 1, 0, 0, 0, 0, 0, 0, 0]
    assert len(api.search("/opportunities/steps?limit=100")["data"]) == 12
    assert ids(api.search("/opportunities/pipelines/2/steps", id=[10, 1])) == [10]
    assert api.get("/opportunities/pipelines/1/steps?order=probability&direction=desc")["data"][0]["probability"] == 100
    api.refused("GET", "/opportunities/pipelines/9/steps", status=404)
    assert len(api.get("/opportunities/sources")["data"]) == 4
    assert len(api.get("/opportunities/categories/1/sources")["data"]) == 4
    assert [len(api.get(f"/{kind}/labels")["data"]) for kind in ("tasks", "calendar-events")] == [3, 3]


def test_ranks_are_sought_from_where_the_last_page_ended(api: Api) -> None:
    pages = [ids({"data": page}) for page in api.pages("/opportunities/pipelines/1/steps", 4)]
    assert pages == [[1, 2, 3, 4], [5, 6, 7, 8], [9]]


def test_an_opportunity_takes_a_place_in_a_step(api: Api) -> None:
    made(api)
    made(api)
    assert api("PATCH", "/opportunities/2/step-rank", {"step": 3, "before_sibling": 1}, 204) is None

    assert api.get("/opportunities/2")["step"]["id"] == 3
    assert ids(api.get("/opportunities?order=step_rank")) == [2, 1]


def test_a_colleague_moves_the_stamp_of_the_status_too(api: Api, practice: PracticeSellsy, clock: Clock) -> None:
    made(api)
    clock.move(5)
    practice.edit("opportunity", "1", status="won", cf={"contract-start": "2027-01-01"})

    assert api.get("/opportunities/1")["updated_status"] == "2026-11-26T10:00:05+01:00"
    values = {one["code"]: one["value"] for one in api.get("/opportunities/1/custom-fields")["data"]}
    assert values["contract-start"] == "2027-01-01"
