"""Field metadata in v2: what fields there are, making one, its options; a field's number and times are not told here."""

from collections.abc import Callable
from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from .account import Account
from .errors import PLAIN, capped, forbidden, invalid, v2_missing
from .fields import CHOICES, FIELD_KINDS, MAKEABLE, Field, custom_body, subfields
from .lists import Where, page
from .objects import at

ENTITIES = {
    "organizationFields": "organization", "personFields": "person", "dealFields": "deal", "activityFields": "activity",
}  # fmt: skip
MOST_OPTIONS = 10_000
_BODY = {"field_name", "field_type", "options", "ui_visibility", "important_fields", "required_fields", "description"}
_ON_DEMAND = ("ui_visibility", "important_fields", "required_fields")
Row = dict[str, Any]


def list_fields(account: Account, request: Request, plural: str) -> Response:
    entity, where = ENTITIES[plural], Where()
    where.add(f"{at('hidden')} IS NULL")
    found = page(account, FIELD_KINDS[entity], request, where)
    return found.answer(
        [row(Field.of(record), request.query.get("include_fields", ""), entity) for record in found.records]
    )


def read_field(account: Account, request: Request, plural: str, code: str) -> Response:
    field = Field.of(_record(account, ENTITIES[plural], code))
    return _answer(row(field, request.query.get("include_fields", ""), ENTITIES[plural]))


def create_field(account: Account, request: Request, plural: str) -> Response:
    entity, given = ENTITIES[plural], request.record
    _may_customize(account, request)
    _check(given)
    kind, name = given["field_type"], given["field_name"]
    cap = account.setting("field_cap")
    if cap and sum(f.custom for one in FIELD_KINDS for f in account.book.fields(one)) >= cap:
        raise capped("Couldn't add the field. Custom fields limit reached.", "feature_capping_custom_fields_limit")
    options = None
    if kind in CHOICES:
        first = next_option(account)
        options = [{"id": first + n, "label": one["label"]} for n, one in enumerate(given["options"])]
        _used_options(account, len(options))
    # A second field of the same name is made without a word: only the code tells them apart.
    body = custom_body(name, kind, options)
    body |= {
        "description": given.get("description"),
        "required": bool((given.get("required_fields") or {}).get("enabled")),
    }
    record = account.book.add(FIELD_KINDS[entity], body)
    account.book.forget_fields()
    return _answer(row(Field.of(record), ",".join(_ON_DEMAND), ENTITIES[plural]))


def update_field(account: Account, request: Request, plural: str, code: str) -> Response:
    _may_customize(account, request)
    record, given = _record(account, ENTITIES[plural], code), request.record
    if unknown := [key for key in given if key not in _BODY - {"field_type", "options"}]:
        raise invalid(*(f"{key}: Parameter '{key}' is not allowed for this request" for key in unknown))
    if "field_name" in given:
        record.body["name"] = given["field_name"]
    if "required_fields" in given:
        record.body["required"] = bool(given["required_fields"].get("enabled"))
    _save(account, record)
    return _answer(row(Field.of(record), ",".join(_ON_DEMAND), ENTITIES[plural]))


def delete_field(account: Account, request: Request, plural: str, code: str) -> Response:
    """The column goes, and with it what it held."""
    _may_customize(account, request)
    record = _record(account, ENTITIES[plural], code)
    if not record.body.get("custom"):
        raise forbidden("System fields cannot be deleted.")
    shown = row(Field.of(record), "")
    drop(account, ENTITIES[plural], record)
    return _answer(shown)


def drop(account: Account, entity: str, record: Record) -> None:
    account.book.remove(record)
    path = f'$.custom_fields."{record.body["key"]}"'
    account.book.execute("UPDATE _record SET body = json_remove(body, ?) WHERE kind = ?", (path, entity))
    account.book.forget_fields()


# --- Options: an array, all or none -----------------------------------------------------------------------------------
def add_options(account: Account, request: Request, plural: str, code: str) -> Response:
    def add(record: Record, given: list[Row]) -> list[Row]:
        first = next_option(account)
        made = [{"id": first + n, "label": one["label"]} for n, one in enumerate(given)]
        if len(record.body["options"]) + len(made) > MOST_OPTIONS:
            raise invalid(f"options: a maximum of {MOST_OPTIONS} options is allowed")
        _used_options(account, len(made))
        record.body["options"] += made
        return made

    return _change_options(account, request, plural, code, {"label"}, add)


def update_options(account: Account, request: Request, plural: str, code: str) -> Response:
    def rename(record: Record, given: list[Row]) -> list[Row]:
        new = {one["id"]: one["label"] for one in given}
        changed = [o for o in record.body["options"] if o["id"] in new]
        for option in changed:
            option["label"] = new[option["id"]]
        return changed

    return _change_options(account, request, plural, code, {"id", "label"}, rename)


def delete_options(account: Account, request: Request, plural: str, code: str) -> Response:
    def take_away(record: Record, given: list[Row]) -> list[Row]:
        going = {one["id"] for one in given}
        gone = [o for o in record.body["options"] if o["id"] in going]
        record.body["options"] = [o for o in record.body["options"] if o["id"] not in going]
        record.body["deleted_options"] = [*record.body.get("deleted_options", ()), *gone]
        return gone

    return _change_options(account, request, plural, code, {"id"}, take_away)


def _change_options(
    account: Account, request: Request, plural: str, code: str, keys: set[str],
    change: Callable[[Record, list[Row]], list[Row]],
) -> Response:  # fmt: skip
    record, given = _record(account, ENTITIES[plural], code), request.json
    if record.body["type"] not in CHOICES:
        raise invalid("field_code: Field has no options")
    if not isinstance(given, list) or not given or not all(isinstance(o, dict) and set(o) == keys for o in given):
        raise invalid(f"options: Expected an array of objects with {', '.join(sorted(keys))}")
    known = {o["id"] for o in record.body["options"]}
    if "id" in keys and (unknown := [o["id"] for o in given if o["id"] not in known]):
        raise v2_missing(f"Option {unknown[0]}")
    changed = change(record, given)
    _save(account, record)
    return Response({"success": True, "data": changed, "additional_data": None}, content_type=PLAIN)


def next_option(account: Account) -> int:
    """Options count through the whole account: no two fields share a number."""
    return int(account.book.state("next_option", 1))


def _used_options(account: Account, count: int) -> None:
    account.book.set_state("next_option", next_option(account) + count)


# --- Shapes and checks ------------------------------------------------------------------------------------------------
def row(field: Field, include: str, entity: str = "") -> Row:
    parts = subfields(field)
    found: Row = {
        "field_name": field.name, "field_code": field.key, "description": field.description, "field_type": field.type,
        "options": [dict(o) for o in field.options] if field.options or field.type in CHOICES else None,
        "subfields": None if parts is None else [_part(*one) for one in parts],
        "is_custom_field": field.custom, "is_optional_response_field": field.optional,
    }  # fmt: skip
    on_demand: Row = {
        "ui_visibility": {"add_visible_flag": field.custom, "details_visible_flag": True, **_VISIBLE.get(entity, {})},
        "important_fields": {"enabled": False, "stage_ids": []},
        # Required in the app's forms: a write over the API that leaves it out is taken.
        "required_fields": {"enabled": field.required},
    }
    return {**found, **{name: on_demand[name] for name in include.split(",") if name in on_demand}}


_SHOWN = {"show": False, "order": None}
_VISIBLE: dict[str, Row] = {
    "organization": {
        "org_detail_visible_flag": True, "person_detail_visible_flag": False, "deal_detail_visible_flag": False,
        "show_in_add_deal_dialog": _SHOWN, "show_in_add_person_dialog": _SHOWN,
    },
    "deal": {"projects_detail_visible_flag": False, "show_in_pipelines": {"show_in_all": True, "pipeline_ids": []}},
}  # fmt: skip
"""Where the app shows a field, beside what all fields have."""


def _part(code: str, name: str, kind: str) -> Row:
    return {"field_code": code, "field_name": name, "field_type": kind}


def _check(given: Row) -> None:
    complaints = [f"{key}: Parameter '{key}' is not allowed for this request" for key in given if key not in _BODY]
    complaints += [
        f"{key}: Parameter '{key}' is required" for key in ("field_name", "field_type") if not given.get(key)
    ]  # fmt: skip
    kind, options = given.get("field_type"), given.get("options")
    if kind and kind not in MAKEABLE:
        complaints.append(f"field_type: Parameter 'field_type' must be one of {', '.join(MAKEABLE)}")
    sound = isinstance(options, list) and bool(options) and all(isinstance(o, dict) and o.get("label") for o in options)
    if kind in CHOICES and not sound:
        complaints.append("options: Parameter 'options' is required")
    if complaints:
        raise invalid(*complaints)


def _may_customize(account: Account, request: Request) -> None:
    if account.faults.may_not_customize or not account.asker(request).is_admin:
        raise forbidden("You do not have permission to edit fields.")


def _record(account: Account, entity: str, code: str) -> Record:
    found = account.book.find(FIELD_KINDS[entity], f"{at('key')} = ? AND {at('hidden')} IS NULL", [code])
    if not found:
        raise v2_missing("Field")
    return found[0]


def _save(account: Account, record: Record) -> None:
    account.book.save(record)
    account.book.forget_fields()


def _answer(shown: Row) -> Response:
    return Response({"success": True, "data": shown}, content_type=PLAIN)
