"""What a delta sees: equal stamps, deletions that leave no trace, merges, and a colleague's work behind the API's back."""

from collections.abc import Callable

import pytest

from integrations.rehearsal.practice_sellsy import PracticeSellsy
from tests.sellsy.simulator.api import Api, ids
from tests.sellsy.simulator.conftest import Clock


def changed_since(api: Api, start: str, limit: int = 2) -> list[int]:
    body = {"filters": {"updated_at": {"start": start}}}
    return [one["id"] for page in api.pages("/companies/search?order=updated_at", limit, body) for one in page]


def test_a_delta_reads_every_record_of_one_second(small: Callable[..., PracticeSellsy], clock: Clock) -> None:
    practice = small(5, contacts_per=0)
    api = Api(practice)
    for number in (5, 3, 1, 4):
        practice.edit("company", str(number), note="changed")

    assert changed_since(api, "2026-11-26T09:00:00Z") == [1, 3, 4, 5]
    assert changed_since(api, "2026-11-26T10:00:00+01:00", limit=4) == [1, 3, 4, 5]
    assert changed_since(api, "2026-11-26T09:00:01Z") == []


def test_parts_of_a_second_are_not_kept(api: Api, practice: PracticeSellsy, clock: Clock) -> None:
    clock.move(0.9)
    practice.edit("company", "1", note="x")

    assert api.get("/companies/1")["updated_at"] == "2026-11-26T10:00:00+01:00"
    assert changed_since(api, "2026-11-26T09:00:00Z") == [1]


def test_stamps_follow_the_accounts_own_summer(api: Api, practice: PracticeSellsy, clock: Clock) -> None:
    clock.move(-150 * 86_400)
    practice.edit("company", "1", note="x")
    clock.move(150 * 86_400)
    assert api.get("/companies/1")["updated_at"] == "2026-06-29T11:00:00+02:00"


def test_our_own_writes_come_back_as_changes(api: Api, clock: Clock) -> None:
    clock.move(10)
    api("PUT", "/companies/2/custom-fields", [{"id": 10, "value": "Print"}])
    assert changed_since(api, "2026-11-26T09:00:10Z") == [2]


def test_a_deletion_leaves_no_trace_and_can_only_be_noticed(api: Api, practice: PracticeSellsy) -> None:
    practice.delete("company", "2")

    api.refused("GET", "/companies/2", status=404)
    assert ids(api.get("/companies?field[]=id&limit=100")) == [1, 3]
    assert ids(api.search("/companies", id=[1, 2, 3])) == [1, 3]
    assert ids(api.get("/contacts/2/companies")) == []
    api.refused("GET", "/companies/2/contacts", status=404)
    practice.undelete("company", "2")
    assert ids(api.get("/companies/2/contacts")) == [2]


def test_archived_ones_stay_in_the_list(api: Api, practice: PracticeSellsy) -> None:
    practice.edit("company", "1", is_archived=True)
    assert (ids(api.get("/companies")), api.get("/companies/1")["is_archived"]) == ([1, 2, 3], True)


def test_the_loser_of_a_merge_is_simply_gone_and_its_things_move(
    api: Api, practice: PracticeSellsy, clock: Clock
) -> None:
    deal = {"name": "Plan", "pipeline": 1, "step": 1, "related": [{"id": 2, "type": "company"}]}
    api("POST", "/opportunities", deal, 201)
    api("POST", "/comments", {"description": "x", "related": [{"id": 2, "type": "company"}]}, 201)
    clock.move(60)
    practice.merge("company", "1", "2")

    api.refused("GET", "/companies/2", status=404)
    assert ids(api.get("/companies/1/contacts")) == [1, 2]
    assert (api.get("/opportunities/1")["company_id"], api.get("/comments/1")["company_id"]) == (1, 1)
    assert api.get("/companies/1")["updated_at"] == "2026-11-26T10:01:00+01:00"
    assert ids(api.search("/activities", object_related={"type": "company", "id": 1})) != []


def test_merged_contacts_keep_their_roles(api: Api, practice: PracticeSellsy) -> None:
    practice.merge("contact", "1", "2", "3")

    assert [api.get(f"/companies/{n}")["main_contact_id"] for n in (1, 2, 3)] == [1, 1, 1]
    assert ids(api.get("/contacts/1/companies")) == [1, 2, 3]
    assert ids(api.get("/contacts")) == [1]


def test_a_colleague_is_not_checked_and_links_as_it_pleases(api: Api, practice: PracticeSellsy) -> None:
    number = practice.create("contact", last_name="Odd", email="not a mail", companies=[1, 2], tags=["vip"])
    assert ids(api.get(f"/contacts/{number}/companies")) == [1, 2]
    assert [one["value"] for one in api.get(f"/contacts/{number}/smart-tags")["data"]] == ["vip"]
    practice.edit("contact", number, companies=[3])
    assert ids(api.get(f"/contacts/{number}/companies")) == [3]
    practice.delete("contact", "1")
    assert api.get("/companies/1")["main_contact_id"] is None


@pytest.mark.parametrize(("verb", "body"), [("create", {"object": "lead"}), ("burn", {"object": "company", "id": "1"})])
def test_what_cannot_be_changed_is_refused(practice: PracticeSellsy, verb: str, body: dict[str, str]) -> None:
    answered = practice.session().post(f"https://localhost/_control/{verb}", json=body, headers={"Host": "localhost"})
    assert answered.status_code in {400, 404}


def test_a_new_world_takes_everything_back(api: Api, practice: PracticeSellsy) -> None:
    api("POST", "/companies", {"type": "client", "name": "x"}, 201)
    practice.control(reset_world=True, unlimited=True)
    api.sign_in()
    assert ids(api.get("/companies")) == [1, 2, 3]
    assert api("POST", "/companies", {"type": "client", "name": "x"}, 201)["id"] == 4
