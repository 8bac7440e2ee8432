from collections.abc import Callable

import pytest
import requests

from integrations.rehearsal.practice_sellsy import PracticeSellsy
from tests.sellsy.simulator.api import API, Api
from tests.sellsy.simulator.conftest import Clock

LEFT = "X-Quota-Remaining-By-"


@pytest.fixture
def limited(small: Callable[..., PracticeSellsy]) -> Api:
    """With the standing limits on, as they are unless somebody switches them off."""
    practice = small(1, contacts_per=0)
    practice.control(clear=True)
    return Api(practice)


def ask(api: Api, path: str = "/companies/1") -> requests.Response:
    return api.session.get(API + path)


def test_every_answer_tells_what_is_left(limited: Api) -> None:
    ask(limited)
    answered = ask(limited)

    found = {name: answered.headers[name] for name in answered.headers if name.startswith(LEFT)}
    assert found == {f"{LEFT}Second": "33", f"{LEFT}Minute": "2098", f"{LEFT}Day": "431998"}
    assert limited.get("/quotas")["api_rate_minutes"] == {"limit": 2100, "used": 3}


def test_errors_count_and_unknown_routes_do_not(limited: Api) -> None:
    assert ask(limited, "/companies/99").headers[LEFT + "Second"] == "34"
    assert LEFT + "Second" not in ask(limited, "/nowhere").headers
    assert ask(limited).headers[LEFT + "Second"] == "33"


def test_the_thirty_sixth_call_of_a_second_is_refused_and_drains_the_minute(limited: Api, clock: Clock) -> None:
    statuses = [ask(limited).status_code for _ in range(36)]
    refused = ask(limited)

    assert statuses == [200] * 35 + [429]
    assert refused.json()["error"]["code"] == 429
    assert "Retry-After" not in refused.headers
    assert (refused.headers[LEFT + "Second"], refused.headers[LEFT + "Minute"]) == ("0", "2063")
    clock.move(1)
    assert ask(limited).status_code == 200


def test_another_plan_has_other_limits(limited: Api, clock: Clock) -> None:
    limited.practice.control(quotas={"minute": 2, "month": 4})
    assert [ask(limited).status_code for _ in range(3)] == [200, 200, 429]
    assert ask(limited).headers[LEFT + "Month"] == "0"
    clock.move(61)
    # The refused calls were counted too: nothing is left of the month.
    assert ask(limited).status_code == 429
    limited.practice.control(quotas=None)
    assert ask(limited).status_code == 200


def test_a_quota_can_be_used_up_and_limits_switched_off(limited: Api) -> None:
    limited.practice.control(quota_left={"day": 1})
    assert [ask(limited).status_code for _ in range(2)] == [200, 429]

    limited.practice.control(unlimited=True)
    assert ask(limited).status_code == 200


def test_the_old_rpc_has_a_limit_of_its_own(limited: Api, clock: Clock) -> None:
    assert [limited.rpc("CustomFields.getList")["status"] for _ in range(5)] == ["success"] * 5
    assert limited.rpc("CustomFields.getList", 429)["error"]["code"] == 429
    clock.move(1)
    assert limited.rpc("CustomFields.getList")["status"] == "success"
