"""What each mode lets through, chosen on the pages of the set-up and kept by the runner."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from integrations.hub.door import door
from integrations.hub.models import Contact, Customer
from integrations.rehearsal.practice_zoho import PracticeZoho
from integrations.sync.models import Block, FieldMapping, RecordLink

from .test_contract import Zoho

pytestmark = pytest.mark.django_db
INPUT, TWO_WAY, OUTPUT, DISABLED = "input", "two-way", "output", "disabled"
ALL_WAYS = [INPUT, TWO_WAY, OUTPUT, DISABLED]
ADVICE = "Stay on Input only for the first sync."


@pytest.fixture
def crm(small_practice: Callable[..., PracticeZoho]) -> Zoho:
    made = Zoho(small_practice(2, contacts_per=1))
    made.connection.wizard_step = "review"
    made.connection.save()
    for name in ("customers", "contacts"):
        made.block(name, INPUT)
    return made


@pytest.fixture
def admin(client_as: Callable[..., Client], admin_user: User) -> Client:
    return client_as(admin_user)


def page(crm: Zoho, step: str) -> str:
    return reverse("zoho:wizard", args=[crm.connection.slug, step])


def choose(admin: Client, crm: Zoho, mode: str) -> None:
    """As the wizard's own forms have it, with another mode."""
    for step, chosen in (("customers", {"csm": ""}), ("contacts", {})):
        form = admin.get(page(crm, step)).context["form"]
        untouched = {name: form[name].value() for name in form.fields if form[name].value() not in ("", None, False)}
        response = admin.post(page(crm, step), {**untouched, **chosen, "mode": mode})
        assert response.status_code == 302, response.context["form"].errors


@pytest.mark.requirement("R4", "R7", "R8", "R9", "R10", "R11", "R12", "R13")
def test_each_data_type_offers_its_own_modes_with_the_advice(admin: Client, crm: Zoho) -> None:
    answers = {step: admin.get(page(crm, step)) for step in ("customers", "contacts", "agreements", "interactions")}

    def offered(step: str) -> list[str]:
        return [mode for mode, _label in answers[step].context["form"].fields["mode"].choices]

    rows = {row.name: row for row in answers["interactions"].context["form"].rows}
    assert {step: offered(step) for step in ("customers", "contacts", "agreements")} == {
        "customers": [INPUT, TWO_WAY, DISABLED], "contacts": [INPUT, TWO_WAY, DISABLED], "agreements": [INPUT, DISABLED],
    }  # fmt: skip
    modes = {name: {mode for mode, _label in row.field.field.choices} for name, row in rows.items()}
    assert modes == {
        "emails": {OUTPUT, DISABLED}, "meetings": {*ALL_WAYS}, "calls": {*ALL_WAYS}, "notes": {*ALL_WAYS},
    }  # fmt: skip
    for step in ("customers", "contacts", "interactions"):
        assert ADVICE in answers[step].content.decode(), step


@pytest.mark.requirement("R5", "R6")
def test_input_only_brings_changes_in_and_sends_none(admin: Client, crm: Zoho) -> None:
    choose(admin, crm, INPUT)
    crm.sync()
    crm.later()
    one = next(iter(crm.values("customers")))
    crm.edit("customers", one, name="Renamed there")
    crm.later(120)
    crm.sync()
    here = Customer.objects.exclude(name="Renamed there").get()
    door().edit("customers", {here.pk: {"name": "Renamed here"}}, by="Inès")
    door().edit(
        "contacts", {pk: {"last_name": "Too"} for pk in Contact.objects.values_list("pk", flat=True)}, by="Inès"
    )
    crm.later()

    crm.sync()

    assert Customer.objects.filter(name="Renamed there").exists()
    assert crm.written == {}
    assert "Renamed here" not in {values["name"] for values in crm.values("customers").values()}


@pytest.mark.requirement("R8", "R14")
def test_after_the_switch_to_two_ways_every_field_goes_both_ways(admin: Client, crm: Zoho) -> None:
    """The lines of the contract's fields, all of them: what is typed on either side stands on both."""
    crm.sync()
    for name in ("customers", "contacts"):
        key = crm.connector.create_key_field(name)
        Block.objects.filter(object=name).update(mode=TWO_WAY, key_field=key)
    FieldMapping.objects.exclude(hub_field="ref_id").update(direction="both")
    crm.later()
    crm.sync()
    typed = {
        "customers": {"name": "Zwölf & Söhne", "domain": "zwoelf.example"},
        "contacts": {"last_name": "Żółć", "first_name": "北京", "email": "z@zwoelf.example"},
    }
    rows = {"customers": Customer.objects.order_by("pk")[0].pk, "contacts": Contact.objects.order_by("pk")[0].pk}
    for name, values in typed.items():
        door().edit(name, {rows[name]: values}, by="Inès")
    crm.later()

    crm.sync()

    for name, values in typed.items():
        there = RecordLink.objects.get(object=name, hub_id=rows[name]).source_id
        assert {field: crm.values(name)[there][field] for field in values} == values
        crm.later()
        crm.edit(name, there, **{field: f"{value}.fr" for field, value in values.items()})
    crm.later(120)
    crm.sync()
    customer, contact = Customer.objects.get(pk=rows["customers"]), Contact.objects.get(pk=rows["contacts"])
    assert (customer.name, customer.domain) == ("Zwölf & Söhne.fr", "zwoelf.example.fr")
    assert (contact.last_name, contact.first_name, contact.email) == ("Żółć.fr", "北京.fr", "z@zwoelf.example.fr")


@pytest.mark.requirement("R12")
def test_disabled_asks_nothing_about_the_data_type(admin: Client, crm: Zoho) -> None:
    choose(admin, crm, INPUT)
    form = admin.get(page(crm, "contacts")).context["form"]
    untouched = {name: form[name].value() for name in form.fields if form[name].value() not in ("", None, False)}
    admin.post(page(crm, "contacts"), {**untouched, "mode": DISABLED})
    crm.practice.forget_calls()

    crm.sync()

    assert (Customer.objects.count(), Contact.objects.count()) == (2, 0)
    # Who am I, the fields of accounts alone, their number and their rows.
    assert crm.practice.calls() == {"users": 1, "fields": 1, "coql": 2}
