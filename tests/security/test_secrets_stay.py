"""16.2.5, 13.3, 14.2, I8: no secret leaves its sealed row, by whatever way something is said, kept or fails."""

import io
import json
from collections.abc import Callable, Iterator
from html import escape
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django_q.tasks import async_task

from integrations.salesforce import opening, ways
from integrations.salesforce.models import SalesforceConnection
from integrations.sync import runs
from integrations.sync.models import Run
from tests.salesforce.consent import answer
from tests.security.crawl import body, pages
from tests.security.everywhere import all_logs, files, rows
from tests.security.marked import MarkedSalesforce
from tests.security.syncing import CALLBACK, START, begin, by_app, by_password, connect, set_up, sync
from tests.signed_in import SignedIn

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("I8")]

Ways = dict[str, Callable[[MarkedSalesforce], dict[str, str]]]
ALONE: Ways = {"app": by_app, "password": by_password}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with all_logs() as text:
        yield text


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "PATIENCE_OF_A_RUN", 0.0)
    monkeypatch.setattr(opening, "PATIENCE_OF_A_PERSON", 0.0)


@pytest.fixture
def kept(crm: MarkedSalesforce, log: io.StringIO, admin: SignedIn) -> Callable[..., None]:
    """Fails with the place that holds a secret: tables, files, logs, and the pages that tell of connections and runs."""

    def check(*more: Any) -> None:
        for place, text in [*rows(), *files(), ("log", log.getvalue())]:
            assert not crm.leaks(text), f"{place}: {text[:2000]}"
        for page in [*(admin.get(path) for path in telling()), *more]:
            assert not crm.leaks(body(page)), page.request["PATH_INFO"]

    return check


def telling() -> list[str]:
    found = [reverse(name) for name in ("sync:board", "sync:needs", "sync:runs", "sync:log", "accounts:audit")]
    for connection in SalesforceConnection.objects.all():
        found.append(reverse("sync:connection", args=[connection.slug]))
        found.append(reverse("admin:sync_connectionstate_change", args=[connection.pk]))
        found += [reverse("salesforce:wizard", args=[connection.slug, step]) for step in ("connect", "scope", "review")]
    for run in Run.objects.all():
        found += [reverse("sync:run", args=[run.pk]), reverse("admin:sync_run_change", args=[run.pk])]
    return found


def test_all_three_ways_to_sign_in_and_whole_syncs(
    admin: SignedIn, crm: MarkedSalesforce, log: io.StringIO, kept: Callable[..., None],
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        connection = connect(admin, crm)
        first = sync(connection)
        again = [
            admin.post(reverse("salesforce:wizard", args=[connection.slug, "connect"]), typed(crm))
            for typed in ALONE.values()
        ]
        preview = sync(connection, Run.Kind.PREVIEW)
        call_command("sync", connection.slug, "--full", "--wait", "--json", stdout=log)
        call_command("connection", "export", connection.slug, stdout=log)

    assert [first.state, preview.state] == ["done", "done"]
    assert [page.status_code for page in again] == [302, 302]
    expected = {"session", "sync_connectionstate", "sync_change"} | (
        {"queue"} if "orm" in settings.Q_CLUSTER else set()
    )
    assert expected <= {table for table, _ in rows()}
    kept()
    opened = 0
    for address, page in pages(admin):
        assert page.status_code in {200, 301, 302}, address
        assert not crm.leaks(body(page)), address
        opened += 1
    assert opened > 100


FAULTS: dict[str, tuple[str, dict[str, Any], str]] = {
    "grant revoked": ("web", {"revoke_grants": True}, "failed"),
    "session ended, password reset": ("password", {"expire_sessions": True, "reset_password": True}, "failed"),
    "API disabled": ("app", {"api_disabled": True}, "failed"),
    "every call 500": ("web", {"fail_every": 1}, "queued"),
    "503 for long": ("app", {"burst": 500, "burst_status": 503, "retry_after": 60}, "queued"),
    "answers cut": ("password", {"truncate": 500}, "queued"),
    "answers in HTML": ("web", {"html": 500}, "queued"),
    "connections cut": ("web", {"reset": 500}, "queued"),
    "quota spent": ("web", {"daily_quota_exhausted": True}, "waiting"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_runs_that_fail(admin: SignedIn, crm: MarkedSalesforce, kept: Callable[..., None], fault: str) -> None:
    way, wanted, state = FAULTS[fault]
    connection = signed_in(admin, crm, way)
    crm.secrets()
    crm.control(**wanted)

    run = sync(connection, seconds=0)

    assert run.state == state
    kept()


def signed_in(admin: SignedIn, crm: MarkedSalesforce, way: str) -> SalesforceConnection:
    if way == "web":
        return connect(admin, crm)
    admin.post(reverse(START), ALONE[way](crm))
    return set_up(admin, crm)


@pytest.mark.parametrize(
    ("way", "wrong"),
    [
        ("app", {"client_secret": "canary-wrong-secret-77f0"}),
        ("password", {"password": "canary-wrong-password-19c3"}),
        ("password", {"security_token": "CanaryWrongToken51d8"}),
    ],
)
def test_sign_ins_that_are_refused(
    admin: SignedIn, crm: MarkedSalesforce, kept: Callable[..., None], way: str, wrong: dict[str, str]
) -> None:
    crm.border.seen |= set(wrong.values())

    page = admin.post(reverse(START), ALONE[way](crm) | wrong)

    assert page.status_code == 200
    kept(page)


Echo = Callable[[str], tuple[str, dict[str, str], bytes]]


def as_json(status: str, body: Any) -> tuple[str, dict[str, str], bytes]:
    return status, {"Content-Type": "application/json"}, json.dumps(body).encode()


def soap(token: str) -> tuple[str, dict[str, str], bytes]:
    said = (
        "<Envelope><Body><Fault><exceptionCode>INVALID_LOGIN</exceptionCode>"
        f"<exceptionMessage>no entry with {escape(token)} today</exceptionMessage></Fault></Body></Envelope>"
    )
    return "500 Error", {"Content-Type": "text/xml"}, said.encode()


ECHOES: dict[str, Echo] = {
    "in a message": lambda t: as_json("400 Bad", [{"errorCode": "MALFORMED_QUERY", "message": f"you sent {t} here"}]),
    "as a code": lambda t: as_json("400 Bad", [{"errorCode": t, "message": "no"}]),
    "as a field": lambda t: as_json("400 Bad", [{"errorCode": "INVALID_FIELD", "message": "no", "fields": [t]}]),
    "named as a column": lambda t: as_json(
        "400 Bad", [{"errorCode": "INVALID_FIELD", "message": f"No such column '{t}' on entity"}]
    ),
    "at the end of much": lambda t: as_json(
        "403 No", [{"errorCode": "FUNCTIONALITY_NOT_ENABLED", "message": "x" * 480 + t}]
    ),
    "encoded": lambda t: as_json("400 Bad", [{"errorCode": "INVALID_TYPE", "message": f"q={quote(t, safe='')}&r=1"}]),
    "in OAuth's words": lambda t: as_json("400 Bad", {"error": "invalid_request", "error_description": f"got {t}"}),
    "as OAuth's code": lambda t: as_json("400 Bad", {"error": t, "error_description": "no"}),
    "in HTML": lambda t: ("502 Bad", {"Content-Type": "text/html"}, f"<h1>Bad gateway</h1><p>{t}".encode()),
    "in text": lambda t: ("403 No", {"Content-Type": "text/plain"}, t.encode()),
    "in half an answer": lambda t: ("200 OK", {"Content-Type": "application/json"}, f'{{"token": "{t}'.encode()),
    "in a redirect": lambda t: ("302 Found", {"Location": f"https://evil.example/?t={quote(t)}"}, b""),
    "in SOAP": soap,
    "in headers": lambda t: (
        "429 Slow",
        {"Retry-After": t, "Date": t, "Sforce-Limit-Info": f"api-usage={t}", "Content-Type": t},
        b"[]",
    ),
}


@pytest.mark.parametrize("echo", ECHOES)
def test_runs_whose_answers_tell_the_token(
    admin: SignedIn, crm: MarkedSalesforce, connection: SalesforceConnection, kept: Callable[..., None], echo: str
) -> None:
    crm.border.hostile = lambda path, token: ECHOES[echo](token) if token else None

    run = sync(connection, seconds=0)
    asked = admin.post(
        reverse("sync:explain"), {"connection": connection.slug, "object": "customers", "source_id": "001000000000001"}
    )

    assert run.calls
    assert run.state in {"failed", "queued"}
    kept(asked)


@pytest.mark.parametrize(
    ("way", "echo"),
    [*(("app", echo) for echo in ECHOES), ("password", "in SOAP"), ("password", "in text"), ("password", "encoded")],
)
def test_sign_ins_whose_answers_tell_the_secret(
    admin: SignedIn, crm: MarkedSalesforce, kept: Callable[..., None], way: str, echo: str
) -> None:
    secret = crm.credentials.client_secret if way == "app" else crm.credentials.password
    crm.border.hostile = lambda path, token: ECHOES[echo](secret)

    page = admin.post(reverse(START), ALONE[way](crm))

    assert page.status_code == 200
    kept(page)


@pytest.mark.parametrize("echo", ["in OAuth's words", "as OAuth's code", "in text", "in half an answer", "in headers"])
def test_returns_whose_answers_tell_the_secret(
    admin: SignedIn, crm: MarkedSalesforce, kept: Callable[..., None], echo: str
) -> None:
    back = answer(begin(admin))
    crm.border.hostile = lambda path, token: ECHOES[echo](token or crm.credentials.client_secret)

    page = admin.get(reverse(CALLBACK), back, follow=True)

    assert page.status_code == 200
    kept(page)


def test_task_rows_hold_ids_only(
    crm: MarkedSalesforce, connection: SalesforceConnection, kept: Callable[..., None]
) -> None:
    crm.border.hostile = lambda path, token: ECHOES["in a message"](token) if token else None
    run = runs.request_run(connection, Run.Kind.DELTA, by="Inès Moreau")

    async_task("integrations.sync.tasks.answer", run.pk, sync=True)

    run.refresh_from_db()
    assert run.state == "failed"
    assert [text for place, text in rows() if place == "task"] == [f"({run.pk},) {{}} None"]
    kept()


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("way", ["web", "app", "password"])
def test_crash_of_our_own_in_the_middle_of_a_sign_in(
    admin: SignedIn, crm: MarkedSalesforce, kept: Callable[..., None], settings: Any, monkeypatch: pytest.MonkeyPatch,
    way: str, debug: bool,
) -> None:  # fmt: skip
    """With DEBUG on, the page shows every variable of every frame."""
    settings.DEBUG = debug
    admin.raise_request_exception = False
    back = answer(begin(admin))
    monkeypatch.setattr(ways, "to_18", lambda _: 1 / 0)

    page = admin.get(reverse(CALLBACK), back) if way == "web" else admin.post(reverse(START), ALONE[way](crm))

    assert page.status_code == 500
    assert (b"ZeroDivisionError" in page.content) is debug
    kept(page)


def test_crash_of_our_own_in_the_middle_of_a_run(
    crm: MarkedSalesforce, connection: SalesforceConnection, kept: Callable[..., None], log: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from integrations.salesforce import reading

    monkeypatch.setattr(reading.Reader, "page", lambda *_: 1 / 0)

    run = sync(connection, seconds=0)

    assert run.state == "queued"
    assert "ZeroDivisionError" in log.getvalue()
    kept()


def test_file_with_credentials_names_variables_only(
    crm: MarkedSalesforce, connection: SalesforceConnection, kept: Callable[..., None], log: io.StringIO,
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("CRM_SECRET", crm.credentials.client_secret)
    file = tmp_path / "salesforce.yaml"
    file.write_text(
        "skalin-sync: 1\nconnection: salesforce\nsystem: salesforce\n"
        "credentials: {client_secret: {env: CRM_SECRET}}\nname: Renamed\n"
    )
    inline = tmp_path / "inline.yaml"
    inline.write_text(
        "skalin-sync: 1\nconnection: salesforce\nsystem: salesforce\n"
        f"credentials: {{client_secret: {crm.credentials.client_secret}}}\n"
    )

    call_command("connection", "import", str(file), stdout=log)
    with pytest.raises(CommandError) as refused:
        call_command("connection", "import", str(inline), stdout=log)

    assert not crm.leaks(str(refused.value))
    kept()


def test_pages_before_sign_in_say_nothing(crm: MarkedSalesforce, connection: SalesforceConnection) -> None:
    for path in ("/healthz/", "/sign-in/login/", "/robots.txt", "/static/", "/nowhere/"):
        assert not crm.leaks(Client().get(path).content), path
