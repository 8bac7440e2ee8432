"""Which operators a filter knows for each type of field: what `/filters/helpers` answers."""

from typing import Any

_EMPTY = {"IS NULL": "is empty", "IS NOT NULL": "is not empty"}
_SAME = {"=": "is", "!=": "is not"}
_NUMBERS = {
    **_SAME, ">": "is more than", "<": "is less than", ">=": "is more or equal to", "<=": "is less or equal to",
    **_EMPTY,
}  # fmt: skip
_DAYS = {
    **_SAME, ">": "is later than", "<": "is earlier than", ">=": "is exactly or later than",
    "<=": "is exactly or earlier than",
    **_EMPTY,
}  # fmt: skip
_TEXTS = {
    **_SAME, **_EMPTY, "LIKE '%$%'": "contains", "LIKE '$%'": "starts with", "NOT LIKE '$%'": "does not start with",
}  # fmt: skip
RELATIVE_DATES: dict[str, int] = {
    "yesterday": -1, "today": 0, "now": 0, "tomorrow": 1, "1_week_ago": -7, "in_1_week": 7,
    **{f"{n}_weeks_ago": -7 * n for n in (2, 3)}, **{f"in_{n}_weeks": 7 * n for n in (2, 3)},
    **{f"{n}_months_ago": -30 * n for n in range(1, 7)}, "in_1_month": 30,
    **{f"in_{n}_months": 30 * n for n in range(2, 7)},
}  # fmt: skip
"""Days from today, by the word that moves with the calendar. A month has thirty of them here."""
HELPERS: dict[str, Any] = {
    "operators": {
        "int": _NUMBERS, "double": _NUMBERS, "monetary": _NUMBERS, "date": _DAYS, "varchar": _TEXTS,
        "set": {**_SAME, "contains": "contains", "not_contains": "does not contain", **_EMPTY},
        # Of this one type the vendor answers a list.
        "enum": [{"=": "is"}, {"!=": "is not"}, {"IS NULL": "is empty"}, {"IS NOT NULL": "is not empty"}],
        "user": {**_SAME, **_EMPTY}, "status": _SAME, "visible_to": _SAME, "organization": {**_SAME, **_EMPTY},
        "person": {**_SAME, **_EMPTY}, "deal": {**_SAME, **_EMPTY}, "stage": _SAME, "pipeline": _SAME,
    },
    "deprecated_operators": {
        "NOT LIKE '%$%'": "does not contain", "LIKE '%$'": "ends with", "NOT LIKE '%$'": "does not end with",
    },
    "relative_dates": {"Relative dates": {code: code.replace("_", " ") for code in RELATIVE_DATES}},
    "address_field_components": {
        "subpremise": "Apartment/suite no", "street_number": "House number", "route": "Street/road name",
        "sublocality": "District/sublocality", "locality": "City/town/village/locality",
        "admin_area_level_1": "State/county",
        "admin_area_level_2": "Region", "country": "Country", "postal_code": "ZIP/Postal code",
        "formatted_address": "Full/combined address",
    },
}  # fmt: skip
