"""The client and the connector against answers that a real Zoho gave, or that the vendor's documentation prints."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import requests

from integrations.engine.mapping import Kind
from integrations.sync.connector import Answer as Said
from integrations.wire.errors import (
    AuthExpired,
    Conflict,
    Misconfigured,
    NeedsSignIn,
    NotFound,
    RateLimited,
    Rejected,
    Transient,
    WireError,
)
from integrations.wire.messages import Reply
from integrations.wire.session import Session
from integrations.zoho import replies
from integrations.zoho.agreements import WON, won_of_pipelines
from integrations.zoho.client import WritingClient, host_policy
from integrations.zoho.customviews import usable_first
from integrations.zoho.gone import gone_of
from integrations.zoho.rows import Row
from integrations.zoho.schema import KINDS, WORDS, Described
from integrations.zoho.values import convert, value_of
from integrations.zoho.verdicts import verdict
from tests.wire.border import Answer, Border, Clock

from .simulator.recorded import load, needs_recordings

API = "https://www.zohoapis.eu"


def client_at(*answers: Answer, serve: Callable[..., Answer] | None = None) -> tuple[WritingClient, Border]:
    border, clock = Border(*answers, serve=serve), Clock()
    session = Session(host_policy(), classify=replies.classify, clock=clock, sleep=clock.sleep, adapter=border)
    return WritingClient(session, API), border


def recorded(name: str) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = load(f"recorded/{name}.json")
    return calls


def first_answer(name: str) -> Answer:
    response = recorded(name)[0]["response"]
    return Answer(response["status"], response["body"], response["headers"])


def printed(name: str) -> Any:
    return load(f"recorded/v7doc_{name}.json")


# --- Reading


@needs_recordings
def test_recorded_accounts_become_values() -> None:
    rows = recorded("v2_list-accounts")[0]["response"]["body"]["data"]
    owner = rows[0]["Owner"]

    assert value_of(rows[0], "Owner.email", "text", {owner["id"]: "a@d.example"}) == "a@d.example"
    assert {type(convert(row["Modified_Time"], "datetime")) for row in rows} == {datetime}
    assert all(isinstance(convert(row["Employees"], "integer"), int | None) for row in rows)
    assert all(isinstance(convert(row["Annual_Revenue"], "currency"), Decimal | None) for row in rows)
    assert all(convert(row["Tag"], "tags") is None or convert(row["Tag"], "tags") for row in rows)


@needs_recordings
def test_recorded_answers_of_queries_and_lists_go_through_the_client() -> None:
    client, _border = client_at(Answer(200, printed("coql_text")), Answer(200, load("recorded/v6_contacts.json")))

    asked, listed = (
        client.query("select Last_Name from Leads where id is not null"),
        client.listed("Contacts", ["Full_Name"]),
    )

    assert [row["Full_Name"] for row in asked.rows] == ["Patricia Boyle", "Steve Boyle"]
    assert (asked.has_more, len(listed.rows), listed.next) == (False, 2, "")


@needs_recordings
def test_recorded_deletions_name_their_ids_also_where_only_the_id_is_known() -> None:
    client, border = client_at(Answer(200, printed("deleted")))

    found = client.deleted("Leads", since=datetime(2026, 1, 5, 8, tzinfo=UTC))

    assert len(gone_of(found)) == 4
    assert border.sent[0].headers["If-Modified-Since"] == "2026-01-05T08:00:00+00:00"


@needs_recordings
def test_recorded_fields_of_a_real_account_become_a_schema() -> None:
    fields = printed("fields_leads_full_account")["fields"]

    found = Described(fields).fields

    by_path = {field.path: field for field in found}
    assert len(by_path) == len(found) > 60
    assert by_path["id"].is_id
    assert by_path["Owner.email"].is_person
    assert by_path["Owner.email"].is_updateable
    assert by_path["Email"].kind is Kind.EMAIL
    assert not by_path["Created_Time"].is_updateable
    assert all(field.label and WORDS.get(field.type) for field in found)
    left_out = {
        field["data_type"] for field in fields if field["api_name"] not in {p.removesuffix(".email") for p in by_path}
    }
    assert not left_out & set(KINDS)
    assert "-None-" not in {choice.value for field in found for choice in field.choices}


@needs_recordings
def test_recorded_pipelines_say_which_stages_win() -> None:
    pipelines = printed("pipelines")["pipeline"]
    won = {one["actual_value"] for pipeline in pipelines for one in pipeline["maps"] if one["forecast_type"] == WON}

    assert set(won_of_pipelines(pipelines)) == won
    assert won


@needs_recordings
def test_recorded_views_of_the_system_are_not_offered() -> None:
    views = printed("custom_views_leads")["custom_views"]

    offered = usable_first(views)

    assert {view.id for view in offered} == {one["id"] for one in views if not one["system_defined"]}


@pytest.mark.parametrize("status", [204, 304])
def test_answer_without_a_body_is_an_empty_one(status: int) -> None:
    client, _border = client_at(Answer(status))

    assert client.query("select id from Accounts where id is not null").rows == ()
    assert client.deleted("Accounts", since=datetime(2026, 1, 5, tzinfo=UTC)).rows == ()


def test_text_cut_short_is_fetched_again() -> None:
    whole = '{"data": [{"id": "1"}], "info": {"more_records": false}}'
    client, border = client_at(Answer(200, whole[:20]), Answer(200, whole))

    assert [row["id"] for row in client.query("select id from Accounts where id is not null").rows] == ["1"]
    assert len(border.sent) == 2


def test_name_of_dots_leads_nowhere_else() -> None:
    client, border = client_at(Answer())

    with pytest.raises(NotFound):
        client.deleted("..")
    assert border.sent == []


# --- Writing


@needs_recordings
@pytest.mark.parametrize("name", ["v2_create-account", "v2_create-contact", "v2_update-account", "v2_delete-account"])
def test_recorded_successes_are_done(name: str) -> None:
    [call] = recorded(name)[:1]
    items = call["response"]["body"]["data"]

    row = Row("Accounts", id=items[0]["details"]["id"] if "create" not in name else "", deletes="delete" in name)
    answer = verdict(row, items[0])

    assert (answer.answer, answer.source_id) == (Said.DONE, items[0]["details"]["id"])


@needs_recordings
def test_call_all_of_whose_records_were_refused_answers_for_each() -> None:
    refusals = {one["where"]: one for one in load("errors/errors.json")}
    one = refusals["write item: mandatory field absent"]
    client, _border = client_at(Answer(one["http_status"], one["body"]))

    [item] = client.create("Contacts", [{"First_Name": "A"}])

    answer = verdict(Row("Contacts"), item)
    assert (answer.answer, answer.code, answer.fields) == (Said.REFUSED, "MANDATORY_NOT_FOUND", ("Last_Name",))


@needs_recordings
def test_unique_value_that_is_taken_names_its_holder() -> None:
    refusals = {one["where"]: one["body"] for one in load("errors/errors.json")}
    [taken] = refusals["write item: unique value taken"]["data"]
    [several] = refusals["write item: several at once"]["data"]

    linked = verdict(Row("Accounts", key="k", key_field="Skalin_Sync_ID"), taken)
    mine = verdict(Row("Accounts", key="k", key_field="Unique_1"), taken)
    nobody = verdict(Row("Accounts"), several)
    known = verdict(Row("Accounts", id="1"), taken)

    assert (linked.answer, linked.source_id) == (Said.EXISTS, "2008662000006256222")
    assert (mine.answer, mine.source_id) == (Said.DONE, "2008662000006256222")
    assert (nobody.answer, nobody.fields) == (Said.REFUSED, ("Email",))
    assert known.answer is Said.REFUSED


def test_answer_that_lacks_a_record_is_broken() -> None:
    client, _border = client_at(Answer(200, {"data": [{"code": "SUCCESS", "details": {"id": "1"}}]}))

    with pytest.raises(Transient) as broken:
        client.update("Accounts", [{"id": "1"}, {"id": "2"}])

    assert broken.value.sent


def test_decimals_leave_with_all_their_digits() -> None:
    from integrations.zoho.columns import column_value

    client, border = client_at(Answer(201, {"data": [{"code": "SUCCESS", "details": {"id": "1"}}]}))

    client.create("Deals", [{"Amount": column_value(Decimal("1234567890123.45"), "currency")}])

    assert border.sent[0].body == b'{"data":[{"Amount":1234567890123.45}]}'


def test_create_without_a_key_is_not_sent_twice() -> None:
    def broken(_request: requests.PreparedRequest) -> Answer:
        raise requests.ConnectionError

    client, border = client_at(serve=broken)

    with pytest.raises(Transient):
        client.create("Accounts", [{"Account_Name": "A"}])

    assert len(border.sent) == 1


# --- Refusals

EXPECTED: dict[str, type[WireError]] = {
    "AUTHENTICATION_FAILURE": AuthExpired, "INVALID_TOKEN": AuthExpired, "OAUTH_SCOPE_MISMATCH": NeedsSignIn,
    "NO_PERMISSION": Misconfigured, "INVALID_URL_PATTERN": Misconfigured, "INVALID_REQUEST_METHOD": Misconfigured,
    "INVALID_MODULE": Misconfigured, "INTERNAL_ERROR": Transient, "TOO_MANY_REQUESTS": RateLimited,
    "REQUIRED_PARAM_MISSING": Misconfigured, "DISCRETE_PAGINATION_LIMIT_EXCEEDED": replies.NoFurther,
    "PAGINATION_LIMIT_EXCEEDED": replies.NoFurther, "LIMIT_REACHED": replies.NoFurther,
    "TOKEN_BOUND_DATA_MISMATCH": replies.TokenLost, "EXPIRED_VALUE": replies.TokenLost,
    "AMBIGUITY_DURING_PROCESSING": Misconfigured, "PATTERN_NOT_MATCHED": Misconfigured,
    "EXPECTED_PARAM_MISSING": Misconfigured, "INVALID_QUERY": Misconfigured, "SYNTAX_ERROR": Misconfigured,
    "RESOURCE_NOT_FOUND": NotFound, "ALREADY_MODIFIED": Rejected, "invalid_code": NeedsSignIn,
    "invalid_client": Misconfigured, "invalid_redirect_uri": Misconfigured, "Access Denied": RateLimited,
}  # fmt: skip


@needs_recordings
def test_every_known_refusal_has_a_decision() -> None:
    seen = set()
    for one in load("errors/errors.json"):
        if one["body"] is None:
            continue
        error = replies.classify(Reply(one["http_status"], {}, Answer(200, one["body"]).content))
        assert error is not None, one["where"]
        expected = EXPECTED.get(error.code, Rejected)
        if error.code == "LIMIT_EXCEEDED":
            expected = Rejected if "data" in one["body"] else Misconfigured
        assert isinstance(error, expected), (one["where"], error)
        seen.add(error.code)
    assert set(EXPECTED) <= seen


def test_record_that_moved_under_a_flat_answer_is_a_conflict() -> None:
    body = {"code": "ALREADY_MODIFIED", "details": {}, "message": "", "status": "error"}

    assert isinstance(replies.classify(Reply(412, {}, Answer(200, body).content)), Conflict)


def test_page_of_a_gateway_is_a_passing_failure() -> None:
    assert isinstance(replies.error_of({}, 502), Transient)
    error = replies.classify(Reply(503, {}, b"<html>Service unavailable</html>"))
    assert isinstance(error, Transient)
