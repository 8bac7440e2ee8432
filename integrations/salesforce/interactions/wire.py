"""Records that are made together: all of them, or none."""

from collections.abc import Sequence
from typing import Any

from integrations.wire.errors import Transient
from integrations.wire.messages import Request

from ..client import SalesforceClient

Part = tuple[str, str, dict[str, Any]]
"""Name, object and columns; later parts refer to earlier ones by name (`@{name.id}`)."""


def create_together(client: SalesforceClient, parts: Sequence[Part]) -> dict[str, dict[str, Any]]:
    """Name → what Salesforce said of it. Never sent again by itself: an answer that was lost may have been a success."""
    asked = [
        {"method": "POST", "url": client._path("sobjects", obj), "referenceId": name, "body": columns}
        for name, obj, columns in parts
    ]
    request = Request(
        "POST", client._url(client._path("composite")), json={"allOrNone": True, "compositeRequest": asked}, replayable=False,
        kind="create_many", needs=("compositeResponse",),
    )  # fmt: skip
    answers = client.session.send(request).json()["compositeResponse"]
    if not isinstance(answers, list) or len(answers) != len(parts):
        # Which record the missing answer belongs to is not to be guessed.
        raise Transient(
            "BROKEN_ANSWER", f"The answer does not hold one place for each of {len(parts)} parts.", sent=True
        )
    return {str(one["referenceId"]): one for one in answers}


def create_many(client: SalesforceClient, records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return write_many(client, "POST", records, kind="create_many", replayable=False)


def update_many(client: SalesforceClient, records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return write_many(client, "PATCH", records, kind="update_many", replayable=True)


def delete_many(client: SalesforceClient, ids: Sequence[str]) -> list[dict[str, Any]]:
    request = Request(
        "DELETE", client._url(client._path("composite", "sobjects")), params={"ids": ",".join(ids), "allOrNone": "false"},
        kind="delete_many", needs=None,
    )  # fmt: skip
    return answered(client.session.send(request).json(), len(ids))


def write_many(
    client: SalesforceClient, method: str, records: Sequence[dict[str, Any]], *, kind: str, replayable: bool
) -> list[dict[str, Any]]:
    path, asked = client._path("composite", "sobjects"), {"allOrNone": False, "records": list(records)}
    request = Request(method, client._url(path), json=asked, replayable=replayable, kind=kind, needs=None)
    return answered(client.session.send(request).json(), len(records))


def answered(results: Any, number: int) -> list[dict[str, Any]]:
    if not isinstance(results, list) or len(results) != number:
        raise Transient("BROKEN_ANSWER", f"The answer does not hold one place for each of {number} records.", sent=True)
    return results
