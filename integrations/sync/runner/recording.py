"""What a slice asked of the CRM, for the inspector of calls: kept small in memory, written once when the slice ends."""

import logging
from collections import deque

from django.db import DatabaseError, transaction

from integrations.wire.messages import Call

from ..store.api_calls import MOST_FAILED, MOST_FINE, write_calls

logger = logging.getLogger(__name__)


class Recording:
    """Told by two threads: of a run that calls thousands of times the latest calls are kept, and the latest failures."""

    def __init__(self) -> None:
        self._fine: deque[Call] = deque(maxlen=MOST_FINE)
        self._failed: deque[Call] = deque(maxlen=MOST_FAILED)

    def note(self, call: Call) -> None:
        (self._failed if call.has_failed else self._fine).append(call)

    def write(self, run_id: int) -> None:
        calls = sorted([*self._fine, *self._failed], key=lambda call: call.started)
        if not calls:
            return
        try:
            with transaction.atomic():
                write_calls(run_id, calls)
        except DatabaseError:
            # The run has done its work: what cannot be shown later is no reason to fail it.
            logger.exception("The calls of run %s could not be kept.", run_id)
