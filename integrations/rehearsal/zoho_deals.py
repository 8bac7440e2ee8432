"""How deals look in a Zoho organisation: all as deals; won ones also as subscriptions, a module of the team's own."""

from collections.abc import Iterable
from typing import Any

from integrations.zoho.simulator import Store
from integrations.zoho.simulator.derived import PROBABILITIES
from integrations.zoho.simulator.modules_work import STAGES, STANDARD_PIPELINE

from .deals import Deal
from .zoho_fields import SUBSCRIPTIONS
from .zoho_rows import Row, account_id, deal_id, filled, subscription_id, user_id

_OPEN = [value for value, _, _, forecast in STAGES if forecast == "Open"]
_WON = "Closed Won"


def fill(store: Store, found: Iterable[Deal]) -> None:
    deals = list(found)
    store.load("Deals", (_deal(one) for one in deals))
    store.load(SUBSCRIPTIONS, (_subscription(one) for one in deals if one.is_won))


def _deal(one: Deal) -> Row:
    stage = _WON if one.is_won else _OPEN[one.step % len(_OPEN)]
    body = filled(
        Deal_Name=f"{one.company.name[:100]} plan", Account_Name=account_id(one.company.number),
        Pipeline=STANDARD_PIPELINE,
        Stage=stage, Probability=PROBABILITIES[stage], Amount=_number(one.yearly or None),
        Closing_Date=one.closed.isoformat(), Plan=one.plan, Contract_Start=one.starts.isoformat(),
        Term_Months=one.months,
        Notice_Date=one.notice.isoformat() if one.notice else None, Setup_Fee=_number(one.fee),
        Renewal_Terms=one.renewal,
        Contract_Ref=f"C-{one.company.number:05d}" if one.is_won else None, **_people(one),
    )  # fmt: skip
    return deal_id(one.company.number), body, one.company.changed, one.company.changed


def _subscription(one: Deal) -> Row:
    body = filled(
        Name=f"{one.plan} for {one.company.name}"[:120], Customer=account_id(one.company.number), Plan=one.plan,
        MRR=_number(one.monthly), Setup_Fee=_number(one.fee), Currency=one.currency, Starts=one.starts.isoformat(),
        Ends=one.ends.isoformat(), Notice_Months=one.notice_months,
        Renews_Itself=one.renewal == "Renews by itself" or None, **_people(one),
    )  # fmt: skip
    return subscription_id(one.company.number), body, one.company.changed, one.company.changed


def _people(one: Deal) -> dict[str, str]:
    by = user_id(one.company.owner)
    return {"Owner": by, "Created_By": by, "Modified_By": by}


def _number(amount: Any) -> float | None:
    return None if amount is None else float(amount)
