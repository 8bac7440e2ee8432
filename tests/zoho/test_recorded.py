"""Answers that were recorded of a real Zoho, or that its documentation prints, go through client and connector at once."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from integrations.engine.values import Value
from integrations.rehearsal.practice_zoho import PracticeZoho
from integrations.sync.connector import Answer as Said
from integrations.sync.connector import How, Page, Read, Send
from integrations.wire.errors import WireError
from integrations.wire.session import Session
from integrations.wire.tokens import App, Tokens
from integrations.zoho import replies, signin
from integrations.zoho.client import WritingClient, host_policy
from integrations.zoho.connector import ZohoConnector
from integrations.zoho.credits import credits_of
from integrations.zoho.models import SYSTEM, ZohoConnection
from tests.wire.border import Answer, Border, Clock

from .simulator.caller import ACCOUNTS, API, Caller
from .simulator.recorded import load, needs_recordings

pytestmark = [needs_recordings, pytest.mark.django_db]
SINCE, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
KEY = "Skalin_Sync_ID"


@pytest.fixture(scope="module")
def metadata(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Fields by module, as a practice organisation describes them: those of a real one were recorded of leads alone."""
    with PracticeZoho(tmp_path_factory.mktemp("recorded"), 1, contacts_per=0) as practice:
        caller = Caller.signed_in(practice)
        asked = ("Accounts", "Contacts", "Calls", "Events", "Notes", "Deals")
        return {name: caller.get("settings/fields", module=name).json() for name in asked}


class Zoho:
    """A connector on the other side of whose wire stands a recording."""

    def __init__(self, metadata: dict[str, Any], *answers: Answer) -> None:
        self.metadata, self.answers = metadata, list(answers)
        self.border, clock = Border(serve=self.serve), Clock()
        session = Session(host_policy(), classify=replies.classify, clock=clock, sleep=clock.sleep, adapter=self.border)
        connection = ZohoConnection.objects.create(system=SYSTEM, name="Zoho CRM", slug="zoho-crm")
        self.connector = ZohoConnector(connection)
        # Whatever asks for the client finds this one.
        self.connector.__dict__["client"] = WritingClient(session, API)

    def serve(self, request: requests.PreparedRequest) -> Answer:
        path, _, query = str(request.url).removeprefix(f"{API}/crm/v8/").partition("?")
        if path == "settings/fields" and request.method == "GET":
            return Answer(200, self.metadata[query.removeprefix("module=")])
        if path == "users":
            return told("v2_list-users")
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def page(self, object_name: str, how: How, *ids: str) -> Page:
        paths = tuple(field.path for field in self.connector.schema(object_name).fields)
        return self.connector.read(Read(object_name, how, paths, SINCE, UNTIL, ids))


def told(name: str) -> Answer:
    if name.startswith("v2_"):
        response = load(f"recorded/{name}.json")[0]["response"]
        # A record that is asked for by itself comes without the line about its page, which every query has.
        more = {"info": {"count": 1, "more_records": False}} if name.startswith("v2_get-") else {}
        return Answer(response["status"], {**response["body"], **more}, response["headers"])
    return Answer(200, load(f"recorded/{name}.json"))


def rows_of(answer: Answer) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = answer.body["data"]
    return rows


READS = [
    ("v2_list-accounts", "customers", How.ALL, "Account_Name"),
    ("v2_get-account", "customers", How.BY_ID, "Account_Name"),
    ("v2_contacts", "contacts", How.CHANGED, "Last_Name"),
    ("v2_get-contact", "contacts", How.BY_ID, "Last_Name"),
    ("v7doc_coql_text", "contacts", How.ALL, "Last_Name"),
    ("v2_calls", "calls", How.ALL, "Subject"),
    ("v2_get-call", "calls", How.BY_ID, "Subject"),
    ("v2_list-notes", "notes", How.CHANGED, "Note_Title"),
    ("v2_get-note", "notes", How.BY_ID, "Note_Title"),
]


@pytest.mark.parametrize(("name", "object_name", "how", "title"), READS, ids=[one[0] for one in READS])
def test_recorded_rows_become_records(
    metadata: dict[str, Any], name: str, object_name: str, how: How, title: str
) -> None:
    answer = told(name)
    rows = rows_of(answer)
    # What leads from a note to the account of its contact is not in a recording: nobody there.
    zoho = Zoho(metadata, answer, Answer(204)) if object_name == "notes" else Zoho(metadata, answer)

    page = zoho.page(object_name, how, *(str(row["id"]) for row in rows))

    hanging = {str(row["id"]): row for row in rows if object_name != "notes" or how is How.BY_ID}
    if how is How.ALL:
        # A planned call is not one yet.
        hanging = {one: row for one, row in hanging.items() if row.get("Call_Status") != "Scheduled"}
    assert {record.source_id: record.values[title] for record in page.records} == {
        one: row.get(title) for one, row in hanging.items()
    }
    for record in page.records:
        row = hanging[record.source_id]
        if row.get("Modified_Time"):
            assert record.modified_at == datetime.fromisoformat(row["Modified_Time"])
        if isinstance(row.get("Account_Name"), dict):
            assert record.customer_ids == (row["Account_Name"]["id"],)
        if "Owner.email" in record.values and row.get("Owner"):
            assert record.values["Owner.email"] == row["Owner"]["email"]


def test_recorded_deletions_say_who_went_and_when(metadata: dict[str, Any]) -> None:
    answer = told("v7doc_deleted")

    page = Zoho(metadata, answer).connector.read(Read("customers", How.DELETED, (), SINCE, UNTIL))

    assert {one.source_id for one in page.gone} == {row["id"] for row in rows_of(answer)}
    assert all(one.deleted_at and one.deleted_at.tzinfo for one in page.gone)
    # Ten years are more than Zoho remembers.
    assert page.covered_until is None


def test_recorded_organisation_and_person_say_who_answers(metadata: dict[str, Any]) -> None:
    zoho = Zoho(metadata, told("v7doc_org"))

    who, organisation = zoho.connector.whoami(), zoho.connector.client.organisation()

    assert who.user == "Nango Developer"
    assert credits_of(organisation) > 0
    assert set(zoho.connector.people(["api@d1.example", "gone@d1.example"])) == {"api@d1.example"}


def test_recorded_modules_offer_where_agreements_may_stand(metadata: dict[str, Any]) -> None:
    modules = load("recorded/v7doc_modules.json")
    zoho = Zoho({one["api_name"]: {"fields": []} for one in modules["modules"]} | metadata)
    zoho.answers = [Answer(200, modules)]

    found = [one.object for one in zoho.connector.candidates()]

    assert found[:2] == ["Deals", "Accounts"]
    assert "Leads" not in found


def test_recorded_views_are_offered(metadata: dict[str, Any]) -> None:
    views = load("recorded/v7doc_custom_views_leads.json")["custom_views"]

    offered = Zoho(metadata, told("v7doc_custom_views_leads")).connector.views("contacts")

    assert {view.id for view in offered} == {one["id"] for one in views if not one["system_defined"]} != set()


# --- Writing

WRITES = [
    ("v2_create-account", "customers", Send("", "key", {"Account_Name": "A"})),
    ("v2_create-contact", "contacts", Send("", "key", {"Last_Name": "A"})),
    ("v2_create-call", "calls", Send("", "key", {"Subject": "A", "Call_Start_Time": UNTIL, "@customer": "1"})),
    ("v2_create-note", "notes", Send("", "key", {"Note_Content": "A", "@customer": "1"})),
    ("v7doc_notes_create_response", "notes", Send("", "key", {"Note_Content": "A", "@customer": "1"})),
    ("v2_update-account", "customers", Send("7", values={"Account_Name": "A"})),
    ("v2_upsert-records", "customers", Send("7", values={"Account_Name": "A"})),
    ("v2_delete-account", "customers", Send("7", delete=True)),
    ("v2_delete-contact", "contacts", Send("7", delete=True)),
]


@pytest.mark.parametrize(("name", "object_name", "send"), WRITES, ids=[one[0] for one in WRITES])
def test_recorded_success_names_the_record(metadata: dict[str, Any], name: str, object_name: str, send: Send) -> None:
    answer = told(name)

    [sent] = Zoho(metadata, answer).connector.write(object_name, [send])

    [item] = answer.body["data"]
    assert (sent.answer, sent.source_id) == (Said.DONE, item["details"]["id"])


@pytest.mark.parametrize("name", ["v7doc_upsert", "v7doc_delete_records"])
def test_recorded_answers_of_several_keep_their_order(metadata: dict[str, Any], name: str) -> None:
    answer = told(name)
    ids = [item["details"]["id"] for item in answer.body["data"]]
    sends = [Send(one, values={"Account_Name": "A"}, delete="delete" in name) for one in ids]

    sent = Zoho(metadata, answer).connector.write("customers", sends)

    assert [(one.answer, one.source_id) for one in sent] == [(Said.DONE, one) for one in ids]
    assert len(ids) > 1


def test_recorded_answer_to_a_logged_email_names_it(metadata: dict[str, Any]) -> None:
    answer = told("v7doc_associate_email_response")
    mail: dict[str, Value] = {
        "subject": "A",
        "content": "B",
        "date_time": UNTIL,
        "@participants": ("a@d1.example",),
        "@customer": "1",
    }

    [sent] = Zoho(metadata, answer).connector.write("emails", [Send("", "key", mail)])

    assert (sent.answer, sent.source_id) == (Said.DONE, answer.body["Emails"][0]["details"]["message_id"])


def test_recorded_answer_to_a_new_field_is_read_back(metadata: dict[str, Any]) -> None:
    zoho = Zoho(metadata, told("v7doc_create_field_response"))
    made = [{**one, "field_label": "Skalin Healthscore", "api_name": "Chosen_There"}
            for one in metadata["Accounts"]["fields"] if one["data_type"] == "integer"][:1]  # fmt: skip
    zoho.metadata = {**metadata, "Accounts": {"fields": [*metadata["Accounts"]["fields"], *made]}}

    assert zoho.connector.create_score_field("health_score") == "Chosen_There"


# --- Refusals: what a person reads, what is tried again, what stops a run

OF_READING = {
    "AuthExpired": {"AUTHENTICATION_FAILURE", "INVALID_TOKEN"},
    "NeedsSignIn": {"OAUTH_SCOPE_MISMATCH"},
    "Misconfigured": {
        "NO_PERMISSION", "INVALID_URL_PATTERN", "INVALID_REQUEST_METHOD", "INVALID_MODULE", "REQUIRED_PARAM_MISSING",
        "LIMIT_EXCEEDED", "AMBIGUITY_DURING_PROCESSING", "PATTERN_NOT_MATCHED", "EXPECTED_PARAM_MISSING",
        "INVALID_QUERY", "SYNTAX_ERROR",
    },
    "Transient": {"INTERNAL_ERROR"},
    "RateLimited": {"TOO_MANY_REQUESTS"},
    "NoFurther": {"DISCRETE_PAGINATION_LIMIT_EXCEEDED", "PAGINATION_LIMIT_EXCEEDED", "LIMIT_REACHED"},
    "TokenLost": {"TOKEN_BOUND_DATA_MISMATCH", "EXPIRED_VALUE"},
    "NotFound": {"RESOURCE_NOT_FOUND"},
    "Rejected": {"INVALID_DATA"},
}  # fmt: skip
OF_TOKENS = {
    "NeedsSignIn": {"invalid_code"}, "Misconfigured": {"invalid_client", "invalid_redirect_uri"},
    "RateLimited": {"Access Denied"},
}  # fmt: skip


def decided(table: dict[str, set[str]], error: WireError) -> bool:
    return error.code in table[type(error).__name__]


def refusals(is_wanted: Sequence[str], *, besides: bool = False) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = load("errors/errors.json")
    return [one for one in found if any(part in one["where"] for part in is_wanted) is not besides]


WRITTEN, TOKEN = ("write item", "update item", "update/upsert", "delete item", "POST/PUT"), ("token endpoint",)


def test_every_refusal_of_a_question_has_its_decision(metadata: dict[str, Any]) -> None:
    seen = set()
    for one in refusals((*WRITTEN, *TOKEN), besides=True):
        zoho = Zoho(metadata, Answer(one["http_status"], one["body"] or b""))
        ZohoConnection.objects.all().delete()
        read = Read("customers", How.CHANGED, ("Account_Name",), SINCE, UNTIL)
        if one["body"] is None:
            page = zoho.connector.read(read)
            assert (list(page.records), page.next) == ([], ""), one["where"]
            continue
        with pytest.raises(WireError) as refused:
            zoho.connector.read(read)
        assert decided(OF_READING, refused.value), (one["where"], refused.value)
        seen.add(refused.value.code)
    assert seen == set().union(*OF_READING.values())


def test_every_refusal_of_a_record_is_its_own(metadata: dict[str, Any]) -> None:
    update, create, delete = (
        Send("7", values={"Account_Name": "A"}),
        Send("", "", {"Account_Name": "A"}),
        Send("7", delete=True),
    )
    answers: dict[str, tuple[str, str]] = {}
    for one in refusals(WRITTEN):
        # What sounds as if the record were gone is asked about: it is there, or it is not.
        zoho = Zoho(metadata, Answer(one["http_status"], one["body"]), Answer(204))
        send = delete if "delete" in one["where"] else update if "update" in one["where"] else create
        [sent] = zoho.connector.write("customers", [send])
        ZohoConnection.objects.all().delete()
        answers[one["where"]] = (sent.answer.value, sent.code)

    assert answers == {
        "POST/PUT with more than 100 records": ("refused", "LIMIT_EXCEEDED"),
        "write item: wrong JSON type": ("refused", "INVALID_DATA"),
        "write item: too long": ("refused", "INVALID_DATA"),
        "write item: fixed value set": ("refused", "INVALID_DATA"),
        "write item: mandatory field absent": ("refused", "MANDATORY_NOT_FOUND"),
        "write item: unique value taken": ("exists", "DUPLICATE_DATA"),
        "write item: several at once": ("refused", "MULTIPLE_OR_MULTI_ERRORS"),
        "update item: id unknown": ("gone", "INVALID_DATA"),
        "update item: record locked (approval, merge, Zia)": ("refused", "RECORD_LOCKED"),
        "update/upsert with If-Unmodified-Since older than the record": ("refused", "ALREADY_MODIFIED"),
        "delete item: gone already": ("done", "INVALID_DATA"),
    }


def test_every_refusal_of_a_sign_in_says_whether_a_person_is_needed() -> None:
    for one in refusals(TOKEN):
        border, clock = Border(Answer(one["http_status"], one["body"])), Clock()
        session = Session(host_policy(), classify=replies.classify, clock=clock, sleep=clock.sleep, adapter=border)
        tokens = Tokens("", refresh_token="1000.r", instance_url=API, identity_url=ACCOUNTS)

        with pytest.raises(WireError) as refused:
            signin.refresh(session, App("client", "secret"), tokens)

        assert decided(OF_TOKENS, refused.value), (one["where"], refused.value)
