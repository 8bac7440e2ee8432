"""The pages about the practice CRMs, the same for all of them: found, read, changed, deleted, merged, broken on demand."""

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import requests

from integrations.rehearsal.fault_words import COUNTERS, FAULTS
from integrations.rehearsal.others import HTTPS_BESIDE, Listening, open_others
from integrations.rehearsal.pages import RehearsalPages
from integrations.rehearsal.practice import PracticeSalesforce, WsgiAdapter
from integrations.simulation.desk import Desk, Kind, Shelf
from integrations.sync.registry import system_of

HERE = "http://127.0.0.1:8090"
NAMES = ("salesforce", "hubspot", "pipedrive", "zoho", "sellsy", "stripe", "intercom")
MERGING = tuple(name for name in NAMES if name != "stripe")
ADDRESS = {
    "salesforce": "", "hubspot": "/contacts/147000321", "pipedrive": "", "zoho": "/crm/org20068000001", "sellsy": "",
    "stripe": "", "intercom": "/a/apps/av3llde1",
}  # fmt: skip
COMPANY = {
    "salesforce": "Account", "hubspot": "companies", "pipedrive": "organization", "zoho": "Accounts", "sellsy": "company",
    "stripe": "customer", "intercom": "company",
}  # fmt: skip
PERSON = {
    "salesforce": "Contact", "hubspot": "contacts", "pipedrive": "person", "zoho": "Contacts", "sellsy": "contact",
    "stripe": "customer", "intercom": "contact",
}  # fmt: skip


class Five:
    def __init__(self, systems: list[Listening]) -> None:
        self.systems = {one.name: one for one in systems}
        self.http = requests.Session()
        self.http.mount("http://", WsgiAdapter(RehearsalPages(systems)))

    def get(self, path: str) -> requests.Response:
        return self.http.get(HERE + path)

    def post(self, path: str, form: dict[str, Any] | None = None) -> requests.Response:
        return self.http.post(HERE + path, data=form or {}, headers={"Origin": HERE})

    def desk(self, name: str) -> Desk:
        return self.systems[name].app.desk

    def first(self, name: str, kind: str) -> str:
        with self.systems[name].app.book.transaction():
            found, _count = self.desk(name).find(
                self.shelf(name, kind), "", gone=False, newest=False, limit=1, offset=0
            )
        return found[0].id

    def shelf(self, name: str, kind: str) -> Shelf:
        found = self.desk(name).shelf(kind)
        assert found is not None
        return found


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Five]:
    folder: Path = tmp_path_factory.mktemp("five")
    with PracticeSalesforce(folder) as org:
        systems = [
            Listening("salesforce", "Salesforce", org.app, 8091, 8491),
            *open_others(folder, 9000, rows=None, per=3, reset=False),
        ]
        for one in systems:
            one.app.place.pages = f"{HERE}/{one.name}"
        yield Five(systems)
        for one in systems[1:]:
            one.app.book.close()


def test_first_page_leads_to_all_five_and_each_says_who_may_sign_in(five: Five) -> None:
    index = five.get("/").text
    for one in five.systems.values():
        page = five.get(f"/{one.name}").text

        assert f"Practice {one.label}" in index
        assert f"http://127.0.0.1:{one.port}<" in page
        assert f"https://localhost:{one.port + HTTPS_BESIDE if one.name != 'salesforce' else 8491}<" in page
        assert all(value in page for _label, value in one.facts)
        assert len(one.facts) >= len(("client ID", "client secret", "who"))


@pytest.mark.parametrize("name", NAMES)
def test_every_list_and_a_record_of_each_open_without_inline_script_or_style(five: Five, name: str) -> None:
    with five.systems[name].app.book.transaction():
        shelves = list(five.desk(name).shelves)
        records = {
            one.name: five.desk(name).find(one, "", gone=False, newest=True, limit=1, offset=0) for one in shelves
        }
    paths = [f"/{name}/faults", f"/{name}/calls"]
    for shelf in shelves:
        found, count = records[shelf.name]
        paths += [f"/{name}/{shelf.name}", *(f"/{name}/{shelf.name}/{one.id}" for one in found)]
        paths += [f"/{name}/{shelf.name}/new"] if shelf.makeable else []
        assert count or shelf.name in {"leads", "lead", "Leads", "Lead", "Products", "individual"}, shelf.name
    for path in paths:
        reply = five.get(path)

        assert reply.status_code == 200, path
        assert not re.search(r"<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=\"|<style", reply.text), path


@pytest.mark.parametrize("name", NAMES)
def test_record_is_found_changed_field_by_field_and_read_back(five: Five, name: str) -> None:
    desk, shelf = five.desk(name), five.shelf(name, COMPANY[name])
    title = shelf.columns[0]
    made = five.post(f"/{name}/{shelf.name}/new", _least(desk, shelf, {title: "Zymurgy & Söhne"}))
    [path] = set(
        re.findall(rf"/{name}/{shelf.name}/[\w-]+(?=\")", five.get(f"/{name}/{shelf.name}?q=zymurgy %26 SÖHNE").text)
    ) - {f"/{name}/{shelf.name}/new"}
    tried = {
        one.kind: one for one in desk.fields(shelf) if one.writable and not one.to and one.name not in shelf.columns[:1]
    }
    values = {
        Kind.TEXT: "Quay 5", Kind.LINES: "Two\nlines", Kind.NUMBER: "12.5", Kind.DAY: "2031-02-03", Kind.FLAG: "on",
        Kind.MOMENT: "2031-02-03T10:00:00Z",
    }  # fmt: skip
    form: dict[str, Any] = {}
    for kind, one in tried.items():
        value: Any = values.get(kind) or [choice for choice, _label in one.choices][-2:]
        form |= {f"is-{one.name}": "1", one.name: value[-1] if kind is Kind.CHOICE else value}

    done = five.post(path, form)

    assert f"Created in {five.systems[name].label}." in made.text
    assert f"{len(tried)} fields changed" in done.text, done.text
    with five.systems[name].app.book.transaction():
        entry = desk.get(shelf, path.rpartition("/")[2])
    assert entry is not None
    assert entry.title == "Zymurgy & Söhne"
    for kind, one in tried.items():
        held = entry.values[one.name]
        wanted = True if kind is Kind.FLAG else form[one.name]
        assert held == wanted or (kind is Kind.MOMENT and held.startswith("2031-02-03")), one
    # A moment is kept in the form of its system, not in the one that was typed.
    again = five.post(
        path,
        {key: value for key, value in form.items() if tried[Kind.MOMENT].name not in key}
        if Kind.MOMENT in tried
        else form,
    )
    assert "0 fields changed" in again.text


def _least(desk: Desk, shelf: Shelf, given: dict[str, str]) -> dict[str, Any]:
    """What must be given, with the first choice where there are choices."""
    needed = [one for one in desk.fields(shelf) if one.needed and one.writable]
    form = {one.name: one.choices[0][0] if one.choices else "x" for one in needed} | given
    return form | {f"is-{key}": "1" for key in form}


@pytest.mark.parametrize("name", NAMES)
def test_wrong_and_missing_values_are_refused_with_the_reason(five: Five, name: str) -> None:
    desk, shelf = five.desk(name), five.shelf(name, COMPANY[name])
    number = next(one for one in desk.fields(shelf) if one.kind is Kind.NUMBER and one.writable)
    title = shelf.columns[0]
    path = f"/{name}/{shelf.name}/{five.first(name, shelf.name)}"

    wrong = five.post(path, {f"is-{number.name}": "1", number.name: "many"})
    missing = five.post(path, {f"is-{title}": "1", title: ""})

    assert (wrong.status_code, missing.status_code) == (400, 400)
    assert "“many” is no value for this field." in wrong.text
    assert "This must be given." in missing.text


@pytest.mark.parametrize("name", MERGING)
def test_records_are_deleted_taken_back_and_merged(five: Five, name: str) -> None:
    desk, shelf = five.desk(name), five.shelf(name, PERSON[name])
    ids = []
    for place in ("One", "Two"):
        form = _least(desk, shelf, {one.name: f"{place}{n}@left.example" for n, one in enumerate(desk.fields(shelf)) if one.name in shelf.columns and one.kind is Kind.TEXT and not one.to})  # fmt: skip
        reply = five.post(f"/{name}/{shelf.name}/new", form)
        assert reply.status_code == 200, reply.text
        ids.append(reply.url.partition("?")[0].rpartition("/")[2])
    base = f"/{name}/{shelf.name}"

    five.post(f"{base}/{ids[1]}/delete")
    gone = five.get(f"{base}?deleted=on&newest=on").text
    back = five.post(f"{base}/{ids[1]}/undelete").text
    merged = five.post(f"{base}/{ids[0]}/merge", {"loser": ids[1]})

    assert f"{base}/{ids[1]}" in gone
    assert "Taken back." in back
    assert "went into this record" in merged.text
    assert five.post(f"{base}/{ids[0]}/merge", {"loser": ids[0]}).status_code in {400, 404}


@pytest.mark.parametrize("name", NAMES)
def test_every_fault_has_words_and_can_be_set_and_cleared(five: Five, name: str) -> None:
    faults = five.systems[name].app.faults
    switches_and_numbers = {one.name for one in fields(faults) if isinstance(getattr(faults, one.name), int | float)}
    assert switches_and_numbers - COUNTERS <= set(FAULTS)

    page = five.get(f"/{name}/faults").text
    five.post(f"/{name}/faults", {"burst": "2", "burst_status": "429", "latency_ms": "0"})
    stands = five.get(f"/{name}/faults").text
    refused = requests.Session()
    refused.mount("https://", WsgiAdapter(five.systems[name].app))
    path = {"sellsy": "/v2/companies", "stripe": "/v1/customers", "hubspot": "/crm/v3/objects/companies", "pipedrive": "/api/v2/organizations",
            "zoho": "/crm/v8/Accounts", "intercom": "/contacts", "salesforce": "/services/data/v60.0/query"}[name]  # fmt: skip
    statuses = [refused.get(f"https://aldervale.pipedrive.com{path}").status_code for _ in range(3)]
    five.post(f"/{name}/faults", {"action": "clear"})

    assert all(f'name="{fault}"' in page for fault in switches_and_numbers - COUNTERS)
    assert 'name="burst" value="2"' in stands
    assert statuses == [429, 429, 401]
    assert faults == type(faults)()
    assert "429" in five.get(f"/{name}/calls").text


@pytest.mark.parametrize("name", NAMES)
def test_links_of_the_console_lead_to_a_real_page(five: Five, name: str) -> None:
    connector, app = system_of(name).connector, five.systems[name].app
    http = requests.Session()
    http.mount("https://", WsgiAdapter(app))
    http.mount("http://", five.http.get_adapter("http://"))
    for data_type, kind in {"customers": COMPANY[name], "contacts": PERSON[name]}.items():
        record_id = five.first(name, kind)

        link = connector.web_link(f"https://practice.example{ADDRESS[name]}", data_type, record_id)
        reply = http.get(link)

        assert reply.status_code == 200, link
        assert reply.url == f"{HERE}/{name}/{kind}/{record_id}"
