"""An interaction that was typed by hand, as HubSpot keeps it: a hundred a call, tied to its company and contacts as it is made."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from integrations.engine.placeholders import filled
from integrations.engine.plain_text import to_html
from integrations.engine.values import Value, is_blank
from integrations.sync.connector import Answer, CrmField, Send, Sent, Unsendable
from integrations.wire.chunks import chunks

from .. import writing
from ..client import BATCH, HubSpotClient
from ..hanging import tied
from ..owners import Owners
from ..rows import CUSTOMER, Row, Rows, require_key_field
from ..schema import ID
from ..values import written
from . import headers, noted
from .placeholders import DIRECTION, PLACEHOLDERS
from .sources import (
    BODY,
    CONTACTS,
    EMAILS,
    END,
    INCOMING,
    MEETINGS,
    MINUTES,
    NOTES,
    PARTICIPANTS,
    START,
    TEXT,
    TITLE,
    WHEN,
    Activity,
    is_incoming_email,
)
from .words import Held

TOGETHER: Mapping[str, frozenset[str]] = {
    "meetings": frozenset({START, MINUTES}), "notes": frozenset({TITLE, BODY}),
    "emails": frozenset({DIRECTION, PARTICIPANTS}),
}  # fmt: skip
"""Fields that HubSpot keeps in one property: whoever changes one of them must know the others."""
HTML = frozenset({"hs_meeting_body", "hs_call_body"})
MOST_TIES = 2000
"""Of one call."""
Properties = dict[str, str]


class InteractionWriter:
    def __init__(self, client: HubSpotClient, source: Activity, fields: Mapping[str, CrmField], owners: Owners) -> None:
        self.client, self.source = client, source
        self.rows = Rows(source.object, fields, owners)

    def write(self, sends: Sequence[Send], key_field: str) -> list[Sent]:
        require_key_field(self.source.object, self.rows.fields, sends, key_field)
        held = self._held(sends)
        rows = [
            self._row(str(place), send, key_field, held.get(send.source_id, {})) for place, send in enumerate(sends)
        ]
        answers = writing.write(self.client, self.source.object, rows)
        self._tie_anew(sends, answers)
        return answers

    def _row(self, trace: str, send: Send, key_field: str, held: Held) -> Row | Sent:
        if send.delete:
            return Row(trace, id=send.source_id, deletes=True)
        values = send.values if send.source_id else filled(send.values, PLACEHOLDERS[self.source.object])
        properties: Properties = {}
        for path, value in values.items():
            if not send.source_id and is_blank(value):
                continue
            try:
                properties |= self._properties(path, value)
            except Unsendable as refused:
                return Sent(Answer.REFUSED, send.source_id, refused.code, refused.message, (path,))
        properties |= self._together(values, held)
        if send.source_id:
            return Row(trace, properties, send.source_id)
        if send.key and key_field:
            # A second try is refused by HubSpot itself, which names the record that the first one made.
            properties[key_field] = send.key
        return Row(trace, {**self._when(values), **properties}, ties=self._ties(send))

    def _properties(self, path: str, value: Value) -> Properties:
        if path in {ID, CUSTOMER, CONTACTS} or path in TOGETHER.get(self.source.object, ()):
            return {}
        if path == MINUTES:
            return {"hs_call_duration": "" if value is None else str(int(str(value)) * 60_000)}
        if path == TEXT:
            text = "" if is_blank(value) else str(value)
            return {"hs_email_text": text, "hs_email_html": to_html(text)}
        if path == "hs_call_direction":
            return {path: "" if value is None else "INBOUND" if value else "OUTBOUND"}
        if path in HTML:
            return {path: "" if is_blank(value) else to_html(str(value))}
        return {path: self.rows.value(path, value)}

    def _together(self, values: Mapping[str, Value], held: Held) -> Properties:
        changed = TOGETHER.get(self.source.object, frozenset()) & set(values)
        if not changed:
            return {}

        def now(path: str) -> Value:
            return values[path] if path in values else self.source.ways[path].value(held) if held else None

        if self.source is NOTES:
            return {noted.COLUMN: noted.written(str(now(TITLE) or ""), str(now(BODY) or ""))}
        if self.source is EMAILS:
            people = now(PARTICIPANTS)
            is_incoming = bool(values.get(DIRECTION) if DIRECTION in values else is_incoming_email(held))
            # Turned round, whoever wrote it before received it.
            before = {} if DIRECTION in values else held
            told = headers.written(people if isinstance(people, tuple) else (), before, is_incoming=is_incoming)
            return {headers.COLUMN: told, DIRECTION: INCOMING if is_incoming else "EMAIL"}
        start, minutes = now(START), now(MINUTES)
        if not isinstance(start, datetime):
            return {}
        end = start + timedelta(minutes=minutes if isinstance(minutes, int) else 0)
        return {START: written(start), WHEN: written(start), END: "" if minutes is None else written(end)}

    def _when(self, values: Mapping[str, Value]) -> Properties:
        """HubSpot takes no interaction without a moment, whatever is mapped."""
        when = values.get(START if self.source is MEETINGS else WHEN)
        return {WHEN: written(when if isinstance(when, datetime) else timezone.now())}

    # --- Ties

    def _ties(self, send: Send) -> tuple[dict[str, Any], ...]:
        company = str(send.values.get(CUSTOMER) or "")
        people = people_of(send)
        found = [tie(company, self.source.company)] if company else []
        return (*found, *(tie(one, self.source.contact) for one in people))

    def _tie_anew(self, sends: Sequence[Send], answers: Sequence[Sent]) -> None:
        """The contacts of one that stood there already: what it is tied to is asked for once, for a thousand of them."""
        wanted = {
            send.source_id: set(people_of(send))
            for send, sent in zip(sends, answers, strict=True)
            if send.source_id and CONTACTS in send.values and sent.answer is Answer.DONE
        }
        if not wanted:
            return
        obj, present = self.source.object, tied(self.client, self.source.object, "contacts", list(wanted))
        new = [(one, other) for one, people in wanted.items() for other in people - set(present.get(one, ()))]
        old = {one: set(present.get(one, ())) - people for one, people in wanted.items()}
        ties = [{"from": {"id": one}, **tie(other, self.source.contact)} for one, other in new]
        for part in chunks(ties, MOST_TIES):
            self.client.associate(obj, "contacts", part)
        undone = [
            {"from": {"id": one}, "to": [{"id": other} for other in sorted(others)]}
            for one, others in old.items() if others
        ]  # fmt: skip
        for part in chunks(undone, BATCH):
            self.client.dissociate(obj, "contacts", part)

    def _held(self, sends: Sequence[Send]) -> dict[str, Held]:
        """Of those of which a part is to change that HubSpot keeps with another."""
        together = TOGETHER.get(self.source.object, frozenset())
        asked = [
            send.source_id for send in sends
            if send.source_id and not send.delete and 0 < len(together & set(send.values)) < len(together)
        ]  # fmt: skip
        columns = [name for path in sorted(together) for name in self.source.ways[path].columns]
        found: dict[str, Held] = {}
        for part in chunks(asked, BATCH):
            rows = self.client.read(self.source.object, part, columns)["results"]
            found |= {str(row["id"]): row["properties"] for row in rows}
        return found


def tie(other: str, number: int) -> dict[str, Any]:
    return {
        "to": {"id": other},
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number}],
    }


def people_of(send: Send) -> tuple[str, ...]:
    value = send.values.get(CONTACTS)
    return tuple(str(one) for one in value) if isinstance(value, tuple) else ()
