"""The paper CRM as a side of the state machine."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from integrations.sync import runs
from integrations.sync.connector import Answer, Send, Sent
from integrations.sync.models import Block, FieldMapping
from integrations.sync.runner.slice import run_slice
from integrations.wire.errors import AuthExpired, RateLimited, Transient, WireError
from tests.contract.machine import COMPANIES, Rules
from tests.contract.side import Side

from .fakes import WORLDS, PaperCrm, connect

PATHS = {"name": "Name", "domain": "Website"}


class PaperSide(Side):
    paths = PATHS

    def __init__(self, rules_of_lines: Rules) -> None:
        super().__init__()
        direction, on_conflict, blanks = rules_of_lines
        self.sending: Sequence[Send] = ()
        self.connection = connect(objects=("customers",))
        blocks = Block.objects.filter(connection=self.connection)
        blocks.update(mode="two-way", key_field="Key", merge_keys=["ref_id"])
        lines = FieldMapping.objects.filter(block__in=blocks)
        lines.exclude(hub_field__in=["ref_id", *PATHS]).delete()
        lines.filter(hub_field__in=PATHS).update(direction=direction, on_conflict=on_conflict, blanks=blanks)
        self.world = WORLDS[self.connection.pk]
        for name, domain in COMPANIES:
            self._company(self.world, name, domain)
        run = runs.request_run(self.connection, "delta", by="Inès")
        assert not run_slice(run.pk)

    @staticmethod
    def _company(crm: PaperCrm, name: str, domain: str) -> str:
        source_id = f"c{len(crm.records['customers'])}x{crm.clock.timestamp():.0f}"
        crm.company(source_id, name, Website=domain or None)
        return source_id

    def fresh(self) -> None:
        self.crm = WORLDS[self.connection.pk] = deepcopy(self.world)
        self.crm.before_read = lambda *_: self.at("read")
        self.crm.before_write = self._writes
        self.crm.after_write = lambda *_: self.at("answer")
        self.sends, self.sending = self.crm.sends, ()
        self.theirs = set(self.crm.records["customers"])

    def _writes(self, sends: Sequence[Send]) -> None:
        self.sending = sends
        self.at("write")

    def create(self, name: str, domain: str) -> str:
        return self._company(self.crm, name, domain)

    def edit(self, source_id: str, values: Mapping[str, Any]) -> None:
        self.crm.edit("customers", source_id, **{PATHS[name]: value for name, value in values.items()})

    def delete(self, source_id: str) -> None:
        self.crm.delete("customers", source_id)

    def merge(self, winner: str, loser: str) -> str:
        """By turns as a CRM that makes a third, and as one that keeps a winner."""
        merges = sum(bool(gone.merged_into) for _, gone in self.crm.gone)
        if merges % 3 == 0:
            return self.crm.merge("customers", f"m{self.crm.clock.timestamp():.0f}", loser, winner)
        self.crm.delete("customers", loser, merged_into=winner)
        return winner

    def move(self, source_id: str) -> None:
        self.crm.outside ^= {source_id}

    def values(self) -> Mapping[str, Mapping[str, Any]]:
        return {
            source_id: {name: record.values[path] for name, path in PATHS.items()}
            for source_id, record in self.crm.records["customers"].items()
        }

    def is_outside(self, source_id: str) -> bool:
        return source_id in self.crm.outside

    def refuse(self, source_id: str = "", name: str = "") -> None:
        code, field = ("VALIDATION", "Name") if source_id else ("REQUIRED_FIELD_MISSING", "Industry")
        self.crm.refuses[source_id or name] = Sent(Answer.REFUSED, source_id, code, "No.", (field,))

    def lock(self, source_id: str) -> None:
        self.crm.refuses[source_id] = Sent(Answer.BUSY, source_id, "UNABLE_TO_LOCK_ROW", "Locked.", ())

    def break_now(self, fault: str) -> None:
        if fault != "partial":
            raise error_of(fault)
        # Of the batch that comes next, every second record is somebody else's at the moment.
        for send in self.sending[::2]:
            name = send.source_id or str(send.values.get("Name") or "")
            self.crm.refuses[name] = Sent(Answer.BUSY, send.source_id, "UNABLE_TO_LOCK_ROW", "Locked.", ())

    def mend(self) -> None:
        self.crm.refuses.clear()

    def later(self) -> None:
        self.crm.later()


def error_of(fault: str) -> WireError:
    match fault:
        case "429" | "many 429":
            return RateLimited("TOO_MANY", "Slower.", after=0.0)
        case "expired":
            return AuthExpired("INVALID_SESSION_ID", "Expired.")
        case "truncated":
            return Transient("BROKEN_ANSWER", "Half a body.")
    return Transient("SERVER_UNAVAILABLE", "Down.")
