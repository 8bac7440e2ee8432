"""The same thing that happened, told twice: what is proposed as one, and what is left apart."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.engine.duplicates import WINDOW, Fingerprint, Person, Proposal, fingerprint, namesake, propose

pytestmark = pytest.mark.requirement("C24")
START = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
ANNA, BEN = "anna@alder.example", "ben@alder.example"


def told(people: Iterable[str] = (), **more: Any) -> Fingerprint:
    made = fingerprint({"starts_at": START, "subject": "Renewal", **more}, people)
    assert made is not None
    return made


@pytest.mark.parametrize(
    "other",
    [
        told([ANNA]),
        told([ANNA, BEN]),
        told(),
        told([ANNA], starts_at=START + WINDOW),
        told([ANNA], starts_at=START - WINDOW),
        told([ANNA], starts_at=START.astimezone(timezone(timedelta(hours=9)))),
        told([ANNA], subject=" renewal\u200b "),
        told([ANNA], subject="Ｒｅｎｅｗａｌ"),
        told([" ANNA@Alder.example "]),
        told(participants=(ANNA,)),
    ],
)
def test_same_start_title_and_people_are_proposed_as_one(other: Fingerprint) -> None:
    assert propose(told([ANNA]), {7: other}) == Proposal(7, "likely-duplicate")


@pytest.mark.parametrize(
    "other",
    [
        told([ANNA], starts_at=START + WINDOW + timedelta(seconds=1)),
        told([ANNA], starts_at=START - timedelta(days=7)),
        told([ANNA], subject="Renewal 2"),
        told([ANNA], subject=None),
        told([BEN]),
    ],
)
def test_another_start_title_or_people_are_left_apart(other: Fingerprint) -> None:
    assert propose(told([ANNA]), {7: other}) is None


def test_without_titles_somebody_in_common_is_asked_for() -> None:
    assert propose(told([ANNA], subject=""), {7: told([ANNA], subject=None)}) == Proposal(7, "likely-duplicate")
    assert propose(told([ANNA], subject=""), {7: told(subject="")}) is None


def test_calendar_id_and_start_are_enough() -> None:
    renamed = told([BEN], subject="Moved to room 4", ical_uid="040000008200E00074C5")

    assert propose(told([ANNA], ical_uid="040000008200E00074C5"), {7: renamed}) == Proposal(7, "same-calendar-id")


def test_one_series_has_one_calendar_id_and_many_starts() -> None:
    next_week = told(ical_uid="series@google.com", starts_at=START + timedelta(days=7))

    assert propose(told(ical_uid="series@google.com"), {7: next_week}) is None


def test_calendar_id_outranks_nearness_then_the_nearest_start_then_the_older_row() -> None:
    one = told(ical_uid="u1")
    far = told(ical_uid="u1", starts_at=START + WINDOW)
    near = told(starts_at=START + timedelta(seconds=30))

    assert propose(one, {1: near, 2: far}) == Proposal(2, "same-calendar-id")
    assert propose(told(), {1: told(starts_at=START - WINDOW), 2: near}) == Proposal(2, "likely-duplicate")
    assert propose(told(), {9: told(), 4: told()}) == Proposal(4, "likely-duplicate")


def test_what_has_no_start_is_not_compared() -> None:
    assert fingerprint({"subject": "Renewal", "starts_at": None}) is None


@given(
    seconds=st.integers(-300, 300),
    titles=st.tuples(*[st.sampled_from(["", "Renewal", "Kick-off"])] * 2),
    people=st.tuples(*[st.sets(st.sampled_from([ANNA, BEN]))] * 2),
)
def test_being_alike_has_no_direction(seconds: int, titles: tuple[str, str], people: tuple[set[str], set[str]]) -> None:
    one = told(people[0], subject=titles[0])
    other = told(people[1], subject=titles[1], starts_at=START + timedelta(seconds=seconds))

    assert (propose(one, {1: other}) is None) == (propose(other, {1: one}) is None)


def person(email: str = "", customer: int = 1, name: str = "anna reis") -> Person:
    return Person(name, email, frozenset({customer}))


@pytest.mark.requirement("C24", "R165")
@pytest.mark.parametrize(
    ("one", "other", "is_proposed"),
    [
        (person(), person("a@x.example"), True),
        (person("a@x.example"), person(), True),
        (person(), person(), True),
        # Two addresses tell two people apart, or one that moved: nothing is asked.
        (person("a@x.example"), person("b@x.example"), False),
        (person(), person(customer=2), False),
        (person(), person(name="anna ude"), False),
        (person(name=""), person(name=""), False),
    ],
)
def test_person_of_one_name_at_one_customer_is_proposed_where_an_address_is_missing(
    one: Person, other: Person, *, is_proposed: bool
) -> None:
    assert namesake(one, {7: other}) == (7 if is_proposed else None)


def test_of_several_of_one_name_the_older_row_is_proposed() -> None:
    assert namesake(person(), {9: person(), 4: person(), 2: person(customer=3)}) == 4
