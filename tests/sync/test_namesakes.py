"""A contact that no key recognises, of a name that stands at the same customer already: a person says who it is."""

from collections.abc import Iterator

import pytest
from django.utils import timezone

from integrations.hub.models import Contact
from integrations.sync import decisions
from integrations.sync.models import Change, Connection, Outbox, RecordLink, Run
from integrations.sync.runner.drive import drive
from integrations.sync.runs import request_run
from tests.sync.fakes import WORLDS, PaperCrm, connect

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("C24", "R165")]


@pytest.fixture
def two() -> Iterator[tuple[PaperCrm, PaperCrm]]:
    """Two CRMs that know the same company by its domain."""
    made = [connect("First"), connect("Second")]
    for each in made:
        each.blocks.filter(object="customers").update(merge_keys=["domain"])
        each.blocks.filter(object="contacts").update(merge_keys=["email"])
        WORLDS[each.pk].company(f"{each.pk}0", "Aldervale", Website="aldervale.example")
    yield WORLDS[made[0].pk], WORLDS[made[1].pk]
    WORLDS.clear()


def sync(name: str) -> Run:
    return drive(request_run(Connection.objects.get(name=name), Run.Kind.DELTA, by="test"), 20)


def head(name: str) -> str:
    return f"{Connection.objects.get(name=name).pk}0"


def link(source_id: str) -> RecordLink:
    return RecordLink.objects.get(connection__name="Second", object="contacts", source_id=source_id)


def test_one_without_an_address_is_asked_about_and_made_no_second_time(two: tuple[PaperCrm, PaperCrm]) -> None:
    first, second = two
    first.person("p1", head("First"), FirstName="Anna", LastName="Reis", Email=None)
    sync("First")
    second.person("q1", head("Second"), FirstName="anna", LastName="REIS", Email=None)

    sync("Second")

    [row] = Contact.objects.all()
    assert (link("q1").state, link("q1").reason_code, link("q1").reason_params["row"]) == (
        "collision",
        "namesake",
        row.pk,
    )


def test_two_of_one_name_in_one_crm_are_two(two: tuple[PaperCrm, PaperCrm]) -> None:
    first, _second = two
    first.person("p1", head("First"), FirstName="Anna", LastName="Reis", Email=None)
    sync("First")
    first.person("p2", head("First"), FirstName="Anna", LastName="Reis", Email=None)

    sync("First")

    assert Contact.objects.count() == 2


def test_another_address_is_another_person(two: tuple[PaperCrm, PaperCrm]) -> None:
    first, second = two
    first.person("p1", head("First"), FirstName="Anna", LastName="Reis", Email="a@alder.example")
    sync("First")
    second.person("q1", head("Second"), FirstName="Anna", LastName="Reis", Email="b@alder.example")

    sync("Second")

    assert link("q1").state == "linked"
    assert Contact.objects.count() == 2


def test_all_that_are_proposed_are_linked_by_one_word_and_two_for_one_row_still_wait(
    two: tuple[PaperCrm, PaperCrm],
) -> None:
    first, second = two
    for number, name in enumerate(("Reis", "Ude", "Okafor")):
        first.person(f"p{number}", head("First"), FirstName="Anna", LastName=name, Email=None)
    sync("First")
    for number, name in enumerate(("Reis", "Ude", "Ude")):
        second.person(f"q{number}", head("Second"), FirstName="Anna", LastName=name, Email=None)
    sync("Second")

    number = decisions.link_proposed(RecordLink.objects.filter(connection__name="Second", object="contacts"), by="Inès")
    sync("Second")

    assert (number, link("q0").state, link("q1").state, link("q2").state) == (1, "linked", "collision", "collision")
    assert str(Contact.objects.get(pk=link("q0").hub_id or 0)) == "Anna Reis"
    assert Contact.objects.count() == 3
    assert Change.objects.filter(object="contacts", action="link", actor="Inès").count() == 1


@pytest.fixture
def asked(two: tuple[PaperCrm, PaperCrm]) -> RecordLink:
    first, second = two
    first.person("p1", head("First"), FirstName="Anna", LastName="Reis", Email=None)
    sync("First")
    second.person("q1", head("Second"), FirstName="Anna", LastName="Reis", Email=None)
    sync("Second")
    return link("q1")


@pytest.mark.parametrize("word", ["part", "exclude", "make_new", "forget"])
def test_what_happened_to_one_meanwhile_stands(asked: RecordLink, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    real = decisions.transaction.atomic

    def somebody_first() -> object:
        monkeypatch.undo()
        if word == "part":
            decisions.link_to_row(asked.pk, asked.reason_params["row"], by="Tom")
            decisions.part(asked.pk, by="Tom")
        elif word == "forget":
            RecordLink.objects.filter(pk=asked.pk).delete()
        else:
            getattr(decisions, word)([asked.pk], by="Tom")
        return real()

    monkeypatch.setattr(decisions.transaction, "atomic", somebody_first)

    assert decisions.link_proposed(RecordLink.objects.filter(pk=asked.pk), by="Inès") == 0
    assert not RecordLink.objects.filter(pk=asked.pk, hub_id__isnull=False).exists()


def test_a_row_that_waits_to_be_made_there_is_not_made_a_second_time(asked: RecordLink) -> None:
    Outbox.objects.create(
        connection=asked.connection, object="contacts", hub_id=asked.reason_params["row"], kind="create", reason_code="x",
        planned_at=timezone.now(),
    )  # fmt: skip

    assert decisions.link_proposed(RecordLink.objects.filter(pk=asked.pk), by="Inès") == 1

    assert not Outbox.objects.exists()


def test_so_many_are_linked_at_once_and_the_others_by_the_next_word(
    two: tuple[PaperCrm, PaperCrm], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        two[0].person(f"p{number}", head("First"), FirstName="Anna", LastName=f"Reis {number}", Email=None)
    sync("First")
    for number in range(5):
        two[1].person(f"q{number}", head("Second"), FirstName="Anna", LastName=f"Reis {number}", Email=None)
    sync("Second")
    monkeypatch.setattr(decisions, "PAGE", 2)
    monkeypatch.setattr(decisions, "AT_ONCE", 4)
    links = RecordLink.objects.filter(connection__name="Second", object="contacts")

    assert [decisions.link_proposed(links, by="Inès") for _word in range(3)] == [4, 1, 0]
