"""What a fresh account holds before anybody works in it: its fields, activity types and labels of leads."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from .book import PipedriveBook
from .fields import FIELD_KINDS, custom_body
from .system_fields import FIRST_NUMBER, INDUSTRIES, LABELS, STATUSES, SYSTEM_FIELDS, VISIBILITIES, SystemField

ACTIVITY_TYPES = ("call", "meeting", "task", "deadline", "email", "lunch")
_LEAD_LABELS = (("Hot", "red"), ("Warm", "yellow"), ("Cold", "blue"))
Option = dict[str, Any]


def furnish(book: PipedriveBook, at: datetime) -> None:
    for entity, kind in FIELD_KINDS.items():
        rows = [
            (FIRST_NUMBER[entity] + n, {**_body(book, entity, field), "order": n + 1}, at, at)
            for n, field in enumerate(SYSTEM_FIELDS[entity])
        ]
        book.load(kind, rows)
    types: list[dict[str, Any]] = [
        {"order_nr": n, "name": key.capitalize(), "key_string": key, "icon_key": key, "color": "FFFFFF"}
        for n, key in enumerate(ACTIVITY_TYPES, 1)
    ]
    book.load("activityType", [(body["order_nr"], body, at, at) for body in types])
    labels = [
        (str(uuid.uuid5(uuid.NAMESPACE_DNS, name)), {"name": name, "color": color}, at, at)
        for name, color in _LEAD_LABELS
    ]
    book.load("leadLabel", labels)
    book.forget_fields()


def make_field(
    book: PipedriveBook,
    entity: str,
    name: str,
    kind: str,
    labels: Iterable[str] | None = None,
    *,
    key: str,
    at: datetime,
) -> dict[str, int]:
    """A field as a customer of the vendor makes one; answers its options by their labels."""
    options = None if labels is None else numbered(book, labels)
    body = custom_body(name, kind, options, key)
    book.load(FIELD_KINDS[entity], [(book.next_number(FIELD_KINDS[entity]), body, at, at)])
    book.forget_fields()
    return {option["label"]: option["id"] for option in options or ()}


def numbered(book: PipedriveBook, labels: Iterable[str]) -> list[Option]:
    first = int(book.state("next_option", 1))
    options = [{"id": first + n, "label": label} for n, label in enumerate(labels)]
    book.set_state("next_option", first + len(options))
    return options


def _body(book: PipedriveBook, entity: str, field: SystemField) -> dict[str, Any]:
    body: dict[str, Any] = {
        "key": field.key, "name": field.name, "type": field.type, "mandatory": field.mandatory,
        "editable": field.editable,
        "optional": field.optional,
    }  # fmt: skip
    options = _options(book, entity, field.key)
    return {**body, "options": options} if options else body


def _options(book: PipedriveBook, entity: str, key: str) -> list[Option]:
    match key:
        case "label_ids":
            colors = ("green", "red", "yellow", "blue")
            found = numbered(book, LABELS[entity])
            return [{**option, "color": color} for option, color in zip(found, colors, strict=False)]
        case "industry":
            return numbered(book, INDUSTRIES)
        case "status":
            return [{"id": code, "label": label} for code, label in STATUSES]
        case "visible_to":
            return [{"id": code, "label": label} for code, label in VISIBILITIES]
        case "type":
            return [{"id": key, "label": key.capitalize()} for key in ACTIVITY_TYPES]
    return []
