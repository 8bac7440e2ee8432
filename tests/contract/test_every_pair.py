"""Two systems side by side, every pair of them: an id means something within one only, and one customer may stand in both."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pytest_django import Settings

from integrations.engine.mapping import Mode
from integrations.hub.door import door
from integrations.hub.models import Contact, Customer
from integrations.rehearsal.practice import Practice, PracticeSalesforce
from integrations.rehearsal.practice_hubspot import PracticeHubSpot
from integrations.rehearsal.practice_pipedrive import PracticePipedrive
from integrations.rehearsal.practice_sellsy import PracticeSellsy
from integrations.rehearsal.practice_zoho import PracticeZoho
from integrations.sync.models import Block, Change, Connection, RecordLink, Run
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

from .crm import Crm

pytestmark = pytest.mark.django_db
Allow = Callable[[Settings, Any], None]
SYSTEMS: dict[str, tuple[Callable[..., Practice[Any]], Allow, Callable[[Any], Crm]]] = {
    "salesforce": (PracticeSalesforce, salesforce.allow, Salesforce),
    "hubspot": (PracticeHubSpot, hubspot.allow, HubSpot),
    "pipedrive": (PracticePipedrive, pipedrive.allow, Pipedrive),
    "zoho": (PracticeZoho, zoho.allow, Zoho),
    "sellsy": (PracticeSellsy, sellsy.allow, Sellsy),
}
SAME, OTHER = "501", "601"
"""Of a company and of a contact, in both systems."""


class Pair(NamedTuple):
    one: Crm
    other: Crm
    turn: int

    @property
    def crms(self) -> tuple[Crm, Crm]:
        return self.one, self.other


@pytest.fixture(params=enumerate(combinations(SYSTEMS, 2)), ids=lambda found: " and ".join(found[1]))
def pair(request: pytest.FixtureRequest, tmp_path: Path, settings: Settings) -> Iterator[Pair]:
    crms, hosts = [], []
    turn, names = request.param
    for name in names:
        practice_of, allow, crm_of = SYSTEMS[name]
        practice = practice_of(tmp_path / name, 0, contacts_per=0)
        allow(settings, practice)
        hosts += settings.CRM_EXTRA_HOSTS
        if name == "hubspot":
            practice.control(**hubspot.PLAIN)
        crms.append(crm_of(practice))
    settings.CRM_EXTRA_HOSTS = hosts
    one, other = crms
    yield Pair(one, other, turn)
    for crm in crms:
        crm.practice.__exit__(None, None, None)


def block(crm: Crm, object_name: str, **more: Any) -> None:
    mode = "two-way" if Mode.TWO_WAY in crm.modes(object_name) else "input"
    made = crm.block(object_name, mode)
    Block.objects.filter(pk=made.pk).update(**more)
    if crm.numbers:
        made.lines.filter(hub_field="ref_id").update(crm_field=crm.numbers[object_name], direction="in")


def sync(crm: Crm, kind: str = "delta") -> Run:
    crm.later()
    run = crm.sync(kind)
    assert run.state == Run.State.DONE, run.reason_code
    return run


def customer_of(crm: Crm, source_id: str) -> Customer:
    link = RecordLink.objects.get(connection=crm.connection, object="customers", source_id=source_id)
    return Customer.objects.get(pk=link.hub_id or 0)


@pytest.mark.requirement("R16", "R17")
def test_same_bare_id_in_two_systems_is_two_records(pair: Pair) -> None:
    """501 is not 501: neither a company, nor a contact, nor the company that a contact names."""
    made: list[tuple[Crm, str, str]] = []
    for crm, name in zip(pair.crms, ("Alder", "Birch"), strict=True):
        block(crm, "customers")
        block(crm, "contacts")
        company = crm.numbered("customers", SAME, partial(crm.company, name))
        made.append((crm, company, crm.numbered("contacts", OTHER, partial(crm.person, company, f"{name}s"))))
        sync(crm)
    (one_crm, there, _), (other_crm, elsewhere, somebody) = made
    one, other = customer_of(one_crm, there), customer_of(other_crm, elsewhere)
    assert (one.name, other.name, Customer.objects.count(), Contact.objects.count()) == ("Alder", "Birch", 2, 2)
    assert [one.contacts.get().last_name, other.contacts.get().last_name] == ["Alders", "Birchs"]
    assert {one.ref_id, other.ref_id} == {SAME}
    assert set(Contact.objects.values_list("ref_id", flat=True)) == {OTHER}

    one_crm.edit("customers", there, name="Alder 2")
    other_crm.delete("contacts", somebody)
    newest = [sync(crm, kind) for kind in ("delta", "full") for crm in pair.crms]

    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.name, other.name) == ("Alder 2", "Birch")
    gone = RecordLink.objects.filter(object="contacts", state="gone")
    assert list(gone.values_list("connection", "source_id")) == [(other_crm.connection.pk, somebody)]
    assert not Change.objects.filter(run_id__in=[run.pk for run in newest[2:]]).exists()

    # What is typed here goes to the record that the row is linked to, and to no other of that number.
    door().edit("customers", {one.pk: {"name": "Typed for one"}, other.pk: {"name": "Typed for other"}}, by="Inès")
    for crm, source_id, typed, stays in (
        (one_crm, there, "Typed for one", "Alder 2"), (other_crm, elsewhere, "Typed for other", "Birch"),
    ):  # fmt: skip
        sync(crm)
        writes = Mode.TWO_WAY in crm.modes("customers")
        assert crm.values("customers")[source_id]["name"] == (typed if writes else stays)


@pytest.mark.requirement("R16", "R17")
def test_one_customer_in_two_systems_is_written_by_the_first_and_churned_by_it_alone(pair: Pair) -> None:
    """Recognised by its domain or by an ID that both share, by turns: every system is met both ways."""
    key = "domain" if pair.turn % 2 else "ref_id"
    Connection.objects.update(churn_missing=True)
    ids = []
    # The order is what the admin says, not who came first.
    for order, crm, name in ((2, pair.other, "Alder Iberia"), (1, pair.one, "Alder")):
        Connection.objects.filter(pk=crm.connection.pk).update(order=order)
        crm.connection.refresh_from_db()
        block(crm, "customers", merge_keys=[key], ref_is_common=key == "ref_id")
        website = {crm.column("customers", "domain"): "alder.example"} if key == "domain" else {}
        # An account that empties altogether is believed to be a mistake.
        crm.numbered("customers", str(700 + order), partial(crm.company, "Bystander"))
        ids.append(crm.numbered("customers", SAME, partial(crm.company, name, **website)))
        sync(crm)
    there, here = ids
    row = customer_of(pair.one, here)
    assert (row, row.name, Customer.objects.count()) == (customer_of(pair.other, there), "Alder", 3)

    pair.other.edit("customers", there, name="Alder Iberia 2")
    sync(pair.other)
    row.refresh_from_db()
    assert row.name == "Alder"
    pair.one.edit("customers", here, name="Alder 2")
    sync(pair.one)
    row.refresh_from_db()
    assert row.name == "Alder 2"

    pair.other.delete("customers", there)
    sync(pair.other)
    row.refresh_from_db()
    assert not row.stage.is_churn
    pair.one.delete("customers", here)
    sync(pair.one)
    row.refresh_from_db()
    assert row.stage.is_churn
