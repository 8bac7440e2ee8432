"""Every answer that was recorded of real portals goes through client and connector."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from integrations.hubspot import replies
from integrations.hubspot.client import HubSpotClient, host_policy
from integrations.hubspot.connector import HubSpotConnector
from integrations.hubspot.models import SYSTEM, HubSpotConnection
from integrations.hubspot.values import moment
from integrations.rehearsal.practice_hubspot import PracticeHubSpot
from integrations.sync.connector import Answer as Said
from integrations.sync.connector import How, Page, Read, Send
from integrations.wire import errors
from integrations.wire.auth import StaticAuth
from integrations.wire.session import Session
from tests.wire.border import Answer, Border, Clock

from .test_client import RECORDED, recorded

pytestmark = pytest.mark.django_db
SINCE, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
NAMES = {"companies": ("name", "domain"), "contacts": ("firstname", "email"), "deals": ("dealname", "amount")}
BLACK = "redacted"
TYPES = {"companies": "customers", "contacts": "contacts", "deals": "agreements"}


@pytest.fixture(scope="module")
def metadata(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Properties by object, as a practice portal describes them: those of a real one were recorded in part."""
    with PracticeHubSpot(tmp_path_factory.mktemp("recorded"), 1, contacts_per=0) as practice:
        session = Session(host_policy(), adapter=practice.adapter(), auth=StaticAuth(practice.credentials.access_token))
        client = HubSpotClient(session)
        return {name: client.properties(name) for name in NAMES}


class Portal:
    """A connector on the other side of whose wire stands a recording."""

    def __init__(self, metadata: Mapping[str, Any], *answers: Answer) -> None:
        self.metadata, self.answers = metadata, list(answers)
        self.border, clock = Border(serve=self.serve), Clock()
        session = Session(host_policy(), classify=replies.classify, clock=clock, sleep=clock.sleep, adapter=self.border)
        connection = HubSpotConnection.objects.create(system=SYSTEM, name="HubSpot", slug="hubspot")
        self.connector = HubSpotConnector(connection)
        # Whatever asks for the client finds this one.
        self.connector.__dict__["client"] = HubSpotClient(session)

    def serve(self, request: requests.PreparedRequest) -> Answer:
        path = str(request.url).partition("?")[0]
        if "/crm/properties/" in path and request.method == "GET":
            return Answer(200, {"results": self.metadata[path.rpartition("/")[2]]})
        if "/crm/owners/" in path:
            return told("owners-list")
        if path.endswith("companies/batch/read") and "/associations/" in path:
            return told("associations-batch-read-207")
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def page(self, object_name: str, how: How, fields: tuple[str, ...], *ids: str) -> Page:
        return self.connector.read(Read(object_name, how, fields, SINCE, UNTIL, ids))


def told(name: str) -> Answer:
    reply = recorded(name)
    return Answer(reply.status, reply.json(), dict(reply.headers))


def rows_of(answer: Answer) -> list[dict[str, Any]]:
    body = answer.body
    rows: list[dict[str, Any]] = body.get("results", [body])
    return [clean(row) for row in rows]


def clean(row: dict[str, Any]) -> dict[str, Any]:
    """Whoever recorded them blackened some values."""
    properties = {name: held for name, held in row["properties"].items() if held != BLACK}
    updated = row["updatedAt"] if row["updatedAt"] != BLACK else row["createdAt"]
    return {**row, "properties": properties, "updatedAt": updated}


READS = [
    ("companies-search", "companies", How.CHANGED), ("companies-list", "companies", How.BY_ID),
    ("company-get", "companies", How.BY_ID), ("company-every-property", "companies", How.BY_ID),
    ("contacts-search-1", "contacts", How.CHANGED), ("contacts-search-2", "contacts", How.CHANGED),
    ("contacts-search-paging", "contacts", How.CHANGED), ("contacts-list-limit-1-paging", "contacts", How.BY_ID),
    ("deal-get", "deals", How.BY_ID),
]  # fmt: skip


@pytest.mark.parametrize(("name", "kind", "how"), READS, ids=[one[0] for one in READS])
def test_recorded_rows_become_records(metadata: dict[str, Any], name: str, kind: str, how: How) -> None:
    answer = told(name)
    rows = rows_of(answer)
    # However they were asked for, they come alike; pages of a search end where the recording ends.
    portal = Portal(metadata, Answer(200, {"results": rows, "total": len(rows)}))
    fields = tuple(one["name"] for one in metadata[kind])

    found = {
        one.source_id: one for one in portal.page(TYPES[kind], how, fields, *(str(row["id"]) for row in rows)).records
    }

    assert set(found) == {str(row["id"]) for row in rows}
    assert found
    for row in rows:
        record, held = found[str(row["id"])], row["properties"]
        assert record.modified_at == moment(row["updatedAt"])
        for path in NAMES[kind]:
            if held.get(path) and path != "amount":
                assert record.values[path] == held[path]
        if held.get("hubspot_owner_id"):
            assert "@" in str(record.values["hubspot_owner_id"]) or record.values["hubspot_owner_id"].isdecimal()  # type: ignore[union-attr]
        # What was not asked for there is unknown here, and not empty.
        assert set(record.values) <= set(held)


@pytest.mark.parametrize("name", ["contacts-search-paging", "contacts-list-limit-1-paging"])
def test_recorded_page_says_where_the_next_one_begins(metadata: dict[str, Any], name: str) -> None:
    answer = told(name)
    client = Portal(metadata, answer).connector.client

    found = client.search("contacts", [], ["email"]) if "search" in name else client.page("contacts", ["email"])

    assert found.after == answer.body["paging"]["next"]["after"]
    assert [row["id"] for row in found.results] == [row["id"] for row in answer.body["results"]]


def test_recorded_ties_name_the_companies_and_leave_out_who_has_none(metadata: dict[str, Any]) -> None:
    body = told("associations-batch-read-207").body
    client = Portal(metadata, Answer(207, body)).connector.client

    found = client.associated("contacts", "companies", [str(row["from"]["id"]) for row in body["results"]])

    assert {one: [tie["toObjectId"] for tie in ties] for one, ties in found.items()} == {
        str(row["from"]["id"]): [tie["toObjectId"] for tie in row["to"]] for row in body["results"]
    }
    assert body["errors"][0]["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"


def test_recorded_account_owners_and_pipelines_say_who_answers(metadata: dict[str, Any]) -> None:
    account, pipelines, owners = told("account-details"), told("pipelines-deals"), told("owners-list")

    portal = Portal(metadata, account)
    who = portal.connector.whoami()
    portal.answers = [pipelines]
    portal.connector.agreements = portal.connector.agreements
    views = portal.connector.views("agreements")
    addresses = [str(one["email"]) for one in owners.body["results"] if one.get("email")]

    assert who.organisation == str(account.body["portalId"])
    assert who.web_url == f"https://{account.body['uiDomain']}/contacts/{account.body['portalId']}"
    assert [(one.id, one.label) for one in views] == [(one["id"], one["label"]) for one in pipelines.body["results"]]
    assert set(portal.connector.people(addresses)) == {one.lower() for one in addresses}


def test_recorded_properties_are_offered_and_a_new_one_is_found_again(metadata: dict[str, Any]) -> None:
    properties, made = told("properties-companies-30-of-247"), told("property-create-contacts")
    portal = Portal({**metadata, "companies": properties.body["results"], "contacts": []}, made)

    schema = portal.connector.schema("customers")
    definition = portal.connector.client.create_property("contacts", {"name": "test"})

    assert {field.path for field in schema.fields} <= {one["name"] for one in properties.body["results"]}
    assert len(schema.fields) > 10
    assert definition["name"] == made.body["name"]


def test_recorded_lists_are_read_page_by_page(metadata: dict[str, Any]) -> None:
    first, second = told("lists-search-first-page"), told("lists-search-second-page")
    portal = Portal(metadata, first, Answer(200, {**second.body, "hasMore": False}))

    found = [one["listId"] for one in portal.connector.client.segments("0-2")]

    assert found == [one["listId"] for page in (first, second) for one in page.body["lists"]]


# --- Writing

WRITES = [
    ("companies-batch-update", "customers", {"name": "Test Company 2 - Batch Updated", "city": "Boston"}),
    ("company-update", "customers", {"name": "Updated Company Name", "domain": "updated-example.com"}),
    ("company-patch-changed-value", "customers", {"name": "ACME Example updated"}),
    ("company-create", "customers", {"name": "Test Company Inc", "domain": "testcompany.com"}),
    ("contact-create", "contacts", {"firstname": "Test", "lastname": "Contact"}),
]


@pytest.mark.parametrize(("name", "object_name", "values"), WRITES, ids=[one[0] for one in WRITES])
def test_recorded_answer_to_a_write_says_which_record_and_what_it_keeps(
    metadata: dict[str, Any], name: str, object_name: str, values: dict[str, Any]
) -> None:
    answer = told(name)
    [row] = rows_of(answer)
    is_new = "create" in name
    # One of a batch, as ours always go out: its trace comes back with it.
    portal = Portal(metadata, Answer(201 if is_new else 200, {"results": [{**row, "objectWriteTraceId": "0"}]}))

    [sent] = portal.connector.write(object_name, [Send("" if is_new else row["id"], values=values)])

    assert (sent.answer, sent.source_id) == (Said.DONE, row["id"])
    assert sent.stored is not None
    assert {path: sent.stored.values[path] for path in values} == values
    assert sent.stored.modified_at == moment(row["updatedAt"])


@pytest.mark.parametrize("name", ["contacts-batch-create", "contacts-batch-create-207"])
def test_recorded_batch_answers_for_each_record_although_what_was_made_names_no_trace(
    metadata: dict[str, Any], name: str
) -> None:
    answer = told(name)
    refused = {
        int(trace): error["context"]["existingId"][0]
        for error in answer.body.get("errors", ()) for trace in error["context"]["objectWriteTraceId"]
    }  # fmt: skip
    made = [{path: row["properties"][path] for path in ("email", "firstname")} for row in answer.body["results"]]
    values = made[::-1]
    for place in sorted(refused):
        values.insert(place, {"email": "taken@x.example"})

    sent = Portal(metadata, answer).connector.write("contacts", [Send(values=one) for one in values])

    ids = {row["properties"]["email"]: row["id"] for row in answer.body["results"]}
    assert not any("objectWriteTraceId" in row for row in answer.body["results"])
    assert [(one.answer, one.source_id) for one in sent] == [
        (Said.EXISTS, refused[place]) if place in refused else (Said.DONE, ids[one["email"]])
        for place, one in enumerate(values)
    ]


def test_recorded_tie_is_made(metadata: dict[str, Any]) -> None:
    answer = told("associations-batch-create")

    made = Portal(metadata, answer).connector.client.associate("contacts", "companies", [{}])

    assert made["results"] == answer.body["results"]


# --- Refusals


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("error-403-missing-scopes", errors.Misconfigured), ("error-404-html", errors.NotFound),
        ("error-429-search", errors.RateLimited),
    ],
)  # fmt: skip
def test_recorded_refusal_of_a_question_stops_it_by_name(
    metadata: dict[str, Any], name: str, kind: type[errors.WireError]
) -> None:
    reply = recorded(name)
    body = reply.content if name.endswith("html") else reply.json()

    with pytest.raises(kind):
        Portal(metadata, Answer(reply.status, body, dict(reply.headers))).page("customers", How.CHANGED, ("name",))


def test_recorded_refusal_of_a_batch_is_found_by_halves(metadata: dict[str, Any]) -> None:
    refusal = told("error-400-batch-create-unknown-properties")

    [sent] = Portal(metadata, refusal).connector.write("contacts", [Send(values={"email": "a@x.example"})])

    assert (sent.answer, sent.code) == (Said.REFUSED, "PROPERTY_DOESNT_EXIST")


def test_portal_without_objects_of_its_own_offers_deals_and_companies_alone(metadata: dict[str, Any]) -> None:
    """Nothing asks for such objects: what they hold is not offered."""
    portal = Portal(metadata, told("schemas-none"))

    assert [one.object for one in portal.connector.candidates()] == ["deals", "companies"]
    assert portal.border.sent == []


def test_no_recording_is_left_out() -> None:
    if not RECORDED.exists():
        pytest.skip(f"{RECORDED} is missing")
    here = Path(__file__).read_text()

    assert [path.stem for path in RECORDED.glob("*.json") if f'"{path.stem}"' not in here] == []
