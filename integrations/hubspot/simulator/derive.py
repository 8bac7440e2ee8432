"""Properties that follow from others: what HubSpot computes itself whenever a record changes."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from .catalogue import STAGES
from .moments import milliseconds, parse
from .portal import Portal

Body = dict[str, Any]
_STANDARD_STAGES = {value for _, value in STAGES}
_ZERO_COMPANY = (
    "hs_num_blockers", "hs_num_child_companies", "hs_num_contacts_with_buying_roles", "hs_num_decision_makers",
    "hs_num_open_deals", "num_associated_contacts", "num_notes",
)  # fmt: skip
_ZERO_CONTACT = (
    "hs_associated_target_accounts", "hs_membership_has_accessed_private_content",
    "hs_prospecting_agent_actively_enrolled_count",
    "hs_prospecting_agent_total_enrolled_count", "hs_registered_member", "hs_sequences_actively_enrolled_count",
    "num_notes",
)  # fmt: skip


def begin(portal: Portal, kind: str, body: Body, record_id: str) -> None:
    """What a new record has from its first moment."""
    if kind == "companies":
        body.update(dict.fromkeys(_ZERO_COMPANY, "0") | {"hs_annual_revenue_currency_code": portal.currency} | body)
        body.setdefault("hs_pipeline", "companies-lifecycle-pipeline")
    elif kind == "contacts":
        body.update(dict.fromkeys(_ZERO_CONTACT, "0") | body)
        body.setdefault("hs_pipeline", "contacts-lifecycle-pipeline")
        body |= {
            "hs_all_contact_vids": record_id, "hs_is_contact": "true", "hs_is_unworked": "true",
            "hs_currently_enrolled_in_prospecting_agent": "false",
        }  # fmt: skip
    elif kind == "leads":
        first = portal.pipelines(kind)[0]
        body.setdefault("hs_pipeline", first["id"])
        body.setdefault("hs_pipeline_stage", first["stages"][0]["id"])
    elif kind == "deals":
        body.setdefault("pipeline", portal.pipelines("deals")[0]["id"])
    if kind in {"companies", "contacts"}:
        body.setdefault("lifecyclestage", "lead")


def follow(portal: Portal, kind: str, before: Body, body: Body, now: str) -> None:
    """Brings computed properties in line with what `body` says now."""
    if kind in _FOLLOW:
        _FOLLOW[kind](portal, before, body, now)
    if body.get("hubspot_owner_id") != before.get("hubspot_owner_id"):
        _put(body, "hubspot_owner_assigneddate", now if body.get("hubspot_owner_id") else None)


def _put(body: Body, name: str, value: str | None) -> None:
    if value in (None, ""):
        body.pop(name, None)
    else:
        body[name] = value


def _stage_dates(before: Body, body: Body, now: str) -> None:
    stage = body.get("lifecyclestage")
    if stage and stage != before.get("lifecyclestage"):
        body |= {"hs_v2_date_entered_current_stage": now, "hs_v2_time_in_current_stage": now}
        if stage in _STANDARD_STAGES:
            body[f"hs_v2_date_entered_{stage}"] = now


def _company(_portal: Portal, before: Body, body: Body, now: str) -> None:
    _put(body, "hs_task_label", body.get("name"))
    if body.get("domain") and not before.get("domain") and not body.get("website"):
        body["website"] = body["domain"]
    _stage_dates(before, body, now)


def _contact(_portal: Portal, before: Body, body: Body, now: str) -> None:
    email = body.get("email", "")
    full = " ".join(part for part in (body.get("firstname"), body.get("lastname")) if part)
    _put(body, "hs_full_name_or_email", full or email)
    _put(body, "hs_email_domain", email.rpartition("@")[2])
    digits = re.sub(r"[^\d+]", "", body.get("phone") or "")
    _put(body, "hs_searchable_calculated_phone_number", digits)
    _stage_dates(before, body, now)
    if body.get("lifecyclestage") == "lead" != before.get("lifecyclestage"):
        moment = parse(now)
        assert moment is not None
        # This one date is told in milliseconds, all others in ISO.
        body["hs_lifecyclestage_lead_date"] = str(milliseconds(moment))


def _deal(portal: Portal, _before: Body, body: Body, _now: str) -> None:
    stage = portal.stage("deals", body.get("dealstage"))
    told = stage["metadata"] if stage else {}
    closed, chance = told.get("isClosed") == "true", told.get("probability")
    won = closed and chance == "1.0"
    body |= {"hs_is_closed": str(closed).lower(), "hs_is_closed_won": str(won).lower(),
             "hs_is_closed_lost": str(closed and not won).lower()}  # fmt: skip
    # A probability is told as the machine's nearest number, all 55 digits of it.
    _put(body, "hs_deal_stage_probability", None if chance is None else f"{float(chance):.55f}")
    amount = body.get("amount")
    rate = Decimal(portal.store.state("rates", {}).get(body.get("deal_currency_code") or portal.currency, "1"))
    _put(body, "amount_in_home_currency", None if not amount else format((Decimal(amount) * rate).normalize(), "f"))
    _put(
        body,
        "hs_projected_amount",
        None if not amount or chance is None else format(float(amount) * float(chance), ".20f"),
    )
    _put(body, "hs_closed_amount", (amount or "0") if won else "0")


def _meeting(_portal: Portal, _before: Body, body: Body, _now: str) -> None:
    if not body.get("hs_timestamp"):
        _put(body, "hs_timestamp", body.get("hs_meeting_start_time"))


def _task(_portal: Portal, before: Body, body: Body, now: str) -> None:
    done = body.get("hs_task_status") == "COMPLETED"
    body["hs_task_is_completed"] = str(done).lower()
    if not done or not before.get("hs_task_completion_date"):
        _put(body, "hs_task_completion_date", now if done else None)


_FOLLOW: dict[str, Callable[[Portal, Body, Body, str], None]] = {
    "companies": _company, "contacts": _contact, "deals": _deal, "meetings": _meeting, "tasks": _task,
}  # fmt: skip
