"""The inspector of a run's calls: who may look, what it shows, and that it stays small."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DataError

from accounts.permissions import Role
from integrations.sync.models import ApiCall, Connection, Run
from integrations.sync.runner import recording
from integrations.sync.runner.recording import Recording
from integrations.sync.store import api_calls
from integrations.sync.store.api_calls import write_calls
from integrations.wire.decisions import Decision
from integrations.wire.messages import Call
from tests.pages.factories import PreviewFactory, RunFactory
from tests.signed_in import ClientAs, SignedIn

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("C6")]
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def call(number: int = 0, **given: Any) -> Call:
    plain = {"method": "GET", "url": "", "status": 200, "milliseconds": 1234, "bytes": 5678, "kind": "query"}
    started = NOW + timedelta(seconds=number)
    return Call(**{**plain, "started": started, "address": f"/services/data/{number}", **given})


def refused(number: int = 0, **given: Any) -> Call:
    return call(number, **{"status": 400, "decision": Decision.STOPPED, "code": "INVALID_FIELD", **given})


@pytest.fixture
def run(calm: Connection) -> Run:
    return RunFactory.create(connection=calm)


def page_of(client: SignedIn, run: Run, query: str = "") -> str:
    answer = client.get(f"/runs/{run.pk}/calls/{query}")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_page_shows_call_answer_and_what_followed(admin: SignedIn, run: Run) -> None:
    write_calls(run.pk, [call(1), refused(2, attempt=3)])

    page = page_of(admin, run)

    for said in ("/services/data/1", "INVALID_FIELD", "1,234 ms", "5,678", "used", "handed to the run"):
        assert said in page, said
    assert page.index("/services/data/2") < page.index("/services/data/1"), "newest first"


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_only_admins_and_support_may_look(role: Role, run: Run, client_as: ClientAs) -> None:
    client, may = client_as(role), role in {Role.ADMIN, Role.SUPPORT}

    assert client.get(f"/runs/{run.pk}/calls/").status_code == (200 if may else 403)
    if role not in {Role.RESTRICTED_CSM, Role.READ_ONLY}:
        assert (f"/runs/{run.pk}/calls/" in client.get(f"/runs/{run.pk}/").content.decode()) is may


def test_preview_leads_to_its_calls(admin: SignedIn, calm: Connection) -> None:
    preview = PreviewFactory.create(connection=calm)

    assert f"/runs/{preview.pk}/calls/" in admin.get(f"/runs/{preview.pk}/preview/").content.decode()


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {1, 2, 3, 4}),
        ("?status=failed", {2, 3, 4}),
        ("?status=200", {1}),
        ("?status=400", {2}),
        ("?status=500", {3}),
        ("?status=none", {4}),
        ("?kind=describe", {1}),
        ("?status=400&kind=describe", set()),
        ("?status=nonsense", set()),
    ],
)
def test_filter_finds_by_status_and_kind(admin: SignedIn, run: Run, query: str, shown: set[int]) -> None:
    write_calls(
        run.pk,
        [
            call(1, kind="describe"),
            refused(2),
            refused(3, status=503, decision=Decision.AGAIN),
            refused(4, status=0, decision=Decision.WAITS),
        ],
    )

    page = page_of(admin, run, query)

    assert {number for number in (1, 2, 3, 4) if f"/services/data/{number}<" in page} == shown


def test_calls_of_another_run_stay_there(admin: SignedIn, run: Run, calm: Connection) -> None:
    write_calls(RunFactory.create(connection=calm).pk, [call(7)])

    assert "No call is kept" in page_of(admin, run)


def test_pages_go_by_key_and_meet(admin: SignedIn, run: Run) -> None:
    write_calls(run.pk, [call(n) for n in range(100, 160)])
    oldest_shown = ApiCall.objects.order_by("-pk")[49].pk

    first, second = page_of(admin, run), page_of(admin, run, f"?before={oldest_shown}")

    assert f"before={oldest_shown}" in first
    assert (first.count('data-l="Call"'), second.count('data-l="Call"')) == (50, 10)


@pytest.mark.parametrize("number", [1, 3])
def test_page_costs_the_same_for_any_number_of_calls(
    admin: SignedIn, run: Run, django_assert_num_queries: Callable[..., Any], number: int
) -> None:
    write_calls(run.pk, [call(n) for n in range(number)])
    admin.get("/people/me/")

    with django_assert_num_queries(10):
        admin.get(f"/runs/{run.pk}/calls/")


def test_of_a_run_only_the_latest_are_kept_and_the_latest_that_failed(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_calls, "MOST_FINE", 5)
    monkeypatch.setattr(api_calls, "MOST_FAILED", 2)
    for start in (0, 10, 20):
        write_calls(run.pk, [*(call(start + n) for n in range(4)), refused(start + 8)])

    kept = ApiCall.objects.filter(run_id=run.pk).order_by("pk")

    assert [c.address.rpartition("/")[2] for c in kept.filter(has_failed=False)] == ["13", "20", "21", "22", "23"]
    assert [c.address.rpartition("/")[2] for c in kept.filter(has_failed=True)] == ["18", "28"]


def test_slice_writes_once_however_often_it_called(run: Run, django_assert_num_queries: Callable[..., Any]) -> None:
    kept = Recording()
    for n in range(2_000):
        kept.note(call(n) if n % 3 else refused(n))

    # One insert and two looks for surplus, within a savepoint.
    with django_assert_num_queries(5):
        kept.write(run.pk)

    assert (ApiCall.objects.filter(has_failed=False).count(), ApiCall.objects.filter(has_failed=True).count()) == (
        500,
        200,
    )
    latest = ApiCall.objects.first()
    assert latest is not None
    assert latest.address == "/services/data/1999"


def test_slice_without_a_call_asks_the_database_nothing(
    run: Run, django_assert_num_queries: Callable[..., Any]
) -> None:
    with django_assert_num_queries(0):
        Recording().write(run.pk)


def test_calls_that_cannot_be_kept_fail_no_run(
    run: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(run_id: int, calls: object) -> None:
        raise DataError("value too long")

    monkeypatch.setattr(recording, "write_calls", broken)
    kept = Recording()
    kept.note(call())

    kept.write(run.pk)

    assert f"The calls of run {run.pk} could not be kept." in caplog.text


def test_hostile_address_is_text(admin: SignedIn, run: Run) -> None:
    write_calls(run.pk, [call(1, address="/x?q=<script>alert(1)</script>")])

    assert "<script>alert" not in page_of(admin, run)
