"""What a run does about a schema that moved: it rests the line, stops, or goes on and tells, as the connection says."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils import timezone

from integrations.hub.fields import fields_of
from integrations.wire.errors import Misconfigured

from ..connector import CrmField, Schema
from ..drift import (
    GONE,
    KEY_GONE,
    LOCKED,
    LOST,
    REQUIRED,
    RETYPED,
    VALUE,
    Drift,
    drift_of,
    required_in,
    shows,
    unfilled,
)
from ..fit import successors
from ..key_fields import note_back, note_gone
from ..models import Block, Connection, FieldMapping, OnDrift
from ..rules import HubTerms
from ..store.marks import OUTWARD
from .context import Context


class DriftStops(Misconfigured):
    """The run ends before it reads anything: nothing is stored, so that the next one finds the same."""

    def __init__(self, object_name: str, code: str, message: str, fields: tuple[str, ...]) -> None:
        super().__init__(code, message, fields=fields)
        self.object = object_name


def watch_schema(context: Context, block: Block, schema: Schema, terms: HubTerms) -> None:
    lines = list(block.lines.all())
    for line in lines:
        line.block = block
    _note_lines(context, block, lines, schema, terms)
    _note_required(context, block, lines, schema)
    _note_key(context, block, schema)


def _policies(connection: Connection) -> dict[str, str]:
    return {
        GONE: connection.on_field_gone,
        RETYPED: connection.on_field_retyped,
        LOCKED: connection.on_field_locked,
        VALUE: connection.on_value_new,
        REQUIRED: connection.on_required_new,
    }


def _note_lines(context: Context, block: Block, lines: Sequence[FieldMapping], schema: Schema, terms: HubTerms) -> None:
    policy, now = _policies(context.connection), timezone.now()
    # What rests already was told; a policy that has come to go on wakes it.
    drifts = [
        one
        for one in drift_of(block, lines, schema, terms)
        if not one.rests_already or policy[one.code] == OnDrift.TAKE or one.detail != one.line.drift_detail
    ]
    for drift in drifts:
        if not drift.rests_already and (policy.get(drift.code) == OnDrift.STOP or _names_customers(block, drift)):
            label = drift.line.crm_label or drift.line.crm_field
            said = f"{label}: {drift.detail}" if drift.code == VALUE else label
            raise DriftStops(block.object, drift.code, said, (drift.line.crm_field,))
    for drift in drifts:
        if drift.code and policy[drift.code] != OnDrift.TAKE:
            _rest(drift, lines, schema, now)
            context.count(f"{block.object}.suspended")
        else:
            _go_on(drift, now)
            context.count(f"{block.object}.{COUNTED.get(drift.code, '')}", int(bool(drift.code)))
    FieldMapping.objects.bulk_update([drift.line for drift in drifts], NOTED)


NOTED = (
    "crm_label", "crm_type", "crm_choices", "crm_writable", "suspended_code", "suspended_at", "noticed_code", "noticed_at",
    "drift_detail", "successors",
)  # fmt: skip
COUNTED = {RETYPED: "retyped", LOCKED: "locked", VALUE: "new-values"}


def _names_customers(block: Block, drift: Drift) -> bool:
    """Without the ID of the customers nothing can be told apart."""
    return drift.code in LOST and block.object == "customers" and drift.line.hub_field == "ref_id"


def _rest(drift: Drift, lines: Iterable[FieldMapping], schema: Schema, now: datetime) -> None:
    """Its last looks stay: by them the next run sees whether the field is back as it was."""
    line = drift.line
    line.suspended_code, line.suspended_at = drift.code, line.suspended_at or now
    line.noticed_code, line.noticed_at = "", None
    line.drift_detail = drift.detail
    line.successors = [[field.path, field.label] for field in _heirs(drift, lines, schema)]


def _heirs(drift: Drift, lines: Iterable[FieldMapping], schema: Schema) -> list[CrmField]:
    line = drift.line
    hub = fields_of(line.block.object).get(line.hub_field)
    if hub is None or drift.code not in LOST:
        return []
    return successors(
        line.crm_label, line.crm_field, hub, schema, [other.crm_field for other in lines], type_=line.crm_type,
        values=line.crm_choices or list(line.value_map),
    )  # fmt: skip


def _go_on(drift: Drift, now: datetime) -> None:
    line, looks = drift.line, drift.looks
    line.crm_label, line.crm_type = looks.label, looks.type
    line.crm_choices, line.crm_writable = looks.choices, looks.writable
    line.suspended_code, line.suspended_at, line.successors = "", None, []
    if drift.code:
        line.noticed_code, line.noticed_at, line.drift_detail = drift.code, now, drift.detail


def _note_required(context: Context, block: Block, lines: Sequence[FieldMapping], schema: Schema) -> None:
    now_required = sorted(required_in(schema))
    known = now_required if block.crm_required is None else block.crm_required
    ability = context.abilities.of(block.object)
    new = unfilled(block, lines, schema, ability, known)
    if new and _policies(context.connection)[REQUIRED] == OnDrift.STOP:
        raise DriftStops(block.object, REQUIRED, ", ".join(new.values()), tuple(new))
    # What was told before stands as long as it is true.
    told = {
        path: label for path, label in block.required_new.items() if path in unfilled(block, lines, schema, ability, ())
    }
    all_new = told | new
    if (now_required, all_new) == (block.crm_required, block.required_new):
        return
    since = (block.required_at or timezone.now()) if all_new else None
    Block.objects.filter(pk=block.pk).update(crm_required=now_required, required_new=all_new, required_at=since)
    context.count(f"{block.object}.newly-required", len(new))


def _note_key(context: Context, block: Block, schema: Schema) -> None:
    """Noticed before a record is made: every one would be refused for a field that is gone."""
    if not block.key_field or block.mode not in OUTWARD:
        return
    is_there, now = shows(schema, block.key_field), timezone.now()
    if is_there and block.key_gone_at is not None:
        note_back(block)
    elif not is_there and block.key_gone_at is None:
        if _policies(context.connection)[GONE] == OnDrift.STOP:
            raise DriftStops(block.object, KEY_GONE, block.key_field, (block.key_field,))
        note_gone(block, now)
