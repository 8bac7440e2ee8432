"""How the shared world looks in a HubSpot portal: companies, contacts, owners and the properties its people made."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from integrations.hubspot.simulator import Portal, load_links
from integrations.hubspot.simulator.control import control_of
from integrations.hubspot.simulator.derive import begin, follow
from integrations.hubspot.simulator.moments import told

from . import hubspot_activities, hubspot_deals
from .activities import activities
from .deals import deals
from .hubspot_ids import owner_id, record_id
from .hubspot_properties import FORMER, LISTS, PROPERTIES, Definition, lifecycle
from .world import BEGINNING, Colleague, Company, Person, World

Body = dict[str, Any]
_STAGES = {
    "customer": "customer", "channel customer": "evangelist", "prospect": "opportunity", "former": FORMER,
    "partner": "other",
}  # fmt: skip
_TYPES = {"prospect": "PROSPECT", "partner": "PARTNER", "channel customer": "RESELLER"}
_INDUSTRIES = {
    "Transportation": "TRANSPORTATION_TRUCKING_RAILROAD", "Food & Beverage": "FOOD_BEVERAGES", "Machinery": "MACHINERY",
    "Healthcare": "HOSPITAL_HEALTH_CARE", "Energy": "OIL_ENERGY", "Apparel": "APPAREL_FASHION",
    "Technology": "COMPUTER_SOFTWARE",
    "Consulting": "MANAGEMENT_CONSULTING", "Insurance": "INSURANCE", "Media": "MEDIA_PRODUCTION",
    "Shipping": "MARITIME",
    "Entertainment": "ENTERTAINMENT",
}  # fmt: skip
_ROLES = {
    "Ambassador": "CHAMPION", "Sponsor": "EXECUTIVE_SPONSOR", "Key user": "INFLUENCER;END_USER", "End user": "END_USER",
    # A role that the list of buying roles does not know: people wrote it before the list was tidied.
    "Retired role": "GATEKEEPER",
}  # fmt: skip
SOURCE = {"hs_object_source": "CRM_UI", "hs_object_source_label": "CRM_UI"}


def fill(portal: Portal, world: World) -> None:
    with portal.store.transaction():
        people = load(portal, world)
        hubspot_activities.fill(portal, activities(world), {one.number for one in people})


def load(
    portal: Portal, world: World, properties: Mapping[str, Sequence[Definition]] = PROPERTIES,
    more: Callable[[Company], Body] = lambda _company: {},
) -> list[Person]:  # fmt: skip
    """Everything but what was talked about. `more`: what a company holds beside, or in place of, the usual."""
    store = portal.store
    _settings(portal, properties)
    store.load("owners", ((owner_id(one.number), _owner(one), BEGINNING, BEGINNING) for one in world.colleagues))
    for one in world.colleagues:
        if not one.active:
            store.execute("UPDATE _record SET gone = updated WHERE kind = 'owners' AND id = ?", (owner_id(one.number),))
    people = list(_reachable(world))
    _load_companies(portal, world, people, more)
    _load_contacts(portal, people)
    hubspot_deals.fill(portal, deals(world))
    for given in LISTS:
        control_of(portal).apply({"add_list": given})
    return people


def _settings(portal: Portal, properties: Mapping[str, Sequence[Definition]]) -> None:
    portal.store.set_state("rates", {"GBP": "1.17", "USD": "0.92"})
    portal.store.index("contacts", "$.email")
    for kind, definitions in properties.items():
        with portal.schema.changing(kind) as kept:
            kept.own |= {one["name"]: one for one in definitions}
            kept.groups["aldervale"] = "Aldervale"
            if kind in {"companies", "contacts"}:
                kept.own["lifecyclestage"] = lifecycle(kind)
        for one in definitions:
            if one["hasUniqueValue"]:
                portal.store.index(kind, f"$.{one['name']}")
    control_of(portal).apply({
        "set_pipelines": {"deals": hubspot_deals.PIPELINES},
        "add_label": {"from": "contacts", "to": "companies", "label": "Billing contact"},
    })  # fmt: skip


def _owner(one: Colleague) -> Body:
    # A user's number is another than the owner's.
    return {"email": one.email, "firstName": one.first, "lastName": one.last, "userId": 60_000_000 + one.number,
            "type": "PERSON" if one.profile else "QUEUE", "teams": _team(one)}  # fmt: skip


def _team(one: Colleague) -> list[Body]:
    return [{"id": "178588", "name": one.profile, "primary": True}] if one.profile == "Customer Success" else []


def _reachable(world: World) -> Iterator[Person]:
    """An address stands in one contact only: whoever shares one is not there a second time."""
    seen: set[str] = set()
    for one in world.people():
        address = (one.email or "").lower()
        if address and address in seen:
            continue
        seen.add(address)
        yield one


# --- Companies --------------------------------------------------------------------------------------------------------
def _load_companies(portal: Portal, world: World, people: list[Person], more: Callable[[Company], Body]) -> None:
    companies = list(world.companies())
    contacts = Counter(one.company for one in people)
    # A company is no parent of itself, and no loop is kept: HubSpot refuses the last link of it.
    parents = _parents(companies)
    children = Counter(parents.values())
    portal.store.load("companies", (
        (record_id(one.number),
         _company(portal, one, parents.get(one.number), contacts[one.number], children[one.number], more(one)),
         one.changed - timedelta(days=200), one.changed)
        for one in companies
    ))  # fmt: skip
    load_links(portal.store, (
        (14, ("companies", record_id(child)), ("companies", record_id(parent))) for child, parent in parents.items()
    ))  # fmt: skip


def _parents(companies: list[Company]) -> dict[int, int]:
    kept: dict[int, int] = {}
    for one in companies:
        above, steps = one.parent, 0
        while above is not None and above != one.number and steps < len(companies):
            above, steps = kept.get(above), steps + 1
        if one.parent is not None and above is None:
            kept[one.number] = one.parent
    return kept


def _company(portal: Portal, one: Company, parent: int | None, contacts: int, children: int, more: Body) -> Body:
    made = told(one.changed - timedelta(days=200))
    body: Body = {
        "name": one.name, "website": one.website, "domain": _domain(one.website), "phone": one.phone, "city": one.city,
        "country": one.country, "industry": _INDUSTRIES.get(one.industry or ""), "type": _TYPES.get(one.relation),
        "lifecyclestage": _STAGES[one.relation], "hubspot_owner_id": owner_id(one.owner),
        "csm": owner_id(one.manager) if one.manager else None, "customer_stage": one.stage,
        "customer_profile": one.segment,
        "customer_number": one.customer_number, "onboarding_notes": one.notes,
        "is_strategic": "true" if one.strategic else "false",
        "renewal_date": one.renewal.isoformat() if one.renewal else None,
        "annual_spend": None if one.spend is None else format(one.spend, "f"),
        "products": ";".join(("academy", "support")[: one.number % 3]) or None,
        "hs_csm_sentiment": ("healthy", "neutral", "at_risk", None)[one.number % 4] if one.stage else None,
        "num_associated_contacts": str(contacts), "hs_num_child_companies": str(children),
        "hs_parent_company_id": record_id(parent) if parent else None,
    }  # fmt: skip
    return _settled(portal, "companies", body | more, record_id(one.number), made)


def _settled(portal: Portal, kind: str, body: Body, number: str, made: str) -> Body:
    body = {name: value for name, value in body.items() if value not in (None, "")} | SOURCE
    begin(portal, kind, body, number)
    follow(portal, kind, {}, body, made)
    return body


def _domain(website: str | None) -> str | None:
    """As HubSpot takes it out of a web address: the host, without `www`, in lower case."""
    if not website or "." not in website:
        return None
    host = website.split("://")[-1].split("/")[0].split(":")[0].split("?")[0].lower()
    return host.removeprefix("www.").rstrip(".") or None


# --- Contacts ---------------------------------------------------------------------------------------------------------
def _load_contacts(portal: Portal, people: list[Person]) -> None:
    portal.store.load("contacts", (
        (record_id(one.number), _contact(portal, one), one.changed - timedelta(days=90), one.changed) for one in people
    ))  # fmt: skip
    load_links(portal.store, (
        (number, ("contacts", record_id(one.number)), ("companies", record_id(one.company)))
        for one in people if one.company for number in (1, 279)
    ))  # fmt: skip


def _contact(portal: Portal, one: Person) -> Body:
    body: Body = {
        "email": one.email.lower() if one.email else None, "firstname": one.first, "lastname": one.last,
        "jobtitle": one.title,
        "phone": one.phone, "hs_buying_role": _ROLES.get(one.role or ""), "contact_number": one.contact_number,
        "hubspot_owner_id": owner_id(one.owner), "associatedcompanyid": record_id(one.company) if one.company else None,
        "lifecyclestage": "customer" if one.company else "lead",
    }  # fmt: skip
    return _settled(portal, "contacts", body, record_id(one.number), told(one.changed - timedelta(days=90)))
