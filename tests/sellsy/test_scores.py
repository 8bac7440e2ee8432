"""Health score and CSM Pulse on their way to two custom fields: the one thing that is ever written to Sellsy."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from integrations.hub.door import door
from integrations.hub.models import Customer
from integrations.rehearsal.practice_sellsy import PracticeSellsy
from integrations.sellsy.connector import SellsyConnector
from integrations.sellsy.models import SellsyConnection
from integrations.sync.connector import Answer, Send
from integrations.sync.models import Block, Change, Outbox, RecordLink, Run
from integrations.wire.errors import Misconfigured

from .conftest import signed_in
from .everyday import add_block, client, sync


@pytest.fixture
def crm(small_crm: Callable[..., PracticeSellsy]) -> PracticeSellsy:
    return small_crm(0)


@pytest.fixture
def connection(db: None, crm: PracticeSellsy) -> SellsyConnection:
    connection = signed_in(crm, state="on", wizard_step="review")
    for name in ("One", "Two", "Three"):
        client(crm, name)
    add_block(connection, "customers")
    return connection


@pytest.fixture
def page(connection: SellsyConnection) -> str:
    return reverse("sellsy:wizard", args=[connection.slug, "scores"])


@pytest.fixture
def admin(client_as: Callable[..., Client], admin_user: User) -> Client:
    return client_as(admin_user)


def stored(crm: PracticeSellsy, name: str) -> dict[str, Any]:
    """What stands in the fields of ours, by their names."""
    with crm.store.transaction():
        names = {one.id: one.body["name"] for one in crm.store.all("custom-field")}
        [company] = [one for one in crm.store.all("company") if one.body["name"] == name]
    values = company.body.get("cf") or {}
    return {names[number]: value for number, value in values.items() if names[number].startswith("Skalin")}


def score(name: str, **values: int) -> None:
    customer = Customer.objects.get(name=name)
    assert door().edit("customers", {customer.pk: values}, by="Inès") == []


@pytest.mark.requirement("R6", "R56", "R57", "R128", "X9")
def test_scores_go_out_in_one_batch_though_customers_are_only_read(
    admin: Client, page: str, connection: SellsyConnection, crm: PracticeSellsy
) -> None:
    sync(connection)
    admin.post(page, {"is_on": "on", "make": "on"})
    for number, name in enumerate(("One", "Two", "Three"), 4):
        score(name, health_score=number, pulse=number - 2)
    crm.forget_calls()

    run = sync(connection)

    assert run.state == Run.State.DONE
    assert stored(crm, "Two") == {"Skalin Healthscore": "5", "Skalin CSM Pulse": "3"}
    assert not Outbox.objects.exists()
    assert Block.objects.get(object="customers").mode == "input"
    crm.forget_calls()
    again = sync(connection)
    assert not Change.objects.filter(run_id=again.pk).exists()
    assert crm.calls()["batch"] == 0


@pytest.mark.requirement("R6", "R58")
def test_nothing_is_written_until_it_is_switched_on(connection: SellsyConnection, crm: PracticeSellsy) -> None:
    sync(connection)
    score("One", health_score=8)
    customer = Customer.objects.get(name="One")
    door().edit("customers", {customer.pk: {"name": "Renamed here"}}, by="Inès")
    with crm.store.transaction():
        before = [one.body for one in crm.store.all("company")]

    sync(connection)

    with crm.store.transaction():
        assert [one.body for one in crm.store.all("company")] == before


@pytest.mark.requirement("R60")
def test_field_is_made_once_however_often_it_is_asked_for(connection: SellsyConnection) -> None:
    connector = SellsyConnector(connection)

    made = [connector.create_score_field(name) for name in ("health_score", "pulse", "health_score")]

    assert made[0] == made[2] != made[1]
    assert made[0] in connector.fields("scores")


@pytest.mark.requirement("R60")
def test_field_that_was_renamed_there_is_found_by_its_code(connection: SellsyConnection, crm: PracticeSellsy) -> None:
    connector = SellsyConnector(connection)
    made = connector.create_score_field("pulse")
    with crm.store.transaction():
        [field] = [one for one in crm.store.all("custom-field") if f"cf.{one.id}" == made]
        field.body["name"] = "Humeur"
        crm.store.write(field)

    assert connector.create_score_field("pulse") == made


def test_app_without_the_old_api_is_told_so(connection: SellsyConnection, crm: PracticeSellsy) -> None:
    crm.control(withdraw_scopes=["api-v1"])

    with pytest.raises(Misconfigured) as refused:
        SellsyConnector(connection).create_score_field("pulse")

    assert refused.value.code == "E_PRIV_LIMITED"


def test_each_record_is_answered_for_itself(connection: SellsyConnection, crm: PracticeSellsy) -> None:
    connector = SellsyConnector(connection)
    path = connector.create_score_field("health_score")

    sent = connector.write("customers", [Send("1", values={path: 7}), Send("999", values={path: 7})])

    assert [(one.answer, one.source_id) for one in sent] == [(Answer.DONE, "1"), (Answer.GONE, "999")]
    assert connector.write("customers", [Send("1", values={path: "no number"})])[0].answer is Answer.REFUSED


def test_nothing_else_can_be_written(connection: SellsyConnection) -> None:
    connector = SellsyConnector(connection)

    for sends in ([Send("1", values={"name": "Written"})], [Send("", values={"cf.1": "x"})], [Send("1", delete=True)]):
        if sends[0].delete:
            assert connector.write("customers", []) == []
            continue
        with pytest.raises(ValueError, match="Only custom values"):
            connector.write("customers", sends)
    with pytest.raises(Misconfigured):
        connector.write("contacts", [Send("1", values={"last_name": "Written"})])


def test_company_that_is_gone_frees_its_score(
    admin: Client, page: str, connection: SellsyConnection, crm: PracticeSellsy
) -> None:
    sync(connection)
    admin.post(page, {"is_on": "on", "make": "on"})
    link = RecordLink.objects.get(hub_id=Customer.objects.get(name="One").pk)
    crm.delete("company", link.source_id)
    score("One", health_score=2)
    score("Two", health_score=3)

    run = sync(connection)

    assert run.state == Run.State.DONE
    assert stored(crm, "Two") == {"Skalin Healthscore": "3"}
    assert not Outbox.objects.exists()
