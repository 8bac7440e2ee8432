"""Asks HubSpot to count, and to show a few values, before anything is saved."""

from collections.abc import Iterable, Mapping, Sequence

from integrations.engine.values import Value, is_blank
from integrations.setup.samples import distinct
from integrations.sync.connector import CrmField

from .client import HubSpotClient
from .owners import Owners
from .schema import ID
from .scope import Groups, condition
from .scope import Operator as By
from .values import convert

SAMPLE_ROWS = 100
MOST_VALUES = 12
"""Values that are counted one by one, a call each; a longer list is not counted."""


def count_of(client: HubSpotClient, obj: str, groups: Groups) -> int:
    return client.search(obj, groups, [ID], limit=1).total or 0


def holding(groups: Groups, path: str, values: Sequence[str], field: CrmField | None) -> Groups:
    """Of those that belong, the ones that hold one of the values."""
    held = condition(path, By.ANY, values, field)
    return [[*group, *one] for group in groups or [[]] for one in held]


def sample_values(
    client: HubSpotClient, obj: str, groups: Groups, fields: Mapping[str, CrmField], paths: Iterable[str],
    owners: Owners,
) -> dict[str, tuple[str, ...]]:  # fmt: skip
    """Up to three different filled values of each property, out of one page."""
    known = [path for path in paths if path in fields]
    if not known:
        return {}
    rows = client.search(obj, groups, known, limit=SAMPLE_ROWS).results
    return {path: distinct(shown(row["properties"].get(path), fields[path], owners) for row in rows) for path in known}


def shown(raw: str | None, field: CrmField, owners: Owners) -> Value:
    value = convert(raw, field)
    return owners.address(str(value)) if field.is_person and not is_blank(value) else value
