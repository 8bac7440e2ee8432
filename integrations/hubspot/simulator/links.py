"""Links between records: made, undone, and what they move on both sides."""

from collections.abc import Iterable
from typing import Any

from .association_types import CHILD_TO_PARENT, PARENT_TO_CHILD, PRIMARY, PRIMARY_OF, TYPES
from .kinds import ACTIVITIES
from .store import Store

Place = tuple[str, str]
"""A kind and an id."""
_INSERT = "INSERT OR IGNORE INTO _link VALUES (?, ?, ?, ?, ?)"
_COUNTS = {
    "companies": (("contacts", "num_associated_contacts"), ("deals", "num_associated_deals")),
    "contacts": (("deals", "num_associated_deals"),),
    "deals": (("contacts", "num_associated_contacts"),),
}


class Links:
    """Notes which records a change of links concerns; `settle` then counts anew and moves their stamps once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._touched: dict[Place, None] = {}

    def add(self, number: int, start: Place, end: Place, back: int | None = None) -> None:
        """`back`: the number in the other direction, for a label of the account's own."""
        if number in PRIMARY:
            self._only(number, start, end)
        if number == CHILD_TO_PARENT.number:
            self._only_parent(start)
        elif number == PARENT_TO_CHILD.number:
            self._only_parent(end)
        self._put(number, start, end, back)
        plain = PRIMARY.get(number)
        if plain:
            self._put(plain, start, end)
        elif number in PRIMARY_OF and not self._has_primary(number, start, end):
            # The first company of a record becomes its primary one by itself.
            self._put(PRIMARY_OF[number], start, end)
        self._touched |= {start: None, end: None}

    def remove(self, start: Place, end: Place, number: int | None = None, back: int | None = None) -> None:
        """All of them, or the one with this number."""
        if number is None:
            self._store.unlink(start, end)
        else:
            for one, other, label in ((start, end, number), (end, start, back or self._back(number))):
                sql = (
                    "DELETE FROM _link WHERE from_kind = ? AND from_id = ? AND to_kind = ? AND to_id = ? AND label = ?"
                )
                self._store.execute(sql, (*one, *other, str(label)))
        self._touched |= {start: None, end: None}

    def concern(self, places: Iterable[Place]) -> None:
        self._touched |= dict.fromkeys(places)

    def settle(self) -> None:
        for kind, record_id in self._touched:
            record = self._store.get(kind, record_id)
            if record is not None:
                self._count(kind, record.body, record_id)
                self._store.save(record)
        self._touched.clear()

    # --- One primary, one parent --------------------------------------------------------------------------------------
    def _put(self, number: int, start: Place, end: Place, back: int | None = None) -> None:
        self._store.execute(_INSERT, (*start, *end, str(number)))
        self._store.execute(_INSERT, (*end, *start, str(back or self._back(number))))

    @staticmethod
    def _back(number: int) -> int:
        return TYPES[number].inverse if number in TYPES else number

    def _only(self, number: int, start: Place, end: Place) -> None:
        """A contact and a deal have one primary company: the other stays linked, without the label."""
        kind = TYPES[number]
        holder, number = (start, number) if kind.end == "companies" else (end, kind.inverse)
        for other in self.others(holder, "companies", number):
            self.remove(holder, ("companies", other), number)

    def _only_parent(self, child: Place) -> None:
        for other in self.others(child, "companies", CHILD_TO_PARENT.number):
            self.remove(child, ("companies", other), CHILD_TO_PARENT.number)

    def _has_primary(self, number: int, start: Place, end: Place) -> bool:
        kind = TYPES[PRIMARY_OF[number]]
        holder, primary = (start, kind.number) if kind.end == "companies" else (end, kind.inverse)
        return bool(self.others(holder, "companies", primary))

    def others(self, start: Place, kind: str, number: int) -> list[str]:
        """Those that are there: the link to an archived record waits for it to come back."""
        sql = """SELECT to_id FROM _link JOIN _record r ON r.kind = to_kind AND r.id = to_id AND r.gone IS NULL
            WHERE from_kind = ? AND from_id = ? AND to_kind = ? AND label = ?"""
        return [row[0] for row in self._store.execute(sql, (*start, kind, str(number))).fetchall()]

    # --- Counts -------------------------------------------------------------------------------------------------------
    def _count(self, kind: str, body: dict[str, Any], record_id: str) -> None:
        for other, name in _COUNTS.get(kind, ()):
            body[name] = str(self._linked(kind, record_id, other))
        if kind == "companies":
            _set(body, "hs_parent_company_id", self.others((kind, record_id), kind, CHILD_TO_PARENT.number))
            body["hs_num_child_companies"] = str(len(self.others((kind, record_id), kind, PARENT_TO_CHILD.number)))
        if kind == "contacts":
            _set(body, "associatedcompanyid", self.others((kind, record_id), "companies", 1))
        if kind in _COUNTS:
            body["num_notes"] = str(sum(self._linked(kind, record_id, activity) for activity in ACTIVITIES))
            _set(body, "notes_last_updated", self._latest(kind, record_id))

    def _linked(self, kind: str, record_id: str, other: str) -> int:
        sql = """SELECT count(DISTINCT to_id) FROM _link
            JOIN _record r ON r.kind = to_kind AND r.id = to_id AND r.gone IS NULL
            WHERE from_kind = ? AND from_id = ? AND to_kind = ?"""
        found = self._store.one(sql, kind, record_id, other)
        return int(found[0]) if found else 0

    def _latest(self, kind: str, record_id: str) -> list[str]:
        marks = ", ".join("?" * len(ACTIVITIES))
        sql = f"""SELECT max(json_extract(r.body, '$.hs_timestamp')) FROM _link
            JOIN _record r ON r.kind = to_kind AND r.id = to_id AND r.gone IS NULL
            WHERE from_kind = ? AND from_id = ? AND to_kind IN ({marks})"""  # noqa: S608
        found = self._store.one(sql, kind, record_id, *ACTIVITIES)
        return [found[0]] if found and found[0] else []


def _set(body: dict[str, Any], name: str, found: list[str]) -> None:
    if found:
        body[name] = found[0]
    else:
        body.pop(name, None)


def load(store: Store, rows: Iterable[tuple[int, Place, Place]]) -> None:
    """Many at once, counts and stamps left as they are. A primary one needs its unlabelled twin beside it."""
    made = (
        row
        for number, start, end in rows
        for row in ((*start, *end, str(number)), (*end, *start, str(TYPES[number].inverse)))
    )
    store.execute_many(_INSERT, made)


def neighbours(store: Store, kind: str, record_id: str) -> list[Place]:
    sql = "SELECT DISTINCT to_kind, to_id FROM _link WHERE from_kind = ? AND from_id = ?"
    return [(row[0], row[1]) for row in store.execute(sql, (kind, record_id)).fetchall()]
