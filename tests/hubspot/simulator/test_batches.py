"""Writing by the hundred: what refuses a whole batch and what only one of its inputs."""

from typing import Any

import pytest

from integrations.rehearsal.practice_hubspot import PracticeHubSpot

from .wire import Clock, Wire, ids, told


def _contacts(count: int, **more: Any) -> list[dict[str, Any]]:
    return [{"properties": {"email": f"new{n}@x.example", "firstname": f"N{n}"}, **more} for n in range(count)]


def _traced(inputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**one, "objectWriteTraceId": f"row-{n}"} for n, one in enumerate(inputs)]


@pytest.mark.parametrize("verb", ["create", "update", "upsert", "archive"])
def test_batch_takes_a_hundred(wire: Wire, verb: str) -> None:
    inputs = [{"id": str(n), "idProperty": "email", "properties": {}} for n in range(101)]

    answer = wire.batch("contacts", verb, inputs)

    assert told(answer)[2].startswith("The maximum number of inputs supported in a batch is 100.")


def test_batch_creates_all(wire: Wire) -> None:
    answer = wire.batch("contacts", "create", _traced(_contacts(100)))

    body = answer.json()
    assert (answer.status_code, body["status"], len(body["results"])) == (201, "COMPLETE", 100)
    assert "errors" not in body
    by_trace = {one["objectWriteTraceId"]: one["properties"]["email"] for one in body["results"]}
    assert by_trace == {f"row-{n}": f"new{n}@x.example" for n in range(100)}


def test_answers_come_in_another_order(wire: Wire) -> None:
    answer = wire.batch("contacts", "create", _traced(_contacts(3)))

    assert [one["objectWriteTraceId"] for one in answer.json()["results"]] != ["row-0", "row-1", "row-2"]


def test_one_bad_value_refuses_the_whole_batch(wire: Wire) -> None:
    inputs = [
        *_contacts(2),
        {"properties": {"email": "nobody", "unheard_of": "x"}},
        {"properties": {"unheard_of": "y"}},
    ]

    answer = wire.batch("contacts", "create", _traced(inputs))

    assert told(answer)[:2] == (400, "VALIDATION_ERROR")
    assert [one["code"] for one in answer.json()["errors"]] == [
        "INVALID_EMAIL",
        "PROPERTY_DOESNT_EXIST",
        "PROPERTY_DOESNT_EXIST",
    ]
    assert wire.batch("contacts", "read", [{"id": "new0@x.example"}], idProperty="email").status_code == 207


def test_double_without_traces_refuses_all(wire: Wire) -> None:
    there = wire.create("contacts", email="new1@x.example").json()["id"]

    answer = wire.batch("contacts", "create", _contacts(3))

    assert told(answer) == (409, "CONFLICT", f"Contact already exists. Existing ID: {there}")
    assert wire.batch("contacts", "read", [{"id": "new0@x.example"}], idProperty="email").status_code == 207


def test_double_with_traces_is_told_alone(wire: Wire) -> None:
    there = wire.create("contacts", email="new1@x.example").json()["id"]

    answer = wire.batch("contacts", "create", _traced(_contacts(3)))

    body = answer.json()
    assert (answer.status_code, len(body["results"]), body["numErrors"]) == (207, 2, 1)
    assert body["errors"] == [{
        "status": "error", "category": "CONFLICT", "message": f"Contact already exists. Existing ID: {there}",
        "context": {"objectWriteTraceId": ["row-1"], "existingId": [there]},
    }]  # fmt: skip


def test_double_within_one_batch_is_told_too(wire: Wire) -> None:
    inputs = _traced([*_contacts(1), *_contacts(1)])

    answer = wire.batch("contacts", "create", inputs)

    assert (answer.status_code, len(answer.json()["results"])) == (207, 1)


def test_update_tells_unknown_ids_and_does_the_rest(wire: Wire) -> None:
    there = ids(wire.page("companies"))[0]
    inputs = [{"id": "1", "properties": {"name": "A"}}, {"id": there, "properties": {"name": "B"}}]

    answer = wire.batch("companies", "update", inputs)

    assert answer.status_code == 207
    assert answer.json()["results"][0]["properties"]["name"] == "B"
    [error] = answer.json()["errors"]
    assert (error["category"], error["context"]) == ("OBJECT_NOT_FOUND", {"ids": ["1"]})
    assert wire.one("companies", there).json()["properties"]["name"] == "B"


def test_id_twice_refuses_the_batch(wire: Wire) -> None:
    there = ids(wire.page("companies"))[0]

    answer = wire.batch("companies", "update", [{"id": there, "properties": {"name": name}} for name in "AB"])

    assert told(answer) == (
        400, "VALIDATION_ERROR", f"Duplicate IDs found in batch input: [{there}]. IDs must be unique",
    )  # fmt: skip
    assert answer.json()["context"] == {"ids": [there]}


def test_update_answers_the_set_properties_and_keeps_stamps_of_the_unchanged(wire: Wire, clock: Clock) -> None:
    company = ids(wire.page("companies"))[0]
    first = wire.batch("companies", "update", [{"id": company, "properties": {"name": "A"}}]).json()
    clock.pass_by(60)

    again = wire.batch("companies", "update", [{"id": company, "properties": {"name": "A"}}]).json()

    assert again["results"] == first["results"]
    assert again["results"][0]["updatedAt"] < again["startedAt"]
    assert again["results"][0]["properties"]["name"] == "A"
    assert "city" not in again["results"][0]["properties"]


def test_update_by_unique_property(wire: Wire) -> None:
    wire.create("companies", name="A", old_crm_id="001A")

    answer = wire.batch(
        "companies", "update", [{"id": "001A", "idProperty": "old_crm_id", "properties": {"name": "B"}}]
    )

    assert answer.json()["results"][0]["properties"]["name"] == "B"


def test_upsert_makes_or_changes(wire: Wire) -> None:
    there = wire.create("contacts", email="new0@x.example", firstname="Old").json()["id"]
    inputs = [{**one, "idProperty": "email", "id": one["properties"]["email"]} for one in _traced(_contacts(2))]

    answer = wire.batch("contacts", "upsert", inputs)

    assert answer.status_code == 200
    found = {one["objectWriteTraceId"]: one for one in answer.json()["results"]}
    assert {trace: one["new"] for trace, one in found.items()} == {"row-0": False, "row-1": True}
    assert (found["row-0"]["id"], found["row-0"]["properties"]["firstname"]) == (there, "N0")


def test_upsert_makes_a_record_with_its_key(wire: Wire) -> None:
    answer = wire.batch(
        "companies", "upsert", [{"id": "001B", "idProperty": "old_crm_id", "properties": {"name": "B"}}]
    )

    made = answer.json()["results"][0]["id"]
    assert wire.one("companies", made, properties="old_crm_id").json()["properties"]["old_crm_id"] == "001B"


@pytest.mark.parametrize(("names", "said"), [
    (["domain", "domain"], "Unable to perform update/upsert by non-unique 0-2 property domain"),
    (["old_crm_id", "domain"], "All inputs of a batch must name the same idProperty"),
])  # fmt: skip
def test_upsert_needs_one_unique_property(wire: Wire, names: list[str], said: str) -> None:
    answer = wire.batch(
        "companies", "upsert", [{"id": str(n), "idProperty": name, "properties": {}} for n, name in enumerate(names)]
    )

    assert told(answer)[:2] == (400, "VALIDATION_ERROR")
    assert told(answer)[2].startswith(said)


def test_archive_takes_what_is_there(wire: Wire) -> None:
    there = ids(wire.page("companies"))[0]

    assert wire.batch("companies", "archive", [{"id": there}, {"id": "1"}]).status_code == 204
    assert wire.one("companies", there).status_code == 404


def test_batch_without_inputs_cannot_be_read(wire: Wire) -> None:
    answer = wire.post("/crm/objects/2026-09/companies/batch/read", {"properties": ["name"]})

    assert "some of required attributes are not set [inputs]" in told(answer)[2]


def test_broken_json_is_told_by_its_place(wire: Wire) -> None:
    answer = wire.call(
        "POST", "/crm/objects/2026-09/companies", data=b'{"properties": ', headers={"Content-Type": "application/json"}
    )

    assert told(answer)[2].startswith("Invalid input JSON on line 1, column ")


def test_account_rule_refuses_every_kth_record(crm: PracticeHubSpot, wire: Wire) -> None:
    companies = ids(wire.page("companies", limit=6))
    crm.control(reject_every=3)

    answer = wire.batch("companies", "update", [{"id": one, "properties": {"city": "Ghent"}} for one in companies])

    assert (answer.status_code, len(answer.json()["results"]), answer.json()["numErrors"]) == (207, 4, 2)
    assert {one["context"]["ids"][0] for one in answer.json()["errors"]} == {companies[2], companies[5]}
    assert wire.one("companies", companies[2], properties="city").json()["properties"]["city"] != "Ghent"
