"""How companies and contacts are read: a scroll that is watched over, days that are widened, tokens that go on anywhere."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from integrations.intercom.connector import IntercomConnector
from integrations.intercom.models import IntercomConnection
from integrations.intercom.places import Place
from integrations.intercom.reading import lacks_a_page, since_the_day_of
from integrations.rehearsal.practice_intercom import PracticeIntercom
from integrations.sync.connector import How, Read, ReadingLost

from .conftest import signed_in

pytestmark = pytest.mark.django_db
ALL = Read("customers", How.ALL, ("company_id", "name"))


@pytest.fixture
def small(db: None, small_crm: Callable[..., PracticeIntercom]) -> PracticeIntercom:
    return small_crm(250, contacts_per=1)


@pytest.fixture
def connection(small: PracticeIntercom) -> IntercomConnection:
    return signed_in(small)


def read_on(connection: IntercomConnection, token: str = "", *, fresh: bool = False) -> tuple[list[str], str]:
    """To the end; `fresh`: by another process for every page."""
    connector, found = IntercomConnector(connection), []
    while True:
        page = (IntercomConnector(connection) if fresh else connector).read(ALL, token)
        found += [record.source_id for record in page.records]
        token = page.next
        if not token:
            return found, token


def test_scroll_that_changes_hands_between_pages_loses_nothing(connection: IntercomConnection) -> None:
    found, _end = read_on(connection, fresh=True)

    assert len(found) == len(set(found)) == 250


def test_page_that_a_dead_process_took_along_is_noticed(connection: IntercomConnection) -> None:
    first = IntercomConnector(connection).read(ALL)
    IntercomConnector(connection).read(ALL, first.next)

    with pytest.raises(ReadingLost):
        read_on(connection, first.next)

    found, _end = read_on(connection)
    assert len(set(found)) == 250


@pytest.mark.parametrize(
    ("rows", "total", "lacks"),
    [(250, 250, False), (150, 250, True), (200, 250, True), (249, 250, False), (251, 250, False), (0, 0, False)],
    ids=["all", "a full page short", "the last page short", "one left meanwhile", "one came meanwhile", "none"],
)
def test_page_that_is_missing_is_told_from_rows_that_come_and_go(rows: int, total: int, *, lacks: bool) -> None:
    assert lacks_a_page(Place(rows=rows, total=total, handed_on=True)) is lacks


def test_scroll_that_died_is_begun_anew(connection: IntercomConnection, small: PracticeIntercom) -> None:
    first = IntercomConnector(connection).read(ALL)
    small.control(clock_offset=90)

    with pytest.raises(ReadingLost):
        IntercomConnector(connection).read(ALL, first.next)


def test_listing_says_how_many_it_holds(connection: IntercomConnection) -> None:
    assert IntercomConnector(connection).read(ALL).total == 250
    assert IntercomConnector(connection).read(Read("contacts", How.ALL, ("email",))).total == 250


@pytest.mark.parametrize(
    "zone", ["Europe/Paris", "America/Los_Angeles", "Pacific/Kiritimati", "Australia/Lord_Howe", "UTC"]
)
@pytest.mark.parametrize(
    "day", [datetime(2026, 10, 25), datetime(2026, 11, 1), datetime(2026, 4, 5), datetime(2026, 3, 29)]
)
def test_question_begins_with_the_day_or_before_it_in_every_zone(zone: str, day: datetime) -> None:
    where = ZoneInfo(zone)
    for minutes in range(0, 25 * 60, 30):
        since = (day.replace(tzinfo=where).astimezone(UTC) + timedelta(minutes=minutes)).astimezone(where)

        asked = datetime.fromtimestamp(since_the_day_of(since)["value"], UTC).astimezone(where)

        assert asked.date() < since.date()
        assert since.date() - asked.date() <= timedelta(days=2)


def test_changed_contacts_are_told_by_the_second(connection: IntercomConnection, small: PracticeIntercom) -> None:
    small.control(timezone="America/Los_Angeles", clock_offset=7200)
    connector = IntercomConnector(connection)
    now = connector.whoami().clock
    one, other = (str(row["id"]) for row in connector.client.contacts(rows=2).rows)
    small.edit("contact", one, name="Just now")
    small.control(clock_offset=7200 + 3600)
    small.edit("contact", other, name="An hour later")

    read = Read(
        "contacts", How.CHANGED, ("name",), since=now - timedelta(seconds=30), until=now + timedelta(seconds=30)
    )
    page = connector.read(read)

    assert [record.values["name"] for record in page.records] == ["Just now"]


def test_companies_of_one_contact_are_read_beyond_the_ten_it_shows(
    connection: IntercomConnection, small: PracticeIntercom
) -> None:
    connector = IntercomConnector(connection)
    companies = [str(row["id"]) for row in connector.client.scroll().rows[:12]]
    person = small.create("contact", name="Everywhere", company=companies)
    number = small.create("conversation", contacts=[person])

    [record] = connector.read(Read("notes", How.BY_ID, ("id",), ids=(number,))).records

    assert sorted(record.customer_ids) == sorted(companies)
