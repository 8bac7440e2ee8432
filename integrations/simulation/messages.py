"""A request and an answer over WSGI, and a table of routes: all that a practice CRM needs of a web framework."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from wsgiref.types import StartResponse, WSGIEnvironment

import orjson

from .problems import NoRoute, NotAnObject, NotANumber, NotJson, NotWellFormed

JSON = "application/json;charset=UTF-8"
HTML = "text/html;charset=UTF-8"


@dataclass(slots=True)
class Response:
    payload: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON

    def content(self) -> bytes:
        if self.payload is None:
            return b""
        if isinstance(self.payload, bytes):
            return self.payload
        if isinstance(self.payload, str):
            return self.payload.encode()
        return orjson.dumps(self.payload)


@dataclass
class Request:
    """`user_id` and `base` are known only once the caller was recognised."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    user_id: str = ""
    base: str = ""
    query_string: str = ""
    """As it was sent: what is repeated (`field[]=id&field[]=name`) is in `query` only once."""

    @classmethod
    def of(cls, environ: WSGIEnvironment) -> "Request":
        headers = {k[5:].replace("_", "-").lower(): v for k, v in environ.items() if k.startswith("HTTP_")}
        headers["content-type"] = environ.get("CONTENT_TYPE", "")
        headers["x-scheme"] = environ["wsgi.url_scheme"]
        return cls(
            environ["REQUEST_METHOD"],
            environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace"),
            dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)),
            headers,
            _body(environ),
            query_string=environ.get("QUERY_STRING", ""),
        )

    def inner(self, method: str, url: str, body: Any, headers: dict[str, str] | None = None) -> "Request":
        """A sub-request of a composite call: same user, same host, its own path."""
        parts = urlsplit(url)
        content = b"" if body is None else orjson.dumps(body)
        merged = {
            **self.headers,
            "content-type": "application/json",
            **{k.lower(): v for k, v in (headers or {}).items()},
        }
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        return Request(method, unquote(parts.path), query, merged, content, self.user_id, self.base, parts.query)

    def values(self, *names: str) -> list[str]:
        """Every value of a repeated parameter, in order."""
        return [value for name, value in parse_qsl(self.query_string, keep_blank_values=True) if name in names]

    @property
    def host(self) -> str:
        return self.headers.get("host", "localhost")

    @property
    def origin(self) -> str:
        return f"{self.headers['x-scheme']}://{self.host}"

    @property
    def version(self) -> str:
        return self.base.rpartition("/v")[2]

    @cached_property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    def form_values(self, name: str) -> list[str]:
        """Every value of a repeated field, in order."""
        sent = parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        return [value for key, value in sent if key == name]

    @cached_property
    def json(self) -> Any:
        if not self.headers["content-type"].lower().startswith("application/json"):
            raise NotJson(self.headers["content-type"])
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise NotWellFormed(error.msg, error.lineno, error.colno) from None

    def number(self, name: str, default: int) -> int:
        """A whole number of the query string."""
        text = self.query.get(name) or str(default)
        if not text.isdecimal():
            raise NotANumber(name, text)
        return int(text)

    @property
    def record(self) -> dict[str, Any]:
        if not isinstance(self.json, dict):
            raise NotAnObject
        return self.json


def _body(environ: WSGIEnvironment) -> bytes:
    if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
        return bytes(environ["wsgi.input"].read())
    return bytes(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))


Handler = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    pattern: re.Pattern[str]
    kind: str
    handler: Handler


def route(method: str, path: str, kind: str, handler: Handler) -> Route:
    """`{name}` in a path takes one segment; a slash at the end is optional."""
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)
    return Route(method, re.compile(pattern + "/?"), kind, handler)


def find_route(routes: Sequence[Route], method: str, path: str) -> tuple[Route, dict[str, str]]:
    methods = set()
    for candidate in routes:
        if match := candidate.pattern.fullmatch(path):
            if candidate.method == method or (method == "HEAD" and candidate.method == "GET"):
                return candidate, match.groupdict()
            methods.add(candidate.method)
    raise NoRoute(method, tuple(sorted(methods)))


def send(response: Response, start_response: StartResponse) -> Iterable[bytes]:
    content = response.content()
    headers = [*response.headers.items()]
    if response.status not in (204, 304):
        headers += [("Content-Type", response.content_type), ("Content-Length", str(len(content)))]
    try:
        phrase = HTTPStatus(response.status).phrase
    except ValueError:
        phrase = "Unknown"
    start_response(f"{response.status} {phrase}", headers)
    return [content] if content and response.status not in (204, 304) else []
