"""Chapter 3: the old connection is silenced, retired, and can never run or write again; what it did stays readable."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import yaml
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Role
from integrations.hub.models import Customer
from integrations.migration.models import Move
from integrations.migration.steps import ActRefused
from integrations.sync import moving, promotion, retrying, runs, undo
from integrations.sync.configuration import Archived, FileRefused, apply_yaml, read_yaml, restore, save_version
from integrations.sync.models import Block, Connection, Outbox, RecordLink, Run
from integrations.sync.runner.drive import drive
from integrations.sync.runner.slice import run_slice
from integrations.sync.runs import RunRefused
from integrations.sync.sweeper import start_due
from tests.migration.conftest import done, is_met, measured
from tests.signed_in import ClientAs
from tests.sync.fakes import PaperCrm, connect

pytestmark = pytest.mark.django_db


def waits(old: Connection) -> Outbox:
    return Outbox.objects.create(
        connection=old, object="customers", hub_id=1, source_id="A1", kind="update", name="Firm 1",
        reason_code="by-hand", planned_at=timezone.now(),
    )  # fmt: skip


@pytest.fixture
def silent(move: Move, admin_user: User) -> Move:
    done(move, "blocks-off", "disable", admin_user)
    return move


@pytest.fixture
def retired(silent: Move, admin_user: User) -> Move:
    done(silent, "old-retired", "retire", admin_user, name="Paper")
    silent.refresh_from_db()
    silent.old.refresh_from_db()
    return silent


# --- Silence


@pytest.mark.requirement("R151", "R152", "R222", "R223")
def test_a_button_disables_every_block_as_one_version(move: Move, admin_user: User) -> None:
    found = measured(move, "blocks-off")
    assert (found.state, [row[:2] for row in found.rows]) == (
        "failed",
        [["Customers", "Input only"], ["Contacts", "Input only"]],
    )

    done(move, "blocks-off", "disable", admin_user)

    version = move.old.versions.first()
    assert measured(move, "blocks-off").state == "verified"
    assert set(Block.objects.values_list("mode", flat=True)) == {"disabled"}
    assert version
    assert (version.number, version.note, version.author) == (2, "Disabled for the move to HubSpot", admin_user)
    assert Connection.objects.get(pk=move.old_id).state == "on", "nothing else is paused"


@pytest.mark.requirement("R151")
def test_a_run_under_way_keeps_it_from_being_silent(silent: Move) -> None:
    run = Run.objects.create(connection=silent.old, kind="delta", slot="real", state="running", phase="read")

    found = measured(silent, "blocks-off")

    assert found.state == "failed"
    assert found.rows[0][0] == f"Run {run.pk}"


@pytest.mark.requirement("R151")
def test_waiting_writes_are_listed_and_dropped_only_once_nothing_sends_them(move: Move, admin_user: User) -> None:
    waits(move.old)
    with pytest.raises(ActRefused):
        done(move, "blocks-off", "drop", admin_user)
    done(move, "blocks-off", "disable", admin_user)

    found = measured(move, "blocks-off")
    assert (found.state, found.rows[0][:2]) == ("failed", ["Firm 1", "waits to be written to the old CRM"])
    done(move, "blocks-off", "drop", admin_user)

    assert measured(move, "blocks-off").state == "verified"
    assert not Outbox.objects.exists()


# --- Retired


@pytest.mark.requirement("R153", "R154", "R155")
def test_it_is_retired_only_once_every_block_is_disabled_and_its_name_is_typed(move: Move, admin_user: User) -> None:
    found = measured(move, "old-retired")
    assert (found.state, "in parallel" in found.said) == ("failed", True)
    with pytest.raises(ActRefused, match="Disable every block"):
        done(move, "old-retired", "retire", admin_user, name="Paper")
    done(move, "blocks-off", "disable", admin_user)
    with pytest.raises(ActRefused, match="Type the name"):
        done(move, "old-retired", "retire", admin_user, name="paper crm")

    done(move, "old-retired", "retire", admin_user, name=" Paper ")

    assert Connection.objects.get(pk=move.old_id).state == "archived"
    assert is_met(move, "old-retired") is False, "not measured yet"
    assert measured(move, "old-retired").state == "verified"


@pytest.mark.requirement("R153")
def test_a_run_under_way_is_waited_for(silent: Move, admin_user: User) -> None:
    Run.objects.create(connection=silent.old, kind="delta", slot="real", state="running", phase="read")

    with pytest.raises(ActRefused, match="under way"):
        done(silent, "old-retired", "retire", admin_user, name="Paper")

    assert Connection.objects.get(pk=silent.old_id).state == "on"


@pytest.mark.requirement("R153", "R205")
def test_its_configuration_is_kept_as_a_file_for_admins(client_as: ClientAs, retired: Move) -> None:
    page = reverse("migration:retired-file", args=[retired.pk])

    file = client_as(Role.ADMIN).get(page)

    kept = yaml.safe_load(file.content)
    assert (kept["connection"], kept["blocks"]["customers"]["mode"]) == ("paper", "disabled")
    assert len(kept["blocks"]["customers"]["lines"]) == 5
    assert client_as(Role.MANAGER).get(page).status_code == 403


@pytest.mark.requirement("R153", "R154")
@pytest.mark.parametrize("role", [Role.MANAGER, Role.CSM, Role.SUPPORT])
def test_only_an_admin_retires(client_as: ClientAs, silent: Move, role: Role) -> None:
    act = reverse("migration:act", args=[silent.pk, "old-retired", "retire"])

    answer = client_as(role).post(act, {"name": "Paper"})

    assert answer.status_code == 403
    assert Connection.objects.get(pk=silent.old_id).state == "on"


# --- Never again


Way = Callable[[Move, User], Any]


def _undo(move: Move, by: User) -> None:
    undo.request_undo(Run.objects.filter(connection=move.old).latest("pk"), by, "why not")


def _apply(move: Move, _by: User) -> None:
    preview = Run.objects.create(
        connection=move.old, kind="preview", slot="preview", state="done", phase="decide", version=move.old.version,
        counts={"customers.update": 1}, totals={},
    )  # fmt: skip
    runs.apply_preview(preview, by="Tom")


def _retry(move: Move, by: User) -> None:
    RecordLink.objects.filter(source_id="A1").update(state="failing")
    retrying.retry(move.old, retrying.some(move.old, "customers", ["A1"]), by=by.label)


def _hold(move: Move, _by: User) -> None:
    held = Run.objects.create(
        connection=move.old, kind="delta", slot="real", state="held", phase="apply", cursor={"steps": ["apply"]}
    )
    runs.release_held(held, by="Tom")


WAYS: dict[str, Way] = {
    "resume": lambda move, _by: runs.resume(move.old, by="Tom"),
    "pause": lambda move, _by: runs.pause(move.old, by="Tom"),
    "turn on": lambda move, _by: runs.turn_on(move.old, by="Tom"),
    "sync": lambda move, _by: runs.request_run(move.old, Run.Kind.DELTA, by="Tom"),
    "complete sync": lambda move, _by: runs.request_run(move.old, Run.Kind.FULL, by="Tom"),
    "preview": lambda move, _by: runs.request_run(move.old, Run.Kind.PREVIEW, by="Tom"),
    "test run": lambda move, _by: runs.request_run(move.old, "test", by="Tom"),
    "apply": _apply,
    "undo": _undo,
    "retry": _retry,
    "release what the brake held": _hold,
    "restore a version": lambda move, by: restore(move.old, 1, by),
    "import a file": lambda move, by: apply_yaml(read_yaml(move.retired_file.replace("disabled", "input")), by),
    "move to another owner": lambda move, by: moving.replicate(move.old, "Copy", by),
    "hand over": lambda move, by: moving.hand_over(move.old, connect("Copy", turn_on=False), by),
    "take over": lambda move, by: moving.hand_over(connect("Copy", turn_on=False), move.old, by),
}


@pytest.mark.requirement("R153", "R154", "R226")
@pytest.mark.parametrize("way", WAYS)
def test_no_way_brings_it_back(retired: Move, admin_user: User, crm: PaperCrm, way: str) -> None:
    # As it was before its blocks were disabled: the archive alone has to hold.
    Block.objects.filter(connection=retired.old).update(mode="input")
    before, asked = Run.objects.filter(state__in=Run.ACTIVE).count(), crm.calls.copy()

    with pytest.raises((RunRefused, Archived, FileRefused, moving.MoveRefused)):
        WAYS[way](retired, admin_user)

    assert Connection.objects.get(pk=retired.old_id).state == "archived"
    assert Run.objects.filter(state__in=Run.ACTIVE).count() == before == 0
    assert crm.calls == asked, "not one call"


@pytest.mark.requirement("R153", "R154")
def test_neither_the_schedule_nor_a_run_left_behind_brings_it_back(retired: Move, crm: PaperCrm) -> None:
    Block.objects.filter(connection=retired.old).update(mode="input")
    Connection.objects.filter(pk=retired.old_id).update(next_run_at=timezone.now() - timedelta(hours=1))
    left = Run.objects.create(connection=retired.old, kind="delta", slot="real", state="queued", phase="read")
    asked = crm.calls.copy()

    start_due()
    run_slice(left.pk)

    left.refresh_from_db()
    assert (left.state, Run.objects.filter(state__in=Run.ACTIVE).count()) == ("cancelled", 0)
    assert crm.calls == asked


@pytest.mark.requirement("R154")
def test_nothing_is_promoted_to_it(retired: Move) -> None:
    other = connect("Other")

    assert retired.old not in promotion.targets_of(other)


@pytest.mark.requirement("R153")
def test_the_page_refuses_to_restore_a_version_in_words(client_as: ClientAs, retired: Move) -> None:
    admin = client_as(Role.ADMIN)

    answer = admin.post(reverse("sync:restore", args=["paper", 1]), {"version": retired.old.version}, follow=True)

    assert "is archived: it stays as it was" in answer.content.decode()
    assert "Back to 1" not in answer.content.decode()
    assert set(Block.objects.values_list("mode", flat=True)) == {"disabled"}


@pytest.mark.requirement("R154", "R226")
def test_the_next_connection_becomes_the_writer_of_the_ids(move: Move, admin_user: User, crm: PaperCrm) -> None:
    """What stands in the old CRM’s name passes to whoever matches the customer next; the old one never takes it back."""
    from tests.sync.fakes import WORLDS

    new = connect("New", order=2)
    WORLDS[new.pk].company("H1", "Firm 1")
    Block.objects.filter(connection=new, object="customers").update(merge_keys=["name"])
    save_version(new, None)
    done(move, "blocks-off", "disable", admin_user)
    done(move, "old-retired", "retire", admin_user, name="Paper")

    drive(runs.request_run(new, Run.Kind.FULL, by="Tom"), 20)

    customer = Customer.objects.get(name="Firm 1")
    assert (customer.ref_id, customer.ref_writer) == ("H1", new.pk)


@pytest.mark.requirement("R153")
def test_its_history_stays_readable(client_as: ClientAs, retired: Move) -> None:
    admin = client_as(Role.ADMIN)
    run = Run.objects.filter(connection=retired.old).latest("pk")

    for address in (
        reverse("sync:connection", args=["paper"]), reverse("sync:versions", args=["paper"]),
        reverse("sync:run", args=[run.pk]), reverse("sync:export", args=["paper"]),
    ):  # fmt: skip
        assert admin.get(address).status_code == 200


@pytest.mark.requirement("R153", "R207")
@pytest.mark.parametrize("side", ["old", "new"])
def test_a_connection_of_a_move_goes_to_no_other_owner_under_its_feet(
    reached: Move, admin_user: User, side: str
) -> None:
    connection = Connection.objects.get(pk=getattr(reached, side).pk)
    Connection.objects.filter(pk=connection.pk).update(state="paused")
    connection.refresh_from_db()
    with pytest.raises(moving.MoveRefused, match="belongs to a move to HubSpot"):
        moving.replicate(connection, "Heir", admin_user)

    Move.objects.update(state="stopped")

    assert moving.replicate(connection, "Heir", admin_user).name == "Heir"
