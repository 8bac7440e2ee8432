"""Sellsy's wire, one method per verb and endpoint. Raw values: what they mean is the connector's business."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import orjson

from integrations.wire.errors import Misconfigured, Transient, WireError
from integrations.wire.hosts import HostPolicy
from integrations.wire.messages import Request
from integrations.wire.session import Session

from .replies import error_of

API = "https://api.sellsy.com/v2"
LOGIN = "https://login.sellsy.com/oauth2"
RPC = "https://apifeed.sellsy.com/0/"
VENDOR_HOSTS = ("sellsy.com",)
PAGE = 100
BATCH = 50
"""Lines of one batch. The vendor names no maximum: a smaller one is found by being refused (413)."""
NUMERIC_ROWS = 100_000
"""Rows that can be counted through by their number; the seeking offset has no end."""
MOST_PAUSES = 6
Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Hosts:
    api: str = API
    login: str = LOGIN
    rpc: str = RPC

    @classmethod
    def at(cls, base_url: str) -> "Hosts":
        """All three below one address: a proxy of one's own, or the practice system."""
        base = base_url.rstrip("/")
        return cls(f"{base}/v2", f"{base}/oauth2", f"{base}/0/")


@dataclass(frozen=True, slots=True)
class Found:
    """A page: its rows, where the next one begins (empty: nowhere), and how many there are in all."""

    rows: list[Raw]
    offset: str = ""
    total: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One call of a batch."""

    method: str
    uri: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """What a line of a batch was answered."""

    code: int
    body: Any

    @property
    def is_gone(self) -> bool:
        if self.code >= 400 and self.code != 404:
            raise error_of(self.code, self.body if isinstance(self.body, Mapping) else {})
        return self.code == 404

    @property
    def record(self) -> Raw | None:
        """Of a single record; None where it is gone."""
        return None if self.is_gone else self.body

    @property
    def rows(self) -> list[Raw]:
        """Of a list; a record that is gone meanwhile has none."""
        rows: list[Raw] = [] if self.is_gone else self.body["data"]
        return rows

    @property
    def total(self) -> int:
        return 0 if self.is_gone else int(self.body["pagination"].get("total") or 0)

    @property
    def offset(self) -> str:
        return "" if self.is_gone else following(self.body)


def host_policy(extra_hosts: Sequence[str] = ()) -> HostPolicy:
    return HostPolicy(VENDOR_HOSTS, tuple(extra_hosts))


class SellsyClient:
    def __init__(self, session: Session, hosts: Hosts, pause: Callable[[float], None] = time.sleep) -> None:
        for url in (hosts.api, hosts.login, hosts.rpc):
            session.policy.check(url)
        self.session = session
        self.hosts = hosts
        self._pause = pause
        self._batch = BATCH

    # --- The account

    def me(self) -> Raw:
        return self._get("/staffs/me", kind="me", needs=("id",))

    def quotas(self) -> Raw:
        return self._get("/quotas", kind="quotas", needs=("api_rate_days",))

    def custom_fields(self) -> Iterator[Raw]:
        return self._every("/custom-fields", kind="custom-fields")

    def staffs(self) -> Iterator[Raw]:
        return self._every("/staffs", kind="staffs")

    def first_staff(self) -> Raw:
        """The oldest that the signed-in person may see; without the right, that is themselves."""
        rows = self.page("/staffs", {"limit": 1, "order": "id"}, kind="staffs").rows
        return rows[0] if rows else {}

    def pipelines(self) -> Iterator[Raw]:
        return self._every("/opportunities/pipelines", kind="pipelines")

    def favourites(self, path: str) -> Iterator[Raw]:
        """The saved views of an object."""
        return self._every(f"{path}/favourite-filters", kind="views")

    def email(self, email_id: str) -> Raw:
        return self._get(f"/emails/{email_id}", kind="email", needs=("id",))

    # --- Lists

    def page(self, path: str, query: Mapping[str, Any], *, kind: str = "list") -> Found:
        return found_in(self._get(path, query, kind=kind, needs=("data", "pagination")))

    def search(self, path: str, filters: Mapping[str, Any], query: Mapping[str, Any], *, kind: str = "search") -> Found:
        """`filters` goes along even when it is empty: without it the search is refused."""
        request = Request(
            "POST", self._url(f"{path}/search", query), json={"filters": dict(filters)}, safe=True, kind=kind,
            needs=("data", "pagination"),
        )  # fmt: skip
        return found_in(self.session.send(request).json())

    def count(self, path: str, filters: Mapping[str, Any]) -> int:
        return self.search(path, filters, {"limit": 0}, kind="count").total

    def _every(self, path: str, *, kind: str) -> Iterator[Raw]:
        offset, seen = "", set()
        while True:
            found = self.page(path, {"limit": PAGE, **({"offset": offset} if offset else {})}, kind=kind)
            yield from found.rows
            if not found.offset:
                return
            if found.offset in seen:
                raise Misconfigured("PAGING_LOOP", "Sellsy names a page as the next one that was read already.")
            seen.add(offset := found.offset)

    # --- Many calls in one

    def ask(self, lines: Sequence[Line], *, kind: str = "batch") -> list[Told]:
        """Of lines that only read; in their order."""
        return self._lines(lines, kind=kind, safe=True)

    def write(self, lines: Sequence[Line], *, kind: str) -> list[Told]:
        """Of lines that set values: the same again does no harm, so that a lost answer may be asked for once more."""
        return self._lines(lines, kind=kind, safe=False)

    def _lines(self, lines: Sequence[Line], *, kind: str, safe: bool) -> list[Told]:
        """Lines that were refused for coming too fast are sent again by themselves: the others are answered."""
        answers: dict[int, Told] = {}
        waiting, pauses = list(range(len(lines))), 0
        while waiting:
            part = waiting[: self._batch]
            told = self._one_batch([lines[place] for place in part], kind=kind, safe=safe)
            if told is None:
                continue
            done = {place: one for place, one in zip(part, told, strict=True) if one.code != 429}
            answers |= done
            waiting = [place for place in waiting if place not in done]
            if len(done) < len(part):
                pauses = 0 if done else pauses + 1
                if pauses >= MOST_PAUSES:
                    raise error_of(429, {})
                self._pause(1.0)
        return [answers[place] for place in range(len(lines))]

    def _one_batch(self, lines: Sequence[Line], *, kind: str, safe: bool) -> list[Told] | None:
        request = Request(
            "POST", f"{self.hosts.api}/batch", headers={"Content-Type": "text/plain"}, data=b"\n".join(written(lines)),
            safe=safe, replayable=True, kind=kind, needs=("responses",),
        )  # fmt: skip
        try:
            body = self.session.send(request).json()
        except WireError as refused:
            if refused.status != 413 or len(lines) == 1:
                raise
            self._batch = max(1, len(lines) // 2)
            return None
        told = [Told(int(one["code"]), one.get("response")) for one in body["responses"]]
        if len(told) != len(lines):
            # A place that is missing would be read as another record's answer.
            raise Transient("BROKEN_ANSWER", f"The batch does not hold one answer for each of {len(lines)} lines.")
        if any(one.code == 401 for one in told):
            raise Transient("UNAUTHORIZED", "The access ended within a batch.", repeatable=True)
        return told

    # --- The old RPC: the only place where a custom field can be made

    def create_custom_field(self, *, type_: str, name: str, code: str, uses: Sequence[str]) -> str:
        asked = {
            "method": "CustomFields.create",
            "params": {
                "type": type_, "name": name, "code": code, "useOn": list(uses), "preferences": {"isRequired": "N"},
            },
        }  # fmt: skip
        form = {"request": "1", "io_mode": "json", "do_in": orjson.dumps(asked).decode()}
        request = Request(
            "POST", self.hosts.rpc, data=form, replayable=False, kind="create-field", needs=("response", "status")
        )
        return str(self.session.send(request).json()["response"])

    # --- How it is sent

    def _get(self, path: str, query: Mapping[str, Any] | None = None, *, kind: str, needs: tuple[str, ...]) -> Raw:
        body: Raw = self.session.send(Request("GET", self._url(path, query or {}), kind=kind, needs=needs)).json()
        return body

    def _url(self, path: str, query: Mapping[str, Any]) -> str:
        said = urlencode(list(php_pairs(query)))
        return f"{self.hosts.api}{path}?{said}" if said else f"{self.hosts.api}{path}"


def found_in(body: Mapping[str, Any]) -> Found:
    return Found(body["data"], following(body), int(body["pagination"].get("total") or 0))


def following(body: Mapping[str, Any]) -> str:
    """The offset stands there on the last page too, and an empty page repeats the one that was sent: only the count tells."""
    pagination = body["pagination"]
    limit, count = int(pagination.get("limit") or 0), int(pagination.get("count") or 0)
    return str(pagination.get("offset") or "") if limit and count >= limit else ""


def php_pairs(query: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Lists in PHP's way, `embed[]=cf.12`: without the brackets they are ignored without a word."""
    for name, value in query.items():
        if isinstance(value, list | tuple):
            yield from ((f"{name}[]", str(one)) for one in value)
        else:
            yield name, str(value)


def written(lines: Sequence[Line]) -> Iterator[bytes]:
    """Pairs of lines: what to call, and what to send."""
    for line in lines:
        query = {f"{name}[]" if isinstance(value, list | tuple) else name: value for name, value in line.query.items()}
        yield orjson.dumps({"uri": line.uri, "method": line.method, "query": query})
        yield orjson.dumps(line.body)
