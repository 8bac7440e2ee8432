from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Role
from integrations.hub.models import CustomField
from integrations.rehearsal.practice_zoho import PracticeZoho
from integrations.sync.models import Block, FieldMapping, Run
from integrations.zoho.connector import ZohoConnector
from integrations.zoho.models import ZohoConnection

from .consent import answer

START, CALLBACK = "zoho:start", "zoho:callback"
CUSTOMERS = {"mode": "input", "ref_id": "id", "domain": "Website", "csm": "CSM.email", "stage": "", "profile": ""}
CONTACTS = {"mode": "input", "contact_view": "", "ref_id": "id"}
SCOPE = {"merge_keys": ["ref_id", "domain"]}
STEPS = ["connect", "scope", "customers", "contacts", "review"]


@pytest.fixture
def admin(client_as: Callable[..., Client], admin_user: User, practice: PracticeZoho) -> Client:
    """Signed in here and at Zoho: the set-up stands at its second step."""
    client = client_as(admin_user)
    location = client.post(reverse(START), {"practice": "1"}).headers["Location"]
    client.get(reverse(CALLBACK), answer(location))
    practice.forget_calls()
    return client


@pytest.fixture
def connection(admin: Client) -> ZohoConnection:
    return ZohoConnection.objects.get()


@pytest.fixture
def ready(admin: Client, connection: ZohoConnection) -> ZohoConnection:
    admin.post(page_of(connection, "scope"), {**SCOPE, "account_types": ["Customer", "Reseller"]})
    admin.post(page_of(connection, "customers"), CUSTOMERS)
    admin.post(page_of(connection, "contacts"), CONTACTS)
    connection.refresh_from_db()
    return connection


def page_of(connection: ZohoConnection, step: str) -> str:
    return reverse("zoho:wizard", args=[connection.slug, step])


def texts(response: Any) -> str:
    return " ".join(response.content.decode().split())


def held(practice: PracticeZoho, condition: Callable[[dict[str, Any]], bool], module: str = "Accounts") -> int:
    with practice.store.transaction():
        return sum(condition(one.body) for one in practice.store.find(module))


def line(connection: ZohoConnection, hub_field: str, object_name: str = "customers") -> FieldMapping:
    return FieldMapping.objects.get(block__connection=connection, block__object=object_name, hub_field=hub_field)


# --- Connecting


@pytest.mark.requirement("R2", "R3")
def test_connect_me_leads_to_zoho_and_back_to_the_scope(
    client_as: Callable[..., Client], admin_user: User, practice: PracticeZoho
) -> None:
    client = client_as(admin_user)
    shown = texts(client.get("/integrations/zoho/"))
    location = client.post(reverse(START), {"practice": "1"}).headers["Location"]

    back = client.get(reverse(CALLBACK), answer(location))

    connection = ZohoConnection.objects.get()
    assert "Connect me" in shown
    assert back.headers["Location"] == page_of(connection, "scope")
    assert (connection.account, connection.organisation) == ("Inès Moreau", "Aldervale")
    assert connection.organization_id
    # Enterprise: 50,000 and 1,000 for each of 20 users.
    assert connection.credits_limit == 70_000
    assert {block.object: block.mode for block in Block.objects.all()} == {"customers": "input", "contacts": "input"}
    assert line(connection, "csm").crm_field == "CSM.email"


def test_whoever_says_no_at_zoho_comes_back_to_a_page_that_says_so(
    client_as: Callable[..., Client], admin_user: User, practice: PracticeZoho
) -> None:
    client = client_as(admin_user)
    location = client.post(reverse(START), {"practice": "1"}).headers["Location"]

    back = client.get(reverse(CALLBACK), answer(location, "deny"), follow=True)

    assert "The connection was refused on Zoho&#x27;s page." in texts(back)
    assert ZohoConnection.objects.get().account == ""


@pytest.mark.parametrize("role", [Role.MANAGER, Role.CSM, Role.SUPPORT])
def test_whoever_is_no_admin_reads_and_changes_nothing(
    client_as: Callable[..., Client], ready: ZohoConnection, role: Role
) -> None:
    client = client_as(role)

    shown = client.get(page_of(ready, "scope"))
    refused = client.post(page_of(ready, "scope"), SCOPE)

    assert (shown.status_code, refused.status_code) == (200, 403)
    assert "Customer; Reseller" in texts(shown)


# --- Scope


@pytest.mark.requirement("R105", "R106")
def test_types_are_offered_with_their_numbers_and_none_chosen_means_all(
    admin: Client, connection: ZohoConnection, practice: PracticeZoho
) -> None:
    response = admin.get(page_of(connection, "scope"))

    form, shown = response.context["form"], texts(response)
    rows = {row.value: row.number for row in form.rows}
    assert rows["Customer"] == held(practice, lambda body: body.get("Account_Type") == "Customer") > 0
    assert rows["Analyst"] == 0
    assert "-None-" not in rows
    assert (form.takes_all, form.total) == (True, held(practice, lambda _body: True))
    assert "Nothing ticked means all types." in shown
    # The list of fields is kept from the sign-in; one query counts by type, one those with a parent.
    assert practice.calls()["coql"] == 2


@pytest.mark.requirement("R105")
def test_chosen_types_are_saved_and_are_what_comes_in(
    admin: Client, connection: ZohoConnection, practice: PracticeZoho
) -> None:
    response = admin.post(page_of(connection, "scope"), {**SCOPE, "account_types": ["Customer", "Reseller"]})

    connection.refresh_from_db()
    assert response.headers["Location"] == page_of(connection, "customers")
    assert connection.account_types == "Customer; Reseller"
    number = held(practice, lambda body: body.get("Account_Type") in {"Customer", "Reseller"})
    assert ZohoConnector(connection).count("customers").total == number > 0


@pytest.mark.requirement("R107", "R110", "R83")
def test_advanced_options_are_folded_away_until_they_are_asked_for(admin: Client, connection: ZohoConnection) -> None:
    page = page_of(connection, "scope")

    before = texts(admin.get(page))
    admin.post(page, {**SCOPE, "filter_field": "Segment", "filter_values": ["Enterprise"]})
    after = texts(admin.get(page))

    assert '<details class="fold" id="more"><summary>See more parameters</summary>' in before
    assert '<details class="fold" id="more" open>' in after


@pytest.mark.requirement("R107", "R112", "X17")
def test_filter_by_all_values_of_a_multi_value_field_comes_on_top_of_the_types(
    admin: Client, connection: ZohoConnection, practice: PracticeZoho
) -> None:
    page = page_of(connection, "scope")
    asked = {**SCOPE, "account_types": ["Customer"], "filter_field": "Markets", "filter_values": ["APAC", "Americas"]}

    offered = texts(admin.get(page, {"part": "values", "filter_field": "Markets"}))
    response = admin.post(page, asked)

    connection.refresh_from_db()
    assert response.status_code == 302, response.context["form"].errors
    # Shown by its label, stored by its value.
    assert "Asia-Pacific" in offered
    assert "Tick at least one value" not in offered
    assert (connection.filter_field, connection.filter_field_label) == ("Markets", "Markets")
    assert connection.filter_values == "APAC; Americas"
    number = held(
        practice,
        lambda body: (
            body.get("Account_Type") == "Customer" and bool({"APAC", "Americas"} & set(body.get("Markets") or ()))
        ),
    )
    assert ZohoConnector(connection).count("customers").total == number > 0


@pytest.mark.requirement("R112")
def test_filter_without_a_value_is_refused(admin: Client, connection: ZohoConnection) -> None:
    refused = admin.post(page_of(connection, "scope"), {**SCOPE, "filter_field": "Segment"})

    assert "Tick at least one value" in str(refused.context["form"].errors["filter_values"])
    connection.refresh_from_db()
    assert (connection.filter_field, connection.version) == ("", 1)


def test_filter_field_that_is_gone_is_said_and_another_can_be_chosen(
    admin: Client, connection: ZohoConnection, practice: PracticeZoho
) -> None:
    page = page_of(connection, "scope")
    admin.post(page, {**SCOPE, "filter_field": "Segment", "filter_values": ["Enterprise"]})
    practice.control(remove_fields=["Accounts.Segment"])
    admin.get(f"{page}?again=1")

    shown = texts(admin.get(page))
    refused = admin.post(page, {**SCOPE, "filter_field": "Segment", "filter_values": ["Enterprise"]})
    moved = admin.post(page, SCOPE)

    assert "Segment (gone from Zoho CRM)" in shown
    assert "gone from Zoho CRM" in str(refused.context["form"].errors["filter_field"])
    assert moved.status_code == 302


@pytest.mark.requirement("R115", "R86", "R87")
def test_domain_can_be_unticked_as_a_merge_field(admin: Client, connection: ZohoConnection) -> None:
    form = admin.get(page_of(connection, "scope")).context["form"]
    offered = [name for name, _label in form.fields["merge_keys"].choices]

    admin.post(page_of(connection, "scope"), {"merge_keys": ["ref_id", "name"]})

    assert offered == ["ref_id", "name", "domain"]
    assert form["merge_keys"].value() == ["ref_id", "domain"]
    assert connection.blocks.get(object="customers").merge_keys == ["ref_id", "name"]


@pytest.mark.requirement("R16", "R18", "R19", "R20", "R110", "R111")
def test_churn_and_hierarchy_are_options_that_start_switched_off(admin: Client, connection: ZohoConnection) -> None:
    form = admin.get(page_of(connection, "scope")).context["form"]

    admin.post(page_of(connection, "scope"), {**SCOPE, "churn_missing": "on", "keep_hierarchy": "on"})

    connection.refresh_from_db()
    assert (form["churn_missing"].value(), form["keep_hierarchy"].value()) == (False, False)
    assert (connection.churn_missing, connection.keep_hierarchy) == (True, True)


def test_a_script_fetches_what_would_come_in(admin: Client, connection: ZohoConnection) -> None:
    shown = texts(admin.get(page_of(connection, "scope"), {"part": "holds", "account_types": "Customer"}))

    assert "accounts of the chosen types" in shown
    assert "<html" not in shown


def test_without_a_script_the_choice_is_counted_and_nothing_saved(admin: Client, connection: ZohoConnection) -> None:
    response = admin.post(page_of(connection, "scope"), {**SCOPE, "account_types": ["Customer"], "do": "look"})

    connection.refresh_from_db()
    assert not response.context["form"].takes_all
    assert (connection.account_types, connection.version) == ("", 1)


# --- Customers and contacts


@pytest.mark.requirement("R15", "R22", "R23", "R24", "R26", "R27", "R108", "R109")
def test_each_select_offers_what_may_be_chosen(admin: Client, connection: ZohoConnection) -> None:
    form = admin.get(page_of(connection, "customers")).context["form"]

    def offered(name: str) -> dict[str, str]:
        return {path: label for group in form.fields[name].choices if group[0] for path, label in group[1]}

    assert {"id", "External_Key", "Old_CRM_ID"} <= set(offered("ref_id"))
    assert set(offered("csm")) == {"Owner.email", "CSM.email"}
    assert {"Lifecycle_Stage", "Segment", "Account_Type"} <= set(offered("stage"))
    assert offered("domain")["Website"].startswith("Website · website · e.g. ")
    assert not {"Created_By.email", "Last_Activity_Time"} & {*offered("csm"), *offered("stage")}
    assert {name: form[name].value() for name in ("ref_id", "domain", "csm", "stage", "profile")} == {
        "ref_id": "id", "domain": "Website", "csm": "CSM.email", "stage": "", "profile": "",
    }  # fmt: skip


@pytest.mark.requirement("R26")
def test_a_stage_is_shown_by_its_label_and_kept_by_its_value(admin: Client, connection: ZohoConnection) -> None:
    chosen = {**CUSTOMERS, "stage": "Lifecycle_Stage"}

    response = admin.post(page_of(connection, "customers"), chosen)
    rows = {row.value: row for row in response.context["form"].value_maps["stage"].rows}
    admin.post(
        page_of(connection, "customers"), {**chosen, "stage_seen": "Lifecycle_Stage", rows["Adoption"].name: "run"}
    )

    assert rows["Onboarding"].label == "Getting started"
    assert line(connection, "stage").value_map["Adoption"] == "run"


@pytest.mark.requirement("R114")
def test_a_field_of_the_team_is_matched_with_a_field_of_zoho(admin: Client, connection: ZohoConnection) -> None:
    field = CustomField.objects.create(entity="customers", name="Seats sold", type="NUMBER")

    shown = texts(admin.get(reverse("sync:mapping", args=[connection.slug, "customers"])))

    assert f"custom.{field.key}" in shown
    assert "Seats" in shown


@pytest.mark.requirement("R28", "R116")
def test_contacts_of_the_chosen_types_come_without_a_view_unless_one_is_chosen(
    admin: Client, ready: ZohoConnection, practice: PracticeZoho
) -> None:
    with practice.store.transaction():
        chosen = {
            one.id
            for one in practice.store.find("Accounts")
            if one.body.get("Account_Type") in {"Customer", "Reseller"}
        }
    number = held(practice, lambda body: body.get("Account_Name") in chosen, "Contacts")

    form = admin.get(page_of(ready, "contacts")).context["form"]

    labels = dict(form.fields["contact_view"].choices)
    assert labels[""] == f"No view: all contacts of these accounts ({number:,} contacts)"
    assert any(label.startswith("Skalin Contacts (") for label in labels.values())
    assert not any("My Contacts" in label for label in labels.values())


@pytest.mark.requirement("R29", "R30", "R31", "R32", "R33", "R34")
def test_roles_are_conditions_on_fields_of_zoho(admin: Client, connection: ZohoConnection) -> None:
    roles = {
        "is_champion": "Role=Ambassador", "is_sponsor": "Role=Sponsor", "is_key_user": "Role=Key user",
        "is_end_user": "Role=End user",
    }  # fmt: skip

    response = admin.post(page_of(connection, "contacts"), {**CONTACTS, **roles})

    assert response.headers["Location"] == page_of(connection, "review")
    assert {name: str(line(connection, name, "contacts").argument) for name in roles} == {
        "is_champion": "Ambassador", "is_sponsor": "Sponsor", "is_key_user": "Key user", "is_end_user": "End user",
    }  # fmt: skip


# --- Review, and any step


def test_review_counts_and_leads_to_a_preview_that_writes_nothing(
    admin: Client, ready: ZohoConnection, practice: PracticeZoho
) -> None:
    response = admin.get(page_of(ready, "review"))
    forecast = response.context["forecast"]
    preview = admin.post(page_of(ready, "review"), {"do": "preview"})

    run = Run.objects.get()
    assert (run.kind, run.requested_by) == ("preview", "Inès Moreau")
    assert preview.headers["Location"] == reverse("sync:preview", args=[run.pk])
    assert forecast.contacts > forecast.accounts > 0
    assert "Customer; Reseller" in texts(response)
    assert not {"insert", "update", "delete", "fields_create"} & set(practice.calls())


@pytest.mark.parametrize("step", ["scope", "customers", "contacts", "review"])
def test_a_zoho_that_does_not_answer_is_a_page_that_says_so(
    admin: Client, ready: ZohoConnection, practice: PracticeZoho, step: str
) -> None:
    admin.get(page_of(ready, step) + "?again=1")
    practice.control(burst=1000, burst_status=503)

    response = admin.get(page_of(ready, step))

    assert response.status_code == 200
    assert response.context["trouble"].cure


@pytest.mark.parametrize("step", ["scope", "customers", "contacts", "review"])
def test_a_step_without_a_sign_in_leads_to_connect(admin: Client, connection: ZohoConnection, step: str) -> None:
    admin.post(reverse("zoho:disconnect", args=[connection.slug]))

    response = admin.get(page_of(connection, step))

    assert response.headers["Location"] == page_of(connection, "connect")


@pytest.mark.parametrize("step", STEPS)
def test_a_page_has_nothing_that_a_strict_policy_forbids(admin: Client, ready: ZohoConnection, step: str) -> None:
    html = admin.get(page_of(ready, step)).content.decode()

    for forbidden in (" style=", " onclick=", " onchange=", "hx-on", "javascript:", "<style"):
        assert forbidden not in html


@pytest.mark.parametrize("step", STEPS)
def test_looking_changes_nothing(admin: Client, ready: ZohoConnection, step: str) -> None:
    before = (ready.version, ready.wizard_step)

    admin.get(page_of(ready, step))

    ready.refresh_from_db()
    assert (ready.version, ready.wizard_step) == before


def test_from_sign_in_to_the_preview_takes_nine_clicks_at_most(
    client_as: Callable[..., Client], admin_user: User, practice: PracticeZoho
) -> None:
    """Sign in, Add a connection, Zoho CRM, then the ones that are counted here."""
    client, clicks = client_as(admin_user), 3
    location = client.post(reverse(START), {"practice": "1"}).headers["Location"]
    client.get(reverse(CALLBACK), answer(location))
    clicks += 2
    page = page_of(ZohoConnection.objects.get(), "scope")
    while "review" not in page:
        form = client.get(page).context["form"]
        untouched = {name: form[name].value() for name in form.fields if form[name].value() not in ("", None, False)}
        page = client.post(page, untouched).headers["Location"]
        clicks += 1
    client.post(page, {"do": "preview"})
    clicks += 1

    assert clicks == 9
