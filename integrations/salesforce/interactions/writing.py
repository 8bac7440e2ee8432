"""Writes interactions that were typed by hand: activities by collections, notes together with their links."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from integrations.sync.connector import Answer, Send, Sent

from .. import writing
from ..replies import error_of
from ..rows import CUSTOMER, Row, require_key_field
from ..schema import Described
from ..verdicts import done, failed
from ..writing_client import WritingClient
from . import wire
from .raw import CREATED_AS, Raw, raw_of
from .sources import DOCUMENTS, EMAILS, Source, source_of

LINK = "ContentDocumentLink"
SEEN_BY_VIEWERS = "V"
PARTS_OF_A_NOTE = 2
NOTES_AT_ONCE = wire.MOST_PARTS // PARTS_OF_A_NOTE
HALTED = "PROCESSING_HALTED"
"""Nothing was wrong with this one: another one that was to be made together with it failed."""
WHERE_IT_HANGS = frozenset({"WhatId", "ParentId"})
REFERENCES = WHERE_IT_HANGS | {"WhoId", "RelatedToId"}


class InteractionWriter:
    def __init__(
        self, client: WritingClient, sources: Callable[[str], tuple[Source, ...]], described: Callable[[str], Described]
    ) -> None:
        """`sources`: the objects of a data type that the organisation has; `described`: the first of them."""
        self.client = client
        self.sources = sources
        self.described = described

    def write(self, data_type: str, sends: Sequence[Send], key_field: str) -> list[Sent]:
        """All creates, all updates or all deletes; a message that was sent is refused without a call."""
        if not sends:
            return []
        if sends[0].source_id:
            return writing.write(self.client, [known_row(data_type, send) for send in sends])
        present = self.sources(data_type)
        source = next(one for one in CREATED_AS[data_type] if one in present)
        if source is DOCUMENTS:
            return self._noted(data_type, sends)
        if key_field:
            require_key_field(source.object, self.described(data_type), sends, key_field)
        return writing.write(self.client, [new_row(data_type, source, send, key_field) for send in sends])

    def _noted(self, data_type: str, sends: Sequence[Send]) -> list[Sent]:
        """A note without its link would hang on nothing: both are made, or neither."""
        parts: list[wire.Part] = []
        for number, send in enumerate(sends):
            link = {
                "ContentDocumentId": f"@{{note{number}.id}}",
                "LinkedEntityId": send.values.get(CUSTOMER),
                "ShareType": SEEN_BY_VIEWERS,
            }
            parts += [
                (f"note{number}", DOCUMENTS.object, raw_of(data_type, DOCUMENTS, send)),
                (f"link{number}", LINK, link),
            ]
        answers = wire.create_together(self.client, parts)
        return [noted(answers[f"note{number}"], answers[f"link{number}"]) for number in range(len(sends))]


def new_row(data_type: str, source: Source, send: Send, key_field: str) -> Row:
    # What is empty in a new record is left to Salesforce.
    columns = {name: value for name, value in raw_of(data_type, source, send).items() if value is not None}
    return Row(
        source.object, columns, key=send.key, key_field=key_field if send.key else "",
        parent=str(send.values.get(CUSTOMER) or ""), references=REFERENCES, prefix=source.prefix,
    )  # fmt: skip


def known_row(data_type: str, send: Send) -> Row | Sent:
    source = source_of(data_type, send.source_id)
    if source is None:
        return Sent(Answer.GONE, send.source_id, "NOT_FOUND")
    if send.delete:
        return Row(source.object, id=send.source_id, prefix=source.prefix, deletes=True)
    if source is EMAILS:
        message = _("Salesforce lets nobody change an e-mail that was sent.")
        return Sent(Answer.REFUSED, send.source_id, "EMAIL_WAS_SENT", message)
    # Where a record hangs is settled when it is made; moving it stays Salesforce's to do.
    raw: Raw = raw_of(data_type, source, send)
    columns = {name: value for name, value in raw.items() if name not in WHERE_IT_HANGS}
    return Row(source.object, columns, send.source_id, references=REFERENCES & set(columns), prefix=source.prefix)


def noted(note: Mapping[str, Any], link: Mapping[str, Any]) -> Sent:
    row = Row(DOCUMENTS.object, prefix=DOCUMENTS.prefix)
    refused = [part for part in (note, link) if int(part["httpStatusCode"]) >= wire.REFUSED]
    if not refused:
        return done(row, str(note["body"]["id"]))
    # Where one part failed all are undone, and the others are told so: the cause is said, wherever it stands.
    causes = [part for part in refused if part["body"][0]["errorCode"] != HALTED]
    if not causes:
        return Sent(Answer.BUSY, code=HALTED, message=str(refused[0]["body"][0]["message"]))
    return failed(row, error_of(causes[0]["body"][0], int(causes[0]["httpStatusCode"])))
