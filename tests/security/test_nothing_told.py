"""13.4.5: who is not signed in learns neither versions nor hosts nor whether somebody exists."""

import re
import threading
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import pytest
import requests
from cheroot.wsgi import Server
from django.test import Client

from skalin_sync.wsgi import application
from tests.security.test_headers import OPEN

VERSIONS = {version(name) for name in ("django", "cheroot", "django-allauth", "django-htmx", "requests", "whitenoise")}
PRODUCTS = re.compile(r"cheroot|django/|python/|wsgi|whitenoise|sqlite|postgres|redis", re.IGNORECASE)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", [*OPEN, "/robots.txt", "/.env", "/.git/config", "/static/", "/raw/", "/favicon.ico", "/docs/"]
)
def test_address_tells_nothing(path: str) -> None:
    response: Any = Client().get(path)

    text = "" if path.endswith(".css") else response.getvalue().decode()
    response.close()
    told = f"{response.headers} {text}"
    assert response.status_code in {200, 302, 404, 503}
    assert not PRODUCTS.search(told), PRODUCTS.search(told)
    assert not [number for number in VERSIONS if number in told]
    assert "127.0.0.1" not in told


@pytest.mark.django_db
def test_probe_says_two_words_at_most() -> None:
    response = Client().get("/healthz/")

    assert response.content in {b"ok", b"not ok"}
    assert response.cookies == {}


@pytest.fixture
def address() -> Iterator[str]:
    server = Server(("127.0.0.1", 0), application, numthreads=1)
    server.prepare()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.bind_addr[1]}"
    server.stop()
    thread.join()


def test_server_names_neither_itself_nor_its_version(address: str) -> None:
    answer = requests.get(f"{address}/static/console.css", timeout=5)

    assert answer.status_code == 200
    assert answer.headers["Server"] == "console"
