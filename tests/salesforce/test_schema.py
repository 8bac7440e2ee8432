import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from integrations.engine.mapping import Kind
from integrations.rehearsal.practice import PracticeSalesforce
from integrations.salesforce.abilities import ABILITIES
from integrations.salesforce.connector import SalesforceConnector
from integrations.salesforce.schema import KINDS, WORDS, Described


def recorded(name: str) -> dict[str, Any]:
    root = Path(os.environ.get("SPECS_DIR") or Path(settings.BASE_DIR).parent / "shared" / "specs")
    path = root / "salesforce" / "recorded" / f"{name}.json"
    if not path.exists():
        pytest.skip(f"The recording {name} is not here; set SPECS_DIR to the folder of recordings.")
    body: dict[str, Any] = json.loads(path.read_text())["response"]["body"]
    return body


@pytest.mark.parametrize("name", ["describe-sobject", "cci_describe_Contact", "cci_describe_Opportunity"])
def test_a_recorded_describe_becomes_a_schema(name: str) -> None:
    raw = recorded(name)

    fields = Described(raw).fields

    by_path = {field.path: field for field in fields}
    assert len(by_path) == len(fields)
    assert by_path["Id"].is_id
    assert by_path["Owner.Email"].label == "Owner"
    expected = {
        field["name"] for field in raw["fields"] if field["type"] in KINDS and not field.get("deprecatedAndHidden")
    }
    assert {path for path in by_path if "." not in path} == expected
    assert all(field.label and field.type for field in fields)


def test_compound_fields_are_left_out() -> None:
    raw = recorded("cci_describe_Contact")

    paths = {field.path for field in Described(raw).fields}

    assert "MailingAddress" in {field["name"] for field in raw["fields"]}
    assert "MailingAddress" not in paths
    assert "MailingCity" in paths


@pytest.mark.requirement("R22", "R30")
def test_only_fields_that_identify_may_be_ids(connector: SalesforceConnector) -> None:
    customers = {field.path for field in connector.schema("customers").fields if field.is_id}
    contacts = {field.path for field in connector.schema("contacts").fields if field.is_id}

    assert customers == {"Id", "Customer_Number__c"}
    # An e-mail may be looked up and is not unique: it is a merge key, no ID.
    assert contacts == {"Id", "Contact_Number__c"}


@pytest.mark.requirement("R25", "R69")
def test_people_are_user_lookups_under_their_own_label(connector: SalesforceConnector) -> None:
    people = {field.path: field.label for field in connector.schema("customers").fields if field.is_person}

    assert people == {
        "Owner.Email": "Owner", "CSM__r.Email": "CSM", "CreatedBy.Email": "Created By",
        "LastModifiedBy.Email": "Last Modified By",
    }  # fmt: skip


def test_picklists_carry_their_values_inactive_ones_too(connector: SalesforceConnector) -> None:
    field = connector.schema("customers").get("Lifecycle_Stage__c")

    assert field is not None
    assert (field.kind, field.type) == (Kind.CHOICE, "picklist")
    assert "Onboarding" in {choice.value for choice in field.choices}


@pytest.mark.requirement("C9", "F24")
def test_the_schema_is_read_anew_each_time_it_is_asked_for(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    before = connector.schema("customers")
    practice.control(remove_fields=["Account.Segment__c"], retype_fields={"Account.AccountNumber": "double"})

    after = connector.schema("customers")

    assert before.get("Segment__c") is not None
    assert after.get("Segment__c") is None
    retyped = after.get("AccountNumber")
    assert retyped is not None
    assert retyped.type == "double"


def test_every_type_that_can_be_mapped_has_a_plain_word() -> None:
    assert set(KINDS) <= set(WORDS)
    assert ABILITIES.say_type("picklist") == "list"
    assert ABILITIES.say_type("anyType") == "anyType"


def test_the_schema_says_what_may_be_written_and_what_a_new_record_needs(connector: SalesforceConnector) -> None:
    fields = {field.path: field for field in connector.schema("customers").fields}

    assert {path for path, field in fields.items() if field.is_required} == {"Name"}
    assert fields["Name"].is_createable
    assert fields["Owner.Email"].is_updateable
    assert (fields["CreatedBy.Email"].is_updateable, fields["CreatedBy.Email"].is_createable) == (False, False)
    assert (fields["Id"].is_updateable, fields["Id"].is_createable) == (False, False)


def test_a_real_describe_says_so_too() -> None:
    contact = {field.path: field for field in Described(recorded("cci_describe_Contact")).fields}
    deal = {field.path: field for field in Described(recorded("cci_describe_Opportunity")).fields}

    assert {path for path, field in contact.items() if field.is_required} == {"LastName"}
    assert not contact["Name"].is_updateable
    assert {path for path, field in deal.items() if field.is_required} == {"Name", "StageName", "CloseDate"}


def test_field_level_security_takes_the_right_to_write(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    practice.control(lock_fields=["Account.Phone", "Account.OwnerId"])

    schema = connector.schema("customers")

    phone, owner = schema.get("Phone"), schema.get("Owner.Email")
    assert phone is not None
    assert owner is not None
    assert (phone.is_updateable, phone.is_createable, owner.is_updateable) == (False, False, False)
