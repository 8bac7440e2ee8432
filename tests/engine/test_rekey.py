"""One ID for one row, one owner at a time; how far a key can be trusted; which names look alike."""

import pytest

from integrations.engine.key_verdict import Measured, Strength, strength, why
from integrations.engine.mapping import Compare, MergeKey
from integrations.engine.match import Index, find
from integrations.engine.near_names import are_near, bare, near
from integrations.engine.precedence import Holder, with_owner
from integrations.engine.rekey import Fate, Present, among_all, of_row, why_left

MINE, GIVES_WAY, OTHER = 2, 1, 3


@pytest.mark.requirement("R226")
@pytest.mark.parametrize(
    ("present", "offered", "fate"),
    [
        (("A1", GIVES_WAY), ["N1"], Fate.NEW), (("", None), ["N1"], Fate.NEW), (("typed", None), ["N1"], Fate.NEW),
        (("N0", MINE), ["N1"], Fate.NEW), (("N1", MINE), ["N1"], Fate.KEEP), (("N1", None), ["N1"], Fate.ADOPT),
        (("N1", GIVES_WAY), ["N1"], Fate.ADOPT), (("N1", OTHER), ["N1"], Fate.OWNED), (("A1", OTHER), ["N1"], Fate.OWNED),
        (("A1", OTHER), [], Fate.UNKNOWN), (("A1", GIVES_WAY), ["N1", "N2"], Fate.TWICE),
        (("A1", GIVES_WAY), ["x" * 121], Fate.UNFIT), (("A1", GIVES_WAY), ["x" * 120], Fate.NEW),
    ],
)  # fmt: skip
def test_what_becomes_of_a_row_by_itself(present: tuple[str, int | None], offered: list[str], fate: Fate) -> None:
    assert of_row(Present(*present), offered, owner=MINE, gives_way=GIVES_WAY) is fate


def test_owner_is_none_where_the_new_ids_are_no_connections() -> None:
    assert of_row(Present("A1", None), ["N1"], owner=None, gives_way=None) is Fate.NEW
    assert of_row(Present("A1", OTHER), ["N1"], owner=None, gives_way=None) is Fate.OWNED
    assert of_row(Present("A1", OTHER), ["N1"], owner=None, gives_way=OTHER) is Fate.NEW


def test_others_may_refuse_what_the_row_would_take_and_never_the_reverse() -> None:
    assert among_all(Fate.NEW, 1, is_taken=False) is Fate.NEW
    assert among_all(Fate.NEW, 2, is_taken=False) is Fate.TWICE
    assert among_all(Fate.ADOPT, 1, is_taken=True) is Fate.TAKEN
    assert among_all(Fate.KEEP, 2, is_taken=True) is Fate.KEEP


def test_why_a_row_is_left_when_its_turn_has_come() -> None:
    one, other = Present("A1", 1), Present("A1", 2)
    assert why_left(one, one, is_offered=True, is_taken=False) == ""
    assert why_left(other, one, is_offered=False, is_taken=True) == "id-moved"
    assert why_left(one, one, is_offered=False, is_taken=True) == "id-no-longer-offered"
    assert why_left(one, one, is_offered=True, is_taken=True) == "id-taken-since"


@pytest.mark.requirement("R226")
def test_id_follows_its_owner_and_not_the_order() -> None:
    first = Holder(1, "First", 1, frozenset({"ref_id", "name"}))
    second = Holder(2, "Second", 2, frozenset({"ref_id", "name"}))
    paused = Holder(2, "Second", 2, frozenset({"ref_id"}), is_live=False)

    assert with_owner({}, 2, 1, [first, second]) == {"ref_id": "Second"}
    assert with_owner({"ref_id": "First", "name": "First"}, 2, 2, [first, second]) == {"name": "First"}
    assert with_owner({}, 2, 1, [first, paused]) == {}
    assert with_owner({"ref_id": "First"}, None, 2, [first, second]) == {"ref_id": "First"}


@pytest.mark.parametrize(
    ("rows", "filled", "sharing", "verdict", "reasons"),
    [
        (0, 0, 0, Strength.UNKNOWN, ("no-rows",)), (100, 0, 0, Strength.WEAK, ("empty",)),
        (100, 100, 0, Strength.STRONG, ()), (100, 95, 0, Strength.STRONG, ()),
        (100, 94, 0, Strength.USABLE, ("partly-filled",)), (100, 100, 2, Strength.USABLE, ("shared-by-few",)),
        (100, 100, 3, Strength.WEAK, ("shared-by-many",)), (100, 49, 0, Strength.WEAK, ("seldom-filled",)),
        (100, 49, 10, Strength.WEAK, ("shared-by-many", "seldom-filled")),
    ],
)  # fmt: skip
def test_verdict_on_a_key(rows: int, filled: int, sharing: int, verdict: Strength, reasons: tuple[str, ...]) -> None:
    key = Measured(rows, filled, sharing)
    assert (strength(key), why(key)) == (verdict, reasons)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Müller & Söhne GmbH", "Müller Söhne", True), ("ACME, Inc.", "Acme", True), ("Alder Logistics", "Alder Logistik", True),
        ("SAS", "SAS", True), ("ABC", "ABD", False), ("", "", False), ("GmbH", "AG", False), ("Birch Foods", "Cedar Foods", False),
    ],
)  # fmt: skip
def test_names_that_look_alike(one: str, other: str, alike: bool) -> None:
    assert are_near(one, other) is alike
    assert are_near(other, one) is alike


def test_legal_forms_are_left_out_unless_nothing_else_is_there() -> None:
    assert (bare("Acme Holding S.A."), bare("SAS")) == ("acme s a", "sas")
    assert near("Acme Ltd", [(1, "acme"), (2, "other")]) == [1]


def test_key_that_names_another_row_than_the_one_that_linked_is_told() -> None:
    keys = [MergeKey("ref_id", "ID", Compare.ID), MergeKey("domain", "Domain", Compare.DOMAIN)]
    index = Index({"ref_id": {"1": (7,)}, "domain": {"a.example": (9,), "b.example": (7,)}}, {})

    other = find("x", {"ref_id": "1", "domain": "a.example"}, keys, index)
    same = find("x", {"ref_id": "1", "domain": "b.example"}, keys, index)

    assert (other.hub_id, [(note.code, note.params["row"]) for note in other.notes]) == (7, [("other-row", 9)])
    assert (same.hub_id, same.notes) == (7, ())
