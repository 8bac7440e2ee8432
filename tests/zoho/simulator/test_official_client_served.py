"""The vendor's own client, unchanged, against the practice organisation as `manage.py rehearsal` serves it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from integrations.rehearsal.demo_environment import settings_of
from integrations.wire.tokens import App
from integrations.zoho.signin import SCOPE, authorize_url
from tests.served import rehearsal
from tests.zoho.consent import answer

pytest.importorskip("zohocrmsdk")

from .test_official_client import HeaderMap, ParameterMap, api, listed, module, records

BACK = "http://127.0.0.1:8000/zoho/back"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with rehearsal(tmp_path_factory.mktemp("served"), "zoho") as address:
        yield address


@pytest.fixture(scope="module")
def client(served: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Signed in as a person does it in a browser."""
    folder: Path = tmp_path_factory.mktemp("sdk-served")
    told = settings_of(8000, folder)
    app = App(told["ZOHO_CLIENT_ID"], told["ZOHO_CLIENT_SECRET"])
    back = answer(authorize_url(served, app, redirect_uri=BACK, state="s"))
    environment = module("crm.api.dc").DataCenter.Environment(served, f"{served}/oauth/v2/token", served)
    token = module("api.authenticator.oauth_token").OAuthToken(
        client_id=app.client_id, client_secret=app.client_secret, grant_token=back["code"], redirect_url=BACK
    )
    logger = module("api.logger").Logger
    api.Initializer.initialize(
        environment=environment, token=token,
        store=module("api.authenticator.store").FileStore(str(folder / "tokens.txt")), sdk_config=api.SDKConfig(),
        resource_path=str(folder), logger=logger.get_instance(logger.Levels.ERROR, str(folder / "sdk.log")),
    )  # fmt: skip
    return served


def test_client_reads_writes_and_counts_what_the_process_serves(client: str) -> None:
    page = listed("Accounts", fields="Account_Name,Owner", per_page=2, page=1).get_object()
    one = records.Record()
    one.add_field_value(records.Field.Contacts.last_name(), "Lovelace")
    body = records.BodyWrapper()
    body.set_data([one])
    made = records.RecordOperations("Contacts").create_records(body, HeaderMap())
    [result] = made.get_object().get_data()
    coql = module("crm.api.coql")
    asked = coql.BodyWrapper()
    asked.set_select_query("select COUNT(id) from Contacts where Last_Name = 'Lovelace'")
    [counted] = coql.CoqlOperations().get_records(asked).get_object().get_data()
    users = module("crm.api.users").UsersOperations().get_users(ParameterMap(), HeaderMap()).get_object().get_users()

    assert (len(page.get_data()), page.get_info().get_more_records()) == (2, True)
    assert page.get_data()[0].get_key_value("Owner").get_email().endswith("@aldervale.example")
    assert (made.get_status_code(), result.get_code().get_value()) == (201, "SUCCESS")
    assert counted.get_key_value("COUNT(id)") == 1
    assert len(users) == 13


def test_tokens_of_the_served_process_name_its_own_address(served: str) -> None:
    told = settings_of(8000, Path("somewhere"))
    app = App(told["ZOHO_CLIENT_ID"], told["ZOHO_CLIENT_SECRET"])
    back = answer(authorize_url(served, app, redirect_uri=BACK, state="s"))
    form = {"client_id": app.client_id, "client_secret": app.client_secret, "redirect_uri": BACK, "code": back["code"]}

    tokens = requests.post(
        f"{served}/oauth/v2/token", data={**form, "grant_type": "authorization_code"}, timeout=5
    ).json()

    assert (back["accounts-server"], tokens["api_domain"]) == (served, served)
    assert sorted(tokens["scope"].replace(" ", ",").split(",")) == sorted(SCOPE.split(","))
