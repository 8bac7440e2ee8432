"""Saves the lines and keys of one data type: one door, one version."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.models import User

from ..connector import Schema
from ..drift import acknowledge
from ..models import Block, Version
from ..new_values import realise_lines
from .snapshot import write_lines
from .versions import locked, save_version


@transaction.atomic
def save_mapping(
    block: Block,
    lines: list[dict[str, Any]],
    *,
    merge_keys: list[str],
    ref_is_common: bool,
    on_delete: Mapping[str, str] | None = None,
    author: User | None,
    note: str = "",
    expected: int | None = None,
    seen: Schema | None = None,
) -> Version | None:
    """`expected`: the version that the person was looking at; `seen`: the CRM's fields, where they were shown.

    `on_delete`: what a deletion on one side does on the other, as far as it was asked.
    """
    connection = locked(block.connection_id, expected)
    columns = {"merge_keys": merge_keys, "ref_is_common": ref_is_common, **(on_delete or {})}
    for name, value in columns.items():
        setattr(block, name, value)
    block.save(update_fields=list(columns) if block.pk else None)
    realise_lines(lines, author)
    write_lines(block, lines)
    if seen is not None:
        acknowledge(block, seen)
    return save_version(connection, author, note)
