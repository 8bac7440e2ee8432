"""What a slice asked of the CRM, for the inspector of calls: kept small in memory, written once when the slice ends."""

from collections import deque

from integrations.wire.messages import Call

from ..store.api_calls import MOST_FAILED, MOST_FINE, write_calls


class Recording:
    """Told by two threads: of a run that calls thousands of times the latest calls are kept, and the latest failures."""

    def __init__(self) -> None:
        self._fine: deque[Call] = deque(maxlen=MOST_FINE)
        self._failed: deque[Call] = deque(maxlen=MOST_FAILED)

    def note(self, call: Call) -> None:
        (self._failed if call.has_failed else self._fine).append(call)

    def write(self, run_id: int) -> None:
        calls = sorted([*self._fine, *self._failed], key=lambda call: call.started)
        if calls:
            write_calls(run_id, calls)
