"""What changed under a mapping in the CRM: a field gone or of another kind rests its line, all others go on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from integrations.engine.mapping import Kind
from integrations.hub.fields import fields_of
from integrations.wire.errors import Misconfigured

from .connector import CrmField, Schema
from .models import Block, FieldMapping, OnDrift

if TYPE_CHECKING:
    from .runner.context import Context

GONE, RETYPED = "field-gone", "field-type-changed"
TEXTS = {Kind.ID, Kind.TEXT, Kind.LONG_TEXT, Kind.EMAIL, Kind.DOMAIN, Kind.PHONE, Kind.CHOICE, Kind.PERSON, Kind.LIST}
NUMBERS = {Kind.INTEGER, Kind.NUMBER, Kind.MONEY}


@dataclass(frozen=True, slots=True)
class Drift:
    line: FieldMapping
    code: str
    """Empty: the line is well, or well again."""
    seen: CrmField | None = None


def drift_of(lines: Iterable[FieldMapping], schema: Schema) -> list[Drift]:
    """Only lines whose condition or whose look (label, type) is not what was stored."""
    found = []
    for line in lines:
        if not line.crm_field:
            continue
        seen = schema.get(line.crm_field)
        code = _code(line, seen)
        looks = (seen.label[:255], seen.type[:40]) if seen and not code else (line.crm_label, line.crm_type)
        if (code, *looks) != (line.suspended_code, line.crm_label, line.crm_type):
            found.append(Drift(line, code, seen))
    return found


def note_drift(context: "Context", block: Block, drifts: Sequence[Drift]) -> None:
    """Writes what changed; stops the run where the customers' very ID is lost, or where the connection wants it so."""
    now, policy = timezone.now(), {GONE: context.connection.on_field_gone, RETYPED: context.connection.on_field_retyped}
    taken = [drift for drift in drifts if policy.get(drift.code) == OnDrift.TAKE]
    for drift in taken:
        _store(replace(drift, code=""), now)
        context.count(f"{block.object}.retyped")
    lost = [drift for drift in drifts if drift.code and drift not in taken]
    stops = [drift for drift in lost if policy[drift.code] == OnDrift.STOP or _names_customers(block, drift)]
    if stops:
        # Nothing is written: the next run finds the same until somebody maps another field, or the field is back.
        [drift, *_others] = stops
        raise Misconfigured(drift.code, drift.line.crm_label or drift.line.crm_field, fields=(drift.line.crm_field,))
    for drift in drifts:
        if drift not in taken:
            _store(drift, now)
    context.count(f"{block.object}.suspended", len(lost))


def _names_customers(block: Block, drift: Drift) -> bool:
    return block.object == "customers" and drift.line.hub_field == "ref_id"


def may_become(crm: Kind, hub: Kind) -> bool:
    """Whether values of the CRM's kind can be read as the hub's; what a single value holds is the reading's to say."""
    if crm is hub or hub in {Kind.TEXT, Kind.LONG_TEXT, Kind.ID, Kind.CHOICE, Kind.LIST}:
        return True
    if hub in NUMBERS:
        return crm in NUMBERS
    if hub is Kind.BOOL:
        return crm in TEXTS | NUMBERS
    return hub in TEXTS and crm in TEXTS


def _code(line: FieldMapping, seen: CrmField | None) -> str:
    if seen is None:
        return GONE
    if not line.crm_type or line.crm_type == seen.type:
        # A line that never worked is the mapping page's to refuse, not a drift.
        return ""
    return "" if line.transform or may_become(seen.kind, _hub_kind(line)) else RETYPED


def _hub_kind(line: FieldMapping) -> Kind:
    field = fields_of(line.block.object).get(line.hub_field)
    return field.kind if field else Kind.TEXT


def _store(drift: Drift, now: datetime) -> None:
    columns: dict[str, Any] = {"suspended_code": drift.code, "suspended_at": now if drift.code else None}
    if drift.seen and not drift.code:
        columns |= {"crm_label": drift.seen.label[:255], "crm_type": drift.seen.type[:40]}
    FieldMapping.objects.filter(pk=drift.line.pk).update(**columns)
