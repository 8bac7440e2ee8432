from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.engine.mapping import FieldRule, Kind, Reading
from integrations.engine.reading import read, shown
from integrations.engine.records import Record
from integrations.engine.values import Value, is_blank
from tests.engine.made_up import code, line, record

LIMA = timezone(timedelta(hours=-5))
STAGES = {"run": "RUN", "in production": "RUN", "trial": "TRIAL"}
PULSE: dict[str, Any] = {"min_value": 1, "max_value": 5}

TAKEN = [
    (Kind.ID, " 001A ", {}, "001A"),
    (Kind.ID, Decimal(501), {}, "501"),
    (Kind.TEXT, " kept  as typed ", {}, " kept  as typed "),
    (Kind.TEXT, "  ", {}, None),
    (Kind.TEXT, Decimal("2.50"), {}, "2.5"),
    (Kind.TEXT, True, {}, "true"),
    (Kind.TEXT, ("a", "b"), {}, "a; b"),
    (Kind.TEXT, date(2026, 1, 31), {}, "2026-01-31"),
    (Kind.TEXT, "👩‍👩‍👧 שלום", {}, "👩‍👩‍👧 שלום"),
    (Kind.TEXT, "x" * 255, {"max_length": 255}, "x" * 255),
    (Kind.LIST, ("x" * 40,), {"max_length": 40}, ("x" * 40,)),
    (Kind.LONG_TEXT, "one\r\ntwo\tthree", {}, "one\r\ntwo\tthree"),
    (Kind.EMAIL, " Ann@Acme.example ", {}, "Ann@Acme.example"),
    (Kind.DOMAIN, "https://www.Acme.example/x", {}, "acme.example"),
    (Kind.PHONE, " +33 1 23 ", {}, "+33 1 23"),
    (Kind.INTEGER, Decimal("3.0"), {}, 3),
    (Kind.INTEGER, "3", {}, 3),
    (Kind.INTEGER, 5, PULSE, 5),
    (Kind.INTEGER, 1, PULSE, 1),
    (Kind.NUMBER, " -12.50 ", {}, Decimal("-12.50")),
    (Kind.NUMBER, Decimal("1E-15"), {}, Decimal("1E-15")),
    (Kind.NUMBER, Decimal("999999999999999.9"), {}, Decimal("999999999999999.9")),
    (Kind.NUMBER, 0, {}, Decimal(0)),
    (Kind.MONEY, Decimal("-1.10"), {}, Decimal("-1.10")),
    (Kind.DATE, date(1, 1, 1), {}, date(1, 1, 1)),
    (Kind.DATE, date(9999, 12, 31), {}, date(9999, 12, 31)),
    (Kind.DATE, "2028-02-29", {}, date(2028, 2, 29)),
    (Kind.DATETIME, datetime(2026, 3, 29, 2, 30, tzinfo=LIMA), {}, datetime(2026, 3, 29, 7, 30, tzinfo=UTC)),
    (Kind.DATETIME, "2026-10-25T02:30:00.000+0000", {}, datetime(2026, 10, 25, 2, 30, tzinfo=UTC)),
    (Kind.BOOL, False, {}, False),
    *[(Kind.BOOL, typed, {}, True) for typed in ("Yes", "TRUE", "1", 1)],
    *[(Kind.BOOL, typed, {}, False) for typed in ("no ", "False", "0", 0)],
    (Kind.BOOL, Decimal(0), {}, False),
    (Kind.BOOL, None, {}, None),
    (Kind.CHOICE, " In  Production ", {"choices": STAGES}, "RUN"),
    (Kind.CHOICE, "Customer", {"choices": STAGES, "value_map": {"customer": "run"}}, "RUN"),
    (Kind.CHOICE, "Run", {"choices": STAGES, "value_map": {"customer": "run"}}, "RUN"),
    (Kind.CHOICE, "Prospect", {"choices": STAGES, "value_map": {"Prospect": ""}}, None),
    (Kind.CHOICE, "  ", {"choices": STAGES}, None),
    (Kind.PERSON, "Ann@ACME.example", {}, "ann@acme.example"),
    (Kind.PERSON, None, {}, None),
    (Kind.LIST, ("b", "a", " b "), {}, ("b", "a")),
    (Kind.LIST, "solo", {}, ("solo",)),
    (Kind.LIST, ("x", "y"), {"value_map": {"X": "1", "y": ""}}, ("1",)),
    (Kind.LIST, (), {}, None),
    (Kind.TEXT, True, {"value_map": {"true": "Gold"}}, "Gold"),
    (Kind.PARENT, "001B", {}, "001B"),
]
REFUSED = [
    (Kind.TEXT, "x" * 256, {"max_length": 255}, "too-long"),
    (Kind.ID, "x" * 121, {"max_length": 120}, "too-long"),
    (Kind.LIST, ("ok", "x" * 50), {"max_length": 40}, "too-long"),
    (Kind.INTEGER, "3.5", {}, "not-a-whole-number"),
    (Kind.INTEGER, 6, PULSE, "out-of-range"),
    (Kind.INTEGER, 0, PULSE, "out-of-range"),
    (Kind.INTEGER, True, {}, "not-a-number"),
    (Kind.INTEGER, Decimal("1E+400"), {}, "too-large"),
    (Kind.NUMBER, "1 234,50", {}, "not-a-number"),
    (Kind.NUMBER, "1,234.50", {}, "not-a-number"),
    (Kind.NUMBER, "٣", {}, "not-a-number"),
    (Kind.NUMBER, "1e400", {}, "not-a-number"),
    (Kind.NUMBER, Decimal("1E+400"), {}, "too-large"),
    (Kind.NUMBER, Decimal("1E-16"), {}, "too-large"),
    (Kind.NUMBER, Decimal("1E+15"), {}, "too-large"),
    (Kind.NUMBER, Decimal("NaN"), {}, "not-a-number"),
    (Kind.MONEY, Decimal("-Infinity"), {}, "not-a-number"),
    (Kind.MONEY, Decimal(-1), {"min_value": 0}, "out-of-range"),
    (Kind.DATE, datetime(2026, 1, 31, tzinfo=UTC), {}, "date-has-time"),
    (Kind.DATE, "31/02/2027", {}, "not-a-date"),
    (Kind.DATE, "2027-02-29", {}, "not-a-date"),
    (Kind.DATE, "2026-W01-1", {}, "not-a-date"),
    (Kind.DATE, "10000-01-01", {}, "not-a-date"),
    (Kind.DATE, 20260131, {}, "not-a-date"),
    (Kind.DATETIME, datetime(2026, 1, 31), {}, "not-a-moment"),
    (Kind.DATETIME, date(2026, 1, 31), {}, "not-a-moment"),
    (Kind.DATETIME, "2026-01-31", {}, "not-a-moment"),
    (Kind.DATETIME, datetime(9999, 12, 31, 23, tzinfo=LIMA), {}, "not-a-moment"),
    (Kind.BOOL, "maybe", {}, "not-yes-no"),
    (Kind.BOOL, 2, {}, "not-yes-no"),
    (Kind.DATE, "31/02/2027", {"transform": "date-from-text", "argument": "DD/MM/YYYY"}, "not-a-date"),
    (Kind.TEXT, "x", {"transform": "no-such"}, "unknown-transform"),
]
UNMAPPED = [
    (Kind.CHOICE, "Partner", {"choices": STAGES}, "unmapped-value"),
    (Kind.CHOICE, "Partner", {"choices": STAGES, "value_map": {"Customer": "run"}}, "unmapped-value"),
    (Kind.TEXT, "Partner", {"value_map": {"Customer": "run"}}, "unmapped-value"),
    (Kind.LIST, ("x", "z"), {"value_map": {"x": "1"}}, "unmapped-value"),
    (Kind.DOMAIN, "no site yet", {}, "not-a-domain"),
    (Kind.PERSON, "Ann Lee", {}, "not-a-person"),
]


def reading(kind: Kind, value: Value, more: dict[str, Any]) -> Reading:
    return read(line("pulse", kind, crm="Field", **more), record(Field=value), system="Salesforce")


def test_reading_of_an_odd_address_is_taken_as_typed():
    result = reading(Kind.EMAIL, "b.levy@expressl&t.example ", {})

    assert result.value == "b.levy@expressl&t.example"
    assert result.note is not None
    assert (result.note.code, result.refused) == ("not-an-email", None)


@pytest.mark.requirement("F29", "F30", "F31")
@pytest.mark.parametrize(("kind", "value", "more", "expected"), TAKEN)
def test_reading_of_a_good_value(kind, value, more, expected):
    result = reading(kind, value, more)

    assert result == Reading(expected)
    assert type(result.value) is type(expected)


@pytest.mark.requirement("F28")
@pytest.mark.parametrize(("length", "kept", "said"), [(32_000, 32_000, ""), (40_000, 32_000, "cut")])
def test_reading_of_a_long_text_keeps_its_beginning_and_says_so(length, kept, said):
    result = reading(Kind.LONG_TEXT, "x" * length, {"max_length": 32_000})

    assert (result.value, code(result.note), result.refused) == ("x" * kept, said, None)
    assert not said or str(result.note) == "Pulse has 40000 characters; the first 32000 were kept."


@pytest.mark.requirement("F30", "F31", "C21")
@pytest.mark.parametrize(("kind", "value", "more", "expected"), REFUSED)
def test_reading_of_a_bad_value_is_refused(kind, value, more, expected):
    result = reading(kind, value, more)

    assert (result.value, code(result.refused)) == (None, expected)
    assert "Pulse" in str(result.refused)


@pytest.mark.requirement("C13")
@pytest.mark.parametrize(("kind", "value", "more", "expected"), UNMAPPED)
def test_reading_of_an_unmapped_value_keeps_the_field(kind, value, more, expected):
    result = reading(kind, value, more)

    assert (result.value, result.refused, code(result.unmapped)) == (None, None, expected)


@pytest.mark.requirement("F11", "C9")
def test_reading_of_an_absent_field_is_not_blank():
    result = read(line(crm="Gone__c"), record(Name="Acme"), system="Salesforce")

    assert code(result.unmapped) == "field-absent"
    assert "Gone__c" in str(result.unmapped)


def test_reading_of_a_constant_asks_no_field():
    result = read(line("stage", Kind.CHOICE, crm="", constant="Run", choices=STAGES), record(), system="Salesforce")

    assert result == Reading("RUN")


def test_reading_of_a_parent_falls_back_on_the_record():
    result = read(line("parent", Kind.PARENT, crm=""), Record("001A", {}, parent_id="001B"))

    assert result == Reading("001B")


@pytest.mark.requirement("F29")
@pytest.mark.parametrize(("value", "expected"), [("A\x00cme", "Acme"), ("Ac\ud83dme\x1f", "Acme"), ("\x00", None)])
def test_reading_of_unstorable_characters_is_cleaned(value, expected):
    result = reading(Kind.TEXT, value, {})

    assert result.value == expected
    assert expected is None or code(result.note) == "cleaned"


@pytest.mark.requirement("F29")
def test_too_long_text_is_never_cut():
    result = reading(Kind.TEXT, "x" * 40_000, {"max_length": 255})

    assert result.value is None
    assert str(result.refused) == "Pulse has 40000 characters and the hub takes 255. It was not cut; the record waits."


def test_number_out_of_range_names_the_range():
    closed, open_ended = reading(Kind.INTEGER, 6, PULSE), reading(Kind.MONEY, Decimal(-1), {"min_value": 0})

    assert str(closed.refused) == "Pulse: 6 is outside 1 to 5. The record waits."
    assert str(open_ended.refused) == "Pulse: -1 is outside 0 to …. The record waits."


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("x" * 80, "x" * 80),
        ("\x00" * 80 + "x" * 80, "x" * 80),
        ("x" * 81, "x" * 80 + "…"),
        (Decimal("1E+999999"), "1E+999999"),
        ("a\x00", "a"),
    ],
)
def test_shown_value_fits_a_sentence(value, expected):
    assert shown(value) == expected


VALUES = st.one_of(
    st.none(),
    st.text(),
    st.booleans(),
    st.integers(),
    st.decimals(),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    st.lists(st.text()).map(tuple),
)


@given(st.sampled_from(list(Kind)), VALUES)
def test_reading_of_anything_never_raises(kind, value):
    rule = FieldRule("pulse", "Pulse", kind, "Field", choices=STAGES, max_length=50, **PULSE)

    result = read(rule, Record("001A", {"Field": value}))

    assert [result.refused, result.unmapped].count(None) >= 1
    assert is_blank(result.value) or (result.refused is None and result.unmapped is None)
    assert not isinstance(result.value, str) or "\x00" not in result.value
