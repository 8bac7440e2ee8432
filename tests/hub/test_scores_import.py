"""Scores of many customers from a CSV file: matched, shown, and only then written."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEntry
from accounts.permissions import Role
from integrations.hub.models import CsmOwner, Customer
from integrations.hub.score_file import MOST, FileRefused, read_file
from integrations.sync.models import Change
from tests.hub.factories import CustomerFactory
from tests.signed_in import ClientAs

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R56", "R57")]

ADDRESS = "/customers/scores/"


@pytest.fixture
def manager(client_as: ClientAs) -> Client:
    return client_as(Role.MANAGER)


def test_a_file_is_shown_first_and_written_by_the_second_answer(manager: Any) -> None:
    first = CustomerFactory.create(ref_id="A1", pulse=2)
    second = CustomerFactory.create(ref_id="A2", health_score=5, pulse=3)
    text = "ref_id,health_score,pulse\nA1,8,4\nA2,5,3\n"

    looked = manager.post(ADDRESS, {"file": SimpleUploadedFile("scores.csv", text.encode("utf-8-sig"))})

    result = looked.context["result"]
    assert [(one.ref_id, dict(one.before), dict(one.after)) for one in result.changes] == [
        ("A1", {"health_score": None, "pulse": 2}, {"health_score": 8, "pulse": 4})
    ]
    assert (result.unchanged, result.problems) == (1, [])
    assert scores(first) == (None, 2)

    answer = apply(manager, looked)

    assert answer.headers["Location"] == reverse("hub:customers")
    assert (scores(first), scores(second)) == ((8, 4), (5, 3))
    change = Change.objects.get(hub_id=first.pk)
    assert (change.reason_code, change.actor) == ("by-import", manager.user.label)
    assert AuditEntry.objects.get(verb="imported scores").after == {"customers": 1}


def test_each_line_that_cannot_be_taken_says_why_and_the_others_go(manager: Client) -> None:
    good = CustomerFactory.create(ref_id="A1")
    CustomerFactory.create_batch(2, ref_id="TWICE")
    lines = [
        "ref_id;health_score;pulse",
        "A1;8;",
        "NOBODY;8;4",
        ";8;4",
        "TWICE;8;4",
        "A1;7;",
        "A1;11;",
        "A1;7,5;",
        "A1;good;2",
        "A1;;",
        "A1;8",
    ]

    looked = manager.post(ADDRESS, {"text": "\n".join(lines)})

    assert [(one.place, one.field, one.why) for one in looked.context["result"].problems] == [
        (3, "", "No customer that you may change has this ID."),
        (4, "", "The customer ID is missing."),
        (5, "", "2 customers have this ID, so none of them was chosen."),
        (6, "", "This customer is named already, by number 2."),
        (7, "health_score", "A whole number from 1 to 10."),
        (8, "health_score", "A whole number from 1 to 10."),
        (9, "health_score", "A whole number from 1 to 10."),
        (10, "", "It says neither a health score nor a pulse."),
        (11, "", "The line has fewer columns than the first one."),
    ]
    apply(manager, looked)
    assert scores(good) == (8, None)


def test_an_empty_cell_leaves_the_score_as_it_is(manager: Client) -> None:
    row = CustomerFactory.create(ref_id="A1", health_score=5, pulse=3)

    apply(manager, manager.post(ADDRESS, {"text": "ref_id,health_score,pulse\nA1,,4"}))

    assert scores(row) == (5, 4)


def test_what_moved_since_it_was_shown_is_shown_again(manager: Client) -> None:
    row = CustomerFactory.create(ref_id="A1", pulse=2)
    looked = manager.post(ADDRESS, {"text": "ref_id,pulse\nA1,4"})
    Customer.objects.filter(pk=row.pk).update(pulse=1)

    answer = apply(manager, looked)

    assert answer.status_code == 409
    assert "Nothing was written: look again" in answer.content.decode()
    assert scores(row) == (None, 1)


@pytest.mark.parametrize(
    "header", ["Customer ID,Health score,CSM Pulse", "REF_ID\tpulse\thealth_score", "id;name;pulse", '"ref_id","pulse"']
)
def test_columns_are_known_by_their_names_in_any_order(header: str) -> None:
    assert read_file(f"{header}\n").problems == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\n\n", "The file is empty."),
        ("name,pulse\nA,1", "no column “ref_id”"),
        ("ref_id,name\nA,1", "neither a column “health_score” nor a column “pulse”"),
        ("ref_id,pulse,CSM Pulse\nA,1,2", "stands twice"),
        ('ref_id,pulse\n"A"b,1', "Line 2 cannot be read as CSV"),
        ("ref_id,pulse\n" + "A,1\n" * (MOST + 1), "more than 5000 lines"),
        ("x" * (1024 * 1024 + 1), "larger than 1 MB"),
    ],
)
def test_a_file_that_is_none_is_refused_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(FileRefused, match=said):
        read_file(text)


@pytest.mark.parametrize("raw", [b"ref_id,pulse\nA\xe9,1", b""])
def test_a_page_without_a_readable_file_writes_nothing(manager: Client, raw: bytes) -> None:
    sent = {"file": SimpleUploadedFile("scores.csv", raw)} if raw else {"text": " "}

    answer = manager.post(ADDRESS, sent)

    assert answer.status_code == 422
    assert "Nothing was written." in answer.content.decode()


def test_ids_that_no_database_compares_are_nobodys(manager: Client) -> None:
    answer = manager.post(ADDRESS, {"text": f"ref_id,pulse\nA\x00B,1\n{'x' * 200},2"})

    assert [one.why for one in answer.context["result"].problems] == [
        "No customer that you may change has this ID."
    ] * 2


@pytest.mark.parametrize("role", [Role.CSM, Role.RESTRICTED_CSM])
def test_who_looks_after_some_customers_changes_only_those(client_as: ClientAs, role: Role) -> None:
    client = client_as(role)
    mine = CustomerFactory.create(ref_id="MINE", csm=CsmOwner.objects.create(email=client.user.email))
    theirs = CustomerFactory.create(ref_id="THEIRS", name="Nobody’s business")

    looked = client.post(ADDRESS, {"text": "ref_id,pulse\nMINE,4\nTHEIRS,4"})

    assert "Nobody’s business" not in looked.content.decode()
    apply(client, looked)
    assert (scores(mine)[1], scores(theirs)[1]) == (4, None)


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.READ_ONLY])
def test_others_have_no_such_page(client_as: ClientAs, role: Role) -> None:
    assert client_as(role).get(ADDRESS).status_code == 403


def test_looking_and_applying_cost_the_same_for_any_number(manager: Client) -> None:
    manager.get(ADDRESS)
    costs = set()
    for number in (1, 3):
        rows = CustomerFactory.create_batch(number)
        text = "\n".join(["ref_id,pulse", *(f"{row.ref_id},4" for row in rows)])
        with CaptureQueriesContext(database) as looking:
            looked = manager.post(ADDRESS, {"text": text})
        with CaptureQueriesContext(database) as applying:
            assert apply(manager, looked).status_code == 302
        costs.add((len(looking), len(applying)))

    assert len(costs) == 1
    assert all(cost < 30 for both in costs for cost in both)


def apply(client: Client, looked: Any) -> Any:
    context = looked.context
    return client.post(ADDRESS, {"do": "apply", "text": context["text"], "read": context["result"].seal})


def scores(row: Customer) -> tuple[int | None, int | None]:
    row.refresh_from_db()
    return row.health_score, row.pulse
