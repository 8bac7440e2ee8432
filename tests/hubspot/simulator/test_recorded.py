"""Every recorded answer of real portals beside what the practice portal answers to the same request."""

from collections.abc import Callable
from typing import Any

import pytest

from .shapes import differences, shape
from .signing_in import exchange
from .wire import Answer, Clock, Wire, ids

Recorded = Callable[[str], dict[str, Any]]
EVERYTHING = (
    "oauth crm.objects.companies.read crm.objects.companies.write crm.objects.contacts.read crm.objects.contacts.write "
    "crm.objects.deals.read crm.objects.deals.write crm.objects.owners.read crm.lists.read crm.schemas.contacts.write "
    "crm.schemas.companies.read"
)


@pytest.fixture
def wire(portal_as_recorded: Wire) -> Wire:
    return portal_as_recorded


def _ask(wire: Wire, recorded: dict[str, Any], **more: Any) -> Answer:
    """As a person's app, where the recording was made by one: its headers tell."""
    headers = {name.lower() for name in recorded.get("headers", {})}
    by_app = (
        any(name.startswith("x-hubspot-ratelimit") for name in headers) and "x-hubspot-ratelimit-daily" not in headers
    )
    caller = Wire(wire.crm, exchange(wire.crm, scope=EVERYTHING)["access_token"]) if by_app else wire
    request = recorded["request"]
    body = more.pop("json", request.get("body"))
    return caller.call(request["method"], request["path"], **({"json": body} if body is not None else {}), **more)


def _compare(recorded: dict[str, Any], answer: Answer, *, but: tuple[str, ...] = ()) -> None:
    """`but`: what may be on one side only, each with its reason beside the call."""
    assert answer.status_code == recorded["status"], answer.text
    found = differences(shape(recorded["body"]), shape(answer.json()))
    assert [one for one in found if not one.startswith(tuple(f"{name} " for name in but))] == []
    _compare_headers(recorded, answer)


def _compare_headers(recorded: dict[str, Any], answer: Answer) -> None:
    wanted = {name.lower() for name in recorded.get("headers", {}) if name.lower().startswith("x-hubspot")}
    mine = {name.lower() for name in answer.headers if name.lower().startswith("x-hubspot")}
    if wanted:
        assert wanted == mine
    kind = {name.lower(): value for name, value in recorded.get("headers", {}).items()}.get("content-type")
    if kind:
        assert answer.headers["Content-Type"].lower() == kind.lower()


def _only(answer: Answer, record_id: str) -> dict[str, Any]:
    return next(one for one in answer.json()["results"] if one["id"] == record_id)


# An older portal did not tell the address of a record.
OLD = (".url", ".results[].url")


def test_account(wire: Wire, recorded: Recorded) -> None:
    found = recorded("account-details")

    answer = _ask(wire, found)

    _compare(found, answer)
    assert answer.json()["portalId"] == found["body"]["portalId"]


# --- Reading ----------------------------------------------------------------------------------------------------------
def test_list_of_companies(wire: Wire, recorded: Recorded) -> None:
    found = recorded("companies-list")
    asked = {"limit": 100, "properties": "name,domain,city,country,description,industry,phone,state,website"}

    answer = _ask(wire, found, params=asked)

    # More companies were recorded than in this one answer; those of it are told word for word.
    _compare(found, answer)
    for one in found["body"]["results"]:
        told = _only(answer, one["id"])
        assert (told["createdAt"], told["url"]) == (one["createdAt"], one["url"])
        assert told["properties"].keys() == one["properties"].keys()
    assert ids(answer) == sorted(ids(answer), key=int)


def test_company(wire: Wire, recorded: Recorded) -> None:
    found = recorded("company-get")

    answer = _ask(wire, found, params={"properties": "name,domain,city,country,industry,phone,state"})

    _compare(found, answer)
    assert answer.json() == found["body"]


def test_deal(wire: Wire, recorded: Recorded) -> None:
    found = recorded("deal-get")

    answer = _ask(wire, found, params={"properties": "amount,closedate,dealname,dealstage,hubspot_owner_id,pipeline"})

    _compare(found, answer)
    assert answer.json() == found["body"]


def test_page_of_one_contact(wire: Wire, recorded: Recorded) -> None:
    found = recorded("contacts-list-limit-1-paging")

    answer = wire.get("/crm/v3/objects/contacts", limit=1, after="51854903509")

    _compare(found, answer, but=OLD)
    following, theirs = answer.json()["paging"]["next"], found["body"]["paging"]["next"]
    assert following["after"] == theirs["after"]
    assert following["link"] == theirs["link"]


def test_every_property_of_a_company_is_one_of_theirs(wire: Wire, recorded: Recorded) -> None:
    theirs = recorded("company-every-property")["body"]["properties"]

    mine = wire.get("/crm/v3/properties/companies").json()["results"]

    own = {one["name"] for one in mine if one.get("hubspotDefined")}
    assert own - set(theirs) == set()
    assert len(own) > 50


def test_definitions_of_properties(wire: Wire, recorded: Recorded) -> None:
    found = recorded("properties-companies-30-of-247")

    answer = _ask(wire, found)

    mine = {one["name"]: one for one in answer.json()["results"]}
    for theirs in found["body"]["results"]:
        own = mine[theirs["name"]]
        free = {"updatedAt", "createdAt", "description", "options"}
        assert {k: v for k, v in own.items() if k not in free} == {k: v for k, v in theirs.items() if k not in free}
        assert own.keys() == theirs.keys()
        options = [(one["label"], one["value"]) for one in theirs["options"]]
        assert {(one["label"], one["value"]) for one in own["options"]} <= set(options)
        assert {tuple(one) for one in own["options"]} == {tuple(one) for one in theirs["options"]}
    _compare_headers(found, answer)


def test_owners(wire: Wire, recorded: Recorded) -> None:
    found = recorded("owners-list")

    answer = _ask(wire, found)

    _compare(found, answer)
    assert answer.json() == found["body"]


def test_pipelines(wire: Wire, recorded: Recorded) -> None:
    found = recorded("pipelines-deals")

    assert _ask(wire, found).json() == found["body"]
    wire.crm.control(set_pipelines={"deals": None})
    assert _ask(wire, found).json() == found["body"]


def test_schemas(wire: Wire, recorded: Recorded) -> None:
    found = recorded("schemas-none")

    assert _ask(wire, found).json() == found["body"]


@pytest.mark.parametrize(("name", "offset"), [("lists-search-first-page", 0), ("lists-search-second-page", 2)])
def test_lists(wire: Wire, recorded: Recorded, name: str, offset: int) -> None:
    found = recorded(name)

    answer = _ask(wire, found, json={"query": "", "offset": offset, "count": 2, "processingTypes": [], "listIds": []})

    # Who was put into a list last is told only of one that has somebody; the practice lists of a recording are empty.
    _compare(found, answer, but=(".lists[].additionalProperties.hs_last_record_added_at",))
    for name in ("offset", "hasMore", "total"):
        assert answer.json()[name] == found["body"][name]


# --- Searching --------------------------------------------------------------------------------------------------------
def test_search_of_companies(wire: Wire, recorded: Recorded) -> None:
    found = recorded("companies-search")

    answer = _ask(wire, found)

    assert answer.status_code == 200
    theirs, mine = found["body"]["results"], {one["id"]: one for one in answer.json()["results"]}
    for one in theirs:
        assert mine[one["id"]]["properties"].keys() == one["properties"].keys()
    order = [one["id"] for one in answer.json()["results"] if one["id"] in {each["id"] for each in theirs}]
    assert order == [one["id"] for one in theirs]
    assert differences(shape(theirs), shape(list(mine.values()))) == []


def test_search_of_contacts_by_a_part_of_the_address(wire: Wire, recorded: Recorded) -> None:
    found = recorded("contacts-search-paging")

    answer = _ask(wire, found)

    assert [one["id"] for one in answer.json()["results"]] == [one["id"] for one in found["body"]["results"]]
    # Only five of the ten were recorded, so here there is no second page.
    _compare(found, answer, but=(*OLD, ".paging"))


@pytest.mark.parametrize(("name", "limit"), [("contacts-search-1", 1), ("contacts-search-2", 200)])
def test_search_pages_of_contacts(wire: Wire, recorded: Recorded, name: str, limit: int) -> None:
    found = recorded(name)
    properties = ["email", "firstname", "lastname", "phone", "company", "website"]

    answer = _ask(wire, found, json={"limit": limit, "properties": properties})

    _compare(found, answer)


# --- Writing ----------------------------------------------------------------------------------------------------------
def test_new_company(wire: Wire, recorded: Recorded) -> None:
    found = recorded("company-create")

    _compare(found, _ask(wire, found))


def test_new_contact(wire: Wire, recorded: Recorded) -> None:
    found = recorded("contact-create")

    _compare(found, _ask(wire, found))


def test_changed_company(wire: Wire, recorded: Recorded) -> None:
    found = recorded("company-update")

    answer = _ask(wire, found)

    _compare(found, answer)
    # The recording wrote what was there already: the stamp is older than the request.
    assert _ask(wire, found).json() == answer.json()


def test_changed_name(wire: Wire, recorded: Recorded, clock: Clock) -> None:
    found = recorded("company-patch-changed-value")
    made = wire.create("companies", name="ACME Example").json()
    clock.pass_by(0.518)

    answer = wire.call("PATCH", f"/crm/v3/objects/companies/{made['id']}", json=found["request"]["body"])

    # A portal of 2024 told less: the newer recordings have these.
    newer = ("hs_task_label", "hs_v2_date_entered_current_stage", "hs_v2_time_in_current_stage")
    _compare(found, answer, but=(*OLD, *(f".properties.{name}" for name in newer)))
    assert (made["updatedAt"], answer.json()["updatedAt"]) == ("2026-11-20T09:00:00Z", "2026-11-20T09:00:00.518Z")


def test_changed_companies(wire: Wire, recorded: Recorded) -> None:
    found = recorded("companies-batch-update")

    answer = _ask(wire, found)

    _compare(found, answer)


def test_new_contacts(wire: Wire, recorded: Recorded) -> None:
    found = recorded("contacts-batch-create")
    inputs = [
        {"properties": {name: one["properties"][name] for name in ("email", "firstname", "lastname")}}
        for one in found["body"]["results"]
    ]

    # A portal of 2025 told less: the newer recording of one contact has these.
    newer = ("hs_v2_date_entered_current_stage", "hs_v2_time_in_current_stage")
    _compare(
        found, _ask(wire, found, json={"inputs": inputs}), but=tuple(f".results[].properties.{name}" for name in newer)
    )


def test_contact_that_is_there_already(wire: Wire, recorded: Recorded) -> None:
    found = recorded("contacts-batch-create-207")
    wire.create("contacts", email="there@example.com")
    inputs = [
        {"objectWriteTraceId": str(n), "properties": {"email": email, "firstname": "Ada", "lastname": "Sample"}}
        for n, email in enumerate(("there@example.com", "person4@example.com"))
    ]

    answer = _ask(wire, found, json={"inputs": inputs})

    # What was created is told in full elsewhere; this recording was cut to four properties.
    assert answer.status_code == found["status"]
    assert differences(shape(found["body"]["errors"]), shape(answer.json()["errors"])) == []
    assert answer.json().keys() == found["body"].keys()
    [error], [theirs] = answer.json()["errors"], found["body"]["errors"]
    assert error["message"].rpartition(" ")[0] == theirs["message"].rpartition(" ")[0]


def test_new_property(wire: Wire, recorded: Recorded) -> None:
    found = recorded("property-create-contacts")

    answer = _ask(wire, found)

    _compare(found, answer)
    free = {"updatedAt", "createdAt", "createdUserId", "updatedUserId"}
    assert {k: v for k, v in answer.json().items() if k not in free} == {
        k: v for k, v in found["body"].items() if k not in free
    }


def test_new_links(wire: Wire, recorded: Recorded) -> None:
    found = recorded("associations-batch-create")
    contact, companies = ids(wire.page("contacts"))[0], ids(wire.page("companies"))[:2]
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]
    inputs = [{"from": {"id": contact}, "to": {"id": one}, "types": types} for one in companies]

    _compare(found, _ask(wire, found, json={"inputs": inputs}))


def test_links_of_one_record_and_of_one_without(wire: Wire, recorded: Recorded) -> None:
    found = recorded("associations-batch-read-207")
    linked, alone = ids(wire.page("contacts", limit=100))[:2]
    wire.link(
        "contacts",
        "companies",
        "associate/default",
        [{"from": {"id": linked}, "to": {"id": ids(wire.page("companies"))[0]}}],
    )

    answer = _ask(wire, found, json={"inputs": [{"id": linked}, {"id": alone}]})

    _compare(found, answer)
    assert (
        answer.json()["results"][0]["to"][0]["associationTypes"]
        == found["body"]["results"][0]["to"][0]["associationTypes"]
    )
    assert answer.json()["errors"][0]["message"] == f"No company is associated with contact {alone}."


# --- Refusals ---------------------------------------------------------------------------------------------------------
def test_unknown_properties(wire: Wire, recorded: Recorded) -> None:
    found = recorded("error-400-batch-create-unknown-properties")
    inputs = [{"properties": {"first000name": "A", "last000name": "B"}}] * 2

    answer = _ask(wire, found, json={"inputs": inputs})

    _compare(found, answer)
    assert answer.json()["message"] == found["body"]["message"]
    assert answer.json()["errors"][0] == found["body"]["errors"][0]


def test_missing_scope(wire: Wire, recorded: Recorded) -> None:
    found = recorded("error-403-missing-scopes")
    wire.crm.control(withheld_scopes=["crm.objects.companies.read", "crm.objects.companies.write"])

    answer = _ask(wire, found)

    # The recording names scopes of the old kind too, which today's apps cannot ask for.
    assert answer.status_code == 403
    assert answer.json()["message"] == found["body"]["message"]
    found["body"]["errors"][0]["context"].pop("requiredScopes")
    assert differences(shape(found["body"]), shape(answer.json())) == []


def test_page_not_found(wire: Wire, recorded: Recorded) -> None:
    found = recorded("error-404-html")

    answer = Wire(wire.crm, Accept="*/*").call("GET", found["request"]["path"])

    assert (answer.status_code, answer.text) == (found["status"], found["body"])
    _compare_headers(found, answer)


def test_sixth_search_of_a_second(wire: Wire, recorded: Recorded) -> None:
    found = recorded("error-429-search")
    wire.crm.control(unlimited=False)

    answer = [_ask(wire, found, json={"limit": 1}) for _ in range(6)][-1]

    _compare(found, answer)
    assert answer.json()["message"] == found["body"]["message"]


def test_no_recording_is_left_out() -> None:
    from pathlib import Path

    from .conftest import SPECS

    if not SPECS.exists():
        pytest.skip("The recordings are not here; set SPECS_DIR to the folder of recordings.")
    used = Path(__file__).read_text()
    assert [path.stem for path in SPECS.glob("*.json") if f'"{path.stem}"' not in used] == []
