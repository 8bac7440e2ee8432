"""`expand[]`: ids become the objects that they name, up to four levels below."""

from typing import Any

from .account import Account
from .errors import ApiError
from .shapes import Raw, discount, shown

DEEPEST = 4
_NAMES = {
    "customer": "customer",
    "product": "product",
    "price": "price",
    "coupon": "coupon",
    "subscription": "subscription",
}


def expand(account: Account, answer: Raw, paths: Any) -> Raw:
    for path in paths if isinstance(paths, list) else [paths] if paths else []:
        steps = str(path).split(".")
        if len(steps) - (steps[0] == "data") > DEEPEST:
            raise ApiError(400, f"You cannot expand more than {DEEPEST} levels of a property. Property: {path}")
        if steps != ["total_count"]:
            walk(account, answer, steps, str(path))
    return answer


def walk(account: Account, holder: Any, steps: list[str], path: str) -> None:
    if isinstance(holder, list):
        for one in holder:
            walk(account, one, steps, path)
        return
    if not isinstance(holder, dict):
        return
    name, *rest = steps
    if name == "tiers" and holder.get("object") == "price":
        holder["tiers"] = tiers_of(account, holder)
    elif name not in holder:
        raise ApiError(400, f"This property cannot be expanded ({name}).", param="expand")
    else:
        holder[name] = opened(account, holder, name)
    if rest:
        walk(account, holder[name], rest, path)


def opened(account: Account, holder: Raw, name: str) -> Any:
    value = holder[name]
    if name == "discounts" and value and isinstance(value[0], str):
        record = account.store.get("subscription", holder["id"])
        return [discount(record, one) for one in record.body.get("discounts", [])] if record else []
    if name in _NAMES and isinstance(value, str):
        found = account.store.get(_NAMES[name], value)
        return shown(account, found) if found else value
    return value


def tiers_of(account: Account, holder: Raw) -> Any:
    found = account.store.get("price", holder["id"])
    return found.body.get("tiers") if found else None
