"""How deals look in a HubSpot portal: two pipelines, the second with numbers for its stages."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from integrations.hubspot.simulator import Portal, deal_stage, load_links, pipeline
from integrations.hubspot.simulator.derive import begin, follow
from integrations.hubspot.simulator.moments import told
from integrations.hubspot.simulator.pipeline_shapes import SALES

from .deals import Deal
from .hubspot_ids import owner_id, record_id

Body = dict[str, Any]
RENEWALS = pipeline("75834610", "Renewals", [
    deal_stage("148662291", "To be contacted", 0, "0.3"), deal_stage("148662292", "Offer sent", 1, "0.7"),
    deal_stage("148662293", "Renewed", 2, "1.0"), deal_stage("148662294", "Lost", 3, "0.0"),
], place=1)  # fmt: skip
PIPELINES = [SALES, RENEWALS]
_STEPS = [stage["id"] for stage in SALES["stages"]]
_TERMS = {"Renews by itself": "renews", "Ends at its term": "ends", "To be negotiated": "negotiated"}


def fill(portal: Portal, found: Iterable[Deal]) -> None:
    deals = list(found)
    portal.store.load("deals", (_row(portal, one) for one in deals))
    load_links(portal.store, (
        (number, ("deals", _id(one)), ("companies", record_id(one.company.number)))
        for one in deals for number in (5, 341)
    ))  # fmt: skip
    sql = """UPDATE _record SET body = json_set(body, '$.num_associated_deals', '1')
        WHERE kind = 'companies' AND id = ?"""
    for one in deals:
        portal.store.execute(sql, (record_id(one.company.number),))


def _id(one: Deal) -> str:
    return record_id(500_000 + one.company.number)


def _row(portal: Portal, one: Deal) -> tuple[str, Body, datetime, datetime]:
    made, closed = one.company.changed - timedelta(days=30), datetime.combine(one.closed, time(), UTC)
    body = {name: value for name, value in _body(one, closed).items() if value not in (None, "")}
    begin(portal, "deals", body, _id(one))
    follow(portal, "deals", {}, body, told(made))
    if one.is_won:
        body["days_to_close"] = str((closed - made).days)
    return _id(one), body, made, one.company.changed


def _body(one: Deal, closed: datetime) -> Body:
    renewed = one.is_won and one.company.number % 2 == 0
    won = "148662293" if renewed else "closedwon"
    return {
        "dealname": f"{one.company.name[:100]} plan", "amount": _number(one.yearly), "closedate": told(closed),
        "pipeline": "75834610" if renewed else "default", "dealstage": won if one.is_won else _STEPS[one.step % 5],
        "deal_currency_code": one.currency, "hubspot_owner_id": owner_id(one.company.owner), "plan": one.plan.lower(),
        "dealtype": "existingbusiness" if renewed else "newbusiness", "contract_start": one.starts.isoformat(),
        "contract_end": one.ends.isoformat(), "term_months": str(one.months),
        "notice_date": one.notice.isoformat() if one.notice else None, "monthly_fee": _number(one.monthly),
        "setup_fee": _number(one.fee), "renewal_terms": _TERMS[one.renewal], "hs_object_source": "CRM_UI",
        "hs_object_source_label": "CRM_UI", "num_associated_contacts": "0",
    }  # fmt: skip


def _number(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount, "f")
