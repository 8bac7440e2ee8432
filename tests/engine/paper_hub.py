"""A hub, its links and a CRM on paper: the border that the rules are played against, with a store of a few lines."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from integrations.engine.compare import compared
from integrations.engine.mapping import FieldRule, MergeKey, Mode
from integrations.engine.match import Index, Match, contested, find
from integrations.engine.plan import Action, Decision, Scope, decide
from integrations.engine.reading import read
from integrations.engine.records import HubRow, Link, Record
from integrations.engine.values import Value, is_blank

# Everything that a plan may come to without writing a row on either side.
QUIET = {Action.UNCHANGED, Action.SETTLE, Action.COLLISION, Action.REFUSE, Action.EXCLUDE, Action.ASK}


@dataclass
class Paper:
    rules: Sequence[FieldRule]
    keys: Sequence[MergeKey]
    mode: Mode = Mode.INPUT
    crm: dict[str, dict[str, Value]] = field(default_factory=dict)
    hub: dict[int, dict[str, Value]] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    crm_changed_at: dict[str, datetime] = field(default_factory=dict)
    hub_changed_at: datetime | None = None
    outside: frozenset[str] = frozenset()

    def plan(self, order: Sequence[str] | None = None, page_size: int = 1000) -> list[Decision]:
        """Two passes over the whole stage, page by page, in any order: as the runner does it."""
        staged = list(order if order is not None else self.crm)
        pages = [staged[at : at + page_size] for at in range(0, len(staged), page_size)]
        claimants = self._claimants()
        matches = {name: found for page in pages for name, found in self._matched(page, claimants).items()}
        found_by = Counter(found.hub_id for found in matches.values())
        return [self._decided(name, matches, found_by) for page in pages for name in page]

    def apply(self, decisions: Iterable[Decision]) -> None:
        for decision in decisions:
            self._apply(decision)

    def sync(self, **how: Any) -> list[Decision]:
        decisions = self.plan(**how)
        self.apply(decisions)
        return decisions

    def picture(self) -> object:
        """What a person would see, whatever ids the hub happened to give to new rows."""
        linked = {link.hub_id for link in self.links.values()}
        rows = {name: (link, self.hub.get(link.hub_id or 0)) for name, link in self.links.items()}
        shown = {name: (replace(link, hub_id=None), link.hub_id is None, row) for name, (link, row) in rows.items()}
        return shown, {hub_id: row for hub_id, row in self.hub.items() if hub_id not in linked}, self.crm

    def _record(self, name: str) -> Record:
        return Record(name, self.crm[name], self.crm_changed_at.get(name))

    def _is_linked(self, name: str) -> bool:
        return name in self.links and self.links[name].decides

    def _key_values(self, name: str) -> dict[str, str]:
        by_field = {rule.hub_field: rule for rule in self.rules}
        record = self._record(name)
        return {key.hub_field: compared(key.compare, read(by_field[key.hub_field], record).value) for key in self.keys}

    def _claimants(self) -> dict[str, Counter[str]]:
        claims: dict[str, Counter[str]] = defaultdict(Counter)
        for name in self.crm:
            if not self._is_linked(name) and name not in self.outside:
                for key, value in self._key_values(name).items():
                    claims[key][value] += 1
        return claims

    def _matched(self, page: Sequence[str], claimants: dict[str, Counter[str]]) -> dict[str, Match]:
        rows: dict[str, dict[str, tuple[int, ...]]] = defaultdict(dict)
        for hub_id, values in self.hub.items():
            for key in self.keys:
                value = compared(key.compare, values.get(key.hub_field))
                rows[key.hub_field][value] = (*rows[key.hub_field].get(value, ()), hub_id)
        linked_to = {link.hub_id: name for name, link in self.links.items() if link.hub_id is not None}
        index = Index(rows, claimants, linked_to)
        unlinked = [name for name in page if not self._is_linked(name) and name not in self.outside]
        return {name: find(name, self._key_values(name), self.keys, index) for name in unlinked}

    def _decided(self, name: str, matches: dict[str, Match], found_by: Counter[int | None]) -> Decision:
        link, match = self.links.get(name), matches.get(name)
        if match is not None and match.hub_id is not None:
            match = contested(match, found_by[match.hub_id] - 1)
        hub_id = link.hub_id if link is not None and link.decides else match.hub_id if match else None
        changed_at = dict.fromkeys(self.hub.get(hub_id or 0, {}), self.hub_changed_at) if self.hub_changed_at else {}
        row = None if hub_id is None or hub_id not in self.hub else HubRow(hub_id, self.hub[hub_id], changed_at)
        scope = Scope(name not in self.outside)
        return decide(self._record(name), self.rules, scope=scope, link=link, match=match, hub=row, mode=self.mode)

    def _apply(self, decision: Decision) -> None:
        if decision.action is Action.UNCHANGED:
            return
        name, known = decision.source_id, self.links.get(decision.source_id)
        hub_id = decision.hub_id
        if decision.action is Action.CREATE:
            hub_id = known.hub_id if known and known.hub_id else max(self.hub, default=0) + 1
        if hub_id is not None:
            values = self.hub.setdefault(hub_id, {})
            values.update({change.field: change.after for change in decision.changes})
        paths = {rule.hub_field: rule.crm_field for rule in self.rules}
        self.crm[name].update({paths[change.field]: change.after for change in decision.outward})
        self.links[name] = Link(decision.link_state, hub_id, decision.settled, reason=decision.reason)


def erased(before: dict[int, dict[str, Value]], after: dict[int, dict[str, Value]]) -> set[tuple[int, str]]:
    return {
        (hub_id, name)
        for hub_id, values in before.items()
        for name, value in values.items()
        if not is_blank(value) and is_blank(after[hub_id].get(name))
    }
