"""Comments, calls, meetings and tasks: what may be written to them and asked of them."""

from collections.abc import Callable, Sequence

from integrations.simulation.documents import Record

from . import embeds, filters, shapes
from .account import Account
from .kind import BY_ID, Filter, Kind, Order, Told
from .rules import FLAG, MOMENT, PERIOD, Fields, Rule, either, integer, items, one_of, shape, text

_PAPERS = ("estimate", "creditnote", "order", "delivery", "invoice")
SIDES = ("opportunity", "company", "individual", "contact")
_COMMENTED = (*SIDES, "item", "proforma", "model", *_PAPERS)
RESULTS = tuple(shapes.RESULTS)


def related(*types: str, most: int | None = None) -> Rule:
    return items(shape(id=integer().must, type=one_of(*types).must), most)


_PRIORITY = integer(0, 1)
_REMINDERS = items(shape(medium=text().must, delay=text().must))
_PEOPLE = items(shape(id=either(integer(), text()).must, type=one_of("staff", "contact", "external").must))

COMMENT_PUT: Fields = {"description": text(), "timetracking": shape(duration=integer(1).must, service=integer().must)}
COMMENT_POST: Fields = {
    **COMMENT_PUT, "description": text().must, "related": related(*_COMMENTED).must, "parent_id": integer(),
    "mentioned_staff_ids": items(integer()).or_null, "created": MOMENT,
}  # fmt: skip

CALL_PUT: Fields = {
    "owner_id": integer(1), "topic": integer(), "result": one_of(*RESULTS), "source": one_of("incoming", "outcoming"),
    "description": text().or_null, "duration": integer(0), "date": MOMENT, "related": related(*SIDES, most=3),
    "priority": _PRIORITY, "reminders": _REMINDERS,
}  # fmt: skip
CALL_POST: Fields = {
    **CALL_PUT, **{name: CALL_PUT[name].must for name in ("owner_id", "date", "result", "source", "related")},
}  # fmt: skip

EVENT_PUT: Fields = {
    "title": text(), "description": text().or_null, "datetime_start": MOMENT, "datetime_end": MOMENT, "is_private": FLAG,
    "all_day": FLAG, "label_id": integer(), "provider_calendar": text(), "participants": _PEOPLE,
    "related": related(*SIDES, *_PAPERS), "priority": _PRIORITY, "wants_meet_link": FLAG,
}  # fmt: skip
EVENT_POST: Fields = {
    **EVENT_PUT, **{name: EVENT_PUT[name].must for name in ("title", "datetime_start", "datetime_end", "label_id")},
    "created": MOMENT,
}  # fmt: skip

TASK_PUT: Fields = {
    "title": text().or_null, "description": text().or_null, "is_private": FLAG, "due_date": MOMENT,
    "status": one_of("todo", "done"), "assigned_staff_ids": items(integer()).or_null, "label_id": integer(),
    "reminders": _REMINDERS, "related": related(*SIDES, *_PAPERS), "owner_id": integer(1), "priority": _PRIORITY,
}  # fmt: skip
TASK_POST: Fields = {
    **TASK_PUT, "due_date": TASK_PUT["due_date"].must, "label_id": TASK_PUT["label_id"].must, "created": MOMENT,
}  # fmt: skip


def _sides() -> dict[str, Filter]:
    return {
        "owners": filters.among(filters.body("owner_id"), integer()),
        "related_objects": filters.related_objects((*_COMMENTED,)),
        "companies": filters.related_to("company"),
        "individuals": filters.related_to("individual"),
        "contacts": filters.related_to("contact"),
    }


def with_labels(
    list_kind: str, shape_of: Callable[[Record, dict[int, Told]], Told]
) -> Callable[[Account, Sequence[Record]], list[Told]]:
    def tell(account: Account, records: Sequence[Record]) -> list[Told]:
        labels = {int(one.id): shapes.plain(one) for one in account.store.all(list_kind)}
        return [shape_of(one, labels) for one in records]

    return tell


COMMENT = Kind(
    "comment", lambda _account, records: [shapes.comment(one) for one in records],
    {"id": BY_ID, "updated": Order("updated"), "created": Order("created")}, "id",
    {"created": filters.CREATED, "updated": filters.UPDATED, "parent_id": filters.same("parent_id", integer()), **_sides()},
    embeds.DOINGS, embeds.of,
)  # fmt: skip
# Calls, meetings and tasks have no filter by their last change: only by creation or by their own day.
CALL = Kind(
    "phonecall", with_labels("call-topic", shapes.call), {"id": BY_ID}, "id",
    {
        "created": filters.CREATED, "due_date": filters.within(filters.body("date")), "topic": filters.same("topic", integer()),
        "result": filters.same("result", one_of(*RESULTS)), "source": filters.same("source", one_of("incoming", "outcoming")),
        "priority": filters.priority(), **_sides(),
    },
    embeds.DOINGS, embeds.of,
)  # fmt: skip
EVENT = Kind(
    "calendar_event", with_labels("event-label", shapes.event),
    {"id": BY_ID, "due_date": Order(filters.texts("datetime_start"))}, "id",
    {
        "due_date": filters.within(filters.body("datetime_start"), PERIOD.or_null),
        "labels": filters.among(filters.body("label_id"), integer()), "priority": filters.priority(), **_sides(),
    },
    embeds.DOINGS | {"participants"}, embeds.of,
)  # fmt: skip
TASK = Kind(
    "task", with_labels("task-label", shapes.task), {"id": BY_ID, "due_date": Order(filters.texts("due_date"))}, "id",
    {
        "created": filters.CREATED, "due_date": filters.within(filters.body("due_date")),
        "assigned_staffs": filters.holding("assigned_staff_ids"),
        "statuses": filters.among(filters.body("status"), one_of("todo", "done")),
        "labels": filters.among(filters.body("label_id"), integer()), "priority": filters.priority(), **_sides(),
    },
    embeds.DOINGS | {"assigned_staffs"}, embeds.of,
)  # fmt: skip
