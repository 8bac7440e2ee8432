"""Which operators a filter knows for each type of field: what `/filters/helpers` answers."""

from typing import Any

_EMPTY = {"IS NULL": "is empty", "IS NOT NULL": "is not empty"}
_SAME = {"=": "is", "!=": "is not"}
_NUMBERS = {
    **_SAME, ">": "is more than", "<": "is less than", ">=": "is more or equal to", "<=": "is less or equal to", **_EMPTY,
}  # fmt: skip
_DAYS = {
    **_SAME, ">": "is later than", "<": "is earlier than", ">=": "is exactly or later than", "<=": "is exactly or earlier than",
    **_EMPTY,
}  # fmt: skip
_TEXTS = {
    **_SAME, **_EMPTY, "LIKE '%$%'": "contains", "LIKE '$%'": "starts with", "NOT LIKE '$%'": "does not start with",
}  # fmt: skip
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
    "relative_dates": {
        "Relative dates": {
            "yesterday": "yesterday", "today": "today", "tomorrow": "tomorrow", "1_week_ago": "1 week ago",
            "in_1_week": "in 1 week",
        },
    },
}  # fmt: skip
