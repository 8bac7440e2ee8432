from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from integrations.hub.models import HealthProfile, Stage
from integrations.rehearsal.practice import PracticeSalesforce
from integrations.salesforce.connector import SalesforceConnector
from integrations.salesforce.models import SalesforceConnection
from integrations.setup import steps
from integrations.setup.guide import guide_of
from integrations.sync.models import Block, FieldMapping, Run
from tests.configuration.factories import link
from tests.hub.factories import CustomerFactory

from .consent import answer

START, CALLBACK = "salesforce:start", "salesforce:callback"


@pytest.fixture
def admin(client_as: Callable[..., Client], admin_user: User, practice: PracticeSalesforce) -> Client:
    """Signed in here and at Salesforce: the set-up stands at its second step."""
    client = client_as(admin_user)
    location = client.post(reverse(START), {"practice": "1"}).headers["Location"]
    client.get(reverse(CALLBACK), answer(location))
    practice.forget_calls()
    return client


@pytest.fixture
def connection(admin: Client) -> SalesforceConnection:
    return SalesforceConnection.objects.get()


def page_of(connection: SalesforceConnection, step: str) -> str:
    return reverse("salesforce:wizard", args=[connection.slug, step])


def texts(response: Any) -> str:
    return " ".join(response.content.decode().split())


def view_id(connection: SalesforceConnection, label: str, object_name: str = "customers") -> str:
    return next(view.id for view in SalesforceConnector(connection).views(object_name) if view.label == label)


def line(connection: SalesforceConnection, hub_field: str, object_name: str = "customers") -> FieldMapping:
    return FieldMapping.objects.get(block__connection=connection, block__object=object_name, hub_field=hub_field)


CUSTOMERS = {
    "mode": "input", "ref_id": "Id", "domain": "Website", "csm": "CSM__r.Email", "stage": "", "profile": "",
}  # fmt: skip
CONTACTS = {"mode": "input", "contact_view": "", "ref_id": "Id"}


# --- Scope


@pytest.mark.requirement("R62", "R64", "R65", "R66", "R67", "X15")
def test_the_scope_proposes_all_accounts_and_shows_what_they_are(
    admin: Client, connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    response = admin.get(page_of(connection, "scope"))

    form, shown = response.context["form"], texts(response)
    assert form.chosen_view.label == "All Accounts"
    assert "420" in shown
    assert "70 × Prospect" in shown
    assert "c-bad" not in shown
    assert "Choose a dynamic view that only an administrator can change." in shown
    assert "“All Accounts” is proposed: in many organisations it holds customers only." in shown
    # The list, the chosen view's own query, its breakdown, and how many have a parent.
    assert practice.calls() == {"list_views": 1, "view": 1, "query": 2}


def test_the_same_page_again_costs_no_call_until_it_is_read_again(
    admin: Client, connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    admin.get(page_of(connection, "scope"))
    practice.forget_calls()

    admin.get(page_of(connection, "scope"))
    unasked = practice.calls().total()
    admin.get(page_of(connection, "scope") + "?again=1", follow=True)

    assert (unasked, practice.calls()["list_views"]) == (0, 1)


def test_a_view_that_depends_on_who_looks_cannot_be_chosen(admin: Client, connection: SalesforceConnection) -> None:
    mine = view_id(connection, "My Accounts")

    shown = texts(admin.get(page_of(connection, "scope")))
    refused = admin.post(page_of(connection, "scope"), {"account_view": mine})

    assert "Depends on who looks: not offered for a sync" in shown
    assert "Depends on who looks" in str(refused.context["form"].errors["account_view"])
    connection.refresh_from_db()
    assert connection.account_view == ""


def test_a_relative_view_with_an_ordinary_name_is_found_out_before_it_is_saved(
    admin: Client, connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    practice.control(add_view={"sobject": "Account", "name": "Team", "label": "Team accounts", "scope": "mine"})
    relative = view_id(connection, "Team accounts")

    response = admin.post(page_of(connection, "scope"), {"account_view": relative})

    assert "What this view shows depends on who looks." in str(response.context["form"].errors["account_view"])


@pytest.mark.requirement("R16", "R18", "R19", "R20", "R63")
def test_a_chosen_view_and_its_options_are_saved_as_a_version(admin: Client, connection: SalesforceConnection) -> None:
    chosen = view_id(connection, "Active customers (CS)")

    response = admin.post(page_of(connection, "scope"), {"account_view": chosen, "churn_missing": "on"})

    connection.refresh_from_db()
    assert response.headers["Location"] == page_of(connection, "customers")
    assert (connection.account_view, connection.account_view_label) == (chosen, "Active customers (CS)")
    assert (connection.churn_missing, connection.keep_hierarchy) == (True, False)
    assert (connection.version, connection.wizard_step) == (2, "customers")
    entry = AuditEntry.objects.filter(verb="changed").latest("pk")
    assert (entry.actor, entry.note) == ("Inès Moreau", "Scope")


def test_save_and_leave_keeps_the_step_for_later(admin: Client, connection: SalesforceConnection) -> None:
    chosen = view_id(connection, "All Accounts")

    response = admin.post(page_of(connection, "scope"), {"account_view": chosen, "do": "leave"})

    connection.refresh_from_db()
    assert response.headers["Location"] == reverse("sync:connection", args=[connection.slug])
    assert (connection.account_view, connection.wizard_step) == (chosen, "customers")


@pytest.mark.requirement("F36")
def test_a_view_that_is_deleted_between_two_steps_is_said_and_nothing_is_lost(
    admin: Client, connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    chosen = view_id(connection, "EMEA key accounts")
    admin.post(page_of(connection, "scope"), {"account_view": chosen, "churn_missing": "on"})
    practice.control(delete_view="EMEA key accounts")
    admin.get(page_of(connection, "scope") + "?again=1")

    shown = texts(admin.get(page_of(connection, "scope")))
    refused = admin.post(page_of(connection, "scope"), {"account_view": chosen, "keep_hierarchy": "on"})
    review = texts(admin.get(page_of(connection, "review")))

    assert "“EMEA key accounts” is gone from Salesforce" in shown
    assert "Choose another one; nothing was changed." in str(refused.context["form"].errors["account_view"])
    assert refused.context["form"]["keep_hierarchy"].value() is True
    assert "The chosen view is gone from Salesforce" in review


def test_without_a_script_the_chosen_view_is_counted_and_nothing_saved(
    admin: Client, connection: SalesforceConnection
) -> None:
    chosen = view_id(connection, "Onboarding 2026")

    response = admin.post(page_of(connection, "scope"), {"account_view": chosen, "do": "look"})

    connection.refresh_from_db()
    assert response.context["holds"].view.label == "Onboarding 2026"
    assert (connection.account_view, connection.version) == ("", 1)


def test_a_script_fetches_counts_one_view_at_a_time(admin: Client, connection: SalesforceConnection) -> None:
    chosen = view_id(connection, "Active customers (CS)")

    count = texts(admin.get(page_of(connection, "scope"), {"part": "count", "view": chosen}))
    holds = texts(admin.get(page_of(connection, "scope"), {"part": "holds", "account_view": chosen}))

    assert "Customer - Direct" in count
    assert "accounts in “Active customers (CS)”" in holds
    assert "<html" not in holds


def test_a_search_finds_a_view_and_keeps_the_chosen_one_in_sight(
    admin: Client, connection: SalesforceConnection
) -> None:
    form = admin.get(page_of(connection, "scope"), {"q": "emea"}).context["form"]

    assert [row.view.label for row in form.first_rows] == ["All Accounts", "EMEA key accounts"]


# --- Customers


@pytest.mark.requirement("R15", "R22", "R23", "R24", "R25", "R26", "R27", "R69")
def test_each_select_offers_what_may_be_chosen_with_type_and_sample(
    admin: Client, connection: SalesforceConnection
) -> None:
    form = admin.get(page_of(connection, "customers")).context["form"]

    def offered(name: str) -> dict[str, str]:
        return {path: label for group in form.fields[name].choices if group[0] for path, label in group[1]}

    assert set(offered("ref_id")) == {"Id", "Customer_Number__c"}
    assert set(offered("csm")) == {"Owner.Email", "CSM__r.Email"}
    assert {"Lifecycle_Stage__c", "Segment__c", "Type"} <= set(offered("stage")) == set(offered("profile"))
    assert offered("domain")["Website"].startswith("Website · website · e.g. ")
    assert not {"PhotoUrl", "BillingCity"} & set(offered("domain"))
    assert not {"CleanStatus", "BillingGeocodeAccuracy"} & set(offered("stage"))
    assert {name: form[name].value() for name in ("ref_id", "domain", "csm", "stage", "profile")} == {
        "ref_id": "Id", "domain": "Website", "csm": "CSM__r.Email", "stage": "", "profile": "",
    }  # fmt: skip


@pytest.mark.requirement("R4", "R5", "R7", "R12", "R13")
def test_the_mode_says_what_it_means_and_offers_what_there_is(admin: Client, connection: SalesforceConnection) -> None:
    response = admin.get(page_of(connection, "customers"))

    modes = [value for value, _label in response.context["form"].fields["mode"].choices]
    assert modes == ["input", "two-way", "disabled"]
    assert "Stay on Input only for the first sync." in texts(response)


def test_the_chosen_fields_are_saved_with_the_labels_last_seen(admin: Client, connection: SalesforceConnection) -> None:
    response = admin.post(page_of(connection, "customers"), {**CUSTOMERS, "ref_is_common": "on"})

    assert response.headers["Location"] == page_of(connection, "contacts")
    csm = line(connection, "csm")
    assert (csm.crm_field, csm.crm_label, csm.crm_type, csm.direction) == ("CSM__r.Email", "CSM", "user lookup", "in")
    assert connection.blocks.get(object="customers").ref_is_common


def test_a_line_keeps_what_the_mapping_editor_set(admin: Client, connection: SalesforceConnection) -> None:
    FieldMapping.objects.filter(hub_field="domain").update(blanks="erase", transform="domain-of")
    admin.get(page_of(connection, "customers"))

    admin.post(page_of(connection, "customers"), CUSTOMERS)

    kept = line(connection, "domain")
    assert (kept.blanks, kept.transform) == ("erase", "domain-of")


@pytest.mark.requirement("R231", "C3")
def test_no_step_begins_to_empty_what_the_hub_holds(admin: Client, connection: SalesforceConnection) -> None:
    """What another field's blanks do is chosen where the records are listed."""
    FieldMapping.objects.filter(hub_field="domain").update(blanks="erase", crm_field="Phone")
    link(connection, CustomerFactory.create(domain="here.example"))

    shown = admin.post(page_of(connection, "customers"), CUSTOMERS, follow=True)

    assert (line(connection, "domain").crm_field, line(connection, "domain").blanks) == ("Website", "keep")
    assert "Blanks keep what the hub has in Customers, Domain" in texts(shown)


@pytest.mark.requirement("R27")
def test_a_field_that_is_not_mapped_any_more_loses_its_line(admin: Client, connection: SalesforceConnection) -> None:
    admin.post(page_of(connection, "customers"), {**CUSTOMERS, "csm": ""})

    assert not FieldMapping.objects.filter(block__connection=connection, hub_field="csm").exists()


@pytest.mark.requirement("R26", "C13")
def test_values_without_a_counterpart_are_shown_with_their_records_before_saving(
    admin: Client, connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    chosen = {**CUSTOMERS, "stage": "Lifecycle_Stage__c"}
    at_risk = len(practice.query("SELECT Id FROM Account WHERE Lifecycle_Stage__c = 'At risk'"))

    response = admin.post(page_of(connection, "customers"), chosen)

    assert response.status_code == 200
    assert "Not saved yet: look at the values once." in texts(response)
    rows = {row.value: (row.number, row.fits) for row in response.context["form"].value_maps["stage"].rows}
    assert rows["At risk"] == (at_risk, "")
    assert rows["Onboarding"][1] == "onboarding"
    assert not FieldMapping.objects.filter(hub_field="stage").exists()


@pytest.mark.requirement("R26", "C13")
def test_the_second_look_saves_what_was_chosen_for_each_value(admin: Client, connection: SalesforceConnection) -> None:
    chosen = {**CUSTOMERS, "stage": "Lifecycle_Stage__c"}
    rows = admin.post(page_of(connection, "customers"), chosen).context["form"].value_maps["stage"].rows
    names = {row.value: row.name for row in rows}
    answers = {names["Adoption"]: "run", names["Growth"]: "run", names["Onboarding"]: "onboarding"}

    response = admin.post(page_of(connection, "customers"), {**chosen, "stage_seen": "Lifecycle_Stage__c", **answers})

    assert response.status_code == 302
    stage = line(connection, "stage")
    assert stage.crm_field == "Lifecycle_Stage__c"
    assert stage.value_map == {"Adoption": "run", "Growth": "run", "Onboarding": "onboarding"}


@pytest.mark.requirement("R27")
def test_a_profile_that_does_not_exist_yet_can_be_made_on_the_way(
    admin: Client, connection: SalesforceConnection
) -> None:
    chosen = {**CUSTOMERS, "profile": "Segment__c"}
    rows = admin.post(page_of(connection, "customers"), chosen).context["form"].value_maps["profile"].rows
    name = next(row.name for row in rows if row.value == "Strategic")

    admin.post(page_of(connection, "customers"), {**chosen, "profile_seen": "Segment__c", name: "+"})

    assert [profile.name for profile in HealthProfile.objects.all()] == ["Strategic"]
    assert line(connection, "profile").value_map == {"Strategic": "Strategic"}


@pytest.mark.requirement("R26", "R27", "C13")
def test_every_missing_stage_and_profile_is_made_by_one_tick_and_audited(
    admin: Client, connection: SalesforceConnection
) -> None:
    chosen = {**CUSTOMERS, "stage": "Lifecycle_Stage__c", "profile": "Segment__c"}
    form = admin.post(page_of(connection, "customers"), chosen).context["form"]
    values = {name: [row.value for row in form.value_maps[name].rows] for name in ("stage", "profile")}
    seen = {"stage_seen": chosen["stage"], "profile_seen": chosen["profile"]}

    response = admin.post(
        page_of(connection, "customers"), {**chosen, **seen, "stage_create": "on", "profile_create": "on"}
    )

    assert response.status_code == 302
    assert set(HealthProfile.objects.values_list("name", flat=True)) == set(values["profile"])
    assert Stage.objects.get(name="at-risk").label == "At risk"
    stage_map = line(connection, "stage").value_map
    assert (stage_map["At risk"], stage_map["Onboarding"]) == ("at-risk", "onboarding")
    assert set(line(connection, "profile").value_map) == set(values["profile"])
    made = AuditEntry.objects.filter(verb="created", kind="health-score profile")
    assert {entry.label for entry in made} == set(values["profile"])
    assert {entry.actor for entry in made} == {"Inès Moreau"}


@pytest.mark.requirement("C13")
def test_without_a_script_values_are_shown_on_demand_and_nothing_is_saved(
    admin: Client, connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    chosen = {**CUSTOMERS, "stage": "Lifecycle_Stage__c", "do": "look"}
    known = {stage.label for stage in Stage.objects.all()}
    rows = practice.query("SELECT Id, Lifecycle_Stage__c FROM Account WHERE Lifecycle_Stage__c != null")
    held = sum(row["Lifecycle_Stage__c"] not in known for row in rows)

    before = texts(admin.get(page_of(connection, "customers")))
    shown = texts(admin.post(page_of(connection, "customers"), chosen))

    assert "Show values: Customer stage" in before
    assert f"{held} accounts would stand at Onboarding." in shown
    assert not FieldMapping.objects.filter(hub_field="stage").exists()


@pytest.mark.requirement("C13")
def test_the_review_repeats_what_has_no_counterpart_and_leads_back(
    admin: Client, connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    admin.post(page_of(connection, "scope"), {"account_view": view_id(connection, "All Accounts")})
    chosen = {**CUSTOMERS, "profile": "Segment__c", "profile_seen": "Segment__c"}
    admin.post(page_of(connection, "customers"), chosen)
    held = len(practice.query("SELECT Id FROM Account WHERE Segment__c != null"))

    shown = texts(admin.get(page_of(connection, "review")))
    admin.post(page_of(connection, "customers"), {**chosen, "profile_create": "on"})
    placed = texts(admin.get(page_of(connection, "review")))

    assert f"{held} accounts would come in without a profile." in shown
    assert f'href="{page_of(connection, "customers")}#profile-values"' in shown
    assert "would come in without a profile" not in placed


def test_a_script_fetches_the_values_of_a_field(admin: Client, connection: SalesforceConnection) -> None:
    response = admin.get(page_of(connection, "customers"), {"part": "stage", "stage": "Lifecycle_Stage__c"})

    shown = texts(response)
    assert "<html" not in shown
    assert 'name="stage_seen" value="Lifecycle_Stage__c"' in shown
    assert "At risk" in shown


@pytest.mark.requirement("C9", "F24")
def test_a_mapped_field_that_is_gone_is_named_and_cannot_be_saved(
    admin: Client, connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    admin.post(page_of(connection, "customers"), CUSTOMERS)
    practice.control(remove_fields=["Account.CSM__c"])
    admin.get(page_of(connection, "customers") + "?again=1")

    shown = texts(admin.get(page_of(connection, "customers")))
    refused = admin.post(page_of(connection, "customers"), CUSTOMERS)

    assert "CSM (gone from Salesforce)" in shown
    assert "Choose another one." in str(refused.context["form"].errors["csm"])
    assert refused.context["form"]["domain"].value() == "Website"


# --- Contacts


@pytest.mark.requirement("R28", "R70", "R71")
def test_contacts_come_without_a_view_unless_one_is_chosen(admin: Client, connection: SalesforceConnection) -> None:
    form = admin.get(page_of(connection, "contacts")).context["form"]

    labels = dict(form.fields["contact_view"].choices)
    assert form["contact_view"].value() == ""
    assert labels[""].startswith("No view: all contacts of these accounts (1,")
    assert any(label.startswith("Skalin Contacts (") for label in labels.values())
    assert not any("My Contacts" in label for label in labels.values())


@pytest.mark.requirement("R31", "R32", "R33", "R34", "R72")
def test_roles_are_offered_as_field_and_value_with_the_number_of_contacts(
    admin: Client, connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    held = len(practice.query("SELECT Id FROM Contact WHERE Role__c = 'Ambassador' AND AccountId != null"))

    form = admin.get(page_of(connection, "contacts")).context["form"]

    options = {value: label for group in form.fields["is_champion"].choices if group[0] for value, label in group[1]}
    assert options["Role__c=Ambassador"] == f"Role = Ambassador ({held} contacts)"
    assert [form[name].value() for name in ("is_champion", "is_sponsor", "is_key_user", "is_end_user")] == [""] * 4


@pytest.mark.requirement("R31", "R72")
def test_roles_are_offered_from_own_and_usual_fields_and_not_from_what_salesforce_notes(
    admin: Client, connection: SalesforceConnection
) -> None:
    form = admin.get(page_of(connection, "contacts")).context["form"]

    groups = {group[0]: group[1] for group in form.fields["is_champion"].choices[1:]}
    assert list(groups) == ["Role", "Title", "Lead Source"]
    numbers = [int(label.rpartition("(")[2].split()[0].replace(",", "")) for _value, label in groups["Title"]]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[-1] > 1


def test_a_field_chosen_in_the_mapping_editor_stays_offered_here(
    admin: Client, connection: SalesforceConnection
) -> None:
    FieldMapping.objects.filter(block__object="customers", hub_field="csm").update(crm_field="CreatedBy.Email")

    form = admin.get(page_of(connection, "customers")).context["form"]
    response = admin.post(page_of(connection, "customers"), {**CUSTOMERS, "csm": "CreatedBy.Email"})

    assert form["csm"].value() == "CreatedBy.Email"
    assert response.status_code == 302


@pytest.mark.requirement("R29", "R30", "R31", "R32", "R33", "R34")
def test_chosen_roles_become_conditions_of_the_mapping(
    admin: Client, connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    chosen = {
        "is_champion": "Role__c=Ambassador", "is_sponsor": "Role__c=Sponsor", "is_key_user": "LeadSource=true",
        "is_end_user": "",
    }  # fmt: skip
    practice.control(retype_fields={"Contact.LeadSource": "boolean"})
    admin.get(page_of(connection, "contacts") + "?again=1")

    response = admin.post(page_of(connection, "contacts"), {**CONTACTS, **chosen, "ref_id": "Contact_Number__c"})

    assert response.headers["Location"] == page_of(connection, "review")
    saved = {
        name: (found.crm_field, found.transform, found.argument)
        for name in ("ref_id", "is_champion", "is_sponsor", "is_key_user")
        for found in [line(connection, name, "contacts")]
    }
    assert saved == {
        "ref_id": ("Contact_Number__c", "", ""),
        "is_champion": ("Role__c", "equals", "Ambassador"),
        "is_sponsor": ("Role__c", "equals", "Sponsor"),
        "is_key_user": ("LeadSource", "", ""),
    }
    assert not FieldMapping.objects.filter(hub_field="is_end_user").exists()
    again = admin.get(page_of(connection, "contacts")).context["form"]
    assert {name: again[name].value() for name in chosen} == chosen


def test_a_role_of_several_values_set_in_the_mapping_is_kept(admin: Client, connection: SalesforceConnection) -> None:
    admin.post(page_of(connection, "contacts"), {**CONTACTS, "is_champion": "Role__c=Ambassador"})
    FieldMapping.objects.filter(hub_field="is_champion").update(argument="Ambassador; Sponsor")

    form = admin.get(page_of(connection, "contacts")).context["form"]
    admin.post(page_of(connection, "contacts"), {**CONTACTS, "is_champion": form["is_champion"].value()})

    assert line(connection, "is_champion", "contacts").argument == "Ambassador; Sponsor"


# --- Review


@pytest.fixture
def ready(admin: Client, connection: SalesforceConnection) -> SalesforceConnection:
    admin.post(page_of(connection, "scope"), {"account_view": view_id(connection, "Active customers (CS)")})
    admin.post(page_of(connection, "customers"), CUSTOMERS)
    admin.post(page_of(connection, "contacts"), CONTACTS)
    connection.refresh_from_db()
    return connection


def test_the_review_says_what_will_happen_in_numbers_and_words(admin: Client, ready: SalesforceConnection) -> None:
    response = admin.get(page_of(ready, "review"))

    shown, forecast = texts(response), response.context["forecast"]
    assert 0 < forecast.accounts < 420
    assert forecast.contacts > forecast.accounts
    assert 3 <= forecast.calls <= 15
    assert "Active customers (CS)" in shown
    assert "Salesforce decides" in shown
    assert "of your 100,000 a day" in shown
    assert "are left for syncs today" in shown


def test_preview_is_the_next_thing_and_writes_nothing(
    admin: Client, ready: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    response = admin.post(page_of(ready, "review"), {"do": "preview"})

    run = Run.objects.get()
    ready.refresh_from_db()
    assert (run.kind, run.requested_by, ready.state) == ("preview", "Inès Moreau", "draft")
    assert response.headers["Location"] == reverse("sync:preview", args=[run.pk])


def test_turning_on_starts_the_first_sync(admin: Client, ready: SalesforceConnection) -> None:
    response = admin.post(page_of(ready, "review"), {"do": "turn-on"})

    run = Run.objects.get()
    ready.refresh_from_db()
    assert (run.kind, ready.state) == ("first", "on")
    assert response.headers["Location"] == reverse("sync:run", args=[run.pk])


def test_a_second_preview_leads_to_the_one_under_way(admin: Client, ready: SalesforceConnection) -> None:
    admin.post(page_of(ready, "review"), {"do": "preview"})

    response = admin.post(page_of(ready, "review"), {"do": "preview"})

    assert response.headers["Location"] == reverse("sync:preview", args=[Run.objects.get().pk])


def test_nothing_begins_without_a_view(admin: Client, connection: SalesforceConnection) -> None:
    response = admin.post(page_of(connection, "review"), {"do": "turn-on"}, follow=True)

    assert "No account view is chosen yet: choose one in the set-up, under Scope." in texts(response)
    assert Run.objects.count() == 0


# --- Any step


@pytest.mark.parametrize("step", ["scope", "customers", "contacts", "review"])
def test_a_salesforce_that_does_not_answer_is_a_page_that_says_so(
    admin: Client, ready: SalesforceConnection, practice: PracticeSalesforce, step: str
) -> None:
    admin.get(page_of(ready, step) + "?again=1")
    practice.control(burst=1000, burst_status=503, retry_after=600)

    response = admin.get(page_of(ready, step))

    assert response.status_code == 200
    assert "Salesforce" in texts(response)
    assert response.context["trouble"].cure


@pytest.mark.parametrize("step", ["scope", "customers", "contacts", "review"])
def test_a_step_without_a_sign_in_leads_to_connect(admin: Client, connection: SalesforceConnection, step: str) -> None:
    admin.post(reverse("salesforce:disconnect", args=[connection.slug]))

    response = admin.get(page_of(connection, step))

    assert response.headers["Location"] == page_of(connection, "connect")


def test_unknown_steps_and_connections_are_not_found(admin: Client, connection: SalesforceConnection) -> None:
    assert admin.get(page_of(connection, "nothing")).status_code == 404
    assert admin.get(reverse("salesforce:wizard", args=["nobody", "scope"])).status_code == 404


@pytest.mark.parametrize("step", ["connect", "scope", "customers", "contacts", "review"])
def test_looking_changes_nothing(admin: Client, ready: SalesforceConnection, step: str) -> None:
    before = (ready.version, AuditEntry.objects.count(), ready.wizard_step)

    admin.get(page_of(ready, step))

    ready.refresh_from_db()
    assert (ready.version, AuditEntry.objects.count(), ready.wizard_step) == before


@pytest.mark.parametrize("step", ["connect", "scope", "customers", "contacts", "review"])
def test_a_page_has_nothing_that_a_strict_policy_forbids(admin: Client, ready: SalesforceConnection, step: str) -> None:
    html = admin.get(page_of(ready, step)).content.decode()

    for forbidden in (" style=", " onclick=", " onchange=", "hx-on", "javascript:", "<style"):
        assert forbidden not in html


@pytest.mark.requirement("R15")
def test_from_sign_in_to_the_preview_takes_nine_clicks_at_most(
    client_as: Callable[..., Client], admin_user: User, practice: PracticeSalesforce
) -> None:
    """Sign in, Add a connection, Salesforce, then the ones that are counted here; applying the preview is one more."""
    client, clicks = client_as(admin_user), 3
    location = client.post(reverse(START), {"practice": "1"}).headers["Location"]
    clicks += 1
    client.get(reverse(CALLBACK), answer(location))
    clicks += 1
    page = page_of(SalesforceConnection.objects.get(), "scope")
    while "review" not in page:
        form = client.get(page).context["form"]
        untouched = {name: form[name].value() for name in form.fields if form[name].value() not in ("", None, False)}
        page = client.post(page, untouched).headers["Location"]
        clicks += 1
    preview = client.post(page, {"do": "preview"}).headers["Location"]
    clicks += 1

    assert preview == reverse("sync:preview", args=[Run.objects.get().pk])
    assert clicks == 9


def test_optional_step_counts_as_done_once_it_is_used_and_the_way_back_leads_past_the_others(
    connection: SalesforceConnection,
) -> None:
    connection.wizard_step = "review"
    before = steps.chosen(connection)
    Block.objects.create(connection=connection, object="scores", mode="output")
    after = steps.chosen(connection)

    done = {one.label: one.is_done for one in steps.strip(connection, "review", after)}

    assert (before, after) == (frozenset(), frozenset({"scores"}))
    assert (done["Scores"], done["Agreements"], done["Contacts"]) == (True, False, True)
    ways = [steps.preceding(guide_of(connection), "review", taken) for taken in (before, after)]
    assert [way.name for way in ways if way] == ["contacts", "scores"]


@pytest.mark.parametrize(
    ("step", "queries"), [("connect", 12), ("scope", 10), ("customers", 14), ("contacts", 14), ("review", 24)]
)
def test_pages_ask_the_database_as_often_for_one_connection_as_for_three(
    admin: Client, ready: SalesforceConnection, django_assert_num_queries: Any, step: str, queries: int
) -> None:
    # Once before counting: what Salesforce said is kept from then on.
    admin.get(page_of(ready, step))

    for others in (0, 2):
        for number in range(others):
            SalesforceConnection.objects.create(system="salesforce", name=f"Other {number}", slug=f"other-{number}")
        with django_assert_num_queries(queries):
            admin.get(page_of(ready, step))
