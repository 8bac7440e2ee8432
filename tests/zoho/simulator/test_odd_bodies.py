"""Whatever is sent where something else was expected is refused in words, never with a crash."""

from typing import Any

import pytest

from .caller import Caller

AN_ACCOUNT = "4821730000001000001"
ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    1.5,
    10**30,
    "",
    "x",
    [],
    {},
    [None],
    [[1]],
    {"id": 5},
    {"id": [1]},
    {"api_name": 5},
    {"module": "x"},
)


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_odd_values_in_records(api: Caller, odd: Any) -> None:
    for module in ("Accounts", "Contacts", "Deals", "Tasks", "Events", "Calls", "Notes", "Leads"):
        names = [f["api_name"] for f in api.get("settings/fields", module=module).json()["fields"]]
        rows = [{name: odd} for name in (*names, "id", "$se_module", "$append_values")]
        for answer in (
            api.post(module, {"data": rows}),
            api.put(module, {"data": [{"id": AN_ACCOUNT, **row} for row in rows]}),
            api.post(f"{module}/upsert", {"data": rows}),
        ):
            assert answer.status_code in {200, 201, 207, 400}, answer.text


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_odd_values_everywhere_else(api: Caller, odd: Any) -> None:
    criterion = {"comparator": "equal", "field": {"api_name": "Employees"}, "value": odd}
    bodies: dict[str, list[Any]] = {
        "Accounts": [odd, {"data": odd}, {"data": [odd]}, {"data": [{"Account_Name": "A"}], "trigger": odd}],
        "Accounts/upsert": [{"data": [{"Account_Name": "A"}], "duplicate_check_fields": odd}],
        "settings/fields?module=Accounts": [{"fields": odd}, {"fields": [odd]}] + [
            {"fields": [{"field_label": "L", "data_type": kind, name: odd}]}
            for kind, name in (("picklist", "pick_list_values"), ("textarea", "textarea"), ("lookup", "lookup"),
                               ("text", "length"), ("text", "external"), ("text", "unique"))
        ] + [{"fields": [{"field_label": odd, "data_type": "text"}]},
        {"fields": [{"field_label": "L", "data_type": odd}]}],
        "coql": [odd, {"select_query": odd}],
        "actions/watch": [{"watch": odd}, {"watch": [odd]}] + [
            {"watch": [{"channel_id": "1", "events": ["Accounts.all"], "notify_url": "https://x.example", name: odd}]}
            for name in ("channel_id", "events", "notify_url", "token", "channel_expiry")
        ],
        f"Accounts/{AN_ACCOUNT}/actions/merge": [
            {"merge": odd}, {"merge": [odd]}, {"merge": [{"data": odd}]}, {"merge": [{"data": [odd]}]},
        ],
        f"Accounts/{AN_ACCOUNT}/actions/associate_email": [{"Emails": odd}, {"Emails": [odd]}],
        "bulk/read": [{"query": odd}, {"query": {"module": odd}}] + [
            {"query": {"module": {"api_name": "Accounts"}, **more}}
            for more in ({"fields": odd}, {"page": odd}, {"cvid": odd}, {"criteria": odd}, {"criteria": criterion},
                         {"criteria": {**criterion, "field": odd}}, {"criteria": {**criterion, "comparator": odd}},
                         {"criteria": {"group_operator": odd, "group": [criterion]}},
                         {"criteria": {"group_operator": "and", "group": odd}})
        ],
    }  # fmt: skip
    for path, all_of_them in bodies.items():
        for body in all_of_them:
            answer = api.post(path, body)
            assert answer.status_code in {200, 201, 204, 207, 400, 403, 429}, (path, body, answer.text)


@pytest.mark.parametrize("value", ["", "x", "-1", "0", "201", "9" * 40])
def test_odd_parameters(api: Caller, value: str) -> None:
    names = (
        "per_page",
        "page",
        "page_token",
        "sort_by",
        "sort_order",
        "ids",
        "cvid",
        "type",
        "fields",
        "index",
        "criteria",
    )
    paths = (
        "Accounts", "Accounts/deleted", "Accounts/search", "Accounts/actions/count", "users", "settings/custom_views",
        f"Accounts/{AN_ACCOUNT}/Emails", f"Accounts/{AN_ACCOUNT}/Contacts",
    )  # fmt: skip
    for path in paths:
        for name in names:
            answer = api.get(path, **{"fields": "id", "module": "Accounts", name: value})  # type: ignore[arg-type]
            assert answer.status_code in {200, 204, 304, 400}, (path, name, answer.text)


def test_brackets_without_an_end(api: Caller) -> None:
    deep = "(" * 3000 + "Employees = 1" + ")" * 3000

    assert api.coql(f"select id from Accounts where {deep}").json()["code"] == "SYNTAX_ERROR"
    assert api.get("Accounts/search", criteria="(" * 3000).json()["code"] == "INVALID_QUERY"
