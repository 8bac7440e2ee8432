"""How the shared world looks in a Salesforce org: rows, list views, stages and profiles."""

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any

from integrations.salesforce.simulator import Store, View, add_view, make_id, stamp
from integrations.salesforce.simulator.objects_sales import STAGES

from . import salesforce_activities, salesforce_deals
from .activities import activities
from .deals import deals
from .people import EMEA
from .world import BEGINNING, Colleague, Company, Person, World

Row = dict[str, Any]
_TYPES = {
    "customer": "Customer - Direct", "channel customer": "Customer - Channel", "prospect": "Prospect", "former": "Other",
    "partner": "Channel Partner / Reseller",
}  # fmt: skip
_CUSTOMERS = "Type IN ('Customer - Direct', 'Customer - Channel')"
_EMEA = ", ".join(f"'{country}'" for country in EMEA)
_START = stamp(BEGINNING)
PROFILES = ("System Administrator", "Customer Success", "Standard User", "Marketing User")
_ACCOUNT_COLUMNS = "Name, Phone, toLabel(Type), BillingCountry, Owner.Alias"
_CONTACT_COLUMNS = "Name, Account.Name, Phone, Email, Owner.Alias"
_DEAL_COLUMNS = "Name, Account.Name, Amount, CloseDate, toLabel(StageName), Owner.Alias"
VIEWS = (
    View("Account", "AllAccounts", "All Accounts", columns=_ACCOUNT_COLUMNS),
    View("Account", "Active_customers_CS", "Active customers (CS)", condition=_CUSTOMERS, columns=_ACCOUNT_COLUMNS),
    View(
        "Account", "EMEA_key_accounts", "EMEA key accounts", columns=_ACCOUNT_COLUMNS, ordering="Annual_Spend__c DESC NULLS LAST",
        condition=f"({_CUSTOMERS} AND Is_Strategic__c = true AND BillingCountry IN ({_EMEA}))",
    ),
    View("Account", "Onboarding_2026", "Onboarding 2026", columns=_ACCOUNT_COLUMNS,
         condition="(Lifecycle_Stage__c = 'Onboarding' AND Renewal_Date__c >= 2026-01-01)"),
    View("Account", "MyAccounts", "My Accounts", scope="mine", columns=_ACCOUNT_COLUMNS),
    View("Account", "RecentlyViewedAccounts", "Recently Viewed Accounts", condition="LastViewedDate != null",
         ordering="LastViewedDate DESC NULLS FIRST", columns=_ACCOUNT_COLUMNS),
    View("Account", "Nothing_here", "Nothing here", condition="Type = 'Never used'", columns=_ACCOUNT_COLUMNS),
    View("Contact", "AllContacts", "All Contacts", columns=_CONTACT_COLUMNS),
    View("Contact", "Skalin_Contacts", "Skalin Contacts", condition="Role__c != null", columns=_CONTACT_COLUMNS),
    View("Contact", "MyContacts", "My Contacts", scope="mine", columns=_CONTACT_COLUMNS),
    View("Contact", "To_be_reviewed", "To be reviewed", condition="Department = 'Review'", columns=_CONTACT_COLUMNS),
    View("Opportunity", "AllOpportunities", "All Opportunities", columns=_DEAL_COLUMNS),
    View("Opportunity", "Won_with_a_start", "Won, with a start", condition="IsWon = true AND Contract_Start__c != null",
         columns=_DEAL_COLUMNS),
    View("Opportunity", "MyOpportunities", "My Opportunities", scope="mine", columns=_DEAL_COLUMNS),
    View("Contract", "Activated_contracts", "Activated contracts", condition="Status = 'Activated'",
         ordering="ContractNumber ASC NULLS FIRST",
         columns="ContractNumber, Account.Name, Status, StartDate, EndDate"),
    View("Subscription__c", "All_subscriptions", "All subscriptions", columns="Name, Plan__c, MRR__c"),
    View("Subscription__c", "Without_starters", "Without starters", condition="Plan__c != 'Starter'",
         columns="Name, Plan__c, MRR__c"),
)  # fmt: skip

RECORDED_VIEWS = (
    View("Account", "AllAccounts", "All Accounts", columns="Name, Phone, toLabel(Type), Owner.Alias"),
    View("Account", "Customers", "Customers", condition="Type IN ('Customer - Direct', 'Customer - Channel')"),
    View("Contact", "AllContacts", "All Contacts", columns="Name, Account.Name, Phone, Email"),
)


def fill(store: Store, world: World) -> None:
    with store.transaction():
        store.load("Profile", [_profile(n, name) for n, name in enumerate(PROFILES, 1)])
        store.load("PermissionSet", [_permission_set(n, name) for n, name in enumerate(PROFILES, 1)])
        store.load("User", (_user(c) for c in world.colleagues))
        store.load("OpportunityStage", stages())
        store.load("Account", (_account(c) for c in world.companies()))
        store.load("Contact", (_contact(p) for p in world.people()))
        salesforce_deals.fill(store, deals(world))
        salesforce_activities.fill(store, activities(world))
        for view in VIEWS:
            add_view(store, view)


def _stamps(made: str, changed: str, by: str) -> Row:
    return {
        "CreatedDate": made,
        "CreatedById": by,
        "LastModifiedDate": changed,
        "LastModifiedById": by,
        "SystemModstamp": changed,
    }


def _setup() -> Row:
    return _stamps(_START, _START, user_id(1))


@cache
def user_id(number: int) -> str:
    return make_id("005", number)


def _profile(number: int, name: str) -> Row:
    return {"Id": make_id("00e", number), "Name": name, "UserType": "Standard", **_setup()}


def _permission_set(number: int, name: str) -> Row:
    profile = make_id("00e", number)
    api_name = name.replace(" ", "_")
    return {
        "Id": make_id("0PS", number),
        "Name": api_name,
        "Label": name,
        "IsOwnedByProfile": 1,
        "ProfileId": profile,
        **_setup(),
    }


def _user(colleague: Colleague) -> Row:
    profile = PROFILES.index(colleague.profile) + 1 if colleague.profile else None
    return {
        "Id": user_id(colleague.number), "Username": colleague.email, "Email": colleague.email, "FirstName": colleague.first,
        "LastName": colleague.last, "Name": f"{colleague.first} {colleague.last}", "IsActive": int(colleague.active),
        "Alias": (colleague.first[0] + colleague.last)[:8].lower(), "ProfileId": make_id("00e", profile) if profile else None,
        "UserType": "Standard" if profile else "AutomatedProcess", "TimeZoneSidKey": "Europe/Paris", "LocaleSidKey": "en_GB",
        "LanguageLocaleKey": "en_US", "CompanyName": "Aldervale", **_setup(),
    }  # fmt: skip


def stages() -> Iterator[Row]:
    for order, (name, probability, forecast) in enumerate(STAGES, 1):
        yield {
            "Id": make_id("01J", order), "MasterLabel": name, "ApiName": name, "IsActive": 1, "SortOrder": order,
            "IsClosed": int(name.startswith("Closed")), "IsWon": int(name == "Closed Won"), "ForecastCategory": forecast,
            "ForecastCategoryName": forecast, "DefaultProbability": probability, **_setup(),
        }  # fmt: skip


def account_id(number: int) -> str:
    return make_id("001", number)


def _account(company: Company) -> Row:
    changed = stamp(company.changed)
    return {
        "Id": account_id(company.number), "Name": company.name, "Type": _TYPES[company.relation], "Website": company.website,
        "ParentId": account_id(company.parent) if company.parent else None, "OwnerId": user_id(company.owner),
        "CSM__c": user_id(company.manager) if company.manager else None, "Lifecycle_Stage__c": company.stage,
        "Segment__c": company.segment, "Customer_Number__c": company.customer_number, "Industry": company.industry,
        "BillingCity": company.city, "BillingCountry": company.country, "Phone": company.phone,
        "Onboarding_Notes__c": company.notes, "Renewal_Date__c": company.renewal.isoformat() if company.renewal else None,
        "Annual_Spend__c": float(company.spend) if company.spend is not None else None,
        "Is_Strategic__c": int(company.strategic), "LastViewedDate": changed if company.viewed else None,
        **_stamps(stamp(company.changed - timedelta(days=200)), changed, user_id(company.owner)),
    }  # fmt: skip


def _contact(person: Person) -> Row:
    return {
        "Id": make_id("003", person.number), "AccountId": account_id(person.company) if person.company else None,
        "FirstName": person.first, "LastName": person.last, "Name": " ".join(p for p in (person.first, person.last) if p),
        "Email": person.email, "Title": person.title, "Phone": person.phone, "Role__c": person.role,
        "Contact_Number__c": person.contact_number, "OwnerId": user_id(person.owner),
        **_stamps(stamp(person.changed - timedelta(days=90)), stamp(person.changed), user_id(person.owner)),
    }  # fmt: skip
