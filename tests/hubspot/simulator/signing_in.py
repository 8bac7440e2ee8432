"""Signing in as an app does it: the consent page, the code, the token."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from integrations.rehearsal.practice_hubspot import PracticeHubSpot

from .wire import HOST, Answer

CALLBACK = "https://console.example/callback"
SCOPES = "oauth crm.objects.companies.read crm.objects.contacts.read"


def consent(crm: PracticeHubSpot, answer: str = "allow", **more: str) -> Answer:
    form = {
        "client_id": crm.credentials.client_id,
        "redirect_uri": CALLBACK,
        "scope": SCOPES,
        "state": "s1",
        "answer": answer,
    }
    return crm.session().post("https://app.hubspot.com/oauth/authorize", data=form | more, allow_redirects=False)


def code(crm: PracticeHubSpot, **more: str) -> str:
    return back(consent(crm, **more))["code"]


def back(answer: Answer) -> dict[str, str]:
    """What the callback gets."""
    assert answer.status_code == 302, answer.text
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def token(crm: PracticeHubSpot, version: str = "2026-09", **form: Any) -> Answer:
    client = {"client_id": crm.credentials.client_id, "client_secret": crm.credentials.client_secret}
    return crm.session().post(f"{HOST}/oauth/{version}/token", data=client | form)


def exchange(crm: PracticeHubSpot, version: str = "2026-09", **more: str) -> dict[str, Any]:
    answer = token(crm, version, grant_type="authorization_code", code=code(crm, **more), redirect_uri=CALLBACK)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
