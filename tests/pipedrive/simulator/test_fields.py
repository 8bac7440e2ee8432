"""Field metadata: what is listed, making fields, their options, and what an administrator changes behind one's back."""

from typing import Any

import pytest

from integrations.rehearsal.practice_pipedrive import PracticePipedrive

from .caller import Caller


def _named(caller: Caller, name: str, entity: str = "organization") -> list[dict[str, Any]]:
    return [f for f in caller.data(f"/v2/{entity}Fields", limit=500) if f["field_name"] == name]


@pytest.mark.parametrize("entity", ["organization", "person", "deal", "activity"])
def test_fields_come_in_pages(call: Caller, entity: str) -> None:
    pages = list(call.pages(f"/v2/{entity}Fields", limit=5))

    codes = [field["field_code"] for page in pages for field in page]
    assert len(codes) == len(set(codes)) > 10
    assert {len(page) for page in pages[:-1]} == {5}
    assert set(pages[0][0]) == {
        "field_name", "field_code", "description", "field_type", "options", "subfields", "is_custom_field",
        "is_optional_response_field",
    }  # fmt: skip


def test_names_repeat_and_codes_do_not(call: Caller) -> None:
    twins = _named(call, "Segment")

    assert [field["field_type"] for field in twins] == ["varchar", "enum"]
    assert all(len(field["field_code"]) == 40 for field in twins)


def test_what_is_required_in_the_app_is_not_enforced(call: Caller) -> None:
    body = {"field_name": "Must", "field_type": "varchar", "required_fields": {"enabled": True}}
    made = call.send("POST", "/v2/organizationFields", body)

    shown = call.data(f"/v2/organizationFields/{made['field_code']}", include_fields="required_fields")

    assert shown["required_fields"] == {"enabled": True}
    assert call.send("POST", "/v2/organizations", {"name": "Without"})["custom_fields"][made["field_code"]] is None


def test_a_field_is_made_and_filled(call: Caller) -> None:
    options = [{"label": "Good"}, {"label": "Average"}, {"label": "Bad"}]
    pulse = call.send(
        "POST", "/v2/organizationFields", {"field_name": "CSM Pulse", "field_type": "enum", "options": options}
    )
    score = call.send("POST", "/v2/organizationFields", {"field_name": "Healthscore", "field_type": "double"})
    values = {score["field_code"]: 72.5, pulse["field_code"]: pulse["options"][0]["id"]}

    kept = call.send("PATCH", "/v2/organizations/1", {"custom_fields": values})["custom_fields"]

    assert [one["label"] for one in pulse["options"]] == ["Good", "Average", "Bad"]
    assert (score["options"], score["is_custom_field"]) == (None, True)
    assert {key: kept[key] for key in values} == values
    assert call.send("POST", "/v2/organizationFields", {"field_name": "Healthscore", "field_type": "double"}) != score


@pytest.mark.parametrize(
    "body",
    [
        {"field_type": "double"}, {"field_name": "X"}, {"field_name": "X", "field_type": "boolean"},
        {"field_name": "X", "field_type": "enum"}, {"field_name": "X", "field_type": "set", "options": []},
        {"field_name": "X", "field_type": "text", "name": "X"},
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_made_is_refused(call: Caller, body: dict[str, Any]) -> None:
    assert call.send("POST", "/v2/organizationFields", body, 400)["code"] == "ERR_SCHEMA_VALIDATION_FAILED"


def test_rights_and_plans_stand_in_the_way(call: Caller, practice: PracticePipedrive) -> None:
    body = {"field_name": "X", "field_type": "double"}
    practice.control(field_cap=24)
    capped = call.send("POST", "/v2/organizationFields", body, 403)
    practice.control(field_cap=100, may_not_customize=True)
    refused = call.send("POST", "/v2/organizationFields", body, 403)

    assert capped["code"] == "feature_capping_custom_fields_limit"
    assert refused["code"] == "ERR_FORBIDDEN"
    assert _named(call, "X") == []


def test_options_are_added_renamed_and_taken_away_in_arrays(call: Caller, practice: PracticePipedrive) -> None:
    key = practice.key("organization", "Lifecycle stage")
    path = f"/v2/organizationFields/{key}"
    before = call.data(path)["options"]
    used = before[0]
    call.send("PATCH", "/v2/organizations/1", {"custom_fields": {key: used["id"]}})

    [added] = call.send("POST", f"{path}/options", [{"label": "New"}])
    [renamed] = call.send("PATCH", f"{path}/options", [{"id": added["id"], "label": "Newer"}])
    refused = call.send(
        "PATCH", f"{path}/options", [{"id": used["id"], "label": "Kept out"}, {"id": 99_999, "label": "x"}], 404
    )
    [gone] = call.send("DELETE", f"{path}/options", [{"id": used["id"]}])

    after = call.data(path)["options"]
    assert (renamed, gone) == ({"id": added["id"], "label": "Newer"}, used)
    assert refused["code"] == "ERR_NOT_FOUND"
    assert after == [*before[1:], {"id": added["id"], "label": "Newer"}]
    # The record keeps the number of an option that is no more.
    assert call.data("/v2/organizations/1", include_option_labels="true")["custom_fields"][key] == used["id"]
    first = next(f for f in call.data("/v1/organizationFields", limit=500) if f["key"] == key)
    assert first["options_deleted"] == [used]


def test_a_deleted_field_takes_its_values_along(call: Caller, practice: PracticePipedrive) -> None:
    key = practice.key("organization", "Customer number")

    call.send("DELETE", f"/v2/organizationFields/{key}", None)

    assert key not in call.data("/v2/organizations/1")["custom_fields"]
    refused = call.send("PATCH", "/v2/organizations/1", {"custom_fields": {key: "x"}}, 400)
    assert refused["error"] == f"Validation failed: custom_fields: Unknown key '{key}'"
    assert call("GET", f"/v2/organizationFields/{key}").status_code == 404
    assert call("DELETE", "/v2/organizationFields/name").status_code == 403


def test_an_account_without_fields_of_its_own_answers_null(call: Caller) -> None:
    for field in call.data("/v2/personFields", limit=500):
        if field["is_custom_field"]:
            call.send("DELETE", f"/v2/personFields/{field['field_code']}", None)

    assert call.data("/v2/persons/1")["custom_fields"] is None


def test_v1_tells_the_numbers_that_filters_need(call: Caller, practice: PracticePipedrive) -> None:
    key = practice.key("organization", "Annual spend")
    rows = {row["key"]: row for row in call.data("/v1/organizationFields", limit=500)}

    field = rows[key]

    assert (field["field_type"], field["edit_flag"], field["name"]) == ("monetary", True, "Annual spend")
    assert (rows[f"{key}_currency"]["id"], rows[f"{key}_currency"]["is_subfield"]) == (None, True)
    assert call.data(f"/v1/organizationFields/{field['id']}")["key"] == key
    assert rows["name"]["edit_flag"] is False


def test_fields_hide_and_come_back_with_what_they_held(call: Caller, practice: PracticePipedrive) -> None:
    key = practice.key("organization", "Customer number")
    held = next(row for row in call.data("/v2/organizations") if row["custom_fields"][key])
    path, seen = f"/v2/organizations/{held['id']}", []

    for change in ("hide_fields", "show_fields", "remove_fields", "restore_fields"):
        practice.control(**{change: ["organization.Customer number"]})
        seen.append((len(_named(call, "Customer number")), call.data(path)["custom_fields"].get(key)))

    value = held["custom_fields"][key]
    assert seen == [(0, None), (1, value), (0, None), (1, value)]


def test_a_retyped_field_turns_its_values(call: Caller, practice: PracticePipedrive) -> None:
    spend, stage = practice.key("organization", "Annual spend"), practice.key("organization", "Lifecycle stage")
    held = next(row for row in call.data("/v2/organizations") if row["custom_fields"][spend])
    path = f"/v2/organizations/{held['id']}"

    practice.control(retype_fields={"organization.Annual spend": "double", "organization.Lifecycle stage": "set"})

    after = call.data(path)
    assert after["custom_fields"][spend] == held["custom_fields"][spend]["value"]
    assert after["custom_fields"][stage] == [held["custom_fields"][stage]]
    assert after["update_time"] == held["update_time"]
    assert _named(call, "Annual spend")[0]["field_type"] == "double"


def test_new_options_appear_and_old_ones_go(call: Caller, practice: PracticePipedrive) -> None:
    practice.control(
        add_options={"organization.Relation": ["Reseller"]}, remove_options={"organization.Relation": ["Partner"]}
    )

    labels = [one["label"] for one in _named(call, "Relation")[0]["options"]]

    assert labels == ["Customer", "Channel customer", "Prospect", "Former customer", "Reseller"]
