"""Pipedrive's answers as recorded and as described, through client and classification."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.conf import settings

from integrations.pipedrive import replies
from integrations.pipedrive.client import second
from integrations.pipedrive.schema import Described, Field
from integrations.pipedrive.values import value_of
from integrations.wire import errors
from integrations.wire.messages import Reply

SPECS = Path(os.environ.get("SPECS_DIR") or settings.BASE_DIR.parent / "shared" / "specs") / "pipedrive" / "recorded"
NOW = datetime(2026, 5, 1, tzinfo=UTC)


class Headers(dict[str, str]):
    """Case does not matter in their names."""


def said(status: int, body: Any, **headers: str) -> Reply:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return Reply(status, Headers({name.replace("_", "-"): value for name, value in headers.items()}), content)


@pytest.mark.parametrize(
    ("status", "body", "expected", "code"),
    [
        (401, {"success": False, "error": "unauthorized access", "errorCode": 401}, errors.AuthExpired, "UNAUTHORIZED"),
        (403, {"success": False, "error": "Scope and URL mismatch", "errorCode": 403}, errors.Misconfigured, "SCOPE_MISSING"),
        (402, {"success": False, "error": "Payment required"}, errors.Misconfigured, "ACCOUNT_CLOSED"),
        (403, {"error": "Limit reached.", "code": "feature_capping_deals_limit"}, errors.Misconfigured, "feature_capping_deals_limit"),
        (404, {"success": False, "error": "Organization not found"}, errors.NotFound, "HTTP_404"),
        (410, {"success": True, "data": None}, errors.NotFound, "HTTP_410"),
        (500, {"success": False, "error": "Internal Server Error", "code": "ERR_UNKNOWN"}, errors.Transient, "ERR_UNKNOWN"),
        (400, {"success": "false", "message": "Invalid grant: refresh_token is invalid", "error": "invalid_grant"}, errors.NeedsSignIn, "invalid_grant"),
        (400, {"success": "false", "message": "Invalid client: client is invalid", "error": "invalid_client"}, errors.Misconfigured, "invalid_client"),
        (400, {"error": "Validation failed: custom_fields: Unknown key 'abc'", "code": replies.INVALID}, errors.Misconfigured, "FIELD_GONE"),
        (400, {"error": "cursor: Parameter 'cursor' is invalid", "code": replies.INVALID}, replies.CursorLost, "CURSOR_LOST"),
        (403, b"<!DOCTYPE html><title>Attention Required! | Cloudflare</title>", errors.RateLimited, "BLOCKED"),
        (502, b"<html>Bad gateway</html>", errors.Transient, "HTTP_502"),
    ],
)  # fmt: skip
def test_each_refusal_has_one_decision(status: int, body: Any, expected: type[Exception], code: str) -> None:
    error = replies.classify(said(status, body))

    assert type(error) is expected
    assert isinstance(error, errors.WireError)
    assert error.code == code


def test_refusal_names_the_fields() -> None:
    key = "a" * 40
    text = f"Validation failed: custom_fields: Expected 'number' as value for single option custom field '{key}'"

    error = replies.classify(said(400, {"success": False, "error": text, "code": replies.INVALID}))

    assert isinstance(error, errors.Rejected)
    assert error.fields == (key,)


def test_spent_day_and_full_window_are_told_apart() -> None:
    body = {"success": False, "error": "Request over limit"}
    day = replies.classify(said(429, body, x_daily_ratelimit_token_remaining="0", x_ratelimit_remaining="12"))
    window = replies.classify(said(429, body, x_ratelimit_remaining="0", x_ratelimit_reset="2"))

    assert isinstance(day, errors.RateLimited)
    assert isinstance(window, errors.RateLimited)
    assert (day.daily, window.daily, window.after) == (True, False, 2.0)


def test_quota_is_read_from_the_vendors_headers() -> None:
    told = {"x_daily_ratelimit_token_limit": "150000", "x_daily_ratelimit_token_remaining": "147766"}

    quota = replies.read_quota(said(200, {}, **told), NOW)

    assert quota is not None
    assert (quota.used, quota.limit) == (2234, 150000)
    assert replies.read_quota(said(200, {}), NOW) is None


def test_moments_go_in_whole_seconds() -> None:
    assert second(datetime(2025, 1, 1, 10, 20, 0, 999_999, tzinfo=UTC)) == "2025-01-01T10:20:00Z"


# --- Recorded answers


def recorded(name: str) -> Any:
    path = SPECS / name
    if not path.exists():
        pytest.skip(f"{name} is not here; set SPECS_DIR to the folder of recorded answers.")
    return orjson.loads(path.read_bytes())


def rows_in(found: Any) -> list[dict[str, Any]]:
    """Every object of the recording that has a number and a name, wherever it stands."""
    if isinstance(found, list):
        return [row for one in found for row in rows_in(one)]
    if not isinstance(found, dict):
        return []
    own = [found] if "id" in found and "custom_fields" in found else []
    return own + [row for one in found.values() for row in rows_in(one)]


@pytest.mark.parametrize("name", ["n8n-2026-04-v2.json", "nango-2026-05.json"])
def test_recorded_records_become_values(name: str) -> None:
    rows = rows_in(recorded(name))
    described = Described("person", [])
    plain = {key: Field(key, key, kind, False, False, {}) for key, kind in {
        "id": "number", "name": "varchar", "update_time": "moment", "emails": "email", "value": "monetary",
        "expected_close_date": "date",
    }.items()}  # fmt: skip

    assert rows
    for row in rows:
        values = {path: value_of(row, path, field, {}) for path, field in {**plain, **described.known}.items()}
        assert values["id"] == str(row["id"])
        assert isinstance(values["update_time"], datetime | None)
        if row.get("emails"):
            assert values["emails"] == row["emails"][0]["value"]
        # Null altogether, or null within: both were seen.
        for key in row["custom_fields"] or {"x": None}:
            value_of(row, key, Field(key, key, "varchar", True, False, {}), {})


def test_recorded_refusals_are_classified() -> None:
    found = [
        one for one in flat(recorded("errors.json")) if isinstance(one.get("status"), int) and one["status"] >= 400
    ]

    assert found
    for one in found:
        error = replies.classify(said(one["status"], one.get("body") or one.get("data") or {}))
        assert isinstance(error, errors.WireError), one


def flat(found: Any) -> list[dict[str, Any]]:
    if isinstance(found, list):
        return [row for one in found for row in flat(one)]
    if isinstance(found, dict):
        return [found, *(row for one in found.values() for row in flat(one))]
    return []
