"""Page tokens: they live a day, belong to their user, and only fit the very parameters that they came with."""

# Source: the V7 page "Get Records", parameters `page_token` and `page`.

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request

from .errors import ZohoError, invalid
from .moments import parsed, shown_moment, stored
from .store import Store

LIFE = timedelta(hours=24)
FURTHEST, FURTHEST_BY_NUMBER, MOST_PER_PAGE = 100_000, 2000, 200
_LAST_PAGE = 10**9


def numbered(request: Request) -> tuple[int, int]:
    """How many to a page, and which page."""
    per_page, page = request.number("per_page", MOST_PER_PAGE), request.number("page", 1)
    if not 1 <= per_page <= MOST_PER_PAGE:
        raise invalid(param_name="per_page", maximum_length=MOST_PER_PAGE)
    if not 1 <= page <= _LAST_PAGE:
        raise invalid(param_name="page")
    return per_page, page


@dataclass(frozen=True, slots=True)
class Position:
    """Behind which record a page begins, how many came before, and which token led to the page before."""

    page: int = 1
    seen: int = 0
    after: tuple[str, str] | None = None
    previous: str | None = None


class Tokens:
    def __init__(self, store: Store, module: str, user_id: str, params: Mapping[str, str]) -> None:
        bound = sorted((k, v) for k, v in params.items() if k not in {"page_token", "page"})
        self._bound = hashlib.sha256(repr((module, user_id, bound)).encode()).hexdigest()
        self._store = store

    def read(self, token: str) -> Position:
        found = self._store.one("SELECT bound, expires, position FROM _page WHERE token = ?", token)
        if found is None or found[0] != self._bound:
            said = "The page_token given seems to be invalid or input param is added or altered or deleted"
            raise ZohoError("TOKEN_BOUND_DATA_MISMATCH", said, details={"param_name": "page_token"})
        expires = parsed(found[1])
        if expires is None or expires <= self._store.clock():
            details = {"api_name": "page_token", "json_path": "$.query.page_token"}
            raise ZohoError("EXPIRED_VALUE", "Page token expired", details=details)
        position = Position(**orjson.loads(found[2]))
        if position.seen >= FURTHEST:
            said = "You can only get upto 100000 records using page_token param"
            raise ZohoError("PAGINATION_LIMIT_EXCEEDED", said, details={"param_name": "page_token"})
        return position

    def keep(self, position: Position) -> str:
        token = secrets.token_hex(48)
        kept = {"page": position.page, "seen": position.seen, "after": position.after, "previous": position.previous}
        values = (token, self._bound, stored(self._store.clock() + LIFE), orjson.dumps(kept).decode())
        self._store.execute("INSERT INTO _page VALUES (?, ?, ?, ?)", values)
        # Ended ones are known for another day, so that they are refused as ended.
        self._store.execute("DELETE FROM _page WHERE expires < ?", (stored(self._store.clock() - LIFE),))
        return token

    def info(self, position: Position, rows: list[Record], sort: str, zone: Any, *, more: bool) -> dict[str, Any]:
        """The three keys about tokens; all empty on a page that is the only one."""
        following = None
        if more:
            # The token of this page is made too, so that the next one can lead back to it.
            mine = self.keep(position)
            last = rows[-1]
            after = (getattr(last, sort), last.id if sort == "id" else str(last.row))
            following = self.keep(Position(position.page + 1, position.seen + len(rows), after, mine))
        ends = shown_moment(self._store.clock() + LIFE, zone) if following or position.previous else None
        return {"next_page_token": following, "previous_page_token": position.previous, "page_token_expiry": ends}
