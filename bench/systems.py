"""The five practice systems as the count of calls uses them: filled with the same signed world, set up alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from integrations.hub.door import door
from integrations.hub.models import Customer
from integrations.rehearsal import hubspot_account, pipedrive_account, salesforce_org, sellsy_account, zoho_account
from integrations.rehearsal.practice import Practice, PracticeSalesforce
from integrations.rehearsal.practice_hubspot import PracticeHubSpot
from integrations.rehearsal.practice_pipedrive import PracticePipedrive
from integrations.rehearsal.practice_sellsy import PracticeSellsy
from integrations.rehearsal.practice_zoho import PracticeZoho
from integrations.rehearsal.world import World
from integrations.sync.blocks import AgreementSource
from integrations.sync.models import Block, FieldMapping, RecordLink
from tests.contract.crm import Crm
from tests.hubspot import conftest as hubspot
from tests.hubspot.test_contract import HubSpot
from tests.pipedrive import conftest as pipedrive
from tests.pipedrive.test_contract import Pipedrive
from tests.salesforce import conftest as salesforce
from tests.salesforce.test_contract import Salesforce
from tests.sellsy import conftest as sellsy
from tests.sellsy.test_contract import Sellsy
from tests.zoho import conftest as zoho
from tests.zoho.test_contract import Zoho

from . import minimums
from .minimums import Least

NOWHERE: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Deals:
    """Where won deals stand, and in which of their fields the amount and the start."""

    source: str
    lookup: str
    ref_id: str
    amount: str
    start: Callable[[Any], str]
    changed: Any
    """Another amount, as the practice system keeps it."""


@dataclass(frozen=True, slots=True)
class System:
    make: Callable[..., Practice[Any]]
    fill: Callable[[Any, World], None]
    allow: Callable[[Any, Any], None]
    crm: Callable[[Any], Crm]
    least: Least
    owner: str
    """The field whose person becomes the CSM."""
    deals: Deals
    columns: Callable[[Any], Mapping[str, str]] = field(default=lambda _practice: NOWHERE)
    """Of the connection, beside those of the contract."""
    writes_scores: bool = False
    """Nothing else goes out."""

    def open(self, folder: Path, settings: Any, companies: int, contacts_per: int) -> Crm:
        practice = self.make(folder, 0)
        with practice.app.book.transaction():
            practice.app.book.empty()
            self.fill(practice, World(companies, contacts_per, signed=True))
        self.allow(settings, practice)
        return self.crm(practice)

    def set_up(self, crm: Crm) -> None:
        """As the set-up proposes it, for the first import: everything comes in, owners, parents and won deals too."""
        type(crm.connection).objects.filter(pk=crm.connection.pk).update(
            keep_hierarchy=crm.ability("customers").has_hierarchy, **self.columns(crm.practice)
        )
        crm.connection.refresh_from_db()
        customers = crm.block("customers", "input")
        line(customers, "csm", self.owner)
        crm.block("contacts", "input")
        settings = AgreementSource(self.deals.source, self.deals.lookup).settings
        agreements = Block.objects.create(
            connection=crm.connection, object="agreements", mode="input", merge_keys=["ref_id"], settings=settings
        )
        line(agreements, "ref_id", self.deals.ref_id)
        line(agreements, "amount", self.deals.amount)
        line(agreements, "start_date", self.deals.start(crm.practice))
        for name, value in {"amount_format": "ARR", "auto_renew": "no", "currency": "EUR"}.items():
            FieldMapping.objects.create(block=agreements, hub_field=name, crm_field="", constant=value)

    def change(self, crm: Crm, companies: int, contacts: int, deals: int) -> None:
        """A colleague's work of a quarter of an hour."""
        crm.later()
        wanted = {"customers": (companies, "name"), "contacts": (contacts, "last_name")}
        for name, (number, hub_field) in wanted.items():
            for place, one in enumerate(linked(crm, name, number)):
                crm.edit(name, one, **{hub_field: f"Renamed {place}"})
        kind, amount = self.deals.source, self.deals.amount.partition(".")[0]
        for one in linked(crm, "agreements", deals):
            crm.practice.edit(kind, one, **{amount: self.deals.changed})
        crm.later(120)

    def open_outwards(self, crm: Crm) -> None:
        """What comes in may go out from now on: a sync settles it, and writes nothing."""
        if self.writes_scores:
            Block.objects.create(connection=crm.connection, object="scores", mode="output", merge_keys=[])
            block = Block.objects.get(connection=crm.connection, object="scores")
            path = crm.connector.create_score_field("health_score")
            line(block, "health_score", path, direction="out")
        else:
            block = Block.objects.get(connection=crm.connection, object="customers")
            key = crm.connector.create_key_field("customers") if crm.ability("customers").has_key_field else ""
            Block.objects.filter(pk=block.pk).update(mode="two-way", key_field=key)
            block.lines.filter(hub_field="name").update(direction="both")
        crm.later()
        crm.sync()

    def edit_here(self, number: int) -> None:
        wanted = Customer.objects.order_by("pk").values_list("pk", flat=True)[:number]
        edits: dict[int, dict[str, Any]] = {
            pk: {"health_score": 7} if self.writes_scores else {"name": f"Renamed here {pk}"} for pk in wanted
        }
        assert door().edit("customers", edits, by="Inès") == []


def line(block: Block, hub_field: str, path: str, direction: str = "in") -> None:
    FieldMapping.objects.create(block=block, hub_field=hub_field, crm_field=path, crm_label=path, direction=direction)


def linked(crm: Crm, object_name: str, number: int) -> list[str]:
    links = RecordLink.objects.filter(connection=crm.connection, object=object_name, state=RecordLink.State.LINKED)
    return list(links.order_by("pk").values_list("source_id", flat=True)[:number])


def hubspot_plain(settings: Any, practice: PracticeHubSpot) -> None:
    practice.control(**hubspot.PLAIN)
    hubspot.allow(settings, practice)


def sellsy_start(practice: PracticeSellsy) -> str:
    with practice.store.transaction():
        return next(
            f"cf.{one.id}" for one in practice.store.all("custom-field") if one.body["code"] == "contract-start"
        )


SYSTEMS: Mapping[str, System] = {
    "salesforce": System(
        PracticeSalesforce, lambda practice, world: salesforce_org.fill(practice.store, world), salesforce.allow,
        Salesforce, minimums.SALESFORCE, "Owner.Email",
        Deals("Opportunity", "AccountId", "Id", "Amount", lambda _: "Contract_Start__c", 777.0),
    ),
    "hubspot": System(
        PracticeHubSpot, lambda practice, world: hubspot_account.fill(practice.app.portal, world), hubspot_plain,
        HubSpot, minimums.HUBSPOT, "hubspot_owner_id",
        Deals("deals", "company", "hs_object_id", "amount", lambda _: "contract_start", "777"),
    ),
    "pipedrive": System(
        PracticePipedrive, lambda practice, world: pipedrive_account.fill(practice.book, world), pipedrive.allow,
        Pipedrive, minimums.PIPEDRIVE, "owner_id",
        Deals("deal", "org_id", "id", "value", lambda practice: practice.key("deal", "Contract start"), 777),
        columns=lambda practice: {"parent_field": practice.key("organization", "Parent company")},
    ),
    "zoho": System(
        PracticeZoho, lambda practice, world: zoho_account.fill(practice.app.account_of, world), zoho.allow,
        Zoho, minimums.ZOHO, "Owner.email",
        Deals("Deals", "Account_Name", "id", "Amount", lambda _: "Contract_Start", 777.0),
    ),
    "sellsy": System(
        PracticeSellsy, lambda practice, world: sellsy_account.fill(practice.store, world), sellsy.allow,
        Sellsy, minimums.SELLSY, "owner",
        Deals("opportunity", "company_id", "id", "amount.value", sellsy_start, "777.00"),
        writes_scores=True,
    ),
}  # fmt: skip
