"""The queues of conflicts and collisions, the verbs on records, and merging, as a person meets them."""

import html
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.permissions import Role
from integrations.engine.compare import domain_key
from integrations.hub.models import Customer
from integrations.sync import choices, registry
from integrations.sync.models import Change, Conflict, Connection, FieldMapping, HubMark, Outbox, RecordLink, Run
from tests.hub.factories import CsmOwnerFactory
from tests.pages.factories import BlockFactory, ConnectionFactory, ContactFactory, CustomerFactory, LinkFactory
from tests.signed_in import ClientAs, SignedIn
from tests.sync.fakes import ABILITIES, WORLDS, PaperCrm

pytestmark = pytest.mark.requirement("C3", "F35")
QUEUE, COLLISIONS = "/conflicts/", "/collisions/"


@pytest.fixture
def manager(client_as: ClientAs) -> SignedIn:
    return client_as(Role.MANAGER)


def dispute(connection: Connection, name: str, field: str = "name", **more: Any) -> Conflict:
    customer = CustomerFactory.create(name=f"{name} here")
    link = LinkFactory.create(connection=connection, name=name, hub_id=customer.pk)
    return Conflict.objects.create(
        connection=connection, object="customers", source_id=link.source_id, hub_id=customer.pk, name=name, field=field,
        hub_value=f"{name} here", crm_value=f"{name} there", settled=[name, name], reason_code="ask",
        reason_params={"label": "Name", "system": "Paper CRM"}, opened_at=timezone.now(), **more,
    )  # fmt: skip


def test_customer_with_an_open_conflict_is_not_called_in_sync(manager: SignedIn) -> None:
    connection = ConnectionFactory.create()
    open_one = dispute(connection, "Alder")
    decided = dispute(connection, "Birch", side="hub")

    words = [
        [line.word for line in manager.get(f"/customers/{one.hub_id}/").context["sources"]]
        for one in (open_one, decided)
    ]

    assert words == [["Conflict"], ["In sync"]]


def test_conflict_of_an_archived_connection_waits_for_nobody(manager: SignedIn) -> None:
    connection = ConnectionFactory.create()
    one = dispute(connection, "Alder")
    assert list(choices.waiting()) == [one]

    connection.state = "archived"
    connection.save()

    assert list(choices.waiting()) == []
    page = manager.get(f"/customers/{one.hub_id}/")
    assert [line.word for line in page.context["sources"]] == ["Archived"]
    assert "/conflicts/?show=" not in page.content.decode()


def test_customer_is_called_unsent_by_how_its_write_stands_and_only_where_a_line_goes_out(manager: SignedIn) -> None:
    connection = ConnectionFactory.create()
    block = BlockFactory.create(connection=connection, mode="two-way")
    line = FieldMapping.objects.create(block=block, hub_field="name", crm_field="Name", direction="in")
    rows = {state: CustomerFactory.create(name=state).pk for state in ("edited", *Outbox.State.values, "calm")}
    for name, pk in rows.items():
        LinkFactory.create(connection=connection, name=name, hub_id=pk)
    common = {"connection": connection, "object": "customers"}
    HubMark.objects.create(**common, hub_id=rows["edited"], at=timezone.now())
    for state in Outbox.State.values:
        write = {"hub_id": rows[state], "kind": "update", "state": state, "reason_code": "only-hub-moved"}
        Outbox.objects.create(**common, **write, planned_at=timezone.now())

    def words() -> dict[str, str]:
        return {name: manager.get(f"/customers/{pk}/").context["sources"][0].word for name, pk in rows.items()}

    before = words()
    line.direction = "both"
    line.save()

    assert before == {
        "edited": "In sync", "planned": "Not sent yet", "sent": "Sent, answer awaited",
        "doubtful": "Sent, never answered", "refused": "Refused by the CRM", "calm": "In sync",
    }  # fmt: skip
    assert words() == {**before, "edited": "Changed since the last sync"}


def link_of(conflict: Conflict) -> RecordLink:
    return RecordLink.objects.get(source_id=conflict.source_id)


def collide(connection: Connection, value: str = "aldervale.example") -> tuple[RecordLink, RecordLink, Customer]:
    said = {"label": "Domain", "value": value, "count": 2, "system": "Paper CRM"}
    one, two = (
        LinkFactory.create(
            connection=connection, name=name, state="collision", reason_code="claimed-by-several", reason_params=said
        )
        for name in ("Aldervale", "Aldervale (copy)")
    )
    row = CustomerFactory.create(name="Aldervale GmbH", domain=value, domain_key=domain_key(value, frozenset()))
    return one, two, row


def test_queue_shows_both_values_and_what_each_choice_writes(manager: SignedIn, calm: Connection, text: Any) -> None:
    conflict = dispute(calm, "Aldervale", crm_changed_at=timezone.now() - timedelta(hours=2))
    Change.objects.create(
        at=timezone.now(), object="customers", hub_id=conflict.hub_id, action="update", outcome="done", actor="Tom",
        before={}, after={"name": "Aldervale here"}, fields=" name ", reason_code="by-hand",
    )  # fmt: skip
    # The run that opened the conflict wrote another field, and names the one in dispute beside it.
    Change.objects.create(
        at=timezone.now(), object="customers", hub_id=conflict.hub_id, action="update", outcome="done", run_id=7,
        before={}, after={"domain": "aldervale.example"}, fields=" domain name ", reason_code="only-crm-moved",
    )  # fmt: skip

    page = text(manager.get(QUEUE))

    assert "Decide 1 conflict<" in page
    assert all(said in page for said in ("Aldervale here", "Aldervale there", "Writes the hub: 1 field", "2 hours ago"))
    assert "Writes Paper: 1 field" in page
    assert "changed here by Tom" in page
    assert 'data-side="1"' in page
    assert 'data-side="2"' in page


@pytest.mark.requirement("C2", "F35")
def test_queue_says_who_changed_the_record_there_as_far_as_the_crm_says_it(
    manager: SignedIn, calm: Connection, text: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispute(calm, "Aldervale", crm_changed_by="Dana <b>Reyes</b>")
    named = text(manager.get(QUEUE))
    Conflict.objects.update(crm_changed_by="")
    mute = text(manager.get(QUEUE))
    customers, *others = ABILITIES.objects
    told = replace(ABILITIES, objects=(replace(customers, tells_who=True), *others))
    monkeypatch.setitem(registry._systems, "paper", replace(registry.system_of("paper"), abilities=told))

    unread = text(manager.get(QUEUE))

    assert "in Paper the record was last changed by Dana &lt;b&gt;Reyes&lt;/b&gt;" in named
    assert "changed in Paper; it does not say by whom" in mute
    assert "changed in Paper; by whom was not read" in unread


def test_choosing_tells_the_record_and_starts_a_run(manager: SignedIn, calm: Connection, text: Any) -> None:
    conflict = dispute(calm, "Aldervale")
    calm.blocks.update(cursor=timezone.now(), full_read_at=timezone.now())

    answer = manager.post("/conflicts/choose/", {"conflict": conflict.pk, "side": "hub"})

    run = Run.objects.get()
    link = link_of(conflict)
    assert link.chosen == {"name": ["hub", manager.user.label]}
    assert link.wanted_at is not None
    page = text(manager.get(answer["Location"]))
    assert f"Run {run.pk} follows it now." in page
    assert f"/conflicts/unchoose/?conflict={conflict.pk}" in page
    assert "No conflict waits" in page
    assert AuditEntry.objects.filter(verb="chose a side").exists()


def test_choice_says_which_run_will_follow(manager: SignedIn, calm: Connection, text: Any) -> None:
    conflict = dispute(calm, "Aldervale")
    run = Run.objects.create(connection=calm, kind="delta", state="running")

    answer = manager.post("/conflicts/choose/", {"conflict": conflict.pk, "side": "crm"}, follow=True)

    assert f"Run {run.pk} is under way; the next one follows it." in text(answer)


def test_paused_connection_follows_once_it_runs_again(manager: SignedIn, calm: Connection, text: Any) -> None:
    conflict = dispute(calm, "Aldervale")
    Connection.objects.filter(pk=calm.pk).update(state="paused")

    answer = manager.post("/conflicts/choose/", {"conflict": conflict.pk, "side": "crm"}, follow=True)

    assert "It waits for the next run" in text(answer)
    assert link_of(conflict).chosen


def test_undo_opens_the_conflict_again(manager: SignedIn, calm: Connection) -> None:
    conflict = dispute(calm, "Aldervale")
    manager.post("/conflicts/choose/", {"conflict": conflict.pk, "side": "hub"})

    manager.post(f"/conflicts/unchoose/?conflict={conflict.pk}")

    assert link_of(conflict).chosen == {}
    assert Conflict.objects.get().side == ""


def test_undo_after_the_run_says_that_it_is_too_late(manager: SignedIn, calm: Connection, text: Any) -> None:
    answer = manager.post("/conflicts/unchoose/?conflict=77", follow=True)

    assert "A run has followed the choice already" in text(answer)


def test_all_alike_are_of_one_field_and_one_connection(manager: SignedIn, calm: Connection, text: Any) -> None:
    first, second = dispute(calm, "Aldervale"), dispute(calm, "Birch")
    other_field = dispute(calm, "Cedar", field="domain")
    elsewhere = dispute(ConnectionFactory.create(), "Dune")
    assert "The same side for the 1 other conflict on Name with Paper" in text(manager.get(f"{QUEUE}?show={first.pk}"))

    manager.post("/conflicts/choose/", {"conflict": first.pk, "side": "crm", "alike": "1"})

    decided = set(Conflict.objects.filter(side="crm").values_list("pk", flat=True))
    assert decided == {first.pk, second.pk}
    assert link_of(second).chosen == {"name": ["crm", manager.user.label]}
    assert not link_of(other_field).chosen
    assert not link_of(elsewhere).chosen


def test_many_decided_at_once_are_opened_again_by_one_address(
    manager: SignedIn, calm: Connection, text: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.sync.views.conflicts.FIT_AN_ADDRESS", 2)
    alike = [dispute(calm, name) for name in ("Aldervale", "Birch", "Cedar")]
    earlier = dispute(calm, "Dune", field="domain")
    manager.post("/conflicts/choose/", {"conflict": earlier.pk, "side": "crm"})
    page = text(manager.post("/conflicts/choose/", {"conflict": alike[0].pk, "side": "hub", "alike": "1"}, follow=True))
    [undo] = re.findall(r'action="(/conflicts/unchoose/\?at=[^"]+)"', page)

    after = text(manager.post(html.unescape(undo), follow=True))

    assert "3 conflicts are open again." in after
    assert list(Conflict.objects.exclude(side="")) == [earlier]


def test_nobody_opens_by_its_moment_what_another_decided(
    manager: SignedIn, client_as: ClientAs, calm: Connection
) -> None:
    conflict = dispute(calm, "Aldervale")
    manager.post("/conflicts/choose/", {"conflict": conflict.pk, "side": "hub"})
    conflict.refresh_from_db()
    assert conflict.decided_at

    client_as(Role.ADMIN).post("/conflicts/unchoose/", query_params={"at": conflict.decided_at.isoformat()})

    assert Conflict.objects.get().side == "hub"


def test_card_says_when_each_side_changed_with_the_time_zone(manager: SignedIn, calm: Connection, text: Any) -> None:
    when = datetime(2026, 3, 4, 15, 6, tzinfo=UTC)
    dispute(calm, "Aldervale", hub_changed_at=when)

    page = text(manager.get(QUEUE))

    assert 'Changed <time datetime="2026-03-04T15:06:00+00:00" data-local>4 Mar 2026, 15:06 UTC</time>' in page
    assert "Paper does not say when" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [("", 3), ("?field=domain", 1), ("?connection=paper", 2), ("?q=birch", 1), ("?object=contacts", 3), ("?q=zz", 0)],
)
def test_queue_is_filtered(manager: SignedIn, calm: Connection, query: str, found: int) -> None:
    dispute(calm, "Aldervale")
    dispute(calm, "Birch", field="domain")
    dispute(ConnectionFactory.create(), "Dune")

    assert manager.get(QUEUE + query).context["page"].paginator.count == found


@pytest.mark.requirement("R206")
def test_csm_decides_only_what_is_theirs(client_as: ClientAs, calm: Connection, text: Any) -> None:
    csm = client_as(Role.CSM)
    foreign, own = dispute(calm, "Foreign"), dispute(calm, "Own")
    Customer.objects.filter(pk=own.hub_id).update(csm=CsmOwnerFactory.create(email=csm.user.email))

    refused = csm.post("/conflicts/choose/", {"conflict": foreign.pk, "side": "hub"})
    csm.post("/conflicts/choose/", {"conflict": own.pk, "side": "hub", "alike": "1"})

    assert refused.status_code == 403
    assert "Foreign here is looked after by nobody." in text(refused)
    assert list(Conflict.objects.exclude(side="").values_list("name", flat=True)) == ["Own"]
    assert "Whoever looks after its customer decides it, or an Admin or a Manager." in text(
        csm.get(f"{QUEUE}?show={foreign.pk}")
    )


@pytest.mark.parametrize(("page", "statements"), [(QUEUE, 18), (COLLISIONS, 24)])
@pytest.mark.parametrize("number", [1, 3])
def test_queue_costs_the_same_for_any_number(
    manager: SignedIn, calm: Connection, number: int, page: str, statements: int, django_assert_num_queries: Any
) -> None:
    for one in range(number):
        dispute(calm, f"Company {one}")
        collide(calm, f"c{one}.example")

    with django_assert_num_queries(statements):
        manager.get(page)


def test_empty_queues_say_what_would_stand_there(manager: SignedIn, calm: Connection, text: Any) -> None:
    assert "No conflict waits" in text(manager.get(QUEUE))
    assert "No collision waits" in text(manager.get(COLLISIONS))


def test_needs_you_counts_and_leads_to_the_queue(manager: SignedIn, calm: Connection, text: Any) -> None:
    dispute(calm, "Aldervale")
    dispute(calm, "Birch")

    page = text(manager.get("/needs/"))

    assert "both sides changed 2 fields, and their rules ask you" in page
    assert "/conflicts/?connection=paper" in page


@pytest.mark.requirement("C1")
def test_collision_shows_claimants_and_rows_side_by_side(manager: SignedIn, calm: Connection, text: Any) -> None:
    one, two, row = collide(calm)

    page = text(manager.get(f"{COLLISIONS}?show={one.pk}"))

    assert all(said in page for said in (one.source_id, two.source_id, "Aldervale GmbH", "aldervale.example"))
    assert reverse("sync:decide", args=[one.pk, "link"]) in page
    assert reverse("sync:decide", args=[two.pk, "new"]) in page
    assert f'name="row" value="{row.pk}"' in page


def test_linking_from_the_collision_and_taking_it_back(manager: SignedIn, calm: Connection) -> None:
    one, _two, row = collide(calm)

    manager.post(reverse("sync:decide", args=[one.pk, "link"]), {"row": row.pk})
    one.refresh_from_db()
    assert (one.state, one.hub_id, one.wanted_at is None) == ("linked", row.pk, False)

    manager.post(reverse("sync:take-back", args=[Change.objects.get(action="link").pk]))
    one.refresh_from_db()
    assert (one.state, one.hub_id, one.reason_code) == ("collision", None, "claimed-by-several")


def test_taken_row_offers_to_link_in_place_of_its_record(manager: SignedIn, calm: Connection, text: Any) -> None:
    one, _two, row = collide(calm)
    holder = LinkFactory.create(connection=calm, name="Old record", hub_id=row.pk)

    page = text(manager.get(f"{COLLISIONS}?show={one.pk}"))
    manager.post(reverse("sync:decide", args=[one.pk, "link"]), {"row": row.pk, "instead": "1"})

    one.refresh_from_db()
    holder.refresh_from_db()
    assert "Link to Aldervale GmbH in place of Old record" in page
    assert (one.hub_id, holder.hub_id, holder.reason_code) == (row.pk, None, "parted-by-hand")


def test_another_row_is_looked_for(manager: SignedIn, calm: Connection, text: Any) -> None:
    one, _two, _row = collide(calm)
    other = CustomerFactory.create(name="Birch")

    page = text(manager.get(f"{COLLISIONS}?show={one.pk}&row=birch"))

    assert "1 row found" in page
    assert f'name="row" value="{other.pk}"' in page


def test_comparing_reads_the_records_and_writes_nothing(manager: SignedIn, calm: Connection, text: Any) -> None:
    one, _two, _row = collide(calm)
    block = calm.blocks.get(object="customers")
    FieldMapping.objects.create(block=block, hub_field="domain", crm_field="Website")
    WORLDS[calm.pk] = crm = PaperCrm()
    crm.company(one.source_id, "Aldervale", Website="www.aldervale.example")

    page = text(manager.post(reverse("sync:compare", args=[one.pk])))

    WORLDS.clear()
    assert "<td>aldervale" in page.replace("<wbr>", "")
    assert crm.sends == []


@pytest.mark.requirement("R206")
def test_collisions_are_decided_by_those_who_work_on_all_customers(
    client_as: ClientAs, calm: Connection, text: Any
) -> None:
    one, _two, row = collide(calm)
    csm = client_as(Role.CSM)

    answer = csm.post(reverse("sync:decide", args=[one.pk, "link"]), {"row": row.pk})

    assert answer.status_code == 403
    assert "Who works on all customers decides this." in text(csm.get(COLLISIONS))


def test_paused_records_are_listed_and_resumed(manager: SignedIn, calm: Connection, text: Any) -> None:
    link = LinkFactory.create(connection=calm, name="Aldervale", hub_id=CustomerFactory.create().pk)
    manager.post(reverse("sync:decide", args=[link.pk, "pause"]))

    page = text(manager.get("/connections/paper/records/customers/?state=paused"))
    customer = text(manager.get(reverse("hub:customer", args=[link.hub_id])))

    assert "Aldervale" in page
    assert reverse("sync:decide", args=[link.pk, "resume"]) in page
    assert "Resume with Paper" in customer

    manager.post(reverse("sync:decide", args=[link.pk, "resume"]))
    link.refresh_from_db()
    assert (link.paused_at, link.wanted_at is None) == (None, False)


def test_explanation_offers_the_verbs_that_fit(manager: SignedIn, calm: Connection, text: Any) -> None:
    link = LinkFactory.create(
        connection=calm, hub_id=CustomerFactory.create().pk, frozen={"name": "2026-03-02T08:00:00+00:00"}
    )

    page = text(manager.get(f"/explain/?link={link.pk}"))

    verbs = {
        verb for verb in ("pause", "part", "exclude", "thaw") if reverse("sync:decide", args=[link.pk, verb]) in page
    }
    assert verbs == {"pause", "part", "exclude", "thaw"}
    assert "Thaw Name" in page


def test_excluded_by_hand_is_taken_in_from_the_list(manager: SignedIn, calm: Connection, text: Any) -> None:
    link = LinkFactory.create(
        connection=calm, state="excluded", excluded_by_hand=True, reason_code="kept-out-by-hand",
        reason_params={"by": "Tom", "system": "Paper CRM"},
    )  # fmt: skip

    page = text(manager.get("/connections/paper/records/customers/?state=excluded"))

    assert "Tom excluded this record" in page
    assert reverse("sync:decide", args=[link.pk, "take-in"]) in page


def test_unknown_verb_is_no_page(manager: SignedIn, calm: Connection) -> None:
    link = LinkFactory.create(connection=calm)

    assert manager.post(reverse("sync:decide", args=[link.pk, "burn"])).status_code == 404


@pytest.mark.requirement("C12")
def test_merge_page_shows_what_differs_and_what_moves(manager: SignedIn, calm: Connection, text: Any) -> None:
    keep, lose = CustomerFactory.create(name="Aldervale"), CustomerFactory.create(name="Birch", pulse=3)
    ContactFactory.create(customer=lose)

    page = text(manager.get(f"/merge/customers/?row={keep.pk}&row={lose.pk}"))
    assert "Merge Birch into Aldervale" in page
    assert "<dt>Contacts</dt><dd>1</dd>" in page

    manager.post(
        "/merge/customers/",
        {
            "row": [keep.pk, lose.pk],
            "keep": keep.pk,
            "field": ["name", "pulse"],
            "side-name": "kept",
            "side-pulse": "other",
        },
    )

    keep.refresh_from_db()
    assert (keep.name, keep.pulse, keep.contacts.count()) == ("Aldervale", 3, 1)
    assert not Customer.objects.filter(pk=lose.pk).exists()


@pytest.mark.requirement("R206")
def test_csm_merges_only_their_own(client_as: ClientAs, calm: Connection) -> None:
    csm = client_as(Role.CSM)
    own, foreign = CustomerFactory.create(csm=CsmOwnerFactory.create(email=csm.user.email)), CustomerFactory.create()

    answer = csm.post("/merge/customers/", {"row": [own.pk, foreign.pk], "keep": own.pk})

    assert answer.status_code == 403
    assert Customer.objects.count() == 2


def test_merging_needs_two_rows(manager: SignedIn, calm: Connection, text: Any) -> None:
    row = CustomerFactory.create()

    assert "Choose exactly two rows" in text(manager.get(f"/merge/customers/?row={row.pk}", follow=True))


def test_lists_stay_within_their_connection(manager: SignedIn, calm: Connection) -> None:
    one, two, _row = collide(calm)
    elsewhere = ConnectionFactory.create()
    BlockFactory.create(connection=elsewhere, object="customers")
    foreign, *_rest = collide(elsewhere)

    claimants = manager.get(f"{COLLISIONS}?show={one.pk}").context["collision"].claimants

    assert {claimant.link.pk for claimant in claimants} == {one.pk, two.pk}
    assert foreign.pk not in {claimant.link.pk for claimant in claimants}
