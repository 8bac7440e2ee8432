"""Blanks that come to erase: whichever way a configuration goes live, somebody sees first which values it would empty."""

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from integrations.engine.values import Value
from integrations.hub.models import Agreement, Customer, Interaction
from integrations.sync import runs
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
from integrations.sync.models import Block, Connection, FieldMapping, RecordLink
from integrations.sync.promotion import planned, promote
from integrations.sync.runner.drive import drive
from tests.configuration.factories import connect, link
from tests.hub.factories import ContactFactory, CsmOwnerFactory, CustomerFactory, HealthProfileFactory
from tests.sync.fakes import WORLDS
from tests.sync.fakes import connect as paper

SAID = "Customers, Domain: 1 value is filled here and blank in Brook"


@pytest.fixture
def admin(admin_user: User, client_as: Callable[..., Client]) -> Client:
    return client_as(admin_user)


@pytest.fixture
def filled(customers: Block) -> Block:
    """A customer whose domain stands here and nowhere else: who lets blanks erase loses it."""
    row = CustomerFactory.create(name="Filled", domain="here.example")
    link(customers.connection, row, settled={"domain": ["here.example", None]})
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


@pytest.mark.parametrize(
    ("former", "wanted"),
    [
        ({"crm": "Website"}, {"mode": "disabled"}),
        ({"crm": "Website"}, {"mode": "output", "direction": "both"}),
        ({"crm": "Elsewhere"}, {"mode": "disabled"}),
    ],
)
def test_line_that_rests_in_the_mode_begins_nothing(
    former: dict[str, str], wanted: dict[str, str], filled: Block
) -> None:
    filled.lines.filter(hub_field="domain").update(crm_field=former["crm"], direction=wanted.get("direction", "in"))
    data = erasing(filled)
    data["blocks"]["customers"]["mode"] = wanted["mode"]
    line_in(data, "domain")["crm"] = "Website"

    assert erasures_in(filled.connection, data) == []


@pytest.mark.requirement("R231")
def test_line_that_came_to_read_another_field_while_it_rested_is_told_as_it_wakes(filled: Block) -> None:
    """What the former field held says nothing of the new one."""
    settled = {"domain": ["here.example", "here.example", "0ld11ne0"]}
    RecordLink.objects.update(settled=settled)
    let_erase(filled)
    say(filled, {"mode": "disabled"})
    data = snapshot(filled.connection)
    data["blocks"]["customers"]["mode"] = "input"

    [erasure] = erasures_in(filled.connection, data)

    assert (erasure.number, erasure.unknown) == (0, 1)


# --- What stands here by now


@pytest.mark.requirement("R231")
@pytest.mark.parametrize("settled", [[None, None], ["", ""], ["former.example", None]])
def test_value_typed_here_since_the_last_settling_is_told(settled: list[str | None], customers: Block) -> None:
    row = CustomerFactory.create(name="Typed", domain="typed.example")
    link(customers.connection, row, settled={"domain": settled})

    [erasure] = erasures_in(customers.connection, erasing(customers))

    assert (erasure.number, erasure.unknown, erasure.examples) == (1, 0, [("Typed", "typed.example")])


@pytest.mark.requirement("R231")
@pytest.mark.usefixtures("db")
def test_what_the_next_sync_erases_is_what_was_told() -> None:
    """A value that was typed after the link: the data type only reads, so it never came into what was settled."""
    connection = paper("Paper")
    WORLDS[connection.pk].company("1", "Aldervale", Website=None)
    drive(runs.request_run(connection, "delta", by="Inès"))
    Customer.objects.update(domain="typed.example")
    block = connection.blocks.get(object="customers")

    told = erasures_in(connection, erasing(block))
    let_erase(block)
    WORLDS[connection.pk].later()
    drive(runs.request_run(connection, "full", by="Inès"))

    assert [(one.number, one.unknown, one.examples) for one in told] == [(1, 0, [("Aldervale", "typed.example")])]
    assert Customer.objects.get().domain == ""


@pytest.mark.requirement("R231")
def test_value_emptied_here_since_is_not_told(customers: Block) -> None:
    link(customers.connection, CustomerFactory.create(domain=""), settled={"domain": ["former.example", None]})

    assert erasures_in(customers.connection, erasing(customers)) == []


def mails(**columns: Any) -> Interaction:
    return Interaction.objects.create(
        customer=CustomerFactory.create(), starts_at=timezone.now(), type="email", **columns
    )


def agreements(**columns: Any) -> Agreement:
    return Agreement.objects.create(customer=CustomerFactory.create(), **columns)


DAY = date(2026, 1, 31)
Filled = Callable[[], tuple[Any, Any, Value]]
"""Makes a row that holds something in the field and one that holds nothing, and says what the first holds."""
HELD: dict[tuple[str, str], Filled] = {
    ("customers", "csm"): lambda: (
        CustomerFactory.create(csm=CsmOwnerFactory.create(email="ana@x.example")), CustomerFactory.create(),
        "ana@x.example",
    ),
    ("customers", "profile"): lambda: (
        CustomerFactory.create(profile=HealthProfileFactory.create(name="Big")), CustomerFactory.create(), "Big",
    ),
    ("customers", "pulse"): lambda: (CustomerFactory.create(pulse=3), CustomerFactory.create(), 3),
    ("customers", "custom.fee"): lambda: (
        CustomerFactory.create(custom={"fee": {"n": "12.50"}}), CustomerFactory.create(custom={"fee": None}),
        Decimal("12.50"),
    ),
    ("customers", "custom.note"): lambda: (
        CustomerFactory.create(custom={"note": "x"}), CustomerFactory.create(custom={"note": ""}), "x",
    ),
    ("customers", "custom.tag-7"): lambda: (
        CustomerFactory.create(custom={"tag-7": True}), CustomerFactory.create(custom={"other": True}), True,
    ),
    ("contacts", "phone"): lambda: (ContactFactory.create(phone="+33 1"), ContactFactory.create(phone=""), "+33 1"),
    # Nought is an answer.
    ("contacts", "nps_score"): lambda: (ContactFactory.create(nps_score=0), ContactFactory.create(), 0),
    ("agreements", "notice_date"): lambda: (agreements(renewal_date=DAY), agreements(), DAY),
    ("agreements", "fee"): lambda: (agreements(fee=Decimal("0.00")), agreements(), Decimal("0.00")),
    ("emails", "body"): lambda: (mails(body="Hello"), mails(), "Hello"),
    ("emails", "participants"): lambda: (mails(participants=["a@x.example"]), mails(), ("a@x.example",)),
    ("emails", "contacts"): lambda: (mails(contact_refs=["c-1"]), mails(), ("c-1",)),
}  # fmt: skip


@pytest.mark.requirement("R231")
@pytest.mark.parametrize(("entity", "field"), HELD)
def test_what_the_row_holds_is_read_wherever_it_stands(entity: str, field: str, connection: Connection) -> None:
    held, empty, value = HELD[entity, field]()
    block = Block.objects.get_or_create(connection=connection, object=entity)[0]
    FieldMapping.objects.create(block=block, position=9, hub_field=field, crm_field="Theirs")
    for row in (held, empty):
        link(connection, row, object=entity, settled={field: [None, None]})
    data = snapshot(connection)
    line_in(data, field, entity)["blanks"] = "erase"

    [erasure] = erasures_in(connection, data)

    assert (erasure.number, [shown for _, shown in erasure.examples]) == (1, [value])


def test_number_of_statements_does_not_grow_with_the_records(customers: Block) -> None:
    data = erasing(customers)

    def asked() -> int:
        with CaptureQueriesContext(database) as statements:
            erasures_in(customers.connection, data)
        return len(statements)

    link(customers.connection, CustomerFactory.create(), settled={"domain": [None, None]})
    one = asked()
    for row in CustomerFactory.create_batch(30):
        link(customers.connection, row, settled={"domain": [None, None]})

    assert asked() == one


@pytest.mark.requirement("R231")
@pytest.mark.parametrize("settled", [{"domain": ["x.example", None]}, {}])
def test_other_records_of_the_same_number_are_not_what_was_shown(settled: dict[str, Any], customers: Block) -> None:
    """Behind the first twenty, where no name is shown, just as well."""
    for number in range(20):
        row = CustomerFactory.create(name=f"A {number:02}")
        link(customers.connection, row, settled={"domain": ["x.example", None]})
    data = erasing(customers)
    shown, sets = [], ("Z", "Zz")
    for name in sets:
        made = link(customers.connection, CustomerFactory.create(name=name), settled=settled)
        shown.append(erasures_in(customers.connection, data))
        made.delete()

    [[one], [two]] = shown
    assert (one.number, one.unknown, one.examples) == (two.number, two.unknown, two.examples)
    assert seal([one]) != seal([two])
    assert seal([one]) == seal(list(shown[0]))


def erasing(block: Block) -> dict[str, Any]:
    """The configuration as it is, but that blanks erase the domain."""
    data = snapshot(block.connection)
    line_in(data, "domain")["blanks"] = "erase"
    return data


def line_in(data: dict[str, Any], hub_field: str, entity: str = "customers") -> dict[str, Any]:
    found: dict[str, Any] = next(line for line in data["blocks"][entity]["lines"] if line["hub"] == hub_field)
    return found


def say(block: Block, said: dict[str, str]) -> None:
    Block.objects.filter(pk=block.pk).update(mode=said["mode"])
    block.lines.filter(hub_field="domain").update(direction=said.get("direction", "in"))
