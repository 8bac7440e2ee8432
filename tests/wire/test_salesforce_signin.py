from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit
from xml.etree import ElementTree as ET

import pytest
import requests

from integrations.salesforce import signin
from integrations.salesforce.causes import CAUSES
from integrations.salesforce.client import host_policy
from integrations.wire.errors import Misconfigured, NeedsSignIn, RateLimited, Transient
from integrations.wire.hosts import HostPolicy
from integrations.wire.session import Session
from integrations.wire.tokens import App, Tokens

from .border import NOW, ORG, Answer, Border, recorded, salesforce

APP = App("key", "s3cret")
GRANTED = {
    "access_token": "00Dxx!a1",
    "refresh_token": "r1",
    "instance_url": ORG,
    "id": f"{signin.LIVE}/id/1",
    "scope": "api",
}
SESSION = """<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope
 xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><loginResponse><result>
 <metadataServerUrl>https://x.example/services/Soap/m/64.0/00D</metadataServerUrl>
 <passwordExpired>{expired}</passwordExpired><serverUrl>{server}/services/Soap/u/64.0/00Dxx0000001gER</serverUrl>
 <sessionId>00Dxx0000001gER!AQ&amp;4</sessionId><userId>005xx</userId>
 <userInfo><sessionSecondsValid>7200</sessionSecondsValid></userInfo></result></loginResponse></soapenv:Body></soapenv:Envelope>"""
FAULT = """<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope
 xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="urn:fault.partner.soap.sforce.com"><soapenv:Body>
 <soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {words}</faultstring><detail>
 <sf:UnexpectedErrorFault><sf:exceptionCode>{code}</sf:exceptionCode><sf:exceptionMessage>{words}</sf:exceptionMessage>
 </sf:UnexpectedErrorFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>"""


def accepted(server: str = ORG, expired: str = "false") -> Answer:
    return Answer(200, SESSION.format(server=server, expired=expired))


def faulty(code: str, words: str = "no") -> Answer:
    return Answer(500, FAULT.format(code=code, words=words))


def login(session: Session, **changed: str) -> Tokens:
    given = {"username": "ines@aldervale.example", "password": "p&<ss", "security_token": "TOKEN", **changed}
    return signin.password_login(session, signin.LIVE, **given)


def test_password_login_sends_password_and_token_together_and_escaped() -> None:
    border = Border(accepted())

    tokens = login(salesforce(border))

    sent = border.sent[0]
    words = {element.tag.rpartition("}")[2]: element.text for element in ET.fromstring(sent.body or b"").iter()}
    assert sent.url == "https://login.salesforce.com/services/Soap/u/64.0"
    assert (sent.headers["SOAPAction"], sent.headers["Content-Type"]) == ("login", "text/xml; charset=UTF-8")
    assert (words["username"], words["password"]) == ("ines@aldervale.example", "p&<ssTOKEN")
    assert (tokens.access_token, tokens.instance_url) == ("00Dxx0000001gER!AQ&4", ORG)
    assert (tokens.refresh_token, tokens.expires_at, tokens.issued_at) == ("", NOW + timedelta(hours=2), NOW)


def test_password_login_leaves_the_old_soap_host() -> None:
    tokens = login(salesforce(Border(accepted("https://na1-api.salesforce.com"))))

    assert tokens.instance_url == "https://na1.salesforce.com"


def test_password_login_reaches_a_listed_practice_server() -> None:
    border = Border(accepted("http://127.0.0.1:8091"))
    session = salesforce(border)
    session.policy = host_policy(["127.0.0.1:8091"])

    tokens = signin.password_login(session, "http://127.0.0.1:8091/", username="u", password="p", security_token="")

    assert border.sent[0].url == "http://127.0.0.1:8091/services/Soap/u/64.0"
    assert tokens.instance_url == "http://127.0.0.1:8091"


@pytest.mark.requirement("F10", "R61")
@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("INVALID_LOGIN", NeedsSignIn),
        ("LOGIN_MUST_USE_SECURITY_TOKEN", NeedsSignIn),
        ("INVALID_OPERATION_WITH_EXPIRED_PASSWORD", NeedsSignIn),
        ("PASSWORD_LOCKOUT", NeedsSignIn),
        ("API_DISABLED_FOR_ORG", Misconfigured),
        ("API_CURRENTLY_DISABLED", Misconfigured),
        ("UNSUPPORTED_API_VERSION", Misconfigured),
    ],
)
def test_refused_password_login_is_tried_once_and_has_a_cause_in_words(code: str, error: type[Exception]) -> None:
    border = Border(faulty(code, "in the vendor's words"))

    with pytest.raises(error) as caught:
        login(salesforce(border))

    assert (len(border.sent), str(caught.value)) == (1, f"{code}: in the vendor's words")
    assert CAUSES[code].why
    assert CAUSES[code].cure


def test_password_reset_is_noticed_although_the_login_works() -> None:
    with pytest.raises(NeedsSignIn) as caught:
        login(salesforce(Border(accepted(expired="true"))))

    assert caught.value.code == "INVALID_OPERATION_WITH_EXPIRED_PASSWORD"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (faulty("LOGIN_RATE_EXCEEDED"), RateLimited),
        (faulty("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), RateLimited),
        (faulty("SERVER_UNAVAILABLE"), Transient),
        (Answer(500, "<html>down</html>"), Transient),
        (Answer(500, "<Envelope"), Transient),
        (Answer(200, "<html>welcome</html>"), Transient),
        (Answer(200, ""), Transient),
        (Answer(200, '<!DOCTYPE x [<!ENTITY a "aa">]><Envelope>&a;</Envelope>'), Transient),
    ],
)
def test_login_that_fails_for_another_reason_blames_nobody(answer: Answer, error: type[Exception]) -> None:
    border = Border(answer)

    with pytest.raises(error):
        login(salesforce(border))

    assert len(border.sent) == 1


def test_login_whose_answer_was_lost_is_not_tried_again() -> None:
    border = Border(requests.ReadTimeout("slow"))

    with pytest.raises(Transient):
        login(salesforce(border))

    assert len(border.sent) == 1


@pytest.mark.requirement("E8")
def test_refusal_that_echoes_the_password_does_not_show_it() -> None:
    border = Border(faulty("INVALID_LOGIN", "hunter2 and TOKEN99 do not match"))

    with pytest.raises(NeedsSignIn) as caught:
        login(salesforce(border), password="hunter2", security_token="TOKEN99")

    assert caught.value.message == "••• and ••• do not match"


def ways(session: Session) -> list[Callable[[], Tokens]]:
    return [
        lambda: signin.exchange_code(
            session, ORG, APP, code="c", verifier="v", redirect_uri="https://console.example/"
        ),
        lambda: signin.refresh(session, ORG, APP, Tokens("a", "r")),
        lambda: signin.client_credentials(session, ORG, APP),
    ]


@pytest.mark.parametrize("way", [0, 1, 2])
@pytest.mark.parametrize(
    "instance",
    ["https://evil.example", "http://aldervale.my.salesforce.com", "https://x@evil.example", "https://10.0.0.1"],
)
def test_token_goes_to_no_address_that_was_not_checked(way: int, instance: str) -> None:
    session = salesforce(Border(Answer(200, {**GRANTED, "instance_url": instance})))

    with pytest.raises(Misconfigured) as caught:
        ways(session)[way]()

    assert caught.value.code == "HOST_REFUSED"


def test_soap_server_elsewhere_is_refused() -> None:
    with pytest.raises(Misconfigured):
        login(salesforce(Border(accepted("https://evil.example"))))


@pytest.mark.parametrize("way", [0, 1, 2])
def test_every_oauth_way_ends_in_tokens(way: int) -> None:
    border = Border(Answer(200, GRANTED))

    tokens = ways(salesforce(border))[way]()

    assert (tokens.access_token, tokens.instance_url) == ("00Dxx!a1", ORG)
    assert border.sent[0].url == f"{ORG}/services/oauth2/token"


def test_recorded_token_answer() -> None:
    border = Border(Answer(200, recorded("rf_auth_success")))

    tokens = signin.refresh(salesforce(border), signin.LIVE, APP, Tokens("old", "r1"))

    assert (tokens.instance_url, tokens.refresh_token) == ("https://na1.salesforce.com", "r1")
    assert tokens.issued_at is not None
    assert tokens.issued_at.isoformat() == "2010-07-06T20:40:32.702000+00:00"


def test_answer_that_names_no_organisation_is_no_sign_in() -> None:
    with pytest.raises(Transient):
        signin.client_credentials(salesforce(Border(Answer(200, {"access_token": "a"})), max_wait=0), ORG, APP)


@pytest.mark.parametrize("host", [signin.LIVE, signin.SANDBOX, f"{signin.LIVE}/"])
def test_client_credentials_need_the_organisations_own_address(host: str) -> None:
    border = Border(Answer(200, GRANTED))

    with pytest.raises(Misconfigured) as caught:
        signin.client_credentials(salesforce(border), host, APP)

    assert (caught.value.code, border.sent) == ("MY_DOMAIN_NEEDED", [])


def test_authorize_url_asks_for_the_least() -> None:
    url = signin.authorize_url(
        f"{signin.SANDBOX}/", APP, redirect_uri="https://console.example/back", state="s", challenge="c"
    )

    parts = urlsplit(url)
    query = parse_qs(parts.query)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == "https://test.salesforce.com/services/oauth2/authorize"
    assert (query["scope"], query["prompt"], query["state"]) == (["api refresh_token"], ["login consent"], ["s"])
    assert "s3cret" not in url


@pytest.mark.parametrize(
    ("answer", "raises"),
    [
        (Answer(200, ""), None),
        (
            Answer(400, {"error": "unsupported_token_type", "error_description": "this token type is not supported"}),
            None,
        ),
        (Answer(400, {"error": "invalid_grant", "error_description": "expired"}), None),
        (Answer(400, {"error": "invalid_client", "error_description": "no"}), Misconfigured),
        (Answer(503, ""), Transient),
    ],
)
def test_revoke_is_content_when_the_token_is_dead(answer: Answer, raises: type[Exception] | None) -> None:
    border = Border(answer)
    session = salesforce(border, max_wait=0)

    if raises:
        with pytest.raises(raises):
            signin.revoke(session, ORG, Tokens("a1", "r1"))
    else:
        signin.revoke(session, ORG, Tokens("a1", "r1"))

    assert dict(parse_qsl(str(border.sent[0].body))) == {"token": "r1"}


def test_userinfo_is_asked_with_the_fresh_token() -> None:
    answer: dict[str, Any] = {"user_id": "005", "organization_id": "00D", "name": "Inès Moreau"}
    border = Border(Answer(200, answer))

    who = signin.userinfo(salesforce(border), Tokens("a1", "", ORG))

    assert (who, border.sent[0].headers["Authorization"]) == (answer, "Bearer a1")


def test_userinfo_is_asked_at_no_foreign_host() -> None:
    border = Border(Answer(200, {}))

    with pytest.raises(Misconfigured):
        signin.userinfo(salesforce(border), Tokens("a1", "", "https://evil.example"))

    assert border.sent == []


def test_policy_knows_salesforce_and_nothing_else() -> None:
    assert host_policy(["127.0.0.1:8091"]) == HostPolicy(("salesforce.com", "force.com"), ("127.0.0.1:8091",))
