"""The practice CRMs as `manage.py rehearsal` serves them: a process of its own, for clients that know nothing of ours."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from integrations.rehearsal.others import ports_from


@contextmanager
def rehearsal(folder: Path, system: str) -> Iterator[str]:
    """The address of one of them, a small world in it."""
    first = _free_from()
    command = [
        sys.executable, "manage.py", "rehearsal", "--accounts", "3", "--contacts-per", "1", "--https-port", "0",
        "--index-port", str(first), "--port", str(first + 9), "--others-from", str(first + 1),
    ]  # fmt: skip
    environment = {**os.environ, "VAR_DIR": str(folder), "SECRET_KEY": "x" * 50, "CREDENTIAL_KEY": "y" * 50}
    with subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout
        said = ""
        for line in process.stdout:
            said += line
            if "Ctrl-C" in line:
                break
        else:
            raise AssertionError(said)
        yield f"http://127.0.0.1:{ports_from(first + 1)[system]}"
        process.terminate()


def _free_from() -> int:
    """The first of as many ports side by side as the practice CRMs take."""
    # Two workers look at once: each begins at a place of its own.
    for first in range(20_000 + os.getpid() * 20 % 20_000, 60_000, 20):
        try:
            for port in (first, *ports_from(first + 1).values(), first + 9):
                with socket.socket() as one:
                    one.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise AssertionError("no port is free")
