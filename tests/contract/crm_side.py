"""A practice system as a side of the state machine: its own faults over HTTP, through the real connector."""

import sqlite3
from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.engine.mapping import Mode
from integrations.sync.connector import Page, Read, Send, Sent
from integrations.sync.models import FieldMapping, Run
from integrations.wire.session import Session

from .crm import Crm, Open
from .machine import COMPANIES, FIELDS, Rules
from .side import Side

MANY = 9
"""More than one call bears with."""


class Clock:
    """Stands still but for what is done in the CRM, so that a history goes the same way at every run."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class CrmSide(Side):
    def __init__(self, opened: Open, rules_of_lines: Rules, patch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self.clock = Clock()
        self.crm: Crm = opened(0, contacts_per=0, clock=self.clock)
        self.connection, self.tells_deletions = self.crm.connection, self.crm.tells_deletions
        self.paths = {name: self.crm.fields["customers"][name] for name in FIELDS}
        assert isinstance(Session.__init__.__kwdefaults__, dict)
        # Whoever waits lets the CRM's time pass, not ours.
        patch.setitem(Session.__init__.__kwdefaults__, "sleep", self.clock.forward)
        self._watch(patch)
        self._set_up(rules_of_lines)
        self.start = self.clock.now
        self.broken = deepcopy(vars(self.crm.practice.app.faults))
        self.kept = sqlite3.connect(":memory:", check_same_thread=False)
        self.crm.practice.app.book.copy_to(self.kept)

    def _set_up(self, rules_of_lines: Rules) -> None:
        direction, on_conflict, blanks = rules_of_lines
        two_way = Mode.TWO_WAY in self.crm.modes("customers")
        block = self.crm.block("customers", "two-way" if two_way else "input")
        lines = FieldMapping.objects.filter(block=block)
        lines.exclude(hub_field__in=["ref_id", *FIELDS]).delete()
        # As every set-up has it: nobody gives a record another ID of its own.
        lines.filter(hub_field="ref_id").update(direction="in")
        lines.filter(hub_field__in=FIELDS).update(direction=direction, on_conflict=on_conflict, blanks=blanks)
        for name, domain in COMPANIES:
            self.create(name, domain)
        self.later()
        assert self.crm.sync().state == Run.State.DONE

    def _watch(self, patch: pytest.MonkeyPatch) -> None:
        kind = type(self.crm.connector)
        read, write = kind.read, kind.write

        def reading(connector: Any, asked: Read, token: str = "") -> Page:
            self.at("read")
            return read(connector, asked, token)

        def writing(connector: Any, object_name: str, sends: Sequence[Send], **more: Any) -> Sequence[Sent]:
            self.at("write")
            self.sends.append(list(sends))
            answers = write(connector, object_name, sends, **more)
            self.crm.practice.control(reject_every=0)
            self.at("answer")
            return answers

        patch.setattr(kind, "read", reading)
        patch.setattr(kind, "write", writing)

    # --- As a side
    def fresh(self) -> None:
        self.crm.practice.app.book.copy_from(self.kept)
        self.clock.now = self.start
        self.mend()
        self.crm.practice.control(**self.crm.unspent)
        self.sends, self.theirs = [], set(self.values())

    def create(self, name: str, domain: str) -> str:
        self.clock.forward(1)
        return self.crm.company(name, **{self.crm.column("customers", "domain"): domain or None})

    def edit(self, source_id: str, values: Mapping[str, Any]) -> None:
        self.clock.forward(1)
        self.crm.edit("customers", source_id, **values)

    def delete(self, source_id: str) -> None:
        self.clock.forward(1)
        self.crm.delete("customers", source_id)

    def merge(self, winner: str, loser: str) -> str:
        self.clock.forward(1)
        return self.crm.merge("customers", winner, loser)

    def move(self, source_id: str) -> None:
        if not self.crm.has_scope:
            return
        self.clock.forward(1)
        self.crm.move(source_id, inside=self.is_outside(source_id))

    def values(self) -> Mapping[str, Mapping[str, Any]]:
        return self.crm.values("customers")

    def is_outside(self, source_id: str) -> bool:
        return not self.crm.is_inside(source_id)

    def refuse(self, source_id: str = "", name: str = "") -> None:
        """Of what is written next, every second one: the practice systems know no rule for a single record."""
        self.break_now("partial")

    def lock(self, source_id: str) -> None:
        self.crm.practice.control(**self.crm.locks)

    def break_now(self, fault: str) -> None:
        self.crm.practice.control(**_CONTROLS[fault])

    def mend(self) -> None:
        vars(self.crm.practice.app.faults).update(deepcopy(self.broken))

    def later(self) -> None:
        self.clock.forward(900)


_CONTROLS: dict[str, dict[str, Any]] = {
    "429": {"burst": 1, "burst_status": 429, "retry_after": 0},
    "many 429": {"burst": MANY, "burst_status": 429, "retry_after": 0},
    "5xx": {"burst": 1, "burst_status": 503, "retry_after": 0},
    "truncated": {"truncate": 1},
    "dropped before": {"drop": 1},
    "dropped after": {"reset": 1},
    "expired": {"expire_sessions": True},
    "partial": {"reject_every": 2},
}
