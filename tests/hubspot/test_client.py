"""HubSpot's wire: recorded answers become the one right error, and the practice portal is read and written whole."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.conf import settings

from integrations.hubspot.client import HubSpotClient, host_policy, open_session
from integrations.hubspot.replies import classify, errors_of, midnight, read_quota
from integrations.rehearsal.practice_hubspot import PracticeHubSpot
from integrations.wire import errors
from integrations.wire.auth import StaticAuth
from integrations.wire.messages import Reply

RECORDED = (
    Path(os.environ.get("SPECS_DIR") or Path(settings.BASE_DIR).parent / "shared" / "specs") / "hubspot" / "recorded"
)


def recorded(name: str) -> Reply:
    path = RECORDED / f"{name}.json"
    if not path.exists():
        if os.environ.get("CI"):
            pytest.fail(f"{path} is missing")
        pytest.skip(f"{path} is missing")
    told = orjson.loads(path.read_bytes())
    body = told["body"]
    content = body.encode() if isinstance(body, str) else orjson.dumps(body)
    return Reply(told["status"], {**told.get("headers", {})}, content)


def reply(http: int, **body: Any) -> Reply:
    return Reply(http, {}, orjson.dumps(body))


@pytest.fixture
def crm(tmp_path: Path) -> Iterator[PracticeHubSpot]:
    with PracticeHubSpot(tmp_path, accounts=205, contacts_per=1) as practice:
        practice.control(unlimited=True, index_lag=0, property_lag=0)
        yield practice


@pytest.fixture
def client(crm: PracticeHubSpot) -> HubSpotClient:
    auth = StaticAuth(crm.headers["Authorization"].removeprefix("Bearer "))
    session = open_session(host_policy(), auth=auth, adapter=crm.adapter(), sleep=lambda _seconds: None)
    return HubSpotClient(session)


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [
        ("error-429-search", errors.RateLimited, "RATE_LIMITS"),
        ("error-403-missing-scopes", errors.Misconfigured, "MISSING_SCOPES"),
        ("error-404-html", errors.NotFound, "HTTP_404"),
        ("error-400-batch-create-unknown-properties", errors.Rejected, "PROPERTY_DOESNT_EXIST"),
    ],
)
def test_recorded_refusals_are_the_one_error_that_says_what_to_do(
    name: str, kind: type[errors.WireError], code: str
) -> None:
    error = classify(recorded(name))

    assert type(error) is kind
    assert error is not None
    assert error.code == code


def test_recorded_refusal_names_the_fields_and_the_scopes() -> None:
    unknown, denied = (
        classify(recorded("error-400-batch-create-unknown-properties")),
        classify(recorded("error-403-missing-scopes")),
    )

    assert unknown is not None
    assert denied is not None
    assert unknown.fields
    assert all(scope.startswith("crm.") for scope in denied.fields)


def test_each_refused_record_of_a_recorded_batch_is_told_apart() -> None:
    found = errors_of(recorded("contacts-batch-create-207").json())

    assert found
    assert all(isinstance(error, errors.AlreadyExists | errors.Rejected) for error, _named in found)
    assert all(error.source_id.isdigit() for error, _named in found if isinstance(error, errors.AlreadyExists))


def test_recorded_answers_without_a_fault_are_none() -> None:
    for name in ("companies-search", "companies-list", "associations-batch-read-207", "owners-list", "account-details"):
        assert classify(recorded(name)) is None


def test_day_and_seconds_are_waited_for_as_their_policy_says() -> None:
    rolling = classify(reply(429, policyName="TEN_SECONDLY_ROLLING", errorType="RATE_LIMIT"))
    daily = classify(reply(429, policyName="DAILY", errorType="RATE_LIMIT"))

    assert isinstance(rolling, errors.RateLimited)
    assert isinstance(daily, errors.RateLimited)
    assert (rolling.after, rolling.daily, daily.daily) == (10.0, False, True)


def test_value_that_another_record_holds_names_its_holder() -> None:
    said = (
        "Cannot set PropertyValueCoordinates{portalId=1, objectTypeId=ObjectTypeId{legacyObjectType=COMPANY}, "
        "propertyName=key, value=a} on 12. 34 already has that value."
    )

    error = classify(reply(400, status="error", category="VALIDATION_ERROR", message=said))

    assert isinstance(error, errors.AlreadyExists)
    assert error.source_id == "34"


def test_day_ends_at_the_portals_own_midnight() -> None:
    now = datetime(2026, 11, 26, 23, 30, tzinfo=UTC)

    assert midnight("Europe/Paris", now) == datetime(2026, 11, 27, 23, 0, tzinfo=UTC)
    assert midnight("No/Where", now) > now


def test_daily_header_is_the_quota_and_its_absence_is_none() -> None:
    now = datetime(2026, 11, 26, tzinfo=UTC)
    told = Reply(200, {"X-HubSpot-RateLimit-Daily": "250000", "X-HubSpot-RateLimit-Daily-Remaining": "248684"}, b"{}")

    quota = read_quota(told, now)

    assert quota is not None
    assert (quota.used, quota.limit) == (1316, 250_000)
    assert read_quota(Reply(200, {}, b"{}"), now) is None


def test_list_and_search_bring_every_company_once(client: HubSpotClient) -> None:
    listed, after = [], ""
    while True:
        page = client.page("companies", ["name"], after)
        listed += [row["id"] for row in page.results]
        after = page.after
        if not after:
            break
    first = client.search("companies", [], ["name"], sort="hs_object_id")
    second = client.search("companies", [], ["name"], sort="hs_object_id", after=first.after)

    assert (len(listed), len(set(listed))) == (205, 205)
    assert (first.total, len(first.results), len(second.results), second.after) == (205, 200, 5, "")
    assert {row["id"] for row in (*first.results, *second.results)} == set(listed)


def test_batches_write_tie_and_leave_out(client: HubSpotClient, crm: PracticeHubSpot) -> None:
    made = client.create("companies", [{"properties": {"name": "Made"}, "objectWriteTraceId": "one"}])["results"][0]
    contact = client.page("contacts", ["email"]).results[0]
    client.update("companies", [{"id": made["id"], "properties": {"name": "Renamed"}}])
    tie = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}
    client.associate(
        "contacts", "companies", [{"from": {"id": contact["id"]}, "to": {"id": made["id"]}, "types": [tie]}]
    )

    read = client.read("companies", [made["id"], "999"], ["name"])
    tied = client.associated("companies", "contacts", [made["id"]])
    client.archive("companies", [made["id"]])

    assert [row["properties"]["name"] for row in read["results"]] == ["Renamed"]
    assert isinstance(errors_of(read)[0][0], errors.NotFound)
    assert str(tied[made["id"]][0]["toObjectId"]) == contact["id"]
    assert client.read("companies", [made["id"]], ["name"])["results"] == []
    assert crm.calls().total() == 8


def test_portal_schema_and_colleagues(client: HubSpotClient) -> None:
    names = {one["name"] for one in client.properties("companies")}

    assert {"name", "domain", "hubspot_owner_id", "hs_lastmodifieddate"} <= names
    assert client.account()["portalId"]
    assert [one["email"] for one in client.owners()]
    assert any(stage["metadata"]["isClosed"] == "true" for one in client.pipelines("deals") for stage in one["stages"])
