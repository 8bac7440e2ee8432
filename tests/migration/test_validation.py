"""Chapter 7: each check holds where it should and fails where it must, with the rows behind it and their lists."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Role
from integrations.engine.compare import compared
from integrations.engine.mapping import Compare
from integrations.hub.models import Agreement, Contact, Customer, CustomField, CustomKey, Interaction
from integrations.migration import checking, facts, sums, words
from integrations.migration.chapters import step_of
from integrations.migration.checks import validation as checks
from integrations.migration.models import Company, Move, Stay, StepState, Word
from integrations.migration.sample import sample_of
from integrations.migration.steps import Finding
from integrations.sync.configuration import save_version
from integrations.sync.models import Block, Change, RecordLink, Run
from tests.hub.factories import ContactFactory
from tests.migration.late_worlds import arrive, kept, link, made_there, moving, stage_a
from tests.signed_in import ClientAs

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R223")]
ALL: dict[str, Callable[[Move], Finding]] = {
    "count": checks.count, "no-duplicates": checks.no_duplicates, "ref-ids": checks.ref_ids, "shown": checks.shown,
    "key-data": checks.key_data, "complete": checks.complete, "cleanup": checks.cleanup,
}  # fmt: skip


@pytest.fixture
def move(admin_user: User) -> Move:
    """Three customers, all found again, with a snapshot from before."""
    found = moving(3, arrived=False)
    kept(found, admin_user)
    for n, row in enumerate(Customer.objects.order_by("pk"), 1):
        arrive(found, row, f"9{n}")
    return found


@pytest.fixture
def run(move: Move) -> Run:
    return stage_a(move)


def counted(move: Move, number: int) -> None:
    Block.objects.filter(connection=move.new, object="customers").update(counted=number)


def first() -> Customer:
    return Customer.objects.order_by("pk")[0]


@pytest.mark.requirement("R196", "R197", "R204", "R228")
def test_all_hold_where_everybody_was_found_again(move: Move, run: Run) -> None:
    found = {name: check(move) for name, check in ALL.items()}
    assert {name: one.said for name, one in found.items() if not one.holds} == {}
    assert found["count"].said.startswith("3 in the source set = 3 matched + 0 created. 3 came, as expected")


@pytest.mark.requirement("R194")
def test_all_wait_for_the_first_run_and_say_how_long(move: Move) -> None:
    Run.objects.create(
        connection_id=move.new_id or 0, kind="preview", slot="preview", state="done",
        started_at=timezone.now() - timedelta(minutes=12), finished_at=timezone.now(),
    )  # fmt: skip
    for check in ALL.values():
        found = check(move)
        assert (found.holds, "one to two hours" in found.said, "12" in found.said) == (None, True, True)


# --- Number


@pytest.mark.requirement("R195", "R196", "R228")
def test_too_many_are_told_by_their_stage(move: Move, run: Run) -> None:
    for n in range(3):
        row = made_there(move, run, f"Partner {n}", f"7{n}")
        Company.objects.create(move=move, source_id=f"7{n}", name=row.name, stage="Partner" if n else "Former Customer")
    counted(move, 6)

    found = checks.count(move)

    assert found.holds is False
    assert [(row.label, row.detail) for row in found.rows] == [
        ("Lifecycle stage Partner", "2 created"),
        ("Lifecycle stage Former Customer", "1 created"),
    ]
    assert "lifecycle" in found.cure


@pytest.mark.requirement("R195")
def test_too_few_are_named(move: Move, run: Run) -> None:
    RecordLink.objects.filter(connection=move.new, hub_id=first().pk).delete()
    counted(move, 2)

    found = checks.count(move)

    assert (found.holds, [row.label for row in found.rows]) == (False, ["Customer 1"])


@pytest.mark.requirement("R228")
def test_a_number_that_does_not_add_up_fails_both(move: Move, run: Run) -> None:
    counted(move, 5)
    assert (checks.count(move).holds, checks.complete(move).holds) == (False, False)
    assert "2 are not explained" in checks.count(move).said


@pytest.mark.requirement("R195")
def test_expected_number_can_be_said(move: Move, run: Run, client_as: ClientAs, admin_user: User) -> None:
    made_there(move, run, "New one", "71")
    counted(move, 4)
    assert checking.check(move, step_of("count")).state == StepState.State.FAILED
    client, url = client_as(admin_user), reverse("migration:act", args=[move.pk, "count", "expect"])

    assert client.post(url, {"count-expected": "-1", "count-expected_why": ""}).status_code == 422
    client.post(url, {"count-expected": "4", "count-expected_why": "one was won in HubSpot"})

    move.refresh_from_db()
    assert "as expected (one was won in HubSpot)" in checks.count(move).said


# --- Duplicates


def same_name(move: Move, run: Run) -> None:
    made_there(move, run, " CUSTOMER  1", "71")


def same_domain(move: Move, run: Run) -> None:
    made_there(move, run, "Other", "71", domain="https://www.c1.example/home")


def same_key(move: Move, run: Run) -> None:
    field = CustomField.objects.create(entity="customers", name="Old ID", type="STRING", is_key=True)
    row = made_there(move, run, "Other", "71")
    for one in (first(), row):
        CustomKey.objects.create(field=field, row_id=one.pk, value=compared(Compare.ID, "501"))


def same_email(move: Move, run: Run) -> None:
    ContactFactory.create(customer=made_there(move, run, "Other", "71"), email="ANNA@c1.example")


@pytest.mark.requirement("R197")
@pytest.mark.parametrize(
    ("plant", "by"),
    [(same_name, "same name"), (same_domain, "same domain"), (same_key, "same old ID"), (same_email, "a contact with the same e-mail")],
)  # fmt: skip
def test_a_customer_made_twice_is_found(move: Move, run: Run, plant: Callable[[Move, Run], None], by: str) -> None:
    plant(move, run)
    found = checks.no_duplicates(move)
    assert (found.holds, found.total, [row.detail for row in found.rows]) == (False, 1, [by])
    assert f"row={first().pk}&row=" in found.rows[0].url


@pytest.mark.requirement("R197")
def test_what_shares_nothing_is_no_duplicate(move: Move, run: Run) -> None:
    for n in range(2):
        made_there(move, run, f"New {n}", f"7{n}", domain="")
    assert checks.no_duplicates(move).holds


# --- IDs


def still_old(move: Move) -> None:
    Customer.objects.filter(pk=first().pk).update(ref_id="501", ref_writer=move.old_id)


def of_nobody(move: Move) -> None:
    Customer.objects.filter(pk=first().pk).update(ref_writer=None)


def another(move: Move) -> None:
    Customer.objects.filter(pk=first().pk).update(ref_id="999")


def not_linked(move: Move) -> None:
    RecordLink.objects.filter(connection=move.new, hub_id=first().pk).delete()


@pytest.mark.requirement("R199", "R226")
@pytest.mark.parametrize(
    ("plant", "why"),
    [(still_old, "501 still belongs to Pipedrive"), (of_nobody, "91; its HubSpot company is 91"),
     (another, "999; its HubSpot company is 91"), (not_linked, "91: no HubSpot company is linked to it")],
)  # fmt: skip
def test_an_id_that_is_not_hubspots_is_named(move: Move, run: Run, plant: Callable[[Move], None], why: str) -> None:
    plant(move)
    found = checks.ref_ids(move)
    *led, row = found.rows
    assert (found.holds, row.label, row.detail) == (False, "Customer 1", why)
    assert ["replaces=" in one.url for one in led] == ([] if "no HubSpot company" in why else [True])


def test_who_stays_behind_needs_no_hubspot_id(move: Move, run: Run) -> None:
    not_linked(move)
    still_old(move)
    Stay.objects.create(move=move, hub_id=first().pk, name="Customer 1", reason="closed down", by="Tom")
    counted(move, 2)
    assert (checks.ref_ids(move).holds, checks.count(move).holds, checks.complete(move).holds) == (True, True, True)


# --- What the pages show


@pytest.mark.requirement("R198", "R199", "R200", "R201")
def test_preview_shows_what_the_check_says(move: Move, run: Run, client_as: ClientAs) -> None:
    found = checks.shown(move)
    assert found.holds
    page = client_as(Role.CSM).get(found.rows[0].url).content.decode()
    assert "Hubspot" in page
    assert "91" in page

    RecordLink.objects.filter(connection=move.new, hub_id=first().pk).update(synced_at=None, state="failing")

    found = checks.shown(move)
    assert (found.holds, [row.label for row in found.rows]) == (False, ["Customer 1"])


# --- Key data


def loses_money(_move: Move) -> None:
    Agreement.objects.filter(customer=first()).update(mrr=90)


def loses_contact(_move: Move) -> None:
    Contact.objects.filter(customer=first()).delete()


def loses_call(_move: Move) -> None:
    Interaction.objects.filter(customer=first()).delete()


@pytest.mark.requirement("R202")
@pytest.mark.parametrize(
    ("plant", "said"),
    [(loses_money, "MRR 100.00 EUR, now 90.00 EUR"), (loses_contact, "contacts: 1, now 0"),
     (loses_call, "interactions: 1, now 0")],
)  # fmt: skip
def test_a_figure_that_moved_is_listed(move: Move, run: Run, plant: Callable[[Move], None], said: str) -> None:
    plant(move)
    found = checks.key_data(move)
    assert (found.holds, [(row.label, row.detail) for row in found.rows]) == (False, [("Customer 1", said)])
    assert "Sample: 2 of 3" in found.said


@pytest.mark.requirement("R202")
def test_what_came_since_is_said_and_not_blamed(move: Move, run: Run) -> None:
    ContactFactory.create(customer=first())
    found = checks.key_data(move)
    assert (found.holds, "New since: 1 contact." in found.said) == (True, True)


@pytest.mark.requirement("R202")
def test_differences_are_accepted_only_as_they_stand(
    move: Move, run: Run, client_as: ClientAs, admin_user: User
) -> None:
    loses_money(move)
    step = step_of("key-data")
    assert checking.check(move, step).state == StepState.State.FAILED
    client, url = client_as(admin_user), reverse("migration:act", args=[move.pk, "key-data", "accept"])
    assert client.post(url, {"key-data-why": ""}).status_code == 422
    client.post(url, {"key-data-why": "a discount"})
    state = checking.standing(move, step)
    assert (state.state, "a discount" in state.said) == (StepState.State.VERIFIED, True)

    loses_contact(move)

    assert checking.check(move, step).state == StepState.State.FAILED


def test_without_a_snapshot_nothing_can_be_compared(move: Move, run: Run) -> None:
    move.kept_at = None
    assert checks.key_data(move).holds is False


# --- Completeness


def census(move: Move, **columns: Any) -> None:
    told = {"source_id": "91", "name": "Customer 1", "old_key": "501", "in_scope": True, "stage": "Customer"}
    Company.objects.create(move=move, **{**told, **columns})


def in_state(move: Move, state: str, code: str) -> None:
    assert move.new is not None
    link(
        move.new,
        None,
        "91",
        state=state,
        reason_code=code,
        reason_params={"system": "HubSpot", "label": "x", "value": "y"},
    )


def both(move: Move, state: str, code: str) -> None:
    census(move)
    in_state(move, state, code)


@pytest.mark.requirement("R228")
@pytest.mark.parametrize(
    ("key", "plant", "adds"),
    [
        ("absent", lambda move: census(move, old_key="777", source_id="1"), 2),
        ("outside", lambda move: census(move, in_scope=False), 2),
        ("collision", lambda move: both(move, "collision", "no-key-matched"), 3),
        ("failing", lambda move: both(move, "failing", "crm-refused"), 3),
        ("excluded", lambda move: both(move, "excluded", "undone"), 3),
    ],
)  # fmt: skip
def test_each_missing_customer_is_explained(
    move: Move, run: Run, key: str, plant: Any, adds: int, client_as: ClientAs
) -> None:
    not_linked(move)
    if key == "failing":
        RecordLink.objects.filter(source_id="91").delete()
    plant(move)
    RecordLink.objects.filter(source_id="91").update(
        reason_params={"system": "HubSpot", "code": "x", "message": "y", "keys": "z"}
    )
    counted(move, adds)

    found, here = checks.complete(move), sums.here(move)

    assert (here.of(key), here.of("arrived"), here.missing) == (1, 2, 0)
    assert found.holds, found.said
    for row in found.rows:
        page = client_as(Role.SUPPORT).get(row.url)
        assert page.status_code == 200
    listed = client_as(Role.SUPPORT).get(reverse("migration:list", args=[move.pk, "here", key])).content.decode()
    assert "Customer 1" in listed


@pytest.mark.requirement("R228")
@pytest.mark.parametrize("with_census", [True, False])
def test_a_customer_that_nothing_explains_fails_it(move: Move, run: Run, with_census: bool) -> None:
    not_linked(move)
    if with_census:
        census(move)
    counted(move, 2)
    found = checks.complete(move)
    assert (found.holds, "1 are not explained" in found.said) == (False, True)


@pytest.mark.requirement("R228")
def test_what_has_left_the_scope_is_not_counted(move: Move, run: Run) -> None:
    in_state_link = link(move.new, None, "99", state="excluded", reason_code="left-scope")  # type: ignore[arg-type]
    assert checks.complete(move).holds
    RecordLink.objects.filter(pk=in_state_link.pk).update(state="gone", reason_code="")
    assert checks.complete(move).holds


# --- Too many


@pytest.mark.requirement("R204")
def test_unwanted_ones_lead_to_the_bulk_hard_delete(
    move: Move, run: Run, client_as: ClientAs, admin_user: User
) -> None:
    made_there(move, run, "Partner", "71")
    step = step_of("cleanup")
    found = checks.cleanup(move)
    assert (found.holds, found.rows[0].url) == (False, f"{reverse('sync:hard-deletes')}?run={run.pk}")
    checking.check(move, step)
    client, url = client_as(admin_user), reverse("migration:act", args=[move.pk, "cleanup", "stay"])
    client.post(url, {"cleanup-why": "it is a customer"})
    assert checking.standing(move, step).state == StepState.State.VERIFIED

    made_there(move, run, "Another", "72")

    assert checks.cleanup(move).holds is False


@pytest.mark.requirement("R204")
def test_no_more_than_expected_need_not_go(move: Move, run: Run) -> None:
    made_there(move, run, "Won there", "71")
    move.expected = 4
    assert checks.cleanup(move).holds


# --- The team


@pytest.mark.requirement("R203", "R222")
def test_several_of_the_team_sign(move: Move, run: Run, client_as: ClientAs) -> None:
    one, two = client_as(Role.CSM), client_as(Role.MANAGER)
    one.post(reverse("migration:sign", args=[move.pk, "team"]), {"note": "20 of 20"})
    two.post(reverse("migration:confirm", args=[move.pk]), {"said": "mine as well"})

    page = client_as(Role.CSM).get(reverse("migration:chapter", args=[move.pk, "validation"])).content.decode()

    assert checking.is_met(step_of("team"), checking.standing(move, step_of("team")))
    assert one.user.label in page
    assert "mine as well" in page
    two.post(reverse("migration:confirm", args=[move.pk]), {"back": "1"})
    assert move.words.count() == 0


# --- How much is asked


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_check_asks_the_same_for_one_row_and_for_three(name: str, move: Move, run: Run) -> None:
    numbers, made = [], 0
    # It is drawn once, by whoever asks first.
    sample_of(move)
    for number in (1, 3):
        while made < number:
            made += 1
            made_there(move, run, f"Customer {made}", f"7{made}")
        counted(move, 3 + made)
        with CaptureQueriesContext(database) as asked:
            ALL[name](move)
        numbers.append(len(asked))
    assert numbers[0] == numbers[1]


# --- What is there no more, and what was never there


@pytest.mark.requirement("R228", "R232")
def test_a_customer_whose_company_was_deleted_there_has_not_arrived(move: Move, run: Run) -> None:
    RecordLink.objects.filter(connection=move.new, source_id="91").update(state="gone")
    counted(move, 2)

    assert (sums.here(move).of("arrived"), facts.not_arrived(move).count()) == (2, 1)
    found = checks.ref_ids(move)
    assert (found.holds, found.total) == (False, 1)
    assert "no HubSpot company is linked" in found.rows[0].detail


@pytest.mark.requirement("R228")
@pytest.mark.parametrize(("in_scope", "key"), [(True, "excluded"), (False, "outside")])
def test_a_company_that_left_the_scope_is_not_said_to_be_anothers(
    move: Move, run: Run, in_scope: bool, key: str
) -> None:
    RecordLink.objects.filter(connection=move.new, source_id="91").update(
        state="excluded", reason_code="left-scope", reason_params={"system": "HubSpot"}
    )
    Company.objects.create(move=move, source_id="91", name="Customer 1", old_id="501", old_key="501", in_scope=in_scope)

    assert sums.here(move).of(key) == 1


@pytest.mark.requirement("R197")
def test_ids_of_nobody_are_not_verified(move: Move, run: Run) -> None:
    RecordLink.objects.filter(connection=move.old).delete()
    assert checks.ref_ids(move).holds is None


# --- Emptied


def with_version(move: Move) -> Move:
    assert move.new is not None
    save_version(move.new, None)
    return Move.objects.get(pk=move.pk)


def emptied(move: Move, run: Run, row: Customer) -> None:
    Customer.objects.filter(pk=row.pk).update(pulse=None)
    Change.objects.create(
        at=timezone.now(), run_id=run.pk, connection_id=move.new_id, system="hubspot", object="customers", hub_id=row.pk,
        action="update", outcome="done", before={"pulse": 4}, after={"pulse": None}, fields=" pulse ", erases=True,
    )  # fmt: skip


@pytest.mark.requirement("R181", "R183")
@pytest.mark.parametrize("key", ["nothing-lost", "a-emptied"])
def test_what_was_emptied_fails_until_it_is_back(move: Move, run: Run, key: str) -> None:
    move = with_version(move)
    assert checking.check(move, step_of(key)).state == StepState.State.VERIFIED
    emptied(move, run, first())
    found = checking.check(move, step_of(key))
    assert (found.state, found.total) == (StepState.State.FAILED, 1)
    assert first().name in str(found.rows)

    Customer.objects.filter(pk=first().pk).update(pulse=3)

    assert checking.check(move, step_of(key)).state == StepState.State.VERIFIED


def test_a_run_under_way_has_emptied_nothing_yet_and_says_nothing(move: Move, run: Run) -> None:
    move = with_version(move)
    Run.objects.filter(pk=run.pk).update(state="running")
    assert checking.check(move, step_of("a-emptied")).state == StepState.State.NOT_STARTED


def test_what_a_person_emptied_here_and_hubspot_was_told_is_no_loss(move: Move, run: Run) -> None:
    emptied(move, run, first())
    Change.objects.filter(erases=True).update(action="push")
    assert checking.check(move, step_of("nothing-lost")).state == StepState.State.VERIFIED


def test_a_word_that_is_said_again_is_of_then(move: Move, admin_user: User) -> None:
    word = words.say(move, "team", admin_user, "yes")
    Word.objects.update(at=timezone.now() - timedelta(days=3))
    words.say(move, "team", admin_user, "still")
    word.refresh_from_db()
    assert word.at > timezone.now() - timedelta(hours=1)


@pytest.mark.requirement("R181", "R223")
@pytest.mark.parametrize("key", ["nothing-lost", "a-emptied"])
def test_what_is_rightly_empty_is_accepted_by_name_and_one_more_is_asked_again(
    move: Move, run: Run, admin_user: User, key: str
) -> None:
    move, step = with_version(move), step_of(key)
    one, two, *_others = Customer.objects.order_by("pk")
    emptied(move, run, one)
    assert checking.check(move, step).state == StepState.State.FAILED
    [act] = [act for act in step.acts if act.offered(move)]

    act.do(move, admin_user, {"why": "The site is closed"})

    said = checking.check(move, step)
    assert (said.state, "The site is closed" in said.said) == (StepState.State.VERIFIED, True)
    Customer.objects.filter(pk=two.pk).update(pulse=None)
    Change.objects.filter(erases=True).update(source_id="1")
    emptied(move, run, two)
    assert checking.check(move, step).state == StepState.State.FAILED
