"""What a new record is sent where the hub has nothing: asked on the mapping page, checked by the CRM's field, said in words."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from integrations.engine.mapping import FieldRule, Kind
from integrations.engine.writing import default_of
from integrations.setup.saving import set_line
from integrations.sync.configuration import differences, in_words, snapshot
from integrations.sync.connector import Choice, CrmField, Registered
from integrations.sync.default_checks import UnfitError, fitted
from integrations.sync.metadata import metadata_of
from integrations.sync.models import Block
from integrations.sync.registry import register
from integrations.sync.succession import succeed

from .fakes import BROOK, BrookConnector
from .test_mapping_page import address, row, typed

pytestmark = [pytest.mark.requirement("C4"), pytest.mark.usefixtures("creating")]
NAME = "Sent where the hub has nothing"


@pytest.fixture
def creating(monkeypatch: pytest.MonkeyPatch, brook: Any) -> Iterator[None]:
    """Brook creates records, and its fields may be written."""
    abilities = BROOK.abilities
    objects = tuple(replace(one, creates=True) for one in abilities.objects)
    open_fields = {
        name: tuple(replace(one, is_updateable=True, is_createable=True) for one in fields)
        for name, fields in BrookConnector.fields.items()
    }
    open_fields["customers"] += (CrmField("Rating", "Rating", "int", Kind.INTEGER, is_updateable=True),)
    monkeypatch.setattr(BrookConnector, "fields", open_fields)
    register(Registered(replace(abilities, objects=objects), BROOK.connector))
    yield
    register(BROOK)


@pytest.fixture
def admin(admin_user: User, client_as: Callable[..., Client]) -> Client:
    return client_as(admin_user)


@pytest.fixture
def block(customers: Block) -> Block:
    Block.objects.filter(pk=customers.pk).update(mode="two-way")
    customers.lines.exclude(hub_field="ref_id").update(direction="both")
    customers.refresh_from_db()
    return customers


def test_page_asks_for_it_by_its_name_and_keeps_it(admin: Client, block: Block) -> None:
    shown = admin.get(address()).content.decode()

    answer = admin.post(address(), typed(block, domain__default_out="unknown.example"))

    assert shown.count(NAME) == len([one for one in row_names(admin) if one not in {"ref_id", "name"}])
    assert answer.status_code == 302
    assert block.lines.get(hub_field="domain").default_out == "unknown.example"
    assert 'value="unknown.example"' in admin.get(address()).content.decode()


def test_data_type_that_only_comes_in_is_not_asked(admin: Client, block: Block) -> None:
    Block.objects.filter(pk=block.pk).update(mode="input")

    assert NAME not in admin.get(address()).content.decode()


def test_system_that_creates_nothing_is_not_asked(admin: Client, block: Block) -> None:
    register(BROOK)

    assert NAME not in admin.get(address()).content.decode()


def test_what_is_not_asked_stays(admin: Client, block: Block) -> None:
    block.lines.filter(hub_field="domain").update(default_out="unknown.example")

    admin.post(address(), typed(block, note="Something else"))

    assert block.lines.get(hub_field="domain").default_out == "unknown.example"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"pulse__crm": "Rating", "pulse__direction": "out", "pulse__default_out": "many"},
            "“Rating” of Brook cannot hold “many”. Type a whole number in digits, such as 10.",
        ),
        (
            {"pulse__crm": "Rating", "pulse__direction": "both", "pulse__default_out": "9"},
            "“9” is read back at the next sync, and CSM Pulse cannot hold it: type what both sides take.",
        ),
        (
            {"csm__crm": "Owner.Email", "csm__direction": "both", "csm__default_out": "nobody"},
            "“Owner” of Brook cannot hold “nobody”. Type the e-mail address of a user.",
        ),
        (
            {"stage__crm": "Phase", "stage__direction": "out", "stage__default_out": "Nowhere"},
            "The list “Phase” of Brook has no “Nowhere”. Choose one of it: Live, Trial, Lost.",
        ),
        (
            {"domain__direction": "in", "domain__default_out": "unknown.example"},
            "Only a line that writes to Brook sends it: let Domain go out, or leave this empty.",
        ),
    ],
)
def test_what_cannot_be_sent_is_refused_with_the_cure(
    admin: Client, block: Block, changes: dict[str, str], said: str
) -> None:
    page = admin.post(address(), typed(block, **changes))

    assert page.status_code == 200
    name = next(key for key in changes if key.endswith("__default_out")).removesuffix("__default_out")
    assert row(page, name).form.errors == {"default_out": [said]}
    assert not block.connection.versions.exists()


def test_too_long_a_text_is_refused(admin: Client, block: Block) -> None:
    fields = tuple(
        replace(one, length=10) if one.path == "Website" else one for one in BrookConnector.fields["customers"]
    )
    BrookConnector.fields["customers"] = fields

    page = admin.post(address(), typed(block, domain__default_out="unknown.example"))

    assert row(page, "domain").form.errors["default_out"] == [
        "“Website” of Brook takes 10 characters, and this has 15. Shorten it."
    ]


def test_option_is_chosen_by_its_label_and_kept_by_its_value(admin: Client, block: Block) -> None:
    BrookConnector.fields["customers"] = tuple(
        replace(one, choices=(Choice("7", "Live"), Choice("8", "Lost"))) if one.path == "Phase" else one
        for one in BrookConnector.fields["customers"]
    )
    before = snapshot(block.connection)

    admin.post(address(), typed(block, stage__crm="Phase", stage__direction="out", stage__default_out="live"))
    page = admin.get(address()).content.decode()

    assert block.lines.get(hub_field="stage").default_out == "7"
    assert '<option value="7" selected>Live</option>' in page
    assert before != snapshot(block.connection)


def test_diff_and_words_say_it(admin: Client, block: Block) -> None:
    before = snapshot(block.connection)
    admin.post(address(), typed(block, domain__default_out="unknown.example"))

    said = differences(before, snapshot(block.connection))

    assert said == ["Customers, Domain: sent where the hub has nothing: empty → unknown.example"]
    assert (
        "Where a record made here has nothing, Brook gets “unknown.example” (Domain), which never comes back."
        in in_words(block, "Brook")
    )


def row_names(admin: Client) -> list[str]:
    return [one.form.hub_field.name for one in admin.get(address()).context["rows"]]


@pytest.mark.requirement("C4")
@pytest.mark.parametrize(
    ("kind", "typed", "sent"),
    [
        (Kind.BOOL, "no", False), (Kind.BOOL, "Yes", True), (Kind.INTEGER, "007", 7), (Kind.TEXT, "007", "007"),
        (Kind.NUMBER, "1.50", Decimal("1.50")),
    ],
)  # fmt: skip
def test_default_is_sent_as_what_the_field_keeps(kind: Kind, typed: str, sent: Any) -> None:
    field = CrmField("There", "There", "text", kind)
    rule = FieldRule("here", "Here", kind, crm_field="There", default_out=fitted(typed, field, "Brook"))

    assert default_of(rule) == sent
    assert type(default_of(rule)) is type(sent)


def test_option_of_a_list_is_sent_as_it_is_typed_though_the_hub_keeps_a_yes_or_a_number() -> None:
    for kind, said in ((Kind.BOOL, "Yes"), (Kind.INTEGER, "007")):
        assert default_of(FieldRule("here", "Here", kind, crm_field="There", default_out=said)) == said


def options(*choices: Choice, kind: Kind = Kind.CHOICE) -> None:
    BrookConnector.fields["customers"] = tuple(
        replace(one, choices=choices, kind=kind) if one.path == "Phase" else one
        for one in BrookConnector.fields["customers"]
    )


def test_words_say_the_option_as_people_there_see_it(admin: Client, block: Block) -> None:
    options(Choice("7", "Live"), Choice("8", "Lost"), kind=Kind.LIST)
    admin.post(address(), typed(block, stage__crm="Phase", stage__direction="out", stage__default_out="live;lost"))

    assert block.lines.get(hub_field="stage").default_out == "7;8"
    assert any("Brook gets “Live; Lost” (" in sentence for sentence in in_words(block, "Brook"))


@pytest.mark.parametrize(("text", "kept"), [("a;", "a"), ("; a ;; b;", "a;b")])
def test_separator_too_many_names_no_option(text: str, kept: str) -> None:
    field = CrmField("Tags", "Tags", "multipicklist", Kind.LIST, (Choice("a", "A"), Choice("b", "B")))

    assert fitted(text, field, "Brook") == kept


def test_separators_alone_are_no_default() -> None:
    with pytest.raises(UnfitError):
        fitted(";", CrmField("Tags", "Tags", "multipicklist", Kind.LIST, (Choice("a", "A"),)), "Brook")


def test_line_of_a_step_that_is_pointed_elsewhere_leaves_its_default_behind(block: Block) -> None:
    data: dict[str, Any] = {"lines": [{"hub": "stage", "crm": "Phase", "default_out": "7", "values": {}}]}

    set_line(data, "stage", "Phase", None)
    assert data["lines"][0]["default_out"] == "7"
    set_line(data, "stage", "Rating", None)

    assert data["lines"][0]["default_out"] == ""


@pytest.mark.parametrize(("default", "kept"), [("unknown.example", ""), ("x.example", "x.example")])
def test_successor_takes_over_only_the_default_that_it_can_hold(
    block: Block, admin_user: User, default: str, kept: str
) -> None:
    BrookConnector.fields["customers"] = tuple(
        replace(one, length=10) if one.path == "Website" else one for one in BrookConnector.fields["customers"]
    )
    lines = block.lines.filter(hub_field="domain")
    lines.update(crm_field="Site", crm_label="Web site", default_out=default)
    metadata = metadata_of(block.connection, "customers", (), may_ask=True)

    succeed(block, lines.get(), "Website", metadata, author=admin_user, expected=block.connection.version)

    assert (lines.get().crm_field, lines.get().default_out) == ("Website", kept)
