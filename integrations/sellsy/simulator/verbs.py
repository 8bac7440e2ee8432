"""The handlers that all kinds share: list, search, read, create, change, delete."""

from collections.abc import Callable

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from . import writing
from .account import Account
from .asked import Asked
from .kind import Kind
from .listing import answer, asked_for, listed, searched, told
from .rules import verified
from .writing import Writing

Handler = Callable[..., Response]
NOTHING = 204


def nothing(status: int = NOTHING) -> Response:
    return Response(None, status, {}, "application/json")


def list_of(kind: Kind) -> Handler:
    return lambda account, request: listed(account, request, kind)


def search_of(kind: Kind) -> Handler:
    return lambda account, request: searched(account, request, kind)


def read_of(kind: Kind) -> Handler:
    def read(account: Account, request: Request, number: str) -> Response:
        asked = asked_for(kind, request)
        if account.faults.single_embeds_ignored and asked.custom:
            asked = _without_custom(asked)
        return one(account, kind, account.must_get(kind.name, number), asked)

    return read


def _without_custom(asked: Asked) -> Asked:
    return Asked(
        asked.limit, asked.offset, asked.numeric, asked.cursor, asked.order, asked.descending, asked.fields, asked.embeds,
        frozenset(), asked.verify,
    )  # fmt: skip


def one(account: Account, kind: Kind, record: Record, asked: Asked, status: int = 200) -> Response:
    return answer(told(account, kind, [record], asked)[0], status)


def create_of(rules: Writing) -> Handler:
    def create(account: Account, request: Request) -> Response:
        asked = asked_for(rules.kind, request)
        sent = verified(rules.post, request.json)
        writing.check_references(account, rules.kind.name, sent)
        if rules.check:
            rules.check(account, sent, None)
        if asked.verify:
            return nothing()
        account.faults.on_write()
        record = writing.create(account, rules, sent, request.user_id)
        return one(account, rules.kind, record, asked, 201)

    return create


def update_of(rules: Writing) -> Handler:
    def update(account: Account, request: Request, number: str) -> Response:
        asked = asked_for(rules.kind, request)
        record = account.must_get(rules.kind.name, number)
        sent = verified(rules.put, request.json)
        return change(account, rules, record, sent, asked)

    return update


def change(account: Account, rules: Writing, record: Record, sent: dict[str, object], asked: Asked) -> Response:
    writing.check_references(account, rules.kind.name, sent)
    if rules.check:
        rules.check(account, sent, record)
    if asked.verify:
        return nothing()
    account.faults.on_write()
    writing.update(account, rules, record, sent)
    return one(account, rules.kind, record, asked)


def delete_of(kind: Kind) -> Handler:
    def delete(account: Account, _request: Request, number: str) -> Response:
        record = account.must_get(kind.name, number)
        account.faults.on_write()
        writing.delete(account, record)
        return nothing()

    return delete
