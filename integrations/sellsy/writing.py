"""Writes scores: custom values of companies, fifty in one batch, each record answered for itself."""

from collections.abc import Mapping, Sequence
from typing import Any

from integrations.sync.connector import Answer, CrmField, Send, Sent
from integrations.wire.errors import NotFound, RateLimited, Transient

from .client import BATCH, Line, SellsyClient, Told
from .fields import custom_of
from .replies import error_of
from .scope import COMPANIES
from .values import written

WRITE_BATCH = 10 * BATCH
"""Records whose values are read back together: a write is answered with nothing."""


def write(client: SellsyClient, sends: Sequence[Send], fields: Mapping[str, CrmField]) -> list[Sent]:
    lines = [Line("PUT", f"{COMPANIES}/{send.source_id}/custom-fields", body=values_of(send, fields)) for send in sends]
    told = client.write(lines, kind="write")
    return [sent_of(send, one) for send, one in zip(sends, told, strict=True)]


def values_of(send: Send, fields: Mapping[str, CrmField]) -> list[dict[str, Any]]:
    """An array, and nothing around it."""
    found = []
    for path, value in send.values.items():
        custom = custom_of(path)
        if send.delete or not send.source_id or custom is None or custom.part:
            raise ValueError(f"Only custom values of known companies are written, not {path}.")
        field = fields.get(path)
        found.append({"id": custom.number, "value": written(value, field.type if field else "")})
    return found


def sent_of(send: Send, told: Told) -> Sent:
    if told.code < 400:
        return Sent(Answer.DONE, send.source_id)
    error = error_of(told.code, told.body if isinstance(told.body, Mapping) else {})
    answer = Answer.REFUSED
    if isinstance(error, NotFound):
        answer = Answer.GONE
    elif isinstance(error, RateLimited | Transient):
        answer = Answer.BUSY
    return Sent(answer, send.source_id, error.code, error.message, tuple(send.values) if error.fields else ())
