"""What a CRM may have made of a value by itself, and what somebody must have typed."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from integrations.engine.values import Value
from integrations.engine.writing import is_kept_form

NOON = datetime(2026, 3, 12, 12, tzinfo=UTC)
HALF_PAST_TEN = datetime(2026, 3, 12, 10, 30, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Aldervale Group of Companies", "Aldervale Gr"),
        ("+33 1 55 00 12 34", "+33155001234"),
        ("ANA@Aldervale.example", "ana@aldervale.example"),
        (Decimal("12.345"), Decimal("12.35")),
        (Decimal("12.345"), Decimal(12)),
        (HALF_PAST_TEN, HALF_PAST_TEN.replace(second=0)),
        (HALF_PAST_TEN, NOON),
        (True, True),
    ],
)
def test_cut_rounded_or_tidied_is_the_same_value(sent: Value, kept: Value) -> None:
    assert is_kept_form(sent, kept)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Aldervale", "Birch"),
        ("Aldervale", "Aldervale Group"),
        ("Aldervale", None),
        (Decimal("12.345"), Decimal(14)),
        (HALF_PAST_TEN, HALF_PAST_TEN.replace(hour=15)),
        (HALF_PAST_TEN, NOON.replace(day=13)),
        (True, False),
    ],
)
def test_anything_else_was_typed(sent: Value, kept: Value) -> None:
    assert not is_kept_form(sent, kept)
