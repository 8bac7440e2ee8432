"""Other IDs than before: made in Intercom with consent, filled by ordinary writes, and then recognised by."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from integrations.hub.door import door
from integrations.hub.models import Customer
from integrations.intercom.forms.move import MoveForm
from integrations.rehearsal.practice_intercom import PracticeIntercom
from integrations.setup.looks import Looks
from integrations.sync import undo
from integrations.sync.identity.rekey import choosing, file, working
from integrations.sync.identity.rekey.carrying import carriers
from integrations.sync.models import Block, Change, Outbox, PlannedChange, RecordLink, Run
from integrations.sync.runner.drive import drive
from integrations.wire.errors import Misconfigured, Transient

from . import hub
from .everyday import Everyday

pytestmark = pytest.mark.django_db
ASKED = {"customers": "hubspot_company_id", "contacts": "hubspot_contact_id", "consent": "on", "do": "continue"}


@pytest.fixture
def day(db: None, small_crm: Callable[..., PracticeIntercom]) -> Everyday:
    found = Everyday(small_crm(0, contacts_per=0))
    found.sync()
    # What the first stage of the new CRM's connection does.
    Customer.objects.filter(pk=found.here["Alder"].pk).update(ref_id="9001")
    Customer.objects.filter(pk=found.here["Birch"].pk).update(ref_id="9002")
    return found


@pytest.fixture
def save(day: Everyday, client_as: Callable[..., Client], admin_user: User) -> Callable[..., object]:
    client = client_as(admin_user)
    address = reverse("intercom:wizard", args=[day.connection.slug, "move"])

    def post(**more: str) -> object:
        answer = client.post(address, {**ASKED, **more})
        day.connection.refresh_from_db()
        return answer

    return post


def held(day: Everyday) -> dict[str, str]:
    return {
        name: day.attributes("company", record).get("hubspot_company_id", "")
        for name, record in (("Alder", day.alder), ("Birch", day.birch), ("Cedar", day.cedar))
    }


@pytest.mark.requirement("R190", "R191", "R192")
def test_new_ids_are_written_to_every_linked_record_and_recognise_from_then_on(day: Everyday, save) -> None:
    before = dict(RecordLink.objects.values_list("source_id", "hub_id"))

    answer = save()
    day.later()
    run = day.sync("full")

    assert answer.status_code == 302, answer.context and answer.context["form"].errors
    assert held(day) == {"Alder": "9001", "Birch": "9002", "Cedar": ""}
    assert day.attributes("contact", day.ada) == {"hubspot_contact_id": "003A"}
    assert day.attributes("contact", day.bo) == {"hubspot_contact_id": "003B"}
    assert dict(RecordLink.objects.values_list("source_id", "hub_id")) == before
    assert Change.objects.filter(run_id=run.pk, action="push", outcome="done").count() == 4

    day.crm.edit("company", day.cedar, **{"custom_attributes.hubspot_company_id": "9003"})
    late = hub.customer("9003", "Cedar here")
    day.later()
    day.sync()

    assert day.hub_of("customers", day.cedar) == late.pk
    assert not Outbox.objects.exists()


@pytest.mark.requirement("R192")
def test_preview_says_what_will_be_written_and_writes_nothing(day: Everyday, save) -> None:
    save()
    day.later()

    preview = day.sync(Run.Kind.PREVIEW)

    planned = PlannedChange.objects.filter(run_id=preview.pk, action="push")
    assert sorted(planned.values_list("object", flat=True)) == ["contacts", "contacts", "customers", "customers"]
    assert held(day) == {"Alder": "", "Birch": "", "Cedar": ""}


@pytest.mark.requirement("R192")
def test_run_that_wrote_them_can_be_taken_back(day: Everyday, save, admin_user: User) -> None:
    save()
    day.later()
    run = day.sync("full")
    assert held(day)["Alder"] == "9001"

    undoing = undo.request_undo(run, admin_user, "Too early", delete_out=False)
    for _attempt in range(4):
        drive(undoing, 60.0)
    undoing.refresh_from_db()

    assert undoing.state == Run.State.DONE, vars(undoing)
    assert held(day) == {"Alder": "", "Birch": "", "Cedar": ""}
    assert RecordLink.objects.filter(object="customers", state="linked").count() == 2


def test_new_id_of_here_follows_into_the_attribute(day: Everyday, save) -> None:
    save()
    day.later()
    day.sync("full")

    door().edit("customers", {day.here["Alder"].pk: {"ref_id": "9101"}}, by="Inès")
    day.later()
    day.sync()

    assert held(day)["Alder"] == "9101"


@pytest.mark.requirement("R130", "R190", "R192")
def test_re_key_reaches_intercom_by_the_line_of_its_own_and_so_does_taking_it_back(
    day: Everyday, save, admin_user: User
) -> None:
    save()
    day.later()
    day.sync("full")
    lines = [file.Line(1, "9001", "H1"), file.Line(2, "9002", "H2")]
    job = choosing.prepare("customers", "file", admin_user, lines=lines)
    working.work(job.pk)
    job.refresh_from_db()
    working.confirm(job, admin_user, "HubSpot from Monday on")
    working.work(job.pk)
    job.refresh_from_db()
    [told] = carriers(job)
    assert (told.before, told.counted) == ((2, 2, 0), (2, 2, 0))
    assert "hubspot_company_id" in str(told.says)

    day.later()
    day.sync()

    assert held(day) == {"Alder": "H1", "Birch": "H2", "Cedar": ""}
    assert carriers(job)[0].counted == (2, 0, 2)
    working.take_back(job, admin_user)
    working.work(job.pk)
    day.later()
    day.sync()
    assert held(day) == {"Alder": "9001", "Birch": "9002", "Cedar": ""}
    assert RecordLink.objects.filter(object="customers", state="linked").count() == 2


def test_nothing_is_made_without_consent_or_under_one_name_twice(day: Everyday, save) -> None:
    day.crm.forget_calls()

    unasked = save(consent="")
    twice = save(contacts="HubSpot_company_id")

    assert (unasked.status_code, twice.status_code) == (200, 200)
    assert "consent" in unasked.context["form"].errors
    assert "contacts" in twice.context["form"].errors
    assert day.crm.calls()["create-attribute"] == 0
    assert Block.objects.get(object="customers").mode == "input"


def test_attribute_is_made_once_and_found_where_it_is_there(day: Everyday, save) -> None:
    save()
    save()

    made = [one for one in day.crm.workspace.book.find("attribute") if one.body["name"].startswith("hubspot_")]
    assert sorted(one.body["name"] for one in made) == ["hubspot_company_id", "hubspot_contact_id"]


def test_answer_that_was_lost_makes_no_second_one(day: Everyday) -> None:
    day.crm.control(reset=1, kinds=["create-attribute"])
    with pytest.raises(Transient):
        day.connector.create_attribute("customers", "hubspot_company_id")
    day.crm.control(clear=True)

    path = day.connector.create_attribute("customers", "hubspot_company_id")

    assert path == "custom_attributes.hubspot_company_id"
    assert (
        len([one for one in day.crm.workspace.book.find("attribute") if one.body["name"] == "hubspot_company_id"]) == 1
    )


def test_name_that_people_use_for_something_else_is_said(day: Everyday) -> None:
    day.crm.create("attribute", name="hubspot_company_id", model="contact")
    with pytest.raises(Misconfigured, match="ATTRIBUTE_OF_OTHERS"):
        day.connector.create_attribute("customers", "hubspot_company_id")

    day.crm.create("attribute", name="strategic", model="company", data_type="boolean")
    with pytest.raises(Misconfigured, match="ATTRIBUTE_OF_OTHERS"):
        day.connector.create_attribute("customers", "strategic")


def test_archived_attribute_stops_the_sync_and_loses_no_link(day: Everyday, save) -> None:
    save()
    day.later()
    day.sync("full")
    day.crm.control(remove_fields=["company.hubspot_company_id"])
    day.later()

    run = day.run("full")

    assert (run.state, run.reason_code, run.reason_params["field"]) == ("failed", "field-gone", "hubspot_company_id")
    assert RecordLink.objects.filter(object="customers", state="linked").count() == 2

    day.crm.control(restore_fields=["company.hubspot_company_id"])
    assert day.sync("full").state == Run.State.DONE


def test_page_says_how_far_it_has_come(day: Everyday, save) -> None:
    save()
    before = MoveForm(Looks(day.connection)).standing
    day.later()
    day.sync("full")

    after = MoveForm(Looks(day.connection)).standing

    assert [(one.linked, one.filled, one.is_done) for one in before] == [(2, 0, False), (2, 0, False)]
    assert [(one.linked, one.filled, one.waiting, one.is_done) for one in after] == [(2, 2, 1, True), (2, 2, 1, True)]
