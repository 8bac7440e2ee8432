"""How records look in v2: keys in the vendor's order, references as bare numbers, custom fields in a drawer of their own."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from integrations.simulation.documents import Record

from . import stamps
from .account import Account
from .custom_values import shown
from .fields import Field
from .objects import Object

Row = dict[str, Any]
ENRICHED = ("website", "linkedin", "industry", "annual_revenue", "employee_count")
"""Only on accounts with the feature."""
SYNCED = ("notes", "im", "birthday", "job_title", "postal_address")
"""Of persons, only with Contact Sync on."""


class Shaper:
    """Shapes one page: what is the same for all of its rows is read once."""

    def __init__(self, account: Account, obj: Object, now: str, query: Mapping[str, str]) -> None:
        self.now, self._obj = now, obj
        self._labels = query.get("include_labels") == "true"
        self._option_labels = query.get("include_option_labels") == "true"
        self._enriched, self._synced = account.setting("enrichment"), account.setting("contact_sync")
        wanted = query.get("custom_fields")
        fields = account.book.custom_fields(obj.kind) if obj.has_custom else ()
        # An account without custom fields answers null, not an empty object.
        self._no_custom = not fields or account.faults.null_custom_fields
        self._fields: Sequence[Field] = [f for f in fields if not wanted or f.key in wanted.split(",")]
        self._label_field = next((f for f in account.book.fields(obj.kind) if f.key == "label_ids"), None)
        self._shape = {
            "organization": self._organization, "person": self._person, "deal": self._deal, "activity": self._activity,
        }[obj.kind]  # fmt: skip

    def rows(self, records: Iterable[Record]) -> list[Row]:
        return [self.row(record) for record in records]

    def row(self, record: Record) -> Row:
        row = self._shape(record, record.body)
        if self._labels and "label_ids" in row:
            row["labels"] = self._labelled(row["label_ids"])
        return row

    def update_time(self, record: Record) -> str | None:
        """Null until the row has settled, and for ever on rows of old imports."""
        return stamps.v2(record.updated) if record.updated <= self.now else None

    def _custom(self, body: Row) -> Row | None:
        return None if self._no_custom else shown(self._fields, body.get("custom_fields"), labels=self._option_labels)

    def _labelled(self, numbers: list[int]) -> list[Row]:
        options = [self._label_field.option(n) for n in numbers] if self._label_field else []
        return [{"id": o["id"], "label": o["label"]} for o in options if o]

    def _organization(self, record: Record, body: Row) -> Row:
        enriched = {name: body.get(name) for name in ENRICHED} if self._enriched else {}
        return {
            "id": int(record.id), "name": body["name"], "add_time": stamps.v2(record.created),
            "update_time": self.update_time(record), "visible_to": body.get("visible_to", 3),
            "custom_fields": self._custom(body), "owner_id": body.get("owner_id"),
            "label_ids": body.get("label_ids", []),
            **enriched, "is_deleted": record.gone is not None, "address": body.get("address"),
        }  # fmt: skip

    def _person(self, record: Record, body: Row) -> Row:
        synced = {name: body.get(name) for name in SYNCED} if self._synced else {}
        return {
            "id": int(record.id), "name": body["name"], "first_name": body.get("first_name"),
            "last_name": body.get("last_name"), "add_time": stamps.v2(record.created),
            "update_time": self.update_time(record), "visible_to": body.get("visible_to", 3),
            "custom_fields": self._custom(body), "owner_id": body.get("owner_id"),
            "label_ids": body.get("label_ids", []),
            "org_id": body.get("org_id"), "is_deleted": record.gone is not None, "picture_id": None,
            "phones": body.get("phones", []), "emails": body.get("emails", []), **synced,
        }  # fmt: skip

    def _deal(self, record: Record, body: Row) -> Row:
        value = body.get("value", 0)
        return {
            "id": int(record.id), "title": body["title"], "creator_user_id": body.get("creator_user_id"),
            "value": value,
            "person_id": body.get("person_id"), "org_id": body.get("org_id"), "stage_id": body.get("stage_id"),
            "pipeline_id": body.get("pipeline_id"), "currency": body.get("currency"),
            "add_time": stamps.v2(record.created), "update_time": self.update_time(record),
            "stage_change_time": body.get("stage_change_time"),
            "status": "deleted" if record.gone else body.get("status", "open"),
            "is_archived": body.get("is_archived", False), "archive_time": body.get("archive_time"),
            "is_deleted": record.gone is not None, "probability": body.get("probability"),
            "lost_reason": body.get("lost_reason"), "visible_to": body.get("visible_to", 3),
            "close_time": body.get("close_time"), "won_time": body.get("won_time"), "lost_time": body.get("lost_time"),
            "local_won_date": _day(body.get("won_time")), "local_lost_date": _day(body.get("lost_time")),
            "local_close_date": _day(body.get("close_time")), "expected_close_date": body.get("expected_close_date"),
            "label_ids": body.get("label_ids", []), "origin": body.get("origin", "ManuallyCreated"),
            "origin_id": body.get("origin_id"), "channel": body.get("channel"), "channel_id": body.get("channel_id"),
            "acv": body.get("acv"), "arr": body.get("arr"), "mrr": body.get("mrr"),
            "custom_fields": self._custom(body), "owner_id": body.get("owner_id"),
        }  # fmt: skip

    def _activity(self, record: Record, body: Row) -> Row:
        return {
            "id": int(record.id), "subject": body["subject"], "type": body["type"], "owner_id": body.get("owner_id"),
            "creator_user_id": body.get("creator_user_id"), "is_deleted": record.gone is not None,
            "add_time": stamps.v2(record.created), "update_time": stamps.v2(record.updated),
            **{name: body.get(name) for name in ("deal_id", "lead_id", "person_id", "org_id", "project_id")},
            **{name: body.get(name) or None for name in ("due_date", "due_time", "duration")},
            "done": body.get("done", False), "busy": body.get("busy", False),
            "marked_as_done_time": body.get("marked_as_done_time"), "location": body.get("location"),
            "participants": body.get("participants", []), "conference_meeting_client": None,
            "conference_meeting_url": None,
            "conference_meeting_id": None, "public_description": body.get("public_description"),
            "priority": body.get("priority"), "note": body.get("note"),
        }  # fmt: skip


def _day(moment: str | None) -> str | None:
    return moment[:10] if moment else None
