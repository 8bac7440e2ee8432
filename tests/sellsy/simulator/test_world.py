"""The made-up world as it looks in Sellsy, and how fast a big one is."""

from collections import Counter
from collections.abc import Callable
from time import process_time
from typing import Any

from integrations.rehearsal.practice_sellsy import PracticeSellsy
from integrations.rehearsal.world import world as made_up
from tests.sellsy.simulator.api import API, Api, ids


def everything(api: Api, path: str) -> list[dict[str, Any]]:
    return [one for page in api.pages(path, 100) for one in page]


def test_everybody_is_there(reader: Api) -> None:
    plain = made_up()
    companies = everything(reader, "/companies")

    relations = Counter(one.relation for one in plain.companies())
    types = Counter(one["type"] for one in companies)
    assert types["prospect"] == relations["prospect"]
    assert types["supplier"] == relations["partner"]
    assert types["client"] == relations["customer"] + relations["channel customer"] + relations["former"]
    assert sum(one["is_archived"] for one in companies) == relations["former"]
    assert len(everything(reader, "/contacts")) == len(list(plain.people()))
    assert reader.get("/staffs?limit=0")["pagination"]["total"] == len(plain.colleagues)


def test_awkward_names_come_through(reader: Api) -> None:
    names = {one["name"] for one in everything(reader, "/companies")}
    assert {"Étoile & Fils «Traiteur» 🥐", "Control\u0001 and \u0000 nul", "=SUM(A1:A9)", "W" * 250} <= names


def test_every_kind_of_custom_field_is_in_use(reader: Api) -> None:
    sorts = {one["id"]: one["type"] for one in reader.get("/custom-fields?limit=100")["data"]}
    custom = "&".join(f"embed[]=cf.{number}" for number in sorts)
    used = Counter(
        field["type"]
        for path in ("/companies", "/contacts", "/opportunities")
        for one in everything(reader, f"{path}?{custom}&field[]=id&field[]=_embed")
        for field in one["_embed"]["custom_fields"]
        if field["value"] is not None
    )
    assert set(sorts.values()) - set(used) == {"url"}


def test_deals_are_won_open_and_late_with_their_terms(reader: Api) -> None:
    found = everything(reader, "/opportunities?embed[]=cf.16&embed[]=cf.20")

    assert Counter(one["status"] for one in found)["won"] > 50
    assert {one["status"] for one in found} >= {"won", "late"}
    assert {field["code"] for one in found for field in one["_embed"]["custom_fields"]} == {
        "contract-start",
        "setup-fee",
    }
    assert all(one["company_id"] for one in found)


def test_what_was_done_is_of_all_kinds(reader: Api) -> None:
    counts = {path: reader.get(f"{path}?limit=0")["pagination"]["total"] for path in
              ("/comments", "/phone-calls", "/calendar-events", "/tasks")}  # fmt: skip
    assert min(counts.values()) > 20
    calls = everything(reader, "/phone-calls")
    assert {one["company_id"] is None for one in calls} == {True, False}


def test_a_page_takes_the_same_statements_whatever_its_size(small: Callable[..., PracticeSellsy]) -> None:
    practice = small(60, contacts_per=2)
    api = Api(practice)
    statements: list[str] = []
    practice.store._db.set_trace_callback(statements.append)

    def counted(path: str, limit: int) -> int:
        statements.clear()
        assert len(api.session.get(f"{API}{path}&limit={limit}").json()["data"]) == limit
        return len(statements)

    for path in (
        "/companies?embed[]=cf.1&embed[]=main_contact&embed[]=owner&embed[]=smart_tags&embed[]=opportunities",
        "/contacts?embed[]=owner&embed[]=cf.13",
        "/companies?order=updated_at&embed[]=invoicing_address",
    ):
        assert counted(path, 1) == counted(path, 50), path
    practice.store._db.set_trace_callback(None)


PAGES: tuple[tuple[str, Any], ...] = (
    ("/companies?limit=100", None),
    ("/companies?limit=100&" + "&".join(f"embed[]=cf.{n}" for n in range(1, 13)), None),
    ("/companies?limit=100&offset=WyIyMCJd", None),
    ("/companies?limit=100&order=name", None),
    ("/companies/search?limit=100", {"filters": {"reference": [f"AV-{10_000 + n}" for n in range(1, 100)]}}),
    ("/companies/search?limit=100", {"filters": {"type": "client"}}),
    ("/companies/search?limit=100&order=updated_at", {"filters": {"updated_at": {"end": "2030-01-01T00:00:00Z"}}}),
    ("/contacts/search?limit=100", {"filters": {"companies": [*range(1, 51)]}}),
)


def milliseconds(api: Api, path: str, sent: Any) -> float:
    took = []
    for _ in range(5):
        start = process_time()
        answered = api.session.request("POST" if sent else "GET", API + path, json=sent)
        took.append((process_time() - start) * 1000)
        assert len(answered.json()["data"]) > 40
    return min(took)


def test_a_page_of_ten_thousand_takes_hardly_longer_than_one_of_three_hundred(
    small: Callable[..., PracticeSellsy],
) -> None:
    begun = process_time()
    api = Api(small(10_000, contacts_per=2))
    filled = process_time() - begun
    yardstick = Api(small(300, contacts_per=2))

    assert filled < 20
    assert ids(api.get("/contacts?limit=1&direction=desc")) == [20_000]
    for path, sent in PAGES:
        # Counting all of them takes a few milliseconds; whoever looked at every record would take thirty times as long.
        assert milliseconds(api, path, sent) < 4 * milliseconds(yardstick, path, sent) + 10, path
