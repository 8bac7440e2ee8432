"""Of every sending the inspector is told what followed: used, sent again, parked, refused …"""

import contextlib
from typing import Any

import pytest
import requests

from integrations.wire.decisions import Decision
from integrations.wire.errors import WireError
from integrations.wire.messages import Call, Request
from integrations.wire.quota import Budget, Quota

from .border import NOW, ORG, Answer, Border, salesforce

pytestmark = pytest.mark.requirement("C6")
READ = Request("GET", f"{ORG}/services/data/v66.0/limits", kind="limits")
CREATE = Request("POST", f"{ORG}/services/data/v66.0/sobjects/Account", json={"Name": "Aldervale"}, kind="create")
FINE, BUSY = Answer(200, {"ok": True}), Answer(503, "<html>maintenance</html>")


class Access:
    def headers(self) -> dict[str, str]:
        return {"Authorization": "Bearer a"}

    def renew(self, refused: object) -> None:
        return

    def secrets(self) -> tuple[str, ...]:
        return ()


def refused(status: int, code: str) -> Answer:
    return Answer(status, [{"errorCode": code, "message": "no"}])


def told(*answers: Answer | Exception, request: Request = READ, **options: Any) -> list[Call]:
    calls: list[Call] = []
    with contextlib.suppress(WireError):
        salesforce(Border(*answers), on_call=calls.append, **options).send(request)
    return calls


@pytest.mark.parametrize(
    ("answers", "decisions"),
    [
        ([FINE], ["taken"]),
        ([BUSY, requests.ConnectionError("reset"), FINE], ["again", "again", "taken"]),
        ([refused(403, "REQUEST_LIMIT_EXCEEDED")], ["parked"]),
        ([refused(404, "NOT_FOUND")], ["gone"]),
        ([refused(400, "INVALID_FIELD")], ["stopped"]),
        ([Answer(200, "not json"), FINE], ["again", "taken"]),
    ],
)
def test_each_sending_is_told_with_what_followed(answers: list[Any], decisions: list[str]) -> None:
    calls = told(*answers)

    assert [call.decision for call in calls] == decisions
    assert [call.attempt for call in calls] == list(range(1, len(calls) + 1))
    assert [call.has_failed for call in calls] == [word != "taken" for word in decisions]


def test_end_of_an_access_is_told_as_renewed_and_then_as_a_sign_in() -> None:
    ended = refused(401, "INVALID_SESSION_ID")

    assert [call.decision for call in told(ended, FINE, auth=Access())] == [Decision.RENEWED, Decision.TAKEN]
    assert [call.decision for call in told(ended, auth=Access())] == [Decision.RENEWED, Decision.SIGN_IN]


def test_what_nobody_may_repeat_is_left_to_the_run() -> None:
    [call] = told(BUSY, request=CREATE)

    assert (call.decision, call.status) == (Decision.WAITS, 503)


def test_no_answer_has_no_status_and_no_bytes() -> None:
    [call, _] = told(requests.ConnectionError("reset"), FINE)

    assert (call.status, call.bytes, call.code) == (0, 0, "CONNECTION_LOST")


def test_call_that_was_held_back_is_none() -> None:
    assert told(FINE, quota=Quota(80, 100, NOW), budget=Budget(0.2)) == []


@pytest.mark.parametrize(("percent", "used", "left"), [(20, 79, 1), (20, 80, 0), (20, 95, 0), (0, 99, 1), (33, 66, 1)])
def test_left_is_what_stands_before_the_reserve(percent: int, used: int, left: int) -> None:
    budget, quota = Budget(percent / 100), Quota(used, 100, NOW)

    assert budget.left(quota) == left
    assert budget.is_spent(quota, NOW) is (left == 0)
