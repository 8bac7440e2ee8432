"""The listing of HubSpot's companies: as few calls as there can be, and no page lost or doubled by any kill."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.utils import timezone

from integrations.hubspot import census as there
from integrations.hubspot.models import HubSpotConnection
from integrations.migration import census
from integrations.migration.models import Company, Move
from integrations.rehearsal.practice_hubspot import PracticeHubSpot
from integrations.sync.sweeper import sweep
from integrations.wire.errors import NeedsSignIn, Transient
from tests.migration.conftest import listed

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R140", "R145", "R223")]

Filter = HubSpotConnection.Operator


@pytest.fixture
def pages_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(there, "PAGE", 2)


@pytest.fixture
def five(company: Callable[..., str], ready: Move, pages_of_two: None) -> Move:
    """Three in scope, one outside it with an old ID, one that is none of ours."""
    for number in (1, 2, 3):
        company(f"Firm {number}", f"A{number}")
    company("Firm 4", "A4", stage="lead")
    company("Firm 5", stage="lead")
    return ready


def found() -> dict[str, bool]:
    return dict(Company.objects.values_list("name", "in_scope"))


ALL = {"Firm 1": True, "Firm 2": True, "Firm 3": True, "Firm 4": False}


def test_pages_are_counted_and_no_company_is_asked_for_twice(five: Move, portal: PracticeHubSpot) -> None:
    portal.forget_calls()

    move = listed(five)

    assert found() == ALL
    assert portal.calls()["search"] == 3, "two pages in scope, one beside"
    standing = census.census_of(move)
    assert (standing.state, standing.number, standing.left) == ("done", 4, 0)


@pytest.fixture(params=range(3))
def page(request: pytest.FixtureRequest) -> int:
    return int(request.param)


class Killed(BaseException):
    """kill -9, as far as Python can say it."""


@pytest.mark.parametrize("when", ["asked", "kept"])
def test_a_kill_at_any_page_loses_and_doubles_nothing(five: Move, page: int, when: str) -> None:
    census.begin(five)
    with dying(page, when), pytest.raises(Killed):
        census.work(five.pk)
    held = Move.objects.get(pk=five.pk)
    assert not census.work(five.pk), "the lease of the dead worker still holds"
    assert Company.objects.count() == census.census_of(held).number

    Move.objects.update(census_lease_until=timezone.now() - timedelta(seconds=1))
    while census.work(five.pk):
        pass

    assert found() == ALL
    assert census.census_of(Move.objects.get(pk=five.pk)).number == 4


def dying(page: int, when: str) -> Any:
    """Dies after the answer of that page, before it is kept; or within the transaction that keeps it."""
    seen = iter(range(99))
    real = there.page if when == "asked" else Company.objects.bulk_create

    def die(*args: Any, **more: Any) -> Any:
        answer = real(*args, **more)
        if next(seen) == page:
            raise Killed
        return answer

    return patch.object(there, "page", die) if when == "asked" else patch.object(Company.objects, "bulk_create", die)


def test_the_sweeper_rings_again(five: Move, django_capture_on_commit_callbacks: Any) -> None:
    census.begin(five)

    with patch.object(census, "async_task") as bell, django_capture_on_commit_callbacks(execute=True):
        sweep()

    bell.assert_called_once_with(census.TASK, five.pk)


def test_whoever_was_overtaken_writes_nothing(five: Move) -> None:
    census.begin(five)
    real = there.page

    def overtaken(*args: Any) -> Any:
        with patch.object(there, "page", real):
            census.begin(Move.objects.select_related("old", "new").get(pk=five.pk))
        return real(*args)

    with patch.object(there, "page", overtaken):
        assert not census.work(five.pk)

    assert found() == {}
    assert census.census_of(Move.objects.get(pk=five.pk)).number == 0


def test_a_portal_that_does_not_answer_is_asked_again_later(five: Move) -> None:
    census.begin(five)
    with patch.object(there, "page", side_effect=Transient("TIMEOUT", "no answer")):
        assert not census.work(five.pk)
    waits = Move.objects.get(pk=five.pk)
    assert census.census_of(waits).is_running
    assert "goes on by itself" in census.census_of(waits).trouble
    assert not census.waiting().exists()

    Move.objects.update(census_lease_until=None)
    while census.work(five.pk):
        pass

    assert found() == ALL


def test_what_only_a_person_repairs_stops_it(five: Move) -> None:
    census.begin(five)
    with patch.object(there, "page", side_effect=NeedsSignIn("EXPIRED", "sign in")):
        census.work(five.pk)

    standing = census.census_of(Move.objects.get(pk=five.pk))
    assert (standing.state, "sign in" in standing.trouble) == ("stopped", True)
    assert not census.waiting().exists()
    assert found() == {}


def test_a_page_that_always_breaks_stops_it_at_last(five: Move, caplog: pytest.LogCaptureFixture) -> None:
    census.begin(five)
    with patch.object(there, "_seen", side_effect=ValueError("poison")):
        for _ in range(census.STARTS):
            census.work(five.pk)

    assert "poison" in census.census_of(Move.objects.get(pk=five.pk)).trouble
    assert "failed in a page" in caplog.text


def test_a_worker_that_dies_without_a_word_again_and_again_stops_it_too(five: Move, portal: PracticeHubSpot) -> None:
    census.begin(five)
    with patch.object(there, "page", side_effect=KeyboardInterrupt):
        for _ in range(census.STARTS):
            with pytest.raises(KeyboardInterrupt):
                census.work(five.pk)
            Move.objects.update(census_lease_until=None)

    census.work(five.pk)

    standing = census.census_of(Move.objects.get(pk=five.pk))
    assert (standing.state, "without a word" in standing.trouble) == ("stopped", True)


@pytest.fixture
def narrowed(ready: Move, company: Callable[..., str]) -> Move:
    for name, old_id, stage, employees in (
        ("small", "A1", "customer", "5"), ("large", "A2", "customer", "50"), ("unknown", "A3", "customer", ""),
        ("elsewhere", "A4", "lead", "50"),
    ):  # fmt: skip
        company(name, old_id, stage, numberofemployees=employees)
    return ready


@pytest.mark.parametrize(
    ("operator", "values", "inside"),
    [
        (Filter.ANY, "50", {"large"}),
        (Filter.NONE, "50", {"small", "unknown"}),
        (Filter.FILLED, "", {"small", "large"}),
        (Filter.EMPTY, "", {"unknown"}),
        (Filter.LEAST, "50", {"large"}),
        (Filter.MOST, "5", {"small"}),
    ],
)
def test_whatever_the_filter_hubspot_says_who_is_in_it_and_every_other_old_id_is_found(
    narrowed: Move, operator: Filter, values: str, inside: set[str]
) -> None:
    HubSpotConnection.objects.filter(pk=narrowed.new_id or 0).update(
        filter_field="numberofemployees", filter_operator=operator, filter_values=values
    )

    listed(narrowed)

    said = found()
    assert {name for name, is_inside in said.items() if is_inside} == inside
    assert len(said) == 4


def test_without_a_property_there_is_nothing_beside_the_scope(five: Move, portal: PracticeHubSpot) -> None:
    Move.objects.update(old_id_property="")
    portal.forget_calls()

    listed(five)

    assert len(found()) == 3
    assert portal.calls()["search"] == 2
    assert set(Company.objects.values_list("old_id", flat=True)) == {""}
