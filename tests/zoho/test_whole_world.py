"""The lifelike world, everything switched on: what comes in is all of what belongs, and nothing moves by itself afterwards."""

import pytest

from integrations.hub.models import Agreement, Contact, Customer, Interaction
from integrations.rehearsal.practice_zoho import PracticeZoho
from integrations.sync import runs
from integrations.sync.models import Block, Change, FieldMapping, RecordLink, Run
from integrations.sync.runner.drive import drive
from integrations.zoho.defaults import default_lines
from integrations.zoho.models import ZohoConnection

AGREEMENT = {
    "ref_id": "Contract_Ref", "plan": "Plan", "amount": "Amount", "fee": "Setup_Fee", "start_date": "Contract_Start",
    "engagement": "Term_Months", "notice_date": "Notice_Date",
}  # fmt: skip
CONSTANTS = {"amount_format": "ARR", "currency": "EUR", "engagement_period": "MONTH", "auto_renew": "yes"}
READ = ("customers", "contacts", "agreements", "meetings", "calls", "notes")


def sync(connection: ZohoConnection, kind: str) -> Run:
    run = runs.request_run(connection, kind, by="Inès")
    for _slice in range(20):
        drive(run, 60.0)
        run.refresh_from_db()
        if run.state not in {Run.State.QUEUED, Run.State.WAITING}:
            break
    assert run.state == Run.State.DONE, run.reason_params
    return run


@pytest.mark.requirement("R1", "R116", "R117")
def test_everything_of_the_chosen_accounts_comes_in_and_is_explained(
    connection: ZohoConnection, practice: PracticeZoho
) -> None:
    connection.state, connection.account_types, connection.keep_hierarchy = "on", "Customer;Reseller", True
    connection.save()
    for name in READ:
        block = Block.objects.create(connection=connection, object=name, mode="input", merge_keys=["ref_id"])
        for line in default_lines(name) if name != "agreements" else ():
            FieldMapping.objects.create(block=block, crm_label=line["crm_field"], **line)
    agreements = Block.objects.get(object="agreements")
    for hub, path in AGREEMENT.items():
        FieldMapping.objects.create(block=agreements, hub_field=hub, crm_field=path, crm_label=path)
    for hub, constant in CONSTANTS.items():
        FieldMapping.objects.create(block=agreements, hub_field=hub, constant=constant)
    with practice.store.transaction():
        chosen = {
            one.id
            for one in practice.store.find("Accounts")
            if one.body.get("Account_Type") in {"Customer", "Reseller"}
        }
        people = {one.id for one in practice.store.find("Contacts") if one.body.get("Account_Name") in chosen}
        won = {
            one.id for one in practice.store.find("Deals")
            if one.body.get("Account_Name") in chosen and one.body["Stage"] == "Closed Won"
        }  # fmt: skip
    practice.forget_calls()

    sync(connection, Run.Kind.DELTA)
    calls = practice.calls().total()
    before = Change.objects.count()
    practice.control(clock_offset=900)
    sync(connection, Run.Kind.FULL)

    def linked(name: str) -> set[str]:
        states = ("linked", "failing", "collision")
        return set(RecordLink.objects.filter(object=name, state__in=states).values_list("source_id", flat=True))

    assert (linked("customers"), linked("contacts"), linked("agreements")) == (chosen, people, won)
    assert Customer.objects.count() > 200
    assert Contact.objects.count() > 500
    assert Agreement.objects.count() > 20
    assert set(Interaction.objects.values_list("type", flat=True)) == {"meeting", "call", "note"}
    assert dict(Block.objects.values_list("object", "unexplained")) == dict.fromkeys(READ, 0)
    assert Change.objects.count() == before
    assert Customer.objects.exclude(parent=None).exists()
    assert calls < 40
