"""How records look in v1: owners as objects, custom fields flat among the others, counts and names beside the references."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from integrations.simulation.documents import Record

from . import stamps
from .account import Account, Asker
from .counts import Counts
from .custom_values import flat
from .fields import ADDRESS_PARTS
from .objects import OBJECTS

Row = dict[str, Any]
_COUNTED = (
    "open_deals_count", "related_open_deals_count", "closed_deals_count", "related_closed_deals_count",
    "email_messages_count", "activities_count", "done_activities_count", "undone_activities_count", "files_count",
    "notes_count",
    "followers_count", "won_deals_count", "related_won_deals_count", "lost_deals_count", "related_lost_deals_count",
)  # fmt: skip
_ENRICHED = ("website", "linkedin", "industry", "annual_revenue", "employee_count")


def owner(user: Record | None) -> Row | None:
    if user is None:
        return None
    return {
        "id": int(user.id), "name": user.body["name"], "email": user.body["email"], "has_pic": 0, "pic_hash": None,
        "active_flag": user.body["active_flag"],
    }  # fmt: skip


class ShaperV1:
    """Shapes one page of one kind: names, owners and counts are read once for all of its rows."""

    def __init__(self, account: Account, asker: Asker, kind: str, records: Sequence[Record]) -> None:
        self.account, self.asker, self._kind, self._records = account, asker, kind, records
        self.users = {int(u.id): u for u in account.users()}
        self._fields = account.book.custom_fields(kind) if OBJECTS[kind].has_custom else ()
        self._counts = Counts(account, kind, [int(r.id) for r in records]) if kind != "activity" else None
        self.organizations = self._named("organization", "org_id")
        self.persons = self._named("person", "person_id")
        self.deals = self._named("deal", "deal_id")

    def rows(self) -> list[Row]:
        make = {
            "organization": self._organization, "person": self._person, "deal": self._deal, "activity": self._activity,
        }[self._kind]  # fmt: skip
        return [make(record, record.body) for record in self._records]

    def related(self, *names: str) -> Row:
        """Objects that the rows refer to, under their numbers."""
        users = {
            int(r.body[key])
            for r in self._records
            for key in ("owner_id", "creator_user_id")
            if r.body.get(key) is not None
        }
        found: Row = {"user": {str(n): owner(self.users.get(n)) for n in sorted(users)}}
        if "person" in names:
            found["person"] = {k: self._short_person(r) for k, r in self.persons.items()}
            found["organization"] = {k: self._short_organization(r) for k, r in self.organizations.items()}
            found["deal"] = {k: self._short_deal(r) for k, r in self.deals.items()}
        return {name: those for name, those in found.items() if those}

    def _named(self, kind: str, key: str) -> Mapping[str, Record]:
        numbers = {str(r.body[key]) for r in self._records if r.body.get(key) is not None}
        return self.account.book.many(kind, numbers) if numbers else {}

    def _counted(self, record: Record, names: Iterable[str]) -> Row:
        assert self._counts is not None
        return {name: self._counts.of(name)(record) for name in names}

    def _near(self, record: Record) -> Row:
        assert self._counts is not None
        near = self._counts.near().get(int(record.id), {})
        following, last = near.get(0), near.get(1)
        return {
            "next_activity_date": following["body"].get("due_date") if following else None,
            "next_activity_time": following["body"].get("due_time") if following else None,
            "next_activity_id": following["id"] if following else None,
            "last_activity_id": last["id"] if last else None,
            "last_activity_date": last["body"].get("due_date") if last else None,
        }

    def _stamps(self, record: Record) -> Row:
        return {
            "update_time": stamps.v1(record.updated), "delete_time": stamps.v1(record.gone),
            "add_time": stamps.v1(record.created),
        }  # fmt: skip

    def _organization(self, record: Record, body: Row) -> Row:
        user, place = self.users.get(body.get("owner_id") or 0), body.get("address") or {}
        counts = self._counted(record, (*_COUNTED, "people_count"))
        return {
            "id": int(record.id), "owner_id": {**(owner(user) or {}), "value": body.get("owner_id")},
            "name": body["name"],
            **{k: counts[k] for k in _COUNTED[:5]}, "people_count": counts["people_count"],
            **{k: counts[k] for k in _COUNTED[5:]},
            "active_flag": record.gone is None, "picture_id": None, "country_code": None,
            "first_char": body["name"][:1].lower(), **self._stamps(record),
            "visible_to": str(body.get("visible_to", 3)),
            **self._near(record), "label": next(iter(body.get("label_ids", [])), None),
            "label_ids": body.get("label_ids", []),
            "address": place.get("value"), **{f"address_{part}": place.get(part) for part in ADDRESS_PARTS},
            "address_country_code": None, **{name: body.get(name) for name in _ENRICHED},
            **flat(self._fields, body.get("custom_fields")), "owner_name": user.body["name"] if user else None,
            "cc_email": self.account.cc_email(),
        }  # fmt: skip

    def _person(self, record: Record, body: Row) -> Row:
        user, home = self.users.get(body.get("owner_id") or 0), self.organizations.get(str(body.get("org_id")))
        return {
            "id": int(record.id), "company_id": self.account.credentials.company_id,
            "owner_id": {**(owner(user) or {}), "value": body.get("owner_id")},
            "org_id": {**self._short_organization(home), "value": body["org_id"]} if home else None,
            "name": body["name"],
            "first_name": body.get("first_name"), "last_name": body.get("last_name"), **self._counted(record, _COUNTED),
            "active_flag": record.gone is None, "phone": body.get("phones", []), "email": body.get("emails", []),
            "primary_email": _primary(body.get("emails", [])), "first_char": body["name"][:1].lower(),
            **self._stamps(record),
            "visible_to": str(body.get("visible_to", 3)), "picture_id": None, **self._near(record),
            "last_incoming_mail_time": None, "last_outgoing_mail_time": None,
            "label": next(iter(body.get("label_ids", [])), None), "label_ids": body.get("label_ids", []),
            **flat(self._fields, body.get("custom_fields")), "org_name": home.body["name"] if home else None,
            "owner_name": user.body["name"] if user else None, "cc_email": self.account.cc_email(),
        }  # fmt: skip

    def _deal(self, record: Record, body: Row) -> Row:
        home, person = self.organizations.get(str(body.get("org_id"))), self.persons.get(str(body.get("person_id")))
        user, value = self.users.get(body.get("owner_id") or 0), body.get("value") or 0
        shown = f"{body.get('currency')} {value:,}"
        counts = ("files_count", "notes_count", "followers_count", "email_messages_count", *_COUNTED[5:8])
        return {
            "id": int(record.id), "creator_user_id": body.get("creator_user_id"), "user_id": body.get("owner_id"),
            "person_id": body.get("person_id"), "org_id": body.get("org_id"), "stage_id": body.get("stage_id"),
            "title": body["title"], "value": value, "currency": body.get("currency"),
            "add_time": stamps.v1(record.created),
            "update_time": stamps.v1(record.updated), "stage_change_time": stamps.v1(body.get("stage_change_time")),
            "active": body.get("status") == "open" and record.gone is None, "deleted": record.gone is not None,
            "is_archived": body.get("is_archived", False), "status": "deleted" if record.gone else body.get("status"),
            "probability": body.get("probability"), **self._near(record), "lost_reason": body.get("lost_reason"),
            "visible_to": str(body.get("visible_to", 3)), "close_time": stamps.v1(body.get("close_time")),
            "pipeline_id": body.get("pipeline_id"), "won_time": stamps.v1(body.get("won_time")),
            "first_won_time": stamps.v1(body.get("won_time")), "lost_time": stamps.v1(body.get("lost_time")),
            "products_count": 0, **self._counted(record, counts), "participants_count": 0,
            "expected_close_date": body.get("expected_close_date"), "last_incoming_mail_time": None,
            "last_outgoing_mail_time": None, "label": ",".join(str(n) for n in body.get("label_ids", [])) or None,
            **flat(self._fields, body.get("custom_fields")), "stage_order_nr": 0,
            "person_name": person.body["name"] if person else None, "org_name": home.body["name"] if home else None,
            "formatted_value": shown, "weighted_value": value, "formatted_weighted_value": shown,
            "weighted_value_currency": body.get("currency"), "rotten_time": None,
            "owner_name": user.body["name"] if user else None, "cc_email": self.account.cc_email(f"+deal{record.id}"),
            "org_hidden": False, "person_hidden": False,
        }  # fmt: skip

    def _activity(self, record: Record, body: Row) -> Row:
        home, person = self.organizations.get(str(body.get("org_id"))), self.persons.get(str(body.get("person_id")))
        deal, user = self.deals.get(str(body.get("deal_id"))), self.users.get(body.get("owner_id") or 0)
        place = body.get("location") or {}
        parts = [p for p in ("subpremise", *ADDRESS_PARTS) if p in ADDRESS_PARTS]
        taking_part = [
            {"person_id": p["person_id"], "primary_flag": p.get("primary", False)} for p in body.get("participants", [])
        ]
        return {
            "id": int(record.id), "user_id": body.get("owner_id"), "done": bool(body.get("done")), "type": body["type"],
            "reference_type": None, "reference_id": None, "conference_meeting_client": None,
            "conference_meeting_url": None,
            # What is empty is an empty text here, not null; and minutes end a time.
            "due_date": body.get("due_date"), "due_time": (body.get("due_time") or "")[:5],
            "duration": (body.get("duration") or "")[:5], "busy_flag": bool(body.get("busy")),
            "add_time": stamps.v1(record.created),
            "marked_as_done_time": stamps.v1(body.get("marked_as_done_time")) or "",
            "last_notification_time": None, "last_notification_user_id": None, "notification_language_id": None,
            "subject": body["subject"], "public_description": body.get("public_description"),
            "calendar_sync_include_context": None, "location": place.get("value"), "org_id": body.get("org_id"),
            "person_id": body.get("person_id"), "deal_id": body.get("deal_id"), "lead_id": body.get("lead_id"),
            "active_flag": record.gone is None, "update_time": stamps.v1(record.updated), "update_user_id": None,
            "source_timezone": None, "rec_rule": None, "rec_rule_extension": None, "rec_master_activity_id": None,
            "conference_meeting_id": None, "original_start_time": None, "private": False,
            "priority": body.get("priority"),
            "note": body.get("note"), "created_by_user_id": body.get("creator_user_id"),
            **{f"location_{part}": place.get(part) for part in parts}, "attendees": body.get("attendees"),
            "participants": taking_part or None, "series": None, "is_recurring": None,
            "org_name": home.body["name"] if home else None, "person_name": person.body["name"] if person else None,
            "deal_title": deal.body["title"] if deal else None, "lead_title": None,
            "owner_name": user.body["name"] if user else None,
            "person_dropbox_bcc": self.account.cc_email() if person else None,
            "deal_dropbox_bcc": self.account.cc_email(f"+deal{deal.id}") if deal else None,
            "assigned_to_user_id": body.get("owner_id"), "type_name": body["type"].capitalize(), "lead": None,
            "company_id": self.account.credentials.company_id,
        }  # fmt: skip

    def _short_organization(self, record: Record) -> Row:
        place = record.body.get("address") or {}
        return {
            "id": int(record.id), "name": record.body["name"], "people_count": 0,
            "owner_id": record.body.get("owner_id"),
            "address": place.get("value"), "cc_email": self.account.cc_email(),
        }  # fmt: skip

    def _short_person(self, record: Record) -> Row:
        return {
            "id": int(record.id), "name": record.body["name"], "email": record.body.get("emails", []),
            "phone": record.body.get("phones", []), "owner_id": record.body.get("owner_id"),
        }  # fmt: skip

    def _short_deal(self, record: Record) -> Row:
        body = record.body
        return {
            "id": int(record.id), "title": body["title"], "status": body.get("status"), "value": body.get("value"),
            "currency": body.get("currency"), "stage_id": body.get("stage_id"), "pipeline_id": body.get("pipeline_id"),
            "user_id": body.get("owner_id"), "is_archived": body.get("is_archived", False),
            "archive_time": body.get("archive_time"),
        }  # fmt: skip


def _primary(lines: Sequence[Row]) -> str | None:
    return next((one["value"] for one in lines if one.get("primary")), None)
