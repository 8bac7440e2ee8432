from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from integrations.salesforce.client import SalesforceClient
from integrations.salesforce.replies import LocatorExpired
from integrations.wire.errors import DryRun, Misconfigured, NotFound, RateLimited, Transient
from integrations.wire.messages import Request

from .border import ORG, Answer, Border, Clock, answer_of, recorded, salesforce

JULY = datetime(2026, 7, 1, 12, tzinfo=UTC)
AUGUST = datetime(2026, 7, 28, 12, tzinfo=UTC)
NOTHING = {"totalSize": 0, "done": True, "records": []}


def client(border: Border, **options: Any) -> SalesforceClient:
    return SalesforceClient(salesforce(border, **options), ORG)


def asked(border: Border, index: int = 0) -> tuple[str | None, str, dict[str, list[str]]]:
    parts = urlsplit(str(border.sent[index].url))
    return border.sent[index].method, parts.path, parse_qs(parts.query)


def page(names: list[str], following: str = "") -> dict[str, Any]:
    more = {"nextRecordsUrl": following} if following else {}
    return {"totalSize": 3, "done": not following, "records": [{"Name": name} for name in names], **more}


@pytest.mark.requirement("R62")
def test_recorded_pages_of_accounts_are_read_to_the_end() -> None:
    recordings = recorded("accounts")
    border = Border(*(answer_of(one) for one in recordings))
    speaking = client(border)
    query = recordings[0]["request"]["params"]["q"]

    pages = list(speaking.pages(query))

    assert [(one.total, one.done, len(one.records)) for one in pages] == [
        (body["totalSize"], body["done"], len(body["records"]))
        for body in (one["response"]["body"] for one in recordings)
    ]
    assert asked(border) == ("GET", "/services/data/v66.0/query", {"q": [query]})
    assert [asked(border, index)[1] for index in range(1, len(recordings))] == [
        one["response"]["body"]["nextRecordsUrl"] for one in recordings[:-1]
    ]
    assert speaking.session.calls_by_kind == {"query": len(recordings)}
    assert pages[0].records[0] == recordings[0]["response"]["body"]["records"][0]


@pytest.mark.parametrize("name", ["contacts", "opportunities", "users", "query-records"])
def test_recorded_single_pages(name: str) -> None:
    recording = recorded(name)

    [only] = client(Border(answer_of(recording))).pages("SELECT Id FROM X")

    assert list(only.records) == recording["response"]["body"]["records"]
    assert (only.next, only.done) == ("", True)


def test_recorded_next_page_by_its_locator() -> None:
    recording = recorded("retrieve-query-more")
    border = Border(answer_of(recording))

    more = client(border).query_more(recording["request"]["path"])

    assert (asked(border)[1], more.done) == (recording["request"]["path"], True)
    assert list(more.records) == recording["response"]["body"]["records"]


def test_recorded_count_and_aggregate() -> None:
    count = recorded("cci_count_invalid_type")["response"]["body"]["compositeResponse"][0]["body"]
    groups = recorded("rf_query_aggregate")

    total = client(Border(Answer(200, count))).count("SELECT COUNT() FROM Account")
    rows = client(Border(Answer(200, groups))).aggregate("SELECT CampaignId, SUM(Amount) FROM Opportunity GROUP BY 1")

    assert total == 17
    assert rows[0] == {"CampaignId": "701E0000000JuFHIA0", "expr0": 300.0}
    assert all("attributes" not in row for row in rows)


@pytest.mark.parametrize(
    "name", ["describe-sobject", "cci_describe_Contact", "cci_describe_Opportunity", "cci_describe_Event"]
)
def test_recorded_describes(name: str) -> None:
    recording = recorded(name)
    border = Border(answer_of(recording))

    described = client(border).describe("Account")

    assert asked(border)[1] == "/services/data/v66.0/sobjects/Account/describe"
    assert described == recording["response"]["body"]


def test_recorded_limits_and_versions() -> None:
    limits, versions = recorded("get-limits"), recorded("list-available-resources")
    border = Border(answer_of(limits), answer_of(versions))
    speaking = client(border)

    assert speaking.limits()["DailyApiRequests"] == limits["response"]["body"]["DailyApiRequests"]
    assert speaking.versions() == versions["response"]["body"]
    assert [asked(border, index)[1] for index in (0, 1)] == ["/services/data/v66.0/limits", "/services/data/"]


def test_recorded_deletions_and_updates() -> None:
    border = Border(Answer(200, recorded("rf_get_deleted")), Answer(200, recorded("rf_get_updated")))
    speaking = client(border)

    gone = speaking.deleted("Account", JULY, AUGUST)
    changed = speaking.updated("Account", JULY, AUGUST)

    assert [(one.id, one.at) for one in gone.records] == [
        ("a00D0000008pQRAIA2", datetime(2013, 5, 7, 22, 7, 19, tzinfo=UTC))
    ]
    assert (gone.earliest, gone.covered_until) == (
        datetime(2013, 5, 3, 15, 57, tzinfo=UTC),
        datetime(2013, 5, 8, 21, 20, tzinfo=UTC),
    )
    assert (len(changed.ids), changed.covered_until) == (7, datetime(2015, 8, 19, 8, 17, tzinfo=UTC))
    span = {"start": ["2026-07-01T12:00:00+00:00"], "end": ["2026-07-28T12:00:00+00:00"]}
    assert asked(border) == ("GET", "/services/data/v66.0/sobjects/Account/deleted/", span)
    assert "%2B00" in str(border.sent[0].url)


@pytest.mark.requirement("R62")
def test_list_views_are_followed_over_their_pages() -> None:
    base = "/services/data/v66.0/sobjects/Account/listviews"
    first = {"done": False, "listviews": [{"id": "00B1"}, {"id": "00B2"}], "nextRecordsUrl": f"{base}?offset=2"}
    border = Border(Answer(200, first), Answer(200, {"done": True, "listviews": [{"id": "00B3"}]}))

    views = list(client(border).list_views("Account"))

    assert [view["id"] for view in views] == ["00B1", "00B2", "00B3"]
    assert [asked(border, index)[1:] for index in (0, 1)] == [(base, {}), (base, {"offset": ["2"]})]


def test_recorded_list_view_results_are_not_taken_for_a_description() -> None:
    # 25 rows of text: whoever reads these instead of the view's query loses records.
    session = {"max_wait": 0}

    with pytest.raises(Transient) as caught:
        client(Border(Answer(200, recorded("rf_list_view_results"))), **session).view("Account", "00BD0000005WcCN")

    assert caught.value.message == "The answer lacks query."


def test_view_that_is_gone_is_no_empty_view() -> None:
    border = Border(Answer(404, [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]))

    with pytest.raises(NotFound):
        client(border).view("Account", "00BD0000005WcCN")


def test_retrieve_keeps_the_place_of_missing_records() -> None:
    border = Border(Answer(200, [{"Id": "001a"}, None]))

    found = client(border).retrieve("Account", ["001a", "001b"], ["Id"])

    assert found == [{"Id": "001a"}, None]
    assert asked(border)[:2] == ("POST", "/services/data/v66.0/composite/sobjects/Account")
    assert orjson.loads(border.sent[0].body or b"") == {
        "ids": ["001a", "001b"],
        "fields": ["Id"],
    }


def test_retrieve_refuses_more_than_salesforce_takes() -> None:
    border = Border(Answer(200, []))

    with pytest.raises(ValueError, match="2000"):
        client(border).retrieve("Account", ["001a"] * 2001, ["Id"])

    assert border.sent == []


def test_bulk_query_from_job_to_last_page() -> None:
    border = Border(
        Answer(200, {"id": "750a", "state": "UploadComplete"}),
        Answer(200, {"id": "750a", "state": "JobComplete", "numberRecordsProcessed": 3}),
        Answer(
            200,
            'Id,Name\n"001a","Alder ""Vale""\nTwo"\n001b,\n',
            {"Sforce-Locator": "MTAw", "Sforce-NumberOfRecords": "2"},
        ),
        Answer(200, "Id,Name\n001c,Ü\n", {"Sforce-Locator": "null", "Sforce-NumberOfRecords": "1"}),
        Answer(204),
    )
    speaking = client(border, read_only=True)

    job = speaking.bulk_query("SELECT Id, Name FROM Account")
    state = speaking.bulk_state(job)
    first = speaking.bulk_results(job, max_records=2)
    second = speaking.bulk_results(job, first.next_locator)
    speaking.bulk_delete(job)

    assert (job, state.is_done, state.records) == ("750a", True, 3)
    assert list(first.rows) == [{"Id": "001a", "Name": 'Alder "Vale"\nTwo'}, {"Id": "001b", "Name": ""}]
    assert (list(second.rows), second.next_locator) == ([{"Id": "001c", "Name": "Ü"}], "")
    assert asked(border, 2)[2] == {"maxRecords": ["2"]}
    assert asked(border, 3)[2] == {"locator": ["MTAw"]}
    assert speaking.session.calls_by_kind == {"bulk": 5}


@pytest.mark.requirement("F7")
@pytest.mark.parametrize("text", ["Id,Name\n001a,A\n", "Id,Name\n001a,A\n001b", "Id,Name\n001a,A\n001b,B,C\n"])
def test_bulk_page_with_rows_missing_is_broken(text: str) -> None:
    border = Border(Answer(200, text, {"Sforce-NumberOfRecords": "2"}))
    rows = client(border).bulk_results("750a").rows

    with pytest.raises(Transient) as caught:
        list(rows)

    assert caught.value.code == "BROKEN_ANSWER"


@pytest.mark.requirement("E1")
@pytest.mark.parametrize(
    "hostile",
    [
        "https://evil.example/services/data/v66.0/query/01g",
        "//evil.example/services/data/v66.0/query/01g",
        "https://other.my.salesforce.com/services/data/v66.0/query/01g",
        "http://aldervale.my.salesforce.com/services/data/v66.0/query/01g",
        f"{ORG}@evil.example/services/data/v66.0/query/01g",
        "/services/oauth2/revoke?token=x",
        "/services/data/v66.0/../../oauth2/revoke",
        "/services/data/v66.0\\@evil.example",
        "services/data/v66.0/query/01g",
        "@evil.example/services/data/v66.0",
    ],
)
def test_next_page_elsewhere_is_refused_before_anything_leaves(hostile: str) -> None:
    border = Border(Answer(200, page(["A"], hostile)), Answer(200, NOTHING))

    with pytest.raises(Misconfigured):
        list(client(border).pages("SELECT Name FROM Account"))

    assert len(border.sent) == 1


def test_next_page_may_be_absolute_on_the_same_origin() -> None:
    border = Border(Answer(200, NOTHING))

    client(border).query_more(f"{ORG}/services/data/v66.0/query/01g-2000")

    assert asked(border)[1] == "/services/data/v66.0/query/01g-2000"


def test_paging_that_turns_in_circles_is_stopped() -> None:
    border = Border(Answer(200, page(["A"], "/services/data/v66.0/query/01g-2000")))

    with pytest.raises(Misconfigured) as caught:
        list(client(border).pages("SELECT Name FROM Account"))

    assert (caught.value.code, len(border.sent)) == ("PAGING_LOOP", 2)


def test_lost_locator_is_for_the_caller_to_begin_anew() -> None:
    border = Border(Answer(400, [{"errorCode": "INVALID_QUERY_LOCATOR", "message": "invalid query locator"}]))

    with pytest.raises(LocatorExpired):
        client(border).query_more("/services/data/v66.0/query/01g-2000")

    assert len(border.sent) == 1


@pytest.mark.requirement("F2")
def test_exhausted_day_is_not_waited_for() -> None:
    clock = Clock()
    said = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]
    border = Border(Answer(403, said))

    with pytest.raises(RateLimited) as caught:
        client(border, clock=clock, sleep=clock.sleep).query("SELECT Id FROM Account")

    assert (len(border.sent), clock.slept, caught.value.daily, caught.value.until is not None) == (1, [], True, True)


def test_too_many_long_calls_are_waited_for() -> None:
    clock = Clock()
    said = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "ConcurrentPerOrgLongTxn Limit exceeded."}]
    border = Border(Answer(403, said), Answer(200, NOTHING))

    client(border, clock=clock, sleep=clock.sleep).query("SELECT Id FROM Account")

    assert clock.slept == [5.0]


@pytest.mark.requirement("F7")
@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"<html>Down for maintenance</html>",
        b'{"totalSize":1,"done":true,"rec',
        b'{"totalSize":1,"done":true}',
        b"[]",
    ],
)
def test_broken_page_is_never_read_as_empty(broken: bytes) -> None:
    border = Border(Answer(200, broken), Answer(200, page(["A"])))

    only = client(border).query("SELECT Name FROM Account")

    assert ([row["Name"] for row in only.records], len(border.sent)) == (["A"], 2)


@pytest.mark.requirement("F7")
@pytest.mark.parametrize(
    "body", [{"totalSize": 2, "done": False, "records": []}, {"totalSize": 2, "done": True, "records": None}]
)
def test_page_without_an_end_is_never_taken_for_the_last(body: dict[str, Any]) -> None:
    with pytest.raises(Transient) as caught:
        list(client(Border(Answer(200, body))).pages("SELECT Id FROM Account"))

    assert caught.value.code == "BROKEN_ANSWER"


@pytest.mark.parametrize("body", [[], [{"Id": "001a"}], {"Id": "001a"}])
def test_retrieve_with_a_place_missing_is_broken(body: Any) -> None:
    with pytest.raises(Transient) as caught:
        client(Border(Answer(200, body))).retrieve("Account", ["001a", "001b"], ["Id"])

    assert caught.value.code == "BROKEN_ANSWER"


def test_preview_reads_everything_and_still_cannot_write() -> None:
    border = Border(Answer(200, []))
    speaking = client(border, read_only=True)

    speaking.retrieve("Account", [], ["Id"])
    with pytest.raises(DryRun):
        speaking.session.send(Request("PATCH", f"{ORG}/services/data/v66.0/composite/sobjects", json={}))

    assert [sent.method for sent in border.sent] == ["POST"]


def test_instance_outside_of_salesforce_is_refused() -> None:
    with pytest.raises(Misconfigured):
        SalesforceClient(salesforce(Border(Answer())), "https://aldervale.evil.example")


def test_names_cannot_leave_their_place_in_the_path() -> None:
    border = Border(Answer(200, {"query": "SELECT Id FROM Account"}))

    client(border).view("Account", "x/../../y?z")

    assert urlsplit(str(border.sent[0].url)).path.endswith("/listviews/x%2F..%2F..%2Fy%3Fz/describe")


def test_queries_travel_whole() -> None:
    border = Border(Answer(200, NOTHING))
    query = "SELECT Id FROM Account WHERE Name = 'A&B + 100%' AND SystemModstamp >= 2026-11-25T09:00:00Z"

    client(border).query_all(query)

    assert asked(border) == ("GET", "/services/data/v66.0/queryAll", {"q": [query]})
