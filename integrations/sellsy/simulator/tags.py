"""Smart tags: matched without case or accents, created by being used, unlinked by being left out."""

import unicodedata
from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from .account import Account
from .errors import MISSING, invalid
from .filters import linked
from .kind import Kind, Told
from .listing import listed
from .verbs import Handler, nothing

TAG = Kind("smart-tag", lambda _account, records: [_tell(one) for one in records])


def _tell(record: Record) -> Told:
    return {"value": record.body["value"], "id": int(record.id)}


def folded(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold().strip()


def tags_of(kind: str) -> Handler:
    def read(account: Account, request: Request, number: str) -> Response:
        account.must_get(kind, number)
        return _list(account, request, kind, number)

    return read


def _list(account: Account, request: Request, kind: str, number: str) -> Response:
    return listed(account, request, TAG, [linked(kind, "smart-tag").condition([int(number)])])


def set_tags_of(kind: str) -> Handler:
    """The list that is sent is the whole of it: the vendor's document unlinks a tag by leaving it out."""

    def write(account: Account, request: Request, number: str) -> Response:
        record = account.must_get(kind, number)
        sent = request.json if request.body else []
        if not isinstance(sent, list):
            raise invalid({"body": "Cette valeur doit être de type array"})
        wanted = [_find(account, place, one) for place, one in enumerate(sent)]
        account.faults.on_write()
        for _, old, _ in list(account.store.links(kind, [number], "smart-tag")):
            account.store.unlink((kind, number), ("smart-tag", old))
        for tag in wanted:
            account.store.link((kind, number), ("smart-tag", tag))
        account.touch(record)
        return _list(account, request, kind, number)

    return write


def _find(account: Account, place: int, sent: Any) -> str:
    if isinstance(sent, dict) and isinstance(sent.get("id"), int):
        return account.must_get("smart-tag", sent["id"]).id
    if not isinstance(sent, dict) or not isinstance(sent.get("value"), str):
        raise invalid({f"[{place}].value": MISSING})
    return tag_id(account, sent["value"])


def tag_id(account: Account, value: str) -> str:
    for known in account.store.all("smart-tag"):
        if folded(known.body["value"]) == folded(value):
            return known.id
    return account.store.add("smart-tag", {"value": value}).id


def autocomplete(account: Account, request: Request, sort: str) -> Response:
    wanted = folded(request.query.get("q", ""))
    known = [one.id for one in account.store.all("smart-tag") if wanted in folded(one.body["value"])]
    known = list(dict.fromkeys(tag for tag, _, _ in account.store.links("smart-tag", known, sort)))
    return listed(account, request, TAG, [(f"id IN ({', '.join('?' for _ in known)})", known)])


def delete(account: Account, _request: Request, number: str) -> Response:
    account.store.purge(account.must_get("smart-tag", number))
    return nothing(200)
