"""Deltas, deletions, merges: what moves a stamp, what does not, and what is never told."""

import pytest

from integrations.rehearsal.practice_zoho import PracticeZoho

from .caller import Caller, problem, walk
from .conftest import Clock

LATER = "2026-03-02T10:30:00+01:00"
AN_ACCOUNT, ANOTHER, A_THIRD = (f"482173000000100000{n}" for n in (1, 2, 3))


def changed(api: Caller, since: str, module: str = "Accounts") -> list[str]:
    answer = api.get(
        module, fields="id", headers={"If-Modified-Since": since}, sort_by="Modified_Time", sort_order="asc"
    )
    return [row["id"] for row in answer.json()["data"]] if answer.status_code == 200 else []


def test_quiet_delta_is_304_without_a_body(api: Caller) -> None:
    answer = api.get("Accounts", fields="id", headers={"If-Modified-Since": LATER})

    assert (answer.status_code, answer.content) == (304, b"")


def test_delta_is_strict_to_the_second(api: Caller, zoho: PracticeZoho) -> None:
    zoho.edit("Accounts", AN_ACCOUNT, Phone="1")

    assert changed(api, "2026-03-02T10:29:59+01:00") == [AN_ACCOUNT]
    assert changed(api, LATER) == []
    # The same moment, said from another place.
    assert changed(api, "2026-03-02T09:29:59+00:00") == [AN_ACCOUNT]


def test_equal_stamps_are_paged_without_a_loss(api: Caller, zoho: PracticeZoho) -> None:
    made = [zoho.create("Contacts", Last_Name=f"N{n}") for n in range(7)]
    since = {"If-Modified-Since": "2026-03-02T10:29:00+01:00"}

    pages = walk(api, "Contacts", headers=since, fields="id", per_page=3, sort_by="Modified_Time", sort_order="asc")

    assert [row["id"] for page in pages for row in page] == made


def test_token_of_a_delta_needs_its_header(api: Caller, zoho: PracticeZoho) -> None:
    for number in range(3):
        zoho.create("Contacts", Last_Name=f"N{number}")
    since = {"If-Modified-Since": "2026-03-02T10:29:00+01:00"}
    token = api.get("Contacts", fields="id", per_page=2, headers=since).json()["info"]["next_page_token"]

    without = problem(api.get("Contacts", fields="id", per_page=2, page_token=token))

    assert without[1] == "TOKEN_BOUND_DATA_MISMATCH"


def test_single_record_that_has_not_changed(api: Caller, zoho: PracticeZoho) -> None:
    since = {"If-Modified-Since": "2026-03-02T10:29:00+01:00"}
    before = api.get(f"Accounts/{AN_ACCOUNT}", headers=since)
    zoho.edit("Accounts", AN_ACCOUNT, Phone="1")

    assert (before.status_code, before.content) == (304, b"")
    assert api.get(f"Accounts/{AN_ACCOUNT}", headers=since).status_code == 200


def test_header_that_is_no_moment(api: Caller) -> None:
    assert problem(api.get("Accounts", fields="id", headers={"If-Modified-Since": "yesterday"}))[:2] == (
        400,
        "INVALID_DATA",
    )


def test_a_renamed_company_does_not_move_its_people(api: Caller, zoho: PracticeZoho, clock: Clock) -> None:
    [before] = api.get(f"Accounts/{AN_ACCOUNT}/Contacts", fields="Modified_Time,Account_Name", per_page=1).json()[
        "data"
    ]
    clock.forward(60)

    zoho.edit("Accounts", AN_ACCOUNT, Account_Name="Renamed")

    [after] = api.get("Contacts", fields="Modified_Time,Account_Name", ids=before["id"]).json()["data"]
    assert after["Account_Name"]["name"] == "Renamed"
    assert after["Modified_Time"] == before["Modified_Time"]


def test_deleted_records_leave_lists_and_stand_among_the_deleted(api: Caller, zoho: PracticeZoho) -> None:
    zoho.delete("Accounts", AN_ACCOUNT)

    [gone] = api.get("Accounts/deleted", type="all").json()["data"]
    contacts = api.get("Contacts", fields="Account_Name", sort_by="id", sort_order="asc", per_page=1).json()["data"]

    assert (gone["id"], gone["type"], gone["deleted_time"]) == (AN_ACCOUNT, "recycle", LATER)
    assert gone["deleted_by"]["name"] == "Inès Moreau"
    assert AN_ACCOUNT not in [row["id"] for row in api.get("Accounts", fields="id").json()["data"]]
    assert contacts[0]["Account_Name"] is None
    assert changed(api, "2026-03-02T10:29:00+01:00") == []


def test_deleted_since(api: Caller, zoho: PracticeZoho, clock: Clock) -> None:
    zoho.delete("Accounts", AN_ACCOUNT)
    clock.forward(60)
    zoho.delete("Accounts", ANOTHER)

    def since(moment: str) -> list[str]:
        answer = api.get("Accounts/deleted", type="all", headers={"If-Modified-Since": moment})
        return [one["id"] for one in answer.json()["data"]] if answer.status_code == 200 else [str(answer.status_code)]

    assert since(LATER) == [ANOTHER]
    assert since("2026-03-02T10:31:00+01:00") == ["304"]
    assert api.get("Contacts/deleted").status_code == 204


def test_deleted_by_pages(api: Caller, zoho: PracticeZoho) -> None:
    for number in (1, 2, 3):
        zoho.delete("Accounts", f"482173000000100000{number}")

    first = api.get("Accounts/deleted", per_page=2).json()
    second = api.get("Accounts/deleted", per_page=2, page=2).json()

    assert (len(first["data"]), first["info"]["more_records"]) == (2, True)
    assert (len(second["data"]), second["info"]["more_records"]) == (1, False)


@pytest.mark.parametrize(("days", "types"), [(59, ["recycle"]), (61, ["permanent"]), (121, [])])
def test_how_long_a_deletion_is_remembered(zoho: PracticeZoho, clock: Clock, days: int, types: list[str]) -> None:
    zoho.delete("Accounts", AN_ACCOUNT)
    clock.forward(days * 86_400)

    answer = Caller.signed_in(zoho).get("Accounts/deleted", type="all")

    assert [one["type"] for one in (answer.json()["data"] if answer.status_code == 200 else [])] == types


def test_kinds_of_deletion(api: Caller, zoho: PracticeZoho) -> None:
    zoho.delete("Accounts", AN_ACCOUNT)
    zoho.control(empty_bin=["Accounts"])
    zoho.delete("Accounts", ANOTHER)

    def of(kind: str) -> list[str]:
        return [one["id"] for one in api.get("Accounts/deleted", type=kind).json()["data"]]

    assert of("recycle") == [ANOTHER]
    assert of("permanent") == [AN_ACCOUNT]
    wrong = problem(api.get("Accounts/deleted", type="x"))
    assert wrong == (400, "PATTERN_NOT_MATCHED", {"param_name": "type"})


def test_a_restored_record_comes_back_with_its_old_stamp(api: Caller, zoho: PracticeZoho, clock: Clock) -> None:
    before = api.get(f"Accounts/{AN_ACCOUNT}").json()["data"][0]["Modified_Time"]
    zoho.delete("Accounts", AN_ACCOUNT)
    clock.forward(60)

    zoho.undelete("Accounts", AN_ACCOUNT)

    assert api.get(f"Accounts/{AN_ACCOUNT}").json()["data"][0]["Modified_Time"] == before
    assert changed(api, "2026-03-02T10:00:00+01:00") == []
    assert api.get("Accounts/deleted").status_code == 204


def test_merging_moves_what_pointed_to_the_loser(api: Caller, zoho: PracticeZoho, clock: Clock) -> None:
    [note] = api.add("Notes", {"Note_Content": "n", "Parent_Id": {"id": ANOTHER, "module": {"api_name": "Accounts"}}})
    clock.forward(60)
    body = {"merge": [{"data": [{"id": ANOTHER, "_fields": [{"api_name": "Phone"}]}]}]}
    phone = api.get(f"Accounts/{ANOTHER}").json()["data"][0]["Phone"]

    answer = api.post(f"Accounts/{AN_ACCOUNT}/actions/merge", body)

    assert answer.json()["merge"][0]["details"] == {"id": AN_ACCOUNT}
    assert answer.json()["merge"][0]["message"] == "The records have been merged successfully"
    assert api.get(f"Accounts/{AN_ACCOUNT}/Contacts", fields="id").json()["info"]["count"] == 4
    assert api.get(f"Notes/{note}").json()["data"][0]["Parent_Id"]["id"] == AN_ACCOUNT
    assert api.get(f"Accounts/{AN_ACCOUNT}").json()["data"][0]["Phone"] == phone
    assert [one["id"] for one in api.get("Accounts/deleted").json()["data"]] == [ANOTHER]
    # Only the master has changed: nothing else tells where the loser went.
    assert changed(api, "2026-03-02T10:30:30+01:00") == [AN_ACCOUNT]
    assert changed(api, "2026-03-02T10:30:30+01:00", "Contacts") == []


def test_merging_by_a_colleague(api: Caller, zoho: PracticeZoho) -> None:
    zoho.merge("Accounts", AN_ACCOUNT, ANOTHER, A_THIRD)

    assert api.get(f"Accounts/{AN_ACCOUNT}/Contacts", fields="id").json()["info"]["count"] == 6
    assert {one["id"] for one in api.get("Accounts/deleted").json()["data"]} == {ANOTHER, A_THIRD}


@pytest.mark.parametrize(("data", "code"), [
    ([], "MANDATORY_NOT_FOUND"), ([{"id": ANOTHER}] * 3, "INVALID_DATA"), ([{"id": AN_ACCOUNT}], "DUPLICATE_DATA"),
    ([{"id": ANOTHER}, {"id": ANOTHER}], "DUPLICATE_DATA"), ([{}], "MANDATORY_NOT_FOUND"),
    ([{"id": "4821730000099999999"}], "INVALID_DATA"),
])  # fmt: skip
def test_merges_that_are_refused(api: Caller, data: list[dict[str, str]], code: str) -> None:
    answer = problem(api.post(f"Accounts/{AN_ACCOUNT}/actions/merge", {"merge": [{"data": data}]}))

    assert answer[:2] == (400, code)
