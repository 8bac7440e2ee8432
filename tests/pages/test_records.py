from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.permissions import Role
from integrations.hub.door import door
from integrations.hub.models import Interaction
from integrations.sync.models import Connection, RecordLink, Run
from tests.pages.factories import ConnectionFactory, CustomerFactory, LinkFactory, WriteFactory
from tests.signed_in import ClientAs, SignedIn

PAGE = "/connections/paper/records/customers/"


def _names(client: SignedIn, query: str = "") -> list[str]:
    return [row["name"] for row in client.get(f"{PAGE}?{query}").context["rows"]]


@pytest.fixture
def links(calm: Connection) -> Connection:
    LinkFactory.create(connection=calm, name="Zeta", hub_id=CustomerFactory.create().pk)
    LinkFactory.create(connection=calm, name="Alpha", hub_id=CustomerFactory.create().pk)
    LinkFactory.create(connection=calm, name="Out", state="excluded", reason_code="out-of-scope", source_id="X1")
    LinkFactory.create(connection=calm, name="By hand", state="excluded", reason_code="excluded-by-hand")
    LinkFactory.create(connection=calm, name="Bad", state="failing", reason_code="too-long", source_hash="h")
    LinkFactory.create(connection=calm, name="Gone", state="gone", reason_code="deleted-in-crm")
    LinkFactory.create(connection=calm, name="A contact", object="contacts")
    LinkFactory.create(connection=ConnectionFactory.create(), name="Foreign")
    return calm


@pytest.mark.requirement("R357")
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Alpha", "Zeta"]),
        ("sort=-name", ["Zeta", "Alpha"]),
        ("state=excluded", ["By hand", "Out"]),
        ("state=excluded&reason=out-of-scope", ["Out"]),
        ("state=excluded&q=X1", ["Out"]),
        ("state=excluded&q=hand", ["By hand"]),
        ("state=failing", ["Bad"]),
        ("state=collision", []),
        ("state=gone", ["Gone"]),
        ("state=nonsense&sort=nonsense", ["Alpha", "Zeta"]),
    ],
)
def test_records_by_state_reason_name_and_id(admin: SignedIn, links: Connection, query: str, names: list[str]) -> None:
    assert _names(admin, query) == names


def test_tabs_count_every_state_of_this_data_type(admin: SignedIn, links: Connection) -> None:
    tabs = admin.get(PAGE).context["tabs"]

    assert {str(tab["label"]): tab["count"] for tab in tabs} == {
        "In sync": 2,
        "Excluded": 2,
        "Failing": 1,
        "Collision": 0,
        "Gone from the CRM": 1,
    }


def test_reasons_are_counted_and_said(admin: SignedIn, links: Connection) -> None:
    facets = admin.get(f"{PAGE}?state=excluded").context["facets"]

    assert [(facet["reason_code"], facet["number"]) for facet in facets] == [
        ("excluded-by-hand", 1),
        ("out-of-scope", 1),
    ]
    assert facets[0]["said"] == "Somebody excluded this record by hand. Nothing is written."


def test_page_says_what_the_source_counted(admin: SignedIn, links: Connection, text: Any) -> None:
    from django.utils import timezone

    links.blocks.filter(object="customers").update(counted=6, unexplained=2, full_read_at=timezone.now())

    page = text(admin.get(PAGE))

    assert "Paper CRM counted 6 at the last complete reading" in page
    assert "2 of them are not explained." in page


def test_links_lead_to_both_sides(admin: SignedIn, links: Connection) -> None:
    link = RecordLink.objects.get(name="Alpha")

    page = admin.get(PAGE).content.decode()

    assert f'<a href="/customers/{link.hub_id}/">Alpha</a>' in page
    assert f'href="https://paper.example/customers/{link.source_id}"' in page


def test_row_that_was_deleted_here_has_no_link(admin: SignedIn, links: Connection) -> None:
    gone, stays = RecordLink.objects.get(name="Alpha"), RecordLink.objects.get(name="Zeta")
    door().delete("customers", [gone.hub_id or 0], by="Inès")
    for hub_id, name in ((gone.hub_id, "Deletion"), (stays.hub_id, "Edit")):
        WriteFactory.create(connection=links, hub_id=hub_id, name=name)

    excluded = admin.get(f"{PAGE}?state=excluded").content.decode()
    in_sync = admin.get(PAGE).content.decode()
    unsent = admin.get(f"{PAGE}?state=unsent").content.decode()

    assert '<span class="strong">Alpha</span>' in excluded
    assert '<span class="strong">Deletion</span>' in unsent
    assert f'href="/customers/{gone.hub_id}/"' not in excluded + unsent
    assert f'<a href="/customers/{stays.hub_id}/">Zeta</a>' in in_sync
    assert f'<a href="/customers/{stays.hub_id}/">Edit</a>' in unsent


def test_calls_deleted_here_lead_nowhere(admin: SignedIn, calm: Connection) -> None:
    row = Interaction.objects.create(customer=CustomerFactory.create(), type="call", starts_at=timezone.now())
    LinkFactory.create(connection=calm, object="calls", name="Kick-off", hub_id=row.pk)
    address = "/connections/paper/records/calls/"
    assert f'href="/interactions/{row.pk}/"' in admin.get(address).content.decode()

    door().delete("calls", [row.pk], by="Inès")
    page = admin.get(f"{address}?state=excluded").content.decode()

    assert "Kick-off" in page
    assert f"/interactions/{row.pk}/" not in page


@pytest.mark.parametrize("path", ["/connections/paper/records/leads/", "/connections/no/records/customers/"])
def test_what_does_not_exist(admin: SignedIn, links: Connection, path: str) -> None:
    assert admin.get(path).status_code == 404


@pytest.mark.requirement("C16")
class TestRetry:
    @pytest.mark.parametrize("role", [Role.ADMIN, Role.SUPPORT])
    def test_by_reason(self, client_as: ClientAs, links: Connection, role: Role) -> None:
        client = client_as(role)

        answer = client.post("/retry/", {"connection": "paper", "object": "customers", "reason": "too-long"})

        run = Run.objects.get()
        assert answer.headers["Location"] == f"/runs/{run.pk}/"
        assert RecordLink.objects.get(name="Bad").source_hash == ""
        assert AuditEntry.objects.filter(verb="retried records", actor=client.user.label).count() == 1

    def test_nothing_chosen_starts_nothing(self, admin: SignedIn, links: Connection) -> None:
        answer = admin.post("/retry/", {"connection": "paper", "object": "customers"}, follow=True)

        assert answer.redirect_chain == [(PAGE, 302)]
        assert b"Choose records first." in answer.content
        assert not Run.objects.exists()

    def test_paused_connection_says_why_not(self, admin: SignedIn, links: Connection) -> None:
        Connection.objects.filter(pk=links.pk).update(state="paused")

        answer = admin.post(
            "/retry/", {"connection": "paper", "object": "customers", "source_id": "X1", "next": PAGE}, follow=True
        )

        assert b"This connection is paused." in answer.content
        assert RecordLink.objects.get(name="Bad").source_hash == "h"

    @pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
    def test_never_leads_away(self, admin: SignedIn, links: Connection, target: str) -> None:
        answer = admin.post("/retry/", {"connection": "paper", "object": "customers", "next": target})

        assert answer.headers["Location"] == PAGE

    @pytest.mark.parametrize("role", [Role.MANAGER, Role.CSM, Role.RESTRICTED_CSM, Role.READ_ONLY])
    def test_others_may_not(self, client_as: ClientAs, links: Connection, role: Role) -> None:
        client = client_as(role)

        answer = client.post("/retry/", {"connection": "paper", "object": "customers", "reason": "too-long"})

        assert answer.status_code == 403
        assert RecordLink.objects.get(name="Bad").source_hash == "h"
