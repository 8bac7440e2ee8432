"""Chapter 1: HubSpot is reached, carried, holds the old IDs, and brings the companies that are wanted."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.messages.storage import default_storage
from django.test import RequestFactory
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Role
from integrations.hub.models import Customer
from integrations.hubspot import signin
from integrations.hubspot.connector import HubSpotConnector
from integrations.hubspot.models import HubSpotConnection
from integrations.migration import arriving, census
from integrations.migration.forms import MoveForm
from integrations.migration.models import Company, Move, Passage, Stay
from integrations.migration.steps import ActRefused
from integrations.migration.views import connecting
from integrations.rehearsal.practice_hubspot import PracticeHubSpot
from integrations.sync import credentials, registry, runs
from integrations.sync.alerts.watch import watch
from integrations.sync.models import Alert, Block, Connection, FieldMapping, RecordLink, Run
from integrations.sync.runner.drive import drive
from integrations.wire.errors import Misconfigured
from tests.hubspot.conftest import signed_in_by_app
from tests.migration.conftest import OLD_ID, done, is_met, listed, measured, signed
from tests.signed_in import ClientAs
from tests.sync.fakes import ABILITIES, connect

pytestmark = pytest.mark.django_db


def refuse(portal: PracticeHubSpot, connection: HubSpotConnection) -> None:
    """The grant is taken away, as when the person loses the role."""
    store = credentials.store_for(connection)
    tokens, version = store.load()
    assert store.save(replace(tokens, access_token="gone"), version)


# --- How it is reached


@pytest.mark.requirement("R155", "R225")
def test_connecting_warns_and_asks_while_the_old_connection_is_there(
    client_as: ClientAs, move: Move, hubspot: HubSpotConnection
) -> None:
    admin, page = client_as(Role.ADMIN), reverse("migration:connect", args=[move.pk])

    shown = admin.get(page).content.decode()
    refused = admin.post(page, {"connection": hubspot.slug})
    move.refresh_from_db()
    assert "can make IDs clash, even with its syncs disabled" in shown
    assert (refused.status_code, move.new) == (422, None)

    taken = admin.post(page, {"connection": hubspot.slug, "understood": "on"})
    move.refresh_from_db()
    assert taken.status_code == 302
    assert move.new_id == hubspot.pk
    assert is_met(move, "reached")
    assert Connection.objects.get(pk=hubspot.pk).state == "draft", "nothing syncs before stage A"


@pytest.mark.requirement("R225")
def test_without_the_old_connection_nobody_is_asked(client_as: ClientAs, move: Move) -> None:
    runs.archive(move.old, by="Tom")
    admin, page = client_as(Role.ADMIN), reverse("migration:connect", args=[move.pk])

    shown, sent = admin.get(page), admin.post(page, {"connection": "new"})

    assert "can make IDs clash" not in shown.content.decode()
    assert sent.headers["Location"].startswith(reverse("hubspot:start"))


@pytest.mark.requirement("R155", "R225")
def test_hubspots_own_button_warns_and_asks_too(client_as: ClientAs, move: Move, portal: PracticeHubSpot) -> None:
    admin, page = client_as(Role.ADMIN), reverse("hubspot:start")
    assert "even with its syncs disabled" in admin.get(page).content.decode()

    refused = admin.post(page, {"practice": "1"})
    assert "Nothing was connected" in refused.content.decode()
    assert not HubSpotConnection.objects.exists()
    assert admin.post(page, {"practice": "1", "understood": "1"}).status_code == 302

    runs.archive(move.old, by="Tom")
    assert "even with its syncs disabled" not in admin.get(page).content.decode()
    assert "even with its syncs disabled" not in admin.get(reverse("salesforce:start")).content.decode()


@pytest.mark.requirement("R157", "R224")
def test_no_way_starts_a_sync_before_stage_a_is_saved(reached: Move, hubspot: HubSpotConnection) -> None:
    Block.objects.create(connection=hubspot, object="customers", mode="input", merge_keys=["ref_id"])
    draft = Connection.objects.get(pk=hubspot.pk)
    preview = Run.objects.create(
        connection=draft, kind="preview", slot="preview", state="done", phase="decide", version=draft.version,
        counts={"customers.update": 1},
    )  # fmt: skip

    for start in (lambda: runs.turn_on(draft, by="Ana"), lambda: runs.apply_preview(preview, by="Ana")):
        with pytest.raises(runs.RunRefused, match="once stage A is saved"):
            start()
        assert Connection.objects.get(pk=hubspot.pk).state == "draft"

    Passage.objects.create(move=reached, stage="a", version=1, by="Ana")
    draft.refresh_from_db()
    assert runs.turn_on(draft, by="Ana").state == "queued"


def test_a_move_that_was_stopped_holds_nothing_back(reached: Move, hubspot: HubSpotConnection) -> None:
    Block.objects.create(connection=hubspot, object="customers", mode="input", merge_keys=["ref_id"])
    Move.objects.update(state="stopped")

    assert runs.turn_on(Connection.objects.get(pk=hubspot.pk), by="Ana").state == "queued"


def test_only_a_draft_that_never_synced_is_offered(client_as: ClientAs, move: Move, hubspot: HubSpotConnection) -> None:
    RecordLink.objects.create(
        connection=hubspot, object="customers", source_object="company", source_id="1", state="excluded"
    )
    admin, page = client_as(Role.ADMIN), reverse("migration:connect", args=[move.pk])

    answer = admin.post(page, {"connection": hubspot.slug, "understood": "on"})

    move.refresh_from_db()
    assert (answer.status_code, move.new) == (422, None)


@pytest.mark.requirement("R226")
def test_a_hubspot_connection_serves_one_move_at_a_time(
    client_as: ClientAs, move: Move, hubspot: HubSpotConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two CRMs may move at once, each to a connection of its own: stage A of one would undo the other's."""
    other = Move.objects.create(old=connect("Second"), new=hubspot, created_by="Tom")
    admin, page = client_as(Role.ADMIN), reverse("migration:connect", args=[move.pk])
    said = "HubSpot takes the customers of Second just now. Each move needs a HubSpot connection of its own"

    shown = admin.get(page).content.decode()
    answer = admin.post(page, {"connection": hubspot.slug, "understood": "on"})
    monkeypatch.setattr(connecting, "choosable", lambda _move: [hubspot])
    raced = admin.post(page, {"connection": hubspot.slug, "understood": "on"}, follow=True)

    assert said in shown
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert said in raced.content.decode(), "somebody was quicker"
    assert Move.objects.get(pk=move.pk).new is None
    Move.objects.filter(pk=other.pk).update(state="stopped")
    monkeypatch.undo()
    admin.post(page, {"connection": hubspot.slug, "understood": "on"})
    assert Move.objects.get(pk=move.pk).new_id == hubspot.pk


def test_once_a_stage_is_saved_the_connection_stays_the_one(
    client_as: ClientAs, reached: Move, hubspot: HubSpotConnection
) -> None:
    Passage.objects.create(move=reached, stage="a", version=1, by="Ana")
    other = HubSpotConnection.objects.create(system="hubspot", name="Other", slug="other", account="x@y.example")
    admin, page = client_as(Role.ADMIN), reverse("migration:connect", args=[reached.pk])

    answer = admin.post(page, {"connection": other.slug, "understood": "on"}, follow=True)

    reached.refresh_from_db()
    assert reached.new_id == hubspot.pk
    assert "Withdraw its stage first" in answer.content.decode()


def test_two_who_begin_the_same_move_at_once_get_one(
    client_as: ClientAs, move: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MoveForm, "clean_old", lambda form: form.cleaned_data["old"])

    answer = client_as(Role.ADMIN).post(reverse("migration:new"), {"old": move.old_id})

    assert (answer.status_code, Move.objects.count()) == (422, 1)
    assert "are moving already" in answer.content.decode()


@pytest.mark.parametrize(
    "key", ["reached", "carrier", "moved-data", "old-id-property", "old-id-filled-there", "filter"]
)
def test_steps_wait_for_a_connection(move: Move, key: str) -> None:
    found = measured(move, key)

    assert found.state == "new"
    assert "waits for HubSpot" in found.said


# --- Who carries it


@pytest.fixture
def by_person(move: Move, portal: PracticeHubSpot) -> Move:
    move.new = signed_in_by_app(portal)
    move.save(update_fields=["new"])
    return move


def person(move: Move) -> str:
    connector = HubSpotConnector(HubSpotConnection.objects.get(pk=move.new_id or 0))
    from integrations.hubspot.rights import rights_of

    return rights_of(connector).user


@pytest.mark.requirement("R136", "R137", "R222", "R223")
def test_the_super_admin_is_named_measured_and_signed(by_person: Move, admin_user: User) -> None:
    nobody = measured(by_person, "carrier")
    other = signed(by_person, "carrier", admin_user, carrier="somebody@else.example")
    assert (nobody.state, other.state) == ("new", "failed")
    assert "not as somebody@else.example" in other.said

    right = signed(by_person, "carrier", admin_user, carrier=person(by_person).upper())

    assert right.state == "verified"
    assert right.signed_by == admin_user.label
    assert is_met(by_person, "carrier")


@pytest.mark.requirement("R155")
def test_a_lost_right_fails_the_step(by_person: Move, admin_user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    signed(by_person, "carrier", admin_user, carrier=person(by_person))
    monkeypatch.setattr(signin, "NEEDED", (*signin.NEEDED, "settings.users.read"))

    found = measured(by_person, "carrier")

    assert found.state == "failed"
    assert "settings.users.read" in found.said


def test_a_service_key_is_nobodys_so_a_person_signs(reached: Move, admin_user: User) -> None:
    found = signed(reached, "carrier", admin_user, carrier="ines@aldervale.example")

    assert found.state == "done"
    assert "service key" in found.said
    assert is_met(reached, "carrier")


@pytest.mark.requirement("R155")
def test_a_lost_sign_in_fails_the_step_and_later_raises_the_alert(
    reached: Move, portal: PracticeHubSpot, hubspot: HubSpotConnection, admin_user: User
) -> None:
    signed(reached, "carrier", admin_user, carrier="ines@aldervale.example")
    refuse(portal, hubspot)
    found = measured(reached, "carrier")
    assert found.state == "failed"
    assert "Sign in again" in found.cure

    # Later, when it syncs.
    Passage.objects.create(move=reached, stage="a", version=1, by="Tom")
    Connection.objects.filter(pk=hubspot.pk).update(state="on")
    block = Block.objects.create(connection=hubspot, object="customers", mode="input", merge_keys=["ref_id"])
    FieldMapping.objects.create(block=block, hub_field="name", crm_field="name")
    drive(runs.request_run(Connection.objects.get(pk=hubspot.pk), Run.Kind.FULL, by="clock"), 10)
    watch()

    assert Alert.objects.filter(connection=hubspot, ended_at=None).values_list("event", flat=True).get() == "sign-in"


@pytest.mark.requirement("R138", "R146")
@pytest.mark.parametrize("key", ["it-agrees", "workflow"])
def test_what_no_software_sees_is_signed(move: Move, admin_user: User, key: str) -> None:
    assert not is_met(move, key)

    assert signed(move, key, admin_user).state == "done"
    assert is_met(move, key)


# --- What was moved


@pytest.mark.requirement("R139")
def test_moved_data_is_signed_with_the_numbers_beside(
    reached: Move, company: Callable[..., str], portal: PracticeHubSpot, admin_user: User
) -> None:
    company("Firm 1")
    few = signed(reached, "moved-data", admin_user)
    assert few.state == "failed"
    for name in ("Firm 2", "Firm 3"):
        company(name)
    portal.create("contacts", lastname="Okafor")

    found = measured(reached, "moved-data")

    assert found.state == "verified"
    assert found.rows == [
        ["Companies", "3 there, 3 customers here", ""],
        ["Contacts", "1 there, 0 contacts here", ""],
        ["Deals", "0 there, 0 agreements here", ""],
    ]


# --- The property


@pytest.mark.requirement("R140", "R141")
def test_the_property_is_made_once_and_of_the_old_crms_type(
    reached: Move, hubspot: HubSpotConnection, admin_user: User
) -> None:
    before = len(HubSpotConnector(hubspot).client.properties("companies"))
    for _ in range(2):
        done(reached, "old-id-property", "make", admin_user, name=OLD_ID, label="Paper ID")

    found = measured(reached, "old-id-property")

    properties = HubSpotConnector(hubspot).client.properties("companies")
    assert len(properties) == before + 1
    assert next(one["type"] for one in properties if one["name"] == OLD_ID) == "string"
    assert found.state == "verified"
    assert "of type text" in found.said


@pytest.mark.requirement("R141")
def test_a_number_there_is_a_number_in_hubspot(
    reached: Move, hubspot: HubSpotConnection, admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    done(reached, "old-id-property", "make", admin_user, name=OLD_ID, label="Paper ID")
    paper = registry.system_of("paper")
    numbered = replace(paper, abilities=replace(ABILITIES, ids_are_numbers=True))
    monkeypatch.setitem(registry._systems, "paper", numbered)

    wrong = measured(reached, "old-id-property")
    assert (wrong.state, "is of type text" in wrong.said) == ("failed", True)
    with pytest.raises(Misconfigured):
        done(reached, "old-id-property", "make", admin_user, name=OLD_ID, label="Paper ID")

    done(reached, "old-id-property", "make", admin_user, name="paper_number", label="Paper number")
    assert measured(reached, "old-id-property").state == "verified"


@pytest.mark.requirement("R141")
@pytest.mark.parametrize(
    ("system", "is_number"), [("salesforce", False), ("pipedrive", True), ("zoho", False), ("sellsy", True)]
)
def test_each_system_says_of_which_type_its_ids_are(system: str, is_number: bool) -> None:
    assert registry.system_of(system).abilities.ids_are_numbers is is_number


def test_a_property_that_is_gone_fails(reached: Move, admin_user: User) -> None:
    done(reached, "old-id-property", "choose", admin_user, property="was_here")

    found = measured(reached, "old-id-property")

    assert found.state == "failed"
    assert "no property “was_here”" in found.said


@pytest.mark.requirement("R142", "R143")
def test_the_page_says_why_offers_the_likely_one_first_and_asks_for_consent(
    client_as: ClientAs, ready: Move, hubspot: HubSpotConnection
) -> None:
    HubSpotConnector(hubspot).create_old_id_field("a_color", "A colour", is_number=False)
    admin = client_as(Role.ADMIN)

    shown = admin.get(reverse("migration:chapter", args=[ready.pk, "hubspot"])).content.decode()
    make = reverse("migration:act", args=[ready.pk, "old-id-property", "make"])
    refused = admin.post(make, {"name": "x_id", "label": "X ID"})

    assert "without duplicates" in shown
    assert "letter for letter" in shown
    options = shown[shown.index("Choose a property") :]
    assert options.index("Paper ID (paper_id)") < options.index("A colour (a_color)")
    assert refused.status_code == 422
    assert "Tick it to agree" in refused.content.decode()
    assert not any(one["name"] == "x_id" for one in HubSpotConnector(hubspot).client.properties("companies"))


# --- The companies


@pytest.mark.requirement("R140", "R145", "C12", "C1")
def test_every_customer_with_one_company_is_verified(ready: Move, company: Callable[..., str]) -> None:
    for number in (1, 2, 3):
        company(f"Firm {number}", f"A{number}")
    company("Nobody we know", stage="lead")

    listed(ready)

    assert is_met(ready, "old-id-filled-there"), "measured by itself when the listing is through"
    assert is_met(ready, "lifecycle")
    assert Company.objects.count() == 3, "only those that matter"


@pytest.mark.requirement("R140")
def test_missing_mistyped_and_doubled_ids_are_listed_with_links(
    ready: Move, company: Callable[..., str], hubspot: HubSpotConnection
) -> None:
    first, second = company("Firm 1", "A1"), company("Firm 1 again", "A1")
    typo = company("Firm 2", "A22")
    company("Firm 3", "A3")
    company("Never a customer", "Z9")

    ready = listed(ready)
    found = measured(ready, "old-id-filled-there")

    lacking = Customer.objects.get(name="Firm 2")
    assert found.state == "failed"
    assert "2 of 3 customers" in found.said
    assert found.total == 4
    assert found.rows == [
        ["Firm 2", "A22: nobody here has this ID; mistyped, perhaps", f"{hubspot.web_url}/record/0-2/{typo}"],
        ["Firm 2", "no company holds A2", reverse("hub:customer", args=[lacking.pk])],
        ["Firm 1", "A1, and so does another company", f"{hubspot.web_url}/record/0-2/{first}"],
        ["Firm 1 again", "A1, and so does another company", f"{hubspot.web_url}/record/0-2/{second}"],
    ]


@pytest.mark.requirement("R145")
def test_companies_outside_the_filter_are_listed_with_their_stage(ready: Move, company: Callable[..., str]) -> None:
    company("Firm 1", "A1")
    company("Firm 2", "A2", stage="lead")
    company("Firm 3", "A3", stage="opportunity")

    ready = listed(ready)
    found = measured(ready, "lifecycle")

    assert found.state == "failed"
    assert [row[:2] for row in found.rows] == [
        ["Firm 2", "Lead, old ID A2"],
        ["Firm 3", "Opportunity, old ID A3"],
    ]
    assert is_met(ready, "old-id-filled-there"), "they are there all the same"


def test_a_listing_under_another_filter_says_nothing_any_more(
    ready: Move, company: Callable[..., str], hubspot: HubSpotConnection
) -> None:
    company("Firm 1", "A1")
    ready = listed(ready)
    HubSpotConnection.objects.filter(pk=hubspot.pk).update(stages="lead")

    found = measured(ready, "lifecycle")

    assert found.state == "new"
    assert "waits for a listing" in found.said


@pytest.mark.requirement("R140", "R223")
def test_a_short_salesforce_id_meets_its_long_one(ready: Move, company: Callable[..., str]) -> None:
    RecordLink.objects.filter(source_id="A1").update(source_id="001dM00001vWOXJQA4")
    company("Firm 1", "001dM00001vWOXJ")
    company("Firm 2", "A2")
    company("Firm 3", "A3")

    listed(ready)

    # QA4 belongs to 003dM…; the one of 001dM… is the same: only capitals count.
    assert is_met(ready, "old-id-filled-there")


# --- Who stays behind


@pytest.mark.requirement("R140")
def test_who_stays_behind_needs_no_company(ready: Move, company: Callable[..., str], admin_user: User) -> None:
    company("Firm 1", "A1")
    ready = listed(ready)

    done(ready, "old-id-filled-there", "stay", admin_user, ids=["A2", "A3"], reason="left in spring")

    assert measured(ready, "old-id-filled-there").state == "verified"
    assert set(Stay.objects.values_list("name", "reason", "by")) == {
        ("Firm 2", "left in spring", admin_user.label),
        ("Firm 3", "left in spring", admin_user.label),
    }


def test_an_id_that_nobody_has_refuses_them_all(ready: Move, admin_user: User) -> None:
    with pytest.raises(ActRefused, match="A9"):
        done(ready, "old-id-filled-there", "stay", admin_user, ids=["A2", "A9"], reason="gone")

    assert not Stay.objects.exists()


# --- The filter


@pytest.mark.requirement("R144", "R160", "R196", "R210", "R211", "R212")
@pytest.mark.parametrize(
    ("expected", "state", "cure"), [(2, "verified", ""), (1, "failed", "Too wide"), (3, "failed", "Too narrow")]
)
def test_the_filter_is_held_against_the_expected_number(
    ready: Move, company: Callable[..., str], admin_user: User, expected: int, state: str, cure: str
) -> None:
    company("Firm 1"), company("Firm 2"), company("Partner", stage="other")
    assert "Type how many" in measured(ready, "filter").said

    done(ready, "filter", "expect", admin_user, expected=expected, why="all that pay")
    found = measured(ready, "filter")

    assert found.state == state
    assert cure in found.cure
    assert ["Lifecycle stages", "customer;evangelist"] in [row[:2] for row in found.rows]


@pytest.mark.requirement("R160", "R211")
def test_a_yes_no_property_narrows_the_filter(ready: Move, company: Callable[..., str], admin_user: User) -> None:
    assert ready.new
    HubSpotConnection.objects.filter(pk=ready.new_id or 0).update(
        filter_field="domain", filter_operator="filled", filter_values=""
    )
    company("Firm 1", "A1", domain="one.example"), company("Firm 2", "A2")
    done(ready, "filter", "expect", admin_user, expected=1, why="those with a site")

    ready = listed(ready)

    assert measured(ready, "filter").state == "verified"
    assert dict(Company.objects.values_list("name", "in_scope")) == {"Firm 1": True, "Firm 2": False}


def test_the_proposed_number_is_that_of_the_customers_to_move(client_as: ClientAs, reached: Move) -> None:
    shown: Any = client_as(Role.ADMIN).get(reverse("migration:chapter", args=[reached.pk, "hubspot"]))

    assert re.search(r'<input[^>]*name="expected"[^>]*value="3"', shown.content.decode())
    assert census.census_of(reached).state == ""


@pytest.mark.requirement("R145", "R223")
def test_where_no_company_of_a_customer_is_known_no_stage_is_verified(ready: Move, company: Callable[..., str]) -> None:
    company("A stranger")

    assert measured(listed(ready), "lifecycle").state == "new"


@pytest.mark.requirement("R155")
def test_a_hubspot_that_no_move_has_chosen_yet_waits_too(move: Move, hubspot: HubSpotConnection) -> None:
    Move.objects.filter(pk=move.pk).update(new=None)

    assert "step 1.1" in runs.why_it_waits(hubspot)
    Move.objects.filter(pk=move.pk).update(state=Move.State.STOPPED)
    assert runs.why_it_waits(hubspot) == ""


@pytest.mark.requirement("R155")
def test_who_signs_in_from_the_move_comes_back_to_it(
    move: Move, hubspot: HubSpotConnection, admin_user: User, rf: RequestFactory
) -> None:
    Move.objects.filter(pk=move.pk).update(new=None)
    request = rf.get("/")
    request.user, request.session = admin_user, {arriving.KEY: move.pk}  # type: ignore[assignment]
    request._messages = default_storage(request)  # type: ignore[attr-defined]

    assert arriving.back_to_move(request, hubspot) == reverse("migration:chapter", args=[move.pk, "hubspot"])
    assert Move.objects.get(pk=move.pk).new_id == hubspot.pk
    assert arriving.back_to_move(request, hubspot) == "", "once"
