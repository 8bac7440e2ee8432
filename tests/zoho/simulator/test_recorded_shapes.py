"""Answers that the vendor prints in its documentation: ours to the same question have the same keys and types."""

from typing import Any

import pytest

from integrations.rehearsal.practice_zoho import PracticeZoho

from .caller import Caller
from .recorded import differences, load, needs_recordings, shape

pytestmark = needs_recordings


def recorded(name: str) -> Any:
    return shape(load(f"recorded/{name}"))


def test_fields(api: Caller) -> None:
    """Every kind of field is there with all its keys; which fields there are is each organisation's own."""
    api.version = "v7"
    real = {f["data_type"]: f for f in load("recorded/v7doc_fields_leads_full_account.json")["fields"]}
    ours = {
        f["data_type"]: f for m in ("Leads", "Accounts") for f in api.get("settings/fields", module=m).json()["fields"]
    }
    # Not every field has these two, in real answers neither.
    loose = {"quick_sequence_number", "blueprint_supported"}
    for kind in real.keys() & ours.keys():
        assert real[kind].keys() - ours[kind].keys() - loose == set(), kind
        assert ours[kind].keys() - real[kind].keys() == set(), kind
    assert {"picklist", "multiselectpicklist", "ownerlookup", "currency", "datetime"} <= real.keys() & ours.keys()


def test_owner_is_writable_though_it_is_called_read_only(api: Caller) -> None:
    [owner] = [f for f in api.get("settings/fields", module="Accounts").json()["fields"] if f["api_name"] == "Owner"]
    [made] = [
        f for f in api.get("settings/fields", module="Accounts").json()["fields"] if f["api_name"] == "Created_Time"
    ]

    assert (owner["field_read_only"], owner["operation_type"]["api_update"]) == (True, True)
    assert (made["field_read_only"], made["operation_type"]["api_update"]) == (False, False)


def test_modules(api: Caller) -> None:
    api.version = "v7"
    ours = {one["api_name"]: shape(one) for one in api.get("settings/modules").json()["modules"]}
    real = {one["api_name"]: shape(one) for one in load("recorded/v7doc_modules.json")["modules"]}

    shared = real.keys() & ours.keys()
    assert shared == {"Leads", "Contacts", "Accounts", "Deals", "Products", "Tasks", "Events", "Calls", "Notes"}
    assert {name: differences(real[name], ours[name]) for name in shared} == {name: [] for name in shared}


def test_custom_views(api: Caller) -> None:
    api.version = "v7"
    ours = shape(api.get("settings/custom_views", module="Leads").json())

    assert differences(recorded("v7doc_custom_views_leads.json"), ours) == []


def test_pipelines(api: Caller) -> None:
    layout = api.get("settings/layouts", module="Deals").json()["layouts"][0]["id"]

    answer = api.get("settings/pipeline", layout_id=layout).json()

    assert differences(recorded("v7doc_pipelines.json"), shape(answer)) == []
    real = load("recorded/v7doc_pipelines.json")["pipeline"][0]["maps"]
    keys = ("display_value", "actual_value", "forecast_type", "sequence_number")
    assert [[m[k] for k in keys] for m in answer["pipeline"][0]["maps"]] == [[m[k] for k in keys] for m in real]


def test_organisation(api: Caller) -> None:
    assert differences(recorded("v7doc_org.json"), shape(api.get("org").json())) == []


def test_contacts_of_version_6(api: Caller) -> None:
    api.version = "v6"

    ours = shape(api.get("Contacts", fields="Full_Name,Assistant,Created_Time,Created_By").json())

    assert differences(recorded("v6_contacts.json"), ours) == []


def test_unknown_module_of_version_6(api: Caller) -> None:
    api.version = "v6"

    answer = api.get("Nonsense", fields="id")

    assert answer.json() == load("recorded/v6_unsupportedread.json")


@pytest.mark.parametrize("name", ["v7doc_get_records_first_page.json", "v7doc_get_records_page_token.json"])
def test_leads_by_pages(api: Caller, zoho: PracticeZoho, name: str) -> None:
    api.version = "v7"
    for number in range(7):
        zoho.create("Leads", Last_Name=f"test{number}", Converted__s=True, Record_Status__s="Available",
                    Converted_Date_Time="2026-01-05T08:00:00.000Z")  # fmt: skip
    wanted = "Last_Name,Email,Converted__s,Converted_Date_Time"
    wanted += ",Record_Status__s" if "first" in name else ""
    question: dict[str, Any] = {"fields": wanted, "per_page": 5, "converted": "true"}

    answer = api.get("Leads", **question).json()
    if "token" in name:
        answer = api.get("Leads", **question, page_token=answer["info"]["next_page_token"]).json()

    assert differences(recorded(name), shape(answer)) == []


def test_coql(api: Caller) -> None:
    ours = api.coql("select Account_Name, Account_Type, Markets from Accounts where id is not null limit 2").json()

    real = load("recorded/v7doc_coql_text.json")
    assert ours.keys() == real.keys()
    assert ours["info"].keys() == real["info"].keys()
    assert all(type(row["Markets"]) is list and type(row["id"]) is str for row in ours["data"])


def test_creating_a_field(api: Caller) -> None:
    answer = api.post("settings/fields?module=Accounts", load("recorded/v7doc_create_field_request.json"))

    assert answer.status_code == 201
    assert differences(recorded("v7doc_create_field_response.json"), shape(answer.json())) == []


def test_deleting(api: Caller) -> None:
    ids = api.add("Accounts", {"Account_Name": "One"}, {"Account_Name": "Two"})

    answer = api.delete("Accounts", ids=",".join(ids), wf_trigger="false")

    assert answer.status_code == 200
    assert differences(recorded("v7doc_delete_records.json"), shape(answer.json())) == []


def test_deleted(api: Caller, zoho: PracticeZoho) -> None:
    ids = api.add("Accounts", {"Account_Name": "One"}, {"Account_Name": "Two"})
    api.delete("Accounts", ids=ids[0])
    zoho.control(empty_bin=["Accounts"])
    api.delete("Accounts", ids=ids[1])

    answer = api.get("Accounts/deleted", type="all").json()

    assert differences(recorded("v7doc_deleted.json"), shape(answer)) == []
    assert [(one["type"], one["display_name"]) for one in answer["data"]] == [("recycle", "Two"), ("permanent", None)]


def test_note(api: Caller) -> None:
    [lead] = api.add("Leads", {"Last_Name": "Reader"})
    wanted = load("recorded/v7doc_notes_create_request.json")
    wanted["data"][0]["Parent_Id"]["id"] = lead

    api.version = "v7"
    made = api.post("Notes", wanted)
    listed = api.get(f"Leads/{lead}/Notes", fields="Owner,Parent_Id")

    assert made.status_code == 201
    assert differences(recorded("v7doc_notes_create_response.json"), shape(made.json())) == []
    assert differences(recorded("v7doc_related_notes.json"), shape(listed.json())) == []


def test_upsert(api: Caller) -> None:
    api.add("Contacts", {"Last_Name": "Boyle", "Email": "boyle@zylker.example"})
    rows = [{"Last_Name": "Boyle", "Email": "boyle@zylker.example"}, {"Last_Name": "New"}]

    api.version = "v7"
    answer = api.post("Contacts/upsert", {"data": rows, "duplicate_check_fields": ["Email"]})

    assert answer.status_code == 200
    assert differences(recorded("v7doc_upsert.json"), shape(answer.json())) == []
    told = [(one["action"], one["duplicate_field"], one["message"]) for one in answer.json()["data"]]
    real = load("recorded/v7doc_upsert.json")["data"]
    assert told == [(one["action"], one["duplicate_field"], one["message"]) for one in real]


def test_associating_an_email(api: Caller) -> None:
    [contact] = api.add("Contacts", {"Last_Name": "Truhlar"})
    wanted = load("recorded/v7doc_associate_email_request.json")

    answer = api.post(f"Contacts/{contact}/actions/associate_email", wanted)

    assert answer.status_code == 200
    assert differences(recorded("v7doc_associate_email_response.json"), shape(answer.json())) == []


def test_bulk_read(api: Caller, zoho: PracticeZoho) -> None:
    api.version = "v7"
    job = api.post("bulk/read", {"query": {"module": {"api_name": "Accounts"}}}).json()["data"][0]["details"]["id"]
    api.get(f"bulk/read/{job}")

    done = shape(api.get(f"bulk/read/{job}").json())
    zoho.control(bulk_fails=True)
    failed = shape(api.get(f"bulk/read/{job}").json())

    # The recorded one had more records than fit in a job.
    assert differences(recorded("v7doc_bulk_read_completed.json"), done) == [
        "$.data[].result.next_page_token is missing"
    ]
    real = recorded("v7doc_bulk_read_failed_job.json")
    assert [d for d in differences(real, failed) if ".query." not in d] == []


def test_watching(api: Caller, zoho: PracticeZoho) -> None:
    wanted = load("recorded/v7doc_watch_request.json")

    answer = api.post("actions/watch", wanted)
    zoho.create("Deals", Deal_Name="Watched")

    assert answer.status_code == 201
    assert differences(recorded("v7doc_watch_response.json"), shape(answer.json())) == []
    [notice] = zoho.app.control.state()["notices"]
    assert differences(recorded("v7doc_watch_callback.json"), shape(notice["body"])) == []
    assert notice["body"] | {"server_time": 0} == {
        "server_time": 0, "query_params": {}, "module": "Deals", "resource_uri": "https://www.zohoapis.eu/crm/v2/Deals",
        "ids": notice["body"]["ids"], "affected_fields": [], "operation": "insert", "channel_id": "10000",
        "token": "deals.all.notif",
    }  # fmt: skip
