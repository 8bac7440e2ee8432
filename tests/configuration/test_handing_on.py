"""A configuration goes from file to connection, from sandbox to live, from one owner to the next; progress and links as due."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from integrations.hub.models import Customer
from integrations.salesforce.models import SalesforceConnection
from integrations.sync import moving, runs
from integrations.sync.configuration import save_version, snapshot, to_yaml
from integrations.sync.identity.rekey import choosing, working
from integrations.sync.models import Block, Connection, ConnectionState, FieldMapping, RecordLink, ReKey, Run
from integrations.sync.promotion import planned, promote
from integrations.sync.runner.drive import drive
from tests.sync.fakes import WORLDS, connect

pytestmark = pytest.mark.django_db


@pytest.fixture
def synced() -> Connection:
    connection = connect("Old")
    crm = WORLDS[connection.pk]
    crm.company("1", "Aldervale")
    crm.person("11", "1")
    drive(runs.request_run(connection, "delta", by="Inès"))
    Connection.objects.filter(pk=connection.pk).update(account="ana@x.example", organisation="Aldervale")
    return Connection.objects.get(pk=connection.pk)


def moved(old: Connection, author: User) -> Connection:
    runs.pause(old, by="Inès")
    new = moving.replicate(old, "New owner", author)
    Connection.objects.filter(pk=new.pk).update(account="ben@x.example", organisation="Aldervale")
    return moving.hand_over(old, Connection.objects.get(pk=new.pk), author)


@pytest.mark.requirement("R207", "R209", "E9")
def test_new_owner_takes_over_without_matching_anything_again(synced: Connection, admin_user: User) -> None:
    before = list(RecordLink.objects.order_by("pk").values("pk", "source_id", "hub_id", "settled"))
    new = moved(synced, admin_user)
    WORLDS[new.pk] = WORLDS[synced.pk]
    WORLDS[new.pk].later()

    run = runs.request_run(new, "delta", by="Ben")
    drive(run)

    run.refresh_from_db()
    synced.refresh_from_db()
    assert (run.kind, run.state) == ("delta", "done")
    assert list(RecordLink.objects.order_by("pk").values("pk", "source_id", "hub_id", "settled")) == before
    assert set(RecordLink.objects.values_list("connection", flat=True)) == {new.pk}
    assert Customer.objects.get().ref_writer == new.pk
    assert synced.state == "archived"
    assert snapshot(new)["blocks"] == snapshot(synced)["blocks"]


@pytest.mark.requirement("R208")
def test_syncs_are_stopped_first(synced: Connection, admin_user: User) -> None:
    with pytest.raises(moving.MoveRefused, match="Stop its syncs first"):
        moving.replicate(synced, "New owner", admin_user)


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"account": ""}, "Nobody has signed in"),
        ({"account": "ben", "organisation": "Another"}, "another organisation"),
        ({"account": "ben", "organisation": "Aldervale", "state": "on"}, "records of its own"),
    ],
)
def test_hand_over_refuses_what_would_harm(synced: Connection, admin_user: User, columns: Any, says: str) -> None:
    runs.pause(synced, by="Inès")
    new = moving.replicate(synced, "New owner", admin_user)
    Connection.objects.filter(pk=new.pk).update(**columns)

    with pytest.raises(moving.MoveRefused, match=says):
        moving.hand_over(synced, Connection.objects.get(pk=new.pk), admin_user)

    assert RecordLink.objects.filter(connection=synced).count() == 2


@pytest.mark.requirement("R207")
def test_pages_lead_through_the_move(synced: Connection, admin_client: Client) -> None:
    address = reverse("sync:move", args=[synced.slug])
    assert "Pause the syncs" in admin_client.get(address).content.decode()
    runs.pause(synced, by="Inès")

    answer = admin_client.post(address, {"name": "New owner"})
    new = Connection.objects.get(name="New owner")
    assert answer["Location"] == f"{address}?to={new.slug}"
    assert "Nobody has signed in for New owner yet." in admin_client.get(answer["Location"]).content.decode()

    Connection.objects.filter(pk=new.pk).update(account="ben@x.example", organisation="Aldervale")
    assert "Hand over 2 links" in admin_client.get(answer["Location"]).content.decode()
    admin_client.post(address, {"to": new.slug})
    assert RecordLink.objects.filter(connection=new).count() == 2
    assert AuditEntry.objects.filter(verb__contains="moved").exists()


@pytest.mark.requirement("C18", "E9")
def test_promotion_carries_mapping_and_keeps_each_place(admin_user: User) -> None:
    sandbox, live = connect("Sandbox"), connect("Live")
    FieldMapping.objects.filter(block__connection=sandbox, hub_field="name").update(on_conflict="hub", direction="both")
    Block.objects.filter(connection=sandbox, object="customers").update(mode="two-way")
    Connection.objects.filter(pk=live.pk).update(base_url="https://live.example")
    save_version(live, admin_user)

    plan = planned(sandbox, Connection.objects.get(pk=live.pk))
    made = promote(sandbox, Connection.objects.get(pk=live.pk), plan, admin_user)

    live.refresh_from_db()
    assert made is not None
    assert plan.number == len(made.diff)
    assert (live.name, live.base_url) == ("Live", "https://live.example")
    assert snapshot(live)["blocks"] == snapshot(sandbox)["blocks"]


def test_promotion_page_shows_the_difference_first(admin_client: Client) -> None:
    sandbox, live = connect("Sandbox"), connect("Live")
    Block.objects.filter(connection=sandbox, object="customers").update(mode="two-way")
    address = reverse("sync:promote", args=[sandbox.slug])

    page = admin_client.get(address, {"to": live.slug}).content.decode()
    assert "What would change in Live" in page
    assert Block.objects.get(connection=live, object="customers").mode == "input"
    admin_client.post(address, {"to": live.slug})
    assert Block.objects.get(connection=live, object="customers").mode == "two-way"


@pytest.mark.requirement("C18", "E9")
def test_import_page_shows_then_applies(admin_client: Client, admin_user: User) -> None:
    connection = SalesforceConnection.objects.create(system="salesforce", name="Salesforce", slug="salesforce")
    ConnectionState.objects.create(connection=connection)
    save_version(connection, admin_user)
    text = to_yaml(connection).replace("every_minutes: 15", "every_minutes: 30")
    address = reverse("sync:import")

    shown = admin_client.post(address, {"text": text})
    connection.refresh_from_db()
    assert connection.every_minutes == 15
    assert "Apply 1 difference" in shown.content.decode()

    admin_client.post(address, {"text": text, "act": "apply"})
    connection.refresh_from_db()
    assert (connection.every_minutes, connection.version) == (30, 2)


@pytest.mark.parametrize(
    ("text", "says"), [("", "Choose a file"), ("a: [", "wrong"), ("system: nothing", "must be one of")]
)
def test_import_page_names_what_is_wrong_and_keeps_the_text(admin_client: Client, text: str, says: str) -> None:
    answer = admin_client.post(reverse("sync:import"), {"text": text})

    assert answer.status_code == 400
    assert says in answer.content.decode()
    assert text in answer.content.decode()


def test_runs_of_the_former_owner_stay_readable(synced: Connection, admin_user: User, admin_client: Client) -> None:
    moved(synced, admin_user)

    [run] = Run.objects.filter(connection=synced)
    assert admin_client.get(reverse("sync:run", args=[run.pk])).status_code == 200


def test_nothing_changes_hands_while_rows_get_other_ids(synced: Connection, admin_user: User) -> None:
    runs.pause(synced, by="Inès")
    new = moving.replicate(synced, "New owner", admin_user)
    Connection.objects.filter(pk=new.pk).update(account="ben@x.example", organisation="Aldervale")
    ReKey.objects.create(object="customers", source="links", state="working", connections=[synced.pk], asked_by="x")

    with pytest.raises(moving.MoveRefused, match="Re-key"):
        moving.hand_over(synced, Connection.objects.get(pk=new.pk), admin_user)


@pytest.mark.requirement("R207", "R226")
def test_a_re_key_can_be_taken_back_after_its_ids_changed_hands(synced: Connection, admin_user: User) -> None:
    Customer.objects.update(ref_id="typed", ref_writer=None)
    job = choosing.prepare("customers", "links", admin_user, connection=synced)
    while working.work(job.pk):
        pass
    runs.pause(synced, by="Inès")
    job.refresh_from_db()
    working.confirm(job, admin_user, "x")
    while working.work(job.pk):
        pass
    assert Customer.objects.get().ref_writer == synced.pk
    runs.resume(synced, by="Inès")
    moved(synced, admin_user)
    job.refresh_from_db()

    working.take_back(job, admin_user)
    while working.work(job.pk):
        pass

    assert (Customer.objects.get().ref_id, Customer.objects.get().ref_writer) == ("typed", None)
