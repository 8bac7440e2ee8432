"""The vendor's own client, unchanged, against the practice portal as `manage.py rehearsal` serves it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hubspot  # type: ignore[import-untyped]
import pytest
from hubspot.crm.companies import PublicObjectSearchRequest, SimplePublicObjectInputForCreate  # type: ignore[import-untyped]

from integrations.hubspot.signin import NEEDED, authorize_url
from integrations.rehearsal.demo_environment import settings_of
from integrations.wire.tokens import App
from tests.hubspot.test_wizard import answer
from tests.served import rehearsal

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
BACK = "http://127.0.0.1:8000/hubspot/back"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    with rehearsal(tmp_path, "hubspot") as address:
        yield address


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
