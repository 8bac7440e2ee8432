"""Custom fields of the account: which there are, which this caller sees, and what each type takes for a value."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from integrations.simulation.documents import Record

from .account import Account
from .errors import UNEXPECTED, invalid
from .rules import CHOICE, EMAIL, FLAG, URL, Rule, complaint, text
from .times import is_clock, is_day

Told = dict[str, Any]
OBJECTS = ("client", "prospect", "supplier", "contact", "opportunity")
TYPES = (
    "simple-text", "rich-text", "email", "url", "numeric", "date", "time", "amount", "numeric-with-unit", "radio", "select",
    "checkbox", "boolean", "company-individual", "contact", "staff", "item",
)  # fmt: skip
_PARAMETERS: dict[str, Told] = {
    "simple-text": {"default_value": None, "char_min": None, "char_max": None},
    "rich-text": {"default_value": None, "char_min": None, "char_max": None},
    "email": {"default_value": None},
    "url": {"default_value": None},
    "numeric": {"default_value": None, "min_value": None, "max_value": None},
    "date": {"min_date": None, "max_date": None},
    "time": {"min_hour": None, "max_hour": None},
    "amount": {"default_value": None, "min_value": None, "max_value": None, "currency": "EUR"},
    "numeric-with-unit": {"default_value": None, "min_value": None, "max_value": None, "unit": None},
    "radio": {"items": []},
    "select": {"items": []},
    "checkbox": {"min": None, "max": None, "items": []},
    "boolean": {"default_value": False},
    "company-individual": {
        "number_of_values": 1, "client": True, "prospect": True, "supplier": True, "address_on_pdf": False,
        "email_on_pdf": False, "phone_on_pdf": False, "mobile_on_pdf": False,
    },
    "contact": {
        "number_of_values": 1, "address_on_pdf": False, "email_on_pdf": False, "phone_on_pdf": False, "mobile_on_pdf": False,
    },
    "staff": {"number_of_values": 1, "email_on_pdf": False, "phone_on_pdf": False, "mobile_on_pdf": False},
    "item": {"number_of_values": 1, "product": True, "service": True},
}  # fmt: skip


def definition(
    sort: str,
    name: str,
    code: str,
    related_objects: list[str],
    *,
    mandatory: bool = False,
    rank: int = 0,
    **parameters: Any,
) -> Told:
    """In the recorded order. The vendor's document writes `related_object`; answers have the plural."""
    return {
        "type": sort,
        # A list of its own: choices that are added to one field are not those of all.
        "parameters": {**deepcopy(_PARAMETERS[sort]), **parameters},
        "name": name,
        "code": code,
        "description": "",
        "mandatory": mandatory,
        "rank": rank,
        "related_objects": related_objects,
        "show_on_pdf": False,
        "customfield_group": {"id": 0, "name": "", "code": "", "open_by_default": True},
    }


def choices(account: Account, labels: list[str], checked: str | None = None) -> list[Told]:
    """Ids of choices are counted over all fields of the account (recorded)."""
    return [
        {"id": account.store.next_number("choice"), "label": label, "checked": label == checked, "rank": rank}
        for rank, label in enumerate(labels)
    ]


def tell(record: Record) -> Told:
    body = record.body
    return {"type": body["type"], "parameters": body["parameters"], "id": int(record.id), **_rest(body)}


def _rest(body: Told) -> Told:
    return {name: value for name, value in body.items() if name not in {"type", "parameters"}}


def visible(account: Account) -> list[Record]:
    """Hidden from this caller, or removed from the account: either way it is not there."""
    away = set(account.store.state("hidden_fields", [])) | set(account.store.state("removed_fields", []))
    return [one for one in account.store.all("custom-field") if one.body["code"] not in away]


def object_of(record: Record) -> str:
    """Fields are made for clients, prospects or suppliers, not for companies as such."""
    return str(record.body.get("type")) if record.kind in {"company", "individual"} else record.kind


def with_values(record: Record, fields: list[Record]) -> list[Told]:
    of, values = object_of(record), record.body.get("cf") or {}
    return [
        {"value": values.get(one.id), **tell(one)} for one in fields if of in one.body["related_objects"]
    ]  # fmt: skip


# --- Writing -----------------------------------------------------------------------------------------------------------
def write(account: Account, record: Record, sent: Any) -> None:
    """All or nothing: the values are checked together, then set together."""
    if not isinstance(sent, list):
        raise invalid({"body": "Cette valeur doit être de type array"})
    of = object_of(record)
    known = {int(one.id): one for one in visible(account) if of in one.body["related_objects"]}
    values, problems = dict(record.body.get("cf") or {}), {}
    for place, one in enumerate(sent):
        if not isinstance(one, dict) or set(one) != {"id", "value"} or one["id"] not in known:
            problems[f"[{place}].id"] = UNEXPECTED
            continue
        field = known[one["id"]]
        value, said = accepted(account, field.body, one["value"])
        if said:
            problems[f"[{place}].value"] = said
        values[field.id] = value
    if problems:
        raise invalid(problems)
    record.body["cf"] = values


def accepted(account: Account, body: Told, value: Any) -> tuple[Any, str | None]:
    """What is kept, or what is said against it."""
    if value is None:
        return None, "Cette valeur ne doit pas être vide" if body["mandatory"] else None
    return _TAKES[body["type"]](account, body["parameters"], value)


def _text(rule: Rule) -> Callable[..., tuple[Any, str | None]]:
    return lambda _account, _parameters, value: (value, complaint(rule, value))


def _number_text(value: Any) -> str | None:
    if not isinstance(value, str):
        return "Cette valeur doit être de type string"
    try:
        float(value)
    except ValueError:
        return "Cette valeur n'est pas un nombre valide"
    return None


def _numeric(_account: Account, _parameters: Told, value: Any) -> tuple[Any, str | None]:
    return value, _number_text(value)


def _pair(number: str, other: str) -> Callable[..., tuple[Any, str | None]]:
    """An amount with its currency, a number with its unit: both keys, no other."""

    def take(_account: Account, _parameters: Told, value: Any) -> tuple[Any, str | None]:
        if not isinstance(value, dict) or set(value) != {number, other}:
            return value, "Cette valeur n'est pas valide"
        return value, None if value[number] is None else _number_text(value[number])

    return take


def _moment(fits: Callable[[object], bool]) -> Callable[..., tuple[Any, str | None]]:
    return lambda _account, _parameters, value: (value, None if fits(value) else "Cette valeur n'est pas valide")


def _one_choice(_account: Account, parameters: Told, value: Any) -> tuple[Any, str | None]:
    known = {one["id"] for one in parameters["items"]}
    return value, None if _is_id(value) and value in known else CHOICE


def _some_choices(_account: Account, parameters: Told, value: Any) -> tuple[Any, str | None]:
    known = {one["id"] for one in parameters["items"]}
    fits = isinstance(value, list) and all(_is_id(one) and one in known for one in value)
    return value, None if fits else CHOICE


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _records(*kinds: str) -> Callable[..., tuple[Any, str | None]]:
    def take(account: Account, parameters: Told, value: Any) -> tuple[Any, str | None]:
        if not isinstance(value, list) or not all(_is_id(one) for one in value):
            return value, "Cette valeur doit être de type array"
        if len(value) > parameters["number_of_values"]:
            return value, f"Cette collection doit contenir {parameters['number_of_values']} élément(s) ou moins"
        found = {kind: account.store.many(kind, value) for kind in kinds}
        if not all(any(str(one) in there for there in found.values()) for one in value):
            return value, CHOICE
        if kinds[0] != "company":
            return value, None
        # Written as bare ids, read with their type: a company before an individual of the same number.
        return [
            {"type": next(kind for kind in kinds if str(one) in found[kind]), "id": one} for one in value
        ], None  # fmt: skip

    return take


_TAKES: dict[str, Callable[..., tuple[Any, str | None]]] = {
    "simple-text": _text(text(250)),
    "rich-text": _text(text(65_000)),
    "email": _text(EMAIL),
    "url": _text(URL),
    "numeric": _numeric,
    "date": _moment(is_day),
    "time": _moment(is_clock),
    "amount": _pair("amount", "currency"),
    "numeric-with-unit": _pair("number", "unit_id"),
    "radio": _one_choice,
    "select": _one_choice,
    "checkbox": _some_choices,
    "boolean": _text(FLAG),
    "company-individual": _records("company", "individual"),
    "contact": _records("contact"),
    "staff": _records("staff"),
    "item": _records("item"),
}
