"""Stages A, B and C on a practice HubSpot: what each writes, what it must not, and what refuses it."""

from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import User
from integrations.hub.door import door
from integrations.hub.models import Customer, CustomField, HealthProfile, Stage, Tag
from integrations.migration import gates
from integrations.migration.chapters import step_of
from integrations.migration.checking import check
from integrations.migration.models import Move, Passage, StepState
from integrations.migration.stages import drafts, saving
from integrations.migration.stages.overwrites import overwrites_of
from integrations.migration.steps import ActRefused
from integrations.sync import runs
from integrations.sync.configuration import save_version
from integrations.sync.models import Block, Change, Connection, FieldMapping, RecordLink, Run, Version

from .moving import Moving, begin, old_id

pytestmark = pytest.mark.django_db
VERIFIED, FAILED, NEW = StepState.State.VERIFIED, StepState.State.FAILED, StepState.State.NOT_STARTED


@pytest.fixture(autouse=True)
def _gates_are_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gates are proved in test_gates.py; here it is the stages."""
    monkeypatch.setattr(gates, "require", lambda _move, _key, only=(): None)


@pytest.fixture
def moving(tmp_path: Path, settings: Settings) -> Any:
    made = begin(tmp_path, settings)
    yield made
    made.crm.__exit__(None, None, None)


def saved_a(moving: Moving, keys: tuple[str, ...] = ()) -> Any:
    move = moving.again()
    assert move.new is not None
    passage = saving.save(move, "a", drafts.stage_a(move, keys), moving.admin, expected=move.new.version)
    moving.run(passage.preview_id)
    return passage


def ran_a(moving: Moving) -> Any:
    passage = saved_a(moving)
    saving.begin_run(passage, moving.admin)
    moving.run(passage.run_id)
    moving.again()
    return passage


def state(moving: Moving, key: str) -> StepState:
    return check(moving.again(), step_of(key))


@pytest.mark.requirement("R158", "R159", "R161", "R163", "R164", "R165")
def test_stage_a_says_four_things_and_reads_only(moving: Moving) -> None:
    data = drafts.stage_a(moving.move, ("domain",))

    customers, contacts = data["blocks"]["customers"], data["blocks"]["contacts"]
    assert {line["hub"]: line["crm"] for line in customers["lines"]} == {
        "ref_id": "hs_object_id", "name": "name", "domain": "domain", moving.move.old_id_field: "old_crm_id",
    }  # fmt: skip
    assert customers["merge_keys"] == [moving.move.old_id_field, "domain"]
    assert contacts["merge_keys"] == ["email"]
    assert {block["mode"] for name, block in data["blocks"].items() if name in {"customers", "contacts"}} == {"input"}
    assert all(line["direction"] == "in" for block in (customers, contacts) for line in block["lines"])
    assert all(line["blanks"] == "fill" for line in customers["lines"] if line["hub"] != "ref_id")


@pytest.mark.requirement("R131", "R132", "R166", "R226")
def test_stage_a_gives_the_customers_hubspots_ids_and_makes_none_twice(moving: Moving) -> None:
    before = {one.pk: (one.name, one.stage_id, one.domain) for one in moving.customers}

    ran_a(moving)

    found = list(Customer.objects.order_by("pk"))
    assert [one.ref_id for one in found] == moving.companies
    assert {one.ref_writer for one in found} == {moving.move.new_id}
    assert {one.pk: one.name for one in found} == {pk: name for pk, (name, _stage, _domain) in before.items()}
    assert state(moving, "a-run").state == VERIFIED
    assert state(moving, "one-owner").state == VERIFIED


@pytest.mark.requirement("R133", "R181", "R231")
def test_what_the_hub_holds_is_not_overwritten_and_the_preview_says_so_before(moving: Moving) -> None:
    moving.crm.edit("companies", moving.companies[0], name="Another name", domain="other.example")

    passage = saved_a(moving)

    said = state(moving, "a-emptied")
    assert said.state == VERIFIED
    assert "empties 0 and changes 0" in said.said
    saving.begin_run(passage, moving.admin)
    moving.run(passage.run_id)
    assert Customer.objects.get(pk=moving.customers[0].pk).name == moving.customers[0].name


@pytest.mark.requirement("R181", "R231")
def test_a_line_that_would_overwrite_is_told_with_record_and_field(moving: Moving) -> None:
    moving.crm.edit("companies", moving.companies[0], name="Another name")
    data = drafts.stage_a(moving.move, ())
    for line in data["blocks"]["customers"]["lines"]:
        line["blanks"] = "keep"

    assert moving.move.new is not None
    passage = saving.save(moving.move, "a", data, moving.admin, expected=moving.move.new.version)
    moving.run(passage.preview_id)

    said = state(moving, "a-emptied")
    assert (said.state, said.total) == (FAILED, 1)
    [[label, detail, url]] = said.rows
    assert (label, detail) == ("Another name", f"Name: {moving.customers[0].name} → Another name")
    assert url.endswith(f"/{moving.customers[0].pk}/")


@pytest.mark.requirement("R226")
def test_another_connection_that_writes_the_ids_refuses_the_stage(moving: Moving) -> None:
    Connection.objects.filter(pk=moving.move.old_id).update(state=Connection.State.ON)
    block = Block.objects.create(connection=moving.move.old, object="customers", mode="input")
    FieldMapping.objects.create(block=block, hub_field="ref_id", crm_field="Id")

    with pytest.raises(ActRefused, match="Old still writes Customer IDs"):
        saved_a(moving)

    assert state(moving, "one-owner").state == FAILED
    Block.objects.update(mode="disabled")
    saved_a(moving)


@pytest.mark.requirement("R169", "R170", "R177", "R178", "R179")
def test_stage_b_brings_the_hubs_values_to_hubspot_and_changes_none_here(moving: Moving) -> None:
    ran_a(moving)
    growth = Stage.objects.create(name="growth", label="Growth", position=9)
    Customer.objects.filter(pk=moving.customers[0].pk).update(stage=growth)
    note = CustomField.objects.create(entity="customers", name="Note", type="STRING")
    Customer.objects.filter(pk=moving.customers[1].pk).update(custom={note.key: "Loud"})
    hub_before = list(Customer.objects.order_by("pk").values_list("stage", "name", "domain", "csm"))
    move = moving.again()
    assert move.new is not None
    data = drafts.stage_b(move, {"stage": "customer_stage", f"custom.{note.key}": "onboarding_notes"})

    passage = saving.save(move, "b", data, moving.admin, expected=move.new.version)

    assert Connection.objects.get(pk=move.new_id or 0).state == Connection.State.PAUSED
    moving.run(passage.preview_id)
    saving.begin_run(passage, moving.admin)
    moving.run(passage.run_id)
    held = [moving.crm.record("companies", company) or {} for company in moving.companies]
    assert held[0]["customer_stage"] == "Growth"
    assert held[1]["onboarding_notes"] == "Loud"
    assert list(Customer.objects.order_by("pk").values_list("stage", "name", "domain", "csm")) == hub_before
    assert [state(moving, key).state for key in ("b-draft", "b-keys", "b-lines", "b-run")] == [VERIFIED] * 4
    assert state(moving, "a-keys").state == VERIFIED, "what stage A said is read from its own version"
    assert Connection.objects.get(pk=move.new_id or 0).state == Connection.State.ON


def stage_called(label: str) -> tuple[str, str]:
    return "stage", Stage.objects.create(name=label.casefold(), label=label, position=9).name


def custom_field() -> tuple[str, str]:
    return f"custom.{CustomField.objects.create(entity='customers', name='Note', type='STRING').key}", "Loud"


@pytest.mark.parametrize(
    ("own", "path", "before", "after"),
    [
        pytest.param(
            lambda: stage_called("Evangelist"), "lifecyclestage", "customer", "evangelist",
            marks=pytest.mark.requirement("R171"),
        ),
        pytest.param(
            lambda: ("csm", ""), "csm", "42600085", "",
            marks=pytest.mark.requirement("R172"),
        ),
        pytest.param(
            lambda: stage_called("Growth"), "customer_stage", "Onboarding", "Growth",
            marks=pytest.mark.requirement("R173"),
        ),
        pytest.param(
            lambda: ("profile", HealthProfile.objects.create(name="Enterprise").name), "customer_profile", "Strategic",
            "Enterprise", marks=pytest.mark.requirement("R174"),
        ),
        pytest.param(
            lambda: (f"custom.tag-{Tag.objects.create(name='VIP', entity='customers').pk}", True), "is_strategic", "false",
            "true", marks=pytest.mark.requirement("R175"),
        ),
        pytest.param(custom_field, "onboarding_notes", "Quiet", "Loud", marks=pytest.mark.requirement("R176")),
    ],
)  # fmt: skip
@pytest.mark.requirement("R169", "R178")
def test_each_further_field_goes_out_and_hubspots_value_never_comes_in(
    moving: Moving, own: Any, path: str, before: str, after: str
) -> None:
    pk, company = moving.customers[0].pk, moving.companies[0]
    moving.crm.edit("companies", company, **{path: before})
    ran_a(moving)
    name, value = own()
    if name == "csm":
        value, after = other_owner(moving, before)
    assert door().edit("customers", {pk: {name: value}}, by="Inès") == []
    hub = Customer.objects.filter(pk=pk).values("stage", "csm", "profile", "custom")
    held = hub.get()
    move = moving.again()
    assert move.new is not None

    passage = saving.save(
        move, "b", drafts.stage_b(move, {name: path}), moving.admin, expected=move.new.version
    )  # fmt: skip
    moving.run(passage.preview_id)
    saving.begin_run(passage, moving.admin)
    moving.run(passage.run_id)

    assert (moving.crm.record("companies", company) or {})[path] == after
    line = FieldMapping.objects.get(block__connection=move.new_id, hub_field=name)
    assert (line.direction, line.on_conflict) == ("out", "hub")
    assert hub.get() == held
    moving.crm.edit("companies", company, **{path: before})
    moving.run(runs.request_run(Connection.objects.get(pk=move.new_id or 0), "full", by="Tom").pk)
    assert hub.get() == held, "whatever HubSpot says later"


def other_owner(moving: Moving, than: str) -> tuple[str, str]:
    """E-mail address and HubSpot's number of a colleague."""
    with moving.crm.store.transaction():
        rows = moving.crm.store.execute("SELECT id FROM _record WHERE kind = 'owners' ORDER BY id").fetchall()
    number = next(str(row[0]) for row in rows if str(row[0]) != than)
    return str((moving.crm.record("owners", number) or {})["email"]), number


@pytest.mark.requirement("R231", "R169")
def test_stage_b_tells_what_it_replaces_in_hubspot_also_where_the_hub_has_no_word_for_it(moving: Moving) -> None:
    moving.crm.edit("companies", moving.companies[0], customer_stage="Paused")
    for company in moving.companies[1:]:
        moving.crm.edit("companies", company, customer_stage=None)
    ran_a(moving)
    growth = Stage.objects.create(name="growth", label="Growth", position=9)
    Customer.objects.update(stage=growth)
    move = moving.again()
    assert move.new is not None

    data = drafts.stage_b(move, {"stage": "customer_stage"})
    passage = saving.save(move, "b", data, moving.admin, expected=move.new.version)
    moving.run(passage.preview_id)

    found = overwrites_of(Run.objects.get(pk=passage.preview_id or 0), move.old_id_field)
    assert (found.emptied, found.changed, found.sent, found.overwritten_there) == (0, 0, 3, 1)
    [row] = found.there
    assert (row.label, row.detail.partition(": ")[2]) == (moving.customers[0].name, "Paused → growth")


@pytest.mark.requirement("R170", "R232")
def test_the_old_id_stays_a_merge_key_while_a_customer_lacks_the_new_one(moving: Moving) -> None:
    moving.crm.edit("companies", moving.companies[2], old_crm_id="")
    ran_a(moving)
    move = moving.again()
    assert move.new is not None

    with pytest.raises(ActRefused, match="1 customers have no HubSpot ID"):
        saving.save(
            move, "b", drafts.stage_b(move, {"stage": "customer_stage"}), moving.admin, expected=move.new.version
        )

    assert Block.objects.get(connection=move.new_id, object="customers").merge_keys == [move.old_id_field]


@pytest.mark.requirement("R180", "R182")
def test_stage_c_lets_both_sides_write_the_chosen_lines_alone(moving: Moving) -> None:
    ran_a(moving)
    move = moving.again()
    assert move.new is not None
    data = drafts.stage_b(move, {"stage": "customer_stage", "csm": "csm"})
    passage = saving.save(move, "b", data, moving.admin, expected=move.new.version)
    moving.run(passage.preview_id)
    saving.begin_run(passage, moving.admin)
    moving.run(passage.run_id)
    move = moving.again()
    assert move.new is not None

    passage = saving.save(move, "c", drafts.stage_c(move, {"stage": "ask"}), moving.admin, expected=move.new.version)
    moving.run(passage.preview_id)
    saving.begin_run(passage, moving.admin)
    moving.run(passage.run_id)

    lines = FieldMapping.objects.filter(block__connection=move.new_id, block__object="customers")
    assert dict(lines.exclude(direction="in").values_list("hub_field", "direction")) == {"stage": "both", "csm": "out"}
    assert [state(moving, key).state for key in ("c-lines", "c-run", "b-lines")] == [VERIFIED] * 3


def test_a_stage_is_withdrawn_and_the_configuration_is_as_before(moving: Moving) -> None:
    ran_a(moving)
    move = moving.again()
    assert move.new is not None
    before = move.new.version
    passage = saving.save(move, "b", drafts.stage_b(move, {"csm": "csm"}), moving.admin, expected=before)
    moving.run(passage.preview_id)

    saving.withdraw(passage, moving.admin)

    block = Block.objects.get(connection=move.new_id, object="customers")
    assert (block.mode, block.merge_keys) == ("input", [move.old_id_field])
    assert Connection.objects.get(pk=move.new_id or 0).state == Connection.State.ON
    assert saving.passage_of(move, "b") is None


def test_somebody_elses_version_refuses_the_save_and_the_run(moving: Moving) -> None:
    passage = saved_a(moving)
    Connection.objects.filter(pk=moving.move.new_id or 0).update(version=passage.version + 1)

    with pytest.raises(ActRefused, match="Save the stage again"):
        saving.begin_run(passage, moving.admin)

    with pytest.raises(ActRefused, match="was saved since you opened this page"):
        saving.save(moving.move, "a", drafts.stage_a(moving.move, ()), moving.admin, expected=passage.version)
    assert not Run.objects.filter(kind="apply").exists()


def test_version_that_says_the_same_in_other_words_outdates_no_stage(moving: Moving, admin_user: User) -> None:
    """One of an earlier release says which field keeps our key, too."""
    move = moving.move
    assert move.new is not None
    Block.objects.get_or_create(connection=move.new, object="customers")
    save_version(move.new, admin_user)
    move.new.refresh_from_db()
    then = Version.objects.get(connection=move.new, number=move.new.version)
    said = {**then.data, "blocks": {name: {**one, "key_field": "old"} for name, one in then.data["blocks"].items()}}
    Version.objects.filter(pk=then.pk).update(data=said)
    Version.objects.create(connection=move.new, number=then.number + 1, data=then.data, author_name="Inès")
    passage = Passage.objects.create(move=move, stage="a", version=then.number, former=0, by="Inès")
    move.new.version = then.number + 1

    assert not saving.is_outdated(move, passage)

    Version.objects.filter(pk=then.pk).update(data={**said, "name": "Another"})
    assert saving.is_outdated(move, passage)


@pytest.mark.requirement("R132", "R212")
def test_a_new_company_of_hubspot_comes_in_as_a_customer_of_its_own(moving: Moving) -> None:
    made = moving.crm.create("companies", name="Brand new", lifecyclestage="customer")

    ran_a(moving)

    new = Customer.objects.get(ref_id=made)
    assert (new.name, new.ref_writer) == ("Brand new", moving.move.new_id)
    assert not RecordLink.objects.filter(connection=moving.move.old_id, hub_id=new.pk).exists()
    assert Customer.objects.count() == len(moving.customers) + 1


def test_what_stage_a_wrote_stands_in_the_journal_and_can_be_taken_back(moving: Moving) -> None:
    from integrations.sync import undo

    passage = ran_a(moving)
    assert Change.objects.filter(run_id=passage.run_id, object="customers").count() == len(moving.customers)

    made = undo.request_undo(Run.objects.get(pk=passage.run_id or 0), moving.admin, "Rehearsal")
    moving.run(made.pk)

    assert sorted(Customer.objects.values_list("ref_id", flat=True)) == [
        old_id(n) for n in range(len(moving.customers))
    ]
    assert set(Customer.objects.values_list("ref_writer", flat=True)) == {moving.move.old_id}


def test_nothing_can_be_saved_before_hubspot_is_connected(moving: Moving) -> None:
    Move.objects.filter(pk=moving.move.pk).update(new=None)

    with pytest.raises(ActRefused, match="HubSpot is not connected yet"):
        drafts.stage_a(moving.again(), ())
