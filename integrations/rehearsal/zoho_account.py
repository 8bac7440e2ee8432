"""How the shared world looks in a Zoho organisation: users, accounts, contacts, and what the team added of its own."""

from datetime import timedelta

from integrations.zoho.simulator import Account, stored

from . import zoho_activities, zoho_deals
from .activities import activities
from .deals import deals
from .people import EMEA
from .world import BEGINNING, Colleague, Company, Person, World
from .zoho_fields import add_fields, add_views
from .zoho_rows import Row, account_id, contact_id, filled, user_id

_TYPES = {
    "customer": "Customer", "channel customer": "Reseller", "prospect": "Prospect", "former": "Other",
    "partner": "Partner",
}  # fmt: skip
_AMERICAS = ("United States", "Canada")


def fill(account: Account, world: World) -> None:
    store = account.store
    with store.transaction():
        store.load("users", (_user(one) for one in world.colleagues if one.profile))
        add_fields(account)
        store.load("Accounts", (_account(one) for one in world.companies()))
        store.load("Contacts", (_contact(one) for one in world.people()))
        zoho_deals.fill(store, deals(world))
        zoho_activities.fill(store, activities(world))
        add_views(account)


def _user(colleague: Colleague) -> Row:
    body = {
        "first_name": colleague.first, "last_name": colleague.last, "email": colleague.email,
        "status": "active" if colleague.active else "inactive",
        "profile": "Administrator" if colleague.profile == "System Administrator" else "Standard", "role": "CEO",
        "time_zone": "Europe/Paris", "country": "France",
    }  # fmt: skip
    return user_id(colleague.number), body, BEGINNING, BEGINNING


def _account(company: Company) -> Row:
    owner = user_id(company.owner)
    body = filled(
        Account_Name=company.name, Account_Type=_TYPES[company.relation], Website=company.website,
        Parent_Account=account_id(company.parent) if company.parent else None, Owner=owner, Created_By=owner,
        Modified_By=owner, CSM=user_id(company.manager) if company.manager else None, Lifecycle_Stage=company.stage,
        Segment=company.segment, Customer_Number=company.customer_number, Industry=company.industry,
        Billing_City=company.city, Billing_Country=company.country, Phone=company.phone, Onboarding_Notes=company.notes,
        Renewal_Date=company.renewal.isoformat() if company.renewal else None,
        Annual_Spend=float(company.spend) if company.spend is not None else None,
        Is_Strategic=company.strategic or None, Markets=_markets(company), Account_Number="0",
        Last_Health_Check=stored(company.changed) if company.viewed else None, Old_CRM_ID=_old_id(company),
    )  # fmt: skip
    return account_id(company.number), body, company.changed - timedelta(days=200), company.changed


def _markets(company: Company) -> list[str] | None:
    if company.country in EMEA:
        return ["EMEA", "APAC"] if company.number % 9 == 0 else ["EMEA"]
    return ["Americas"] if company.country in _AMERICAS else ["APAC"] if company.country else None


def _old_id(company: Company) -> str | None:
    return f"OLD-{company.number:05d}" if company.number % 4 == 0 else None


def _contact(person: Person) -> Row:
    owner = user_id(person.owner)
    body = filled(
        Account_Name=account_id(person.company) if person.company else None, First_Name=person.first,
        Last_Name=person.last,
        Email=person.email, Title=person.title, Phone=person.phone, Role=person.role,
        Contact_Number=person.contact_number,
        Owner=owner, Created_By=owner, Modified_By=owner,
    )  # fmt: skip
    return contact_id(person.number), body, person.changed - timedelta(days=90), person.changed
