"""What one kind of object can be asked for: its rules, filters, orders and embeds, in one place for all verbs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integrations.simulation.documents import Record

from .account import Account
from .asked import Asked
from .rules import Rule
from .store import NUMBER

Told = dict[str, Any]
Condition = tuple[str, list[Any]]
"""SQL over a row of `_record`, and the values in it."""
TODAY = object()
"""Stands for the account's day among the values of a condition."""


@dataclass(frozen=True, slots=True)
class Filter:
    rule: Rule
    condition: Callable[[Any], Condition]


@dataclass(frozen=True, slots=True)
class Order:
    expression: str
    is_number: bool = False


BY_ID = Order(NUMBER, is_number=True)


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    tell: Callable[[Account, Sequence[Record]], list[Told]]
    """The objects as the API tells them, without embeds: a constant number of statements for a page."""
    orders: Mapping[str, Order] = field(default_factory=lambda: {"id": BY_ID})
    default_order: str = "id"
    filters: Mapping[str, Filter] = field(default_factory=dict)
    embeds: frozenset[str] = frozenset()
    embed: Callable[[Account, Sequence[Record], Asked], Sequence[Told | None]] | None = None
    """The `_embed` of each, in the same order; None where there is none."""
