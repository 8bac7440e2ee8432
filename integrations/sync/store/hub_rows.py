"""The hub's rows as the engine sees them: read with their relations by name, written a page at a time."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Cast, Length
from django.db.models.lookups import GreaterThan

from integrations.engine.compare import compared, domain_key, written
from integrations.engine.duplicates import NAMESAKE, Person, namesake
from integrations.engine.mapping import Compare, FieldRule, MergeKey
from integrations.engine.reasons import Reason
from integrations.engine.records import HubRow, Pair
from integrations.engine.values import Value, from_json, is_blank, to_json
from integrations.hub.fields import TAG
from integrations.hub.models import Contact, Customer, CustomField, CustomKey, Tag

from ..models import RecordLink
from .bulk import new_ids, update, upsert

if TYPE_CHECKING:
    from .alike import Asked

CUSTOM = "custom."
SCORE = "score."
"""Stands before the hub field of a score that is uploaded."""
FOREIGN = "hub:"
"""Stands before the id of a hub row that no record of this connection is linked to."""


@dataclass(frozen=True, slots=True)
class Names:
    """What the engine's names mean in the database: filled once a page, for all rows."""

    stages: Mapping[str, int] = field(default_factory=dict)
    profiles: Mapping[str, int] = field(default_factory=dict)
    people: Mapping[str, int] = field(default_factory=dict)
    customers: Mapping[str, int] = field(default_factory=dict)
    """source id → hub id of the customers that rows of the page hang from."""
    default_stage: int = 0
    by_hand: bool = False
    """A person makes the rows, not a sync."""
    contacts: Mapping[str, int] = field(default_factory=dict)
    """source id (or `hub:` and the id) → hub id of the contacts that interactions of the page name."""


@dataclass(frozen=True, slots=True)
class Write:
    """One row to create (`hub_id` is reserved) or to change (`row` holds what stands there)."""

    hub_id: int
    after: Mapping[str, Value]
    row: "Loaded | None" = None
    owner: int | None = None
    """The connection whose ID is written, where it is not the one that writes."""
    stated: Collection[str] = ()
    """Hub fields that the CRM answers for: what follows from the others does not replace them."""


@dataclass(frozen=True, slots=True)
class Loaded:
    columns: Mapping[str, Any]
    """Database column attribute → value: what an UPDATE of the page writes back where nothing changed."""
    hub: HubRow


class HubTable:
    """One hub object. `plain` fields stand in a column of their own name; the rest is said by the subclass."""

    model: ClassVar[type[models.Model]]
    object: ClassVar[str]
    plain: ClassVar[tuple[str, ...]]
    related: ClassVar[Mapping[str, str]] = {}
    """hub field → path of its name in a query."""
    hangs_on: ClassVar[str] = ""
    """The hub field that names another customer by source id."""
    columns: ClassVar[tuple[str, ...]]
    """Everything that a sync may write, as column attributes."""
    key_columns: ClassVar[Mapping[str, str]]
    has_custom: ClassVar[bool] = True
    scores: ClassVar[tuple[str, ...]] = ()
    """Columns that are uploaded as scores, read under a name of their own beside their own one."""
    flags_gone: ClassVar[frozenset[str]] = frozenset()
    """Actions after which the row says that the CRM no longer has it (`gone_at`); it is kept."""

    proposes: ClassVar[bool] = False
    """Whether a record that no key recognised is held against what is here all the same."""
    told: ClassVar[frozenset[str]] = frozenset()
    """The hub fields by which it is."""

    def load(self, connection_id: int, hub_ids: Iterable[int], *, lock: bool = False) -> dict[int, Loaded]:
        rows = self.model._default_manager.filter(pk__in=set(hub_ids)).order_by("pk")
        if lock:
            rows = rows.select_for_update(of=("self",))
        paths = ("pk", *self.columns, *self.scores, "created_at", "updated_at", *self.related.values())
        found = {row["pk"]: row for row in rows.values(*dict.fromkeys(paths))}
        heads = source_ids(connection_id, {row[f"{self.hangs_on}_id"] for row in found.values()} - {None})
        return {pk: Loaded(row, self._hub(pk, row, heads)) for pk, row in found.items()}

    def _hub(self, pk: int, row: Mapping[str, Any], heads: Mapping[int, str]) -> HubRow:
        changed = {name: datetime.fromisoformat(when) for name, when in row["touched"].items()}
        return HubRow(pk, self._values(row, heads), changed, row["created_at"])

    def find(
        self, key: MergeKey, values: Sequence[str], connection_id: int, *, is_common: bool
    ) -> dict[str, tuple[int, ...]]:
        """compared value → hub rows that carry it; one statement."""
        if key.hub_field.startswith(CUSTOM):
            rows = CustomKey.objects.filter(field__key=key.hub_field.removeprefix(CUSTOM), value__in=values)
            return _grouped(rows.order_by("row_id").values_list("value", "row_id"))
        column = self.key_columns[key.hub_field]
        where = Q(**{f"{column}__in": values})
        if key.hub_field == "ref_id" and not is_common:
            # 501 of one system is not 501 of another.
            where &= Q(ref_writer=connection_id)
        return _grouped(self.own_rows().filter(where).order_by("pk").values_list(column, "pk"))

    def filled(self, name: str) -> Q:
        """Rows that hold a value in the hub field, as `load` would read it: asked of more rows than could be loaded."""
        if name.startswith(CUSTOM) and self.has_custom:
            path = f"custom__{name.removeprefix(CUSTOM)}"
            blank = Q(**{path: None}) | Q(**{path: ""}) | Q(**{path: []})
            return Q(custom__has_key=name.removeprefix(CUSTOM)) & ~blank
        if name and name == self.hangs_on:
            return Q(**{f"{name}__isnull": False})
        if name in self.plain or name in self.related:
            # As text, whatever the column's type: only a text can be there and say nothing.
            return Q(GreaterThan(Length(Cast(self.related.get(name, name), models.TextField())), 0))
        return Q(pk__in=[])

    def own_rows(self) -> QuerySet[Any]:
        """Those of the data type, where several share a table."""
        return self.model._default_manager.all()

    def write(
        self, writes: Sequence[Write], names: Names, connection_id: int | None, now: datetime
    ) -> dict[int, dict[str, Any]]:
        """`connection_id` None: a person, an import or the API writes. Returns what stood in the rows that were there."""
        new = [one for one in writes if one.row is None]
        changed = [(one, self._columns(one, names, connection_id, now)) for one in writes if one.row is not None]
        columns = [*self.columns, "updated_at"]
        made = [(one.hub_id, self._columns(one, names, connection_id, now)) for one in new]
        upsert(
            self.model, ["id", *columns, *self.blank(), "created_at"],
            [[hub_id, *self._values_of(row), now, *self.blank().values(), now] for hub_id, row in made],
        )  # fmt: skip
        update(self.model, columns, [[*self._values_of(row), now, one.hub_id] for one, row in changed])
        self.write_custom_keys(writes)
        self.write_tags(writes)
        return {one.hub_id: self._former(one, row) for one, row in changed}

    def _former(self, one: Write, row: Mapping[str, Any]) -> dict[str, Any]:
        """What putting the row back needs beside the fields' former values: as little as that, for it is kept for years."""
        assert one.row is not None
        had = one.row.columns
        said = {"touched", "custom", *(name for name in self.plain if name in one.after)}
        former = {
            name: had[name]
            for name in self.columns
            if name not in said and not name.endswith("_key") and had[name] != row[name]
        }
        former["updated_at"] = had["updated_at"]
        if touched := {name: had["touched"][name] for name in one.after if name in had["touched"]}:
            former["touched"] = touched
        if self.has_custom and not had["custom"].keys() <= row["custom"].keys():
            # A key that is taken out and put back would stand in another place.
            former["custom"] = had["custom"]
        return former

    def put_back(self, loaded: Loaded, before: Mapping[str, Value], former: Mapping[str, Any]) -> dict[str, Any]:
        """All columns as they stood: by the fields' former values, and by what `write` returned."""
        columns, names = dict(loaded.columns), Names()
        custom = dict(columns["custom"]) if self.has_custom else {}
        for name, value in before.items():
            if name in self.plain:
                columns[name] = self.column(name, value, names)[1]
            elif name.startswith(CUSTOM):
                custom = _with(custom, name.removeprefix(CUSTOM), value)
        if self.has_custom:
            columns["custom"] = custom
        self.derive(columns)
        known = former.get("touched", {})
        columns["touched"] = {
            name: known.get(name, at) for name, at in columns["touched"].items() if name in known or name not in before
        }
        return {**columns, **{name: value for name, value in former.items() if name != "touched"}}

    def put_back_beside(self, connection_id: int, rows: Sequence[Write]) -> None:
        """What stands beside the rows' own columns; `after` holds the former values."""
        self.write_custom_keys(rows)
        self.write_tags(rows)
        emptied = [
            (one.hub_id, name.removeprefix(CUSTOM))
            for one in rows
            for name, value in one.after.items()
            if name.startswith(CUSTOM) and is_blank(value)
        ]
        if emptied:
            keys = CustomKey.objects.filter(field__entity=self.object, value="")
            keys.filter(
                row_id__in={hub_id for hub_id, _ in emptied}, field__key__in={key for _, key in emptied}
            ).delete()

    def may_propose(self) -> bool:
        """Whether there is anything to hold a record against: asked before the records are read for it."""
        return True

    def likely(self, connection_id: int, asked: "Mapping[str, Asked]") -> dict[str, Reason]:
        """source id → which row may be the same, for a person to say; a constant number of statements."""
        return {}

    def follows(self, one: Write) -> dict[str, tuple[Value, Value]]:
        """What is worked out from what is written: hub field → (as it stands, as it will stand)."""
        return {}

    def stated(self, lines: Iterable[FieldRule], settled: Mapping[str, Pair]) -> frozenset[str]:
        """Of the fields that follow from others: those that the CRM answers for itself, by its lines and the row's pairs."""
        return frozenset()

    def may_go_out(self, loaded: Loaded) -> bool:
        """Whether a row that met no record may be created in a CRM."""
        return True

    def outgoing_rows(self) -> QuerySet[Any]:
        """Those of which `may_go_out` says so."""
        return self.own_rows()

    def by_data_type(self, hub_ids: Iterable[int]) -> dict[str, list[int]]:
        """The rows by the data type under which links and journal know them."""
        return {self.object: list(hub_ids)}

    def reserve(self, number: int) -> list[int]:
        return new_ids(self.model, number)

    def blank(self) -> Mapping[str, Any]:
        """Columns that a new row needs and no sync writes."""
        return {}

    def defaults(self, names: Names) -> dict[str, Any]:
        raise NotImplementedError

    def given(self, names: Names) -> Mapping[str, Value]:
        """What a new row gets where the CRM has nothing: no edit of anybody, so nothing to send."""
        return {}

    def derive(self, columns: dict[str, Any]) -> None:
        """Fills the compared forms that stand beside what people read."""
        raise NotImplementedError

    def column(self, name: str, value: Value, names: Names) -> tuple[str, Any]:
        if name == self.hangs_on:
            return f"{name}_id", names.customers.get(str(value)) if value else None
        return name, value

    def refusal(
        self, values: Mapping[str, Value], written: Collection[str], system: str, stated: Collection[str] = ()
    ) -> Reason | None:
        """Why a row cannot stand as it would be: said of the one row, before the database refuses its whole page."""
        return Reason("no-name", {"system": system}) if self.lacks_name(values) else None

    def lacks_name(self, values: Mapping[str, Value]) -> bool:
        """The database refuses a row that nobody could read on a page; say so before it does."""
        raise NotImplementedError

    def _values(self, row: Mapping[str, Any], heads: Mapping[int, str]) -> dict[str, Value]:
        values: dict[str, Value] = {name: row[name] for name in self.plain}
        values |= {name: row[path] for name, path in self.related.items()}
        head = row[f"{self.hangs_on}_id"]
        values[self.hangs_on] = heads.get(head, f"{FOREIGN}{head}") if head else None
        if self.has_custom:
            values |= {f"{CUSTOM}{key}": from_json(value) for key, value in row["custom"].items()}
        values |= {f"{SCORE}{name}": row[name] for name in self.scores}
        return values

    def _columns(self, one: Write, names: Names, connection_id: int | None, now: datetime) -> dict[str, Any]:
        columns = self.row_of(one, names, connection_id)
        if one.row:
            columns["touched"] = {**columns["touched"], **dict.fromkeys(one.after, now.isoformat())}
        return columns

    def _values_of(self, row: Mapping[str, Any]) -> list[Any]:
        return [row[name] for name in self.columns]

    def row_of(self, one: Write, names: Names, connection_id: int | None) -> dict[str, Any]:
        """All columns of the row as it will stand."""
        columns = dict(one.row.columns) if one.row else {**self.defaults(names), "touched": {}}
        custom = dict(columns["custom"]) if self.has_custom else {}
        for name, value in one.after.items():
            if name.startswith(CUSTOM):
                custom = _with(custom, name.removeprefix(CUSTOM), value)
            else:
                column, stored = self.column(name, value, names)
                columns[column] = stored
        if self.has_custom:
            columns["custom"] = custom
        if "ref_id" in one.after:
            columns["ref_writer"] = (one.owner or connection_id) if columns["ref_id"] else None
        self.derive(columns)
        return columns

    def write_tags(self, writes: Sequence[Write]) -> None:
        """The tags themselves follow what stands for them among the row's own fields: one statement for each that moves."""
        wanted: dict[int, dict[bool, list[int]]] = {}
        for one in writes:
            for name, value in one.after.items():
                if name.startswith(CUSTOM + TAG):
                    rows = wanted.setdefault(int(name.removeprefix(CUSTOM + TAG)), {True: [], False: []})
                    rows[value is True].append(one.hub_id)
        if not wanted:
            return
        through: Any = self.model.tags.through  # type: ignore[attr-defined]
        column = f"{self.model._meta.model_name}_id"
        known = set(Tag.objects.filter(pk__in=wanted).values_list("pk", flat=True))
        for tag, rows in wanted.items():
            if tag in known:
                made = [through(**{column: hub_id, "tag_id": tag}) for hub_id in rows[True]]
                through.objects.bulk_create(made, ignore_conflicts=True)
                through.objects.filter(**{f"{column}__in": rows[False], "tag_id": tag}).delete()

    def write_custom_keys(self, writes: Sequence[Write]) -> None:
        touched = {name.removeprefix(CUSTOM) for one in writes for name in one.after if name.startswith(CUSTOM)}
        if not touched:
            return
        keys = dict(
            CustomField.objects.filter(entity=self.object, is_key=True, key__in=touched).values_list("key", "pk")
        )
        rows = [
            (keys[key], one.hub_id, compared(Compare.ID, one.after[CUSTOM + key])[:500])
            for one in writes for key in keys if CUSTOM + key in one.after
        ]  # fmt: skip
        # An empty one stays as an empty value: nothing is compared with it.
        upsert(CustomKey, ["field", "row_id", "value"], rows, conflict=["field", "row_id"], update=["value"])


class Customers(HubTable):
    model = Customer
    object = "customers"
    plain = ("ref_id", "name", "domain", "pulse", "health_score")
    related = {"stage": "stage__name", "profile": "profile__name", "csm": "csm__email"}
    hangs_on = "parent"
    columns = (
        "ref_id", "ref_writer", "name", "name_key", "domain", "domain_key", "stage_id", "profile_id", "csm_id",
        "parent_id", "pulse", "health_score", "custom", "touched",
    )  # fmt: skip
    key_columns = {"ref_id": "ref_id", "name": "name_key", "domain": "domain_key"}
    scores = ("health_score", "pulse")

    def defaults(self, names: Names) -> dict[str, Any]:
        return {
            "ref_id": "", "ref_writer": None, "name": "", "domain": "", "stage_id": names.default_stage,
            "profile_id": None, "csm_id": None, "parent_id": None, "pulse": None, "health_score": None, "custom": {},
        }  # fmt: skip

    def given(self, names: Names) -> Mapping[str, Value]:
        return {"stage": next((name for name, pk in names.stages.items() if pk == names.default_stage), None)}

    def derive(self, columns: dict[str, Any]) -> None:
        columns["name_key"] = compared(Compare.TEXT, columns["name"])[:255]
        columns["domain_key"] = domain_key(columns["domain"], own_domains())[:255]

    def column(self, name: str, value: Value, names: Names) -> tuple[str, Any]:
        match name:
            case "stage":
                return "stage_id", names.stages.get(str(value), names.default_stage)
            case "profile":
                return "profile_id", names.profiles.get(str(value)) if value else None
            case "csm":
                return "csm_id", names.people.get(str(value)) if value else None
            case "ref_id" | "name" | "domain":
                return name, value or ""
        return super().column(name, value, names)

    def lacks_name(self, values: Mapping[str, Value]) -> bool:
        return is_blank(values.get("name"))


class Contacts(HubTable):
    model = Contact
    object = "contacts"
    plain = (
        "ref_id", "first_name", "last_name", "email", "phone", "nps_score", "is_champion", "is_sponsor", "is_key_user",
        "is_end_user",
    )  # fmt: skip
    hangs_on = "customer"
    columns = ("customer_id", "ref_writer", *plain, "name_key", "email_key", "custom", "gone_at", "touched")
    key_columns = {"ref_id": "ref_id", "email": "email_key"}
    flags_gone = frozenset({"gone"})
    proposes = True
    told = frozenset({"first_name", "last_name", "email"})

    def defaults(self, names: Names) -> dict[str, Any]:
        texts = dict.fromkeys(("ref_id", "first_name", "last_name", "email", "phone"), "")
        tags = self.given(names)
        return {
            "customer_id": None,
            "ref_writer": None,
            **texts,
            **tags,
            "nps_score": None,
            "custom": {},
            "gone_at": None,
        }

    def given(self, names: Names) -> Mapping[str, Value]:
        return dict.fromkeys(("is_champion", "is_sponsor", "is_key_user", "is_end_user"), False)

    def derive(self, columns: dict[str, Any]) -> None:
        columns["name_key"] = compared(Compare.TEXT, f"{columns['first_name']} {columns['last_name']}")[:255]
        columns["email_key"] = compared(Compare.EMAIL, columns["email"])[:254]

    def may_propose(self) -> bool:
        # A first import into an empty hub costs nothing.
        return Contact.objects.exists()

    def likely(self, connection_id: int, asked: "Mapping[str, Asked]") -> dict[str, Reason]:
        people = {source_id: person_of(one.values, one.customers) for source_id, one in asked.items()}
        names = {one.name for one in people.values() if one.name}
        places = {customer for one in people.values() for customer in one.customers}
        if not names or not places:
            return {}
        rows = _unmet_contacts(connection_id).filter(customer__in=places, name_key__in=names)
        columns = rows.values_list("pk", "name_key", "email_key", "customer", "first_name", "last_name")
        here = {pk: (Person(name, email, frozenset({at})), f"{first} {last}".strip())
                for pk, name, email, at, first, last in columns}  # fmt: skip
        others: dict[str, dict[int, Person]] = {}
        for pk, (person, _title) in here.items():
            others.setdefault(person.name, {})[pk] = person
        same = {source_id: namesake(one, others.get(one.name, {})) for source_id, one in people.items()}
        return {
            source_id: Reason(NAMESAKE, {"title": here[pk][1], "row": pk})
            for source_id, pk in same.items()
            if pk is not None
        }

    def column(self, name: str, value: Value, names: Names) -> tuple[str, Any]:
        if name.startswith("is_"):
            return name, bool(value)
        if name in {"ref_id", "first_name", "last_name", "email", "phone"}:
            return name, value or ""
        return super().column(name, value, names)

    def lacks_name(self, values: Mapping[str, Value]) -> bool:
        return all(is_blank(values.get(name)) for name in ("first_name", "last_name", "email"))


def person_of(values: Mapping[str, Value], customers: frozenset[int]) -> Person:
    name = " ".join(written(values.get(field)) for field in ("first_name", "last_name"))
    return Person(compared(Compare.TEXT, name)[:255], compared(Compare.EMAIL, values.get("email"))[:254], customers)


def _unmet_contacts(connection_id: int) -> QuerySet[Contact]:
    """Two records of one CRM are two: there somebody would have seen them side by side."""
    met = RecordLink.objects.filter(connection=connection_id, object="contacts", hub_id=OuterRef("pk"))
    return Contact.objects.filter(~Exists(met.exclude(state=RecordLink.State.MERGED)), customer__isnull=False)


TABLES: dict[str, HubTable] = {table.object: table for table in (Customers(), Contacts())}


def register(*tables: HubTable) -> None:
    TABLES.update({table.object: table for table in tables})


def table_of(object_name: str) -> HubTable:
    return TABLES[object_name]


def own_domains() -> frozenset[str]:
    """The team's own domains recognise nobody: everybody's test account has one."""
    return frozenset(domain.lower() for domain in settings.OWN_DOMAINS)


def source_ids(connection_id: int, hub_ids: Iterable[int]) -> dict[int, str]:
    """Customers' hub ids → their source ids in this connection."""
    links = RecordLink.objects.filter(connection=connection_id, object="customers", hub_id__in=set(hub_ids))
    return {hub_id: source_id for hub_id, source_id in links.values_list("hub_id", "source_id") if hub_id is not None}


def _grouped(pairs: Iterable[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for value, pk in pairs:
        found[value] = (*found.get(value, ()), pk)[:2]
    return found


def _with(custom: dict[str, Any], key: str, value: Value) -> dict[str, Any]:
    return (
        {name: kept for name, kept in custom.items() if name != key}
        if is_blank(value)
        else {**custom, key: to_json(value)}
    )
