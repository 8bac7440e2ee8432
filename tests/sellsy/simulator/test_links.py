from itertools import pairwise

import pytest

from integrations.rehearsal.practice_sellsy import PracticeSellsy
from tests.sellsy.simulator.api import Api, ids
from tests.sellsy.simulator.conftest import Clock

ROLES = ("main_contact_id", "invoicing_contact_id", "dunning_contact_id")


def roles(api: Api) -> list[int | None]:
    company = api.get("/companies/1")
    return [company[name] for name in ROLES]


def test_links_are_many_to_many_and_carry_roles_on_the_company(api: Api) -> None:
    assert api("POST", "/companies/1/contacts/2", {"roles": ["invoicing", "dunning"]}, 201) is None
    assert (ids(api.get("/companies/1/contacts")), ids(api.get("/contacts/2/companies"))) == ([1, 2], [1, 2])
    assert roles(api) == [1, 2, 2]
    assert api("POST", "/companies/1/contacts/2", {"roles": ["main"]}) is None
    assert roles(api) == [2, 2, 2]
    assert api("PUT", "/companies/1/contacts/2", {"roles": ["dunning"]}) is None
    assert roles(api) == [None, None, 2]
    assert api("DELETE", "/companies/1/contacts/2", None, 204) is None
    assert (ids(api.get("/companies/1/contacts")), roles(api)) == ([1], [None, None, None])


def test_a_link_that_is_not_there_cannot_be_changed(api: Api) -> None:
    api.refused("PUT", "/companies/1/contacts/2", {"roles": []}, 404)
    api.refused("DELETE", "/companies/1/contacts/2", None, 404)
    api.refused("POST", "/companies/1/contacts/99", {}, 404)
    api.refused("POST", "/companies/99/contacts/1", {}, 404)
    assert list(api.refused("POST", "/companies/1/contacts/2", {"roles": ["boss"]})["details"]) == ["roles[0]"]


def test_contacts_are_found_by_company_and_by_being_linked(api: Api, practice: PracticeSellsy) -> None:
    lonely = int(practice.create("contact", last_name="Free", email="free@nowhere.example"))

    assert ids(api.search("/contacts", companies=[1, 3])) == [1, 3]
    assert ids(api.search("/contacts", is_linked=False)) == [lonely]
    assert ids(api.search("/contacts", is_linked=True)) == [1, 2, 3]
    assert ids(api.search("/contacts", last_name="free", email="FREE@nowhere.example")) == [lonely]
    assert "company_id" not in api.get("/contacts/1")


def test_a_contact_is_made_changed_and_deleted_and_its_stamp_is_called_updated(api: Api, clock: Clock) -> None:
    made = api("POST", "/contacts", {"last_name": "Orlyk", "civility": "mr", "owner_id": 2, "id": 77}, 201)
    clock.move(5)
    changed = api("PUT", f"/contacts/{made['id']}", {"position": "Hetman"})

    assert (made["id"], made["owner"]["id"], "updated_at" in made) == (4, 2, False)
    assert changed["updated"] == "2026-11-26T10:00:05+01:00"
    assert ids(api.search("/contacts", updated={"start": "2026-11-26T09:00:05Z"})) == [4]
    assert list(api.refused("POST", "/contacts/search", {"filters": {"updated_at": {}}})["details"]) == [
        "filters.updated_at"
    ]
    api.refused("POST", "/contacts", {"last_name": "x", "company_id": 1})
    api("POST", "/companies/1/contacts/4", {"roles": ["main"]}, 201)
    api("DELETE", "/contacts/4", None, 204)
    assert (roles(api)[0], ids(api.get("/companies/1/contacts"))) == (None, [1])


@pytest.mark.parametrize(("quiet", "moved"), [(False, True), (True, False)])
def test_links_values_addresses_and_tags_move_the_stamp_or_not(
    api: Api, practice: PracticeSellsy, clock: Clock, quiet: bool, moved: bool
) -> None:
    practice.control(quiet_values=quiet)
    stamps = [api.get("/companies/1")["updated_at"]]
    address = {"name": "Ici", "address_line_1": "1", "postal_code": "75010", "city": "Paris", "country_code": "FR"}
    for method, path, sent, status in (
        ("POST", "/companies/1/contacts/2", {}, 201),
        ("PUT", "/companies/1/custom-fields", [{"id": 10, "value": "Print"}], 200),
        ("POST", "/companies/1/addresses", address, 201),
        ("POST", "/companies/1/smart-tags", [{"value": "vip"}], 200),
    ):
        clock.move(10)
        api(method, path, sent, status)
        stamps.append(api.get("/companies/1")["updated_at"])

    assert [before != after for before, after in pairwise(stamps)] == [moved] * 4


def test_contacts_name_all_their_plain_embeds_once_one_is_asked_for(api: Api) -> None:
    assert "_embed" not in api.get("/contacts/1")
    assert api.get("/contacts/1?embed[]=opportunities")["_embed"] == {
        "smart_tags": None, "invoicing_address": None, "delivery_address": None, "opportunities": 0, "estimates": None,
        "invoices": None, "orders": None, "deliveries": None, "acl": None,
    }  # fmt: skip


def test_tags_are_matched_without_case_or_accents_and_replaced_as_a_whole(api: Api) -> None:
    first = api("POST", "/companies/1/smart-tags", [{"value": "Été"}, {"value": "vip"}])["data"]
    again = api("POST", "/contacts/1/smart-tags", [{"value": "ETE"}])["data"]
    by_id = api("POST", "/companies/1/smart-tags", [{"id": first[1]["id"]}])["data"]

    assert again == [first[0]]
    assert by_id == [first[1]] == api.get("/companies/1/smart-tags")["data"]
    assert api.get("/smart-tags/contact/autocomplete?q=et")["data"] == [first[0]]
    assert api.get("/smart-tags/company/autocomplete?q=et")["data"] == []
    api.refused("POST", "/companies/1/smart-tags", [{"name": "x"}])
    api("DELETE", f"/smart-tags/{first[1]['id']}")
    assert api.get("/companies/1/smart-tags")["data"] == []


def test_company_three_and_contact_three_are_two_things(api: Api) -> None:
    made = [api("POST", path, sent, 201)["id"] for path, sent in (
        ("/companies", {"type": "client", "name": "x"}), ("/contacts", {"last_name": "y"}),
        ("/individuals", {"type": "client", "last_name": "z"}),
    )]  # fmt: skip
    assert made == [4, 4, 1]
