from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.permissions import Role
from integrations.sync.matters import matters, number_of
from integrations.sync.models import Connection, ConnectionState, Heartbeat
from integrations.sync.situation import Situation
from tests.pages.factories import (
    ConnectionFactory,
    LineFactory,
    LinkFactory,
    PlannedFactory,
    RunFactory,
    WriteFactory,
)
from tests.signed_in import ClientAs

pytestmark = pytest.mark.django_db


def _titles() -> list[str]:
    return [matter.title for matter in matters(Situation())]


def test_calm_house_needs_nobody(calm: Connection) -> None:
    assert matters(Situation()) == []


def test_gravest_first(calm: Connection) -> None:
    other = ConnectionFactory.create(name="Other")
    held = RunFactory.create(connection=calm, state="held", reason_code="brake-churned")
    for _ in range(3):
        PlannedFactory.create(of=held, action="churn", is_held=True)
    PlannedFactory.create(of=held, action="update")
    ConnectionState.objects.create(connection=other, health="sign-in")
    third = ConnectionFactory.create(name="Third")
    RunFactory.create(pk=71_337, connection=third, state="failed", reason_code="view-gone")
    LinkFactory.create(connection=calm, state="failing", reason_code="not-a-date")
    LinkFactory.create(connection=calm, state="collision", reason_code="rivals", object="contacts")
    LineFactory.create(block=calm.blocks.first(), suspended_at=timezone.now())
    Heartbeat.objects.update(answered_at=timezone.now() - timedelta(hours=1))

    assert _titles() == [
        "The workers have not answered for 1 h",
        "Other no longer accepts our sign-in",
        "Paper: 3 rows held by the brake",
        "Third: run 71337 failed",
        "Paper: 1 customer refused, for 1 cause",
        "Paper: 1 contact found one row here by a key: nothing was guessed",
        "Paper: 1 mapping line is suspended",
    ]


def test_rail_counts_what_the_page_lists(calm: Connection) -> None:
    LinkFactory.create(connection=calm, state="failing", reason_code="not-a-date")
    LinkFactory.create(connection=calm, state="failing", reason_code="too-long")
    LinkFactory.create(connection=calm, state="failing", reason_code="too-long", object="contacts")

    assert number_of(Situation()) == len(matters(Situation())) == 2


@pytest.mark.requirement("C16")
def test_what_no_run_tries_any_more_is_said(calm: Connection) -> None:
    now = timezone.now()
    LinkFactory.create(connection=calm, state="failing", reason_code="not-a-date", given_up_at=now)
    LinkFactory.create(connection=calm, state="failing", reason_code="not-a-date")
    WriteFactory.create(connection=calm)
    WriteFactory.create(connection=calm, due_at=None, given_up_at=now, object="contacts")

    refused, unsent = matters(Situation())

    assert refused.detail.endswith("1 is given up: no run tries it by itself.")
    assert unsent.title == "Paper: 2 writes not taken by the CRM"
    assert unsent.detail.endswith("1 is given up: no run tries it by itself.")
    assert unsent.url == "/connections/paper/records/contacts/?state=unsent"


@pytest.mark.requirement("C14")
def test_refusals_say_how_many_and_quote_the_largest_cause(calm: Connection) -> None:
    for _ in range(2):
        params = {"label": "Phone", "length": 400, "limit": 60}
        LinkFactory.create(connection=calm, name="Acme", state="failing", reason_code="too-long", reason_params=params)
    LinkFactory.create(connection=calm, state="failing", reason_code="not-a-date")

    [matter] = matters(Situation())

    assert matter.title == "Paper: 3 customers refused, for 2 causes"
    assert matter.detail.startswith("2 records like Acme: Phone has 400 characters and the hub takes 60.")


def test_lost_sign_in_is_one_matter_though_its_run_failed_too(calm: Connection) -> None:
    ConnectionState.objects.update(health="sign-in")
    RunFactory.create(connection=calm, state="failed", reason_code="needs-sign-in")

    assert _titles() == ["Paper no longer accepts our sign-in"]


def test_failed_run_is_no_matter_once_somebody_has_signed_in_again(calm: Connection) -> None:
    ConnectionState.objects.update(health="ok")
    RunFactory.create(connection=calm, state="failed", reason_code="needs-sign-in")

    assert _titles() == []


def test_failure_that_a_later_run_made_good_is_no_matter(calm: Connection) -> None:
    RunFactory.create(connection=calm, state="failed", reason_code="stuck")
    RunFactory.create(connection=calm, state="done")

    assert _titles() == []


def test_archived_connections_need_nobody(calm: Connection) -> None:
    Connection.objects.update(state="archived")
    LinkFactory.create(connection=calm, state="failing", reason_code="not-a-date")
    RunFactory.create(connection=calm, state="failed", reason_code="stuck")

    assert _titles() == []


@pytest.mark.requirement("C9")
def test_lost_field_is_named_and_its_successor_is_one_click_away(
    calm: Connection, client_as: ClientAs, text: Any
) -> None:
    LineFactory.create(
        block=calm.blocks.get(object="customers"), hub_field="domain", crm_field="Site", crm_label="Web site",
        suspended_at=timezone.now(), suspended_code="field-gone", successors=[["Website", "Website"]],
    )  # fmt: skip

    [matter] = matters(Situation())

    assert matter.detail == "“Web site” of Customers is gone. All other lines go on."
    assert matter.url == "/connections/paper/mapping/customers/#row-domain"
    for page in ("/", "/needs/"):
        assert "Map to Website instead of Web site" in text(client_as(Role.ADMIN).get(page))
        assert "Map to Website instead" not in text(client_as(Role.SUPPORT).get(page))


@pytest.mark.requirement("C9", "C13")
def test_change_that_rests_nothing_is_a_matter_until_somebody_looks(calm: Connection) -> None:
    customers = calm.blocks.get(object="customers")
    LineFactory.create(
        block=customers, hub_field="stage", crm_label="Phase", noticed_at=timezone.now(), noticed_code="value-new",
        drift_detail="Partner",
    )  # fmt: skip
    customers.required_new, customers.required_at = {"Segment": "Segment"}, timezone.now()
    customers.save()

    [matter] = matters(Situation())

    assert matter.title == "Paper: its CRM is no longer as it was when the mapping was saved"
    assert "“Phase” of Customers has new values: Partner" in matter.detail
    assert "Customers cannot be created without “Segment”, and nothing fills it" in matter.detail
    assert number_of(Situation()) == 1
