"""Records out, one to a call: Intercom has no batches. Only what was linked is written; nothing is ever created."""

from collections.abc import Mapping, Sequence
from typing import Any

from integrations.sync.connector import Answer, CrmField, Send, Sent
from integrations.wire.errors import AlreadyExists, Conflict, NotFound, Rejected

from .client import IntercomClient
from .schema import CUSTOM
from .values import written

MOST_WRITTEN = 40
"""Of one step: whoever dies in the middle asks again about so many at most."""


def write(
    client: IntercomClient, object_name: str, sends: Sequence[Send], fields: Mapping[str, CrmField]
) -> list[Sent]:
    return [one(client, object_name, send, fields) for send in sends]


def one(client: IntercomClient, object_name: str, send: Send, fields: Mapping[str, CrmField]) -> Sent:
    """The record's own fault is its answer; whatever would meet the next one too is raised."""
    update = client.update_company if object_name == "customers" else client.update_contact
    try:
        update(send.source_id, body_of(send.values, fields))
    except NotFound as gone:
        return Sent(Answer.GONE, send.source_id, gone.code, gone.message)
    except (Rejected, Conflict, AlreadyExists) as refused:
        return Sent(Answer.REFUSED, send.source_id, refused.code, refused.message, refused.fields)
    return Sent(Answer.DONE, send.source_id)


def body_of(values: Mapping[str, Any], fields: Mapping[str, CrmField]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    custom: dict[str, Any] = {}
    for path, value in values.items():
        raw = written(value, fields[path].type if path in fields else "string")
        if path.startswith(CUSTOM):
            custom[path.removeprefix(CUSTOM)] = raw
        else:
            body[path] = raw
    return {**body, **({"custom_attributes": custom} if custom else {})}
