"""Calls of whole syncs beside the fewest that the protocol allows, and what a delta may leave unasked."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from bench.minimums import ZOHO, Size
from integrations.hub.door import door
from integrations.hub.models import Agreement, Contact, Customer
from integrations.rehearsal.practice_zoho import PracticeZoho
from integrations.sync.models import Block, Change, FieldMapping, RecordLink, Run
from integrations.zoho.models import ZohoConnection

from .test_contract import Zoho

Small = Callable[..., PracticeZoho]
SLACK = 1.05
CSM = {"hub_field": "csm", "crm_field": "Owner.email", "crm_label": "Owner", "direction": "in"}
AGREEMENT = {"ref_id": "id", "amount": "Amount", "start_date": "Contract_Start"}
CONSTANTS = {"amount_format": "ARR", "currency": "EUR", "auto_renew": "no"}


def within(calls: int, least: int) -> bool:
    return calls <= max(least * SLACK, least + 5)


def counted(crm: Zoho) -> int:
    return crm.practice.calls().total()


@pytest.fixture
def world(small_practice: Small) -> Zoho:
    """250 accounts, each under the first, each with two contacts and a won deal; customers may go out."""
    crm = Zoho(small_practice(250, contacts_per=2))
    ZohoConnection.objects.filter(pk=crm.connection.pk).update(keep_hierarchy=True)
    crm.connection.refresh_from_db()
    head, *others = crm.values("customers")
    for one in others:
        crm.under(one, head)
    for one in (head, *others):
        crm.practice.create(
            "Deals", Deal_Name=f"Contract {one}", Stage="Closed Won", Account_Name=one, Amount=1200.0,
            Contract_Start="2026-01-01",
        )  # fmt: skip
    customers = crm.block("customers", "two-way")
    FieldMapping.objects.create(block=customers, **CSM)
    crm.block("contacts", "input")
    agreements = Block.objects.create(
        connection=crm.connection, object="agreements", mode="input", merge_keys=["ref_id"]
    )
    for hub, path in AGREEMENT.items():
        FieldMapping.objects.create(block=agreements, hub_field=hub, crm_field=path, crm_label=path)
    for hub, constant in CONSTANTS.items():
        FieldMapping.objects.create(block=agreements, hub_field=hub, constant=constant)
    crm.practice.forget_calls()
    return crm


@pytest.mark.django_db
def test_import_delta_and_writing_back_take_as_few_calls_as_the_protocol_allows(world: Zoho) -> None:
    first = world.sync()
    calls = {"first": counted(world)}
    # What was made a moment before the first reading comes once more: a delta reaches back two minutes.
    world.later()
    world.sync()
    world.later()
    for source_id in list(world.values("customers"))[:5]:
        world.edit("customers", source_id, name=f"Renamed {source_id}")
    for source_id in list(world.values("contacts"))[:9]:
        world.edit("contacts", source_id, last_name=f"Renamed {source_id}")
    world.later(120)
    world.practice.forget_calls()
    delta = world.sync()
    calls["delta"] = counted(world)
    world.later()
    door().edit(
        "customers", {pk: {"name": f"Here {pk}"} for pk in Customer.objects.values_list("pk", flat=True)}, by="I"
    )
    world.practice.forget_calls()
    written = world.sync()
    calls["written"] = counted(world)

    assert [run.kind for run in (first, delta, written)] == ["first", "delta", "delta"]
    assert [run.state for run in (first, delta, written)] == [Run.State.DONE] * 3
    assert (Customer.objects.count(), Contact.objects.count(), Agreement.objects.count()) == (250, 500, 250)
    assert Customer.objects.exclude(parent=None).count() == 249
    assert Customer.objects.exclude(csm=None).count() == 250
    assert Change.objects.filter(run_id=delta.pk, action="update").count() == 14
    assert Change.objects.filter(run_id=written.pk, action="push", outcome="done").count() == 250
    everything = Size(250, 500, 250)
    least = {
        "first": ZOHO.first(everything),
        "delta": ZOHO.delta(everything, Size(5, 9, 0)),
        "written": ZOHO.delta(everything, Size(0, 0, 0)) + ZOHO.write(250),
    }
    assert all(within(number, least[name]) for name, number in calls.items()), (calls, least)
    # A delta asks nothing that it could do without, but for who is who.
    assert calls["delta"] == least["delta"]


def inside(crm: Zoho) -> Mapping[str, str]:
    links = RecordLink.objects.filter(connection=crm.connection, object="customers")
    return dict(links.values_list("source_id", "state"))


@pytest.mark.django_db
@pytest.mark.requirement("R16", "R105", "R111")
def test_delta_tells_who_left_and_who_entered_by_the_changes_alone(small_practice: Small) -> None:
    crm = Zoho(small_practice(0, contacts_per=0))
    ZohoConnection.objects.filter(pk=crm.connection.pk).update(account_types="Customer", churn_missing=True)
    crm.connection.refresh_from_db()
    leaves, stays, enters = (
        crm.company(name, Account_Type=kind)
        for name, kind in (("Leaves", "Customer"), ("Stays", "Customer"), ("Enters", "Prospect"))
    )
    crm.block("customers", "input")
    crm.block("contacts", "input")
    somebody = crm.person(enters, "Somebody")
    crm.sync()
    before = inside(crm)
    crm.later()
    crm.practice.edit("Accounts", leaves, Account_Type="Prospect")
    crm.practice.edit("Accounts", enters, Account_Type="Customer")
    crm.later(120)
    crm.practice.forget_calls()

    run = crm.sync()

    assert (run.kind, run.state) == ("delta", Run.State.DONE)
    assert (before, inside(crm)) == (
        {leaves: "linked", stays: "linked"},
        {leaves: "excluded", stays: "linked", enters: "linked"},
    )
    assert Customer.objects.get(name="Leaves").stage.is_churn
    # The contact did not change; it comes in with its account.
    assert Contact.objects.get().last_name == crm.values("contacts")[somebody]["last_name"]
    assert not [step for step in run.cursor["steps"] if step == "customers.ids"]


@pytest.mark.django_db
@pytest.mark.requirement("R105", "R106")
def test_scope_that_was_chosen_anew_is_listed_once(small_practice: Small) -> None:
    crm = Zoho(small_practice(0, contacts_per=0))
    one, other = crm.company("One", Account_Type="Customer"), crm.company("Other", Account_Type="Reseller")
    crm.block("customers", "input")
    crm.sync()
    crm.later()

    def choose(types: str) -> list[Any]:
        ZohoConnection.objects.filter(pk=crm.connection.pk).update(account_types=types)
        crm.connection.refresh_from_db()
        run = crm.sync()
        crm.later()
        return [run.kind, "customers.ids" in run.cursor["steps"], inside(crm)]

    assert [choose(types) for types in ("Reseller", "Reseller", "")] == [
        ["delta", True, {one: "excluded", other: "linked"}],
        ["delta", False, {one: "excluded", other: "linked"}],
        ["delta", True, {one: "linked", other: "linked"}],
    ]
