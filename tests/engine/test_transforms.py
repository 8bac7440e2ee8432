from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.engine.mapping import Kind
from integrations.engine.transforms import TRANSFORMS, CannotTransformError, transformed

TAKEN = [
    ("", "", " as it is ", " as it is "),
    ("none", "", 3, 3),
    ("trim", "", " a b ", "a b"),
    ("trim", "", (" a ", "b"), ("a", "b")),
    ("lower", "", "ÄB", "äb"),
    ("upper", "", "äß", "ÄSS"),
    ("title", "", "o'neil MARIE-ANNE  van dam", "O'neil Marie-Anne  Van Dam"),
    ("first-word", "", "  Anna Maria", "Anna"),
    ("first-word", "", "   ", ""),
    ("digits-only", "", "+33 (0)1 23-45", "33012345"),
    ("digits-only", "", "٣٤", "34"),
    ("domain-of", "", "Ann <x>", ""),
    ("domain-of", "", "ann@www.acme.example", "acme.example"),
    ("domain-of", "", "https://acme.example/a", "acme.example"),
    ("split", "", "a; b;;c ", ("a", "b", "c")),
    ("split", "", ("a", " b"), ("a", "b")),
    ("date-of-datetime", "", datetime(2026, 3, 1, 23, 30, tzinfo=timezone(timedelta(hours=-11))), date(2026, 3, 1)),
    ("date-of-datetime", "", datetime(2026, 3, 1, 0, 10, tzinfo=UTC), date(2026, 3, 1)),
    ("date-of-datetime", "", date(2026, 3, 1), date(2026, 3, 1)),
    ("date-of-datetime", "", "2026-03-01T23:30:00.000+0000", date(2026, 3, 1)),
    ("number-from-text", ",", "1 234,50", Decimal("1234.50")),
    ("number-from-text", ",", "1.234.567,5", Decimal("1234567.5")),
    ("number-from-text", ",", "-12", Decimal(-12)),
    ("number-from-text", ".", "1,234.50", Decimal("1234.50")),
    ("number-from-text", ".", "1\u202f234", Decimal(1234)),
    ("number-from-text", ".", Decimal("3.5"), Decimal("3.5")),
    ("date-from-text", "DD/MM/YYYY", "28/02/2027", date(2027, 2, 28)),
    ("date-from-text", "DD/MM/YYYY", "1.2.2027", date(2027, 2, 1)),
    ("date-from-text", "MM/DD/YYYY", "02/28/2027", date(2027, 2, 28)),
    ("date-from-text", "YYYY-MM-DD", "2028-02-29", date(2028, 2, 29)),
    ("date-from-text", "YYYY-MM-DD", date(2028, 2, 29), date(2028, 2, 29)),
]
REFUSED = [
    ("number-from-text", ",", "1.234,5.0", "not-a-number"),
    ("number-from-text", ",", "1 23,5", "not-a-number"),
    ("number-from-text", ",", "1 234.567,5", "not-a-number"),
    ("number-from-text", ".", "1 234,50", "not-a-number"),
    ("number-from-text", ".", "€ 5", "not-a-number"),
    ("number-from-text", ".", "1e400", "not-a-number"),
    ("number-from-text", ".", "NaN", "not-a-number"),
    ("number-from-text", "", "5", "bad-argument"),
    ("date-from-text", "DD/MM/YYYY", "31/02/2027", "not-a-date"),
    ("date-from-text", "DD/MM/YYYY", "2027-02-01", "not-a-date"),
    ("date-from-text", "YYYY-MM-DD", "2027-02-01T00:00:00", "not-a-date"),
    ("date-from-text", "YYYY-MM-DD", "0000-01-01", "not-a-date"),
    ("date-from-text", "soon", "2027-02-01", "bad-argument"),
    ("date-of-datetime", "", "yesterday", "not-a-moment"),
    ("shell", "", "rm", "unknown-transform"),
]
ROLES = [
    ("equals", "Ambassador", "ambassador ", True),
    ("equals", "Ambassador; Champion", "CHAMPION", True),
    ("equals", "Ambassador", "Ambassadors", False),
    ("equals", "Ambassador", ("User", "Ambassador"), True),
    ("equals", "true", True, True),
    ("equals", "5", Decimal("5.0"), True),
    ("equals", "", "", False),
    ("equals", "Ambassador", None, False),
    ("not-equals", "Former", None, True),
    ("not-equals", "Former", "former", False),
    ("is-filled", "", None, False),
    ("is-filled", "", "  ", False),
    ("is-filled", "", 0, True),
    ("is-filled", "", False, True),
]


@pytest.mark.parametrize(("name", "argument", "value", "expected"), TAKEN)
def test_transform_of_a_readable_value(name, argument, value, expected):
    result = transformed(name, argument, value)

    assert (result, type(result)) == (expected, type(expected))


@pytest.mark.requirement("F31")
@pytest.mark.parametrize(("name", "argument", "value", "code"), REFUSED)
def test_transform_of_an_unreadable_value_is_refused(name, argument, value, code):
    with pytest.raises(CannotTransformError) as failed:
        transformed(name, argument, value)

    assert failed.value.code == code


@pytest.mark.requirement("R31", "R32", "R33", "R34", "R72")
@pytest.mark.parametrize(("name", "argument", "value", "expected"), ROLES)
def test_transform_to_yes_or_no(name, argument, value, expected):
    assert transformed(name, argument, value) is expected


@pytest.mark.parametrize("name", sorted(set(TRANSFORMS) - {"equals", "not-equals", "is-filled"}))
@pytest.mark.parametrize("blank", [None, "", ()])
def test_transform_of_a_blank_stays_blank(name, blank):
    assert transformed(name, "", blank) is None


def test_transforms_say_what_they_need():
    for name, transform in TRANSFORMS.items():
        assert transform.name == name
        assert transform.label
        assert transform.kinds
        assert not transform.arguments or transform.takes_argument

    assert TRANSFORMS["none"].kinds == tuple(Kind)


@given(st.sampled_from(sorted(TRANSFORMS)), st.sampled_from(["", ",", ".", "DD/MM/YYYY", "a;b"]), st.text())
def test_transform_of_any_text_answers_or_refuses(name, argument, text):
    with suppress(CannotTransformError):
        result = transformed(name, argument, text)

        assert result is None or isinstance(result, str | bool | Decimal | date | tuple)
