"""What Zoho writes by itself when a record is written: a deal's probability, a task's end, the last activity."""

from typing import Any

from .derived import PROBABILITIES
from .schema import Module

Body = dict[str, Any]


def of_change(module: Module, changed: Body, now: str, *, is_new: bool) -> Body:
    found: Body = {}
    if module.name == "Deals" and changed.get("Stage") in PROBABILITIES and "Probability" not in changed:
        found["Probability"] = PROBABILITIES[changed["Stage"]]
    if module.name == "Tasks" and "Status" in changed:
        found["Closed_Time"] = now if changed["Status"] == "Completed" else None
    # Recorded: empty on records that were only ever made, the time of the change on those that were changed since.
    if not is_new and "Last_Activity_Time" in module.fields and "What_Id" not in module.fields:
        found["Last_Activity_Time"] = now
    return found
