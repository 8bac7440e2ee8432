"""The queue's cluster as a child of ours: it never outlives us, and it can be ended with everything it started."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings

PR_SET_PDEATHSIG = 1
GRACE_SECONDS = 10.0


class Cluster:
    """In a session of its own, so that a signal to its group reaches every worker and nobody else."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self.started_at = time.monotonic()

    def start(self) -> None:
        manage = Path(settings.BASE_DIR) / "manage.py"
        command = [sys.executable, str(manage), "worker", "--cluster", "--parent", str(os.getpid())]
        self._process = subprocess.Popen(command, start_new_session=True)
        self.started_at = time.monotonic()

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self, grace: float = GRACE_SECONDS) -> None:
        """Asks first: a running slice ends its page. A wedged cluster does not hear, and its workers are killed with it."""
        if self._process is None:
            return
        self._signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(grace)
        # Also where the head is gone: its workers may have been left behind.
        self._signal(signal.SIGKILL)
        self._process.wait()

    def restart(self) -> None:
        self.stop(grace=min(GRACE_SECONDS, settings.SYNC_SILENCE_SECONDS))
        self.start()

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


def die_with(parent: int) -> None:
    """Asks the kernel to end this process when its parent is gone, however that went. Linux only; elsewhere best effort."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        # It died before we could ask.
        raise SystemExit(1)
