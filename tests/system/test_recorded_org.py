"""The main job on real input: a really recorded Salesforce org goes through practice CRM, worker and hub, value by value."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from tests.system.conftest import House, until

pytestmark = [pytest.mark.slow, pytest.mark.requirement("R5", "R15", "R22", "R23", "R28", "R29", "R30", "R62", "R70")]

CUSTOMER_TEXTS = ("AccountNumber", "Industry", "Type", "BillingCity", "BillingState", "BillingCountry", "Phone")
CONTACT_TEXTS = (
    "MobilePhone", "Title", "Department", "MailingStreet", "MailingCity", "MailingState", "MailingPostalCode",
    "MailingCountry",
)  # fmt: skip
# What the hub makes of the recorded websites: typed here by hand from the recording, not computed by the code under test.
DOMAINS = {
    "www.burlington.com": "burlington.com",
    "www.genepoint.com": "genepoint.com",
    "www.sforce.com": "sforce.com",
    "http://edgecomm.com": "edgecomm.com",
    "www.grandhotels.com": "grandhotels.com",
    "dickenson-consulting.com": "dickenson-consulting.com",
    "www.pyramid.com": "pyramid.com",
    "http://www.uos.com": "uos.com",
    "www.expressl&t.net": "",
    "www.universityofarizona.com": "universityofarizona.com",
    "www.updated.com": "updated.com",
    None: "",
}
RUN_STATE = "from integrations.sync.models import Run; print(Run.objects.latest('pk').state)"
DUMP = """
import json
from integrations.hub.models import Contact, Customer, CustomField
from integrations.sync.models import RecordLink
names = dict(CustomField.objects.values_list("key", "name"))
def custom(row): return {names[key]: value for key, value in row.custom.items()}
print(json.dumps({
    "customers": [
        {"Id": c.ref_id, "Name": c.name, "domain": c.domain, **custom(c)} for c in Customer.objects.all()
    ],
    "contacts": [
        {"Id": c.ref_id, "FirstName": c.first_name, "LastName": c.last_name, "Email": c.email, "Phone": c.phone,
         "AccountId": c.customer.ref_id, **custom(c)} for c in Contact.objects.select_related("customer")
    ],
    "links": list(RecordLink.objects.values_list("object", "source_id", "state", "reason_code")),
}))
"""


def _records(folder: Path, name: str) -> list[dict[str, Any]]:
    found = json.loads((folder / f"{name}.json").read_text())
    answers = found if isinstance(found, list) else [found]
    return [record for answer in answers for record in answer["response"]["body"]["records"]]


def _configuration(house: House, view: str) -> str:
    fields = {"customers": CUSTOMER_TEXTS, "contacts": CONTACT_TEXTS}
    lines = {
        "customers": {"ref_id": "Id", "name": "Name", "domain": "Website"},
        "contacts": {
            "ref_id": "Id", "first_name": "FirstName", "last_name": "LastName", "email": "Email", "phone": "Phone",
        },
    }  # fmt: skip
    return yaml.safe_dump(
        {
            "skalin-sync": 1,
            "connection": "recorded",
            "system": "salesforce",
            "name": "Recorded org",
            "options": {"base_url": house.salesforce},
            "settings": {
                "sign_in": "app", "environment": "domain", "client_id": "practice-console", "account_view": view,
            },
            "credentials": {"client_secret": {"env": "SF_SECRET"}},
            "custom_fields": {
                name: [
                    *({"name": text, "type": "STRING"} for text in texts),
                    {"name": "CreatedDate", "type": "DATETIME"},
                ]
                for name, texts in fields.items()
            },
            "blocks": {
                name: {
                    "mode": "input",
                    "lines": [
                        *({"hub": hub, "crm": crm} for hub, crm in lines[name].items()),
                        *({"hub": f"custom: {text}", "crm": text} for text in (*fields[name], "CreatedDate")),
                    ],
                }
                for name in fields
            },
        }
    )  # fmt: skip


def _all_accounts(house: House) -> str:
    """The id of the view, asked for as any client of Salesforce would."""
    secret = {"client_id": "practice-console", "client_secret": house.environment["SF_SECRET"]}
    token = requests.post(
        f"{house.salesforce}/services/oauth2/token", data={"grant_type": "client_credentials", **secret}, timeout=10
    ).json()["access_token"]
    views = requests.get(
        f"{house.salesforce}/services/data/v66.0/sobjects/Account/listviews",
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    ).json()["listviews"]
    [found] = [str(view["id"]) for view in views if view["developerName"] == "AllAccounts"]
    return found


def _sync(house: House) -> dict[str, Any]:
    """By configuration file and command line, through a worker."""
    file = house.folder / "recorded.yaml"
    file.write_text(_configuration(house, _all_accounts(house)))
    house.run("connection", "import", str(file), "--turn-on")
    until(lambda: "done" in house.ask(RUN_STATE), "The first sync does not end.", pause=0.5, seconds=120)
    answer: dict[str, Any] = json.loads(house.ask(DUMP))
    return answer


@pytest.fixture
def arrived(house: House, recorded: Path) -> dict[str, Any]:
    house.rehearse("--load", str(recorded))
    house.work()
    return _sync(house)


def test_every_recorded_value_arrives(arrived: dict[str, Any], recorded: Path) -> None:
    accounts, contacts = _records(recorded, "accounts"), _records(recorded, "contacts")
    known = {account["Id"] for account in accounts}
    held = [tuple(link) for link in arrived["links"] if link[2] != "linked"]

    assert len(accounts) == 50
    assert {row["Id"]: row for row in arrived["customers"]} == {row["Id"]: _expected_customer(row) for row in accounts}
    inside = [row for row in contacts if row["AccountId"] in known]
    assert len(inside) == 20
    assert {row["Id"]: row for row in arrived["contacts"]} == {row["Id"]: _expected_contact(row) for row in inside}
    assert held == []


def test_second_sync_writes_nothing(arrived: dict[str, Any], house: House) -> None:
    count = "from integrations.sync.models import Change; print(Change.objects.count())"
    before = house.ask(count)

    answer = json.loads(house.run("sync", "recorded", "--full", "--wait", "--json").splitlines()[-1])

    assert answer["state"] == "done"
    assert house.ask(count) == before
    assert json.loads(house.ask(DUMP)) == arrived


def _expected_customer(row: dict[str, Any]) -> dict[str, Any]:
    texts = {name: row[name] for name in CUSTOMER_TEXTS if row[name] is not None}
    moment = {"CreatedDate": {"t": _moment(row["CreatedDate"])}}
    return {"Id": row["Id"], "Name": row["Name"], "domain": DOMAINS[row["Website"]], **texts, **moment}


def _expected_contact(row: dict[str, Any]) -> dict[str, Any]:
    built_in = ("Id", "FirstName", "LastName", "Email", "Phone", "AccountId")
    texts = {name: row[name] for name in CONTACT_TEXTS if row[name] is not None}
    moment = {"CreatedDate": {"t": _moment(row["CreatedDate"])}}
    return {**{name: row[name] or "" for name in built_in}, **texts, **moment}


def _moment(recorded: str) -> str:
    return datetime.strptime(recorded, "%Y-%m-%dT%H:%M:%S.%f%z").isoformat()
