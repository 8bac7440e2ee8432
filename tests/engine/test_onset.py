import pytest

from integrations.engine.onset import Onset, Went, onset

CALM, WHOLE = Went(13, is_complete=False), Went(13, is_complete=True)

pytestmark = pytest.mark.requirement("E9")


def after(*refused: int, complete: bool = False) -> list[Went]:
    return [Went(14, is_complete=complete, refused=number) for number in refused]


def test_errors_began_where_the_runs_before_had_none() -> None:
    assert onset([CALM, CALM], after(0, 7, 3)) == Onset(14, runs=3, troubled=2, failed=0, refused=7)


def test_errors_began_with_a_run_that_failed() -> None:
    found = onset([WHOLE], [Went(14, is_complete=False, has_failed=True)])

    assert found == Onset(14, runs=1, troubled=1, failed=1, refused=0)


def test_nothing_began_where_nothing_was_before() -> None:
    assert onset([], after(7)) is None


def test_nothing_began_without_errors() -> None:
    assert onset([CALM], after(0, 0)) is None


def test_a_complete_reading_is_not_held_against_readings_of_changes_alone() -> None:
    assert onset([CALM], after(7, complete=True)) is None
    assert onset([CALM, WHOLE], after(7, complete=True)) is not None


@pytest.mark.parametrize(("was", "now", "risen"), [(1, 5, False), (1, 6, True), (10, 19, False), (10, 20, True)])
def test_errors_rise_when_they_double_and_are_more_than_a_few(was: int, now: int, risen: bool) -> None:
    found = onset([Went(13, is_complete=False, refused=was)], after(now))

    assert (found is not None) is risen
    assert found is None or (found.is_new, found.before, found.refused) == (False, was, now)
