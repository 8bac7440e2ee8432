from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from integrations.hub.models import Customer
from integrations.rehearsal.practice_zoho import PracticeZoho
from integrations.sync import runs
from integrations.sync.connector import How, Read
from integrations.sync.models import Block, FieldMapping, RecordLink, Run
from integrations.sync.runner.drive import drive
from integrations.wire.errors import Misconfigured
from integrations.zoho.connector import ZohoConnector
from integrations.zoho.models import ZohoConnection

from .conftest import signed_in
from .reading_all import all_of, ids_of, pages_of, records_of

TYPES = {"Customer", "Reseller"}


def stored(practice: PracticeZoho, module: str = "Accounts") -> dict[str, dict[str, Any]]:
    with practice.store.transaction():
        return {one.id: one.body for one in practice.store.find(module)}


def choose(connection: ZohoConnection, **columns: Any) -> ZohoConnector:
    for name, value in columns.items():
        setattr(connection, name, value)
    connection.save()
    return ZohoConnector(connection)


@pytest.mark.requirement("C2")
@pytest.mark.parametrize("how", [How.ALL, How.BY_ID])
def test_who_changed_a_record_last_comes_with_its_values_and_costs_no_call_more(
    connector: ZohoConnector, practice: PracticeZoho, how: How
) -> None:
    record_id = next(iter(stored(practice)))
    read = Read("customers", how, ("Account_Name",), ids=(record_id,))
    plain = records_of(connector, read)
    calls = sum(practice.calls().values())
    practice.forget_calls()
    users = {user.id: user.name for user in connector.people_known.users}
    practice.forget_calls()

    told = records_of(connector, replace(read, asks_who=True))

    assert told[record_id].changed_by == users[stored(practice)[record_id]["Modified_By"]]
    assert told[record_id].changed_by
    assert plain[record_id].changed_by == ""
    assert told[record_id].values == plain[record_id].values
    assert sum(practice.calls().values()) <= calls


# --- Scope


@pytest.mark.requirement("R105", "R106", "R116")
def test_without_a_type_every_account_comes_in_and_every_contact_of_one(
    connector: ZohoConnector, practice: PracticeZoho
) -> None:
    contacts = {one for one, body in stored(practice, "Contacts").items() if body.get("Account_Name")}

    assert ids_of(connector, "customers") == set(stored(practice))
    assert ids_of(connector, "contacts") == contacts
    assert len(contacts) < len(stored(practice, "Contacts"))


@pytest.mark.requirement("R105", "R116", "R28")
def test_chosen_types_limit_accounts_and_their_contacts(connection: ZohoConnection, practice: PracticeZoho) -> None:
    connector = choose(connection, account_types="Customer;Reseller")
    accounts = {one for one, body in stored(practice).items() if body.get("Account_Type") in TYPES}
    contacts = {one for one, body in stored(practice, "Contacts").items() if body.get("Account_Name") in accounts}

    assert ids_of(connector, "customers") == accounts
    assert ids_of(connector, "contacts") == contacts
    assert set(records_of(connector, all_of(connector, "contacts"))) == contacts


@pytest.mark.requirement("R112", "X17")
@pytest.mark.parametrize(
    ("field", "values", "holds"),
    [
        ("Markets", "APAC;Americas", lambda body: bool({"APAC", "Americas"} & set(body.get("Markets") or ()))),
        ("Is_Strategic", "true", lambda body: body.get("Is_Strategic") is True),
        ("Lifecycle_Stage", "Onboarding", lambda body: body.get("Lifecycle_Stage") == "Onboarding"),
        ("Seats", "5", lambda body: body.get("Seats") == 5),
    ],
)
def test_filter_holds_beside_the_types_for_accounts_and_what_hangs_on_them(
    connection: ZohoConnection, practice: PracticeZoho, field: str, values: str, holds: Callable[[Any], bool]
) -> None:
    one = next(key for key, body in stored(practice).items() if body.get("Account_Type") == "Customer")
    practice.edit("Accounts", one, Seats=5)
    connector = choose(connection, account_types="Customer", filter_field=field, filter_values=values)
    accounts = {key for key, body in stored(practice).items() if body.get("Account_Type") == "Customer" and holds(body)}
    contacts = {key for key, body in stored(practice, "Contacts").items() if body.get("Account_Name") in accounts}

    assert accounts
    assert ids_of(connector, "customers") == accounts
    assert ids_of(connector, "contacts") == contacts


def test_value_with_a_quote_is_one_value_and_no_condition(connection: ZohoConnection, practice: PracticeZoho) -> None:
    odd = "O'Neil') or (id is not null"
    one = practice.create("Accounts", Account_Name="Odd", Account_Type=odd)

    assert ids_of(choose(connection, account_types=odd), "customers") == {one}


@pytest.mark.requirement("R111")
def test_filter_field_that_is_gone_stops_the_reading_instead_of_emptying_it(
    connection: ZohoConnection, practice: PracticeZoho
) -> None:
    connector = choose(connection, filter_field="Segment", filter_values="Enterprise")
    practice.control(remove_fields=["Accounts.Segment"])

    with pytest.raises(Misconfigured) as refused:
        connector.read(Read("customers", How.IDS))

    assert (refused.value.code, refused.value.fields) == ("FILTER_FIELD_GONE", ("Segment",))


def test_contact_view_narrows_contacts_down_by_its_own_criteria(
    connection: ZohoConnection, practice: PracticeZoho, view_named: Callable[[str], str]
) -> None:
    connector = choose(connection, contact_view=view_named("Skalin Contacts"))
    wanted = {
        one for one, body in stored(practice, "Contacts").items() if body.get("Account_Name") and body.get("Role")
    }

    assert ids_of(connector, "contacts") == wanted
    assert connector.count_contacts(connection.contact_view).total == len(wanted)


@pytest.mark.parametrize("criteria", [
    {"comparator": "equal", "field": {"api_name": "Owner"}, "value": "${CURRENTUSER}"},
    {"comparator": "contains", "field": {"api_name": "Description"}, "value": "x"},
    {"comparator": "sounds_like", "field": {"api_name": "Email"}, "value": "x"},
])  # fmt: skip
def test_view_that_no_query_can_say_is_refused(
    connection: ZohoConnection, practice: PracticeZoho, view_named: Callable[[str], str], criteria: dict[str, Any]
) -> None:
    wanted = view_named("Skalin Contacts")
    with practice.store.transaction():
        [view] = practice.store.find("_view", "id = ?", (wanted,))
        view.body["criteria"] = criteria
        practice.store.save(view)

    with pytest.raises(Misconfigured) as refused:
        choose(connection, contact_view=wanted).read(Read("contacts", How.IDS))

    assert refused.value.code == "view-unusable"


def test_view_that_is_gone_is_no_empty_view(
    connection: ZohoConnection, practice: PracticeZoho, view_named: Any
) -> None:
    connector = choose(connection, contact_view=view_named("Skalin Contacts"), contact_view_label="Skalin Contacts")
    practice.control(delete_view="Skalin Contacts")

    with pytest.raises(Misconfigured) as refused:
        connector.read(Read("contacts", How.IDS))

    assert refused.value.code == "view-gone"
    assert [lost.label for lost in ZohoConnector(connection).lost_views()] == ["Skalin Contacts"]


# --- Values


def test_values_come_by_their_types(connector: ZohoConnector, practice: PracticeZoho) -> None:
    owner = next(iter(stored(practice, "users")))
    one = practice.create(
        "Accounts", Account_Name="Żółć 北京", Lifecycle_Stage="Onboarding", Markets=["EMEA", "APAC"], Is_Strategic=True,
        Annual_Spend=1200.5, Seats=12, Renewal_Date="2026-03-29", Last_Health_Check="2026-01-05T09:00:00+01:00", CSM=owner,
        Account_Number="123456789012345678", Billed_To=next(iter(stored(practice))),
    )  # fmt: skip
    fields = (
        "Account_Name", "Lifecycle_Stage", "Markets", "Is_Strategic", "Annual_Spend", "Seats", "Renewal_Date",
        "Last_Health_Check", "CSM.email", "Account_Number", "Billed_To", "Website", "Monthly_Spend",
    )  # fmt: skip

    record = records_of(connector, Read("customers", How.BY_ID, fields, ids=(one,)))[one]

    assert dict(record.values) == {
        "Account_Name": "Żółć 北京", "Lifecycle_Stage": "Onboarding", "Markets": ("EMEA", "APAC"), "Is_Strategic": True,
        "Annual_Spend": Decimal("1200.5"), "Seats": 12, "Renewal_Date": date(2026, 3, 29),
        "Last_Health_Check": datetime(2026, 1, 5, 8, tzinfo=UTC), "CSM.email": stored(practice, "users")[owner]["email"],
        "Account_Number": 123456789012345678, "Billed_To": next(iter(stored(practice))), "Website": None,
        "Monthly_Spend": Decimal("100.04"),
    }  # fmt: skip
    assert (record.name, record.parent_id) == ("Żółć 北京", "")


def test_long_rich_text_comes_whole(connector: ZohoConnector, practice: PracticeZoho) -> None:
    long, short = "x" * 499 + "y" * 200, "short"
    ids = [practice.create("Accounts", Account_Name="A", Onboarding_Notes=text) for text in (long, short)]
    connector.described("customers")
    practice.forget_calls()

    found = connector.read(Read("customers", How.BY_ID, ("Onboarding_Notes",), ids=tuple(ids))).records

    assert {one.values["Onboarding_Notes"] for one in found} == {long, short}
    assert practice.calls() == {"coql": 1, "read": 1}


def test_more_fields_than_a_query_shows_come_in_two_queries_of_the_same_rows(
    connector: ZohoConnector, practice: PracticeZoho
) -> None:
    fields = tuple(one.path for one in connector.schema("customers").fields if one.path != "id")
    practice.forget_calls()

    [page] = list(pages_of(connector, all_of(connector, "customers", *fields)))

    assert len(fields) > 50
    assert practice.calls()["coql"] == 2
    names = {one.source_id: one.values["Account_Name"] for one in page.records}
    assert names == {one: body["Account_Name"] for one, body in stored(practice).items()}
    assert {one.values["Website"] for one in page.records} == {
        body.get("Website") for body in stored(practice).values()
    }


# --- Parts of it


def test_delta_brings_what_changed_and_says_of_each_whether_it_belongs(
    connection: ZohoConnection, practice: PracticeZoho
) -> None:
    connector = choose(connection, account_types="Customer")
    inside, outside = (
        next(one for one, body in stored(practice).items() if body.get("Account_Type") == kind)
        for kind in ("Customer", "Prospect")
    )
    practice.control(clock_offset=3600)
    for one in (inside, outside):
        practice.edit("Accounts", one, Phone="1")
    now = connector.whoami().clock
    practice.forget_calls()
    read = Read("customers", How.CHANGED, ("Phone",), now - timedelta(minutes=10), now + timedelta(seconds=1))

    found = connector.read(read)

    assert {one.source_id: one.is_inside for one in found.records} == {inside: True, outside: False}
    # What changed, and which of it belongs.
    assert practice.calls() == {"fields": 1, "coql": 2}


def test_quiet_delta_asks_nobody_about_users(connector: ZohoConnector, practice: PracticeZoho) -> None:
    now = connector.whoami().clock
    connector.described("customers")
    practice.forget_calls()
    read = Read("customers", How.CHANGED, ("Owner.email",), now + timedelta(minutes=1), now + timedelta(minutes=2))

    assert connector.read(read).records == []
    assert practice.calls() == {"coql": 1}


def test_delta_of_many_costs_two_hundred_rows_first_and_two_thousand_after(
    small_practice: Callable[..., PracticeZoho], db: None
) -> None:
    practice = small_practice(450, contacts_per=0)
    connector = ZohoConnector(signed_in(practice))
    read = Read("customers", How.CHANGED, (), datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))

    pages = [len(page.records) for page in pages_of(connector, read)]

    assert pages == [200, 250]


def test_dependents_of_many_accounts_take_few_queries(small_practice: Callable[..., PracticeZoho], db: None) -> None:
    practice = small_practice(1200, contacts_per=1)
    connector = ZohoConnector(signed_in(practice))
    accounts = tuple(stored(practice))
    practice.forget_calls()

    found = [
        one
        for page in pages_of(connector, Read("contacts", How.DEPENDENTS, ("Email",), ids=accounts))
        for one in page.records
    ]

    assert {one.customer_ids[0] for one in found} == set(accounts)
    assert practice.calls()["coql"] == 3


def test_deleted_records_are_told_with_their_moment_and_asked_about_by_name(
    connector: ZohoConnector, practice: PracticeZoho
) -> None:
    one, other, *_ = stored(practice)
    now = connector.whoami().clock
    practice.control(clock_offset=3600)
    practice.delete("Accounts", one)
    practice.control(empty_bin=["Accounts"])
    practice.delete("Accounts", other)
    later = connector.whoami().clock + timedelta(seconds=5)

    told = connector.read(Read("customers", How.DELETED, since=now, until=later))
    asked = connector.read(Read("customers", How.DELETED, ids=(one, "123")))
    quiet = connector.read(Read("customers", How.DELETED, since=later, until=later + timedelta(minutes=1)))

    assert {gone.source_id for gone in told.gone} == {one, other}
    assert all(gone.deleted_at and now <= gone.deleted_at <= later for gone in told.gone)
    assert [gone.source_id for gone in asked.gone] == [one]
    assert quiet.gone == []


def test_more_deletions_than_a_page_are_all_told(small_practice: Callable[..., PracticeZoho], db: None) -> None:
    practice = small_practice(450, contacts_per=0)
    connector = ZohoConnector(signed_in(practice))
    now = connector.whoami().clock
    accounts = list(stored(practice))
    for one in accounts[:420]:
        practice.delete("Accounts", one)
    read = Read("customers", How.DELETED, since=now - timedelta(minutes=5), until=now + timedelta(minutes=5))

    assert {gone.source_id for page in pages_of(connector, read) for gone in page.gone} == set(accounts[:420])


@pytest.mark.requirement("R19", "R21")
def test_parent_comes_only_where_the_hierarchy_is_kept(connection: ZohoConnection, practice: PracticeZoho) -> None:
    child, parent = next(
        (one, body["Parent_Account"]) for one, body in stored(practice).items() if body.get("Parent_Account")
    )

    without = records_of(ZohoConnector(connection), all_of(ZohoConnector(connection), "customers"))
    connector = choose(connection, keep_hierarchy=True)
    with_it = records_of(connector, all_of(connector, "customers"))

    assert (without[child].parent_id, with_it[child].parent_id) == ("", parent)


# --- Through the runner


@pytest.mark.requirement("R16", "R17", "R111")
@pytest.mark.parametrize("why", ["deleted", "another type"])
def test_account_that_is_deleted_or_of_another_type_churns_and_stays_readable(
    small_practice: Callable[..., PracticeZoho], db: None, why: str
) -> None:
    practice = small_practice(20, contacts_per=0)
    for one in stored(practice):
        practice.edit("Accounts", one, Account_Type="Customer")
    connection = signed_in(practice, state="on", churn_missing=True, account_types="Customer")
    block = Block.objects.create(connection=connection, object="customers", mode="input", merge_keys=["ref_id"])
    for hub, crm in {"ref_id": "id", "name": "Account_Name"}.items():
        FieldMapping.objects.create(block=block, hub_field=hub, crm_field=crm, crm_label=crm)
    sync(connection)
    one = next(iter(stored(practice)))
    practice.control(clock_offset=900)
    if why == "deleted":
        practice.delete("Accounts", one)
    else:
        practice.edit("Accounts", one, Account_Type="Prospect")
    practice.control(clock_offset=1200)

    sync(connection)

    link = RecordLink.objects.get(source_id=one)
    assert link.hub_id is not None
    customer = Customer.objects.get(pk=link.hub_id)
    assert customer.stage.is_churn
    assert Customer.objects.filter(stage__is_churn=True).count() == 1


def sync(connection: ZohoConnection) -> None:
    run = runs.request_run(connection, Run.Kind.DELTA, by="Inès")
    drive(run, 60.0)
    run.refresh_from_db()
    assert run.state == Run.State.DONE, run.reason_params
