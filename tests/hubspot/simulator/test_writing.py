"""Writing one record: what is checked, how it is kept, what follows by itself."""

from typing import Any

import pytest

from integrations.rehearsal.practice_hubspot import PracticeHubSpot

from .wire import Clock, Wire, ids, told


def _link(record_id: str, number: int) -> dict[str, Any]:
    return {"to": {"id": record_id}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number}]}


def _company(wire: Wire) -> str:
    return ids(wire.page("companies"))[0]


def _error(answer: Any) -> tuple[str, str]:
    [error] = answer.json()["errors"]
    return error["code"], error["message"]


def test_unknown_property_is_refused_by_name(wire: Wire) -> None:
    answer = wire.update("companies", _company(wire), nmae="X")

    assert told(answer) == (
        400, "VALIDATION_ERROR",
        ('Property values were not valid: [{"isValid":false,"message":"Property \\"nmae\\" does not exist",'
        '"error":"PROPERTY_DOESNT_EXIST","name":"nmae"}]'),
    )  # fmt: skip
    assert answer.json()["errors"] == [{
        "message": 'Property "nmae" does not exist', "code": "PROPERTY_DOESNT_EXIST",
        "context": {"propertyName": ["nmae"]},
    }]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "code", "message"),
    [
        ("hs_parent_company_id", "1", "READ_ONLY_VALUE",
         '"hs_parent_company_id" is a read only property; its value cannot be set.'),
        ("annual_spend", "1e3", "INVALID_INTEGER", "1e3 was not a valid number."),
        ("annual_spend", " 5", "INVALID_INTEGER", " 5 was not a valid number."),
        ("annual_spend", "1,000", "INVALID_INTEGER", "1,000 was not a valid number."),
        ("closedate", "soon", "INVALID_LONG", "soon was not a valid long."),
        ("renewal_date", "1786334400000", "INVALID_DATE", "1786334400000 is at 4:0:0.0 UTC, not midnight!"),
        ("hs_csm_sentiment", "Healthy", "INVALID_OPTION",
         "Healthy was not one of the allowed options: [at_risk, neutral, healthy]"),
        ("products", "academy;gold", "INVALID_OPTION",
         "gold was not one of the allowed options: [academy, support, api]"),
        ("is_strategic", "yes", "INVALID_OPTION", "yes was not one of the allowed options: [true, false]"),
    ],
)  # fmt: skip
def test_bad_value_is_refused(wire: Wire, name: str, value: str, code: str, message: str) -> None:
    assert _error(wire.update("companies", _company(wire), **{name: value})) == (code, message)


def test_bad_address_is_refused(wire: Wire) -> None:
    assert _error(wire.create("contacts", email="nobody"))[0] == "INVALID_EMAIL"


def test_calculated_property_says_so(wire: Wire) -> None:
    assert _error(wire.create("deals", hs_is_closed_won="true"))[1].startswith(
        '"hs_is_closed_won" is a calculated property'
    )


@pytest.mark.parametrize(
    ("name", "sent", "kept"),
    [
        ("annual_spend", "5000.00", "5000.00"),
        ("annual_spend", 12.5, "12.5"),
        ("renewal_date", "2026-12-01", "2026-12-01"),
        ("renewal_date", "1796083200000", "2026-12-01"),
        ("closedate", "2026-03-12T08:34:23.259+01:00", "2026-03-12T07:34:23.259Z"),
        ("closedate", "1773300863000", "2026-03-12T07:34:23Z"),
        ("is_strategic", True, "true"),
        ("products", "academy;api", "academy;api"),
    ],
)
def test_value_is_kept_as_a_text(wire: Wire, name: str, sent: Any, kept: str) -> None:
    company = _company(wire)
    wire.update("companies", company, **{name: ""})

    answer = wire.update("companies", company, **{name: sent})

    assert answer.json()["properties"][name] == kept
    assert wire.one("companies", company, properties=name).json()["properties"][name] == kept


def test_option_is_put_beside_others(wire: Wire) -> None:
    company = wire.create("companies", name="X", products="academy").json()["id"]

    assert wire.update("companies", company, products=";api").json()["properties"]["products"] == "academy;api"


def test_empty_text_clears_and_null_changes_nothing(wire: Wire) -> None:
    company = wire.create("companies", name="X", city="Lyon", country="France").json()["id"]

    answer = wire.update("companies", company, city="", country=None)

    assert answer.json()["properties"]["city"] == ""
    record = wire.one("companies", company, properties="city,country").json()
    assert (record["properties"]["city"], record["properties"]["country"]) == (None, "France")


def test_new_company_has_what_hubspot_gives_it(empty: Wire) -> None:
    made = empty.create("companies", name="X", domain="x.example").json()["properties"]

    given = {
        "website": "x.example",
        "lifecyclestage": "lead",
        "num_associated_contacts": "0",
        "hs_object_source": "INTEGRATION",
    }
    assert {name: made[name] for name in given} == given


def test_address_of_a_contact_is_kept_in_lower_case_and_once(wire: Wire) -> None:
    first = wire.create("contacts", email="Ada@Example.ORG", firstname="Ada", lastname="Sample").json()

    again = wire.create("contacts", email="ada@example.org")

    assert first["properties"]["email"] == "ada@example.org"
    assert first["properties"]["hs_full_name_or_email"] == "Ada Sample"
    assert told(again) == (409, "CONFLICT", f"Contact already exists. Existing ID: {first['id']}")
    assert wire.update("contacts", first["id"], email="ADA@example.org").status_code == 200


def test_unique_value_is_refused_with_its_holder(wire: Wire) -> None:
    holder = wire.create("companies", name="X", old_crm_id="001A").json()["id"]
    other = _company(wire)

    status, category, message = told(wire.update("companies", other, old_crm_id="001a"))

    assert (status, category) == (400, "VALIDATION_ERROR")
    assert message == (
        "Cannot set PropertyValueCoordinates{portalId=147000321, objectTypeId=ObjectTypeId{legacyObjectType=COMPANY}, "
        f"propertyName=old_crm_id, value=001a}} on {other}. {holder} already has that value."
    )


def test_domain_is_not_unique(wire: Wire) -> None:
    assert [wire.create("companies", domain="same.example").status_code for _ in range(2)] == [201, 201]


def test_lifecycle_goes_forward_only_and_says_nothing(wire: Wire) -> None:
    company = wire.create("companies", name="X", lifecyclestage="customer").json()["id"]

    answer = wire.update("companies", company, lifecyclestage="lead", name="Y")
    kept = wire.one("companies", company, properties="lifecyclestage,name").json()["properties"]

    assert answer.status_code == 200
    assert (kept["lifecyclestage"], kept["name"]) == ("customer", "Y")
    wire.update("companies", company, lifecyclestage="")
    wire.update("companies", company, lifecyclestage="lead")
    assert wire.one("companies", company, properties="lifecyclestage").json()["properties"]["lifecyclestage"] == "lead"


def test_stage_of_the_accounts_own_has_its_place_too(wire: Wire) -> None:
    company = wire.create("companies", name="X", lifecyclestage="customer").json()["id"]

    for stage in ("94862137", "evangelist"):
        wire.update("companies", company, lifecyclestage=stage)

    assert (
        wire.one("companies", company, properties="lifecyclestage").json()["properties"]["lifecyclestage"] == "94862137"
    )


def test_colleague_may_set_an_earlier_stage(crm: PracticeHubSpot, wire: Wire) -> None:
    company = wire.create("companies", name="X", lifecyclestage="customer").json()["id"]

    crm.edit("companies", company, lifecyclestage="lead")

    assert wire.one("companies", company, properties="lifecyclestage").json()["properties"]["lifecyclestage"] == "lead"


@pytest.mark.parametrize(
    ("kind", "word", "lacking"),
    [("notes", "NOTE", "hs_timestamp"), ("calls", "CALL", "hs_timestamp"), ("emails", "EMAIL", "hs_timestamp"),
     ("tasks", "TASK", "hs_timestamp"), ("meetings", "MEETING", "hs_timestamp"), ("leads", "LEAD", "hs_lead_name")],
)  # fmt: skip
def test_required_property_is_named(wire: Wire, kind: str, word: str, lacking: str) -> None:
    answer = wire.create(kind, hubspot_owner_id="42600017")

    assert told(answer) == (400, "VALIDATION_ERROR", f"Error creating {word}. Some required properties were not set.")
    assert answer.json()["context"] == {"properties": [lacking]}


def test_meeting_takes_its_start_for_its_time(wire: Wire) -> None:
    made = wire.create("meetings", hs_meeting_start_time="2026-12-01T09:00:00Z").json()

    assert made["properties"]["hs_timestamp"] == "2026-12-01T09:00:00Z"


def test_lead_needs_somebody(wire: Wire) -> None:
    contact = ids(wire.page("contacts"))[0]

    assert wire.create("leads", hs_lead_name="Alone").status_code == 400
    made = wire.create("leads", _link(contact, 578), hs_lead_name="With Ada")
    assert (made.status_code, made.json()["properties"]["hs_pipeline_stage"]) == (201, "new-stage-id")


def test_record_is_linked_while_it_is_made(wire: Wire) -> None:
    company = _company(wire)

    note = wire.create("notes", _link(company, 190), hs_timestamp="2026-11-01T10:00:00Z").json()["id"]

    links = wire.one("notes", note, associations="companies").json()["associations"]["companies"]["results"]
    assert links == [{"id": company, "type": "note_to_company"}]


def test_link_must_start_at_the_new_record(wire: Wire) -> None:
    answer = wire.create("contacts", _link(_company(wire), 190), email="new@x.example")

    assert told(answer) == (
        400, "VALIDATION_ERROR",
        "invalid from object type 0-1 for associations to be created. expected: 0-46. For definition 0-190",
    )  # fmt: skip
    assert wire.batch("contacts", "read", [{"id": "new@x.example"}], idProperty="email").status_code == 207


def test_link_to_nobody_makes_no_record(wire: Wire) -> None:
    answer = wire.create("notes", _link("1", 190), hs_timestamp="2026-11-01T10:00:00Z")

    assert answer.status_code == 400
    assert answer.json()["context"]["INVALID_OBJECT_IDS"] == ["COMPANY=1 is not valid"]
    assert ids(wire.page("notes")) == []


def test_company_of_a_contact_is_a_link(wire: Wire) -> None:
    company, other = ids(wire.page("companies"))[:2]
    contact = wire.create("contacts", email="new@x.example", associatedcompanyid=company).json()["id"]

    wire.update("contacts", contact, associatedcompanyid=other)

    assert (
        wire.one("contacts", contact, properties="associatedcompanyid").json()["properties"]["associatedcompanyid"]
        == other
    )
    [told_of] = wire.link("contacts", "companies", "read", [{"id": contact}]).json()["results"]
    primary = [one["toObjectId"] for one in told_of["to"] if one["associationTypes"][0]["label"] == "Primary"]
    assert primary == [int(other)]


# --- Deals ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("pipeline", "stage", "won", "closed"),
    [("default", "closedwon", "true", "true"), ("75834610", "148662293", "true", "true"),
     ("75834610", "148662294", "false", "true"), ("default", "contractsent", "false", "false")],
)  # fmt: skip
def test_won_is_what_the_stage_says(wire: Wire, pipeline: str, stage: str, won: str, closed: str) -> None:
    made = wire.create("deals", dealname="D", pipeline=pipeline, dealstage=stage, amount="1200").json()["properties"]

    assert (made["hs_is_closed_won"], made["hs_is_closed"]) == (won, closed)


def test_stage_of_another_pipeline_is_refused(wire: Wire) -> None:
    answer = wire.create("deals", dealname="D", pipeline="75834610", dealstage="closedwon")

    assert _error(answer)[0] == "INVALID_OPTION"


def test_probability_has_all_its_digits(wire: Wire) -> None:
    made = wire.create("deals", dealname="D", dealstage="appointmentscheduled", amount="100").json()["properties"]

    assert made["hs_deal_stage_probability"] == "0.2000000000000000111022302462515654042363166809082031250"


def test_money_is_told_at_home_too(wire: Wire) -> None:
    made = wire.create("deals", dealname="D", amount="100", deal_currency_code="GBP").json()["properties"]

    assert made["amount_in_home_currency"] == "117"


# --- Rules of the account's own ---------------------------------------------------------------------------------------
def test_rules_count_in_the_newest_version_only(crm: PracticeHubSpot, wire: Wire, clock: Clock) -> None:
    crm.control(
        require_fields={"companies": ["industry"]},
        require_fields_when={"companies": {"lifecyclestage=customer": ["csm"]}},
    )
    body = {"properties": {"name": "X"}}

    newest, older = wire.create("companies", name="X"), wire.post("/crm/objects/2026-03/companies", body)
    when = wire.create("companies", name="X", industry="INSURANCE", lifecyclestage="customer")
    kept = wire.create("companies", name="X", industry="INSURANCE", lifecyclestage="customer", csm="42600034")

    assert _error(newest) == ("MISSING_REQUIRED_PROPERTY", 'Property "industry" is required.')
    assert older.status_code == 201
    assert _error(when)[0] == "MISSING_CONDITIONAL_REQUIRED_PROPERTY"
    assert kept.status_code == 201


def test_owner_must_be_one(wire: Wire) -> None:
    assert wire.update("companies", _company(wire), csm="42600034").status_code == 200
    assert _error(wire.update("companies", _company(wire), csm="7"))[0] == "INVALID_OPTION"
