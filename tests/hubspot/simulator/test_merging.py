"""What goes away: archived records, records that come back, records that become one."""

import pytest

from integrations.rehearsal.practice_hubspot import PracticeHubSpot

from .wire import Clock, Wire, ids, where


def _merge(wire: Wire, kind: str, primary: str, other: str) -> str:
    answer = wire.post(f"/crm/v3/objects/{kind}/merge", {"primaryObjectId": primary, "objectIdToMerge": other})
    assert answer.status_code == 200, answer.text
    found: str = answer.json()["id"]
    return found


def test_merged_companies_are_a_new_one(wire: Wire, clock: Clock) -> None:
    one = wire.create("companies", name="One", city="Lyon").json()["id"]
    two = wire.create("companies", name="Two", country="France").json()["id"]
    clock.pass_by(60)

    merged = _merge(wire, "companies", one, two)

    assert merged not in {one, two}
    record = wire.one("companies", merged, properties="name,city,country,hs_merged_object_ids").json()
    assert [record["properties"][name] for name in ("name", "city", "country")] == ["One", "Lyon", "France"]
    assert record["properties"]["hs_merged_object_ids"] == f"{one};{two}"
    assert record["updatedAt"] == "2026-11-20T09:01:00Z"


def test_old_ids_answer_with_the_new_record(wire: Wire) -> None:
    one, two = ids(wire.page("companies"))[:2]
    merged = _merge(wire, "companies", one, two)

    assert [wire.one("companies", old).json()["id"] for old in (one, two)] == [merged, merged]
    batch = wire.batch("companies", "read", [{"id": one}])
    assert (batch.status_code, ids(batch)) == (200, [merged])
    assert wire.update("companies", two, name="By its old id").json()["id"] == merged


def test_lists_and_searches_know_the_new_one_only(wire: Wire) -> None:
    one, two = ids(wire.page("companies"))[:2]
    merged = _merge(wire, "companies", one, two)

    for found in (ids(wire.page("companies", limit=100)), wire.found("companies", limit=200)):
        assert merged in found
        assert not {one, two} & set(found)
        assert len(found) == 11
    assert ids(wire.page("companies", archived="true")) == []


def test_links_of_both_move_over(wire: Wire) -> None:
    one, two = ids(wire.page("companies"))[:2]
    people = {
        contact
        for company in (one, two)
        for contact in wire.found("contacts", where("associations.company", "EQ", company))
    }

    merged = _merge(wire, "companies", one, two)

    assert set(wire.found("contacts", where("associations.company", "EQ", merged))) == people
    found = wire.one("companies", merged, properties="num_associated_contacts").json()["properties"]
    assert found["num_associated_contacts"] == "4"


def test_child_merged_into_its_parent_is_no_parent_of_itself(wire: Wire) -> None:
    parent, child, grandparent = ids(wire.page("companies"))[:3]
    links = [
        {"from": ["companies", one], "to": ["companies", other], "type": 14}
        for one, other in ((child, parent), (parent, grandparent))
    ]
    wire.crm.control(associate=links)

    merged = _merge(wire, "companies", child, parent)

    found = wire.one("companies", merged, properties="hs_parent_company_id").json()["properties"]
    assert found["hs_parent_company_id"] == grandparent
    children = wire.one("companies", grandparent, properties="hs_num_child_companies").json()["properties"]
    assert children["hs_num_child_companies"] == "1"


def test_merging_twice_keeps_every_old_id(wire: Wire) -> None:
    one, two, three = ids(wire.page("companies"))[:3]

    last = _merge(wire, "companies", _merge(wire, "companies", one, two), three)

    assert [wire.one("companies", old).json()["id"] for old in (one, two, three)] == [last] * 3


def test_second_address_of_a_merged_contact_is_kept(wire: Wire) -> None:
    one = wire.create("contacts", email="one@x.example", firstname="Ada").json()["id"]
    two = wire.create("contacts", email="two@x.example").json()["id"]

    merged = _merge(wire, "contacts", one, two)

    found = wire.one("contacts", merged, properties="email,hs_additional_emails").json()["properties"]
    assert (found["email"], found["hs_additional_emails"]) == ("one@x.example", "two@x.example")


@pytest.mark.parametrize("other", ["same", "1"])
def test_merging_with_itself_or_nobody_is_refused(wire: Wire, other: str) -> None:
    one = ids(wire.page("companies"))[0]

    body = {"primaryObjectId": one, "objectIdToMerge": one if other == "same" else other}

    assert wire.post("/crm/v3/objects/companies/merge", body).status_code == 400
    assert wire.one("companies", one).json()["id"] == one


# --- Behind the API's back --------------------------------------------------------------------------------------------
def test_colleague_merges(crm: PracticeHubSpot, wire: Wire) -> None:
    one, two, three = ids(wire.page("companies"))[:3]

    crm.merge("companies", one, two, three)

    found = {wire.one("companies", old).json()["id"] for old in (one, two, three)}
    assert len(found) == 1
    assert not found & {one, two, three}


def test_colleague_deletes_and_brings_back(crm: PracticeHubSpot, wire: Wire, clock: Clock) -> None:
    contact = ids(wire.page("contacts"))[0]
    company = wire.one("contacts", contact, properties="associatedcompanyid").json()["properties"][
        "associatedcompanyid"
    ]
    count = {"properties": "num_associated_contacts"}

    crm.delete("contacts", contact)
    alone = wire.one("companies", company, **count).json()["properties"]["num_associated_contacts"]
    clock.pass_by(60)
    crm.undelete("contacts", contact)

    assert alone == "1"
    assert wire.one("companies", company, **count).json()["properties"]["num_associated_contacts"] == "2"
    record = wire.one("contacts", contact).json()
    assert (record["archived"], record["updatedAt"]) == (False, "2026-11-20T09:01:00Z")


def test_colleague_writes_what_the_api_refuses(crm: PracticeHubSpot, wire: Wire) -> None:
    company = crm.create(
        "companies", name="Odd", customer_stage="Unheard of", hs_parent_company_id=ids(wire.page("companies"))[0]
    )
    crm.edit("companies", company, annual_spend="1e9")

    found = wire.one("companies", company, properties="customer_stage,annual_spend,hs_parent_company_id").json()[
        "properties"
    ]
    assert (found["customer_stage"], found["annual_spend"]) == ("Unheard of", "1e9")
    assert found["hs_parent_company_id"] == ids(wire.page("companies"))[0]
