from urllib.parse import parse_qs

import pytest
import requests

from integrations.rehearsal.practice_sellsy import PracticeSellsy
from integrations.sellsy.simulator.errors import ApiError
from tests.sellsy.simulator.api import API, Api, ids


def ask(api: Api, path: str = "/companies/1") -> requests.Response:
    return api.session.get(API + path)


def test_a_burst_is_the_apis_own_refusal_and_five_hundreds_may_be_html(api: Api, practice: PracticeSellsy) -> None:
    practice.control(burst=1)
    burst, after = ask(api), ask(api)
    practice.control(burst=1, burst_status=503)
    gateway = ask(api)
    practice.control(fail_every=1)
    failed = ask(api)

    assert (burst.status_code, burst.json()["error"]["code"], after.status_code) == (429, 429, 200)
    assert (gateway.status_code, gateway.headers["Content-Type"]) == (503, "text/html;charset=UTF-8")
    assert (failed.status_code, "<h1>" in failed.text) == (500, True)


def test_what_was_applied_and_then_lost_is_really_applied(api: Api, practice: PracticeSellsy) -> None:
    practice.control(reset=1, kinds=["companies.create"])

    with pytest.raises(requests.ConnectionError):
        api.session.post(f"{API}/companies", json={"type": "client", "name": "Lost", "reference": "LOST"})
    # There is no idempotency key: who asks again by the reference finds it.
    assert ids(api.search("/companies", reference=["lost"])) == [4]


def test_an_answer_may_be_cut_short_or_be_a_page(api: Api, practice: PracticeSellsy) -> None:
    practice.control(truncate=1)
    with pytest.raises(requests.JSONDecodeError):
        ask(api).json()
    practice.control(html=1)
    assert "maintenance" in ask(api).text


def test_some_writes_conflict_and_some_break_a_rule(api: Api, practice: PracticeSellsy) -> None:
    practice.control(conflicts=1)
    api.refused("PUT", "/companies/1", {"note": "x"}, 409)
    practice.control(reject_every=1)
    api.refused("PUT", "/companies/1", {"note": "x"}, 400)
    practice.control(clear=True)
    practice.control(unlimited=True)
    assert api("PUT", "/companies/1", {"note": "x"})["note"] == "x"


def test_staff_may_be_told_in_short_and_alone(api: Api, practice: PracticeSellsy) -> None:
    everybody = api.get("/staffs?limit=100")
    blocked = api("POST", "/staffs/search?limit=100", {"filters": {"status": ["blocked"]}})
    practice.control(staffs_are_shy=True)
    alone = api.get("/staffs")

    assert everybody["pagination"]["total"] == 14
    assert [one["lastname"] for one in blocked["data"]] == ["Peyrac", "Falk"]
    assert {one["status"] for one in blocked["data"]} == {"blocked"}
    assert ids(alone) == [1]
    assert list(alone["data"][0]) == ["id", "lastname", "firstname", "email", "avatar", "status", "position"]
    assert api.get("/staffs/me")["email"] == "ines.moreau@aldervale.example"
    assert api.get("/staffs/2")["firstname"] == "Théo"


def test_an_unknown_control_is_refused_over_http_too(practice: PracticeSellsy) -> None:
    session = practice.session()
    local = {"Host": "localhost"}
    refused = session.post("https://localhost/_control", json={"no_such_fault": 1}, headers=local)
    shown = session.get("https://localhost/_control", headers=local).json()
    foreign = session.get("https://api.sellsy.com/_control")

    assert (refused.status_code, "no_such_fault" in refused.json()["error"]["message"]) == (400, True)
    assert shown["quotas"]["second"]["limit"] == 35
    assert {"index_lag", "unlimited", "retype_fields", "withdraw_scopes"} <= set(shown["known"])
    assert foreign.status_code == 404


def test_webhooks_would_be_told_of_what_they_want_to_know(api: Api, practice: PracticeSellsy) -> None:
    wanted = [{"id": "client.created", "is_enabled": True}, {"id": "people.deleted", "is_enabled": True}]
    off = [{"id": "client.updated", "is_enabled": False}]
    hook = {"type": "http", "endpoint": "https://console.example/hook", "configuration": [*wanted, *off]}
    api("POST", "/webhooks", {**hook, "json_content_type": True}, 201)
    api("POST", "/webhooks", hook, 201)

    api("POST", "/companies", {"type": "client", "name": "Told"}, 201)
    api("POST", "/companies", {"type": "prospect", "name": "Not asked for"}, 201)
    api("PUT", "/companies/4", {"note": "x"})
    practice.delete("contact", "2")

    found = practice.app.control.state()["notices"]
    created = '{"event":"created","relatedtype":"client","relatedid":"4"}'
    assert [one["body"] for one in found[:1]] == [created]
    assert parse_qs(found[1]["body"]) == {"notif": [created]}
    assert [one["headers"]["Content-Type"].partition("/")[2] for one in found] == ["json", "x-www-form-urlencoded"] * 2
    assert '"relatedtype":"people","relatedid":"2"' in found[2]["body"]
    practice.control(forget_notices=True)
    assert practice.app.control.state()["notices"] == []


def test_a_field_that_is_not_there_cannot_be_hidden(practice: PracticeSellsy) -> None:
    for name in ("hide_fields", "remove_fields"):
        with pytest.raises(ApiError):
            practice.control(**{name: ["no-such-field"]})


def test_one_port_holds_all_three_hosts(practice: PracticeSellsy) -> None:
    known, base = practice.credentials, practice.base_url
    form = {"grant_type": "client_credentials", "client_id": known.personal_id, "client_secret": known.personal_secret}
    token = requests.post(f"{base}/oauth2/access-tokens", data=form, timeout=10).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    do_in = '{"method": "CustomFields.getList", "params": {}}'

    listed = requests.get(f"{base}/v2/companies?limit=1&field[]=id", headers=headers, timeout=10)
    old = requests.post(
        f"{base}/0/", data={"request": "1", "io_mode": "json", "do_in": do_in}, headers=headers, timeout=10
    )
    assert (listed.json()["data"], old.json()["status"]) == ([{"id": 1}], "success")


def test_webhooks_are_kept(api: Api) -> None:
    sent = {
        "type": "http", "endpoint": "https://console.example/hook", "is_enabled": True, "json_content_type": True,
        "configuration": [{"id": "client.updated", "is_enabled": True}], "sign_key": "k", "object_in_payload": False,
    }  # fmt: skip
    made = api("POST", "/webhooks", sent, 201)

    assert {**made, **sent} == made
    assert api.get("/webhooks")["data"] == [made] == api.search("/webhooks", endpoint=sent["endpoint"])["data"]
    assert api.get(f"/webhooks/{made['id']}") == made
    assert api("PUT", f"/webhooks/{made['id']}", {"is_enabled": False})["is_enabled"] is False
    assert api.search("/webhooks", is_enabled=True)["data"] == []
    assert list(api.refused("POST", "/webhooks", {"endpoint": "x"})["details"]) == ["type"]
    assert {one["id"] for one in api.get("/webhooks/events")} >= {"client", "prospect", "people", "opportunity"}
    api("DELETE", f"/webhooks/{made['id']}", None, 204)
    api.refused("GET", f"/webhooks/{made['id']}", status=404)
