"""Pages of v1: a start and a limit. Offsets drift while others write, and that is left as it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from integrations.simulation.messages import Request, Response

from .errors import PLAIN, bad_request
from .whole import is_whole

DEFAULT, MOST = 100, 500


@dataclass(frozen=True, slots=True)
class Slice:
    start: int
    limit: int

    @classmethod
    def of(cls, request: Request, most: int = MOST) -> "Slice":
        start, limit = request.query.get("start") or "0", request.query.get("limit") or str(min(DEFAULT, most))
        if not is_whole(start) or not is_whole(limit) or int(limit) < 1:
            raise bad_request()
        # v1 is lax: a limit that is too large is cut, not refused.
        return cls(int(start), min(int(limit), most))

    def pagination(self, *, more: bool) -> dict[str, Any]:
        found: dict[str, Any] = {"start": self.start, "limit": self.limit, "more_items_in_collection": more}
        return {**found, "next_start": self.start + self.limit} if more else found

    def answer(self, rows: Sequence[Any] | None, *, more: bool, **beside: Any) -> Response:
        """`beside` stands next to the data: related_objects, or what a list adds to its additional_data."""
        beyond = {"pagination": self.pagination(more=more), **beside.pop("additional", {})}
        body = {"success": True, "data": rows, "additional_data": beyond, **beside}
        return Response(body, content_type=PLAIN)

    def answer_all(self, rows: Sequence[Any], **beside: Any) -> Response:
        part = rows[self.start : self.start + self.limit]
        return self.answer(part, more=len(rows) > self.start + self.limit, **beside)
