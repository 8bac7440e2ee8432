"""What a data type's records say, where one field of ours is made of several of theirs, or says them otherwise."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.functional import Promise

from integrations.engine.mapping import Kind
from integrations.engine.values import Value

from .connector import CrmField


@dataclass(frozen=True, slots=True)
class Way:
    """One field: which columns of the CRM's row it needs, and what they mean together."""

    label: str | Promise
    type: str
    kind: Kind
    columns: tuple[str, ...]
    value: Callable[[Any], Value]
    is_written: bool = True


class Described(Protocol):
    @property
    def label(self) -> str | Promise: ...
    @property
    def type(self) -> str: ...
    @property
    def kind(self) -> Kind: ...
    @property
    def is_written(self) -> bool: ...


def field_of(path: str, way: Described, *, is_id: bool) -> CrmField:
    """As a mapping line may name it."""
    return CrmField(
        path=path,
        label=str(way.label),
        type=way.type,
        kind=way.kind,
        is_id=is_id,
        is_createable=way.is_written,
        is_updateable=way.is_written,
    )
