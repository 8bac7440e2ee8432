"""Bulk reads: jobs, states, files."""

import csv
import io
import zipfile
from typing import Any

import pytest

from integrations.rehearsal.practice_zoho import PracticeZoho

from .caller import Caller, problem
from .conftest import Clock


def start(api: Caller, **query: Any) -> str:
    body = {"query": {"module": {"api_name": "Contacts"}, **query}}
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
    ({"module": {"api_name": "Notes"}}, 400, "MODULE_NOT_SUPPORTED"), ({"module": {"api_name": "X"}}, 400, "MODULE_NOT_AVAILABLE"),
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
