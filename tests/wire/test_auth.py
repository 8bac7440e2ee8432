import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import requests

from integrations.wire.auth import TokenAuth
from integrations.wire.errors import NeedsSignIn, Transient
from integrations.wire.messages import Request
from integrations.wire.tokens import Tokens

from .border import NOW, ORG, Answer, Border, Clock, salesforce

READ = Request("GET", f"{ORG}/services/data/v66.0/limits")
EXPIRED = Answer(401, [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}])


class Shelf:
    """A token store as the database keeps one: versions, and a lease that only one can hold."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.version = 1
        self.leased = threading.Lock()
        self.history: list[str] = []

    def load(self) -> tuple[Tokens, int]:
        return self.tokens, self.version

    def save(self, tokens: Tokens, version: int) -> bool:
        if version != self.version:
            return False
        self.tokens, self.version = tokens, version + 1
        self.history.append(f"stored {tokens.access_token}")
        return True

    @contextmanager
    def lease(self, seconds: float) -> Iterator[bool]:
        mine = self.leased.acquire(blocking=False)
        try:
            yield mine
        finally:
            if mine:
                self.leased.release()


def rotating(shelf: Shelf, meanwhile: Callable[[], None] = lambda: None) -> Callable[[Tokens], Tokens]:
    """A vendor that rotates: each refresh token works once, a second use kills the grant."""
    used: set[str] = set()

    def refresh(tokens: Tokens) -> Tokens:
        if tokens.refresh_token in used:
            raise NeedsSignIn("invalid_grant", "expired access/refresh token")
        used.add(tokens.refresh_token)
        number = len(used) + 1
        shelf.history.append(f"refreshed to a{number}")
        meanwhile()
        return Tokens(f"a{number}", f"r{number}", ORG, issued_at=NOW)

    return refresh


def accepting(*valid: str) -> Border:
    def serve(request: requests.PreparedRequest) -> Answer:
        return Answer(200, {}) if request.headers["Authorization"].removeprefix("Bearer ") in valid else EXPIRED

    return Border(serve=serve)


@pytest.mark.requirement("F9")
def test_expired_access_is_refreshed_once_stored_and_the_call_replayed() -> None:
    shelf = Shelf(Tokens("a1", "r1", ORG))
    border = accepting("a2")

    reply = salesforce(border, auth=TokenAuth(shelf, rotating(shelf))).send(READ)

    assert reply.status == 200
    assert [sent.headers["Authorization"] for sent in border.sent] == ["Bearer a1", "Bearer a2"]
    assert (shelf.tokens.refresh_token, shelf.history) == ("r2", ["refreshed to a2", "stored a2"])


@pytest.mark.requirement("F9")
def test_two_workers_that_meet_the_expiry_together_refresh_once() -> None:
    shelf = Shelf(Tokens("a1", "r1", ORG))
    both_refused = threading.Barrier(2, timeout=5)
    answers: list[int] = []

    def serve(request: requests.PreparedRequest) -> Answer:
        if request.headers["Authorization"] == "Bearer a2":
            return Answer(200, {})
        both_refused.wait()
        return EXPIRED

    refresher = rotating(shelf)

    def work() -> None:
        # A session and an auth of its own each, as in two processes: only the store is shared.
        auth = TokenAuth(shelf, refresher, sleep=lambda _: time.sleep(0.01))
        answers.append(salesforce(Border(serve=serve), auth=auth).send(READ).status)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)

    assert answers == [200, 200]
    assert shelf.history == ["refreshed to a2", "stored a2"]


def test_access_that_ends_soon_is_refreshed_ahead() -> None:
    clock = Clock()
    shelf = Shelf(Tokens("a1", "r1", ORG, expires_at=NOW + timedelta(minutes=4)))
    border = accepting("a1", "a2")

    salesforce(border, clock, auth=TokenAuth(shelf, rotating(shelf), clock=clock)).send(READ)

    assert [sent.headers["Authorization"] for sent in border.sent] == ["Bearer a2"]


@pytest.mark.parametrize(("age", "used"), [(90, "Bearer a1"), (96, "Bearer a2")])
def test_access_of_unknown_life_is_refreshed_after_the_assumed_one(age: int, used: str) -> None:
    clock = Clock()
    shelf = Shelf(Tokens("a1", "r1", ORG, issued_at=NOW - timedelta(minutes=age)))
    auth = TokenAuth(shelf, rotating(shelf), clock=clock, assume_life=timedelta(minutes=100))

    headers = auth.headers()

    assert headers == {"Authorization": used}


def test_short_lived_access_is_not_refreshed_on_every_call() -> None:
    clock = Clock()
    shelf = Shelf(Tokens("a1", "r1", ORG, expires_at=NOW + timedelta(minutes=2), issued_at=NOW))
    auth = TokenAuth(shelf, rotating(shelf), clock=clock)

    at_first = auth.headers()
    clock.sleep(91)
    near_its_end = auth.headers()

    assert (at_first, near_its_end) == ({"Authorization": "Bearer a1"}, {"Authorization": "Bearer a2"})


@pytest.mark.requirement("F10")
def test_access_refused_again_after_the_refresh_needs_a_person() -> None:
    shelf = Shelf(Tokens("a1", "r1", ORG))
    border = accepting()

    with pytest.raises(NeedsSignIn):
        salesforce(border, auth=TokenAuth(shelf, rotating(shelf))).send(READ)

    assert len(border.sent) == 2


@pytest.mark.requirement("F10")
def test_dead_grant_stops_at_once() -> None:
    def refuse(tokens: Tokens) -> Tokens:
        raise NeedsSignIn("invalid_grant", "expired access/refresh token")

    shelf = Shelf(Tokens("a1", "r1", ORG))
    border = accepting()

    with pytest.raises(NeedsSignIn) as caught:
        salesforce(border, auth=TokenAuth(shelf, refuse)).send(READ)

    assert (len(border.sent), caught.value.code, shelf.tokens.access_token) == (1, "invalid_grant", "a1")


def test_token_that_another_worker_stored_meanwhile_is_taken() -> None:
    shelf = Shelf(Tokens("a1", "r1", ORG))
    auth = TokenAuth(shelf, rotating(shelf))
    first = auth.headers()
    shelf.save(Tokens("a9", "r9", ORG), 1)

    auth.renew(first)

    assert (auth.headers(), shelf.history) == ({"Authorization": "Bearer a9"}, ["stored a9"])


@pytest.mark.requirement("F9")
def test_lease_that_came_late_finds_the_work_done() -> None:
    class Slow(Shelf):
        @contextmanager
        def lease(self, seconds: float) -> Iterator[bool]:
            # Between our look at the store and our lease, another worker had it and finished.
            steal(self)
            yield True

    shelf = Slow(Tokens("a1", "r1", ORG))
    auth = TokenAuth(shelf, rotating(shelf))

    auth.renew(auth.headers())

    assert (auth.headers(), shelf.history) == ({"Authorization": "Bearer a9"}, ["stored a9"])


def test_store_that_moved_during_the_refresh_wins() -> None:
    shelf = Shelf(Tokens("a1", "r1", ORG))
    auth = TokenAuth(shelf, rotating(shelf, meanwhile=lambda: None if shelf.version > 1 else steal(shelf)))

    auth.renew(auth.headers())

    assert (auth.headers(), shelf.tokens.access_token) == ({"Authorization": "Bearer a9"}, "a9")


def test_refused_refresh_is_no_dead_grant_where_another_worker_was_faster() -> None:
    shelf = Shelf(Tokens("a1", "r1", ORG))

    def outrun(tokens: Tokens) -> Tokens:
        steal(shelf)
        raise NeedsSignIn("invalid_grant", "expired access/refresh token")

    auth = TokenAuth(shelf, outrun)

    auth.renew(auth.headers())

    assert auth.headers() == {"Authorization": "Bearer a9"}


def test_lease_that_never_comes_free_is_given_up() -> None:
    clock = Clock()
    shelf = Shelf(Tokens("a1", "r1", ORG))
    shelf.leased.acquire()
    auth = TokenAuth(shelf, rotating(shelf), deadline=2.0, clock=clock, sleep=clock.sleep)

    with pytest.raises(Transient) as caught:
        auth.renew(auth.headers())

    assert (caught.value.code, sum(clock.slept), shelf.history) == ("SIGN_IN_BUSY", 2.0, [])


def steal(shelf: Shelf) -> None:
    shelf.save(Tokens("a9", "r9", ORG), shelf.version)
