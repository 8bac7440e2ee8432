"""How the made-up world looks in the portal, and what filling and reading a large one costs."""

import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from integrations.rehearsal.practice_hubspot import PracticeHubSpot
from integrations.rehearsal.world import world

from .wire import Wire, ids, where


def _all(wire: Wire, kind: str, *properties: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = "0"
    while True:
        body = wire.page(kind, limit=100, after=after, properties=",".join(properties)).json()
        found += [one["properties"] | {"id": one["id"]} for one in body["results"]]
        if "paging" not in body:
            return found
        after = body["paging"]["next"]["after"]


def test_every_company_is_there(lifelike: Wire) -> None:
    found = _all(lifelike, "companies", "name", "lifecyclestage")

    assert Counter(one["name"] for one in found) == Counter(one.name for one in world().companies())
    assert {one["lifecyclestage"] for one in found} == {"customer", "evangelist", "opportunity", "other", "94862137"}


def test_address_stands_in_one_contact_only(lifelike: Wire) -> None:
    addresses = [one["email"] for one in _all(lifelike, "contacts", "email") if one["email"]]

    assert len(addresses) == len(set(addresses)) > 1000
    assert all(one == one.lower() for one in addresses)


def test_company_and_contact_share_a_number(lifelike: Wire) -> None:
    assert set(ids(lifelike.page("companies", limit=100))) & {one["id"] for one in _all(lifelike, "contacts", "email")}


def test_tree_is_deep_and_has_no_loop(lifelike: Wire) -> None:
    parents = {one["id"]: one["hs_parent_company_id"] for one in _all(lifelike, "companies", "hs_parent_company_id")}

    def depth(company: str) -> int:
        above = parents[company]
        return 0 if above is None else 1 + depth(above)

    assert max(depth(company) for company in parents) == 3


def test_counts_are_those_of_the_links(lifelike: Wire) -> None:
    names = ("num_associated_contacts", "num_associated_deals", "hs_num_child_companies", "num_notes")
    companies = _all(lifelike, "companies", *names)

    for one in companies[:40]:
        linked = {
            kind: lifelike.search(kind, where("associations.company", "EQ", one["id"]), limit=0).json()["total"]
            for kind in ("contacts", "deals", "companies", "notes", "calls", "meetings", "emails", "tasks")
        }
        activities = sum(linked[kind] for kind in ("notes", "calls", "meetings", "emails", "tasks"))
        assert int(one["num_associated_contacts"] or 0) == linked["contacts"]
        assert int(one["num_associated_deals"] or 0) == linked["deals"]
        assert int(one["num_notes"] or 0) == activities


def test_deals_are_in_both_pipelines_won_and_open(lifelike: Wire) -> None:
    found = _all(
        lifelike, "deals", "pipeline", "hs_is_closed_won", "amount", "deal_currency_code", "contract_start", "plan"
    )

    assert {(one["pipeline"], one["hs_is_closed_won"]) for one in found} == {
        ("default", "true"), ("default", "false"), ("75834610", "true"),
    }  # fmt: skip
    assert {one["deal_currency_code"] for one in found} == {"EUR", "GBP", "USD"}
    assert {one["plan"] for one in found} == {"starter", "team", "business", "enterprise"}


def test_activities_of_every_kind(lifelike: Wire) -> None:
    counts = {
        kind: lifelike.search(kind, limit=0).json()["total"]
        for kind in ("notes", "calls", "meetings", "emails", "tasks")
    }

    assert all(count > 20 for count in counts.values())
    mail = _all(lifelike, "emails", "hs_email_headers", "hs_email_direction")[0]
    assert '"from"' in mail["hs_email_headers"]


def test_stage_of_the_teams_own_has_a_number(lifelike: Wire) -> None:
    found = lifelike.get("/crm/v3/properties/companies/lifecyclestage").json()

    assert found["options"][-1] == {"label": "Former customer", "value": "94862137", "displayOrder": 8, "hidden": False}
    assert found["hubspotDefined"] is True


def test_portal_is_kept_in_its_file(tmp_path: Path) -> None:
    with PracticeHubSpot(tmp_path, accounts=3) as first:
        made = first.create("companies", name="Kept")
        first.control(tier="free")

    with PracticeHubSpot(tmp_path, accounts=3) as second:
        answer = Wire(second).one("companies", made)
        count = len(ids(Wire(second).page("companies", limit=100)))

    assert answer.json()["properties"]["name"] == "Kept"
    assert answer.headers["X-HubSpot-RateLimit-Max"] == "100"
    assert count == 4


def test_values_nobody_would_take_are_there(lifelike: Wire) -> None:
    stages = {one["customer_stage"] for one in _all(lifelike, "companies", "customer_stage")}
    roles = {one["hs_buying_role"] for one in _all(lifelike, "contacts", "hs_buying_role")}

    assert "Legacy (do not use)" in stages
    assert {"GATEKEEPER", "INFLUENCER;END_USER"} <= roles


def _reads(wire: Wire, call: Callable[[], object]) -> int:
    """How many statements of a call look at records or links."""
    seen: list[str] = []
    wire.crm.store._db.set_trace_callback(seen.append)
    call()
    wire.crm.store._db.set_trace_callback(None)
    return len([one for one in seen if "_record" in one or "_link" in one or "_earlier" in one])


def test_large_world_takes_seconds_and_its_pages_few_statements(tmp_path: Path) -> None:
    started = time.process_time()
    with PracticeHubSpot(tmp_path, accounts=10_000, contacts_per=2) as crm:
        filled = time.process_time() - started
        crm.control(unlimited=True)
        wire = Wire(crm)
        pages = [_reads(wire, partial(wire.page, "companies", limit=n, associations="contacts")) for n in (10, 100)]
        searches = [_reads(wire, partial(wire.search, "companies", limit=n)) for n in (20, 200)]

    assert filled < 20
    assert pages == [2, 2]
    assert searches == [3, 3]


def test_search_reads_everything_by_ids_beyond_ten_thousand(tmp_path: Path) -> None:
    with PracticeHubSpot(tmp_path, accounts=0) as crm:
        crm.control(unlimited=True)
        wire = Wire(crm)
        at = crm.store.clock()
        crm.store.load("companies", ((10_000_000 + n, {"name": f"C{n}"}, at, at) for n in range(10_050)))
        total, last = 0, "0"
        by_id = [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]
        while page := wire.found("companies", where("hs_object_id", "GT", last), sorts=by_id, limit=200):
            total, last = total + len(page), page[-1]

    assert total == 10_050
