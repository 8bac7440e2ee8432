"""The account, its people, its pipelines and its segments."""

from typing import Any

import pytest

from integrations.rehearsal.practice_hubspot import PracticeHubSpot

from .wire import VERSION, Clock, Wire, ids, told, where

OWNERS = f"/crm/owners/{VERSION}"
LISTS = f"/crm/lists/{VERSION}"


def test_account_says_where_and_which_it_is(wire: Wire) -> None:
    assert wire.get(f"/account-info/{VERSION}/details").json() == {
        "portalId": 147_000_321, "accountType": "STANDARD", "timeZone": "Europe/Paris", "companyCurrency": "EUR",
        "additionalCurrencies": ["GBP", "USD"], "utcOffset": "+01:00", "utcOffsetMilliseconds": 3_600_000,
        "uiDomain": "app-eu1.hubspot.com", "dataHostingLocation": "eu1",
    }  # fmt: skip


def test_another_portal_has_another_number(crm: PracticeHubSpot, wire: Wire) -> None:
    crm.control(portal_id=99)

    assert wire.get(f"/account-info/{VERSION}/details").json()["portalId"] == 99


# --- Owners -----------------------------------------------------------------------------------------------------------
def test_departed_owners_come_only_when_asked_for(wire: Wire) -> None:
    here, gone = wire.get(OWNERS, limit=500).json()["results"], wire.get(OWNERS, archived="true").json()["results"]

    assert [one["lastName"] for one in gone] == ["Peyrac", "Falk"]
    assert len(here) == 12
    assert "userId" not in gone[0]
    assert gone[0]["userIdIncludingInactive"] == 60_000_006
    assert all(one["id"] != str(one["userId"]) for one in here)
    assert {one["type"] for one in here} == {"PERSON", "QUEUE"}


@pytest.mark.parametrize("limit", [1, 11, 12, 13])
def test_owners_come_in_pages(wire: Wire, limit: int) -> None:
    found: list[str] = []
    after = None
    while True:
        answer = wire.get(OWNERS, limit=limit, **({"after": after} if after else {}))
        found += ids(answer)
        if "paging" not in answer.json():
            break
        after = answer.json()["paging"]["next"]["after"]

    assert len(found) == len(set(found)) == 12


def test_owner_by_address_by_id_and_by_user(wire: Wire) -> None:
    [one] = wire.get(OWNERS, email="THEO.GARNIER@aldervale.example").json()["results"]

    assert wire.get(f"{OWNERS}/{one['id']}").json() == one
    assert wire.get(f"{OWNERS}/{one['userId']}", idProperty="userId").json() == one
    assert wire.get(f"{OWNERS}/1").status_code == 404
    assert wire.get(OWNERS, limit=501).status_code == 400


def test_owner_leaves(crm: PracticeHubSpot, wire: Wire) -> None:
    first = ids(wire.get(OWNERS))[0]

    crm.control(archive_owners=[first])
    assert wire.get(f"{OWNERS}/{first}").status_code == 404
    assert first in ids(wire.get(OWNERS, archived="true"))
    crm.control(restore_owners=[first])
    assert first in ids(wire.get(OWNERS))


# --- Pipelines --------------------------------------------------------------------------------------------------------
def test_won_stands_in_the_metadata_of_a_stage(wire: Wire) -> None:
    pipelines = wire.get(f"/crm/pipelines/{VERSION}/deals").json()["results"]

    won = {
        stage["id"]
        for one in pipelines
        for stage in one["stages"]
        if stage["metadata"] == {"isClosed": "true", "probability": "1.0"}
    }
    assert won == {"closedwon", "148662293"}
    assert [one["label"] for one in pipelines] == ["Sales Pipeline", "Renewals"]


def test_one_pipeline_and_one_stage(wire: Wire) -> None:
    address = f"/crm/pipelines/{VERSION}/deals/75834610"

    assert wire.get(address).json()["label"] == "Renewals"
    assert len(wire.get(f"{address}/stages").json()["results"]) == 4
    assert wire.get(f"{address}/stages/148662292").json()["label"] == "Offer sent"
    assert wire.get(f"{address}/stages/closedwon").status_code == 404
    assert wire.get(f"/crm/pipelines/{VERSION}/deals/none").status_code == 404


# --- Segments ---------------------------------------------------------------------------------------------------------
def _search(wire: Wire, **more: Any) -> dict[str, Any]:
    body = {"query": "", "offset": 0, "count": 100, "processingTypes": [], "listIds": [], "additionalProperties": []}
    found: dict[str, Any] = wire.post(f"{LISTS}/search", body | more).json()
    return found


def test_lists_of_companies(wire: Wire) -> None:
    found = _search(wire, objectTypeId="0-2")

    assert [one["name"] for one in found["lists"]] == ["Active customers (CS)", "EMEA key accounts", "Onboarding"]
    assert (found["total"], found["offset"], found["hasMore"]) == (3, 3, False)


@pytest.mark.parametrize(
    ("more", "expected"),
    [({"query": "emea"}, ["12"]), ({"processingTypes": ["MANUAL"]}, ["15"]), ({"listIds": ["13", "15"]}, ["13", "15"]),
     ({"count": 2}, ["11", "12"]), ({"count": 2, "offset": 4}, ["15"])],
)  # fmt: skip
def test_lists_are_searched(wire: Wire, more: dict[str, Any], expected: list[str]) -> None:
    assert [one["listId"] for one in _search(wire, **more)["lists"]] == expected


def test_members_of_a_list_come_in_pages(lifelike: Wire) -> None:
    found: list[str] = []
    after: str | None = None
    while True:
        body = lifelike.get(f"{LISTS}/11/memberships", limit=250, **({"after": after} if after else {})).json()
        found += [one["recordId"] for one in body["results"]]
        if "paging" not in body:
            break
        after = body["paging"]["next"]["after"]

    wanted = where("lifecyclestage", "IN", ["customer", "evangelist"])
    by_search = lifelike.search("companies", wanted).json()["total"]
    assert len(found) == len(set(found)) == by_search > 250
    [told_of] = _search(lifelike, listIds=["11"])["lists"]
    assert told_of["additionalProperties"]["hs_list_size"] == str(by_search)


def test_member_leaves_with_its_stage(crm: PracticeHubSpot, wire: Wire) -> None:
    company = crm.create("companies", name="X", customer_stage="Onboarding")
    members = f"{LISTS}/13/memberships"
    assert company in [one["recordId"] for one in wire.get(members).json()["results"]]

    crm.edit("companies", company, customer_stage="Growth")

    assert company not in [one["recordId"] for one in wire.get(members).json()["results"]]


def test_list_is_deleted(crm: PracticeHubSpot, wire: Wire) -> None:
    assert wire.get(f"{LISTS}/13").json()["list"]["name"] == "Onboarding"
    crm.control(delete_list="Onboarding")

    assert told(wire.get(f"{LISTS}/13"))[:2] == (404, "OBJECT_NOT_FOUND")
    assert wire.get(f"{LISTS}/13/memberships").status_code == 404


def test_list_is_added_and_changed(crm: PracticeHubSpot, wire: Wire, clock: Clock) -> None:
    members = ids(wire.page("contacts", limit=2))
    crm.control(
        add_list={"name": "By hand", "objectTypeId": "contacts", "processingType": "MANUAL", "members": members[:1]}
    )

    crm.control(set_list={"By hand": {"members": members}})

    [found] = _search(wire, query="by hand")["lists"]
    assert found["additionalProperties"]["hs_list_size"] == "2"
    assert [one["recordId"] for one in wire.get(f"{LISTS}/{found['listId']}/memberships").json()["results"]] == members


def test_no_custom_object_and_every_standard_one(wire: Wire) -> None:
    assert wire.get("/crm/v3/schemas").json() == {"results": []}
    found = wire.get(f"/crm-object-schemas/{VERSION}/schemas/contacts").json()
    assert (found["objectTypeId"], found["name"]) == ("0-1", "CONTACT")
    assert {
        "id": "279",
        "fromObjectTypeId": "0-1",
        "toObjectTypeId": "0-2",
        "name": "contact_to_company_unlabeled",
    } in found["associations"]
    assert wire.get(f"/crm-object-schemas/{VERSION}/schemas/2-1").status_code == 404
