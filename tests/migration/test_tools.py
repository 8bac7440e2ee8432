"""Chapter 6: Stripe still finds its customers, Intercom holds the new IDs, and every other tool is signed by somebody."""

from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Role
from integrations.engine.compare import compared
from integrations.engine.mapping import Compare
from integrations.hub.models import Contact, Customer, CustomField, CustomKey
from integrations.migration import beside, checking
from integrations.migration.chapters import step_of
from integrations.migration.checks import tools as checks
from integrations.migration.models import Move, StepState, Tool, Word
from integrations.sync.models import Connection, FieldMapping, RecordLink
from tests.migration.late_worlds import arrive, connect, kept, lines, link, moving, stage_a
from tests.signed_in import ClientAs

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R223")]


@pytest.fixture
def move() -> Move:
    return moving(2, arrived=False)


def rows() -> list[Customer]:
    return list(Customer.objects.order_by("pk"))


@pytest.mark.requirement("R187", "R189")
def test_where_neither_is_connected_there_is_nothing_to_do(move: Move) -> None:
    found = [
        checks.stripe(move),
        *(checks.intercom_points(name)(move) for name in checks.OBJECTS),
        checks.intercom_ids(move),
    ]
    assert {(one.holds, "nothing to do" in one.said) for one in found} == {(True, True)}


def test_one_that_is_archived_is_not_asked(move: Move) -> None:
    connect("stripe")
    Connection.objects.filter(system="stripe").update(state=Connection.State.ARCHIVED)
    assert "nothing to do" in checks.stripe(move).said


# --- Stripe


@pytest.fixture
def stripe(move: Move, admin_user: User) -> Connection:
    """Both customers are linked, and their Stripe ID is filled."""
    made = connect("stripe")
    field = CustomField.objects.create(entity="customers", name="Stripe ID", type="STRING", is_key=True)
    lines(made, "customers", {f"custom.{field.key}": "id", "name": "name"})
    for n, row in enumerate(rows()):
        link(made, row, f"cus_{n}")
        CustomKey.objects.create(field=field, row_id=row.pk, value=compared(Compare.ID, f"cus_{n}"))
    kept(move, admin_user)
    return made


@pytest.mark.requirement("R186", "R187", "R188")
def test_stripe_holds_after_the_ids_have_changed(move: Move, stripe: Connection) -> None:
    for n, row in enumerate(rows()):
        arrive(move, row, f"9{n}")
    found = checks.stripe(move)
    assert found.holds
    assert "2 customers linked" in found.said
    assert "At the snapshot: 2" in found.said


@pytest.mark.requirement("R185")
def test_stripe_customers_that_nobody_answers_to_are_listed(move: Move, stripe: Connection) -> None:
    RecordLink.objects.create(
        connection=stripe,
        object="customers",
        source_object="Customer",
        source_id="cus_9",
        state="excluded",
        name="Stranger",
    )
    found = checks.stripe(move)
    assert (found.holds, found.rows[0].label, found.rows[0].detail) == (True, "Excluded", "1")
    assert found.rows[0].url.endswith("/customers/?state=excluded")


@pytest.mark.requirement("R187")
def test_a_lost_stripe_link_fails(move: Move, stripe: Connection) -> None:
    RecordLink.objects.filter(connection=stripe, hub_id=rows()[0].pk).delete()
    found = checks.stripe(move)
    assert (found.holds, "Links were lost" in found.cure) == (False, True)


@pytest.mark.requirement("R188")
@pytest.mark.parametrize("part", ["no line", "not filled"])
def test_stripe_without_a_common_id_fails(move: Move, stripe: Connection, part: str) -> None:
    if part == "no line":
        FieldMapping.objects.filter(crm_field="id").delete()
    else:
        CustomKey.objects.filter(row_id=rows()[0].pk).update(value="")
    found = checks.stripe(move)
    assert (found.holds, found.rows[0].url) == (False, beside.stripe_page(stripe))
    assert [row.label for row in found.rows[1:]] == ([] if part == "no line" else ["Customer 1"])


# --- Intercom


@pytest.fixture
def intercom(move: Move) -> Connection:
    """The Ref IDs go out to attributes of their own, and hold what stands here."""
    made = connect("intercom")
    for name in ("customers", "contacts"):
        lines(made, name, {"ref_id": "custom_attributes.hubspot_id"}, mode="two-way")
    FieldMapping.objects.update(direction=FieldMapping.Direction.OUT)
    stage_a(move)
    for n, row in enumerate(rows()):
        arrive(move, row, f"9{n}")
        settled = {"ref_id": [f"9{n}", f"9{n}"]}
        link(made, row, f"ic{n}", settled=settled)
    for n, person in enumerate(Contact.objects.order_by("pk")):
        Contact.objects.filter(pk=person.pk).update(ref_id=f"8{n}")
        link(made, person, f"p{n}", name="contacts", settled={"ref_id": [f"8{n}", f"8{n}"]})
    return made


def points(move: Move, name: str = "customers") -> Any:
    return checks.intercom_points(name)(move)


@pytest.mark.requirement("R190", "R191", "R192")
def test_intercom_holds_where_the_ids_stand_there(move: Move, intercom: Connection) -> None:
    assert (points(move).holds, points(move, "contacts").holds, checks.intercom_ids(move).holds) == (True, True, True)


@pytest.mark.requirement("R184", "R190", "R191")
@pytest.mark.parametrize(("name", "fixed"), [("customers", "company_id"), ("contacts", "external_id")])
def test_an_attribute_that_keeps_the_old_id_fails(move: Move, intercom: Connection, name: str, fixed: str) -> None:
    FieldMapping.objects.filter(block__object=name).update(crm_field=fixed)
    found = points(move, name)
    assert (found.holds, fixed in found.said, found.rows[0].url) == (False, True, beside.intercom_page(intercom))


@pytest.mark.requirement("R189")
@pytest.mark.parametrize("part", ["disabled", "no line"])
def test_a_block_that_carries_no_id_fails(move: Move, intercom: Connection, part: str) -> None:
    if part == "disabled":
        intercom.blocks.update(mode="disabled")
    else:
        FieldMapping.objects.all().delete()
    assert points(move).holds is False


@pytest.mark.requirement("R192")
@pytest.mark.parametrize("settled", [{"ref_id": ["501", "501"]}, {"ref_id": ["90", None]}, {}])
def test_an_old_id_in_intercom_is_named(move: Move, intercom: Connection, settled: Any) -> None:
    RecordLink.objects.filter(connection=intercom, source_id="ic0").update(settled=settled)
    found = checks.intercom_ids(move)
    assert (found.holds, [row.label for row in found.rows]) == (False, ["Customer 1"])


@pytest.mark.requirement("R192")
@pytest.mark.parametrize(("held", "holds"), [((100, 80, 80), True), ((100, 80, 79), False), ((100, 0, 0), False)])
def test_where_the_team_imports_them_intercom_is_asked(
    move: Move, intercom: Connection, monkeypatch: pytest.MonkeyPatch, held: Any, holds: bool
) -> None:
    FieldMapping.objects.update(direction=FieldMapping.Direction.IN)
    monkeypatch.setattr(beside, "in_first_page", lambda *_asked: held)
    assert checks.intercom_ids(move).holds is holds


@pytest.mark.requirement("R192")
def test_an_intercom_in_which_nobody_is_found_fails(move: Move, intercom: Connection) -> None:
    RecordLink.objects.filter(connection=intercom, object="customers").update(hub_id=None, state="excluded")
    found = checks.intercom_ids(move)
    assert (found.holds, found.total) == (False, 2)


def test_before_stage_a_the_ids_are_the_old_ones(move: Move) -> None:
    connect("intercom")
    assert checks.intercom_ids(move).holds is None


# --- Every other tool


@pytest.fixture
def page(move: Move) -> str:
    return reverse("migration:tools", args=[move.pk])


def act(client: Any, move: Move, verb: str, **told: Any) -> None:
    client.post(reverse("migration:tool", args=[move.pk, verb]), told)


def is_met(move: Move) -> bool:
    step = step_of("other-tools")
    return checking.is_met(step, checking.standing(move, step))


@pytest.mark.requirement("R193", "R222")
def test_tools_are_listed_signed_taken_back_and_removed(move: Move, page: str, client_as: ClientAs) -> None:
    client = client_as(Role.CSM)
    client.post(page, {"name": "Aircall", "key": "custom field"})
    client.post(page, {"name": "Zendesk"})
    one, two = Tool.objects.order_by("name")
    assert not is_met(move)

    act(client, move, "sign", tool=one.pk, note="by their support")
    assert not is_met(move)
    act(client, move, "sign", tool=two.pk)
    assert is_met(move)
    text = client.get(page).content.decode()
    assert client.user.label in text
    assert "by their support" in text

    act(client, move, "unsign", tool=one.pk)
    assert not is_met(move)
    act(client, move, "remove", tool=one.pk)
    assert is_met(move)


@pytest.mark.requirement("R193")
def test_somebody_says_that_there_are_none(move: Move, page: str, client_as: ClientAs) -> None:
    client = client_as(Role.MANAGER)
    assert checking.check(move, step_of("other-tools")).state == StepState.State.FAILED
    act(client, move, "none")
    assert is_met(move)
    assert client.user.label in client.get(page).content.decode()
    act(client, move, "some")
    assert (is_met(move), Word.objects.count()) == (False, 0)
    act(client, move, "none")
    client.post(page, {"name": "Aircall"})
    assert not is_met(move)


def test_page_asks_the_same_for_one_row_and_for_three(move: Move, page: str, client_as: ClientAs) -> None:
    client, numbers = client_as(Role.CSM), []
    client.get(page)
    for number in (1, 3):
        for n in range(number):
            Tool.objects.get_or_create(move=move, name=f"Tool {n}")
        with CaptureQueriesContext(database) as asked:
            client.get(page)
        numbers.append(len(asked))
    assert numbers[0] == numbers[1]


def test_bad_input_loses_nothing(move: Move, page: str, client_as: ClientAs) -> None:
    client = client_as(Role.CSM)
    client.post(page, {"name": "Aircall"})
    answer = client.post(page, {"name": "Aircall", "key": "what I typed"})
    assert (answer.status_code, "what I typed" in answer.content.decode()) == (422, True)
    act(client, move, "sign", tool="x")
    act(client, move, "sign", tool=10**17)
    assert Tool.objects.filter(signed_by="").count() == 1
    assert client.post(reverse("migration:tool", args=[move.pk, "dance"])).status_code == 404


def test_after_the_move_nobody_changes_them(move: Move, page: str, client_as: ClientAs) -> None:
    client = client_as(Role.ADMIN)
    Move.objects.update(state=Move.State.SIGNED)
    assert client.post(page, {"name": "Aircall"}).status_code == 403
    act(client, move, "none")
    assert (Tool.objects.count(), Word.objects.count()) == (0, 0)


@pytest.mark.requirement("R192", "R223")
def test_an_intercom_that_was_never_read_is_not_verified(move: Move, intercom: Connection) -> None:
    RecordLink.objects.filter(connection=intercom).delete()
    found = checks.intercom_ids(move)
    assert (found.holds, "Let one sync of Intercom run" in found.cure) == (False, True)

    intercom.blocks.update(full_read_at=timezone.now())

    assert checks.intercom_ids(move).holds is True
