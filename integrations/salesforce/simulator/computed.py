"""Values that the org itself sets when a row is saved: full names, what follows from a stage, ends of contracts."""

import calendar
from datetime import date, datetime, timedelta
from typing import Any

from .store import Row, Store, stamp


def computed(store: Store, sobject: str, before: Row | None, values: Row) -> Row:
    """What to write beside `values`; `before` is the stored row of an update."""
    after = {**(before or {}), **values}
    match sobject:
        case "Contact" | "Lead" | "User":
            return {"Name": " ".join(p for p in (after.get("FirstName"), after.get("LastName")) if p)}
        case "Opportunity":
            return _opportunity(store, before, values, after)
        case "Contract":
            return _contract(store, before, after)
        case "Task":
            closed = after.get("Status") == "Completed"
            was_closed = bool(before and before["IsClosed"])
            finished = (before["CompletedDateTime"] if before and was_closed else store.now) if closed else None
            return {"IsClosed": int(closed), "CompletedDateTime": finished, "AccountId": _account_of(store, after)}
        case "Event":
            return {**_span(values, after), "AccountId": _account_of(store, after)}
        case _:
            return {}


def _span(values: Row, after: Row) -> Row:
    """Start, length and end of an event say the same thing twice: what was given decides the rest."""
    start, minutes, end = after.get("StartDateTime"), after.get("DurationInMinutes"), after.get("EndDateTime")
    if not start:
        return {}
    begins = datetime.fromisoformat(start)
    if "EndDateTime" in values and "DurationInMinutes" not in values and end:
        minutes = int((datetime.fromisoformat(end) - begins).total_seconds() // 60)
    ends = stamp(begins + timedelta(minutes=int(minutes or 0)))
    return {
        "DurationInMinutes": minutes, "EndDateTime": ends, "ActivityDateTime": start, "ActivityDate": start[:10],
    }  # fmt: skip


def _opportunity(store: Store, before: Row | None, values: Row, after: Row) -> Row:
    sql = 'SELECT "IsClosed", "IsWon", "DefaultProbability", "ForecastCategoryName" FROM "OpportunityStage" WHERE "ApiName" = ?'
    found = store.one(sql, after.get("StageName")) or (0, 0, after.get("Probability"), None)
    moved = before is None or before["StageName"] != after.get("StageName")
    probability = found[2] if moved and "Probability" not in values else after.get("Probability")
    amount = after.get("Amount")
    expected = amount * probability / 100 if amount is not None and probability is not None else None
    closes = date.fromisoformat(str(after["CloseDate"])[:10])
    return {
        "IsClosed": found[0],
        "IsWon": found[1],
        "Probability": probability,
        "ExpectedRevenue": expected,
        "ForecastCategoryName": values.get("ForecastCategoryName") or found[3],
        "FiscalYear": closes.year,
        "FiscalQuarter": (closes.month + 2) // 3,
        **({"LastStageChangeDate": store.now} if moved and before is not None else {}),
    }


def _contract(store: Store, before: Row | None, after: Row) -> Row:
    status = {"Activated": "Activated", "In Approval Process": "InApproval"}.get(str(after.get("Status")), "Draft")
    found: Row = {"StatusCode": status, "EndDate": _end(after.get("StartDate"), after.get("ContractTerm"))}
    if before is None:
        number = store.state("contracts", 100) + 1
        store.set_state("contracts", number)
        found["ContractNumber"] = f"{number:08d}"
    if status == "Activated" and (before is None or before["StatusCode"] != "Activated"):
        found["ActivatedDate"] = store.now
    return found


def _end(start: Any, months: Any) -> str | None:
    """The day before the same day so many months later; a month that is too short ends it on its own last day."""
    if not start or not months:
        return None
    first = date.fromisoformat(start)
    year, month = divmod(first.year * 12 + first.month - 1 + int(months), 12)
    last_day = calendar.monthrange(year, month + 1)[1]
    if first.day > last_day:
        return date(year, month + 1, last_day).isoformat()
    return (date(year, month + 1, first.day) - timedelta(days=1)).isoformat()


def _account_of(store: Store, row: Row) -> str | None:
    for name, column in (("WhatId", "AccountId"), ("WhoId", "AccountId")):
        target = row.get(name) or ""
        sobject = store.schema.by_prefix(target)
        if sobject == "Account":
            return str(target)
        if sobject in {"Opportunity", "Contact", "Contract"}:
            parent = store.get(sobject, target)
            if parent:
                return str(parent[column]) if parent[column] else None
    return None
