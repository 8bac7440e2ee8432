"""Limits that stand by default: in ten seconds, in a second for searches, on a day; and what the headers say."""

import pytest

from integrations.rehearsal.practice_hubspot import PracticeHubSpot

from .signing_in import exchange
from .wire import Answer, Clock, Wire, told

PREFIX = "X-HubSpot-RateLimit-"


@pytest.fixture
def limited(crm: PracticeHubSpot) -> Wire:
    crm.control(unlimited=False)
    return Wire(crm)


def _headers(answer: Answer) -> dict[str, str]:
    return {name.removeprefix(PREFIX): value for name, value in answer.headers.items() if name.startswith(PREFIX)}


def _statuses(wire: Wire, calls: int) -> list[int]:
    return [wire.page("notes").status_code for _ in range(calls)]


def test_static_token_has_190_calls_in_ten_seconds(limited: Wire, clock: Clock) -> None:
    assert set(_statuses(limited, 190)) == {200}

    refused = limited.page("notes")

    assert refused.status_code == 429
    body = refused.json()
    assert (body["message"], body["errorType"], body["policyName"]) == (
        "You have reached your ten_secondly_rolling limit.", "RATE_LIMIT", "TEN_SECONDLY_ROLLING",
    )  # fmt: skip
    assert "Retry-After" not in refused.headers
    clock.pass_by(9.9)
    assert limited.page("notes").status_code == 429
    clock.pass_by(0.2)
    assert limited.page("notes").status_code == 200


def test_window_rolls(limited: Wire, clock: Clock) -> None:
    _statuses(limited, 100)
    clock.pass_by(6)
    _statuses(limited, 90)
    clock.pass_by(5)

    assert _statuses(limited, 101) == [200] * 100 + [429]


def test_app_has_110_calls_of_its_own(limited: Wire) -> None:
    app = Wire(limited.crm, exchange(limited.crm)["access_token"])
    _statuses(limited, 190)

    assert _statuses(app, 111) == [200] * 110 + [429]


@pytest.mark.parametrize(("tier", "most", "daily"), [
    ("free", "100", "250000"), ("starter", "100", "250000"), ("pro", "190", "625000"), ("enterprise", "190", "1000000"),
])  # fmt: skip
def test_plan_decides(limited: Wire, tier: str, most: str, daily: str) -> None:
    limited.crm.control(tier=tier)

    headers = _headers(limited.page("notes"))

    assert (headers["Max"], headers["Daily"]) == (most, daily)


@pytest.mark.parametrize(("count", "daily"), [(1, "1625000"), (2, "2625000"), (3, "2625000")])
def test_add_on_gives_more(limited: Wire, count: int, daily: str) -> None:
    limited.crm.control(add_ons=count)
    app = Wire(limited.crm, exchange(limited.crm)["access_token"])

    headers = _headers(limited.page("notes"))

    assert (headers["Max"], headers["Daily"]) == ("250", daily)
    assert _headers(app.page("notes"))["Max"] == "110"


def test_headers_of_a_static_token(limited: Wire) -> None:
    limited.page("notes")

    assert _headers(limited.page("notes")) == {
        "Max": "190", "Remaining": "188", "Interval-Milliseconds": "10000", "Secondly": "19",
        "Secondly-Remaining": "17",
        "Daily": "625000", "Daily-Remaining": "624998",
    }  # fmt: skip


def test_headers_of_an_app_say_nothing_of_the_day(limited: Wire) -> None:
    app = Wire(limited.crm, exchange(limited.crm)["access_token"])

    assert _headers(app.page("notes")) == {
        "Max": "110", "Remaining": "109", "Interval-Milliseconds": "10000", "Secondly": "11",
        "Secondly-Remaining": "10",
    }  # fmt: skip


def test_search_tells_the_day_only(limited: Wire) -> None:
    assert set(_headers(limited.search("notes"))) == {"Daily", "Daily-Remaining"}
    app = Wire(limited.crm, exchange(limited.crm)["access_token"])
    assert _headers(app.search("notes")) == {}


def test_five_searches_a_second_for_the_whole_account(limited: Wire, clock: Clock) -> None:
    app = Wire(limited.crm, exchange(limited.crm)["access_token"])
    answers = [wire.search("contacts") for wire in (limited, app) * 3]

    assert [one.status_code for one in answers] == [200] * 5 + [429]
    assert told(answers[-1]) == (429, "RATE_LIMITS", "You have reached your secondly limit.")
    clock.pass_by(1.1)
    assert limited.search("contacts").status_code == 200


def test_searches_do_not_spend_the_ten_seconds(limited: Wire) -> None:
    for _ in range(5):
        limited.search("contacts")

    assert _headers(limited.page("notes"))["Remaining"] == "189"


def test_day_ends_at_midnight_where_the_portal_is(limited: Wire, clock: Clock) -> None:
    # Paris in winter: an hour before the clock of UTC.
    limited.crm.control(daily_used=625_000)
    refused = limited.page("notes")
    assert (refused.status_code, refused.json()["policyName"]) == (429, "DAILY")
    assert refused.json()["message"] == "You have reached your daily limit."

    clock.pass_by(14 * 3600 - 1)
    assert limited.page("notes").status_code == 429
    clock.pass_by(1)
    assert limited.page("notes").status_code == 200


def test_day_is_no_matter_of_apps(limited: Wire) -> None:
    app = Wire(limited.crm, exchange(limited.crm)["access_token"])
    limited.crm.control(daily_used=625_000)

    assert app.page("notes").status_code == 200


def test_limits_can_be_set_and_emptied(limited: Wire) -> None:
    limited.crm.control(ten_seconds_max=3)
    assert _statuses(limited, 4) == [200, 200, 200, 429]

    limited.crm.control(fresh_limits=True)

    assert _statuses(limited, 4) == [200, 200, 200, 429]


def test_unlimited_is_without_end(limited: Wire) -> None:
    limited.crm.control(unlimited=True, ten_seconds_max=3, daily_used=625_000)

    assert set(_statuses(limited, 10)) == {200}
    assert {limited.search("contacts").status_code for _ in range(10)} == {200}


def test_stranger_spends_nothing(limited: Wire) -> None:
    stranger = Wire(limited.crm, "nonsense")
    for _ in range(20):
        stranger.page("notes")

    assert _headers(limited.page("notes"))["Daily-Remaining"] == "624999"
