"""E-mails of a record, and notifications."""

from typing import Any

import pytest

from integrations.rehearsal.practice_zoho import PracticeZoho

from .caller import Caller, problem
from .conftest import Clock

AN_ACCOUNT, A_CONTACT = "4821730000001000001", "4821730000003000001"
MAIL = {
    "from": {"user_name": "Inès", "email": "ines.moreau@aldervale.example"},
    "to": [{"user_name": "Ada", "email": "ada@x.example"}],
    "subject": "Hello", "content": "<p>Text</p>", "date_time": "2026-01-05T09:00:00+01:00", "sent": True,
    "original_message_id": "m-1",
}  # fmt: skip


def log(api: Caller, record: str = f"Accounts/{AN_ACCOUNT}", **more: Any) -> Any:
    return api.post(f"{record}/actions/associate_email", {"Emails": [{**MAIL, **more}]})


def test_ten_at_a_time_newest_first(api: Caller) -> None:
    for number in range(21):
        log(
            api,
            original_message_id=f"m-{number}",
            date_time=f"2026-01-05T09:{number:02d}:00+01:00",
            subject=f"S{number}",
        )
    pages, index = [], None
    while True:
        answer = api.get(f"Accounts/{AN_ACCOUNT}/Emails", **({"index": index} if index else {})).json()
        pages.append([one["subject"] for one in answer["Emails"]])
        index = answer["info"]["next_index"]
        if not answer["info"]["more_records"]:
            break

    assert [len(page) for page in pages] == [10, 10, 1]
    assert [one for page in pages for one in page] == [f"S{n}" for n in range(20, -1, -1)]
    assert index is None


def test_text_comes_with_one_alone(api: Caller) -> None:
    message = log(api).json()["Emails"][0]["details"]["message_id"]

    [listed] = api.get(f"Accounts/{AN_ACCOUNT}/Emails").json()["Emails"]
    [whole] = api.get(f"Accounts/{AN_ACCOUNT}/Emails/{message}").json()["Emails"]

    assert "content" not in listed
    assert (whole["content"], whole["time"]) == ("<p>Text</p>", "2026-01-05T09:00:00+01:00")
    assert api.get(f"Accounts/{AN_ACCOUNT}/Emails/unknown").status_code == 204


def test_those_of_an_accounts_people_come_when_asked_for(api: Caller) -> None:
    log(api, f"Contacts/{A_CONTACT}")

    assert api.get(f"Accounts/{AN_ACCOUNT}/Emails").status_code == 204
    of_people = api.get(f"Accounts/{AN_ACCOUNT}/Emails", type="all_contacts_sent_crm_emails").json()
    assert of_people["info"]["count"] == 1
    assert api.get(f"Contacts/{A_CONTACT}/Emails", type="drafts").status_code == 204
    assert problem(api.get(f"Accounts/{AN_ACCOUNT}/Emails", type="nonsense"))[2] == {"param_name": "type"}


@pytest.mark.parametrize("name", ["from", "to", "subject", "date_time", "original_message_id"])
def test_mandatory_parts_of_a_mail(api: Caller, name: str) -> None:
    empty: dict[str, Any] = {name: None}

    answer = log(api, **empty)

    assert problem(answer) == (400, "MANDATORY_NOT_FOUND", {"api_name": name, "json_path": f"$.Emails[0].{name}"})


def test_a_mail_is_logged_once(api: Caller) -> None:
    log(api)

    assert problem(log(api))[:2] == (400, "DUPLICATE_DATA")
    assert log(api, f"Contacts/{A_CONTACT}").status_code == 200


def test_mails_of_records_that_are_not_there(api: Caller) -> None:
    assert problem(log(api, "Accounts/1")) == (400, "INVALID_DATA", {"resource_path_index": 1})
    assert problem(api.get("Tasks/1/Emails"))[:2] == (400, "INVALID_MODULE")


# --- Notifications ---------------------------------------------------------------------------------------------------
def watch(api: Caller, **more: Any) -> Any:
    channel = {
        "channel_id": "10000",
        "events": ["Accounts.all"],
        "notify_url": "https://hub.example/n",
        "token": "t",
        **more,
    }
    return api.post("actions/watch", {"watch": [channel]})


def told(zoho: PracticeZoho) -> list[tuple[str, str, list[str]]]:
    with zoho.store.transaction():
        notices = zoho.app.control.state()["notices"]
    return [(one["body"]["module"], one["body"]["operation"], one["body"]["ids"]) for one in reversed(notices)]


def test_every_kind_of_change_is_told_by_ids(api: Caller, zoho: PracticeZoho) -> None:
    watch(api)
    [first, second] = api.add("Accounts", {"Account_Name": "A"}, {"Account_Name": "B"})
    api.put(f"Accounts/{first}", {"data": [{"Phone": "1"}]})
    api.delete("Accounts", ids=second)
    zoho.edit("Accounts", first, Phone="2")
    api.add("Contacts", {"Last_Name": "Not watched"})

    assert told(zoho) == [
        ("Accounts", "insert", [first, second]), ("Accounts", "update", [first]), ("Accounts", "delete", [second]),
        ("Accounts", "update", [first]),
    ]  # fmt: skip


def test_channel_hears_only_what_it_asked_for(api: Caller, zoho: PracticeZoho) -> None:
    watch(api, events=["Accounts.delete", "Contacts.create"])
    zoho.edit("Accounts", AN_ACCOUNT, Phone="1")
    zoho.delete("Accounts", AN_ACCOUNT)
    made = zoho.create("Contacts", Last_Name="N")

    assert told(zoho) == [("Accounts", "delete", [AN_ACCOUNT]), ("Contacts", "insert", [made])]


@pytest.mark.parametrize(("wanted", "expiry"), [
    (None, "2026-03-02T11:30:00+01:00"), ("2026-03-05T09:30:00+01:00", "2026-03-05T09:30:00+01:00"),
    ("2026-03-09T10:30:00+01:00", "2026-03-09T10:30:00+01:00"),
    ("2026-03-09T10:31:00+01:00", "2026-03-02T11:30:00+01:00"),
])  # fmt: skip
def test_channels_last_a_week_at_most(api: Caller, wanted: str | None, expiry: str) -> None:
    answer = watch(api, channel_expiry=wanted)

    assert answer.json()["watch"][0]["details"]["events"][0]["channel_expiry"] == expiry


def test_ended_channel_is_silent_until_renewed(api: Caller, zoho: PracticeZoho, clock: Clock) -> None:
    watch(api)
    clock.forward(1800)
    week = {"watch": [{"channel_id": "10000", "channel_expiry": "2026-03-09T10:00:00+01:00", "token": "new"}]}
    renewed = api.call("PATCH", "actions/watch", json=week)
    clock.forward(3 * 86_400)
    zoho.edit("Accounts", AN_ACCOUNT, Phone="1")
    clock.forward(7 * 86_400)
    zoho.edit("Accounts", AN_ACCOUNT, Phone="2")

    assert renewed.json()["watch"][0]["message"] == "Successfully updated the subscribe details"
    assert told(zoho) == [("Accounts", "update", [AN_ACCOUNT])]
    late = Caller.signed_in(zoho).call("PATCH", "actions/watch", json=week)
    assert problem(late)[:2] == (400, "NOT_SUBSCRIBED")


def test_channels_are_listed_and_ended(api: Caller, zoho: PracticeZoho) -> None:
    watch(api, events=["Accounts.all", "Contacts.create"])

    listed = api.get("actions/watch").json()
    ended = api.delete("actions/watch", channel_ids="10000")
    zoho.edit("Accounts", AN_ACCOUNT, Phone="1")

    assert [(one["resource_name"], one["events"]) for one in listed["watch"]] == [
        ("Accounts", ["Accounts.all"]), ("Contacts", ["Contacts.create"]),
    ]  # fmt: skip
    assert [one["message"] for one in ended.json()["watch"]] == ["Successfully un-subscribed from actions-watch"] * 2
    assert told(zoho) == []
    assert api.get("actions/watch").status_code == 204
    assert problem(api.delete("actions/watch", channel_ids="10000"))[:2] == (400, "NOT_SUBSCRIBED")


@pytest.mark.parametrize(("more", "code", "name"), [
    ({"events": None}, "MANDATORY_NOT_FOUND", "events"), ({"notify_url": ""}, "MANDATORY_NOT_FOUND", "notify_url"),
    ({"events": ["Nonsense.all"]}, "INVALID_DATA", "events"), ({"events": ["Accounts.read"]}, "INVALID_DATA", "events"),
    ({"token": "x" * 51}, "INVALID_DATA", "token"), ({"channel_id": "abc"}, "INVALID_DATA", "channel_id"),
])  # fmt: skip
def test_channels_that_are_refused(api: Caller, more: dict[str, Any], code: str, name: str) -> None:
    status, told_code, details = problem(watch(api, **more))

    assert (status, told_code, details["api_name"]) == (400, code, name)


def test_deliveries_can_be_taken_over(api: Caller, zoho: PracticeZoho) -> None:
    calls: list[tuple[str, dict[str, Any]]] = []
    zoho.app.account_of.deliver = lambda url, body: calls.append((url, body))
    watch(api)

    zoho.edit("Accounts", AN_ACCOUNT, Phone="1")

    assert [(url, body["ids"], body["token"]) for url, body in calls] == [("https://hub.example/n", [AN_ACCOUNT], "t")]
