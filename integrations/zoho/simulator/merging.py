"""Merging two or three records of a module: the losers go to the bin, what pointed to them points to the master."""

# Source: the V7 page "Merge Records".

# ruff: noqa: ARG001  all handlers have one signature

from collections.abc import Sequence
from typing import Any

import orjson

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from .account import Account, items_of
from .errors import WrappedError, ZohoError, invalid, mandatory
from .nested import inner, text_in
from .schema import Module
from .watching import announce
from .writing import put_in_bin

MOST_LOSERS = 2
_MERGEABLE = frozenset({"Leads", "Contacts", "Accounts", "Deals"})


def merge(account: Account, module: Module, master: Record, losers: Sequence[Record], by: str) -> None:
    """Only the master's stamp moves. Nothing says later which record a loser went into."""
    ids = [one.id for one in losers]
    for other in account.schema.modules.values():
        for field in other.fields.values():
            if field.type != "lookup":
                continue
            if field.to == module.name or field.to.startswith("."):
                account.store.point_elsewhere(other.name, field.name, ids, master.id)
    account.store.point_elsewhere("_email", "record", ids, master.id)
    for one in losers:
        put_in_bin(account, one, by)
    fresh = account.store.get(module.name, master.id)
    assert fresh is not None
    before = orjson.dumps(fresh.body)
    fresh.body = {**fresh.body, **master.body, "Modified_By": by}
    account.store.change(fresh, before)
    announce(account, module, "update", [master.id])
    announce(account, module, "delete", ids)


# --- Over HTTP -------------------------------------------------------------------------------------------------------
def merge_records(account: Account, request: Request, module: str, record_id: str) -> Response:
    found = account.module(request, module, "UPDATE")
    if not found.custom and found.name not in _MERGEABLE:
        raise ZohoError("NOT_ALLOWED", "merge is not allowed for this module", details={"resource_path_index": 0})
    master = account.store.get(found.name, record_id)
    if master is None:
        raise invalid("the id given seems to be invalid", resource_path_index=1)
    [wanted] = items_of(request, "merge", 1)
    try:
        losers = _losers(account, found, master, wanted)
    except ZohoError as error:
        raise WrappedError("merge", error) from None
    merge(account, found, master, losers, request.user_id)
    said = "The records have been merged successfully"
    return Response(
        {"merge": [{"code": "SUCCESS", "details": {"id": master.id}, "message": said, "status": "success"}]}
    )


def _losers(account: Account, module: Module, master: Record, wanted: Any) -> list[Record]:
    """Takes over into the master what is asked of each loser."""
    data = inner(wanted, "data")
    if not data:
        raise mandatory("data", "$.merge[0].data")
    if not isinstance(data, list):
        raise invalid(expected_data_type="jsonarray", api_name="data", json_path="$.merge[0].data")
    if len(data) > MOST_LOSERS:
        raise invalid(api_name="data", json_path="$.merge[0].data", maximum_length=MOST_LOSERS)
    found: list[Record] = []
    for number, one in enumerate(data):
        path = f"$.merge[0].data[{number}]"
        found.append(_loser(account, module, one, {master.id, *(r.id for r in found)}, path))
        _take_over(module, master, found[-1], inner(one, "_fields"), path)
    return found


def _loser(account: Account, module: Module, wanted: Any, taken: set[str], path: str) -> Record:
    loser_id = str(inner(wanted, "id") or "")
    if not loser_id:
        raise mandatory("id", f"{path}.id")
    if loser_id in taken:
        details = {"api_name": "id", "json_path": f"{path}.id"}
        raise ZohoError("DUPLICATE_DATA", "Similar ID is already given for merging", details=details)
    loser = account.store.get(module.name, loser_id)
    if loser is None:
        raise invalid("the id given seems to be invalid", api_name="id", json_path=f"{path}.id")
    return loser


def _take_over(module: Module, master: Record, loser: Record, fields: Any, path: str) -> None:
    for place, field in enumerate(fields if isinstance(fields, list) else []):
        name = text_in(field, "api_name")
        if name not in module.fields:
            raise mandatory("api_name", f"{path}._fields[{place}].api_name")
        if loser.body.get(name) is not None:
            master.body[name] = loser.body[name]


def merge_status(account: Account, request: Request, module: str, record_id: str) -> Response:
    """Merges are done at once here, so no job is ever known."""
    account.module(request, module, "READ")
    return Response(None, 204)
