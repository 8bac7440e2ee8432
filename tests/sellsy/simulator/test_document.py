"""The practice account beside the vendor's document: what is served, with which scopes, and what is left out."""

import re

from integrations.sellsy.simulator.routes import DATA_ROUTES, SCOPES
from tests.sellsy.simulator import contract
from tests.sellsy.simulator.api import UNDOCUMENTED, Api

# Papers, subscriptions, custom activities and the administration of staff: the wire sheet names none of them.
LEFT_OUT = (
    "/estimates", "/subscriptions", "/custom-activities", "/custom-activity-types", "/scopes", "/teams", "/email/send",
    "/emails/threads", "/opportunities/categories",
)  # fmt: skip
LEFT_OUT_METHODS = {"POST /staffs", "PUT /staffs/1", "PUT /staffs/1/licenses", "DELETE /staffs/1/licenses"}


def documented() -> set[str]:
    """`GET /companies/1`: as a call, so that it can be put to the routes."""
    contract.must_be_there()
    samples = {"{type}": "company", "{linkedtype}": "company"}
    return {
        f"{method.upper()} {re.sub(r'{[^}]+}', '1', _with(path, samples))}"
        for path, methods in contract.document()["paths"].items()
        for method in methods
        if method in {"get", "post", "put", "patch", "delete"}
    }


def _with(path: str, samples: dict[str, str]) -> str:
    for name, value in samples.items():
        path = path.replace(name, value)
    return path


def serves(call: str) -> bool:
    method, _, path = call.partition(" ")
    return any(one.method == method and one.pattern.fullmatch(f"/v2{path}") for one in DATA_ROUTES)


def test_all_that_the_sheet_names_is_served() -> None:
    missing = {one for one in documented() if not serves(one)}
    expected = {one for one in documented() if one.partition(" ")[2].startswith(LEFT_OUT) and not serves(one)}
    assert missing - expected == LEFT_OUT_METHODS


def test_nothing_is_served_that_the_document_lacks() -> None:
    contract.must_be_there()
    known = documented()
    for one in DATA_ROUTES:
        path = re.sub(r"\(\?P<sort>[^)]+\)", "company", one.pattern.pattern.removesuffix("/?"))
        path = re.sub(r"\(\?P<\w+>[^)]+\)", "1", path).removeprefix("/v2")
        if one.kind != "rpc" and path not in UNDOCUMENTED:
            assert f"{one.method} {path}" in known


def test_every_route_takes_the_scopes_of_the_document() -> None:
    contract.must_be_there()
    for one in DATA_ROUTES:
        path = re.sub(r"\(\?P<sort>[^)]+\)", "company", one.pattern.pattern.removesuffix("/?"))
        path = re.sub(r"\(\?P<\w+>[^)]+\)", "1", path).removeprefix("/v2")
        known = contract.operation(one.method, path)
        if known and path not in UNDOCUMENTED:
            wanted = {scope for some in known[1]["security"] for scope in some["oauth2"]}
            assert set(SCOPES[one]) == wanted, f"{one.method} {path}"


def test_whole_pages_of_the_lifelike_account_fit_the_document(reader: Api) -> None:
    contract.must_be_there()
    custom = "&".join(f"embed[]=cf.{n}" for n in range(1, 23))
    for path in ("/companies", "/contacts", "/individuals", "/opportunities", "/comments", "/phone-calls", "/tasks",
                 "/calendar-events", "/staffs", "/custom-fields"):  # fmt: skip
        more = custom if path in {"/companies", "/contacts", "/opportunities"} else ""
        assert reader.get(f"{path}?limit=100&{more}")["pagination"]["limit"] == 100
