"""Blanks that come to erase: whichever way a configuration goes live, somebody sees first which values it would empty."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.models import User
from integrations.sync.configuration import (
    WouldErase,
    apply_yaml,
    draft_erasures,
    read_yaml,
    restore,
    save_version,
    snapshot,
    to_yaml,
)
from integrations.sync.erasures import erasures_in, seal
from integrations.sync.models import Block, Connection
from integrations.sync.promotion import planned, promote
from tests.configuration.factories import connect, link
from tests.hub.factories import CustomerFactory

SAID = "Customers, Domain: 1 value is filled here and blank in Brook"


@pytest.fixture
def admin(admin_user: User, client_as: Callable[..., Client]) -> Client:
    return client_as(admin_user)


@pytest.fixture
def filled(customers: Block) -> Block:
    """A customer whose domain stands here and nowhere else: who lets blanks erase loses it."""
    link(customers.connection, CustomerFactory.create(name="Filled"), settled={"domain": ["here.example", None]})
    return customers


def blanks_of(block: Block) -> str:
    return block.lines.get(hub_field="domain").blanks


def let_erase(block: Block) -> None:
    block.lines.filter(hub_field="domain").update(blanks="erase")


@pytest.fixture
def erasing_version(filled: Block, admin_user: User) -> Connection:
    """Version 1 lets blanks erase the domain; version 2, in use, does not."""
    let_erase(filled)
    save_version(filled.connection, admin_user)
    filled.lines.filter(hub_field="domain").update(blanks="keep")
    save_version(filled.connection, admin_user)
    return Connection.objects.get(pk=filled.connection_id)


# --- Back to an earlier version


@pytest.mark.requirement("R181", "R231", "C3")
def test_going_back_lists_what_it_would_empty_and_does_only_that(
    admin: Client, erasing_version: Connection, filled: Block
) -> None:
    address = reverse("sync:restore", args=["brook", 1])

    shown = admin.get(address)
    unseen = admin.post(address, {"version": 2})

    page = shown.content.decode()
    assert SAID in page
    assert "here.example" in page
    assert "Go back and let blanks erase: 1 change" in page
    assert (unseen.status_code, unseen.context["emptied"], blanks_of(filled)) == (200, 1, "keep")

    admin.post(address, {"version": 2, "read": shown.context["seal"]})

    assert blanks_of(filled) == "erase"


@pytest.mark.requirement("R231")
def test_going_back_that_would_empty_more_than_was_shown_shows_it_again(
    admin: Client, erasing_version: Connection, filled: Block
) -> None:
    address = reverse("sync:restore", args=["brook", 1])
    shown = admin.get(address).context["seal"]
    link(erasing_version, CustomerFactory.create(name="Another"), settled={"domain": ["there.example", None]})

    again = admin.post(address, {"version": 2, "read": shown})

    assert (again.context["emptied"], blanks_of(filled)) == (2, "keep")


def test_going_back_that_empties_nothing_asks_nothing(admin: Client, filled: Block, admin_user: User) -> None:
    save_version(filled.connection, admin_user)
    filled.lines.filter(hub_field="domain").update(blanks="fill")
    save_version(filled.connection, admin_user)

    shown = admin.get(reverse("sync:restore", args=["brook", 1]))
    admin.post(reverse("sync:restore", args=["brook", 1]), {"version": 2})

    assert (shown.context["erasures"], shown.context["seal"]) == ([], "")
    assert blanks_of(filled) == "keep"


# --- A file


@pytest.mark.requirement("R231")
def test_import_page_lists_what_the_file_would_empty_and_does_only_that(
    admin: Client, connection: Connection, filled: Block, admin_user: User
) -> None:
    text = erasing_file(connection, filled, admin_user)
    address = reverse("sync:import")

    shown = admin.post(address, {"text": text})
    sent = {"text": text, "act": "apply", "version": shown.context["version"]}
    unseen = admin.post(address, sent)

    page = shown.content.decode()
    assert SAID in page
    assert "Apply 1 difference and let blanks erase" in page
    assert (unseen.status_code, unseen.context["emptied"], blanks_of(filled)) == (200, 1, "keep")

    admin.post(address, sent | {"read": shown.context["seal"]})

    assert blanks_of(filled) == "erase"


@pytest.mark.requirement("R231")
def test_file_that_brings_a_field_along_is_applied_as_it_was_shown(connection: Connection, filled: Block) -> None:
    """The field has another name once it is made."""
    draft = read_yaml(
        "{skalin-sync: 1, connection: brook, system: brook,"
        " custom_fields: {customers: [{name: Fee, type: CURRENCY}]}, blocks: {customers: {lines: ["
        '{hub: name, crm: Name}, {hub: "custom: Fee", crm: Revenue, blanks: erase}]}}}'
    )

    [erasure] = shown = draft_erasures(draft)
    apply_yaml(draft, None, read=seal(shown))

    assert (erasure.label, erasure.number, erasure.unknown) == ("Customers, custom: Fee", 0, 1)
    assert filled.lines.filter(crm_field="Revenue", blanks="erase").exists()


@pytest.mark.requirement("R231")
def test_command_import_lists_what_would_be_emptied_and_wants_to_be_told(
    connection: Connection, filled: Block, admin_user: User, tmp_path: Path
) -> None:
    source = tmp_path / "brook.yaml"
    source.write_text(erasing_file(connection, filled, admin_user))
    listed = ["Blanks would erase Customers, Domain, 1 filled here and blank there:", "  Filled: here.example"]

    looked = run("import", str(source), "--dry-run").splitlines()
    with pytest.raises(CommandError, match=r"nothing has been written\..*--erase"):
        run("import", str(source))

    assert looked[1:] == [*listed, "Nothing has been written."]
    assert blanks_of(filled) == "keep"

    run("import", str(source), "--erase")

    assert blanks_of(filled) == "erase"


def erasing_file(connection: Connection, block: Block, author: User) -> str:
    save_version(connection, author)
    let_erase(block)
    text = to_yaml(connection)
    block.lines.filter(hub_field="domain").update(blanks="keep")
    return text


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("connection", *arguments, stdout=out, stderr=out)
    return out.getvalue()


# --- From the sandbox to the live connection


@pytest.mark.requirement("R231")
def test_promotion_lists_what_it_would_empty_in_the_target_and_does_only_that(admin: Client, filled: Block) -> None:
    let_erase(connect("sandbox").blocks.get(object="customers"))
    address = reverse("sync:promote", args=["sandbox"])
    sent = {"to": "brook", "source_version": 0, "target_version": 0}

    shown = admin.get(address, {"to": "brook"})
    unseen = admin.post(address, sent, follow=True)

    page = shown.content.decode()
    assert SAID in page
    assert "and let blanks erase" in page
    assert "Blanks would erase values here. Look at them first; nothing was changed." in unseen.content.decode()
    assert blanks_of(filled) == "keep"

    admin.post(address, sent | {"read": shown.context["seal"]})

    assert blanks_of(filled) == "erase"


# --- Whoever calls


def test_what_nobody_has_seen_is_refused_by_what_acts(
    erasing_version: Connection, filled: Block, admin_user: User
) -> None:
    """The pages only show it: a way around them meets the same door."""
    sandbox = connect("sandbox")
    let_erase(sandbox.blocks.get(object="customers"))
    plan = planned(sandbox, erasing_version)

    for act in (
        lambda: restore(erasing_version, 1, admin_user),
        lambda: promote(sandbox, erasing_version, plan, admin_user),
    ):
        with pytest.raises(WouldErase):
            act()

    assert blanks_of(filled) == "keep"


@pytest.mark.parametrize(
    ("former", "wanted", "asked"),
    [
        ({"mode": "disabled"}, {"mode": "input"}, True),
        ({"mode": "input"}, {"mode": "disabled"}, False),
        ({"mode": "input"}, {"mode": "two-way"}, False),
        ({"direction": "out", "mode": "two-way"}, {"direction": "both", "mode": "two-way"}, True),
        ({"mode": "two-way"}, {"direction": "out", "mode": "two-way"}, False),
    ],
)
def test_line_that_erases_already_is_told_only_where_it_wakes(
    former: dict[str, str], wanted: dict[str, str], asked: bool, filled: Block
) -> None:
    let_erase(filled)
    say(filled, former)
    data = snapshot(filled.connection)
    block = data["blocks"]["customers"]
    block["mode"] = wanted["mode"]
    next(line for line in block["lines"] if line["hub"] == "domain")["direction"] = wanted.get("direction", "in")

    assert bool(erasures_in(filled.connection, data)) is asked


def test_fixed_value_is_never_blank(filled: Block) -> None:
    data = snapshot(filled.connection)
    lines = data["blocks"]["customers"]["lines"]
    next(line for line in lines if line["hub"] == "domain").update(crm="", constant="x.example", blanks="erase")

    assert erasures_in(filled.connection, data) == []


def say(block: Block, said: dict[str, str]) -> None:
    Block.objects.filter(pk=block.pk).update(mode=said["mode"])
    block.lines.filter(hub_field="domain").update(direction=said.get("direction", "in"))
