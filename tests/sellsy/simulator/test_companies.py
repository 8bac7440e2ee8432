from typing import Any

import pytest

from integrations.rehearsal.practice_sellsy import PracticeSellsy
from tests.sellsy.simulator.api import Api, ids
from tests.sellsy.simulator.conftest import Clock


@pytest.mark.parametrize(
    ("path", "sent", "named"),
    [
        ("/companies", {"name": "Only a name"}, "type"),
        ("/companies", {"type": "client"}, "name"),
        ("/contacts", {"first_name": "x"}, "last_name"),
        ("/individuals", {"type": "client"}, "last_name"),
    ],
)
def test_what_is_required_is_named(api: Api, path: str, sent: dict[str, Any], named: str) -> None:
    refused = api.refused("POST", path, sent)

    assert refused["details"] == {named: "Ce champ est manquant"}
    assert refused["message"] == f"Le contenu de la requête est invalide: le champ '{named}' est manquant."


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("type", "lead"),
        ("name", "x" * 251),
        ("name", None),
        ("email", "no mail"),
        ("website", "no site"),
        ("is_archived", "true"),
        ("owner_id", "1"),
        ("owner_id", 999),
        ("reference", "r" * 101),
        ("marketing_campaigns_subscriptions", ["letters"]),
        ("number_of_employees", 99),
        ("owner", {"id": 1}),
        ("main_contact_id", 1),
        ("parent_id", 1),
        ("updated_at", "2026-01-01T00:00:00Z"),
    ],
)
def test_a_value_that_does_not_fit_is_named_and_nothing_is_made(api: Api, name: str, value: Any) -> None:
    refused = api.refused("POST", "/companies", {"type": "client", "name": "x", name: value})

    assert [one.partition("[")[0] for one in refused["details"]] == [name]
    assert api.get("/companies?limit=0")["pagination"]["total"] == 3


def test_all_that_is_wrong_is_said_at_once(api: Api) -> None:
    sent = {"type": "lead", "legal_france": {"siret": "1", "rank": 1}, "email": "x"}
    assert list(api.refused("POST", "/companies", sent)["details"]) == [
        "name", "type", "legal_france.siret", "legal_france.rank", "email",
    ]  # fmt: skip


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"'])
def test_a_body_that_is_no_object_is_refused(api: Api, body: bytes) -> None:
    url = "https://api.sellsy.com/v2/companies"
    answered = api.session.post(url, data=body, headers={"Content-Type": "application/json"})
    assert (answered.status_code, answered.json()["error"]["code"]) == (400, 400)


def test_a_company_is_made_read_changed_and_deleted(api: Api, clock: Clock) -> None:
    sent = {
        "type": "prospect", "name": "Quillport Foods", "email": "info@quillport.example", "website": "www.quillport.example",
        "reference": "AV-77", "number_of_employees": 2, "legal_france": {"siren": "123456789"},
        "marketing_campaigns_subscriptions": ["email"], "social": {"twitter": "https://x.example/q"},
    }  # fmt: skip
    made = api("POST", "/companies", sent, 201)
    clock.move(60)
    changed = api("PUT", f"/companies/{made['id']}", {"note": "new", "social": {"linkedin": "https://l.example/q"}})

    assert (made["id"], made["owner"]) == (4, {"id": 1, "type": "staff"})
    assert made["number_of_employees"] == {"id": 2, "label": "10 à 49"}
    assert (made["created"], made["updated_at"]) == ("2026-11-26T10:00:00+01:00", "2026-11-26T10:00:00+01:00")
    assert changed["updated_at"] == "2026-11-26T10:01:00+01:00"
    assert {**made, "note": "new", "updated_at": changed["updated_at"], "social": changed["social"]} == changed
    assert (changed["social"]["twitter"], changed["social"]["linkedin"]) == (
        "https://x.example/q",
        "https://l.example/q",
    )
    assert api.get(f"/companies/{made['id']}") == changed
    assert api("DELETE", f"/companies/{made['id']}", None, 204) is None
    assert api.refused("GET", f"/companies/{made['id']}", status=404)["message"] == "Not Found"
    assert api("POST", "/companies", {"type": "client", "name": "next"}, 201)["id"] == 5


def test_verifying_checks_and_changes_nothing(api: Api) -> None:
    before = api.get("/companies/1")

    api("POST", "/companies?verify=true", {"type": "client", "name": "x"}, 204)
    api("PUT", "/companies/1?verify=true", {"name": "x"}, 204)
    api.refused("PUT", "/companies/1?verify=true", {"name": 1})
    assert (api.get("/companies/1"), api.get("/companies?limit=0")["pagination"]["total"]) == (before, 3)


def test_nothing_is_unique(api: Api) -> None:
    sent = {"type": "client", "name": "Twin", "email": "t@twin.example", "reference": "TWIN"}
    made = [api("POST", "/companies", sent, 201)["id"] for _ in range(2)]

    assert ids(api.search("/companies", reference=["twin"])) == made


def test_the_type_changes_only_by_converting(api: Api) -> None:
    made = api("POST", "/companies", {"type": "prospect", "name": "x"}, 201)
    api.refused("PUT", f"/companies/{made['id']}", {"type": "client"})
    sent = {"target": "client", "also_enable_custom_fields_on_target": {"mode": "none"}}

    api.refused("POST", f"/companies/{made['id']}/convert", {"target": "client"})
    assert api("POST", f"/companies/{made['id']}/convert", sent)["type"] == "client"
    api.refused("POST", f"/companies/{made['id']}/convert", sent, 409)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"name": "ALPHA"}, [4]),
        ({"name": "alph"}, []),
        ({"email": "A@alpha.example"}, [4]),
        ({"siret": "12345678901234"}, [4]),
        ({"type": "supplier"}, [5]),
        ({"type": ["supplier", "prospect"]}, [4, 5]),
        ({"is_archived": True}, [5]),
        ({"id": [1, 4, 99]}, [1, 4]),
        ({"id": []}, []),
        ({"reference": ["ref-a", "REF-B", "none"]}, [4, 5]),
        ({"contacts": [2]}, [2]),
        ({"number_of_employees": {"min": 2}}, [4]),
        ({"country_code": "FR", "postal_code": ["75010"]}, [4]),
        ({"created": {"start": "2026-11-26T10:00:00+01:00", "end": "2026-11-26T09:00:00Z"}}, [4, 5]),
        ({"updated_at": {"start": "2026-11-26T09:00:01Z"}}, []),
    ],
)
def test_filters_find(api: Api, practice: PracticeSellsy, filters: dict[str, Any], found: list[int]) -> None:
    alpha = {"name": "Alpha", "type": "prospect", "email": "a@alpha.example", "reference": "REF-A"}
    practice.create(
        "company", **alpha, legal_france={"siret": "12345678901234"}, number_of_employees={"id": 3, "label": ""}
    )
    practice.create("company", name="Beta", type="supplier", reference="Ref-B", is_archived=True)
    practice.create("address", parent="company:4", city="Paris", country_code="FR", postal_code="75010")
    # The three of the world are clients or prospects by their seed: named here so that the test says what it counts on.
    for number in ("1", "2", "3"):
        practice.edit("company", number, type="client", is_archived=False)
    filters = {**filters, **({} if "updated_at" not in filters else {"id": [4, 5]})}

    assert ids(api.search("/companies", **filters)) == found


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ({}, "filters"),
        ({"filters": {"city": "Paris"}}, "filters.city"),
        ({"filters": {"updated": {"start": "2026-01-01T00:00:00Z"}}}, "filters.updated"),
        ({"filters": {"updated_at": {"start": "2026-01-01"}}}, "filters.updated_at.start"),
        ({"filters": {"updated_at": {"start": "2026-01-01T00:00:00"}}}, "filters.updated_at.start"),
        ({"filters": {"type": "lead"}}, "filters.type"),
        ({"filters": {"id": "1"}}, "filters.id"),
        ({"filters": {"favourite_filter": 99}}, "filters.favourite_filter"),
        ({"filters": {}, "limit": 5}, "limit"),
    ],
)
def test_a_search_that_cannot_be_understood_is_refused(api: Api, sent: dict[str, Any], named: str) -> None:
    assert list(api.refused("POST", "/companies/search", sent)["details"]) == [named]


def test_saved_views_show_what_their_filters_and_fields_say(reader: Api) -> None:
    views = {one["name"]: one["id"] for one in reader.get("/companies/favourite-filters")["data"]}
    active = [
        one
        for page in reader.pages("/companies/search", 100, {"filters": {"favourite_filter": views["Clients actifs"]}})
        for one in page
    ]
    onboarding = reader.search("/companies?limit=100&embed[]=cf.1", favourite_filter=views["Onboarding"])["data"]

    assert {(one["type"], one["is_archived"]) for one in active} == {("client", False)}
    assert {one["_embed"]["custom_fields"][0]["value"] for one in onboarding} == {1}
    assert len(onboarding) > 5
    assert reader.search("/companies", favourite_filter=views["Rien ici"])["data"] == []
    assert [one["name"] for one in reader.get("/contacts/favourite-filters")["data"]] == ["Contacts liés"]
    assert [one["name"] for one in reader.get("/opportunities/favourite-filters")["data"]] == ["Gagnées"]


def test_addresses_are_reached_through_their_owner_and_name_themselves_on_it(api: Api) -> None:
    sent = {
        "name": "Bureaux",
        "address_line_1": "1 rue Neuve",
        "postal_code": "75010",
        "city": "Paris",
        "country_code": "FR",
    }
    made = api("POST", "/companies/1/addresses", {**sent, "is_delivery_address": True}, 201)

    assert (made["country"], made["is_delivery_address"], made["is_invoicing_address"]) == ("France", True, False)
    assert api.get("/companies/1")["delivery_address_id"] == made["id"]
    assert [one["id"] for one in api.get("/companies/1/addresses")["data"]] == [1, made["id"]]
    assert api("PUT", f"/companies/1/addresses/{made['id']}", {"city": "Lyon"})["city"] == "Lyon"
    api.refused("GET", f"/companies/2/addresses/{made['id']}", status=404)
    assert list(api.refused("POST", "/companies/1/addresses", {"name": "x"})["details"]) == [
        "address_line_1", "postal_code", "city", "country_code", "name",
    ]  # fmt: skip
    api("DELETE", f"/companies/1/addresses/{made['id']}", None, 204)
    assert api.get("/companies/1")["delivery_address_id"] is None


def test_individuals_take_the_same_verbs(api: Api, practice: PracticeSellsy) -> None:
    made = api("POST", "/individuals", {"type": "prospect", "last_name": "Martin", "civility": "ms"}, 201)
    sent = {"target": "client", "also_enable_custom_fields_on_target": {"mode": "all"}}

    assert api("PUT", f"/individuals/{made['id']}", {"first_name": "Zoé"})["first_name"] == "Zoé"
    assert api("POST", f"/individuals/{made['id']}/convert", sent)["type"] == "client"
    assert ids(api.search("/individuals", name="martin", type="client")) == [made["id"]]
    assert ids(api.get("/individuals?order=name")) == [made["id"]]
    practice.edit("contact", "1", individuals=[made["id"]])
    assert ids(api.get(f"/individuals/{made['id']}/contacts")) == [1]
    assert ids(api.search("/contacts", individuals=[made["id"]])) == [1]


def test_embeds_are_told_for_a_whole_page_at_once(reader: Api) -> None:
    wanted = ("main_contact", "invoicing_address", "opportunities", "estimates", "acl", "smart_tags", "owner")
    found = reader.get("/companies?limit=100&" + "&".join(f"embed[]={name}" for name in wanted))["data"]

    assert {tuple(sorted(one["_embed"])) for one in found} == {tuple(sorted(wanted))}
    assert {one["_embed"]["owner"]["id"] == one["owner"]["id"] for one in found} == {True}
    mains = [one for one in found if one["main_contact_id"]]
    assert {one["_embed"]["main_contact"]["id"] == one["main_contact_id"] for one in mains} == {True}
    assert sum(one["_embed"]["opportunities"] for one in found) > 10
    assert (
        {"Stratégique", "À relancer"} >= {tag["value"] for one in found for tag in one["_embed"]["smart_tags"]} > set()
    )
