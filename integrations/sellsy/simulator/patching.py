"""Changing single properties of an opportunity."""

import re
from collections.abc import Callable
from urllib.parse import parse_qsl

from integrations.simulation.messages import Request, Response

from .account import Account
from .errors import MISSING, invalid
from .listing import asked_for
from .rules import CHOICE, verified
from .sales import PATCH
from .verbs import change
from .writing import Writing


def patch_of(rules: Writing) -> Callable[..., Response]:
    """`only[]` must name what is to change; whatever else is sent is dropped in silence."""

    def patch(account: Account, request: Request, number: str) -> Response:
        asked = asked_for(rules.kind, request)
        record = account.must_get(rules.kind.name, number)
        only = {value for name, value in parse_qsl(request.query_string) if re.fullmatch(r"only\[\d*\]", name)}
        if not only:
            raise invalid({"only": MISSING})
        if only - set(PATCH):
            raise invalid({"only": CHOICE})
        sent = verified(PATCH, {name: value for name, value in request.record.items() if name in only})
        if "amount" in sent:
            sent["amount"] = f"{sent['amount']:.2f}"
        if "probability" in sent:
            # A number here, a whole number everywhere else.
            sent["probability"] = round(sent["probability"])
        sent.pop("origin", None)
        return change(account, rules, record, sent, asked)

    return patch
