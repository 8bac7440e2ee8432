"""Nothing of a score is read back: whoever would map a field that takes one into the hub is refused, whichever way."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from integrations.engine.mapping import Kind, Mode
from integrations.sync import registry
from integrations.sync.configuration import (
    FileRefused,
    ReadsScores,
    apply_yaml,
    read_yaml,
    restore,
    save_version,
    snapshot,
    to_yaml,
)
from integrations.sync.connector import CrmField, ObjectAbility, Registered
from integrations.sync.metadata import metadata_of
from integrations.sync.models import Block, Connection, FieldMapping
from integrations.sync.promotion import planned, promote
from integrations.sync.score_checks import newly_read_back
from integrations.sync.succession import CannotSucceed, succeed
from tests.configuration.factories import connect
from tests.configuration.fakes import BROOK, SYSTEM, BrookConnector
from tests.configuration.test_mapping_page import address, row, typed

SAID = (
    "“CSM mood” takes the score “CSM Pulse” that is sent there, and nothing of it is read back. Read “CSM Pulse” from "
    "another field, or send the score to another one."
)
MOOD = CrmField("Mood", "CSM mood", "number", Kind.INTEGER, is_updateable=True)
NUMBER = CrmField("Heads", "Employees", "number", Kind.INTEGER, is_updateable=True)
SCORES = ObjectAbility("scores", "Company", "Companies", (Mode.OUTPUT, Mode.DISABLED), "At the next sync.")


@pytest.fixture(autouse=True)
def brook_that_takes_scores(brook: type[BrookConnector], monkeypatch: pytest.MonkeyPatch) -> None:
    abilities = replace(BROOK.abilities, objects=(*BROOK.abilities.objects, SCORES))
    monkeypatch.setattr(BrookConnector, "abilities", abilities)
    monkeypatch.setitem(registry._systems, SYSTEM, Registered(abilities, BrookConnector))
    brook.fields["customers"] = (*brook.fields["customers"], MOOD, NUMBER)
    brook.fields["scores"] = brook.fields["customers"]


@pytest.fixture
def admin(admin_user: User, client_as: Callable[..., Client]) -> Client:
    return client_as(admin_user)


@pytest.fixture
def scores(connection: Connection) -> Block:
    return upload(connection)


def upload(connection: Connection, mode: str = "output") -> Block:
    block = Block.objects.create(connection=connection, object="scores", mode=mode)
    FieldMapping.objects.create(block=block, hub_field="pulse", crm_field="Mood", crm_label="CSM mood", direction="out")
    return block


def reads(block: Block, **columns: Any) -> FieldMapping:
    said = {"crm_field": "Mood", "crm_label": "CSM mood"} | columns
    return FieldMapping.objects.create(block=block, position=9, hub_field="pulse", **said)


# --- The mapping editor


@pytest.mark.requirement("R57")
def test_line_that_would_read_a_score_back_is_refused_beside_it(admin: Client, customers: Block, scores: Block) -> None:
    page = admin.post(address(), typed(customers, pulse__crm="Mood"))

    assert row(page, "pulse").form.errors["crm"] == [SAID]
    assert not customers.lines.filter(hub_field="pulse").exists()

    admin.post(address(), typed(customers, pulse__crm="Heads"))

    assert customers.lines.get(hub_field="pulse").crm_field == "Heads"


@pytest.mark.requirement("R57")
def test_score_sent_to_a_field_that_is_read_is_refused_beside_it(
    admin: Client, customers: Block, scores: Block
) -> None:
    scores.lines.update(crm_field="Heads")
    reads(customers)

    page = admin.post(address("scores"), typed(scores, pulse__crm="Mood"))

    assert row(page, "pulse").form.errors["crm"] == [SAID]
    assert scores.lines.get().crm_field == "Heads"


@pytest.mark.parametrize(
    ("of_customers", "direction", "of_scores"),
    [
        ("input", "in", "disabled"),  # Nothing is sent.
        ("two-way", "out", "output"),  # Nothing is read.
        ("disabled", "in", "output"),
    ],
)
def test_field_that_is_not_both_sent_to_and_read_may_stay(
    of_customers: str, direction: str, of_scores: str, connection: Connection, customers: Block, admin_user: User
) -> None:
    upload(connection, of_scores)
    reads(customers, direction=direction)
    Block.objects.filter(pk=customers.pk).update(mode=of_customers)
    save_version(connection, admin_user)
    Connection.objects.filter(pk=connection.pk).update(every_minutes=45)
    save_version(connection, admin_user)

    assert restore(connection, 1, admin_user) is not None


def test_successor_that_takes_a_score_is_refused(connection: Connection, customers: Block, scores: Block, admin_user: User) -> None:  # fmt: skip
    line = reads(customers, crm_field="Gone", crm_label="Former mood")
    metadata = metadata_of(connection, "customers", (), may_ask=True)

    with pytest.raises(CannotSucceed) as refused:
        succeed(customers, line, "Mood", metadata, author=admin_user, expected=connection.version)

    assert str(refused.value) == SAID
    assert customers.lines.get(hub_field="pulse").crm_field == "Gone"


# --- A file


@pytest.mark.requirement("R57")
@pytest.mark.parametrize(
    ("blocks", "path"),
    [
        (
            "customers: {lines: [{hub: name, crm: Name}, {hub: pulse, crm: Mood}]}",
            "blocks.customers.lines[2].crm",
        ),
        ("scores: {mode: output, lines: [{hub: pulse, crm: Mood, direction: out}]}", "blocks.scores.lines[1].crm"),
        ("scores: {mode: output}", "blocks.scores"),
    ],
)
def test_file_that_would_read_a_score_back_is_refused(
    blocks: str, path: str, connection: Connection, customers: Block
) -> None:
    """Be it said by the file alone or together with what stands here."""
    is_about_customers = blocks.startswith("customers")
    upload(connection, "output" if is_about_customers else "disabled")
    if not is_about_customers:
        reads(customers)

    with pytest.raises(FileRefused) as refused:
        read_yaml(f"{{skalin-sync: 1, connection: brook, system: brook, blocks: {{{blocks}}}}}")

    [(where, said)] = refused.value.problems
    assert where == path
    assert said.startswith("“")
    assert "takes the score “CSM Pulse” that is sent there, and nothing of it is read back." in said


def test_file_that_was_read_before_somebody_mapped_the_field_is_refused_as_well(
    connection: Connection, customers: Block
) -> None:
    scores = upload(connection, "disabled")
    draft = read_yaml("{skalin-sync: 1, connection: brook, system: brook, blocks: {scores: {mode: output}}}")
    reads(customers)

    with pytest.raises(FileRefused, match="nothing of it is read back"):
        apply_yaml(draft, None)

    scores.refresh_from_db()
    assert scores.mode == "disabled"


# --- An earlier version


@pytest.mark.requirement("R57")
def test_version_that_reads_a_score_back_is_not_gone_back_to(
    admin: Client, connection: Connection, customers: Block, scores: Block, admin_user: User
) -> None:
    line = reads(customers)
    save_version(connection, admin_user)
    line.delete()
    save_version(connection, admin_user)

    shown = admin.get(reverse("sync:restore", args=["brook", 1]))
    told = admin.post(reverse("sync:restore", args=["brook", 1]), {"version": 2}, follow=True)
    with pytest.raises(ReadsScores):
        restore(connection, 1, admin_user)

    assert SAID in shown.content.decode()
    assert "Go back: " not in shown.content.decode()
    assert SAID in told.content.decode()
    assert not customers.lines.filter(hub_field="pulse").exists()


# --- Another connection


@pytest.mark.requirement("R57")
def test_configuration_that_reads_a_score_back_is_not_carried_over(
    admin: Client, connection: Connection, admin_user: User
) -> None:
    sandbox = connect("sandbox")
    upload(sandbox)
    reads(sandbox.blocks.get(object="customers"))

    page = admin.get(reverse("sync:promote", args=["sandbox"]), {"to": "brook"}).content.decode()
    with pytest.raises(ReadsScores):
        promote(sandbox, connection, planned(sandbox, connection), admin_user)

    assert SAID in page
    assert "Apply" not in page
    assert not connection.blocks.filter(object="scores").exists()


def test_file_written_here_comes_in_again(connection: Connection, customers: Block, scores: Block) -> None:
    reads(customers, crm_field="Heads")

    assert apply_yaml(read_yaml(to_yaml(connection)), None).pk == connection.pk


# --- What stands already, from before it was refused


@pytest.fixture
def standing(customers: Block, scores: Block) -> FieldMapping:
    return reads(customers)


@pytest.mark.requirement("R57")
def test_what_stands_already_bars_no_file_about_something_else(connection: Connection, standing: FieldMapping) -> None:
    apply_yaml(read_yaml("{skalin-sync: 1, connection: brook, system: brook, options: {every_minutes: 45}}"), None)
    apply_yaml(read_yaml(to_yaml(connection)), None)

    connection.refresh_from_db()
    assert connection.every_minutes == 45


def test_file_that_brings_a_second_one_is_refused_for_that_alone(
    connection: Connection, standing: FieldMapping, scores: Block
) -> None:
    FieldMapping.objects.create(block=scores, hub_field="health_score", crm_field="Heads", direction="out")
    lines = "[{hub: name, crm: Name}, {hub: pulse, crm: Mood}, {hub: domain, crm: Heads}]"

    with pytest.raises(FileRefused) as refused:
        read_yaml(f"{{skalin-sync: 1, connection: brook, system: brook, blocks: {{customers: {{lines: {lines}}}}}}}")

    assert [where for where, _said in refused.value.problems] == ["blocks.customers.lines[3].crm"]


def test_field_that_stands_under_another_name_is_the_same(connection: Connection, standing: FieldMapping) -> None:
    now = snapshot(connection)["blocks"]
    FieldMapping.objects.filter(crm_field="Mood").update(crm_label="Mood of the CSM")

    assert newly_read_back(now, snapshot(connection)["blocks"]) == []


@pytest.mark.requirement("R57")
def test_what_stands_already_bars_no_way_back(
    admin: Client, connection: Connection, standing: FieldMapping, admin_user: User
) -> None:
    save_version(connection, admin_user)
    Connection.objects.filter(pk=connection.pk).update(every_minutes=45)
    connection.refresh_from_db()
    save_version(connection, admin_user)

    shown = admin.get(reverse("sync:restore", args=["brook", 1])).content.decode()

    assert "nothing of it is read back" not in shown
    assert restore(connection, 1, admin_user) is not None


@pytest.mark.requirement("R57")
def test_what_stands_already_bars_nothing_that_is_carried_over(
    connection: Connection, standing: FieldMapping, admin_user: User
) -> None:
    sandbox = connect("sandbox")
    upload(sandbox)
    reads(sandbox.blocks.get(object="customers"))
    Connection.objects.filter(pk=sandbox.pk).update(churn_missing=True)
    sandbox.refresh_from_db()

    promotion = planned(sandbox, connection)

    assert promotion.refusal == ""
    promote(sandbox, connection, promotion, admin_user)


@pytest.mark.requirement("R57")
def test_what_stands_already_bars_no_other_line_of_the_mapping(
    admin: Client, customers: Block, standing: FieldMapping
) -> None:
    answer = admin.post(address(), typed(customers, pulse__crm="Mood", domain__blanks="fill"))

    assert answer.status_code == 302
    assert customers.lines.get(hub_field="domain").blanks == "fill"
