"""One field of a module: what it is called, what it holds, and who may write it."""

from dataclasses import dataclass, replace

from .ids import named_id

TEXTS = frozenset({"text", "textarea", "email", "phone", "website", "picklist", "autonumber", "bigint"})
NUMBERS = frozenset({"integer", "double", "currency", "percent", "formula"})
USERS = frozenset({"ownerlookup", "userlookup"})
LOOKUPS = USERS | {"lookup"}
LENGTHS = {
    "text": 255, "textarea": 2000, "email": 100, "phone": 30, "website": 450, "picklist": 120,
    "multiselectpicklist": 1000,
    "boolean": 5, "integer": 9, "bigint": 18, "double": 16, "currency": 16, "percent": 5, "date": 20, "datetime": 120,
    "lookup": 120, "ownerlookup": 120, "userlookup": 120, "formula": 16, "autonumber": 255, "profileimage": 255,
}  # fmt: skip
JSON_TYPES = {
    "boolean": "boolean", "integer": "integer", "double": "double", "currency": "double", "percent": "double",
    "formula": "double",
    "multiselectpicklist": "jsonarray", "lookup": "jsonobject", "ownerlookup": "jsonobject", "userlookup": "jsonobject",
    "layout": "jsonobject",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Option:
    """What is stored and what is shown are two things: a renamed option keeps its stored value."""

    value: str
    shown: str = ""

    @property
    def label(self) -> str:
        return self.shown or self.value


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    label: str
    type: str = "text"
    size: int = 0
    options: tuple[Option, ...] = ()
    to: str = ""
    """The module that a lookup leads to; a dot before a name means: the module that `$se_module` names."""
    mandatory: bool = False
    required: bool = False
    """By the layout only; `mandatory` is the system's."""
    custom: bool = False
    writable: bool = True
    unique: bool = False
    external: str = ""
    computed: bool = False
    """Nothing is stored: it follows from other fields."""
    of: str = ""
    times: float = 1.0
    """A formula: another field, multiplied. Nobody's change to it moves a stamp, for it is stored nowhere."""
    decimals: int | None = None
    textarea: str = ""
    made: str = ""
    filterable: bool = True
    locked: bool = False
    """The user's profile may only read it."""

    @property
    def length(self) -> int:
        return self.size or LENGTHS.get(self.type, 255)

    @property
    def json_type(self) -> str:
        return "jsonarray" if self.name == "Tag" else JSON_TYPES.get(self.type, "string")

    @property
    def may_write(self) -> bool:
        return self.writable and not self.locked and not self.computed

    @property
    def is_lookup(self) -> bool:
        return self.type in LOOKUPS

    def id_in(self, module: str) -> str:
        return named_id("field", module, self.name)


def options(*values: str) -> tuple[Option, ...]:
    """`Id. Decision Makers=Identify Decision Makers` where the two differ."""
    return tuple(Option(*value.split("=", 1)) for value in values)


def picklist(name: str, label: str, *values: str, **more: object) -> Field:
    return replace(Field(name, label, "picklist", options=options("-None-", *values)), **more)  # type: ignore[arg-type]


def lookup(name: str, label: str, to: str) -> Field:
    return Field(name, label, "lookup", to=to)


def user(name: str, label: str, *, writable: bool = True) -> Field:
    return Field(name, label, "ownerlookup", to="users", writable=writable)


def system(name: str, label: str, kind: str = "datetime", size: int = 0) -> Field:
    return Field(name, label, kind, size, writable=False)


def shared(owner: str) -> tuple[Field, ...]:
    """What every module has."""
    return (
        user("Owner", f"{owner} Owner"), user("Created_By", "Created By", writable=False),
        user("Modified_By", "Modified By", writable=False), system("Created_Time", "Created Time"),
        system("Modified_Time", "Modified Time"), Field("Tag", "Tag", "text", 2000, filterable=False),
    )  # fmt: skip
