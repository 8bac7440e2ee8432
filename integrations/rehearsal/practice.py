"""A practice CRM inside a test or a bench: listening on a port of its own, or reached straight through `requests`."""

import io
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self, TypeVar
from urllib.parse import unquote, urlsplit
from wsgiref.types import WSGIApplication

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

from integrations.salesforce.simulator import SalesforceSimulator
from integrations.salesforce.simulator.soql.run import Asker, run
from integrations.simulation.app import Simulator

from .practice_org import Contents, open_org, wall_clock
from .server import Mount, RehearsalServer

S = TypeVar("S", bound=Simulator)


class Practice(Generic[S]):
    """The same system whichever way it is reached. `base_url` starts the server when it is first asked for."""

    def __init__(self, app: S) -> None:
        self.app = app
        self._server: RehearsalServer | None = None
        self._port = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server:
            self._server.stop()
        self.app.book.close()

    @property
    def base_url(self) -> str:
        if self._server is None:
            self._server = RehearsalServer([Mount("practice", self.app, 0)], Path())
            [self._port] = self._server.start()
        return f"http://127.0.0.1:{self._port}"

    def adapter(self) -> "WsgiAdapter":
        return WsgiAdapter(self.app)

    def session(self) -> requests.Session:
        """Every https host leads into it."""
        session = requests.Session()
        session.mount("https://", self.adapter())
        return session

    def control(self, **wanted: Any) -> None:
        with self.app.book.transaction():
            self.app.control.apply(wanted)

    def calls(self) -> Counter[str]:
        with self.app.book.transaction():
            return self.app.book.calls()

    def forget_calls(self) -> None:
        with self.app.book.transaction():
            self.app.book.forget_calls()

    # --- Behind the API's back: a colleague's work in the system itself ------------------------------------------------
    def create(self, obj: str, **values: Any) -> str:
        return self._change("create", object=obj, fields=values)

    def edit(self, obj: str, record_id: str, **values: Any) -> None:
        self._change("edit", object=obj, id=record_id, fields=values)

    def delete(self, obj: str, record_id: str) -> None:
        self._change("delete", object=obj, id=record_id)

    def undelete(self, obj: str, record_id: str) -> None:
        self._change("undelete", object=obj, id=record_id)

    def merge(self, obj: str, winner: str, *losers: str) -> str:
        return self._change("merge", object=obj, id=winner, losers=list(losers))

    def _change(self, verb: str, **body: Any) -> str:
        with self.app.book.transaction():
            return self.app.control.change(verb, body)


class PracticeSalesforce(Practice[SalesforceSimulator]):
    def __init__(
        self, folder: Path, accounts: int | None = None, load: Path | None = None, *, contacts_per: int = 3,
        clock: Callable[[], datetime] = wall_clock,
    ) -> None:  # fmt: skip
        contents = Contents(accounts, contacts_per, load)
        super().__init__(open_org(folder / "practice-salesforce.sqlite3", contents, clock=clock))
        self.store = self.app.store
        self.credentials = self.app.org.credentials

    def query(self, soql: str) -> list[dict[str, Any]]:
        """What the org really holds, without a call being made: at most the first page."""
        with self.store.transaction():
            records: list[dict[str, Any]] = run(self.store, soql, Asker(self.app.org.user_id(), ""))["records"]
        return records


class WsgiAdapter(BaseAdapter):
    """A `requests` transport that calls a WSGI application in place of a network, whatever the host."""

    def __init__(self, app: WSGIApplication) -> None:
        super().__init__()
        self._app = app

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        status: list[str] = []
        headers: list[tuple[str, str]] = []

        def start_response(line: str, found: list[tuple[str, str]], *_: Any) -> Callable[[bytes], object]:
            status.append(line)
            headers.extend(found)
            return lambda _content: None

        try:
            content = b"".join(self._app(_environ(request), start_response))
        except ConnectionResetError as error:
            raise requests.ConnectionError(error, request=request) from error
        return _response(request, status[0], headers, content)

    def close(self) -> None:
        """Nothing is kept open."""


def _environ(request: requests.PreparedRequest) -> dict[str, Any]:
    parts = urlsplit(request.url or "")
    body = request.body or b""
    if hasattr(body, "read"):
        body = body.read()
    content = body.encode() if isinstance(body, str) else b"".join(body) if not isinstance(body, bytes) else body
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method, "PATH_INFO": unquote(parts.path, "latin-1"), "QUERY_STRING": parts.query,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(content)), "SCRIPT_NAME": "",
        "wsgi.input": io.BytesIO(content), "wsgi.url_scheme": parts.scheme, "SERVER_PROTOCOL": "HTTP/1.1",
    }  # fmt: skip
    for name, value in request.headers.items():
        if name.lower() != "transfer-encoding":
            environ["HTTP_" + name.upper().replace("-", "_")] = value if isinstance(value, str) else value.decode()
    environ.setdefault("HTTP_HOST", parts.netloc)
    return environ


def _response(
    request: requests.PreparedRequest, status: str, headers: list[tuple[str, str]], content: bytes
) -> requests.Response:
    code, _, reason = status.partition(" ")
    found = HTTPHeaderDict(headers)
    raw = HTTPResponse(io.BytesIO(content), headers=found, status=int(code), reason=reason, preload_content=False)
    response = requests.Response()
    response.status_code, response.reason, response.url = int(code), reason, request.url or ""
    response.headers = requests.structures.CaseInsensitiveDict(found)
    response.encoding = requests.utils.get_encoding_from_headers(response.headers)
    response.raw, response.request = raw, request
    return response
