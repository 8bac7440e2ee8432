"""Bulk reads: jobs, states, files."""

import csv
import io
import zipfile
from typing import Any

import pytest

from integrations.rehearsal.practice_zoho import PracticeZoho
from integrations.zoho.simulator import bulk_read

from .caller import Caller, problem
from .conftest import Clock
from .recorded import load, needs_recordings


def start(api: Caller, **query: Any) -> str:
    module = {} if "page_token" in query else {"module": {"api_name": "Contacts"}}
    body = {"query": {**module, **query}}
    answer = api.post("bulk/read", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["data"][0]["details"]["id"])


def rows(api: Caller, job: str) -> list[dict[str, str]]:
    while (told := api.get(f"bulk/read/{job}").json()["data"][0])["state"] != "COMPLETED":
        pass
    answer = api.session.get(f"https://www.zohoapis.eu{told['result']['download_url']}")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        [name] = archive.namelist()
        text = archive.read(name).decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_states_of_a_job(api: Caller, zoho: PracticeZoho) -> None:
    zoho.control(bulk_looks=3)
    job = start(api)
    early = api.get(f"bulk/read/{job}/result")

    states = [api.get(f"bulk/read/{job}").json()["data"][0]["state"] for _ in range(4)]

    assert states == ["ADDED", "QUEUED", "IN PROGRESS", "COMPLETED"]
    assert problem(early) == (404, "RESOURCE_NOT_FOUND", {})


def test_file_holds_ids_of_lookups_and_moments_of_the_user(api: Caller) -> None:
    found = rows(api, start(api, fields=["Last_Name", "Account_Name", "Account_Name.Account_Name", "Modified_Time"]))
    listed = {row["id"]: row for row in api.get("Contacts", fields="Account_Name,Modified_Time").json()["data"]}

    assert list(found[0]) == ["Id", "Last_Name", "Account_Name", "Account_Name.Account_Name", "Modified_Time"]
    assert len(found) == 10
    for row in found:
        same = listed[row["Id"]]
        assert row["Account_Name"] == same["Account_Name"]["id"]
        assert row["Account_Name.Account_Name"] == same["Account_Name"]["name"]
        assert row["Modified_Time"] == same["Modified_Time"]


def test_all_fields_where_none_is_named(api: Caller) -> None:
    [first, *_] = rows(api, start(api))

    names = {f["api_name"] for f in api.get("settings/fields", module="Contacts").json()["fields"]}
    assert set(first) == {"Id", *names}


def test_criteria_and_views(api: Caller, zoho: PracticeZoho, clock: Clock) -> None:
    clock.forward(60)
    changed = zoho.create("Contacts", Last_Name="Late", Role="Sponsor")
    later = {"field": {"api_name": "Modified_Time"}, "comparator": "greater_than", "value": "2026-03-02T10:30:30+01:00"}
    views = api.get("settings/custom_views", module="Contacts").json()["custom_views"]
    with_role = next(view["id"] for view in views if view["name"] == "Skalin Contacts")

    assert [row["Id"] for row in rows(api, start(api, criteria=later, fields=["Last_Name"]))] == [changed]
    assert all(row["Role"] for row in rows(api, start(api, cvid=with_role, fields=["Role"])))
    grouped = {"group_operator": "and", "group": [later, {**later, "value": "2026-03-02T11:30:30+01:00"}]}
    assert rows(api, start(api, criteria=grouped)) == []


@pytest.mark.parametrize(("query", "status", "code"), [
    ({"module": {"api_name": "Notes"}}, 400, "MODULE_NOT_SUPPORTED"),
    ({"module": {"api_name": "X"}}, 400, "MODULE_NOT_AVAILABLE"),
    ({"fields": ["Nonsense"]}, 400, "FIELD_NOT_AVAILABLE"), ({"cvid": "1"}, 400, "INVALID_DATA"),
    ({"criteria": {"field": {"api_name": "Nonsense"}, "comparator": "equal", "value": "1"}}, 400, "INVALID_CRITERIA"),
    ({"page_token": "x"}, 400, "INVALID_DATA"),
])  # fmt: skip
def test_jobs_that_are_refused(api: Caller, query: dict[str, Any], status: int, code: str) -> None:
    answer = api.post("bulk/read", {"query": {"module": {"api_name": "Contacts"}, **query}})

    assert problem(answer)[:2] == (status, code)


def test_unknown_job(api: Caller) -> None:
    assert problem(api.get("bulk/read/1")) == (404, "RESOURCE_NOT_FOUND", {})


def test_ten_downloads_a_minute(api: Caller, clock: Clock) -> None:
    job = start(api, fields=["Last_Name"])
    rows(api, job)

    statuses = [api.get(f"bulk/read/{job}/result").status_code for _ in range(10)]
    clock.forward(61)

    assert statuses == [200] * 9 + [429]
    assert api.get(f"bulk/read/{job}/result").status_code == 200


def test_next_page_by_its_token(api: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_read, "PER_JOB", 4)
    jobs, query = [], {"module": {"api_name": "Contacts"}, "fields": ["Last_Name"]}
    while True:
        jobs.append(start(api, **query))
        rows(api, jobs[-1])
        result = api.get(f"bulk/read/{jobs[-1]}").json()["data"][0]["result"]
        if not result["more_records"]:
            break
        query = {"page_token": result["next_page_token"]}

    pages = [rows(api, job) for job in jobs]
    assert [len(page) for page in pages] == [4, 4, 2]
    assert len({row["Id"] for page in pages for row in page}) == 10
    assert "next_page_token" not in result


@needs_recordings
def test_meetings_as_a_calendar(api: Caller) -> None:
    meeting = {
        "Event_Title": "Plan; talk",
        "Start_DateTime": "2026-01-05T09:00:00+01:00",
        "End_DateTime": "2026-01-05T10:00:00+01:00",
    }
    [made] = api.add("Events", meeting)

    answer = api.post("bulk/read", load("recorded/v7doc_bulk_read_request_events.json"))
    job = answer.json()["data"][0]["details"]["id"]
    told = [api.get(f"bulk/read/{job}").json()["data"][0] for _ in range(2)][-1]
    with zipfile.ZipFile(io.BytesIO(api.get(f"bulk/read/{job}/result").content)) as archive:
        text = archive.read(f"{job}.ics").decode()
    wrong = api.post("bulk/read", {"query": {"module": {"api_name": "Contacts"}}, "file_type": "ics"})

    assert (answer.status_code, told["state"], told["file_type"]) == (201, "COMPLETED", "ics")
    assert f"UID:{made}\r\nDTSTART:20260105T080000Z\r\nDTEND:20260105T090000Z\r\nSUMMARY:Plan\\; talk\r\n" in text
    assert problem(wrong)[:2] == (400, "NOT_SUPPORTED_FEATURE")
