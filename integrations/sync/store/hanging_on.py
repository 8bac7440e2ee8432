"""Which rows of a page something hangs on: taking such a row away would take along what a person may want to keep."""

from collections.abc import Collection, Sequence

from django.db import models

from .merged_rows import HANGING, SHARED


def needed(object_name: str, ids: Sequence[int], leaving: Collection[int] = ()) -> set[int]:
    """`leaving`: rows of the same kind that are moved elsewhere at the same time. One statement for each thing that can hang."""
    held: set[int] = set()
    own: list[tuple[int, int]] = []
    if not ids:
        return held
    for model, column in HANGING.get(object_name, []):
        rows = model._default_manager.filter(**{f"{column}__in": ids})
        if column == "parent_id":
            own = [(head, pk) for head, pk in rows.values_list(column, "pk") if pk not in leaving]
        else:
            held |= _heads(rows, column)
    for through, column, _other, _label in SHARED.get(object_name, []):
        held |= _heads(through._default_manager.filter(**{f"{column}__in": ids}), column)
    return _with_heads(held, own, set(ids))


def _heads(rows: "models.QuerySet[models.Model]", column: str) -> set[int]:
    return set(rows.order_by().values_list(column, flat=True).distinct())


def _with_heads(held: set[int], own: Sequence[tuple[int, int]], going: Collection[int]) -> set[int]:
    """A row that stays holds the one that it hangs from."""
    stays = {pk for _, pk in own if pk not in going} | held
    found = held | {head for head, pk in own if pk in stays}
    return found if found == held else _with_heads(found, own, going)
