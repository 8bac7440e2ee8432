"""The one door to every system: pooled, checked, counted, patient, and unable to write when told not to."""

import random as randomness
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from http.cookiejar import DefaultCookiePolicy
from typing import Protocol

import orjson
import requests
from requests.adapters import BaseAdapter
from urllib3.exceptions import HTTPError

from .circuit import Circuits
from .decisions import Decision, decision_of
from .errors import AuthExpired, DryRun, Misconfigured, NeedsSignIn, RateLimited, Transient, WireError
from .guarded import GuardedAdapter
from .hosts import HostPolicy
from .messages import Call, Reply, Request
from .patience import Patience, retry_after
from .quota import RESERVE_MET, Budget, Quota
from .sending import Sending
from .statuses import error_of_status
from .transport import failure_of

CONNECT_SECONDS, READ_SECONDS = 5.0, 30.0
LARGEST_BODY = 64 * 1024 * 1024
"""Counted after decompression, so that a small answer cannot become a large one."""
CHUNK = 256 * 1024
BODILESS = frozenset({204, 205, 304})
STANDARD_HEADERS = {"User-Agent": "skalin-sync", "Accept": "application/json", "Accept-Encoding": "gzip"}


class Auth(Protocol):
    def headers(self) -> Mapping[str, str]:
        """Valid as far as anybody knows; refreshes ahead of expiry."""

    def renew(self, refused: Mapping[str, str]) -> None:
        """The system refused these headers: have others ready, or raise NeedsSignIn."""

    def secrets(self) -> tuple[str, ...]:
        """Values that must never be written down."""


def utc_now() -> datetime:
    return datetime.now(UTC)


class Session:
    def __init__(
        self,
        policy: HostPolicy,
        *,
        auth: Auth | None = None,
        read_only: bool = False,
        ca_file: str = "",
        classify: Callable[[Reply], WireError | None] = error_of_status,
        read_quota: Callable[[Reply, datetime], Quota | None] | None = None,
        budget: Budget | None = None,
        quota: Quota | None = None,
        interactive: bool = False,
        clock: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], None] = time.sleep,
        random: randomness.Random | None = None,
        on_call: Callable[[Call], None] | None = None,
        max_wait: float = 600.0,
        circuits: Circuits | None = None,
        largest_body: int = LARGEST_BODY,
        adapter: BaseAdapter | None = None,
    ) -> None:
        """`interactive` sessions serve a person who waits, and may use the reserve. `adapter` replaces the network."""
        self.policy = policy
        self.read_only = read_only
        self.quota = quota
        self.calls = 0
        self.calls_by_kind: Counter[str] = Counter()
        self.clock = clock
        self._auth = auth
        self._classify = classify
        self._read_quota = read_quota
        self._budget = None if interactive else budget
        self._sleep = sleep
        self._random = random or randomness.Random()  # noqa: S311 (jitter, not a secret)
        self._on_call = on_call
        self._max_wait = max_wait
        self._circuits = circuits or Circuits()
        self._largest_body = largest_body
        self._lock = threading.Lock()
        self._http = open_http(adapter or GuardedAdapter(policy, ca_file))

    def send(self, request: Request) -> Reply:
        """The answer, or the one error that says what to do."""
        self.policy.check(request.url)
        if self.read_only and not request.is_read:
            raise DryRun(request.method, request.url)
        patience = Patience(self._random, self._max_wait)
        may_renew = self._auth is not None
        attempt = 0
        while True:
            attempt += 1
            self._require_quota()
            credentials = self._auth.headers() if self._auth else {}
            sending = Sending(request, attempt)
            try:
                reply = self._attempt(sending, credentials)
            except AuthExpired as expired:
                self._tell(sending, Decision.RENEWED if may_renew else Decision.SIGN_IN, expired)
                self._renew(expired, credentials, may_renew)
                may_renew = False
            except (Transient, RateLimited) as failure:
                wait = patience.next_wait(failure) if may_send_again(request, failure) else None
                self._tell(sending, decision_of(failure) if wait is None else Decision.AGAIN, failure)
                if wait is None:
                    raise
                self._sleep(wait)
            except WireError as error:
                self._tell(sending, decision_of(error), error)
                raise
            else:
                self._tell(sending, Decision.TAKEN)
                return reply

    def close(self) -> None:
        self._http.close()

    def _renew(self, expired: AuthExpired, credentials: Mapping[str, str], may_renew: bool) -> None:
        if self._auth is None:
            raise expired
        if not may_renew:
            raise NeedsSignIn(expired.code, expired.message, status=expired.status) from expired
        self._auth.renew(credentials)

    def _require_quota(self) -> None:
        if self._budget and self.quota and self._budget.is_spent(self.quota, self.clock()):
            used = f"{self.quota.used} of {self.quota.limit} calls of today are used; the rest is kept for people."
            raise RateLimited(RESERVE_MET, used, daily=True, until=self._budget.asks_again_at(self.quota))

    def _attempt(self, sending: Sending, credentials: Mapping[str, str]) -> Reply:
        try:
            reply = self._exchange(sending, credentials)
            self._judge(sending.request, reply)
        except WireError as error:
            error.hide(self._secrets())
            raise
        return reply

    def _judge(self, request: Request, reply: Reply) -> None:
        now = self.clock()
        self.quota = (self._read_quota(reply, now) if self._read_quota else None) or self.quota
        error = self._classify(reply) or error_of_status(reply)
        if error is None:
            return require_whole(request, reply)
        if isinstance(error, (Transient, RateLimited)):
            told = retry_after(reply.headers.get("Retry-After"), now)
            error.after = told if told is not None else error.after
        if isinstance(error, RateLimited) and error.until is None and error.after is not None:
            error.until = now + timedelta(seconds=error.after)
        raise error

    def _exchange(self, sending: Sending, credentials: Mapping[str, str]) -> Reply:
        prepared = self._prepare(sending.request, credentials)
        host = self.policy.check(prepared.url or "").host
        started, watch = self.clock(), time.perf_counter()
        self._circuits.require_closed(host, started)
        reply: Reply | None = None
        try:
            reply = self._receive(prepared)
        except (requests.RequestException, HTTPError, OSError) as error:
            self._circuits.failed(host, self.clock())
            # Its text quotes the whole address, query and all: it stays out of tracebacks.
            raise failure_of(error) from None
        finally:
            self._count(sending.request)
            sending.came_back(reply, started, time.perf_counter() - watch)
        self._circuits.answered(host)
        return reply

    def _prepare(self, request: Request, credentials: Mapping[str, str]) -> requests.PreparedRequest:
        headers = {**request.headers, **credentials}
        data = request.data
        if request.json is not None:
            data, headers["Content-Type"] = orjson.dumps(request.json), "application/json"
        return self._http.prepare_request(
            requests.Request(request.method, request.url, params=request.params, headers=headers, data=data)
        )

    def _receive(self, prepared: requests.PreparedRequest) -> Reply:
        timeout = (CONNECT_SECONDS, READ_SECONDS)
        with self._http.send(prepared, stream=True, timeout=timeout, allow_redirects=False, verify=True) as answer:
            body = bytearray()
            for chunk in answer.raw.stream(CHUNK, decode_content=True):
                body += chunk
                if len(body) > self._largest_body:
                    raise Misconfigured("ANSWER_TOO_LARGE", f"The answer is larger than {self._largest_body} bytes.")
            return Reply(answer.status_code, answer.headers, bytes(body))

    def _count(self, request: Request) -> None:
        with self._lock:
            self.calls += 1
            self.calls_by_kind[request.kind] += 1

    def _tell(self, sending: Sending, decision: Decision, error: WireError | None = None) -> None:
        """Once it is known what follows; a call that was held back before it left is none."""
        if self._on_call and sending.started:
            self._on_call(sending.told(decision, error.code if error else "", self._secrets()))

    def _secrets(self) -> tuple[str, ...]:
        return self._auth.secrets() if self._auth else ()


class Unredirected(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere: even with redirects off, requests would read the whole body and prepare the next call."""


def open_http(adapter: BaseAdapter) -> requests.Session:
    http = Unredirected()
    # Neither proxies, .netrc passwords nor a replaced list of authorities come in through the environment.
    http.trust_env = False
    http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    http.headers = requests.structures.CaseInsensitiveDict(STANDARD_HEADERS)
    http.mount("https://", adapter)
    http.mount("http://", adapter)
    return http


def may_send_again(request: Request, failure: Transient | RateLimited) -> bool:
    """A call that may have worked is repeated only where repeating does no harm."""
    if isinstance(failure, RateLimited):
        return True
    return failure.repeatable and (request.may_repeat or not failure.sent)


def require_whole(request: Request, reply: Reply) -> None:
    """A page cut short, or a gateway's HTML with status 200, must fail here, where it can still be fetched again."""
    if request.needs is None or reply.status in BODILESS or request.method.upper() == "HEAD":
        return
    body = reply.json()
    missing = [key for key in request.needs if not isinstance(body, dict) or key not in body]
    if missing:
        raise Transient("BROKEN_ANSWER", f"The answer lacks {', '.join(missing)}.", sent=True, status=reply.status)
