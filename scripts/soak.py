"""Fifty thousand random histories, in rounds with a seed each: stopped at any time, the next call goes on where it was.

Passed rounds count for as long as the code under them is the same, byte for byte; `var/soak.jsonl` keeps them.
"""

import argparse
import hashlib
import json
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "var" / "soak.jsonl"
HISTORIES = "tests/sync/test_machine.py"
UNDER_TEST = (
    "integrations/engine",
    "integrations/hub",
    "integrations/sync",
    "integrations/wire",
    "tests/contract",
    "tests/sync",
)
LOADED = """
import sys, django
django.setup()
import tests.sync.test_machine
print(*(found for one in list(sys.modules.values()) if (found := getattr(one, "__file__", None))), sep="\\n")
"""
"""What a history is made of: no page is."""
FOR_CERTAIN = (
    "integrations/engine",
    "integrations/sync/runner",
    "integrations/sync/store",
    "integrations/sync/migrations",
)
"""Whatever of it is loaded at the start."""
ROUND = 1_200
"""Short enough to lose, long enough that starting is no part of it: a few minutes."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("histories", type=int, nargs="?", default=50_000)
    parser.add_argument("--workers", default="auto")
    parser.add_argument("--round", type=int, default=ROUND, help="histories between two words of how far it is")
    parser.add_argument("--seconds", type=int, help="begin no round after so long: it failed if that was too few")
    asked = parser.parse_args()
    began = time.monotonic()
    code = fingerprint()
    done = passed_before(code)
    while done < asked.histories:
        if asked.seconds is not None and time.monotonic() - began > asked.seconds:
            print(f"No time for more: only {done:,} of {asked.histories:,} histories, none of which failed.")
            return 1
        seed = secrets.randbits(32)
        if failed := play(seed, asked.workers, asked.round):
            print(
                f"Failed with the seed {seed}: HISTORIES={asked.round} SHRINK=1 pytest {HISTORIES} --randomly-seed={seed}"
            )
            return failed
        done += asked.round
        keep(code, seed, asked.round)
        print(f"{done:,} of {asked.histories:,} histories without a failure", flush=True)
    print(f"{done:,} histories passed on this code.")
    return 0


def fingerprint() -> str:
    keys = dict.fromkeys(("SECRET_KEY", "CREDENTIAL_KEY"), "read-for-its-imports-and-used-for-nothing-at-all-but-that")
    known = {**os.environ, **keys, "DJANGO_SETTINGS_MODULE": "skalin_sync.settings"}
    listed = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, env=known, capture_output=True, text=True, check=True
    )
    loaded = {Path(line) for line in listed.stdout.splitlines()}
    certain = {path for folder in FOR_CERTAIN for path in (ROOT / folder).rglob("*.py")}
    files = sorted(path for path in loaded | certain if any(path.is_relative_to(ROOT / one) for one in UNDER_TEST))
    together = hashlib.sha256()
    for path in files:
        together.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return together.hexdigest()[:16]


def passed_before(code: str) -> int:
    rounds = [json.loads(line) for line in KEPT.read_text().splitlines()] if KEPT.exists() else []
    return sum(each["histories"] for each in rounds if each["code"] == code)


def play(seed: int, workers: str, histories: int) -> int:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--no-header",
        "-n",
        workers,
        HISTORIES,
        f"--randomly-seed={seed}",
    ]
    played = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "HISTORIES": str(histories)}, capture_output=True, text=True, check=False
    )
    if played.returncode:
        print(played.stdout, played.stderr, sep="\n")
    return played.returncode


def keep(code: str, seed: int, histories: int) -> None:
    KEPT.parent.mkdir(exist_ok=True)
    with KEPT.open("a") as kept:
        kept.write(json.dumps({"code": code, "seed": seed, "histories": histories}) + "\n")


if __name__ == "__main__":
    sys.exit(main())
