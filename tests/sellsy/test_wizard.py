"""The guided set-up of Sellsy, page by page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from accounts.permissions import Role
from integrations.rehearsal.practice_sellsy import PracticeSellsy
from integrations.sellsy.abilities import ABILITIES
from integrations.sellsy.connector import SellsyConnector
from integrations.sellsy.models import SellsyConnection
from integrations.sync.models import Block, ConnectionState, FieldMapping

from .consent import answer

START, CALLBACK = "sellsy:start", "sellsy:callback"


@pytest.fixture
def here(client_as: Callable[..., Client], admin_user: User, crm: PracticeSellsy) -> Client:
    return client_as(admin_user)


@pytest.fixture
def admin(here: Client, crm: PracticeSellsy) -> Client:
    """Signed in here and at Sellsy: the set-up stands at its second step."""
    location = here.post(reverse(START), {"practice": "1"}).headers["Location"]
    here.get(reverse(CALLBACK), answer(location))
    crm.forget_calls()
    return here


@pytest.fixture
def connection(admin: Client) -> SellsyConnection:
    return SellsyConnection.objects.get()


def page_of(connection: SellsyConnection, step: str) -> str:
    return reverse("sellsy:wizard", args=[connection.slug, step])


def texts(response: Any) -> str:
    return " ".join(response.content.decode().split())


def custom(connection: SellsyConnection, name: str, object_name: str = "customers") -> str:
    """The path of a custom field by its name."""
    fields = SellsyConnector(connection).schema(object_name).fields
    return next(field.path for field in fields if field.label == name)


def chosen_of(connection: SellsyConnection, name: str, label: str, object_name: str = "customers") -> str:
    field = SellsyConnector(connection).fields(object_name)[custom(connection, name, object_name)]
    return next(choice.value for choice in field.choices if choice.label == label)


CONTACTS = {"mode": "input", "contact_view": "", "ref_id": "id"}


# --- Signing in


@pytest.mark.requirement("R2", "R3")
def test_connect_me_leads_to_sellsy_and_back_to_the_scope(here: Client, crm: PracticeSellsy) -> None:
    location = here.post(reverse(START), {"practice": "1"}).headers["Location"]

    response = here.get(reverse(CALLBACK), answer(location))

    connection = SellsyConnection.objects.get()
    assert response.headers["Location"] == page_of(connection, "scope")
    assert (connection.account, connection.organisation) == ("Inès Moreau", "aldervale.example")
    assert len(connection.account_key) == 32
    assert ConnectionState.objects.get(pk=connection.pk).quota_limit == 432_000
    shown = texts(here.get(page_of(connection, "connect")))
    assert "Inès Moreau" in shown
    assert "api-v1" in shown


def test_a_personal_app_signs_in_by_itself(here: Client, crm: PracticeSellsy) -> None:
    known = crm.credentials
    data = {
        "name": "Sellsy", "sign_in": "app", "client_id": known.personal_id, "client_secret": known.personal_secret,
        "base_url": crm.base_url,
    }  # fmt: skip

    response = here.post(reverse(START), data)

    connection = SellsyConnection.objects.get()
    assert response.headers["Location"] == page_of(connection, "scope")
    assert known.personal_secret not in texts(here.get(page_of(connection, "connect")))


def test_wrong_secret_is_said_in_plain_words_and_nobody_is_signed_in(here: Client, crm: PracticeSellsy) -> None:
    data = {
        "name": "Sellsy", "sign_in": "app", "client_id": "nobody", "client_secret": "wrong-secret", "base_url": crm.base_url,
    }  # fmt: skip

    response = here.post(reverse(START), data)

    assert "Sellsy does not accept this client ID and secret together." in texts(response)
    assert SellsyConnection.objects.get().account == ""


def test_a_client_and_its_secret_are_needed(here: Client, crm: PracticeSellsy, settings: Settings) -> None:
    settings.SELLSY_CLIENT_ID = ""

    response = here.post(reverse(START), {"name": "Sellsy", "sign_in": "app"})

    assert set(response.context["form"].errors) == {"client_id", "client_secret"}


def test_an_address_that_is_not_sellsys_is_refused(here: Client, crm: PracticeSellsy) -> None:
    data = {"name": "Sellsy", "sign_in": "app", "base_url": "https://sellsy.example.org"}

    response = here.post(reverse(START), data)

    assert "This address does not belong to Sellsy" in texts(response)
    assert not SellsyConnection.objects.exists()


def test_the_app_without_its_scopes_is_told_so(here: Client, crm: PracticeSellsy) -> None:
    crm.control(scopes=["companies.read"])
    location = here.post(reverse(START), {"practice": "1"}).headers["Location"]

    response = here.get(reverse(CALLBACK), answer(location), follow=True)

    assert "The app lacks a scope for this in Sellsy" in texts(response)


def test_disconnect_forgets_every_secret(admin: Client, connection: SellsyConnection) -> None:
    admin.post(reverse("sellsy:disconnect", args=[connection.slug]))

    connection.refresh_from_db()
    assert connection.account == ""
    assert "nobody" in texts(admin.get(page_of(connection, "connect")))


# --- Proposals and scope


@pytest.mark.requirement("R15", "R22", "R23", "R29", "R30", "R121")
def test_first_sign_in_proposes_sellsys_own_fields_and_the_csm(admin: Client, connection: SellsyConnection) -> None:
    lines = {
        block.object: {line.hub_field: line.crm_field for line in block.lines.all()}
        for block in connection.blocks.all()
    }

    assert lines["customers"] == {
        "ref_id": "id", "name": "name", "domain": "website", "csm": custom(connection, "Customer success manager"),
    }  # fmt: skip
    assert lines["contacts"]["email"] == "email"


@pytest.mark.requirement("R4", "R5", "R7", "R12", "R119", "X8")
def test_only_input_and_disabled_are_offered_anywhere(admin: Client, connection: SellsyConnection) -> None:
    offered = {one.object: sorted(mode.value for mode in one.modes) for one in ABILITIES.objects}
    scores = offered.pop("scores")

    assert scores == ["disabled", "output"]
    assert all(modes == ["disabled", "input"] for modes in offered.values())
    for step in ("customers", "contacts"):
        response = admin.get(page_of(connection, step))
        assert [mode for mode, _ in response.context["form"].fields["mode"].choices] == ["input", "disabled"]
        assert "Two-way is worth switching on" not in texts(response)


@pytest.mark.requirement("R120", "R122", "R123")
def test_more_parameters_are_folded_until_something_in_them_is_chosen(
    admin: Client, connection: SellsyConnection
) -> None:
    page = page_of(connection, "scope")
    first = texts(admin.get(page))

    admin.post(page, {"churn_missing": "on", "with_archived": "on", "merge_keys": ["ref_id"]})

    connection.refresh_from_db()
    assert '<details class="fold mt-3" id="more"><summary>See more parameters</summary>' in first
    assert "Make customers churn if they are not Sellsy clients any more" in first
    assert (connection.churn_missing, connection.with_archived) == (True, True)
    assert Block.objects.get(object="customers").merge_keys == ["ref_id"], "the domain recognises nobody any more"
    assert 'id="more" open' in texts(admin.get(page))


def test_the_page_counts_clients_and_what_the_archive_keeps(
    admin: Client, connection: SellsyConnection, crm: PracticeSellsy
) -> None:
    with crm.store.transaction():
        rows = [one.body for one in crm.store.all("company")]
    clients = [one for one in rows if one["type"] == "client"]
    archived = sum(one["is_archived"] for one in clients)

    form = admin.get(page_of(connection, "scope")).context["form"]

    assert (form.number, form.archived) == (len(clients) - archived, archived)
    assert archived > 0


def test_a_saved_view_narrows_the_scope(admin: Client, connection: SellsyConnection) -> None:
    page = page_of(connection, "scope")
    views = {label: number for number, label in admin.get(page).context["form"].fields["company_view"].choices}

    part = admin.get(page, {"part": "holds", "company_view": views["Onboarding"]})
    admin.post(page, {"company_view": views["Onboarding"], "merge_keys": ["ref_id", "domain"]})

    connection.refresh_from_db()
    counted = SellsyConnector(connection).count("customers").total
    assert connection.company_view_label == "Onboarding"
    assert f"{counted}</span>" in texts(part)


def test_a_view_that_is_gone_is_said_and_nobody_churns(
    admin: Client, connection: SellsyConnection, crm: PracticeSellsy
) -> None:
    SellsyConnection.objects.update(company_view="999", company_view_label="Long gone")

    response = admin.get(page_of(connection, "scope"))
    refused = admin.post(page_of(connection, "scope"), {"company_view": "999"})

    assert "“Long gone” is gone from Sellsy" in texts(response)
    assert "company_view" in refused.context["form"].errors


# --- Customers and contacts


@pytest.mark.requirement("R24", "R25", "X6")
def test_only_fields_that_name_a_colleague_may_be_the_csm(admin: Client, connection: SellsyConnection) -> None:
    form = admin.get(page_of(connection, "customers")).context["form"]

    offered = [path for group in form.fields["csm"].choices if group[0] for path, _ in group[1]]
    fields = SellsyConnector(connection).fields("customers")
    assert set(offered) == {"owner", custom(connection, "Customer success manager")}
    assert all(fields[path].is_person for path in offered)


@pytest.mark.requirement("R26", "R27")
def test_choices_are_shown_by_label_and_stored_by_value(admin: Client, connection: SellsyConnection) -> None:
    path, value = custom(connection, "Segment"), chosen_of(connection, "Segment", "Enterprise")
    data = {"mode": "input", "ref_id": "id", "domain": "website", "profile": path, "stage": "", "csm": "owner",
            "profile_create": "on", "profile_seen": path}  # fmt: skip

    shown = texts(admin.post(page_of(connection, "customers"), {**data, "do": "look"}))
    admin.post(page_of(connection, "customers"), data)

    line = FieldMapping.objects.get(block__object="customers", hub_field="profile")
    assert "Enterprise" in shown
    assert value.isdecimal()
    assert line.value_map[value] == "Enterprise"


@pytest.mark.requirement("R31", "R32", "R33", "R34")
def test_roles_are_given_by_a_value_of_a_list(admin: Client, connection: SellsyConnection) -> None:
    path, value = custom(connection, "Role", "contacts"), chosen_of(connection, "Role", "Ambassador", "contacts")

    response = admin.post(page_of(connection, "contacts"), {**CONTACTS, "is_champion": f"{path}={value}"})

    assert response.status_code == 302, response.context["form"].errors
    line = FieldMapping.objects.get(block__object="contacts", hub_field="is_champion")
    assert (line.crm_field, line.transform, line.argument) == (path, "equals", value)


@pytest.mark.requirement("R125")
def test_leaving_out_ones_own_domain_is_the_first_option_of_contacts(
    admin: Client, connection: SellsyConnection
) -> None:
    page = page_of(connection, "contacts")
    response = admin.get(page)
    shown, form = texts(response), response.context["form"]

    missing = admin.post(page, {**CONTACTS, "without_colleagues": "on", "own_domains": ""})
    shared = admin.post(page, {**CONTACTS, "without_colleagues": "on", "own_domains": "gmail.com"})
    saved = admin.post(
        page, {**CONTACTS, "without_colleagues": "on", "own_domains": "@Aldervale.example, alder.example"}
    )

    connection.refresh_from_db()
    assert not form["without_colleagues"].value()
    assert form["own_domains"].value() == "aldervale.example"
    assert shown.index("id_without_colleagues") < shown.index("id_contact_view")
    assert "own_domains" in missing.context["form"].errors
    assert "Strangers share “gmail.com”" in texts(shared)
    assert saved.status_code == 302
    assert (connection.without_colleagues, connection.own_domains) == (True, "aldervale.example, alder.example")


# --- Agreements


def agreements(connection: SellsyConnection, **more: Any) -> dict[str, Any]:
    def path(name: str) -> str:
        return custom(connection, name, "agreements")

    return {
        "source": "opportunity", "shown": "opportunity", "customer_field": "company_id", "mode": "input",
        "amount_format": "ARR", "amount": "amount.value", "currency": "amount.currency", "start_date": path("Contract start"),
        "end_way": "duration", "end_field": path("Term in months"), "end_period": "MONTH", "notice_way": "date",
        "notice_date": path("Notice date"), "renewal_way": "notice", **more,
    }  # fmt: skip


@pytest.mark.requirement("R35", "R36", "R41", "R126", "R127")
def test_agreements_start_disabled_and_propose_the_amount_of_the_opportunity(
    admin: Client, connection: SellsyConnection
) -> None:
    form = admin.get(page_of(connection, "agreements")).context["form"]

    pipelines = [label.partition(" (")[0] for _number, label in form.fields["view"].choices]
    assert form["mode"].value() == "disabled"
    assert form["amount"].value() == "amount.value"
    assert form["currency"].value() == "amount.currency"
    assert pipelines == ["Ventes", "Renouvellements"]


@pytest.mark.requirement("R37", "R38", "R39", "R40", "R42", "R43", "R45", "R46", "R47", "R49", "R50", "R126")
def test_several_pipelines_can_be_chosen_and_are_shown_again(admin: Client, connection: SellsyConnection) -> None:
    page = page_of(connection, "agreements")
    plan = f"{custom(connection, 'Plan', 'agreements')}.label"
    data = agreements(connection, plan=plan, fee=custom(connection, "Setup fee", "agreements"))

    lacking = admin.post(page, {**data, "amount_format": "", "view": ["1", "2"]})
    response = admin.post(page, {**data, "view": ["1", "2"]})

    assert "amount_format" in lacking.context["form"].errors
    assert response.status_code == 302, response.context["form"].errors
    settings = Block.objects.get(object="agreements").settings
    assert (settings["view"], settings["view_label"]) == ("1,2", "Ventes, Renouvellements")
    form = admin.get(page).context["form"]
    assert form["view"].value() == ["1", "2"]
    assert form["plan"].value() == plan


@pytest.mark.requirement("R45", "R48", "R49", "R51", "R52")
def test_terms_may_be_fixed_and_renewal_hang_on_a_value(admin: Client, connection: SellsyConnection) -> None:
    page, terms = page_of(connection, "agreements"), custom(connection, "Renewal terms", "agreements")
    renews = chosen_of(connection, "Renewal terms", "Renews by itself", "agreements")
    manual = {
        "end_way": "manual", "end_number": "2", "end_period": "YEAR",
        "notice_way": "manual", "notice_number": "3", "notice_period": "MONTH",
    }  # fmt: skip

    lacking = admin.post(page, {**agreements(connection, **manual), "renewal_way": "value", "renewal_field": terms})
    by_value = admin.post(
        page,
        agreements(connection, **manual, renewal_way="value", renewal_field=terms, renewal_value=renews),
    )
    saved = said(connection)
    admin.post(page, agreements(connection, **manual, renewal_way="always", renewal_answer="no"))

    assert set(lacking.context["form"].errors) == {"renewal_value"}
    assert by_value.status_code == 302, by_value.context["form"].errors
    assert saved["auto_renew"] == (terms, "equals", renews, None)
    fixed = ("engagement", "engagement_period", "notice", "notice_period")
    assert [saved[name][3] for name in fixed] == [2, "YEAR", 3, "MONTH"]
    assert said(connection)["auto_renew"][3] == "no"


def said(connection: SellsyConnection) -> dict[str, tuple[str, str, str, Any]]:
    lines = FieldMapping.objects.filter(block__connection=connection, block__object="agreements")
    return {line.hub_field: (line.crm_field, line.transform, line.argument, line.constant) for line in lines}


@pytest.mark.requirement("R44")
def test_the_closing_date_as_start_is_warned_of_and_taken(admin: Client, connection: SellsyConnection) -> None:
    page, closing = page_of(connection, "agreements"), agreements(connection, start_date="due_date")

    looked = texts(admin.post(page, {**closing, "do": "look"}))
    saved = admin.post(page, closing)

    assert "says when the deal was closed" in looked
    assert "It is usually another one than the close date" in looked
    assert saved.status_code == 302
    assert "says when the deal was closed" in texts(admin.get(page))


def test_a_pipeline_that_is_gone_has_to_be_unticked(admin: Client, connection: SellsyConnection) -> None:
    page = page_of(connection, "agreements")
    admin.post(page, {**agreements(connection), "view": ["1"]})
    Block.objects.filter(object="agreements").update(
        settings={"source": "opportunity", "customer_field": "company_id", "view": "1,77", "view_label": "Ventes, Old"}
    )

    form = admin.get(page).context["form"]
    refused = admin.post(page, {**agreements(connection), "view": ["1", "77"]})
    saved = admin.post(page, {**agreements(connection), "view": ["1"]})

    assert ("77", "Old (gone from Sellsy)") in form.fields["view"].choices
    assert "view" in refused.context["form"].errors
    assert saved.status_code == 302


# --- Scores and review


@pytest.mark.requirement("R56", "R57", "R58", "R59", "R60", "R128", "X9")
def test_switching_the_upload_on_makes_the_two_fields_once(
    admin: Client, connection: SellsyConnection, crm: PracticeSellsy
) -> None:
    page = page_of(connection, "scores")
    form = admin.get(page).context["form"]
    before = names_of_fields(crm)

    first = admin.post(page, {"is_on": "on", "make": "on"})
    admin.post(page, {"is_on": "on", "make": "on", "health_score": "", "pulse": ""})

    assert not form["is_on"].value()
    assert first.status_code == 302, first.context["form"].errors
    made = [name for name in names_of_fields(crm) if name not in before]
    assert sorted(made) == ["Skalin CSM Pulse", "Skalin Healthscore"]
    block = Block.objects.get(object="scores")
    paths = {line.hub_field: line.crm_field for line in block.lines.all()}
    fields = SellsyConnector(connection).fields("scores")
    assert {name: fields[path].label for name, path in paths.items()} == {
        "health_score": "Skalin Healthscore", "pulse": "Skalin CSM Pulse",
    }  # fmt: skip


@pytest.mark.requirement("R59")
def test_a_plan_without_room_for_fields_is_said_and_nothing_is_saved(
    admin: Client, connection: SellsyConnection, crm: PracticeSellsy
) -> None:
    crm.control(custom_fields_max=1)

    response = admin.post(page_of(connection, "scores"), {"is_on": "on", "make": "on"})

    assert "The Sellsy plan allows no more of these." in texts(response)
    assert not Block.objects.filter(object="scores").exists()


def names_of_fields(crm: PracticeSellsy) -> list[str]:
    with crm.store.transaction():
        return [one.body["name"] for one in crm.store.all("custom-field")]


def test_review_previews_and_turns_on(admin: Client, connection: SellsyConnection) -> None:
    admin.post(page_of(connection, "scope"), {"merge_keys": ["ref_id", "domain"]})
    admin.post(page_of(connection, "contacts"), CONTACTS)
    SellsyConnection.objects.update(wizard_step="review")

    assert "Sellsy" in texts(admin.get(page_of(connection, "review")))


@pytest.mark.parametrize("role", [Role.MANAGER, Role.CSM, Role.SUPPORT, Role.READ_ONLY])
@pytest.mark.parametrize("step", ["scope", "contacts", "agreements", "scores"])
def test_only_an_admin_changes_the_set_up(
    client_as: Callable[..., Client],
    connection: SellsyConnection,
    role: Role,
    step: str,
) -> None:
    other = client_as(role)

    posted = other.post(page_of(connection, step), {"mode": "disabled"})

    assert posted.status_code == 403
    assert '<form method="post" novalidate>' not in texts(other.get(page_of(connection, step)))
