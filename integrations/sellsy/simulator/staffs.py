"""The people of the account; who has left is blocked, not gone."""

from collections.abc import Callable

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from . import filters, shapes
from .account import Account
from .asked import Asked
from .kind import BY_ID, Condition, Filter, Kind, Order, Told
from .listing import answer, asked_for, listed, searched, told
from .rules import items, one_of

STAFF = Kind(
    "staff", lambda account, records: [_shape(account)(one) for one in records],
    {"id": BY_ID, "name": Order(filters.texts("lastname"))}, "id",
    {"status": Filter(items(one_of("ok", "blocked")), filters.among(filters.body("status"), one_of("ok", "blocked")).condition)},
    frozenset({"preferences", "acl", "licenses", "preferences_calendar"}),
    lambda _account, records, asked: [dict.fromkeys(sorted(asked.embeds)) for _ in records],
)  # fmt: skip


def _shape(account: Account) -> Callable[[Record], Told]:
    return shapes.staff_in_short if account.faults.staffs_are_shy else shapes.staff


def _seen(account: Account, request: Request) -> list[Condition]:
    return [("id = ?", [request.user_id])] if account.faults.staffs_are_shy else []


def list_staffs(account: Account, request: Request) -> Response:
    return listed(account, request, STAFF, _seen(account, request))


def search_staffs(account: Account, request: Request) -> Response:
    return searched(account, request, STAFF, _seen(account, request))


def read_staff(account: Account, request: Request, number: str) -> Response:
    asked: Asked = asked_for(STAFF, request)
    return answer(told(account, STAFF, [account.must_get("staff", number)], asked)[0])


def read_me(account: Account, request: Request) -> Response:
    return read_staff(account, request, request.user_id)
