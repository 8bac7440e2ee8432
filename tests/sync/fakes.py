"""A made-up CRM behind the connector's border, in memory: every test world is a few lines long."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.engine.mapping import Kind, Mode
from integrations.engine.records import Record
from integrations.engine.values import Value
from integrations.sync.connector import (
    Abilities,
    Answer,
    Breakdown,
    Choice,
    Connector,
    CrmField,
    Gone,
    How,
    Identity,
    ObjectAbility,
    Page,
    Read,
    Registered,
    Schema,
    Send,
    Sent,
    View,
)
from integrations.sync.models import Block, Connection, FieldMapping
from integrations.sync.registry import register
from integrations.wire.quota import Quota

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ABILITIES = Abilities(
    system="paper",
    label="Paper CRM",
    short="PC",
    objects=(
        ObjectAbility(
            "customers",
            "Company",
            "Companies",
            (Mode.INPUT, Mode.TWO_WAY),
            "at once",
            ("ref_id",),
            has_hierarchy=True,
            creates=True,
            deletes_out=True,
            write_batch=5,
            has_key_field=True,
        ),
        ObjectAbility(
            "contacts",
            "Person",
            "People",
            (Mode.INPUT, Mode.TWO_WAY),
            "at once",
            ("ref_id",),
            creates=True,
            deletes_out=True,
            write_batch=5,
            customer_path="Company",
            has_key_field=True,
        ),
        ObjectAbility("agreements", "Deal", "Deals", (Mode.INPUT, Mode.DISABLED), "at once", customer_path="Company"),
        ObjectAbility(
            "calls",
            "Call",
            "Calls",
            (Mode.INPUT, Mode.TWO_WAY, Mode.OUTPUT, Mode.DISABLED),
            "at once",
            creates=True,
            write_batch=5,
            customer_path="Company",
            has_key_field=True,
        ),
    ),
    connection_model="sync.Connection",
)
FIELDS = {
    "customers": {
        "Id": Kind.ID, "Name": Kind.TEXT, "Website": Kind.TEXT, "Owner.Email": Kind.PERSON, "Stage": Kind.TEXT,
        "Segment": Kind.TEXT, "Notes": Kind.LONG_TEXT,
    },
    "contacts": {
        "Id": Kind.ID, "FirstName": Kind.TEXT, "LastName": Kind.TEXT, "Email": Kind.EMAIL, "Phone": Kind.PHONE,
        "Role": Kind.TEXT,
    },
    "agreements": {
        "Id": Kind.ID, "Name": Kind.TEXT, "Yearly": Kind.MONEY, "Currency": Kind.TEXT, "Start": Kind.DATE,
        "End": Kind.DATE, "Months": Kind.INTEGER, "Notice": Kind.INTEGER, "Terms": Kind.TEXT,
    },
    "calls": {
        "Id": Kind.ID, "Subject": Kind.TEXT, "Text": Kind.LONG_TEXT, "At": Kind.DATETIME, "Minutes": Kind.INTEGER,
        "Uid": Kind.ID, "@contacts": Kind.LIST,
    },
}  # fmt: skip
KEY = "Key"
"""The field for our own key, in each object."""
LINES = {
    "customers": {"ref_id": "Id", "name": "Name", "domain": "Website", "csm": "Owner.Email", "stage": "Stage"},
    "contacts": {"ref_id": "Id", "first_name": "FirstName", "last_name": "LastName", "email": "Email"},
    "agreements": {
        "ref_id": "Id", "plan": "Name", "amount": "Yearly", "currency": "Currency", "start_date": "Start",
        "end_date": "End", "engagement": "Months", "notice": "Notice", "auto_renew": "Notice",
    },
    "calls": {
        "ref_id": "Id", "subject": "Subject", "body": "Text", "starts_at": "At", "minutes": "Minutes",
        "contacts": "@contacts",
    },
}  # fmt: skip
KEYS = {
    "customers": ["ref_id", "domain"],
    "contacts": ["ref_id", "email"],
    "agreements": ["ref_id"],
    "calls": ["ref_id"],
}
CONSTANTS = {"agreements": {"amount_format": "ARR", "engagement_period": "MONTH", "notice_period": "MONTH"}}
TRANSFORMS = {("agreements", "auto_renew"): "is-filled"}


@dataclass
class PaperCrm:
    clock: datetime = START
    records: dict[str, dict[str, Record]] = field(
        default_factory=lambda: {"customers": {}, "contacts": {}, "agreements": {}, "calls": {}}
    )
    outside: set[str] = field(default_factory=set)
    gone: list[tuple[str, Gone]] = field(default_factory=list)
    hidden_fields: set[str] = field(default_factory=set)
    types: dict[str, str] = field(default_factory=dict)
    lists: dict[str, Sequence[str]] = field(default_factory=dict)
    """Path → the values that the field offers."""
    locked: set[str] = field(default_factory=set)
    """Fields that the signed-in user may only read."""
    required: set[str] = field(default_factory=set)
    page_size: int = 7
    made: int = 0
    """Records that were created from outside."""
    calls: Counter[str] = field(default_factory=Counter)
    reads: list[Read] = field(default_factory=list)
    before_read: Callable[[Read, str], None] = lambda read, token: None
    sends: list[Sequence[Send]] = field(default_factory=list)
    """Every batch of writes, as it came."""
    keys: dict[str, str] = field(default_factory=dict)
    """Our key → the id of the record that was created with it."""
    refuses: dict[str, Sent] = field(default_factory=dict)
    """Source id or name → what it answers in place of writing."""
    before_write: Callable[[Sequence[Send]], None] = lambda sends: None
    after_write: Callable[[Sequence[Send]], None] = lambda sends: None
    keeps: Callable[[str, Value], Value] = lambda path, value: value
    """What the CRM makes of a value that it is sent."""

    def put(
        self, object_name: str, source_id: str, *, parent: str = "", customers: Sequence[str] = (), **values: Value
    ) -> None:
        self.clock += timedelta(seconds=1)
        paths = {name.replace("__", "."): value for name, value in values.items()}
        name = paths.get("Name") or f"{paths.get('FirstName', '')} {paths.get('LastName', '')}"
        blank = dict.fromkeys(FIELDS[object_name])
        self.records[object_name][source_id] = Record(
            source_id, {**blank, "Id": source_id, **paths}, self.clock, str(name).strip(), parent, tuple(customers)
        )

    def company(self, source_id: str, name: str = "", **more: Any) -> None:
        self.put("customers", source_id, **{"Name": name or f"Company {source_id}"} | more)

    def person(self, source_id: str, customer: str | Sequence[str], **more: Any) -> None:
        customers = (customer,) if isinstance(customer, str) and customer else tuple(customer)
        self.put("contacts", source_id, customers=customers, **{"LastName": f"Person {source_id}"} | more)

    def deal(self, source_id: str, customer: str, **more: Any) -> None:
        self.put("agreements", source_id, customers=(customer,), **{"Name": f"Deal {source_id}"} | more)

    def call(self, source_id: str, customer: str, **more: Any) -> None:
        values: dict[str, Any] = {"Subject": f"Call {source_id}", "At": START} | more
        self.put("calls", source_id, customers=(customer,), **values)

    def edit(self, object_name: str, source_id: str, *, parent: str | None = None, **values: Value) -> None:
        self.clock += timedelta(seconds=1)
        old = self.records[object_name][source_id]
        paths = {name.replace("__", "."): value for name, value in values.items()}
        self.records[object_name][source_id] = replace(
            old, values={**old.values, **paths}, modified_at=self.clock, name=str(paths.get("Name", old.name)),
            parent_id=old.parent_id if parent is None else parent,
        )  # fmt: skip

    def delete(self, object_name: str, source_id: str, merged_into: str = "") -> None:
        self.clock += timedelta(seconds=1)
        del self.records[object_name][source_id]
        self.gone.append((object_name, Gone(source_id, self.clock, merged_into)))

    def merge(self, object_name: str, survivor: str, *losers: str, **values: Value) -> str:
        """A new record of several, as some CRMs make it: with the first one's values, and all that hung on any of them.

        What hung on them is not said to have changed.
        """
        of_first = self.records[object_name][losers[0]]
        kept = {name.replace(".", "__"): value for name, value in of_first.values.items() if name != "Id"}
        self.put(
            object_name, survivor, parent=of_first.parent_id, customers=of_first.customer_ids, **{**kept, **values}
        )
        for records in self.records.values() if object_name == "customers" else ():
            for one, hanging in records.items():
                parent = survivor if hanging.parent_id in losers else hanging.parent_id
                customers = tuple(dict.fromkeys(survivor if c in losers else c for c in hanging.customer_ids))
                records[one] = replace(hanging, parent_id=parent, customer_ids=customers)
        for loser in losers:
            self.delete(object_name, loser, merged_into=survivor)
        return survivor

    def vanish(self, object_name: str, source_id: str) -> None:
        """Gone without a word: rights lost, or a deletion that nobody reports."""
        del self.records[object_name][source_id]

    def take(self, object_name: str, send: Send) -> Sent:
        """One record of a batch, written as a CRM would."""
        name = str(send.values.get("Name") or send.values.get("LastName") or "")
        if refused := self.refuses.get(send.source_id or name):
            return refused
        source_id = send.source_id or self.keys.get(send.key, "")
        if send.delete:
            if source_id not in self.records[object_name]:
                return Sent(Answer.GONE, source_id, "NOT_FOUND", "No such record.")
            self.delete(object_name, source_id)
            return Sent(Answer.DONE, source_id)
        values: dict[str, Any] = {
            path: self.keeps(path, value) for path, value in send.values.items() if path != "@customer"
        }
        if source_id:
            if source_id not in self.records[object_name]:
                return Sent(Answer.GONE, source_id, "NOT_FOUND", "No such record.")
            self.edit(object_name, source_id, **values)
            return Sent(Answer.DONE, source_id)
        # No CRM gives the id of a record that went to another one.
        self.made += 1
        source_id = f"new{self.made}"
        customer = str(send.values.get("@customer") or "")
        self.put(object_name, source_id, customers=(customer,) if customer else (), **values)
        if send.key:
            self.keys[send.key] = source_id
        return Sent(Answer.DONE, source_id)

    def later(self, minutes: int = 15) -> None:
        self.clock += timedelta(minutes=minutes)

    def is_inside(self, object_name: str, record: Record) -> bool:
        if object_name == "customers":
            return record.source_id not in self.outside
        companies = self.records["customers"]
        return any(one in companies and one not in self.outside for one in record.customer_ids)

    def answer(self, read: Read) -> list[Record]:
        found = list(self.records[read.object].values())
        match read.how:
            case How.ALL | How.IDS:
                return [record for record in found if self.is_inside(read.object, record)]
            case How.CHANGED:
                assert read.since
                assert read.until
                return [r for r in found if r.modified_at and read.since <= r.modified_at < read.until]
            case How.BY_ID:
                return [record for record in found if record.source_id in read.ids]
            case How.DEPENDENTS:
                return [record for record in found if set(record.customer_ids) & set(read.ids)]
        return []


WORLDS: dict[int, PaperCrm] = {}


class PaperConnector(Connector):
    abilities = ABILITIES

    @property
    def crm(self) -> PaperCrm:
        return WORLDS[self.connection.pk]

    @property
    def calls(self) -> Counter[str]:
        if not hasattr(self, "_calls"):
            self._calls: Counter[str] = Counter()
        return self._calls

    @property
    def quota(self) -> Quota | None:
        return None

    def whoami(self) -> Identity:
        self._count("identity")
        return Identity(
            "ines@aldervale.example", "Aldervale", "https://paper.example", self.crm.clock + timedelta(minutes=2)
        )

    def schema(self, object_name: str) -> Schema:
        self._count("describe")
        fields = FIELDS[object_name]
        return Schema(
            object_name,
            tuple(
                CrmField(
                    path,
                    path,
                    self.crm.types.get(path, kind.value),
                    Kind(self.crm.types.get(path, kind.value)),
                    tuple(Choice(value, value) for value in self.crm.lists.get(path, ())),
                    is_updateable=path not in self.crm.locked,
                    is_createable=path not in self.crm.locked,
                    is_required=path in self.crm.required,
                )
                # As if it had been made with consent.
                for path, kind in {**fields, KEY: Kind.TEXT}.items()
                if path not in self.crm.hidden_fields
            ),
        )

    def views(self, object_name: str) -> Sequence[View]:
        return []

    def count(self, object_name: str, view_id: str = "") -> Breakdown:
        self._count("query")
        return Breakdown(len(self.crm.answer(Read(object_name, How.IDS))))

    def count_matching(self, object_name: str, field_path: str, values: Sequence[str]) -> int:
        return 0

    def samples(self, object_name: str, paths: Sequence[str]) -> dict[str, tuple[str, ...]]:
        return {}

    def read(self, read: Read, token: str = "") -> Page:
        self._count(read.how.value)
        crm = self.crm
        crm.reads.append(read)
        crm.before_read(read, token)
        if read.how is How.DELETED:
            mine = [one for name, one in crm.gone if name == read.object]
            if read.ids:
                return Page(gone=[one for one in mine if one.source_id in read.ids])
            since = read.since
            assert since
            return Page(gone=[one for one in mine if one.deleted_at and one.deleted_at >= since])
        found, start = crm.answer(read), int(token or 0)
        size = 2000 if read.how is How.BY_ID else crm.page_size
        more = str(start + size) if start + size < len(found) else ""
        page = found[start : start + size]
        if read.how is How.IDS:
            return Page(ids=[record.source_id for record in page], next=more)
        return Page(records=[self._asked(record, read) for record in page], next=more, total=len(found))

    def write(self, object_name: str, sends: Sequence[Send], *, key_field: str = "") -> Sequence[Sent]:
        assert not self.read_only, "a preview writes nothing"
        self._count("write")
        sends = [replace(send, key=send.key if key_field else "") for send in sends]
        self.crm.before_write(sends)
        self.crm.sends.append(list(sends))
        answers = [self.crm.take(object_name, send) for send in sends]
        self.crm.after_write(sends)
        return answers

    def find_by_key(self, object_name: str, key_field: str, keys: Sequence[str]) -> Mapping[str, str]:
        self._count("find")
        return {key: self.crm.keys[key] for key in keys if key in self.crm.keys}

    def create_key_field(self, object_name: str) -> str:
        assert not self.read_only, "looking adds no field"
        self._count("field")
        self.crm.hidden_fields.discard(KEY)
        return KEY

    def fields_needed(self, object_name: str) -> tuple[str, ...]:
        return ("Id",)

    @classmethod
    def web_link(cls, web_url: str, object_name: str, source_id: str) -> str:
        return f"{web_url}/{object_name}/{source_id}"

    def _asked(self, record: Record, read: Read) -> Record:
        values = {path: record.values[path] for path in read.fields if path not in self.crm.hidden_fields}
        return replace(record, values=values)

    def _count(self, kind: str) -> None:
        self.calls[kind] += 1
        self.crm.calls[kind] += 1


register(Registered(ABILITIES, PaperConnector))


def connect(
    name: str = "Paper", *, turn_on: bool = True, objects: Sequence[str] = ("customers", "contacts"), **options: Any
) -> Connection:
    """A connection with the usual mapping, and its empty CRM in `WORLDS[connection.pk]`."""
    state = Connection.State.ON if turn_on else Connection.State.DRAFT
    connection = Connection.objects.create(
        system="paper", name=name, slug=name.lower(), state=state, base_url="https://paper.example", **options
    )
    for object_name in objects:
        block = Block.objects.create(connection=connection, object=object_name, merge_keys=KEYS[object_name])
        for hub_field, path in LINES[object_name].items():
            transform = TRANSFORMS.get((object_name, hub_field), "")
            FieldMapping.objects.create(
                block=block, hub_field=hub_field, crm_field=path, crm_label=path, transform=transform
            )
        for hub_field, constant in CONSTANTS.get(object_name, {}).items():
            FieldMapping.objects.create(block=block, hub_field=hub_field, constant=constant)
    WORLDS[connection.pk] = PaperCrm()
    return connection
