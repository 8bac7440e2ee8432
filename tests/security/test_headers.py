"""3.3, 3.4, 13.4, 14.3.2: what every answer tells the browser, and how a deployment with https begins."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings as loaded
from django.test import Client
from django.urls import reverse

from integrations.salesforce.models import SalesforceConnection
from tests.security.crawl import pages
from tests.signed_in import SignedIn

KEY = "0123456789abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DEPLOYED = {
    "PATH": os.environ["PATH"], "SECRET_KEY": KEY, "CREDENTIAL_KEY": KEY[::-1], "PUBLIC_URL": "https://sync.aldervale.example",
    "ALLOWED_HOSTS": "sync.aldervale.example", "DEBUG": "0", "DATABASE_URL": "sqlite://:memory:",
}  # fmt: skip
NAMES = (
    "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_NAME",
    "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE", "SESSION_COOKIE_DOMAIN", "SESSION_COOKIE_PATH", "CSRF_COOKIE_SECURE",
    "CSRF_COOKIE_NAME", "CSRF_COOKIE_HTTPONLY", "DEBUG",
)  # fmt: skip
OPEN = (
    "/sign-in/login/",
    "/healthz/",
    "/sign-in/password/reset/",
    "/sign-in/signup/",
    "/nowhere/",
    "/static/console.css",
    "/customers/",
)
SAID = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def wrong(response: Any) -> list[str]:
    policy = response.headers.get("Content-Security-Policy", "")
    missing = [
        part
        for part in (
            "default-src 'none'",
            "script-src 'self'",
            "frame-ancestors 'none'",
            "object-src 'none'",
            "base-uri 'none'",
        )
        if part not in policy
    ]
    unsafe = [part for part in ("unsafe", "data:", "blob:", "http:", " *;", " * ") if part in policy]
    other = [name for name, value in SAID.items() if response.headers.get(name) != value]
    return missing + unsafe + other


def test_every_page_of_somebody_signed_in(admin: SignedIn, connection: SalesforceConnection) -> None:
    answers = {address: (wrong(page), page.headers.get("Cache-Control", "")) for address, page in pages(admin)}

    assert len(answers) > 60
    assert {address: said for address, (said, _) in answers.items() if said} == {}
    kept = {address for address, (_, cached) in answers.items() if "no-store" not in cached}
    # The admin's own words for its scripts hold nothing of anybody.
    assert kept <= {reverse("admin:jsi18n")}


@pytest.mark.django_db
@pytest.mark.parametrize("path", OPEN)
def test_pages_before_sign_in(path: str) -> None:
    response: Any = Client().get(path)
    response.close()

    # A file is served before the policy of pages is thought of; it runs nothing.
    spared = {
        "default-src 'none'",
        "script-src 'self'",
        "frame-ancestors 'none'",
        "object-src 'none'",
        "base-uri 'none'",
    }
    assert set(wrong(response)) - (spared if path.startswith("/static/") else set()) == set()


def test_refusals_and_errors_too(admin: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    from integrations.sync.views import workers

    admin.raise_request_exception = False
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin.user)
    monkeypatch.setattr(workers, "_lease", lambda *_: 1 / 0)
    monkeypatch.setattr(workers, "get_broker", lambda: 1 / 0)

    answers = [
        admin.get("/nowhere/"), admin.get("/workers/"), admin.post("/workers/"), strict.post("/retry/"),
        admin.get("/customers/", headers={"host": "evil.example"}),
    ]  # fmt: skip

    assert [answer.status_code for answer in answers] == [404, 500, 405, 403, 400]
    assert [wrong(answer) for answer in answers] == [[]] * len(answers)
    assert b"ZeroDivisionError" not in answers[1].content


def run(code: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error::DeprecationWarning:django", *code.split("\0")]
    return subprocess.run(
        command, cwd=loaded.BASE_DIR, env=DEPLOYED | more, capture_output=True, text=True, timeout=60, check=False
    )


def test_deployment_with_https_is_clean_and_its_cookies_are_bound_to_the_host() -> None:
    told = (
        "import json, django; django.setup(); from django.conf import settings;"
        f"print(json.dumps({{n: getattr(settings, n) for n in {NAMES!r}}}))"
    )

    checked = run("manage.py\0check\0--deploy\0--fail-level\0WARNING")
    found = json.loads(run(f"-c\0{told}", DJANGO_SETTINGS_MODULE="skalin_sync.settings").stdout)

    assert checked.returncode == 0, checked.stderr
    assert found == {
        "SECURE_SSL_REDIRECT": True, "SECURE_HSTS_SECONDS": 31_536_000, "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
        "SESSION_COOKIE_SECURE": True, "SESSION_COOKIE_NAME": "__Host-session", "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax", "SESSION_COOKIE_DOMAIN": None, "SESSION_COOKIE_PATH": "/", "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_NAME": "__Host-csrf", "CSRF_COOKIE_HTTPONLY": True, "DEBUG": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set."),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is shorter than 32 characters."),
        ({"CREDENTIAL_KEY": ""}, "CREDENTIAL_KEY is not set."),
        ({"CREDENTIAL_KEY": "x" * 31}, "CREDENTIAL_KEY is shorter than 32 characters."),
    ],
)
def test_start_is_refused_with_a_key_that_is_missing_or_short(change: dict[str, str], said: str) -> None:
    started = run("manage.py\0check", **change)

    assert started.returncode != 0
    assert said in started.stderr
    assert KEY not in started.stderr


def test_https_answers_carry_hsts_and_plain_ones_are_sent_there(settings: Any, db: None) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True

    plain, secure = Client().get("/healthz/"), Client().get("/healthz/", secure=True)

    assert (plain.status_code, plain.headers["Location"]) == (301, "https://testserver/healthz/")
    assert "max-age=31536000; includeSubDomains" in secure.headers["Strict-Transport-Security"]
