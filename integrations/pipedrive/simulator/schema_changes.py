"""Fields that vanish, come back or change their type while somebody maps them. Named `organization.Healthscore` or by key."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from integrations.simulation.documents import Record

from .book import PipedriveBook
from .errors import v1_error
from .fields import FIELD_KINDS


def hide(book: PipedriveBook, names: Iterable[str]) -> None:
    """Out of sight of the API; what the field holds stays."""
    for name in names:
        record = _field(book, name)
        record.body["hidden"] = True
        _save(book, record)


def show(book: PipedriveBook, names: Iterable[str]) -> None:
    for name in names:
        record = _field(book, name)
        record.body.pop("hidden", None)
        _save(book, record)


def remove(book: PipedriveBook, names: Iterable[str]) -> None:
    for name in names:
        book.remove(_field(book, name))
    book.forget_fields()


def restore(book: PipedriveBook, names: Iterable[str]) -> None:
    """As if an administrator had thought better of it: the values are there again."""
    for name in names:
        book.restore(_field(book, name))
    book.forget_fields()


def retype(book: PipedriveBook, types: Mapping[str, str]) -> None:
    """The key stays, the values are turned where they can be, else they are lost."""
    for name, new in types.items():
        record, (entity, _) = _field(book, name), _parts(name)
        key, old = record.body["key"], record.body["type"]
        record.body["type"] = new
        if new in ("enum", "set"):
            record.body.setdefault("options", [])
        _save(book, record)
        for one in book.find(entity, f"json_extract(body, '$.custom_fields.\"{key}\"') IS NOT NULL"):
            one.body["custom_fields"][key] = _turned(one.body["custom_fields"][key], old, new)
            # No stamp moves: a change of the schema is no change of a record.
            book.execute("UPDATE _record SET body = json(?) WHERE row = ?", (_text(one.body), one.row))


def add_options(book: PipedriveBook, labels: Mapping[str, list[str]]) -> None:
    for name, new in labels.items():
        record, first = _field(book, name), int(book.state("next_option", 1))
        record.body["options"] += [{"id": first + n, "label": label} for n, label in enumerate(new)]
        book.set_state("next_option", first + len(new))
        _save(book, record)


def remove_options(book: PipedriveBook, labels: Mapping[str, list[str]]) -> None:
    """Records keep the number of an option that is no more."""
    for name, going in labels.items():
        record = _field(book, name)
        gone = [o for o in record.body["options"] if o["label"] in going]
        record.body["options"] = [o for o in record.body["options"] if o not in gone]
        record.body["deleted_options"] = [*record.body.get("deleted_options", ()), *gone]
        _save(book, record)


ACTIONS: dict[str, Callable[[PipedriveBook, Any], None]] = {
    "hide_fields": hide, "show_fields": show, "remove_fields": remove, "restore_fields": restore,
    "retype_fields": retype,
    "add_options": add_options, "remove_options": remove_options,
}  # fmt: skip


def _parts(name: str) -> tuple[str, str]:
    entity, _, rest = name.partition(".")
    if entity not in FIELD_KINDS:
        raise v1_error(400, f"{name!r} must begin with one of {', '.join(FIELD_KINDS)}")
    return entity, rest


def _field(book: PipedriveBook, name: str) -> Record:
    entity, rest = _parts(name)
    where = "json_extract(body, '$.key') = ? OR json_extract(body, '$.name') = ?"
    found = book.find(FIELD_KINDS[entity], where, [rest, rest], gone=None)
    if not found:
        raise v1_error(404, f"There is no field {name!r}")
    return found[0]


def _save(book: PipedriveBook, record: Record) -> None:
    book.save(record)
    book.forget_fields()


def _turned(value: Any, old: str, new: str) -> Any:
    plain: Any = value.get("value") if isinstance(value, dict) else value
    try:
        match new:
            case "double":
                return float(plain)
            case "set":
                return plain if isinstance(plain, list) else [int(plain)] if old == "enum" else None
            case "enum":
                return plain[0] if isinstance(plain, list) else None
            case "monetary":
                return {"value": float(plain), "currency": "EUR"}
            case "varchar" | "text" | "varchar_auto" | "phone":
                return str(plain)
    except (TypeError, ValueError, IndexError):
        return None
    return None


def _text(body: Mapping[str, Any]) -> str:
    import orjson

    return orjson.dumps(body).decode()
