"""Stripe's JSON as the engine knows it: which value stands behind a path, and whose record it is."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.utils import timezone

from integrations.engine.compare import is_generic, normal_domain
from integrations.engine.records import Record
from integrations.engine.values import Value

from .mrr import Worth, status_of, worth_of

METADATA = "metadata."
DOMAIN_KEYS = ("domain", "website", "company_domain")
"""Under which a team keeps a customer's domain, where it does; else the e-mail address tells it."""
OF_WORTH = frozenset({"mrr", "monthly", "mrr_why"})
Raw = Mapping[str, Any]


def customer(row: Raw, paths: Iterable[str], changed: datetime | None = None) -> Record:
    values: dict[str, Value] = {path: _of_customer(row, path) for path in paths}
    name = str(row.get("name") or row.get("email") or row["id"])
    return Record(str(row["id"]), values, changed, name)


def _of_customer(row: Raw, path: str) -> Value:
    match path:
        case "domain":
            return domain_of(row)
        case "delinquent":
            return bool(row.get("delinquent"))
        case "created":
            return moment(row.get("created"))
        case "currency":
            return text(row.get("currency")).upper() or None
    return plain(row, path)


def domain_of(row: Raw) -> str | None:
    """One that strangers share is nobody's: it neither recognises a customer nor fills a blank."""
    metadata = row.get("metadata") or {}
    said = next((text(metadata[key]) for key in DOMAIN_KEYS if metadata.get(key)), "")
    domain = normal_domain(said or text(row.get("email")))
    return None if not domain or is_generic(domain) else domain


def subscription(row: Raw, paths: Sequence[str], changed: datetime | None = None) -> Record:
    worth = worth_of(row) if OF_WORTH & set(paths) else None
    values: dict[str, Value] = {path: _of_subscription(row, path, worth) for path in paths}
    owner = row.get("customer")
    owner = owner.get("id") if isinstance(owner, Mapping) else owner
    return Record(
        str(row["id"]), values, changed, plan_of(row) or str(row["id"]), customer_ids=(str(owner),) if owner else ()
    )


def _of_subscription(row: Raw, path: str, worth: Worth | None) -> Value:
    if worth is not None and path in OF_WORTH:
        return {"mrr": worth.mrr, "monthly": worth.monthly, "mrr_why": tuple(worth.why) or None}[path]
    match path:
        case "plan":
            return plan_of(row) or None
        case "starts":
            return starts(row)
        case "ends":
            return day(ends_at(row))
        case "renews":
            return ends_at(row) is None
        case "start_date" | "trial_end" | "canceled_at":
            return day(row.get(path))
    return _as_told(row, path)


def _as_told(row: Raw, path: str) -> Value:
    match path:
        case "status":
            return status_of(row) or None
        case "currency":
            return text(row.get("currency")).upper() or None
        case "created":
            return moment(row.get("created"))
    return plain(row, path)


def plan_of(row: Raw) -> str:
    """What the price is called, else its product; a subscription of several names them all, each once."""
    names = []
    for item in (row.get("items") or {}).get("data") or ():
        price = item.get("price") or {}
        product = price.get("product")
        names.append(text(price.get("nickname")) or (text(product.get("name")) if isinstance(product, Mapping) else ""))
    return " + ".join(dict.fromkeys(filter(None, names)))[:255]


def starts(row: Raw) -> date | None:
    """What is tried first starts when the trial is over; unless it ended before."""
    trial, end = row.get("trial_end"), row.get("ended_at")
    is_tried = trial and (not end or end >= trial)
    return day(trial if is_tried else row.get("start_date"))


def ends_at(row: Raw) -> int | None:
    """When it ended, or will: of one that stops with its period, the last of its items' periods."""
    if fixed := row.get("ended_at") or row.get("cancel_at"):
        return int(fixed)
    if not row.get("cancel_at_period_end"):
        return None
    items = (row.get("items") or {}).get("data") or ()
    return max((int(one["current_period_end"]) for one in items if one.get("current_period_end")), default=None)


def names_products(row: Raw) -> bool:
    """Whether everything that a plan is called by is in the answer."""
    prices = [item.get("price") or {} for item in (row.get("items") or {}).get("data") or ()]
    return all(price.get("nickname") or isinstance(price.get("product"), Mapping) for price in prices)


# --- Values --------------------------------------------------------------------------------------------------------------
def plain(row: Raw, path: str) -> Value:
    """Texts at any depth; a name in the metadata may hold dots."""
    if path.startswith(METADATA):
        return text((row.get("metadata") or {}).get(path.removeprefix(METADATA))) or None
    value: Any = row
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return text(value) or None


def text(value: Any) -> str:
    return "" if value is None or isinstance(value, Mapping | list) else str(value)


def moment(seconds: Any) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(int(seconds), UTC)


def day(seconds: Any) -> date | None:
    """Where the team is: midnight in Paris is still the day before in Stripe's clock."""
    found = moment(seconds)
    return timezone.localtime(found, timezone.get_default_timezone()).date() if found else None
