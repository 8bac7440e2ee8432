"""How often and how late a failed record is tried again, and when it is given up."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.engine.reasons import SENTENCES
from integrations.engine.retry import (
    CLASSES,
    FRESH,
    PACES,
    Tried,
    Waits,
    after_failure,
    class_of,
    class_of_refusal,
    is_resting,
)

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def waits_of(waits: Waits) -> list[timedelta]:
    """All waits of a record that fails for ever, each seen at the moment of its try."""
    found, tried, now = [], FRESH, NOW
    while (tried := after_failure(tried, waits, now, is_same=True)).next_at is not None:
        found.append(tried.next_at - now)
        now = tried.next_at
        assert len(found) < 100
    assert tried.given_up_at == now
    return found


@pytest.mark.requirement("C16", "F27")
@pytest.mark.parametrize(
    ("waits", "expected"),
    [
        (Waits.MOMENT, [n * MINUTE for n in (1, 2, 4, 8, 16, 32, 60)]),
        (Waits.OTHER, [n * MINUTE for n in (5, 10, 20, 40, 80, 160, 320, 360, 360, 360, 360)]),
        (Waits.PERSON, [1 * HOUR, 4 * HOUR, 16 * HOUR]),
        (Waits.SUPPORT, []),
    ],
)
def test_waits_grow_and_end(waits: Waits, expected: list[timedelta]) -> None:
    assert waits_of(waits) == expected


@pytest.mark.parametrize(
    ("code", "waits"),
    [
        ("hub-moved", Waits.MOMENT),
        ("customer-not-linked", Waits.OTHER),
        ("too-long", Waits.PERSON),
        ("crm-refused", Waits.PERSON),
        ("crashed-record", Waits.SUPPORT),
        ("never-heard-of", Waits.PERSON),
    ],
)
def test_reason_says_what_is_waited_for(code: str, waits: Waits) -> None:
    assert class_of(code) is waits


def test_named_reasons_exist() -> None:
    assert CLASSES.keys() <= SENTENCES.keys()


def test_the_crm_says_which_refusal_another_record_lifts() -> None:
    waiting = frozenset({"ENTITY_IS_LOCKED"})

    assert class_of_refusal("ENTITY_IS_LOCKED", waiting) is Waits.OTHER
    assert class_of_refusal("REQUIRED_FIELD_MISSING", waiting) is Waits.PERSON


def test_changed_record_begins_anew_even_when_it_was_given_up() -> None:
    given_up = Tried(4, None, NOW - HOUR)

    assert after_failure(given_up, Waits.PERSON, NOW, is_same=False) == Tried(1, NOW + HOUR)


def test_given_up_stays_so_since_the_first_time() -> None:
    given_up = Tried(4, None, NOW - HOUR)

    assert after_failure(given_up, Waits.PERSON, NOW, is_same=True) == Tried(5, None, NOW - HOUR)


def test_linked_record_is_never_given_up() -> None:
    tried = after_failure(Tried(20, NOW), Waits.MOMENT, NOW, is_same=True, may_give_up=False)

    assert tried == Tried(21, NOW + HOUR)


@pytest.mark.parametrize(
    ("tried", "rests"),
    [
        (FRESH, False),
        (Tried(1, NOW), False),
        (Tried(1, NOW + MINUTE), True),
        (Tried(4, None, NOW), True),
    ],
)
def test_rests_until_its_turn(tried: Tried, rests: bool) -> None:
    assert is_resting(tried, NOW) is rests


@given(st.sampled_from(Waits), st.integers(min_value=0, max_value=30_000))
def test_any_number_of_tries_has_an_answer(waits: Waits, tries: int) -> None:
    pace, tried = PACES[waits], after_failure(Tried(tries), waits, NOW, is_same=True)

    assert tried.tries == tries + 1
    assert (tried.next_at is None) is (tried.tries >= pace.tries)
    assert tried.next_at is None or NOW < tried.next_at <= NOW + pace.longest
