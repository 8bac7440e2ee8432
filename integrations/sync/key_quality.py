"""How well each possible merge key tells hub rows apart, measured on the rows as they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from integrations.hub.fields import HubField
from integrations.hub.models import Agreement, Contact, Customer, CustomField, CustomKey, Interaction

COLUMNS = {"ref_id": "ref_id", "name": "name_key", "domain": "domain_key", "email": "email_key"}
MODELS: dict[str, Any] = {"customers": Customer, "contacts": Contact, "agreements": Agreement}
TYPES = {"emails": "email", "meetings": "meeting", "calls": "call", "notes": "note"}
"""Data types that share the table of interactions."""


@dataclass(frozen=True, slots=True)
class Quality:
    rows: int
    filled: int
    distinct: int

    @property
    def filled_percent(self) -> float:
        return round(100 * self.filled / self.rows, 1) if self.rows else 0.0

    @property
    def repeated(self) -> int:
        """Rows beyond the first that carry a value."""
        return self.filled - self.distinct


def quality_of(object_name: str, fields: Mapping[str, HubField]) -> dict[str, Quality]:
    """Two statements: one over the rows, one over the team's own keys."""
    columns = {name: COLUMNS[name] for name, field in fields.items() if field.key and name in COLUMNS}
    counts: dict[str, Any] = {"rows": Count("pk")}
    for name, column in columns.items():
        counts[f"{name}_filled"] = Count("pk", filter=~Q(**{column: ""}))
        counts[f"{name}_distinct"] = Count(column, distinct=True, filter=~Q(**{column: ""}))
    kept = Interaction.objects.filter(type=TYPES[object_name]) if object_name in TYPES else MODELS[object_name].objects
    found = kept.aggregate(**counts)
    measured = {n: Quality(found["rows"], found[f"{n}_filled"], found[f"{n}_distinct"]) for n in columns}
    return measured | _own(object_name, found["rows"])


def _own(object_name: str, rows: int) -> dict[str, Quality]:
    counted = {
        key: Quality(rows, filled, distinct)
        for key, filled, distinct in CustomKey.objects.filter(field__entity=object_name)
        .values_list("field__key")
        .annotate(filled=Count("pk"), distinct=Count("value", distinct=True))
    }
    keys = CustomField.objects.filter(entity=object_name, is_key=True).values_list("key", flat=True)
    return {f"custom.{key}": counted.get(key, Quality(rows, 0, 0)) for key in keys}
