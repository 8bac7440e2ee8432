"""Which records belong: accounts of the chosen types with the chosen values, and what hangs on them, in COQL's words."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from integrations.engine.values import digest
from integrations.wire.errors import Misconfigured

from .coql import all_of, any_of, compared, is_one_of
from .schema import Described
from .values import NUMBERS, WHOLE

ACCOUNTS, CONTACTS = "Accounts", "Contacts"
ACCOUNT_TYPE, ACCOUNT_OF_CONTACT, PARENT = "Account_Type", "Account_Name", "Parent_Account"
STAMP = "Modified_Time"
ITSELF = "id"
FILTER_GONE = "FILTER_FIELD_GONE"
SEPARATOR = ";"
NAMES = {ACCOUNTS: "Account_Name", CONTACTS: "Full_Name", "Deals": "Deal_Name"}


@dataclass(frozen=True, slots=True)
class Source:
    """Where the records of a data type stand, what ties each to an account, and which of them belong."""

    module: str
    customer: str = ""
    """The lookup to the account, ITSELF where the record is one; empty: these are the customers."""
    name: str = "Name"
    condition: str = ""
    """Of those that belong, whatever their account: a view's, or that a deal is won."""
    mark: str = ""
    """The field that says the condition of a record by itself, without another question."""
    marked: tuple[str, ...] = ()

    @property
    def needed(self) -> tuple[str, ...]:
        found = ("id", self.name, "" if self.customer == ITSELF else self.customer, self.mark, STAMP)
        return tuple(dict.fromkeys(part for part in found if part))


@dataclass(frozen=True, slots=True)
class Filter:
    """The accounts that come in: of one of these types, and holding one of these values."""

    types: tuple[str, ...] = ()
    """None chosen: all of them."""
    field: str = ""
    values: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What was counted for it is kept under this, however many values there are."""
        return digest([sorted(self.types), self.field, sorted(self.values)])

    def conditions(self, described: Described | None, through: str = "") -> str:
        """`through`: the lookup that leads to the account. `described`: of accounts, where a field is compared."""
        prefix = f"{through}." if through else ""
        types = is_one_of(f"{prefix}{ACCOUNT_TYPE}", self.types) if self.types else ""
        return all_of((types, self._held(described, prefix)))

    def _held(self, described: Described | None, prefix: str) -> str:
        if not self.field:
            return ""
        if described is None or not described.is_filterable(self.field):
            # Read without its filter, everybody would come in; with one that holds nobody, all would churn.
            said = f"Zoho has no field {self.field} (any more) by which accounts could be filtered."
            raise Misconfigured(FILTER_GONE, said, fields=(self.field,))
        return holding(described, self.field, self.values, prefix)


def holding(described: Described, path: str, values: Sequence[str], prefix: str = "") -> str:
    """The condition "the field holds one of these"; of a field with several values, any one of them."""
    kind, name = described.type_of(path), f"{prefix}{path}"
    if kind == "boolean":
        return any_of(compared(name, "=", value.strip().lower() == "true") for value in dict.fromkeys(values))
    return is_one_of(name, [as_typed(value, kind) for value in values])


def as_typed(value: str, kind: str) -> str | Decimal:
    if kind not in NUMBERS and kind not in WHOLE:
        return value
    try:
        return Decimal(value)
    except InvalidOperation:
        raise Misconfigured("NOT_A_NUMBER", f"“{value}” is not a number.", fields=("value",)) from None


def listed(text: str) -> tuple[str, ...]:
    """The values that a column holds."""
    return tuple(dict.fromkeys(stripped for part in text.split(SEPARATOR) if (stripped := part.strip())))


def filter_of(connection: Any) -> Filter:
    values = listed(connection.filter_values)
    return Filter(listed(connection.account_types), connection.filter_field if values else "", values)
