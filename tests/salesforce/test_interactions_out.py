from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pytest_django import Settings

from integrations.engine.records import Record
from integrations.rehearsal.practice import PracticeSalesforce
from integrations.salesforce.connector import SalesforceConnector
from integrations.salesforce.simulator import make_id
from integrations.sync.connector import Answer, How, Read, Send
from integrations.wire.errors import DryRun, Misconfigured, Transient

from .conftest import signed_in
from .reading_all import records_of
from .test_interactions import ACCOUNT, OTHER, PATHS, PERSON, email, task

WHEN = datetime(2026, 11, 5, 23, 30, tzinfo=UTC)


@pytest.fixture
def org(small_practice: Callable[..., PracticeSalesforce]) -> PracticeSalesforce:
    return small_practice(3, contacts_per=1)


@pytest.fixture
def connector(db: None, org: PracticeSalesforce) -> SalesforceConnector:
    return SalesforceConnector(signed_in(org))


CALL = Send(
    key="k1",
    values={
        "Subject": "Check-in", "Description": "All well", "ActivityDate": WHEN, "CallDurationInSeconds": 20, "CallType": True,
        "@contacts": (PERSON,), "@customer": ACCOUNT,
    },
)  # fmt: skip
MEETING = Send(
    values={
        "Subject": "Review", "Description": "Agenda", "StartDateTime": WHEN, "DurationInMinutes": 45, "@contacts": (PERSON,),
        "@customer": ACCOUNT,
    },
)  # fmt: skip
EMAIL = Send(
    values={
        "Subject": "Exports", "TextBody": "Soon", "MessageDate": WHEN, "Incoming": False, "@customer": ACCOUNT,
        "@participants": ("ada@one.example", "bob@one.example"),
    },
)  # fmt: skip
NOTE = Send(values={"Title": "Who decides", "Body": "Ada does.\n\nBob <signs>.", "@customer": ACCOUNT})


@pytest.mark.requirement("R55")
def test_call_becomes_a_closed_task(connector: SalesforceConnector, org: PracticeSalesforce) -> None:
    made = one_of(connector, "calls", CALL)

    [row] = org.query(
        "SELECT TaskSubtype, Status, IsClosed, ActivityDate, CallDurationInSeconds, CallType, WhoId, WhatId, AccountId FROM Task"
        f" WHERE Id = '{made}'"
    )
    assert (row["TaskSubtype"], row["Status"], row["IsClosed"]) == ("Call", "Completed", True)
    assert (row["ActivityDate"], row["CallDurationInSeconds"], row["CallType"]) == ("2026-11-05", 1200, "Inbound")
    assert (row["WhoId"], row["WhatId"], row["AccountId"]) == (PERSON, ACCOUNT, ACCOUNT)
    assert again(connector, "calls", made).values["CallDurationInSeconds"] == 20


@pytest.mark.requirement("C21")
@pytest.mark.parametrize(
    ("zone", "day"), [("Asia/Tokyo", "2026-11-06"), ("UTC", "2026-11-05"), ("America/New_York", "2026-11-05")]
)
def test_day_of_a_call_is_the_one_on_the_teams_clock(
    connector: SalesforceConnector, org: PracticeSalesforce, settings: Settings, zone: str, day: str
) -> None:
    settings.TIME_ZONE = zone
    made = one_of(connector, "calls", CALL)

    assert org.query(f"SELECT ActivityDate FROM Task WHERE Id = '{made}'")[0]["ActivityDate"] == day
    read = again(connector, "calls", made).values["ActivityDate"]
    assert isinstance(read, datetime)
    assert read.date().isoformat() == day


@pytest.mark.requirement("R55", "C21")
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "UTC", "America/New_York"])
def test_meeting_becomes_an_event_at_the_same_moment(
    connector: SalesforceConnector, org: PracticeSalesforce, settings: Settings, zone: str
) -> None:
    settings.TIME_ZONE = zone

    made = again(connector, "meetings", one_of(connector, "meetings", MEETING))

    assert {path: made.values[path] for path in MEETING.values if path != "@customer"} == {
        path: value for path, value in MEETING.values.items() if path != "@customer"
    }
    assert made.customer_ids == (ACCOUNT,)


def test_meeting_without_a_length_is_taken(connector: SalesforceConnector, org: PracticeSalesforce) -> None:
    made = one_of(connector, "meetings", Send(values={"Subject": "Short", "StartDateTime": WHEN, "@customer": ACCOUNT}))

    assert again(connector, "meetings", made).values["DurationInMinutes"] == 0


@pytest.mark.requirement("R55")
def test_email_becomes_a_message_and_comes_back_once(connector: SalesforceConnector, org: PracticeSalesforce) -> None:
    made = one_of(connector, "emails", EMAIL)

    [row] = org.query(f"SELECT Status, ToAddress, ActivityId FROM EmailMessage WHERE Id = '{made}'")
    assert (row["Status"], row["ToAddress"]) == ("3", "ada@one.example;bob@one.example")
    assert row["ActivityId"], "Salesforce puts a task beside it"
    found = records_of(connector, Read("emails", How.ALL, PATHS["emails"]))
    assert list(found) == [made]
    assert found[made].values["TextBody"] == "Soon"


def test_email_that_came_names_who_wrote_it(connector: SalesforceConnector, org: PracticeSalesforce) -> None:
    made = one_of(connector, "emails", Send(values={**EMAIL.values, "Incoming": True}))

    [row] = org.query(f"SELECT FromAddress, ToAddress, Status FROM EmailMessage WHERE Id = '{made}'")
    assert (row["FromAddress"], row["ToAddress"], row["Status"]) == ("ada@one.example", "bob@one.example", "1")


def test_without_messages_an_email_is_a_task(connector: SalesforceConnector, org: PracticeSalesforce) -> None:
    org.control(remove_objects=["EmailMessage"])

    made = one_of(connector, "emails", EMAIL)

    [row] = org.query(f"SELECT Subject, TaskSubtype, Description FROM Task WHERE Id = '{made}'")
    assert (row["Subject"], row["TaskSubtype"], row["Description"]) == ("Email: Exports", "Email", "Soon")
    assert again(connector, "emails", made).values["Subject"] == "Exports"


@pytest.mark.requirement("R55")
def test_note_becomes_a_document_on_its_account(connector: SalesforceConnector, org: PracticeSalesforce) -> None:
    org.forget_calls()
    made = one_of(connector, "notes", NOTE)

    assert org.calls() == {"sobjects": 1, "composite": 1}
    found = again(connector, "notes", made)
    assert (found.values["Title"], found.values["Body"]) == ("Who decides", "Ada does.\n\nBob <signs>.")
    assert found.customer_ids == (ACCOUNT,)


def test_note_without_a_title_is_called_by_its_first_line(connector: SalesforceConnector) -> None:
    made = one_of(connector, "notes", Send(values={"Title": None, "Body": "First\nSecond", "@customer": ACCOUNT}))

    assert again(connector, "notes", made).name == "First"


def test_without_documents_a_note_is_a_classic_one(connector: SalesforceConnector, org: PracticeSalesforce) -> None:
    org.control(remove_objects=["ContentNote", "ContentDocument", "ContentDocumentLink"])

    made = one_of(connector, "notes", NOTE)

    [row] = org.query(f"SELECT ParentId, Title, Body FROM Note WHERE Id = '{made}'")
    assert (row["ParentId"], row["Title"], row["Body"]) == (ACCOUNT, "Who decides", "Ada does.\n\nBob <signs>.")


def test_note_that_cannot_be_linked_leaves_nothing_behind(
    connector: SalesforceConnector, org: PracticeSalesforce
) -> None:
    nowhere = Send(values={**NOTE.values, "@customer": make_id("001", 999)})

    other, refused = connector.write("notes", [NOTE, nowhere])

    assert (other.answer, refused.answer, refused.code) == (Answer.BUSY, Answer.REFUSED, "INVALID_CROSS_REFERENCE_KEY")
    assert org.query("SELECT Id FROM ContentNote") == []


def test_wrong_record_is_refused_and_the_others_go_on(connector: SalesforceConnector, org: PracticeSalesforce) -> None:
    lost = Send(values={**CALL.values, "@contacts": (make_id("003", 999),)})
    third = Send(values={**CALL.values, "@customer": OTHER})

    first, second, last = connector.write("calls", [third, lost, CALL])

    assert [one.answer for one in (first, second, last)] == [Answer.DONE, Answer.REFUSED, Answer.DONE]
    assert (second.code, second.fields) == ("INVALID_CROSS_REFERENCE_KEY", ("WhoId",))
    assert again(connector, "calls", first.source_id).customer_ids == (OTHER,)
    assert again(connector, "calls", last.source_id).customer_ids == (ACCOUNT,)


def test_long_subject_is_cut_where_salesforce_ends_it(connector: SalesforceConnector) -> None:
    made = one_of(connector, "calls", Send(values={**CALL.values, "Subject": "x" * 300}))

    assert again(connector, "calls", made).values["Subject"] == "x" * 255


# --- Changing and deleting


def test_update_changes_what_was_sent_and_nothing_else(connector: SalesforceConnector, org: PracticeSalesforce) -> None:
    call = task(org, TaskSubtype="Call", Subject="Before", Description="Kept", CallType="Outbound")

    [answer] = connector.write("calls", [Send(source_id=call, values={"Subject": "After", "CallType": None})])

    values = again(connector, "calls", call).values
    assert answer.answer is Answer.DONE
    assert (values["Subject"], values["Description"], values["CallType"]) == ("After", "Kept", None)


def test_note_is_changed_where_it_stands(connector: SalesforceConnector, org: PracticeSalesforce) -> None:
    document = one_of(connector, "notes", NOTE)
    classic = org.create("Note", ParentId=ACCOUNT, Title="Paper", Body="x")
    comment = task(org, TaskSubtype="Task")
    sends = [
        Send(source_id=one, values={"Title": "New", "Body": "Other words"}) for one in (document, classic, comment)
    ]

    answers = connector.write("notes", sends)

    assert [one.answer for one in answers] == [Answer.DONE] * 3
    for one in (document, classic, comment):
        found = again(connector, "notes", one)
        assert (found.name, found.values["Body"]) == ("New", "Other words")


def test_message_that_was_sent_is_refused_without_a_call(
    connector: SalesforceConnector, org: PracticeSalesforce
) -> None:
    message = email(org)
    org.forget_calls()

    [answer] = connector.write("emails", [Send(source_id=message, values={"Subject": "Other"})])

    assert (answer.answer, answer.code) == (Answer.REFUSED, "EMAIL_WAS_SENT")
    assert not org.calls()


def test_record_that_is_gone_says_so(connector: SalesforceConnector, org: PracticeSalesforce) -> None:
    calls = [task(org, TaskSubtype="Call") for _ in range(2)]
    org.delete("Task", calls[0])

    changed = connector.write("calls", [Send(source_id=one, values={"Subject": "New"}) for one in calls])
    deleted = connector.write("calls", [Send(source_id=one, delete=True) for one in calls])

    assert [one.answer for one in changed] == [Answer.GONE, Answer.DONE]
    assert [one.answer for one in deleted] == [Answer.DONE, Answer.DONE], "gone is what it was meant to be"


# --- Safety


@pytest.mark.requirement("I2", "F5")
def test_create_whose_answer_was_lost_is_not_sent_again(
    connector: SalesforceConnector, org: PracticeSalesforce
) -> None:
    org.control(reset=1, kinds=["create_many"])

    with pytest.raises(Transient) as lost:
        connector.write("calls", [CALL])

    assert lost.value.sent
    assert connector.calls["create_many"] == 1


def test_preview_writes_nothing(connector: SalesforceConnector, org: PracticeSalesforce) -> None:
    guarded = SalesforceConnector(connector.connection, read_only=True)

    for kind, send in (("calls", CALL), ("meetings", MEETING), ("emails", EMAIL), ("notes", NOTE)):
        with pytest.raises(DryRun):
            guarded.write(kind, [send])


def test_two_hundred_go_by_one_call(connector: SalesforceConnector, org: PracticeSalesforce) -> None:
    org.forget_calls()

    answers = connector.write("calls", [CALL] * 200)

    assert {one.answer for one in answers} == {Answer.DONE}
    assert len({one.source_id for one in answers}) == 200
    assert org.calls() == {"create_many": 1}


def one_of(connector: SalesforceConnector, kind: str, send: Send) -> str:
    [answer] = connector.write(kind, [send])
    assert answer.answer is Answer.DONE, answer
    return answer.source_id


def again(connector: SalesforceConnector, kind: str, record_id: str) -> Record:
    return records_of(connector, Read(kind, How.BY_ID, PATHS[kind], ids=(record_id,)))[record_id]


@pytest.mark.requirement("R55", "I1")
@pytest.mark.parametrize(("data_type", "send", "obj"), [("calls", CALL, "Task"), ("meetings", MEETING, "Event")])
def test_our_key_stands_in_a_new_record_and_finds_it_again(
    connector: SalesforceConnector, org: PracticeSalesforce, data_type: str, send: Send, obj: str
) -> None:
    key_field = connector.create_key_field(data_type)

    [sent] = connector.write(data_type, [replace(send, key="ours-1")], key_field=key_field)

    assert connector.schema(data_type).get(key_field) is not None
    assert [row[key_field] for row in org.query(f"SELECT {key_field} FROM {obj} WHERE Id = '{sent.source_id}'")] == [
        "ours-1"
    ]
    assert connector.find_by_key(data_type, key_field, ["ours-1", "ours-2"]) == {"ours-1": sent.source_id}


@pytest.mark.parametrize(("data_type", "send", "obj"), [("calls", CALL, "Task"), ("meetings", MEETING, "Event")])
def test_key_field_that_is_gone_stops_before_an_activity_is_made(
    connector: SalesforceConnector, org: PracticeSalesforce, data_type: str, send: Send, obj: str
) -> None:
    before = len(org.query(f"SELECT Id FROM {obj}"))

    with pytest.raises(Misconfigured) as refused:
        connector.write(data_type, [replace(send, key="ours-1")], key_field="Skalin_Sync_Id__c")

    assert (refused.value.code, refused.value.fields) == ("KEY_FIELD_GONE", ("Skalin_Sync_Id__c",))
    assert len(org.query(f"SELECT Id FROM {obj}")) == before
