"""Which records belong: the WHERE of the chosen list views, put together so that one query can ask it."""

from dataclasses import dataclass

from integrations.wire.errors import Misconfigured

from .soql import TOKEN, literal, scope_of, select, where_of

SEEN_BY_ALL = frozenset({"", "everything"})
VIEW_GONE = "view-gone"
ITSELF = "Id"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the records of a data type stand, what ties each to an account, and which of them belong."""

    object: str
    customer: str = ""
    """The lookup to the account, ITSELF where the record is one; empty: these are the customers."""
    name: str = "Name"
    condition: str = ""
    """Of those that belong, whatever their account: a list view's, or that a deal is won."""
    marks: tuple[str, ...] = ()
    """Yes/no fields that say the condition of a record by themselves, without another question."""

    @property
    def needed(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(part for part in ("Id", self.name, self.customer, *self.marks, STAMP) if part))

    @property
    def merges(self) -> bool:
        return self.object in MERGED


STAMP = "SystemModstamp"
MERGED = frozenset({"Account", "Contact", "Lead"})
"""Of these alone Salesforce keeps into which other record one was merged."""
ACCOUNTS = Source("Account")
CONTACTS = Source("Contact", "AccountId")


def condition_of(view_query: str, label: str) -> str:
    """The view's condition. What such a view shows depends on who looks, so the integration's user would decide."""
    if scope_of(view_query) not in SEEN_BY_ALL:
        raise Misconfigured("view-unusable", f"What the view “{label}” shows depends on who looks.", fields=(label,))
    return where_of(view_query)


def view_gone(label: str) -> Misconfigured:
    """Read as an empty view, it would churn everybody."""
    return Misconfigured(VIEW_GONE, f"Salesforce has no view “{label}” (any more).", fields=(label,))


def fits_semi_join(account_condition: str) -> bool:
    """SOQL allows no sub-select within a sub-select."""
    return not has_sub_select(account_condition)


def has_sub_select(condition: str) -> bool:
    return any(token.upper() == "SELECT" for token in TOKEN.findall(condition))


def fits_one_query(source: Source, accounts: str) -> bool:
    return source.customer in {"", ITSELF} or fits_semi_join(accounts)


def of_everything(source: Source, accounts: str) -> str:
    """All in scope: tied to the accounts of the view by a semi-join, not account by account."""
    if not source.customer:
        return source.condition
    if source.customer == ITSELF:
        return both(accounts, source.condition)
    return both(of_accounts_in_view(source.customer, accounts), source.condition)


def of_accounts_in_view(customer: str, accounts: str) -> str:
    return f"{customer} IN ({select(['Id'], 'Account', accounts)})" if accounts else f"{customer} != null"


def of_accounts(customer: str, ids: tuple[str, ...]) -> str:
    return f"{customer} IN {literal(ids)}"


def both(first: str, second: str) -> str:
    """A sub-select is allowed on the outermost level only: it goes without parentheses."""
    parts = [part if has_sub_select(part) else f"({part})" for part in (first, second) if part]
    return " AND ".join(parts) if len(parts) > 1 else first or second
