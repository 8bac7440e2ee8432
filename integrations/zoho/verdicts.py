"""What Zoho said of one record, as the one answer that says what follows."""

from integrations.sync.connector import Answer, Sent
from integrations.wire.errors import RateLimited, Transient

from .replies import Item, details_of, error_of, inner_errors, named
from .rows import Operation, Row

SUCCESS = "SUCCESS"
TAKEN = "DUPLICATE_DATA"
UNSURE = "INVALID_DATA"
"""With the id as the culprit: the record is gone, or it is refused by a rule; both are worded alike."""
OWN_ID = frozenset({"id"})


def verdict(row: Row, item: Item) -> Sent:
    code, message = str(item.get("code") or ""), str(item.get("message") or "")
    if code == SUCCESS:
        return Sent(Answer.DONE, str(details_of(item).get("id") or row.id))
    if row.operation is Operation.CREATE and (double := double_of(item, row)):
        return double
    error = error_of(item, 0)
    if isinstance(error, RateLimited | Transient):
        return Sent(Answer.BUSY, row.id, code, message, named(item))
    return Sent(Answer.REFUSED, row.id, code, message, named(item))


def double_of(item: Item, row: Row) -> Sent | None:
    """A value that only one record may hold is held already: our own key by the record that an earlier attempt made."""
    found = [(one, holder_of(one)) for one in (item, *inner_errors(item)) if one.get("code") == TAKEN]
    mine = next((holder for one, holder in found if row.has_key and row.key_field in named(one) and holder), "")
    if mine:
        return Sent(Answer.DONE, mine)
    holders = {holder for _one, holder in found}
    if len(holders) != 1 or "" in holders:
        # Several records, or one that is not named: that is for a person to look at.
        return None
    code, message = str(item.get("code") or ""), str(item.get("message") or "")
    return Sent(Answer.EXISTS, holders.pop(), code, message, named(item))


def holder_of(item: Item) -> str:
    details = details_of(item)
    record = details.get("duplicate_record")
    found = record.get("id") if isinstance(record, dict) else details.get("id")
    return str(found or "")


def is_unsure(row: Row, item: Item) -> bool:
    """Only whether the record is there tells whether it is gone."""
    if not row.id or item.get("code") != UNSURE:
        return False
    if row.operation is Operation.DELETE:
        return True
    details = details_of(item)
    return details.get("api_name") in OWN_ID and str(details.get("json_path", "")).count(".") <= 2
