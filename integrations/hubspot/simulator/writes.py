"""Creating, changing and archiving records: checks in the vendor's order, then what follows by itself."""

from collections.abc import Collection, Mapping
from typing import Any

from integrations.simulation.documents import Record

from . import derive, values
from .errors import ApiError, invalid_values
from .kinds import Kind
from .links import Links, neighbours
from .portal import APP_ID, Portal
from .rules import check_rules
from .uniqueness import check_unique

Values = dict[str, str]
SOURCE = {"hs_object_source": "INTEGRATION", "hs_object_source_id": APP_ID, "hs_object_source_label": "INTEGRATION"}
PARENT, COMPANY = "hs_parent_company_id", "associatedcompanyid"


def clean(
    portal: Portal, kind: Kind, given: Any, before: Mapping[str, Any] | None = None
) -> tuple[Values, list[values.Flaw]]:
    """The values as they will be kept, and everything that is wrong with them. A null changes nothing."""
    known, kept, flaws = portal.schema.of(kind.name), {}, []
    if not isinstance(given, dict):
        raise ApiError(
            "Invalid input JSON on line 1, column 1: Cannot deserialize value of `properties`", category=None
        )
    for name, raw in given.items():
        one = known.get(name)
        if raw is None:
            continue
        if one is None:
            flaws.append(values.unknown(name))
        elif not one.writable:
            flaws.append(values.read_only(one))
        else:
            value = values.as_text(raw)
            pipeline = given.get("pipeline", given.get("hs_pipeline")) or (before or {}).get("pipeline")
            try:
                kept[name] = values.kept(one, value, portal.options(kind.name, one, pipeline))
            except values.Wrong as wrong:
                flaws.append(values.flaw(one, value, wrong, portal.portal_id))
            else:
                if one.multiple and value.startswith(";"):
                    kept[name] = values.appended((before or {}).get(name, ""), value)
    return kept, flaws


def checked(portal: Portal, kind: Kind, given: Any, before: Mapping[str, Any] | None = None) -> Values:
    kept, flaws = clean(portal, kind, given, before)
    if flaws:
        raise invalid_values(flaws)
    return kept


# --- Create -----------------------------------------------------------------------------------------------------------
def create(portal: Portal, kind: Kind, kept: Values, *, version: str, linked: Collection[str] = ()) -> Record:
    """`kept` is checked; `linked` says to which kinds the record will be tied at once."""
    for any_of in kind.required:
        if not any(kept.get(name) for name in any_of):
            message = f"Error creating {kind.word}. Some required properties were not set."
            raise ApiError(message, context={"properties": [any_of[0]]})
    if kind.name == "leads" and not {"contacts", "companies"} & set(linked):
        raise ApiError("Error creating LEAD. Lead must be associated with a contact or a company.")
    check_rules(portal, kind, kept, {}, version)
    check_unique(portal, kind, kept, record_id="")
    reject(portal)
    body = {name: value for name, value in kept.items() if value != ""} | SOURCE
    return insert(portal, kind.name, body, "INTEGRATION")


def reject(portal: Portal) -> None:
    if portal.faults.rejects():
        said = "This record is under review and cannot be changed."
        raise invalid_values(
            [{"message": said, "error": "MISSING_CONDITIONAL_REQUIRED_PROPERTY", "name": "hs_object_id"}]
        )


def insert(portal: Portal, kind: str, body: dict[str, Any], source: str) -> Record:
    """No check at all: whoever calls has made them, or wants none."""
    record_id, now = portal.store.new_id(), portal.now
    parent, company = body.pop(PARENT, None), body.pop(COMPANY, None)
    derive.begin(portal, kind, body, record_id)
    derive.follow(portal, kind, {}, body, now)
    record = portal.store.insert(kind, body, record_id)
    portal.store.note(record, {name: str(value) for name, value in body.items()}, source)
    hang(portal, kind, record_id, {PARENT: parent} if parent else {}, {COMPANY: company} if company else {})
    return portal.store.get(kind, record_id) or record


# --- Update -----------------------------------------------------------------------------------------------------------
def update(portal: Portal, kind: Kind, record: Record, kept: Values, *, version: str) -> None:
    check_rules(portal, kind, kept, record.body, version)
    check_unique(portal, kind, kept, record_id=record.id)
    reject(portal)
    change(portal, kind.name, record, forward_only(portal, kind, kept, record.body), "INTEGRATION")


def forward_only(portal: Portal, kind: Kind, kept: Values, before: Mapping[str, Any]) -> Values:
    """A lifecycle stage never goes back: an earlier one is answered as if it were stored, and is not."""
    wanted, held = kept.get("lifecyclestage"), before.get("lifecyclestage")
    stages = portal.schema.of(kind.name).get("lifecyclestage")
    order = [value for _, value in stages.options] if stages else []
    if wanted in order and held in order and order.index(wanted) < order.index(held):
        return {name: value for name, value in kept.items() if name != "lifecyclestage"}
    return kept


def change(portal: Portal, kind: str, record: Record, wanted: Mapping[str, str], source: str) -> bool:
    """False where every value was there already: then the stamp stays."""
    fresh = {name: value for name, value in wanted.items() if (record.body.get(name) or "") != value}
    ties = {name: fresh.pop(name) for name in (PARENT, COMPANY) if name in fresh}
    if fresh:
        before = dict(record.body)
        for name, value in fresh.items():
            if value == "":
                record.body.pop(name, None)
            else:
                record.body[name] = value
        derive.follow(portal, kind, before, record.body, portal.now)
        portal.store.save(record)
        portal.store.note(record, fresh, source)
    hang(
        portal,
        kind,
        record.id,
        {k: v for k, v in ties.items() if k == PARENT},
        {k: v for k, v in ties.items() if k == COMPANY},
    )
    if ties and (now := portal.store.get(kind, record.id)):
        record.body, record.updated = now.body, now.updated
    return bool(fresh or ties)


def hang(portal: Portal, kind: str, record_id: str, parent: Mapping[str, str], company: Mapping[str, str]) -> None:
    """Two properties are links in truth: a company's parent and a contact's first company."""
    links = Links(portal.store)
    for value, number in ((parent.get(PARENT), 14), (company.get(COMPANY), 1)):
        if value is None:
            continue
        if value:
            links.add(number, (kind, record_id), ("companies", str(value)))
        else:
            for other in links.others((kind, record_id), "companies", number):
                links.remove((kind, record_id), ("companies", other), number)
    links.settle()


# --- Archive ----------------------------------------------------------------------------------------------------------
def archive(portal: Portal, record: Record) -> None:
    """For 90 days it can be brought back; its links wait. Records that counted it count anew."""
    portal.store.remove(record)
    recount(portal, record)


def restore(portal: Portal, record: Record) -> None:
    portal.store.restore(record)
    recount(portal, record)


def recount(portal: Portal, record: Record) -> None:
    links = Links(portal.store)
    links.concern(neighbours(portal.store, record.kind, record.id))
    links.settle()
