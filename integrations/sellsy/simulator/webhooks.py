"""Webhooks as they are registered and listed; `notices` keeps what they would be told."""

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from . import filters
from .account import Account
from .kind import Kind, Told
from .listing import answer
from .rules import FLAG, Fields, items, one_of, shape, text, verified
from .times import told
from .verbs import nothing

_ENTITIES = {
    "client": ("Clients", ("created", "updated", "deleted", "archived", "transform")),
    "prospect": ("Prospects", ("created", "updated", "deleted", "archived", "transform")),
    "people": ("Contacts", ("created", "updated", "deleted")),
    "third_party_contact": ("Contacts liés", ("created", "updated", "deleted")),
    "opportunity": ("Opportunités", ("created", "updated", "deleted", "step", "status")),
    "task": ("Tâches", ("created", "updated", "deleted")),
}
_CONFIGURATION = items(shape(id=text().must, is_enabled=FLAG))
_PUT: Fields = {
    "is_enabled": FLAG, "name": text().or_null, "endpoint": text(), "configuration": _CONFIGURATION,
    "object_in_payload": FLAG, "json_content_type": FLAG, "sign_key": text(), "default_channel": text().or_null,
}  # fmt: skip
_POST: Fields = {**_PUT, "type": one_of("http", "slack").must, "endpoint": text().must}

WEBHOOK = Kind(
    "webhook", lambda _account, records: [_tell(one) for one in records],
    filters={
        "type": filters.exact("type", one_of("http", "slack")), "is_enabled": filters.flag("is_enabled"),
        "endpoint": filters.exact("endpoint"), "name": filters.exact("name"),
    },
)  # fmt: skip


def _tell(record: Record) -> Told:
    body = record.body
    return {
        "id": int(record.id), "name": body.get("name"), "type": body["type"], "endpoint": body["endpoint"],
        "is_enabled": body.get("is_enabled", True), "created": told(record.created), "updated": told(record.updated),
        "last_succeeded": None, "last_failed": None, "nb_failures": 0,
        "object_in_payload": body.get("object_in_payload", False), "json_content_type": body.get("json_content_type", False),
        "sign_key": body.get("sign_key") or "", "configuration": body.get("configuration") or [],
    }  # fmt: skip


def create(account: Account, request: Request) -> Response:
    sent = verified(_POST, request.json)
    return answer(_tell(account.store.add("webhook", sent)), 201)


def update(account: Account, request: Request, number: str) -> Response:
    record = account.must_get("webhook", number)
    record.body.update(verified(_PUT, request.json))
    account.store.write(record)
    return answer(_tell(record))


def delete(account: Account, _request: Request, number: str) -> Response:
    account.store.purge(account.must_get("webhook", number))
    return nothing()


def events(_account: Account, _request: Request) -> Response:
    return answer(
        [
            {"id": name, "description": label, "events": {event: event.capitalize() for event in some}}
            for name, (label, some) in _ENTITIES.items()
        ]
    )
