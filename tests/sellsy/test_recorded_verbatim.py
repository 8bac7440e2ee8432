"""The recorded answers to the letter, in place of a network: what the client takes out of them, and the connector's records."""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from integrations.rehearsal.practice import WsgiAdapter
from integrations.sellsy.client import Hosts, SellsyClient, host_policy
from integrations.sellsy.connector import SellsyConnector
from integrations.sellsy.models import SYSTEM, SellsyConnection
from integrations.sellsy.replies import classify
from integrations.sellsy.schema import companies, contacts
from integrations.sync.connector import How, Read
from integrations.wire.auth import StaticAuth
from integrations.wire.errors import Misconfigured, NotFound, Rejected
from integrations.wire.messages import Request
from integrations.wire.session import Session

FOLDER = Path(os.environ.get("SPECS_DIR", "../shared/specs")) / "sellsy" / "recorded"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no recorded answers in {FOLDER}")
ANSWERS = {
    "GET /v2/companies": "companies_list_page1_seek",
    "POST /v2/companies/search": "companies_list_page1_seek",
    "GET /v2/companies/83426": "company_get_embed_estimates",
    "GET /v2/companies/83426/addresses": "company_addresses",
    "GET /v2/companies/abc": "company_get_bad_id_404",
    "GET /v2/contacts/53585175": "contact_get_embeds",
    "POST /v2/contacts": "contact_create_missing_last_name_400",
    "POST /v2/contacts/search": "contacts_search_page1",
    "GET /v2/custom-fields": "custom_fields_list",
}


def recorded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())["response"]
    return found


def vendor(environ: Mapping[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Nothing of it is ours but the envelope of a batch and the staff, of which there is no recording."""
    asked = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
    if asked == "POST /v2/batch":
        lines = [json.loads(line) for line in environ["wsgi.input"].read().splitlines()[::2]]
        page = recorded("companies_list_page1_seek")["body"]
        # The recording is of a page of 25: out of a hundred it is the last one.
        page["pagination"]["limit"] = 100
        told = [{"code": 200, "response": page} for _ in lines]
        answer: dict[str, Any] = {"status": 207, "body": {"error": False, "responses": told}}
    elif asked == "GET /v2/staffs":
        answer = {"status": 200, "body": {"data": [], "pagination": {"limit": 100, "count": 0, "total": 0}}}
    else:
        answer = recorded(ANSWERS[asked])
    headers = {"Content-Type": "application/json", **answer.get("headers", {})}
    start(f"{answer['status']} As recorded", list(headers.items()))
    return [json.dumps(answer["body"]).encode()]


@pytest.fixture
def client() -> SellsyClient:
    session = Session(host_policy(), auth=StaticAuth("token"), classify=classify, adapter=WsgiAdapter(vendor))
    return SellsyClient(session, Hosts())


@pytest.fixture
def connector(db: None, client: SellsyClient) -> SellsyConnector:
    connection = SellsyConnection.objects.create(system=SYSTEM, name="Sellsy", slug="sellsy")
    connector = SellsyConnector(connection)
    connector.client = client
    return connector


def get(client: SellsyClient, path: str) -> dict[str, Any]:
    found: dict[str, Any] = client.session.send(Request("GET", f"{client.hosts.api}{path}", kind="get")).json()
    return found


def test_every_recorded_list_is_paged_by_its_offset(client: SellsyClient) -> None:
    lists = {
        "companies_list_page1_seek": client.page("/companies", {}),
        "contacts_search_page1": client.search("/contacts", {}, {}),
        "company_addresses": client.page("/companies/83426/addresses", {}),
    }

    for name, found in lists.items():
        body = recorded(name)["body"]
        is_full = body["pagination"]["count"] >= body["pagination"]["limit"]
        assert (found.rows, found.total) == (body["data"], body["pagination"]["total"])
        assert found.offset == (body["pagination"]["offset"] if is_full else ""), name
    assert list(client.custom_fields()) == recorded("custom_fields_list")["body"]["data"]


def test_recorded_records_and_refusals_pass_the_session(client: SellsyClient) -> None:
    assert get(client, "/companies/83426")["_embed"] == {"estimates": 8}
    assert get(client, "/contacts/53585175")["last_name"] == "Orlyk"
    with pytest.raises((NotFound, Misconfigured)):
        get(client, "/companies/abc")
    with pytest.raises(Rejected) as refused:
        client.session.send(Request("POST", f"{client.hosts.api}/contacts", json={}, kind="create"))
    assert refused.value.fields == ("last_name",)


def test_connector_reads_the_recorded_companies(connector: SellsyConnector) -> None:
    rows = [one for one in recorded("companies_list_page1_seek")["body"]["data"] if "id" in one]

    page = connector.read(Read("customers", How.ALL, tuple(field.path for field in companies())))

    assert [(one.source_id, one.name) for one in page.records] == [(str(one["id"]), one["name"]) for one in rows]
    for record, row in zip(page.records, rows, strict=True):
        assert record.values["name"] == row["name"]
        assert record.values["type"] == row["type"]
        assert record.values["reference"] == (row["reference"] or None)
    assert page.total == recorded("companies_list_page1_seek")["body"]["pagination"]["total"]


def test_connector_reads_the_recorded_contacts_and_their_companies(connector: SellsyConnector) -> None:
    rows = recorded("contacts_search_page1")["body"]["data"]
    firms = sorted(str(one["id"]) for one in recorded("companies_list_page1_seek")["body"]["data"])
    ids = tuple(str(one["id"]) for one in rows)

    page = connector.read(Read("contacts", How.BY_ID, tuple(field.path for field in contacts()), ids=ids))

    assert [(one.source_id, one.values["last_name"], one.values["email"]) for one in page.records] == [
        (str(one["id"]), one["last_name"], one["email"] or None) for one in rows
    ]
    assert all(sorted(one.customer_ids) == firms and one.modified_at is not None for one in page.records)


def test_connector_offers_the_recorded_custom_fields_by_name(connector: SellsyConnector) -> None:
    offered = {field.path: field.label for field in connector.schema("contacts").fields if field.is_custom}

    wanted = {f"cf.{one['id']}": one["name"] for one in recorded("custom_fields_list")["body"]["data"]}
    assert len(wanted) == 6
    assert wanted.items() <= offered.items()
