import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from integrations.hub.models import Customer
from integrations.sync.models import Connection, Run
from tests.sync.fakes import PaperCrm


def told(capsys, *arguments: str) -> dict[str, Any]:
    call_command("sync", "paper", *arguments, "--json")
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def test_sync_waits_and_works_by_itself_where_no_worker_runs(connection: Connection, crm: PaperCrm, capsys) -> None:
    crm.company("A1")

    answer = told(capsys, "--wait")

    assert (answer["kind"], answer["state"], answer["totals"]) == ("first", "done", {"customers": 1, "contacts": 0})
    assert Customer.objects.count() == 1


def test_sync_without_waiting_only_queues(connection: Connection, crm: PaperCrm, capsys) -> None:
    answer = told(capsys)

    assert answer["state"] == "queued"


def test_sync_previews(connection: Connection, crm: PaperCrm, capsys) -> None:
    crm.company("A1")

    answer = told(capsys, "--preview", "--wait")

    assert (answer["kind"], answer["counts"]["customers.create"]) == ("preview", 1)
    assert not Customer.objects.exists()


def test_sync_full_reads_everything(connection: Connection, crm: PaperCrm, capsys) -> None:
    told(capsys, "--wait")

    assert told(capsys, "--full", "--wait")["kind"] == "full"


@pytest.mark.parametrize(
    ("name", "said"), [("nobody", "no connection “nobody”. There are: paper."), ("paper", "still under way")]
)
def test_sync_that_is_refused_exits_with_two(name: str, said: str, connection: Connection, crm: PaperCrm) -> None:
    call_command("sync", "paper")

    with pytest.raises(CommandError, match=said) as refused:
        call_command("sync", name)

    assert refused.value.returncode == 2


def test_failed_sync_exits_with_one_and_says_why(connection: Connection, crm: PaperCrm, capsys) -> None:
    crm.hidden_fields.add("Id")

    with pytest.raises(SystemExit) as ended:
        call_command("sync", "paper", "--wait")

    assert ended.value.code == 1
    assert "gone from Paper CRM" in capsys.readouterr().out
    assert Run.objects.get().state == "failed"


def test_held_sync_exits_with_three(connection: Connection, crm: PaperCrm, sync, capsys) -> None:
    Connection.objects.update(churn_missing=True)
    for number in range(30):
        crm.company(f"A{number}")
    sync()
    crm.later(60)
    crm.outside.update(f"A{number}" for number in range(20))

    with pytest.raises(SystemExit) as ended:
        call_command("sync", "paper", "--wait")

    assert ended.value.code == 3


def test_failed_sync_says_what_the_crm_said_and_the_cure(connection: Connection, crm: PaperCrm, capsys) -> None:
    crm.hidden_fields.add("Id")

    with pytest.raises(SystemExit):
        call_command("sync", "paper", "--wait", "--json")

    answer = json.loads(capsys.readouterr().out)
    assert "gone from Paper CRM" in answer["reason"]
    assert answer["cure"]
