"""Which contact belongs to which company, many to many, and the roles that it has there."""

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from .account import Account
from .errors import not_found
from .filters import linked
from .kind import Condition, Kind
from .listing import listed
from .rules import Fields, items, one_of, verified
from .thirds import COMPANY, CONTACT
from .verbs import Handler, nothing
from .writing import ROLES

_ROLES = items(one_of(*ROLES))
_POST: Fields = {"roles": _ROLES.or_null}
_PUT: Fields = {"roles": _ROLES}


def _beside(start: str, end: str, number: str) -> Condition:
    return linked(start, end).condition([int(number)])


def contacts_of(kind: Kind) -> Handler:
    def read(account: Account, request: Request, number: str) -> Response:
        account.must_get(kind.name, number)
        return listed(account, request, CONTACT, [_beside(kind.name, "contact", number)])

    return read


def companies_of(account: Account, request: Request, number: str) -> Response:
    account.must_get("contact", number)
    return listed(account, request, COMPANY, [_beside("contact", "company", number)])


def _both(account: Account, kind: Kind, number: str, contact: str) -> tuple[Record, Record, bool]:
    one, other = account.must_get(kind.name, number), account.must_get("contact", contact)
    sql = "SELECT 1 FROM _link WHERE from_kind = ? AND from_id = ? AND to_kind = 'contact' AND to_id = ?"
    return one, other, account.store.one(sql, kind.name, one.id, other.id) is not None


def link_to(kind: Kind) -> Handler:
    """201, or 200 where they were linked already; with an empty body either way."""

    def link(account: Account, request: Request, number: str, contact: str) -> Response:
        third, person, was_linked = _both(account, kind, number, contact)
        sent = verified(_POST, request.json if request.body else {})
        account.faults.on_write()
        account.store.link((kind.name, third.id), ("contact", person.id))
        _give(third, person, sent.get("roles") or [])
        account.touch(third)
        return nothing(200 if was_linked else 201)

    return link


def roles_at(kind: Kind) -> Handler:
    """Exactly these roles from now on."""

    def put(account: Account, request: Request, number: str, contact: str) -> Response:
        third, person, was_linked = _both(account, kind, number, contact)
        if not was_linked:
            raise not_found()
        sent = verified(_PUT, request.json)
        account.faults.on_write()
        _take(third, person)
        _give(third, person, sent.get("roles") or [])
        account.touch(third)
        return nothing(200)

    return put


def unlink_from(kind: Kind) -> Handler:
    def unlink(account: Account, _request: Request, number: str, contact: str) -> Response:
        third, person, was_linked = _both(account, kind, number, contact)
        if not was_linked:
            raise not_found()
        account.faults.on_write()
        account.store.unlink((kind.name, third.id), ("contact", person.id))
        _take(third, person)
        account.touch(third)
        return nothing()

    return unlink


def _give(third: Record, person: Record, roles: list[str]) -> None:
    for role in roles:
        third.body[ROLES[role]] = int(person.id)


def _take(third: Record, person: Record) -> None:
    for name in ROLES.values():
        if third.body.get(name) == int(person.id):
            third.body[name] = None
