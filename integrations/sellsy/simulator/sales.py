"""Opportunities: what may be written to them and asked of them, with the pipelines, steps and sources behind them."""

from collections.abc import Sequence
from typing import Any

from integrations.simulation.documents import Record

from . import deals, embeds, filters
from .account import Account
from .deals import STATUSES
from .kind import BY_ID, TODAY, Condition, Filter, Kind, Order, Told
from .rules import DAY, IGNORED, MOMENT, PERIOD, Fields, integer, items, number, one_of, shape, text
from .shapes import plain

_SIDES = ("company", "individual", "contact")
_RELATED = items(shape(id=integer(1).must, type=one_of(*_SIDES).must))
_STATUS = one_of(*STATUSES)

# The amount is a text here and in POST, and a number in PATCH.
PUT: Fields = {
    "name": text(250, 1), "owner_id": integer(1), "status": _STATUS, "pipeline": integer(), "step": integer(),
    "amount": text(), "probability": integer(0, 100), "source": integer(), "due_date": DAY.or_null, "note": text(),
    "main_doc_id": integer().or_null, "assigned_staff_ids": items(integer()).or_null,
    "contact_ids": items(integer()).or_null, "related": _RELATED, "number": IGNORED, "created": IGNORED,
}  # fmt: skip
POST: Fields = {
    **PUT, "name": text(250, 1).must, "pipeline": integer().must, "step": integer().must, "related": _RELATED.must,
    "number": text(), "created": MOMENT,
}  # fmt: skip
PATCH: Fields = {
    "name": text(250, 1), "owner_id": integer(), "status": _STATUS, "pipeline": integer(), "step": integer(),
    "amount": number(0), "probability": number(0, 100), "origin": text(), "due_date": DAY.or_null, "note": text(),
}  # fmt: skip
STEP_RANK: Fields = {"before_sibling": integer().or_null, "step": integer().must}


def _statuses(value: Any) -> Condition:
    """Late ones are kept as open: told apart by their day."""
    if value is None:
        return "1", []
    late = f"({filters.body('status')} = 'open' AND coalesce({filters.body('due_date')}, '9999') < ?)"
    wanted = [one for one in value if one not in {"open", "late"}]
    parts: list[str] = [f"{filters.body('status')} IN (SELECT value FROM json_each(?))"]  # noqa: S608  no value in it
    values: list[Any] = [filters.listed(wanted)]
    if "open" in value:
        parts.append(f"({filters.body('status')} = 'open' AND NOT {late})")
        values.append(TODAY)
    if "late" in value:
        parts.append(late)
        values.append(TODAY)
    return " OR ".join(parts), values


def _amount(value: Any) -> Condition:
    found = f"CAST(coalesce({filters.body('amount')}, 0) AS REAL)"
    return f"{found} BETWEEN ? AND ?", [value.get("min", 0), value.get("max", 1e18)]


def _due(value: Any) -> Condition:
    """A day is compared with the days of the two moments."""
    parts = [(sign, value[end][:10]) for end, sign in (("start", ">="), ("end", "<=")) if value.get(end)]
    due = filters.body("due_date")
    return " AND ".join(f"{due} {sign} ?" for sign, _ in parts) or "1", [day for _, day in parts]


DEAL = Kind(
    "opportunity", deals.tell,
    {
        "id": BY_ID, "created": Order("created"), "due_date": Order(filters.texts("due_date")),
        "step_rank": Order(filters.numbers("step_rank"), is_number=True),
    }, "id",
    {
        # There is no filter by the time of the last change: only of the creation and of the last change of status.
        "created": filters.CREATED,
        "updated_status": filters.within(filters.body("updated_status")),
        "due_date": Filter(PERIOD, _due),
        "name": filters.exact("name"),
        "pipeline": filters.among(filters.body("pipeline"), integer()),
        "step": filters.among(filters.body("step"), integer()),
        "amount": Filter(shape(min=number(), max=number()), _amount),
        "related_objects": filters.related_objects(("company", "individual")),
        "assigned_staffs": filters.holding("assigned_staff_ids"),
        "statuses": Filter(items(_STATUS).or_null, _statuses),
        "favourite_filter": filters.FAVOURITE,
    },
    embeds.DEALS, embeds.of,
)  # fmt: skip


def short_list(kind: str, *, default: str = "rank", **more: Filter) -> Kind:
    """Ordered by rank unless asked otherwise; the offset then carries `[rank, id]` (recorded)."""
    orders = {"id": BY_ID, "rank": Order(filters.numbers("rank"), is_number=True)}
    return Kind(
        kind,
        _tell_plain,
        {**orders, "probability": Order(filters.numbers("probability"), is_number=True)},
        default,
        more,
    )


def _tell_plain(_account: Account, records: Sequence[Record]) -> list[Told]:
    return [plain(one) for one in records]


def _tell_steps(_account: Account, records: Sequence[Record]) -> list[Told]:
    hidden = {"pipeline"}
    return [{key: value for key, value in plain(one).items() if key not in hidden} for one in records]


PIPELINE = short_list("pipeline", name=filters.exact("name"), is_default=filters.flag("is_default"))
SOURCE = short_list("source", category_id=filters.among(filters.body("category_id"), integer()))
STEP = Kind(
    "step", _tell_steps,
    {
        "id": BY_ID, "rank": Order(filters.numbers("rank"), is_number=True),
        "probability": Order(filters.numbers("probability"), is_number=True),
    }, "rank", {"name": filters.exact("name"), "id": filters.IDS}, frozenset({"opportunities_number"}),
    lambda account, records, _asked: _numbers(account, records),
)  # fmt: skip
FAVOURITE = Kind(
    "favourite-filter",
    lambda _account, records: [
        {"id": int(one.id), "name": one.body["name"], "type": one.body["type"]} for one in records
    ],
    {"id": BY_ID, "name": Order(filters.texts("name"))},
)
TASK_LABEL, EVENT_LABEL = short_list("task-label"), short_list("event-label")


def _numbers(account: Account, records: Sequence[Record]) -> list[Told]:
    sql = "SELECT json_extract(body, '$.step'), count(*) FROM _record WHERE kind = 'opportunity' AND gone IS NULL GROUP BY 1"
    counts = account.store.counted(sql)
    return [{"opportunities_number": counts.get(one.id, 0)} for one in records]
