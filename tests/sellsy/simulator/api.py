"""A caller of the practice account who also asks the vendor's document about every exchange that went well."""

import json
from collections.abc import Iterator
from typing import Any

import requests

from integrations.rehearsal.practice_sellsy import PracticeSellsy
from tests.sellsy.simulator import contract

API = "https://api.sellsy.com/v2"
TOKENS = "https://login.sellsy.com/oauth2/access-tokens"
RPC = "https://apifeed.sellsy.com/0/"
# Named by the wire sheet, not in the trimmed document; a batch is text, which the document does not describe.
UNDOCUMENTED = ("/staffs/me", "/batch")


class Api:
    def __init__(self, practice: PracticeSellsy) -> None:
        self.practice, self.session = practice, practice.session()
        self.last = requests.Response()
        self.sign_in()

    def sign_in(self) -> None:
        known = self.practice.credentials
        form = {
            "grant_type": "client_credentials",
            "client_id": known.personal_id,
            "client_secret": known.personal_secret,
        }
        token = self.session.post(TOKENS, json=form).json()["access_token"]
        self.session.headers["Authorization"] = f"Bearer {token}"

    def __call__(self, method: str, path: str, sent: Any = None, status: int = 200) -> Any:
        self.last = self.session.request(method, API + path, json=sent)
        answered = self.last.json() if self.last.content else None
        assert self.last.status_code == status, (self.last.status_code, answered)
        bare = path.partition("?")[0]
        if status < 300 and bare not in UNDOCUMENTED and "field[]" not in path and not contract.missing():
            said = contract.complaints(method, bare, status, sent, answered)
            assert said == [], f"{method} {path}: {said}"
        return answered

    def get(self, path: str, status: int = 200) -> Any:
        return self("GET", path, None, status)

    def search(self, path: str, status: int = 200, **filters: Any) -> Any:
        bare, _, query = path.partition("?")
        return self("POST", f"{bare}/search{'?' if query else ''}{query}", {"filters": filters}, status)

    def refused(self, method: str, path: str, sent: Any = None, status: int = 400) -> dict[str, Any]:
        """The envelope of a refusal."""
        answered = self(method, path, sent, status)
        assert list(answered) == ["error"]
        assert list(answered["error"]) == ["code", "message", "details", "context"]
        assert answered["error"]["code"] == status
        found: dict[str, Any] = answered["error"]
        return found

    def batch(self, *lines: tuple[str, str, Any]) -> list[dict[str, Any]]:
        text = "".join(f"{json.dumps({'uri': uri, 'method': m})}\n{json.dumps(body)}\n" for m, uri, body in lines)
        return self.batch_text(text)

    def batch_text(self, text: str, status: int = 207) -> Any:
        answered = self.session.post(f"{API}/batch", data=text.encode(), headers={"Content-Type": "text/plain"})
        assert answered.status_code == status, answered.text
        return answered.json()["responses"] if status == 207 else answered.json()

    def rpc(self, method: str, status: int = 200, **params: Any) -> Any:
        form = {"request": "1", "io_mode": "json", "do_in": json.dumps({"method": method, "params": params})}
        answered = self.session.post(RPC, data=form)
        assert answered.status_code == status, answered.text
        return answered.json()

    def pages(self, path: str, limit: int, sent: Any = None) -> Iterator[list[dict[str, Any]]]:
        """As a client must read them: until a page is not full."""
        offset, mark = "", "&" if "?" in path else "?"
        while True:
            url = f"{path}{mark}limit={limit}{offset}"
            page = self("POST" if sent is not None else "GET", url, sent)
            yield page["data"]
            if page["pagination"]["count"] < limit:
                return
            offset = f"&offset={page['pagination']['offset']}"


def ids(answered: dict[str, Any]) -> list[int]:
    return [one["id"] for one in answered["data"]]
