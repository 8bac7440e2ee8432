"""The verbs of the API that change something, each only once for one Idempotency-Key."""

from collections.abc import Callable
from typing import Any

import orjson

from integrations.simulation.messages import Request, Response

from . import happening
from .account import Account
from .errors import ApiError, no_such
from .expanding import expand
from .forms import Params, body_of, flag, require_known, whole
from .listing import require_one
from .shapes import deleted, shown

KEPT_SECONDS = 86_400
CUSTOMER = {"name", "email", "phone", "description", "metadata", "address", "expand", "preferred_locales", "balance"}
SUBSCRIPTION = {
    "customer", "items", "metadata", "discounts", "cancel_at_period_end", "cancel_at", "trial_end", "trial_period_days",
    "pause_collection", "description", "currency", "expand", "proration_behavior", "invoice_now", "prorate",
}  # fmt: skip
LONGEST = {"key": 40, "value": 500}
MOST_METADATA = 50


def once(verb: Callable[..., Response]) -> Callable[..., Response]:
    """The same key and body gives the first answer again; another body is refused."""

    def answer(account: Account, request: Request, **names: str) -> Response:
        key = request.headers.get("idempotency-key", "")
        if not key:
            return verb(account, request, **names)
        asked = f"{request.method} {request.path} {request.body.decode('utf-8', 'replace')}"
        known = account.store.state(f"idempotent:{key}")
        if known and account.store.seconds - known["at"] < KEPT_SECONDS:
            if known["asked"] != asked:
                raise ApiError(
                    400, "Keys for idempotent requests can only be used with the same parameters they were first used with.",
                    kind="idempotency_error",
                )  # fmt: skip
            return Response(known["answer"], headers={"Idempotent-Replayed": "true"})
        response = verb(account, request, **names)
        kept = {"at": account.store.seconds, "asked": asked, "answer": orjson.loads(response.content())}
        account.store.set_state(f"idempotent:{key}", kept)
        return response

    return answer


def _refused(account: Account) -> None:
    if account.faults.rejects():
        raise ApiError(400, "This record is locked by a rule of the account.", code="account_invalid")


def create_customer(account: Account, request: Request) -> Response:
    params = body_of(request)
    require_known(params, CUSTOMER)
    _refused(account)
    record = happening.create(account, "customer", _values(params))
    return Response(expand(account, shown(account, record), params.get("expand")))


def update_customer(account: Account, request: Request, record_id: str) -> Response:
    params = body_of(request)
    require_known(params, CUSTOMER)
    record = account.must_get("customer", record_id)
    _refused(account)
    happening.change(account, record, _values(params))
    return Response(expand(account, shown(account, record), params.get("expand")))


def delete_customer(account: Account, _request: Request, record_id: str) -> Response:
    happening.remove(account, account.must_get("customer", record_id))
    return Response(deleted(record_id))


def create_subscription(account: Account, request: Request) -> Response:
    params = body_of(request)
    require_known(params, SUBSCRIPTION)
    customer = require_one(params, "customer")
    account.must_get("customer", customer, param="customer", status=400)
    require_one(params, "items")
    body = {"customer": customer, "items": params["items"], **_of_subscription(account, params)}
    price = account.store.get("price", params["items"][0].get("price", ""))
    if price is None:
        raise no_such("price", params["items"][0].get("price", ""), param="items[0][price]", status=400)
    body["currency"] = price.body.get("currency", "eur")
    record = happening.create(account, "subscription", body)
    return Response(expand(account, shown(account, record), params.get("expand")))


def update_subscription(account: Account, request: Request, record_id: str) -> Response:
    params = body_of(request)
    require_known(params, SUBSCRIPTION)
    record = account.must_get("subscription", record_id)
    happening.change(account, record, _of_subscription(account, params))
    return Response(expand(account, shown(account, record), params.get("expand")))


def cancel_subscription(account: Account, _request: Request, record_id: str) -> Response:
    record = account.must_get("subscription", record_id)
    if record.body["status"] == "canceled":
        raise no_such("subscription", record_id)
    happening.cancel(account, record)
    return Response(shown(account, record))


def _values(params: Params) -> dict[str, Any]:
    found = {name: value or None for name, value in params.items() if name not in {"expand", "metadata"}}
    return found | ({"metadata": _metadata(params["metadata"])} if "metadata" in params else {})


def _metadata(said: Any) -> dict[str, str]:
    said = said if isinstance(said, dict) else {}
    if len(said) > MOST_METADATA:
        raise ApiError(400, f"You can specify up to {MOST_METADATA} keys.", param="metadata")
    for key, value in said.items():
        if len(key) > LONGEST["key"] or len(value) > LONGEST["value"]:
            raise ApiError(
                400, f"Metadata values can have up to {LONGEST['value']} characters.", param=f"metadata[{key}]"
            )
    return said


def _of_subscription(account: Account, params: Params) -> dict[str, Any]:
    found: dict[str, Any] = {name: params[name] for name in ("description",) if name in params}
    if "metadata" in params:
        found["metadata"] = _metadata(params["metadata"])
    if "cancel_at_period_end" in params:
        found["cancel_at_period_end"] = flag(params, "cancel_at_period_end", False)
    if "discounts" in params:
        found["discounts"] = happening.discounted(params["discounts"], account.store.seconds)
    if "pause_collection" in params:
        found["pause_collection"] = params["pause_collection"] or None
    if params.get("trial_period_days"):
        now = account.store.seconds
        found |= {
            "status": "trialing",
            "trial_start": now,
            "trial_end": now + 86_400 * whole(params, "trial_period_days", 0),
        }
    return found
