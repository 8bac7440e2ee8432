"""Intercom's wire, one method per verb and endpoint. Raw values: what they mean is the connector's business."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from integrations.wire.errors import Misconfigured, NotFound
from integrations.wire.hosts import HostPolicy
from integrations.wire.messages import Request
from integrations.wire.session import Session

API = {"us": "https://api.intercom.io", "eu": "https://api.eu.intercom.io", "au": "https://api.au.intercom.io"}
VERSION = "2.15"
VENDOR_HOSTS = ("intercom.io", "intercom.com")
PAGE, SCROLL, LISTED = 150, 100, 60
"""Rows of one page: of contacts and conversations, of a scroll over companies, of their list."""
ATTACHED = 50
"""Companies of one contact, contacts of one company: of one page."""
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """A page: its rows, where the next one begins (empty: nowhere), and how many there are in all, where that is said."""

    rows: Sequence[Row]
    after: str = ""
    total: int | None = None


def host_policy(extra_hosts: Sequence[str] = ()) -> HostPolicy:
    return HostPolicy(VENDOR_HOSTS, tuple(extra_hosts))


class IntercomClient:
    def __init__(self, session: Session, api: str) -> None:
        session.policy.check(api)
        self.session = session
        self.api = api.rstrip("/")

    # --- The workspace

    def me(self) -> Row:
        return self._get("/me", kind="me", needs=("id", "app"))

    def admins(self) -> Sequence[Row]:
        found: Sequence[Row] = self._get("/admins", kind="admins", needs=("admins",))["admins"]
        return found

    def attributes(self, model: str) -> Sequence[Row]:
        found: Sequence[Row] = self._get("/data_attributes", {"model": model}, kind="attributes", needs=("data",))[
            "data"
        ]
        return found

    def create_attribute(self, model: str, name: str, description: str) -> Row:
        body = {"name": name, "model": model, "data_type": "string", "description": description}
        return self._send("POST", "/data_attributes", body, kind="create-attribute", replayable=False)

    # --- Companies

    def scroll(self, param: str = "") -> Found:
        """One at a time in the whole workspace. A page comes once: its param then leads to the one behind it."""
        query = {"scroll_param": param} if param else {}
        # Asked for again, the page that was lost on the way would be skipped.
        body = self._get("/companies/scroll", query, kind="scroll", needs=("data",), replayable=False)
        return Found(body["data"] or (), str(body.get("scroll_param") or "") if body["data"] else "")

    def companies(self, number: int, rows: int = LISTED) -> Found:
        """By number of the page, the most recently active first; of the first ten thousand alone."""
        query = {"page": number, "per_page": rows}
        request = Request(
            "POST", f"{self.api}/companies/list", params=query, headers=HEADERS, json={}, safe=True, kind="companies",
            needs=("data", "total_count"),
        )  # fmt: skip
        body = self.session.send(request).json()
        pages = body.get("pages") or {}
        more = int(pages.get("page") or number) < int(pages.get("total_pages") or 0)
        return Found(body["data"], str(number + 1) if more else "", int(body["total_count"]))

    def company(self, company_id: str) -> Row:
        return self._get(f"/companies/{part(company_id)}", kind="company", needs=("id",))

    def company_by_ref(self, ref: str) -> Row:
        """One company, not a list of one."""
        return self._get("/companies", {"company_id": ref}, kind="company", needs=("id",))

    def contacts_of(self, company_id: str, number: int = 1) -> Found:
        query = {"page": number, "per_page": ATTACHED}
        return self._numbered(f"/companies/{part(company_id)}/contacts", query, number, kind="company-contacts")

    def update_company(self, company_id: str, body: Mapping[str, Any]) -> Row:
        # The same values again change nothing.
        return self._send("PUT", f"/companies/{part(company_id)}", body, kind="update", replayable=True)

    # --- Contacts

    def contacts(self, after: str = "", rows: int = PAGE) -> Found:
        return paged(self._get("/contacts", cursor(after, rows), kind="contacts", needs=("data", "pages")), "data")

    def contact(self, contact_id: str) -> Row:
        return self._get(f"/contacts/{part(contact_id)}", kind="contact", needs=("id",))

    def companies_of(self, contact_id: str, number: int = 1) -> Found:
        query = {"page": number, "per_page": ATTACHED}
        return self._numbered(f"/contacts/{part(contact_id)}/companies", query, number, kind="contact-companies")

    def search_contacts(self, query: Mapping[str, Any], after: str = "", rows: int = PAGE) -> Found:
        return self._search("/contacts/search", query, after, rows, "data", kind="search-contacts")

    def update_contact(self, contact_id: str, body: Mapping[str, Any]) -> Row:
        return self._send("PUT", f"/contacts/{part(contact_id)}", body, kind="update", replayable=True)

    # --- Conversations

    def conversations(self, after: str = "", rows: int = PAGE) -> Found:
        answer = self._get(
            "/conversations", cursor(after, rows), kind="conversations", needs=("conversations", "pages")
        )
        return paged(answer, "conversations")

    def search_conversations(self, query: Mapping[str, Any], after: str = "", rows: int = PAGE) -> Found:
        return self._search("/conversations/search", query, after, rows, "conversations", kind="search-conversations")

    def conversation(self, number: str) -> Row:
        """The only answer that holds its replies: the last five hundred."""
        query = {"display_as": "plaintext"}
        return self._get(f"/conversations/{part(number)}", query, kind="conversation", needs=("id",))

    # --- How it is sent

    def _get(
        self, path: str, query: Mapping[str, str | int] | None = None, *, kind: str, needs: tuple[str, ...],
        replayable: bool | None = None,
    ) -> Row:  # fmt: skip
        request = Request(
            "GET",
            f"{self.api}{path}",
            params=query or {},
            headers=HEADERS,
            kind=kind,
            needs=needs,
            replayable=replayable,
        )
        body: Row = self.session.send(request).json()
        return body

    def _send(self, method: str, path: str, body: Mapping[str, Any], *, kind: str, replayable: bool) -> Row:
        request = Request(
            method,
            f"{self.api}{path}",
            headers=HEADERS,
            json=dict(body),
            kind=kind,
            replayable=replayable,
            needs=("id",),
        )
        answer: Row = self.session.send(request).json()
        return answer

    def _search(
        self, path: str, query: Mapping[str, Any], after: str, rows: int, named: str, *, kind: str
    ) -> Found:  # fmt: skip
        asked = {"query": dict(query), "pagination": cursor(after, rows)}
        request = Request(
            "POST", f"{self.api}{path}", headers=HEADERS, json=asked, safe=True, kind=kind, needs=(named, "pages")
        )
        return paged(self.session.send(request).json(), named)

    def _numbered(self, path: str, query: Mapping[str, str | int], number: int, *, kind: str) -> Found:
        body = self._get(path, query, kind=kind, needs=("data",))
        pages = body.get("pages") or {}
        more = int(pages.get("page") or number) < int(pages.get("total_pages") or 0)
        return Found(body["data"], str(number + 1) if more else "", body.get("total_count"))


HEADERS = {"Intercom-Version": VERSION}


def cursor(after: str, rows: int) -> dict[str, str | int]:
    """The first page has no cursor: an empty one is refused."""
    return {"per_page": rows, **({"starting_after": after} if after else {})}


def paged(body: Mapping[str, Any], named: str) -> Found:
    """`next` is an object, absent or null; older answers had an address there, which no cursor can be taken from."""
    following = (body.get("pages") or {}).get("next")
    after = str(following.get("starting_after") or "") if isinstance(following, Mapping) else ""
    return Found(body[named], after, body.get("total_count"))


def everything(ask: Any) -> Iterator[Row]:
    """Of pages that are asked for by number."""
    number = 1
    while True:
        found: Found = ask(number)
        yield from found.rows
        if not found.after:
            return
        if int(found.after) <= number:
            raise Misconfigured("PAGING_LOOP", "Intercom names a page as the next one that was read already.")
        number = int(found.after)


def part(record_id: str) -> str:
    # Ids are letters and digits: anything else would lead to another address than the one that is meant.
    if not (record_id.isascii() and record_id.replace("-", "").replace("_", "").isalnum()):
        raise NotFound("not_found", f"{record_id!r} names nothing.")
    return quote(record_id, safe="")
