"""The page before a run is taken back: counts first, then the verb."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from integrations.hub.door import door
from integrations.hub.models import Customer
from integrations.sync import runs
from integrations.sync.models import Connection, Run
from integrations.sync.runner.drive import drive
from tests.sync.fakes import WORLDS, connect

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("E2", "C25")]


@pytest.fixture
def run() -> Run:
    connection = connect()
    for number in range(1, 4):
        WORLDS[connection.pk].company(str(number), f"Company {number}")
    return sync(connection)


def sync(connection: Connection) -> Run:
    made = runs.request_run(connection, "delta", by="Inès")
    drive(made)
    made.refresh_from_db()
    return made


def page(client: Client, run: Run) -> str:
    return client.get(reverse("sync:undo", args=[run.pk])).content.decode()


def test_page_counts_before_the_verb(run: Run, admin_client: Client) -> None:
    door().edit("customers", {Customer.objects.get(name="Company 1").pk: {"pulse": 3}}, by="Inès")

    shown = page(admin_client, run)

    assert "Undo this run, 2 rows" in shown
    assert "1 row stays as it is" in shown
    assert "Undo this run" in admin_client.get(reverse("sync:run", args=[run.pk])).content.decode()


def test_run_that_takes_back_shows_its_own_numbers(run: Run, admin_client: Client) -> None:
    door().edit("customers", {Customer.objects.get(name="Company 1").pk: {"pulse": 3}}, by="Inès")
    admin_client.post(reverse("sync:undo", args=[run.pk]), {"note": "Wrong view"})
    made = Run.objects.get(kind="undo")
    drive(made)

    answer = admin_client.get(reverse("sync:run", args=[made.pk]))

    [tally] = answer.context["tallies"]
    assert (tally.taken_back, tally.left, tally.sent_back) == (2, 1, 0)
    assert ">Left as it is<" in answer.content.decode()
    assert ">Collisions<" not in answer.content.decode()


def test_button_starts_the_run_that_takes_it_back(run: Run, admin_client: Client) -> None:
    silent = admin_client.post(reverse("sync:undo", args=[run.pk]), {"note": " "})
    assert "Say why the run is taken back" in silent.content.decode()
    answer = admin_client.post(reverse("sync:undo", args=[run.pk]), {"note": "Wrong view"})
    made = Run.objects.get(kind="undo")
    drive(made)

    assert answer["Location"] == reverse("sync:run", args=[made.pk])
    assert not Customer.objects.exists()
    assert f"It takes run {run.pk} back." in admin_client.get(answer["Location"]).content.decode()
    assert f"Taken back by run {made.pk}." in admin_client.get(reverse("sync:run", args=[run.pk])).content.decode()
    assert "was taken back already" in page(admin_client, run)


def test_run_without_writes_offers_nothing(run: Run, admin_client: Client) -> None:
    WORLDS[run.connection_id].later()
    quiet = sync(run.connection)

    assert "Undo this run" not in admin_client.get(reverse("sync:run", args=[quiet.pk])).content.decode()
    assert "changed nothing that could be taken back" in page(admin_client, quiet)


@pytest.mark.parametrize("number", [1, 3])
def test_statements_are_as_many_for_one_row_as_for_three(
    run: Run, admin_client: Client, number: int, django_assert_max_num_queries: Any
) -> None:
    for row in Customer.objects.order_by("pk")[:number]:
        door().edit("customers", {row.pk: {"pulse": 3}}, by="Inès")
    page(admin_client, run)
    with django_assert_max_num_queries(26):
        page(admin_client, run)
