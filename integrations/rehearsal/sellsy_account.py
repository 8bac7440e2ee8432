"""How the shared world looks in a Sellsy account: clients and prospects, their people, addresses, links and tags."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from integrations.sellsy.simulator import Store

from . import sellsy_activities, sellsy_deals
from .activities import activities
from .deals import deals
from .sellsy_setup import MODULES, set_up
from .sellsy_words import COUNTRIES, Body, Fields, amount
from .world import BEGINNING, Company, Person, World

Row = tuple[int, Body, datetime, datetime]
# Client means customer. Who left is still a client, put away in the archive.
TYPES = {
    "customer": "client", "channel customer": "client", "former": "client", "prospect": "prospect", "partner": "supplier",
}  # fmt: skip
MOST_NAME, MOST_NOTE = 250, 20_000
TAGS = ("Stratégique", "À relancer")
STREETS = ("rue des Tanneurs", "avenue du Port", "quai Nord")


def fill(store: Store, world: World) -> None:
    with store.transaction():
        fields = set_up(store, world)
        store.load("company", (_company(one, fields) for one in world.companies()))
        store.load("address", (_address(one) for one in world.companies() if one.city))
        store.load("contact", (_contact(one, fields) for one in world.people()))
        store.load_links(
            (("company", str(one.company)), ("contact", str(one.number)), "") for one in world.people() if one.company
        )
        _name_mains(store)
        _tag(store, world.companies())
        sellsy_deals.fill(store, deals(world), fields)
        sellsy_activities.fill(store, activities(world))


def _company(one: Company, fields: Fields) -> Row:
    modules = [
        number
        for n, label in enumerate(MODULES)
        if one.number % (n + 2) == 0 and (number := fields.choice("modules", label))
    ]
    body: Body = {
        "name": one.name[:MOST_NAME], "type": TYPES[one.relation], "is_archived": one.relation == "former",
        "website": one.website, "phone_number": one.phone, "email": None, "note": "", "owner_id": one.owner,
        "reference": one.customer_number, "invoicing_address_id": one.number if one.city else None,
        "marketing_campaigns_subscriptions": [],
        "cf": fields.values(
            lifecycle_stage=fields.choice("lifecycle-stage", one.stage), segment=fields.choice("segment", one.segment),
            csm=[one.manager] if one.manager else None, renewal_date=one.renewal.isoformat() if one.renewal else None,
            annual_spend=amount(one.spend), strategic=one.strategic, industry=one.industry, modules=modules or None,
            # There is no parent in this API: accounts make do with a field.
            parent_company=[{"type": "company", "id": one.parent}] if one.parent else None,
            onboarding_notes=one.notes[:MOST_NOTE] if one.notes else None,
            seats=str(one.number % 90 + 5) if TYPES[one.relation] == "client" else None,
        ),
    }  # fmt: skip
    return one.number, body, one.changed - timedelta(days=200), one.changed


def _address(one: Company) -> Row:
    code = COUNTRIES[one.country or "France"]
    body: Body = {
        "parent": f"company:{one.number}", "name": "Siège", "postal_code": f"{10_000 + one.number % 80_000}",
        "address_line_1": f"{one.number % 180 + 1} {STREETS[one.number % len(STREETS)]}", "address_line_2": None,
        "city": one.city, "country_code": code, "country": one.country,
    }  # fmt: skip
    return one.number, body, one.changed, one.changed


def _contact(one: Person, fields: Fields) -> Row:
    body: Body = {
        "civility": None, "first_name": one.first, "last_name": one.last, "email": one.email, "position": one.title,
        "phone_number": None, "mobile_number": one.phone, "note": "", "is_archived": False, "owner_id": one.owner,
        "marketing_campaigns_subscriptions": ["email"] if one.number % 3 == 0 else [],
        "cf": fields.values(
            role=fields.choice("role", one.role), contact_number=one.contact_number,
            best_time=f"{one.number % 9 + 8:02d}:30" if one.number % 5 == 0 else None,
        ),
    }  # fmt: skip
    return one.number, body, one.changed - timedelta(days=90), one.changed


def _name_mains(store: Store) -> None:
    """The first contact of a company is its main one. One statement: there may be many thousands."""
    store.execute("""UPDATE _record SET body = json_set(body, '$.main_contact_id', f.contact) FROM (
        SELECT from_id AS company, min(CAST(to_id AS INTEGER)) AS contact FROM _link
        WHERE from_kind = 'company' AND to_kind = 'contact' GROUP BY from_id
    ) AS f WHERE kind = 'company' AND id = f.company""")


def _tag(store: Store, companies: Iterable[Company]) -> None:
    store.load("smart-tag", ((n, {"value": tag}, BEGINNING, BEGINNING) for n, tag in enumerate(TAGS, 1)))
    store.load_links(_tagged(companies))


def _tagged(companies: Iterable[Company]) -> Iterator[tuple[tuple[str, str], tuple[str, str], str]]:
    for one in companies:
        for number, holds in enumerate((one.strategic, one.number % 40 == 0), 1):
            if holds:
                yield ("company", str(one.number)), ("smart-tag", str(number)), ""
