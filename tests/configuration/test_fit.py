"""How well a CRM field suits a hub field, and which field could follow a lost one."""

from typing import Any

import pytest

from integrations.engine.mapping import Kind
from integrations.hub.fields import HubField
from integrations.sync.connector import CrmField, Schema
from integrations.sync.fit import Fit, successors, suits


def hub(kind: Kind, **columns: Any) -> HubField:
    return HubField("x", "X", kind, **columns)


def crm(kind: Kind, path: str = "F", label: str = "F", **columns: Any) -> CrmField:
    return CrmField(path, label, "type", kind, **columns)


@pytest.mark.requirement("R22", "R25", "R69")
@pytest.mark.parametrize(
    ("here", "there", "transform", "fit"),
    [
        (hub(Kind.ID), crm(Kind.ID, is_id=True), "", Fit.MATCHING),
        (hub(Kind.ID), crm(Kind.INTEGER, is_id=True), "", Fit.MATCHING),
        (hub(Kind.ID), crm(Kind.TEXT), "", Fit.UNMATCHED),
        (hub(Kind.PERSON), crm(Kind.PERSON, is_person=True), "", Fit.MATCHING),
        (hub(Kind.PERSON), crm(Kind.EMAIL), "", Fit.UNMATCHED),
        (hub(Kind.TEXT), crm(Kind.PHONE), "", Fit.MATCHING),
        (hub(Kind.TEXT, max_length=255), crm(Kind.TEXT, length=255), "", Fit.MATCHING),
        (hub(Kind.TEXT, max_length=255), crm(Kind.TEXT, length=256), "", Fit.PARTLY),
        (hub(Kind.TEXT), crm(Kind.NUMBER), "", Fit.PARTLY),
        (hub(Kind.MONEY), crm(Kind.NUMBER), "", Fit.MATCHING),
        (hub(Kind.INTEGER), crm(Kind.NUMBER), "", Fit.PARTLY),
        (hub(Kind.INTEGER), crm(Kind.TEXT), "", Fit.UNMATCHED),
        (hub(Kind.INTEGER), crm(Kind.TEXT), "number-from-text", Fit.MATCHING),
        (hub(Kind.DATE), crm(Kind.DATETIME), "", Fit.UNMATCHED),
        (hub(Kind.DATE), crm(Kind.DATETIME), "date-of-datetime", Fit.MATCHING),
        (hub(Kind.DATE), crm(Kind.DATE), "lower", Fit.UNMATCHED),
        (hub(Kind.BOOL), crm(Kind.BOOL), "", Fit.MATCHING),
        (hub(Kind.BOOL), crm(Kind.CHOICE), "", Fit.PARTLY),
        (hub(Kind.BOOL), crm(Kind.CHOICE), "equals", Fit.MATCHING),
    ],
)
def test_suits(here: HubField, there: CrmField, transform: str, fit: Fit) -> None:
    assert suits(here, there, transform).fit is fit


def test_successors_resemble_the_lost_field_and_fit() -> None:
    schema = Schema(
        "customers",
        (
            crm(Kind.CHOICE, "Tier_2", "Customer tier (new)"),
            crm(Kind.CHOICE, "Colour", "Colour"),
            crm(Kind.DATE, "Tier_since", "Customer tier since"),
            crm(Kind.CHOICE, "Taken", "Customer tier"),
        ),
    )

    found = successors("Customer tier", "Tier", hub(Kind.CHOICE), schema, taken=["Taken"])

    assert [field.path for field in found] == ["Tier_2"]
