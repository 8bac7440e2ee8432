"""Writes the calls of a slice, and forgets what is beyond the number that one run may keep."""

from collections.abc import Sequence

from integrations.wire.messages import Call

from ..models import ApiCall
from .bulk import upsert

MOST_FINE, MOST_FAILED = 500, 200
COLUMNS = (
    "run_id", "at", "method", "address", "kind", "status", "milliseconds", "bytes", "attempt", "decision", "code",
    "has_failed",
)  # fmt: skip


def write_calls(run_id: int, calls: Sequence[Call]) -> None:
    upsert(
        ApiCall, COLUMNS,
        [
            (
                run_id, call.started, call.method[:10], call.address, call.kind[:30], call.status, call.milliseconds,
                call.bytes, call.attempt, call.decision.value, call.code[:120], call.has_failed,
            )
            for call in calls
        ],
    )  # fmt: skip
    for has_failed, most in ((False, MOST_FINE), (True, MOST_FAILED)):
        _trim(run_id, most, has_failed=has_failed)


def _trim(run_id: int, most: int, *, has_failed: bool) -> None:
    rows = ApiCall.objects.filter(run_id=run_id, has_failed=has_failed)
    oldest = rows.order_by("-pk").values_list("pk", flat=True)[most : most + 1].first()
    if oldest is not None:
        surplus = rows.filter(pk__lte=oldest).order_by()
        surplus._raw_delete(surplus.db)
