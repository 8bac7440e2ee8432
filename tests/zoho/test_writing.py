from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from integrations.engine.values import Value
from integrations.rehearsal.practice_zoho import PracticeZoho
from integrations.sync.connector import Answer, Send
from integrations.wire.errors import Misconfigured, RateLimited, Transient
from integrations.zoho.connector import ZohoConnector
from integrations.zoho.models import ZohoConnection

from .conftest import signed_in

DONE, REFUSED, EXISTS, GONE = Answer.DONE, Answer.REFUSED, Answer.EXISTS, Answer.GONE
KEY = "Skalin_Sync_ID"


def change(source_id: str, **values: Value) -> Send:
    return Send(source_id=source_id, values=values)


def made(key: str = "", **values: Value) -> Send:
    return Send(key=key, values=values)


def body(practice: PracticeZoho, record_id: str, module: str = "Accounts") -> dict[str, Any]:
    with practice.store.transaction():
        found = practice.store.get(module, record_id)
    assert found is not None
    return found.body


def ids(practice: PracticeZoho, number: int, module: str = "Accounts") -> list[str]:
    with practice.store.transaction():
        return [one.id for one in practice.store.find(module)][:number]


def named(practice: PracticeZoho, name: str) -> list[str]:
    with practice.store.transaction():
        return [one.id for one in practice.store.find("Accounts") if one.body["Account_Name"] == name]


# --- What is written, and in how many calls


@pytest.mark.requirement("R4", "R8")
def test_updates_of_one_batch_are_one_call_answered_in_their_order(
    connector: ZohoConnector, practice: PracticeZoho
) -> None:
    first, second = ids(practice, 2)
    connector.described("customers")
    practice.forget_calls()

    sent = connector.write(
        "customers", [change(second, Phone="2"), change(first, Website=None, Account_Name="Changed")]
    )

    assert [(one.answer, one.source_id) for one in sent] == [(DONE, second), (DONE, first)]
    assert body(practice, second)["Phone"] == "2"
    assert (body(practice, first).get("Website"), body(practice, first)["Account_Name"]) == (None, "Changed")
    assert practice.calls() == {"update": 1}


def test_a_thousand_updates_take_ten_calls(small_practice: Callable[..., PracticeZoho], db: None) -> None:
    practice = small_practice(1000, contacts_per=0)
    connector = ZohoConnector(signed_in(practice))
    known = ids(practice, 1000)
    practice.forget_calls()

    answers = connector.write("customers", [change(one, Phone="1") for one in known])

    assert {one.answer for one in answers} == {DONE}
    assert practice.calls() == {"fields": 1, "update": 10}


def test_values_leave_by_their_types(connector: ZohoConnector, practice: PracticeZoho) -> None:
    [one] = ids(practice, 1)
    with practice.store.transaction():
        user = next(u for u in practice.store.find("users") if u.body["status"] == "active")

    values: dict[str, Value] = {
        "Annual_Spend": Decimal("1200.50"), "Seats": 7, "Is_Strategic": None, "Renewal_Date": date(2026, 3, 29),
        "Last_Health_Check": datetime(2026, 1, 5, 8, 0, 0, 999, tzinfo=UTC), "Markets": ("EMEA", "APAC"),
        "CSM.email": user.body["email"].upper(), "Lifecycle_Stage": "Adoption", "Website": "aldervale.example",
    }  # fmt: skip
    [sent] = connector.write("customers", [Send(one, values=values)])

    assert (sent.answer, sent.message) == (DONE, "")
    stored = body(practice, one)
    assert {name.removesuffix(".email"): stored.get(name.removesuffix(".email")) for name in values} == {
        "Annual_Spend": 1200.5, "Seats": 7, "Is_Strategic": False, "Renewal_Date": "2026-03-29",
        "Last_Health_Check": "2026-01-05T08:00:00.000Z", "Markets": ["EMEA", "APAC"], "CSM": user.id,
        "Lifecycle_Stage": "Adoption", "Website": "aldervale.example",
    }  # fmt: skip


@pytest.mark.parametrize(("values", "code"), [
    ({"Renewal_Date": datetime(2026, 1, 1, tzinfo=UTC)}, "TIME_IN_A_DATE"),
    ({"Last_Health_Check": date(2026, 1, 1)}, "DATE_WITHOUT_TIME"),
    ({"Seats": Decimal("1.5")}, "FRACTION_IN_A_WHOLE"),
    ({"Owner.email": "nobody@aldervale.example"}, "UNKNOWN_USER"),
    ({"Account_Name": None}, "MANDATORY_NOT_FOUND"),
    ({"Phone": "1" * 40}, "INVALID_DATA"),
    ({"Billed_To": "123"}, "INVALID_DATA"),
])  # fmt: skip
def test_what_cannot_be_written_refuses_its_own_record_only(
    connector: ZohoConnector, practice: PracticeZoho, values: dict[str, Value], code: str
) -> None:
    bad, good = ids(practice, 2)

    refused, done = connector.write("customers", [Send(bad, values=values), change(good, Phone="2")])

    assert (refused.answer, refused.code, refused.source_id) == (REFUSED, code, bad)
    assert refused.fields
    assert done.answer is DONE


def test_inactive_colleague_is_refused_by_name(connector: ZohoConnector, practice: PracticeZoho) -> None:
    [one] = ids(practice, 1)
    with practice.store.transaction():
        left = next(user.body["email"] for user in practice.store.find("users") if user.body["status"] != "active")

    [sent] = connector.write("customers", [Send(one, values={"CSM.email": left})])

    assert (sent.answer, sent.code) == (REFUSED, "INACTIVE_USER")
    assert left in sent.message


def test_field_that_zoho_would_pass_over_is_not_sent(connector: ZohoConnector, practice: PracticeZoho) -> None:
    [one] = ids(practice, 1)
    practice.control(remove_fields=["Accounts.Segment"])

    with pytest.raises(Misconfigured) as refused:
        connector.write("customers", [change(one, Segment="Enterprise")])

    assert (refused.value.code, refused.value.fields) == ("FIELD_GONE", ("Segment",))


# --- Made, once


def test_creates_with_a_key_are_made_once_however_often_they_are_sent(
    connector: ZohoConnector, practice: PracticeZoho
) -> None:
    assert connector.create_key_field("customers") == KEY
    sends = [made("skalin-1", Account_Name="Made here"), made("skalin-2", Account_Name="Made here too")]

    first = connector.write("customers", sends, key_field=KEY)
    again = connector.write("customers", sends, key_field=KEY)

    assert [one.answer for one in (*first, *again)] == [DONE] * 4
    assert [one.source_id for one in first] == [one.source_id for one in again]
    assert len(named(practice, "Made here")) == 1
    assert connector.find_by_key("customers", KEY, ["skalin-2", "other"]) == {"skalin-2": first[1].source_id}


@pytest.mark.requirement("F5")
@pytest.mark.parametrize("key", ["skalin-1", ""])
def test_create_whose_answer_is_lost_is_never_repeated_unasked(
    connector: ZohoConnector, practice: PracticeZoho, key: str
) -> None:
    """The second time it may be refused, although the first time made it: by its key it is found."""
    connector.create_key_field("customers")
    connector.described("customers")
    practice.control(reset=1, kinds=["insert"])

    with pytest.raises(Transient) as lost:
        connector.write("customers", [made(key, Account_Name="Once")], key_field=KEY)

    assert lost.value.sent
    [there] = named(practice, "Once")
    assert connector.find_by_key("customers", KEY, ["skalin-1"]) == ({"skalin-1": there} if key else {})


def test_record_with_the_same_unique_value_is_linked_and_never_overwritten(
    connector: ZohoConnector, practice: PracticeZoho
) -> None:
    connector.create_key_field("customers")
    there = practice.create("Accounts", Account_Name="There already", External_Key="E-1", Phone="1")

    send = made("skalin-1", Account_Name="Made here", External_Key="E-1", Phone="2")
    [sent] = connector.write("customers", [send], key_field=KEY)

    assert (sent.answer, sent.source_id) == (EXISTS, there)
    assert body(practice, there)["Phone"] == "1"
    assert not named(practice, "Made here")


def test_equal_names_are_two_records(connector: ZohoConnector, practice: PracticeZoho) -> None:
    connector.create_key_field("customers")
    practice.create("Accounts", Account_Name="Twin")

    [sent] = connector.write("customers", [made("skalin-1", Account_Name="Twin")], key_field=KEY)

    assert sent.answer is DONE
    assert len(named(practice, "Twin")) == 2


def test_contact_is_made_under_its_account(connector: ZohoConnector, practice: PracticeZoho) -> None:
    [account] = ids(practice, 1)

    [sent] = connector.write("contacts", [made(Last_Name="New", **{"@customer": account})])

    assert body(practice, sent.source_id, "Contacts")["Account_Name"] == account


@pytest.mark.requirement("R60")
def test_key_field_is_made_once_and_unique(connector: ZohoConnector, practice: PracticeZoho) -> None:
    first, again = connector.create_key_field("contacts"), connector.create_key_field("contacts")

    assert first == again == KEY
    assert practice.calls()["fields_create"] == 1
    found = connector.schema("contacts").get(KEY)
    assert found is not None
    assert found.is_id


@pytest.mark.parametrize(("prepare", "code"), [
    ({"denied": ["Crm_Implied_Customize_Zoho_CRM"]}, "FIELD_NOT_ALLOWED"),
    ({"add_fields": {"Accounts": [{"name": "Other", "label": "Other", "unique": True}]}}, "FIELD_NOT_ALLOWED"),
    ({"add_fields": {"Accounts": [{"name": "Taken", "label": "Skalin Sync ID", "type": "date"}]}}, "FIELD_TAKEN"),
    ({"add_fields": {"Accounts": [{"name": "Taken", "label": "Skalin Sync ID"}]}}, "FIELD_TAKEN"),
])  # fmt: skip
def test_key_field_that_cannot_be_made_says_what_to_do(
    connector: ZohoConnector, practice: PracticeZoho, prepare: dict[str, Any], code: str
) -> None:
    practice.control(**prepare)

    with pytest.raises(Misconfigured) as refused:
        connector.create_key_field("customers")

    assert refused.value.code == code


def test_key_field_that_is_gone_stops_before_anything_is_made(connector: ZohoConnector, practice: PracticeZoho) -> None:
    with pytest.raises(Misconfigured) as refused:
        connector.write("customers", [made("skalin-1", Account_Name="Made here")], key_field=KEY)

    assert refused.value.code == "KEY_FIELD_GONE"
    assert practice.calls()["insert"] == 0


# --- What goes, what is gone, what is locked


def test_deleted_ones_go_and_one_that_is_gone_already_is_no_failure(
    connector: ZohoConnector, practice: PracticeZoho
) -> None:
    first, second = ids(practice, 2)
    practice.delete("Accounts", second)

    sent = connector.write("customers", [Send(first, delete=True), Send(second, delete=True)])

    assert [(one.answer, one.source_id) for one in sent] == [(DONE, first), (DONE, second)]
    assert not {first, second} & set(ids(practice, 10_000))


def test_record_that_is_gone_is_told_apart_from_one_that_a_rule_refuses(
    connector: ZohoConnector, practice: PracticeZoho
) -> None:
    gone, there = ids(practice, 2)
    practice.delete("Accounts", gone)
    practice.control(reject_every=1)

    sent = connector.write("customers", [change(gone, Phone="1"), change(there, Phone="1")])

    assert [(one.answer, one.source_id) for one in sent] == [(GONE, gone), (REFUSED, there)]


def test_locked_record_waits(connector: ZohoConnector, practice: PracticeZoho) -> None:
    [one] = ids(practice, 1)
    practice.control(lock_records=1)

    [sent] = connector.write("customers", [change(one, Phone="1")])

    assert (sent.answer, sent.code) == (REFUSED, "RECORD_LOCKED")
    assert sent.code in connector.abilities.waiting_codes


# --- Limits


def test_too_many_calls_at_one_time_are_waited_out(connector: ZohoConnector, practice: PracticeZoho) -> None:
    [one] = ids(practice, 1)
    practice.control(concurrent_limit=1)

    [sent] = connector.write("customers", [change(one, Phone="1")])

    assert sent.answer is DONE


def test_spent_credits_are_handed_to_the_runner(connection: ZohoConnection, practice: PracticeZoho) -> None:
    connection.credits_limit = 70_000
    practice.control(quota_used=70_000)

    with pytest.raises(RateLimited) as spent:
        ZohoConnector(connection).whoami()

    assert spent.value.daily


def test_credits_are_known_from_half_of_the_day_on(connection: ZohoConnection, practice: PracticeZoho) -> None:
    connection.credits_limit = 70_000
    connector = ZohoConnector(connection, interactive=True)
    connector.whoami()
    before = connector.quota
    practice.control(quota_used=50_000)

    connector.whoami()

    assert before is None
    assert connector.quota is not None
    assert (connector.quota.used, connector.quota.limit) == (50_001, 70_000)


def test_an_app_that_is_no_longer_let_in_says_so(connection: ZohoConnection, practice: PracticeZoho) -> None:
    practice.control(expire_sessions=True)
    connection.organisation_number = "999"

    with pytest.raises(Misconfigured) as refused:
        ZohoConnector(connection).whoami()

    assert refused.value.code == "invalid_soid"
