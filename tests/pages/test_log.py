import html
from datetime import timedelta
from typing import Any, cast

import pytest
from django.utils import timezone

from accounts.permissions import Role
from integrations.hub.models import Agreement, Interaction
from integrations.sync.models import Change, Connection, RecordLink
from tests.pages.factories import (
    ChangeFactory,
    ConnectionFactory,
    ContactFactory,
    CustomerFactory,
    LinkFactory,
    RefusalFactory,
    RunFactory,
)
from tests.signed_in import ClientAs, SignedIn

pytestmark = pytest.mark.requirement("R273")


@pytest.fixture
def run(calm: Connection) -> Any:
    return RunFactory.create(connection=calm)


def _found(client: SignedIn, query: str) -> list[int]:
    return [line.row.pk for line in client.get(f"/log/?{query}").context["lines"]]


def test_names_come_from_the_hub_and_the_links(admin: SignedIn, run: Any) -> None:
    customer, contact = (
        CustomerFactory.create(name="Marlowe"),
        ContactFactory.create(first_name="Ada", last_name="Byron"),
    )
    link = LinkFactory.create(connection=run.connection, name="Tidewater", state="excluded")
    ChangeFactory.create(of=run, hub_id=customer.pk)
    ChangeFactory.create(of=run, object="contacts", hub_id=contact.pk)
    ChangeFactory.create(of=run, action="exclude", source_id=link.source_id)

    lines = admin.get("/log/").context["lines"]

    assert [(line.subject.name, line.subject.of) for line in lines] == [
        ("Tidewater", ""),
        ("Ada Byron", contact.customer.name),
        ("Marlowe", ""),
    ]


def test_row_outlives_everything_that_it_names(admin: SignedIn) -> None:
    ChangeFactory.create(run_id=999, connection_id=999, hub_id=999, source_id="C9")

    [line] = admin.get("/log/").context["lines"]

    assert (line.subject.name, line.crm_url) == ("C9", "")


def test_row_that_was_deleted_here_is_called_as_it_was(admin: SignedIn, run: Any) -> None:
    was = {"name": "Marlowe", "domain": "marlowe.example"}
    ChangeFactory.create(of=run, hub_id=999, source_id="", action="delete", before=was, after=dict.fromkeys(was))

    [line] = admin.get("/log/").context["lines"]

    assert line.subject.name == "Marlowe"


class TestSearch:
    def test_by_name_of_either_side(self, admin: SignedIn, run: Any) -> None:
        customer, contact = CustomerFactory.create(name="Straße AG"), ContactFactory.create(last_name="Strassmann")
        link = LinkFactory.create(connection=run.connection, name="STRASSER", state="failing")
        wanted = [
            ChangeFactory.create(of=run, hub_id=customer.pk).pk,
            ChangeFactory.create(of=run, object="contacts", hub_id=contact.pk).pk,
            ChangeFactory.create(of=run, source_id=link.source_id).pk,
        ]
        ChangeFactory.create(of=run, hub_id=CustomerFactory.create(name="Other").pk)

        assert _found(admin, "q=strass") == wanted[::-1]

    def test_same_id_of_another_data_type_is_not_meant(self, admin: SignedIn, run: Any) -> None:
        customer = CustomerFactory.create(name="Marlowe")
        wanted = ChangeFactory.create(of=run, hub_id=customer.pk)
        ChangeFactory.create(of=run, object="contacts", hub_id=customer.pk)

        assert _found(admin, "q=marlowe") == [wanted.pk]

    def test_by_email_and_by_ids(self, admin: SignedIn, run: Any) -> None:
        contact = ContactFactory.create(email="Ada@X.example", email_key="ada@x.example")
        row = ChangeFactory.create(of=run, object="contacts", hub_id=contact.pk, source_id="003AB")
        ChangeFactory.create(of=run, hub_id=contact.pk + 1000)

        found = [_found(admin, f"q={words}") for words in ("ada@x.example", "003AB", str(contact.pk), "003A", "9" * 40)]

        assert found == [[row.pk], [row.pk], [row.pk], [], []]

    def test_what_was_written_to_the_crm_has_a_filter_of_its_own(self, admin: SignedIn, run: Any) -> None:
        sent = [ChangeFactory.create(of=run, action=action).pk for action in ("push", "create-out", "delete-out")]
        ChangeFactory.create(of=run, action="push", outcome="refused")
        ChangeFactory.create(of=run)

        assert _found(admin, "outcome=sent") == sent[::-1]

    def test_by_outcome_connection_and_run(self, admin: SignedIn, run: Any) -> None:
        other = RunFactory.create(connection=ConnectionFactory.create(slug="other"))
        update, refusal = ChangeFactory.create(of=run), RefusalFactory.create(of=run)
        moved = ChangeFactory.create(of=other, outcome="refused", reason_code="hub-moved")
        erasure = ChangeFactory.create(of=other, erases=True)

        found = [
            _found(admin, query)
            for query in ("outcome=update", "outcome=refuse", "outcome=erases", "connection=other", f"run={run.pk}")
        ]

        assert found == [
            [erasure.pk, update.pk],
            [moved.pk, refusal.pk],
            [erasure.pk],
            [erasure.pk, moved.pk],
            [refusal.pk, update.pk],
        ]

    def test_by_days(self, admin: SignedIn, run: Any) -> None:
        today = timezone.localdate()
        rows = [ChangeFactory.create(of=run, at=timezone.now() - timedelta(days=days)) for days in (20, 9, 0)]

        def day(days: int) -> str:
            return (today - timedelta(days=days)).isoformat()

        found = [
            _found(admin, query)
            for query in (f"first={day(10)}", f"last={day(9)}", f"first={day(9)}&last={day(9)}", "first=2100-01-01")
        ]

        assert found == [[rows[2].pk, rows[1].pk], [rows[1].pk, rows[0].pk], [rows[1].pk], []]

    def test_by_field_wants_a_run_or_a_week(self, admin: SignedIn, run: Any) -> None:
        row = ChangeFactory.create(of=run, after={"name": "B", "pulse": 1})
        ChangeFactory.create(of=run, after={"name_2": "B"})
        today = timezone.localdate()
        week, eight = (today - timedelta(days=days) for days in (6, 7))

        narrow = [_found(admin, f"field=name&{more}") for more in (f"run={run.pk}", f"first={week}")]
        wide = [admin.get(f"/log/?field=name&{more}") for more in ("", f"first={eight}", f"last={today}")]

        assert narrow == [[row.pk], [row.pk]]
        assert [page.context["lines"] for page in wide] == [[], [], []]
        assert all(b"Name a run, or choose at most 7 days" in page.content for page in wide)

    def test_wish_that_cannot_be_read_shows_nothing(self, admin: SignedIn, run: Any) -> None:
        ChangeFactory.create(of=run)

        assert [_found(admin, query) for query in ("run=abc", "first=31.12.2026", "outcome=nonsense")] == [[], [], []]


def test_pages_by_key_and_counts_nothing(admin: SignedIn, run: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    rows = ChangeFactory.create_batch(51, of=run)

    with CaptureQueriesContext(connection) as statements:
        first = _found(admin, "")
    second = _found(admin, f"before={first[-1]}")

    assert (len(first), second) == (50, [rows[0].pk])
    assert [s["sql"] for s in statements if "COUNT" in s["sql"] and '"sync_change"' in s["sql"]] == []


def test_filters_are_links_that_take_one_away(admin: SignedIn, run: Any, text: Any) -> None:
    page = admin.get(f"/log/?run={run.pk}&outcome=refuse")

    assert {chip["label"]: chip["url"] for chip in page.context["chips"]} == {
        f"Run: {run.pk}": "?outcome=refuse",
        "Outcome: Refused": f"?run={run.pk}",
    }
    assert [tab["label"] for tab in page.context["tabs"] if tab["current"]] == ["Refused"]


class TestFailure:
    @pytest.mark.requirement("C14")
    def test_says_record_field_value_cause_and_repair(self, admin: SignedIn, run: Any, text: Any) -> None:
        contact = ContactFactory.create(first_name="Ada", last_name="Byron")
        params = {
            "system": "Paper CRM",
            "label": "NPS score",
            "value": "n/a",
            "crm_code": "INVALID",
            "crm_text": "is bad",
        }
        row = RefusalFactory.create(
            of=run, object="contacts", hub_id=contact.pk, source_id="P7", reason_params=params,
        )  # fmt: skip

        page = text(admin.get(f"/log/?open={row.pk}"))

        assert f'href="/contacts/{contact.pk}/"' in page
        assert 'href="https://paper.example/contacts/P7"' in page
        assert '<span>NPS score</span><span><span class="diff"><del>n/a</del></span>' in page
        assert '<div class="said">INVALID is bad</div>' in page
        assert "NPS score: “n/a” is not a plain number, and it was not guessed. The record waits." in page
        assert "Correct it in Paper CRM" in page

    @pytest.mark.requirement("C16")
    def test_retry_reads_the_record_again(self, client_as: ClientAs, run: Any) -> None:
        link = LinkFactory.create(connection=run.connection, state="failing", source_hash="abc", reason_code="too-long")

        answer = client_as(Role.SUPPORT).post(
            "/retry/", {"connection": "paper", "object": "customers", "source_id": link.source_id}
        )

        link.refresh_from_db()
        assert answer.status_code == 302
        assert link.source_hash == ""

    @pytest.mark.parametrize("role", [Role.CSM, Role.MANAGER])
    def test_who_may_not_retry_has_no_button(self, client_as: ClientAs, run: Any, role: Role) -> None:
        row = RefusalFactory.create(of=run)

        page = client_as(role).get(f"/log/?open={row.pk}").content

        assert b"How to repair it" in page
        assert b"Retry this record" not in page

    def test_values_are_text_and_never_markup(self, admin: SignedIn, run: Any) -> None:
        evil = "<script>alert(1)</script>"
        CustomerFactory.create(name=evil)
        LinkFactory.create(connection=run.connection, name=evil, state="failing", source_id="E1")
        row = RefusalFactory.create(of=run, after={"name": evil}, source_id="E1", reason_params={"value": evil})

        pages = [admin.get(f"/log/?open={row.pk}"), admin.get(f"/log/?q={evil}"), admin.get(f"/explain/?q={evil}")]

        assert all(b"<script>alert" not in page.content for page in pages)
        assert b"&lt;script&gt;alert" in pages[0].content


def test_export_is_the_filter_without_its_page(admin: SignedIn, run: Any) -> None:
    ChangeFactory.create(of=run)
    RefusalFactory.create(of=run)

    answer = admin.get("/log/?csv=1&outcome=refuse")

    assert len(b"".join(cast("Any", answer).streaming_content).decode().splitlines()) == 2
    assert Change.objects.count() == 2
    assert not RecordLink.objects.exists()


@pytest.mark.requirement("C14")
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("run=abc", "A run is named by its number, such as 4816."),
        ("run=0", "A run's number is 1 or more."),
        ("first=yesterday", "A day is written as year, month and day: 2026-11-25."),
        ("last=1066-10-14", "Only days from 1900 to 2999 can be looked for."),
    ],
)
def test_filter_that_cannot_be_read_says_what_is_wrong(admin: SignedIn, query: str, said: str) -> None:
    page = html.unescape(admin.get(f"/log/?{query}").content.decode())

    assert said in page
    assert "The filter was not understood" in page
    assert "No decision has been made yet" not in page


def test_new_record_shows_what_it_is_and_folds_the_rest(admin: SignedIn, run: Any) -> None:
    after = {"phone": "1", "custom.a": "2", "domain": "a.example", "custom.b": "3", "name": "Acme"}
    ChangeFactory.create(of=run, action="create", before={}, after=after)
    ChangeFactory.create(of=run, before=dict.fromkeys(after, ""), after=after)

    page = admin.get("/log/")

    update, create = page.context["lines"]
    assert [field.name for field in create.shown] == ["name", "domain", "phone"]
    assert [field.name for field in create.folded] == ["custom.a", "custom.b"]
    assert (len(update.shown), update.folded) == (5, [])
    assert page.content.decode().count("and 2 more fields") == 1


class TestEveryDataType:
    """Agreements and interactions are named, searched and told apart like customers and contacts."""

    @pytest.fixture
    def rows(self, run: Any) -> dict[str, Any]:
        customer = CustomerFactory.create(name="Marlowe")
        agreement = Agreement.objects.create(customer=customer, plan="Gold plan", ref_id="006A")
        meeting = Interaction.objects.create(
            customer=customer, type="meeting", subject="Kick-off", starts_at=timezone.now(), ref_id="00U1"
        )
        ChangeFactory.create(of=run, object="agreements", hub_id=agreement.pk)
        ChangeFactory.create(of=run, object="meetings", hub_id=meeting.pk)
        ChangeFactory.create(of=run, object="notes", source_id="002N", action="exclude")
        return {"agreement": agreement, "meeting": meeting}

    def test_each_is_named_with_its_kind_and_its_customer(self, admin: SignedIn, rows: dict[str, Any]) -> None:
        answer = admin.get("/log/")

        assert [(line.subject.name, line.what) for line in answer.context["lines"]] == [
            ("002N", "note"),
            ("Kick-off", "meeting of Marlowe"),
            ("Gold plan", "agreement of Marlowe"),
        ]
        page = answer.content.decode()
        assert f'href="/agreements/{rows["agreement"].pk}/"' in page
        assert f'href="/interactions/{rows["meeting"].pk}/"' in page

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("object=agreements", ["agreements"]),
            ("object=meetings", ["meetings"]),
            ("object=calls", []),
            ("q=gold", ["agreements"]),
            ("q=006A", ["agreements"]),
            ("q=00U1", ["meetings"]),
            ("q=002N", ["notes"]),
        ],
    )
    def test_filters_and_search_know_it(
        self, admin: SignedIn, rows: dict[str, Any], query: str, found: list[str]
    ) -> None:
        assert [line.row.object for line in admin.get(f"/log/?{query}").context["lines"]] == found

    def test_filter_offers_every_data_type_that_has_records(self, admin: SignedIn, run: Any) -> None:
        offered = [value for value, _label in admin.get("/log/").context["search"].fields["object"].choices]

        assert offered == ["", "customers", "contacts", "agreements", "emails", "meetings", "calls", "notes"]

    @pytest.mark.parametrize("number", [1, 3])
    def test_cost_is_the_same_for_any_number(
        self, number: int, admin: SignedIn, rows: dict[str, Any], run: Any, django_assert_num_queries: Any
    ) -> None:
        for object_name, name in (("agreements", "agreement"), ("meetings", "meeting")):
            for _row in range(number):
                ChangeFactory.create(of=run, object=object_name, hub_id=rows[name].pk)
        admin.get("/people/me/")

        with django_assert_num_queries(16):
            admin.get("/log/")
