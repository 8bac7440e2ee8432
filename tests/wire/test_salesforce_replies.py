from typing import Any

import pytest

from integrations.salesforce.causes import CAUSES
from integrations.salesforce.replies import LocatorExpired, classify, classify_result, read_quota
from integrations.wire.errors import (
    AlreadyExists,
    AuthExpired,
    Conflict,
    Misconfigured,
    NotFound,
    RateLimited,
    Rejected,
    Transient,
)
from integrations.wire.messages import Reply, Request
from integrations.wire.quota import Quota
from integrations.wire.statuses import error_of_status

from .border import NOW, ORG, Answer, Border, recorded, salesforce

HTML = "<html><head><title>414</title></head></html>"
DUPLICATE = {
    "errorCode": "DUPLICATES_DETECTED",
    "message": "Use one of these records?",
    "duplicateResut": {"matchResults": [{"matchRecords": [{"record": {"Id": "001dM00003jU9GyQAK"}}]}]},
}


def reply(status: int, body: Any) -> Reply:
    return Reply(status, {}, Answer(status, body).content)


def said(code: str, message: str = "", **more: Any) -> list[dict[str, Any]]:
    return [{"errorCode": code, "message": message, **more}]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, said("INVALID_SESSION_ID", "Session expired or invalid"), AuthExpired),
        (401, said("SOMETHING_NEW"), AuthExpired),
        (403, "Bad_OAuth_Token", AuthExpired),
        (403, said("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), RateLimited),
        (403, said("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."), RateLimited),
        (403, said("API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner"), Misconfigured),
        (403, said("INSUFFICIENT_ACCESS", "insufficient access"), Misconfigured),
        (403, said("OPERATION_TOO_LARGE", "exceeded 100000 distinct who/what's"), Misconfigured),
        (400, said("INVALID_TYPE", "sObject type 'XYZZY' is not supported."), Misconfigured),
        (400, said("MALFORMED_QUERY", "unexpected token: 'x'"), Misconfigured),
        (400, said("INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: x"), Misconfigured),
        (400, said("INVALID_QUERY_LOCATOR", "invalid query locator"), LocatorExpired),
        (400, said("REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", fields=["Name"]), Rejected),
        (400, said("STRING_TOO_LONG", "Name: data value too large: (max length=255)", fields=["Name"]), Rejected),
        (400, said("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Only sales may do this"), Rejected),
        (400, said("INACTIVE_OWNER_OR_USER", "operation performed with inactive user"), Rejected),
        (400, said("DUPLICATE_VALUE", "value on record with id: 001dM00003jU9Gy"), AlreadyExists),
        (400, [DUPLICATE], AlreadyExists),
        (400, said("DUPLICATES_DETECTED", "Use one of these records?"), Rejected),
        (400, said("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record"), Transient),
        (400, said("QUERY_TIMEOUT", "Your query request was running for too long."), Transient),
        (500, said("QUERY_TIMEOUT"), Transient),
        (500, said("UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId"), Transient),
        (500, said("APEX_ERROR"), Transient),
        (503, said("SERVER_UNAVAILABLE", "We're down"), Transient),
        (404, said("NOT_FOUND", "The requested resource does not exist"), NotFound),
        (404, said("NOT_FOUND", "Provided external ID field does not exist or is not accessible: X__c"), Misconfigured),
        (404, said("ENTITY_IS_DELETED", "entity is deleted", fields=[]), NotFound),
        (410, said("UNSUPPORTED_API_VERSION", "gone"), Misconfigured),
        (412, said("PRECONDITION_FAILED", "moved"), Conflict),
        (409, said("INVALIDJOBSTATE", "other version"), Conflict),
        (300, ["/services/data/v66.0/sobjects/Account/001a", "/services/data/v66.0/sobjects/Account/001b"], Conflict),
        (405, said("METHOD_NOT_ALLOWED"), Misconfigured),
        (414, HTML, Misconfigured),
        (431, HTML, Misconfigured),
        (502, HTML, Transient),
        (503, HTML, Transient),
        (500, "", Transient),
        (400, "", Rejected),
        (400, "[]", Rejected),
        (400, '[{"errorCode":', Rejected),
        (404, HTML, NotFound),
    ],
)
def test_classify_every_refusal(status: int, body: Any, error: type[Exception]) -> None:
    answer = reply(status, body)

    decided = classify(answer) or error_of_status(answer)

    assert type(decided) is error


def test_classify_leaves_good_answers_alone() -> None:
    assert [classify(reply(status, {"error": "a field of that name"})) for status in (200, 201, 204, 304)] == [None] * 4


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        (
            "\nSELECT Idd FROM Account\n ^\nERROR at Row:1:Column:8\nNo such column 'Idd' on entity 'Account'. If",
            ("Idd",),
        ),
        ("No such column 'X__c' on sobject of type Account", ("X__c",)),
        ("Didn't understand relationship 'Ownr' in field path. If you are", ("Ownr",)),
        ("Something else", ()),
    ],
)
def test_lost_field_is_named(message: str, fields: tuple[str, ...]) -> None:
    error = classify(reply(400, said("INVALID_FIELD", message)))

    assert isinstance(error, Misconfigured)
    assert error.fields == fields


def test_denied_fields_are_named() -> None:
    message = "Unable to create/update fields: Phone, Fax. Please check the security settings of this field"

    error = classify(reply(400, said("INVALID_FIELD_FOR_INSERT_UPDATE", message)))

    assert isinstance(error, Rejected)
    assert error.fields == ("Phone", "Fax")


@pytest.mark.requirement("F2")
@pytest.mark.parametrize(
    ("words", "daily", "after"), [("TotalRequests", True, 900.0), ("ConcurrentPerOrgLongTxn", False, 5.0)]
)
def test_two_limits_share_a_code_and_differ_in_patience(words: str, daily: bool, after: float) -> None:
    error = classify(reply(403, said("REQUEST_LIMIT_EXCEEDED", f"{words} Limit exceeded.")))

    assert isinstance(error, RateLimited)
    assert (error.daily, error.after) == (daily, after)


@pytest.mark.parametrize(
    "error",
    [
        DUPLICATE,
        {"errorCode": "DUPLICATE_VALUE", "message": "Ext__c duplicates value on record with id: 001dM00003jU9Gy"},
    ],
)
def test_duplicate_names_the_record_to_link_to(error: dict[str, Any]) -> None:
    decided = classify(reply(400, [error]))

    assert isinstance(decided, AlreadyExists)
    assert decided.source_id == "001dM00003jU9GyQAK"


def test_duplicates_with_several_matches_ask_a_person() -> None:
    matches = [{"record": {"Id": f"001dM00003jU9G{letter}QAK"}} for letter in "ab"]
    error = {**DUPLICATE, "duplicateResut": {"matchResults": [{"matchRecords": matches}]}}

    assert isinstance(classify(reply(400, [error])), Conflict)


@pytest.mark.parametrize(
    ("status_code", "error"),
    [
        ("INVALID_CROSS_REFERENCE_KEY", Rejected),
        ("INSUFFICIENT_ACCESS_OR_READONLY", Rejected),
        ("UNABLE_TO_LOCK_ROW", Transient),
        ("ENTITY_IS_DELETED", NotFound),
        ("JSON_PARSER_ERROR", Rejected),
        ("", Rejected),
    ],
)
def test_result_of_a_collection_concerns_its_record_alone(status_code: str, error: type[Exception]) -> None:
    result = {"success": False, "errors": [{"statusCode": status_code, "message": "m", "fields": ["F"]}]}

    assert type(classify_result(result)) is error


def test_result_without_a_reason_is_still_a_refusal() -> None:
    assert isinstance(classify_result({"success": False, "errors": []}), Rejected)


def test_recorded_expired_session_asks_for_a_refresh() -> None:
    error = classify(reply(401, recorded("rf_expired_session")))

    assert isinstance(error, AuthExpired)
    assert str(error) == "INVALID_SESSION_ID: Session expired or invalid"


def test_recorded_invalid_type_is_a_fault_of_the_set_up() -> None:
    answers = recorded("cci_count_invalid_type")["response"]["body"]["compositeResponse"]

    decided = [classify(reply(answer["httpStatusCode"], answer["body"])) for answer in answers]

    assert decided[0] is None
    assert isinstance(decided[1], Misconfigured)
    assert "XYZZY" in decided[1].message


@pytest.mark.parametrize(
    ("name", "refusals"),
    [("create-sobject-collection", []), ("update-sobject-collection", ["INVALID_CROSS_REFERENCE_KEY"])],
)
def test_recorded_collection_results(name: str, refusals: list[str]) -> None:
    results = recorded(name)["response"]["body"]

    errors = [error for result in results if (error := classify_result(result))]

    assert [error.code for error in errors] == refusals
    assert all(isinstance(error, Rejected) for error in errors)


@pytest.mark.parametrize("name", ["cci_collections_update", "cci_collections_upsert_by_id", "cci_composite_queries"])
def test_recorded_cassettes_hold_no_unknown_refusal(name: str) -> None:
    exchanges = [entry["response"] for entry in recorded(name) if "response" in entry]
    results = [
        item
        for response in exchanges
        if isinstance(response["body"], list)
        for item in response["body"]
        if "success" in item
    ]

    whole = [classify(reply(response["status"], response["body"])) for response in exchanges]
    single = [classify_result(result) for result in results]

    assert whole == [None] * len(exchanges)
    assert len([error for error in single if error]) == len([result for result in results if not result["success"]])
    assert all(error.code and error.message for error in single if error)


@pytest.mark.parametrize(
    ("name", "used"),
    [("get-limits", 24), ("describe-sobject", 21), ("query-records", 17), ("contacts", 896), ("users", 924)],
)
def test_recorded_headers_tell_the_quota(name: str, used: int) -> None:
    headers = recorded(name)["response"]["headers"]
    border = Border(Answer(200, {}, headers))
    session = salesforce(border)

    session.send(Request("GET", ORG))

    assert session.quota == Quota(used, 15000, NOW)


@pytest.mark.parametrize(
    ("header", "quota"),
    [
        ("", None),
        ("api-usage=", None),
        ("per-app-api-usage=1/2(appName=x)", None),
        ("api-usage=18/5000; per-app-api-usage=17/250(appName=x)", Quota(18, 5000, NOW)),
    ],
)
def test_quota_header(header: str, quota: Quota | None) -> None:
    assert read_quota(Reply(200, {"Sforce-Limit-Info": header}, b""), NOW) == quota


def test_answer_without_a_quota_header_says_nothing() -> None:
    assert read_quota(Reply(200, {}, b""), NOW) is None


def test_causes_say_what_happened_and_never_blame() -> None:
    assert all(cause.why.endswith(".") and cause.why[0].isupper() for cause in CAUSES.values())
    assert CAUSES["API_DISABLED_FOR_ORG"].why == "This Salesforce user has no API access."
