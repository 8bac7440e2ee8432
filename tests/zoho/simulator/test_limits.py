"""Credits, concurrency, costs and faults, with the vendor's headers, or the lack of them."""

import threading

import pytest
import requests

from integrations.rehearsal.practice_zoho import PracticeZoho

from .caller import Caller, problem
from .conftest import Clock
from .recorded import load, needs_recordings


def spent(zoho: PracticeZoho) -> int:
    used: int = zoho.app.control.state()["quota"]["used"]
    return used


def test_credits_of_the_edition(zoho: PracticeZoho) -> None:
    assert zoho.app.control.state()["quota"] == {"max": 70_000, "used": 0}


@pytest.mark.parametrize(("method", "path", "body", "cost"), [
    ("GET", "org", None, 1), ("GET", "Accounts?fields=id", None, 1), ("GET", "Accounts/deleted", None, 2),
    ("GET", "Accounts?fields=id&cvid=1", None, 3), ("POST", "Contacts", {"data": [{"Last_Name": "x"}] * 10}, 1),
    ("POST", "Contacts", {"data": [{"Last_Name": "x"}] * 11}, 2), ("POST", "Contacts/upsert", {"data": [{}] * 100}, 10),
    ("POST", "coql", {"select_query": "select id from Accounts where id is not null limit 200"}, 1),
    ("POST", "coql", {"select_query": "select id from Accounts where id is not null limit 1000"}, 2),
    ("POST", "coql", {"select_query": "select id from Accounts where id is not null limit 2000"}, 3),
    ("POST", "settings/fields?module=Accounts", {"fields": [{"field_label": "A", "data_type": "text"}] * 2}, 20),
    ("POST", "bulk/read", {"query": {"module": {"api_name": "Accounts"}}}, 50),
])  # fmt: skip
def test_what_calls_cost(api: Caller, zoho: PracticeZoho, method: str, path: str, body: object, cost: int) -> None:
    api.call(method, path, json=body)

    assert spent(zoho) == cost


def test_remaining_credits_are_told_from_half_on(api: Caller, zoho: PracticeZoho) -> None:
    zoho.control(quota_used=34_998)
    quiet = api.get("org")

    told = api.get("org")

    assert "X-API-CREDITS-REMAINING" not in quiet.headers
    assert told.headers["X-API-CREDITS-REMAINING"] == "35000"


def test_no_credits_left_until_a_day_has_passed(api: Caller, zoho: PracticeZoho, clock: Clock) -> None:
    zoho.control(quota_max=3)
    answers = [api.get("org").status_code for _ in range(4)]
    refused = api.get("org")
    clock.forward(86_401)

    assert answers == [200, 200, 200, 429]
    assert problem(refused)[:2] == (429, "TOO_MANY_REQUESTS")
    assert "Retry-After" not in refused.headers
    assert Caller.signed_in(zoho).get("org").status_code == 200


def test_unlimited_lifts_everything(api: Caller, zoho: PracticeZoho) -> None:
    zoho.control(quota_max=1, unlimited=True)

    assert [api.get("org").status_code for _ in range(3)] == [200] * 3


def test_exhausted_credits_on_demand(api: Caller, zoho: PracticeZoho) -> None:
    zoho.control(credits_exhausted=True)
    refused = api.get("org").status_code
    zoho.control(credits_exhausted=False)

    assert (refused, api.get("org").status_code) == (429, 200)


@pytest.mark.parametrize(("path", "places"), [("org", 20), ("Accounts/search?word=zz", 10)])
def test_too_many_calls_at_once(api: Caller, zoho: PracticeZoho, path: str, places: int) -> None:
    zoho.control(hold_calls=100, hold_seconds=0.4)
    statuses: list[int] = []

    def call() -> None:
        statuses.append(api.get(path).status_code)

    threads = [threading.Thread(target=call) for _ in range(places + 3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    good = [one for one in statuses if one != 429]
    assert (len(good), len(statuses)) == (places, places + 3)
    zoho.control(clear=True)
    assert api.get(path).status_code in {200, 204}


def test_concurrency_on_demand(api: Caller, zoho: PracticeZoho) -> None:
    zoho.control(concurrent_limit=2)

    assert [api.get("org").status_code for _ in range(3)] == [429, 429, 200]


def test_burst_names_no_time_to_wait(api: Caller, zoho: PracticeZoho) -> None:
    zoho.control(burst=1)
    refused = api.get("org")
    zoho.control(burst=1, burst_status=503)
    page = api.get("org")

    assert problem(refused)[:2] == (429, "TOO_MANY_REQUESTS")
    assert "Retry-After" not in refused.headers
    assert (page.status_code, page.headers["Content-Type"]) == (503, "text/html;charset=UTF-8")


def test_generic_faults(api: Caller, zoho: PracticeZoho) -> None:
    zoho.control(fail_every=2)
    statuses = [api.get("org").status_code for _ in range(4)]
    zoho.control(clear=True, html=1)
    page = api.get("org")
    zoho.control(truncate=1)
    short = api.get("org")

    assert statuses == [200, 500, 200, 500]
    assert page.headers["Content-Type"].startswith("text/html")
    with pytest.raises(requests.JSONDecodeError):
        short.json()


def test_answer_that_breaks_off_has_done_its_work(api: Caller, zoho: PracticeZoho) -> None:
    zoho.control(reset=1)

    with pytest.raises(requests.ConnectionError):
        api.post("Contacts", {"data": [{"Last_Name": "Written"}]})

    assert api.get("Contacts", fields="Last_Name", per_page=1).json()["data"][0]["Last_Name"] == "Written"


def test_sessions_end_after_some_calls(api: Caller, zoho: PracticeZoho) -> None:
    zoho.control(expire_after=2)

    assert [api.get("org").status_code for _ in range(3)] == [200, 401, 401]


def test_faults_of_one_kind_leave_the_others_alone(api: Caller, zoho: PracticeZoho) -> None:
    zoho.control(kinds=["search"], burst=5)

    assert api.get("org").status_code == 200
    assert api.get("Accounts/search", word="zz").status_code == 429


def test_emails_may_be_unavailable(api: Caller, zoho: PracticeZoho) -> None:
    zoho.control(emails_unavailable=True)

    assert problem(api.get("Accounts/4821730000001000001/Emails"))[:2] == (400, "CANNOT_PROCESS")


@needs_recordings
def test_bodies_of_the_vendors_error_table(api: Caller, zoho: PracticeZoho) -> None:
    """Its flat refusals, code by code, in the very words."""
    table = {row["body"]["code"]: row for row in load("errors/errors.json") if row["body"] and "code" in row["body"]}
    zoho.control(denied=["Crm_Implied_View_Leads"])
    asked = {
        "NO_PERMISSION": api.get("Leads", fields="id"), "INVALID_URL_PATTERN": api.get("Accounts/1/2/3/4"),
        "INVALID_REQUEST_METHOD": api.call("PATCH", "org"), "INVALID_MODULE": api.get("Nonsense", fields="id"),
        "REQUIRED_PARAM_MISSING": api.get("Accounts"), "PATTERN_NOT_MATCHED": api.get("Accounts/deleted", type="x"),
        "LIMIT_EXCEEDED": api.get("Accounts", fields=",".join(f"a{n}" for n in range(51))),
        "DISCRETE_PAGINATION_LIMIT_EXCEEDED": api.get("Accounts", fields="id", page=11),
        "TOKEN_BOUND_DATA_MISMATCH": api.get("Accounts", fields="id", page_token="x"),
        "EXPECTED_PARAM_MISSING": api.get("Accounts/search"),
        "LIMIT_REACHED": api.get("Accounts/search", word="aa", page=11),
        "INVALID_TOKEN": api.get("org", headers={"Authorization": "Zoho-oauthtoken x"}),
        "RESOURCE_NOT_FOUND": api.get("bulk/read/1"),
    }  # fmt: skip

    for code, answer in asked.items():
        assert (answer.status_code, answer.json()) == (table[code]["http_status"], table[code]["body"])
