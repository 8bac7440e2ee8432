"""Scores by API: a token that is shown once, and an answer for every entry."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection as database
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.permissions import Role
from integrations.hub import tokens
from integrations.hub.models import ApiToken, Customer
from integrations.sync.models import Change
from tests.hub.factories import CustomerFactory
from tests.signed_in import ClientAs

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R56", "R57")]

ADDRESS = "/api/scores"


@pytest.fixture
def token() -> str:
    return tokens.make("Nightly scoring", "Inès Moreau")[1]


def post(token: str, body: Any, **more: Any) -> Any:
    raw = body if isinstance(body, str | bytes) else json.dumps(body)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    client = Client(enforce_csrf_checks=True)
    return client.post(ADDRESS, raw, content_type="application/json", headers=headers, **more)


# --- Writing


def test_scores_are_written_through_the_journal_under_the_programs_name(token: str) -> None:
    row = CustomerFactory.create(ref_id="A1", pulse=3)
    same = CustomerFactory.create(ref_id="A2", health_score=5)

    answer = post(token, [{"ref_id": "A1", "health_score": 8, "pulse": 4}, {"ref_id": "A2", "health_score": 5}])

    assert (answer.status_code, answer.json()) == (200, {"changed": 1, "unchanged": 1, "refused": []})
    assert (scores(row), scores(same)) == ((8, 4), (5, None))
    change = Change.objects.get()
    assert (change.hub_id, change.reason_code, change.actor) == (row.pk, "by-api", "Nightly scoring")
    entry = AuditEntry.objects.get(verb="uploaded scores")
    assert (entry.label, entry.after) == ("Nightly scoring", {"customers": 1})


def test_what_is_left_out_stays_and_null_empties(token: str) -> None:
    row = CustomerFactory.create(ref_id="A1", health_score=8, pulse=4)

    post(token, [{"ref_id": "A1", "pulse": None}])

    assert scores(row) == (8, None)


def test_the_same_again_changes_and_journals_nothing(token: str) -> None:
    CustomerFactory.create(ref_id="A1")
    for _ in range(2):
        answer = post(token, [{"ref_id": "A1", "pulse": 4}])

    assert answer.json() == {"changed": 0, "unchanged": 1, "refused": []}
    assert Change.objects.count() == 1
    assert AuditEntry.objects.filter(verb="uploaded scores").count() == 1


def test_every_entry_that_cannot_be_taken_says_why_and_the_others_go(token: str) -> None:
    row = CustomerFactory.create(ref_id="7")
    CustomerFactory.create_batch(2, ref_id="TWICE")
    entries = [
        {"ref_id": 7, "pulse": 5},
        {"ref_id": "NOBODY", "pulse": 5},
        {"ref_id": "TWICE", "pulse": 5},
        {"ref_id": "7", "pulse": 9},
        {"ref_id": "7", "health_score": 7.5},
        {"ref_id": "7", "health_score": True},
        {"ref_id": "7", "health_score": [1]},
        {"ref_id": "7"},
        {"ref_id": "7", "stage": "churn"},
        {"pulse": 5},
        "7",
        {"ref_id": "7", "pulse": 4},
        {"ref_id": "\ud800", "pulse": 4},
    ]

    answer = post(token, entries).json()

    assert answer["changed"] == 1
    assert [(one["entry"], one["field"], one["why"]) for one in answer["refused"]] == [
        (2, "", "No customer that you may change has this ID."),
        (3, "", "2 customers have this ID, so none of them was chosen."),
        (4, "pulse", "A whole number from 1 to 5."),
        (5, "health_score", "A whole number from 1 to 10."),
        (6, "health_score", "A whole number from 1 to 10."),
        (7, "", "A score is a whole number, or null to empty it."),
        (8, "", "It says neither a health score nor a pulse."),
        (9, "", "“stage” is not known here."),
        (10, "", "ref_id must be the customer ID, as text."),
        (11, "", "An entry is an object with ref_id, health_score and pulse."),
        (12, "", "This customer is named already, by number 1."),
        (13, "", "No customer that you may change has this ID."),
    ]
    assert scores(row) == (None, 5)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("{", 400),
        ('{"ref_id": "A1"}', 400),
        ("[NaN]", 400),
        (b"\xff\xfe", 400),
        ("[" * 100_000, 400),
        ("[" + "1" * 5000 + "]", 400),
        ([{}] * 1001, 413),
        (" " * (1024 * 1024 + 1), 413),
        (" " * (3 * 1024 * 1024), 413),
    ],
)
def test_a_body_that_is_none_is_refused_as_a_whole(token: str, body: Any, status: int) -> None:
    answer = post(token, body)

    assert answer.status_code == status
    assert answer.json()["error"]
    assert not Change.objects.exists()


# --- Who may


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer sks_wrong", "Basic c2tz", "Bearer " + "x" * 5000])
def test_without_a_token_nothing_is_said(header: str) -> None:
    CustomerFactory.create(ref_id="A1")

    answer = Client().post(ADDRESS, "[]", content_type="application/json", headers={"Authorization": header})

    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


def test_a_revoked_token_is_refused_with_its_next_call(token: str, client_as: ClientAs) -> None:
    row = ApiToken.objects.get()
    assert post(token, []).status_code == 200
    admin = client_as(Role.ADMIN)

    for _ in range(2):
        admin.post(reverse("hub:token-revoke", args=[row.pk]))

    assert post(token, []).status_code == 401
    row.refresh_from_db()
    assert row.revoked_by == admin.user.label
    assert AuditEntry.objects.filter(verb="revoked", kind="API token").count() == 1


def test_sixty_calls_a_minute_and_the_next_minute_begins_anew(token: str) -> None:
    row, other = ApiToken.objects.get(), tokens.make("Other", "Inès")[0]
    at = datetime(2026, 11, 26, 12, 0, 48, tzinfo=UTC)

    assert all(tokens.may_call(row, at) for _ in range(tokens.CALLS_PER_MINUTE))
    assert not tokens.may_call(row, at)
    assert tokens.may_call(other, at)
    assert tokens.seconds_left(at) == 12
    assert tokens.may_call(row, at.replace(minute=1))


def test_minute_that_another_process_began_in_between_is_gone_on_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row, _token = tokens.make("Nightly", "Inès")
    at = timezone.now().replace(second=0, microsecond=0)
    updates, real = [], QuerySet.update

    def update(rows: Any, **values: Any) -> int:
        updates.append(values)
        if len(updates) == 2:
            real(ApiToken.objects.filter(pk=row.pk), minute=at, calls=1)
        return real(rows, **values)

    monkeypatch.setattr(QuerySet, "update", update)

    assert tokens.may_call(row, at)
    row.refresh_from_db()
    assert row.calls == 2


def test_a_call_too_many_says_when_to_come_back(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row = CustomerFactory.create(ref_id="A1")
    now = timezone.now()
    monkeypatch.setattr("integrations.hub.views.api.timezone.now", lambda: now)
    ApiToken.objects.update(minute=now.replace(second=0, microsecond=0), calls=tokens.CALLS_PER_MINUTE)

    answer = post(token, [{"ref_id": "A1", "pulse": 4}])

    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert scores(row) == (None, None)


# --- The page


def test_a_token_is_shown_once_and_kept_as_a_digest(client_as: ClientAs) -> None:
    admin = client_as(Role.ADMIN)

    made = admin.post(reverse("hub:api-tokens"), {"name": "Nightly scoring"})

    token = made.context["token"]
    assert token in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    assert token not in admin.get(reverse("hub:api-tokens")).content.decode()
    row = ApiToken.objects.get()
    assert token not in str(ApiToken.objects.values().get())
    assert (row.ending, row.created_by) == (token[-4:], admin.user.label)
    entry = AuditEntry.objects.get(verb="created", kind="API token")
    assert token not in f"{entry.label} {entry.before} {entry.after} {entry.note}"
    assert post(token, []).status_code == 200


def test_a_token_needs_a_name(client_as: ClientAs) -> None:
    assert client_as(Role.ADMIN).post(reverse("hub:api-tokens"), {"name": " "}).status_code == 422
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_admins_see_and_make_tokens(client_as: ClientAs, role: Role, token: str) -> None:
    client = client_as(role)

    assert client.get(reverse("hub:api-tokens")).status_code == 403
    assert client.post(reverse("hub:api-tokens"), {"name": "Mine"}).status_code == 403
    assert client.post(reverse("hub:token-revoke", args=[ApiToken.objects.get().pk])).status_code == 403
    assert post(token, []).status_code == 200


def test_page_and_call_cost_the_same_for_any_number(
    token: str, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A minute that begins costs a statement more.
    now = timezone.now()
    monkeypatch.setattr("integrations.hub.views.api.timezone.now", lambda: now)
    post(token, [])
    admin = client_as(Role.ADMIN)
    admin.get(reverse("hub:api-tokens"))
    costs = set()
    for number in (1, 3):
        rows = CustomerFactory.create_batch(number)
        for _ in range(number):
            tokens.make("Another", "Inès")
        with CaptureQueriesContext(database) as called:
            assert post(token, [{"ref_id": row.ref_id, "pulse": 4} for row in rows]).json()["changed"] == number
        with CaptureQueriesContext(database) as opened:
            admin.get(reverse("hub:api-tokens"))
        costs.add((len(called), len(opened)))

    assert len(costs) == 1
    assert all(cost < 25 for both in costs for cost in both)


def scores(row: Customer) -> tuple[int | None, int | None]:
    row.refresh_from_db()
    return row.health_score, row.pulse
