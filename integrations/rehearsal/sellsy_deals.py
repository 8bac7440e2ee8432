"""How deals look in Sellsy: opportunities with the terms of the contract in custom fields, there being nothing else for them."""

from collections.abc import Iterable
from datetime import datetime

from integrations.sellsy.simulator import Store

from .deals import Deal
from .sellsy_setup import WON_STEP
from .sellsy_words import Body, Fields, amount, moment

MOST_NAME = 250
VENTES = 1


def fill(store: Store, found: Iterable[Deal], fields: Fields) -> None:
    store.load("opportunity", (_deal(number, one, fields) for number, one in enumerate(found, 1)))


def _deal(number: int, one: Deal, fields: Fields) -> tuple[int, Body, datetime, datetime]:
    step = WON_STEP if one.is_won else one.step + 1
    body: Body = {
        "number": f"OPP-{number}", "name": f"{one.company.name} plan"[:MOST_NAME], "pipeline": VENTES, "step": step,
        "status": "won" if one.is_won else "open", "probability": 100 if one.is_won else 10 * step,
        "amount": None if one.yearly is None else f"{max(one.yearly, 0):.2f}", "currency": one.currency,
        "due_date": one.closed.isoformat(), "note": "", "owner_id": one.company.owner, "source": number % 4 + 1,
        "updated_status": moment(one.company.changed) if one.is_won else None, "step_rank": number,
        "assigned_staff_ids": [one.company.manager] if one.company.manager else [], "contact_ids": [],
        "related": [{"id": one.company.number, "type": "company"}],
        "cf": fields.values(
            contract_start=one.starts.isoformat(), term_months=str(one.months),
            notice_date=one.notice.isoformat() if one.notice else None,
            renewal_terms=fields.choice("renewal-terms", one.renewal), setup_fee=amount(one.fee, one.currency),
            plan=fields.choice("plan", one.plan),
            notice_period={"number": str(one.notice_months), "unit_id": 1} if one.notice_months else None,
        ),
    }  # fmt: skip
    return number, body, one.company.changed, one.company.changed
