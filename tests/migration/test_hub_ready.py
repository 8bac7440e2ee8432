"""Chapter 2: the hub's own field for the old ID, the line that fills it, and a sample that people look at."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Role
from integrations.hub.door import Values, door
from integrations.hub.models import Customer, CustomField, CustomKey
from integrations.hubspot.models import HubSpotConnection
from integrations.migration import checking, old_id
from integrations.migration.acts import old_id as acts
from integrations.migration.chapters import step_of
from integrations.migration.models import Move, Passage
from integrations.migration.steps import ActRefused
from integrations.sync import registry, runs
from integrations.sync.models import Block, Change, Connection, FieldMapping, RecordLink, Run
from integrations.sync.runner.drive import drive
from tests.migration.conftest import done, is_met, measured, signed
from tests.signed_in import ClientAs
from tests.sync.fakes import ABILITIES, PaperCrm

pytestmark = pytest.mark.django_db

Sync = Callable[..., Run]


def held(move: Move) -> dict[str, Any]:
    key = Move.objects.get(pk=move.pk).old_id_field.removeprefix("custom.")
    return {one.name: one.custom.get(key) for one in Customer.objects.all()}


@pytest.fixture
def chosen(move: Move, admin_user: User) -> Move:
    done(move, "old-id-field", "make", admin_user, name="Old CRM ID")
    move.refresh_from_db()
    return move


@pytest.fixture
def mapped(chosen: Move, admin_user: User) -> Move:
    done(chosen, "old-id-mapped", "map", admin_user)
    return chosen


@pytest.fixture
def filled(mapped: Move, sync: Sync) -> Move:
    sync()
    return mapped


@pytest.fixture
def numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    paper = registry.system_of("paper")
    monkeypatch.setitem(registry._systems, "paper", replace(paper, abilities=replace(ABILITIES, ids_are_numbers=True)))


# --- The field


@pytest.mark.requirement("R148", "R222", "R223")
def test_the_field_is_made_once_and_may_recognise(move: Move, admin_user: User) -> None:
    assert measured(move, "old-id-field").state == "new"

    for _ in range(2):
        done(move, "old-id-field", "make", admin_user, name="Old CRM ID")

    field = CustomField.objects.get()
    assert (field.entity, field.type, field.is_key) == ("customers", "STRING", True)
    assert measured(move, "old-id-field").state == "verified"


@pytest.mark.requirement("R148")
def test_a_field_that_is_there_is_chosen_and_then_recognises(move: Move, admin_user: User) -> None:
    field = CustomField.objects.create(entity="customers", name="Legacy ID", type="STRING")
    Customer.objects.filter(name="Firm 1").update(custom={field.key: "A1"})

    done(move, "old-id-field", "choose", admin_user, field=field)

    assert measured(move, "old-id-field").state == "verified"
    assert CustomKey.objects.get().value == "A1"


@pytest.mark.requirement("R148")
def test_the_type_is_that_of_the_old_crm(chosen: Move, admin_user: User, numbers: None) -> None:
    wrong = measured(chosen, "old-id-field")
    assert (wrong.state, "of type “Number”" in wrong.said) == ("failed", True)

    with pytest.raises(ActRefused, match="another type"):
        done(chosen, "old-id-field", "make", admin_user, name="Old CRM ID")
    done(chosen, "old-id-field", "make", admin_user, name="Old number")

    assert CustomField.objects.get(name="Old number").type == "NUMBER"
    assert measured(chosen, "old-id-field").state == "verified"


def test_a_field_that_is_gone_fails(chosen: Move) -> None:
    CustomField.objects.all().delete()

    assert measured(chosen, "old-id-field").state == "failed"


# --- The line


@pytest.mark.requirement("R149")
def test_a_button_adds_the_line_as_a_version_and_leaves_the_others(chosen: Move, admin_user: User) -> None:
    before = set(FieldMapping.objects.values_list("hub_field", "crm_field", "direction"))
    assert measured(chosen, "old-id-mapped").state == "failed"

    done(chosen, "old-id-mapped", "map", admin_user)

    after = set(FieldMapping.objects.values_list("hub_field", "crm_field", "direction"))
    version = chosen.old.versions.first()
    assert after - before == {(chosen.old_id_field, "Id", "in")}
    assert before <= after
    assert version
    assert (version.author, "move to HubSpot" in version.note) == (admin_user, True)
    assert measured(chosen, "old-id-mapped").state == "verified"


@pytest.mark.requirement("R149")
@pytest.mark.parametrize("wrong", [{"crm_field": "Name"}, {"direction": "out"}, {"suspended_at": "2026-03-01T00:00Z"}])
def test_a_line_that_does_not_fill_it_fails(mapped: Move, wrong: dict[str, Any]) -> None:
    FieldMapping.objects.filter(hub_field=mapped.old_id_field).update(**wrong)

    assert measured(mapped, "old-id-mapped").state == "failed"


def test_nothing_is_mapped_without_a_field_or_on_an_archived_connection(move: Move, admin_user: User) -> None:
    with pytest.raises(ActRefused):
        done(move, "old-id-mapped", "map", admin_user)
    assert measured(move, "old-id-mapped").state == "new"
    done(move, "old-id-field", "make", admin_user, name="Old CRM ID")
    runs.archive(move.old, by="Tom")

    with pytest.raises(ActRefused, match="archived"):
        done(move, "old-id-mapped", "map", admin_user)


# --- The values


@pytest.mark.requirement("R150")
def test_one_sync_fills_it(mapped: Move, admin_user: User, crm: PaperCrm) -> None:
    waits = measured(mapped, "old-id-filled")
    assert (waits.state, "waits for a sync" in waits.said) == ("new", True)

    done(mapped, "old-id-filled", "sync", admin_user)
    drive(Run.objects.latest("pk"), 20)

    found = measured(mapped, "old-id-filled")
    assert found.state == "verified"
    assert "3 of 3" in found.said
    assert held(mapped) == {"Firm 1": "A1", "Firm 2": "A2", "Firm 3": "A3"}


def test_a_sync_is_refused_in_words(mapped: Move, admin_user: User) -> None:
    runs.pause(mapped.old, by="Tom")

    with pytest.raises(ActRefused, match="paused"):
        done(mapped, "old-id-filled", "sync", admin_user)


@pytest.mark.requirement("R150")
def test_empty_and_different_ones_are_listed_and_only_the_empty_are_filled(filled: Move, admin_user: User) -> None:
    ids = dict(Customer.objects.values_list("name", "pk"))
    edits: dict[int, Values] = {
        ids["Firm 1"]: {filled.old_id_field: None},
        ids["Firm 2"]: {filled.old_id_field: "typed by hand"},
    }
    assert not door().edit("customers", edits, by="Ana")

    found = measured(filled, "old-id-filled")
    assert found.state == "failed"
    assert [row[:2] for row in found.rows] == [
        ["Firm 1", "empty; its record is A1"],
        ["Firm 2", "holds typed by hand; its record is A2"],
    ]
    assert found.rows[0][2] == reverse("hub:customer", args=[ids["Firm 1"]])

    done(filled, "old-id-filled", "fill", admin_user)

    assert held(filled) == {"Firm 1": "A1", "Firm 2": "typed by hand", "Firm 3": "A3"}
    change = Change.objects.filter(hub_id=ids["Firm 1"]).latest("pk")
    assert (change.actor, change.after) == (admin_user.label, {filled.old_id_field: "A1"})


def test_nothing_is_filled_before_a_sync_has_ended(mapped: Move, admin_user: User) -> None:
    with pytest.raises(ActRefused):
        done(mapped, "old-id-filled", "fill", admin_user)

    assert set(held(mapped).values()) == {None}


def test_a_sync_of_a_former_version_does_not_count(mapped: Move, sync: Sync) -> None:
    assert old_id.synced_since_mapped(mapped) is None
    sync()

    mapped.old.refresh_from_db()
    assert old_id.synced_since_mapped(mapped)


# --- The sample


@pytest.mark.requirement("R150", "R202")
def test_the_sample_is_drawn_once_shown_and_signed(
    client_as: ClientAs, filled: Move, admin_user: User, crm: PaperCrm, sync: Sync
) -> None:
    page = reverse("migration:chapter", args=[filled.pk, "hub"])
    assert "drawn by chance, once" in client_as(Role.ADMIN).get(page).content.decode()
    early = signed(filled, "old-id-sample", admin_user)
    assert (early.state, Move.objects.get().sample) == ("failed", []), "nothing to look at yet"
    checking.unsign(filled, step_of("old-id-sample"), admin_user)

    done(filled, "old-id-sample", "draw", admin_user)
    found = measured(filled, "old-id-sample")
    assert (found.state, "3 of 3" in found.said) == ("new", True)
    assert not is_met(filled, "old-id-sample"), "a person has still to look"
    drawn = Move.objects.get().sample
    crm.company("A4", "Firm 4")
    sync()
    done(filled, "old-id-sample", "draw", admin_user)
    signed(filled, "old-id-sample", admin_user)

    assert Move.objects.get().sample == drawn
    assert is_met(filled, "old-id-sample")
    shown = client_as(Role.ADMIN).get(page).content.decode()
    assert "https://paper.example/customers/A1" in shown


@pytest.mark.requirement("R150")
def test_a_wrong_id_in_the_sample_fails_it(filled: Move, admin_user: User) -> None:
    done(filled, "old-id-sample", "draw", admin_user)
    customer = Customer.objects.get(name="Firm 2")
    door().edit("customers", {customer.pk: {filled.old_id_field: "other"}}, by="Ana")

    found = signed(filled, "old-id-sample", admin_user)

    assert found.state == "failed"
    assert [row[0] for row in found.rows] == ["Firm 2"]


def test_twenty_are_drawn_of_many(filled: Move, crm: PaperCrm, sync: Sync, admin_user: User) -> None:
    for number in range(10, 40):
        crm.company(f"A{number}")
    sync()

    done(filled, "old-id-sample", "draw", admin_user)

    assert len(Move.objects.get().sample) == 20


# --- A number recognises as a text does


@pytest.mark.requirement("R141", "R148", "R161")
def test_a_number_here_meets_hubspots_number(
    reached: Move, crm: PaperCrm, sync: Sync, admin_user: User, company: Callable[..., str], numbers: None,
    hubspot: HubSpotConnection,
) -> None:  # fmt: skip
    crm.company("501", "Firm 501")
    done(reached, "old-id-field", "make", admin_user, name="Old CRM ID")
    done(reached, "old-id-mapped", "map", admin_user)
    sync("full")
    for name in ("A1", "A2", "A3"):
        assert RecordLink.objects.filter(source_id=name).exists()
    reached.refresh_from_db()
    customer = Customer.objects.get(name="Firm 501")
    key = reached.old_id_field.removeprefix("custom.")
    assert customer.custom[key] == {"n": "501"}, "a number, not a text"
    assert CustomKey.objects.get(row_id=customer.pk).value == "501"
    done(reached, "old-id-property", "make", admin_user, name="paper_number", label="Paper number")
    theirs = company("Called otherwise in HubSpot", paper_number="501")

    block = Block.objects.create(
        connection=hubspot, object="customers", mode="input", merge_keys=[reached.old_id_field]
    )  # fmt: skip
    for hub_field, path in {"name": "name", reached.old_id_field: "paper_number"}.items():
        FieldMapping.objects.create(block=block, hub_field=hub_field, crm_field=path)
    Passage.objects.create(move=reached, stage="a", version=1, by="Tom")
    Connection.objects.filter(pk=hubspot.pk).update(state="on")
    drive(runs.request_run(Connection.objects.get(pk=hubspot.pk), Run.Kind.FULL, by="Tom"), 20)

    link = RecordLink.objects.get(connection=hubspot, source_id=theirs)
    assert (link.hub_id, Customer.objects.count()) == (customer.pk, 4)


@pytest.mark.requirement("R150")
def test_a_number_is_filled_from_what_is_known(
    move: Move, crm: PaperCrm, sync: Sync, admin_user: User, numbers: None
) -> None:
    for source_id in ("A1", "A2", "A3"):
        crm.vanish("customers", source_id)
    RecordLink.objects.all().delete()
    crm.company("501", "Firm 501")
    done(move, "old-id-field", "make", admin_user, name="Old CRM ID")
    done(move, "old-id-mapped", "map", admin_user)
    sync("full")
    move.refresh_from_db()
    customer = Customer.objects.get(name="Firm 501")
    door().edit("customers", {customer.pk: {move.old_id_field: None}}, by="Ana")

    done(move, "old-id-filled", "fill", admin_user)

    customer.refresh_from_db()
    assert customer.custom[move.old_id_field.removeprefix("custom.")] == {"n": str(Decimal(501))}
    assert measured(move, "old-id-filled").state == "verified"


@pytest.mark.requirement("R141")
def test_a_number_that_was_there_before_recognises_from_then_on(move: Move, admin_user: User, numbers: None) -> None:
    field = CustomField.objects.create(entity="customers", name="Legacy number", type="NUMBER")
    Customer.objects.filter(name="Firm 1").update(custom={field.key: {"n": "501.00"}})

    done(move, "old-id-field", "choose", admin_user, field=field)

    assert CustomKey.objects.get().value == "501"


@pytest.mark.requirement("R149")
def test_so_many_are_filled_at_once_and_the_others_by_the_next_word(
    filled: Move, admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    door().edit(
        "customers", {pk: {filled.old_id_field: None} for pk in Customer.objects.values_list("pk", flat=True)}, by="Ana"
    )
    monkeypatch.setattr(acts, "PAGE", 1)
    monkeypatch.setattr(acts, "AT_ONCE", 2)

    assert "1 still empty" in done(filled, "old-id-filled", "fill", admin_user)
    assert "still empty" not in done(filled, "old-id-filled", "fill", admin_user)
    assert held(filled) == {"Firm 1": "A1", "Firm 2": "A2", "Firm 3": "A3"}
