"""Loads really recorded Salesforce answers into the practice org: rows and field lists as recorded, ids kept."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from django.utils.translation import gettext as _

from integrations.salesforce.simulator import Store, add_view
from integrations.salesforce.simulator.objects_sales import STAGES
from integrations.salesforce.simulator.recorded import adopt_describe

from .salesforce_org import RECORDED_VIEWS, stages

Row = dict[str, Any]
DESCRIBES = ("describe-sobject.json", "cci_describe_Contact.json", "cci_describe_Opportunity.json")
ROWS = ("users.json", "accounts.json", "contacts.json", "opportunities.json")


class NotARecording(Exception):  # noqa: N818 (a sentence is raised to a person)
    """A folder, or a file in it, that holds something else."""


def load_recording(store: Store, folder: Path) -> dict[str, int]:
    """How many rows of each object were loaded. A row that was recorded twice, page by page, is loaded once."""
    if not any((folder / name).exists() for name in ROWS):
        raise NotARecording(
            _("%(folder)s holds no recorded answers: at least one of %(names)s is needed.")
            % {"folder": folder, "names": ", ".join(ROWS)}
        )
    with store.transaction():
        for name in DESCRIBES:
            for body in _bodies(folder / name):
                adopt_describe(store, body)
        store.load("OpportunityStage", stages())
        counts: dict[str, int] = {}
        for name in ROWS:
            for body in _bodies(folder / name):
                for sobject, count in _load(store, body["records"]).items():
                    counts[sobject] = counts.get(sobject, 0) + count
        for view in RECORDED_VIEWS:
            add_view(store, view)
    return counts


def _bodies(path: Path) -> Iterator[Row]:
    if path.exists():
        try:
            found = orjson.loads(path.read_bytes())
            bodies = [one["response"]["body"] for one in (found if isinstance(found, list) else [found])]
        except (ValueError, KeyError, TypeError):
            raise NotARecording(
                _("%(file)s is no recorded answer: a JSON object with “response” and its “body” is needed.")
                % {"file": path}
            ) from None
        yield from bodies


def _load(store: Store, records: list[Row]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for record in records:
        sobject = record["attributes"]["type"]
        _parents(store, record)
        if store.get(sobject, record["Id"]) is None:
            store.load(sobject, [_row(store, sobject, record)])
            counts[sobject] = counts.get(sobject, 0) + 1
    return counts


def _row(store: Store, sobject: str, record: Row) -> Row:
    known = store.schema.everything[sobject]
    row: Row = {
        k: int(v) if isinstance(v, bool) else v for k, v in record.items() if not isinstance(v, dict) and known.field(k)
    }
    changed = row.get("SystemModstamp")
    for name in ("CreatedDate", "LastModifiedDate"):
        row.setdefault(name, changed)
    if known.field("FirstName"):
        row["Name"] = " ".join(str(p) for p in (row.get("FirstName"), row.get("LastName")) if p)
    if sobject == "User":
        row |= {
            "Alias": str(row["LastName"])[:8].lower(),
            "UserType": "Standard" if record.get("Profile") else "AutomatedProcess",
        }
    if sobject == "Opportunity":
        row |= _stage(str(row["StageName"]))
    return row


def _parents(store: Store, record: Row) -> None:
    """A parent that was recorded only through its name gets a row of that name."""
    for key, value in record.items():
        if isinstance(value, dict) and key != "attributes":
            parent = value["attributes"]["type"]
            parent_id = record[f"{key}Id"]
            if store.get(parent, parent_id) is None:
                store.load(parent, [{"Id": parent_id, "Name": value["Name"]}])


def _stage(name: str) -> Row:
    probability = next((p for stage, p, _ in STAGES if stage == name), None)
    return {"IsClosed": int(name.startswith("Closed")), "IsWon": int(name == "Closed Won"), "Probability": probability}
