"""Searches, counts and COQL: what they find, how late, and how they refuse."""

from typing import Any

import pytest

from integrations.rehearsal.practice_zoho import PracticeZoho

from .caller import Caller, problem
from .conftest import Clock

AN_ACCOUNT = "4821730000001000001"


def found(api: Caller, criteria: str, module: str = "Accounts", name: str = "Account_Name") -> list[str]:
    answer = api.get(f"{module}/search", criteria=criteria, fields=name)
    assert answer.status_code in {200, 204}, answer.text
    return sorted(row[name] for row in answer.json()["data"]) if answer.status_code == 200 else []


@pytest.fixture
def accounts(api: Caller, clock: Clock) -> Caller:
    """Four that a search can tell apart, known to the index."""
    api.add(
        "Accounts",
        {
            "Account_Name": "Zylker",
            "Employees": 10,
            "Renewal_Date": "2026-01-31",
            "Markets": ["EMEA"],
            "Account_Type": "Customer",
        },
        {"Account_Name": "Zylker Inc", "Employees": 20, "Renewal_Date": "2026-02-28", "Is_Strategic": True},
        {"Account_Name": "Burns, B (old)", "Employees": 30, "Account_Type": "Prospect", "Markets": ["EMEA", "APAC"]},
        {"Account_Name": "Kappa\\", "Employees": 40, "Last_Health_Check": "2026-01-05T09:00:00+01:00"},
    )
    clock.forward(10)
    return api


@pytest.mark.parametrize(("criteria", "names"), [
    ("(Account_Name:equals:zylker)", ["Zylker", "Zylker Inc"]), ("Account_Name:starts_with:Zylker I", ["Zylker Inc"]),
    ("(Account_Name:equals:Burns\\, B \\(old\\))", ["Burns, B (old)"]),
    ("(Account_Name:equals:Kappa\\\\)", ["Kappa\\"]),
    ("(Account_Name:in:Zylker,Kappa\\\\)", ["Kappa\\", "Zylker"]),
    ("((Employees:greater_equal:20)and(Employees:less_than:40))", ["Burns, B (old)", "Zylker Inc"]),
    ("((Employees:equals:10)or(Employees:equals:40))", ["Kappa\\", "Zylker"]),
    ("(((Employees:equals:10)or(Employees:equals:20))and(Is_Strategic:equals:true))", ["Zylker Inc"]),
    ("(Employees:between:15,35)", ["Burns, B (old)", "Zylker Inc"]),
    ("(Renewal_Date:less_equal:2026-01-31)", ["Zylker"]),
    ("((Account_Type:equals:Customer)and(Employees:equals:10))", ["Zylker"]),
    ("((Account_Type:in:Customer,Prospect)and(Employees:in:10,30))", ["Burns, B (old)", "Zylker"]),
    ("((Markets:equals:EMEA)and(Employees:greater_than:0))", ["Burns, B (old)", "Zylker"]),
    ("(Last_Health_Check:equals:2026-01-05T08:00:00+00:00)", ["Kappa\\"]), ("(Employees:equals:99)", []),
])  # fmt: skip
def test_criteria(accounts: Caller, criteria: str, names: list[str]) -> None:
    assert found(accounts, criteria) == names


def test_lookups_and_owners_by_id(api: Caller, zoho: PracticeZoho) -> None:
    rows = api.get("Accounts", fields="Account_Name,Owner").json()["data"]
    owner = rows[0]["Owner"]["id"]

    assert len(found(api, f"(Account_Name:equals:{AN_ACCOUNT})", "Contacts", "Last_Name")) == 2
    of_owner = sorted(row["Account_Name"] for row in rows if row["Owner"]["id"] == owner)
    assert found(api, f"(Owner:equals:{owner})") == of_owner


@pytest.mark.parametrize(("criteria", "told"), [
    ("(Nonsense:equals:1)", {"reason": "the field is not available for search", "api_name": "Nonsense"}),
    ("(Account_Type:starts_with:C)",
    {"reason": "invalid operator found", "api_name": "Account_Type", "operator": "starts_with"}),
    ("(Is_Strategic:greater_than:1)",
    {"reason": "invalid operator found", "api_name": "Is_Strategic", "operator": "greater_than"}),
    ("(Employees:equals:many)",
     {"reason": "invalid value found", "api_name": "Employees", "expected_data_type": "integer"}),
    ("(Account_Name:equals:x", {"reason": "invalid criteria", "param_name": "criteria"}),
    ("(Account_Name)", {"reason": "invalid criteria", "param_name": "criteria"}),
])  # fmt: skip
def test_criteria_that_are_refused(api: Caller, criteria: str, told: dict[str, Any]) -> None:
    assert problem(api.get("Accounts/search", criteria=criteria)) == (400, "INVALID_QUERY", told)


def test_ten_criteria_at_most(api: Caller) -> None:
    def joined(count: int) -> str:
        return "(" + "or".join(f"(Employees:equals:{n})" for n in range(count)) + ")"

    assert api.get("Accounts/search", criteria=joined(10)).status_code == 204
    assert problem(api.get("Accounts/search", criteria=joined(11)))[:2] == (400, "CRITERIA_LIMIT_EXCEEDED")


def test_one_question_counts_in_a_fixed_order(api: Caller, clock: Clock) -> None:
    api.add("Contacts", {"Last_Name": "Xyzzy", "Email": "ADA@x.example", "Phone": "+33 1 22"})
    clock.forward(10)

    def last_names(**query: Any) -> list[str]:
        answer = api.get("Contacts/search", fields="Last_Name", **query)
        return [row["Last_Name"] for row in answer.json()["data"]] if answer.status_code == 200 else []

    assert last_names(email="ada@X.example") == ["Xyzzy"]
    assert last_names(phone="1 22") == ["Xyzzy"]
    assert last_names(word="yzz") == ["Xyzzy"]
    assert last_names(criteria="(Last_Name:equals:Nobody)", email="ada@x.example") == []
    assert last_names(email="ada@x.example", word="nobody") == ["Xyzzy"]
    details = {"param_names": ["criteria", "email", "phone", "word"]}
    assert problem(api.get("Contacts/search")) == (400, "EXPECTED_PARAM_MISSING", details)
    assert problem(api.get("Contacts/search", word="a"))[:2] == (400, "INVALID_DATA")


def test_searches_end_at_2000(api: Caller) -> None:
    assert api.get("Accounts/search", word="zz", page=10).status_code == 204
    assert problem(api.get("Accounts/search", word="zz", page=11)) == (400, "LIMIT_REACHED", {"limit": "2000"})


def test_index_lags_behind_writes(api: Caller, zoho: PracticeZoho, clock: Clock) -> None:
    [made] = api.add("Accounts", {"Account_Name": "Fresh"})
    early = found(api, "(Account_Name:equals:Fresh)")
    clock.forward(3)
    later = found(api, "(Account_Name:equals:Fresh)")
    zoho.edit("Accounts", made, Account_Name="Changed")
    by_old, by_new = found(api, "(Account_Name:equals:Fresh)"), found(api, "(Account_Name:equals:Changed)")
    clock.forward(3)

    assert (early, later) == ([], ["Fresh"])
    # What the index still holds leads to the record as it is now.
    assert (by_old, by_new) == (["Changed"], [])
    assert found(api, "(Account_Name:equals:Changed)") == ["Changed"]
    assert api.coql("select Account_Name from Accounts where Account_Name = 'Changed'").status_code == 200


def test_lag_can_be_set(api: Caller, zoho: PracticeZoho, clock: Clock) -> None:
    zoho.control(index_lag=0)
    api.add("Accounts", {"Account_Name": "At once"})
    clock.forward(0.001)

    assert found(api, "(Account_Name:equals:At once)") == ["At once"]


def test_counts_are_a_minute_old(api: Caller, zoho: PracticeZoho, clock: Clock) -> None:
    def count(**query: Any) -> int:
        return int(api.get("Accounts/actions/count", **query).json()["count"])

    before = count()
    zoho.create("Accounts", Account_Name="New", Account_Type="Vendor")
    zoho.delete("Accounts", AN_ACCOUNT)
    soon = count()
    clock.forward(61)

    assert (before, soon, count()) == (5, 5, 5)
    assert count(criteria="(Account_Type:equals:Vendor)") == 1
    views = api.get("settings/custom_views", module="Accounts").json()["custom_views"]
    assert count(cvid=next(view["id"] for view in views if view["name"] == "Nothing here")) == 0
    assert problem(api.get("Accounts/actions/count", cvid="1", word="ab"))[:2] == (400, "AMBIGUITY_DURING_PROCESSING")


# --- COQL ------------------------------------------------------------------------------------------------------------
def names(api: Caller, condition: str, tail: str = "") -> list[str]:
    answer = api.coql(f"select Account_Name from Accounts where {condition} {tail}")
    assert answer.status_code in {200, 204}, answer.text
    return [row["Account_Name"] for row in answer.json()["data"]] if answer.status_code == 200 else []


@pytest.mark.parametrize(("condition", "expected"), [
    ("Account_Name = 'Zylker'", ["Zylker"]), ("Account_Name like 'Zyl%'", ["Zylker", "Zylker Inc"]),
    ("Account_Name = 'Nobody''s'", []), ("Employees between 15 and 35", ["Zylker Inc", "Burns, B (old)"]),
    ("Employees in (10, 40)", ["Zylker", "Kappa\\"]), ("(Employees >= 10 and Employees < 20)", ["Zylker"]),
    ("((Employees = 10 or Employees = 20) and Is_Strategic = true)", ["Zylker Inc"]),
    ("(Employees is not null and Account_Type is null)", ["Zylker Inc", "Kappa\\"]),
    ("(Employees is not null and Account_Name not like '%Zylker%')", ["Burns, B (old)", "Kappa\\"]),
    ("Last_Health_Check = '2026-01-05T09:00:00+01:00'", ["Kappa\\"]),
    ("(Renewal_Date >= '2026-02-01' and Employees != 10)", ["Zylker Inc"]),
])  # fmt: skip
def test_coql_conditions(accounts: Caller, condition: str, expected: list[str]) -> None:
    with_number = f"({condition}) and Employees > 0"

    assert names(accounts, with_number, "order by id asc") == expected


def test_coql_pages_by_id(accounts: Caller) -> None:
    everything = names(accounts, "id is not null", "order by id asc limit 2000")
    first = accounts.coql("select id from Accounts where id is not null order by id asc limit 4").json()
    rest = names(accounts, f"id > '{first['data'][-1]['id']}'", "order by id asc")

    assert (first["info"], len(everything)) == ({"count": 4, "more_records": True}, 9)
    assert rest == everything[4:]
    assert names(accounts, "id is not null", "order by id asc limit 2, 3") == everything[2:5]
    assert names(accounts, "id is not null", "order by id asc limit 3 offset 2") == everything[2:5]


def test_coql_follows_lookups(api: Caller, zoho: PracticeZoho) -> None:
    zoho.edit("Accounts", AN_ACCOUNT, Parent_Account="4821730000001000002", Account_Name="Below")
    zoho.edit("Accounts", "4821730000001000002", Account_Name="Above")
    query = """select Last_Name, Account_Name, Account_Name.Account_Name, Account_Name.Parent_Account.Account_Name,
        Owner.email from Contacts where (Account_Name.Account_Name = 'Below' and Owner.last_name is not null) limit 1"""

    answer = api.coql(query)
    too_far = problem(answer) if answer.status_code != 200 else None
    [row] = api.coql(query.replace(",\n        Owner.email", "")).json()["data"]
    api.version = "v7"
    [older] = api.coql("select Account_Name from Contacts where Account_Name.Account_Name = 'Below' limit 1").json()[
        "data"
    ]

    assert too_far == (400, "LIMIT_EXCEEDED", {"clause": "join", "limit": 2})
    assert row["Account_Name"] == {"name": "Below", "id": AN_ACCOUNT}
    assert (row["Account_Name.Account_Name"], row["Account_Name.Parent_Account.Account_Name"]) == ("Below", "Above")
    assert older["Account_Name"] == {"id": AN_ACCOUNT}


def test_coql_nothing_is_204(api: Caller) -> None:
    assert api.coql("select id from Accounts where Account_Name = 'Nobody'").status_code == 204


@pytest.mark.parametrize(("query", "code", "told"), [
    ("select id from Accounts", "SYNTAX_ERROR", {"clause": "where"}),
    ("select id where id is not null", "SYNTAX_ERROR", {"clause": "from"}),
    ("update Accounts", "SYNTAX_ERROR", {"clause": "select"}),
    ("select id from Accounts where Employees = 1 and Employees = 2 and Employees = 3", "SYNTAX_ERROR",
    {"near": "and"}),
    ("select id from Accounts where (Employees = 1", "SYNTAX_ERROR", {"near": ")"}),
    ("select id from Accounts where Employees ~ 1", "SYNTAX_ERROR", {"near": "~"}),
    ("select id from Accounts where Account_Name = 'open", "SYNTAX_ERROR", {"near": "'open"}),
    ("select id from Accounts where id is not null limit 0", "INVALID_DATA", {}),
    ("select id from Accounts where id is not null limit 2001", "LIMIT_EXCEEDED", {"clause": "limit", "limit": 2000}),
    ("select id from Accounts where id is not null limit 99999, 2", "LIMIT_EXCEEDED",
    {"clause": "offset", "limit": 100000}),
    ("select id, id from Accounts where id is not null", "DUPLICATE_DATA", {"column_name": "id"}),
    ("select Nonsense from Accounts where id is not null", "INVALID_QUERY", {"column_name": "Nonsense"}),
    ("select id from Accounts where Nonsense = 1", "INVALID_QUERY", {"column_name": "Nonsense"}),
    ("select id from Accounts where Description = 'x'", "INVALID_QUERY", {"column_name": "Description"}),
    ("select id from Accounts where Account_Name > 'x'", "INVALID_QUERY",
     {"reason": "invalid operator found", "column_name": "Account_Name", "operator": ">"}),
    ("select id from Accounts where Employees = 'many'", "INVALID_QUERY",
     {"column_name": "Employees", "expected_data_type": "integer"}),
    ("select Note_Title from Notes where id is not null", "INVALID_MODULE", {"module": "Notes"}),
    ("select id from Nonsense where id is not null", "INVALID_MODULE", {"module": "Nonsense"}),
])  # fmt: skip
def test_coql_that_is_refused(api: Caller, query: str, code: str, told: dict[str, Any]) -> None:
    assert problem(api.coql(query)) == (400, code, told)


def test_coql_limits_of_columns_criteria_and_values(api: Caller) -> None:
    fields = [f["api_name"] for f in api.get("settings/fields", module="Accounts").json()["fields"]]
    values = ", ".join(f"'{n}'" for n in range(101))
    nested = "Employees = 0"
    for number in range(1, 26):
        nested = f"({nested} or Employees = {number})"

    columns = problem(api.coql(f"select {', '.join(fields[:51])} from Accounts where id is not null"))
    criteria = problem(api.coql(f"select id from Accounts where {nested}"))
    listed = problem(api.coql(f"select id from Accounts where Account_Name in ({values})"))

    assert columns == (400, "LIMIT_EXCEEDED", {"clause": "select", "limit": 50})
    assert criteria == (400, "LIMIT_EXCEEDED", {"clause": "where", "limit": 25})
    assert listed == (400, "LIMIT_EXCEEDED", {"clause": "in", "limit": 100})


def test_coql_without_a_query(api: Caller) -> None:
    told = {"api_name": "select_query", "json_path": "$.select_query"}

    assert problem(api.post("coql", {})) == (400, "MANDATORY_NOT_FOUND", told)
