"""Agreements as the engine sees them. MRR, end, notice and status follow from what is written, in the same statement."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from integrations.engine import agreements as rules
from integrations.engine.mapping import FieldRule
from integrations.engine.plan import Action
from integrations.engine.reasons import Reason
from integrations.engine.records import Pair
from integrations.engine.values import Value
from integrations.hub.models import Agreement

from ..models import Change
from .hub_rows import HubTable, Names, Write, register
from .journal import write_changes
from .planned import fields_column, said

OBJECT = "agreements"
Status = Agreement.Status
STARTED, ENDED = "day-started", "day-ended"
PAGE = 1000
NOTICE_DATE = "notice_date"
"""Mapped under this name; it stands in the column of the day on which the renewal is decided."""
COLUMN_OF = {NOTICE_DATE: "renewal_date"}
FOLLOWING = ("mrr", "status", "end_date", NOTICE_DATE)
"""Worked out from the others, each time one is written."""
TEXTS = frozenset({"ref_id", "plan", "currency", "engagement_period", "notice_period"})
DAY = 24 * 3600
DEFAULTS = {"amount_format": Agreement.Format.MRR.value, "type": Agreement.Type.INITIAL.value}


class Agreements(HubTable):
    model = Agreement
    object = OBJECT
    plain = (
        "ref_id", "plan", "amount_format", "amount", "currency", "fee", "start_date", "end_date", "engagement",
        "engagement_period", "notice", "notice_period", "auto_renew", "type", "status",
    )  # fmt: skip
    related = {NOTICE_DATE: "renewal_date"}
    hangs_on = "customer"
    columns = ("customer_id", "ref_writer", *plain, "renewal_date", "mrr", "custom", "touched", "gone_at")
    key_columns = {"ref_id": "ref_id"}
    flags_gone = frozenset({"gone", "exclude"})
    """A won opportunity that is opened again leaves the scope; what was signed stays here, and says so."""

    def defaults(self, names: Names) -> dict[str, Any]:
        absent = ("customer_id", "ref_writer", "amount", "mrr", "fee", "start_date", "end_date", "renewal_date",
                  "engagement", "notice", "gone_at")  # fmt: skip
        return {
            **dict.fromkeys(absent), **dict.fromkeys(TEXTS, ""), **DEFAULTS, "status": "", "auto_renew": False,
            "custom": {},
        }  # fmt: skip

    def given(self, names: Names) -> Mapping[str, Value]:
        return {**DEFAULTS, "auto_renew": False}

    def row_of(self, one: Write, names: Names, connection_id: int | None) -> dict[str, Any]:
        columns = super().row_of(one, names, connection_id)
        values = {**columns, NOTICE_DATE: columns["renewal_date"]}
        columns["end_date"] = rules.end_of(values, one.after, one.stated)
        columns["renewal_date"] = rules.notice_of(values, one.after, columns["end_date"], one.stated)
        columns["status"] = rules.status_on(
            timezone.localdate(), columns["start_date"], columns["end_date"], columns["status"]
        )
        return columns

    def follows(self, one: Write) -> dict[str, tuple[Value, Value]]:
        written = {name: value for name, value in one.after.items() if name != self.hangs_on}
        later = self.row_of(Write(one.hub_id, written, one.row), Names(), None)
        former: Mapping[str, Any] = one.row.columns if one.row else {}
        columns = {name: COLUMN_OF.get(name, name) for name in FOLLOWING}
        return {name: (former.get(column), later[column]) for name, column in columns.items()}

    def stated(self, lines: Iterable[FieldRule], settled: Mapping[str, Pair]) -> frozenset[str]:
        return rules.stated(lines, settled)

    def derive(self, columns: dict[str, Any]) -> None:
        amount = columns["amount"]
        columns["mrr"] = rules.mrr(None if amount is None else Decimal(amount), columns["amount_format"])

    def column(self, name: str, value: Value, names: Names) -> tuple[str, Any]:
        if name in TEXTS:
            return name, value or ""
        if name in DEFAULTS:
            return name, value or DEFAULTS[name]
        if name == "auto_renew":
            return name, bool(value)
        return super().column(COLUMN_OF.get(name, name), value, names)

    def refusal(
        self, values: Mapping[str, Value], written: Collection[str], system: str, stated: Collection[str] = ()
    ) -> Reason | None:
        return rules.refusal(values, written, stated)

    def lacks_name(self, values: Mapping[str, Value]) -> bool:
        """One without a plan is known by its customer and its dates."""
        return False


def advance_daily() -> None:
    """Called each minute and at work once a day: a run that wrote meanwhile has looked at the day itself."""
    key = f"agreements-advanced-{timezone.localdate().isoformat()}"
    if cache.get(key) is None:
        advance()
        # Only afterwards: what broke off is tried again with the next sweep.
        cache.set(key, True, DAY)


def advance(now: datetime | None = None) -> int:
    """Statuses follow the days: signed ones start, started ones end, each with its line in the journal. How many moved."""
    today, stamp = timezone.localdate(now), now or timezone.now()
    over = Q(status__in=[Status.VALIDATED, Status.ACTIVE], end_date__lt=today)
    begun = Q(status=Status.VALIDATED, start_date__lte=today)
    ended = _move(over, Status.FINISHED, ENDED, "end_date", stamp)
    return ended + _move(begun, Status.ACTIVE, STARTED, "start_date", stamp)


def _move(where: Q, status: str, code: str, day: str, now: datetime) -> int:
    moved = 0
    while True:
        with transaction.atomic():
            rows = list(
                Agreement.objects.select_for_update().filter(where).order_by("pk").values("pk", "status", day)[:PAGE]
            )
            Agreement.objects.filter(pk__in=[row["pk"] for row in rows]).update(status=status, updated_at=now)
            write_changes([_moved(row, status, Reason(code, {"day": row[day].isoformat()}), now) for row in rows])
        moved += len(rows)
        if len(rows) < PAGE:
            return moved


def _moved(row: Mapping[str, Any], status: str, reason: Reason, now: datetime) -> dict[str, Any]:
    return {
        "at": now, "run_id": None, "connection_id": None, "system": "", "object": OBJECT, "hub_id": row["pk"],
        "source_id": "", "action": Action.UPDATE.value, "outcome": Change.Outcome.DONE.value,
        "before": {"status": row["status"]}, "after": {"status": status}, "field_reasons": {"status": said(reason)},
        "reason_code": reason.code, "reason_params": dict(reason.params), "notes": [],
        "fields": fields_column(["status"]), "erases": False, "actor": "",
    }  # fmt: skip


register(Agreements())
