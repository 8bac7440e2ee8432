from typing import Any

import pytest
import requests

from integrations.rehearsal.practice import PracticeSalesforce

from .conftest import signed_in


class Api:
    def __init__(self, org: PracticeSalesforce) -> None:
        self.sf = signed_in(org)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        url = self.sf.base_url + path
        return self.sf.session.request(method, url, json=body, headers={**self.sf.headers, **headers})

    def refusal(self, method: str, path: str, body: Any = None) -> tuple[int, str, list[str]]:
        reply = self.call(method, path, body)
        [error] = reply.json()
        return reply.status_code, error["errorCode"], error.get("fields", [])


@pytest.fixture
def api(practice: PracticeSalesforce) -> Api:
    return Api(practice)


REFUSED = [
    ("Account", {"Phone": "1"}, "REQUIRED_FIELD_MISSING", ["Name"]),
    ("Account", {"Name": "x" * 256}, "STRING_TOO_LONG", ["Name"]),
    ("Account", {"Name": "x", "Nope": 1}, "INVALID_FIELD", []),
    (
        "Account",
        {"Name": "x", "CreatedDate": "2026-01-01T00:00:00Z"},
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        ["CreatedDate"],
    ),
    ("Account", {"Name": 5}, "JSON_PARSER_ERROR", ["Name"]),
    ("Account", {"Name": "x", "ParentId": "zz"}, "MALFORMED_ID", ["ParentId"]),
    ("Account", {"Name": "x", "ParentId": "001Pr0000zzzzzzAAA"}, "INVALID_CROSS_REFERENCE_KEY", ["ParentId"]),
    ("Account", {"Name": "x", "AnnualRevenue": "much"}, "JSON_PARSER_ERROR", ["AnnualRevenue"]),
    ("Account", {"Name": "x", "NumberOfEmployees": 123456789}, "NUMBER_OUTSIDE_VALID_RANGE", ["NumberOfEmployees"]),
    ("Account", {"Name": "x", "Renewal_Date__c": "31/12/2026"}, "JSON_PARSER_ERROR", ["Renewal_Date__c"]),
    ("Contact", {"LastName": "x", "Email": "no"}, "INVALID_EMAIL_ADDRESS", ["Email"]),
    ("Opportunity", {"Name": "x"}, "REQUIRED_FIELD_MISSING", ["StageName", "CloseDate"]),
]


@pytest.mark.parametrize(("sobject", "values", "code", "fields"), REFUSED)
def test_bad_record_is_refused(api: Api, sobject: str, values: dict[str, Any], code: str, fields: list[str]) -> None:
    assert api.refusal("POST", f"sobjects/{sobject}", values) == (400, code, fields)


def test_inactive_owner_is_refused(practice: PracticeSalesforce, api: Api) -> None:
    left = practice.query("SELECT Id FROM User WHERE IsActive = false LIMIT 1")[0]["Id"]

    assert api.refusal("POST", "sobjects/Account", {"Name": "x", "OwnerId": left}) == (
        400,
        "INACTIVE_OWNER_OR_USER",
        ["OwnerId"],
    )


def test_values_are_stored_as_the_vendor_stores_them(practice: PracticeSalesforce, api: Api) -> None:
    body = {
        "Name": "  Spaces  ",
        "Phone": "",
        "AnnualRevenue": "12.345",
        "Is_Strategic__c": "true",
        "Type": "A type of our own",
    }

    made = api.call("POST", "sobjects/Account", body).json()["id"]

    [row] = practice.query(f"SELECT Name, Phone, AnnualRevenue, Is_Strategic__c, Type FROM Account WHERE Id = '{made}'")
    del row["attributes"]
    assert row == {
        "Name": "Spaces",
        "Phone": None,
        "AnnualRevenue": 12.34,
        "Is_Strategic__c": True,
        "Type": "A type of our own",
    }


def test_parent_is_found_by_its_external_id(practice: PracticeSalesforce, api: Api) -> None:
    api.call("POST", "sobjects/Account", {"Name": "Parent", "Customer_Number__c": "P-1"})

    made = api.call("POST", "sobjects/Contact", {"LastName": "Child", "Account": {"Customer_Number__c": "P-1"}}).json()

    assert (
        practice.query(f"SELECT Account.Name FROM Contact WHERE Id = '{made['id']}'")[0]["Account"]["Name"] == "Parent"
    )


def test_stage_and_term_decide_what_follows_from_them(practice: PracticeSalesforce, api: Api) -> None:
    account = practice.query("SELECT Id FROM Account LIMIT 1")[0]["Id"]
    deal = {"Name": "Deal", "StageName": "Closed Won", "CloseDate": "2026-05-10", "Amount": 200, "AccountId": account}
    contract = {"AccountId": account, "StartDate": "2025-01-31", "ContractTerm": 1}

    won = api.call("POST", "sobjects/Opportunity", deal).json()["id"]
    signed = api.call("POST", "sobjects/Contract", contract).json()["id"]

    [deal_row] = practice.query(
        f"SELECT IsClosed, IsWon, Probability, ExpectedRevenue, FiscalQuarter FROM Opportunity WHERE Id = '{won}'"
    )
    [contract_row] = practice.query(f"SELECT EndDate, Status, ContractNumber FROM Contract WHERE Id = '{signed}'")
    del deal_row["attributes"], contract_row["attributes"]
    assert deal_row == {
        "IsClosed": True,
        "IsWon": True,
        "Probability": 100.0,
        "ExpectedRevenue": 200.0,
        "FiscalQuarter": 2,
    }
    assert len(contract_row.pop("ContractNumber")) == 8
    assert contract_row == {"EndDate": "2025-02-28", "Status": "Draft"}


def test_upsert_answers_as_its_version_does(api: Api) -> None:
    body = {"Name": "Up"}

    made = api.call("PATCH", "sobjects/Account/Customer_Number__c/A%2FB", body)
    again = api.call("PATCH", "sobjects/Account/Customer_Number__c/A%2FB", body)
    forbidden = api.call("PATCH", "sobjects/Account/Customer_Number__c/None?updateOnly=true", body)

    assert (made.status_code, made.json()["created"]) == (201, True)
    assert (again.status_code, again.json()["created"]) == (200, False)
    assert forbidden.status_code == 404


@pytest.mark.requirement("F32")
def test_two_matches_are_listed_with_300(api: Api) -> None:
    reply = api.call("GET", "sobjects/Account/Customer_Number__c/AV-20001")

    assert reply.status_code == 300
    assert [url.split("/")[-2] for url in reply.json()] == ["Account", "Account"]


def test_stale_update_is_refused_with_412(practice: PracticeSalesforce, api: Api) -> None:
    made = api.call("POST", "sobjects/Account", {"Name": "Old"}).json()["id"]
    header = {"If-Unmodified-Since": "Wed, 01 Jan 2020 00:00:00 GMT"}

    reply = api.call("PATCH", f"sobjects/Account/{made}", {"Name": "New"}, **header)

    assert (reply.status_code, reply.json()[0]["errorCode"]) == (412, "PRECONDITION_FAILED")
    assert practice.query(f"SELECT Name FROM Account WHERE Id = '{made}'")[0]["Name"] == "Old"


def test_describe_is_not_sent_again_unless_it_changed(practice: PracticeSalesforce, api: Api) -> None:
    first = api.call("GET", "sobjects/Account/describe")

    again = api.call("GET", "sobjects/Account/describe", **{"If-Modified-Since": first.headers["Last-Modified"]})

    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.requirement("F25")
def test_collection_answers_in_order_record_by_record(api: Api) -> None:
    records = [
        {"attributes": {"type": "Account"}, "Name": "Good"}, {"Name": "No type"}, {"attributes": {"type": "Contact"}, "FirstName": "x"},
    ]  # fmt: skip

    results = api.call("POST", "composite/sobjects", {"records": records}).json()

    assert [r["success"] for r in results] == [True, False, False]
    assert [e["statusCode"] for r in results for e in r["errors"]] == ["JSON_PARSER_ERROR", "REQUIRED_FIELD_MISSING"]


def test_collection_all_or_none_writes_nothing(practice: PracticeSalesforce, api: Api) -> None:
    records = [{"attributes": {"type": "Account"}, "Name": "Rolled"}, {"attributes": {"type": "Account"}}]

    results = api.call("POST", "composite/sobjects", {"allOrNone": True, "records": records}).json()

    assert [r["errors"][0]["statusCode"] for r in results] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "REQUIRED_FIELD_MISSING",
    ]
    assert practice.query("SELECT Id FROM Account WHERE Name = 'Rolled'") == []


def test_collection_takes_two_hundred_records(api: Api) -> None:
    record = {"attributes": {"type": "Account"}, "Name": "Many"}

    assert len(api.call("POST", "composite/sobjects", {"records": [record] * 200}).json()) == 200
    assert api.refusal("POST", "composite/sobjects", {"records": [record] * 201})[1] == "EXCEEDED_MAX_SIZE_REQUEST"


def test_retrieve_keeps_the_order_and_marks_the_missing(practice: PracticeSalesforce, api: Api) -> None:
    one, two = (row["Id"] for row in practice.query("SELECT Id FROM Account LIMIT 2"))
    body = {"ids": [two[:15], "001Pr0000zzzzzz", one], "fields": ["Name", "Owner.Email"]}

    found = api.call("POST", "composite/sobjects/Account", body).json()

    assert [r and r["Id"] for r in found] == [two, None, one]


def test_delete_of_many_reports_each(practice: PracticeSalesforce, api: Api) -> None:
    one = practice.query("SELECT Id FROM Account LIMIT 1")[0]["Id"]

    results = api.call("DELETE", f"composite/sobjects?ids={one},{one}&allOrNone=false").json()

    assert [(r["success"], [e["statusCode"] for e in r["errors"]]) for r in results] == [
        (True, []),
        (False, ["ENTITY_IS_DELETED"]),
    ]


def test_composite_hands_results_on_and_halts_on_failure(practice: PracticeSalesforce, api: Api) -> None:
    base = "/services/data/v60.0/sobjects"
    parts = [
        {"method": "POST", "url": f"{base}/Account", "referenceId": "A", "body": {"Name": "Composite"}},
        {
            "method": "POST",
            "url": f"{base}/Contact",
            "referenceId": "B",
            "body": {"LastName": "Below", "AccountId": "@{A.id}"},
        },
    ]
    failing = [*parts, {"method": "POST", "url": f"{base}/Contact", "referenceId": "C", "body": {}}]

    good = api.call("POST", "composite", {"compositeRequest": parts}).json()["compositeResponse"]
    bad = api.call("POST", "composite", {"allOrNone": True, "compositeRequest": failing}).json()["compositeResponse"]

    assert [p["httpStatusCode"] for p in good] == [201, 201]
    assert [p["body"][0]["errorCode"] for p in bad] == [
        "PROCESSING_HALTED",
        "PROCESSING_HALTED",
        "REQUIRED_FIELD_MISSING",
    ]
    assert len(practice.query("SELECT Id FROM Account WHERE Name = 'Composite'")) == 1


@pytest.mark.requirement("F33")
def test_merge_moves_the_children_and_names_the_winner(practice: PracticeSalesforce) -> None:
    winner, loser = (row["Id"] for row in practice.query("SELECT Id FROM Account WHERE Name = 'Bluefin Works'"))
    contact = practice.create("Contact", LastName="Moved", AccountId=loser)

    practice.merge("Account", winner, loser)

    [gone] = signed_in(practice).query_all(
        "SELECT Id, MasterRecordId FROM Account WHERE IsDeleted = true", include_deleted=True
    )["records"]
    assert (gone["Id"], gone["MasterRecordId"]) == (loser, winner)
    assert practice.query(f"SELECT AccountId FROM Contact WHERE Id = '{contact}'")[0]["AccountId"] == winner


def test_undelete_takes_back_what_went_with_it(practice: PracticeSalesforce) -> None:
    account = practice.create("Account", Name="Back")
    practice.create("Contact", LastName="Back too", AccountId=account)
    practice.delete("Account", account)

    practice.undelete("Account", account)

    assert len(practice.query(f"SELECT Id FROM Contact WHERE AccountId = '{account}'")) == 1


def test_new_custom_field_is_invisible_until_permitted(practice: PracticeSalesforce, api: Api) -> None:
    made = {
        "FullName": "Account.Healthscore__c",
        "Metadata": {"label": "Healthscore", "type": "Number", "precision": 5, "scale": 2},
    }
    query = "query?q=SELECT+Healthscore__c+FROM+Account+LIMIT+1"
    parent = practice.query("SELECT Id FROM PermissionSet WHERE IsOwnedByProfile = true LIMIT 1")[0]["Id"]
    permission = {
        "ParentId": parent,
        "SobjectType": "Account",
        "Field": "Account.Healthscore__c",
        "PermissionsRead": True,
        "PermissionsEdit": True,
    }

    created = api.call("POST", "tooling/sobjects/CustomField", made)
    twice = api.refusal("POST", "tooling/sobjects/CustomField", made)
    hidden = api.refusal("GET", query)
    api.call("POST", "sobjects/FieldPermissions", permission)
    account = practice.query("SELECT Id FROM Account LIMIT 1")[0]["Id"]

    assert (created.status_code, created.json()["id"][:3]) == (201, "00N")
    assert (twice[1], hidden[1]) == ("DUPLICATE_DEVELOPER_NAME", "INVALID_FIELD")
    assert api.call("GET", query).status_code == 200
    assert api.call("PATCH", f"sobjects/Account/{account}", {"Healthscore__c": 71.5}).status_code == 204


def test_bulk_job_wants_its_own_version_and_refuses_aggregates(api: Api) -> None:
    job = api.call("POST", "jobs/query", {"operation": "query", "query": "SELECT Id FROM User"}).json()
    other = api.sf.session.get(
        api.sf.base_url.replace("60.0", "61.0") + f"jobs/query/{job['id']}", headers=api.sf.headers
    )

    results = api.call("GET", f"jobs/query/{job['id']}/results?maxRecords=10")
    rest = api.call("GET", f"jobs/query/{job['id']}/results?maxRecords=10&locator={results.headers['Sforce-Locator']}")

    assert other.status_code == 409
    assert (results.headers["Sforce-NumberOfRecords"], rest.headers["Sforce-NumberOfRecords"]) == ("10", "4")
    assert rest.headers["Sforce-Locator"] == "null"
    assert (
        api.refusal("POST", "jobs/query", {"operation": "query", "query": "SELECT COUNT(Id) FROM User"})[1]
        == "INVALIDJOB"
    )


def test_wrong_paths_methods_and_versions_get_the_right_status(api: Api) -> None:
    old = api.sf.session.get("https://x.my.salesforce.com/services/data/v30.0/limits", headers=api.sf.headers)

    assert api.refusal("GET", "nowhere")[:2] == (404, "NOT_FOUND")
    assert api.refusal("DELETE", "limits")[:2] == (405, "METHOD_NOT_ALLOWED")
    assert old.status_code == 410
    plain = api.call("POST", "sobjects/Account", **{"Content-Type": "text/plain"})
    assert plain.status_code == 415
