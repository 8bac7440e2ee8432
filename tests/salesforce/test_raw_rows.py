from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts.permissions import Role
from integrations.rehearsal.practice import PracticeSalesforce
from integrations.salesforce.models import SalesforceMapping
from integrations.sync import credentials
from integrations.sync.models import Block, Connection, FieldMapping

from .conftest import signed_in

TABLES = ("salesforceconnection", "salesforcemapping", "salesforcerun", "salesforcelink", "salesforcechange")


@pytest.mark.parametrize("table", TABLES)
def test_raw_rows_are_read_and_never_changed(
    client_as: Callable[..., Client], practice: PracticeSalesforce, table: str
) -> None:
    signed_in(practice)
    person = client_as(Role.SUPPORT)

    assert person.get(reverse(f"admin:salesforce_{table}_changelist")).status_code == 200
    assert client_as(Role.ADMIN).get(reverse(f"admin:salesforce_{table}_add")).status_code == 403


def test_a_connection_shows_no_secret_among_the_raw_rows(
    client_as: Callable[..., Client], practice: PracticeSalesforce
) -> None:
    connection = signed_in(practice)
    token = credentials.store_for(connection).load()[0].access_token

    response = client_as(Role.ADMIN).get(reverse("admin:salesforce_salesforceconnection_change", args=[connection.pk]))

    assert response.status_code == 200
    assert token not in response.content.decode()


def test_only_lines_of_salesforce_are_listed(client_as: Callable[..., Client], practice: PracticeSalesforce) -> None:
    other = Connection.objects.create(system="other", name="Other", slug="other", state="archived")
    FieldMapping.objects.create(
        block=Block.objects.create(connection=other, object="customers"), hub_field="name", crm_field="foreign_field"
    )
    ours = Block.objects.create(connection=signed_in(practice), object="customers")
    FieldMapping.objects.create(block=ours, hub_field="name", crm_field="Name")

    shown = client_as(Role.ADMIN).get(reverse("admin:salesforce_salesforcemapping_changelist")).content.decode()

    assert "Name" in shown
    assert "foreign_field" not in shown


def test_a_line_of_another_systems_connection_is_refused(db: None) -> None:
    other = Connection.objects.create(system="other", name="Other", slug="other")
    block = Block.objects.create(connection=other, object="customers")

    with pytest.raises(ValidationError):
        SalesforceMapping(block=block, hub_field="name", crm_field="Name").clean()
