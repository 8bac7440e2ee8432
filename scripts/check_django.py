"""Django's own checks: models and migrations agree, and the settings of a real deployment are safe."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEY = "for-the-check-only-" + "0123456789abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DEPLOYED = {
    **os.environ,
    "SECRET_KEY": KEY,
    "CREDENTIAL_KEY": KEY[::-1],
    "PUBLIC_URL": "https://sync.aldervale.example",
    "ALLOWED_HOSTS": "sync.aldervale.example",
    "DEBUG": "0",
}


def manage(*words: str) -> None:
    subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=DEPLOYED, check=True)


if __name__ == "__main__":
    manage("check", "--deploy", "--fail-level", "WARNING")
    manage("makemigrations", "--check", "--dry-run")
