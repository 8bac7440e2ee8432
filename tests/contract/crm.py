"""A practice system as the contract works with it: the same verbs, whatever its vendor calls things."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from unittest.mock import patch

from integrations.engine.mapping import Mode
from integrations.engine.records import Record
from integrations.rehearsal.practice import Practice
from integrations.setup.guided import GuidedConnector
from integrations.sync import runs
from integrations.sync.connector import How, ObjectAbility, Page, Read
from integrations.sync.models import Block, Connection, FieldMapping, Run
from integrations.sync.registry import connector_for, system_of
from integrations.sync.runner.drive import drive

Open = Callable[..., "Crm"]
"""`open(5, contacts_per=1)`: a system with as many plain companies as a test wants to count, signed in."""
BOTH = (Mode.TWO_WAY, Mode.OUTPUT)


class Crm(ABC):
    practice: Practice[Any]
    connection: Connection

    # --- What differs from vendor to vendor ------------------------------------------------------------------------------
    fields: Mapping[str, Mapping[str, str]]
    """Data type → hub field → path; customers: name, domain; contacts: last_name, first_name, email."""
    objects: Mapping[str, str]
    """Data type → what the practice system calls its records."""
    writes: frozenset[str]
    """Kinds of call that change something."""

    @abstractmethod
    def column(self, object_name: str, hub_field: str) -> str:
        """The name under which the practice system's own verbs know the field."""

    @abstractmethod
    def company(self, name: str, **columns: Any) -> str:
        """A record in scope."""

    @abstractmethod
    def person(self, company: str, last_name: str, **columns: Any) -> str: ...

    @abstractmethod
    def under(self, child: str, parent: str) -> None:
        """Hangs a company under another."""

    @abstractmethod
    def values(self, object_name: str) -> dict[str, dict[str, Any]]:
        """Everything alive: id → hub field → what the system holds, without a call."""

    @abstractmethod
    def minimum(self, companies: int, contacts: int) -> int:
        """Calls that a first import of so many takes at least, by the vendor's page sizes."""

    @abstractmethod
    def move(self, source_id: str, *, inside: bool) -> None:
        """A company out of the scope, or back into it."""

    @abstractmethod
    def is_inside(self, source_id: str) -> bool: ...

    numbering = "new_id"
    """Where the practice system takes the id of a new record from."""
    numbers: Mapping[str, str] = {}
    """Data type → the field that holds the number which serves as Customer ID or Contact ID, where it is not the record's own."""
    locks: Mapping[str, Any] = {"reject_every": 2}
    """What makes the practice system refuse the next written record because somebody works on it."""
    unspent: Mapping[str, Any] = {}
    """What makes the practice system forget the calls of the last seconds, for a clock that is set back."""
    merges = True
    has_scope = True
    tells_deletions = True
    """Before the next complete reading."""
    """Its people can make one record of two."""

    # --- The same for all -------------------------------------------------------------------------------------------------
    @property
    def connector(self) -> GuidedConnector:
        found = connector_for(self.connection)
        assert isinstance(found, GuidedConnector)
        return found

    def ability(self, object_name: str) -> ObjectAbility:
        return system_of(self.connection.system).abilities.of(object_name)

    def modes(self, object_name: str) -> Sequence[Mode]:
        return self.ability(object_name).modes

    def edit(self, object_name: str, source_id: str, **values: Any) -> None:
        columns = {self.column(object_name, name): value for name, value in values.items()}
        self.practice.edit(self.objects[object_name], source_id, **columns)

    def delete(self, object_name: str, source_id: str) -> None:
        self.practice.delete(self.objects[object_name], source_id)

    def merge(self, object_name: str, winner: str, loser: str) -> str:
        """The record that the two became: the winner, or a new one."""
        return self.practice.merge(self.objects[object_name], winner, loser)

    def numbered(self, object_name: str, number: str, make: Callable[[], str]) -> str:
        """The id of what `make` makes under this number: systems count alike, and two of them may come to the same."""
        with patch.object(self.practice.app.book, self.numbering, return_value=number):
            return make()

    def later(self, seconds: int = 900) -> None:
        """Past what any delta reaches back."""
        self.passed = getattr(self, "passed", 0) + seconds
        self.practice.control(clock_offset=self.passed)

    def block(self, object_name: str, mode: str, **more: Any) -> Block:
        writes = Mode(mode) in BOTH
        key = self.connector.create_key_field(object_name) if writes and self.ability(object_name).has_key_field else ""
        block = Block.objects.create(
            connection=self.connection, object=object_name, mode=mode, key_field=key, merge_keys=["ref_id"], **more
        )
        direction = {"two-way": "both", "output": "out"}.get(mode, "in")
        FieldMapping.objects.bulk_create(
            FieldMapping(block=block, hub_field=hub, crm_field=path, crm_label=path, direction=direction)
            for hub, path in self.fields[object_name].items()
        )
        return block

    def sync(self, kind: str = Run.Kind.DELTA) -> Run:
        run = runs.request_run(self.connection, kind, by="Inès")
        for _attempt in range(8):
            drive(run, 60.0)
            run.refresh_from_db()
            if run.state not in {Run.State.WAITING, Run.State.QUEUED}:
                break
            # What waits for its hour has its hour now.
            Run.objects.filter(pk=run.pk).update(due_at=None)
            run.refresh_from_db()
        return run

    @property
    def written(self) -> Counter[str]:
        return Counter({kind: number for kind, number in self.practice.calls().items() if kind in self.writes})

    # --- Readings, as the runner does them: by page tokens alone -----------------------------------------------------------
    def pages(self, read: Read) -> Iterable[Page]:
        token, seen = "", set()
        while True:
            page = self.connector.read(read, token)
            yield page
            token = page.next
            if not token:
                return
            assert token not in seen, "the reading goes round in a circle"
            seen.add(token)

    def records(self, read: Read) -> dict[str, Record]:
        found = [record for page in self.pages(read) for record in page.records]
        assert len(found) == len({record.source_id for record in found}), "a record came twice"
        return {record.source_id: record for record in found}

    def all(self, object_name: str) -> Read:
        needed = self.connector.fields_needed(object_name)
        return Read(object_name, How.ALL, tuple(dict.fromkeys((*needed, *self.fields[object_name].values()))))
