"""Agreements as the engine sees them. MRR, end, notice and status follow from what is written, in the same statement."""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from integrations.engine import agreements as rules
from integrations.engine.reasons import Reason
from integrations.engine.values import Value
from integrations.hub.models import Agreement

from .hub_rows import HubTable, Names, Write, register

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
    object = "agreements"
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
        columns["end_date"] = values["end_date"] = rules.end_of(values, one.after)
        columns["renewal_date"] = rules.notice_of(values, one.after, columns["end_date"])
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

    def refusal(self, values: Mapping[str, Value], written: Collection[str], system: str) -> Reason | None:
        return rules.refusal(values, written)

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
    """Statuses follow the days: signed ones start, started ones end. Returns how many moved."""
    today = timezone.localdate(now)
    stamp = now or timezone.now()
    rows = Agreement.objects
    over = rows.filter(status__in=["VALIDATED", "ACTIVE"], end_date__lt=today)
    finished = over.update(status=Agreement.Status.FINISHED, updated_at=stamp)
    begun = rows.filter(status=Agreement.Status.VALIDATED, start_date__lte=today)
    return finished + begun.update(status=Agreement.Status.ACTIVE, updated_at=stamp)


register(Agreements())
