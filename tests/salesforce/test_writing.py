import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import Settings

from integrations.engine.mapping import Kind
from integrations.engine.values import Value
from integrations.rehearsal.practice import PracticeSalesforce
from integrations.salesforce.causes import CAUSES
from integrations.salesforce.connector import SalesforceConnector
from integrations.salesforce.keyfield import NewField, create_field
from integrations.salesforce.models import SalesforceConnection
from integrations.salesforce.rows import Row
from integrations.salesforce.verdicts import verdict
from integrations.salesforce.writing import write
from integrations.sync.connector import Answer, How, Read, Send
from integrations.wire.errors import DryRun, Misconfigured, RateLimited, Transient
from tests.wire.border import Answer as Reply
from tests.wire.border import Border, answer_of

from .conftest import signed_in
from .reading_all import records_of
from .writes import KEY, change, client_at, count, ids, made, person, recorded, row, with_key

DONE, REFUSED, BUSY, EXISTS, GONE = Answer.DONE, Answer.REFUSED, Answer.BUSY, Answer.EXISTS, Answer.GONE


# --- What is written, and in how many calls


@pytest.mark.requirement("R4")
def test_updates_of_one_batch_are_one_call_answered_in_their_order(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    first, second = ids(practice, 2)
    connector.described("customers")
    practice.forget_calls()

    sent = connector.write("customers", [change(second, Phone="2"), change(first, Phone=None, Name="Changed here")])

    assert [(one.answer, one.source_id) for one in sent] == [(DONE, second), (DONE, first)]
    assert row(practice, second, "Phone") == {"Phone": "2"}
    assert row(practice, first, "Phone", "Name") == {"Phone": None, "Name": "Changed here"}
    assert practice.calls() == {"update_many": 1}
    assert connector.calls["update_many"] == 1


def test_ten_thousand_updates_take_at_most_fifty_two_calls(
    small_practice: Callable[..., PracticeSalesforce], db: None
) -> None:
    practice = small_practice(10_000, contacts_per=0)
    connector = SalesforceConnector(signed_in(practice))
    known = [record["Id"] for page in pages_of_ids(practice) for record in page]
    owner = practice.query("SELECT Email FROM User WHERE IsActive = true AND UserType = 'Standard' LIMIT 1")[0]["Email"]
    practice.forget_calls()

    for start in range(0, len(known), 200):
        sends = [Send(one, values={"Phone": "1", "Owner.Email": owner}) for one in known[start : start + 200]]
        answers = connector.write("customers", sends)
        assert {one.answer for one in answers} == {DONE}

    assert len(known) == 10_000
    assert practice.calls() == {"update_many": 50, "describe": 1, "query": 1}


@pytest.mark.requirement("F5")
def test_creates_with_a_key_are_made_once_however_often_they_are_sent(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    with_key(connector, "customers")
    sends = [made("skalin-1", Name="Made here"), made("skalin-2", Name="Made here too")]
    practice.forget_calls()

    first = connector.write("customers", sends, key_field=KEY)
    again = connector.write("customers", sends, key_field=KEY)

    assert [one.answer for one in first] == [DONE, DONE]
    assert [one.source_id for one in again] == [one.source_id for one in first]
    assert count(practice, "Name LIKE 'Made here%'") == 2
    assert practice.calls()["upsert_many"] == 2
    assert connector.find_by_key("customers", KEY, ["skalin-1", "skalin-2", "skalin-3"]) == {
        "skalin-1": first[0].source_id,
        "skalin-2": first[1].source_id,
    }


@pytest.mark.requirement("F5")
def test_an_unanswered_create_with_a_key_is_looked_up_and_not_repeated(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    with_key(connector, "customers")
    connector.described("customers")
    practice.control(reset=1, kinds=["upsert_many"])

    with pytest.raises(Transient) as lost:
        connector.write("customers", [made("skalin-1", Name="Only once")], key_field=KEY)

    assert (lost.value.sent, connector.calls["upsert_many"]) == (True, 1)
    [there] = practice.query("SELECT Id FROM Account WHERE Name = 'Only once'")
    assert connector.find_by_key("customers", KEY, ["skalin-1"]) == {"skalin-1": there["Id"]}


@pytest.mark.requirement("F5")
def test_an_unanswered_create_without_a_key_is_never_repeated(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    connector.described("customers")
    practice.control(reset=1, kinds=["create_many"])

    with pytest.raises(Transient) as lost:
        connector.write("customers", [made(Name="Made, and the answer lost")])

    assert lost.value.sent
    assert connector.calls["create_many"] == 1
    assert count(practice, "Name = 'Made, and the answer lost'") == 1


@pytest.mark.requirement("F6")
def test_an_unanswered_update_is_repeated(connector: SalesforceConnector, practice: PracticeSalesforce) -> None:
    [account] = ids(practice, 1)
    practice.control(truncate=1, kinds=["update_many"])

    [sent] = connector.write("customers", [change(account, Phone="7")])

    assert (sent.answer, row(practice, account, "Phone")) == (DONE, {"Phone": "7"})
    assert connector.calls["update_many"] == 2


def test_contacts_are_made_under_their_customer(connector: SalesforceConnector, practice: PracticeSalesforce) -> None:
    [account] = ids(practice, 1)

    [sent] = connector.write("contacts", [Send(values={"LastName": "Sorel", "@customer": account})])

    assert sent.answer is DONE
    assert row(practice, sent.source_id, "AccountId", obj="Contact") == {"AccountId": account}


def test_records_of_one_parent_stand_together_and_the_type_stands_first(connector: SalesforceConnector) -> None:
    border = Border(Reply(body=[{"id": f"00300000000000{n}AAA", "success": True, "errors": []} for n in range(3)]))
    parents = ["001000000000002AAA", "001000000000001AAA", "001000000000002AAA"]
    rows = [Row("Contact", {"LastName": str(n), "AccountId": one}, parent=one) for n, one in enumerate(parents)]

    sent = write(client_at(border), rows)

    records = body_of(border)["records"]
    assert [record["AccountId"] for record in records] == sorted(parents)
    assert [next(iter(record)) for record in records] == ["attributes"] * 3
    # The second row was sent first: its answer is the first one.
    assert [one.source_id[14] for one in sent] == ["1", "0", "2"]


def test_deletes_go_by_one_call_and_what_is_deleted_already_is_done(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    first, second = ids(practice, 2, "Contact")
    practice.delete("Contact", second)
    practice.forget_calls()

    sent = connector.write("contacts", [Send(first, delete=True), Send(second, delete=True)])

    assert [one.answer for one in sent] == [DONE, DONE]
    assert count(practice, f"Id IN ('{first}', '{second}')", "Contact") == 0
    assert practice.calls()["delete_many"] == 1


def test_a_batch_of_creates_in_which_some_were_found_is_two_calls(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    with_key(connector, "customers")
    [known] = ids(practice, 1)

    sent = connector.write("customers", [made("skalin-9", Name="New"), change(known, Phone="9")], key_field=KEY)

    assert [one.answer for one in sent] == [DONE, DONE]
    assert sent[1].source_id == known
    assert (connector.calls["upsert_many"], connector.calls["update_many"]) == (1, 1)


def test_a_key_field_that_went_stops_the_run_before_anything_is_made(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    with_key(connector, "customers")
    practice.control(hide_fields=[f"Account.{KEY}"])

    with pytest.raises(Misconfigured) as stopped:
        connector.write("customers", [made("skalin-1", Name="Not made")], key_field=KEY)

    assert (stopped.value.code, stopped.value.fields) == ("KEY_FIELD_GONE", (KEY,))
    assert count(practice, "Name = 'Not made'") == 0


@pytest.mark.requirement("R4")
def test_a_preview_cannot_write(connection: SalesforceConnection, practice: PracticeSalesforce) -> None:
    [account] = ids(practice, 1)
    connector = SalesforceConnector(connection, read_only=True)
    connector.described("customers")
    practice.forget_calls()

    for attempt in (
        lambda: connector.write("customers", [change(account, Phone="1")]),
        lambda: connector.write("customers", [made(Name="x")]),
        lambda: connector.write("customers", [Send(account, delete=True)]),
        lambda: connector.start_bulk("customers", [change(account, Phone="1")]),
    ):
        with pytest.raises(DryRun):
            attempt()

    assert practice.calls() == {}


# --- Values


@pytest.fixture(params=["UTC", "Pacific/Kiritimati", "America/Los_Angeles"])
def server_zone(request: pytest.FixtureRequest, settings: Settings) -> Iterator[str]:
    """The server's clock and Django's: neither may have a say in what a value is."""
    before = os.environ.get("TZ")
    settings.TIME_ZONE = request.param
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
    time.tzset()


VALUES: dict[str, Value] = {
    "Name": "Ünïcode 🚀 “quoted”, comma; semicolon",
    "Description": "Two\nlines\r\nand a\ttab",
    "Website": "https://aldervale.example",
    "Phone": "+33 1 23 45",
    "NumberOfEmployees": 42,
    "AnnualRevenue": Decimal("1234567.89"),
    "Annual_Spend__c": Decimal("0.10"),
    "Renewal_Date__c": date(2028, 2, 29),
    "Is_Strategic__c": True,
    "Lifecycle_Stage__c": "Onboarding",
    "Signed_At__c": datetime(2026, 10, 25, 0, 30, 15, tzinfo=UTC),
    "Tags__c": ("Alpha", "Gamma"),
}


@pytest.mark.requirement("C21", "F30", "F31")
@pytest.mark.parametrize("by_bulk", [False, True], ids=["collections", "bulk"])
@pytest.mark.usefixtures("server_zone")
def test_every_type_comes_back_as_it_went(
    connector: SalesforceConnector, practice: PracticeSalesforce, *, by_bulk: bool
) -> None:
    add_more_types(connector)
    [account] = ids(practice, 1)
    sends = [Send(account, values=VALUES)]

    if by_bulk:
        answers = connector.bulk_answers(connector.start_bulk("customers", sends), sends)
    else:
        answers = connector.write("customers", sends)

    assert answers is not None
    assert [one.answer for one in answers] == [DONE]
    kept = records_of(connector, Read("customers", How.BY_ID, tuple(VALUES), ids=(account,)))[account]
    assert dict(kept.values) == VALUES


@pytest.mark.requirement("C21")
@pytest.mark.usefixtures("server_zone")
def test_a_day_has_no_zone_and_a_moment_has_one(connector: SalesforceConnector, practice: PracticeSalesforce) -> None:
    add_more_types(connector)
    [account] = ids(practice, 1)
    late = datetime(2026, 12, 31, 23, 30, tzinfo=timezone(timedelta(hours=-9)))

    connector.write("customers", [change(account, Renewal_Date__c=date(2026, 12, 31), Signed_At__c=late)])

    assert row(practice, account, "Renewal_Date__c", "Signed_At__c") == {
        "Renewal_Date__c": "2026-12-31",
        "Signed_At__c": "2027-01-01T08:30:00.000+0000",
    }


@pytest.mark.requirement("C21")
@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("Signed_At__c", date(2026, 5, 24), "DATE_WITHOUT_TIME"),
        ("Renewal_Date__c", datetime(2026, 5, 24, tzinfo=UTC), "TIME_IN_A_DATE"),
        ("Signed_At__c", datetime(2026, 5, 24), "TIME_WITHOUT_ZONE"),
    ],
)
def test_what_would_shift_by_a_day_is_refused_and_the_others_go_on(
    connector: SalesforceConnector, practice: PracticeSalesforce, path: str, value: Value, code: str
) -> None:
    add_more_types(connector)
    first, second = ids(practice, 2)

    refused, done = connector.write("customers", [Send(first, values={path: value}), change(second, Phone="3")])

    assert (refused.answer, refused.source_id, refused.code, refused.fields) == (REFUSED, first, code, (path,))
    assert done.answer is DONE


def test_an_empty_value_empties_and_a_number_keeps_its_digits() -> None:
    border = Border(Reply(body=[{"id": "001000000000001AAA", "success": True, "errors": []}]))
    columns = {"Phone": None, "AnnualRevenue": Decimal("9999999999999999.99"), "Annual_Spend__c": Decimal("1E+6")}

    write(client_at(border), [Row("Account", columns, id="001000000000001AAA")])

    text = (border.sent[0].body or b"").decode()  # type: ignore[union-attr]
    assert '"Phone":null' in text
    assert '"AnnualRevenue":9999999999999999.99' in text
    assert '"Annual_Spend__c":1000000' in text
    assert '"allOrNone":false' in text


def test_what_is_empty_in_a_new_record_is_left_to_salesforce(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    values: dict[str, Value] = {"Name": "New", "Owner.Email": None, "Phone": "", "Is_Strategic__c": None}

    [sent] = connector.write("customers", [Send(values=values)])

    kept = row(practice, sent.source_id, "OwnerId", "Phone", "Is_Strategic__c")
    assert kept == {"OwnerId": practice.app.org.user_id(), "Phone": None, "Is_Strategic__c": False}


def test_a_number_for_a_text_field_goes_as_text(connector: SalesforceConnector, practice: PracticeSalesforce) -> None:
    [account] = ids(practice, 1)

    [sent] = connector.write("customers", [change(account, AccountNumber=Decimal("12.50"), Phone=("1", "2"))])

    assert sent.answer is DONE
    assert row(practice, account, "AccountNumber", "Phone") == {"AccountNumber": "12.50", "Phone": "1;2"}


# --- People


@pytest.mark.requirement("R25")
def test_colleagues_are_found_by_one_query_and_whoever_cannot_own_a_record_is_named(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    active = practice.query("SELECT Id, Email FROM User WHERE IsActive = true AND UserType = 'Standard' LIMIT 1")[0]
    left = practice.query("SELECT Email FROM User WHERE IsActive = false LIMIT 1")[0]["Email"]
    first, second, third = ids(practice, 3)
    connector.described("customers")
    practice.forget_calls()
    sends = [
        person("Owner.Email", active["Email"].upper(), first),
        person("CSM__r.Email", "nobody@elsewhere.example", second),
        person("Owner.Email", left, third),
    ]

    sent = connector.write("customers", sends)
    connector.write("customers", sends)

    assert [(one.answer, one.code, one.fields) for one in sent] == [
        (DONE, "", ()),
        (REFUSED, "UNKNOWN_USER", ("CSM__r.Email",)),
        (REFUSED, "INACTIVE_OWNER_OR_USER", ("Owner.Email",)),
    ]
    assert "nobody@elsewhere.example" in sent[1].message
    assert row(practice, first, "OwnerId") == {"OwnerId": active["Id"]}
    assert practice.calls() == {"query": 1, "update_many": 2}


@pytest.mark.requirement("R25")
def test_a_person_is_taken_off_again(connector: SalesforceConnector, practice: PracticeSalesforce) -> None:
    [account] = ids(practice, 1)
    practice.edit("Account", account, CSM__c=practice.app.org.user_id())

    [sent] = connector.write("customers", [Send(account, values={"CSM__r.Email": None})])

    assert (sent.answer, row(practice, account, "CSM__c")) == (DONE, {"CSM__c": None})


def test_an_address_of_several_active_users_is_not_guessed(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    two = practice.query("SELECT Id FROM User WHERE IsActive = true AND UserType = 'Standard' LIMIT 2")
    for user in two:
        practice.edit("User", user["Id"], Email="shared@aldervale.example")
    [account] = ids(practice, 1)

    [sent] = connector.write("customers", [person("Owner.Email", "shared@aldervale.example", account)])

    assert (sent.answer, sent.code) == (REFUSED, "SEVERAL_USERS")


# --- Refusals


@pytest.mark.requirement("F25")
@pytest.mark.parametrize(
    ("values", "code", "fields"),
    [
        ({"Phone": "1"}, "REQUIRED_FIELD_MISSING", ("Name",)),
        ({"Name": "x" * 256}, "STRING_TOO_LONG", ("Name",)),
        ({"Name": "x", "Nope__c": "1"}, "INVALID_FIELD", ("Nope__c",)),
        ({"Name": "x", "NumberOfEmployees": 123_456_789}, "NUMBER_OUTSIDE_VALID_RANGE", ("NumberOfEmployees",)),
        ({"Name": "x", "AnnualRevenue": Decimal("NaN")}, "JSON_PARSER_ERROR", ("AnnualRevenue",)),
        ({"Name": "x", "CreatedDate": datetime(2026, 1, 1, tzinfo=UTC)}, "INVALID_FIELD_FOR_INSERT_UPDATE", ("CreatedDate",)),
        ({"Name": "x", "ParentId": "001Pr0000zzzzzzAAA"}, "INVALID_CROSS_REFERENCE_KEY", ("ParentId",)),
    ],
)  # fmt: skip
def test_a_refusal_is_one_records_own_in_salesforces_words(
    connector: SalesforceConnector, values: dict[str, Value], code: str, fields: tuple[str, ...]
) -> None:
    refused, done = connector.write("customers", [Send(values=values), made(Name="Beside it")])

    assert (refused.answer, refused.code, refused.fields) == (REFUSED, code, fields)
    assert refused.message
    assert done.answer is DONE


@pytest.mark.requirement("F25")
def test_a_restricted_list_and_a_rule_of_the_admins_refuse_by_name(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    add(connector, NewField("Tier", "Tier", picklist("Gold", "Silver", restricted=True)))
    first, second = ids(practice, 2)
    [outside] = connector.write("customers", [change(first, Tier__c="Wood")])
    practice.control(reject_every=1)

    [ruled] = connector.write("customers", [change(second, Phone="1")])

    assert (outside.answer, outside.code) == (REFUSED, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")
    assert outside.fields == ("Tier__c",)
    assert (ruled.answer, ruled.code) == (REFUSED, "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    assert ruled.message == "This record cannot be saved while its account is under review."


def test_a_locked_record_is_worth_another_try(connector: SalesforceConnector, practice: PracticeSalesforce) -> None:
    first, second = ids(practice, 2)
    practice.control(lock_rows=1)

    sent = connector.write("customers", [change(first, Phone="1"), change(second, Phone="1")])

    assert [one.answer for one in sent] == [BUSY, DONE]
    assert sent[0].code == "UNABLE_TO_LOCK_ROW"


@pytest.mark.requirement("F33")
def test_a_record_that_was_deleted_or_never_was_is_gone(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    [account] = ids(practice, 1)
    practice.delete("Account", account)

    sent = connector.write("customers", [change(account, Phone="1"), change("001Pr0000zzzzzzAAA", Phone="1")])

    assert [(one.answer, one.code) for one in sent] == [
        (GONE, "ENTITY_IS_DELETED"),
        (GONE, "INVALID_CROSS_REFERENCE_KEY"),
    ]


@pytest.mark.requirement("F33")
@pytest.mark.parametrize(("found", "answer"), [(True, REFUSED), (False, GONE)])
def test_an_unknown_id_that_may_be_another_records_is_looked_up_before_the_link_goes(
    found: bool, answer: Answer
) -> None:
    account = "001000000000001AAA"
    border = Border(
        answer_of(recorded("update-sobject-collection")),
        Reply(body=[{"attributes": {"type": "Account"}, "Id": account} if found else None]),
    )
    moved = Row("Account", {"OwnerId": "005000000000009AAA"}, id=account, references=frozenset({"OwnerId"}))

    [sent] = write(client_at(border), [moved])

    assert (sent.answer, sent.code) == (answer, "INVALID_CROSS_REFERENCE_KEY")
    assert len(border.sent) == 2


@pytest.mark.requirement("F32")
def test_a_double_of_one_record_is_linked_and_of_several_is_not(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    account = ids(practice, 1)[0]
    one = practice.create("Contact", LastName="One", Email="one@double.example", AccountId=account)
    for name in ("Two", "Three"):
        practice.create("Contact", LastName=name, Email="two@double.example", AccountId=account)
    practice.control(duplicate_rules=["Contact.Email"])

    sent = connector.write(
        "contacts", [made(LastName="A", Email="one@double.example"), made(LastName="B", Email="two@double.example")]
    )

    assert [(answer.answer, answer.source_id) for answer in sent] == [(EXISTS, one), (REFUSED, "")]
    assert {answer.code for answer in sent} == {"DUPLICATES_DETECTED"}


@pytest.mark.requirement("F32")
def test_a_value_that_another_record_holds_links_a_new_one_and_refuses_a_known_one(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    unique = NewField("Vat", "VAT", {"type": "Text", "length": 30, "unique": True})
    add(connector, unique)
    holder, other = ids(practice, 2)
    connector.write("customers", [change(holder, Vat__c="FR1")])

    sent = connector.write("customers", [change(other, Vat__c="FR1"), made(Name="New", Vat__c="FR1")])

    assert [(answer.answer, answer.source_id) for answer in sent] == [(REFUSED, other), (EXISTS, holder)]
    assert sent[0].fields == ("Vat__c",)


@pytest.mark.parametrize(
    ("code", "message", "answer"),
    [
        ("DUPLICATE_VALUE", "duplicate value found: X__c duplicates value on record with id: 00Q000000000001", REFUSED),
        ("DUPLICATE_VALUE", "duplicate value found: X__c duplicates value on record with id: 001000000000001", EXISTS),
        ("UNKNOWN_EXCEPTION", "An unexpected error occurred.", REFUSED),
        ("SERVER_UNAVAILABLE", "", BUSY),
        ("ENTITY_IS_DELETED", "entity is deleted", REFUSED),
        ("SOMETHING_NEW", "Nobody knows it yet.", REFUSED),
    ],
)
def test_every_other_word_about_a_new_record_is_a_refusal(code: str, message: str, answer: Answer) -> None:
    result = {"success": False, "errors": [{"statusCode": code, "message": message, "fields": []}]}

    sent = verdict(Row("Account", {"Name": "x"}, prefix="001"), result)

    assert (sent.answer, sent.code, sent.message) == (answer, code, message)


@pytest.mark.requirement("F2")
def test_a_refused_call_is_the_wires_error_and_nobodys_refusal(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    [account] = ids(practice, 1)
    connector.described("customers")
    practice.control(daily_quota_exhausted=True)

    with pytest.raises(RateLimited) as limited:
        connector.write("customers", [change(account, Phone="1")])

    assert limited.value.daily


OUR_OWN = [
    "UNKNOWN_USER", "SEVERAL_USERS", "INACTIVE_OWNER_OR_USER", "DATE_WITHOUT_TIME", "TIME_IN_A_DATE", "TIME_WITHOUT_ZONE",
    "KEY_FIELD_GONE", "BULK_NEEDS_KEY", "NOT_PROCESSED", "FIELD_NOT_ALLOWED", "FIELD_HIDDEN", "FIELD_TAKEN",
]  # fmt: skip
OF_THE_WIRE = [
    "REQUIRED_FIELD_MISSING", "INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "STRING_TOO_LONG",
    "INVALID_EMAIL_ADDRESS", "NUMBER_OUTSIDE_VALID_RANGE", "MALFORMED_ID", "JSON_PARSER_ERROR", "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "DUPLICATE_VALUE", "DUPLICATES_DETECTED", "INVALID_CROSS_REFERENCE_KEY",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "FIELD_INTEGRITY_EXCEPTION", "UNABLE_TO_LOCK_ROW", "ENTITY_IS_DELETED",
]  # fmt: skip


@pytest.mark.parametrize("code", [*OUR_OWN, *OF_THE_WIRE])
def test_every_refusal_of_a_write_is_said_in_plain_words_with_its_cure(code: str) -> None:
    said = CAUSES[code]

    assert said.why
    # A record that is gone needs no repair.
    assert bool(said.cure) is (code != "ENTITY_IS_DELETED")


# --- As a real organisation answered


@pytest.mark.parametrize(
    ("name", "rows", "expected"),
    [
        ("update-sobject-collection", [Row("Account", {"Name": "x"}, id="001xx000003DHP0AAO")], [(GONE, "001xx000003DHP0AAO")]),
        ("create-sobject-collection", [Row("Account", {"Name": "x"})], [(DONE, "001dM00003kS2ndQAC")]),
    ],
)  # fmt: skip
def test_recorded_answers_are_understood(name: str, rows: list[Row], expected: list[tuple[Answer, str]]) -> None:
    recording = recorded(name)
    border = Border(answer_of(recording))

    sent = write(client_at(border), rows)

    assert [(one.answer, one.source_id) for one in sent] == expected
    asked, theirs = body_of(border), recording["request"]["data"]
    assert border.sent[0].method == recording["request"]["method"]
    assert (border.sent[0].path_url or "").endswith("/composite/sobjects")
    assert asked["allOrNone"] is theirs["allOrNone"]
    assert [next(iter(one)) for one in asked["records"]] == [next(iter(one)) for one in theirs["records"]]


@pytest.mark.parametrize(
    ("name", "method", "path"),
    [
        ("cci_collections_update", "PATCH", "/composite/sobjects"),
        ("cci_collections_upsert_by_id", "PATCH", "/composite/sobjects/Contact/Email"),
    ],
)
def test_recorded_batches_are_answered_each_in_its_place(name: str, method: str, path: str) -> None:
    talks = [one for one in recorded(name) if "request" in one and one["request"]["method"] == method]
    for talk in talks:
        given = talk["request"]["data"]["records"]
        border = Border(Reply(talk["response"]["status"], talk["response"]["body"]))

        sent = write(client_at(border), [row_of(record, by_email=path.endswith("Email")) for record in given])

        assert (border.sent[0].path_url or "").endswith(path)
        assert sorted(map(str, body_of(border)["records"])) == sorted(str(typed_first(one)) for one in given)
        # The answers stand in the order in which the rows were sent, which is not the order in which they were given.
        order = [given.index(untyped(one, given)) for one in body_of(border)["records"]]
        assert [sent[place].source_id for place in order] == [one["id"] for one in talk["response"]["body"]]
        assert {one.answer for one in sent} == {DONE}
    assert talks


# --- Helpers


def add_more_types(connector: SalesforceConnector) -> None:
    add(connector, NewField("Signed_At", "Signed at", {"type": "DateTime"}))
    add(connector, NewField("Tags", "Tags", {**picklist("Alpha", "Beta", "Gamma"), "type": "MultiselectPicklist"}))


def add(connector: SalesforceConnector, wanted: NewField) -> None:
    create_field(connector.client, "Account", replace(wanted, kinds=frozenset(Kind)))
    connector.schema("customers")


def picklist(*values: str, restricted: bool = False) -> dict[str, Any]:
    listed = [{"fullName": value, "label": value, "default": False} for value in values]
    return {
        "type": "Picklist",
        "valueSet": {"restricted": restricted, "valueSetDefinition": {"sorted": False, "value": listed}},
    }


def pages_of_ids(practice: PracticeSalesforce) -> Iterator[list[dict[str, Any]]]:
    after = "001000000000000AAA"
    while page := practice.query(f"SELECT Id FROM Account WHERE Id > '{after}' ORDER BY Id LIMIT 2000"):
        yield page
        after = page[-1]["Id"]


def body_of(border: Border, place: int = 0) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(border.sent[place].body or b"")
    return body


def row_of(record: dict[str, Any], *, by_email: bool) -> Row:
    columns = {name: value for name, value in record.items() if name not in {"attributes", "Id"}}
    if by_email:
        return Row("Contact", columns, key=columns.pop("Email"), key_field="Email", key_finds=True)
    return Row(record["attributes"]["type"], columns, id=record["Id"])


def typed_first(record: dict[str, Any]) -> dict[str, Any]:
    named = {"Id": record["Id"]} if "Id" in record else {}
    last = {"Email": record["Email"]} if "Email" in record else {}
    rest = {name: value for name, value in record.items() if name not in {"attributes", "Id", "Email"}}
    return {"attributes": record["attributes"], **named, **rest, **last}


def untyped(sent: dict[str, Any], given: list[dict[str, Any]]) -> dict[str, Any]:
    return next(record for record in given if dict(record) == sent)
