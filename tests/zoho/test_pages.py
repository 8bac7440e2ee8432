"""Pages that all systems share, opened for a Zoho connection with everything switched on."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from integrations.rehearsal.practice_zoho import PracticeZoho
from integrations.sync import runs
from integrations.sync.models import Block, FieldMapping, RecordLink, Run
from integrations.sync.runner.drive import drive
from integrations.zoho.connector import ZohoConnector
from integrations.zoho.defaults import LINES, default_lines
from integrations.zoho.models import ZohoConnection

from .conftest import signed_in

PAGES = ("sync:connection", "sync:versions", "sync:export")


@pytest.fixture
def connection(db: None, small_practice: Callable[..., PracticeZoho]) -> ZohoConnection:
    connection = signed_in(small_practice(5, contacts_per=1), state="on", account_types="Customer;Reseller")
    for name in LINES:
        mode = "output" if name in {"scores", "emails"} else "input"
        block = Block.objects.create(connection=connection, object=name, mode=mode, merge_keys=["ref_id"])
        if name == "agreements":
            block.mode = "disabled"
            block.save()
        for line in default_lines(name):
            FieldMapping.objects.create(block=block, crm_label=line["crm_field"], **line)
    return connection


@pytest.fixture
def admin(client_as: Callable[..., Client], admin_user: User) -> Client:
    return client_as(admin_user)


@pytest.mark.parametrize("page", PAGES)
def test_page_of_the_connection_opens(admin: Client, connection: ZohoConnection, page: str) -> None:
    assert admin.get(reverse(page, args=[connection.slug])).status_code == 200


@pytest.mark.parametrize("object_name", list(LINES))
def test_mapping_of_each_data_type_opens(admin: Client, connection: ZohoConnection, object_name: str) -> None:
    assert admin.get(reverse("sync:mapping", args=[connection.slug, object_name])).status_code == 200


@pytest.mark.parametrize("page", ["sync:board", "sync:connections", "sync:needs", "hub:customers", "hub:interactions"])
def test_page_about_all_connections_opens(admin: Client, connection: ZohoConnection, page: str) -> None:
    run = runs.request_run(connection, Run.Kind.DELTA, by="Inès")
    drive(run, 60.0)
    run.refresh_from_db()

    assert run.state == Run.State.DONE, run.reason_params
    assert admin.get(reverse(page)).status_code == 200


@pytest.mark.parametrize(("object_name", "tab"), [
    ("customers", "Accounts"), ("contacts", "Contacts"), ("agreements", "Potentials"), ("meetings", "Events"),
    ("calls", "Calls"), ("notes", "Notes"),
])  # fmt: skip
def test_record_is_found_in_zoho_by_its_link(object_name: str, tab: str) -> None:
    link = ZohoConnector.web_link("https://crm.zoho.eu/crm/org7", object_name, "5")

    assert link == f"https://crm.zoho.eu/crm/org7/tab/{tab}/5"


def test_many_long_values_of_a_filter_are_counted_and_kept(admin: Client, connection: ZohoConnection) -> None:
    values = [f"A rather long value of a list, number {number}" for number in range(40)]
    ZohoConnection.objects.update(filter_field="Segment", filter_values=";".join(values), wizard_step="review")

    response = admin.get(reverse("zoho:wizard", args=[connection.slug, "scope"]))

    assert response.status_code == 200
    assert response.context["form"].total == 0
    assert not RecordLink.objects.exists()
