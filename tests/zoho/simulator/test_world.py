"""The made-up world in Zoho, and how fast it answers."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integrations.rehearsal.practice_zoho import PracticeZoho

from .caller import Caller, walk
from .conftest import Clock


def everything(api: Caller, module: str, fields: str) -> list[dict[str, Any]]:
    return [row for page in walk(api, module, fields=fields) for row in page]


def test_companies_of_every_kind(lively_api: Caller) -> None:
    names = (
        "Account_Name,Account_Type,Owner,CSM,Parent_Account,Annual_Spend,Markets,Lifecycle_Stage,Is_Strategic,Website"
    )

    rows = everything(lively_api, "Accounts", names)

    assert len(rows) == 420
    assert {row["Account_Type"] for row in rows} == {"Customer", "Reseller", "Prospect", "Other", "Partner"}
    assert any(row["Parent_Account"] and row["Parent_Account"]["id"] == row["id"] for row in rows)
    assert any(row["CSM"] for row in rows)
    assert {type(row["Annual_Spend"]) for row in rows} == {float, type(None)}
    assert any(row["Markets"] == ["EMEA", "APAC"] for row in rows)
    assert "Étoile & Fils «Traiteur» 🥐" in {row["Account_Name"] for row in rows}
    assert "W" * 255 in {row["Account_Name"] for row in rows}


def test_people_with_and_without_a_company(lively_api: Caller) -> None:
    rows = everything(lively_api, "Contacts", "Last_Name,Email,Account_Name,Role")

    assert {None} < {row["Role"] for row in rows}
    assert [row["Last_Name"] for row in rows if row["Account_Name"] is None] == ["Person", "Agent"]


def test_won_and_open_deals_with_their_terms(lively_api: Caller) -> None:
    rows = everything(
        lively_api, "Deals", "Stage,Amount,Account_Name,Contract_Start,Term_Months,Plan,Pipeline,Contract_Ref"
    )

    won = [row for row in rows if row["Stage"] == "Closed Won"]
    assert {row["Pipeline"] for row in rows} == {"Standard (Standard)"}
    assert 0 < len(won) < len(rows)
    assert all(row["Contract_Ref"] and row["Contract_Start"] and row["Term_Months"] for row in won)
    assert len(everything(lively_api, "Subscriptions", "Name")) == len(won)


def test_activities_belong_to_accounts(lively_api: Caller, lively: PracticeZoho) -> None:
    for module in ("Calls", "Events", "Tasks"):
        rows = everything(lively_api, module, "What_Id,Who_Id,$se_module,Owner")
        assert rows
        assert {row["$se_module"] for row in rows} == {"Accounts"}
        assert all(row["What_Id"] and row["Owner"] for row in rows)
    assert all(row["Parent_Id"] for row in everything(lively_api, "Notes", "Parent_Id"))
    with lively.store.transaction():
        mails = lively.store.find("_email")
    assert {mail.body["module"] for mail in mails} == {"Accounts", "Contacts"}


def test_practice_file_is_kept(tmp_path: Path, clock: Clock) -> None:
    with PracticeZoho(tmp_path, accounts=2, contacts_per=1, clock=clock) as first:
        made = first.create("Accounts", Account_Name="Kept")
    with PracticeZoho(tmp_path, accounts=2, contacts_per=1, clock=clock) as second:
        rows = Caller.signed_in(second).get("Accounts", fields="Account_Name").json()["data"]

    assert rows[0]["id"] == made
    assert len(rows) == 3


# --- Ten thousand companies ------------------------------------------------------------------------------------------
NAMES = "Account_Name,Owner,CSM,Parent_Account,Account_Type,Website,Markets,Renewal_Date,Annual_Spend,Modified_Time"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    started = time.process_time()
    with PracticeZoho(tmp_path_factory.mktemp("many"), accounts=10_000, contacts_per=2) as practice:
        assert time.process_time() - started < 10
        practice.control(unlimited=True)
        yield Caller.signed_in(practice)


@pytest.mark.parametrize("query", [
    {}, {"sort_by": "Modified_Time", "sort_order": "asc"}, {"sort_by": "Created_Time"}, {"page": 15},
])  # fmt: skip
def test_page_of_a_hundred_takes_milliseconds(many: Caller, query: dict[str, Any]) -> None:
    many.get("Accounts", fields=NAMES, per_page=100, **query)

    def took() -> float:
        started = time.process_time()
        assert many.get("Accounts", fields=NAMES, per_page=100, **query).status_code == 200
        return time.process_time() - started

    assert min(took() for _ in range(5)) < 0.01


@pytest.mark.parametrize("query", [{}, {"sort_by": "Modified_Time"}])
def test_page_takes_the_same_statements_whatever_its_size(many: Caller, query: dict[str, Any]) -> None:
    book = many.zoho.store

    def statements(size: int) -> int:
        seen: list[str] = []
        book._db.set_trace_callback(seen.append)
        many.get("Accounts", fields=NAMES, per_page=size, **query)
        book._db.set_trace_callback(None)
        return len(seen)

    statements(2)
    assert statements(10) == statements(200)
    assert statements(200) < 40


def test_related_list_and_unique_field_do_not_read_the_whole_module(many: Caller) -> None:
    account = "4821730000001005000"
    body = {"data": [{"Account_Name": f"New {n}", "External_Key": f"K-{n}"} for n in range(100)]}

    started = time.process_time()
    many.get(f"Accounts/{account}/Contacts", fields="Last_Name")
    answer = many.post("Accounts/upsert", {**body, "duplicate_check_fields": ["External_Key"]})
    again = many.post("Accounts/upsert", {**body, "duplicate_check_fields": ["External_Key"]})

    assert time.process_time() - started < 0.5
    assert {one["action"] for one in answer.json()["data"]} == {"insert"}
    assert {one["action"] for one in again.json()["data"]} == {"update"}
