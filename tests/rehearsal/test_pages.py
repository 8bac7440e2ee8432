"""The pages of the rehearsal, through their WSGI application."""

import re
from pathlib import Path

import pytest
import requests

from integrations.rehearsal.others import Listening
from integrations.rehearsal.pages import RehearsalPages
from integrations.rehearsal.practice import PracticeSalesforce, WsgiAdapter

HERE = "http://127.0.0.1:8090"


class Browser:
    def __init__(self, org: PracticeSalesforce) -> None:
        self.http = requests.Session()
        self.http.mount(
            "http://", WsgiAdapter(RehearsalPages([Listening("salesforce", "Salesforce", org.app, 8091, 8491)]))
        )

    def get(self, path: str, **headers: str) -> requests.Response:
        return self.http.get(HERE + path, headers=headers)

    def post(self, path: str, form: dict[str, str] | None = None, **headers: str) -> requests.Response:
        return self.http.post(HERE + path, data=form or {}, headers={"Origin": HERE, **headers})


@pytest.fixture
def browser(practice: PracticeSalesforce) -> Browser:
    return Browser(practice)


def test_every_page_opens_and_none_has_inline_script_or_style(browser: Browser) -> None:
    for path in ("", "salesforce", "salesforce/Account", "salesforce/Contact", "salesforce/User", "salesforce/Opportunity", "salesforce/views",
                 "salesforce/faults", "salesforce/calls", "salesforce/Account/new"):  # fmt: skip
        reply = browser.get("/" + path)

        assert reply.status_code == 200, path
        assert not re.search(r"<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=\"|<style", reply.text), path
        assert "'unsafe" not in reply.headers["Content-Security-Policy"]


def test_record_is_found_changed_and_seen_by_the_api(practice: PracticeSalesforce, browser: Browser) -> None:
    listing = browser.get("/salesforce/Account?q=AV-20042")
    [path] = set(re.findall(r"/salesforce/Account/001\w{15}", listing.text))

    done = browser.post(
        path, {"is-Name": "1", "Name": "Somebody's customer", "is-Is_Strategic__c": "1", "Is_Strategic__c": "on"}
    )

    [row] = practice.query("SELECT Name, Is_Strategic__c FROM Account WHERE Customer_Number__c = 'AV-20042'")
    assert "2 fields changed in Salesforce." in done.text
    assert (row["Name"], row["Is_Strategic__c"]) == ("Somebody's customer", True)


@pytest.mark.requirement("F29")
def test_saving_one_field_leaves_odd_neighbours_as_they_are(practice: PracticeSalesforce, browser: Browser) -> None:
    [row] = practice.query("SELECT Id, Name FROM Account WHERE Customer_Number__c = 'AV-20033'")
    shown = row["Name"].replace("\0", "\ufffd")

    browser.post(f"/salesforce/Account/{row['Id']}", {"is-Name": "1", "Name": shown, "is-Phone": "1", "Phone": "123"})

    [after] = practice.query(f"SELECT Name, Phone FROM Account WHERE Id = '{row['Id']}'")
    assert (after["Name"], after["Phone"]) == (row["Name"], "123")


def test_refused_value_stays_on_the_form_with_the_reason(practice: PracticeSalesforce, browser: Browser) -> None:
    given = dict.fromkeys(("is-LastName", "is-Email"), "1") | {"LastName": "Typed", "Email": "nope"}
    reply = browser.post("/salesforce/Contact/new", given)

    assert reply.status_code == 400
    assert "invalid email address: nope" in reply.text
    assert 'value="Typed"' in reply.text
    assert practice.query("SELECT Id FROM Contact WHERE LastName = 'Typed'") == []


def test_record_is_deleted_taken_back_and_merged(practice: PracticeSalesforce, browser: Browser) -> None:
    winner, loser = (row["Id"] for row in practice.query("SELECT Id FROM Account WHERE Name = 'Bluefin Works'"))

    browser.post(f"/salesforce/Account/{loser}/delete")
    deleted = practice.query("SELECT Id FROM Account WHERE Name = 'Bluefin Works'")
    browser.post(f"/salesforce/Account/{loser}/undelete")
    browser.post(f"/salesforce/Account/{winner}/merge", {"loser": loser})

    assert [row["Id"] for row in deleted] == [winner]
    assert "merged into" in browser.get(f"/salesforce/Account/{loser}").text


def test_names_are_shown_as_text(browser: Browser) -> None:
    page = browser.get("/salesforce/Account?q=AV-20031").text

    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page


def test_faults_and_views_are_set_and_shown(practice: PracticeSalesforce, browser: Browser) -> None:
    browser.post(
        "/salesforce/faults",
        {"burst": "3", "burst_status": "503", "hide_fields": "Account.Website", "api_disabled": "on"},
    )
    view = practice.store.one("SELECT id FROM _view WHERE label = 'Nothing here'")
    assert view is not None
    browser.post(f"/salesforce/views/{view[0]}", {"verb": "condition", "condition": "Type = 'Prospect'"})

    faults = practice.app.org.faults
    assert (faults.burst, faults.burst_status, faults.api_disabled) == (3, 503, True)
    assert practice.store.schema.objects["Account"].field("Website") is None
    assert re.search(
        r"Nothing here.*?<td class=\"num\"[^>]*>7\d</td>", browser.get("/salesforce/views").text, re.DOTALL
    )
    browser.post("/salesforce/faults", {"action": "clear"})
    assert practice.app.org.faults.burst == 0


def test_other_sites_and_other_host_names_are_refused(practice: PracticeSalesforce, browser: Browser) -> None:
    before = len(practice.query("SELECT Id FROM Account"))

    foreign = [
        browser.post("/salesforce/reset", Origin="https://evil.example"),
        browser.post("/salesforce/reset", {}, **{"Sec-Fetch-Site": "cross-site"}),
        browser.get("/", Host="rebound.example"),
    ]

    assert [r.status_code for r in foreign] == [403, 403, 403]
    assert len(practice.query("SELECT Id FROM Account")) == before


def test_reading_pages_changes_nothing(practice: PracticeSalesforce, browser: Browser) -> None:
    for path in (
        "/salesforce/reset",
        "/salesforce/Account/001Pr0000000001IAA/delete",
        "/salesforce/faults?action=clear",
    ):
        practice.control(burst=5)

        reply = browser.get(path)

        assert reply.status_code in {200, 404, 405}
        assert practice.app.org.faults.burst == 5
    assert len(practice.query("SELECT Id FROM Account")) == 420


def test_files_outside_the_static_folders_are_not_served(browser: Browser) -> None:
    assert browser.get("/static/console.css").status_code == 200
    assert [
        browser.get(p).status_code for p in ("/static/../settings.py", "/static/%2e%2e/manage.py", "/static/none.css")
    ] == [404] * 3


def test_control_plane_answers_loopback_hosts_only(small: PracticeSalesforce, tmp_path: Path) -> None:
    url = small.base_url
    refused = small.session().get("https://aldervale.my.salesforce.com/_control")

    set_ = requests.post(f"{url}/_control", json={"burst": 1}, timeout=5)
    made = requests.post(
        f"{url}/_control/create", json={"object": "Account", "fields": {"Name": "By control"}}, timeout=5
    ).json()
    form = requests.post(f"{url}/_control", data={"burst": "1"}, timeout=5)
    calls = requests.get(f"{url}/_control/calls", timeout=5).json()

    assert refused.status_code == 404
    assert set_.json()["faults"]["burst"] == 1
    assert small.query(f"SELECT Name FROM Account WHERE Id = '{made['id']}'")[0]["Name"] == "By control"
    # A form from another site can be posted anywhere, JSON cannot.
    assert form.status_code == 415
    assert calls["counts"] == {}
