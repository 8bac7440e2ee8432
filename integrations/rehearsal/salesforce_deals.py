"""How deals look in a Salesforce org: all as opportunities; won ones also as a contract or as a subscription."""

from collections.abc import Iterable
from typing import Any

from integrations.salesforce.simulator import Store, make_id, stamp
from integrations.salesforce.simulator.objects_sales import STAGES

from .deals import Deal

Row = dict[str, Any]
WON = 8
"""Its place among the stages."""


def fill(store: Store, found: Iterable[Deal]) -> None:
    deals = list(found)
    won = [one for one in deals if one.is_won]
    store.load("Opportunity", (_opportunity(one) for one in deals))
    store.load("Contract", (_contract(one, number) for number, one in enumerate(won, 101)))
    store.set_state("contracts", 100 + len(won))
    store.load("Subscription__c", (_subscription(one) for one in won))


def _opportunity(one: Deal) -> Row:
    name, probability, forecast = STAGES[WON if one.is_won else one.step]
    return {
        "Id": make_id("006", one.company.number), "AccountId": _account(one), "Name": f"{one.company.name[:100]} plan",
        "StageName": name, "Amount": _number(one.yearly or None), "Probability": float(probability),
        "CloseDate": one.closed.isoformat(), "ForecastCategoryName": forecast, "IsClosed": int(name.startswith("Closed")),
        "IsWon": int(one.is_won), "Plan__c": one.plan, "Contract_Start__c": one.starts.isoformat(),
        "Term_Months__c": one.months, "Notice_Date__c": one.notice.isoformat() if one.notice else None,
        "Setup_Fee__c": _number(one.fee), "Renewal_Terms__c": one.renewal, **_made(one),
    }  # fmt: skip


def _contract(one: Deal, number: int) -> Row:
    return {
        "Id": make_id("800", one.company.number), "AccountId": _account(one), "ContractNumber": f"{number:08d}",
        "Status": "Activated", "StatusCode": "Activated", "StartDate": one.starts.isoformat(), "ContractTerm": one.months,
        "EndDate": one.ends.isoformat(), "OwnerExpirationNotice": "90" if one.notice_months == 3 else None,
        "Plan__c": one.plan, "Monthly_Fee__c": _number(one.monthly), **_made(one),
    }  # fmt: skip


def _subscription(one: Deal) -> Row:
    return {
        "Id": make_id("a01", one.company.number), "Customer__c": _account(one), "Billed_To__c": _account(one),
        "Name": f"{one.plan} for {one.company.name}"[:80], "Plan__c": one.plan, "MRR__c": _number(one.monthly),
        "Setup_Fee__c": _number(one.fee), "Currency__c": one.currency, "Starts__c": one.starts.isoformat(),
        "Ends__c": one.ends.isoformat(), "Notice_Months__c": one.notice_months,
        "Renews_Itself__c": int(one.renewal == "Renews by itself"), **_made(one),
    }  # fmt: skip


def _account(one: Deal) -> str:
    return make_id("001", one.company.number)


def _number(amount: Any) -> float | None:
    return None if amount is None else float(amount)


def _made(one: Deal) -> Row:
    at, by = stamp(one.company.changed), make_id("005", one.company.owner)
    return {
        "OwnerId": by, "CreatedDate": at, "CreatedById": by, "LastModifiedDate": at, "LastModifiedById": by,
        "SystemModstamp": at,
    }  # fmt: skip
