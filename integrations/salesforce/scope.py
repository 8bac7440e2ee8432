"""Which accounts and contacts belong: the WHERE of the chosen list views, put together so that one query can ask it."""

from integrations.wire.errors import Misconfigured

from .soql import TOKEN, literal, scope_of, select, where_of

SEEN_BY_ALL = frozenset({"", "everything"})
VIEW_GONE = "view-gone"
OBJECTS = {"customers": "Account", "contacts": "Contact"}


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


def of_accounts_in_view(account_condition: str) -> str:
    if not account_condition:
        return "AccountId != null"
    return f"AccountId IN ({select(['Id'], 'Account', account_condition)})"


def of_accounts(ids: tuple[str, ...]) -> str:
    return f"AccountId IN {literal(ids)}"


def both(first: str, second: str) -> str:
    """A sub-select is allowed on the outermost level only: it goes without parentheses."""
    parts = [part if has_sub_select(part) else f"({part})" for part in (first, second) if part]
    return " AND ".join(parts) if len(parts) > 1 else first or second
