"""What every batch call has in common: how many inputs it takes and the envelope it answers with."""

from collections.abc import Sequence
from typing import Any

from integrations.simulation.messages import Response

from .errors import NOT_FOUND, ApiError, unreadable
from .kinds import Kind
from .portal import Portal

MOST = 100


def inputs_of(body: dict[str, Any], most: int = MOST) -> list[dict[str, Any]]:
    inputs = body.get("inputs")
    if not isinstance(inputs, list) or not all(isinstance(one, dict) for one in inputs):
        raise unreadable("Cannot build BatchInput, some of required attributes are not set [inputs]")
    if len(inputs) > most:
        said = f"The maximum number of inputs supported in a batch is {most}."
        raise ApiError(f"{said} Please reduce the number of items and try again")
    return inputs


def envelope(
    portal: Portal, started: str, results: Sequence[Any], errors: Sequence[dict[str, Any]] = (), *, success: int = 200
) -> Response:  # fmt: skip
    """207 as soon as one input failed, even where all did."""
    body: dict[str, Any] = {
        "completedAt": portal.now, "status": "COMPLETE", "startedAt": started, "results": list(results),
    }  # fmt: skip
    if errors:
        body |= {"errors": list(errors), "numErrors": len(errors)}
    return Response(body, 207 if errors else success)


def missing(kind: Kind, ids: Sequence[str]) -> dict[str, Any]:
    said = f"Could not get some {kind.word} objects, they may be deleted or not exist. Check that ids are valid."
    return ApiError(said, 404, NOT_FOUND, context={"ids": list(ids)}).part()


def refuse_doubles(ids: Sequence[str]) -> None:
    doubles = sorted({one for one in ids if ids.count(one) > 1})
    if doubles:
        said = f"Duplicate IDs found in batch input: [{', '.join(doubles)}]. IDs must be unique"
        raise ApiError(said, context={"ids": doubles})
