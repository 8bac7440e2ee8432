"""Answers that really came from Sellsy accounts, through the client and the connector."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from integrations.engine.mapping import Kind
from integrations.rehearsal.practice_sellsy import PracticeSellsy
from integrations.sellsy.client import following, found_in
from integrations.sellsy.connector import SellsyConnector
from integrations.sellsy.fields import customs_in, value_of
from integrations.sellsy.reading import name_of
from integrations.sellsy.replies import classify
from integrations.sellsy.schema import companies, contacts, custom_fields_of
from integrations.sync.connector import How, Read
from integrations.wire.errors import Misconfigured, NotFound, Rejected
from integrations.wire.messages import Reply
from integrations.wire.oauth import tokens_of
from integrations.wire.session import utc_now

from .conftest import allow, signed_in
from .everyday import records

FOLDER = Path(os.environ.get("SPECS_DIR", "../shared/specs")) / "sellsy" / "recorded"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no recorded answers in {FOLDER}")


def recorded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())["response"]
    return found


def reply(name: str) -> Reply:
    answer = recorded(name)
    return Reply(answer["status"], answer.get("headers", {}), json.dumps(answer["body"]).encode())


@pytest.fixture
def crm(tmp_path: Path, settings: Settings) -> Iterator[PracticeSellsy]:
    with PracticeSellsy(tmp_path, load=FOLDER) as crm:
        allow(settings, crm)
        yield crm


def test_recorded_page_goes_on_and_recorded_last_page_ends() -> None:
    first, last = recorded("contacts_search_page1")["body"], recorded("contacts_search_empty_last_page")["body"]

    assert (found_in(first).offset, found_in(first).total) == ("WyI0Il0=", 32)
    assert last["pagination"]["offset"], "an empty page repeats the offset that it was sent"
    assert following(last) == ""


def test_recorded_refusals_are_understood() -> None:
    missing = classify(reply("contact_create_missing_last_name_400"))
    unknown = classify(reply("company_get_bad_id_404"))

    assert isinstance(missing, Rejected)
    assert missing.fields == ("last_name",)
    assert isinstance(unknown, NotFound | Misconfigured)


def test_recorded_token_is_an_access_for_a_day() -> None:
    now = utc_now()

    tokens = tokens_of(recorded("oauth_token")["body"], now)

    assert (tokens.access_token, tokens.refresh_token) == ("thisIsAnAccessToken", "thisIsAnARefreshToken")
    assert tokens.expires_at is not None
    assert (tokens.expires_at - now).total_seconds() == 86_400


def test_recorded_custom_fields_become_fields_with_labels() -> None:
    found = {
        field.path: field for one in recorded("custom_fields_list")["body"]["data"] for field in custom_fields_of(one)
    }

    assert [(one.value, one.label) for one in found["cf.4"].choices] == [
        ("9", "Orange"), ("10", "Strawberry"), ("11", "Kiwi"),
    ]  # fmt: skip
    kinds = {path: field.kind for path, field in found.items()}
    assert kinds["cf.5"] is Kind.LIST
    assert (kinds["cf.6"], kinds["cf.7"], kinds["cf.9"]) == (Kind.DATE, Kind.BOOL, Kind.NUMBER)


def test_recorded_records_give_every_built_in_value() -> None:
    company, person = recorded("company_get")["body"], recorded("contacts_search_page1")["body"]["data"][0]

    def email_of(number: Any) -> str:
        return f"{number}@account.example"

    of_company = {one.path: value_of(company, one.path, one, email_of, customs_in(company)) for one in companies()}
    of_contact = {one.path: value_of(person, one.path, one, email_of, customs_in(person)) for one in contacts()}

    assert (of_company["name"], of_company["type"], of_company["owner"]) == ("Curius", "client", "8306@account.example")
    assert (of_contact["last_name"], of_contact["is_archived"]) == ("Blanc", False)
    assert of_contact["updated"].isoformat() == "2025-08-22T19:37:04+00:00"  # type: ignore[union-attr]
    assert name_of(person) == "Antoine Blanc"


@pytest.mark.django_db
def test_recorded_account_is_read_through_the_connector(crm: PracticeSellsy) -> None:
    connector = SellsyConnector(signed_in(crm))
    with crm.store.transaction():
        clients = {
            one.id for one in crm.store.all("company") if one.body["type"] == "client" and not one.body["is_archived"]
        }

    found = records(connector, Read("customers", How.ALL, ("id", "name", "owner")))

    assert set(found) == clients
    assert all(record.name for record in found.values())
