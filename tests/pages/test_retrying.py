"""The retry buttons, and what the pages say about tries: the next one, and that there will be none."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.permissions import Role
from integrations.sync.models import Connection, Outbox, RecordLink, Run
from tests.pages.factories import ConnectionFactory, LinkFactory, RefusalFactory, RunFactory, WriteFactory
from tests.signed_in import ClientAs, SignedIn

PAGE = "/connections/paper/records/customers/"
OF_CUSTOMERS = {"connection": "paper", "object": "customers"}


@pytest.fixture
def failing(calm: Connection) -> RecordLink:
    return LinkFactory.create(
        connection=calm, name="Bad", source_id="B1", state="failing", reason_code="too-long", source_hash="h", tries=2,
        next_try_at=timezone.now() + timedelta(hours=3),
    )  # fmt: skip


@pytest.fixture
def given_up(calm: Connection) -> RecordLink:
    return LinkFactory.create(
        connection=calm, name="Lost", source_id="B2", state="failing", reason_code="not-a-date", source_hash="h", tries=4,
        given_up_at=timezone.now(),
    )  # fmt: skip


def is_wanted(*links: RecordLink) -> list[bool]:
    for link in links:
        link.refresh_from_db()
    return [
        link.wanted_at is not None
        and (link.source_hash, link.tries, link.next_try_at, link.given_up_at) == ("", 0, None, None)
        for link in links
    ]


class TestShown:
    def test_next_try_stands_with_the_record(self, admin: SignedIn, failing: RecordLink, text: Any) -> None:
        assert "Tried 2 times. Next try: " in text(admin.get(f"{PAGE}?state=failing"))
        assert "Tried 2 times. Next try: " in text(admin.get(f"/explain/?link={failing.pk}"))

    def test_due_try_comes_with_the_next_run(self, admin: SignedIn, failing: RecordLink, text: Any) -> None:
        RecordLink.objects.update(tries=1, next_try_at=timezone.now())

        assert "Tried 1 time. Tried again with the next run." in text(admin.get(f"{PAGE}?state=failing"))

    @pytest.mark.requirement("F27", "C16")
    def test_given_up_records_have_a_list_of_their_own_with_the_cure(
        self, admin: SignedIn, failing: RecordLink, given_up: RecordLink, text: Any
    ) -> None:
        answer = admin.get(f"{PAGE}?state=given-up")

        assert [row["name"] for row in answer.context["rows"]] == ["Lost"]
        tab = next(tab for tab in answer.context["tabs"] if tab["current"])
        assert (str(tab["label"]), tab["count"]) == ("Given up", 1)
        [facet] = answer.context["facets"]
        assert (facet["reason_code"], facet["number"]) == ("not-a-date", 1)
        assert facet["cure"]
        assert "A retry or a change of the record brings it back." in text(answer)

    def test_lists_that_are_empty_have_no_tab(self, admin: SignedIn, failing: RecordLink) -> None:
        labels = [str(tab["label"]) for tab in admin.get(PAGE).context["tabs"]]

        assert "Given up" not in labels
        assert "Not sent" not in labels

    @pytest.mark.requirement("C16")
    def test_refused_writes_are_listed_by_the_words_of_the_crm(
        self, admin: SignedIn, calm: Connection, text: Any
    ) -> None:
        WriteFactory.create(connection=calm, name="Aldervale", attempts=1)
        WriteFactory.create(connection=calm, name="Cedar", source_id="", hub_id=71, kind="create", error_code="LOCKED")
        WriteFactory.create(connection=calm, state="doubtful", due_at=None, error_code="unanswered", name="Quiet")
        WriteFactory.create(connection=calm, state="planned", due_at=None, error_code="", name="Simply next")

        answer = admin.get(f"{PAGE}?state=unsent")

        page = text(answer)
        assert [row["name"] for row in answer.context["rows"]] == ["Aldervale", "Cedar", "Quiet"]
        assert "Name must be in capitals." in page
        assert "never answered whether it created this record" in page
        assert 'name="source_id" value="hub:71"' in page
        assert page.count('name="source_id"') == 3, "a person may say that it is not there"
        assert page.count('name="refusal"') == 2
        assert "Retry all 2 that fail" in page
        assert {facet["reason_code"] for facet in answer.context["facets"]} == {
            "FIELD_CUSTOM_VALIDATION_EXCEPTION", "LOCKED", "unanswered",
        }  # fmt: skip
        assert [row["name"] for row in admin.get(f"{PAGE}?state=unsent&reason=LOCKED").context["rows"]] == ["Cedar"]

    @pytest.mark.parametrize("role", [Role.CSM, Role.MANAGER])
    def test_who_may_not_retry_sees_the_lists_without_buttons(
        self, client_as: ClientAs, failing: RecordLink, given_up: RecordLink, calm: Connection, role: Role
    ) -> None:
        WriteFactory.create(connection=calm)
        run = RefusalFactory.create(of=RunFactory.create(connection=calm)).run_id
        client = client_as(role)

        pages = [client.get(f"{PAGE}?state={state}") for state in ("failing", "given-up", "unsent")]

        for page in (*pages, client.get(f"/runs/{run}/")):
            assert page.status_code == 200
            assert b"/retry/" not in page.content


@pytest.mark.requirement("C16")
class TestRetry:
    @pytest.mark.parametrize("role", [Role.ADMIN, Role.SUPPORT])
    def test_one_record(self, client_as: ClientAs, failing: RecordLink, given_up: RecordLink, role: Role) -> None:
        client = client_as(role)

        answer = client.post("/retry/", {**OF_CUSTOMERS, "source_id": "B2"}, follow=True)

        run = Run.objects.get()
        assert answer.redirect_chain == [(f"/runs/{run.pk}/", 302)]
        assert f"To be read again and decided anew: 1 record. Run {run.pk} does it now.".encode() in answer.content
        assert is_wanted(given_up, failing) == [True, False]
        entry = AuditEntry.objects.get(verb="retried records")
        assert (entry.actor, entry.note) == (client.user.label, f"run {run.pk}, records: 1, writes: 0, B2")

    def test_one_reason(self, admin: SignedIn, failing: RecordLink, given_up: RecordLink) -> None:
        admin.post("/retry/", {**OF_CUSTOMERS, "reason": "too-long"})

        assert is_wanted(failing, given_up) == [True, False]

    def test_one_data_type(self, admin: SignedIn, calm: Connection, failing: RecordLink, given_up: RecordLink) -> None:
        other = LinkFactory.create(connection=calm, object="contacts", state="failing", reason_code="too-long")
        foreign = LinkFactory.create(connection=ConnectionFactory.create(), state="failing", reason_code="too-long")
        write = WriteFactory.create(connection=calm, due_at=None, attempts=4, given_up_at=timezone.now())

        answer = admin.post("/retry/", {**OF_CUSTOMERS, "all": "1"}, follow=True)

        assert is_wanted(failing, given_up, other, foreign) == [True, True, False, False]
        write.refresh_from_db()
        assert (write.attempts, write.given_up_at, write.due_at is not None) == (0, None, True)
        assert b"To be read again and decided anew: 2 records. To be sent again: 1 write." in answer.content

    def test_one_refusal_of_the_crm(self, admin: SignedIn, calm: Connection) -> None:
        chosen = WriteFactory.create(connection=calm, error_code="LOCKED", due_at=None, given_up_at=timezone.now())
        other = WriteFactory.create(connection=calm, due_at=None, given_up_at=timezone.now())

        admin.post("/retry/", {**OF_CUSTOMERS, "refusal": "LOCKED"})

        assert set(Outbox.objects.filter(given_up_at=None)) == {chosen}
        assert Outbox.objects.get(pk=other.pk).due_at is None

    @pytest.mark.parametrize("role", [Role.ADMIN, Role.SUPPORT])
    def test_one_run_and_one_cause_of_it(self, client_as: ClientAs, calm: Connection, role: Role) -> None:
        run = RunFactory.create(connection=calm)
        links = []
        for n, code in enumerate(["too-long", "too-long", "not-a-date"]):
            RefusalFactory.create(of=run, source_id=f"F{n}", reason_code=code)
            links.append(LinkFactory.create(connection=calm, source_id=f"F{n}", state="failing", reason_code=code))
        RefusalFactory.create(of=run, source_id="F9")
        well = LinkFactory.create(connection=calm, source_id="F9", source_hash="h")
        client = client_as(role)

        client.post(f"/runs/{run.pk}/retry/", {"object": "customers", "reason": "not-a-date"})
        assert is_wanted(*links, well) == [False, False, True, False]

        answer = client.post(f"/runs/{run.pk}/retry/", follow=True)
        assert is_wanted(*links, well) == [True, True, True, False]
        assert b"To be read again and decided anew: 3 records." in answer.content
        notes = list(AuditEntry.objects.filter(verb="retried records").order_by("pk").values_list("note", flat=True))
        assert [note.split(", ", 3)[3] for note in notes] == [
            f"of run {run.pk} customers not-a-date", f"of run {run.pk}",
        ]  # fmt: skip

    def test_nothing_left_says_so(self, admin: SignedIn, calm: Connection) -> None:
        run = RunFactory.create(connection=calm)

        answer = admin.post(f"/runs/{run.pk}/retry/", follow=True)

        assert answer.redirect_chain == [(f"/runs/{run.pk}/", 302)]
        assert b"Nothing of this fails any more. Nothing was started." in answer.content
        assert Run.objects.count() == 1
        assert not AuditEntry.objects.filter(verb="retried records").exists()

    def test_under_way_it_is_kept_for_the_next_run(
        self, admin: SignedIn, calm: Connection, failing: RecordLink, text: Any
    ) -> None:
        active = RunFactory.create(connection=calm, state="running", phase="read", finished_at=None)

        page = text(admin.post("/retry/", {**OF_CUSTOMERS, "source_id": "B1"}, follow=True))

        assert f"Run {active.pk} is under way; the next one does it." in page
        assert is_wanted(failing) == [True]
        assert Run.objects.count() == 1

    def test_paused_record_stays_as_it_is(self, admin: SignedIn, failing: RecordLink) -> None:
        RecordLink.objects.update(paused_at=timezone.now())

        admin.post("/retry/", {**OF_CUSTOMERS, "all": "1"})

        assert is_wanted(failing) == [False]
        assert not Run.objects.exists()

    @pytest.mark.parametrize("words", ["\0", "hub:x", "hub:" + "9" * 30])
    def test_odd_ids_choose_nothing(self, admin: SignedIn, failing: RecordLink, words: str) -> None:
        assert admin.post("/retry/", {**OF_CUSTOMERS, "source_id": words}).status_code == 302
        assert admin.post("/retry/", {**OF_CUSTOMERS, "refusal": words}).status_code == 302
        assert not Run.objects.exists()

    def test_same_number_of_statements_for_one_and_three(self, admin: SignedIn, calm: Connection) -> None:
        numbers = []
        for number in (1, 3):
            run = RunFactory.create(connection=calm)
            for n in range(number):
                RefusalFactory.create(of=run, source_id=f"S{number}{n}", hub_id=80 + number * 10 + n)
                LinkFactory.create(
                    connection=calm, source_id=f"S{number}{n}", state="failing", reason_code="not-a-number"
                )
                WriteFactory.create(connection=calm, hub_id=80 + number * 10 + n)
            admin.get("/people/me/")
            with CaptureQueriesContext(database) as told:
                admin.post(f"/runs/{run.pk}/retry/")
            numbers.append(len(told))
            Run.objects.filter(state="queued").update(state="done")

        assert numbers[0] == numbers[1]

    @pytest.mark.parametrize("role", [Role.MANAGER, Role.CSM, Role.RESTRICTED_CSM, Role.READ_ONLY])
    def test_others_may_not(self, client_as: ClientAs, calm: Connection, failing: RecordLink, role: Role) -> None:
        run = RunFactory.create(connection=calm)
        client = client_as(role)

        answers = [client.post("/retry/", {**OF_CUSTOMERS, "all": "1"}), client.post(f"/runs/{run.pk}/retry/")]

        assert [answer.status_code for answer in answers] == [403, 403]
        assert is_wanted(failing) == [False]
