"""A written value, checked as Zoho checks it, in the form in which it is kept."""

import re
from collections.abc import Callable
from typing import Any

from .errors import ZohoError, invalid, mandatory
from .field import LOOKUPS, Field
from .moments import parsed, parsed_date, stored

_EXPECTED = {
    "text": "text", "textarea": "text", "picklist": "text", "email": "email", "phone": "phone", "website": "website",
    "multiselectpicklist": "jsonarray", "boolean": "boolean", "integer": "integer", "bigint": "bigint",
    "double": "double",
    "currency": "double", "percent": "double", "date": "date", "datetime": "datetime", "lookup": "jsonobject",
    "ownerlookup": "jsonobject", "userlookup": "jsonobject", "profileimage": "text", "autonumber": "text",
}  # fmt: skip
_EMAIL = re.compile(r"[^@\s\"(),:;<>\[\]]+@[^@\s\"(),:;<>\[\]]+\.[^@\s\"(),:;<>\[\].]+")
_PHONE = re.compile(r"\+?[0-9A-Za-z .\-()#;,/+]+")
_CALL_LENGTH = re.compile(r"\d{1,4}:[0-5]\d")


def kept(field: Field, value: Any, path: str) -> Any:
    """What is stored; None clears. `path` leads to the field: `$.data[1].Last_Name`."""
    if value is None or value == "":
        return None
    checks: dict[str, Callable[[Field, Any, str], Any]] = {
        "boolean": _boolean, "integer": _integer, "bigint": _bigint, "double": _number, "currency": _number,
        "percent": _number, "date": _date, "datetime": _datetime, "multiselectpicklist": _list,
    }  # fmt: skip
    if field.name == "Tag":
        return _tags(field, value, path)
    if field.type in LOOKUPS:
        return _lookup(field, value, path)
    if field.name == "Call_Duration":
        return _duration(field, value, path)
    return checks.get(field.type, _text)(field, value, path)


def wrong(field: Field, path: str) -> ZohoError:
    expected = _EXPECTED.get(field.type, "text")
    return invalid(expected_data_type=expected, api_name=field.name, json_path=path)


def _too_long(field: Field, path: str) -> ZohoError:
    return invalid(maximum_length=field.length, api_name=field.name, json_path=path)


def _text(field: Field, value: Any, path: str) -> str:
    # Values that no option has are taken as they are: an ordinary picklist is not a closed set.
    if not isinstance(value, str):
        raise wrong(field, path)
    if len(value) > field.length:
        raise _too_long(field, path)
    pattern = {"email": _EMAIL, "phone": _PHONE}.get(field.type)
    if pattern and not pattern.fullmatch(value):
        raise wrong(field, path)
    return value


def _boolean(field: Field, value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise wrong(field, path)
    return value


def _integer(field: Field, value: Any, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong(field, path)
    if len(str(abs(value))) > field.length:
        raise _too_long(field, path)
    return value


def _bigint(field: Field, value: Any, path: str) -> str:
    text = str(value)
    if isinstance(value, bool) or not text.lstrip("-").isdecimal():
        raise wrong(field, path)
    if len(text.lstrip("-")) > field.length:
        raise _too_long(field, path)
    return text


def _number(field: Field, value: Any, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong(field, path)
    if len(str(abs(int(value)))) > field.length:
        raise _too_long(field, path)
    return round(value, field.decimals) if field.decimals is not None else value


def _date(field: Field, value: Any, path: str) -> str:
    if parsed_date(value) is None:
        raise wrong(field, path)
    return str(value)


def _datetime(field: Field, value: Any, path: str) -> str:
    moment = parsed(value)
    if moment is None:
        raise wrong(field, path)
    return stored(moment)


def _list(field: Field, value: Any, path: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise wrong(field, path)
    return list(dict.fromkeys(value))


def _tags(field: Field, value: Any, path: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(one, dict) and one.get("name") for one in value):
        raise invalid(expected_data_type="jsonarray", api_name=field.name, json_path=path)
    return [{"name": one["name"]} for one in value]


def _lookup(field: Field, value: Any, path: str) -> str:
    """Only by id: a name says nothing to Zoho."""
    if not isinstance(value, dict):
        raise wrong(field, path)
    if not value.get("id"):
        raise mandatory("id", f"{path}.id")
    if not str(value["id"]).isdecimal():
        raise invalid(expected_data_type="bigint", api_name="id", json_path=f"{path}.id")
    return str(value["id"])


def _duration(field: Field, value: Any, path: str) -> str:
    if not isinstance(value, str) or not _CALL_LENGTH.fullmatch(value):
        raise wrong(field, path)
    if not value.replace("0", "").strip(":"):
        details = {"api_name": field.name, "json_path": path}
        raise ZohoError("DEPENDENT_MISMATCH", "Call Duration can not be zero", details=details)
    return value
