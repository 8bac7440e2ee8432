"""Writes of v2: strict bodies, what is kept of them, what an answer says."""

from typing import Any

import pytest

from integrations.rehearsal.practice_pipedrive import PracticePipedrive

from .caller import Caller


def test_a_new_organization_has_no_stamp_until_it_has_settled(call: Caller, practice: PracticePipedrive) -> None:
    practice.control(stamp_lag=2)
    made = call.send("POST", "/v2/organizations", {"name": "New"})
    at_once = call.data(f"/v2/organizations/{made['id']}")

    practice.control(clock_offset=3)

    settled = call.data(f"/v2/organizations/{made['id']}")
    assert (made["update_time"], at_once["update_time"]) == (None, None)
    assert settled["update_time"] > settled["add_time"]
    assert made["id"] == 11
    assert made["owner_id"] == 25_455_001


def test_a_change_keeps_what_was_not_sent(call: Caller, practice: PracticePipedrive) -> None:
    before = call.data("/v2/organizations/1")
    segment, notes = practice.key("organization", "Segment"), practice.key("organization", "Onboarding notes")

    after = call.send("PATCH", "/v2/organizations/1", {"custom_fields": {notes: "Text"}})

    assert after["custom_fields"][notes] == "Text"
    assert after["custom_fields"][segment] == before["custom_fields"][segment] is not None
    assert {k: v for k, v in after.items() if k not in ("update_time", "custom_fields")} == {
        k: v for k, v in before.items() if k not in ("update_time", "custom_fields")
    }
    assert after["update_time"] > before["update_time"]


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("POST", "/v2/organizations", {}, "name: Parameter 'name' is required"),
        ("POST", "/v2/organizations", {"name": ""}, "name: Parameter 'name' is not allowed to be empty"),
        ("POST", "/v2/organizations", {"name": 7}, "name: Parameter 'name' is not a valid 'string'"),
        ("POST", "/v2/deals", {}, "title: Parameter 'title' is required"),
        ("PATCH", "/v2/organizations/1", {"id": 2}, "id: Parameter 'id' is not allowed for this request"),
        ("PATCH", "/v2/organizations/1", {"add_time": "2020-01-01T00:00:00Z"}, "add_time: Parameter 'add_time' is not allowed for this request"),
        ("PATCH", "/v2/organizations/1", {"owner_id": "12"}, "owner_id: Parameter 'owner_id' is not a valid 'number'"),
        ("PATCH", "/v2/persons/1", {"first_name": "X"}, "first_name: Parameter 'first_name' is not allowed for this request"),
        ("PATCH", "/v2/persons/1", {"emails": "a@b.example"}, "emails: Parameter 'emails' is not a valid 'array'"),
        ("POST", "/v2/activities", {"done": 1}, "done: Parameter 'done' is not a valid 'boolean'"),
        ("POST", "/v2/activities", {"person_id": 1}, "person_id: Parameter 'person_id' is not allowed for this request"),
        ("POST", "/v2/deals", {"title": "x", "expected_close_date": None}, "expected_close_date: Parameter 'expected_close_date' is not a valid 'string'"),
        ("POST", "/v2/deals", {"title": "x", "won_time": "2026-01-01T00:00:00Z"}, "won_time: Parameter 'won_time' is allowed only with status won"),
        ("POST", "/v2/deals", {"title": "x", "lost_reason": "no"}, "lost_reason: Parameter 'lost_reason' is allowed only with status lost"),
        ("POST", "/v2/deals", {"title": "x", "pipeline_id": 1, "stage_id": 7}, "stage_id: Stage does not belong to the pipeline of the deal"),
        ("POST", "/v2/stages", {"name": "x"}, "pipeline_id: Parameter 'pipeline_id' is required"),
        ("PATCH", "/v2/organizations/1", {"custom_fields": "x"}, "custom_fields: Parameter 'custom_fields' is not a valid 'object'"),
    ],
)  # fmt: skip
def test_a_body_is_refused_by_the_name_of_what_is_wrong(
    call: Caller, method: str, path: str, body: dict[str, Any], said: str
) -> None:
    refused = call.send(method, path, body, 400)

    assert refused == {"success": False, "error": f"Validation failed: {said}", "code": "ERR_SCHEMA_VALIDATION_FAILED"}


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_kept(call: Caller) -> None:
    refused = call.send("PATCH", "/v2/organizations/1", {"name": "Not kept", "foo": 1, "bar": 2}, 400)

    assert refused["error"] == (
        "Validation failed: foo: Parameter 'foo' is not allowed for this request; "
        "bar: Parameter 'bar' is not allowed for this request"
    )
    assert call.data("/v2/organizations/1")["name"] != "Not kept"


@pytest.mark.parametrize(
    ("entity", "name", "good", "bad"),
    [
        ("organization", "Customer number", "AV-1", 7),
        ("organization", "Annual spend", {"value": 500.5, "currency": "EUR"}, 500.5),
        ("organization", "Renewal date", "2026-01-31", "31.01.2026"),
        ("organization", "Customer success manager", 25_455_002, "25455002"),
        ("organization", "Parent company", 2, "2"),
        ("deal", "Contract period", {"value": "2026-01-01", "until": "2026-12-31"}, "2026-01-01"),
        ("deal", "Term in months", 5.5, "5.5"),
        ("deal", "Renewal terms", "By itself", ["By itself"]),
    ],
)
def test_custom_values_read_as_they_were_written(
    call: Caller, practice: PracticePipedrive, entity: str, name: str, good: Any, bad: Any
) -> None:
    key = practice.key(entity, name)
    record = practice.create(entity, name="X", title="X")
    path = f"/v2/{entity}s/{record}"

    written = call.send("PATCH", path, {"custom_fields": {key: good}})
    refused = call.send("PATCH", path, {"custom_fields": {key: bad}}, 400)
    cleared = call.send("PATCH", path, {"custom_fields": {key: None}})

    assert written["custom_fields"][key] == good
    assert refused["error"].startswith("Validation failed: custom_fields: Expected '")
    assert refused["error"].endswith(f"'{key}'")
    assert cleared["custom_fields"][key] is None


def test_choices_are_numbers_and_a_set_is_never_empty(call: Caller, practice: PracticePipedrive) -> None:
    stage, modules = practice.key("organization", "Lifecycle stage"), practice.key("organization", "Modules")
    fields = {f["field_code"]: f["options"] for f in call.data("/v2/organizationFields", limit=500)}
    one, two = (o["id"] for o in fields[modules][:2])

    kept = call.send(
        "PATCH", "/v2/organizations/1", {"custom_fields": {modules: [one, two], stage: fields[stage][0]["id"]}}
    )

    assert kept["custom_fields"][modules] == [one, two]
    wrong: list[dict[str, Any]] = [
        {modules: []}, {modules: ["1"]}, {modules: [99_999]}, {stage: "Onboarding"}, {stage: 99_999}, {stage: True},
    ]  # fmt: skip
    for bad in wrong:
        call.send("PATCH", "/v2/organizations/1", {"custom_fields": bad}, 400)
    assert (
        call.send("PATCH", "/v2/organizations/1", {"custom_fields": {modules: None}})["custom_fields"][modules] is None
    )


def test_a_persons_lines_are_replaced_as_a_whole(call: Caller) -> None:
    emails = [{"value": "One@Example.com"}, {"value": "two@example.com", "label": "home"}]

    made = call.send("POST", "/v2/persons", {"name": "Anna Maria Bell", "org_id": 1, "emails": emails})
    replaced = call.send("PATCH", f"/v2/persons/{made['id']}", {"emails": [{"value": "three@example.com"}]})

    assert (made["first_name"], made["last_name"]) == ("Anna", "Maria Bell")
    assert made["emails"] == [
        {"label": "work", "value": "One@Example.com", "primary": True},
        {"label": "home", "value": "two@example.com", "primary": False},
    ]
    assert [one["value"] for one in replaced["emails"]] == ["three@example.com"]


def test_fields_of_contact_sync_are_refused_without_it(call: Caller, practice: PracticePipedrive) -> None:
    refused = call("PATCH", "/v2/persons/1", {"job_title": "Buyer"})

    practice.control(contact_sync=True)

    assert refused.status_code == 403
    assert call.send("PATCH", "/v2/persons/1", {"job_title": "Buyer"})["job_title"] == "Buyer"


def test_an_account_without_enrichment_has_no_web_address(call: Caller, practice: PracticePipedrive) -> None:
    assert "website" in call.data("/v2/organizations/1")

    practice.control(enrichment=False)

    assert "website" not in call.data("/v2/organizations/1")
    assert (
        "'website' is not allowed" in call.send("PATCH", "/v2/organizations/1", {"website": "x.example"}, 400)["error"]
    )


def test_a_deal_is_won_by_its_status(call: Caller) -> None:
    made = call.send("POST", "/v2/deals", {"title": "Deal", "org_id": 1, "value": 199.98, "currency": "USD"})
    won = call.send("PATCH", f"/v2/deals/{made['id']}", {"status": "won"})
    opened = call.send("PATCH", f"/v2/deals/{made['id']}", {"status": "open", "stage_id": 3})
    lost = call.send("PATCH", f"/v2/deals/{made['id']}", {"status": "lost", "lost_reason": "Price"})

    assert (made["status"], made["pipeline_id"], made["stage_id"], made["origin"]) == ("open", 1, 1, "API")
    assert won["won_time"] == won["close_time"] is not None
    assert won["local_won_date"] == won["won_time"][:10]
    assert (opened["won_time"], opened["close_time"], opened["stage_change_time"] is None) == (None, None, False)
    assert (lost["lost_reason"], lost["lost_time"] is None) == ("Price", False)


def test_an_empty_close_date_becomes_the_zero_date(call: Caller) -> None:
    assert (
        call.send("POST", "/v2/deals", {"title": "x", "expected_close_date": ""})["expected_close_date"] == "0000-00-00"
    )


def test_winning_a_deal_moves_no_stamp_of_its_organization(call: Caller, practice: PracticePipedrive) -> None:
    before = call.data("/v2/organizations/1")["update_time"]

    practice.create("deal", title="Won", org_id=1, status="won")
    practice.create("note", content="x", org_id=1)

    assert call.data("/v2/organizations/1")["update_time"] == before


def test_an_activity_takes_its_person_from_who_takes_part(call: Caller) -> None:
    made = call.send("POST", "/v2/activities", {"participants": [{"person_id": 2}, {"person_id": 3, "primary": True}]})
    done = call.send("PATCH", f"/v2/activities/{made['id']}", {"done": True})

    assert (made["subject"], made["type"], made["person_id"], made["update_time"]) == (
        "Call",
        "call",
        3,
        made["add_time"],
    )
    assert done["marked_as_done_time"] == done["update_time"]


def test_names_may_repeat_and_a_repeated_post_makes_two(call: Caller) -> None:
    first, second = (call.send("POST", "/v2/organizations", {"name": "Twin"})["id"] for _ in range(2))

    assert first != second


def test_add_time_is_taken_on_creation_only(call: Caller) -> None:
    made = call.send("POST", "/v2/organizations", {"name": "Old", "add_time": "2020-05-01T08:00:00Z"})

    assert made["add_time"] == "2020-05-01T08:00:00Z"


def test_a_deletion_answers_the_number_and_then_it_is_gone(call: Caller) -> None:
    assert call.send("DELETE", "/v2/organizations/3", None) == {"id": 3}
    assert call("DELETE", "/v2/organizations/3").status_code == 404
    assert 3 not in {row["id"] for row in call.data("/v2/organizations")}


def test_a_reference_to_nothing_is_refused(call: Caller) -> None:
    assert call("POST", "/v2/persons", {"name": "X", "org_id": 4711}).status_code == 400


def test_bad_json_and_no_json_are_refused(call: Caller, practice: PracticePipedrive) -> None:
    session = practice.session()
    url = "https://aldervale.pipedrive.com/api/v2/organizations"

    broken = session.post(url, data="{", headers={**practice.headers(), "Content-Type": "application/json"})
    form = session.post(url, data={"name": "x"}, headers=practice.headers())

    assert (broken.status_code, form.status_code) == (400, 400)
    assert broken.json()["success"] is form.json()["success"] is False


def test_the_plan_caps_open_deals(call: Caller, practice: PracticePipedrive) -> None:
    call.send("POST", "/v2/deals", {"title": "One"})
    practice.control(deal_cap=1)

    refused = call.send("POST", "/v2/deals", {"title": "Two"}, 403)

    assert (refused["error"], refused["code"]) == (
        "Couldn't add the deal. Open deals limit reached.", "feature_capping_deals_limit",
    )  # fmt: skip


def test_pipelines_and_stages_are_made_and_counted_on(call: Caller) -> None:
    pipeline = call.send("POST", "/v2/pipelines", {"name": "Third"})
    stages = [call.send("POST", "/v2/stages", {"name": n, "pipeline_id": pipeline["id"]}) for n in ("A", "B")]
    renamed = call.send("PATCH", f"/v2/stages/{stages[1]['id']}", {"name": "C"})

    assert (pipeline["order_nr"], [one["order_nr"] for one in stages]) == (3, [1, 2])
    assert [one["name"] for one in call.data("/v2/stages", pipeline_id=pipeline["id"], sort_by="order_nr")] == [
        "A",
        "C",
    ]
    assert renamed["deal_probability"] == 100
    assert "order_nr" in call.send("PATCH", f"/v2/pipelines/{pipeline['id']}", {"order_nr": 1}, 400)["error"]
    assert call.send("DELETE", f"/v2/pipelines/{pipeline['id']}", None) == {"id": pipeline["id"]}
