"""The `$` keys that whole records carry beside their fields; which ones depends on the module."""

from typing import Any

from integrations.simulation.documents import Record

from .schema import Module

_NO_APPROVAL = {"delegate": False, "takeover": False, "approve": False, "reject": False, "resubmit": False}
_NO_REVIEW = {"approve": False, "reject": False, "resubmit": False}
CURRENCY = "€"


def system_keys(module: Module, record: Record) -> dict[str, Any]:
    if module.name == "Notes":
        return {
            "$attachments": None, "$field_states": None, "$editable": True, "$se_module": record.body.get("$se_module"),
            "$is_shared_to_client": False, "$size": None, "$state": "save", "$voice_note": False,
        }  # fmt: skip
    keys: dict[str, Any] = {
        "$currency_symbol": CURRENCY, "$field_states": None, "$review_process": None, "$review": None, "$state": "save",
        "$process_flow": False, "$approved": True, "$approval": _NO_APPROVAL, "$editable": True,
        "$orchestration": False,
        "$in_merge": False, "$approval_state": "approved",
    }  # fmt: skip
    if module.name in {"Tasks", "Events", "Calls"}:
        keys["$se_module"] = record.body.get("$se_module")
        return {**keys, "$calendar_booking_call": False} if module.name == "Calls" else keys
    keys |= {
        "$review_process": _NO_REVIEW, "$locked_for_me": False,
        "$zia_owner_assignment": "owner_recommendation_unavailable",
        "$layout_id": {"display_label": "Standard", "name": "Standard", "id": module.layout_id},
    }  # fmt: skip
    if module.name == "Products":
        del keys["$zia_owner_assignment"]
        return {**keys, "$taxable": bool(record.body.get("Taxable"))}
    if module.name == "Leads":
        return {**keys, "$converted": bool(record.body.get("Converted__s")), "$converted_detail": {}}
    return {**keys, "$is_duplicate": False}
