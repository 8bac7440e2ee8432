"""Which columns make up a connection's configuration. Credentials live elsewhere; names that sound secret are left out too."""

import re
from typing import Any

from django.apps import apps
from django.db.models import Field

from ..models import Connection
from ..registry import system_of

OPTIONS = (
    "base_url",
    "order",
    "every_minutes",
    "full_every_hours",
    "churn_missing",
    "keep_hierarchy",
    "brake_floor",
    "brake_percent",
    "brake_mrr_percent",
    "reserve_percent",
    "on_field_gone",
    "on_field_retyped",
    "on_field_locked",
    "on_value_new",
    "on_required_new",
)
BLOCK = ("mode", "merge_keys", "ref_is_common", "settings", "on_crm_delete", "on_hub_delete")
"""The field for our key is no part of it: whether that exists is the organisation's own state, and stays with it."""
_SECRET = re.compile(r"secret|passw|token|credential|private|api_?key", re.IGNORECASE)


def model_of(system: str) -> type[Connection]:
    model: type[Connection] = apps.get_model(system_of(system).abilities.connection_model)
    return model


def option_columns() -> dict[str, "Field[Any, Any]"]:
    return {name: Connection._meta.get_field(name) for name in OPTIONS}  # type: ignore[misc]


def own_columns(system: str) -> dict[str, "Field[Any, Any]"]:
    """What the system's child adds and people may set."""
    model = model_of(system)
    columns = () if model is Connection else model._meta.local_fields
    return {c.name: c for c in columns if c.editable and not c.is_relation and not _SECRET.search(c.name)}


def label_columns(system: str) -> dict[str, str]:
    """A column that holds a CRM's id may have a companion that keeps its name as last seen: view → view_label."""
    names = {column.name for column in model_of(system)._meta.local_fields}
    return {name: f"{name}_label" for name in own_columns(system) if f"{name}_label" in names}


def shown_choice(column: "Field[Any, Any]", value: Any) -> Any:
    return dict(column.flatchoices or ()).get(value, value)
