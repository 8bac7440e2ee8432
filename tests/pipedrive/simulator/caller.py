"""How the tests call the practice Pipedrive: as a script with the administrator's API token, or with an OAuth token."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from integrations.rehearsal.practice_pipedrive import PracticePipedrive

BASE = "https://aldervale.pipedrive.com"
OAUTH = "https://oauth.pipedrive.com"
CALLBACK = "https://hub.example/callback"


class Caller:
    def __init__(self, practice: PracticePipedrive, headers: dict[str, str] | None = None) -> None:
        self.practice = practice
        self._session = practice.session()
        self._session.headers.update(practice.headers() if headers is None else headers)

    def __call__(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None, **params: Any
    ) -> requests.Response:
        """A path of v1 or v2, as `/v2/organizations`."""
        # An anonymous call has no body type; requests sets one for JSON.
        return self._session.request(
            method, f"{BASE}/api{path}", json=body, params=params, allow_redirects=False, headers=headers
        )

    def get(self, path: str, **params: Any) -> Any:
        """The whole answer of a read that must work."""
        answer = self("GET", path, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def data(self, path: str, **params: Any) -> Any:
        return self.get(path, **params)["data"]

    def send(self, method: str, path: str, body: Any, status: int = 200) -> Any:
        """What a write that must end so answers: its data, or the refusal as a whole."""
        answer = self(method, path, body)
        assert answer.status_code == status, answer.text
        return answer.json()["data"] if status < 300 else answer.json()

    def pages(self, path: str, **params: Any) -> Iterator[list[Any]]:
        cursor = None
        while True:
            found = self.get(path, **params, **({"cursor": cursor} if cursor else {}))
            yield found["data"]
            cursor = found["additional_data"]["next_cursor"]
            if cursor is None:
                return


def code_of(practice: PracticePipedrive, answer: str = "allow", state: str = "s1") -> dict[str, str]:
    """What a person's consent brings back to the app's callback."""
    form = {
        "client_id": practice.credentials.client_id, "redirect_uri": CALLBACK, "state": state, "answer": answer,
    }  # fmt: skip
    sent = practice.session().post(f"{OAUTH}/oauth/authorize", data=form, allow_redirects=False)
    assert sent.status_code == 302, sent.text
    return {k: v[0] for k, v in parse_qs(urlsplit(sent.headers["Location"]).query).items()}


def token_call(practice: PracticePipedrive, form: dict[str, str], **more: Any) -> requests.Response:
    who = practice.credentials
    given: dict[str, Any] = {"auth": (who.client_id, who.client_secret), "data": form, **more}
    return practice.session().post(f"{OAUTH}/oauth/token", **given)


def signed_in(practice: PracticePipedrive) -> dict[str, Any]:
    """The token answer of a whole sign-in."""
    code = code_of(practice)["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    answer = token_call(practice, form)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def bearer(token: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {token['access_token']}"}
