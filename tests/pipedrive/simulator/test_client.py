"""The vendor's own client, unchanged, against the practice account."""

import json
import os
import subprocess
from pathlib import Path

from integrations.rehearsal.practice_pipedrive import PracticePipedrive
from tests.node import installed

from .caller import CALLBACK, code_of


def test_the_official_client_works_unchanged(practice: PracticePipedrive) -> None:
    folder, who = (
        installed("pipedrive", version=33, variable="PIPEDRIVE_CLIENT_DIR", label="Pipedrive’s client"),
        practice.credentials,
    )
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
