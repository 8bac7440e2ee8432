from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.engine.agreements import (
    Renewal,
    arr,
    complete,
    end_of,
    last_day,
    mrr,
    notice_day,
    notice_of,
    refusal,
    renewal_way,
    stated,
    status_on,
    warnings,
)
from integrations.engine.mapping import Direction, FieldRule, Kind
from integrations.engine.records import Pair
from integrations.engine.values import Value

START = date(2025, 1, 31)


@pytest.mark.requirement("R39", "R40")
@pytest.mark.parametrize(
    ("amount", "amount_format", "monthly"),
    [
        ("12000", "ARR", "1000.00"), ("1000", "MRR", "1000.00"), ("100", "ARR", "8.33"), ("0.06", "ARR", "0.00"),
        ("0.18", "ARR", "0.02"), ("0", "ARR", "0.00"), ("-1200", "ARR", "-100.00"),
    ],
)  # fmt: skip
def test_amount_is_read_as_the_declared_format(amount: str, amount_format: str, monthly: str) -> None:
    assert str(mrr(Decimal(amount), amount_format)) == monthly


@pytest.mark.requirement("R40")
def test_missing_amount_is_not_zero() -> None:
    assert (mrr(None, "ARR"), arr(None)) == (None, None)
    assert arr(Decimal("1000.00")) == Decimal("12000.00")


@pytest.mark.requirement("R46")
@pytest.mark.parametrize(
    ("start", "number", "period", "end"),
    [
        (date(2025, 1, 1), 12, "MONTH", date(2025, 12, 31)),
        (START, 1, "MONTH", date(2025, 2, 28)),
        (START, 13, "MONTH", date(2026, 2, 28)),
        (START, 2, "MONTH", date(2025, 3, 30)),
        (date(2024, 2, 29), 1, "YEAR", date(2025, 2, 28)),
        (date(2025, 1, 1), 2, "WEEK", date(2025, 1, 14)),
        (date(2025, 1, 1), 1, "DAY", date(2025, 1, 1)),
        (date(9999, 6, 1), 12, "MONTH", None),
        (None, 12, "MONTH", None),
        (START, 12, "", None),
        (START, None, "MONTH", None),
    ],
)
def test_agreement_ends_the_day_before_its_duration_is_over(
    start: date | None, number: int | None, period: str, end: date | None
) -> None:
    assert last_day(start, number, period) == end


@given(
    st.dates(date(1970, 1, 1), date(2200, 1, 1)), st.integers(1, 600), st.sampled_from(["DAY", "WEEK", "MONTH", "YEAR"])
)
def test_end_is_never_before_the_start_and_grows_with_the_duration(start: date, number: int, period: str) -> None:
    end, later = last_day(start, number, period), last_day(start, number + 1, period)

    assert end
    assert later
    assert start <= end < later


@given(st.dates(date(1970, 1, 1), date(2200, 1, 1)), st.integers(1, 600))
def test_notice_of_the_whole_duration_falls_on_the_eve_of_the_start(start: date, number: int) -> None:
    start = start.replace(day=1)

    assert notice_day(last_day(start, number, "MONTH"), number, "MONTH") == start - timedelta(days=1)


@pytest.mark.requirement("R45", "R46", "R48")
@pytest.mark.parametrize(
    ("end", "number", "period", "day"),
    [
        (date(2025, 12, 31), 3, "MONTH", date(2025, 9, 30)),
        (date(2025, 2, 28), 1, "MONTH", date(2025, 1, 31)),
        (date(2025, 12, 31), 30, "DAY", date(2025, 12, 1)),
        (date(2025, 12, 31), 0, "DAY", date(2025, 12, 31)),
        (None, 3, "MONTH", None),
        (date(2025, 12, 31), 3, "", None),
        (date(1, 2, 1), 3, "YEAR", None),
    ],
)
def test_notice_is_counted_back_from_the_end(end: date | None, number: int, period: str, day: date | None) -> None:
    assert notice_day(end, number, period) == day


@pytest.mark.requirement("R45", "R47")
def test_a_date_that_is_written_outranks_the_duration() -> None:
    both: dict[str, Value] = {**duration(), "end_date": date(2025, 5, 5)}

    assert end_of(both, {"end_date", "start_date"}) == date(2025, 5, 5)
    assert end_of(both, {"engagement"}) == date(2025, 12, 31)
    assert end_of(both, {"plan"}) == date(2025, 5, 5)
    assert end_of({**both, "end_date": None}, {"end_date"}) == date(2025, 12, 31)


@pytest.mark.requirement("R45", "R47")
def test_a_notice_date_that_is_written_outranks_the_period() -> None:
    end = date(2025, 12, 31)
    both: dict[str, Value] = {"notice": 3, "notice_period": "MONTH", "notice_date": date(2025, 8, 1)}

    assert notice_of(both, {"notice_date"}, end) == date(2025, 8, 1)
    assert notice_of(both, {"notice"}, end) == date(2025, 9, 30)
    assert notice_of({"notice_date": date(2025, 8, 1)}, {"plan"}, end) == date(2025, 8, 1)


@pytest.mark.requirement("R45", "R47")
@pytest.mark.parametrize("written", [{"amount"}, {"start_date"}, {"engagement"}, {"end_date"}])
def test_no_count_replaces_an_end_that_the_crm_states(written: set[str]) -> None:
    left_over: dict[str, Value] = {**duration(), "engagement": 24, "end_date": date(2025, 5, 5)}

    assert end_of(left_over, written, {"end_date"}) == date(2025, 5, 5)
    assert end_of({**left_over, "end_date": None}, written, {"end_date"}) is None


@pytest.mark.requirement("R45", "R47", "R48")
def test_notice_is_counted_only_when_its_number_or_the_end_moved() -> None:
    end, day = date(2025, 12, 31), date(2025, 8, 1)
    both: dict[str, Value] = {"notice": 3, "notice_period": "MONTH", "notice_date": day, "end_date": end}

    assert notice_of(both, {"amount"}, end) == day
    assert notice_of(both, {"start_date"}, end) == day
    assert notice_of(both, {"end_date"}, end) == date(2025, 9, 30)
    assert notice_of(both, {"start_date"}, date(2026, 12, 31)) == date(2026, 9, 30)
    assert notice_of({**both, "notice_date": None}, {"notice_date"}, end) == date(2025, 9, 30)
    assert notice_of(both, {"notice", "end_date"}, end, {"notice_date"}) == day


@pytest.mark.requirement("R45", "R46", "R47", "R48")
@pytest.mark.parametrize(
    ("mapped", "shown", "dates"),
    [
        ({"notice_date"}, None, {"notice_date"}),
        ({"notice_date"}, date(2025, 8, 1), {"notice_date"}),
        ({"notice_date", "notice"}, date(2025, 8, 1), {"notice_date"}),
        ({"notice_date", "notice"}, None, set()),
        ({"notice"}, date(2025, 8, 1), set()),
        ({"end_date", "notice"}, None, {"end_date"}),
        (set(), None, set()),
    ],
)
def test_dates_are_stated_by_their_line_alone_or_where_the_crm_fills_them(
    mapped: set[str], shown: date | None, dates: set[str]
) -> None:
    lines = [FieldRule(name, "", Kind.DATE, name) for name in mapped]

    assert stated(lines, {"notice_date": Pair(shown, shown)}) == dates


def test_line_that_only_goes_out_states_nothing() -> None:
    assert not stated([FieldRule("end_date", "", Kind.DATE, "End", direction=Direction.OUT)], {})


@pytest.mark.parametrize(
    ("current", "today", "status"),
    [
        ("", "2024-12-31", "VALIDATED"), ("VALIDATED", "2025-01-01", "ACTIVE"), ("ACTIVE", "2025-12-31", "ACTIVE"),
        ("ACTIVE", "2026-01-01", "FINISHED"), ("FINISHED", "2025-06-01", "ACTIVE"), ("PAUSED", "2026-01-01", "PAUSED"),
        ("PENDING", "2026-01-01", "PENDING"), ("CANCELLED", "2024-01-01", "CANCELLED"),
    ],
)  # fmt: skip
def test_status_follows_the_days_unless_a_person_set_it(current: str, today: str, status: str) -> None:
    assert status_on(date.fromisoformat(today), date(2025, 1, 1), date(2025, 12, 31), current) == status


def test_agreement_without_dates_is_active() -> None:
    assert status_on(START, None, None) == "ACTIVE"


def test_end_before_the_start_is_refused_in_words() -> None:
    refused = refusal({"start_date": START, "end_date": date(2024, 1, 1)}, {"end_date"})

    assert refused
    assert "2024-01-01" in str(refused)
    assert refused.cure
    assert refusal(duration(), {"start_date"}) is None


@pytest.mark.requirement("R49", "R50", "R51", "R52")
@pytest.mark.parametrize(
    ("rule", "way"),
    [
        (None, None),
        (FieldRule("auto_renew", "", Kind.BOOL, "Notice__c", transform="is-filled"), Renewal.NOTICE),
        (FieldRule("auto_renew", "", Kind.BOOL, "Terms__c", transform="equals", argument="Tacit"), Renewal.VALUE),
        (FieldRule("auto_renew", "", Kind.BOOL, "Terms__c", transform="equals", argument="  "), None),
        (FieldRule("auto_renew", "", Kind.BOOL, "AutoRenew__c"), Renewal.VALUE),
        (FieldRule("auto_renew", "", Kind.BOOL, constant=False), Renewal.ALWAYS),
        (FieldRule("auto_renew", "", Kind.BOOL), None),
    ],
)
def test_tacit_renewal_is_answered_by_one_of_three(rule: FieldRule | None, way: Renewal | None) -> None:
    assert renewal_way(rule) == way


@pytest.mark.requirement("R37")
def test_missing_answers_are_named() -> None:
    assert complete([]) == ["Recurring revenue format", "Revenue field", "Start date", "Tacit renewal"]
    assert complete(mapping()) == []


@pytest.mark.requirement("R37", "R46")
@pytest.mark.parametrize(
    ("field", "missing"),
    [
        ("engagement", "Interval of the duration"), ("engagement_period", "Duration"),
        ("notice", "Interval of the notice"), ("notice_period", "Notice"),
    ],
)  # fmt: skip
def test_half_a_duration_is_no_answer(field: str, missing: str) -> None:
    assert complete([*mapping(), FieldRule(field, "", Kind.TEXT, "X")]) == [missing]


@pytest.mark.requirement("R44")
@pytest.mark.parametrize(("path", "warned"), [
    ("CloseDate", True), ("close_date", True), ("won_time", True), ("close_time", True), ("hs_closed_won_date", True),
    ("Start__c", False), ("known_on_date", False),
])  # fmt: skip
def test_closing_date_as_start_is_warned_of(path: str, warned: bool) -> None:
    lines = [FieldRule("start_date", "Start", Kind.DATE, path, path), FieldRule("currency", "", Kind.TEXT, "C")]

    assert [reason.code for reason in warnings(lines)] == (["start-is-closing-date"] if warned else [])


def test_two_answers_to_one_question_and_a_missing_currency_are_warned_of() -> None:
    lines = [FieldRule(name, "", Kind.TEXT, "X") for name in ("end_date", "engagement", "notice_date", "notice")]

    assert [reason.code for reason in warnings(lines)] == ["no-currency-line", "two-ends", "two-notices"]
    assert all(str(reason) for reason in warnings(lines))


def duration() -> dict[str, Value]:
    return {"start_date": date(2025, 1, 1), "engagement": 12, "engagement_period": "MONTH"}


def mapping() -> list[FieldRule]:
    return [
        FieldRule("amount_format", "", Kind.CHOICE, constant="ARR"),
        FieldRule("amount", "", Kind.MONEY, "Amount"),
        FieldRule("start_date", "", Kind.DATE, "Start__c"),
        FieldRule("auto_renew", "", Kind.BOOL, constant=True),
    ]
