import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.engine.plain_text import of_html, to_html
from integrations.engine.records import Record
from integrations.rehearsal.practice import PracticeSalesforce
from integrations.salesforce.connector import SalesforceConnector
from integrations.salesforce.simulator import make_id, stamp, writes
from integrations.sync.connector import How, Read
from integrations.sync.models import Block

from .conftest import signed_in
from .reading_all import ids_of, pages_of
from .reading_all import records_of as read_all

PATHS = {
    "calls": ("Id", "Subject", "Description", "ActivityDate", "CallDurationInSeconds", "CallType", "@contacts"),
    "meetings": ("Id", "Subject", "Description", "StartDateTime", "DurationInMinutes", "@contacts"),
    "emails": ("Id", "Subject", "TextBody", "MessageDate", "Incoming", "@participants", "@contacts"),
    "notes": ("Id", "Title", "Body", "CreatedDate", "@contacts"),
}
ACCOUNT, OTHER, PERSON = make_id("001", 1), make_id("001", 2), make_id("003", 1)


def now() -> datetime:
    """Asked when it is needed: the tests begin long after this file was imported."""
    return datetime.now(UTC)


@pytest.fixture
def org(small_practice: Callable[..., PracticeSalesforce]) -> PracticeSalesforce:
    return small_practice(3, contacts_per=1)


@pytest.fixture
def connector(db: None, org: PracticeSalesforce) -> SalesforceConnector:
    return SalesforceConnector(signed_in(org))


# --- Each type in


@pytest.mark.requirement("R1", "R53", "R54")
def test_closed_calls_come_in_and_no_other_task(connector: SalesforceConnector, org: PracticeSalesforce) -> None:
    call = task(org, TaskSubtype="Call", Subject="Check-in", Description="All well", CallDurationInSeconds=610,
                CallType="Inbound", WhoId=PERSON)  # fmt: skip
    task(org, TaskSubtype="Call", Status="Not Started", IsClosed=0)
    task(org, TaskSubtype="Task")
    task(org, TaskSubtype="Call", AccountId=None, WhatId=None)

    found = read(connector, "calls")

    assert set(found) == {call}
    values = found[call].values
    assert (values["Subject"], values["Description"], values["CallDurationInSeconds"]) == ("Check-in", "All well", 11)
    assert (values["CallType"], values["@contacts"]) == (True, (PERSON,))
    assert found[call].customer_ids == (ACCOUNT,)


@pytest.mark.requirement("R1", "R53")
def test_meetings_come_in_once_whoever_was_invited(connector: SalesforceConnector, org: PracticeSalesforce) -> None:
    meeting = event(org, Subject="Kick-off", StartDateTime="2026-05-06T09:00:00.000+0000", DurationInMinutes=45)
    event(org, Subject="Kick-off", IsChild=1)
    event(org, Subject="Weekly", IsRecurrence=1)

    found = read(connector, "meetings")

    assert set(found) == {meeting}
    values = found[meeting].values
    assert values["StartDateTime"] == datetime(2026, 5, 6, 9, tzinfo=UTC)
    assert values["DurationInMinutes"] == 45


def test_meeting_of_a_whole_day_is_on_that_day_everywhere(
    connector: SalesforceConnector, org: PracticeSalesforce, settings: Any
) -> None:
    settings.TIME_ZONE = "America/Los_Angeles"
    day = event(org, StartDateTime="2026-05-06T00:00:00.000+0000", ActivityDate="2026-05-06", IsAllDayEvent=1)

    starts = read(connector, "meetings")[day].values["StartDateTime"]

    assert isinstance(starts, datetime)
    assert starts.isoformat() == "2026-05-06T12:00:00-07:00"


@pytest.mark.requirement("R53")
@pytest.mark.parametrize(
    ("completed", "expected"),
    [
        ("2026-05-06T14:20:00.000+0000", "2026-05-06T14:20:00+00:00"),
        # Ticked off three days later: only the day is known.
        ("2026-05-09T08:00:00.000+0000", "2026-05-06T12:00:00+00:00"),
    ],
)
def test_call_is_when_it_was_closed_if_that_was_on_its_day(
    connector: SalesforceConnector, org: PracticeSalesforce, completed: str, expected: str
) -> None:
    call = task(org, TaskSubtype="Call", ActivityDate="2026-05-06", CompletedDateTime=completed)

    when = read(connector, "calls")[call].values["ActivityDate"]

    assert isinstance(when, datetime)
    assert when.isoformat() == expected


@pytest.mark.requirement("R53")
def test_email_that_salesforce_keeps_twice_is_taken_once(
    connector: SalesforceConnector, org: PracticeSalesforce
) -> None:
    twin = task(org, TaskSubtype="Email", Subject="Email: Exports", WhoId=PERSON)
    message = email(org, ActivityId=twin, Subject="Exports", HtmlBody="<p>Dear Ada,</p><p>soon &amp; gladly</p>",
                    FromAddress="Us@team.example", ToAddress="ada@one.example; Bob@one.example")  # fmt: skip
    logged = task(org, TaskSubtype="Email", Subject="Email: Before", Description="Old words")

    found = read(connector, "emails")

    assert set(found) == {message, logged}
    assert found[message].values["TextBody"] == "Dear Ada,\nsoon & gladly"
    assert found[message].values["@contacts"] == (PERSON,)
    assert found[message].values["@participants"] == ("us@team.example", "ada@one.example", "bob@one.example")
    assert (found[logged].values["Subject"], found[logged].values["TextBody"]) == ("Before", "Old words")
    assert connector.count("emails").total == 2


def test_email_of_an_opportunity_hangs_on_its_account(connector: SalesforceConnector, org: PracticeSalesforce) -> None:
    deal = org.create("Opportunity", Name="Plan", StageName="Prospecting", CloseDate="2027-01-01", AccountId=ACCOUNT)
    twin = task(org, TaskSubtype="Email", WhatId=deal, AccountId=ACCOUNT)
    message = email(org, ActivityId=twin, RelatedToId=deal)

    found = read(connector, "emails")

    assert {one: record.customer_ids for one, record in found.items()} == {message: (ACCOUNT,)}
    assert connector.count("emails").total == 1


def test_without_messages_of_their_own_emails_are_their_tasks(
    connector: SalesforceConnector, org: PracticeSalesforce
) -> None:
    org.control(remove_objects=["EmailMessage"])
    logged = task(org, TaskSubtype="Email", Subject="Email: Before")

    assert set(read(connector, "emails")) == {logged}
    assert connector.schema("emails").get("TextBody") is not None
    assert connector.count("emails").total == 1


def test_draft_stays_outside(connector: SalesforceConnector, org: PracticeSalesforce) -> None:
    draft = email(org, Status="5")

    assert read(connector, "emails") == {}
    assert not read(connector, "emails", How.CHANGED)[draft].is_inside


@pytest.mark.requirement("R1", "R53")
def test_notes_of_all_three_kinds_come_in(connector: SalesforceConnector, org: PracticeSalesforce) -> None:
    classic = org.create("Note", ParentId=ACCOUNT, Title="Paper", Body="First\nSecond")
    long = document(org, "Long", "<p>Line one</p><p>Line &lt;two&gt;</p>", ACCOUNT, PERSON)
    short = document(org, "Short", "<p>Brief</p>", ACCOUNT)
    comment = task(org, TaskSubtype="Task", Subject="Offer sent", Description="By post")
    document(org, "Nobody's", "<p>x</p>")
    org.create("Note", ParentId=ACCOUNT, Title="Mine alone", IsPrivate=1)
    org.forget_calls()

    found = read(connector, "notes")

    assert {one: (record.name, record.values["Body"]) for one, record in found.items()} == {
        classic: ("Paper", "First\nSecond"),
        long: ("Long", "Line one\nLine <two>"),
        short: ("Short", "Brief"),
        comment: ("Offer sent", "By post"),
    }
    assert found[long].values["@contacts"] == (PERSON,)
    assert all(record.customer_ids == (ACCOUNT,) for record in found.values())
    assert org.calls()["content"] == 1, "a short note is whole in its preview"
    assert connector.count("notes").total == 4


def test_organisation_without_notes_of_its_own(connector: SalesforceConnector, org: PracticeSalesforce) -> None:
    org.control(remove_objects=["ContentNote", "Note"])
    comment = task(org, TaskSubtype="Task")

    assert set(read(connector, "notes")) == {comment}


# --- Which of them


@pytest.mark.requirement("R54")
def test_archived_activities_are_taken_and_deleted_ones_are_not(
    connector: SalesforceConnector, org: PracticeSalesforce
) -> None:
    old = task(org, TaskSubtype="Call", IsArchived=1)
    org.delete("Task", task(org, TaskSubtype="Call"))

    assert set(read(connector, "calls")) == {old}
    assert connector.count("calls").total == 1
    assert set(read(connector, "calls", How.BY_ID, ids=(old,))) == {old}


def test_only_what_was_logged_since_the_first_day_is_read(
    connector: SalesforceConnector, org: PracticeSalesforce
) -> None:
    Block.objects.create(connection=connector.connection, object="calls", settings={"since_months": 3})
    recent, ancient = (task(org, TaskSubtype="Call") for _ in range(2))
    backdate(org, "Task", ancient, now() - timedelta(days=150))

    assert set(read(connector, "calls")) == {recent}
    Block.objects.update(settings={"since_months": 0})
    assert set(read(SalesforceConnector(connector.connection), "calls")) == {recent, ancient}


@pytest.mark.parametrize("view", ["Name != 'x'", "Id IN (SELECT AccountId FROM Contact WHERE LastName != 'x')"])
def test_only_customers_in_scope_bring_theirs(
    connector: SalesforceConnector, org: PracticeSalesforce, view: str
) -> None:
    scope_of(connector, org, f"{view} AND Id != '{OTHER}'")
    inside = [task(org, TaskSubtype="Call"), task(org, TaskSubtype="Task"), email(org)]
    inside.append(document(org, "In", "<p>x</p>", ACCOUNT))
    for outside in ({"TaskSubtype": "Call"}, {"TaskSubtype": "Task"}, {"TaskSubtype": "Email"}):
        task(org, WhatId=OTHER, AccountId=OTHER, **outside)
    email(org, RelatedToId=OTHER)
    document(org, "Out", "<p>x</p>", OTHER)

    for how in (How.ALL, How.IDS):
        assert {one for kind in PATHS for one in listed(connector, kind, how)} == set(inside)
    assert sum(connector.count(kind).total for kind in PATHS) == len(inside)


def test_customer_that_enters_brings_what_hangs_on_it(connector: SalesforceConnector, org: PracticeSalesforce) -> None:
    theirs = {
        "calls": task(org, TaskSubtype="Call", WhatId=OTHER, AccountId=OTHER),
        "meetings": event(org, WhatId=OTHER, AccountId=OTHER),
        "emails": email(org, RelatedToId=OTHER),
        "notes": document(org, "Theirs", "<p>x</p>", OTHER),
    }
    task(org, TaskSubtype="Call")
    event(org)

    for kind, one in theirs.items():
        assert set(read(connector, kind, How.DEPENDENTS, ids=(OTHER,))) == {one}


# --- What changed


def test_only_what_changed_is_read_again(connector: SalesforceConnector, org: PracticeSalesforce) -> None:
    stale = [task(org, TaskSubtype="Call"), event(org), email(org), document(org, "Old", "<p>x</p>", ACCOUNT)]
    for obj, one in zip(("Task", "Event", "EmailMessage", "ContentNote"), stale, strict=True):
        backdate(org, obj, one, now() - timedelta(days=9))
    fresh = {
        "calls": task(org, TaskSubtype="Call"),
        "meetings": event(org),
        "emails": email(org),
        "notes": document(org, "New", "<p>x</p>", ACCOUNT),
    }

    for kind, one in fresh.items():
        assert set(read(connector, kind, How.CHANGED)) == {one}


def test_call_that_is_open_again_says_so(connector: SalesforceConnector, org: PracticeSalesforce) -> None:
    call = task(org, TaskSubtype="Call")
    org.edit("Task", call, Status="In Progress", IsClosed=0)

    assert not read(connector, "calls", How.CHANGED)[call].is_inside
    assert read(connector, "calls") == {}


@pytest.mark.parametrize(
    ("kind", "obj"),
    [("calls", "Task"), ("meetings", "Event"), ("emails", "EmailMessage"), ("notes", "ContentNote"), ("notes", "Note")],
)
def test_deletes_are_seen_by_time_and_by_name(
    connector: SalesforceConnector, org: PracticeSalesforce, kind: str, obj: str
) -> None:
    one = {
        "Task": lambda: task(org, TaskSubtype="Call"),
        "Event": lambda: event(org),
        "EmailMessage": lambda: email(org),
        "ContentNote": lambda: document(org, "Note", "<p>x</p>", ACCOUNT),
        "Note": lambda: org.create("Note", ParentId=ACCOUNT, Title="Paper"),
    }[obj]()
    org.delete(obj, one)
    since, until = now() - timedelta(days=2), now() + timedelta(minutes=5)

    [page] = pages_of(connector, Read(kind, How.DELETED, since=since, until=until))
    [named] = pages_of(connector, Read(kind, How.DELETED, ids=(one,)))

    assert one in {gone.source_id for gone in page.gone}
    assert page.covered_until is not None
    assert [gone.source_id for gone in named.gone] == [one]
    assert read(connector, kind, How.BY_ID, ids=(one,)) == {}


# --- Calls of the API


def test_sync_without_changes_costs_few_calls(connector: SalesforceConnector, org: PracticeSalesforce) -> None:
    org.forget_calls()
    since, until = now() - timedelta(minutes=15), now() + timedelta(minutes=5)
    for kind in PATHS:
        read(connector, kind, How.CHANGED, since=now() + timedelta(minutes=1), until=until)
        list(pages_of(connector, Read(kind, How.DELETED, since=since, until=until)))

    # One question for changes and one for deletions for each object; tasks that went are asked for once.
    assert org.calls() == {"sobjects": 1, "query": 3, "query_all": 4, "deleted": 5}


def test_long_list_is_read_page_by_page(connector: SalesforceConnector, org: PracticeSalesforce) -> None:
    many_calls(org, 2101)

    pages = list(pages_of(connector, Read("calls", How.ALL, PATHS["calls"])))

    assert [len(page.records) for page in pages] == [1000, 1000, 101], "comments are long text: half a page"
    assert sum(org.calls().values()) == 3


@pytest.mark.parametrize("object_name", ["calls", "emails"])
def test_very_long_list_comes_by_a_bulk_job_with_the_same_values(
    connector: SalesforceConnector, org: PracticeSalesforce, monkeypatch: pytest.MonkeyPatch, object_name: str
) -> None:
    many_calls(org, 1500, "Call" if object_name == "calls" else "Email")
    by_query = read(connector, object_name)
    monkeypatch.setattr("integrations.salesforce.interactions.reading.BULK_FROM", 1000)
    monkeypatch.setattr("integrations.salesforce.interactions.bulk.BULK_ROWS", 700)
    org.forget_calls()

    pages = list(pages_of(connector, Read(object_name, How.ALL, PATHS[object_name])))

    # The first page of the query told the total; the job brings everything once more.
    assert {record.source_id: record for page in pages[-3:] for record in page.records} == by_query
    assert org.calls()["bulk"] >= 5


def test_many_notes_are_read_some_at_a_time(
    connector: SalesforceConnector, org: PracticeSalesforce, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.salesforce.interactions.notes.AT_ONCE", 2)
    notes = {document(org, f"Note {number}", "<p>a</p><p>b</p>", ACCOUNT) for number in range(5)}

    pages = list(pages_of(connector, Read("notes", How.ALL, PATHS["notes"])))

    assert {record.source_id for page in pages for record in page.records} == notes
    assert max(len(page.records) for page in pages) == 2


# --- Fields


def test_own_fields_of_activities_may_be_mapped(connector: SalesforceConnector, org: PracticeSalesforce) -> None:
    schema = connector.schema("calls")

    assert [field.path for field in schema.fields][:7] == list(PATHS["calls"])
    assert connector.samples("calls", ["Subject"]) == {"Subject": ()}
    task(org, TaskSubtype="Call", Subject="Check-in")
    assert connector.samples("calls", ["Subject"]) == {"Subject": ("Check-in",)}


def test_hidden_field_is_not_offered(connector: SalesforceConnector, org: PracticeSalesforce) -> None:
    org.control(hide_fields=["Task.CallType"])

    assert connector.schema("calls").get("CallType") is None
    assert connector.schema("calls").get("Subject") is not None


def test_links_lead_to_the_object_that_holds_the_record() -> None:
    link = SalesforceConnector.web_link

    assert link("https://x", "notes", make_id("069", 1)).startswith("https://x/lightning/r/ContentNote/069")
    assert link("https://x", "emails", make_id("00T", 1)).startswith("https://x/lightning/r/Task/00T")


@pytest.mark.parametrize(
    "text",
    ["One line", "First\nSecond", "A gap\n\nbelow", "1 < 2 & \"quoted\" 'x'", "• a\n• b", "<script>alert(1)</script>"],
)
def test_text_of_a_note_survives_its_way_through_html(text: str) -> None:
    assert of_html(to_html(text)) == text


def test_html_of_a_mailbox_becomes_readable() -> None:
    mail = (
        "<html><head><title>x</title><style>p {}</style></head><body><div>Hi&nbsp;Ada,<br>thanks\nfor this.</div>"
        "<ul><li>one</li><li>two</li></ul></body></html>"
    )

    assert of_html(mail) == "Hi Ada,\nthanks for this.\n• one\n• two"


# --- What the tests are made of


def read(
    connector: SalesforceConnector, kind: str, how: How = How.ALL, *, ids: tuple[str, ...] = (), since: datetime | None = None,
    until: datetime | None = None,
) -> dict[str, Record]:  # fmt: skip
    if how is How.CHANGED:
        since, until = since or now() - timedelta(days=2), until or now() + timedelta(hours=1)
    return read_all(connector, Read(kind, how, PATHS[kind], since, until, ids))


def listed(connector: SalesforceConnector, kind: str, how: How) -> set[str]:
    return ids_of(connector, Read(kind, how)) if how is How.IDS else set(read(connector, kind, how))


def scope_of(connector: SalesforceConnector, org: PracticeSalesforce, condition: str) -> None:
    org.control(add_view={"sobject": "Account", "name": "Some", "label": "Some", "condition": condition})
    view = next(view for view in connector.views("customers") if view.label == "Some")
    connector.salesforce.account_view = view.id


def task(org: PracticeSalesforce, **values: Any) -> str:
    closed = {"Status": "Completed", "IsClosed": 1, "ActivityDate": "2026-11-02"}
    return org.create("Task", **{"WhatId": ACCOUNT, "AccountId": ACCOUNT, "Subject": "Something", **closed, **values})


def event(org: PracticeSalesforce, **values: Any) -> str:
    given = {"Subject": "Review", "StartDateTime": "2026-11-02T09:00:00.000+0000", "DurationInMinutes": 30}
    return org.create("Event", **{"WhatId": ACCOUNT, "AccountId": ACCOUNT, **given, **values})


def email(org: PracticeSalesforce, **values: Any) -> str:
    given = {"Subject": "Hello", "Status": "3", "MessageDate": "2026-11-02T09:00:00.000+0000"}
    return org.create("EmailMessage", **{"RelatedToId": ACCOUNT, **given, **values})


def document(org: PracticeSalesforce, title: str, content: str, *linked: str) -> str:
    """As the app of Salesforce makes a note: the note, its document, and its links."""
    with org.store.transaction():
        sobject = org.store.schema.everything["ContentNote"]
        encoded = base64.b64encode(content.encode()).decode()
        note = writes.create(org.app.org, sobject, {"Title": title, "Content": encoded}, org.app.org.user_id()).id
    for one in linked:
        org.create("ContentDocumentLink", ContentDocumentId=note, LinkedEntityId=one, ShareType="V")
    return note


def many_calls(org: PracticeSalesforce, number: int, subtype: str = "Call") -> None:
    stamps = dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), stamp(now()))
    row = {
        "TaskSubtype": subtype, "AccountId": ACCOUNT, "IsClosed": 1, "Status": "Completed", "CallType": "Inbound",
        "CallDurationInSeconds": 90, "Subject": "Check-in", "ActivityDate": "2026-05-06", "WhoId": PERSON,
    }  # fmt: skip
    with org.store.transaction():
        org.store.load("Task", [{"Id": make_id("00T", one), **row, **stamps} for one in range(1, number + 1)])
    org.forget_calls()


def backdate(org: PracticeSalesforce, obj: str, record_id: str, when: datetime) -> None:
    with org.store.transaction():
        org.store.execute(
            f'UPDATE "{obj}" SET "CreatedDate" = :at, "LastModifiedDate" = :at, "SystemModstamp" = :at WHERE "Id" = :id',
            {"at": stamp(when), "id": record_id},
        )
