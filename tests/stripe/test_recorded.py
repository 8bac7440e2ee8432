"""Answers that really came from Stripe accounts, through the client and the connector; and the vendor's own examples."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from integrations.rehearsal.practice_stripe import PracticeStripe
from integrations.stripe import rows
from integrations.stripe.mrr import worth_of
from integrations.stripe.replies import classify
from integrations.stripe.schema import agreements, customers
from integrations.sync.connector import How, Read
from integrations.wire.errors import Misconfigured, NotFound
from integrations.wire.messages import Reply

from .conftest import allow, signed_in
from .everyday import pages

SPECS = Path(os.environ.get("SPECS_DIR", "../shared/specs")) / "stripe"
FOLDER = SPECS / "recorded"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no recorded answers in {FOLDER}")


def recorded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return found


def example(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SPECS / "fixtures.trimmed.json").read_text())[name]
    return found


def reply(name: str, status: int) -> Reply:
    return Reply(status, {"Request-Id": "req_1"}, json.dumps(recorded(name)).encode())


@pytest.fixture
def crm(tmp_path: Path, settings: Settings) -> Iterator[PracticeStripe]:
    with PracticeStripe(tmp_path, load=FOLDER) as crm:
        allow(settings, crm)
        yield crm


def test_recorded_refusals_are_understood_and_carry_the_number_of_their_request() -> None:
    unknown, missing = classify(reply("error-bad-request", 400)), classify(reply("err-not-found", 404))

    assert isinstance(unknown, Misconfigured)
    assert (unknown.code, unknown.fields) == ("parameter_unknown", ("pineapple",))
    assert isinstance(missing, NotFound)
    assert (missing.code, missing.message) == ("resource_missing", "No such customer: 'cus_Rd2zeYCh5b9gtC' [req_1]")


@pytest.mark.django_db
def test_recorded_customers_are_read_through_the_connector(crm: PracticeStripe) -> None:
    connection = signed_in(crm)
    paths = ("id", "name", "email", "metadata.internal_ref")

    found = [one for page in pages(connection, Read("customers", How.ALL, paths)) for one in page.records]

    assert [record.name for record in found] == ["Test Customer", "Hayley Huffman", "Linda Morgan"]
    assert found[0].values["metadata.internal_ref"] == "REF-2024-001"
    assert found[1].values["email"] == "person@redacted.example"


def test_examples_of_the_vendor_give_every_value_and_break_nothing() -> None:
    """Generated samples: every branch is filled, so that no amount or date means anything."""
    customer = rows.customer(example("customer"), [field.path for field in customers()])
    told = rows.subscription(example("subscription"), [field.path for field in agreements()])

    assert customer.values["currency"] == "USD"
    assert told.customer_ids == ("cus_QXg1o8vcGmoR32",)
    assert (told.values["currency"], told.values["renews"]) == ("USD", False)
    assert worth_of(example("subscription")).monthly is not None
