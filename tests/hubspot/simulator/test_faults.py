"""What goes wrong on demand, in the vendor's shapes; and the control plane that asks for it."""

import pytest
import requests

from integrations.rehearsal.practice_hubspot import PracticeHubSpot

from .wire import Wire, ids, told


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("TEN_SECONDLY_ROLLING", "ten_secondly_rolling"), ("DAILY", "daily"), ("SECONDLY", "secondly")],
)
def test_burst_is_a_429_of_the_policy(crm: PracticeHubSpot, wire: Wire, policy: str, expected: str) -> None:
    crm.control(burst=2, burst_policy=policy)

    answers = [wire.page("companies") for _ in range(3)]

    assert [one.status_code for one in answers] == [429, 429, 200]
    assert answers[0].json()["message"] == f"You have reached your {expected} limit."
    assert "Retry-After" not in answers[0].headers


def test_failure_is_told_in_json(crm: PracticeHubSpot, wire: Wire) -> None:
    crm.control(fail_every=2)

    assert [wire.page("companies").status_code for _ in range(4)] == [200, 500, 200, 500]
    crm.control(fail_every=1)
    assert told(wire.page("companies"))[2] == "internal error"


@pytest.mark.parametrize(
    ("fault", "status"), [({"locked": 1}, 423), ({"migrating": 1}, 477), ({"gateway": 1, "gateway_status": 522}, 522)]
)
def test_fault_of_the_vendor_comes_once(crm: PracticeHubSpot, wire: Wire, fault: dict[str, int], status: int) -> None:
    crm.control(**fault)

    first, second = wire.page("companies"), wire.page("companies")

    assert (first.status_code, second.status_code) == (status, 200)
    assert ("Retry-After" in first.headers) == (status == 477)


def test_fault_concerns_only_its_kinds(crm: PracticeHubSpot, wire: Wire) -> None:
    crm.control(gateway=1, kinds=["batch_update"])
    company = ids(wire.page("companies"))[0]

    answers = [wire.batch("companies", "update", [{"id": company, "properties": {"name": "X"}}]) for _ in range(2)]

    assert [one.status_code for one in answers] == [502, 200]


def test_write_is_done_and_its_answer_lost(crm: PracticeHubSpot, wire: Wire) -> None:
    crm.control(reset=1, kinds=["create"])

    with pytest.raises(requests.ConnectionError):
        wire.create("companies", name="Lost answer")

    assert len(wire.found("companies", {"propertyName": "name", "operator": "EQ", "value": "lost answer"})) == 1


def test_answer_cut_off_is_no_json(crm: PracticeHubSpot, wire: Wire) -> None:
    crm.control(truncate=1)

    with pytest.raises(requests.exceptions.JSONDecodeError):
        wire.page("companies").json()


def test_sessions_end_after_some_calls(crm: PracticeHubSpot) -> None:
    from .signing_in import exchange

    mine = Wire(crm, exchange(crm)["access_token"])
    crm.control(expire_after=2)

    answers = [mine.page("companies") for _ in range(3)]

    assert [one.status_code for one in answers] == [200, 401, 401]
    assert answers[1].json()["category"] == "EXPIRED_AUTHENTICATION"


def test_every_answer_has_a_correlation_id(crm: PracticeHubSpot, wire: Wire) -> None:
    answers = [wire.page("companies"), wire.page("butterflies"), wire.one("companies", "1")]

    assert all(one.headers["X-HubSpot-Correlation-Id"] for one in answers)
    assert answers[1].headers["X-HubSpot-Correlation-Id"] == answers[1].json()["correlationId"]
    assert len({one.headers["X-HubSpot-Correlation-Id"] for one in answers}) == 3


def test_method_that_is_not_there_and_path_that_is_not(wire: Wire) -> None:
    assert wire.call("PUT", "/crm/objects/2026-09/companies").status_code == 405
    assert told(wire.get("/crm/objects/2026-09/companies/1/2/3"))[0] == 404
    assert told(wire.get("/nothing/here")) == (404, None, "resource not found")


# --- The control plane ------------------------------------------------------------------------------------------------
def _control(
    crm: PracticeHubSpot, method: str, path: str, body: object = None, host: str = "127.0.0.1:8101"
) -> requests.Response:
    return crm.session().request(method, f"https://{host}/_control{path}", json=body)


def test_control_answers_loopback_only(crm: PracticeHubSpot) -> None:
    assert _control(crm, "GET", "").status_code == 200
    assert _control(crm, "GET", "", host="api.hubapi.com").status_code == 404


def test_control_edits_and_tells_its_state(crm: PracticeHubSpot, wire: Wire) -> None:
    made = _control(crm, "POST", "/create", {"object": "companies", "fields": {"name": "By control"}}).json()["id"]

    state = _control(crm, "POST", "", {"tier": "free"}).json()

    assert wire.one("companies", made).json()["properties"]["name"] == "By control"
    assert state["limits"]["tier"] == "free"
    assert {"index_lag", "unlimited", "remove_fields", "revoke_grants"} <= set(state["known"])


def test_unknown_control_is_refused(crm: PracticeHubSpot) -> None:
    answer = _control(crm, "POST", "", {"no_such_fault": 1})

    assert answer.status_code == 400
    assert "no_such_fault" in answer.json()["message"]


def test_calls_are_counted_by_kind(crm: PracticeHubSpot, wire: Wire) -> None:
    crm.forget_calls()
    wire.page("companies")
    wire.search("companies")
    wire.search("companies")

    assert dict(crm.calls()) == {"list": 1, "search": 2}


def test_world_is_filled_anew(crm: PracticeHubSpot, wire: Wire) -> None:
    before = ids(wire.page("companies", limit=100))
    wire.delete("companies", before[0])
    crm.control(remove_fields=["companies.csm"])

    crm.control(reset_world=True)

    assert ids(wire.page("companies", limit=100)) == before
    assert "csm" in wire.page("companies", properties="csm").json()["results"][0]["properties"]
