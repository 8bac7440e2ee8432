"""The set-up of a HubSpot connection, from the sign-in to the chosen companies."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from integrations.hubspot.forms.connect import ConnectForm
from integrations.hubspot.models import HubSpotConnection
from integrations.rehearsal.practice_hubspot import PracticeHubSpot
from integrations.rehearsal.practice_moving import PracticeMovingHubSpot
from integrations.sync.models import Block, FieldMapping

from .consent import answer

START, CALLBACK = "hubspot:start", "hubspot:callback"
FORMER = "94862137"
CHOSEN = {
    "stages": ["customer", "evangelist"], "domain": "domain", "merge_fields": ["ref_id", "domain"], "filter_field": "",
    "filter_operator": "any", "filter_values": "",
}  # fmt: skip


@pytest.fixture
def admin(client_as: Callable[..., Client], admin_user: User, portal: PracticeHubSpot) -> Client:
    client = client_as(admin_user)
    location = client.post(reverse(START), {"practice": "1"}).headers["Location"]
    client.get(reverse(CALLBACK), answer(location))
    portal.forget_calls()
    return client


@pytest.fixture
def connection(admin: Client) -> HubSpotConnection:
    return HubSpotConnection.objects.get()


def page_of(connection: HubSpotConnection, step: str) -> str:
    return reverse("hubspot:wizard", args=[connection.slug, step])


def texts(response: Any) -> str:
    return " ".join(response.content.decode().split())


# --- Signing in


@pytest.mark.requirement("R2", "R3")
def test_sign_in_in_the_browser_keeps_the_portal_and_proposes_lines(connection: HubSpotConnection) -> None:
    lines = dict(
        FieldMapping.objects.filter(block__connection=connection, block__object="customers").values_list(
            "hub_field", "crm_field"
        )
    )

    assert connection.portal_id == "147000321"
    assert connection.account.endswith("@aldervale.example")
    assert lines == {"ref_id": "hs_object_id", "name": "name", "domain": "domain", "csm": "csm"}


@pytest.mark.requirement("R157")
def test_portal_to_move_to_is_offered_beside_the_usual_one(
    admin: Client, connection: HubSpotConnection, settings: Settings, tmp_path: Path
) -> None:
    assert "for the move" not in texts(admin.get(reverse(START)))
    with PracticeMovingHubSpot(tmp_path, accounts=2, contacts_per=1) as moving:
        settings.CRM_EXTRA_HOSTS = [moving.base_url.removeprefix("http://")]
        settings.REHEARSAL_HUBSPOT_MOVE_URL = moving.base_url

        page = texts(admin.get(reverse(START)))
        location = admin.post(reverse(START), {"practice": "move"}).headers["Location"]
        admin.get(reverse(CALLBACK), answer(location))

    made = HubSpotConnection.objects.exclude(pk=connection.pk).get()
    assert "Connect Practice HubSpot for the move" in page
    assert location.startswith(moving.base_url)
    assert (made.name, made.portal_id, made.base_url) == ("HubSpot 2", "147000654", moving.base_url)


def test_connected_twice_at_once_both_find_a_name(db: None) -> None:
    said = {"name": "HubSpot", "sign_in": "key", "access_key": "pat-eu1-00000000-0000-0000-0000-000000000000"}
    forms = [ConnectForm(HubSpotConnection(), {}, said) for _click in range(2)]
    assert all(form.is_valid() for form in forms), [form.errors for form in forms]

    with patch("integrations.setup.forms.sign_in.free_slug", return_value="hubspot"):
        forms[0].save_new()
    # The second one had looked before the first was there.
    with patch("integrations.setup.forms.sign_in.free_slug", side_effect=["hubspot", "hubspot-2"]):
        forms[1].save_new()

    assert set(HubSpotConnection.objects.values_list("name", "slug")) == {
        ("HubSpot", "hubspot"), ("HubSpot 2", "hubspot-2"),
    }  # fmt: skip
    assert forms[1].attempt.columns["name"] == "HubSpot 2"


@pytest.mark.requirement("R78")
def test_the_page_says_that_only_a_super_admin_can_connect(
    client_as: Callable[..., Client], admin_user: User, portal: PracticeHubSpot
) -> None:
    shown = texts(client_as(admin_user).get(reverse(START)))

    assert "HubSpot lets only a super admin of the portal connect" in shown
    assert "Ask a super admin to do this step." in shown


@pytest.mark.requirement("R78")
def test_whoever_was_refused_at_hubspot_reads_why(
    client_as: Callable[..., Client], admin_user: User, portal: PracticeHubSpot
) -> None:
    client = client_as(admin_user)
    location = client.post(reverse(START), {"practice": "1"}).headers["Location"]
    state = dict(parse_qsl(urlsplit(location).query))["state"]

    response = client.get(reverse(CALLBACK), {"state": state, "error": "access_denied"}, follow=True)

    assert "Only a super admin may: sign in as one" in texts(response)


def test_key_signs_in_without_a_browser_and_is_never_shown(
    client_as: Callable[..., Client], admin_user: User, portal: PracticeHubSpot
) -> None:
    client, key = client_as(admin_user), portal.credentials.access_token
    said = {"name": "HubSpot", "sign_in": "key", "access_key": key, "base_url": portal.base_url}

    client.post(reverse(START), said)

    connection = HubSpotConnection.objects.get()
    assert (connection.portal_id, connection.account) == ("147000321", "a service key")
    assert key not in texts(client.get(page_of(connection, "connect")))


def test_wrong_key_is_refused_in_plain_words(
    client_as: Callable[..., Client], admin_user: User, portal: PracticeHubSpot
) -> None:
    said = {"name": "HubSpot", "sign_in": "key", "access_key": "pat-eu1-wrong", "base_url": portal.base_url}

    shown = texts(client_as(admin_user).post(reverse(START), said))

    assert "HubSpot does not accept this key" in shown
    assert HubSpotConnection.objects.get().account == ""


@pytest.mark.requirement("R78")
def test_missing_scope_is_said_at_the_sign_in(
    client_as: Callable[..., Client], admin_user: User, portal: PracticeHubSpot
) -> None:
    portal.control(withheld_scopes=["crm.objects.contacts.read", "crm.objects.contacts.write"])
    said = {
        "name": "HubSpot", "sign_in": "key", "access_key": portal.credentials.access_token, "base_url": portal.base_url
    }  # fmt: skip

    shown = texts(client_as(admin_user).post(reverse(START), said))

    assert "a scope is missing" in shown


# --- Scope


@pytest.mark.requirement("R79", "R81", "R82", "X13", "X14")
def test_stages_are_the_portals_own_with_customer_and_evangelist_proposed(
    admin: Client, connection: HubSpotConnection, portal: PracticeHubSpot
) -> None:
    response = admin.get(page_of(connection, "scope"))

    rows = {row.value: row for row in response.context["stage_rows"]}
    shown = texts(response)
    assert [value for value, row in rows.items() if row.is_chosen] == ["customer", "evangelist"]
    assert rows[FORMER].label == "Former customer"
    assert rows[FORMER].number > 0
    assert response.context["total"] == rows["customer"].number + rows["evangelist"].number
    assert "Check first that the lifecycle stages in HubSpot are up to date." in shown
    assert "when a deal is won, and never takes it back" in shown


@pytest.mark.requirement("R83", "R85", "R86")
def test_further_parameters_stay_folded_until_one_is_used(admin: Client, connection: HubSpotConnection) -> None:
    before = admin.get(page_of(connection, "scope"))

    admin.post(page_of(connection, "scope"), {**CHOSEN, "filter_field": "country", "filter_values": "France"})
    after = admin.get(page_of(connection, "scope"))

    assert "See more parameters" in texts(before)
    assert '<details class="fold"><summary>See more parameters' in texts(before)
    assert '<details class="fold" open><summary>See more parameters' in texts(after)
    assert [value for value, _label in before.context["form"].fields["merge_fields"].choices] == [
        "ref_id", "domain", "name",
    ]  # fmt: skip


@pytest.mark.requirement("R80", "R88")
def test_filter_on_one_property_is_saved_by_its_values(admin: Client, connection: HubSpotConnection) -> None:
    said = {**CHOSEN, "filter_field": "customer_profile", "filter_values": "strategic; Enterprise"}

    response = admin.post(page_of(connection, "scope"), said)

    connection.refresh_from_db()
    assert response.headers["Location"] == page_of(connection, "customers")
    assert (connection.filter_field, connection.filter_operator) == ("customer_profile", "any")
    assert connection.filter_values == "Strategic;Enterprise"
    assert connection.stages_label == "Customer, Evangelist"


def test_filter_by_a_value_that_the_list_does_not_have_is_refused(admin: Client, connection: HubSpotConnection) -> None:
    said = {**CHOSEN, "filter_field": "customer_profile", "filter_values": "Gold"}

    response = admin.post(page_of(connection, "scope"), said)

    assert "has no value Gold" in str(response.context["form"].errors["filter_values"])


@pytest.mark.requirement("R87")
def test_unticked_domain_is_no_merge_key_any_more(admin: Client, connection: HubSpotConnection) -> None:
    admin.post(page_of(connection, "scope"), {**CHOSEN, "merge_fields": ["ref_id"]})

    assert Block.objects.get(connection=connection, object="customers").merge_keys == ["ref_id"]


def test_without_a_stage_nothing_is_saved(admin: Client, connection: HubSpotConnection) -> None:
    response = admin.post(page_of(connection, "scope"), {**CHOSEN, "stages": []})

    connection.refresh_from_db()
    assert "Choose at least one stage" in texts(response)
    assert connection.version == 1


def test_script_counts_the_chosen_stages(admin: Client, connection: HubSpotConnection) -> None:
    response = admin.get(page_of(connection, "scope"), {"part": "holds", "stages": ["evangelist"]})

    assert "companies in the chosen stages" in texts(response)
    assert "<html" not in texts(response)


# --- The other steps


CUSTOMERS = {"mode": "input", "ref_id": "hs_object_id", "name": "name", "csm": "csm", "stage": "", "profile": ""}


def offered(form: Any, name: str) -> dict[str, str]:
    return {path: label for group in form.fields[name].choices if group[0] for path, label in group[1]}


def line(name: str, block: str = "customers") -> FieldMapping:
    return FieldMapping.objects.get(block__object=block, hub_field=name)


@pytest.mark.requirement("R15", "R22", "R23", "R24", "R25", "R26", "R27", "R85", "X1", "X2")
def test_each_select_of_customers_offers_what_may_be_chosen(admin: Client, connection: HubSpotConnection) -> None:
    form = admin.get(page_of(connection, "customers")).context["form"]
    scope = admin.get(page_of(connection, "scope")).context["form"]

    assert set(offered(form, "csm")) == {"csm", "hubspot_owner_id"}
    assert {"hs_object_id", "customer_number", "old_crm_id"} <= set(offered(form, "ref_id"))
    assert {"lifecyclestage", "customer_stage"} <= set(offered(form, "stage"))
    assert "customer_profile" in offered(form, "profile")
    assert {"domain", "website"} <= set(offered(scope, "domain"))
    assert "common" in str(form.fields["ref_id"].help_text) or "share" in str(form.fields["ref_id"].help_text)
    assert {name: form[name].value() for name in ("ref_id", "domain", "csm", "stage", "profile")} == {
        "ref_id": "hs_object_id", "domain": "domain", "csm": "csm", "stage": "", "profile": "",
    }  # fmt: skip


@pytest.mark.requirement("R15", "R26", "X14")
def test_a_stage_is_shown_by_its_label_and_kept_by_its_value(admin: Client, connection: HubSpotConnection) -> None:
    page, chosen = page_of(connection, "customers"), {**CUSTOMERS, "stage": "lifecyclestage"}

    asked = admin.post(page, chosen)
    rows = {row.value: row for row in asked.context["form"].value_maps["stage"].rows}
    admin.post(page, {**chosen, "stage_seen": "lifecyclestage", rows[FORMER].name: "churn"})
    editor = admin.get(reverse("sync:mapping", args=[connection.slug, "customers"]))

    assert rows[FORMER].label == "Former customer"
    assert line("stage").value_map[FORMER] == "churn"
    assert line("stage").crm_label == "Lifecycle Stage"
    assert "Former customer" in texts(editor)


@pytest.mark.requirement("R16", "R18", "R19", "R20")
def test_churn_and_hierarchy_are_options_that_start_switched_off(admin: Client, connection: HubSpotConnection) -> None:
    form = admin.get(page_of(connection, "scope")).context["form"]

    admin.post(page_of(connection, "scope"), {**CHOSEN, "churn_missing": "on", "keep_hierarchy": "on"})

    connection.refresh_from_db()
    assert (form["churn_missing"].value(), form["keep_hierarchy"].value()) == (False, False)
    assert (connection.churn_missing, connection.keep_hierarchy) == (True, True)


@pytest.mark.requirement("R28", "R29", "R30", "R31", "R32", "R33", "R34", "R90", "R91")
def test_contacts_step_points_at_the_buying_role_first(admin: Client, connection: HubSpotConnection) -> None:
    admin.post(page_of(connection, "scope"), CHOSEN)
    page = page_of(connection, "contacts")
    roles = {
        "is_champion": "hs_buying_role=CHAMPION", "is_sponsor": "hs_buying_role=EXECUTIVE_SPONSOR",
        "is_key_user": "jobtitle=Key user", "is_end_user": "hs_buying_role=END_USER",
    }  # fmt: skip

    response = admin.get(page)
    form = response.context["form"]
    groups = [group for group, _values in form.fields["is_champion"].choices if isinstance(_values, list)]
    values = dict(next(found for group, found in form.fields["is_champion"].choices if group == groups[0]))
    titles = [
        value for group, found in form.fields["is_key_user"].choices if group == "Job Title" for value, _ in found
    ]
    roles["is_key_user"] = titles[0] if titles else "hs_buying_role=INFLUENCER"
    said = {"mode": "input", "ref_id": "hs_object_id"}
    saved = admin.post(page, {**said, **roles})

    assert groups[0] == "Buying Role"
    assert values["hs_buying_role=CHAMPION"].startswith("Buying Role = Champion")
    assert "where the buying role is Champion" in texts(response)
    assert "All contacts of these companies come in" in texts(response)
    assert {"hs_object_id", "contact_number"} <= set(offered(form, "ref_id"))
    assert saved.status_code == 302, saved.context["form"].errors
    for name in ("is_champion", "is_sponsor", "is_end_user"):
        assert f"{line(name, 'contacts').crm_field}={line(name, 'contacts').argument}" == roles[name]
    again = admin.get(page).context["form"]
    assert {name: again[name].value() for name in roles} == roles


@pytest.mark.requirement("R9", "R11", "R13")
def test_modes_of_customers_contacts_and_agreements(admin: Client, connection: HubSpotConnection) -> None:
    connection.wizard_step = "review"
    connection.save()

    offered_in = {
        step: [mode for mode, _label in admin.get(page_of(connection, step)).context["form"].fields["mode"].choices]
        for step in ("customers", "contacts", "agreements")
    }

    assert set(offered_in["customers"]) == set(offered_in["contacts"]) == {"input", "two-way", "disabled"}
    assert set(offered_in["agreements"]) == {"input", "disabled"}
    assert "Stay on Input only" in texts(admin.get(page_of(connection, "customers")))


def test_review_counts_what_would_come_in_and_writes_nothing(
    admin: Client, connection: HubSpotConnection, portal: PracticeHubSpot
) -> None:
    admin.post(page_of(connection, "scope"), CHOSEN)

    response = admin.get(page_of(connection, "review"))
    preview = admin.post(page_of(connection, "review"), {"do": "preview"})

    forecast = response.context["forecast"]
    assert forecast.contacts > forecast.accounts > 0
    assert "Customer, Evangelist" in texts(response)
    assert preview.status_code == 302
    assert not {kind for kind in portal.calls() if kind.startswith(("batch_create", "batch_update", "create"))}


def test_others_only_read(client_as: Callable[..., Client], connection: HubSpotConnection) -> None:
    client = client_as(User.objects.create_user("reads@aldervale.example", "a-long-password-1", role="read_only"))

    response = client.post(page_of(connection, "scope"), CHOSEN)

    assert response.status_code == 403
