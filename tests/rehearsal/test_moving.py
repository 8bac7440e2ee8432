"""The practice HubSpot that a team moves to: what is planted in it, and that a person can put all of it right."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hubspot  # type: ignore[import-untyped]
import pytest
import requests

from integrations.rehearsal import planted
from integrations.rehearsal.intercom_workspace import PIPEDRIVE
from integrations.rehearsal.others import Listening
from integrations.rehearsal.pages import RehearsalPages
from integrations.rehearsal.planted import IS_TO_SYNCHRONIZE, PIPEDRIVE_ID, SALESFORCE_ID, hubspot_id, old_ids
from integrations.rehearsal.practice import PracticeSalesforce, WsgiAdapter
from integrations.rehearsal.practice_hubspot import PracticeHubSpot
from integrations.rehearsal.practice_intercom import PracticeIntercom
from integrations.rehearsal.practice_moving import PracticeMovingHubSpot
from integrations.rehearsal.practice_pipedrive import PracticePipedrive
from integrations.rehearsal.world import world

API, HERE = "https://api.hubapi.com", "http://127.0.0.1:8090"
SMALL = world(planted.LEAST)
NAMES = {one.number: one.name for one in SMALL.companies()}
CUSTOMER = {"propertyName": "lifecyclestage", "operator": "EQ", "value": "customer"}
TICKED = {"propertyName": IS_TO_SYNCHRONIZE, "operator": "EQ", "value": "true"}
SHOWN = ["name", "domain", "lifecyclestage", SALESFORCE_ID, PIPEDRIVE_ID, IS_TO_SYNCHRONIZE, *planted.BLANKED]


class Hub:
    """The portal through its API and through its pages."""

    def __init__(self, crm: PracticeMovingHubSpot) -> None:
        crm.control(unlimited=True, index_lag=0, property_lag=0)
        self.crm, self.api, self.pages = crm, crm.session(), requests.Session()
        self.api.headers.update(crm.headers)
        systems = [Listening("hubspot_move", "HubSpot for the move", crm.app, 8098)]
        self.pages.mount("http://", WsgiAdapter(RehearsalPages(systems)))

    def company(self, number: int) -> dict[str, Any]:
        query = {"properties": ",".join(SHOWN)}
        answer = self.api.get(f"{API}/crm/v3/objects/companies/{hubspot_id(number)}", params=query)
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json()["properties"]
        return found

    def found(self, *filters: dict[str, str]) -> list[dict[str, Any]]:
        body = {"filterGroups": [{"filters": list(filters)}], "properties": SHOWN, "limit": 200}
        answer = self.api.post(f"{API}/crm/v3/objects/companies/search", json=body).json()
        assert "paging" not in answer
        return [one["properties"] for one in answer["results"]]

    def names(self, *filters: dict[str, str]) -> list[str]:
        return sorted(one["name"] for one in self.found(*filters))

    def page(self, number: int, verb: str = "", **form: str) -> requests.Response:
        """As a person fills in the form of a record; a name without a value is an empty tick."""
        fields = {f"is-{name}": "1" for name in form if not verb} | {
            name: value for name, value in form.items() if value
        }
        path = f"{HERE}/hubspot_move/companies/{hubspot_id(number)}{verb and f'/{verb}'}"
        answer = self.pages.post(path, data=fields, headers={"Origin": HERE})
        assert answer.status_code == 200, answer.text
        return answer


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with PracticeMovingHubSpot(tmp_path, planted.LEAST, contacts_per=2) as crm:
        yield Hub(crm)


def wanted() -> list[str]:
    return sorted(NAMES[number] for number in planted.wanted(SMALL))


def extra(*numbers: int) -> list[str]:
    return [NAMES[number] for number in numbers]


# --- What is planted ---------------------------------------------------------------------------------------------------
@pytest.mark.requirement("R140", "R141")
def test_companies_hold_the_ids_of_both_old_crms(hub: Hub, tmp_path: Path) -> None:
    with PracticeSalesforce(tmp_path, planted.LEAST) as salesforce:
        accounts = {row["Name"]: row["Id"] for row in salesforce.query("SELECT Id, Name FROM Account")}
    with PracticePipedrive(tmp_path, planted.LEAST) as pipedrive, pipedrive.book.transaction():
        organizations = {one.body["name"]: one.id for one in pipedrive.book.find("organization")}
    bare = {*planted.WITHOUT_OLD_ID, planted.TYPING_ERROR}

    held = {number: hub.company(number) for number in NAMES if number not in bare}
    wrong = hub.company(planted.TYPING_ERROR)

    assert {one["name"]: one[SALESFORCE_ID] for one in held.values()} == {
        NAMES[number]: accounts[NAMES[number]] for number in held
    }
    assert {one[PIPEDRIVE_ID] for one in held.values()} == {organizations[NAMES[number]] for number in held}
    assert {old_ids(number)[SALESFORCE_ID] for number in NAMES} == set(accounts.values())
    assert all(hub.company(number)[SALESFORCE_ID] is None for number in planted.WITHOUT_OLD_ID)
    assert len(wrong[SALESFORCE_ID]) == 18
    assert wrong[SALESFORCE_ID] not in accounts.values()
    assert wrong[PIPEDRIVE_ID].isdecimal()
    assert wrong[PIPEDRIVE_ID] not in organizations.values()


def test_its_own_ids_are_those_of_no_other_portal_and_its_people_are_the_same(hub: Hub, tmp_path: Path) -> None:
    with PracticeHubSpot(tmp_path, planted.LEAST, contacts_per=2) as usual:
        for kind in ("companies", "contacts"):
            with usual.store.transaction(), hub.crm.store.transaction():
                there, here = usual.store.find(kind), hub.crm.store.find(kind)

            assert not {one.id for one in there} & {one.id for one in here}
            if kind == "contacts":
                assert {one.body.get("email") for one in there} == {one.body.get("email") for one in here}
        assert usual.credentials.access_token != hub.crm.credentials.access_token
        assert usual.app.portal.portal_id != hub.crm.app.portal.portal_id


@pytest.mark.requirement("R145", "R160", "R196", "R211")
def test_stage_alone_brings_too_many_and_the_tick_only_who_is_wanted(hub: Hub) -> None:
    by_stage, by_both = hub.names(CUSTOMER), hub.names(CUSTOMER, TICKED)

    outside = extra(*planted.too_wide(SMALL))
    late = extra(*planted.WRONG_STAGE)
    assert outside
    assert sorted([*by_both, *late]) == sorted([*wanted(), NAMES[planted.TWIN]])
    assert sorted(set(by_stage) - set(by_both)) == sorted([*outside, *planted.ONLY_IN_HUBSPOT.values()])


@pytest.mark.requirement("R143", "R181")
def test_twin_shared_domains_and_what_hubspot_lacks(hub: Hub) -> None:
    one, other = hub.company(planted.TWIN), hub.company(planted.TWIN_RECORD)
    held = {number: hub.company(number) for number in planted.wanted(SMALL)}

    assert [one[name] for name in SHOWN[:6]] == [other[name] for name in SHOWN[:6]]
    assert {hub.company(number)["domain"] for number in planted.GENERIC_DOMAIN} == {"gmail.com"}
    assert [n for n, one in held.items() if not any(one[name] for name in planted.BLANKED)] == list(planted.BLANK)
    assert all(one.stage and one.manager and one.renewal for one in SMALL.companies() if one.number in planted.BLANK)


def test_lifelike_world_brings_abnormally_many(tmp_path: Path) -> None:
    whole = world()
    with PracticeMovingHubSpot(tmp_path) as crm:
        with crm.store.transaction():
            stages = [one.body["lifecyclestage"] for one in crm.store.find("companies")]
            counts = {kind: crm.store.count(kind) for kind in ("contacts", "deals", "notes", "calls")}
        people = [one for one in whole.people() if one.company]

    late, by_hand = len(planted.WRONG_STAGE), len(planted.ONLY_IN_HUBSPOT)
    wanted = len(planted.wanted(whole))
    assert stages.count("customer") == wanted - late + 1 + len(planted.too_wide(whole)) + by_hand
    assert "94862137" in stages
    assert stages.count("customer") > 1.1 * wanted
    assert counts["contacts"] >= len(people)
    assert counts["deals"] > 80
    assert counts["notes"] == counts["calls"] == 0


# --- Put right ---------------------------------------------------------------------------------------------------------
@pytest.mark.requirement("R140", "R145", "R211")
def test_person_puts_all_of_it_right_on_the_pages(hub: Hub) -> None:
    for number in (*planted.WITHOUT_OLD_ID, planted.TYPING_ERROR):
        hub.page(number, **old_ids(number))
    for number in planted.WRONG_STAGE:
        hub.page(number, lifecyclestage="customer")
    for number in planted.GENERIC_DOMAIN:
        hub.page(number, domain=f"own{number}.example")
    values = {"customer_stage": "Growth", "renewal_date": "2031-02-03", "products": "academy"}
    with hub.crm.store.transaction():
        manager = hub.crm.store.find("owners")[1].id
    for number in planted.BLANK:
        hub.page(number, csm=manager, **values)
    merged = hub.page(planted.TWIN, "merge", loser=hubspot_id(planted.TWIN_RECORD))
    for number in planted.ONLY_IN_HUBSPOT:
        hub.page(number, "delete")
    hub.page(12, lifecyclestage="other")
    hub.page(20, lifecyclestage="94862137")

    found = hub.found(CUSTOMER)

    assert "went into this record" in merged.text
    assert sorted(one["name"] for one in found) == hub.names(CUSTOMER, TICKED) == wanted()
    assert sorted(one[SALESFORCE_ID] for one in found) == sorted(
        old_ids(number)[SALESFORCE_ID] for number in planted.wanted(SMALL)
    )
    assert "gmail.com" not in {one["domain"] for one in found}
    assert all(hub.company(number)[name] for number in planted.BLANK for name in planted.BLANKED)


def test_tick_can_be_taken_off_and_put_on_a_page(hub: Hub) -> None:
    hub.page(planted.TWIN_RECORD, **{IS_TO_SYNCHRONIZE: ""})
    hub.page(12, **{IS_TO_SYNCHRONIZE: "on"})

    assert hub.company(planted.TWIN_RECORD)[IS_TO_SYNCHRONIZE] == "false"
    assert hub.company(12)[IS_TO_SYNCHRONIZE] == "true"


# --- Without the properties --------------------------------------------------------------------------------------------
@pytest.mark.requirement("R140", "R141")
def test_property_is_taken_away_made_by_the_api_and_filled_by_an_import(hub: Hub) -> None:
    hub.crm.control(purge_fields=[f"companies.{name}" for name in (SALESFORCE_ID, PIPEDRIVE_ID)])
    given = {
        "name": "old_crm_id",
        "label": "Old CRM ID",
        "type": "string",
        "fieldType": "text",
        "groupName": "aldervale",
    }
    address = f"{API}/crm/v3/properties/companies"

    left = properties(hub)
    wrong = [hub.api.post(address, json=given | {name: "x"}).status_code for name in ("type", "fieldType", "groupName")]
    made, again = (hub.api.post(address, json=given) for _ in range(2))
    number = hub.api.post(address, json=given | {"name": "old_number", "type": "number", "fieldType": "number"})
    hub.crm.control(import_salesforce_ids=["companies.old_crm_id"], import_pipedrive_ids=["companies.old_number"])

    with hub.crm.store.transaction():
        kept = {one.id: one.body for one in hub.crm.store.find("companies")}
    assert not {SALESFORCE_ID, PIPEDRIVE_ID, "old_crm_id"} & left
    assert wrong == [400, 400, 400]
    assert (made.status_code, again.status_code, number.status_code) == (201, 409, 201)
    for company in NAMES:
        body, held = kept[hubspot_id(company)], planted.held_ids(company)
        assert SALESFORCE_ID not in body
        assert (body.get("old_crm_id"), body.get("old_number")) == (held.get(SALESFORCE_ID), held.get(PIPEDRIVE_ID))


def properties(hub: Hub) -> set[str]:
    return {one["name"] for one in hub.api.get(f"{API}/crm/v3/properties/companies").json()["results"]}


def test_import_and_deletion_are_refused_where_they_make_no_sense(hub: Hub) -> None:
    faults = f"{HERE}/hubspot_move/faults"

    page = hub.pages.get(faults).text
    wrong = [
        hub.pages.post(faults, data=form, headers={"Origin": HERE}).status_code
        for form in ({"import_salesforce_ids": f"companies.{PIPEDRIVE_ID}"}, {"import_pipedrive_ids": "companies.none"},
                     {"purge_fields": "companies.name"}, {"purge_fields": "companies.none"})
    ]  # fmt: skip

    assert all(f'name="{name}"' in page for name in ("import_salesforce_ids", "import_pipedrive_ids", "purge_fields"))
    assert wrong == [400] * 4
    assert hub.company(4)[PIPEDRIVE_ID] == "4"


def test_filled_anew_it_is_the_same_portal(hub: Hub) -> None:
    hub.page(planted.TWIN, **{SALESFORCE_ID: "x"})

    hub.crm.control(reset_world=True)

    assert hub.company(planted.TWIN)[SALESFORCE_ID] == old_ids(planted.TWIN)[SALESFORCE_ID]
    assert hub.crm.app.portal.portal_id == 147_000_654


# --- Others ------------------------------------------------------------------------------------------------------------
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_vendors_own_client_reads_it(hub: Hub) -> None:
    client = hubspot.Client.create(access_token=hub.crm.credentials.access_token, host=hub.crm.base_url)

    found = client.crm.companies.get_all(properties=[SALESFORCE_ID, PIPEDRIVE_ID, IS_TO_SYNCHRONIZE])
    made = {one.name: one.type for one in client.crm.properties.core_api.get_all("companies").results}

    assert len(found) == len(NAMES) + 1 + len(planted.ONLY_IN_HUBSPOT)
    assert {one.properties[SALESFORCE_ID] for one in found} > {old_ids(4)[SALESFORCE_ID], None}
    assert (made[SALESFORCE_ID], made[PIPEDRIVE_ID], made[IS_TO_SYNCHRONIZE]) == ("string", "number", "bool")


@pytest.mark.requirement("R189")
def test_intercom_can_carry_the_ids_of_pipedrive(tmp_path: Path) -> None:
    with PracticeIntercom(tmp_path, 3, contacts_per=1, ids=PIPEDRIVE) as crm, crm.workspace.book.transaction():
        companies, people = (crm.workspace.book.find(kind) for kind in ("company", "contact"))

    assert {one.body["company_id"] for one in companies} == {"1", "2", "3"}
    assert {one.body["external_id"] for one in people} == {"1", "2", "3"}
