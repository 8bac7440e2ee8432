from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from integrations.engine.values import Value
from integrations.salesforce.fields import convert, value_at


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("string", "  as typed ", "  as typed "),
        ("string", "", None),
        ("string", None, None),
        ("string", 7, "7"),
        ("textarea", "x" * 40_000, "x" * 40_000),
        ("boolean", True, True),
        ("boolean", "true", True),
        ("boolean", "false", False),
        ("int", 12, 12),
        ("int", "12", 12),
        ("int", 12.0, 12),
        ("currency", 139_000_000.0, Decimal(139_000_000)),
        ("currency", "1.39E8", Decimal(139_000_000)),
        ("currency", 1250.5, Decimal("1250.5")),
        ("currency", "1250.50", Decimal("1250.5")),
        ("currency", 0, Decimal(0)),
        ("percent", 0.1, Decimal("0.1")),
        ("double", -3.25, Decimal("-3.25")),
        ("date", "2024-02-29", date(2024, 2, 29)),
        ("datetime", "2026-05-06T11:34:49.000+0000", datetime(2026, 5, 6, 11, 34, 49, tzinfo=UTC)),
        ("datetime", "2026-05-06T13:34:49.000+0200", datetime(2026, 5, 6, 11, 34, 49, tzinfo=UTC)),
        ("datetime", "2026-05-06T11:34:49.000Z", datetime(2026, 5, 6, 11, 34, 49, tzinfo=UTC)),
        ("multipicklist", "Ambassador;Sponsor", ("Ambassador", "Sponsor")),
        ("multipicklist", "", None),
        ("picklist", "Customer - Direct", "Customer - Direct"),
        ("reference", "001dM00003jU9Gy", "001dM00003jU9GyQAK"),
        ("id", "001dM00003jU9GyQAK", "001dM00003jU9GyQAK"),
        ("address", {"city": "Lyon"}, None),
        # What does not fit its type stays text: the record is refused by name, its page goes on.
        ("date", "31.02.2026", "31.02.2026"),
        ("datetime", "2026-05-06", "2026-05-06"),
        ("currency", "1 234,50", "1 234,50"),
        ("int", "many", "many"),
        ("reference", "not an id", "not an id"),
    ],
)
def test_a_raw_value_becomes(kind: str, raw: Any, value: Value) -> None:
    converted = convert(raw, kind)

    assert converted == value
    assert type(converted) is type(value)


@pytest.mark.parametrize("text", ["139000000", "1.39E8", "139000000.0", "1.39e+8"])
def test_one_number_has_one_form(text: str) -> None:
    assert format(Decimal(str(convert(text, "currency"))), "f") == "139000000"


@pytest.mark.parametrize(
    ("row", "path", "value"),
    [
        ({"Name": "A"}, "Name", "A"),
        ({"Owner": {"Email": "o@x.example"}}, "Owner.Email", "o@x.example"),
        ({"Owner": None}, "Owner.Email", None),
        ({}, "Owner.Email", None),
        ({"Owner.Email": "flat@x.example"}, "Owner.Email", "flat@x.example"),
    ],
)
def test_a_value_is_found_at_its_path(row: dict[str, Any], path: str, value: Any) -> None:
    assert value_at(row, path) == value
