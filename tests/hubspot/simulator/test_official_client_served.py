"""The vendor's own client, unchanged, against the practice portal as `manage.py rehearsal` serves it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hubspot  # type: ignore[import-untyped]
import pytest
from django.conf import settings
from hubspot.crm.companies import PublicObjectSearchRequest, SimplePublicObjectInputForCreate  # type: ignore[import-untyped]

from integrations.hubspot.signin import NEEDED, authorize_url
from integrations.rehearsal.demo_environment import settings_of
from integrations.rehearsal.others import ports_from
from integrations.wire.tokens import App
from tests.hubspot.test_wizard import answer

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
BACK = "http://127.0.0.1:8000/hubspot/back"


def free_from() -> int:
    """The first of as many ports side by side as the practice CRMs take."""
    for first in range(30_000 + os.getpid() % 9_000, 60_000, 10):
        try:
            for port in (first, *ports_from(first + 1).values(), first + 9):
                with socket.socket() as one:
                    one.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise AssertionError("no port is free")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    first = free_from()
    command = [
        sys.executable, "manage.py", "rehearsal", "--accounts", "3", "--contacts-per", "1", "--https-port", "0",
        "--index-port", str(first), "--port", str(first + 9), "--others-from", str(first + 1),
    ]  # fmt: skip
    environment = {**os.environ, "VAR_DIR": str(tmp_path), "SECRET_KEY": "x" * 50, "CREDENTIAL_KEY": "y" * 50}
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
        yield f"http://127.0.0.1:{ports_from(first + 1)['hubspot']}"
        process.terminate()


def test_client_signs_in_reads_writes_and_searches_what_the_process_serves(served: str) -> None:
    """As a super admin does it in a browser, with the app of the rehearsal's own environment."""
    told = settings_of(8000, Path("somewhere"))
    app = App(told["HUBSPOT_CLIENT_ID"], told["HUBSPOT_CLIENT_SECRET"])
    back = answer(authorize_url(served, app, redirect_uri=BACK, state="s"))
    tokens: Any = hubspot.Client.create(host=served).oauth.tokens_api.create(
        grant_type="authorization_code", code=back["code"], redirect_uri=BACK, client_id=app.client_id,
        client_secret=app.client_secret,
    )  # fmt: skip
    client = hubspot.Client.create(access_token=tokens.access_token, host=served)

    found = client.crm.companies.get_all()
    made = client.crm.companies.basic_api.create(
        SimplePublicObjectInputForCreate(properties={"name": "Lovelace", "lifecyclestage": "customer"}, associations=[])
    )
    filters = [{"propertyName": "hs_object_id", "operator": "EQ", "value": str(found[0].id)}]
    searched = client.crm.companies.search_api.do_search(
        PublicObjectSearchRequest(
            filter_groups=[{"filters": filters}], sorts=[], properties=["name"], limit=5, after="0"
        )
    )
    about = client.oauth.access_tokens_api.get(tokens.access_token)

    assert len(found) == 3
    assert client.crm.companies.basic_api.get_by_id(made.id, properties=["name"]).properties["name"] == "Lovelace"
    assert [one.id for one in searched.results] == [found[0].id]
    assert set(NEEDED) <= set(about.scopes)
