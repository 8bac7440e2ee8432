import time

import pytest
import requests

from integrations.rehearsal.practice import PracticeSalesforce

from .conftest import signed_in


class Caller:
    def __init__(self, org: PracticeSalesforce) -> None:
        sf = signed_in(org)
        self.http, self.headers, self.base = sf.session, sf.headers, sf.base_url

    def get(self, path: str = "limits", **more: str) -> requests.Response:
        return self.http.get(self.base + path, headers={**self.headers, **more})

    def statuses(self, count: int) -> list[int]:
        return [self.get().status_code for _ in range(count)]


@pytest.fixture
def caller(small: PracticeSalesforce) -> Caller:
    return Caller(small)


def code_of(reply: requests.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()[0]["errorCode"]


@pytest.mark.requirement("F1")
def test_burst_refuses_so_many_calls_and_says_when_to_come_back(small: PracticeSalesforce, caller: Caller) -> None:
    small.control(burst=2, burst_status=503, retry_after=7)

    first = caller.get()

    assert (first.status_code, first.headers["Retry-After"], first.headers["Content-Type"][:9]) == (
        503,
        "7",
        "text/html",
    )
    assert caller.statuses(2) == [503, 200]


@pytest.mark.requirement("F2")
def test_quota_of_the_day_is_a_403_until_it_is_cleared(small: PracticeSalesforce, caller: Caller) -> None:
    small.control(daily_quota_exhausted=True)
    refused = caller.get()

    small.control(clear=True)

    assert code_of(refused) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert refused.json()[0]["message"] == "TotalRequests Limit exceeded."
    assert "Retry-After" not in refused.headers
    assert caller.get().status_code == 200


@pytest.mark.requirement("F2")
def test_quota_is_counted_shown_and_used_up(small: PracticeSalesforce, caller: Caller) -> None:
    small.control(quota_max=100, quota_used=98)

    replies = [caller.get() for _ in range(3)]

    assert [r.headers.get("Sforce-Limit-Info") for r in replies[:2]] == ["api-usage=99/100", "api-usage=100/100"]
    assert replies[0].json()["DailyApiRequests"] == {"Max": 100, "Remaining": 2}
    assert code_of(replies[2]) == (403, "REQUEST_LIMIT_EXCEEDED")


@pytest.mark.requirement("F3")
def test_every_third_call_fails(small: PracticeSalesforce, caller: Caller) -> None:
    small.control(fail_every=3)

    assert caller.statuses(6) == [200, 200, 500, 200, 200, 500]


@pytest.mark.requirement("F5")
def test_held_answer_comes_late_and_its_work_is_done(small: PracticeSalesforce, caller: Caller) -> None:
    small.control(hold_calls=1, hold_seconds=0.3)
    started = time.monotonic()

    caller.http.post(caller.base + "sobjects/Account", json={"Name": "Held"}, headers=caller.headers)

    assert time.monotonic() - started >= 0.3
    assert len(small.query("SELECT Id FROM Account WHERE Name = 'Held'")) == 1


@pytest.mark.requirement("F7")
def test_broken_bodies_are_broken(small: PracticeSalesforce, caller: Caller) -> None:
    small.control(truncate=1, html=1)
    maintenance, cut = caller.get(), caller.get()

    assert (maintenance.status_code, maintenance.headers["Content-Type"][:9]) == (200, "text/html")
    with pytest.raises(requests.exceptions.JSONDecodeError):
        cut.json()
    assert caller.get().json()


@pytest.mark.requirement("F8")
def test_reset_breaks_the_connection_in_mid_body(small: PracticeSalesforce, caller: Caller) -> None:
    small.control(reset=2)
    token = caller.headers["Authorization"]

    with pytest.raises(requests.ConnectionError):
        caller.get()
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        requests.get(f"{small.base_url}/services/data/v60.0/sobjects", headers={"Authorization": token}, timeout=5)
    assert requests.get(f"{small.base_url}/services/data/", timeout=5).status_code == 200


@pytest.mark.requirement("F9")
def test_sessions_end_at_the_call_that_was_named(small: PracticeSalesforce, caller: Caller) -> None:
    small.control(expire_after=3)

    assert caller.statuses(4) == [200, 200, 401, 401]


@pytest.mark.requirement("F10")
def test_password_reset_ends_sessions_and_sign_in(small: PracticeSalesforce, caller: Caller) -> None:
    small.control(reset_password=True)

    with pytest.raises(Exception, match="INVALID_LOGIN"):
        signed_in(small)
    assert caller.get().status_code == 401


def test_org_without_api_says_so(small: PracticeSalesforce, caller: Caller) -> None:
    small.control(api_disabled=True)

    assert code_of(caller.get()) == (403, "API_DISABLED_FOR_ORG")
    with pytest.raises(Exception, match="API_DISABLED_FOR_ORG"):
        signed_in(small)


@pytest.mark.requirement("F11", "F24")
def test_fields_can_be_hidden_removed_and_retyped(small: PracticeSalesforce) -> None:
    sf = signed_in(small)

    small.control(
        hide_fields=["Account.Website"],
        remove_fields=["Account.Phone"],
        retype_fields={"Account.Customer_Number__c": "double"},
    )

    types = {f["name"]: f["type"] for f in sf.Account.describe()["fields"]}
    assert (types.get("Website"), types.get("Phone"), types["Customer_Number__c"]) == (None, None, "double")
    with pytest.raises(Exception, match="No such column 'Website'"):
        sf.query("SELECT Website FROM Account")
    small.control(show_fields=["Account.Website"])
    assert sf.query("SELECT Website FROM Account LIMIT 1")["records"][0]["Website"]


def test_fault_for_one_kind_of_call_leaves_the_others_alone(small: PracticeSalesforce, caller: Caller) -> None:
    small.control(fail_every=1, kinds=["query"])

    assert (caller.get("query?q=SELECT+Id+FROM+User").status_code, caller.get().status_code) == (500, 200)


@pytest.mark.requirement("F25")
def test_every_second_written_record_is_rejected_alone(small: PracticeSalesforce, caller: Caller) -> None:
    small.control(reject_every=2)
    records = [{"attributes": {"type": "Account"}, "Name": f"Row {n}"} for n in range(4)]

    results = caller.http.post(
        caller.base + "composite/sobjects", json={"records": records}, headers=caller.headers
    ).json()

    assert [r["success"] for r in results] == [True, False, True, False]
    assert results[1]["errors"][0]["statusCode"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION"


def test_unknown_control_is_refused(small: PracticeSalesforce) -> None:
    with pytest.raises(Exception, match="no control named 'typo'"):
        small.control(typo=1)


def test_too_long_a_request_gets_the_gateways_page(caller: Caller) -> None:
    long_uri = caller.get("query?q=" + "x" * 17_000)
    long_headers = caller.get(**{"X-Long": "x" * 17_000})

    assert (long_uri.status_code, long_headers.status_code) == (414, 431)
    assert {r.headers["Content-Type"][:9] for r in (long_uri, long_headers)} == {"text/html"}


@pytest.mark.requirement("F20")
def test_clock_of_the_org_moves_its_stamps(small: PracticeSalesforce, caller: Caller) -> None:
    before = caller.get().headers["Date"]
    small.control(clock_offset=86_400)

    made = small.create("Account", Name="Tomorrow")

    stamp = small.query(f"SELECT SystemModstamp FROM Account WHERE Id = '{made}'")[0]["SystemModstamp"]
    assert before[5:16] != caller.get("limits").headers["Date"][5:16]
    assert stamp > small.query("SELECT MAX(CreatedDate) m FROM Contact")[0]["m"]


@pytest.mark.requirement("F23")
def test_new_row_shows_late_with_the_stamp_it_was_given(small: PracticeSalesforce, caller: Caller) -> None:
    small.create("Account", Name="Slow")
    query = "query?q=SELECT+Id+FROM+Account+WHERE+Name='Slow'"

    small.control(commit_lag=60)
    hidden = caller.get(query).json()["totalSize"]
    small.control(clock_offset=61)

    assert (hidden, caller.get(query).json()["totalSize"]) == (0, 1)


@pytest.mark.requirement("F22")
def test_row_that_changes_between_pages_is_seen_once(practice: PracticeSalesforce) -> None:
    sf = signed_in(practice)
    options = {"Sforce-Query-Options": "batchSize=200"}
    page = sf.query("SELECT Id, SystemModstamp FROM Contact ORDER BY SystemModstamp, Id", headers=options)
    seen = [row["Id"] for row in page["records"]]

    for record_id in (
        *seen[:3],
        practice.query("SELECT Id FROM Contact ORDER BY SystemModstamp DESC LIMIT 1")[0]["Id"],
    ):
        practice.edit("Contact", record_id, Title="Moved")
    while not page["done"]:
        page = sf.query_more(page["nextRecordsUrl"], identifier_is_url=True)
        seen += [row["Id"] for row in page["records"]]

    assert len(seen) == len(set(seen)) == page["totalSize"]
