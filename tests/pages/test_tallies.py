import pytest

from integrations.sync.models import Run
from integrations.sync.tallies import came_of_it, sum_of, tallies_of, to_compare

COUNTS = {
    "customers.read": 10,
    "customers.create": 2,
    "customers.update": 3,
    "customers.unchanged": 1,
    "customers.exclude": 3,
    "customers.exclude.out-of-scope": 2,
    "customers.exclude.excluded-by-hand": 1,
    "customers.refuse": 1,
    "customers.churn": 4,
    "customers.applied.create": 2,
    "applied": 2,
}


def _run(**more: object) -> Run:
    return Run(
        **{"kind": Run.Kind.FULL, "state": Run.State.DONE, "counts": COUNTS, "totals": {"customers": 10}, **more}
    )


def test_reasons_are_not_counted_twice() -> None:
    [tally] = tallies_of(_run())

    assert (tally.excluded, tally.reasons("exclude")) == (3, [("out-of-scope", 2), ("excluded-by-hand", 1)])


@pytest.mark.requirement("C10")
def test_what_is_not_explained_is_the_difference_to_the_sources_number() -> None:
    [complete], [short] = to_compare(_run()), to_compare(_run(totals={"customers": 12}))

    assert (complete.explained, complete.missing, short.missing) == (10, 0, 2)


@pytest.mark.parametrize(
    "more", [{"kind": Run.Kind.DELTA}, {"state": Run.State.FAILED}, {"state": Run.State.RUNNING}, {"totals": {}}]
)
def test_only_a_whole_reading_that_ended_is_compared(more: dict[str, object]) -> None:
    assert to_compare(_run(**more)) == []


def test_outcome_in_words_with_counts() -> None:
    assert came_of_it(_run()) == "2 created, 3 updated, 4 churned, 1 refused, 3 excluded, 1 unchanged"


def test_run_that_found_nothing_says_so() -> None:
    assert came_of_it(_run(counts={"customers.read": 4})) == "nothing to do"


def test_data_types_are_summed() -> None:
    run = _run(counts={"customers.create": 2, "contacts.create": 5}, totals={"customers": 2, "contacts": 5})

    assert (sum_of(run).created, sum_of(run).total) == (7, 7)


@pytest.mark.requirement("C10")
def test_what_goes_out_is_explained_once() -> None:
    """A pushed record was read and decided; one that only the hub changed counts as unchanged already."""
    read = {"customers.push": 1, "customers.unchanged": 9, "customers.create-out": 2}
    unread = {"customers.push": 2, "customers.update": 1, "customers.unchanged": 10, "customers.unread": 3}

    [one], [other] = (to_compare(_run(counts=counts)) for counts in (read, unread))

    assert [(tally.sent, tally.missing) for tally in (one, other)] == [(3, 0), (2, 0)]


def test_what_goes_out_and_what_waits_for_a_person_is_said() -> None:
    counts = {"customers.push": 1, "customers.create-out": 1, "customers.ask": 1}

    assert came_of_it(_run(counts=counts)) == "2 written to the CRM, 1 to decide"


def test_run_that_takes_another_back_says_how_much() -> None:
    assert came_of_it(_run(counts={"customers.restored.done": 3, "customers.restored.refused": 1})) == "3 taken back"
