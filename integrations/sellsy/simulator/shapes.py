"""How records are told, key by key in the recorded order; what was never set is there as null."""

from typing import Any

from integrations.simulation.documents import Record

from .times import told

Told = dict[str, Any]
CAMPAIGNS = ("email", "sms", "phone", "postal_mail", "custom")
_SOCIAL = ("twitter", "facebook", "linkedin", "viadeo")
_LEGAL = ("siret", "siren", "vat", "ape_naf_code", "company_type", "rcs_immatriculation")


def _keys(body: Told, *names: str) -> Told:
    return {name: body.get(name) for name in names}


def owner(body: Told) -> Told | None:
    found = body.get("owner_id")
    return {"id": found, "type": "staff"} if found else None


def _consent(body: Told) -> Told:
    given = body.get("marketing_campaigns_subscriptions") or []
    return {
        "marketing_campaigns_subscriptions": [name for name in CAMPAIGNS if name in given],
        "rgpd_consent": {name: name in given for name in CAMPAIGNS},
    }


def _social(body: Told) -> Told:
    return _keys(body.get("social") or {}, *_SOCIAL)


def company(record: Record) -> Told:
    body = record.body
    return {
        "id": int(record.id),
        **_keys(body, "name", "email", "website", "phone_number", "mobile_number", "fax_number", "capital", "reference"),
        "note": body.get("note") or "",
        **_keys(
            body, "accounting_code_id", "accounting_purchase_code_id", "auxiliary_code", "main_contact_id",
            "invoicing_contact_id", "dunning_contact_id", "invoicing_address_id", "delivery_address_id",
            "rate_category_id",
        ),
        "created": told(record.created),
        "updated_at": told(record.updated),
        "is_archived": bool(body.get("is_archived")),
        "type": body.get("type"),
        "social": _social(body),
        "legal_france": _keys(body.get("legal_france") or {}, *_LEGAL),
        "owner": owner(body),
        **_keys(body, "business_segment", "number_of_employees"),
        **_consent(body),
    }  # fmt: skip


def individual(record: Record) -> Told:
    body = record.body
    return {
        "id": int(record.id),
        **_keys(
            body, "civility", "first_name", "last_name", "email", "website", "phone_number", "mobile_number",
            "fax_number", "reference",
        ),
        "note": body.get("note") or "",
        **_keys(
            body, "accounting_code_id", "accounting_purchase_code_id", "auxiliary_code", "main_contact_id",
            "invoicing_contact_id", "dunning_contact_id", "invoicing_address_id", "delivery_address_id",
            "rate_category_id",
        ),
        "created": told(record.created),
        "updated_at": told(record.updated),
        "is_archived": bool(body.get("is_archived")),
        "type": body.get("type"),
        "social": _social(body),
        "sync": _sync(body),
        "owner": owner(body),
        **_consent(body),
    }  # fmt: skip


def _sync(body: Told) -> Told:
    found = body.get("sync") or {}
    return {name: bool(found.get(name, True)) for name in ("mailchimp", "mailjet", "simplemail")}


def contact(record: Record) -> Told:
    """There is no company on it, nor a reference; its stamp is called `updated`, not `updated_at` (recorded)."""
    body = record.body
    return {
        "id": int(record.id),
        **_keys(
            body, "civility", "first_name", "last_name", "email", "website", "phone_number", "mobile_number",
            "fax_number", "position", "avatar",
        ),
        "note": body.get("note") or "",
        **_keys(body, "birth_date", "invoicing_address_id", "delivery_address_id"),
        "is_archived": bool(body.get("is_archived")),
        "created": told(record.created),
        "updated": told(record.updated),
        "social": _social(body),
        "sync": _sync(body),
        "owner": owner(body),
        **_consent(body),
    }  # fmt: skip


def address(record: Record, of: Told) -> Told:
    body, number = record.body, int(record.id)
    return {
        "id": number,
        "name": body.get("name") or "",
        "address_line_1": body.get("address_line_1"),
        **{name: body.get(name) or "" for name in ("address_line_2", "address_line_3", "address_line_4")},
        **_keys(body, "postal_code", "city", "country_code", "country"),
        "is_invoicing_address": of.get("invoicing_address_id") == number,
        "is_delivery_address": of.get("delivery_address_id") == number,
        "geocode": body.get("geocode") or {"lat": 0, "lng": 0},
    }


def staff(record: Record) -> Told:
    body = record.body
    return {
        "id": int(record.id),
        **_keys(body, "lastname", "firstname", "email", "avatar", "status", "position", "phone_number"),
        **_keys(body, "mobile_number", "fax_number"),
        "groups": [],
        "civility": body.get("civility"),
        "created": told(record.created),
        "profile": body.get("profile", 1),
        **_keys(body, "team", "job"),
        "timezone": "Europe/Paris",
        "language": body.get("language", "fr"),
    }


def staff_in_short(record: Record) -> Told:
    """What is told without the right to see more."""
    return {
        "id": int(record.id),
        **_keys(record.body, "lastname", "firstname", "email", "avatar", "status", "position"),
    }


def plain(record: Record) -> Told:
    """Of the short lists, whose body is what is told."""
    return {"id": int(record.id), **record.body}


def first_related(body: Told, kind: str) -> int | None:
    """Set only for what is in `related`: a call on a contact alone has no company (recorded)."""
    return next((one["id"] for one in body.get("related") or [] if one["type"] == kind), None)


def sides(body: Told) -> Told:
    return {f"{kind}_id": first_related(body, kind) for kind in ("company", "individual", "contact")}


def comment(record: Record) -> Told:
    body = record.body
    return {
        "id": int(record.id),
        "owner": owner(body),
        "related": body.get("related") or [],
        "created": told(record.created),
        "updated": told(record.updated),
        "description": body.get("description") or "",
        "parent_id": body.get("parent_id"),
        **sides(body),
    }


RESULTS = {
    "noanswer": "Pas de réponse", "busy": "Occupé", "wrongnumber": "Mauvais numéro", "msgdirect": "Message direct",
    "msgvocal": "Message vocal", "connected": "Connecté", "transfer": "Transféré", "interrupt": "Interrompu",
    "scheduled": "Appel planifié", "unknown": "Inconnu",
}  # fmt: skip


def call(record: Record, topics: dict[int, Told]) -> Told:
    body = record.body
    topic, result = topics.get(body.get("topic") or 0), body.get("result", "unknown")
    return {
        "id": int(record.id),
        "owner": owner(body),
        "source": body.get("source"),
        "description": body.get("description"),
        "updated": told(record.updated),
        "created": told(record.created),
        "duration": body.get("duration") or 0,
        "date": told(body.get("date")),
        "topic": topic and {"id": topic["id"], "name": topic["name"]},
        "result": {"id": result, "name": RESULTS.get(result, result)},
        "related": body.get("related") or [],
        **sides(body),
        "priority": body.get("priority") or 0,
        "reminders": body.get("reminders") or [],
    }


def event(record: Record, labels: dict[int, Told]) -> Told:
    body = record.body
    return {
        "id": int(record.id),
        "provider_id": None,
        "owner": owner(body),
        "title": body.get("title") or "",
        "description": body.get("description") or "",
        "is_private": bool(body.get("is_private")),
        "all_day": bool(body.get("all_day")),
        "datetime_start": told(body.get("datetime_start")),
        "datetime_end": told(body.get("datetime_end")),
        "participants": body.get("participants") or [],
        "label": labels.get(body.get("label_id") or 0),
        "created": told(record.created),
        "updated": told(record.updated),
        "provider_calendar": None,
        "related": body.get("related") or [],
        **sides(body),
        "priority": body.get("priority") or 0,
        "meet_link": None,
    }


def task(record: Record, labels: dict[int, Told]) -> Told:
    body = record.body
    return {
        "id": int(record.id),
        **_keys(body, "title", "description"),
        "status": body.get("status") or "todo",
        "is_private": bool(body.get("is_private")),
        "due_date": told(body.get("due_date")),
        "assigned_staff_ids": body.get("assigned_staff_ids") or [],
        "label": labels.get(body.get("label_id") or 0),
        "updated": told(record.updated),
        "created": told(record.created),
        "reminders": body.get("reminders") or [],
        "related": body.get("related") or [],
        "owner": owner(body),
        **sides(body),
        "priority": body.get("priority") or 0,
    }


def email(record: Record) -> Told:
    """Its id is a text, alone with those of activities."""
    body = record.body
    return {
        "id": record.id,
        "owner": owner(body),
        **_keys(body, "subject"),
        "is_open": bool(body.get("is_open")),
        "is_scheduled": False,
        **_keys(body, "from"),
        "participants": body.get("participants") or [],
        "is_private": False,
        "created": told(record.created),
        "updated": told(record.updated),
        "related": body.get("related") or [],
        **sides(body),
        "thread_id": record.id,
        "content": body.get("content") or "",
        "snippet": (body.get("content") or "")[:120],
    }
