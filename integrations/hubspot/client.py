"""HubSpot's wire, one method per verb and endpoint. Raw values: what they mean is the connector's business."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from integrations.wire.errors import Misconfigured
from integrations.wire.hosts import HostPolicy
from integrations.wire.messages import Request
from integrations.wire.session import Session

from .replies import classify, read_quota

VERSION = "2026-09"
"""The dated path of every call. Out since September 2026, good for 18 months; numbered paths end in 2027."""
API = "https://api.hubapi.com"
VENDOR_HOSTS = ("hubapi.com", "hubspot.com")
PAGE = 100
SEARCH_PAGE = 200
SEARCH_DEPTH = 10_000
"""A search gives no more than so many records, however it is paged."""
BATCH = 100
ASSOCIATED = 1000
Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """A page: the records, where the next one begins (empty: nowhere), and how many there are where that is said."""

    results: list[Raw]
    after: str = ""
    total: int | None = None


def host_policy(extra_hosts: Sequence[str] = ()) -> HostPolicy:
    return HostPolicy(VENDOR_HOSTS, tuple(extra_hosts))


def open_session(policy: HostPolicy, **options: Any) -> Session:
    """A session that understands HubSpot's refusals and its daily header; options are Session's own."""
    return Session(policy, classify=classify, read_quota=read_quota, **options)


class HubSpotClient:
    def __init__(self, session: Session, base_url: str = API) -> None:
        session.policy.check(base_url)
        self.session = session
        self.base_url = base_url.rstrip("/")

    # --- The portal

    def account(self) -> Raw:
        return self._get("account-info", "details", kind="account", needs=("portalId",))

    def properties(self, obj: str) -> list[Raw]:
        """All of an object in one answer: about 250."""
        found: list[Raw] = self._get("crm/properties", obj, kind="properties", needs=("results",))["results"]
        return found

    def create_property(self, obj: str, definition: Mapping[str, Any]) -> Raw:
        return self._write("POST", "crm/properties", obj, dict(definition), kind="create_property", needs=("name",))

    def create_group(self, obj: str, name: str, label: str) -> Raw:
        body = {"name": name, "label": label}
        return self._write("POST", "crm/properties", f"{obj}/groups", body, kind="create_property", needs=("name",))

    def pipelines(self, obj: str) -> list[Raw]:
        found: list[Raw] = self._get("crm/pipelines", obj, kind="pipelines", needs=("results",))["results"]
        return found

    def owners(self, *, archived: bool = False) -> Iterator[Raw]:
        """Departed colleagues come only when they are asked for, in calls of their own."""
        after = ""
        while True:
            asked: dict[str, str | int] = {"limit": 500, "archived": str(archived).lower()}
            body = self._get("crm/owners", "", asked | _after(after), kind="owners", needs=("results",))
            yield from body["results"]
            after = self._next(body, after)
            if not after:
                return

    def segments(self, object_type: str) -> Iterator[Raw]:
        """Saved lists of an object; views of the user interface are not in the API."""
        offset = 0
        while True:
            asked = {"query": "", "offset": offset, "count": PAGE, "objectTypeId": object_type,
                     "additionalProperties": ["hs_list_size"]}  # fmt: skip
            body = self._ask("crm/lists", "search", asked, kind="segments", needs=("lists",))
            yield from body["lists"]
            following = int(body.get("offset") or 0)
            if not body.get("hasMore") or following <= offset:
                return
            offset = following

    # --- Records

    def page(
        self,
        obj: str,
        properties: Sequence[str],
        after: str = "",
        *,
        associations: Sequence[str] = (),
        archived: bool = False,
    ) -> Found:
        """Ordered by id; without a filter. Unknown properties are left out without a word."""
        asked: dict[str, str | int] = {"limit": PAGE, "archived": str(archived).lower()}
        if properties:
            asked["properties"] = ",".join(properties)
        if associations:
            asked["associations"] = ",".join(associations)
        body = self._get("crm/objects", obj, asked | _after(after), kind="list", needs=("results",))
        return Found(body["results"], self._next(body, after))

    def search(
        self, obj: str, groups: Sequence[Sequence[Mapping[str, Any]]], properties: Sequence[str], *,
        sort: str = "", after: str = "", limit: int = SEARCH_PAGE,
    ) -> Found:  # fmt: skip
        """Filters of a group are all met, of the groups any one. `after` is an offset here, and ends at 10,000."""
        asked: Raw = {
            "filterGroups": [{"filters": list(group)} for group in groups if group], "properties": list(properties), "limit": limit,
        }  # fmt: skip
        if sort:
            asked["sorts"] = [{"propertyName": sort, "direction": "ASCENDING"}]
        if after:
            asked["after"] = after
        body = self._ask("crm/objects", f"{obj}/search", asked, kind="search", needs=("total", "results"))
        return Found(body["results"], self._next(body, after), int(body["total"]))

    def read(self, obj: str, ids: Sequence[str], properties: Sequence[str], *, by: str = "") -> Raw:
        """Up to 100 records with what was not found in `errors`; a merged one comes under its new id."""
        self._at_most(ids, BATCH)
        asked: Raw = {"properties": list(properties), "inputs": [{"id": one} for one in ids]}
        if by:
            asked["idProperty"] = by
        return self._ask("crm/objects", f"{obj}/batch/read", asked, kind="read", needs=("results",))

    def associated(self, start: str, end: str, ids: Sequence[str]) -> dict[str, list[Raw]]:
        """From id → what it is tied to. Records without any tie are told as errors, which is no failure."""
        self._at_most(ids, ASSOCIATED)
        found: dict[str, list[Raw]] = {}
        inputs: list[Raw] = [{"id": one} for one in ids]
        while inputs:
            body = self._ask(
                "crm/associations",
                f"{start}/{end}/batch/read",
                {"inputs": inputs},
                kind="associations",
                needs=("results",),
            )
            inputs = []
            for row in body["results"]:
                one = str(row["from"]["id"])
                found.setdefault(one, []).extend(row["to"])
                if after := str(((row.get("paging") or {}).get("next") or {}).get("after") or ""):
                    inputs.append({"id": one, "after": after})
        return found

    # --- Writes. None of them may be repeated blindly: there is no idempotency key anywhere

    def update(self, obj: str, inputs: Sequence[Mapping[str, Any]]) -> Raw:
        return self._batch(obj, "update", inputs, replayable=True)

    def create(self, obj: str, inputs: Sequence[Mapping[str, Any]]) -> Raw:
        """With `objectWriteTraceId` on every input a double is refused alone (207), without one all of them (409)."""
        return self._batch(obj, "create", inputs)

    def upsert(self, obj: str, inputs: Sequence[Mapping[str, Any]]) -> Raw:
        """By one unique property, the same for all. The second time it may be refused, although the first time made it."""
        return self._batch(obj, "upsert", inputs)

    def archive(self, obj: str, ids: Sequence[str]) -> None:
        """204, also for what is gone already."""
        self._batch(obj, "archive", [{"id": one} for one in ids], replayable=True, needs=None)

    def associate(self, start: str, end: str, inputs: Sequence[Mapping[str, Any]]) -> Raw:
        path = f"{start}/{end}/batch/create"
        body = {"inputs": list(inputs)}
        return self._write(
            "POST", "crm/associations", path, body, kind="associate", replayable=True, needs=("results",)
        )

    def dissociate(self, start: str, end: str, inputs: Sequence[Mapping[str, Any]]) -> None:
        """All ties between a record and the named others; up to a hundred records."""
        self._at_most(inputs, BATCH)
        self._write(
            "POST", "crm/associations", f"{start}/{end}/batch/archive", {"inputs": list(inputs)}, kind="dissociate",
            replayable=True, needs=None,
        )  # fmt: skip

    # --- How it is sent

    def _batch(
        self, obj: str, verb: str, inputs: Sequence[Mapping[str, Any]], *, replayable: bool = False,
        needs: tuple[str, ...] | None = ("results",),
    ) -> Raw:  # fmt: skip
        self._at_most(inputs, BATCH)
        return self._write(
            "POST",
            "crm/objects",
            f"{obj}/batch/{verb}",
            {"inputs": list(inputs)},
            kind=verb,
            replayable=replayable,
            needs=needs,
        )

    def _get(
        self, area: str, path: str, params: Mapping[str, str | int] | None = None, *, kind: str, needs: tuple[str, ...]
    ) -> Raw:
        request = Request("GET", self._url(area, path), params=params or {}, headers=JSON, kind=kind, needs=needs)
        body: Raw = self.session.send(request).json()
        return body

    def _ask(self, area: str, path: str, body: Any, *, kind: str, needs: tuple[str, ...]) -> Raw:
        """A POST that only reads."""
        request = Request("POST", self._url(area, path), json=body, headers=JSON, safe=True, kind=kind, needs=needs)
        answer: Raw = self.session.send(request).json()
        return answer

    def _write(
        self,
        method: str,
        area: str,
        path: str,
        body: Any,
        *,
        kind: str,
        needs: tuple[str, ...] | None,
        replayable: bool = False,
    ) -> Raw:
        request = Request(
            method, self._url(area, path), json=body, headers=JSON, replayable=replayable, kind=kind, needs=needs
        )
        reply = self.session.send(request)
        if needs is None:
            return {}
        answer: Raw = reply.json()
        return answer

    def _url(self, area: str, path: str) -> str:
        parts = [quote(part, safe="") for part in path.split("/") if part]
        return "/".join([self.base_url, area, VERSION, *parts])

    def _next(self, body: Mapping[str, Any], before: str) -> str:
        after = str(((body.get("paging") or {}).get("next") or {}).get("after") or "")
        if after and after == before:
            raise Misconfigured("PAGING_LOOP", "HubSpot names a page as the next one that was read already.")
        return after

    def _at_most(self, inputs: Sequence[Any], most: int) -> None:
        if len(inputs) > most:
            raise ValueError(f"At most {most} records at a time, not {len(inputs)}.")


JSON = {"Accept": "application/json"}
"""Without it a missing record is answered with a page of HTML."""


def _after(after: str) -> dict[str, str | int]:
    return {"after": after} if after else {}
