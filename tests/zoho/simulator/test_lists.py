"""Lists: pages by number and by token at every edge, fields, orders, views, deltas."""

from typing import Any

import pytest

from integrations.rehearsal.practice_zoho import PracticeZoho

from .caller import Caller, problem, walk
from .conftest import Clock


def fill(zoho: PracticeZoho, count: int) -> list[str]:
    """Leads, of which there are none before."""
    with zoho.store.transaction():
        user = zoho.app.account_of.user_id()
        body = {"Last_Name": "Lead", "Owner": user, "Created_By": user, "Modified_By": user}
        now = zoho.store.clock()
        ids = [str(4821730000005000000 + n) for n in range(count)]
        zoho.store.load("Leads", ((one, body, now, now) for one in ids))
    return ids


@pytest.mark.parametrize(("count", "sizes"), [(1, [1]), (5, [5]), (6, [5, 1]), (10, [5, 5]), (11, [5, 5, 1])])
@pytest.mark.parametrize("sort", ["id", "Created_Time", "Modified_Time"])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_pages_hold_every_record_once(
    api: Caller, zoho: PracticeZoho, count: int, sizes: list[int], sort: str, order: str
) -> None:
    ids = fill(zoho, count)

    pages = walk(api, "Leads", fields="Last_Name", per_page=5, sort_by=sort, sort_order=order)

    assert [len(page) for page in pages] == sizes
    # All bear one stamp, and yet none is lost between two pages.
    assert [row["id"] for page in pages for row in page] == (ids if order == "asc" else ids[::-1])


def test_nothing_is_204_without_a_body(api: Caller) -> None:
    answer = api.get("Leads", fields="Last_Name")

    assert (answer.status_code, answer.content) == (204, b"")


def test_page_behind_the_last_is_204(api: Caller) -> None:
    assert api.get("Accounts", fields="id", per_page=5, page=2).status_code == 204


def test_newest_come_first_where_no_order_is_asked_for(api: Caller) -> None:
    answer = api.get("Accounts", fields="Account_Name").json()

    ids = [row["id"] for row in answer["data"]]
    assert ids == sorted(ids, reverse=True)
    assert (answer["info"]["sort_by"], answer["info"]["sort_order"]) == ("id", "desc")


def test_numbered_pages_shift_but_tokens_do_not(api: Caller, zoho: PracticeZoho) -> None:
    ids = fill(zoho, 6)
    first = api.get("Leads", fields="id", per_page=3).json()

    zoho.create("Leads", Last_Name="Newer")

    numbered = api.get("Leads", fields="id", per_page=3, page=2).json()["data"]
    by_token = api.get("Leads", fields="id", per_page=3, page_token=first["info"]["next_page_token"]).json()["data"]
    assert [row["id"] for row in numbered] == ids[3::-1][:3]
    assert [row["id"] for row in by_token] == ids[2::-1]


def test_previous_token_leads_back(api: Caller, zoho: PracticeZoho) -> None:
    fill(zoho, 9)
    query: dict[str, Any] = {"fields": "id", "per_page": 3}
    first = api.get("Leads", **query).json()
    second = api.get("Leads", **query, page_token=first["info"]["next_page_token"]).json()
    third = api.get("Leads", **query, page_token=second["info"]["next_page_token"]).json()

    back = api.get("Leads", **query, page_token=third["info"]["previous_page_token"]).json()

    assert first["info"]["previous_page_token"] is None
    assert [one["info"]["page"] for one in (first, second, third, back)] == [1, 2, 3, 2]
    assert back["data"] == second["data"]


def test_numbers_end_at_2000_records(api: Caller) -> None:
    assert api.get("Accounts", fields="id", per_page=200, page=10).status_code == 204
    refused = problem(api.get("Accounts", fields="id", per_page=200, page=11))
    assert refused == (400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED", {"limit": 2000})


def test_tokens_go_beyond_2000_records(api: Caller, zoho: PracticeZoho) -> None:
    fill(zoho, 2001)

    pages = walk(api, "Leads", fields="id", per_page=200)

    assert [len(page) for page in pages] == [200] * 10 + [1]


def test_tokens_end_at_100000_records(api: Caller, zoho: PracticeZoho) -> None:
    fill(zoho, 6)
    token = api.get("Leads", fields="id", per_page=3).json()["info"]["next_page_token"]
    with zoho.store.transaction():
        zoho.store.execute("UPDATE _page SET position = json_set(position, '$.seen', 100000) WHERE token = ?", (token,))

    refused = problem(api.get("Leads", fields="id", per_page=3, page_token=token))

    assert refused == (400, "PAGINATION_LIMIT_EXCEEDED", {"param_name": "page_token"})


@pytest.mark.parametrize("changed", [{"fields": "id,Last_Name"}, {"per_page": 2}, {"sort_order": "asc"}, {"ids": "1"}])
def test_token_fits_only_its_own_question(api: Caller, zoho: PracticeZoho, changed: dict[str, Any]) -> None:
    fill(zoho, 6)
    query: dict[str, Any] = {"fields": "id", "per_page": 3}
    token = api.get("Leads", **query).json()["info"]["next_page_token"]

    refused = problem(api.get("Leads", **{**query, **changed}, page_token=token))

    assert refused == (400, "TOKEN_BOUND_DATA_MISMATCH", {"param_name": "page_token"})


def test_token_lives_a_day(api: Caller, zoho: PracticeZoho, clock: Clock) -> None:
    fill(zoho, 6)
    token = api.get("Leads", fields="id", per_page=3).json()["info"]["next_page_token"]

    clock.forward(86_401)

    expired = Caller.signed_in(zoho).get("Leads", fields="id", per_page=3, page_token=token)
    details = {"api_name": "page_token", "json_path": "$.query.page_token"}
    assert problem(expired) == (400, "EXPIRED_VALUE", details)


def test_fields_have_to_be_named_from_version_3_on(api: Caller) -> None:
    refused = problem(api.get("Accounts"))
    api.version = "v2"
    whole = api.get("Accounts")

    assert refused == (400, "REQUIRED_PARAM_MISSING", {"param_name": "fields"})
    assert len(whole.json()["data"][0]) > 50


def test_at_most_fifty_fields(api: Caller) -> None:
    names = [f["api_name"] for f in api.get("settings/fields", module="Accounts").json()["fields"]]

    fifty = api.get("Accounts", fields=",".join(names[:50]))
    more = problem(api.get("Accounts", fields=",".join(names[:51])))

    assert fifty.status_code == 200
    assert more == (400, "LIMIT_EXCEEDED", {"limit": 50, "param_name": "fields"})


def test_unknown_fields_are_left_out_and_the_id_comes_along(api: Caller) -> None:
    [row] = api.get("Accounts", fields="Account_Name,Nonsense", per_page=1).json()["data"]

    assert row.keys() == {"Account_Name", "id"}


def test_lookups_owners_lists_and_times(api: Caller) -> None:
    names = "Account_Name,Owner,Modified_Time,Tag"

    [contact] = api.get("Contacts", fields=names, per_page=1).json()["data"]
    [account] = api.get("Accounts", fields="Markets,Is_Strategic,Renewal_Date,Annual_Spend", per_page=1).json()["data"]

    assert contact["Account_Name"].keys() == {"name", "id"}
    assert contact["Owner"].keys() == {"name", "id", "email"}
    assert contact["Tag"] == []
    assert contact["Modified_Time"][-6:] in {"+01:00", "+02:00"}
    assert isinstance(account["Markets"], list)
    assert isinstance(account["Is_Strategic"], bool)


def test_times_follow_summer_time_of_the_user(api: Caller) -> None:
    [winter, summer] = api.add(
        "Events",
        {"Event_Title": "W", "Start_DateTime": "2026-01-05T08:00:00Z", "End_DateTime": "2026-01-05T09:00:00Z"},
        {"Event_Title": "S", "Start_DateTime": "2026-07-05T08:00:00Z", "End_DateTime": "2026-07-05T09:00:00Z"},
    )

    shown = {row["id"]: row["Start_DateTime"] for row in api.get("Events", fields="Start_DateTime").json()["data"]}

    assert shown == {winter: "2026-01-05T09:00:00+01:00", summer: "2026-07-05T10:00:00+02:00"}


@pytest.mark.parametrize(("query", "names"), [
    ({"page": 1, "page_token": "x"}, ["page", "page_token"]), ({"cvid": "1", "sort_by": "id"}, ["cvid", "sort_by"]),
])  # fmt: skip
def test_parameters_that_exclude_each_other(api: Caller, query: dict[str, Any], names: list[str]) -> None:
    answer = problem(api.get("Accounts", fields="id", **query))

    due = [{"param_name": name} for name in names]
    assert answer == (400, "AMBIGUITY_DURING_PROCESSING", {"ambiguity_due_to": due})


def test_ids_pick_records(api: Caller) -> None:
    wanted = [row["id"] for row in api.get("Accounts", fields="id").json()["data"]][1:3]

    found = api.get("Accounts", fields="id", ids=",".join(wanted)).json()["data"]

    assert [row["id"] for row in found] == wanted


def test_views_filter(lively_api: Caller) -> None:
    views = lively_api.get("settings/custom_views", module="Accounts").json()["custom_views"]
    ids = {view["name"]: view["id"] for view in views}

    def types(name: str) -> set[str]:
        answer = lively_api.get("Accounts", fields="Account_Type", cvid=ids[name])
        return {row["Account_Type"] for row in answer.json()["data"]} if answer.status_code == 200 else set()

    assert types("All Accounts") > {"Customer", "Prospect"}
    assert types("Active customers (CS)") == {"Customer", "Reseller"}
    assert types("Nothing here") == set()
    mine = lively_api.get("Accounts", fields="Owner", cvid=ids["My Accounts"]).json()["data"]
    assert {row["Owner"]["email"] for row in mine} == {"ines.moreau@aldervale.example"}


def test_nested_groups_of_a_view(lively_api: Caller) -> None:
    views = lively_api.get("settings/custom_views", module="Accounts").json()["custom_views"]
    [view_id] = [view["id"] for view in views if view["name"] == "EMEA key accounts"]

    rows = lively_api.get("Accounts", fields="Account_Type,Is_Strategic,Billing_Country", cvid=view_id).json()["data"]
    [view] = lively_api.get(f"settings/custom_views/{view_id}", module="Accounts").json()["custom_views"]

    assert rows
    assert all(row["Is_Strategic"] and row["Account_Type"] in {"Customer", "Reseller"} for row in rows)
    assert {row["Billing_Country"] for row in rows} <= set(view["criteria"]["group"][1]["group"][1]["value"])


def test_unknown_view(api: Caller) -> None:
    assert problem(api.get("Accounts", fields="id", cvid="1")) == (400, "INVALID_DATA", {"param_name": "cvid"})


def test_several_values_under_one_condition(api: Caller, zoho: PracticeZoho) -> None:
    made = [zoho.create("Accounts", Account_Name=kind, Account_Type=kind) for kind in ("Vendor", "Press", "Analyst")]
    zoho.control(add_view={"module": "Accounts", "name": "Two", "criteria": {
        "comparator": "equal", "field": {"api_name": "Account_Type"}, "value": ["Vendor", "Press"],
    }})  # fmt: skip
    views = api.get("settings/custom_views", module="Accounts").json()["custom_views"]
    [view_id] = [view["id"] for view in views if view["name"] == "Two"]

    rows = api.get("Accounts", fields="id", cvid=view_id).json()["data"]

    assert [row["id"] for row in rows] == [made[1], made[0]]


def test_empty_filled_and_mine_in_views(api: Caller, zoho: PracticeZoho) -> None:
    zoho.control(add_view={"module": "Accounts", "name": "No site", "criteria": {
        "comparator": "equal", "field": {"api_name": "Website"}, "value": "${EMPTY}",
    }})  # fmt: skip
    bare = zoho.create("Accounts", Account_Name="Bare")
    views = api.get("settings/custom_views", module="Accounts").json()["custom_views"]
    [view_id] = [view["id"] for view in views if view["name"] == "No site"]

    assert bare in [row["id"] for row in api.get("Accounts", fields="id", cvid=view_id).json()["data"]]
    zoho.edit("Accounts", bare, Website="bare.example")
    rows = api.get("Accounts", fields="id", cvid=view_id)
    assert rows.status_code == 204 or bare not in [row["id"] for row in rows.json()["data"]]


@pytest.mark.parametrize("name", ["Accounts/1", "Accounts/4821730000099999999"])
def test_unknown_record_is_204(api: Caller, name: str) -> None:
    assert api.get(name).status_code == 204


def test_single_record_has_all_fields_and_system_keys(api: Caller) -> None:
    [listed] = api.get("Accounts", fields="id", per_page=1).json()["data"]

    [whole] = api.get(f"Accounts/{listed['id']}").json()["data"]

    fields = {f["api_name"] for f in api.get("settings/fields", module="Accounts").json()["fields"]}
    assert fields <= whole.keys()
    assert {"$approved", "$editable", "$layout_id", "$in_merge"} <= whole.keys()


def test_rich_text_is_cut_in_lists_only(api: Caller, zoho: PracticeZoho) -> None:
    long = zoho.create("Accounts", Account_Name="Long", Onboarding_Notes="x" * 2000)

    [listed] = api.get("Accounts", fields="Onboarding_Notes", ids=long).json()["data"]
    [whole] = api.get(f"Accounts/{long}").json()["data"]
    [full] = api.get(f"Accounts/{long}/actions/fetch_full_data", fields="Onboarding_Notes").json()["data"]

    assert [len(one["Onboarding_Notes"]) for one in (listed, whole, full)] == [500, 2000, 2000]


@pytest.mark.parametrize(("path", "status", "code"), [
    ("accounts", 400, "INVALID_MODULE"), ("Nonsense", 400, "INVALID_MODULE"),
    ("settings/nonsense", 404, "INVALID_URL_PATTERN"), ("Accounts/1/2/3/4", 404, "INVALID_URL_PATTERN"),
])  # fmt: skip
def test_wrong_paths(api: Caller, path: str, status: int, code: str) -> None:
    assert problem(api.get(path, fields="id"))[:2] == (status, code)


def test_versions_and_verbs(api: Caller) -> None:
    api.version = "v9"
    unknown = problem(api.get("org"))
    api.version = "v8"

    assert unknown == (404, "INVALID_URL_PATTERN", {})
    assert problem(api.post("org", {})) == (400, "INVALID_REQUEST_METHOD", {})
    assert problem(api.call("PATCH", "org")) == (400, "INVALID_REQUEST_METHOD", {})


def test_related_lists(lively_api: Caller) -> None:
    lists = lively_api.get("settings/related_lists", module="Accounts").json()["related_lists"]
    names = {one["api_name"] for one in lists}
    [row] = lively_api.get("Accounts", fields="id", ids="4821730000001000001").json()["data"]

    contacts = walk(lively_api, f"Accounts/{row['id']}/Contacts", fields="Account_Name", per_page=2)

    assert names >= {"Contacts", "Deals", "Notes", "Tasks", "Events", "Calls", "Subscriptions", "Emails"}
    assert {one["Account_Name"]["id"] for page in contacts for one in page} == {row["id"]}
    assert len(contacts) > 1


def test_related_lists_that_are_not_there(api: Caller) -> None:
    [account] = api.get("Accounts", fields="id", per_page=1).json()["data"]

    unknown = problem(api.get("Accounts/1/Contacts", fields="id"))
    wrong = problem(api.get(f"Accounts/{account['id']}/Nonsense", fields="id"))

    assert unknown == (400, "INVALID_DATA", {"resource_path_index": 1})
    assert wrong == (400, "INVALID_DATA", {"resource_path_index": 2})
    assert api.get(f"Accounts/{account['id']}/Deals", fields="id").status_code == 204
