"""A run that waits for its hour says so, and a person may let it ask at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.permissions import Role
from integrations.sync import runs
from integrations.sync.models import Connection, ConnectionState, Run
from tests.pages.factories import RunFactory
from tests.signed_in import ClientAs, SignedIn

SAID = {"system": "Paper CRM", "code": "503", "message": "Try later"}


def _waiting(connection: Connection, seconds: int = 3600, **more: Any) -> Run:
    due = timezone.now() + timedelta(seconds=seconds)
    columns = {"state": "waiting", "phase": "read", "reason_code": "quota-spent", "reason_params": SAID, **more}
    return RunFactory.create(connection=connection, finished_at=None, due_at=due, **columns)


@pytest.mark.requirement("C17")
def test_wait_for_quota_names_its_end(admin: SignedIn, calm: Connection, text: Any) -> None:
    run = _waiting(calm)

    page = text(admin.get(f"/runs/{run.pk}/"))

    until = timezone.localtime(run.due_at)
    assert "Waits for quota until " in page
    assert f"{until:%H:%M}." in page
    assert "Waits for a worker." not in page
    assert page.count("Try now") == 1


@pytest.mark.requirement("C17")
def test_wait_for_an_answer_counts_its_seconds(admin: SignedIn, calm: Connection, text: Any) -> None:
    run = _waiting(calm, 32, state="queued", reason_code="does-not-answer")

    page = text(admin.get(f"/runs/{run.pk}/live/"))

    assert "Waits 32 s, Paper CRM does not answer." in page


def test_connection_page_offers_to_try(admin: SignedIn, calm: Connection, text: Any) -> None:
    run = _waiting(calm)

    page = text(admin.get("/connections/paper/"))

    assert f'<a href="/runs/{run.pk}/">Run {run.pk}</a>:' in page
    assert f'action="/runs/{run.pk}/try/"' in page


def test_trying_rings_at_once_and_lifts_the_parking(admin: SignedIn, calm: Connection) -> None:
    run = _waiting(calm)
    ConnectionState.objects.update(parked_until=run.due_at)

    page = admin.post(f"/runs/{run.pk}/try/", follow=True)

    run.refresh_from_db()
    assert (run.due_at, ConnectionState.objects.get().parked_until) == (None, None)
    assert b"The run asks again now." in page.content
    [entry] = AuditEntry.objects.filter(verb="tried a waiting run")
    assert admin.user.label in entry.note


@pytest.mark.parametrize(
    "columns",
    [
        {"state": "done"},
        {"state": "queued", "seconds": -5},
        {"state": "running", "lease_until": timezone.now() + timedelta(hours=1)},
        {"state": "waiting", "cancel_asked": True},
    ],
)
def test_what_does_not_wait_is_not_rung(calm: Connection, columns: dict[str, Any]) -> None:
    run = _waiting(calm, **columns)

    with pytest.raises(runs.RunRefused, match="does not wait any more"):
        runs.try_now(run, "Inès Moreau")

    assert not AuditEntry.objects.filter(verb="tried a waiting run").exists()


def test_sync_now_beside_a_waiting_run_says_how_it_waits(admin: SignedIn, calm: Connection, text: Any) -> None:
    run = _waiting(calm)

    page = text(admin.post("/connections/paper/sync/", follow=True))

    assert f"Run {run.pk} is still under way. Nothing else was started. Waits for quota until" in page
    assert "“Try now” lets it ask at once." in page


def test_others_do_not_try(client_as: ClientAs, calm: Connection) -> None:
    run, client = _waiting(calm), client_as(Role.SUPPORT)

    page = client.get(f"/runs/{run.pk}/").content

    assert b"Try now" not in page
    assert client.post(f"/runs/{run.pk}/try/").status_code == 403


def test_run_that_works_again_no_longer_tells_of_its_failure(admin: SignedIn, calm: Connection) -> None:
    run = _waiting(calm, state="running", reason_code="does-not-answer")

    assert b"does not answer" not in admin.get(f"/runs/{run.pk}/").content
