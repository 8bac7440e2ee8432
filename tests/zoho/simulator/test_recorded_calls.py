"""Every call that was recorded against a real account, asked again of an organisation that holds what was recorded."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from integrations.rehearsal.practice_zoho import PracticeZoho

from .caller import Caller
from .recorded import FOLDER, differences, load, needs_recordings, recorded_files, shape

pytestmark = needs_recordings
VARIABLE = {"$zia_owner_assignment", "$currency_symbol"}
HEADERS = ("Content-Type", "Cache-Control", "Content-Disposition", "X-ACCESSTOKEN-RESET")
FILES = recorded_files("v2_*.json")


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeZoho]:
    def clock() -> datetime:
        return datetime(2026, 5, 14, 11, 0, tzinfo=UTC)

    folder: Path = tmp_path_factory.mktemp("recorded")
    with PracticeZoho(folder, load=FOLDER / "recorded", clock=clock) as made:
        made.control(set_pipelines={})
        yield made


@pytest.fixture(scope="module")
def caller(practice: PracticeZoho) -> Caller:
    found = Caller.signed_in(practice)
    found.version = "v2"
    return found


def calls(name: str) -> Iterator[dict[str, Any]]:
    yield from load(f"recorded/{name}")


@pytest.mark.parametrize("name", FILES)
def test_recorded_call_gets_an_answer_of_the_same_shape(caller: Caller, practice: PracticeZoho, name: str) -> None:
    for call in calls(name):
        asked, told = call["request"], call["response"]
        path = asked["path"].removeprefix("/crm/v2/")
        _bring_back(practice, path)
        answer = caller.call(asked["method"], path, params=asked["params"], json=asked["body"])
        assert answer.status_code == told["status"], answer.text
        assert [h for h in HEADERS if (h.lower() in told["headers"]) != (h in answer.headers)] == []
        assert answer.headers["Cache-Control"] == told["headers"]["cache-control"]
        assert answer.headers["Content-Type"] == told["headers"]["content-type"]
        assert differences(shape(told["body"]), shape(answer.json())) == []


def _bring_back(practice: PracticeZoho, path: str) -> None:
    """What is read, changed or deleted but was in no recorded list."""
    module, _, record_id = path.partition("/")
    if not record_id.isdecimal() or module == "users":
        return
    with practice.store.transaction():
        if practice.store.get(module, record_id) is None:
            user = practice.app.account_of.user_id()
            body = {
                "Owner": user,
                "Created_By": user,
                "Modified_By": user,
                "Last_Name": "Again",
                "Account_Name": "Again",
            }
            body |= {"$se_module": "Leads", "Note_Content": "Again"} if module == "Notes" else {}
            practice.store.insert(module, body, record_id)


@pytest.mark.parametrize(
    ("name", "path"),
    [("v2_get-account.json", "Accounts"), ("v2_get-contact.json", "Contacts"), ("v2_get-lead.json", "Leads")],
)
def test_recorded_record_comes_back_value_by_value(caller: Caller, name: str, path: str) -> None:
    [call] = calls(name)
    [told] = call["response"]["body"]["data"]

    [ours] = caller.get(f"{path}/{told['id']}").json()["data"]

    assert _fixed(ours) == _fixed(told)


def _fixed(row: dict[str, Any]) -> dict[str, Any]:
    """Without what each organisation has of its own: its currency, the ids of its layouts."""
    layout = {**row["$layout_id"], "id": ""}
    return {key: value for key, value in {**row, "$layout_id": layout}.items() if key not in VARIABLE}
