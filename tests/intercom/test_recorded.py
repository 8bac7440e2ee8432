"""Answers that really came from Intercom, to the letter: through the client, the connector and the practice workspace."""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from integrations.intercom.client import API, IntercomClient, everything, host_policy, paged
from integrations.intercom.connector import IntercomConnector
from integrations.intercom.models import SYSTEM, IntercomConnection
from integrations.intercom.replies import classify
from integrations.rehearsal.practice import WsgiAdapter
from integrations.rehearsal.practice_intercom import PracticeIntercom
from integrations.sync.connector import How, Read
from integrations.wire.auth import StaticAuth
from integrations.wire.errors import Misconfigured, NotFound, Rejected
from integrations.wire.messages import Reply
from integrations.wire.session import Session

from .conftest import allow, signed_in

SPECS = Path(os.environ.get("SPECS_DIR", "../shared/specs")) / "intercom"
FOLDER = SPECS / "recorded"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no recorded answers in {FOLDER}")
CONTACTS = ("read-contacts-1-first-page", "read-contacts-3-last-page")
SAID = {
    "media-not-acceptable": 406,
    "page-req-too-large": 400,
    "resource-not-found": 404,
    "write-invalid-json-syntax": 400,
}


def recorded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return found


def vendor(environ: Mapping[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Each call gets what was recorded of it; of the attributes, and of contacts that are searched for, there is none."""
    asked, query = environ["PATH_INFO"], environ["QUERY_STRING"]
    body: dict[str, Any]
    if asked == "/contacts":
        body = recorded(CONTACTS["starting_after" in query])
    elif asked == "/contacts/search":
        rows = [one for name in CONTACTS for one in recorded(name)["data"]]
        body = {"data": rows, "pages": {}, "total_count": len(rows)}
    elif asked == "/conversations/search":
        body = recorded("read-conversations")
    elif asked.startswith("/conversations/"):
        body = {**next(one for one in recorded("read-conversations")["conversations"] if one["id"] == asked[15:])}
    elif asked == "/admins":
        body = {"type": "admin.list", "admins": [{"id": "7387622", "name": "N", "email": "admin@redacted.example"}]}
    else:
        body = {"type": "list", "data": []}
    start("200 As recorded", [("Content-Type", "application/json; charset=utf-8")])
    return [json.dumps(body).encode()]


@pytest.fixture
def client() -> IntercomClient:
    session = Session(host_policy(), auth=StaticAuth("token"), classify=classify, adapter=WsgiAdapter(vendor))
    return IntercomClient(session, API["us"])


@pytest.fixture
def connector(db: None, client: IntercomClient) -> IntercomConnector:
    connection = IntercomConnection.objects.create(system=SYSTEM, name="Intercom", slug="intercom")
    found = IntercomConnector(connection)
    found.client = client
    found.kept = {"notes": {"since_months": 0}}
    return found


def test_recorded_pages_lead_on_and_the_last_one_ends(client: IntercomClient) -> None:
    first = client.contacts()
    last = client.contacts(first.after)

    assert first.after == recorded(CONTACTS[0])["pages"]["next"]["starting_after"]
    assert (last.after, first.total) == ("", 3)
    assert paged(recorded("read-search-conversations"), "conversations").after != ""
    assert paged(recorded("read-conversations"), "conversations").after == ""


def test_recorded_address_of_a_next_page_is_no_cursor() -> None:
    body = recorded("read-notes-1-first-page")

    assert body["pages"]["next"].startswith("https://")
    assert paged(body, "data").after == ""


@pytest.mark.parametrize("name", SAID)
def test_recorded_refusals_are_understood(name: str) -> None:
    found = classify(Reply(SAID[name], {}, (FOLDER / f"{name}.json").read_bytes()))

    expected = {
        "media-not-acceptable": Misconfigured, "page-req-too-large": Rejected, "resource-not-found": NotFound,
        "write-invalid-json-syntax": Rejected,
    }[name]  # fmt: skip
    assert isinstance(found, expected)
    assert found.message


def test_connector_reads_the_recorded_contacts(connector: IntercomConnector) -> None:
    paths = ("external_id", "email", "@first_name", "@last_name", "role", "created_at", "signed_up_at")
    page = connector.read(Read("contacts", How.ALL, paths))
    rest = connector.read(Read("contacts", How.ALL, paths), page.next)

    [one], [other] = page.records, rest.records
    assert (one.source_id, one.values["external_id"], one.customer_ids) == (
        "6643703ffae7834d1792fd30", "43232fbe-a2dc-44e0-bf3c-45b7516876c6", ("6643703ffae7834d1792fd31",),
    )  # fmt: skip
    assert (other.name, other.values["@first_name"], other.values["@last_name"]) == ("Sponge Bob", "Sponge", "Bob")
    assert other.values["signed_up_at"] is None
    assert (page.total, rest.next) == (3, "")


def test_connector_reads_the_recorded_conversations(connector: IntercomConnector) -> None:
    paths = tuple(field.path for field in connector.schema("notes").fields)

    page = connector.read(Read("notes", How.ALL, paths))

    by_id = {one.source_id: one for one in page.records}
    assert by_id["2"].values["body"] == "Hi Sponge,\nhow is going?"
    assert (by_id["2"].values["subject"], by_id["2"].values["is_incoming"]) == ("Hi Sponge,", False)
    assert by_id["2"].values["@contacts"] == ("66439cea83905da73e39822e",)
    assert by_id["2"].values["@participants"] == ("person@redacted.example", "admin@redacted.example")
    assert by_id["1"].customer_ids == ("6643703ffae7834d1792fd31",)
    assert (by_id["1"].values["subject"], by_id["1"].values["body"]) == (None, None)


def test_practice_workspace_shows_the_recorded_contacts_with_the_same_keys(
    db: None, tmp_path: Path, settings: Settings
) -> None:
    with PracticeIntercom(tmp_path, load=FOLDER) as crm:
        allow(settings, crm)
        client = IntercomConnector(signed_in(crm)).client
        rows = client.contacts().rows
        conversations = client.search_conversations({"field": "id", "operator": "IN", "value": ["1", "2", "5"]}).rows
        notes = list(everything(lambda _number: client._numbered("/contacts/6643703ffae7834d1792fd30/notes", {}, 1, kind="notes")))  # fmt: skip

    assert len(rows) == 3, "the third is only named by a conversation"
    originals = {one["id"]: one for name in CONTACTS for one in recorded(name)["data"]}
    for row in (one for one in rows if one["id"] in originals):
        original = originals[row["id"]]
        assert set(row) == set(original)
        same = ("external_id", "email", "name", "role", "created_at", "updated_at", "custom_attributes")
        assert {name: row[name] for name in same} == {name: original[name] for name in same}
    for row in conversations:
        original = next(
            one
            for name in ("read-conversations", "read-search-conversations")
            for one in recorded(name)["conversations"]
            if one["id"] == row["id"]
        )
        assert set(row) == set(original)
        assert {**row["source"], "id": ""} == {**original["source"], "id": "", "url": None}
        assert row["contacts"] == original["contacts"]
    assert {one["id"] for one in notes} == {"126896008", "126895924"}


def test_practice_answers_hold_what_the_vendors_schema_names(db: None, tmp_path: Path, settings: Settings) -> None:
    schemas = json.loads((SPECS / "openapi.2.15.json").read_text())["components"]["schemas"]
    with PracticeIntercom(tmp_path, 2, contacts_per=1) as crm:
        allow(settings, crm)
        client = IntercomConnector(signed_in(crm)).client
        contact = client.contacts().rows[0]
        number = crm.create("conversation", contacts=[contact["id"]])
        shown = {
            "company": client.companies(1).rows[0], "contact": contact, "conversation": client.conversation(number),
            "admin_with_app": client.me(), "data_attribute": client.attributes("company")[-1],
        }  # fmt: skip

    for name, row in shown.items():
        strange = set(row) - set(schemas[name]["properties"])
        # What the recorded answers hold beside the document.
        assert strange <= {"ticket", "topics", "utm_campaign", "utm_content", "utm_medium", "utm_source", "utm_term",
                           "referrer", "sms_consent", "unsubscribed_from_sms", "opted_out_subscription_types",
                           "opted_in_subscription_types"}, (name, strange)  # fmt: skip
