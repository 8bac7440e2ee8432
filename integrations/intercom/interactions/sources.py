"""Which kind of interaction a conversation is, and what each of its fields means here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Kind
from integrations.engine.plain_text import of_html
from integrations.engine.values import Value
from integrations.hub.fields import LONGEST_BODY
from integrations.sync.connector import CrmField

from ..values import moment

Raw = Mapping[str, Any]
EMAILS, CALLS, NOTES = "emails", "calls", "notes"
KINDS: Mapping[str, str] = {"email": EMAILS, "phone_call": CALLS, "phone_switch": CALLS}
"""Channel → data type; chats, social media, messages and whatever else there is are notes."""
DATA_TYPES = (EMAILS, CALLS, NOTES)
TEXT, PARTICIPANTS, CONTACTS = "@text", "@participants", "@contacts"
LONGEST_SUBJECT = 500
OURS = frozenset({"admin", "bot", "team"})
TOLD = frozenset({"comment", "note", "quick_reply", "note_and_reopen", "open", "close", "assignment"})
"""Parts that people wrote; the others say what the machine did."""


@dataclass(frozen=True, slots=True)
class Told:
    """A conversation, and what its values need to know beside it."""

    raw: Raw
    people: Sequence[Raw] = ()
    """Its contacts, as far as Intercom still knows them."""
    teammates: Mapping[str, str] | None = None
    """Number of a teammate → e-mail address."""
    text: str | None = None
    """Messages and replies, where they are known already."""

    @property
    def source(self) -> Raw:
        found: Raw = self.raw.get("source") or {}
        return found


@dataclass(frozen=True, slots=True)
class Field:
    label: str | Promise
    kind: Kind
    type: str
    value: Callable[[Told], Value]


def kind_of(raw: Raw) -> str:
    return KINDS.get(str((raw.get("source") or {}).get("type")), NOTES)


def plain(told: Any) -> str:
    text = str(told or "")
    return of_html(text) if "<" in text or "&" in text else text.strip()


def subject(told: Told) -> Value:
    """An e-mail has one, a chat may have a title; else its first line serves."""
    named = plain(told.source.get("subject")) or plain(told.raw.get("title"))
    lines = [line for line in (named or plain(told.source.get("body"))).splitlines() if line.strip()]
    return lines[0].strip()[:LONGEST_SUBJECT] if lines else None


def first_message(told: Told) -> Value:
    return plain(told.source.get("body"))[:LONGEST_BODY] or None


def text(told: Told) -> Value:
    """The first message, then each reply behind its author's name."""
    if told.text is not None:
        return told.text or None
    parts = (told.raw.get("conversation_parts") or {}).get("conversation_parts") or ()
    replies = [said for one in parts if one.get("part_type") in TOLD and (said := _said(one))]
    return "\n\n".join(filter(None, (plain(told.source.get("body")), *replies)))[:LONGEST_BODY] or None


def _said(part: Raw) -> str:
    body, author = plain(part.get("body")), part.get("author") or {}
    name = str(author.get("name") or author.get("email") or "").strip()
    return f"{name}: {body}" if body and name else body


def is_incoming(told: Told) -> Value:
    """Whoever wrote first, where that is known; what Intercom wrote by itself is nobody's."""
    author = str((told.source.get("author") or {}).get("type") or "")
    return None if not author else author not in OURS


def participants(told: Told) -> Value:
    named = [told.source.get("author") or {}, *told.people]
    addresses = [str(one.get("email") or "").strip().lower() for one in named]
    admins = (told.raw.get("teammates") or {}).get("admins") or ()
    addresses += [(told.teammates or {}).get(str(one.get("id")), "") for one in admins]
    return tuple(dict.fromkeys(one for one in addresses if "@" in one))


def contacts(told: Told) -> Value:
    return contacts_in(told.raw)


def contacts_in(raw: Raw) -> tuple[str, ...]:
    return tuple(str(one["id"]) for one in (raw.get("contacts") or {}).get("contacts") or ())


def created(told: Told) -> Value:
    return moment(told.raw["created_at"]) if told.raw.get("created_at") else None


FIELDS: Mapping[str, Field] = {
    "id": Field(_("Conversation ID"), Kind.ID, "id", lambda told: str(told.raw["id"])),
    "subject": Field(_("Subject, title or first line"), Kind.TEXT, "string", subject),
    TEXT: Field(_("Messages and replies"), Kind.LONG_TEXT, "long-text", text),
    "body": Field(_("First message alone"), Kind.LONG_TEXT, "long-text", first_message),
    "created_at": Field(_("Begun"), Kind.DATETIME, "date", created),
    "is_incoming": Field(_("Begun by the contact"), Kind.BOOL, "boolean", is_incoming),
    PARTICIPANTS: Field(_("Contacts and teammates"), Kind.LIST, "list", participants),
    CONTACTS: Field(_("Contacts"), Kind.LIST, "list", contacts),
    "state": Field(_("State"), Kind.TEXT, "string", lambda told: str(told.raw.get("state") or "") or None),
}


def fields_of() -> tuple[CrmField, ...]:
    return tuple(CrmField(path, str(one.label), one.type, one.kind, is_id=path == "id") for path, one in FIELDS.items())
