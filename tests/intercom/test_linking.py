"""Companies and contacts of Intercom are recognised by the CRM's IDs, and nothing is made of those that are not."""

from collections.abc import Callable

import pytest

from integrations.hub.models import Contact, Customer
from integrations.rehearsal.practice_intercom import PracticeIntercom
from integrations.sync.configuration import snapshot, write
from integrations.sync.models import Block, Change, RecordLink

from . import hub
from .everyday import Everyday

pytestmark = pytest.mark.django_db


@pytest.fixture
def day(db: None, small_crm: Callable[..., PracticeIntercom]) -> Everyday:
    return Everyday(small_crm(0, contacts_per=0))


@pytest.mark.requirement("R189", "R190", "R191")
def test_ids_alone_link_and_no_field_flows(day: Everyday) -> None:
    before = dict(Customer.objects.values_list("ref_id", "name"))

    day.sync()

    assert day.links("customers") == {
        "Alder": ("linked", ""), "Birch": ("linked", ""), "Cedar": ("excluded", "waits-for-row"),
    }  # fmt: skip
    assert day.hub_of("customers", day.alder) == day.here["Alder"].pk
    assert day.hub_of("contacts", day.ada) == day.people["Ada"].pk
    assert dict(Customer.objects.values_list("ref_id", "name")) == before
    assert Contact.objects.get(pk=day.people["Ada"].pk).email == "old@alder.example"
    assert day.counts() == (2, 2)


@pytest.mark.requirement("R191")
def test_contact_without_id_is_recognised_by_the_email_and_keeps_its_id_here(day: Everyday) -> None:
    day.sync()

    bo = Contact.objects.get(pk=day.people["Bo"].pk)
    assert day.hub_of("contacts", day.bo) == bo.pk
    assert (bo.ref_id, bo.customer) == ("003B", day.here["Birch"])
    assert RecordLink.objects.get(source_id=day.bo).settled == {}


def test_contact_stays_with_its_customer_whatever_intercom_says(day: Everyday) -> None:
    day.crm.edit("contact", day.ada, company=day.birch)

    day.sync()

    assert Contact.objects.get(pk=day.people["Ada"].pk).customer == day.here["Alder"]


@pytest.mark.requirement("R184", "R185")
def test_unlinked_ones_are_listed_and_taken_up_when_their_row_comes(day: Everyday) -> None:
    run = day.sync()
    assert run.counts["customers.exclude.waits-for-row"] == 1
    assert Block.objects.get(object="customers").unexplained in {0, None}
    [cedar] = RecordLink.objects.filter(object="customers", state="excluded")
    assert "web-7" in cedar.reason_params["keys"]
    day.later()

    late = hub.customer("web-7", "Cedar here")
    day.sync()

    assert day.hub_of("customers", day.cedar) == late.pk


def test_two_companies_of_one_id_are_a_persons_to_tell_apart(day: Everyday) -> None:
    data = snapshot(day.connection)
    data["blocks"]["customers"]["lines"][0]["crm"] = "name"
    write(day.connection, data)
    hub.customer("Alder", "Twin")
    day.company("Alder", "001X")
    day.person("Xi", day.company("Alder", "001Y"))

    day.sync()

    assert {state for name, (state, _why) in day.links("customers").items() if name == "Alder"} == {"collision"}


def test_company_that_nobody_belongs_to_is_in_no_list_and_keeps_its_row(day: Everyday) -> None:
    nobody = day.company("Deserted", "001D")
    hub.customer("001D", "Deserted here")
    day.sync()
    assert not RecordLink.objects.filter(source_id=nobody).exists()

    day.crm.edit("contact", day.ada, company=None)
    day.later()
    day.sync("full")

    assert day.links("customers")["Alder"][0] == "excluded"
    assert Customer.objects.filter(name="Alder here").exists()

    day.crm.edit("contact", day.ada, company=day.alder)
    day.later()
    day.sync()

    assert day.links("customers")["Alder"] == ("linked", "")


@pytest.mark.requirement("R191")
def test_own_attribute_serves_as_ref_id(day: Everyday) -> None:
    day.crm.create("attribute", name="hubspot_id", model="company")
    day.crm.edit("company", day.cedar, **{"custom_attributes.hubspot_id": "8841"})
    late = hub.customer("8841", "Cedar by another id")
    data = snapshot(day.connection)
    data["blocks"]["customers"]["lines"][0]["crm"] = "custom_attributes.hubspot_id"
    write(day.connection, data)

    day.sync()

    assert day.hub_of("customers", day.cedar) == late.pk
    assert Customer.objects.get(pk=late.pk).ref_id == "8841"


def test_merged_contact_is_gone_at_the_next_complete_reading(day: Everyday) -> None:
    lead = day.person("Ada L.", day.alder, role="lead", email="ada.l@alder.example")
    hub.contact("003L", day.here["Alder"], "L.", email="ada.l@alder.example")
    day.sync()
    assert day.hub_of("contacts", lead)
    day.later()

    day.crm.merge("contact", day.ada, lead)
    day.sync("full")

    assert RecordLink.objects.get(source_id=lead).state == "gone"
    assert RecordLink.objects.get(source_id=day.ada).state == "linked"


def test_nothing_changed_means_nothing_said(day: Everyday) -> None:
    day.sync()
    day.later()
    day.crm.forget_calls()

    again = day.sync()

    assert not Change.objects.filter(run_id=again.pk).exists()
    calls = day.crm.calls()
    assert calls == {"me": 1, "attributes": 2, "companies": 1, "scroll": 2, "search-contacts": 1}
