"""Reading: lists and their pages, single records, batches, history, what is archived."""

import pytest

from integrations.rehearsal.practice_hubspot import PracticeHubSpot

from .wire import Clock, Wire, ids, told


def _made(wire: Wire, count: int) -> list[str]:
    return [wire.crm.create("companies", name=f"Company {n}") for n in range(count)]


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11])
def test_pages_hold_ten_unless_asked(empty: Wire, count: int) -> None:
    made = _made(empty, count)

    first = empty.page("companies")

    assert len(ids(first)) == min(count, 10)
    assert ("paging" in first.json()) == (count > 10)
    if count > 10:
        rest = empty.page("companies", after=first.json()["paging"]["next"]["after"])
        assert sorted(ids(first) + ids(rest)) == sorted(made)
        assert "paging" not in rest.json()


@pytest.mark.parametrize("count", [99, 100, 101])
def test_page_holds_a_hundred_at_most(empty: Wire, count: int) -> None:
    made = _made(empty, count)

    first = empty.page("companies", limit=100)

    assert len(ids(first)) == min(count, 100)
    assert ("paging" in first.json()) == (count > 100)
    assert set(ids(first)) <= set(made)


def test_order_is_that_of_ids_not_of_age(empty: Wire) -> None:
    made = _made(empty, 15)

    found = ids(empty.page("companies", limit=100))

    assert found == sorted(made, key=int)
    assert found != made


def test_after_is_the_last_id_and_one(wire: Wire) -> None:
    first = wire.page("companies", limit=3)

    following = first.json()["paging"]["next"]

    assert following["after"] == str(int(ids(first)[-1]) + 1)
    assert (
        following["link"] == f"https://api.hubapi.com/crm/objects/2026-09/companies?limit=3&after={following['after']}"
    )


def test_record_deleted_between_pages_shifts_nothing(wire: Wire) -> None:
    first = wire.page("companies", limit=6)
    wire.crm.delete("companies", ids(first)[0])

    second = wire.page("companies", limit=6, after=first.json()["paging"]["next"]["after"])

    assert len(set(ids(first) + ids(second))) == 12


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten"])
def test_limit_out_of_range_is_refused(wire: Wire, limit: str) -> None:
    assert told(wire.page("companies", limit=limit))[:2] == (400, "VALIDATION_ERROR")


def test_history_allows_fifty_only(wire: Wire) -> None:
    assert wire.page("companies", limit=50, propertiesWithHistory="name").status_code == 200
    assert wire.page("companies", limit=51, propertiesWithHistory="name").status_code == 400


def test_defaults_come_unasked(wire: Wire) -> None:
    defaults = {
        "companies": {"name", "domain", "createdate", "hs_lastmodifieddate", "hs_object_id"},
        "contacts": {"email", "firstname", "lastname", "createdate", "lastmodifieddate", "hs_object_id"},
    }

    found = {kind: set(wire.page(kind, limit=1).json()["results"][0]["properties"]) for kind in defaults}

    assert found == defaults


def test_empty_is_null_and_unknown_is_left_out(wire: Wire) -> None:
    record = wire.page("companies", limit=1, properties="zip,unheard_of").json()["results"][0]

    assert record["properties"]["zip"] is None
    assert "unheard_of" not in record["properties"]
    assert "name" not in record["properties"]


def test_properties_are_joined_or_repeated(wire: Wire) -> None:
    joined = wire.page("companies", properties="name,city").json()["results"]
    repeated = wire.page("companies", properties=["name", "city"]).json()["results"]

    assert joined == repeated
    assert "city" in joined[0]["properties"]


def test_record_has_its_stamps_and_its_address(wire: Wire) -> None:
    record = wire.page("contacts", limit=1).json()["results"][0]

    assert record["updatedAt"] == record["properties"]["lastmodifieddate"]
    assert record["createdAt"] == record["properties"]["createdate"]
    assert record["archived"] is False
    assert record["url"] == f"https://app-eu1.hubspot.com/contacts/147000321/record/0-1/{record['id']}"


def test_stamp_has_no_fraction_when_it_is_zero(empty: Wire, clock: Clock) -> None:
    whole = empty.crm.create("companies", name="On the second")
    clock.pass_by(0.259)
    broken = empty.crm.create("companies", name="Between two")

    assert empty.one("companies", whole).json()["createdAt"] == "2026-11-20T09:00:00Z"
    assert empty.one("companies", broken).json()["createdAt"] == "2026-11-20T09:00:00.259Z"


def test_primary_link_comes_twice(wire: Wire) -> None:
    record = wire.page("companies", limit=1, associations="contacts").json()["results"][0]

    links = record["associations"]["contacts"]["results"]

    assert [one["type"] for one in links[:2]] == ["company_to_contact", "company_to_contact_unlabeled"]
    assert len(links) == 4
    assert len({one["id"] for one in links}) == 2


def test_record_without_links_has_no_such_key(wire: Wire) -> None:
    assert "associations" not in wire.page("companies", limit=1, associations="deals").json()["results"][0]


@pytest.mark.parametrize("name", ["companies", "company", "COMPANY", "0-2"])
def test_object_has_several_names(wire: Wire, name: str) -> None:
    assert wire.page(name, limit=1).json() == wire.page("companies", limit=1).json() | {
        "paging": wire.page(name, limit=1).json()["paging"]
    }


@pytest.mark.parametrize(
    "kind", ["companies", "contacts", "deals", "leads", "tickets", "notes", "calls", "emails", "meetings", "tasks"]
)
def test_every_object_is_read(wire: Wire, kind: str) -> None:
    made = wire.crm.create(kind)

    assert wire.page(kind, limit=1).status_code == 200
    assert wire.one(kind, made).json()["id"] == made
    assert made in wire.found(kind, limit=200)


def test_unknown_object_is_refused(wire: Wire) -> None:
    assert told(wire.page("butterflies")) == (400, None, "Unable to infer object type from: butterflies")


def test_old_and_new_addresses_lead_to_the_same(wire: Wire) -> None:
    answers = [wire.get(f"/crm/{path}").json()["results"] for path in (
        "v3/objects/companies", "objects/2026-03/companies", "objects/2026-09/companies",
    )]  # fmt: skip

    assert answers[0] == answers[1] == answers[2]
    assert wire.get("/crm/objects/2031-03/companies").status_code == 404


def test_get_by_unique_property(wire: Wire) -> None:
    email = wire.page("contacts", limit=1).json()["results"][0]["properties"]["email"]

    found = wire.one("contacts", email.upper(), idProperty="email")

    assert found.json()["properties"]["email"] == email


def test_get_by_property_that_is_not_unique_is_refused(wire: Wire) -> None:
    status, category, message = told(wire.one("companies", "x.example", idProperty="domain"))

    assert (status, category) == (400, "VALIDATION_ERROR")
    assert message == "Unable to perform update/upsert by non-unique 0-2 property domain in portal ID 147000321"


def test_unknown_id_is_a_page_unless_json_is_wanted(crm: PracticeHubSpot, wire: Wire) -> None:
    as_json, as_page = wire.one("companies", "1"), Wire(crm, Accept="*/*").one("companies", "1")

    assert told(as_json) == (404, None, "resource not found")
    assert as_page.headers["Content-Type"].startswith("text/html")
    assert as_page.status_code == 404


def test_id_that_is_no_number_is_told_so(wire: Wire) -> None:
    answer = wire.one("companies", "acme")

    assert told(answer) == (404, "OBJECT_NOT_FOUND", "Object not found.  objectId are usually numeric.")
    assert answer.json()["context"] == {"id": ["acme"]}


def test_address_too_long_is_turned_away_at_the_door(wire: Wire) -> None:
    answer = wire.page("companies", properties=",".join(f"property_number_{n}" for n in range(900)))

    assert answer.status_code == 414
    assert answer.headers["Content-Type"].startswith("text/html")


# --- Batches ----------------------------------------------------------------------------------------------------------
def test_batch_read_finds_all(wire: Wire) -> None:
    wanted = ids(wire.page("companies", limit=12))

    answer = wire.batch("companies", "read", [{"id": one} for one in wanted], properties=["name"])

    assert answer.status_code == 200
    assert sorted(ids(answer)) == sorted(wanted)
    assert "errors" not in answer.json()


def test_batch_read_of_missing_ids_is_207(wire: Wire) -> None:
    there = ids(wire.page("companies", limit=1))[0]

    answer = wire.batch("companies", "read", [{"id": "1"}, {"id": there}, {"id": "2"}])

    assert answer.status_code == 207
    assert ids(answer) == [there]
    [error] = answer.json()["errors"]
    assert (error["category"], error["context"]) == ("OBJECT_NOT_FOUND", {"ids": ["1", "2"]})
    assert answer.json()["numErrors"] == 1


def test_batch_read_by_address(wire: Wire) -> None:
    people = wire.page("contacts", limit=2).json()["results"]

    answer = wire.batch(
        "contacts", "read", [{"id": one["properties"]["email"].upper()} for one in people], idProperty="email"
    )

    assert sorted(ids(answer)) == sorted(one["id"] for one in people)


@pytest.mark.parametrize(("count", "more", "status"), [
    (100, {}, 207), (101, {}, 400), (50, {"propertiesWithHistory": ["name"]}, 207),
    (51, {"propertiesWithHistory": ["name"]}, 400),
])  # fmt: skip
def test_batch_read_takes_a_hundred_or_fifty_with_history(
    wire: Wire, count: int, more: dict[str, list[str]], status: int
) -> None:
    answer = wire.batch("companies", "read", [{"id": str(n)} for n in range(count)], **more)

    assert answer.status_code == status
    if status == 400:
        most = 50 if more else 100
        assert answer.json()["message"] == (
            f"The maximum number of inputs supported in a batch is {most}. "
            "Please reduce the number of items and try again"
        )


def test_history_tells_the_newest_first(wire: Wire, clock: Clock) -> None:
    company = wire.create("companies", name="One").json()["id"]
    clock.pass_by(5)
    wire.update("companies", company, name="Two")

    record = wire.one("companies", company, propertiesWithHistory="name").json()

    assert [one["value"] for one in record["propertiesWithHistory"]["name"]] == ["Two", "One"]
    assert record["properties"]["name"] == "Two"


# --- Archived ---------------------------------------------------------------------------------------------------------
def test_archived_record_is_found_only_when_asked_for(wire: Wire) -> None:
    gone = ids(wire.page("companies", limit=1))[0]
    assert wire.delete("companies", gone).status_code == 204

    assert wire.one("companies", gone).status_code == 404
    assert gone not in ids(wire.page("companies", limit=100))
    [archived] = wire.page("companies", archived="true").json()["results"]
    assert (archived["id"], archived["archived"]) == (gone, True)
    assert archived["archivedAt"] == "2026-11-20T09:00:00Z"
    assert wire.one("companies", gone, archived="true").json()["archived"] is True


def test_deleting_again_is_answered_the_same(wire: Wire) -> None:
    gone = ids(wire.page("companies", limit=1))[0]

    assert [wire.delete("companies", gone).status_code for _ in range(2)] == [204, 204]
    assert wire.delete("companies", "1").status_code == 204
