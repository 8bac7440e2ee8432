"""The vendor's own client, unchanged, against the practice account."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from integrations.rehearsal.practice_pipedrive import PracticePipedrive

from .caller import CALLBACK, code_of


def _client() -> Path:
    """The folder that the client is installed in; installed there once where CI asks for it."""
    folder = Path(os.environ.get("PIPEDRIVE_CLIENT_DIR", settings.BASE_DIR / ".tools" / "pipedrive"))
    if not shutil.which("node"):
        pytest.skip("there is no Node on this machine, so Pipedrive's client was not tried")
    if not (folder / "node_modules" / "pipedrive").exists():
        if not (os.environ.get("CI") and shutil.which("npm")):
            pytest.skip("Pipedrive's client is not installed: set PIPEDRIVE_CLIENT_DIR, or CI=1 with npm")
        folder.mkdir(parents=True, exist_ok=True)
        npm = ["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(folder), "pipedrive@33"]
        done = subprocess.run(npm, capture_output=True, timeout=300, check=False)
        if done.returncode:
            pytest.skip("npm could not install Pipedrive's client")
    return folder


def test_the_official_client_works_unchanged(practice: PracticePipedrive) -> None:
    folder, who = _client(), practice.credentials
    code, key = code_of(practice)["code"], practice.key("organization", "Customer number")
    script = Path(__file__).with_name("client_check.js")

    done = subprocess.run(
        ["node", str(script), practice.base_url, who.client_id, who.client_secret, CALLBACK, code, key],
        env={**os.environ, "PIPEDRIVE_CLIENT_DIR": str(folder)}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "token": ["Bearer", True, True], "refreshed": [True, True], "ids": [4, 4, 2], "made": [True, "JS-1", None],
        "changed": "Changed", "searched": ["Changed"], "found": 1, "wrong": "ERR_SCHEMA_VALIDATION_FAILED",
        "person": [11, "work"], "persons": 1, "won": "won", "wonCount": 1, "activity": ["Talk", True], "fields": 13,
        "stages": 8,
        "pipelines": 2, "me": who.email, "users": 13, "note": ["Changed", 1], "filters": 5, "types": 6,
        "relation": "parent",
        "leads": True, "merged": 1, "deleted": 2, "revoked": 401,
    }  # fmt: skip
