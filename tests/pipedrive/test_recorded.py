"""Answers that really came from Pipedrive accounts, through the client and the connector."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from integrations.pipedrive.connector import PipedriveConnector
from integrations.pipedrive.models import SYSTEM, PipedriveConnection
from integrations.pipedrive.opening import by_token
from integrations.sync import credentials
from integrations.sync.connector import Answer, How, Read, Send
from integrations.wire import errors
from tests.wire.border import Answer as Reply
from tests.wire.border import Border

from .reading_all import all_of
from .test_client import flat, recorded

ADDRESS = "https://example.pipedrive.com"
KEY = "a033342fdeb029669a0652a64d1ab8150e48d627"
"""Of the one custom field of the first account; its description was not recorded."""
FIELDS = [
    {"field_code": "id", "field_name": "ID", "field_type": "int"},
    {"field_code": "name", "field_name": "Name", "field_type": "varchar"},
    {"field_code": "update_time", "field_name": "Update time", "field_type": "date"},
    {"field_code": "owner_id", "field_name": "Owner", "field_type": "user"},
    {"field_code": "website", "field_name": "Website", "field_type": "varchar"},
    {"field_code": KEY, "field_name": "A field of their own", "field_type": "varchar", "is_custom_field": True},
]
NOTHING = {"success": True, "data": [], "additional_data": {"next_cursor": None}}


class Account:
    """Says what was recorded, whoever asks; of what was not recorded there is nothing."""

    def __init__(self, name: str) -> None:
        self.said: dict[tuple[str, str], Mapping[str, Any]] = {}
        self.asked: list[tuple[str, str]] = []
        for one in recorded(name):
            # Of several answers to one question the first.
            self.said.setdefault((one["method"], one["path"].removeprefix("/api")), one)

    def __call__(self, request: requests.PreparedRequest) -> Reply:
        parts = urlsplit(str(request.url))
        key = str(request.method), parts.path.removeprefix("/api")
        query = parse_qs(parts.query)
        self.asked.append(key)
        if key[1].endswith("Fields"):
            return Reply(200, {"success": True, "data": FIELDS, "additional_data": {"next_cursor": None}})
        found = self.said.get(key)
        if found is None or "cursor" in query or query.get("start", ["0"]) != ["0"]:
            return Reply(200, NOTHING, {"content-type": "application/json"})
        return Reply(found["status"] or 200, found["response"], found.get("headers") or {})


@pytest.fixture
def connection(db: None) -> PipedriveConnection:
    connection = PipedriveConnection.objects.create(
        system=SYSTEM, name="Recorded", slug="recorded", sign_in="token", base_url=ADDRESS, web_url=ADDRESS,
        organization_id="1",
    )  # fmt: skip
    secrets = {"api_token": "t" * 40}
    credentials.save(connection, secrets)
    assert credentials.store_for(connection).save(by_token(connection, secrets), 1)
    return connection


def opened(connection: PipedriveConnection, serve: Any) -> PipedriveConnector:
    connector = PipedriveConnector(connection)
    connector.client.session._http.mount("https://", Border(serve=serve))
    connector.client.session._sleep = lambda _seconds: None
    return connector


def rows(name: str, method: str, path: str) -> list[dict[str, Any]]:
    data = next(
        one for one in recorded(name) if (one["method"], one["path"].removeprefix("/api")) == (method, path)
    )["response"]["data"]  # fmt: skip
    return data if isinstance(data, list) else [data]


FIRST, SECOND = "n8n-2026-04-v2.json", "nango-2026-05.json"


def test_recorded_organizations_become_records(connection: PipedriveConnection) -> None:
    connector = opened(connection, Account(FIRST))
    told = rows(FIRST, "GET", "/v2/organizations")

    read = Read("customers", How.BY_ID, ("id", "name", "website", "owner_id", "update_time", KEY), ids=("1", "2"))
    found = connector.read(read).records

    assert [(one.source_id, one.name, one.values["name"]) for one in found] == [
        (str(row["id"]), row["name"], row["name"]) for row in told
    ]
    assert found[0].modified_at == datetime(2026, 4, 1, 19, 0, 39, tzinfo=UTC)
    # Null in the answer, and a colleague whom the list of users does not show.
    assert (found[0].values[KEY], found[0].values["website"], found[0].values["owner_id"]) == (None, None, "25455458")


def test_recorded_page_goes_on_by_its_cursor(connection: PipedriveConnection) -> None:
    connector = opened(connection, Account(FIRST))

    first = connector.read(all_of(connector, "meetings"))
    last = connector.read(all_of(connector, "meetings"), first.next)

    assert "eyJ" in first.next
    assert (last.next, last.records) == ("", [])


def test_recorded_activities_and_notes_become_interactions(connection: PipedriveConnection) -> None:
    connector = opened(connection, Account(FIRST))

    fields = ("id", "subject", "note", "@starts_at", "@minutes", "@contacts")
    calls = connector.read(Read("calls", How.BY_ID, fields, ids=("1", "2"))).records
    meetings = connector.read(Read("meetings", How.BY_ID, fields, ids=("1", "2"))).records
    notes = connector.read(Read("notes", How.ALL, ("id", "content", "add_time", "@contacts"))).records

    assert [(one.values["subject"], one.values["@contacts"], one.customer_ids) for one in calls] == [
        ("[Sample] Final attempt", ("1",), ()),
        ("[Sample] Context call", ("7",), ("3",)),
    ]
    assert all(one.values["@minutes"] is None and not one.is_inside for one in calls)
    assert meetings == []
    # A note on a deal without an organization hangs on nobody.
    assert [(one.source_id, one.customer_ids, one.values["@contacts"]) for one in notes] == [("1", ("4",), ("6",))]
    assert str(notes[0].values["content"]).startswith("[Sample] Potential buyer. They're very interested")
    assert notes[0].values["add_time"] == datetime(2026, 4, 1, 19, 0, 39, tzinfo=UTC)


def test_recorded_writes_are_understood(connection: PipedriveConnection) -> None:
    account = Account(FIRST)
    connector = opened(connection, account)

    answers = [
        connector.write("customers", [Send(key="k", values={"name": "Test Org"})])[0],
        connector.write("customers", [Send("7", values={"name": "Test Org LLC"})])[0],
        connector.write("customers", [Send("7", delete=True)])[0],
        connector.write("calls", [Send(key="k", values={"subject": "Call client", "@customer": "7"})])[0],
        connector.write("calls", [Send("10", values={"subject": "Other"})])[0],
        connector.write("calls", [Send("10", delete=True)])[0],
        connector.write("notes", [Send(key="k", values={"content": "Text", "@customer": "7"})])[0],
    ]

    assert {one.answer for one in answers} == {Answer.DONE}
    assert [one.source_id for one in answers] == ["7", "7", "7", "10", "10", "10", "8"]
    sent = [key for key in account.asked if key[0] != "GET"]
    assert set(sent) <= set(account.said), "each of these calls was recorded"


def test_recorded_unanswered_activity_is_found_by_what_it_says(connection: PipedriveConnection) -> None:
    made = rows(FIRST, "POST", "/v2/activities")[0]

    def serve(request: requests.PreparedRequest) -> Reply:
        return Reply(200, {"success": True, "data": [made], "additional_data": {"next_cursor": None}})

    connector = opened(connection, serve)
    values: dict[str, Any] = {"subject": "Call client", "@contacts": ("10",), "@customer": "7"}
    sends = [Send(key="it", values=values), Send(key="another", values={**values, "subject": "Other"})]

    found = connector.find_made("calls", sends, datetime(2026, 4, 1, tzinfo=UTC))

    assert found == {"it": ["10"], "another": []}


def test_second_account_says_its_users_its_tokens_and_what_became_of_a_deal(connection: PipedriveConnection) -> None:
    connector = opened(connection, Account(SECOND))
    [user] = rows(SECOND, "GET", "/v1/users")
    [note] = rows(SECOND, "GET", "/v1/notes")

    people = connector.people([user["email"]])
    fate = connector.read(Read("agreements", How.DELETED, ids=("1",)))
    notes = connector.read(Read("notes", How.ALL, ("content",))).records
    [made] = connector.write("notes", [Send(key="k", values={"content": "x", "@customer": "1"})])
    [gone] = connector.write("notes", [Send("4", delete=True)])

    assert {one.name for one in people.values()} == {"Nango"}
    assert fate.gone == []
    assert [(one.source_id, one.values["content"], one.customer_ids) for one in notes] == [
        (str(note["id"]), note["content"], ("1",))
    ]
    assert (made.answer, gone.answer) == (Answer.DONE, Answer.DONE)
    assert connector.quota is not None
    assert connector.quota.limit == 150_000
    assert 0 < connector.quota.used < 5_000
    assert connector.meter.room is not None


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_recorded_refusals_end_in_one_decision(connection: PipedriveConnection, method: str) -> None:
    """Read or written: the error that says what to do, or an answer about the one record."""
    told = [one for one in flat(recorded("errors.json")) if isinstance(one.get("status"), int) and "when" in one]

    assert len(told) == 6
    for one in told:
        text = one.get("error_text") or one.get("body_starts_with", "")
        body = one.get("body") or {"success": False, "error": text, "code": "ERR_SCHEMA_VALIDATION_FAILED"}

        def serve(request: requests.PreparedRequest, one: Any = one, body: Any = body) -> Reply:
            if str(request.url).split("?")[0].endswith("Fields"):
                return Reply(200, {"success": True, "data": FIELDS, "additional_data": {"next_cursor": None}})
            return Reply(
                one["status"], json.dumps(body), {"content-type": "application/json", **one.get("headers", {})}
            )

        connector = opened(connection, serve)
        outcome: Any
        try:
            if method == "GET":
                outcome = connector.read(Read("customers", How.BY_ID, ("name",), ids=("1",)))
            else:
                [outcome] = connector.write("customers", [Send("1", values={"name": "x"})])
        except errors.WireError as error:
            outcome = type(error)
        assert outcome_of(outcome) == EXPECTED[one["status"], "Unknown key" in str(body), method], one


EXPECTED: dict[tuple[int, bool, str], Any] = {
    # An API token cannot be renewed: somebody has to sign in.
    (401, False, "GET"): errors.NeedsSignIn,
    (401, False, "PATCH"): errors.NeedsSignIn,
    (403, False, "GET"): errors.Misconfigured,
    (403, False, "PATCH"): errors.Misconfigured,
    (400, False, "GET"): errors.Rejected,
    (400, False, "PATCH"): Answer.REFUSED,
    (400, True, "GET"): errors.Misconfigured,
    (400, True, "PATCH"): errors.Misconfigured,
    (404, False, "GET"): errors.NotFound,
    (404, False, "PATCH"): Answer.GONE,
}


def outcome_of(outcome: Any) -> Any:
    return getattr(outcome, "answer", outcome)
