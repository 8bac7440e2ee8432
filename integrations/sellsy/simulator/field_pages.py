"""The calls about custom fields: which there are, and the values of one record."""

from collections.abc import Sequence

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from . import custom_fields
from .account import Account
from .asked import Asked
from .errors import not_found
from .kind import Condition, Filter, Kind, Told
from .listing import answer, asked_for, listed, searched
from .rules import FLAG, one_of
from .verbs import Handler, nothing

_OBJECTS = (
    "document", "contact", "client", "prospect", "supplier", "item", "service", "ticket", "task", "purchase", "opportunity",
    "project", "staff", "site",
)  # fmt: skip


def _of_object(value: str) -> Condition:
    return "EXISTS (SELECT 1 FROM json_each(body, '$.related_objects') AS o WHERE o.value = ?)", [value]


def _is_required(value: bool) -> Condition:
    return "json_extract(body, '$.mandatory') = ?", [int(value)]


FIELD = Kind(
    "custom-field",
    lambda _account, records: [custom_fields.tell(one) for one in records],
    filters={
        "related_object": Filter(one_of(*_OBJECTS), _of_object),
        "is_required": Filter(FLAG, _is_required),
    },
)


def _seen(account: Account) -> Condition:
    known = [one.id for one in custom_fields.visible(account)]
    return f"id IN ({', '.join('?' for _ in known)})", known


def list_fields(account: Account, request: Request) -> Response:
    return listed(account, request, FIELD, [_seen(account)])


def search_fields(account: Account, request: Request) -> Response:
    return searched(account, request, FIELD, [_seen(account)])


def read_field(account: Account, _request: Request, number: str) -> Response:
    found = [one for one in custom_fields.visible(account) if one.id == number]
    if not found:
        raise not_found()
    return answer(custom_fields.tell(found[0]))


def values_of(kind: str) -> Handler:
    def read(account: Account, request: Request, number: str) -> Response:
        record = account.must_get(kind, number)

        def tell(_account: Account, records: Sequence[Record]) -> list[Told]:
            return custom_fields.with_values(record, list(records))

        def details(_account: Account, records: Sequence[Record], _asked: Asked) -> list[Told | None]:
            values = record.body.get("cf") or {}
            found = [_details(account, one, values.get(one.id)) for one in records]
            return [None if one is None else {"value_details": one} for one in found]

        fields = Kind(FIELD.name, tell, embeds=frozenset({"value_details"}), embed=details)
        of = _of_object(custom_fields.object_of(record))
        return listed(account, request, fields, [_seen(account), of])

    return read


def _details(account: Account, field: Record, value: list[object] | None) -> list[Told] | None:
    match field.body["type"]:
        case "staff":
            found = account.store.many("staff", [str(one) for one in value or []]).values()
            return [
                {"id": int(one.id), "first_name": one.body["firstname"], "last_name": one.body["lastname"]}
                for one in found
            ]
        case "contact":
            found = account.store.many("contact", [str(one) for one in value or []]).values()
            return [
                {"id": int(one.id), "first_name": one.body.get("first_name") or "", "last_name": one.body["last_name"]}
                for one in found
            ]
        case "company-individual":
            ids = [str(one["id"]) for one in value or [] if isinstance(one, dict) and one["type"] == "company"]
            found = account.store.many("company", ids).values()
            return [{"id": int(one.id), "name": one.body["name"], "type": "company"} for one in found]
    return None


def set_values_of(kind: str) -> Handler:
    """An array, not an object with a list in it; answered with 200 and nothing."""

    def write(account: Account, request: Request, number: str) -> Response:
        record = account.must_get(kind, number)
        custom_fields.write(account, record, request.json)
        if asked_for(FIELD, request).verify:
            return nothing()
        account.faults.on_write()
        account.store.write(record, stamped=not account.faults.quiet_values)
        return nothing(200)

    return write
