"""Resolves names of a query against the schema, and gathers the joins and values that its SQL needs."""

from dataclasses import dataclass, field, replace
from datetime import date

from ..errors import ApiError, no_such_column, no_such_type
from ..fields import Field, SObject
from ..schema import Schema
from .tokens import marked
from .tree import Path, Query

MAX_DEPTH = 5


@dataclass(frozen=True, slots=True)
class Step:
    """A parent on the way to a column: the relationship, and where the SQL has the parent's id."""

    relationship: str
    id_sql: str


@dataclass(frozen=True, slots=True)
class Column:
    sql: str
    field: Field
    steps: tuple[Step, ...] = ()


@dataclass(slots=True)
class Scope:
    schema: Schema
    text: str
    sobject: SObject
    today: date
    user_id: str
    prefix: str = "t"
    alias: str | None = None
    made_until: str = ""
    joins: dict[str, str] = field(default_factory=dict)
    values: list[object] = field(default_factory=list)

    @property
    def root(self) -> str:
        return self.prefix

    def column(self, path: Path) -> Column:
        parts = list(path.parts)
        if len(parts) > 1 and parts[0].lower() in {(self.alias or "").lower(), self.sobject.name.lower()}:
            parts = parts[1:]
        if len(parts) - 1 > MAX_DEPTH:
            raise self.error("MALFORMED_QUERY", path.at, f"Relationship path exceeds {MAX_DEPTH} levels")
        return self._walk(self.sobject, self.root, parts, path.at, ())

    def _walk(self, sobject: SObject, table: str, parts: list[str], at: int, steps: tuple[Step, ...]) -> Column:
        if len(parts) == 1:
            return Column(*self._leaf(sobject, table, parts[0], at), steps)
        through = sobject.by_relationship.get(parts[0].lower())
        if through is None:
            raise self.error(
                "INVALID_FIELD", at, f"Didn't understand relationship '{parts[0]}' in field path. If you are attempting to use "
                "a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference "
                "your WSDL or the describe call for the appropriate names.",
            )  # fmt: skip
        relationship = str(through.relationship)
        if len(through.to) > 1:
            step = Step(relationship, f'{table}."{through.name}"')
            return self._polymorphic(table, through, parts[1:], at, (*steps, step))
        parent = self.schema.sobject(through.to[0])
        if parent is None:
            raise self.error("INVALID_TYPE", at, no_such_type(through.to[0]))
        joined = self.join(table, through, parent)
        return self._walk(parent, joined, parts[1:], at, (*steps, Step(relationship, f'{joined}."Id"')))

    def _leaf(self, sobject: SObject, table: str, name: str, at: int) -> tuple[str, Field]:
        found = sobject.field(name)
        if found is None:
            raise self.error("INVALID_FIELD", at, no_such_column(name, sobject.name))
        return f'{table}."{found.name}"', found

    def join(self, table: str, through: Field, parent: SObject) -> str:
        name = (
            f"{table}_{through.relationship}"
            if len(through.to) == 1
            else f"{table}_{through.relationship}_{parent.name}"
        )
        self.joins[name] = f'LEFT JOIN "{parent.name}" {name} ON {name}."Id" = {table}."{through.name}"'
        return name

    def _polymorphic(self, table: str, through: Field, parts: list[str], at: int, steps: tuple[Step, ...]) -> Column:
        """Who and What may be several objects: only fields that a name has in all of them can be read."""
        leaf = parts[0]
        targets = [o for name in through.to if (o := self.schema.sobject(name))]
        if leaf.lower() == "type":
            whens = " ".join(f"WHEN '{o.prefix}' THEN '{o.name}'" for o in targets)
            return Column(
                f'CASE substr({table}."{through.name}", 1, 3) {whens} END', Field("Type", "Type", "string"), steps
            )
        having = [(o, f) for o in targets if (f := o.field(leaf))]
        if leaf.lower() == "name":
            having = [(o, o.name_field) for o in targets if o.name_field]
        if not having or len(parts) > 1:
            raise self.error("INVALID_FIELD", at, no_such_column(leaf, "Name"))
        columns = [f'{self.join(table, through, o)}."{f.name}"' for o, f in having]
        known = Field("Name" if leaf.lower() == "name" else having[0][1].name, leaf, having[0][1].type)
        return Column(f"coalesce({', '.join([*columns, 'NULL'])})", known, steps)

    def bind(self, value: object) -> str:
        self.values.append(value)
        return "?"

    def inner(self, query: Query) -> "Scope":
        """The scope of a sub-select: its own tables, the same list of values (SQL places them in order)."""
        sobject = resolve(self.schema, self.text, query)
        inner = replace(self, sobject=sobject, prefix=self.prefix + "s", alias=query.alias, joins={})
        # The same list, not a copy: values stand in the order in which the whole statement names them.
        assert inner.values is self.values
        return inner

    def error(self, code: str, at: int, message: str) -> ApiError:
        return ApiError(code, marked(self.text, at, message))


def resolve(schema: Schema, text: str, query: Query) -> SObject:
    sobject = schema.sobject(query.sobject)
    if sobject is None:
        raise ApiError("INVALID_TYPE", marked(text, query.at, no_such_type(query.sobject)))
    return sobject
