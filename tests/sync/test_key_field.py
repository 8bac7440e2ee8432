"""The field for our own key: kept by its organisation, noticed when it goes, offered again; nothing is doubled meanwhile."""

# ruff: noqa: F811  fixtures of another file are named as they are

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from integrations.sync import moving, runs
from integrations.sync.configuration import (
    apply_yaml,
    draft_differences,
    read_yaml,
    save_mapping,
    save_version,
    snapshot,
    to_yaml,
)
from integrations.sync.configuration.versions import restore
from integrations.sync.models import Block, Connection, ConnectionState, Outbox, Run
from integrations.sync.promotion import planned, promote
from integrations.sync.runner.drive import drive
from integrations.wire.errors import Misconfigured

from .fakes import KEY, PaperConnector, PaperCrm, connect
from .test_nothing_lost import dropping, names
from .test_two_way import connection, crm, customer, edit, made_here, sync  # noqa: F401  (fixtures)

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("I1", "R60")]


def block_of(connection: Connection, name: str = "customers") -> Block:
    return Block.objects.get(connection=connection, object=name)


def keyed(connection: Connection, key: str) -> None:
    Block.objects.filter(connection=connection).update(mode="two-way", key_field=key)


def lose(crm: PaperCrm) -> None:
    """An administrator deletes the field, and with it every key that stood in it."""
    crm.hidden_fields.add(KEY)
    crm.keys.clear()


def mapping(connection: Connection, name: str = "customers") -> str:
    return reverse("sync:mapping", args=[connection.slug, name])


def make(client: Client, connection: Connection, name: str = "customers") -> Any:
    return client.post(reverse("sync:make-key", args=[connection.slug, name]), follow=True)


# --- It belongs to the organisation, not to the configuration


@pytest.mark.requirement("R207")
@pytest.mark.parametrize("own", ["", "Own_Key"])
def test_promotion_leaves_the_target_its_own_field(admin_user: User, own: str) -> None:
    sandbox, live = connect("Sandbox"), connect("Live")
    keyed(sandbox, "Key")
    Block.objects.filter(connection=live).update(key_field=own)
    save_version(sandbox, admin_user)
    save_version(live, admin_user)
    sandbox.refresh_from_db()
    live.refresh_from_db()

    plan = planned(sandbox, live)
    made = promote(sandbox, live, plan, admin_user)

    assert made is not None
    assert not [said for part in plan.parts for said in part.said if "key" in said]
    assert (block_of(live).mode, block_of(live).key_field) == ("two-way", own)


@pytest.mark.requirement("C18")
def test_file_neither_carries_the_field_nor_takes_it_away(connection: Connection) -> None:
    keyed(connection, "Key")
    text = to_yaml(connection)
    # As an earlier release wrote it.
    older = text.replace("    mode: two-way\n", "    mode: two-way\n    key_field: Theirs\n")

    apply_yaml(read_yaml(older), None)

    assert "key_field" not in text
    assert older != text
    assert draft_differences(read_yaml(older)) == []
    assert block_of(connection).key_field == "Key"
    elsewhere = older.replace("connection: paper", "connection: other").replace("name: Paper", "name: Other")
    other = apply_yaml(read_yaml(elsewhere), None)
    assert (block_of(other).mode, block_of(other).key_field) == ("two-way", "")


def test_going_back_to_an_earlier_version_keeps_the_field(connection: Connection, admin_user: User) -> None:
    keyed(connection, "")
    first = save_version(connection, admin_user)
    assert first is not None
    keyed(connection, "Key")
    # Versions of an earlier release say the field, too.
    first.data["blocks"]["customers"]["key_field"] = ""
    first.save()
    unchanged = save_version(connection, admin_user)
    Block.objects.filter(connection=connection, object="contacts").update(mode="input")
    save_version(connection, admin_user)

    restore(connection, first.number, admin_user)

    assert unchanged is None, "that the field was made is no change of the configuration"
    assert (block_of(connection, "contacts").mode, block_of(connection).key_field) == ("two-way", "Key")


@pytest.mark.requirement("R207")
@pytest.mark.parametrize(("own", "kept"), [("", "Key"), ("Own", "Own")])
def test_new_owner_of_the_same_organisation_has_the_field(
    connection: Connection, crm: PaperCrm, admin_user: User, own: str, kept: str
) -> None:
    sync(connection)
    Connection.objects.filter(pk=connection.pk).update(account="ana@x.example", organisation="Aldervale")
    runs.pause(connection, by="Inès")
    new = moving.replicate(connection, "New owner", admin_user)
    Connection.objects.filter(pk=new.pk).update(account="ben@x.example", organisation="Aldervale")
    Block.objects.filter(connection=new).update(key_field=own)

    moving.hand_over(connection, Connection.objects.get(pk=new.pk), admin_user)

    assert block_of(new).key_field == kept


# --- It goes


@pytest.mark.requirement("C9", "F24")
def test_field_that_went_is_told_and_new_records_still_go_out(
    connection: Connection, crm: PaperCrm, admin_client: Client
) -> None:
    sync(connection)
    lose(crm)
    made_here("customers", [{"name": "Cedar"}], by="Inès")

    sync(connection)

    assert names(crm).count("Cedar") == 1
    assert [send.key for send in crm.sends[-1]] == [""], "without a key in a field that is not there"
    assert (block_of(connection).key_gone_at is not None, block_of(connection).working_key) == (True, "")
    said = "“Key” of Customers, the field for our own ID, is gone"
    assert said in admin_client.get(reverse("sync:needs")).content.decode()


@pytest.mark.requirement("C9")
def test_field_that_is_back_is_used_again(connection: Connection, crm: PaperCrm, admin_client: Client) -> None:
    lose(crm)
    sync(connection)
    crm.hidden_fields.clear()
    crm.later()
    sync(connection)

    assert block_of(connection).key_gone_at is None
    made_here("customers", [{"name": "Cedar"}], by="Inès")
    sync(connection)
    assert all(send.key for send in crm.sends[-1])
    assert "own ID, is gone" not in admin_client.get(reverse("sync:needs")).content.decode()


@pytest.mark.requirement("C9")
def test_field_that_went_stops_the_run_where_the_connection_says_so(connection: Connection, crm: PaperCrm) -> None:
    Connection.objects.filter(pk=connection.pk).update(on_field_gone="stop")
    lose(crm)

    drive(runs.request_run(connection, "delta", by="Inès"))

    run = Run.objects.latest("pk")
    assert (run.state, run.reason_code, run.reason_params["field"]) == (Run.State.FAILED, "key-field-gone", "Key")
    assert block_of(connection).key_field == "Key"


def test_field_of_what_only_comes_in_is_nobodys_matter(connection: Connection, crm: PaperCrm) -> None:
    Block.objects.filter(connection=connection).update(mode="input")
    lose(crm)

    sync(connection)

    assert block_of(connection).key_gone_at is None


@pytest.mark.parametrize("is_noticed", [True, False])
def test_what_was_sent_into_a_field_that_went_is_asked_about_and_not_doubled(
    connection: Connection, crm: PaperCrm, admin_client: Client, *, is_noticed: bool
) -> None:
    """Its key went with the field: the new one holds nothing, and that it is not found there tells nothing."""
    sync(connection)
    made_here("customers", [{"name": "Cedar"}], by="Inès")
    dropping(crm)
    drive(runs.request_run(connection, "delta", by="Inès"))
    lose(crm)
    if is_noticed:
        Block.objects.filter(connection=connection).update(key_gone_at=timezone.now())
    assert make(admin_client, connection).status_code == 200
    for _again in range(2):
        crm.later()
        sync(connection)

    assert names(crm).count("Cedar") == 1
    assert Outbox.objects.get().state == "doubtful"


def test_what_was_sent_before_there_was_a_field_is_asked_about(
    connection: Connection, crm: PaperCrm, admin_client: Client
) -> None:
    keyed(connection, "")
    sync(connection)
    made_here("customers", [{"name": "Cedar"}], by="Inès")
    dropping(crm)
    drive(runs.request_run(connection, "delta", by="Inès"))
    make(admin_client, connection)
    crm.later()
    sync(connection)

    assert block_of(connection).key_field == "Key"
    assert names(crm).count("Cedar") == 1
    assert Outbox.objects.get().state == "doubtful"


def test_what_was_sent_since_is_found_by_its_key(connection: Connection, crm: PaperCrm, admin_client: Client) -> None:
    keyed(connection, "")
    make(admin_client, connection)
    sync(connection)
    made_here("customers", [{"name": "Cedar"}], by="Inès")
    dropping(crm)
    drive(runs.request_run(connection, "delta", by="Inès"))
    crm.later()
    sync(connection)

    assert names(crm).count("Cedar") == 1
    assert not Outbox.objects.exists()


# --- It is made where its loss is told


@pytest.mark.requirement("E9")
def test_mapping_page_offers_the_field_and_makes_it(
    connection: Connection, crm: PaperCrm, admin_client: Client
) -> None:
    lose(crm)
    sync(connection)

    page = admin_client.get(mapping(connection)).content.decode()
    after = make(admin_client, connection)

    assert "Key, the field for our own ID, is gone from" in page
    assert "Add the field again" in page
    assert f'id="make-key" action="{reverse("sync:make-key", args=[connection.slug, "customers"])}"' in page
    assert "keeps our own ID from now on" in after.content.decode()
    assert "Add the field" not in admin_client.get(mapping(connection)).content.decode()
    assert block_of(connection).working_key == "Key"
    assert AuditEntry.objects.latest("pk").after == {"customers": "Key"}


@pytest.mark.parametrize(("hidden", "key"), [(True, ""), (False, "Key")])
def test_saving_the_mapping_goes_on_without_the_field_that_is_lost(
    connection: Connection, crm: PaperCrm, admin_user: User, *, hidden: bool, key: str
) -> None:
    lose(crm)
    sync(connection)
    if not hidden:
        crm.hidden_fields.clear()
    block = block_of(connection)
    lines = snapshot(connection)["blocks"]["customers"]["lines"]
    seen = PaperConnector(connection).schema("customers")

    save_mapping(block, lines, merge_keys=block.merge_keys, ref_is_common=False, author=admin_user, seen=seen)

    assert block_of(connection).key_field == key
    assert (block_of(connection).key_gone_at is None) is hidden, "what is shown again, the next run takes up"


def test_refusal_of_the_crm_is_said_and_nothing_kept(
    connection: Connection, crm: PaperCrm, admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyed(connection, "")

    def refuse(_connector: PaperConnector, _name: str) -> str:
        raise Misconfigured("FIELD_NOT_ALLOWED", "You may not add fields.")

    monkeypatch.setattr(PaperConnector, "create_key_field", refuse)

    page = make(admin_client, connection).content.decode()

    assert "You may not add fields." in page
    assert block_of(connection).key_field == ""


@pytest.mark.parametrize(("name", "mode"), [("customers", "input"), ("agreements", "input")])
def test_nothing_is_offered_where_nothing_goes_out(
    connection: Connection, crm: PaperCrm, admin_client: Client, name: str, mode: str
) -> None:
    Block.objects.update_or_create(connection=connection, object=name, defaults={"mode": mode})

    page = admin_client.get(mapping(connection, name)).content.decode()

    assert "make-key" not in page
    assert admin_client.post(reverse("sync:make-key", args=[connection.slug, name])).status_code == 404
    assert "field" not in crm.calls


@pytest.mark.requirement("F25")
def test_what_a_run_sent_before_it_knew_of_the_field_is_not_looked_for_by_it(
    connection: Connection, crm: PaperCrm, admin_client: Client
) -> None:
    """Somebody adds the field while the run is under way, and its answer gets lost: by the clock it was sent afterwards."""
    keyed(connection, "")
    sync(connection)
    made_here("customers", [{"name": "Cedar"}], by="Inès")
    dropping(crm)
    added: list[str] = []

    def add_once(*_: Any) -> None:
        if not added:
            make(admin_client, connection)
            added.append(block_of(connection).key_field)

    crm.before_read = add_once
    drive(runs.request_run(connection, "delta", by="Inès"))
    assert (block_of(connection).key_field, Outbox.objects.get().state) == ("Key", "sent")
    ConnectionState.objects.filter(pk=connection.pk).update(health="ok")

    for _ in range(2):
        crm.later()
        sync(connection)

    assert (names(crm).count("Cedar"), Outbox.objects.get().state) == (1, "doubtful")


def test_where_a_lost_field_stops_the_syncs_saving_the_mapping_lets_them_go_on(
    connection: Connection, crm: PaperCrm, admin_user: User
) -> None:
    sync(connection)
    Connection.objects.filter(pk=connection.pk).update(on_field_gone="stop")
    lose(crm)
    assert drive(runs.request_run(connection, "delta", by="Inès")).reason_code == "key-field-gone"

    for name in ("customers", "contacts"):
        block = block_of(connection, name)
        lines, seen = snapshot(connection)["blocks"][name]["lines"], PaperConnector(connection).schema(name)
        save_mapping(block, lines, merge_keys=block.merge_keys, ref_is_common=False, author=admin_user, seen=seen)

    assert block_of(connection).key_field == ""
    assert drive(runs.request_run(Connection.objects.get(pk=connection.pk), "delta", by="Inès")).state == "done"
