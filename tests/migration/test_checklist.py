"""The checklist as people read it: numbered chapters, steps that are ticked, and the reasons that it gives."""

import re

import pytest
from django.urls import reverse

from accounts.permissions import Role
from integrations.migration.chapters import CHAPTERS
from integrations.migration.models import Move
from tests.signed_in import ClientAs, SignedIn

from .late_worlds import moving

pytestmark = pytest.mark.django_db
SAID = {
    "hubspot": [
        pytest.param("settle the person with your IT", marks=pytest.mark.requirement("R138")),
        pytest.param("the customers that are here are found again, without duplicates", marks=pytest.mark.requirement("R142")),
        pytest.param("only where it is the same letter for letter", marks=pytest.mark.requirement("R143")),
        pytest.param("Customer unless you say otherwise", marks=pytest.mark.requirement("R144")),
        pytest.param("a lifecycle stage for each population", marks=pytest.mark.requirement("R210")),
        pytest.param("filled on the companies and used as the filter", marks=pytest.mark.requirement("R211")),
        pytest.param("Companies that were there before come in with the first sync", marks=pytest.mark.requirement("R212")),
    ],
    "hub": [pytest.param("serves as the merge key", marks=pytest.mark.requirement("R147"))],
    "old-off": [
        pytest.param("write its IDs in parallel", marks=pytest.mark.requirement("R154")),
        pytest.param("To retire it is safer than to leave it disabled", marks=pytest.mark.requirement("R155")),
    ],
    "stages": [
        pytest.param("customers that are here are found again, and none is made twice", marks=pytest.mark.requirement("R162")),
        pytest.param("A first sync may take one to two hours", marks=pytest.mark.requirement("R194")),
    ],
    "directions": [
        pytest.param("Input: HubSpot is right; as few fields as possible at first", marks=pytest.mark.requirement("R182")),
        pytest.param("Output only: the hub is right, as for stage, CSM owner, profile, tags and custom fields",
                     marks=pytest.mark.requirement("R182")),
        pytest.param("Two-way: only where both sides agree", marks=pytest.mark.requirement("R182")),
        pytest.param("where HubSpot has nothing and blanks erase, the value here goes", marks=pytest.mark.requirement("R181")),
        pytest.param("That is why there are three stages", marks=pytest.mark.requirement("R183")),
    ],
    "tools": [
        pytest.param("The HubSpot ID must stand in a tool before it can be found by it", marks=pytest.mark.requirement("R184")),
        pytest.param("The Stripe ID stands on the customer here, whatever the CRM is", marks=pytest.mark.requirement("R186")),
    ],
    "validation": [
        pytest.param("accounts that nobody wants", marks=pytest.mark.requirement("R196")),
        pytest.param("The eye at the far right of the list of customers opens it", marks=pytest.mark.requirement("R198")),
        pytest.param("it was matched", marks=pytest.mark.requirement("R201")),
        pytest.param("delete them in bulk, with a backup, and start from a clean base", marks=pytest.mark.requirement("R204")),
    ],
}  # fmt: skip


@pytest.fixture
def move() -> Move:
    return moving(1)


def shown(client: SignedIn, move: Move, chapter: str) -> str:
    page = client.get(reverse("migration:chapter", args=[move.pk, chapter])).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.mark.parametrize(
    ("chapter", "reason"), [pytest.param(key, *one.values, marks=one.marks) for key, all_ in SAID.items() for one in all_]
)  # fmt: skip
def test_the_reason_stands_beside_the_step(chapter: str, reason: str, move: Move, client_as: ClientAs) -> None:
    assert reason in shown(client_as(Role.CSM), move, chapter)


@pytest.mark.requirement("R135", "R222")
def test_chapters_and_steps_are_numbered_and_a_step_is_ticked(move: Move, client_as: ClientAs) -> None:
    client = client_as(Role.CSM)
    assert [chapter.number for chapter in CHAPTERS] == [1, 2, 3, 4, 5, 6, 7]
    for chapter in CHAPTERS:
        page = shown(client, move, chapter.key)
        for place, step in enumerate(chapter.steps, 1):
            assert re.search(rf"\b{chapter.number}\.{place}\b", page), (chapter.key, place)
            assert str(step.title) in page
    assert "1.3" in shown(client, move, "hubspot")

    before = shown(client, move, "hubspot")
    client.post(reverse("migration:sign", args=[move.pk, "it-agrees"]), {"note": "Settled with Ana"})
    after = shown(client, move, "hubspot")

    assert "Settled with Ana" not in before
    assert "Settled with Ana" in after
    assert f"Signed by {client.user.label}" in after
    assert ("Done" in before, "Done" in after) == (False, True)
    client.post(reverse("migration:unsign", args=[move.pk, "it-agrees"]))
    assert "Settled with Ana" not in shown(client, move, "hubspot")
