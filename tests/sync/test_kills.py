import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="finds the workers through /proc")
@pytest.mark.requirement("F12", "F13", "F14", "I2", "I3")
def test_import_survives_killed_workers() -> None:
    """The long version is `make kills`; this one proves that it can fail and does not."""
    command = [
        sys.executable,
        str(ROOT / "scripts" / "kill_import.py"),
        "--kills",
        "3",
        "--accounts",
        "500",
        "--seconds",
        "150",
    ]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}

    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180, check=False)

    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "every import ended by itself" in done.stdout
