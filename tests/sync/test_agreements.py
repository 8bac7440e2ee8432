"""Agreements: read with what follows from them, moved on by the days, kept and flagged when the CRM lets go of them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache

from integrations.hub import panels
from integrations.hub.door import Refusal, door
from integrations.hub.models import Agreement, Customer
from integrations.sync import runs
from integrations.sync.models import Change, Connection, FieldMapping, RecordLink, Run
from integrations.sync.runner.drive import drive
from integrations.sync.store.agreements import advance
from integrations.sync.sweeper import sweep
from tests.today import TODAY

from .fakes import WORLDS, PaperCrm, connect

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_day")]


@pytest.fixture
def connection() -> Connection:
    return connect(objects=("customers", "agreements"))


@pytest.fixture
def crm(connection: Connection) -> PaperCrm:
    crm = WORLDS[connection.pk]
    crm.company("1", "Aldervale")
    return crm


@pytest.mark.requirement("R39", "R40", "R43", "R46", "R48", "R50")
def test_deal_becomes_an_agreement_with_all_that_follows_from_it(connection: Connection, crm: PaperCrm) -> None:
    crm.deal("d1", "1", Name="Gold", Yearly=Decimal(12000), Currency="eur", Start=date(2025, 1, 31), Months=1, Notice=3)

    sync(connection)

    row = Agreement.objects.get()
    assert (row.customer.name, row.plan, row.ref_id, row.type) == ("Aldervale", "Gold", "d1", "INITIAL")
    assert (row.amount, row.amount_format, row.currency, row.mrr) == (12000, "ARR", "EUR", 1000)
    assert (row.end_date, row.renewal_date) == (date(2025, 2, 28), date(2024, 11, 30))
    assert (row.status, row.auto_renew) == ("FINISHED", True)


@pytest.mark.requirement("R47")
def test_end_date_of_the_crm_outranks_the_duration(connection: Connection, crm: PaperCrm) -> None:
    crm.deal("d1", "1", Start=date(2025, 1, 1), End=date(2025, 6, 30), Months=12)

    sync(connection)

    assert Agreement.objects.get().end_date == date(2025, 6, 30)


@pytest.mark.requirement("R45", "R47", "R48")
def test_notice_period_of_before_does_not_outlast_the_switch_to_a_date(connection: Connection, crm: PaperCrm) -> None:
    switch(connection, "notice", constant=3)
    crm.deal("d1", "1", Yearly=Decimal(1200), Start=date(2026, 1, 1), End=date(2026, 12, 31), Terms="2026-11-30")
    sync(connection)
    assert Agreement.objects.get().renewal_date == date(2026, 9, 30)

    connection.blocks.get(object="agreements").lines.filter(hub_field__startswith="notice").delete()
    switch(connection, "notice_date", crm_field="Terms")
    sync(connection, "full")
    assert dates() == (date(2026, 12, 31), date(2026, 11, 30))

    crm.edit("agreements", "d1", Yearly=Decimal(1201))
    sync(connection)
    row = Agreement.objects.get()
    assert (row.amount, row.notice, dates()) == (1201, 3, (date(2026, 12, 31), date(2026, 11, 30)))
    crm.edit("agreements", "d1", End=date(2027, 12, 31))
    sync(connection)
    assert dates() == (date(2027, 12, 31), date(2026, 11, 30))


@pytest.mark.requirement("R45", "R47")
@pytest.mark.parametrize("is_kept", [True, False])
def test_start_alone_leaves_the_end_date_of_the_crm(connection: Connection, crm: PaperCrm, is_kept: bool) -> None:
    crm.deal("d1", "1", Start=date(2026, 1, 1), Months=24)
    sync(connection)
    assert dates()[0] == date(2027, 12, 31)
    if not is_kept:
        connection.blocks.get(object="agreements").lines.filter(hub_field__startswith="engagement").delete()

    crm.edit("agreements", "d1", End=date(2026, 12, 31))
    sync(connection)
    crm.edit("agreements", "d1", Start=date(2026, 1, 15))
    sync(connection)

    row = Agreement.objects.get()
    assert (row.start_date, row.engagement, row.end_date) == (date(2026, 1, 15), 24, date(2026, 12, 31))


@pytest.mark.requirement("R45", "R46")
def test_duration_counts_where_both_are_mapped_and_the_date_is_blank(connection: Connection, crm: PaperCrm) -> None:
    crm.deal("d1", "1", Start=date(2026, 1, 1), Months=12, Notice=3)
    sync(connection)

    crm.edit("agreements", "d1", Start=date(2026, 2, 1))
    sync(connection)

    assert dates() == (date(2027, 1, 31), date(2026, 10, 31))


@pytest.mark.requirement("C3")
def test_start_alone_ends_nothing_also_where_the_brake_weighs_it(connection: Connection, crm: PaperCrm) -> None:
    end = TODAY + timedelta(days=900)
    crm.deal("d1", "1", Yearly=Decimal(1200), Start=TODAY - timedelta(days=400), End=end, Months=1)
    sync(connection, "first")

    crm.edit("agreements", "d1", Start=TODAY - timedelta(days=390))
    sync(connection)

    assert (dates()[0], Agreement.objects.get().status) == (end, "ACTIVE")


def test_amount_alone_leaves_a_notice_date_that_was_typed_here(connection: Connection, crm: PaperCrm) -> None:
    crm.deal("d1", "1", Yearly=Decimal(1200), Start=date(2026, 1, 1), Months=12, Notice=3)
    sync(connection)
    pk = Agreement.objects.get().pk
    assert door().edit("agreements", {pk: {"notice_date": date(2026, 11, 30)}}, by="Inès") == []

    crm.edit("agreements", "d1", Yearly=Decimal(1201))
    sync(connection)
    assert dates() == (date(2026, 12, 31), date(2026, 11, 30))
    assert door().edit("agreements", {pk: {"start_date": date(2026, 2, 1)}}, by="Inès") == []
    assert dates() == (date(2027, 1, 31), date(2026, 10, 31))


def test_missing_amount_stays_unknown_and_no_notice_means_no_renewal(connection: Connection, crm: PaperCrm) -> None:
    crm.deal("d1", "1", Start=date(2025, 1, 1))

    sync(connection)

    row = Agreement.objects.get()
    assert (row.amount, row.mrr, row.end_date, row.renewal_date, row.auto_renew) == (None, None, None, None, False)


def test_amount_is_rounded_once_and_then_left_alone(connection: Connection, crm: PaperCrm) -> None:
    crm.deal("d1", "1", Yearly=Decimal("100.005"), Start=date(2025, 1, 1))

    first = sync(connection)
    again = sync(connection, "full")

    assert Agreement.objects.get().amount == Decimal("100.00")
    assert first.counts["agreements.create"] == 1
    assert "agreements.update" not in again.counts


def test_unchanged_agreement_is_not_written_again(connection: Connection, crm: PaperCrm) -> None:
    crm.deal("d1", "1", Yearly=Decimal(12000), Currency="EUR", Start=date(2025, 1, 1), Months=12, Notice=3)

    sync(connection)
    stamp = Agreement.objects.get().updated_at
    again = sync(connection, "full")

    assert again.counts["agreements.unchanged"] == 1
    assert Agreement.objects.get().updated_at == stamp


def test_longer_duration_moves_end_notice_and_status(connection: Connection, crm: PaperCrm) -> None:
    crm.deal("d1", "1", Start=TODAY - timedelta(days=40), Months=1, Notice=1)
    sync(connection)
    assert Agreement.objects.get().status == "FINISHED"

    crm.edit("agreements", "d1", Months=12)
    sync(connection)

    row = Agreement.objects.get()
    assert row.status == "ACTIVE"
    assert row.end_date
    assert row.end_date > TODAY
    assert row.renewal_date
    assert row.renewal_date < row.end_date


def test_end_before_start_waits_alone(connection: Connection, crm: PaperCrm) -> None:
    crm.deal("d1", "1", Start=date(2025, 1, 1), End=date(2024, 1, 1))
    crm.deal("d2", "1", Start=date(2025, 1, 1), End=date(2026, 1, 1))

    sync(connection)

    assert Agreement.objects.get().ref_id == "d2"
    assert link_of("d1").reason_code == "ends-before-start"


def test_start_moved_behind_a_standing_end_waits(connection: Connection, crm: PaperCrm) -> None:
    crm.deal("d1", "1", Start=date(2025, 1, 1), End=date(2025, 6, 30))
    sync(connection)

    crm.edit("agreements", "d1", Start=date(2025, 9, 1))
    sync(connection)

    assert Agreement.objects.get().start_date == date(2025, 1, 1)
    assert link_of("d1").state == "failing"


def test_deleted_deal_is_kept_flagged_and_still_active(connection: Connection, crm: PaperCrm) -> None:
    crm.deal("d1", "1", Yearly=Decimal(12), Start=TODAY)
    sync(connection)

    crm.delete("agreements", "d1")
    sync(connection)

    row = Agreement.objects.get()
    assert row.gone_at
    assert (row.status, row.mrr, link_of("d1").state) == ("ACTIVE", 1, "gone")


def test_customer_out_of_scope_keeps_its_deals_out(connection: Connection, crm: PaperCrm) -> None:
    crm.company("2", "Elsewhere")
    crm.outside.add("2")
    crm.deal("d1", "2", Start=TODAY)
    sync(connection)
    assert not Agreement.objects.exists()

    crm.outside.clear()
    crm.edit("customers", "2", Name="Elsewhere Ltd")
    sync(connection)

    assert Agreement.objects.get().customer.name == "Elsewhere Ltd"


def test_days_move_statuses_on_but_never_those_that_a_person_set(connection: Connection) -> None:
    customer = Customer.objects.create(name="Aldervale", stage_id=1)
    rows = {
        status: agreement(customer, status, TODAY, TODAY + timedelta(days=9))
        for status in ("VALIDATED", "ACTIVE", "PAUSED", "CANCELLED", "PENDING")
    }
    future = agreement(customer, "VALIDATED", TODAY + timedelta(days=1), None)

    assert advance() == 1
    assert states(rows) == ["ACTIVE", "ACTIVE", "PAUSED", "CANCELLED", "PENDING"]
    assert advance(datetime.now(UTC) + timedelta(days=11)) == 3
    assert states(rows) == ["FINISHED", "FINISHED", "PAUSED", "CANCELLED", "PENDING"]
    future.refresh_from_db()
    assert future.status == "ACTIVE"


def test_each_day_that_moves_a_status_has_its_line_in_the_journal() -> None:
    customer = Customer.objects.create(name="Aldervale", stage_id=1)
    row = agreement(customer, "VALIDATED", TODAY + timedelta(days=1), TODAY + timedelta(days=9))
    assert door().edit("agreements", {row.pk: {"plan": "Gold"}}, by="Tom") == []

    for days in (0, 1, 11):
        advance(datetime.now(UTC) + timedelta(days=days))
    advance(datetime.now(UTC) + timedelta(days=12))

    moves = [(one.before, one.after, one.reason_code) for one in Change.objects.filter(actor="").order_by("pk")]
    assert moves == [
        ({"status": "VALIDATED"}, {"status": "ACTIVE"}, "day-started"),
        ({"status": "ACTIVE"}, {"status": "FINISHED"}, "day-ended"),
    ]
    story = panels.desk().story("agreements", row.pk)
    assert story.events[0].reason == f"It ended on {row.end_date}."
    assert [bool(event.undo_url) for event in story.events] == [False, False, True]


def test_one_signed_and_over_meanwhile_ends_without_a_day_of_being_active(connection: Connection) -> None:
    customer = Customer.objects.create(name="Aldervale", stage_id=1)
    row = agreement(customer, "VALIDATED", TODAY - timedelta(days=9), TODAY - timedelta(days=1))

    assert advance() == 1
    row.refresh_from_db()
    assert row.status == "FINISHED"


def test_pause_by_hand_outlives_the_next_run(connection: Connection, crm: PaperCrm) -> None:
    crm.deal("d1", "1", Yearly=Decimal(12), Start=TODAY)
    sync(connection)
    pk = Agreement.objects.get().pk

    assert door().edit("agreements", {pk: {"status": "PAUSED"}}, by="Inès") == []
    crm.edit("agreements", "d1", Yearly=Decimal(24))
    sync(connection)

    row = Agreement.objects.get()
    assert (row.status, row.mrr) == ("PAUSED", 2)


def test_agreement_typed_by_hand_is_derived_alike() -> None:
    customer = Customer.objects.create(name="Aldervale", stage_id=1)
    typed: dict[str, Any] = {
        "customer": customer.pk, "amount": "1200", "amount_format": "ARR", "currency": "eur", "start_date": "2025-01-01",
        "engagement": "12", "engagement_period": "MONTH",
    }  # fmt: skip

    [good, bad] = door().create(
        "agreements",
        [typed, {"customer": customer.pk, "start_date": "2025-02-01", "end_date": "2025-01-01"}],
        by="Inès",
    )

    assert isinstance(good, int)
    row = Agreement.objects.get(pk=good)
    assert (row.mrr, row.end_date, row.status, row.currency) == (100, date(2025, 12, 31), "FINISHED", "EUR")
    assert isinstance(bad, Refusal)
    assert bad.reason.code == "ends-before-start"


@pytest.mark.requirement("C3")
def test_run_that_would_halve_mrr_stops_before_the_agreements(connection: Connection, crm: PaperCrm) -> None:
    for number in range(4):
        crm.deal(f"d{number}", "1", Yearly=Decimal(1200), Currency="EUR", Start=TODAY)
    sync(connection, "first")

    crm.edit("agreements", "d1", Yearly=Decimal(12))
    crm.edit("agreements", "d2", Name="Renamed")
    crm.edit("customers", "1", Name="Aldervale Ltd")
    held = sync(connection, state="held")

    assert held.cursor["held"] == [
        {
            "code": "brake-revenue",
            "params": {"currency": "EUR", "before": "400.00", "after": "301.00", "percent": 10},
        }
    ]
    assert set(Agreement.objects.values_list("ref_id", "mrr", "plan")) >= {
        ("d1", 100, "Deal d1"),
        ("d2", 100, "Renamed"),
    }
    assert Customer.objects.get().name == "Aldervale Ltd"


@pytest.mark.requirement("C3")
def test_run_that_moves_mrr_a_little_goes_through(connection: Connection, crm: PaperCrm) -> None:
    for number in range(4):
        crm.deal(f"d{number}", "1", Yearly=Decimal(1200), Currency="EUR", Start=TODAY)
    sync(connection, "first")

    crm.edit("agreements", "d1", Yearly=Decimal(1000))
    sync(connection)

    assert Agreement.objects.get(ref_id="d1").amount == 1000


@pytest.mark.requirement("C5")
def test_dropped_agreement_stays_out_until_its_record_changes(connection: Connection, crm: PaperCrm) -> None:
    crm.deal("d1", "1", Yearly=Decimal(1200), Currency="EUR", Start=TODAY)
    sync(connection, "first")
    crm.deal("d2", "1", Yearly=Decimal(12000), Currency="EUR", Start=TODAY)
    crm.deal("d3", "1", Start=TODAY)
    held = sync(connection, state="held")
    assert set(Agreement.objects.values_list("ref_id", flat=True)) == {"d1", "d3"}

    runs.drop_held(held, by="Inès")
    drive(held)
    again = sync(connection, "full")

    assert again.state == "done"
    assert not Agreement.objects.filter(ref_id="d2").exists()
    assert (link_of("d2").state, link_of("d2").hub_id) == ("excluded", None)
    crm.edit("agreements", "d2", Yearly=Decimal(12))
    sync(connection)
    assert Agreement.objects.get(ref_id="d2").mrr == 1


@pytest.mark.requirement("C5")
def test_released_agreement_is_written(connection: Connection, crm: PaperCrm) -> None:
    crm.deal("d1", "1", Yearly=Decimal(1200), Currency="EUR", Start=TODAY)
    sync(connection, "first")
    crm.edit("agreements", "d1", Yearly=Decimal(12000))
    held = sync(connection, state="held")

    runs.release_held(held, by="Inès")
    drive(held)

    assert Agreement.objects.get().mrr == 1000


def test_sweep_moves_statuses_on_once_a_day(connection: Connection) -> None:
    cache.clear()
    customer = Customer.objects.create(name="Aldervale", stage_id=1)
    row = agreement(customer, "VALIDATED", TODAY, None)
    sweep()
    row.refresh_from_db()
    assert row.status == "ACTIVE"

    Agreement.objects.update(status="VALIDATED")
    sweep()
    row.refresh_from_db()
    assert row.status == "VALIDATED"
    cache.clear()


def test_custom_field_of_agreements_is_mapped(connection: Connection, crm: PaperCrm) -> None:
    from integrations.hub.models import CustomField

    field = CustomField.objects.create(entity="agreements", name="Terms", type="STRING")
    block = connection.blocks.get(object="agreements")
    FieldMapping.objects.create(block=block, hub_field=f"custom.{field.key}", crm_field="Terms")
    crm.deal("d1", "1", Start=TODAY, Terms="Net 30")

    sync(connection)

    assert Agreement.objects.get().custom == {field.key: "Net 30"}


def sync(connection: Connection, kind: str = "delta", state: str = "done") -> Run:
    WORLDS[connection.pk].later()
    run = runs.request_run(connection, kind, by="Inès")
    drive(run)
    run.refresh_from_db()
    assert run.state == state, run.reason_params
    return run


def switch(connection: Connection, hub_field: str, **line: Any) -> None:
    """Maps a field another way."""
    block = connection.blocks.get(object="agreements")
    FieldMapping.objects.update_or_create(block=block, hub_field=hub_field, defaults={"crm_field": "", **line})


def dates() -> tuple[date | None, date | None]:
    row = Agreement.objects.get()
    return row.end_date, row.renewal_date


def link_of(source_id: str) -> RecordLink:
    return RecordLink.objects.get(object="agreements", source_id=source_id)


def agreement(customer: Customer, status: str, start: date, end: date | None, **more: Any) -> Agreement:
    return Agreement.objects.create(customer=customer, status=status, start_date=start, end_date=end, **more)


def states(rows: dict[str, Agreement]) -> list[str]:
    for row in rows.values():
        row.refresh_from_db()
    return [row.status for row in rows.values()]
