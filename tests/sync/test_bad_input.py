"""Everything that a real org can do to a sync, against the practice Salesforce: the right row, its cause and its cure."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from integrations.hub.models import Contact, CsmOwner, Customer
from integrations.rehearsal.awkward import COMPANIES
from integrations.rehearsal.practice import PracticeSalesforce
from integrations.rehearsal.world import Company
from integrations.salesforce.connector import SalesforceConnector
from integrations.salesforce.models import SYSTEM, SalesforceConnection
from integrations.salesforce.opening import open_session, sign_in_alone
from integrations.sync import credentials
from integrations.sync.models import Block, Change, ConnectionState, FieldMapping, RecordLink, Run
from integrations.sync.runner.drive import drive
from integrations.sync.runner.slice import run_slice
from integrations.sync.runs import request_run
from integrations.sync.words import cure, sentence
from tests.salesforce.conftest import every_account

SignIn, Environment = SalesforceConnection.SignIn, SalesforceConnection.Environment


@pytest.fixture
def practice(tmp_path: Path, settings: Settings) -> Iterator[Callable[..., PracticeSalesforce]]:
    """`practice(3)`: an org of so many accounts; `practice()`: the lifelike one with every awkward case."""
    opened: list[PracticeSalesforce] = []

    def make(accounts: int | None = None, **more: Any) -> PracticeSalesforce:
        crm = PracticeSalesforce(tmp_path, accounts, **more)
        opened.append(crm)
        settings.CRM_EXTRA_HOSTS = [crm.base_url.removeprefix("http://")]
        settings.SALESFORCE_CLIENT_ID = crm.credentials.client_id
        settings.SALESFORCE_CLIENT_SECRET = crm.credentials.client_secret
        return crm

    yield make
    for crm in opened:
        crm.__exit__(None, None, None)


def connected(crm: PracticeSalesforce, **columns: Any) -> SalesforceConnection:
    secrets = {"password": crm.credentials.password, "security_token": crm.credentials.security_token}
    connection = SalesforceConnection.objects.create(
        system=SYSTEM, name="Salesforce", slug="salesforce", base_url=crm.base_url, state="on",
        environment=Environment.DOMAIN,
        **{"sign_in": SignIn.PASSWORD, "username": crm.credentials.username, **every_account(crm), **columns},
    )  # fmt: skip
    for ability in map(SalesforceConnector.abilities.of, ("customers", "contacts")):
        block = Block.objects.create(
            connection=connection, object=ability.object, merge_keys=list(ability.default_keys)
        )
        for line in SalesforceConnector.default_lines(ability.object):
            FieldMapping.objects.create(block=block, **line)
    credentials.save(connection, secrets)
    assert credentials.store_for(connection).save(sign_in_alone(open_session(), connection, secrets), 1)
    return connection


def synced(connection: SalesforceConnection, kind: str = Run.Kind.DELTA) -> Run:
    connection.refresh_from_db()
    return drive(request_run(connection, kind, by="test"), 60)


def view_named(crm: PracticeSalesforce, connection: SalesforceConnection, label: str) -> str:
    return next(view.id for view in SalesforceConnector(connection).views("customers") if view.label == label)


def line(hub_field: str, crm_field: str, object_name: str = "customers") -> None:
    block = Block.objects.get(object=object_name)
    FieldMapping.objects.update_or_create(block=block, hub_field=hub_field, defaults={"crm_field": crm_field})


def explained(run: Run) -> bool:
    return bool(sentence(run.reason_code, run.reason_params) and cure(run.reason_code, run.reason_params))


def same_moment(crm: PracticeSalesforce) -> None:
    """As one mass update leaves them."""
    with crm.store.transaction():
        crm.store.execute('UPDATE "Account" SET "SystemModstamp" = (SELECT MAX("SystemModstamp") FROM "Account")')


@pytest.mark.requirement("C7")
def test_records_of_one_and_the_same_moment_all_arrive_and_reading_ends(
    db: None, practice: Callable[..., PracticeSalesforce]
) -> None:
    crm = practice(2100, contacts_per=0)
    same_moment(crm)
    connection = connected(crm)
    first = synced(connection)
    with crm.store.transaction():
        crm.store.execute('UPDATE "Account" SET "Name" = "Name" || \' (moved)\'')
    [row] = crm.query("SELECT Id, Name FROM Account LIMIT 1")
    crm.edit("Account", row["Id"], Name=row["Name"])
    same_moment(crm)
    crm.control(clock_offset=60)

    crm.forget_calls()
    again = synced(connection)

    assert (first.counts["customers.read"], Customer.objects.count()) == (2100, 2100)
    assert again.state == Run.State.DONE
    assert Customer.objects.filter(name__endswith=" (moved)").count() == 2100
    assert crm.calls()["query"] + crm.calls().get("more", 0) < 12


@pytest.mark.requirement("C8")
def test_sessions_that_end_in_the_middle_of_a_run_stop_nothing(
    db: None, practice: Callable[..., PracticeSalesforce]
) -> None:
    crm = practice(30)
    connection = connected(crm)
    crm.control(expire_after=3)

    run = synced(connection)

    assert (run.state, Customer.objects.count()) == (Run.State.DONE, 30)
    crm.control(expire_sessions=True, reset_password=True)
    stopped = synced(connection)
    queued = request_run(connection, by="test")
    assert stopped.reason_code == "needs-sign-in"
    assert explained(stopped)
    assert queued.state == Run.State.QUEUED


@pytest.mark.requirement("C20", "F24")
def test_one_record_told_many_times_over_is_taken_once(db: None, practice: Callable[..., PracticeSalesforce]) -> None:
    crm = practice(6, contacts_per=1)
    connection = connected(crm)
    run = request_run(connection, by="test")

    while run.is_active:
        # Each task is delivered twice, and the second reading begins inside the overlap of the first.
        run_slice(run.pk)
        run_slice(run.pk)
        run.refresh_from_db()
    for _ in range(2):
        synced(connection)

    links = RecordLink.objects.filter(object="customers")
    assert Customer.objects.count() == links.count() == links.values("source_id").distinct().count() == 6
    assert Change.objects.filter(object="customers").count() == 6


@pytest.mark.parametrize("fault", [{"reset_password": True}, {"expire_sessions": True, "password_expired": True}])
@pytest.mark.requirement("F10")
def test_password_that_no_longer_works_asks_for_a_sign_in(
    fault: dict[str, Any], db: None, practice: Callable[..., PracticeSalesforce]
) -> None:
    crm = practice(3)
    connection = connected(crm)
    synced(connection)
    crm.control(**fault)

    run = synced(connection)

    assert (run.state, run.reason_code) == (Run.State.FAILED, "needs-sign-in")
    assert explained(run)
    assert connection.live.health == ConnectionState.Health.SIGN_IN
    assert Customer.objects.count() == 3
    assert crm.credentials.password not in str(run.reason_params)


@pytest.mark.requirement("F10")
def test_wrong_token_asks_for_a_sign_in(db: None, practice: Callable[..., PracticeSalesforce]) -> None:
    crm = practice(3)
    connection = connected(crm)
    tokens, version = credentials.store_for(connection).load()
    credentials.save(connection, {"password": crm.credentials.password, "security_token": "wrong"})
    crm.control(expire_sessions=True)
    credentials.store_for(connection).save(tokens, version + 1)

    run = synced(connection)

    assert (run.state, run.reason_code, Customer.objects.exists()) == (Run.State.FAILED, "needs-sign-in", False)
    assert explained(run)
    assert connection.live.health == ConnectionState.Health.SIGN_IN


@pytest.mark.requirement("R61")
def test_org_without_api_access_stops_and_says_so(db: None, practice: Callable[..., PracticeSalesforce]) -> None:
    crm = practice(3)
    connection = connected(crm)
    crm.control(api_disabled=True)

    run = synced(connection)

    assert run.state == Run.State.FAILED
    assert run.reason_code in {"misconfigured", "needs-sign-in"}
    assert explained(run)


@pytest.mark.requirement("R62", "R68")
def test_deleted_view_is_never_read_as_an_empty_one(db: None, practice: Callable[..., PracticeSalesforce]) -> None:
    crm = practice()
    connection = connected(crm, churn_missing=True)
    view = view_named(crm, connection, "Active customers (CS)")
    SalesforceConnection.objects.update(account_view=view, account_view_label="Active customers (CS)")
    first = synced(connection)
    crm.control(delete_view=view)

    runs = [synced(connection), synced(connection, Run.Kind.FULL), synced(connection, Run.Kind.FULL)]

    assert first.state == Run.State.DONE
    assert {(run.state, run.reason_code) for run in runs} == {(Run.State.FAILED, "view-gone")}
    assert "Active customers (CS)" in sentence(runs[0].reason_code, runs[0].reason_params)
    assert not Change.objects.filter(action__in=["churn", "gone"]).exists()


@pytest.mark.requirement("F24")
def test_removed_field_rests_its_line(db: None, practice: Callable[..., PracticeSalesforce]) -> None:
    crm = practice(5)
    connection = connected(crm)
    synced(connection)
    crm.control(remove_fields=["Account.Website"])

    run = synced(connection)

    assert run.state == Run.State.DONE
    resting = FieldMapping.objects.exclude(suspended_code="")
    assert [(one.hub_field, one.suspended_code) for one in resting] == [("domain", "field-gone")]
    crm.control(restore_fields=["Account.Website"])
    assert synced(connection).state == Run.State.DONE
    assert not FieldMapping.objects.exclude(suspended_code="").exists()


@pytest.mark.requirement("F24")
def test_field_of_another_type_rests_its_line_and_the_others_go_on(
    db: None, practice: Callable[..., PracticeSalesforce]
) -> None:
    crm = practice(5)
    connection = connected(crm)
    line("pulse", "NumberOfEmployees")
    FieldMapping.objects.filter(hub_field="pulse").update(crm_type="int")
    [first, *_] = crm.query("SELECT Id, Name FROM Account ORDER BY Id")
    synced(connection)
    crm.control(retype_fields={"Account.NumberOfEmployees": "date"})
    crm.edit("Account", first["Id"], Name="Renamed")
    crm.control(clock_offset=60)

    run = synced(connection)

    assert (run.state, run.counts["customers.suspended"]) == (Run.State.DONE, 1)
    resting = FieldMapping.objects.exclude(suspended_code="")
    assert [(one.hub_field, one.suspended_code) for one in resting] == [("pulse", "field-type-changed")]
    assert cure("field-type-changed")
    assert Customer.objects.get(ref_id=first["Id"]).name == "Renamed"


@pytest.mark.requirement("F36", "X36")
def test_empty_view_churns_nobody(db: None, practice: Callable[..., PracticeSalesforce]) -> None:
    crm = practice()
    connection = connected(crm, churn_missing=True)
    view = view_named(crm, connection, "Onboarding 2026")
    SalesforceConnection.objects.update(account_view=view)
    first = synced(connection)
    crm.control(set_view_where={view: "Name = 'nobody has this name'"})

    runs = [synced(connection), synced(connection, Run.Kind.FULL)]

    assert first.counts["customers.create"] > 0
    assert {(run.state, run.reason_code) for run in runs} == {(Run.State.DONE, "empty-scope")}
    assert not Change.objects.filter(action__in=["churn", "gone"]).exists()


@pytest.mark.parametrize("number", [0, 1, 2001])
def test_view_of_any_size_comes_in_whole(number: int, db: None, practice: Callable[..., PracticeSalesforce]) -> None:
    crm = practice(number, contacts_per=1)
    connection = connected(crm)
    before = crm.calls()

    run = synced(connection)

    assert (run.state, Customer.objects.count(), Contact.objects.count()) == (Run.State.DONE, number, number)
    queries = crm.calls()["query"] - before["query"]
    assert queries <= 2 * max(1, -(-number // 2000)) + 5
    assert dict(Block.objects.values_list("object", "unexplained")) == {"customers": 0, "contacts": 0}


@pytest.mark.requirement("F32")
def test_two_accounts_with_one_customer_id_are_listed_and_neither_written(
    db: None, practice: Callable[..., PracticeSalesforce]
) -> None:
    crm = practice(4)
    connection = connected(crm)
    ids = [row["Id"] for row in crm.query("SELECT Id FROM Account ORDER BY Id")]
    for record_id, number in zip(ids, ("K-1", "K-1", "K-2", "K-3"), strict=True):
        crm.edit("Account", record_id, Customer_Number__c=number)
    line("ref_id", "Customer_Number__c")

    run = synced(connection)

    listed = Change.objects.filter(run_id=run.pk, object="customers", action="collision")
    assert {(row.source_id, row.reason_code, row.reason_params["value"]) for row in listed} == {
        (record_id, "claimed-by-several", "K-1") for record_id in ids[:2]
    }
    assert all(cure(row.reason_code, row.reason_params) for row in listed)
    assert sorted(Customer.objects.values_list("ref_id", flat=True)) == ["K-2", "K-3"]


def test_text_of_forty_thousand_characters_waits_and_is_not_cut(
    db: None, practice: Callable[..., PracticeSalesforce]
) -> None:
    crm = practice(3)
    connection = connected(crm)
    [record_id, *_] = [row["Id"] for row in crm.query("SELECT Id FROM Account ORDER BY Id")]
    crm.edit("Account", record_id, Onboarding_Notes__c="x" * 40_000)
    line("name", "Onboarding_Notes__c")
    crm.edit("Account", crm.query("SELECT Id FROM Account ORDER BY Id DESC")[0]["Id"], Onboarding_Notes__c="Short")

    run = synced(connection)

    assert run.state == Run.State.DONE
    row = Change.objects.get(run_id=run.pk, reason_code="too-long")
    assert (row.source_id, row.outcome, row.reason_params["length"]) == (record_id, "refused", 40_000)
    assert "40000 characters" in sentence(row.reason_code, row.reason_params)
    assert "Shorten it in Salesforce" in cure(row.reason_code, row.reason_params)
    assert RecordLink.objects.get(source_id=record_id).state == "failing"
    assert Customer.objects.filter(name="Short").exists()


@pytest.mark.requirement("F29", "F37", "I6", "I7")
def test_every_awkward_case_ends_explained_and_a_second_run_is_quiet(
    db: None, practice: Callable[..., PracticeSalesforce]
) -> None:
    crm = practice()
    connection = connected(crm, keep_hierarchy=True, churn_missing=True)
    line("stage", "Lifecycle_Stage__c")
    line("csm", "CSM__r.Email")

    first, second, third = synced(connection), synced(connection), synced(connection, Run.Kind.FULL)

    assert {run.state for run in (first, second, third)} == {Run.State.DONE}
    assert dict(Block.objects.values_list("object", "unexplained")) == {"customers": 0, "contacts": 0}
    assert not Change.objects.filter(run_id__in=[second.pk, third.pk]).exists()
    kept_out = RecordLink.objects.exclude(state="linked")
    assert kept_out.exists()
    assert all(sentence(one.reason_code, one.reason_params) and one.reason_code for one in kept_out)
    assert not Customer.objects.filter(parent__parent__isnull=False).exists()


TWINS = {"Ardenne Coffee", "Ardenne Coffee Roasters"}
DOMAINS = {
    "Corvid Media": "corvid.example",
    "Corvid Media Nordics": "corvid.example",
    "Delphine Fleurs": "gmail.com",
    "Bücherei Nord": "xn--bcherei-nord-dlb.example",
    "Punycode Press": "xn--bcherei-nord-dlb.example",
    "Path and Query": "shop.path-query.example",
    "No such site": "",
    "Blank site": "",
    "Trailing dot": "trailing-dot.example",
    "<script>alert('hello')</script>": "",
}
PARENTS = {
    "Meridian Europe": "Meridian Holding",
    "Meridian France": "Meridian Holding",
    "Meridian Lyon": "Meridian Holding",
    "Sundial Benelux": "Sundial Group (prospect)",
    "Ouroboros West": "Ouroboros East",
    "Ouroboros East": None,
    "Narcissus Mirrors": None,
    "Meridian Holding": None,
}


@pytest.mark.requirement("F29", "F32", "F37")
def test_each_awkward_company_ends_in_a_row_that_says_why(
    db: None, practice: Callable[..., PracticeSalesforce]
) -> None:
    """Every one by its name: created under the keys that it has, or listed beside the one that claims the same number."""
    crm = practice()
    connection = connected(crm, keep_hierarchy=True)
    line("ref_id", "Customer_Number__c")

    run = synced(connection)

    ids = {row["Id"]: row["Name"] for row in crm.query("SELECT Id, Name FROM Account")}
    told = Change.objects.filter(run_id=run.pk, object="customers")
    wanted = Counter(
        (one.name, "claimed-by-several" if one.name in TWINS else f"no-key-{_keys(one)}") for one in COMPANIES
    )
    names = {name for name, _code in wanted}
    found = Counter((ids[row.source_id], row.reason_code) for row in told if ids[row.source_id] in names)
    assert found == wanted
    assert all(sentence(row.reason_code, row.reason_params) for row in told)
    assert all(cure(row.reason_code, row.reason_params) for row in told if row.reason_code == "claimed-by-several")
    customers = {one.name: one for one in Customer.objects.all()}
    assert {name: customers[name].domain for name in DOMAINS} == DOMAINS
    parents = dict(Customer.objects.filter(name__in=PARENTS).values_list("name", "parent__name"))
    assert parents == PARENTS
    assert "Control and  nul" in customers


def _keys(company: Company) -> str:
    return "matched" if company.customer_number or DOMAINS.get(company.name, company.website) else "filled"


@pytest.mark.parametrize(
    "fault",
    [
        {"burst": 2, "burst_status": 503, "kinds": ["query"]},
        {"truncate": 1, "kinds": ["query"]},
        {"html": 1, "kinds": ["query"]},
        {"reset": 1, "kinds": ["query"]},
    ],
)
@pytest.mark.requirement("F1", "F3", "F7", "F8")
def test_faults_of_the_wire_lose_and_double_nothing(
    fault: dict[str, Any], db: None, practice: Callable[..., PracticeSalesforce]
) -> None:
    crm = practice(30)
    connection = connected(crm)
    crm.control(**fault)

    run = synced(connection)

    assert (run.state, Customer.objects.count(), Change.objects.filter(object="customers").count()) == ("done", 30, 30)


@pytest.mark.requirement("F2")
def test_spent_quota_waits_and_goes_on(db: None, practice: Callable[..., PracticeSalesforce]) -> None:
    crm = practice(5)
    connection = connected(crm)
    run = request_run(connection, by="test")
    crm.control(daily_quota_exhausted=True)

    run_slice(run.pk)

    run.refresh_from_db()
    assert (run.state, run.reason_code) == (Run.State.WAITING, "quota-spent")
    assert run.due_at is not None
    crm.control(clear=True)
    Run.objects.update(due_at=run.created_at - timedelta(seconds=1))
    assert drive(run, 30).state == Run.State.DONE


@pytest.mark.requirement("F33", "R16")
def test_deleted_merged_and_restored_accounts_are_followed(
    db: None, practice: Callable[..., PracticeSalesforce]
) -> None:
    crm = practice(12, contacts_per=1)
    connection = connected(crm, churn_missing=True)
    synced(connection)
    ids = [row["Id"] for row in crm.query("SELECT Id FROM Account ORDER BY Id")]
    crm.delete("Account", ids[0])
    crm.merge("Account", ids[1], ids[2])
    # The feed of deletions counts in whole minutes: the last one is not told yet.
    crm.control(clock_offset=120)

    run = synced(connection)

    assert run.state == Run.State.DONE
    links = dict(RecordLink.objects.filter(object="customers").values_list("source_id", "state"))
    assert (links[ids[0]], links[ids[1]], links[ids[2]]) == ("gone", "linked", "merged")
    assert Customer.objects.get(ref_id=ids[0]).stage.name == "churn"
    crm.undelete("Account", ids[0])
    crm.control(clock_offset=240)
    synced(connection)
    assert Customer.objects.get(ref_id=ids[0]).stage.name == "onboarding"


@pytest.mark.requirement("C11", "R16", "R68")
def test_account_deleted_a_moment_ago_churns_as_deleted(db: None, practice: Callable[..., PracticeSalesforce]) -> None:
    """Salesforce's list of deletions ignores seconds: the youngest are found in the recycle bin."""
    crm = practice(3)
    connection = connected(crm, churn_missing=True)
    synced(connection)
    deleted = crm.query("SELECT Id FROM Account LIMIT 1")[0]["Id"]
    crm.delete("Account", deleted)

    run = synced(connection)

    change = Change.objects.get(run_id=run.pk, source_id=deleted)
    assert (change.action, change.reason_code) == ("churn", "deleted-in-crm")
    assert Customer.objects.get(ref_id=deleted).stage.is_churn


@pytest.mark.requirement("C10", "I6")
def test_what_stands_is_counted_in_every_complete_reading(
    db: None, practice: Callable[..., PracticeSalesforce]
) -> None:
    connection = connected(practice())
    first = synced(connection)

    again = synced(connection, Run.Kind.FULL)

    standing = {key: number for key, number in first.counts.items() if "collision" in key or "exclude" in key}
    assert standing["contacts.collision"] > 1
    assert {key: again.counts.get(key) for key in standing} == standing
    assert not Change.objects.filter(run_id=again.pk).exists()
    assert set(Block.objects.values_list("unexplained", flat=True)) == {0}


@pytest.mark.requirement("R24")
def test_colleagues_get_their_names_even_those_who_left(db: None, practice: Callable[..., PracticeSalesforce]) -> None:
    crm = practice()
    connection = connected(crm)

    synced(connection)

    people = {row["Email"].lower(): row["Name"] for row in crm.query("SELECT Email, Name FROM User")}
    owners = dict(CsmOwner.objects.filter(customer__isnull=False).values_list("email", "name"))
    assert owners
    assert owners == {email: people[email] for email in owners}


@pytest.mark.requirement("C6")
def test_gauge_follows_the_calls_of_a_run(db: None, practice: Callable[..., PracticeSalesforce]) -> None:
    crm = practice(3)
    connection = connected(crm)
    synced(connection)
    before = ConnectionState.objects.get(connection=connection)

    run = synced(connection)

    after = ConnectionState.objects.get(connection=connection)
    assert before.quota_used
    assert after.quota_used
    assert after.quota_used - before.quota_used == run.calls - run.calls_by_kind["userinfo"]
