"""Which fields of the chosen object suit which part of an agreement, and what is proposed for a start."""

from integrations.engine.currencies import CURRENCIES
from integrations.engine.mapping import Kind
from integrations.sync.connector import CrmField, Schema

from ..guide import Guide

FIXED = "="
"""Before a currency that is the same for every agreement."""
USUAL_CURRENCIES = ("EUR", "USD", "GBP", "CHF")


def may_be_plan(field: CrmField) -> bool:
    return field.kind in {Kind.TEXT, Kind.CHOICE} and not field.is_person


def may_be_amount(field: CrmField) -> bool:
    is_number = field.kind is Kind.NUMBER and field.type != "percent"
    return field.kind is Kind.MONEY or is_number or (field.kind is Kind.INTEGER and field.is_custom)


def may_be_day(field: CrmField) -> bool:
    return field.kind in {Kind.DATE, Kind.DATETIME}


def may_be_number(field: CrmField) -> bool:
    """Also a list of numbers to pick from, as some CRMs' own notice of contracts is."""
    is_list_of_numbers = field.kind is Kind.CHOICE and bool(field.choices)
    is_number = field.kind in {Kind.INTEGER, Kind.NUMBER} and field.type != "percent"
    return is_number or (is_list_of_numbers and all(choice.value.isdecimal() for choice in field.choices))


def may_be_currency(field: CrmField) -> bool:
    """By its name, or because all that it may hold are currencies."""
    is_word = field.kind in {Kind.TEXT, Kind.CHOICE} and not field.is_id
    is_named = "currency" in f"{field.label} {field.path}".casefold()
    codes = {choice.value for choice in field.choices}
    return is_word and (is_named or bool(codes and codes <= set(CURRENCIES)))


def may_tell_renewal(field: CrmField) -> bool:
    return field.kind in {Kind.CHOICE, Kind.BOOL, Kind.LIST} or (field.kind is Kind.TEXT and field.is_custom)


def transform_for(hub_kind: Kind, field: CrmField) -> dict[str, str]:
    """What makes of the field's values the kind that the hub keeps."""
    if hub_kind is Kind.DATE and field.kind is Kind.DATETIME:
        return {"transform": "date-of-datetime", "argument": ""}
    if hub_kind is Kind.INTEGER and field.kind is Kind.CHOICE:
        return {"transform": "number-from-text", "argument": "."}
    return {"transform": "", "argument": ""}


def proposed(guide: Guide, source: str, schema: Schema) -> dict[str, str]:
    """For a source that is chosen anew; a field that this organisation hides is not proposed."""
    known = dict(guide.offers.agreements.get(source, {}))
    for name in ("end", "notice"):
        if not schema.get(known.get(f"{name}_field", "")):
            known.pop(f"{name}_way", None)
    found = {name: said for name, said in known.items() if name.endswith(("_way", "_period")) or schema.get(said)}
    return _currency(guide, schema) | found


def _currency(guide: Guide, schema: Schema) -> dict[str, str]:
    path = guide.offers.currency
    return {"currency": path} if path and schema.get(path) else {}


def offered_fields(guide: Guide, schema: Schema) -> list[CrmField]:
    return [field for field in schema.fields if not guide.offers.is_its_own(field)]
