"""The API: scores of many customers in one call, by a token of an admin. See docs/api.md."""

import json
from decimal import Decimal
from typing import Any, NoReturn

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.permissions import public
from integrations.engine.reasons import Reason

from ..models import ApiToken, Customer
from ..scores import FIELDS, Asked, Matched, Problem, apply, matched, places_of
from ..tokens import may_call, seconds_left, token_of

MOST = 1000
LARGEST = 1024 * 1024
REF_ID = "ref_id"
KNOWN = (REF_ID, *FIELDS)


class Refused(Exception):  # noqa: N818 (an answer, not a fault)
    """The call as a whole; nothing was written."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


# A token is no cookie: no page of somebody else's can make a browser send it.
@public
@csrf_exempt
@require_POST
@never_cache
def scores(request: HttpRequest) -> HttpResponse:
    token, now = token_of(request.headers.get("Authorization", "")), timezone.now()
    if token is None:
        answer = _refusal(401, _("Send a token that is not revoked: “Authorization: Bearer …”."))
        answer["WWW-Authenticate"] = "Bearer"
        return answer
    if not may_call(token, now):
        answer = _refusal(429, _("Too many calls in this minute. Send several customers in one call."))
        answer["Retry-After"] = str(seconds_left(now))
        return answer
    try:
        entries = _entries(request)
    except Refused as refused:
        return _refusal(refused.status, str(refused))
    return _written(request, token, entries)


def _written(request: HttpRequest, token: ApiToken, entries: list[Any]) -> HttpResponse:
    asked, problems = _asked(entries)
    result = matched(asked, Customer.objects.all())
    refused = apply(result, by=token.name, why=Reason("by-api", {"by": token.name})) if result.changes else []
    changed = len(result.changes) - len(refused)
    if changed:
        audit.record(request, "uploaded scores", token, after={"customers": changed})
    return JsonResponse(_told(result, changed, [*problems, *refused]))


def _told(result: Matched, changed: int, problems: list[Problem]) -> dict[str, Any]:
    refused = places_of([*problems, *result.problems])
    return {
        "changed": changed,
        "unchanged": result.unchanged,
        "refused": [{"entry": one.place, "ref_id": one.ref_id, "field": one.field, "why": one.why} for one in refused],
    }


def _entries(request: HttpRequest) -> list[Any]:
    try:
        body = request.body
    except RequestDataTooBig:
        body = b" " * (LARGEST + 1)
    if len(body) > LARGEST:
        raise Refused(413, _("The body is larger than 1 MB. Split it into several calls."))
    try:
        found = json.loads(body, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, ArithmeticError, RecursionError):
        raise Refused(400, _("The body is no JSON.")) from None
    if not isinstance(found, list):
        raise Refused(400, _("The body must be a list of entries."))
    if len(found) > MOST:
        raise Refused(413, _("At most %(most)d entries in one call. Split them into several.") % {"most": MOST})
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _asked(entries: list[Any]) -> tuple[list[Asked], list[Problem]]:
    asked: list[Asked] = []
    problems: list[Problem] = []
    for place, entry in enumerate(entries, 1):
        if (why := _misshapen(entry)) is not None:
            problems.append(Problem(place, "", "", why))
            continue
        values = {name: value for name, value in entry.items() if name in FIELDS}
        asked.append(Asked(place, str(entry[REF_ID]).strip(), values))
    return asked, problems


def _misshapen(entry: Any) -> str | None:
    if not isinstance(entry, dict):
        return _("An entry is an object with ref_id, health_score and pulse.")
    if unknown := [name for name in entry if name not in KNOWN]:
        return _("“%(name)s” is not known here.") % {"name": unknown[0][:80]}
    ref_id = entry.get(REF_ID)
    if isinstance(ref_id, bool) or not isinstance(ref_id, str | int):
        return _("ref_id must be the customer ID, as text.")
    if any(isinstance(entry.get(name), dict | list) for name in FIELDS):
        return _("A score is a whole number, or null to empty it.")
    return None


def _refusal(status: int, why: str) -> HttpResponse:
    return JsonResponse({"error": why}, status=status)
