from datetime import timedelta
from typing import Any, cast

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.permissions import Role
from integrations.sync.models import Change, Connection, PlannedChange, Run
from integrations.sync.models.journal import Action
from tests.pages.factories import BlockFactory, CustomerFactory, PlannedFactory, PreviewFactory, RunFactory
from tests.signed_in import ClientAs, SignedIn

pytestmark = pytest.mark.requirement("C22")


@pytest.fixture
def plan(calm: Connection) -> Run:
    counts = {"customers.create": 1, "customers.update": 2, "customers.churn": 1, "customers.unchanged": 9}
    run = PreviewFactory.create(connection=calm, counts=counts, totals={"customers": 13})
    PlannedFactory.create(of=run, action="create", name="Copperfield", before={}, after={"name": "Copperfield"})
    PlannedFactory.create(of=run, name="Marlowe", before={"csm": "lena@x.example"}, after={"csm": "tom@x.example"})
    PlannedFactory.create(of=run, name="Fjordhaven", before={"pulse": 3}, after={"pulse": None}, erases=True)
    PlannedFactory.create(of=run, action="churn", name="Brindle", reason_code="deleted-in-crm")
    PlannedFactory.create(of=run, action="exclude", name="Tidewater", reason_code="out-of-scope", after={}, before={})
    PlannedFactory.create(of=run, action="refuse", name="Grëywick", after={"custom.x": "31/02/2027 né"}, before={})
    return run


def _names(client: SignedIn, run: Run, query: str = "") -> list[str]:
    return [line.subject.name for line in client.get(f"/runs/{run.pk}/preview/?{query}").context["lines"]]


def test_every_field_before_and_after_with_its_reason(admin: SignedIn, plan: Run, text: Any) -> None:
    page = text(admin.get(f"/runs/{plan.pk}/preview/"))

    assert "Nothing has been written, here or there." in page
    assert "lena@x.example</del>" in page
    assert "tom@x.example</ins>" in page
    assert "Only Paper CRM changed it; the hub did not." in page


@pytest.mark.parametrize(
    ("since", "connection_id", "warned"), [(1, 77, True), (1, None, True), (-1, 77, False), (1, "own", False)]
)
def test_preview_warns_where_others_brought_rows_in_after_it_looked(
    admin: SignedIn, plan: Run, text: Any, since: int, connection_id: Any, warned: bool
) -> None:
    at = (plan.started_at or timezone.now()) + timedelta(seconds=since)
    whose = plan.connection_id if connection_id == "own" else connection_id
    Change.objects.create(
        at=at, object="customers", hub_id=1, connection_id=whose, action="create", outcome="done", before={}, after={}
    )

    page = text(admin.get(f"/runs/{plan.pk}/preview/"))

    assert ("1 customer or contact has come into the hub since this preview was read." in page) is warned
    assert ('btn btn-primary" type="submit">Apply exactly this' in page) is not warned


def test_preview_says_beforehand_that_what_it_creates_outside_the_scope_is_excluded(
    admin: SignedIn, calm: Connection, text: Any
) -> None:
    counts = {f"customers.{Action.CREATE_OUT}": 2, f"contacts.{Action.CREATE_OUT}": 5}
    pages = [
        text(admin.get(f"/runs/{PreviewFactory.create(connection=calm, counts=some).pk}/preview/"))
        for some in (counts, {"customers.create": 3})
    ]

    said = "2 customers would be created in Paper CRM.</span> What is created there but does not fit what is read"
    assert [said in page for page in pages] == [True, False]


@pytest.mark.requirement("C5")
def test_rows_that_a_sync_would_hold_say_what_applying_does_to_them(admin: SignedIn, plan: Run, text: Any) -> None:
    PlannedChange.objects.filter(name__in=["Brindle", "Fjordhaven"]).update(is_held=True)

    page = text(admin.get(f"/runs/{plan.pk}/preview/"))

    assert page.count("A sync would hold these 2 rows for a person.") == 1
    assert "Applying this preview writes them: look at them first." in page
    assert '<a href="?show=held">Show only these</a>' in page
    assert "Held by the brake<" not in page
    lines = admin.get(f"/runs/{plan.pk}/preview/?show=held").context["lines"]
    assert [(line.subject.name, line.word) for line in lines] == [("Fjordhaven", "Update"), ("Brindle", "Churn")]
    rows = b"".join(cast("Any", admin.get(f"/runs/{plan.pk}/preview/?csv=1&show=held")).streaming_content).decode()
    assert ",Churn," in rows
    assert "brake" not in rows


@pytest.mark.parametrize("version", [0, 9])
def test_preview_without_held_rows_or_past_applying_warns_of_none(
    admin: SignedIn, plan: Run, text: Any, version: int
) -> None:
    PlannedChange.objects.filter(name="Brindle").update(is_held=bool(version))
    Connection.objects.update(version=version)

    assert "Applying this preview writes" not in text(admin.get(f"/runs/{plan.pk}/preview/"))


@pytest.mark.requirement("C3")
def test_erasures_keep_the_old_value_in_sight(admin: SignedIn, plan: Run, text: Any) -> None:
    page = text(admin.get(f"/runs/{plan.pk}/preview/"))

    assert "1 record would lose a value." in page
    assert '<span class="diff erase"><del><span class="visually-hidden">erases: </span>3</del>' in page


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Copperfield", "Marlowe", "Fjordhaven", "Brindle"]),
        ("show=created", ["Copperfield"]),
        ("show=erasures", ["Fjordhaven"]),
        ("show=churned", ["Brindle"]),
        ("show=person", ["Grëywick"]),
        ("show=excluded", ["Tidewater"]),
        ("show=excluded&reason=excluded-by-hand", []),
        ("show=nonsense", ["Copperfield", "Marlowe", "Fjordhaven", "Brindle"]),
        ("q=marl", ["Marlowe"]),
        ("q=tom@x", ["Marlowe"]),
        ("q=lena", ["Marlowe"]),
        ("show=person&q=né", ["Grëywick"]),
        ("show=person&q=02/2027", ["Grëywick"]),
        ("q=100%25", []),
        ("field=csm", ["Marlowe"]),
        ("field=csm&q=fjord", []),
    ],
)
def test_search_by_name_value_field_and_tab(admin: SignedIn, plan: Run, query: str, names: list[str]) -> None:
    assert _names(admin, plan, query) == names


def test_search_by_crm_id(admin: SignedIn, plan: Run) -> None:
    wanted = PlannedChange.objects.get(name="Marlowe")

    assert _names(admin, plan, f"q={wanted.source_id}") == ["Marlowe"]


def test_fields_are_offered_with_their_number_of_rows(admin: SignedIn, plan: Run) -> None:
    form = admin.get(f"/runs/{plan.pk}/preview/").context["search"]

    assert ("csm", "CSM owner (1)") in form.fields["field"].choices
    assert "phone" not in dict(form.fields["field"].choices)


def test_known_rows_bear_the_hubs_name(admin: SignedIn, plan: Run) -> None:
    customer = CustomerFactory.create(name="Marlowe Logistics")
    PlannedChange.objects.filter(name="Marlowe").update(hub_id=customer.pk)

    page = admin.get(f"/runs/{plan.pk}/preview/").content.decode()

    assert f'<a href="/customers/{customer.pk}/">Marlowe Logistics</a>' in page


def test_dock_says_what_applying_does(admin: SignedIn, plan: Run, text: Any) -> None:
    page = text(admin.get(f"/runs/{plan.pk}/preview/"))

    assert "Applies 4 rows: 1 created, 2 updated, 1 churned." in page
    assert "Apply exactly this" in page
    assert page.count("btn-primary") == 1


def test_applying_starts_the_run_that_applies(admin: SignedIn, plan: Run) -> None:
    answer = admin.post(f"/runs/{plan.pk}/apply/")

    run = Run.objects.get(kind="apply")
    assert (run.preview_id, answer.headers["Location"]) == (plan.pk, f"/runs/{run.pk}/")
    assert AuditEntry.objects.filter(verb="applied a preview").count() == 1


def test_preview_of_an_older_version_is_not_applied(admin: SignedIn, plan: Run, text: Any) -> None:
    Connection.objects.update(version=9)

    page, answer = text(admin.get(f"/runs/{plan.pk}/preview/")), admin.post(f"/runs/{plan.pk}/apply/", follow=True)

    assert "The configuration has changed since this preview. Preview again; nothing was applied." in page
    assert "Apply exactly this" not in page
    assert "The configuration has changed since this preview." in text(answer)
    assert not Run.objects.filter(kind="apply").exists()


def test_applied_preview_points_to_its_run(admin: SignedIn, plan: Run, text: Any) -> None:
    run = RunFactory.create(connection=plan.connection, kind="apply", preview=plan)
    PlannedChange.objects.all().delete()

    page = text(admin.get(f"/runs/{plan.pk}/preview/"))

    assert f'<a href="/runs/{run.pk}/">Run {run.pk}</a> applied this preview' in page
    assert "Nothing would change" not in page


def test_preview_in_which_nothing_changes(admin: SignedIn, calm: Connection, text: Any) -> None:
    run = PreviewFactory.create(connection=calm, counts={"customers.unchanged": 4})

    page = text(admin.get(f"/runs/{run.pk}/preview/"))

    assert "Nothing would change" in page
    assert "Apply exactly this" not in page


def test_preview_that_still_reads(admin: SignedIn, calm: Connection, text: Any) -> None:
    run = PreviewFactory.create(connection=calm, state="running", phase="read", finished_at=None)

    page = text(admin.get(f"/runs/{run.pk}/preview/"))

    assert "Still reading and deciding." in page
    assert 'hx-trigger="every 2s"' in page
    assert "not without you" in page


def test_failed_preview_has_nothing_to_apply(admin: SignedIn, calm: Connection, text: Any) -> None:
    run = PreviewFactory.create(connection=calm, state="failed", reason_code="view-gone", reason_params={"view": "A"})

    page = text(admin.get(f"/runs/{run.pk}/preview/"))

    assert "The view “A” no longer exists" in page
    assert "There is no plan" in page
    assert "Nothing would change" not in page


def test_discarding_forgets_the_rows_and_says_that_nothing_was_written(admin: SignedIn, plan: Run, text: Any) -> None:
    admin.post(f"/runs/{plan.pk}/discard/")

    page = text(admin.get(f"/runs/{plan.pk}/preview/"))

    assert not PlannedChange.objects.exists()
    assert "This preview was given up. Nothing had been written." in page
    assert "Nothing would change" not in page


def test_only_previews_can_be_discarded(admin: SignedIn, calm: Connection) -> None:
    run = RunFactory.create(connection=calm)

    assert admin.post(f"/runs/{run.pk}/discard/").status_code == 404


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.CSM, Role.MANAGER])
def test_others_read_and_do_not_apply(client_as: ClientAs, plan: Run, role: Role) -> None:
    client = client_as(role)

    page = client.get(f"/runs/{plan.pk}/preview/").content

    assert b"Only admins apply." in page
    assert b"Preview again" not in page
    assert [client.post(f"/runs/{plan.pk}/{act}/").status_code for act in ("apply", "discard")] == [403, 403]


def test_export_holds_the_rows_of_the_filter(admin: SignedIn, plan: Run) -> None:
    answer = admin.get(f"/runs/{plan.pk}/preview/?csv=1&show=erasures")

    [_head, line] = b"".join(cast("Any", answer).streaming_content).decode("utf-8-sig").splitlines()
    assert "Fjordhaven" in line


def test_filter_offers_the_data_types_that_the_connection_has(admin: SignedIn, plan: Run) -> None:
    had = set(plan.connection.blocks.values_list("object", flat=True))
    BlockFactory.create(connection=plan.connection, object="agreements")
    BlockFactory.create(connection=plan.connection, object="scores")
    PlannedFactory.create(of=plan, object="agreements", action="create", name="Gold plan", before={}, after={})

    search = admin.get(f"/runs/{plan.pk}/preview/").context["search"]

    offered = {value for value, _label in search.fields["object"].choices}
    assert offered == {"", "agreements", *had}
    assert _names(admin, plan, "object=agreements") == ["Gold plan"]
    assert "agreement</small>" in admin.get(f"/runs/{plan.pk}/preview/?object=agreements").content.decode()


@pytest.mark.requirement("C13")
@pytest.mark.parametrize(("role", "link"), [(Role.ADMIN, "Map the values"), (Role.CSM, "See the mapping")])
def test_values_that_nothing_maps_are_counted_before_anything_is_applied(
    role: Role, link: str, plan: Run, client_as: ClientAs, text: Any
) -> None:
    plan.cursor = {"open-values": {"customers": {"stage": {"Partner": 38, "": 3}}}}
    plan.save()

    page = text(client_as(role).get(f"/runs/{plan.pk}/preview/"))

    assert "41 records have a value of Customer stage that nothing is mapped to," in page
    assert "“Partner” 38, others 3." in page
    assert f'<a href="/connections/paper/mapping/customers/#row-stage">{link}</a>' in page
