"""The portal on the eve of a move: companies, contacts and deals came out of the old CRM, with its ids; no conversation did."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from integrations.hubspot.simulator import Portal, writes
from integrations.hubspot.simulator.errors import ApiError
from integrations.hubspot.simulator.kinds import kind_of

from . import planted
from .awkward import CHANGED
from .hubspot_account import load
from .hubspot_ids import record_id
from .hubspot_properties import PROPERTIES
from .planted import IS_TO_SYNCHRONIZE, PIPEDRIVE_ID, SALESFORCE_ID, SHIFT
from .world import Company, Person, World

PORTAL_ID = 147_000_654
_VERSION = "v3"
_PROPERTIES = {
    **PROPERTIES,
    # Another portal's own place for such ids; here a step of the move may make one.
    "companies": [*(one for one in PROPERTIES["companies"] if one["name"] != "old_crm_id"), *planted.PROPERTIES],
}


class Moved(World):
    """The same companies and people under other numbers, and who stands in HubSpot alone."""

    def companies(self) -> Iterator[Company]:
        for one in super().companies():
            parent = SHIFT + one.parent if one.parent else None
            website = planted.DOMAIN if one.number in planted.GENERIC_DOMAIN else one.website
            yield replace(one, number=SHIFT + one.number, parent=parent, website=website)
            if one.number == planted.TWIN:
                yield Company(
                    SHIFT + planted.TWIN_RECORD, one.name, one.relation, one.website, owner=one.owner, changed=CHANGED
                )
        if self.accounts is None or self.accounts >= planted.LEAST:
            for number, name in planted.ONLY_IN_HUBSPOT.items():
                yield Company(SHIFT + number, name, "customer", planted.domain(name), changed=CHANGED)

    def people(self) -> Iterator[Person]:
        for one in super().people():
            yield replace(one, number=SHIFT + one.number, company=SHIFT + one.company if one.company else None)


def fill(portal: Portal, world: Moved) -> None:
    with portal.store.transaction():
        portal.store.set_state("portal_id", PORTAL_ID)
        load(portal, world, _PROPERTIES, _held)


def _held(one: Company) -> dict[str, Any]:
    number = one.number - SHIFT
    body: dict[str, Any] = dict(planted.held_ids(number))
    if one.relation in planted.WANTED or planted.is_too_wide(one.relation, number):
        body["lifecyclestage"] = planted.WRONG_STAGE.get(number, "customer")
    if one.relation in planted.WANTED and number not in planted.ONLY_IN_HUBSPOT:
        body[IS_TO_SYNCHRONIZE] = "true"
    if number in planted.BLANK:
        body |= dict.fromkeys(planted.BLANKED)
    return body


def import_ids(portal: Portal, world: Moved, which: str, names: list[str]) -> None:
    """As a person's import does it: into properties such as `companies.old_crm_id`; a line that is refused is left out."""
    kind = kind_of("companies")
    found = {record_id(one.number): planted.held_ids(one.number - SHIFT).get(which) for one in world.companies()}
    records = portal.store.many(kind.name, found)
    for name in names:
        refused, done = None, 0
        for number, record in records.items():
            given = {name.rpartition(".")[2]: found[number]}
            try:
                kept = writes.checked(portal, kind, given, record.body)
                writes.update(portal, kind, record, kept, version=_VERSION)
                done += bool(kept)
            except ApiError as error:
                refused = error
        if refused and not done:
            raise refused


IMPORTS = {"import_salesforce_ids": SALESFORCE_ID, "import_pipedrive_ids": PIPEDRIVE_ID}
"""Control → which of the two."""
