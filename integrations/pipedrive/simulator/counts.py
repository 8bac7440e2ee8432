"""What an answer holds only when it is asked for: counts and neighbours, read for a whole page at once."""

# ruff: noqa: S608  constants only; every value is bound

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from integrations.simulation.documents import Record

from . import stamps
from .account import Account
from .objects import Object

Row = dict[str, Any]
_LINK = {"organization": "org_id", "person": "person_id", "deal": "deal_id"}
_DEAL_COUNTS = {
    "open_deals_count": ("open",), "won_deals_count": ("won",), "lost_deals_count": ("lost",),
    "closed_deals_count": ("won", "lost"),
}  # fmt: skip
_ACTIVITY_COUNTS: dict[str, tuple[int, ...]] = {
    "activities_count": (0, 1), "done_activities_count": (1,), "undone_activities_count": (0,),
}  # fmt: skip
_NEIGHBOURS = {"next_activity_id": 0, "last_activity_id": 1}
_PLAIN_COUNTS = {"people_count": "person", "notes_count": "note", "email_messages_count": "mailMessage"}
_ZERO = (
    "files_count", "followers_count", "products_count", "participants_count", "related_open_deals_count",
    "related_won_deals_count", "related_lost_deals_count", "related_closed_deals_count", "participant_open_deals_count",
    "participant_closed_deals_count",
)  # fmt: skip
_NULL = (
    "last_incoming_mail_time", "last_outgoing_mail_time", "source_lead_id", "doi_status", "marketing_status",
    "first_won_time",
)  # fmt: skip
KNOWN: dict[str, tuple[str, ...]] = {
    "organization": (*_DEAL_COUNTS, *_ACTIVITY_COUNTS, *_NEIGHBOURS, *_PLAIN_COUNTS, *_ZERO[:2], *_ZERO[4:8], "smart_bcc_email"),
    "person": (
        *_DEAL_COUNTS, *_ACTIVITY_COUNTS, *_NEIGHBOURS, "notes_count", "email_messages_count", *_ZERO[:2], *_ZERO[4:],
        *_NULL[:2], "marketing_status", "doi_status", "smart_bcc_email",
    ),
    "deal": (
        *_ACTIVITY_COUNTS, *_NEIGHBOURS, "notes_count", "email_messages_count", *_ZERO[:4], *_NULL[:3],
        "first_won_time",
        "smart_bcc_email",
    ),
    "activity": ("attendees",),
}  # fmt: skip


def add(account: Account, obj: Object, records: Sequence[Record], rows: Sequence[Row], wanted: Sequence[str]) -> None:
    """Completes the rows of a page, with one statement for each sort of thing that is counted."""
    counter = Counts(account, obj.kind, [int(r.id) for r in records])
    for name in wanted:
        look = counter.of(name, records)
        for record, row in zip(records, rows, strict=True):
            row[name] = look(record)


class Counts:
    def __init__(self, account: Account, kind: str, numbers: Sequence[int]) -> None:
        self._account, self._kind, self._numbers = account, kind, orjson.dumps(list(numbers)).decode()
        self._deals: Mapping[tuple[int, str], int] | None = None
        self._activities: Mapping[tuple[int, int], int] | None = None
        self._near: Mapping[int, Mapping[int, Row]] | None = None
        self._plain: dict[str, Mapping[int, int]] = {}

    def of(self, name: str, records: Sequence[Record] = ()) -> Callable[[Record], Any]:
        if name in _DEAL_COUNTS:
            deals, states = self.deals(), _DEAL_COUNTS[name]
            return lambda r: sum(deals[int(r.id), state] for state in states)
        if name in _ACTIVITY_COUNTS:
            activities, done = self.activities(), _ACTIVITY_COUNTS[name]
            return lambda r: sum(activities[int(r.id), one] for one in done)
        if name in _NEIGHBOURS:
            near, side = self.near(), _NEIGHBOURS[name]
            return lambda r: near.get(int(r.id), {}).get(side, {}).get("id")
        if name in _PLAIN_COUNTS:
            plain = self.plain(_PLAIN_COUNTS[name])
            return lambda r: plain[int(r.id)]
        if name == "smart_bcc_email":
            return lambda r: self._account.cc_email(f"+deal{r.id}" if self._kind == "deal" else "")
        if name == "attendees":
            return lambda r: r.body.get("attendees", [])
        if name == "first_won_time":
            return lambda r: r.body.get("won_time")
        return lambda _r: None if name in _NULL else 0

    def deals(self) -> Mapping[tuple[int, str], int]:
        if self._deals is None:
            link = _LINK[self._kind]
            sql = f"""SELECT json_extract(body, '$.{link}') AS n, json_extract(body, '$.status'), count(*) FROM _record
                WHERE kind = 'deal' AND gone IS NULL AND n IN (SELECT value FROM json_each(?)) GROUP BY 1, 2"""
            self._deals = Counter({(n, status): count for n, status, count in self._run(sql)})
        return self._deals

    def activities(self) -> Mapping[tuple[int, int], int]:
        if self._activities is None:
            link = _LINK[self._kind]
            sql = f"""SELECT json_extract(body, '$.{link}') AS n, json_extract(body, '$.done'), count(*) FROM _record
                WHERE kind = 'activity' AND gone IS NULL AND n IN (SELECT value FROM json_each(?)) GROUP BY 1, 2"""
            self._activities = Counter({(n, done): count for n, done, count in self._run(sql)})
        return self._activities

    def near(self) -> Mapping[int, Mapping[int, Row]]:
        """The next open activity and the last done one of each record."""
        if self._near is None:
            link, found = _LINK[self._kind], defaultdict[int, dict[int, Row]](dict)
            sql = f"""SELECT json_extract(body, '$.{link}') AS n, json_extract(body, '$.done') AS d, id, body, created, updated
                FROM _record WHERE kind = 'activity' AND gone IS NULL AND n IN (SELECT value FROM json_each(?))
                ORDER BY json_extract(body, '$.due_date')"""
            for n, done, number, body, created, updated in self._run(sql):
                # Ordered by day: the first open one is the next, the last done one is the last.
                if done or done not in found[n]:
                    times = {"add_time": stamps.v1(created), "update_time": stamps.v1(updated)}
                    found[n][done] = {"id": int(number), **times, "body": orjson.loads(body)}
            self._near = found
        return self._near

    def plain(self, kind: str) -> Mapping[int, int]:
        if kind not in self._plain:
            link = _LINK[self._kind]
            sql = f"""SELECT json_extract(body, '$.{link}') AS n, count(*) FROM _record
                WHERE kind = '{kind}' AND gone IS NULL AND n IN (SELECT value FROM json_each(?)) GROUP BY 1"""
            self._plain[kind] = Counter(dict(self._run(sql).fetchall()))
        return self._plain[kind]

    def _run(self, sql: str) -> Any:
        return self._account.book.execute(sql, (self._numbers,))
