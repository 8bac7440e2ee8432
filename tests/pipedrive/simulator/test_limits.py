"""Windows of two seconds, the budget of a day, and what comes of hammering on."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from integrations.rehearsal.practice_pipedrive import PracticePipedrive

from .caller import Caller, bearer, signed_in


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limited(tmp_path: Path, clock: Clock) -> Iterator[PracticePipedrive]:
    """With the limits that stand unless somebody switches them off."""
    with PracticePipedrive(tmp_path, accounts=3, contacts_per=1, clock=clock) as account:
        yield account


def test_a_burst_ends_and_the_window_rolls_on(limited: PracticePipedrive, clock: Clock) -> None:
    caller = Caller(limited, bearer(signed_in(limited)))
    answers = [caller("GET", "/v1/users/me") for _ in range(81)]

    clock.pass_(2.1)

    assert [one.status_code for one in answers] == [200] * 80 + [429]
    assert [one.headers["x-ratelimit-remaining"] for one in answers[:3]] == ["79", "78", "77"]
    refused = answers[-1]
    assert (refused.headers["x-ratelimit-limit"], refused.headers["x-ratelimit-reset"]) == ("80", "2")
    assert int(refused.headers["x-daily-ratelimit-token-remaining"]) > 0
    assert (refused.json()["success"], refused.json()["error"]) == (False, "Request over limit")
    assert "Retry-After" not in refused.headers
    assert caller("GET", "/v1/users/me").status_code == 200


@pytest.mark.parametrize(("plan", "most"), [("lite", 20), ("growth", 40), ("premium", 100), ("ultimate", 120)])
def test_an_api_token_has_a_smaller_window(limited: PracticePipedrive, plan: str, most: int) -> None:
    limited.control(plan=plan)
    caller = Caller(limited)

    statuses = [caller("GET", "/v1/users/me").status_code for _ in range(most + 1)]

    assert statuses == [200] * most + [429]


def test_searches_have_a_window_of_their_own(limited: PracticePipedrive, clock: Clock) -> None:
    caller = Caller(limited, bearer(signed_in(limited)))

    statuses = [caller("GET", "/v2/organizations/search", term="birch").status_code for _ in range(11)]

    assert statuses == [200] * 10 + [429]
    assert caller("GET", "/v1/users/me").status_code == 200
    clock.pass_(2.1)
    assert caller("GET", "/v2/organizations/search", term="birch").status_code == 200


def test_two_callers_do_not_share_a_window_but_the_day(limited: PracticePipedrive) -> None:
    one, other = Caller(limited, bearer(signed_in(limited))), Caller(limited)
    for _ in range(20):
        other("GET", "/v1/users/me")

    assert other("GET", "/v1/users/me").status_code == 429
    answer = one("GET", "/v1/users/me")
    assert (answer.status_code, answer.headers["x-daily-ratelimit-token-remaining"]) == (200, str(150_000 - 21 * 2))


@pytest.mark.parametrize(
    ("method", "path", "cost"),
    [
        ("GET", "/v2/organizations/1", 1),
        ("GET", "/v2/organizations", 10),
        ("GET", "/v2/deals/archived", 20),
        ("GET", "/v2/pipelines", 5),
        ("GET", "/v1/notes", 20),
        ("GET", "/v1/users/find?term=in", 40),
        ("DELETE", "/v2/organizations/1", 3),
        ("GET", "/v2/organizations/999", 1),
    ],
)
def test_a_call_costs_what_the_vendor_says(limited: PracticePipedrive, method: str, path: str, cost: int) -> None:
    answer = Caller(limited)(method, path)

    assert answer.headers["x-daily-ratelimit-token-limit"] == "150000"
    assert answer.headers["x-daily-ratelimit-token-remaining"] == str(150_000 - cost)


def test_an_empty_budget_lasts_until_midnight(limited: PracticePipedrive, clock: Clock) -> None:
    caller = Caller(limited)
    limited.control(quota_used=149_995)
    written = caller("PATCH", "/v2/organizations/1", {"name": "Last"})

    refused = caller("PATCH", "/v2/organizations/1", {"name": "Too late"})
    clock.pass_(3600)
    still = caller("GET", "/v2/organizations")
    clock.pass_(12 * 3600)

    assert (written.status_code, written.headers["x-daily-ratelimit-token-remaining"]) == (200, "0")
    for one in (refused, still):
        assert (one.status_code, one.headers["x-daily-ratelimit-token-remaining"]) == (429, "0")
        assert int(one.headers["x-ratelimit-remaining"]) > 0
    assert caller("GET", "/v2/organizations").status_code == 200
    assert caller.data("/v2/organizations/1")["name"] == "Last"


def test_the_budget_grows_with_plan_and_seats(limited: PracticePipedrive) -> None:
    limited.control(plan="premium", seats=2)

    assert Caller(limited)("GET", "/v1/users/me").headers["x-daily-ratelimit-token-limit"] == "300000"


def test_hammering_on_leads_to_a_page_instead_of_an_answer(limited: PracticePipedrive, clock: Clock) -> None:
    caller = Caller(limited)
    answers = [caller("GET", "/v1/users/me") for _ in range(20 + 40 + 1)]

    clock.pass_(61)

    assert [answers[n].status_code for n in (19, 20, 59, 60)] == [200, 429, 429, 403]
    assert answers[-1].headers["Content-Type"].startswith("text/html")
    assert "Cloudflare" in answers[-1].text
    assert caller("GET", "/v1/users/me").status_code == 200


def test_limits_can_be_switched_off(limited: PracticePipedrive) -> None:
    limited.control(unlimited=True, quota_used=150_000)
    caller = Caller(limited)

    assert {caller("GET", "/v1/users/me").status_code for _ in range(100)} == {200}


def test_a_search_finds_a_new_row_only_after_a_while(limited: PracticePipedrive, clock: Clock) -> None:
    caller = Caller(limited)
    made = caller.send("POST", "/v2/organizations", {"name": "Quokka"})["id"]
    key = limited.key("organization", "Customer number")
    caller.send("PATCH", f"/v2/organizations/{made}", {"custom_fields": {key: "Q-1"}})
    looks = []

    for _ in range(2):
        named = caller.data("/v2/organizations/search", term="quokka")["items"]
        keyed = caller.data("/v2/itemSearch/field", term="Q-1", entity_type="organization", field=key)
        looks.append((len(named), len(keyed)))
        clock.pass_(1.1)
    limited.delete("organization", str(made))
    still = caller.data("/v2/organizations/search", term="quokka")["items"]
    clock.pass_(1.1)

    assert looks == [(0, 0), (1, 1)]
    assert [len(still), len(caller.data("/v2/organizations/search", term="quokka")["items"])] == [1, 0]
