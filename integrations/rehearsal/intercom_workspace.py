"""How the shared world looks in an Intercom workspace: companies and people that carry the ids of the CRM, and some that do not."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from integrations.intercom.simulator import Workspace
from integrations.salesforce.simulator import make_id

from . import intercom_conversations
from .activities import activities
from .intercom_conversations import STRAYS
from .intercom_ids import admin_id, company_id, contact_id, stray_id
from .salesforce_org import account_id
from .world import BEGINNING, Company, Person, World

Row = tuple[str, dict[str, Any], Any, Any]
MADE_BY_HAND = 9
"""Every so-manieth company was made by somebody in Intercom, with a word of its own for an id."""
WITHOUT_ID = 5
"""Every so-manieth person has no id: a lead, or somebody whom the website alone knows."""
DESERTED = 11
"""Every so-manieth company has nobody, and so is in no list."""


@dataclass(frozen=True, slots=True)
class Ids:
    """Whose ids companies and people carry, by their numbers in the world."""

    company: Callable[[int], str]
    person: Callable[[int], str]


SALESFORCE = Ids(account_id, lambda number: make_id("003", number))
PIPEDRIVE = Ids(str, str)


def fill(space: Workspace, world: World, ids: Ids = SALESFORCE) -> None:
    book, lifelike = space.book, world.accounts is None
    with book.transaction():
        book.load("admin", (_admin(one) for one in world.colleagues if one.active and one.profile))
        book.load("attribute", _attributes())
        book.load("company", (_company(one, ids, lifelike=lifelike) for one in world.companies()))
        book.load("contact", (_contact(one, ids, lifelike=lifelike) for one in world.people()))
        book.load_links(_links(world.people(), lifelike=lifelike))
        if lifelike:
            book.load("contact", _strays())
            intercom_conversations.fill(space, activities(world), world)
            intercom_conversations.fill_notes(space, world.people())


def _admin(one: Any) -> Row:
    body = {"name": f"{one.first} {one.last}", "email": one.email, "job_title": one.profile}
    return admin_id(one.number), body, BEGINNING, BEGINNING


def _attributes() -> Iterator[Row]:
    """What the team keeps of its own; nothing yet for the ids of another CRM."""
    shared = {"custom": True, "archived": False, "api_writable": True, "ui_writable": True}
    for number, (model, name, type_) in enumerate(
        (("company", "segment", "string"), ("company", "Strategic", "boolean"), ("contact", "job_title", "string")), 1
    ):
        body = {"model": model, "name": name, "label": name, "data_type": type_, **shared}
        yield str(9_400_000 + number), body, BEGINNING, BEGINNING


def _company(one: Company, ids: Ids, *, lifelike: bool) -> Row:
    by_hand = lifelike and one.number % MADE_BY_HAND == 0
    custom: dict[str, Any] = {"segment": one.segment, "Strategic": one.strategic or None}
    body: dict[str, Any] = {
        "company_id": f"web-{one.number}" if by_hand else ids.company(one.number), "name": one.name,
        "website": one.website, "industry": one.industry, "size": one.number % 90 + 5,
        "plan": "Pro" if one.strategic else None, "monthly_spend": int(one.spend or 0) // 12,
        "last_request_at": int(one.changed.timestamp()),
        "custom_attributes": {name: value for name, value in custom.items() if value is not None},
    }  # fmt: skip
    return company_id(one.number), body, one.changed - timedelta(days=200), one.changed


def _contact(one: Person, ids: Ids, *, lifelike: bool) -> Row:
    unknown = lifelike and one.number % WITHOUT_ID == 0
    name = " ".join(part for part in (one.first, one.last) if part)
    body: dict[str, Any] = {
        "external_id": None if unknown else ids.person(one.number), "role": "lead" if unknown else "user",
        "name": name or None, "email": one.email, "phone": one.phone,
        "custom_attributes": {"job_title": one.title} if one.title else {},
    }  # fmt: skip
    return contact_id(one.number), body, one.changed - timedelta(days=90), one.changed


def _links(people: Iterable[Person], *, lifelike: bool) -> Iterator[tuple[tuple[str, str], tuple[str, str], str]]:
    for one in people:
        if one.company and not (lifelike and one.company % DESERTED == 0):
            yield ("contact", contact_id(one.number)), ("company", company_id(one.company)), ""


def _strays() -> Iterator[Row]:
    """Visitors of the website who left an address: nobody knows their company."""
    for number, name in enumerate(STRAYS, 1):
        email = f"{name.split()[0].lower()}@visitor{number}.example"
        body: dict[str, Any] = {
            "external_id": None,
            "role": "lead",
            "name": name,
            "email": email,
            "custom_attributes": {},
        }
        yield stray_id(number), body, BEGINNING, BEGINNING + timedelta(days=900 + number)
