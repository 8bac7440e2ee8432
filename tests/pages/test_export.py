import csv
import io
from typing import Any

import pytest

from integrations.sync.models import Change, Connection
from integrations.sync.search import export
from tests.pages.factories import ChangeFactory, CustomerFactory, RefusalFactory, RunFactory


def _rows(response: Any) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_cell_cannot_become_a_formula(start: str) -> None:
    assert export.safe(f"{start}HYPERLINK(1)") == f"'{start}HYPERLINK(1)"


@pytest.mark.parametrize(("cell", "text"), [(None, ""), (12, "12"), ("Acme - Co", "Acme - Co"), ("", "")])
def test_harmless_cell_stays_as_it_is(cell: object, text: str) -> None:
    assert export.safe(cell) == text


@pytest.mark.django_db
def test_one_line_per_field_with_the_name_from_the_hub(calm: Connection) -> None:
    run, customer = RunFactory.create(connection=calm), CustomerFactory.create(name="=Evil & Co")
    ChangeFactory.create(
        of=run, hub_id=customer.pk, before={"name": "A", "pulse": 3}, after={"name": "B", "pulse": None}
    )

    head, *lines = _rows(export.csv_response(Change.objects.all(), "x.csv"))

    assert head[3] == "Record"
    assert [(line[3], line[7], line[8], line[9]) for line in lines] == [
        ("'=Evil & Co", "Name", "A", "B"),
        ("'=Evil & Co", "CSM Pulse", "3", ""),
    ]


@pytest.mark.django_db
def test_refusal_carries_cause_and_repair(calm: Connection) -> None:
    RefusalFactory.create(of=RunFactory.create(connection=calm))

    [_head, line] = _rows(export.csv_response(Change.objects.all(), "x.csv"))

    assert line[10] == "NPS score: “n/a” is not a plain number, and it was not guessed. The record waits."
    assert line[11].startswith("Correct it in Paper CRM")


@pytest.mark.django_db
def test_export_ends_at_its_limit(calm: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "LIMIT", 3)
    monkeypatch.setattr(export, "CHUNK", 2)
    for _ in range(5):
        ChangeFactory.create(of=RunFactory.create(connection=calm))

    assert len(_rows(export.csv_response(Change.objects.all(), "x.csv"))) == 1 + 3
