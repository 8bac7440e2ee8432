"""Interactions as the engine sees them: four data types over one table, each row of one type for ever."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from integrations.engine.duplicates import fingerprint, propose
from integrations.engine.reading import shown
from integrations.engine.reasons import Reason
from integrations.engine.values import Value, is_blank
from integrations.hub.fields import INTERACTION_TYPES
from integrations.hub.models import Interaction

from ..models import RecordLink
from .alike import TOLD, Asked, addresses, near, rows_told
from .awaited import Through, await_contacts
from .bulk import upsert
from .hub_rows import FOREIGN, HubTable, Loaded, Names, Write, register

CONTACTS = "contacts"
LISTS = {"participants": "participants", CONTACTS: "contact_refs"}
"""Hub field → the column that keeps it as a list."""


class Interactions(HubTable):
    model = Interaction
    object = "interactions"
    plain = ("ref_id", "subject", "body", "starts_at", "minutes", "is_incoming", "ical_uid")
    hangs_on = "customer"
    columns = (
        "customer_id", "ref_writer", "type", "origin", *plain, "participants", "contact_refs", "touched", "gone_at",
    )  # fmt: skip
    key_columns = {"ref_id": "ref_id"}
    flags_gone = frozenset({"gone", "exclude"})
    has_custom = False
    proposes = True
    told = frozenset({*TOLD, "contacts"})

    def __init__(self, object_name: str = "interactions") -> None:
        self.object = object_name  # type: ignore[misc]  # four data types share one class
        self.type = INTERACTION_TYPES.get(object_name, "")

    def load(self, connection_id: int, hub_ids: Iterable[int], *, lock: bool = False) -> dict[int, Loaded]:
        found = super().load(connection_id, hub_ids, lock=lock)
        named = _named_here(connection_id, found.values())
        for loaded in found.values():
            refs = [named.get(ref, ref) for ref in loaded.columns["contact_refs"]]
            values: dict[str, Value] = dict(loaded.hub.values)
            values["participants"] = tuple(loaded.columns["participants"])
            # Contacts that the connection does not have cannot be named there.
            values[CONTACTS] = tuple(ref for ref in refs if not ref.startswith(FOREIGN) or not connection_id)
            object.__setattr__(loaded.hub, "values", values)
        return found

    def write(
        self, writes: Sequence[Write], names: Names, connection_id: int | None, now: datetime
    ) -> dict[int, dict[str, Any]]:
        former = super().write(writes, names, connection_id, now)
        _hang_contacts([one for one in writes if CONTACTS in one.after], names, connection_id)
        return former

    def put_back_beside(self, connection_id: int, rows: Sequence[Write]) -> None:
        """The contacts that the references name now: those that the row had, unless they were merged or parted since."""
        ids = [one.hub_id for one in rows if CONTACTS in one.after]
        refs = dict(Interaction.objects.filter(pk__in=ids).values_list("pk", "contact_refs"))
        known = contacts_of(connection_id, {ref for named in refs.values() for ref in named}) if refs else {}
        writes = [Write(one.hub_id, {CONTACTS: tuple(refs[one.hub_id])}, one.row) for one in rows if one.hub_id in refs]
        _hang_contacts(writes, Names(contacts=known), connection_id)

    def defaults(self, names: Names) -> dict[str, Any]:
        origin = Interaction.Origin.HAND if names.by_hand else Interaction.Origin.CAPTURED
        return {
            "customer_id": None, "ref_writer": None, "type": self.type, "origin": origin.value, "ref_id": "", "subject": "",
            "body": "", "starts_at": None, "minutes": None, "is_incoming": None, "ical_uid": "",
            "participants": [], "contact_refs": [], "gone_at": None,
        }  # fmt: skip

    def blank(self) -> Mapping[str, Any]:
        return {"is_excluded": False}

    def derive(self, columns: dict[str, Any]) -> None:
        """Nothing stands beside what people read."""

    def column(self, name: str, value: Value, names: Names) -> tuple[str, Any]:
        match name:
            case "contacts":
                return "contact_refs", list(value) if isinstance(value, tuple) else []
            case "participants":
                return name, list(value) if isinstance(value, tuple) else []
            case "ref_id" | "subject" | "body" | "ical_uid":
                return name, value or ""
        return super().column(name, value, names)

    def filled(self, name: str) -> Q:
        if name in LISTS:
            return ~Q(**{LISTS[name]: []})
        return super().filled(name)

    def own_rows(self) -> QuerySet[Any]:
        """A call and a meeting may bear the same number in their CRM: each kind counts for itself there."""
        rows = super().own_rows()
        return rows.filter(type=self.type) if self.type else rows

    def lacks_name(self, values: Mapping[str, Value]) -> bool:
        return is_blank(values.get("starts_at"))

    def likely(self, connection_id: int, asked: Mapping[str, Asked]) -> dict[str, Reason]:
        found = near(connection_id, self.object, self.type, asked)
        if not found:
            return {}
        rows = rows_told(pk for pks in found.values() for pk in pks)
        known = contacts_of(connection_id, {ref for source_id in found for ref in _contacts(asked[source_id])})
        addressed = addresses(known.values())
        reasons = {}
        for source_id, pks in found.items():
            people = [addressed[known[ref]] for ref in _contacts(asked[source_id]) if known.get(ref) in addressed]
            told = fingerprint(asked[source_id].values, people)
            same = propose(told, {pk: rows[pk].fingerprint for pk in pks if pk in rows}) if told else None
            if same is not None:
                reasons[source_id] = Reason(same.code, {"title": shown(rows[same.hub_id].title), "row": same.hub_id})
        return reasons

    def may_go_out(self, loaded: Loaded) -> bool:
        """Only what somebody typed here: what was captured has its place elsewhere already."""
        return bool(loaded.columns["origin"] == Interaction.Origin.HAND)

    def outgoing_rows(self) -> QuerySet[Any]:
        return self.own_rows().filter(origin=Interaction.Origin.HAND)

    def by_data_type(self, hub_ids: Iterable[int]) -> dict[str, list[int]]:
        data_types = {type_: name for name, type_ in INTERACTION_TYPES.items()}
        found: dict[str, list[int]] = {}
        for pk, type_ in Interaction.objects.filter(pk__in=list(hub_ids)).values_list("pk", "type"):
            found.setdefault(data_types.get(type_, "notes"), []).append(pk)
        return found


def contacts_of(connection_id: int, refs: Iterable[str]) -> dict[str, int]:
    """Reference → hub id: the CRM's ids by the links of its contacts, our own as they are."""
    asked = set(refs)
    ours = {ref: int(ref.removeprefix(FOREIGN)) for ref in asked if ref.startswith(FOREIGN)}
    links = RecordLink.objects.filter(
        connection=connection_id, object=CONTACTS, source_id__in=asked - set(ours), hub_id__isnull=False
    )
    return ours | {source_id: hub_id for source_id, hub_id in links.values_list("source_id", "hub_id") if hub_id}


def _contacts(asked: Asked) -> tuple[str, ...]:
    refs = asked.values.get(CONTACTS)
    return refs if isinstance(refs, tuple) else ()


def _named_here(connection_id: int, rows: Iterable[Loaded]) -> dict[str, str]:
    """`hub:7` → the contact's source id in this connection, where it has one."""
    refs = {ref for loaded in rows for ref in loaded.columns["contact_refs"] if ref.startswith(FOREIGN)}
    if not refs or not connection_id:
        return {}
    ids = [int(ref.removeprefix(FOREIGN)) for ref in refs]
    links = RecordLink.objects.filter(connection=connection_id, object=CONTACTS, hub_id__in=ids)
    return {f"{FOREIGN}{hub_id}": source_id for hub_id, source_id in links.values_list("hub_id", "source_id")}


def _hang_contacts(writes: Sequence[Write], names: Names, connection_id: int | None) -> None:
    changed = [one.hub_id for one in writes if one.row is not None]
    if changed:
        Through._default_manager.filter(interaction_id__in=changed).delete()
    rows: list[tuple[int, int]] = []
    missing: dict[int, set[str]] = {}
    for one in writes:
        named = one.after[CONTACTS]
        refs = named if isinstance(named, tuple) else ()
        known = {names.contacts[ref] for ref in refs if ref in names.contacts}
        rows += [(one.hub_id, contact_id) for contact_id in sorted(known)]
        missing[one.hub_id] = {ref for ref in refs if ref not in names.contacts and not ref.startswith(FOREIGN)}
    upsert(Through, ["interaction", "contact"], rows, conflict=["interaction", "contact"])
    await_contacts(connection_id, missing, rewritten=changed)


register(Interactions(), *(Interactions(name) for name in INTERACTION_TYPES))
