"""Links: reading them for many records, making them of every kind, the tree of companies."""

from typing import Any

import pytest

from integrations.rehearsal.practice_hubspot import PracticeHubSpot

from .signing_in import exchange
from .wire import VERSION, Answer, Clock, Wire, ids, told


def _typed(start: str, end: str, number: int) -> dict[str, Any]:
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number}]
    return {"from": {"id": start}, "to": {"id": end}, "types": types}


def _parent(wire: Wire, child: str, parent: str) -> Answer:
    return wire.link("companies", "companies", "create", [_typed(child, parent, 14)])


def _value(wire: Wire, company: str, name: str) -> str | None:
    found: str | None = wire.one("companies", company, properties=name).json()["properties"][name]
    return found


def test_links_of_many_records_in_one_call(wire: Wire) -> None:
    companies = ids(wire.page("companies", limit=12))

    answer = wire.link("companies", "contacts", "read", [{"id": one} for one in companies])

    results = answer.json()["results"]
    assert (answer.status_code, len(results)) == (200, 12)
    assert {one["from"]["id"] for one in results} == set(companies)
    assert all(len(one["to"]) == 2 for one in results)
    first = results[0]["to"][0]
    assert isinstance(first["toObjectId"], int)
    assert first["associationTypes"] == [
        {"category": "HUBSPOT_DEFINED", "typeId": 2, "label": "Primary"},
        {"category": "HUBSPOT_DEFINED", "typeId": 280, "label": None},
    ]  # fmt: skip


def test_record_without_links_is_an_error_and_no_failure(wire: Wire) -> None:
    linked = ids(wire.page("companies"))[0]
    alone = wire.crm.create("companies", name="Alone")

    answer = wire.link("companies", "contacts", "read", [{"id": linked}, {"id": alone}])

    assert answer.status_code == 207
    assert [one["from"]["id"] for one in answer.json()["results"]] == [linked]
    assert answer.json()["errors"] == [{
        "status": "error", "category": "OBJECT_NOT_FOUND", "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No contact is associated with company {alone}.",
        "context": {"fromObjectId": [alone], "fromObjectType": ["company"], "toObjectType": ["contact"]},
    }]  # fmt: skip


@pytest.mark.parametrize(("count", "status"), [(1000, 207), (1001, 400)])
def test_a_thousand_records_at_most(wire: Wire, count: int, status: int) -> None:
    assert wire.link("companies", "contacts", "read", [{"id": str(n)} for n in range(count)]).status_code == status


@pytest.mark.parametrize("count", [499, 500, 501])
def test_five_hundred_links_a_page(empty: Wire, count: int) -> None:
    company = empty.crm.create("companies", name="Hub")
    contacts = [empty.crm.create("contacts", firstname=str(n)) for n in range(count)]
    links = [{"from": ["contacts", one], "to": ["companies", company], "type": 279} for one in contacts]
    empty.crm.control(associate=links)

    [first] = empty.link("companies", "contacts", "read", [{"id": company}]).json()["results"]

    assert len(first["to"]) == min(count, 500)
    assert ("paging" in first) == (count > 500)
    if count > 500:
        after = first["paging"]["next"]["after"]
        [second] = empty.link("companies", "contacts", "read", [{"id": company, "after": after}]).json()["results"]
        assert len({one["toObjectId"] for one in first["to"] + second["to"]}) == count
        assert "paging" not in second


@pytest.mark.parametrize(
    ("start", "end", "number", "back"),
    [("contacts", "companies", 279, 280), ("deals", "companies", 341, 342), ("deals", "contacts", 3, 4),
     ("notes", "companies", 190, 189), ("calls", "contacts", 194, 193), ("emails", "deals", 210, 209),
     ("meetings", "companies", 188, 187), ("tasks", "contacts", 204, 203), ("companies", "companies", 450, 450)],
)  # fmt: skip
def test_kinds_of_links_and_their_way_back(wire: Wire, start: str, end: str, number: int, back: int) -> None:
    one, other = wire.crm.create(start), wire.crm.create(end)

    made = wire.link(start, end, "create", [_typed(one, other, number)])

    assert made.status_code == 201
    [returned] = wire.link(end, start, "read", [{"id": other}]).json()["results"]
    [link] = [each for each in returned["to"] if each["toObjectId"] == int(one)]
    assert back in {each["typeId"] for each in link["associationTypes"]}


def test_first_company_becomes_primary_and_a_new_primary_replaces_it(wire: Wire) -> None:
    contact, first, second = wire.crm.create("contacts"), wire.crm.create("companies"), wire.crm.create("companies")

    wire.link(
        "contacts",
        "companies",
        "associate/default",
        [{"from": {"id": contact}, "to": {"id": one}} for one in (first, second)],
    )
    before = wire.one("contacts", contact, properties="associatedcompanyid").json()["properties"]["associatedcompanyid"]
    wire.link("contacts", "companies", "create", [_typed(contact, second, 1)])
    after = wire.one("contacts", contact, properties="associatedcompanyid").json()["properties"]["associatedcompanyid"]

    assert (before, after) == (first, second)
    [told_of] = wire.link("contacts", "companies", "read", [{"id": contact}]).json()["results"]
    types = {str(one["toObjectId"]): [each["typeId"] for each in one["associationTypes"]] for one in told_of["to"]}
    assert types == {first: [279], second: [1, 279]}


@pytest.mark.parametrize("count", [2000, 2001])
def test_two_thousand_links_in_a_call(wire: Wire, count: int) -> None:
    answer = wire.link("contacts", "companies", "create", [_typed("1", "2", 279)] * count)

    assert answer.status_code == (207 if count == 2000 else 400)


def test_wrong_links_are_told_one_by_one(wire: Wire) -> None:
    contact, company = ids(wire.page("contacts"))[0], ids(wire.page("companies"))[0]
    inputs = [_typed(contact, "1", 279), _typed(contact, company, 190), _typed(contact, company, 279)]

    answer = wire.link("contacts", "companies", "create", inputs)

    assert (answer.status_code, len(answer.json()["results"]), answer.json()["numErrors"]) == (207, 1, 2)
    assert [one["message"] for one in answer.json()["errors"]] == [
        "1 is not a valid ID", "Association type 190 does not connect 0-1 to 0-2",
    ]  # fmt: skip


def test_link_is_put_and_taken_off(wire: Wire) -> None:
    contact, company = wire.crm.create("contacts"), wire.crm.create("companies")
    address = f"/crm/objects/{VERSION}/contacts/{contact}/associations"

    put = wire.call("PUT", f"{address}/default/companies/{company}")
    there = wire.get(f"{address}/companies").json()["results"]
    wire.link("contacts", "companies", "archive", [{"from": {"id": contact}, "to": [{"id": company}]}])

    assert put.json()["results"][0]["associationSpec"] == {
        "associationCategory": "HUBSPOT_DEFINED",
        "associationTypeId": 279,
    }
    assert [one["toObjectId"] for one in there] == [int(company)]
    assert wire.get(f"{address}/companies").json()["results"] == []
    assert _value(wire, company, "num_associated_contacts") == "0"


def test_a_hundred_links_are_taken_off_at_most(wire: Wire) -> None:
    inputs = [{"from": {"id": str(n)}, "to": [{"id": "1"}]} for n in range(101)]

    assert wire.link("contacts", "companies", "archive", inputs).status_code == 400
    assert wire.link("contacts", "companies", "archive", inputs[:100]).status_code == 204


def test_labels_of_the_account_stand_beside_those_of_hubspot(wire: Wire) -> None:
    found = wire.get(f"/crm/associations/{VERSION}/contacts/companies/labels").json()["results"]
    own = next(one for one in found if one["category"] == "USER_DEFINED")
    contact, company = ids(wire.page("contacts"))[0], wire.crm.create("companies")

    made = wire.link("contacts", "companies", "create", [_typed(contact, company, own["typeId"])]).json()["results"]

    assert {(one["typeId"], one["label"]) for one in found if one["category"] == "HUBSPOT_DEFINED"} == {
        (1, "Primary"),
        (279, None),
    }
    assert (own["label"], made[0]["labels"]) == ("Billing contact", ["Billing contact"])
    [returned] = wire.link("companies", "contacts", "read", [{"id": company}]).json()["results"]
    assert [each["label"] for each in returned["to"][0]["associationTypes"]] == ["Billing contact"]


# --- The tree ---------------------------------------------------------------------------------------------------------
def test_parent_is_written_by_a_link_and_read_as_a_property(wire: Wire, clock: Clock) -> None:
    child, parent = ids(wire.page("companies"))[:2]
    before = wire.one("companies", child).json()["updatedAt"]
    clock.pass_by(60)

    assert _parent(wire, child, parent).status_code == 201

    assert _value(wire, child, "hs_parent_company_id") == parent
    assert _value(wire, parent, "hs_num_child_companies") == "1"
    assert wire.one("companies", child).json()["updatedAt"] > before
    assert wire.update("companies", child, hs_parent_company_id="").json()["errors"][0]["code"] == "READ_ONLY_VALUE"


def test_company_has_one_parent_and_trees_are_deep(wire: Wire) -> None:
    one, two, three, four = ids(wire.page("companies"))[:4]
    for child, parent in ((two, one), (three, two), (four, one), (four, three)):
        _parent(wire, child, parent)

    assert [_value(wire, company, "hs_parent_company_id") for company in (one, two, three, four)] == [
        None,
        one,
        two,
        three,
    ]
    assert _value(wire, one, "hs_num_child_companies") == "1"


def test_company_is_no_parent_of_itself(wire: Wire) -> None:
    company = ids(wire.page("companies"))[0]

    answer = _parent(wire, company, company)

    assert answer.status_code == 207
    assert answer.json()["errors"][0]["message"] == f"Object {company} cannot be associated to itself ({company})"


def test_plain_link_between_companies_is_no_parent(wire: Wire) -> None:
    one, other = ids(wire.page("companies"))[:2]

    wire.link("companies", "companies", "create", [_typed(one, other, 450)])

    assert _value(wire, one, "hs_parent_company_id") is None


def test_right_to_associate_is_asked_of_people_in_the_newest_version(crm: PracticeHubSpot, wire: Wire) -> None:
    crm.control(may_not_associate=True)
    scopes = "oauth crm.objects.companies.write crm.objects.contacts.write"
    person = Wire(crm, exchange(crm, scope=scopes)["access_token"])
    contact, company = ids(wire.page("contacts"))[0], ids(wire.page("companies"))[0]
    inputs = {"inputs": [_typed(contact, company, 279)]}

    newest = person.post(f"/crm/associations/{VERSION}/contacts/companies/batch/create", inputs)
    older = person.post("/crm/v4/associations/contacts/companies/batch/create", inputs)

    assert told(newest)[:2] == (403, "MISSING_PERMISSIONS")
    assert older.status_code == 201
    assert wire.link("contacts", "companies", "create", inputs["inputs"]).status_code == 201


# --- Malformed, and as older clients ask ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "broken", [{}, {"from": {"id": "1"}}, {"from": {}, "to": {}, "types": []}, {"from": 1, "to": 2, "types": [{}]}]
)
def test_link_that_cannot_be_read_is_refused(wire: Wire, broken: dict[str, Any]) -> None:
    answers = [wire.link("contacts", "companies", verb, [broken]) for verb in ("create", "associate/default")]

    assert all(one.status_code in {207, 400} for one in answers)
    assert all("some of required attributes are not set" in one.text for one in answers)


def test_third_version_names_the_type(wire: Wire) -> None:
    contact, company = wire.crm.create("contacts"), wire.crm.create("companies")
    address = "/crm/v3/associations/contacts/companies"
    link = {"from": {"id": contact}, "to": {"id": company}, "type": "contact_to_company"}

    made = wire.post(f"{address}/batch/create", {"inputs": [link]})
    read = wire.post(f"{address}/batch/read", {"inputs": [{"id": contact}, {"id": "1"}]})
    names = wire.get(f"{address}/types").json()["results"]
    gone = wire.post(f"{address}/batch/archive", {"inputs": [link]})

    assert (made.status_code, made.json()["results"]) == (201, [link])
    assert read.status_code == 207
    assert read.json()["results"] == [{"from": {"id": contact}, "to": [
        {"id": company, "type": "contact_to_company"}, {"id": company, "type": "contact_to_company_unlabeled"},
    ]}]  # fmt: skip
    assert {"id": "1", "name": "contact_to_company"} in names
    assert gone.status_code == 204
    assert (
        wire.one("contacts", contact, properties="associatedcompanyid").json()["properties"]["associatedcompanyid"]
        is None
    )


def test_third_version_refuses_a_type_it_does_not_know(wire: Wire) -> None:
    link = {"from": {"id": "1"}, "to": {"id": "2"}, "type": "friend_of"}

    answer = wire.post("/crm/v3/associations/contacts/companies/batch/create", {"inputs": [link]})

    assert (answer.status_code, answer.json()["errors"][0]["category"]) == (207, "VALIDATION_ERROR")


def test_archived_parent_is_none_until_it_comes_back(wire: Wire) -> None:
    child, parent = ids(wire.page("companies"))[:2]
    _parent(wire, child, parent)

    wire.delete("companies", parent)
    meanwhile = _value(wire, child, "hs_parent_company_id")
    wire.crm.undelete("companies", parent)

    assert (meanwhile, _value(wire, child, "hs_parent_company_id")) == (None, parent)
