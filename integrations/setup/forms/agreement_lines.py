"""What the step of agreements asks, as mapping lines and back: everything it asks is a line of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations.engine.agreements import Renewal
from integrations.engine.mapping import Kind
from integrations.sync.connector import Schema

from ..saving import Data, line_of, set_constant, set_line
from .agreement_offers import FIXED, transform_for

NONE, DURATION, DATE, MANUAL = "none", "duration", "date", "manual"
ALWAYS, NEVER = "yes", "no"


@dataclass(frozen=True, slots=True)
class Span:
    """The end or the notice: three ways to say it, each with hub fields of its own."""

    name: str
    number: str
    period: str
    date: str


END = Span("end", "engagement", "engagement_period", "end_date")
NOTICE = Span("notice", "notice", "notice_period", "notice_date")
SPANS = (END, NOTICE)
PLAIN = {
    "plan": Kind.TEXT, "amount": Kind.MONEY, "fee": Kind.MONEY, "start_date": Kind.DATE,
}  # fmt: skip
"""Parts that are one field of the CRM each."""


def answers_of(block: Data) -> dict[str, Any]:
    """The form's initial values, read off the lines."""
    found = {name: _path(block, name) for name in PLAIN}
    found["amount_format"] = _constant(block, "amount_format")
    fixed = _constant(block, "currency")
    found["currency"] = f"{FIXED}{fixed}" if fixed else _path(block, "currency")
    for span in SPANS:
        found |= _span(block, span)
    return found | _renewal(block)


def _path(block: Data, hub_field: str) -> str:
    return str((line_of(block, hub_field) or {}).get("crm", ""))


def _constant(block: Data, hub_field: str) -> str:
    said = (line_of(block, hub_field) or {}).get("constant")
    return "" if said is None else str(said)


def _span(block: Data, span: Span) -> dict[str, str]:
    number, date, manual = _path(block, span.number), _path(block, span.date), _constant(block, span.number)
    way = DURATION if number else DATE if date else MANUAL if manual else NONE
    return {
        f"{span.name}_way": way,
        f"{span.name}_field": number,
        f"{span.name}_date": date,
        f"{span.name}_number": manual,
        f"{span.name}_period": _constant(block, span.period) or "MONTH",
    }


def _renewal(block: Data) -> dict[str, str]:
    line = line_of(block, "auto_renew")
    if line is None:
        return {"renewal_way": ""}
    if line["constant"] is not None:
        return {"renewal_way": Renewal.ALWAYS, "renewal_answer": ALWAYS if _is_yes(line["constant"]) else NEVER}
    if line["transform"] == "is-filled":
        return {"renewal_way": Renewal.NOTICE}
    return {"renewal_way": Renewal.VALUE, "renewal_field": line["crm"], "renewal_value": line["argument"]}


def _is_yes(constant: Any) -> bool:
    return str(constant).strip().lower() in {"true", "yes", "1"}


def write_answers(block: Data, said: Mapping[str, Any], schema: Schema) -> None:
    for name, kind in PLAIN.items():
        _write_field(block, name, str(said.get(name) or ""), kind, schema)
    _write_constant(block, "amount_format", said.get("amount_format"))
    _write_currency(block, str(said.get("currency") or ""), schema)
    for span in SPANS:
        _write_span(block, span, said, schema)
    _write_renewal(block, said, schema)


def _write_field(block: Data, hub_field: str, path: str, kind: Kind, schema: Schema) -> None:
    field, old = schema.get(path), line_of(block, hub_field)
    is_same = old is not None and old["crm"] == path
    # A transform that somebody set in the mapping editor stays with its field.
    rule = transform_for(kind, field) if field and not is_same else {}
    set_line(block, hub_field, path, field, **rule)


def _write_constant(block: Data, hub_field: str, value: Any) -> None:
    if value in (None, ""):
        set_line(block, hub_field, "", None)
    else:
        set_constant(block, hub_field, value)


def _write_currency(block: Data, said: str, schema: Schema) -> None:
    if said.startswith(FIXED):
        set_constant(block, "currency", said.removeprefix(FIXED))
    else:
        _write_field(block, "currency", said, Kind.CHOICE, schema)


def _write_span(block: Data, span: Span, said: Mapping[str, Any], schema: Schema) -> None:
    way = said.get(f"{span.name}_way")
    _write_field(
        block, span.number, str(said.get(f"{span.name}_field") or "") if way == DURATION else "", Kind.INTEGER, schema
    )
    _write_field(block, span.date, str(said.get(f"{span.name}_date") or "") if way == DATE else "", Kind.DATE, schema)
    if way == MANUAL:
        _write_constant(block, span.number, said.get(f"{span.name}_number"))
    _write_constant(block, span.period, said.get(f"{span.name}_period") if way in {DURATION, MANUAL} else None)


def _write_renewal(block: Data, said: Mapping[str, Any], schema: Schema) -> None:
    match said.get("renewal_way"):
        case Renewal.NOTICE:
            path = notice_field(said)
            set_line(block, "auto_renew", path, schema.get(path), transform="is-filled", argument="")
        case Renewal.VALUE:
            path = str(said.get("renewal_field") or "")
            set_line(block, "auto_renew", path, schema.get(path), **_equals(path, said, schema))
        case Renewal.ALWAYS:
            _write_constant(block, "auto_renew", said.get("renewal_answer"))
        case _:
            set_line(block, "auto_renew", "", None)


def notice_field(said: Mapping[str, Any]) -> str:
    """The field of the CRM that holds the notice; empty where none does."""
    names = {DURATION: "notice_field", DATE: "notice_date"}
    return str(said.get(names.get(str(said.get("notice_way")), ""), "") or "")


def _equals(path: str, said: Mapping[str, Any], schema: Schema) -> dict[str, str]:
    field = schema.get(path)
    if field is not None and field.kind is Kind.BOOL:
        return {"transform": "", "argument": ""}
    return {"transform": "equals", "argument": str(said.get("renewal_value") or "")}
