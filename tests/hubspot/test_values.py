"""What a property is, and what its values are, there and back; on recorded answers and on rules of our own."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.engine.mapping import Kind
from integrations.engine.values import Value
from integrations.hubspot.schema import fields_of
from integrations.hubspot.values import convert, values_of, written
from integrations.sync.connector import CrmField

from .test_client import recorded


def field(kind: Kind) -> CrmField:
    return CrmField("path", "Label", "string", kind)


def test_recorded_properties_become_fields_that_people_can_tell_apart() -> None:
    fields = {one.path: one for one in fields_of(recorded("properties-companies-30-of-247").json()["results"])}

    assert len(fields) > 10
    assert all(one.label for one in fields.values())
    assert all(choice.label for one in fields.values() for choice in one.choices)
    owner = next(one for one in fields.values() if one.is_person)
    assert (owner.kind, owner.choices) == (Kind.PERSON, ())


@pytest.mark.parametrize(
    ("more", "kind", "is_updateable", "is_id"),
    [
        ({"type": "string", "fieldType": "text"}, Kind.TEXT, True, True),
        ({"type": "string", "fieldType": "textarea"}, Kind.LONG_TEXT, True, False),
        ({"type": "enumeration", "fieldType": "select"}, Kind.CHOICE, True, False),
        ({"type": "enumeration", "fieldType": "checkbox"}, Kind.LIST, True, False),
        ({"type": "number", "fieldType": "number", "calculated": True}, Kind.NUMBER, False, True),
        ({"type": "number", "fieldType": "number", "showCurrencySymbol": True}, Kind.MONEY, True, True),
        ({"type": "datetime", "fieldType": "date"}, Kind.DATETIME, True, False),
        (
            {"type": "date", "fieldType": "date", "modificationMetadata": {"readOnlyValue": True}},
            Kind.DATE,
            False,
            False,
        ),
        ({"type": "enumeration", "fieldType": "select", "referencedObjectType": "OWNER"}, Kind.PERSON, True, False),
        ({"type": "string", "fieldType": "textarea", "hasUniqueValue": True}, Kind.LONG_TEXT, True, True),
    ],
)
def test_property_by_its_definition(more: dict[str, Any], kind: Kind, is_updateable: bool, is_id: bool) -> None:
    [found] = fields_of([{"name": "own", "label": "Own", "hubspotDefined": False, **more}])

    assert (found.kind, found.is_updateable, found.is_id) == (kind, is_updateable, is_id)


def test_what_cannot_be_mapped_is_left_out() -> None:
    assert fields_of([{"name": "own", "label": "Own", "type": "json"}]) == ()
    assert fields_of([{"name": "own", "label": "Own", "type": "string", "fieldType": "text", "hidden": True}]) == ()


@pytest.mark.parametrize(
    ("raw", "kind", "value"),
    [
        ("5000.00", Kind.MONEY, Decimal(5000)),
        ("123456789012345678901234567890.01", Kind.NUMBER, Decimal("123456789012345678901234567890.01")),
        ("0.2000000000000000111", Kind.NUMBER, Decimal("0.2000000000000000111")),
        ("2026-03-12", Kind.DATE, date(2026, 3, 12)),
        ("1773273600000", Kind.DATE, date(2026, 3, 12)),
        ("2026-03-12T07:34:00Z", Kind.DATETIME, datetime(2026, 3, 12, 7, 34, tzinfo=UTC)),
        ("true", Kind.BOOL, True),
        ("A;B", Kind.LIST, ("A", "B")),
        ("", Kind.TEXT, None),
        ("twelve", Kind.NUMBER, "twelve"),
        ("2026-13-40", Kind.DATE, "2026-13-40"),
    ],
)
def test_value_by_its_kind(raw: str, kind: Kind, value: Value) -> None:
    assert convert(raw, field(kind)) == value


# The first draw loads tables of letters; on a busy machine that alone counts as slow.
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.one_of(
        st.tuples(st.just(Kind.DATE), st.dates(min_value=date(1900, 1, 1))),
        st.tuples(st.just(Kind.BOOL), st.booleans()),
        st.tuples(st.just(Kind.MONEY), st.decimals(min_value=-(10**55), max_value=10**55, places=2)),
        st.tuples(
            st.just(Kind.DATETIME),
            st.datetimes(min_value=datetime(1970, 1, 2), timezones=st.just(UTC)).map(
                lambda when: when.replace(microsecond=when.microsecond // 1000 * 1000)
            ),
        ),
        st.tuples(st.just(Kind.TEXT), st.text(min_size=1)),
        st.tuples(st.just(Kind.LIST), st.lists(st.sampled_from(["A", "B", "C d"]), min_size=1).map(tuple)),
    )
)
@pytest.mark.requirement("C21", "C22")
def test_every_value_comes_back_as_it_went(case: tuple[Kind, Value]) -> None:
    kind, value = case

    assert convert(written(value), field(kind)) == value


def test_recorded_company_is_read_by_its_fields() -> None:
    fields = {one.path: one for one in fields_of(recorded("properties-companies-30-of-247").json()["results"])}
    properties = recorded("company-every-property").json()["properties"]

    values = values_of(properties, fields)

    assert len(values) == len(properties)
    assert all(value is None or not isinstance(value, str) or value for value in values.values())
