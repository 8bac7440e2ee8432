"""Addresses of companies, individuals and contacts: records of their own, reached only through their owner."""

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from . import shapes
from .account import Account
from .errors import not_found
from .filters import body
from .kind import Kind, Told
from .listing import answer, listed
from .rules import FLAG, Fields, number, shape, text, verified
from .verbs import Handler, nothing

COUNTRIES = {
    "FR": "France", "GB": "Royaume-Uni", "DE": "Allemagne", "BE": "Belgique", "NL": "Pays-Bas", "ES": "Espagne",
    "PT": "Portugal", "IT": "Italie", "SE": "Suède", "PL": "Pologne", "US": "États-Unis", "CA": "Canada",
    "SG": "Singapour", "CH": "Suisse", "LU": "Luxembourg",
}  # fmt: skip
_LINES: Fields = {f"address_line_{line}": text(250).or_null for line in (2, 3, 4)}
_PUT: Fields = {
    "name": text(200, 2), "address_line_1": text(250), **_LINES, "postal_code": text(30, 2), "city": text(250, 2),
    "country_code": text(2, 2), "country": text(), "is_invoicing_address": FLAG, "is_delivery_address": FLAG,
    "geocode": shape(lat=number().or_null, lng=number().or_null),
}  # fmt: skip
_REQUIRED = ("name", "address_line_1", "postal_code", "city", "country_code")
_POST: Fields = {**_PUT, **{name: _PUT[name].must for name in _REQUIRED}}
_USES = ("invoicing_address", "delivery_address")


def _of(record: Record) -> str:
    return f"{record.kind}:{record.id}"


def list_at(kind: str) -> Handler:
    def read(account: Account, request: Request, owner: str) -> Response:
        record = account.must_get(kind, owner)
        found = Kind("address", lambda _account, records: [shapes.address(one, record.body) for one in records])
        return listed(account, request, found, [(f"{body('parent')} = ?", [_of(record)])])

    return read


def _both(account: Account, kind: str, owner: str, number: str) -> tuple[Record, Record]:
    record, address = account.must_get(kind, owner), account.must_get("address", number)
    if address.body["parent"] != _of(record):
        raise not_found()
    return record, address


def read_at(kind: str) -> Handler:
    def read(account: Account, _request: Request, owner: str, number: str) -> Response:
        record, address = _both(account, kind, owner, number)
        return answer(shapes.address(address, record.body))

    return read


def create_at(kind: str) -> Handler:
    def create(account: Account, request: Request, owner: str) -> Response:
        record = account.must_get(kind, owner)
        sent = verified(_POST, request.json)
        if request.query.get("verify") == "true":
            return nothing()
        account.faults.on_write()
        address = account.store.add("address", {"parent": _of(record), **_lines(sent)})
        _use(account, record, address, sent)
        return answer(shapes.address(address, record.body), 201)

    return create


def update_at(kind: str) -> Handler:
    def update(account: Account, request: Request, owner: str, number: str) -> Response:
        record, address = _both(account, kind, owner, number)
        sent = verified(_PUT, request.json)
        if request.query.get("verify") == "true":
            return nothing()
        account.faults.on_write()
        address.body.update(_lines(sent))
        account.store.write(address)
        _use(account, record, address, sent)
        return answer(shapes.address(address, record.body))

    return update


def delete_at(kind: str) -> Handler:
    def delete(account: Account, _request: Request, owner: str, number: str) -> Response:
        record, address = _both(account, kind, owner, number)
        account.store.remove(address)
        _use(account, record, address, dict.fromkeys((f"is_{use}" for use in _USES), False))
        return nothing()

    return delete


def _lines(sent: Told) -> Told:
    found = {name: value for name, value in sent.items() if not name.startswith("is_")}
    if code := found.get("country_code"):
        found["country_code"] = code.upper()
        found["country"] = COUNTRIES.get(code.upper(), code.upper())
    return found


def _use(account: Account, record: Record, address: Record, sent: Told) -> None:
    """An owner has one address to bill and one to deliver to; each is named on it."""
    number = int(address.id)
    for use in _USES:
        wanted, now = sent.get(f"is_{use}"), record.body.get(f"{use}_id")
        if wanted:
            record.body[f"{use}_id"] = number
        elif wanted is False and now == number:
            record.body[f"{use}_id"] = None
    account.touch(record)
