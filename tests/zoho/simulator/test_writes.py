"""Inserts, updates, upserts, deletions: what is checked, what is passed over, and what is told about each record."""

from typing import Any

import pytest
import requests

from integrations.rehearsal.practice_zoho import PracticeZoho

from .caller import Caller, problem
from .conftest import Clock

AN_ACCOUNT = "4821730000001000001"


def details(answer: requests.Response) -> list[tuple[str, dict[str, Any]]]:
    return [(one["code"], one["details"]) for one in answer.json()["data"]]


def refused(api: Caller, module: str, record: dict[str, Any]) -> tuple[int, str, dict[str, Any]]:
    return problem(api.post(module, {"data": [record]}))


def at(name: str, **more: Any) -> dict[str, Any]:
    return {**more, "api_name": name, "json_path": f"$.data[0].{name}"}


def test_each_record_is_judged_alone(api: Caller) -> None:
    rows = [{"Last_Name": "One"}, {"First_Name": "No"}, {"Last_Name": "Three"}, {"Last_Name": 4}]

    answer = api.post("Contacts", {"data": rows, "trigger": []})

    assert answer.status_code == 207
    assert [one["status"] for one in answer.json()["data"]] == ["success", "error", "success", "error"]
    assert details(answer)[1] == ("MANDATORY_NOT_FOUND", {"api_name": "Last_Name", "json_path": "$.data[1].Last_Name"})
    assert details(answer)[3][1] == {
        "expected_data_type": "text",
        "api_name": "Last_Name",
        "json_path": "$.data[3].Last_Name",
    }
    assert [row["Last_Name"] for row in api.get("Contacts", fields="Last_Name", per_page=2).json()["data"]] == [
        "Three",
        "One",
    ]


def test_status_of_all_good_and_all_bad(api: Caller) -> None:
    good, bad = {"Last_Name": "Good"}, {"First_Name": "Bad"}

    assert api.post("Contacts", {"data": [good]}).status_code == 201
    assert api.post("Contacts", {"data": [bad, bad]}).status_code == 400
    assert api.post("Contacts/upsert", {"data": [good]}).status_code == 200
    api.version = "v6"
    assert api.post("Contacts", {"data": [good, bad]}).status_code == 202


@pytest.mark.parametrize(("module", "record", "missing"), [
    ("Accounts", {"Phone": "1"}, "Account_Name"), ("Leads", {"Company": "X"}, "Last_Name"),
    ("Deals", {"Deal_Name": "D", "Pipeline": "Standard (Standard)"}, "Stage"),
    ("Deals", {"Deal_Name": "D", "Stage": "Qualification"}, "Pipeline"), ("Tasks", {"Status": "Completed"}, "Subject"),
    ("Events", {"Event_Title": "E", "Start_DateTime": "2026-01-05T08:00:00Z"}, "End_DateTime"),
    ("Calls", {"Subject": "C", "Call_Type": "Inbound", "Call_Start_Time": "2026-01-05T08:00:00Z"}, "Call_Duration"),
    ("Notes", {"Note_Title": "N", "Note_Content": "text"}, "Parent_Id"),
])  # fmt: skip
def test_mandatory_fields(api: Caller, module: str, record: dict[str, Any], missing: str) -> None:
    assert refused(api, module, record) == (400, "MANDATORY_NOT_FOUND", at(missing))


@pytest.mark.parametrize(("field", "value", "told"), [
    ("Account_Name", 5, {"expected_data_type": "text"}), ("Account_Name", "x" * 201, {"maximum_length": 200}),
    ("Employees", "12", {"expected_data_type": "integer"}), ("Employees", 1234567890, {"maximum_length": 9}),
    ("Employees", True, {"expected_data_type": "integer"}), ("Annual_Revenue", "12", {"expected_data_type": "double"}),
    ("Is_Strategic", "true", {"expected_data_type": "boolean"}),
    ("Renewal_Date", "31/01/2026", {"expected_data_type": "date"}),
    ("Last_Health_Check", "2026-01-31", {"expected_data_type": "datetime"}),
    ("Last_Health_Check", "2026-01-31T10:00:00", {"expected_data_type": "datetime"}),
    ("Markets", "EMEA", {"expected_data_type": "jsonarray"}),
    ("Parent_Account", "Acme", {"expected_data_type": "jsonobject"}),
    ("Phone", "1" * 31, {"maximum_length": 30}), ("Phone", "né?", {"expected_data_type": "phone"}),
    ("Customer_Number", ["a"], {"expected_data_type": "text"}),
])  # fmt: skip
def test_values_of_the_wrong_kind(api: Caller, field: str, value: Any, told: dict[str, Any]) -> None:
    assert refused(api, "Accounts", {"Account_Name": "A", field: value}) == (400, "INVALID_DATA", at(field, **told))


def test_emails_have_to_look_like_one(api: Caller) -> None:
    answer = refused(api, "Contacts", {"Last_Name": "A", "Email": "not an address"})

    assert answer == (400, "INVALID_DATA", at("Email", expected_data_type="email"))


def test_lookups_go_by_id_alone(api: Caller) -> None:
    by_name = refused(api, "Contacts", {"Last_Name": "A", "Account_Name": {"name": "Acme"}})
    unknown = refused(api, "Contacts", {"Last_Name": "A", "Account_Name": {"id": "4821730000099999999"}})

    path = "$.data[0].Account_Name.id"
    assert by_name == (400, "MANDATORY_NOT_FOUND", {"api_name": "id", "json_path": path})
    assert unknown[:2] == (400, "INVALID_DATA")
    assert unknown[2] == {"id": "4821730000099999999", "api_name": "Account_Name", "json_path": path}


def test_inactive_owners_are_refused(api: Caller) -> None:
    users = api.get("users", type="DeactiveUsers").json()["users"]

    answer = refused(api, "Accounts", {"Account_Name": "A", "Owner": {"id": users[0]["id"]}})

    assert answer[:2] == (400, "INVALID_DATA")
    assert answer[2]["api_name"] == "Owner"


def test_names_that_are_no_fields_and_system_fields_are_passed_over(api: Caller) -> None:
    [made] = api.add("Accounts", {
        "Account_Name": "A", "Nonsense": 1, "Created_Time": "2001-01-01T00:00:00Z", "Created_By": {"id": "1"},
    })  # fmt: skip

    [row] = api.get(f"Accounts/{made}").json()["data"]

    assert row["Created_Time"] == "2026-03-02T10:30:00+01:00"
    assert "Nonsense" not in row


def test_picklists_take_values_that_they_do_not_list(api: Caller) -> None:
    [made] = api.add("Accounts", {"Account_Name": "A", "Account_Type": "Made up"})

    assert api.get(f"Accounts/{made}").json()["data"][0]["Account_Type"] == "Made up"


def test_stage_has_to_belong_to_the_pipeline(api: Caller, zoho: PracticeZoho) -> None:
    deal = {"Deal_Name": "D", "Pipeline": "Standard (Standard)", "Stage": "Negotiation"}

    told = refused(api, "Deals", deal)
    label = refused(api, "Deals", {**deal, "Stage": "Identify Decision Makers"})
    zoho.control(set_pipelines={})

    assert told == (400, "MAPPING_MISMATCH", at("Stage", mapped_field=at("Pipeline")))
    # What is shown is not what is stored.
    assert label[:2] == (400, "MAPPING_MISMATCH")
    assert api.add("Deals", {"Deal_Name": "D", "Stage": "Negotiation"})
    assert api.post("Deals", {"data": [{**deal, "Stage": "Id. Decision Makers"}]}).status_code == 201


def test_expected_revenue_follows_from_stage_and_amount(api: Caller) -> None:
    deal = {"Deal_Name": "D", "Pipeline": "Standard (Standard)", "Stage": "Needs Analysis", "Amount": 1000.5}

    [made] = api.add("Deals", deal)

    assert api.get(f"Deals/{made}").json()["data"][0]["Expected_Revenue"] == 200.1


def test_null_clears(api: Caller) -> None:
    [made] = api.add("Accounts", {"Account_Name": "A", "Phone": "1", "Markets": ["EMEA"], "Is_Strategic": True})

    api.put(f"Accounts/{made}", {"data": [{"Phone": None, "Markets": None, "Is_Strategic": None}]})

    [row] = api.get("Accounts", fields="Phone,Markets,Is_Strategic", ids=made).json()["data"]
    assert row == {"Phone": None, "Markets": [], "Is_Strategic": False, "id": made}


def test_a_mandatory_field_cannot_be_cleared(api: Caller) -> None:
    answer = problem(api.put(f"Accounts/{AN_ACCOUNT}", {"data": [{"Account_Name": None}]}))

    assert answer == (400, "MANDATORY_NOT_FOUND", at("Account_Name"))


def test_lists_replace_or_append(api: Caller) -> None:
    [made] = api.add("Accounts", {"Account_Name": "A", "Markets": ["EMEA"]})

    def write(**more: Any) -> list[str]:
        api.put(f"Accounts/{made}", {"data": [{"Markets": ["APAC"], **more}]})
        found: list[str] = api.get("Accounts", fields="Markets", ids=made).json()["data"][0]["Markets"]
        return found

    assert write(**{"$append_values": {"Markets": True}}) == ["EMEA", "APAC"]
    assert write() == ["APAC"]


def test_activities_name_the_module_of_their_parent(api: Caller) -> None:
    task = {"Subject": "T", "What_Id": {"id": AN_ACCOUNT}}

    bare = refused(api, "Tasks", task)
    [made] = api.add("Tasks", {**task, "$se_module": "Accounts"})
    [row] = api.get("Tasks", fields="What_Id,$se_module", ids=made).json()["data"]

    assert bare == (400, "MANDATORY_NOT_FOUND", at("$se_module"))
    assert (row["What_Id"]["id"], row["$se_module"]) == (AN_ACCOUNT, "Accounts")


def test_notes_name_it_within_their_parent(api: Caller) -> None:
    note = {"Note_Content": "text", "Parent_Id": {"id": AN_ACCOUNT}}
    with_module = {**note, "Parent_Id": {"id": AN_ACCOUNT, "module": {"api_name": "Accounts"}}}

    bare = refused(api, "Notes", note)
    [made] = api.add("Notes", with_module)
    below = api.post(f"Accounts/{AN_ACCOUNT}/Notes", {"data": [{"Note_Content": "below"}]})
    [row] = api.get("Notes", fields="Parent_Id", ids=made).json()["data"]

    assert bare[:2] == (400, "MANDATORY_NOT_FOUND")
    assert below.status_code == 201
    assert row["Parent_Id"]["module"]["api_name"] == "Accounts"
    assert api.get(f"Accounts/{AN_ACCOUNT}/Notes", fields="Note_Content").json()["info"]["count"] == 2


def test_calls_last_some_time(api: Caller) -> None:
    call = {"Subject": "C", "Call_Type": "Outbound", "Call_Start_Time": "2026-01-05T10:00:00+01:00"}

    [made] = api.add("Calls", {**call, "Call_Duration": "10:30"})
    [row] = api.get(f"Calls/{made}").json()["data"]

    assert refused(api, "Calls", {**call, "Call_Duration": "00:00"}) == (400, "DEPENDENT_MISMATCH", at("Call_Duration"))
    assert (row["Call_Duration"], row["Call_Duration_in_seconds"]) == ("10:30", 630)
    assert row["Call_Start_Time"] == "2026-01-05T10:00:00+01:00"


def test_more_than_a_hundred_at_once(api: Caller) -> None:
    hundred = [{"Last_Name": f"N{n}"} for n in range(100)]

    assert api.post("Contacts", {"data": hundred}).status_code == 201
    answer = problem(api.post("Contacts", {"data": [*hundred, {"Last_Name": "One too many"}]}))
    assert answer == (400, "LIMIT_EXCEEDED", {"maximum_length": 100, "api_name": "data"})


@pytest.mark.parametrize(("body", "code"), [
    (b"{", "UNABLE_TO_PARSE_DATA_TYPE"), (b"[]", "UNABLE_TO_PARSE_DATA_TYPE"), (b"{}", "MANDATORY_NOT_FOUND"),
    (b'{"data": {}}', "INVALID_DATA"), (b'{"data": []}', "INVALID_DATA"), (b'{"data": ["x"]}', "INVALID_DATA"),
    (b'{"data": [{"Last_Name": "x"}], "trigger": "workflow"}', "INVALID_DATA"),
])  # fmt: skip
def test_bodies_that_are_none(api: Caller, body: bytes, code: str) -> None:
    answer = api.call("POST", "Contacts", data=body)

    assert problem(answer)[:2] == (400, code)


def test_update_of_an_unknown_record(api: Caller) -> None:
    body = {"data": [{"id": "4821730000099999999", "Phone": "1"}, {"Phone": "1"}]}

    answer = api.put("Accounts", body)

    assert answer.status_code == 400
    assert details(answer) == [
        ("INVALID_DATA", {"api_name": "id", "json_path": "$.data[0].id"}),
        ("MANDATORY_NOT_FOUND", {"api_name": "id", "json_path": "$.data[1].id"}),
    ]


def test_update_moves_the_stamp_and_who(api: Caller, clock: Clock) -> None:
    clock.forward(60)

    [result] = api.put("Accounts", {"data": [{"id": AN_ACCOUNT, "Phone": "2"}]}).json()["data"]

    assert result["message"] == "record updated"
    assert result["details"]["Modified_Time"] == "2026-03-02T10:31:00+01:00"
    assert result["details"]["Modified_By"]["name"] == "Inès Moreau"
    assert result["details"]["Created_Time"] < result["details"]["Modified_Time"]


def test_guard_against_overwriting(api: Caller, zoho: PracticeZoho, clock: Clock) -> None:
    read = api.get(f"Accounts/{AN_ACCOUNT}").json()["data"][0]["Modified_Time"]
    body, guard = {"data": [{"Phone": "3"}]}, {"If-Unmodified-Since": read}

    first = api.put(f"Accounts/{AN_ACCOUNT}", body, headers=guard)
    second = api.put(f"Accounts/{AN_ACCOUNT}", body, headers=guard)

    assert first.status_code == 200
    assert problem(second)[:2] == (412, "ALREADY_MODIFIED")
    assert problem(second)[2]["Modified_Time"] == "2026-03-02T10:30:00+01:00"


# --- Unique values and upserts ---------------------------------------------------------------------------------------
def test_unique_values_are_taken_once(api: Caller) -> None:
    [first] = api.add("Accounts", {"Account_Name": "A", "External_Key": "K-1"})

    status, code, told = refused(api, "Accounts", {"Account_Name": "B", "External_Key": "k-1"})

    assert (status, code) == (400, "DUPLICATE_DATA")
    assert (told["api_name"], told["id"], told["more_records"]) == ("External_Key", first, False)
    assert told["duplicate_record"]["Owner"].keys() == {"name", "id", "zuid"}


def test_a_record_may_keep_its_own_unique_value(api: Caller) -> None:
    [first] = api.add("Accounts", {"Account_Name": "A", "External_Key": "K-1"})

    assert api.put(f"Accounts/{first}", {"data": [{"External_Key": "K-1", "Phone": "1"}]}).status_code == 200


def test_two_taken_values_are_told_together(api: Caller, zoho: PracticeZoho) -> None:
    zoho.control(add_fields={"Accounts": [{"name": "Second_Key", "label": "Second Key", "unique": True}]})
    api.add("Accounts", {"Account_Name": "A", "External_Key": "K-1"}, {"Account_Name": "B", "Second_Key": "S-1"})

    status, code, told = refused(api, "Accounts", {"Account_Name": "C", "External_Key": "K-1", "Second_Key": "S-1"})

    assert (status, code) == (400, "MULTIPLE_OR_MULTI_ERRORS")
    assert [one["details"]["api_name"] for one in told["errors"]] == ["External_Key", "Second_Key"]


def upsert(api: Caller, record: dict[str, Any], *keys: str) -> dict[str, Any]:
    body = {"data": [record], **({"duplicate_check_fields": list(keys)} if keys else {})}
    [result] = api.post("Accounts/upsert", body).json()["data"]
    return dict(result)


def test_upsert_without_keys_merges_equal_names(api: Caller) -> None:
    [first] = api.add("Accounts", {"Account_Name": "Acme"})

    result = upsert(api, {"Account_Name": "ACME", "Phone": "1"})

    assert (result["action"], result["duplicate_field"], result["details"]["id"]) == ("update", "Account_Name", first)


def test_upsert_by_a_unique_field_leaves_equal_names_alone(api: Caller) -> None:
    [first] = api.add("Accounts", {"Account_Name": "Acme"})

    made = upsert(api, {"Account_Name": "Acme", "External_Key": "K-1"}, "External_Key")
    again = upsert(api, {"Account_Name": "Renamed", "External_Key": "K-1"}, "External_Key")

    assert (made["action"], made["duplicate_field"]) == ("insert", None)
    assert made["details"]["id"] != first
    assert (again["action"], again["duplicate_field"]) == ("update", "External_Key")
    assert again["details"]["id"] == made["details"]["id"]


def test_unique_fields_that_are_not_named_are_looked_at_too(api: Caller) -> None:
    [first] = api.add("Accounts", {"Account_Name": "Acme", "External_Key": "K-1"})

    result = upsert(api, {"Account_Name": "Other", "External_Key": "K-1"}, "Account_Name")

    assert (result["action"], result["duplicate_field"], result["details"]["id"]) == ("update", "External_Key", first)


def test_upsert_by_a_field_that_is_not_unique(api: Caller) -> None:
    answer = api.post("Accounts/upsert", {"data": [{"Account_Name": "A"}], "duplicate_check_fields": ["Phone"]})

    details = {"api_name": "duplicate_check_fields", "json_path": "$.duplicate_check_fields[0]"}
    assert problem(answer) == (400, "INVALID_DATA", details)


def test_ids_of_other_systems(api: Caller) -> None:
    header = {"X-EXTERNAL": "Accounts.Old_CRM_ID"}
    [made] = api.add("Accounts", {"Account_Name": "A", "Old_CRM_ID": "OLD-77"})

    changed = api.put("Accounts/OLD-77", {"data": [{"Phone": "9"}]}, headers=header)
    read = api.get("Accounts/OLD-77", headers=header)
    wrong = api.get("Accounts/OLD-77", headers={"X-EXTERNAL": "Accounts.Phone"})

    assert changed.json()["data"][0]["details"]["id"] == made
    assert read.json()["data"][0]["Phone"] == "9"
    assert problem(wrong)[:2] == (400, "INVALID_DATA")


def test_deletions(api: Caller) -> None:
    made = api.add("Contacts", {"Last_Name": "A"}, {"Last_Name": "B"})

    mixed = api.delete("Contacts", ids=f"{made[0]},4821730000099999999")
    again = api.delete(f"Contacts/{made[0]}")
    missing = api.delete("Contacts")

    assert mixed.status_code == 207
    assert mixed.json()["data"][1]["message"] == "record not deleted"
    assert problem(again) == (400, "INVALID_DATA", {"id": made[0]})
    assert problem(missing) == (400, "REQUIRED_PARAM_MISSING", {"param_name": "ids"})
    assert api.get(f"Contacts/{made[0]}").status_code == 204


def test_hundred_ids_at_most_are_deleted_at_once(api: Caller) -> None:
    answer = problem(api.delete("Contacts", ids=",".join(str(n) for n in range(101))))

    assert answer == (400, "LIMIT_EXCEEDED", {"limit": 100, "param_name": "ids"})


def test_locked_records_and_rules_of_the_organisation(api: Caller, zoho: PracticeZoho) -> None:
    zoho.control(lock_records=1)
    locked = problem(api.put(f"Accounts/{AN_ACCOUNT}", {"data": [{"Phone": "1"}]}))
    zoho.control(reject_every=2)
    answer = api.post("Contacts", {"data": [{"Last_Name": f"N{n}"} for n in range(4)]})

    assert locked == (400, "RECORD_LOCKED", {"api_name": "id", "json_path": "$.data[0].id", "action": "record_locking"})
    assert answer.status_code == 207
    assert [one["code"] for one in answer.json()["data"]] == ["SUCCESS", "INVALID_DATA", "SUCCESS", "INVALID_DATA"]


def test_tags(api: Caller, clock: Clock) -> None:
    [made] = api.add("Accounts", {"Account_Name": "A", "Tag": [{"name": "vip"}, {"name": "new"}]})
    clock.forward(10)

    [row] = api.get("Accounts", fields="Tag", ids=made).json()["data"]

    assert [one["name"] for one in row["Tag"]] == ["vip", "new"]
    assert row["Tag"][0].keys() == {"name", "id", "color_code"}
    assert refused(api, "Accounts", {"Account_Name": "A", "Tag": "vip"})[2] == at("Tag", expected_data_type="jsonarray")


def test_what_follows_from_a_change(api: Caller, clock: Clock) -> None:
    [deal] = api.add("Deals", {"Deal_Name": "D", "Pipeline": "Standard (Standard)", "Stage": "Needs Analysis"})
    [task] = api.add("Tasks", {"Subject": "T", "Status": "Not Started"})
    before = api.get("Deals", fields="Probability,Last_Activity_Time", ids=deal).json()["data"][0]
    clock.forward(60)

    api.put(f"Deals/{deal}", {"data": [{"Stage": "Closed Won"}]})
    api.put(f"Tasks/{task}", {"data": [{"Status": "Completed"}]})

    after = api.get("Deals", fields="Probability,Last_Activity_Time", ids=deal).json()["data"][0]
    closed = api.get("Tasks", fields="Closed_Time", ids=task).json()["data"][0]["Closed_Time"]
    assert (before["Probability"], before["Last_Activity_Time"]) == (20, None)
    assert (after["Probability"], after["Last_Activity_Time"]) == (100, "2026-03-02T10:31:00+01:00")
    assert closed == "2026-03-02T10:31:00+01:00"
