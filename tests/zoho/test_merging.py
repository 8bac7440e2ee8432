"""Records that were merged in Zoho: they show as deleted, what hung on them hangs on the other, and it can be taken back."""

from collections.abc import Callable

import pytest

from accounts.models import User
from integrations.hub.models import Contact, Customer
from integrations.rehearsal.practice_zoho import PracticeZoho
from integrations.sync import decisions, undo
from integrations.sync.models import Block, RecordLink, Run
from integrations.sync.runner.drive import drive
from integrations.zoho.models import ZohoConnection

from .test_contract import Zoho

pytestmark = pytest.mark.django_db
Small = Callable[..., PracticeZoho]


@pytest.fixture
def crm(small_practice: Small) -> Zoho:
    made = Zoho(small_practice(0, contacts_per=0))
    ZohoConnection.objects.filter(pk=made.connection.pk).update(churn_missing=True, account_types="Customer")
    made.connection.refresh_from_db()
    made.block("customers", "input")
    made.block("contacts", "input")
    Block.objects.filter(connection=made.connection, object="customers").update(merge_keys=["ref_id", "domain"])
    return made


def account(crm: Zoho, name: str, kind: str = "Customer") -> str:
    return crm.company(name, Account_Type=kind, Website="one.example")


def link(source_id: str) -> RecordLink:
    return RecordLink.objects.get(source_id=source_id)


def row(name: str) -> Customer:
    return Customer.objects.get(name=name)


def merged(crm: Zoho, winner: str, loser: str) -> Run:
    crm.later()
    crm.merge("customers", winner, loser)
    crm.later(120)
    return crm.sync()


def taken_back(run: Run, by: User) -> Run:
    made = undo.request_undo(run, by, "It was no merge.")
    drive(made, 60.0)
    made.refresh_from_db()
    return made


@pytest.mark.requirement("C11", "C12")
def test_merged_account_is_told_as_deleted_and_its_people_follow_to_the_other(crm: Zoho, admin_user: User) -> None:
    winner, loser = crm.company("Winner", Account_Type="Customer"), crm.company("Loser", Account_Type="Customer")
    somebody = crm.person(loser, "Somebody")
    crm.sync()

    run = merged(crm, winner, loser)
    at_once = (link(loser).state, link(loser).reason_code, link(winner).state, row("Loser").stage.is_churn)
    crm.later()
    crm.sync("full")
    followed = Contact.objects.get().customer
    back = taken_back(run, admin_user)

    assert run.kind == "delta"
    assert at_once == ("gone", "deleted-in-crm", "linked", True)
    assert (followed, link(somebody).customer_id) == (row("Winner"), winner)
    # The row and its history are all there, and so is the word that churned it: it goes back as any other.
    assert (back.state, row("Loser").stage.is_churn, Customer.objects.count()) == (Run.State.DONE, False, 2)


@pytest.mark.requirement("C12", "C25")
def test_winner_that_was_no_customer_doubles_nobody_and_a_person_gives_it_the_row(crm: Zoho, admin_user: User) -> None:
    loser, winner = account(crm, "Loser"), account(crm, "Winner", "Prospect")
    crm.sync()
    kept = row("Loser")
    crm.later()
    crm.practice.edit("Accounts", winner, Account_Type="Customer")

    merge_run = merged(crm, winner, loser)
    held = (link(winner).state, link(winner).reason_code, link(winner).reason_params["other"], Customer.objects.count())
    decisions.link_to_row(link(winner).pk, kept.pk, by="Inès", instead=True)
    crm.later()
    run = crm.sync()
    taken = (row("Winner").pk, link(winner).hub_id, link(loser).hub_id, Customer.objects.count())
    back = taken_back(run, admin_user)
    named = Customer.objects.get().name
    whole = taken_back(merge_run, admin_user)

    assert held == ("collision", "hub-row-taken", loser, 1)
    assert taken == (kept.pk, kept.pk, None, 1)
    # The run's name for the row goes back; whose row it is was a person's word, and stays.
    assert (back.state, named, link(winner).hub_id) == (Run.State.DONE, "Loser", kept.pk)
    # Of the run that churned it nothing is taken back any more: a person has decided since, and the log says so.
    assert (whole.state, whole.counts["customers.restored.refused"]) == (Run.State.DONE, 1)
    assert list(Customer.objects.values_list("pk", flat=True)) == [kept.pk]
