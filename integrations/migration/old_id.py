"""The old CRM's ID: of which type it is there, which field here keeps it, and which line brings it in."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from integrations.hub.models import Customer, CustomField, CustomKey
from integrations.sync.models import Block, DataType, FieldMapping, Run
from integrations.sync.registry import system_of

from .facts import to_move
from .models import Move

Type = CustomField.Type
CUSTOM = "custom."
ENTITY = "customers"
FITTING = (Type.STRING, Type.NUMBER)


def is_number(move: Move) -> bool:
    return system_of(move.old.system).abilities.ids_are_numbers


def label(move: Move) -> str:
    """“Salesforce ID”: as people of either CRM would call it."""
    return f"{system_of(move.old.system).abilities.label} ID"


def hub_type(move: Move) -> Type:
    return Type.NUMBER if is_number(move) else Type.STRING


def fields(move: Move) -> QuerySet[CustomField]:
    """Those of this type that may keep it."""
    return CustomField.objects.filter(entity=ENTITY, type=hub_type(move))


def field_of(move: Move) -> CustomField | None:
    key = move.old_id_field.removeprefix(CUSTOM)
    return CustomField.objects.filter(entity=ENTITY, key=key).first() if key else None


def block_of(move: Move) -> Block | None:
    return Block.objects.filter(connection=move.old_id, object=DataType.CUSTOMERS).first()


def id_path(move: Move) -> str:
    """The field of the old CRM that holds a record's own ID: what the customer ID is mapped to."""
    lines = FieldMapping.objects.filter(block__connection=move.old_id, block__object=DataType.CUSTOMERS)
    return lines.filter(hub_field="ref_id").values_list("crm_field", flat=True).first() or ""


def mapped_lines(move: Move) -> QuerySet[FieldMapping]:
    """The line by which the field fills itself."""
    if not move.old_id_field:
        return FieldMapping.objects.none()
    lines = FieldMapping.objects.filter(block__connection=move.old_id, block__object=DataType.CUSTOMERS)
    return lines.filter(hub_field=move.old_id_field)


def synced_since_mapped(move: Move) -> Run | None:
    """The last finished run of the old connection, where the line stood in its configuration already."""
    through = Run.objects.filter(
        connection=move.old_id, slot=Run.Slot.REAL, state__in=[Run.State.DONE, Run.State.HELD]
    ).exclude(kind=Run.Kind.UNDO)  # fmt: skip
    last = through.order_by("-pk").first()
    if last is None:
        return None
    version = move.old.versions.filter(number=last.version).first()
    return last if version is not None and has_line(version.data, move.old_id_field) else None


def has_line(data: dict[str, Any], hub_field: str) -> bool:
    lines: Sequence[dict[str, Any]] = data.get("blocks", {}).get(DataType.CUSTOMERS.value, {}).get("lines", ())
    return any(line["hub"] == hub_field for line in lines)


def blank(move: Move) -> QuerySet[Customer]:
    """Customers to move whose field holds nothing."""
    return to_move(move).exclude(Exists(_kept(move).exclude(value="")))


def different(move: Move) -> QuerySet[Customer]:
    """Those that hold another ID than that of the record they are linked to."""
    return to_move(move).filter(Exists(_kept(move).exclude(value="").exclude(value=OuterRef("old_id"))))


def _kept(move: Move) -> QuerySet[CustomKey]:
    keys = CustomKey.objects.filter(field__entity=ENTITY, field__key=move.old_id_field.removeprefix(CUSTOM))
    return keys.filter(row_id=OuterRef("pk"))
