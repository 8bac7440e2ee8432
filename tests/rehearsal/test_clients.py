"""Other people's clients, unchanged, against the practice org."""

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceResourceNotFound,
)  # fmt: skip

from integrations.rehearsal.practice import PracticeSalesforce
from tests.node import installed


def test_simple_salesforce_signs_in_and_reads_everything(practice: PracticeSalesforce, sf: Any) -> None:
    rows = list(sf.query_all_iter("SELECT Id, Name, Owner.Name FROM Account"))

    assert sf.sf_instance == "aldervale.my.salesforce.com"
    assert len(rows) == sf.query("SELECT COUNT() FROM Account")["totalSize"] == 420
    assert {"Name", "Website", "CSM__c"} <= {f["name"] for f in sf.Account.describe()["fields"]}
    assert practice.calls()["soap_login"] == 1


def test_simple_salesforce_writes_and_upserts(sf: Any) -> None:
    made = sf.Account.create({"Name": "Written", "Customer_Number__c": "W-1"})

    statuses = [
        sf.Account.update(made["id"], {"Phone": "1"}),
        sf.Account.upsert("Customer_Number__c/W-1", {"Name": "Again"}),
        sf.Account.upsert("Customer_Number__c/W-2", {"Name": "Another"}),
    ]

    assert statuses == [204, 200, 201]
    assert sf.Account.get_by_custom_id("Customer_Number__c", "W-1")["Name"] == "Again"
    with pytest.raises(SalesforceMoreThanOneRecord):
        sf.Account.upsert("Customer_Number__c/AV-20001", {"Phone": "1"})


def test_simple_salesforce_sees_deletes_with_what_hung_below(sf: Any) -> None:
    account = sf.Account.create({"Name": "Going"})["id"]
    contact = sf.Contact.create({"LastName": "Going too", "AccountId": account})["id"]

    sf.Account.delete(account)

    now = datetime.now(UTC)
    gone = sf.Contact.deleted(now - timedelta(minutes=30), now + timedelta(minutes=1))
    assert [r["id"] for r in gone["deletedRecords"]] == [contact]
    assert (
        sf.query_all("SELECT Id FROM Account WHERE IsDeleted = true", include_deleted=True)["records"][0]["Id"]
        == account
    )
    with pytest.raises(SalesforceResourceNotFound, match="ENTITY_IS_DELETED"):
        sf.Account.get(account)


def test_simple_salesforce_moves_rows_in_bulk(sf: Any) -> None:
    pages = list(sf.bulk2.Account.query("SELECT Id, Name FROM Account", max_records=100, wait=1))
    [result] = sf.bulk2.Account.insert(records=[{"Name": "One", "Phone": "1"}, {"Name": "", "Phone": "2"}], wait=1)

    assert [len(page.splitlines()) for page in pages][:4] == [101, 101, 101, 101]
    assert (result["numberRecordsProcessed"], result["numberRecordsFailed"]) == (2, 1)
    failed = sf.bulk2.Account.get_failed_records(result["job_id"])
    assert "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]" in failed


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"password": "wrong"}, "INVALID_LOGIN"),
        ({"security_token": ""}, "LOGIN_MUST_USE_SECURITY_TOKEN"),
        ({"version": "65.0"}, "UNSUPPORTED_API_VERSION"),
    ],
)
def test_sign_in_is_refused_with_the_fault_that_fits(
    practice: PracticeSalesforce, change: dict[str, str], code: str
) -> None:
    who = practice.credentials
    given: dict[str, Any] = {
        "username": who.username,
        "password": who.password,
        "security_token": who.security_token,
        "version": "60.0",
    }

    with pytest.raises(SalesforceAuthenticationFailed) as refusal:
        Salesforce(session=practice.session(), **(given | change))

    assert refusal.value.code == code


def test_client_credentials_work_on_the_orgs_own_domain_only(practice: PracticeSalesforce) -> None:
    who = practice.credentials
    given: dict[str, Any] = {
        "consumer_key": who.client_id,
        "consumer_secret": who.client_secret,
        "session": practice.session(),
    }

    sf: Any = Salesforce(domain="aldervale.my", **given)

    assert sf.query("SELECT COUNT() FROM User")["totalSize"] == 14


def test_refusals_of_a_write_name_the_field(sf: Any) -> None:
    with pytest.raises(SalesforceMalformedRequest) as refusal:
        sf.Contact.create({"LastName": "X", "Email": "not an address"})

    assert refusal.value.content == [
        {
            "message": "Email: invalid email address: not an address",
            "errorCode": "INVALID_EMAIL_ADDRESS",
            "fields": ["Email"],
        }
    ]


def test_jsforce_works_unchanged(practice: PracticeSalesforce) -> None:
    folder, who = installed("jsforce", version=3, variable="JSFORCE_DIR", label="jsforce"), practice.credentials
    script = Path(__file__).with_name("jsforce_check.js")

    done = subprocess.run(
        ["node", str(script), practice.base_url, who.username, who.password + who.security_token],
        env={**os.environ, "JSFORCE_DIR": str(folder)}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert {k: v for k, v in seen.items() if k not in {"user", "instance"}} == {
        "total": 420, "fetched": 1309, "fields": 65, "objects": 22, "created": True, "updated": True, "phone": "1",
        "many": [True, False], "upserted": True, "deleted": True, "wrong": "INVALID_FIELD", "views": 7, "bulk": 422,
        "loaded": [1, 1], "identity": who.username, "limit": 100_000,
    }  # fmt: skip
