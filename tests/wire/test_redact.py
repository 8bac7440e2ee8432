import logging

import pytest

from integrations.wire.errors import (
    AlreadyExists,
    DryRun,
    Misconfigured,
    NeedsSignIn,
    RateLimited,
    Rejected,
    Transient,
    WireError,
)
from integrations.wire.messages import Call, Request
from integrations.wire.redact import RedactingFilter, mask, redact
from integrations.wire.tokens import App, Tokens

from .border import ORG, Answer, Border, salesforce

CANARY = "CANARY-7f3a.Zq_9~x"


@pytest.mark.requirement("E8")
@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {CANARY}",
        f"authorization: Basic {CANARY}",
        f"{{'Authorization': 'Bearer {CANARY}', 'Accept': 'x'}}",
        f'{{"Authorization": "OAuth {CANARY}"}}',
        f"sent with Bearer {CANARY} and refused",
        f'{{"access_token":"{CANARY}","scope":"api"}}',
        f'{{"refresh_token": "{CANARY}',
        f'{{"password": "a\\"{CANARY}"}}',
        f"{{'client_secret': '{CANARY}'}}",
        f"grant_type=refresh_token&refresh_token={CANARY}&client_id=x",
        f"https://x.example/callback?code={CANARY}&state=1",
        f"client_secret={CANARY}",
        f"password='{CANARY}'",
        f"<sessionId>{CANARY}</sessionId>",
        f"<urn:password>{CANARY}</urn:password>",
        f'<sf:sessionId xsi:type="xsd:string">\n{CANARY}</sf:sessionId>',
        f"https://user:{CANARY}@login.salesforce.com/x",
        f"Set-Cookie: sid={CANARY}; path=/",
        "session 00Dxx0000001gEREAY!AQ4AQ.CANARY-7f3a.Zq_9~x is over",
        "token 5Aep861TSESvWeug_CANARY-7f3a.Zq_9~x",
    ],
)
def test_redact_takes_out_the_secret(text: str) -> None:
    assert "CANARY" not in redact(text)
    assert "•••" in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "INVALID_FIELD: No such column 'Idd' on entity 'Account'",
        '[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]',
        '{"code": "PROPERTY_DOESNT_EXIST"}',
        "SELECT Id, Country_Code__c FROM Account WHERE Country_Code__c = 'FR'",
        "https://aldervale.my.salesforce.com/services/data/v66.0/query?q=SELECT+Id",
        "Basic plan, bearer of bad news",
    ],
)
def test_redact_leaves_plain_words_alone(text: str) -> None:
    assert redact(text) == text


def test_mask_blots_the_longest_secret_first() -> None:
    assert mask("abcdef abc", ["abc", "", "abcdef"]) == "••• •••"


@pytest.mark.parametrize("kind", [Transient, RateLimited, NeedsSignIn, Rejected, Misconfigured, WireError])
def test_error_never_shows_a_secret(kind: type[WireError]) -> None:
    error = kind("X", f"refresh_token={CANARY}")

    assert "CANARY" not in f"{error} {error!r} {error.message} {error.args}"


def test_error_text_is_short_and_names_its_kind() -> None:
    assert str(AlreadyExists("001", "DUPLICATE_VALUE", "found")) == "DUPLICATE_VALUE: found"
    assert str(Rejected()) == "Rejected"
    assert len(Rejected("X", "y" * 9000).message) == 500
    assert "CANARY" not in str(DryRun("POST", f"https://x.example/?token={CANARY}"))


def test_secrets_stay_out_of_reprs() -> None:
    values = [
        Tokens(CANARY, CANARY, ORG),
        App("key", CANARY),
        Request("POST", ORG, headers={"Authorization": CANARY}, json={"a": CANARY}, data={"b": CANARY}),
    ]

    assert "CANARY" not in repr(values)


@pytest.mark.requirement("E8")
def test_canary_shows_nowhere_on_a_failing_call() -> None:
    class Access:
        def headers(self) -> dict[str, str]:
            return {"Authorization": f"Bearer {CANARY}"}

        def renew(self, refused: object) -> None:
            raise AssertionError

        def secrets(self) -> tuple[str, ...]:
            return (CANARY,)

    echo = Answer(400, [{"errorCode": "STRANGE", "message": f"You sent {CANARY}, which is odd"}])
    border, calls = Border(echo), list[Call]()
    session = salesforce(border, auth=Access(), on_call=calls.append)

    with pytest.raises(Rejected) as caught:
        session.send(Request("GET", f"{ORG}/services/oauth2/x?token={CANARY}"))

    assert CANARY in str(border.sent[0].headers)
    assert CANARY not in f"{caught.value} {caught.value!r} {calls}"


def test_log_filter_cleans_message_arguments_and_traceback() -> None:
    error = ValueError(f"password={CANARY}")
    record = logging.LogRecord(
        "x", 40, "f", 1, "said %s", (f"Bearer {CANARY}",), (ValueError, error, error.__traceback__)
    )

    RedactingFilter().filter(record)

    written = logging.Formatter().format(record)
    assert "CANARY" not in written
    assert "ValueError" in written
