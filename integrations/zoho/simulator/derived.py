"""What Zoho works out of other fields and stores nowhere: full names, one-line addresses, revenue, durations."""

from typing import Any

from .field import Field
from .modules_work import STAGES

Body = dict[str, Any]
PROBABILITIES = {value: probability for value, _, probability, _ in STAGES}
_CALL_STATUS = {
    "Scheduled": "Scheduled", "Completed": "Attended Dialled", "Overdue": "Overdue", "Cancelled": "Cancelled",
}  # fmt: skip


def full_name(body: Body) -> str:
    return " ".join(part for part in (body.get("First_Name"), body.get("Last_Name")) if part)


def derived(field: Field, body: Body) -> Any:
    name = field.name
    if field.of:
        value = body.get(field.of)
        return None if value is None else round(value * field.times, 2)
    if name == "Full_Name":
        return full_name(body)
    if name.endswith("Coordinates"):
        return ""
    if name.endswith("Address"):
        return _address(name.removesuffix("Address"), body)
    if name == "Expected_Revenue":
        return _expected(body)
    if name == "Call_Duration_in_seconds":
        return seconds(body.get("Call_Duration"))
    return _call_status(body)


def _address(prefix: str, body: Body) -> str:
    code = body.get(f"{prefix}Zip") or body.get(f"{prefix}Code") or body.get(f"{prefix}Zip_Code")
    place = " ".join(p for p in (body.get(f"{prefix}State"), code) if p)
    town = ", ".join(p for p in (body.get(f"{prefix}City"), place) if p)
    return "\n".join(p for p in (body.get(f"{prefix}Street"), town, body.get(f"{prefix}Country")) if p)


def _expected(body: Body) -> float | None:
    amount = body.get("Amount")
    share = body.get("Probability", PROBABILITIES.get(str(body.get("Stage")), 0)) or 0
    return None if amount is None else round(amount * share / 100, 2)


def seconds(duration: Any) -> int | None:
    """The vendor's page says HH:mm, its recorded answers show mm:ss: `00:15` came back as fifteen seconds."""
    if not isinstance(duration, str) or duration.count(":") != 1:
        return None
    minutes, _, rest = duration.partition(":")
    return int(minutes) * 60 + int(rest) if minutes.isdecimal() and rest.isdecimal() else None


def _call_status(body: Body) -> str | None:
    if body.get("Call_Type") == "Outbound":
        return _CALL_STATUS.get(str(body.get("Outbound_Call_Status")), "Attended Dialled")
    return {"Inbound": "Received", "Missed": "Missed"}.get(str(body.get("Call_Type")))
