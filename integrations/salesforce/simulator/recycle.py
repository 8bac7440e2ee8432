"""Deleting, undeleting and merging: what they do to the rows around the one that was meant."""

# ruff: noqa: S608  names of tables and columns come from the schema, every value is bound

from .companions import TWINS
from .store import Store


def delete(store: Store, sobject: str, record_id: str, user_id: str) -> None:
    """Into the recycle bin, with everything that hangs from it; looser references are emptied."""
    now = store.now
    for child in store.schema.dependants(sobject):
        for child_id in store.ids(child.sobject, child.field.name, record_id):
            delete(store, child.sobject, child_id, user_id)
    for child in store.schema.references(sobject):
        if not child.field.cascades and not child.field.required:
            store.execute(
                f'UPDATE "{child.sobject}" SET "{child.field.name}" = NULL, "SystemModstamp" = ? WHERE "{child.field.name}" = ?',
                (now, record_id),
            )
    _mark(store, sobject, record_id, 1, user_id)
    _take_twin(store, sobject, record_id, 1, user_id)


def undelete(store: Store, sobject: str, record_id: str, user_id: str) -> None:
    """Out of the bin, with the dependants that went in together with it."""
    gone = store.get(sobject, record_id)
    _mark(store, sobject, record_id, 0, user_id)
    _take_twin(store, sobject, record_id, 0, user_id)
    for child in store.schema.dependants(sobject):
        for child_id in store.ids(child.sobject, child.field.name, record_id, deleted=True):
            row = store.get(child.sobject, child_id)
            if row and gone and row["SystemModstamp"] == gone["SystemModstamp"]:
                undelete(store, child.sobject, child_id, user_id)


def merge(store: Store, sobject: str, winner: str, losers: list[str], user_id: str) -> None:
    now = store.now
    for loser in losers:
        for child in store.schema.references(sobject):
            store.execute(
                f'UPDATE "{child.sobject}" SET "{child.field.name}" = ?, "SystemModstamp" = ? WHERE "{child.field.name}" = ?',
                (winner, now, loser),
            )
        # A winner that hung below its loser would become its own parent.
        for child in store.schema.references(sobject):
            if child.sobject == sobject:
                store.execute(f'UPDATE "{sobject}" SET "{child.field.name}" = NULL WHERE "Id" = "{child.field.name}"')
        store.update(sobject, loser, {"MasterRecordId": winner}, user_id)
        _mark(store, sobject, loser, 1, user_id)
    store.update(sobject, winner, {}, user_id)


def _take_twin(store: Store, sobject: str, record_id: str, deleted: int, user_id: str) -> None:
    """A note and its document are one thing under two names."""
    twin = TWINS.get(sobject)
    row = store.get(twin, record_id) if twin else None
    if twin and row and row["IsDeleted"] != deleted:
        _mark(store, twin, record_id, deleted, user_id)


def _mark(store: Store, sobject: str, record_id: str, deleted: int, user_id: str) -> None:
    store.update(sobject, record_id, {"IsDeleted": deleted}, user_id)
