from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Role
from integrations.hub.door import door
from integrations.hub.models import Agreement, Customer
from integrations.pipedrive.models import PipedriveConnection
from integrations.rehearsal.practice_pipedrive import PracticePipedrive
from integrations.sync import runs
from integrations.sync.models import Block, Change, FieldMapping, RecordLink, Run
from integrations.sync.runner.drive import drive

from .consent import answer

START, CALLBACK = "pipedrive:start", "pipedrive:callback"
CONTACTS = {"mode": "input", "ref_id": "id"}
HEALTH, PULSE = "Skalin Healthscore", "Skalin CSM Pulse"


@pytest.fixture
def admin(client_as: Callable[..., Client], admin_user: User, practice: PracticePipedrive) -> Client:
    """Signed in here and at Pipedrive: the set-up stands at its second step."""
    practice.control(unlimited=True)
    client = client_as(admin_user)
    location = client.post(reverse(START), {"practice": "1"}).headers["Location"]
    client.get(reverse(CALLBACK), answer(location))
    practice.forget_calls()
    return client


@pytest.fixture
def connection(admin: Client) -> PipedriveConnection:
    return PipedriveConnection.objects.get()


@pytest.fixture
def customers(practice: PracticePipedrive) -> dict[str, str]:
    manager = practice.key("organization", "Customer success manager")
    return {"mode": "input", "ref_id": "id", "domain": "website", "csm": manager, "stage": "", "profile": ""}


@pytest.fixture
def ready(admin: Client, connection: PipedriveConnection, customers: dict[str, str]) -> PipedriveConnection:
    admin.post(page_of(connection, "scope"), {})
    admin.post(page_of(connection, "customers"), customers)
    admin.post(page_of(connection, "contacts"), CONTACTS)
    connection.refresh_from_db()
    return connection


def page_of(connection: PipedriveConnection, step: str) -> str:
    return reverse("pipedrive:wizard", args=[connection.slug, step])


def texts(response: Any) -> str:
    return " ".join(response.content.decode().split())


def bodies(practice: PracticePipedrive, kind: str) -> dict[str, dict[str, Any]]:
    with practice.book.transaction():
        return {one.id: one.body for one in practice.book.find(kind)}


def winners(practice: PracticePipedrive) -> set[str]:
    return {str(one["org_id"]) for one in bodies(practice, "deal").values() if one["status"] == "won"}


def line(connection: PipedriveConnection, hub_field: str, object_name: str = "customers") -> FieldMapping:
    return FieldMapping.objects.get(block__connection=connection, block__object=object_name, hub_field=hub_field)


def sync(connection: PipedriveConnection, kind: str = Run.Kind.DELTA) -> Run:
    # Turned on, as the last step does after its preview.
    PipedriveConnection.objects.filter(pk=connection.pk).update(state="on")
    connection.refresh_from_db()
    run = runs.request_run(connection, kind, by="Inès")
    drive(run, 120.0)
    run.refresh_from_db()
    assert run.state == Run.State.DONE, run.reason_params
    return run


# --- Scope


@pytest.mark.requirement("R97", "R98", "R16", "R18", "R19", "R20", "X7")
def test_scope_says_who_comes_in_and_two_options_follow(
    admin: Client, connection: PipedriveConnection, practice: PracticePipedrive
) -> None:
    response = admin.get(page_of(connection, "scope"))
    form, shown = response.context["form"], texts(response)

    saved = admin.post(page_of(connection, "scope"), {"churn_missing": "on", "keep_hierarchy": "on"})

    assert response.context["total"] == len(winners(practice)) > 0
    assert "organizations with a won deal" in shown
    assert [form[name].value() for name in ("churn_missing", "keep_hierarchy")] == [False, False]
    assert saved.headers["Location"] == page_of(connection, "customers")
    connection.refresh_from_db()
    assert (connection.churn_missing, connection.keep_hierarchy, connection.parent_field) == (True, True, "")


@pytest.mark.requirement("X3")
def test_parent_may_stand_in_a_field_that_names_an_organization(
    admin: Client, connection: PipedriveConnection, practice: PracticePipedrive
) -> None:
    key = practice.key("organization", "Parent company")
    offered = dict(admin.get(page_of(connection, "scope")).context["form"].fields["parent_field"].choices)

    admin.post(page_of(connection, "scope"), {"keep_hierarchy": "on", "parent_field": key})

    connection.refresh_from_db()
    assert offered[key] == "Parent company"
    assert len(offered) == 2
    assert connection.parent_field == key
    assert "With a parent organization" in texts(admin.get(page_of(connection, "scope")))


@pytest.mark.parametrize("role", [Role.MANAGER, Role.CSM, Role.SUPPORT])
def test_whoever_is_no_admin_reads_and_changes_nothing(
    client_as: Callable[..., Client], ready: PipedriveConnection, role: Role
) -> None:
    client = client_as(role)

    shown = client.get(page_of(ready, "scope"))
    refused = client.post(page_of(ready, "scope"), {"churn_missing": "on"})

    ready.refresh_from_db()
    assert (shown.status_code, refused.status_code, ready.churn_missing) == (200, 403, False)


# --- Customers and contacts


@pytest.mark.requirement("R15", "R22", "R23", "R24", "R25", "R26", "R27", "X4", "X5")
def test_each_select_offers_what_may_be_chosen_by_its_name(
    admin: Client, connection: PipedriveConnection, practice: PracticePipedrive
) -> None:
    response = admin.get(page_of(connection, "customers"))
    form = response.context["form"]

    def offered(name: str) -> dict[str, str]:
        return {path: label for group in form.fields[name].choices if group[0] for path, label in group[1]}

    key = {name: practice.key("organization", name) for name in ("Customer number", "Lifecycle stage", "Segment")}
    manager = practice.key("organization", "Customer success manager")
    assert {"id", key["Customer number"]} <= set(offered("ref_id"))
    assert set(offered("csm")) == {"owner_id", manager}
    assert offered("csm")[manager].startswith("Customer success manager")
    assert {key["Lifecycle stage"], key["Segment"]} <= set(offered("stage"))
    assert offered("domain")["website"].startswith("Website · website · e.g. ")
    assert {name: form[name].value() for name in ("ref_id", "domain", "csm", "stage", "profile")} == {
        "ref_id": "id", "domain": "website", "csm": manager, "stage": "", "profile": "",
    }  # fmt: skip
    assert not [label for name in form.fields for label in labels_of(form.fields[name]) if label.startswith(manager)]


def labels_of(field: Any) -> list[str]:
    groups = [group[1] for group in getattr(field, "choices", ()) if isinstance(group[1], list | tuple)]
    return [str(label) for group in groups for _path, label in group]


@pytest.mark.requirement("R26")
def test_stage_is_matched_option_by_option(
    admin: Client, connection: PipedriveConnection, practice: PracticePipedrive, customers: dict[str, str]
) -> None:
    key = practice.key("organization", "Lifecycle stage")
    chosen = {**customers, "stage": key}

    response = admin.post(page_of(connection, "customers"), chosen)
    rows = {row.value: row for row in response.context["form"].value_maps["stage"].rows}
    admin.post(page_of(connection, "customers"), {**chosen, "stage_seen": key, rows["Adoption"].name: "run"})

    assert line(connection, "stage").value_map["Adoption"] == "run"
    assert line(connection, "stage").crm_label == "Lifecycle stage"


@pytest.mark.requirement("R28", "R29", "R30", "R31", "R32", "R33", "R34", "R99")
def test_persons_of_the_organizations_come_in_and_roles_are_conditions(
    admin: Client, ready: PipedriveConnection, practice: PracticePipedrive
) -> None:
    role = practice.key("person", "Role")
    page = admin.get(page_of(ready, "contacts"))
    roles = {
        "is_champion": f"{role}=Ambassador", "is_sponsor": f"{role}=Sponsor", "is_key_user": f"{role}=Key user",
        "is_end_user": f"{role}=End user",
    }  # fmt: skip

    response = admin.post(page_of(ready, "contacts"), {**CONTACTS, **roles})

    assert response.status_code == 302, response.context["form"].errors
    assert {name: str(line(ready, name, "contacts").argument) for name in roles} == {
        "is_champion": "Ambassador", "is_sponsor": "Sponsor", "is_key_user": "Key user", "is_end_user": "End user",
    }  # fmt: skip
    sync(ready)
    inside = winners(practice)
    expected = {one for one, body in bodies(practice, "person").items() if str(body["org_id"]) in inside}
    # There is no view to choose, so that nobody is asked for one.
    assert f"All persons of these organizations come in ({len(expected):,} contact" in texts(page)
    assert "contact_view" not in page.context["form"].fields
    linked = RecordLink.objects.filter(object="contacts").exclude(state="excluded")
    assert set(linked.values_list("source_id", flat=True)) == expected


@pytest.mark.requirement("R13", "R4", "R9", "R11")
def test_modes_are_offered_as_the_table_says(admin: Client, ready: PipedriveConnection) -> None:
    for step in ("customers", "contacts"):
        form = admin.get(page_of(ready, step)).context["form"]
        assert [mode for mode, _label in form.fields["mode"].choices] == ["input", "two-way", "disabled"]


# --- Churn


@pytest.mark.requirement("R16", "R17", "X7")
def test_customer_whose_last_won_deal_is_gone_churns_and_stays(
    admin: Client, ready: PipedriveConnection, practice: PracticePipedrive
) -> None:
    PipedriveConnection.objects.filter(pk=ready.pk).update(churn_missing=True)
    ready.refresh_from_db()
    sync(ready)
    deals = bodies(practice, "deal")
    one = next(
        org for org in sorted(winners(practice))
        if sum(1 for deal in deals.values() if str(deal["org_id"]) == org and deal["status"] == "won") == 1
    )  # fmt: skip
    [deal] = [d for d, body in deals.items() if str(body["org_id"]) == one and body["status"] == "won"]
    practice.edit("deal", deal, status="lost")
    row = RecordLink.objects.get(object="customers", source_id=one).hub_id

    sync(ready)

    assert str(Customer.objects.get(pk=row or 0).stage) == "Churn"


@pytest.mark.requirement("R19", "R20", "R21", "R98")
@pytest.mark.parametrize("keeps", [True, False])
def test_third_level_hangs_from_the_first_and_says_so(
    admin: Client, ready: PipedriveConnection, practice: PracticePipedrive, keeps: bool
) -> None:
    PipedriveConnection.objects.filter(pk=ready.pk).update(keep_hierarchy=keeps)
    ready.refresh_from_db()
    names = ("Group", "Country", "City")
    numbers = [practice.create("organization", name=name) for name in names]
    for number in numbers:
        practice.create("deal", title="Won", org_id=int(number), status="won")
    for above, below in pairwise(numbers):
        practice.create(
            "organizationRelationship", type="parent", rel_owner_org_id=int(above), rel_linked_org_id=int(below)
        )

    run = sync(ready)

    parents = dict(Customer.objects.filter(name__in=names).values_list("name", "parent__name"))
    assert parents == ({"Group": None, "Country": "Group", "City": "Group"} if keeps else dict.fromkeys(names))
    noted = [change.notes for change in Change.objects.filter(run_id=run.pk, source_id=numbers[2])]
    assert any(noted) is keeps


# --- Agreements


@pytest.mark.requirement("R35", "R36", "R41", "R100", "R102")
def test_agreements_offer_deals_and_companies_and_the_amount_of_a_deal(
    admin: Client, ready: PipedriveConnection
) -> None:
    form = admin.get(page_of(ready, "agreements")).context["form"]

    assert form["mode"].value() == "disabled"
    assert [(value, str(label).split(" (")[0]) for value, label in form.fields["source"].choices if value] == [
        ("deal", "Deals"),
        ("organization", "Organizations"),
    ]
    assert form["amount"].value() == "value"


@pytest.mark.requirement("R36", "R47", "R49", "R50", "R100", "R101")
def test_several_pipelines_are_ticked_and_kept(
    admin: Client, ready: PipedriveConnection, practice: PracticePipedrive
) -> None:
    page = page_of(ready, "agreements")
    asked = {
        "mode": "input", "source": "deal", "shown": "deal", "customer_field": "org_id", "view": ["1", "2"],
        "amount": "value", "amount_format": "ARR", "currency": "currency",
        "start_date": practice.key("deal", "Contract start"), "end_way": "none",
        "notice_way": "date", "notice_date": practice.key("deal", "Notice date"), "renewal_way": "notice",
    }  # fmt: skip

    response = admin.post(page, asked)

    assert response.status_code == 302, response.context["form"].errors
    block = Block.objects.get(object="agreements")
    assert (block.settings["view"], block.settings["view_label"]) == ("1,2", "Pipeline, Renewals")
    form = admin.get(page).context["form"]
    assert form["view"].value() == ["1", "2"]


@pytest.mark.requirement("R39", "R40", "R43", "R101")
def test_won_deals_become_agreements_of_their_customers(
    admin: Client, ready: PipedriveConnection, practice: PracticePipedrive
) -> None:
    block = Block.objects.create(
        connection=ready, object="agreements", mode="input", merge_keys=["ref_id"],
        settings={"source": "deal", "customer_field": "org_id", "view": "", "view_label": ""},
    )  # fmt: skip
    lines = {
        "ref_id": "id",
        "amount": "value",
        "currency": "currency",
        "start_date": practice.key("deal", "Contract start"),
    }
    for hub, crm in lines.items():
        FieldMapping.objects.create(block=block, hub_field=hub, crm_field=crm, crm_label=crm)
    FieldMapping.objects.create(block=block, hub_field="amount_format", constant="ARR")

    sync(ready)

    won = {one for one, body in bodies(practice, "deal").items() if body["status"] == "won"}
    linked = RecordLink.objects.filter(object="agreements", state="linked")
    assert set(linked.values_list("source_id", flat=True)) == won
    assert Agreement.objects.count() == len(won)


# --- Scores


def score_lines() -> dict[str, str]:
    return dict(FieldMapping.objects.filter(block__object="scores").values_list("hub_field", "crm_field"))


@pytest.mark.requirement("R56", "R57", "R58", "R59", "R60")
def test_switching_scores_on_makes_both_fields_once_and_fills_them_at_the_next_sync(
    admin: Client, ready: PipedriveConnection, practice: PracticePipedrive
) -> None:
    page = page_of(ready, "scores")
    admin.post(page, {"make": "on"})
    before = practice.calls()["create_field"]
    admin.post(page, {"is_on": "on", "make": "on"})
    FieldMapping.objects.filter(block__object="scores").delete()
    admin.post(page, {"is_on": "on", "make": "on"})
    names = [one.name for one in practice.book.fields("organization")]
    sync(ready)
    link = RecordLink.objects.filter(object="customers", state="linked").order_by("pk")[0]
    door().edit("customers", {link.hub_id or 0: {"health_score": 8, "pulse": 4}}, by="Inès")
    practice.forget_calls()

    sync(ready)

    custom = bodies(practice, "organization")[link.source_id]["custom_fields"]
    keys = score_lines()
    assert (before, names.count(HEALTH), names.count(PULSE)) == (0, 1, 1)
    assert (custom[keys["health_score"]], custom[keys["pulse"]]) == (8, 4)
    assert practice.calls()["update"] == 1


@pytest.mark.requirement("R96")
def test_whoever_may_not_make_fields_is_told_and_nothing_is_switched_on(
    admin: Client, ready: PipedriveConnection, practice: PracticePipedrive
) -> None:
    practice.control(may_not_customize=True)

    refused = admin.post(page_of(ready, "scores"), {"is_on": "on", "make": "on"})

    assert refused.status_code == 200
    assert refused.context["form"].errors["make"]
    assert not Block.objects.filter(object="scores").exists()


# --- Review


@pytest.mark.requirement("R1", "R5", "R6")
def test_first_sync_reads_and_writes_nothing(
    admin: Client, ready: PipedriveConnection, practice: PracticePipedrive
) -> None:
    practice.forget_calls()

    sync(ready)

    calls = practice.calls()
    assert Customer.objects.count() == len(winners(practice))
    assert sum(calls[kind] for kind in ("create", "update", "delete", "create_field")) == 0


def test_every_step_opens(admin: Client, ready: PipedriveConnection) -> None:
    for step in ("connect", "scope", "customers", "contacts", "agreements", "interactions", "scores", "review"):
        assert admin.get(page_of(ready, step)).status_code == 200, step
    assert "Lifecycle stage" in texts(admin.get(reverse("sync:mapping", args=[ready.slug, "customers"])))
