"""Records of a links-only data type and the rows that they wait for. Nothing is read in the source to know who has one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from integrations.engine.mapping import MergeKey
from integrations.engine.match import WAITING_BY, WAITS

from ..models import RecordLink, StagedKey
from .hub_rows import table_of

PAGE = 1000
T = TypeVar("T", int, str)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Of one data type of one connection, by these keys."""

    connection_id: int
    object: str
    keys: Sequence[MergeKey]
    ref_is_common: bool

    def whose_row_came(self, after: int, limit: int) -> list[int]:
        """Links behind `after` that a row here answers to by now, about `limit`: a statement a page, and one a key."""
        waiting = RecordLink.objects.filter(
            connection=self.connection_id, object=self.object, state=RecordLink.State.EXCLUDED, reason_code=WAITS,
            excluded_by_hand=False, paused_at=None,
        ).order_by("pk")  # fmt: skip
        found: list[int] = []
        while len(found) < limit:
            page = list(waiting.filter(pk__gt=after).values_list("pk", "reason_params")[:PAGE])
            if not page:
                break
            after = page[-1][0]
            found += self._answered({pk: self._said(params) for pk, params in page})
        return found

    def with_row(self, run_id: int, source_ids: Sequence[str]) -> list[str]:
        """Those of the stage that a row here answers to; several rows and a taken one count as well."""
        asked: dict[str, dict[str, str]] = {}
        staged = StagedKey.objects.filter(run_id=run_id, object=self.object, source_id__in=source_ids)
        for source_id, field, value in staged.order_by("pk").values_list("source_id", "field", "value"):
            asked.setdefault(source_id, {})[field] = value
        return self._answered(asked)

    def _said(self, params: Mapping[str, str]) -> dict[str, str]:
        named = {key.hub_field: params.get(WAITING_BY + key.hub_field, "") for key in self.keys}
        return {name: value for name, value in named.items() if value}

    def _answered(self, asked: Mapping[T, Mapping[str, str]]) -> list[T]:
        rows = {}
        for key in self.keys:
            values = sorted({said[key.hub_field] for said in asked.values() if key.hub_field in said})
            found = table_of(self.object).find(key, values, self.connection_id, is_common=self.ref_is_common)
            rows[key.hub_field] = found
        return [one for one, said in asked.items() if any(value in rows.get(name, ()) for name, value in said.items())]
