"""One field of an interaction out of one object of Salesforce: which columns it needs, and what they mean together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from integrations.engine.plain_text import of_html
from integrations.engine.values import Value

from ..fields import long_id, moment

Row = Mapping[str, Any]
LONGEST_SUBJECT = 500
CONTACT = "003"
NOON = time(12)
INCOMING = {"inbound": True, "outbound": False}
EMAIL_SUBJECT = "Email: "


@dataclass(frozen=True, slots=True)
class Way:
    columns: tuple[str, ...]
    value: Callable[[Row], Value]


def column(name: str) -> Way:
    return Way((name,), lambda row: row.get(name))


def subject(name: str) -> Way:
    """No interaction is lost over a long title: what stands behind the limit is in the text as a rule."""
    return Way((name,), lambda row: (row.get(name) or "")[:LONGEST_SUBJECT] or None)


def day_of_task() -> Way:
    return Way(("ActivityDate", "CompletedDateTime", "CreatedDate"), when_of_task)


def when_of_task(row: Row) -> datetime | None:
    """A task knows its day and not its hour.

    Closed on that day, it was then; else noon of the day, which is the same day wherever the team looks from.
    """
    done = moment(row["CompletedDateTime"]) if row.get("CompletedDateTime") else None
    if not row.get("ActivityDate"):
        return done or created(row)
    day = date.fromisoformat(row["ActivityDate"])
    return done if done and local_day(done) == day else noon_of(day)


def when_of_event() -> Way:
    return Way(("StartDateTime", "IsAllDayEvent", "ActivityDate"), _start)


def _start(row: Row) -> datetime | None:
    if row.get("IsAllDayEvent") and row.get("ActivityDate"):
        # Midnight of Greenwich is another day west of it.
        return noon_of(date.fromisoformat(row["ActivityDate"]))
    return moment(row["StartDateTime"]) if row.get("StartDateTime") else None


def when_of_email() -> Way:
    return Way(
        ("MessageDate", "CreatedDate"),
        lambda row: moment(row["MessageDate"]) if row.get("MessageDate") else created(row),
    )


def made() -> Way:
    return Way(("CreatedDate",), created)


def created(row: Row) -> datetime | None:
    return moment(row["CreatedDate"]) if row.get("CreatedDate") else None


def minutes_of_call() -> Way:
    return Way(("CallDurationInSeconds",), _minutes)


def _minutes(row: Row) -> int | None:
    seconds = row.get("CallDurationInSeconds")
    # Begun minutes: a call of forty seconds took place.
    return None if seconds is None else -(-int(seconds) // 60)


def direction_of_call() -> Way:
    return Way(("CallType",), lambda row: INCOMING.get(str(row.get("CallType")).lower()))


def subject_of_logged_email() -> Way:
    return Way(
        ("Subject",), lambda row: (row.get("Subject") or "").removeprefix(EMAIL_SUBJECT)[:LONGEST_SUBJECT] or None
    )


def text_of_email() -> Way:
    return Way(("TextBody", "HtmlBody"), lambda row: row.get("TextBody") or of_html(row.get("HtmlBody") or "") or None)


def addresses() -> Way:
    return Way(("FromAddress", "ToAddress", "CcAddress"), _addresses)


def _addresses(row: Row) -> tuple[str, ...]:
    listed = ";".join(filter(None, (row.get(name) for name in ("FromAddress", "ToAddress", "CcAddress"))))
    return tuple(dict.fromkeys(part.strip().lower() for part in listed.replace(",", ";").split(";") if part.strip()))


def person(name: str) -> Way:
    """The one contact that a record names; leads and other records are none."""
    return Way((name,), lambda row: contacts(row.get(name)))


def contacts(*ids: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(long_id(one) for one in ids if one and one.startswith(CONTACT)))


def found_elsewhere(path: str) -> Way:
    """What the row itself does not hold, and the reading has put beside it."""
    return Way((), lambda row: row.get(path))


def nothing(value: Value = None) -> Way:
    return Way((), lambda _row: value)


def local_day(when: datetime) -> date:
    return when.astimezone(timezone.get_default_timezone()).date()


def noon_of(day: date) -> datetime:
    return datetime.combine(day, NOON, timezone.get_default_timezone())
