"""How the shared world looks in a Pipedrive account: users, organizations, persons, and who belongs to whom."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from integrations.pipedrive.simulator import PipedriveBook, furnish
from integrations.pipedrive.simulator.fields import ADDRESS_PARTS
from integrations.pipedrive.simulator.relationships import KIND as RELATIONSHIP
from integrations.pipedrive.simulator.system_fields import INDUSTRIES
from integrations.pipedrive.simulator.text_of import clean_lines, split_name

from . import pipedrive_activities, pipedrive_deals, pipedrive_filters
from .pipedrive_fields import MODULES, RELATIONS, CustomFields, make_fields
from .pipedrive_users import user_id, users
from .world import BEGINNING, Company, Person, World

Row = dict[str, Any]
PRIVATE_EVERY = 60
UNSTAMPED_EVERY = 90
"""So many companies of the lifelike world came with an old import: their update_time is null."""


def fill(book: PipedriveBook, world: World) -> None:
    with book.transaction():
        furnish(book, BEGINNING)
        fields = make_fields(book, BEGINNING)
        book.load("user", users(world))
        industries = {
            o["label"]: o["id"] for f in book.fields("organization") if f.key == "industry" for o in f.options
        }
        makes = _Maker(fields, industries)
        book.load("organization", makes.organizations(world))
        book.load("person", makes.persons(world))
        book.load(RELATIONSHIP, _relationships(world))
        pipedrive_deals.fill(book, fields, world)
        pipedrive_activities.fill(book, world)
        pipedrive_filters.fill(book, fields)
        if world.accounts is None:
            sql = "UPDATE _record SET updated = '' WHERE kind = 'organization' AND CAST(id AS INTEGER) % ? = 0"
            book.execute(sql, (UNSTAMPED_EVERY,))


class _Maker:
    def __init__(self, fields: CustomFields, industries: dict[str, int]) -> None:
        self._fields, self._industries = fields, industries

    def organizations(self, world: World) -> Iterator[tuple[int, Row, Any, Any]]:
        for company in world.companies():
            made = company.changed - timedelta(days=200)
            yield company.number, self._organization(company), made, company.changed

    def persons(self, world: World) -> Iterator[tuple[int, Row, Any, Any]]:
        for person in world.people():
            yield person.number, self._person(person), person.changed - timedelta(days=90), person.changed

    def _organization(self, company: Company) -> Row:
        return {
            "name": company.name, "owner_id": user_id(company.owner),
            "visible_to": 1 if company.number % PRIVATE_EVERY == 0 else 3,
            "label_ids": [], "website": company.website, "linkedin": None,
            "industry": self._industries.get(company.industry or "") if company.industry in INDUSTRIES else None,
            "annual_revenue": None, "employee_count": None, "address": _address(company),
            "custom_fields": self._of_organization(company),
        }  # fmt: skip

    def _of_organization(self, company: Company) -> Row:
        key, option = self._fields.key, self._fields.option
        modules = [m for n, m in enumerate(MODULES) if company.stage and (company.number + n) % 3 == 0]
        values = {
            "Customer number": company.customer_number,
            "Relation": option("organization", "Relation", RELATIONS[company.relation]),
            "Lifecycle stage": option("organization", "Lifecycle stage", company.stage),
            "Segment": option("organization", "Segment", company.segment),
            "Customer success manager": user_id(company.manager) if company.manager else None,
            "Renewal date": company.renewal.isoformat() if company.renewal else None,
            "Annual spend": {"value": float(company.spend), "currency": "EUR"} if company.spend is not None else None,
            "Strategic": option("organization", "Strategic", "Yes" if company.strategic else "No"),
            "Modules": [option("organization", "Modules", m) for m in modules] or None,
            "Onboarding notes": company.notes, "Parent company": company.parent, "Switchboard": company.phone,
        }  # fmt: skip
        return {key("organization", name): value for name, value in values.items() if value is not None}

    def _person(self, person: Person) -> Row:
        name = " ".join(part for part in (person.first, person.last) if part)
        first, last = split_name(name)
        key = self._fields.key
        values = {
            "Role": self._fields.option("person", "Role", person.role), "Contact number": person.contact_number,
            "Job title": person.title,
        }  # fmt: skip
        return {
            "name": name, "first_name": first, "last_name": last, "owner_id": user_id(person.owner), "visible_to": 3,
            "label_ids": [], "org_id": person.company,
            "emails": clean_lines([{"value": person.email}]) if person.email else [],
            "phones": clean_lines([{"value": person.phone, "label": "mobile"}]) if person.phone else [],
            "custom_fields": {key("person", label): value for label, value in values.items() if value is not None},
        }  # fmt: skip


def _address(company: Company) -> Row | None:
    if not company.city:
        return None
    text = f"{company.city}, {company.country}"
    parts = dict.fromkeys(ADDRESS_PARTS)
    return {"value": text, **parts, "locality": company.city, "country": company.country, "formatted_address": text}


def _relationships(world: World) -> Iterator[tuple[int, Row, Any, Any]]:
    for company in world.companies():
        if company.parent:
            body = {"type": "parent", "rel_owner_org_id": company.parent, "rel_linked_org_id": company.number}
            yield company.number, body, company.changed, company.changed
