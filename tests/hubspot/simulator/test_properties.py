"""Properties: what a definition tells, making one's own, what an admin may do to them meanwhile."""

from typing import Any

import pytest

from integrations.rehearsal.practice_hubspot import PracticeHubSpot

from .wire import VERSION, Answer, Clock, Wire, ids, told

ADDRESS = f"/crm/properties/{VERSION}/companies"
SCORE = {
    "name": "healthscore", "label": "Healthscore", "type": "number", "fieldType": "number",
    "groupName": "companyinformation",
}  # fmt: skip
PULSE = {
    "name": "csm_pulse", "label": "CSM Pulse", "type": "enumeration", "fieldType": "select",
    "groupName": "companyinformation",
    "options": [{"label": "Good", "value": "good", "displayOrder": 0, "hidden": False},
                {"label": "Bad", "value": "bad", "displayOrder": 1, "hidden": False}],
}  # fmt: skip


def _all(wire: Wire, kind: str = "companies") -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in wire.get(f"/crm/properties/{VERSION}/{kind}").json()["results"]}


def _make(wire: Wire, **more: Any) -> Answer:
    return wire.post(ADDRESS, SCORE | more)


def test_definitions_come_all_at_once(wire: Wire) -> None:
    answer = wire.get(ADDRESS)

    assert "paging" not in answer.json()
    assert len(answer.json()["results"]) > 50


def test_owner_picker_refers_to_owners_and_lists_none(wire: Wire) -> None:
    for name in ("hubspot_owner_id", "csm"):
        found = _all(wire)[name]
        assert (found["referencedObjectType"], found["options"], found["externalOptions"]) == ("OWNER", [], True)


def test_writable_is_neither_read_only_nor_calculated(wire: Wire) -> None:
    companies, deals = _all(wire), _all(wire, "deals")

    assert companies["hs_parent_company_id"]["modificationMetadata"]["readOnlyValue"] is True
    assert companies["name"]["modificationMetadata"]["readOnlyValue"] is False
    assert deals["hs_mrr"]["calculated"] is True
    assert (deals["closedate"]["type"], deals["closedate"]["fieldType"]) == ("datetime", "date")


def test_address_is_unique_and_domain_is_not(wire: Wire) -> None:
    assert _all(wire, "contacts")["email"]["hasUniqueValue"] is True
    assert _all(wire)["domain"]["hasUniqueValue"] is False


@pytest.mark.parametrize("kind", ["leads", "notes", "calls", "emails", "meetings", "tasks", "tickets"])
def test_every_object_has_definitions(wire: Wire, kind: str) -> None:
    found = _all(wire, kind)

    assert {"hs_object_id", "hubspot_owner_id", "hs_lastmodifieddate"} <= set(found)


@pytest.mark.parametrize("body", [SCORE, PULSE])
def test_made_property_takes_values(wire: Wire, body: dict[str, Any]) -> None:
    answer = wire.post(ADDRESS, body)

    assert answer.status_code == 201
    assert {name: answer.json()[name] for name in ("name", "type", "fieldType")} == {
        name: body[name] for name in ("name", "type", "fieldType")
    }
    company = ids(wire.page("companies"))[0]
    value = "42" if body is SCORE else "good"
    assert wire.update("companies", company, **{body["name"]: value}).status_code == 200
    assert wire.one("companies", company, properties=body["name"]).json()["properties"][body["name"]] == value
    assert "hubspotDefined" not in _all(wire)[body["name"]]


def test_made_property_shows_after_half_a_second(crm: PracticeHubSpot, wire: Wire, clock: Clock) -> None:
    crm.control(property_lag=0.5)
    assert _make(wire).status_code == 201

    company = ids(wire.page("companies"))[0]
    at_once = wire.get(f"{ADDRESS}/healthscore"), wire.update("companies", company, healthscore="1")
    clock.pass_by(0.6)
    later = wire.get(f"{ADDRESS}/healthscore"), wire.update("companies", company, healthscore="1")

    assert [one.status_code for one in (*at_once, *later)] == [404, 400, 200, 200]


def test_taken_name_is_a_conflict_even_before_it_shows(crm: PracticeHubSpot, wire: Wire) -> None:
    crm.control(property_lag=0.5)
    _make(wire)

    answer = _make(wire)

    assert told(answer)[:2] == (409, "OBJECT_ALREADY_EXISTS")
    assert answer.json()["subCategory"] == "Properties.PROPERTY_WITH_NAME_EXISTS"
    assert _make(wire, name="industry").status_code == 409


def test_archived_name_comes_back(wire: Wire) -> None:
    _make(wire)
    assert wire.call("DELETE", f"{ADDRESS}/healthscore").status_code == 204
    assert "healthscore" not in _all(wire)
    assert [one["name"] for one in wire.get(ADDRESS, archived="true").json()["results"]] == ["healthscore"]

    answer = _make(wire, label="Another")

    assert (answer.status_code, answer.json()["label"]) == (201, "Healthscore")
    assert "healthscore" in _all(wire)


@pytest.mark.parametrize(
    "wrong",
    [{"name": "Health Score"}, {"groupName": "nowhere"}, {"fieldType": "text"}, {"type": "money"}, {"label": ""},
     {"type": "enumeration", "fieldType": "select"},
     {"type": "enumeration", "fieldType": "select", "options": [{"label": "No value"}]}],
)  # fmt: skip
def test_property_that_makes_no_sense_is_refused(wire: Wire, wrong: dict[str, Any]) -> None:
    assert _make(wire, **wrong).status_code == 400


def test_group_is_made_before_its_properties(wire: Wire) -> None:
    group = {"name": "skalin", "label": "Skalin"}

    assert [wire.post(f"{ADDRESS}/groups", group).status_code for _ in range(2)] == [201, 409]
    assert _make(wire, groupName="skalin").json()["groupName"] == "skalin"


def test_batch_makes_what_it_can(wire: Wire) -> None:
    answer = wire.post(f"{ADDRESS}/batch/create", {"inputs": [SCORE, PULSE, {**SCORE, "name": "industry"}]})

    assert (answer.status_code, len(answer.json()["results"])) == (207, 2)
    assert answer.json()["errors"][0]["category"] == "OBJECT_ALREADY_EXISTS"


def test_options_that_are_sent_replace_the_list(wire: Wire) -> None:
    wire.post(ADDRESS, PULSE)

    answer = wire.call("PATCH", f"{ADDRESS}/csm_pulse", json={"options": [{"label": "Fair", "value": "fair"}]})

    assert [one["value"] for one in answer.json()["options"]] == ["fair"]
    assert [one["value"] for one in _all(wire)["csm_pulse"]["options"]] == ["fair"]


def test_ten_unique_properties_at_most(wire: Wire) -> None:
    made = [
        _make(wire, name=f"key_{n}", type="string", fieldType="text", hasUniqueValue=True).status_code
        for n in range(10)
    ]

    # One of them is in the practice world already.
    assert made == [201] * 9 + [400]


def test_made_unique_property_finds_records(wire: Wire) -> None:
    _make(wire, name="our_key", type="string", fieldType="text", hasUniqueValue=True)
    company = ids(wire.page("companies"))[0]
    wire.update("companies", company, our_key="K-1")

    assert wire.one("companies", "K-1", idProperty="our_key").json()["id"] == company


def test_property_of_hubspot_is_not_archived(wire: Wire) -> None:
    assert told(wire.call("DELETE", f"{ADDRESS}/industry"))[:2] == (400, "VALIDATION_ERROR")


# --- What an admin does meanwhile -------------------------------------------------------------------------------------
def test_removed_property_is_unknown_until_it_is_restored(crm: PracticeHubSpot, wire: Wire) -> None:
    company = wire.create("companies", name="X", customer_number="AV-1").json()["id"]
    crm.control(remove_fields=["companies.customer_number"])

    assert "customer_number" not in _all(wire)
    assert "customer_number" not in wire.one("companies", company, properties="customer_number").json()["properties"]
    assert (
        wire.update("companies", company, customer_number="AV-2").json()["errors"][0]["code"] == "PROPERTY_DOESNT_EXIST"
    )
    crm.control(restore_fields=["companies.customer_number"])
    assert (
        wire.one("companies", company, properties="customer_number").json()["properties"]["customer_number"] == "AV-1"
    )


def test_hidden_and_locked_properties(crm: PracticeHubSpot, wire: Wire) -> None:
    crm.control(hide_fields=["companies.csm"], lock_fields=["companies.customer_stage"])
    company = ids(wire.page("companies"))[0]

    found = _all(wire)
    assert "csm" not in found
    assert found["customer_stage"]["modificationMetadata"]["readOnlyValue"] is True
    assert wire.update("companies", company, customer_stage="Growth").json()["errors"][0]["code"] == "READ_ONLY_VALUE"
    crm.control(show_fields=["companies.csm", "companies.customer_stage"])
    assert wire.update("companies", company, customer_stage="Growth").status_code == 200


def test_retyped_property_checks_anew(crm: PracticeHubSpot, wire: Wire) -> None:
    crm.control(retype_fields={"companies.customer_number": "number"})
    company = ids(wire.page("companies"))[0]

    assert _all(wire)["customer_number"]["type"] == "number"
    assert wire.update("companies", company, customer_number="AV-1").json()["errors"][0]["code"] == "INVALID_INTEGER"


def test_options_change_under_old_values(crm: PracticeHubSpot, wire: Wire) -> None:
    company = wire.create("companies", name="X", customer_stage="Growth").json()["id"]
    crm.control(set_options={"companies.customer_stage": {"new": "New"}})

    assert (
        wire.one("companies", company, properties="customer_stage").json()["properties"]["customer_stage"] == "Growth"
    )
    assert wire.update("companies", company, customer_stage="Growth", name="Y").status_code == 400
