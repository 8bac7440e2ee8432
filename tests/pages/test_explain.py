from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from accounts.permissions import Role
from integrations.hub.door import door
from integrations.hub.models import Interaction
from integrations.salesforce.models import SalesforceConnection
from integrations.sync.models import Connection, RecordLink, Run
from integrations.wire.errors import NeedsSignIn
from tests.pages.factories import ChangeFactory, ContactFactory, CustomerFactory, LinkFactory, RunFactory
from tests.signed_in import ClientAs, SignedIn
from tests.sync.fakes import WORLDS, PaperCrm

pytestmark = pytest.mark.requirement("E6")


@pytest.fixture
def crm(calm: Connection) -> Iterator[PaperCrm]:
    WORLDS[calm.pk] = PaperCrm()
    yield WORLDS[calm.pk]
    WORLDS.clear()


def test_excluded_record_says_why_and_what_would_bring_it(admin: SignedIn, calm: Connection, text: Any) -> None:
    LinkFactory.create(
        connection=calm, name="Tidewater", state="excluded", reason_code="out-of-scope",
        reason_params={"system": "Paper CRM"},
    )  # fmt: skip

    page = text(admin.get("/explain/?q=tidewater"))

    assert "Explain Tidewater" in page
    assert "<dt>In scope</dt><dd>no" in page
    assert "Not in what the connection takes from Paper CRM. Nothing is written." in page
    assert "Change the view or the scope; the record is taken up when it enters." in page


def test_linked_customer_with_its_key_parent_and_contacts(admin: SignedIn, calm: Connection, text: Any) -> None:
    customer = CustomerFactory.create(name="Marlowe")
    LinkFactory.create(connection=calm, source_id="TOP", name="Marlowe Group")
    LinkFactory.create(
        connection=calm, source_id="C1", name="Marlowe", hub_id=customer.pk, parent_id="TOP", top_id="TOP"
    )
    LinkFactory.create(connection=calm, object="contacts", customer_id="C1", state="failing", reason_code="too-long")
    run = RunFactory.create(connection=calm)
    params = {"label": "Customer ID", "value": "C1"}
    ChangeFactory.create(
        of=run, action="link", source_id="C1", hub_id=customer.pk, reason_code="linked-by-key", reason_params=params
    )

    page = text(admin.get(f"/explain/?hub=customers-{customer.pk}"))

    assert "<dt>In scope</dt><dd>yes" in page
    assert "Customer ID C1" in page
    assert "<dt>Parent</dt><dd>Marlowe Group" in page
    assert "Failing</span></dt><dd>1</dd>" in page
    assert f'href="/customers/{customer.pk}/"' in page


def test_record_of_an_archived_connection_says_so_and_offers_nothing(
    admin: SignedIn, calm: Connection, text: Any
) -> None:
    customer = CustomerFactory.create(name="Marlowe")
    link = LinkFactory.create(connection=calm, source_id="C1", name="Marlowe", hub_id=customer.pk)
    address = f"/explain/?hub=customers-{customer.pk}"
    assert "Pause it" in text(admin.get(address))

    Connection.objects.update(state="archived")
    page = text(admin.get(address))
    answer = admin.post(f"/records/{link.pk}/pause/", follow=True)

    assert "Archived" in page
    assert "<dt>In scope</dt><dd>no" in page
    assert "Pause it" not in page
    assert "In sync" not in page
    assert "nothing asks for its records any more" in text(answer)
    link.refresh_from_db()
    assert link.paused_at is None


@pytest.fixture
def deleted_call(calm: Connection) -> RecordLink:
    """A call that was typed here and logged in the CRM, and whose row somebody deleted since."""
    customer = CustomerFactory.create()
    row = Interaction.objects.create(customer=customer, type="call", subject="Kick-off", starts_at=timezone.now())
    link = LinkFactory.create(connection=calm, object="calls", source_id="CALL7", name="Kick-off", hub_id=row.pk)
    door().delete("calls", [row.pk], by="Inès")
    link.refresh_from_db()
    return link


def test_record_whose_row_was_deleted_here(admin: SignedIn, deleted_call: RecordLink, text: Any) -> None:
    assert (deleted_call.reason_code, deleted_call.hub_id is None) == ("deleted-here", False)

    by_link = text(admin.get(f"/explain/?link={deleted_call.pk}"))
    by_id = text(admin.get("/explain/?q=CALL7"))

    for page in (by_link, by_id):
        assert "Explain Kick-off" in page
        assert "Its row was deleted here. Nothing is written." in page
        assert "Take it in again" in page
        assert "Part it from its row" not in page
        assert f"/interactions/{deleted_call.hub_id}/" not in page


def test_record_whose_row_was_deleted_here_is_paused(admin: SignedIn, deleted_call: RecordLink, text: Any) -> None:
    page = text(admin.post(f"/records/{deleted_call.pk}/pause/", follow=True))

    assert "Kick-off is paused" in page
    assert "Resume it" in page


@pytest.mark.parametrize("words", ["001AB0000000001", "001AB0000000001AAA"])
def test_short_and_long_form_of_an_id(admin: SignedIn, calm: Connection, words: str) -> None:
    link = LinkFactory.create(connection=calm, source_id="001AB0000000001AAA", name="Acme", state="collision")

    page = admin.get(f"/explain/?q={words}")

    assert page.context["explanation"].name == link.name


def test_several_are_offered_never_guessed(admin: SignedIn, calm: Connection) -> None:
    customer = CustomerFactory.create(name="Acme Hub")
    LinkFactory.create(connection=calm, name="Acme One")
    known = CustomerFactory.create(name="Acme Two")
    LinkFactory.create(connection=calm, name="Acme Two", hub_id=known.pk)

    page = admin.get("/explain/?q=acme")

    assert [found.name for found in page.context["candidates"]] == ["Acme One", "Acme Two", "Acme Hub"]
    assert f"?hub=customers-{customer.pk}" in page.content.decode()


def test_number_may_be_a_run_or_a_hub_id(admin: SignedIn, calm: Connection) -> None:
    run, contact = RunFactory.create(connection=calm), ContactFactory.create()

    page = admin.get(f"/explain/?q={run.pk}").content.decode()

    assert f'<a href="/runs/{run.pk}/">' in page
    assert admin.get(f"/explain/?q={contact.pk}").status_code == 200


def test_row_made_by_hand_is_nobodys(admin: SignedIn, calm: Connection) -> None:
    customer = CustomerFactory.create()

    page = admin.get(f"/explain/?hub=customers-{customer.pk}").content

    assert b"No connection knows this row" in page


@pytest.mark.parametrize("query", ["hub=customers-999", "link=999", "hub=customers-x", f"link={10**30}"])
def test_unknown_row(admin: SignedIn, calm: Connection, query: str) -> None:
    assert admin.get(f"/explain/?{query}").status_code == 404


@pytest.mark.parametrize("query", ["hub=agreements-1", "q=", "q=%00", "hub="])
def test_odd_questions_are_answered_with_the_form(admin: SignedIn, calm: Connection, query: str) -> None:
    assert b"Type a name or an ID" in admin.get(f"/explain/?{query}").content


class TestAskTheCrm:
    ASKED = {"connection": "paper", "object": "customers", "source_id": "C7"}

    @pytest.mark.parametrize("role", [Role.ADMIN, Role.SUPPORT])
    def test_record_that_exists_there(self, client_as: ClientAs, crm: PaperCrm, text: Any, role: Role) -> None:
        crm.company("C7", "Seventh Ltd", parent="C1")

        page = text(client_as(role).post("/explain/", self.ASKED))

        assert "Seventh Ltd" in page
        assert '<dd class="mono">C1</dd>' in page
        assert crm.calls["by-id"] == 1
        assert not Run.objects.exists()
        assert not RecordLink.objects.exists()

    def test_record_that_does_not(self, admin: SignedIn, crm: PaperCrm, text: Any) -> None:
        assert "There is no record C7, or the connection may not see it." in text(admin.post("/explain/", self.ASKED))

    def test_crm_that_refuses(self, admin: SignedIn, crm: PaperCrm, text: Any) -> None:
        def refuse(*_: object) -> None:
            raise NeedsSignIn("INVALID_SESSION_ID", "Session expired")

        crm.before_read = refuse

        page = text(admin.post("/explain/", self.ASKED))

        assert "INVALID_SESSION_ID: Session expired" in page

    @pytest.mark.parametrize("change", [{"object": "users"}, {"source_id": " "}])
    def test_what_cannot_be_asked_costs_no_call(self, admin: SignedIn, crm: PaperCrm, change: dict[str, str]) -> None:
        assert admin.post("/explain/", {**self.ASKED, **change}).status_code == 200
        assert not crm.calls

    def test_others_may_read_but_not_ask(self, client_as: ClientAs, crm: PaperCrm) -> None:
        client = client_as(Role.CSM)

        assert (client.get("/explain/").status_code, client.post("/explain/", self.ASKED).status_code) == (200, 403)
        assert not crm.calls


def test_scope_tells_what_is_read_and_not_how_one_signs_in(admin: SignedIn, text: Any) -> None:
    connection = SalesforceConnection.objects.create(
        system="salesforce", name="SF", slug="sf", state="on", account_view="00B1", account_view_label="Active"
    )
    link = LinkFactory.create(connection=connection, name="Marlowe")

    page = text(admin.get(f"/explain/?link={link.pk}"))

    assert "<dt>In scope</dt><dd>yes<small>Account view: Active</small></dd>" in page
