"""A configuration goes from file to connection, from sandbox to live, from one owner to the next; progress and links as due."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import AuditEntry, User
from integrations.hub.door import door
from integrations.hub.models import Customer, Interaction
from integrations.rehearsal.practice import PracticeSalesforce
from integrations.salesforce.models import SalesforceConnection
from integrations.sync import moving, runs
from integrations.sync.blocks import AgreementSource
from integrations.sync.configuration import VersionMoved, WouldErase, restore, save_version, snapshot, to_yaml
from integrations.sync.identity.rekey import choosing, working
from integrations.sync.models import (
    AlertChannel,
    AlertChoice,
    AwaitedContact,
    Block,
    Connection,
    ConnectionState,
    FieldMapping,
    RecordLink,
    ReKey,
    Run,
    Version,
)
from integrations.sync.promotion import planned, promote
from integrations.sync.runner.drive import drive
from integrations.sync.sweeper import start_due
from tests.salesforce.conftest import allow, signed_in
from tests.salesforce.test_interactions_synced import add_block
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


@pytest.mark.requirement("R207", "R209", "E9")
def test_versions_go_along_and_the_former_runs_keep_theirs(
    synced: Connection, admin_user: User, admin_client: Client
) -> None:
    save_version(synced, admin_user, "set up")
    Version.objects.filter(connection=synced).update(at=timezone.now() - timedelta(days=40))
    FieldMapping.objects.filter(block__connection=synced).update(blanks="erase")
    save_version(synced, admin_user, "blanks erase")
    Run.objects.filter(connection=synced).update(version=2)
    kept = list(Version.objects.filter(connection=synced).values("number", "at", "author_name", "note", "diff", "data"))

    new = moved(synced, admin_user)

    number, columns = Version.objects.values_list("number", flat=True), ("number", "saved_in", "note")
    assert list(Version.objects.filter(connection=new).order_by("number").values_list(*columns)) == [
        (1, "Old", "set up"), (2, "Old", "blanks erase"), (3, "", "Copied from Old"),
    ]  # fmt: skip
    assert new.version == 3
    assert [v.at for v in new.versions.filter(number__lte=2)] == [said["at"] for said in kept]
    assert list(Version.objects.filter(connection=synced).values(*kept[0])) == kept
    assert list(Run.objects.filter(connection=synced).values_list("version", flat=True)) == [2]
    assert list(number.filter(connection=synced)) == [2, 1]
    page = " ".join(admin_client.get(reverse("sync:versions", args=[new.slug])).content.decode().split())
    assert page.count("saved in Old, whose place this connection took") == 2
    assert "Back to 1" in page


@pytest.mark.requirement("R207", "E9")
def test_copy_that_has_not_taken_over_yet_does_not_say_that_it_has(
    synced: Connection, admin_user: User, admin_client: Client
) -> None:
    save_version(synced, admin_user, "set up")
    runs.pause(synced, by="Inès")
    copy = moving.replicate(synced, "New owner", admin_user)

    page = admin_client.get(reverse("sync:versions", args=[copy.slug])).content.decode()

    assert "saved in Old, of which this connection is a copy" in page
    assert "whose place" not in page


@pytest.mark.requirement("R207", "E9")
def test_the_new_owner_goes_back_behind_the_move_and_keeps_the_name(synced: Connection, admin_user: User) -> None:
    lines = FieldMapping.objects.filter(block__connection__name="New owner")
    save_version(synced, admin_user)
    FieldMapping.objects.filter(block__connection=synced).update(on_conflict="hub")
    save_version(synced, admin_user)
    new = moved(synced, admin_user)
    assert set(lines.values_list("on_conflict", flat=True)) == {"hub"}

    restore(new, 1, admin_user)

    new.refresh_from_db()
    assert (new.name, new.version) == ("New owner", 4)
    assert set(lines.values_list("on_conflict", flat=True)) == {"crm"}


@pytest.mark.requirement("R207")
def test_what_waits_and_who_is_told_go_along(synced: Connection, admin_user: User) -> None:
    interaction = Interaction.objects.create(
        customer=Customer.objects.get(), origin="captured", type="call", starts_at=timezone.now()
    )
    AwaitedContact.objects.create(connection=synced, source_id="12", interaction=interaction)
    channel = AlertChannel.objects.create(name="Room", sealed=b"", connection=synced)
    AlertChoice.objects.create(user=admin_user, connection=synced, events=["held"])
    FieldMapping.objects.filter(block__connection=synced, hub_field="name").update(crm_writable=True, crm_type="text")

    new = moved(synced, admin_user)

    assert AwaitedContact.objects.get().connection_id == new.pk
    channel.refresh_from_db()
    assert (channel.connection_id, AlertChoice.objects.get().connection_id) == (new.pk, new.pk)
    line = FieldMapping.objects.get(block__connection=new, block__object="customers", hub_field="name")
    assert (line.crm_writable, line.crm_type) == (True, "text")


@pytest.mark.requirement("R207", "R16")
def test_customer_made_there_by_the_former_connection_is_not_churned_by_the_new_one(
    synced: Connection, admin_user: User
) -> None:
    Block.objects.filter(connection=synced, object="customers").update(mode="two-way")
    FieldMapping.objects.filter(block__connection=synced, hub_field="name").update(direction="both")
    Connection.objects.filter(pk=synced.pk).update(churn_missing=True)
    door().create("customers", [{"name": "Made here"}], by="Inès")
    drive(runs.request_run(Connection.objects.get(pk=synced.pk), "delta", by="Inès"))
    crm = WORLDS[synced.pk]
    made = RecordLink.objects.get(hub_id=Customer.objects.get(name="Made here").pk).source_id
    # It does not fit the CRM's view.
    crm.outside.add(made)

    new = moved(Connection.objects.get(pk=synced.pk), admin_user)
    WORLDS[new.pk] = crm
    crm.later()
    drive(runs.request_run(new, "full", by="Ben"))

    assert Customer.objects.get(name="Made here").stage.name != "churn"


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


@pytest.fixture
def erasing_draft(synced: Connection, admin_user: User) -> Connection:
    """Signed in and ready; it was told to let blanks erase before it had a link that could have shown what."""
    Customer.objects.update(domain="here.example")
    FieldMapping.objects.filter(block__connection=synced, hub_field="domain").delete()
    block = Block.objects.get(connection=synced, object="customers")
    FieldMapping.objects.create(block=block, position=9, hub_field="domain", crm_field="Website", blanks="erase")
    save_version(synced, admin_user)
    FieldMapping.objects.filter(block=block, hub_field="domain").update(blanks="keep")
    save_version(synced, admin_user)
    RecordLink.objects.filter(object="customers").update(settled={"domain": [None, None]})
    runs.pause(synced, by="Inès")
    new = moving.replicate(synced, "New owner", admin_user)
    restore(new, 1, admin_user)
    Connection.objects.filter(pk=new.pk).update(account="ben@x.example", organisation="Aldervale")
    return Connection.objects.get(pk=new.pk)


@pytest.mark.requirement("R207", "R231")
def test_move_lists_what_the_new_configuration_would_empty_and_does_only_that(
    synced: Connection, erasing_draft: Connection, admin_client: Client
) -> None:
    address = reverse("sync:move", args=[synced.slug])

    shown = admin_client.get(address, {"to": erasing_draft.slug})
    unseen = admin_client.post(address, {"to": erasing_draft.slug})

    page = shown.content.decode()
    assert "Customers, Domain: 1 value is filled here and blank in Old" in page
    assert "here.example" in page
    assert "Hand over 2 links and let blanks erase" in page
    assert "Blanks would erase values here. Look at them first; nothing was changed." in unseen.content.decode()
    assert unseen.context["emptied"] == 1
    assert RecordLink.objects.filter(connection=synced).count() == 2

    admin_client.post(address, {"to": erasing_draft.slug, "read": shown.context["seal"]})

    assert RecordLink.objects.filter(connection=erasing_draft).count() == 2


@pytest.mark.requirement("R207", "R231")
def test_move_that_nobody_has_seen_the_erasures_of_is_refused_by_what_acts(
    synced: Connection, erasing_draft: Connection, admin_user: User
) -> None:
    with pytest.raises(WouldErase):
        moving.hand_over(synced, erasing_draft, admin_user)

    assert RecordLink.objects.filter(connection=synced).count() == 2
    erasing_draft.refresh_from_db()
    assert erasing_draft.state == "draft"


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
    admin_client.post(address, {"to": live.slug, "source_version": 0, "target_version": 0})
    assert Block.objects.get(connection=live, object="customers").mode == "two-way"


@pytest.mark.parametrize("saved", ["Sandbox", "Live"])
def test_what_somebody_saves_on_either_side_meanwhile_is_not_carried_over_unseen(
    admin_client: Client, admin_user: User, saved: str
) -> None:
    sandbox, live = connect("Sandbox"), connect("Live")
    Block.objects.filter(connection=sandbox, object="customers").update(mode="two-way")
    save_version(sandbox, admin_user)
    save_version(live, admin_user)
    address = reverse("sync:promote", args=[sandbox.slug])
    shown = admin_client.get(address, {"to": live.slug}).context["plan"].expected
    Connection.objects.filter(name=saved).update(every_minutes=45)
    save_version(Connection.objects.get(name=saved), admin_user)

    answer = admin_client.post(
        address, {"to": live.slug, "source_version": shown[0], "target_version": shown[1]}, follow=True
    )

    assert "Somebody saved another version meanwhile, so nothing was changed." in answer.content.decode()
    assert "What would change in Live" in answer.content.decode()
    assert Block.objects.get(connection=live, object="customers").mode == "input"
    assert Connection.objects.get(name=saved).every_minutes == 45


def test_a_save_after_the_comparison_stops_the_promotion(admin_user: User) -> None:
    sandbox, live = connect("Sandbox"), connect("Live")
    Block.objects.filter(connection=sandbox, object="customers").update(mode="two-way")
    plan = planned(sandbox, live)
    save_version(live, admin_user)

    with pytest.raises(VersionMoved):
        promote(sandbox, live, plan, admin_user)

    assert Block.objects.get(connection=live, object="customers").mode == "input"


# --- Views that the other organisation does not have

THEIRS = {"account_view": "00B000000000001AAA", "account_view_label": "Skalin customers"}


@pytest.fixture
def live(tmp_path: Path, settings: Settings) -> Iterator[SalesforceConnection]:
    """On, with a scope of its own, in an organisation that answers."""
    with PracticeSalesforce(tmp_path, 2, contacts_per=0) as crm:
        allow(settings, crm)
        made = signed_in(crm, state="on")
        add_block(made, "customers", "input")
        yield SalesforceConnection.objects.get(pk=made.pk)


def sandbox_with(**columns: Any) -> Connection:
    made = SalesforceConnection.objects.create(system="salesforce", name="Sandbox", slug="sandbox", **columns)
    add_block(made, "customers", "two-way")
    return Connection.objects.get(pk=made.pk)


def carried(client: Client, source: Connection, target: Connection) -> str:
    """What the page says after both answers: compared, and applied as shown."""
    address = reverse("sync:promote", args=[source.slug])
    client.get(address, {"to": target.slug})
    sent = {"to": target.slug, "source_version": source.version, "target_version": target.version}
    return client.post(address, sent, follow=True).content.decode()


def shown_to(client: Client, source: Connection, target: Connection) -> str:
    return client.get(reverse("sync:promote", args=[source.slug]), {"to": target.slug}).content.decode()


def mode_of(connection: Connection) -> str:
    return Block.objects.get(connection=connection, object="customers").mode


@pytest.mark.requirement("C18", "E9")
@pytest.mark.parametrize("label", ["Skalin customers", ""])
def test_a_view_that_is_lost_leaves_the_scope_of_the_target_as_it_is(
    admin_client: Client, live: SalesforceConnection, label: str
) -> None:
    """Without a name, as from a file, it cannot be found either."""
    sandbox = sandbox_with(**(THEIRS | {"account_view_label": label}))
    before = (live.account_view, live.account_view_label)

    page = shown_to(admin_client, sandbox, live)
    carried(admin_client, sandbox, live)

    said = (
        f"Account view: “{label or THEIRS['account_view']}” is not found, so it is kept as it is there: All Accounts."
    )
    assert said in page
    live.refresh_from_db()
    assert (live.account_view, live.account_view_label) == before
    assert mode_of(live) == "two-way"


def test_a_view_is_found_by_its_name(admin_client: Client, live: SalesforceConnection) -> None:
    sandbox = sandbox_with(**(THEIRS | {"account_view_label": "Active customers (CS)"}))
    before = live.account_view

    carried(admin_client, sandbox, live)

    live.refresh_from_db()
    assert live.account_view_label == "Active customers (CS)"
    assert live.account_view not in {before, THEIRS["account_view"]}


@pytest.mark.requirement("C18", "E9")
@pytest.mark.parametrize(
    ("columns", "says"),
    [
        (THEIRS | {"contact_view": "00B000000000002AAA", "contact_view_label": "Ours"}, "Contact view would be empty"),
        ({}, "Sandbox does not say which records come in."),
    ],
)
def test_what_would_open_a_live_scope_is_refused(
    admin_client: Client, live: SalesforceConnection, columns: dict[str, str], says: str
) -> None:
    sandbox = sandbox_with(**columns)

    page = shown_to(admin_client, sandbox, live)
    refused = carried(admin_client, sandbox, live)

    assert says in page
    assert "Choose" in page or "choose" in page
    assert "Apply 1 difference" not in page
    assert says in refused
    live.refresh_from_db()
    assert (live.account_view_label, mode_of(live)) == ("All Accounts", "input")


def test_a_target_that_is_not_on_takes_the_rest_and_is_told_what_is_empty(
    admin_client: Client, live: SalesforceConnection
) -> None:
    SalesforceConnection.objects.filter(pk=live.pk).update(state="draft", account_view="", account_view_label="")
    sandbox = sandbox_with(**THEIRS)

    page = shown_to(admin_client, sandbox, live)
    carried(admin_client, sandbox, live)

    assert "“Skalin customers” is not found, and none is chosen there. It stays empty" in page
    assert mode_of(live) == "two-way"


@pytest.mark.parametrize(("source", "is_kept"), [("Opportunity", True), ("Contract", False)])
def test_a_lost_view_of_agreements_is_kept_only_where_the_object_is_the_same(
    live: SalesforceConnection, admin_user: User, source: str, is_kept: bool
) -> None:
    own = AgreementSource(source, "AccountId", "00B000000000003AAA", "Won deals").settings
    theirs = AgreementSource("Opportunity", "AccountId", "00B000000000004AAA", "Elsewhere").settings
    Block.objects.create(connection=live, object="agreements", mode="input", settings=own)
    sandbox = sandbox_with(**THEIRS)
    Block.objects.create(connection=sandbox, object="agreements", mode="input", settings=theirs)

    plan = planned(sandbox, live)

    view = plan.data["blocks"]["agreements"]["settings"]["view"]
    assert view == (own["view"] if is_kept else "")
    assert [one.stands for one in plan.lost] == ["All Accounts", "Won deals" if is_kept else ""]
    assert bool(plan.harm) is not is_kept


@pytest.mark.requirement("C18", "E9")
def test_no_run_starts_while_nothing_says_which_records_come_in(live: SalesforceConnection) -> None:
    SalesforceConnection.objects.filter(pk=live.pk).update(
        account_view="", next_run_at=timezone.now() - timedelta(minutes=1)
    )
    connection = Connection.objects.get(pk=live.pk)

    with pytest.raises(runs.RunRefused, match=r"No account view is chosen yet.* Nothing was started"):
        runs.request_run(connection, Run.Kind.DELTA, by="Inès")
    start_due()

    connection.refresh_from_db()
    assert connection.next_run_at
    assert connection.next_run_at > timezone.now()
    assert Run.objects.count() == 0


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

    admin_client.post(address, {"text": text, "act": "apply", "version": shown.context["version"]})
    connection.refresh_from_db()
    assert (connection.every_minutes, connection.version) == (30, 2)


def test_import_never_writes_over_what_somebody_saved_meanwhile(admin_client: Client, admin_user: User) -> None:
    connection = SalesforceConnection.objects.create(system="salesforce", name="Salesforce", slug="salesforce")
    ConnectionState.objects.create(connection=connection)
    save_version(connection, admin_user)
    text = to_yaml(connection).replace("every_minutes: 15", "every_minutes: 30")
    address = reverse("sync:import")
    shown = admin_client.post(address, {"text": text}).context["version"]
    SalesforceConnection.objects.update(churn_missing=True)
    save_version(Connection.objects.get(), admin_user)

    answer = admin_client.post(address, {"text": text, "act": "apply", "version": shown})

    connection.refresh_from_db()
    assert (connection.every_minutes, connection.churn_missing, connection.version) == (15, True, 2)
    page = answer.content.decode()
    assert "Somebody saved another version meanwhile, so nothing was changed." in page
    assert "Apply 2 differences" in page
    admin_client.post(address, {"text": text, "act": "apply", "version": answer.context["version"]})
    connection.refresh_from_db()
    assert (connection.every_minutes, connection.churn_missing, connection.version) == (30, False, 3)


@pytest.mark.parametrize("shown", ["1", "", "-9", "x"])
def test_import_makes_a_new_connection_only_where_a_new_one_was_shown(admin_client: Client, shown: str) -> None:
    text = "skalin-sync: 1\nconnection: fresh\nsystem: salesforce\n"
    address = reverse("sync:import")

    page = admin_client.post(address, {"text": text, "act": "apply", "version": shown}).content.decode()
    assert "A new connection: fresh" in page
    assert not Connection.objects.exists()

    admin_client.post(address, {"text": text, "act": "apply", "version": "-1"})
    assert Connection.objects.get().slug == "fresh"


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
