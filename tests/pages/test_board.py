from typing import Any

import pytest

from accounts.models import AuditEntry
from accounts.permissions import Role
from integrations.sync.models import Connection, Run
from tests.pages.factories import (
    ConnectionFactory,
    CustomerFactory,
    LinkFactory,
    PreviewFactory,
    RunFactory,
    TotalFactory,
)
from tests.signed_in import ClientAs, SignedIn


@pytest.mark.requirement("R350", "R351")
def test_calm_day_is_green(admin: SignedIn, calm: Connection, text: Any) -> None:
    page = text(admin.get("/"))

    assert "Nothing needs you." in page
    assert "Workers alive" in page
    assert page.count("less than 1 min behind") == 2


def test_nothing_connected_shows_the_four_steps(admin: SignedIn, text: Any) -> None:
    page = text(admin.get("/"))

    assert "From nothing to the first sync" in page
    assert page.count('class="now"') == 1
    assert 'href="/connections/">Connect a CRM</a>' in page


@pytest.mark.parametrize(
    ("step", "previewed", "verb"),
    [
        ("connect", False, "Connect a CRM"),
        ("customers", False, "Go on choosing"),
        ("review", False, "Go to the preview"),
        ("review", True, "Go to turning it on"),
    ],
)
def test_draft_is_resumed_at_its_step(admin: SignedIn, text: Any, step: str, previewed: bool, verb: str) -> None:
    draft = ConnectionFactory.create(state=Connection.State.DRAFT, wizard_step=step)
    if previewed:
        PreviewFactory.create(connection=draft)

    page = text(admin.get("/"))

    assert f'btn-primary" href="/connections/{draft.slug}/">{verb}</a>' in page


def test_who_may_not_connect_is_told_whom_to_ask(client_as: ClientAs, text: Any) -> None:
    page = text(client_as(Role.CSM).get("/"))

    assert "Only admins connect. Ask one of them." in page
    assert "btn-primary" not in page


@pytest.mark.parametrize("role", [Role.RESTRICTED_CSM, Role.READ_ONLY])
def test_who_sees_no_run_lands_on_the_customers(client_as: ClientAs, calm: Connection, role: Role) -> None:
    assert client_as(role).get("/").headers["Location"] == "/customers/"


@pytest.mark.requirement("C10")
def test_no_errors_and_complete_are_two_lights(admin: SignedIn, calm: Connection, text: Any) -> None:
    calm.blocks.update(counted=10, unexplained=0)
    LinkFactory.create(connection=calm, state="failing", reason_code="too-long")

    page = text(admin.get("/"))

    assert "<dt>" in page
    assert "Errors</dt><dd>1</dd><dd>1 cause</dd>" in page
    assert "Complete</dt><dd>20</dd><dd>all 20 explained</dd>" in page


def test_numbers_of_today(admin: SignedIn, calm: Connection, text: Any) -> None:
    CustomerFactory.create()
    LinkFactory.create(connection=calm, state="excluded", reason_code="out-of-scope")
    TotalFactory.create(connection_id=calm.pk, action="create", number=1178)
    TotalFactory.create(connection_id=calm.pk, action="update", number=9, object="contacts")

    page = text(admin.get("/"))

    assert "Customers</dt><dd>1</dd><dd>+1,178 today, 1 excluded</dd>" in page
    assert "Changes today</dt><dd>1,187</dd><dd>1,178 created, 9 changed</dd>" in page


def test_chart_has_every_number_in_a_table_too(admin: SignedIn, calm: Connection, text: Any) -> None:
    TotalFactory.create(connection_id=calm.pk, number=1234)

    page = text(admin.get("/"))

    assert page.count('<rect class="c-in"') == 1 + 1, "one bar and its key"
    assert 'data-l="Into the hub">1,234</td>' in page


def test_sync_all_asks_every_connection_that_is_on(admin: SignedIn, calm: Connection) -> None:
    paused = ConnectionFactory.create(state=Connection.State.PAUSED)

    answer = admin.post("/sync/", follow=True)

    assert list(Run.objects.values_list("connection", "requested_by")) == [(calm.pk, admin.user.label)]
    assert b"1 sync begins." in answer.content
    assert not Run.objects.filter(connection=paused).exists()


def test_sync_all_says_what_it_did_not_start(admin: SignedIn, calm: Connection) -> None:
    running = RunFactory.create(connection=calm, state="running", kind="delta")

    answer = admin.post("/sync/", follow=True)

    assert Run.objects.count() == 1
    assert f"Run {running.pk} is still under way.".encode() in answer.content
    assert b"0 syncs begin." in answer.content


def test_pause_all(admin: SignedIn, calm: Connection) -> None:
    answer = admin.post("/pause/", follow=True)

    calm.refresh_from_db()
    assert calm.state == Connection.State.PAUSED
    assert b"1 connection rests. Nothing is read or written until you resume." in answer.content
    assert AuditEntry.objects.filter(verb="paused").count() == 1


@pytest.mark.parametrize("role", [Role.MANAGER, Role.CSM, Role.SUPPORT])
def test_buttons_that_start_or_stop_are_the_admins(client_as: ClientAs, calm: Connection, role: Role) -> None:
    client = client_as(role)

    page = client.get("/").content.decode()

    assert "Sync all now" not in page
    assert "Pause all" not in page
    assert [client.post(address).status_code for address in ("/sync/", "/pause/")] == [403, 403]
    assert not Run.objects.exists()


def test_needs_you_without_a_matter(admin: SignedIn, calm: Connection) -> None:
    assert b"Nothing needs you" in admin.get("/needs/").content


@pytest.mark.requirement("C15")
def test_paused_connection_says_so_and_is_resumed_from_the_board(admin: SignedIn, calm: Connection, text: Any) -> None:
    RunFactory.create(connection=calm, state="held", reason_code="brake-churned")
    Connection.objects.update(state=Connection.State.PAUSED)

    board, page = text(admin.get("/")), text(admin.get("/connections/paper/"))

    assert board.count("Paused <span") == 2
    assert 'Resume<span class="visually-hidden"> Paper</span></button>' in board
    assert page.split("<details")[0].count("Paused <span") == 1
    assert 'class="btn btn-primary" type="submit"' in page.split('action="/connections/paper/resume/"')[1][:300]
