"""What HubSpot said of one record, as the one answer that says what follows."""

from integrations.engine.records import Record
from integrations.sync.connector import Answer, Sent
from integrations.wire.errors import AlreadyExists, NotFound, RateLimited, Transient, WireError

from .rows import Row


def done(row: Row, record_id: str, stored: Record | None = None) -> Sent:
    return Sent(Answer.DONE, row.id or record_id, stored=stored)


def failed(row: Row, error: WireError) -> Sent:
    found = row.id
    answer = Answer.REFUSED
    if isinstance(error, RateLimited | Transient):
        answer = Answer.BUSY
    elif isinstance(error, AlreadyExists) and not row.id:
        # Of a record that was to be made; where one changes, the other that has its value is a person's to look at.
        answer, found = Answer.EXISTS, error.source_id
    elif isinstance(error, NotFound) and row.id:
        answer = Answer.GONE
    return Sent(answer, found, error.code, error.message, error.fields)
