"""Records that are made together: all of them, or none."""

from collections.abc import Sequence
from typing import Any

from integrations.wire.messages import Request

from ..writing_client import Result, WritingClient, one_each

MOST_PARTS = 25
REFUSED = 400
Part = tuple[str, str, dict[str, Any]]
"""Name, object and columns; later parts refer to earlier ones by name (`@{name.id}`)."""


def create_together(client: WritingClient, parts: Sequence[Part]) -> dict[str, Result]:
    """Name → what Salesforce said of it. Never sent again by itself: an answer that was lost may have been a success."""
    asked = [
        {"method": "POST", "url": client._path("sobjects", obj), "referenceId": name, "body": columns}
        for name, obj, columns in parts
    ]
    request = Request(
        "POST", client._url(client._path("composite")), json={"allOrNone": True, "compositeRequest": asked},
        replayable=False, kind="create_many", needs=("compositeResponse",),
    )  # fmt: skip
    answers = client.session.send(request).json()["compositeResponse"]
    return {str(one["referenceId"]): one for one in one_each(answers, len(parts))}
