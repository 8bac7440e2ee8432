"""A customer that comes back into scope brings along what came to hang on it while it was away."""

import pytest

from integrations.hub.models import Contact
from integrations.sync import runs
from integrations.sync.models import Connection, RecordLink, Run
from integrations.sync.runner.drive import drive

from .fakes import WORLDS, PaperCrm, connect

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R18", "C15")]


@pytest.fixture
def connection() -> Connection:
    return connect(objects=("customers", "contacts"), churn_missing=True)


@pytest.fixture
def crm(connection: Connection) -> PaperCrm:
    crm = WORLDS[connection.pk]
    for number in range(1, 6):
        crm.company(str(number), f"Company {number}")
        crm.person(f"p{number}", str(number))
    return crm


def sync(connection: Connection) -> Run:
    run = runs.request_run(connection, "delta", by="Inès")
    drive(run)
    run.refresh_from_db()
    if run.state == "held":
        runs.release_held(run, by="Inès")
        drive(run)
        run.refresh_from_db()
    assert run.state == "done", run.reason_params
    return run


def test_contacts_made_while_their_customer_was_away_come_with_it(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    crm.outside.add("1")
    crm.later()
    crm.person("late", "1", LastName="Late")
    sync(connection)
    assert RecordLink.objects.get(object="contacts", source_id="late").reason_code == "customer-out-of-scope"
    # Past what the next reading of changes reaches back.
    crm.later()
    sync(connection)
    crm.later()
    crm.outside.clear()

    sync(connection)

    assert Contact.objects.filter(last_name="Late", customer__name="Company 1").exists()
    asked = [read.ids for read in crm.reads if read.how == "dependents"]
    assert asked[-1] == ("1",)


def test_a_customer_that_merely_changed_brings_nothing_along(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    crm.later()
    crm.edit("customers", "1", Name="Changed")
    before = len([read for read in crm.reads if read.how == "dependents"])

    sync(connection)

    assert len([read for read in crm.reads if read.how == "dependents"]) == before
