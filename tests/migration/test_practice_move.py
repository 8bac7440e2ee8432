"""Chapters 1 and 2 with real connectors: out of the practice Salesforce and Pipedrive, into the HubSpot with planted trouble."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import User
from integrations.engine.mapping import Mode
from integrations.hub.models import Customer, CustomKey
from integrations.migration import there
from integrations.migration.models import Move
from integrations.rehearsal import planted
from integrations.rehearsal.practice import PracticeSalesforce
from integrations.rehearsal.practice_moving import PracticeMovingHubSpot
from integrations.rehearsal.practice_pipedrive import PracticePipedrive
from integrations.rehearsal.world import world
from integrations.sync import runs
from integrations.sync.configuration import save_version
from integrations.sync.models import Block, Connection, FieldMapping, Run
from integrations.sync.runner.drive import drive
from tests.hubspot.conftest import PLAIN
from tests.hubspot.conftest import signed_in as in_hubspot
from tests.migration.conftest import done, is_met, listed, measured
from tests.pipedrive.conftest import allow as allow_pipedrive
from tests.pipedrive.conftest import signed_in as in_pipedrive
from tests.pipedrive.conftest import win_everybody
from tests.salesforce.conftest import allow as allow_salesforce
from tests.salesforce.conftest import signed_in as in_salesforce

pytestmark = pytest.mark.django_db

NAMES = {one.number: one.name for one in world(planted.LEAST).companies()}


@pytest.fixture
def target(tmp_path: Path) -> Iterator[PracticeMovingHubSpot]:
    with PracticeMovingHubSpot(tmp_path, planted.LEAST, contacts_per=0) as crm:
        crm.control(**PLAIN)
        yield crm


@pytest.fixture(params=["salesforce", "pipedrive"])
def old(request: pytest.FixtureRequest, tmp_path: Path, settings: Settings, db: None) -> Iterator[Connection]:
    """With its customers read."""
    if request.param == "salesforce":
        with PracticeSalesforce(tmp_path, planted.LEAST, contacts_per=0) as org:
            allow_salesforce(settings, org)
            yield read(in_salesforce(org, state="on"), "Id", "Name")
    else:
        with PracticePipedrive(tmp_path, planted.LEAST, contacts_per=0) as crm:
            win_everybody(crm)
            allow_pipedrive(settings, crm)
            yield read(in_pipedrive(crm, state="on"), "id", "name")


def read(connection: Connection, own_id: str, name: str) -> Connection:
    block = Block.objects.create(
        connection_id=connection.pk, object="customers", mode=Mode.INPUT.value, merge_keys=["ref_id"]
    )
    for hub_field, path in {"ref_id": own_id, "name": name}.items():
        FieldMapping.objects.create(block=block, hub_field=hub_field, crm_field=path, crm_label=path)
    plain = Connection.objects.get(pk=connection.pk)
    save_version(plain, None)
    sync(plain)
    return Connection.objects.get(pk=plain.pk)


def sync(connection: Connection) -> None:
    run = drive(runs.request_run(connection, Run.Kind.FULL, by="Tom"), 30)
    assert run.state == Run.State.DONE, run.reason_params


@pytest.mark.requirement("R129", "R140", "R141", "R145", "R148", "R149", "R150", "R223", "C12")
def test_planted_trouble_is_found_and_nothing_else(
    old: Connection, target: PracticeMovingHubSpot, settings: Settings, admin_user: User
) -> None:
    settings.CRM_EXTRA_HOSTS = [*settings.CRM_EXTRA_HOSTS, target.base_url.removeprefix("http://")]
    move = Move.objects.create(old=old, new=in_hubspot(target), created_by="Tom")
    customers = set(Customer.objects.values_list("name", flat=True))
    wanted = {NAMES[number] for number in planted.wanted(world(planted.LEAST))}
    assert wanted <= customers

    done(move, "old-id-property", "choose", admin_user, property=f"{old.system}_id")
    assert measured(move, "old-id-property").state == "verified", "it has the type of the old CRM's IDs"
    move = listed(move)

    def named(*numbers: int) -> set[str]:
        return {NAMES[number] for number in numbers}

    lacking = set(there.without(move).values_list("name", flat=True))
    assert lacking == customers & named(*planted.WITHOUT_OLD_ID, planted.TYPING_ERROR)
    assert set(there.twins(move).values_list("name", flat=True)) == named(planted.TWIN)
    assert named(planted.TYPING_ERROR) <= set(there.unknown(move).values_list("name", flat=True))
    outside = set(there.outside(move).values_list("name", flat=True))
    assert named(*planted.WRONG_STAGE) & wanted <= outside
    assert not outside & {NAMES[number] for number in NAMES if NAMES[number] in wanted} - named(*planted.WRONG_STAGE)

    done(move, "old-id-field", "make", admin_user, name="Old CRM ID")
    done(move, "old-id-mapped", "map", admin_user)
    sync(Connection.objects.get(pk=old.pk))
    for key in ("old-id-field", "old-id-mapped", "old-id-filled"):
        assert measured(move, key).state == "verified", key
    done(move, "old-id-sample", "draw", admin_user)
    assert measured(move, "old-id-sample").rows == []
    assert not is_met(move, "old-id-sample")
    keys: Any = dict(CustomKey.objects.values_list("row_id", "value"))
    links = dict(old.links.filter(object="customers", hub_id__isnull=False).values_list("hub_id", "source_id"))
    assert keys == links
