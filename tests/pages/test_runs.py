from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.permissions import Role
from integrations.sync.models import Change, Connection, PlannedChange, Run
from tests.pages.factories import (
    ConnectionFactory,
    HeartbeatFactory,
    LineFactory,
    PlannedFactory,
    PreviewFactory,
    RefusalFactory,
    RunFactory,
)
from tests.signed_in import ClientAs, SignedIn


def _listed(client: SignedIn, query: str) -> list[int]:
    return [row["run"].pk for row in client.get(f"/runs/?{query}").context["rows"]]


def _running(connection: Connection, **more: object) -> Run:
    counts = {"customers.read": 61}
    started = timezone.now() - timedelta(seconds=61)
    return RunFactory.create(
        connection=connection, state="running", phase="read", kind="full", finished_at=None, started_at=started,
        progress_at=timezone.now(), counts=counts, totals={"customers": 100}, **more,
    )  # fmt: skip


class TestList:
    def test_filters(self, admin: SignedIn, calm: Connection) -> None:
        other = ConnectionFactory.create(slug="other")
        first = RunFactory.create(connection=calm, kind="full")
        failed = RunFactory.create(connection=other, state="failed", reason_code="stuck")
        old = RunFactory.create(connection=calm)
        Run.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=9))
        day = timezone.localdate().isoformat()

        found = [_listed(admin, q) for q in ("", "connection=other", "state=failed", "kind=full", f"day={day}")]

        assert found == [[old.pk, failed.pk, first.pk], [failed.pk], [failed.pk], [first.pk], [failed.pk, first.pk]]

    def test_wish_that_cannot_be_read_shows_nothing_rather_than_everything(
        self, admin: SignedIn, calm: Connection
    ) -> None:
        RunFactory.create(connection=calm)

        assert _listed(admin, "day=31.12.2026&state=nonsense") == []

    def test_pages_by_key(self, admin: SignedIn, calm: Connection) -> None:
        runs = RunFactory.create_batch(51, connection=calm)

        first = _listed(admin, "")
        second = _listed(admin, f"before={first[-1]}")

        assert (first[0], len(first), second) == (runs[-1].pk, 50, [runs[0].pk])


class TestPage:
    @pytest.mark.requirement("C17")
    def test_live_numbers(self, admin: SignedIn, calm: Connection, text: Any) -> None:
        run = _running(calm)

        page = text(admin.get(f"/runs/{run.pk}/"))

        assert '<progress value="61" max="100"' in page
        assert "1.0 / s" in page
        assert "39 s" in page
        assert "7 calls to Paper CRM" in page
        assert "<dt>records</dt><dd>5</dd><dt>fields</dt><dd>2</dd>" in page
        assert "Closing this page changes nothing." in page

    def test_only_the_numbers_are_polled_and_speech_is_slower(self, admin: SignedIn, calm: Connection) -> None:
        run = _running(calm)

        live, said = (admin.get(f"/runs/{run.pk}/live/{q}").content.decode() for q in ("", "?part=said"))

        assert 'hx-trigger="every 2s"' in live
        assert 'hx-trigger="every 10s"' in said
        assert "Reading: 61 of 100 records." in said
        assert "<html" not in live + said

    def test_poll_of_a_finished_run_drops_its_trigger_and_asks_for_the_page(
        self, admin: SignedIn, calm: Connection
    ) -> None:
        run = RunFactory.create(connection=calm)

        answer = admin.get(f"/runs/{run.pk}/live/", headers={"HX-Request": "true"})

        assert answer.headers["HX-Refresh"] == "true"
        assert b"hx-trigger" not in answer.content

    def test_works_without_a_script(self, admin: SignedIn, calm: Connection) -> None:
        page = admin.get(f"/runs/{_running(calm).pk}/").content.decode()

        assert '<a href="">Read the numbers again</a>' in page

    def test_finished_run_adds_up(self, admin: SignedIn, calm: Connection, text: Any) -> None:
        run = RunFactory.create(connection=calm, totals={"customers": 5})

        page = text(admin.get(f"/runs/{run.pk}/"))

        assert "Does it add up?" in page
        assert '<span class="down">1</span>' in page
        assert "It took 3 min." in page

    @pytest.mark.parametrize(("factory", "page"), [(RunFactory, "/runs/{}/"), (PreviewFactory, "/runs/{}/preview/")])
    def test_suspended_line_is_said_by_the_runs_that_left_it_aside(
        self, admin: SignedIn, calm: Connection, text: Any, factory: Any, page: str
    ) -> None:
        before = factory.create(connection=calm, finished_at=timezone.now() - timedelta(days=2))
        after = factory.create(connection=calm, finished_at=timezone.now())
        LineFactory.create(
            block=calm.blocks.first(), hub_field="mrr", crm_label="Website", suspended_code="field-gone",
            suspended_at=timezone.now() - timedelta(days=1),
        )  # fmt: skip

        pages = [text(admin.get(page.format(run.pk))) for run in (before, after)]

        link = '<a href="/connections/paper/mapping/customers/#row-mrr">“Website” of Customers is gone</a>'
        assert [link in page for page in pages] == [False, True]

    @pytest.mark.parametrize(("number", "half"), [(4, True), (5, False)])
    def test_many_data_types_that_add_up_take_the_whole_width_of_a_preview(
        self, admin: SignedIn, calm: Connection, number: int, half: bool
    ) -> None:
        kinds = ["customers", "contacts", "agreements", "emails", "meetings"][:number]
        run = PreviewFactory.create(connection=calm, totals=dict.fromkeys(kinds, 5))

        page = admin.get(f"/runs/{run.pk}/preview/").content.decode()

        assert ('<div class="w6 stack"><section class="sheet"><div class="top"><h2>Does it add up?' in page) is half

    @pytest.mark.requirement("C14")
    def test_failed_run_says_why_and_what_to_do(self, admin: SignedIn, calm: Connection, text: Any) -> None:
        params = {"system": "Paper CRM", "view": "Active customers"}
        run = RunFactory.create(connection=calm, state="failed", reason_code="view-gone", reason_params=params)

        page = text(admin.get(f"/runs/{run.pk}/"))

        assert "The view “Active customers” no longer exists in Paper CRM" in page
        assert "Choose another view on the scope page" in page

    @pytest.mark.requirement("C14", "C16")
    def test_refusals_are_grouped_by_cause(self, admin: SignedIn, calm: Connection, text: Any) -> None:
        run = RunFactory.create(connection=calm)
        RefusalFactory.create_batch(2, of=run, object="contacts")
        RefusalFactory.create(of=run, reason_code="too-long", reason_params={"label": "Phone"})

        page = admin.get(f"/runs/{run.pk}/")

        groups = [(cause["reason_code"], cause["number"]) for cause in page.context["causes"]]
        assert groups == [("not-a-number", 2), ("too-long", 1)]
        assert "Retry 2" in text(page)

    def test_previews_have_a_page_of_their_own(self, admin: SignedIn, calm: Connection) -> None:
        run = PreviewFactory.create(connection=calm)

        assert admin.get(f"/runs/{run.pk}/").headers["Location"] == f"/runs/{run.pk}/preview/"

    def test_run_that_does_not_exist(self, admin: SignedIn) -> None:
        assert [admin.get(f"/runs/{pk}/").status_code for pk in (7, 10**18, 10**30)] == [404, 404, 404]


class TestBrake:
    def _held(self, connection: Connection) -> Run:
        params = {"count": 2, "linked": 12, "limit": 1}
        run = RunFactory.create(
            connection=connection, state="held", kind="delta", reason_code="brake-churned", reason_params=params,
            cursor={"steps": ["read", "apply"], "step": 2},
        )  # fmt: skip
        for _ in range(2):
            PlannedFactory.create(of=run, action="churn", is_held=True, reason_code="missing-twice")
        return run

    @pytest.mark.requirement("C5")
    def test_rows_are_shown_before_anybody_decides(self, admin: SignedIn, calm: Connection, text: Any) -> None:
        run = self._held(calm)

        page = text(admin.get(f"/runs/{run.pk}/"))

        assert "The run would churn 2 of 12 linked records; the brake holds above 1." in page
        assert "2 rows held by the brake" in page
        assert "Release the 2 rows" in page
        assert page.count("Missing from two complete listings") == 2

    def test_releasing_goes_on_with_the_run(self, admin: SignedIn, calm: Connection) -> None:
        run = self._held(calm)

        answer = admin.post(f"/runs/{run.pk}/release/", follow=True)

        run.refresh_from_db()
        assert run.state == Run.State.QUEUED
        assert b"The held rows are applied now" in answer.content
        assert AuditEntry.objects.filter(verb="released held rows", actor=admin.user.label).count() == 1

    def test_every_held_row_can_be_reached(self, admin: SignedIn, calm: Connection) -> None:
        run = self._held(calm)
        PlannedFactory.create_batch(50, of=run, action="churn", is_held=True)

        shown = [len(admin.get(f"/runs/{run.pk}/?page={page}").context["held"]["lines"]) for page in (1, 2)]

        assert shown == [50, 2]

    def test_dropping_hands_the_decision_to_the_run(self, admin: SignedIn, calm: Connection) -> None:
        run = self._held(calm)

        answer = admin.post(f"/runs/{run.pk}/drop/", follow=True)

        run.refresh_from_db()
        assert (run.state, run.cursor["dropped_by"]) == (Run.State.QUEUED, admin.user.label)
        assert b"Nothing is written for them" in answer.content

    def test_what_somebody_else_released_cannot_be_dropped(self, admin: SignedIn, calm: Connection) -> None:
        run = self._held(calm)
        Run.objects.update(state=Run.State.DONE)

        answer = admin.post(f"/runs/{run.pk}/drop/", follow=True)

        assert b"Nothing of this run is held any more." in answer.content
        assert PlannedChange.objects.count() == 2
        assert not AuditEntry.objects.filter(verb="dropped held rows").exists()

    @pytest.mark.parametrize("act", ["release", "drop", "cancel"])
    def test_support_may_look_but_not_decide(self, client_as: ClientAs, calm: Connection, act: str) -> None:
        run, client = self._held(calm), client_as(Role.SUPPORT)

        page = client.get(f"/runs/{run.pk}/").content

        assert b"Only admins release or drop held rows." in page
        assert client.post(f"/runs/{run.pk}/{act}/").status_code == 403


class TestActs:
    def test_stopping(self, admin: SignedIn, calm: Connection) -> None:
        run = _running(calm, lease_owner="w", lease_until=timezone.now() + timedelta(minutes=1))

        page = admin.post(f"/runs/{run.pk}/cancel/", follow=True)

        run.refresh_from_db()
        assert (run.state, run.cancel_asked) == (Run.State.RUNNING, True)
        assert b"It stops after its present slice." in page.content

    def test_stopping_what_is_over_says_so(self, admin: SignedIn, calm: Connection) -> None:
        run = RunFactory.create(connection=calm)

        page = admin.post(f"/runs/{run.pk}/cancel/", follow=True)

        assert b"This run is over already. Nothing was stopped." in page.content

    @pytest.mark.parametrize(
        ("kind", "made"), [("", "delta"), ("preview", "preview"), ("full", "full"), ("x", "delta")]
    )
    def test_starting(self, admin: SignedIn, calm: Connection, kind: str, made: str) -> None:
        from integrations.sync.rules import rules_hash

        for block in calm.blocks.all():
            block.cursor = block.full_read_at = timezone.now()
            block.rules_hash = rules_hash(block)
            block.save()

        answer = admin.post("/connections/paper/sync/", {"kind": kind})

        run = Run.objects.get()
        assert (run.kind, run.requested_by) == (made, admin.user.label)
        assert answer.headers["Location"].startswith(f"/runs/{run.pk}/")

    def test_second_start_leads_to_the_run_under_way(self, admin: SignedIn, calm: Connection) -> None:
        run = _running(calm)

        answer = admin.post("/connections/paper/sync/", follow=True)

        assert answer.redirect_chain == [(f"/runs/{run.pk}/", 302)]
        assert f"Run {run.pk} is still under way.".encode() in answer.content

    def test_opening_changes_nothing(self, admin: SignedIn, calm: Connection) -> None:
        run = RunFactory.create(connection=calm)
        acts = ("cancel", "apply", "discard", "release", "drop")

        answers = [admin.get(f"/runs/{run.pk}/{act}/").status_code for act in acts]

        assert answers == [405] * 5
        assert admin.get("/connections/paper/sync/").status_code == 405
        assert (Run.objects.count(), Change.objects.count()) == (1, 0)


def test_number_of_a_run_is_its_name_and_reads_the_same_everywhere(admin: SignedIn, calm: Connection) -> None:
    run = RunFactory.create(pk=71_337, connection=calm)
    preview = PreviewFactory.create(pk=71_338, connection=calm)
    PlannedFactory.create(of=preview)

    for address in ("/", "/runs/", f"/runs/{run.pk}/", f"/runs/{preview.pk}/preview/", "/workers/"):
        page = admin.get(address)
        assert page.status_code == 200
        assert "71,33" not in page.content.decode(), address


def test_workers_page_tells_who_works_on_what(admin: SignedIn, calm: Connection, text: Any) -> None:
    _running(calm, lease_owner="w", lease_until=timezone.now() + timedelta(seconds=45), attempt=2)

    page = text(admin.get("/workers/"))

    assert "Workers alive" in page
    assert "holds it for another 44 s" in page or "holds it for another 45 s" in page


def test_silent_workers_are_called_so(admin: SignedIn) -> None:
    page = admin.get("/workers/").content

    assert b"Workers silent" in page
    assert b"never heard" in page
    assert b"manage.py worker" in page


@pytest.mark.parametrize(("ago", "status", "body"), [(0, 200, b"ok"), (3600, 503, b"not ok"), (None, 503, b"not ok")])
def test_probe_says_alive_or_not_and_nothing_else(
    db: None, client: Any, ago: int | None, status: int, body: bytes
) -> None:
    if ago is not None:
        HeartbeatFactory.create(answered_at=_before(ago))

    answer = client.get("/healthz/")

    assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (status, body, "text/plain")


def _before(seconds: int) -> datetime:
    return timezone.now() - timedelta(seconds=seconds)
