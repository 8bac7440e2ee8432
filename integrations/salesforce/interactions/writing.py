"""Writes interactions that were typed by hand: activities by collections, notes together with their links."""

from collections.abc import Callable, Sequence
from typing import Any

from integrations.sync.connector import Send, Sent

from ..client import SalesforceClient
from . import wire
from .answers import answer_of, refusal, sent_already
from .raw import CREATED_AS, CUSTOMER, Raw, raw_of
from .sources import DOCUMENTS, EMAILS, Source, source_of

LINK = "ContentDocumentLink"
SEEN_BY_VIEWERS = "V"
PARTS_OF_A_NOTE = 2
NOTES_AT_ONCE = 25 // PARTS_OF_A_NOTE
"""A composite call takes 25 parts."""


class InteractionWriter:
    def __init__(self, client: SalesforceClient, sources: Callable[[str], tuple[Source, ...]]) -> None:
        """`sources`: the objects of a data type that the organisation has."""
        self.client = client
        self.sources = sources

    def write(self, data_type: str, sends: Sequence[Send], key_field: str) -> list[Sent]:
        """All creates, all updates or all deletes, in one call; a message that was sent is refused without one."""
        if not sends:
            return []
        if sends[0].delete:
            return self._deleted(sends)
        return self._updated(data_type, sends) if sends[0].source_id else self._created(data_type, sends, key_field)

    def _created(self, data_type: str, sends: Sequence[Send], key_field: str) -> list[Sent]:
        present = self.sources(data_type)
        source = next(one for one in CREATED_AS[data_type] if one in present)
        if source is DOCUMENTS:
            return self._noted(data_type, sends)
        records = []
        for send in sends:
            key = {key_field: send.key} if key_field and send.key else {}
            records.append(typed(source, raw_of(data_type, source, send) | key))
        return by_parent(sends, records, lambda part: [answer_of(one) for one in wire.create_many(self.client, part)])

    def _updated(self, data_type: str, sends: Sequence[Send]) -> list[Sent]:
        found = [(send, source_of(data_type, send.source_id)) for send in sends]
        changed = [(send, source) for send, source in found if source and source is not EMAILS]
        records = [
            typed(source, {"Id": send.source_id, **without_customer(raw_of(data_type, source, send))})
            for send, source in changed
        ]
        results = wire.update_many(self.client, records) if records else []
        answers = {
            send.source_id: answer_of(result, send.source_id)
            for (send, _source), result in zip(changed, results, strict=True)
        }
        return [answers.get(send.source_id) or sent_already(send.source_id) for send in sends]

    def _deleted(self, sends: Sequence[Send]) -> list[Sent]:
        results = wire.delete_many(self.client, [send.source_id for send in sends])
        return [answer_of(result, send.source_id) for send, result in zip(sends, results, strict=True)]

    def _noted(self, data_type: str, sends: Sequence[Send]) -> list[Sent]:
        """A note without its link would hang on nothing: both are made, or neither."""
        parts = []
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


def noted(note: dict[str, Any], link: dict[str, Any]) -> Sent:
    refused = [part["body"] for part in (note, link) if int(part["httpStatusCode"]) >= 400]
    if not refused:
        return answer_of(note["body"])
    # Where one part failed all are undone, and the others are told so: the cause is what is said first.
    return min((refusal(body) for body in refused), key=lambda sent: sent.answer.value == "busy")


def by_parent(sends: Sequence[Send], records: Sequence[Raw], write: Callable[[list[Raw]], list[Sent]]) -> list[Sent]:
    """Children of one account stand together, for each of them locks it; answered in the order of the sends."""
    order = sorted(range(len(records)), key=lambda place: str(sends[place].values.get(CUSTOMER) or ""))
    answers = dict(zip(order, write([records[place] for place in order]), strict=True))
    return [answers[place] for place in range(len(records))]


def typed(source: Source, raw: Raw) -> Raw:
    # The type stands first: Salesforce reads no field before it.
    return {"attributes": {"type": source.object}, **raw}


def without_customer(raw: Raw) -> Raw:
    """Where a record hangs is settled when it is made; moving it stays Salesforce's to do."""
    return {name: value for name, value in raw.items() if name not in {"WhatId", "ParentId"}}
