import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.conf import settings
from simple_salesforce import Salesforce

from integrations.rehearsal.practice import PracticeSalesforce

SPECS = Path(os.environ.get("SPECS_DIR", settings.BASE_DIR.parent / "shared" / "specs")) / "salesforce" / "recorded"


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[PracticeSalesforce]:
    with PracticeSalesforce(tmp_path) as org:
        yield org


@pytest.fixture
def small(tmp_path: Path) -> Iterator[PracticeSalesforce]:
    """Ten plain accounts with two contacts each."""
    with PracticeSalesforce(tmp_path, accounts=10, contacts_per=2) as org:
        yield org


def signed_in(org: PracticeSalesforce, version: str = "60.0") -> Any:
    """simple-salesforce as its users use it; only the transport leads into the org. (Its own types say too little.)"""
    who = org.credentials
    return Salesforce(
        username=who.username, password=who.password, security_token=who.security_token, session=org.session(), version=version
    )  # fmt: skip


@pytest.fixture
def sf(practice: PracticeSalesforce) -> Any:
    return signed_in(practice)


def recorded(name: str) -> Any:
    path = SPECS / name
    if not path.exists():
        pytest.skip(f"{name} is not there: set SPECS_DIR to the folder of recorded answers")
    return orjson.loads(path.read_bytes())


def shape(value: Any) -> Any:
    """Keys and kinds of an answer, without its values; a null may stand for anything."""
    if isinstance(value, dict):
        return {k: shape(v) for k, v in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__
