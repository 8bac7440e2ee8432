"""An agreement typed by hand: end and notice each as a duration or a date; what follows from them is shown before saving."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.engine.agreements import BY_HAND
from integrations.engine.values import Value

from .. import panels
from ..door import Refusal
from ..fields import CHOICES, fields_here
from ..models import Agreement, MoneySettings
from ..shown import value_of
from .row import YES_NO, Choices, RowForm

HELP = {
    "amount_format": gettext_lazy("Per month or per year: the MRR is worked out from it."),
    "amount": gettext_lazy("Empty means unknown, not nothing: it is in no sum."),
    "currency": gettext_lazy("Empty: the reporting currency."),
    "fee": gettext_lazy("Once, for instance for the set-up. It is not in the MRR."),
    "end_date": gettext_lazy("Or give a duration. A new start or duration works it out again."),
    "notice_date": gettext_lazy("Or give the notice above. It is the last day to give notice."),
    "status": gettext_lazy("By its dates, unless a person says otherwise."),
}
LABELS = {"amount_format": gettext_lazy("Amount is"), "amount": gettext_lazy("Recurring amount")}
"""Where the mapping's words speak of a field of the CRM."""
PAIRS = (("engagement", "engagement_period"), ("notice", "notice_period"))
WORKED_OUT = {"end_date": "engagement", "notice_date": "notice"}
"""Date → the number that it follows from where that is given."""
DATES = frozenset({"ACTIVE", "VALIDATED", "FINISHED"})
NEW: dict[str, Value] = {
    "amount_format": Agreement.Format.MRR.value,
    "type": Agreement.Type.INITIAL.value,
    "status": Agreement.Status.ACTIVE.value,
    "auto_renew": False,
}
"""What the door gives a new row by itself."""


class AgreementForm(RowForm):
    entity = "agreements"

    def __init__(
        self, data: Any = None, *, values: Mapping[str, Value], writers: Mapping[str, panels.Writer] | None = None
    ) -> None:
        """`values`: `NEW` for a new one."""
        super().__init__(data, values=values, writers=writers)
        for name, text in HELP.items():
            field = self.fields[name]
            field.help_text = " ".join(filter(None, [str(text), str(field.help_text)]))
        for name, label in LABELS.items():
            self.fields[name].label = label
        if values is NEW:
            self.fields["start_date"].required = True
            self.fields["currency"].initial = MoneySettings.current().currency

    def choices_of(self, name: str) -> Choices | None:
        if name == "status":
            return self._statuses()
        if name == "auto_renew":
            return YES_NO
        known: Choices | None = list(CHOICES[name]) if name in CHOICES else None
        has_none = name in {"currency", "engagement_period", "notice_period"}
        return [("", _("not said")), *known] if known and has_none else known

    def _statuses(self) -> Choices:
        """What the dates say is one choice, under the name of what it is now: each save looks at the dates again."""
        now = self.now["status"]
        by_dates = now if now in DATES else Agreement.Status.ACTIVE.value
        labels = dict(CHOICES["status"])
        first = _("by its dates: %(status)s") % {"status": labels[by_dates]} if now in DATES else _("by its dates")
        return [(by_dates, first), *((code, labels[code]) for code in labels if code in BY_HAND)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for number, period in PAIRS:
            if cleaned.get(number) and not cleaned.get(period):
                self.add_error(period, _("Days, weeks, months or years?"))
        changed = set(self._changed(cleaned))
        for day, number in WORKED_OUT.items():
            if day in changed and not cleaned.get(day) and cleaned.get(number):
                label = self.fields[number].label
                self.add_error(
                    day, _("It follows from “%(field)s”. Empty that too, or type a date.") % {"field": label}
                )
        return cleaned

    def refuse(self, refusal: Refusal) -> None:
        is_order = refusal.reason.code == "ends-before-start"
        super().refuse(Refusal(refusal.hub_id, "end_date", refusal.reason) if is_order else refusal)

    @property
    def first_mistake(self) -> str:
        """For the panel that shows what follows."""
        for name, errors in self.errors.items():
            label = f"{self.fields[name].label}: " if name in self.fields else ""
            return f"{label}{errors[0]}"
        return ""


def values_of(row: Agreement) -> dict[str, Value]:
    return {name: value_of(row, field) for name, field in fields_here("agreements").items()}


def followed(row: Agreement | None) -> dict[str, Value]:
    """What stands, as the door's `look` says what would."""
    if row is None:
        return {}
    notice: date | None = row.renewal_date
    return {"mrr": row.mrr, "status": row.status, "end_date": row.end_date, "notice_date": notice}
