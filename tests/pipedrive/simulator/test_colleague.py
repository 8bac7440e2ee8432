"""A colleague's work in the app, through the control plane; and what the world holds."""

import time
from pathlib import Path

from integrations.rehearsal.practice_pipedrive import PracticePipedrive

from .caller import Caller


def test_a_colleague_writes_without_validation(call: Caller, practice: PracticePipedrive) -> None:
    made = practice.create("organization", name="", **{"Lifecycle stage": "Growth", "Modules": ["Reports", "Portal"]})

    found = call.data(f"/v2/organizations/{made}", include_option_labels="true")

    stage, modules = practice.key("organization", "Lifecycle stage"), practice.key("organization", "Modules")
    assert (found["name"], found["custom_fields"][stage]["label"]) == ("", "Growth")
    assert [one["label"] for one in found["custom_fields"][modules]] == ["Reports", "Portal"]
    assert found["update_time"] is not None


def test_stamps_move_with_edits_deletes_and_returns(call: Caller, practice: PracticePipedrive) -> None:
    practice.control(clock_offset=100)
    practice.edit("organization", "1", name="Edited")
    practice.delete("organization", "2")
    practice.delete("organization", "3")
    practice.undelete("organization", "3")

    delta = call.data("/v2/organizations", updated_since="2026-01-01T00:00:00Z")

    assert [row["id"] for row in delta] == [1, 3]
    assert {row["id"] for row in call.data("/v2/organizations")} == set(range(1, 11)) - {2}


def test_a_deal_is_won_in_the_app(call: Caller, practice: PracticePipedrive) -> None:
    deal = practice.create("deal", title="Deal", org_id=1)

    practice.edit("deal", deal, status="won")

    assert call.data(f"/v2/deals/{deal}")["won_time"] is not None
    assert call.data("/v2/organizations/1", include_fields="won_deals_count")["won_deals_count"] >= 1


def test_a_colleague_merges(call: Caller, practice: PracticePipedrive) -> None:
    practice.merge("organization", "1", "2", "3")

    assert {row["id"] for row in call.data("/v2/organizations")} == {1, *range(4, 11)}
    assert len(call.data("/v2/persons", org_id=1)) == 6


def test_somebody_leaves(call: Caller, practice: PracticePipedrive) -> None:
    practice.edit("user", "25455007", active_flag=False)

    assert call.data("/v1/users/25455007")["active_flag"] is False


def test_deleted_rows_are_purged_after_a_month(call: Caller, practice: PracticePipedrive) -> None:
    practice.delete("organization", "2")
    seen = [call("GET", "/v2/organizations/2").status_code]
    practice.control(clock_offset=31 * 86_400)
    seen.append(call("GET", "/v2/organizations/2").status_code)
    practice.control(purge_deleted=True)

    assert seen == [200, 404]
    assert practice.book.get("organization", 2, with_gone=True) is None


def test_the_world_comes_back_as_it_was(call: Caller, practice: PracticePipedrive) -> None:
    before = call.data("/v2/organizations/1")["name"]
    practice.edit("organization", "1", name="Changed")
    call.send("POST", "/v2/organizationFields", {"field_name": "More", "field_type": "text"})

    practice.control(reset_world=True)

    assert call.data("/v2/organizations/1")["name"] == before
    assert [f for f in call.data("/v2/organizationFields", limit=500) if f["field_name"] == "More"] == []


def test_an_account_keeps_what_its_file_holds(tmp_path: Path) -> None:
    with PracticePipedrive(tmp_path, accounts=2) as first:
        first.edit("organization", "1", name="Kept")

    with PracticePipedrive(tmp_path, accounts=2) as again:
        assert Caller(again).data("/v2/organizations/1")["name"] == "Kept"


def test_the_lifelike_world_holds_its_awkward_rows(ask: Caller) -> None:
    rows = {row["id"]: row for page in ask.pages("/v2/organizations", limit=500) for row in page}
    people = [row for page in ask.pages("/v2/persons", limit=500) for row in page]
    activities = [row for page in ask.pages("/v2/activities", limit=500) for row in page]

    assert (len(rows), len(people), len(activities)) == (420, 1309, 300)
    assert {"Bluefin Works", "株式会社ひまわり"} <= {row["name"] for row in rows.values()}
    assert any(person["org_id"] is None for person in people)
    assert any("@GMAIL" in e["value"].upper() for person in people for e in person["emails"])
    assert {row["type"] for row in activities} == {"call", "meeting", "email", "task"}
    assert any(not row["done"] for row in activities)


def test_ten_thousand_companies_are_there_in_seconds_and_read_in_milliseconds(tmp_path: Path) -> None:
    started = time.process_time()
    with PracticePipedrive(tmp_path, accounts=10_000, contacts_per=2) as account:
        filled = time.process_time() - started
        account.control(unlimited=True)
        caller, times = Caller(account), []
        for _ in range(3):
            begun = time.process_time()
            caller.get("/v2/organizations", limit=100)
            times.append(time.process_time() - begun)

        customers = sum(len(page) for page in caller.pages("/v2/organizations", filter_id=2, limit=500))

    assert filled < 15
    assert min(times) < 0.05
    assert 6_500 < customers < 7_600
