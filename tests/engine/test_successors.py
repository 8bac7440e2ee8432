"""Which field may have taken the place of a lost one."""

import pytest

from integrations.engine.mapping import Kind
from integrations.engine.successors import Known, successors

pytestmark = pytest.mark.requirement("C9")


def known(path: str, label: str = "", type_: str = "picklist", values: tuple[str, ...] = ()) -> Known:
    return Known(path, label or path, type_, Kind.CHOICE, values)


def test_name_that_resembles_goes_before_one_that_does_less() -> None:
    lost = known("Tier__c", "Customer tier")

    assert successors(lost, [known("Colour__c", "Colour"), known("Tier_2__c", "Customer tier (new)")]) == ["Tier_2__c"]


def test_same_type_goes_before_another() -> None:
    lost = known("Tier__c", "Tier")

    assert successors(lost, [known("Tier_1__c", "Tier", "text"), known("Tier_2__c", "Tier")])[0] == "Tier_2__c"


def test_type_alone_makes_no_successor() -> None:
    assert successors(known("Tier__c", "Tier"), [known("Colour__c", "Colour")]) == []


def test_same_package_decides_between_equal_names() -> None:
    lost = known("pack__Tier__c", "Tier")

    assert successors(lost, [known("a__Tier__c", "Tier"), known("pack__Tiers__c", "Tier")])[0] == "pack__Tiers__c"


def test_package_is_no_part_of_the_name() -> None:
    """Two fields of one package are not alike for that: their packages' name would make half of both."""
    lost = known("verylongpackagename__Tier__c", "Tier")

    assert successors(lost, [known("verylongpackagename__Size__c", "Size")]) == []


def test_same_values_speak_for_a_field_of_another_name() -> None:
    lost = known("Tier__c", "Tier", values=("Gold", "Silver", "Bronze"))
    heirs = [known("Level__c", "Customer class", values=("gold", "silver", "Copper"))]

    assert successors(lost, heirs) == ["Level__c"]


def test_one_value_in_common_is_chance() -> None:
    assert successors(known("A__c", "Tier", values=("Yes",)), [known("B__c", "Colour", values=("Yes", "No"))]) == []


def test_no_more_than_three_in_a_settled_order() -> None:
    others = [known(f"Tier_{n}__c", "Tier") for n in (4, 2, 1, 3)]

    assert successors(known("Tier__c", "Tier"), others) == ["Tier_1__c", "Tier_2__c", "Tier_3__c"]
