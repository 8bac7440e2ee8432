"""The fields, the module and the views that the made-up team added to its Zoho: of every kind that a sync meets."""

from dataclasses import replace

from integrations.zoho.simulator import Account, Field, add_view, criterion, lookup, options, picklist
from integrations.zoho.simulator.field import Option, shared

from .people import EMEA

_LIFECYCLE = (
    # Once renamed: the stored value stayed what it was, the label did not.
    Option("Onboarding", "Getting started"), Option("Adoption"), Option("Growth"), Option("Renewal"),
    Option("At risk", "At risk (red)"), Option("Paused"), Option("Former customer"), Option("Legacy (do not use)"),
)  # fmt: skip
SUBSCRIPTIONS = "Subscriptions"


def _own(field: Field) -> Field:
    return replace(field, custom=True, made="2022-02-01T10:00:00+01:00")


ACCOUNT_FIELDS = (
    Field("Lifecycle_Stage", "Lifecycle Stage", "picklist", options=_LIFECYCLE),
    picklist("Segment", "Segment", "Strategic", "Enterprise", "Mid-market", "Small business"),
    Field("Customer_Number", "Customer Number", size=40), Field("External_Key", "External Key", size=80, unique=True),
    Field("Old_CRM_ID", "Old CRM ID", size=60, external="org"),
    Field("CSM", "Customer Success Manager", "userlookup", to="users"), Field("Renewal_Date", "Renewal Date", "date"),
    Field("Annual_Spend", "Annual Spend", "currency", decimals=2), Field("Is_Strategic", "Is Strategic", "boolean"),
    Field("Onboarding_Notes", "Onboarding Notes", "textarea", 50_000, textarea="rich_text", filterable=False),
    Field("Markets", "Markets", "multiselectpicklist", options=options("EMEA", "Americas", "APAC=Asia-Pacific")),
    Field("Last_Health_Check", "Last Health Check", "datetime"),
    Field("Adoption_Rate", "Adoption Rate", "percent", decimals=2),
    Field("Seats", "Seats", "integer", 9),
    Field("Monthly_Spend", "Monthly Spend", "formula", of="Annual_Spend", times=1 / 12, writable=False, computed=True,
    decimals=2), lookup("Billed_To", "Billed To", "Accounts"),
)  # fmt: skip
CONTACT_FIELDS = (
    picklist("Role", "Role", "Ambassador", "Sponsor", "Key user", "End user"),
    Field("Contact_Number", "Contact Number", size=40),
    Field("Topics", "Topics", "multiselectpicklist", options=options("Product", "Events", "Billing")),
)  # fmt: skip
DEAL_FIELDS = (
    picklist("Plan", "Plan", "Starter", "Team", "Business", "Enterprise"),
    Field("Contract_Start", "Contract Start", "date"),
    Field("Term_Months", "Term (months)", "integer", 3), Field("Notice_Date", "Notice Date", "date"),
    Field("Setup_Fee", "Setup Fee", "currency", decimals=2), Field("Contract_Ref", "Contract Ref", size=60),
    picklist("Renewal_Terms", "Renewal Terms", "Renews by itself", "Ends at its term", "To be negotiated"),
)  # fmt: skip
_SUBSCRIPTION_FIELDS = (
    Field("Name", "Subscription Name", size=120, mandatory=True), lookup("Customer", "Customer", "Accounts"),
    picklist("Plan", "Plan", "Starter", "Team", "Business", "Enterprise"),
    Field("MRR", "MRR", "currency", decimals=2), Field("Setup_Fee", "Setup Fee", "currency", decimals=2),
    picklist("Currency", "Currency", "EUR", "GBP", "USD"), Field("Starts", "Starts", "date"),
    Field("Ends", "Ends", "date"),
    Field("Notice_Months", "Notice (months)", "integer", 2), Field("Renews_Itself", "Renews Itself", "boolean"),
)  # fmt: skip


def add_fields(account: Account) -> None:
    for module, fields in (("Accounts", ACCOUNT_FIELDS), ("Contacts", CONTACT_FIELDS), ("Deals", DEAL_FIELDS)):
        for field in fields:
            account.schema.add_field(module, _own(field))
    own = [_own(field) for field in _SUBSCRIPTION_FIELDS]
    account.schema.add_module(SUBSCRIPTIONS, "Subscription", SUBSCRIPTIONS, (*shared("Subscription"), *own))


def add_views(account: Account) -> None:
    customers = criterion("Account_Type", "in", ["Customer", "Reseller"])
    emea = criterion("Billing_Country", "in", list(EMEA))
    strategic = criterion("Is_Strategic", "equal", True)
    key_accounts = {
        "group_operator": "and",
        "group": [customers, {"group_operator": "and", "group": [strategic, emea]}],
    }
    onboarding = {"group_operator": "and", "group": [
        criterion("Lifecycle_Stage", "equal", "Onboarding"), criterion("Renewal_Date", "greater_equal", "2026-01-01"),
    ]}  # fmt: skip
    shown = ("Account_Name", "Account_Type", "Owner", "Phone")
    add_view(account, "Accounts", "Active customers (CS)", customers, shown)
    add_view(account, "Accounts", "EMEA key accounts", key_accounts, shown)
    add_view(account, "Accounts", "Onboarding 2026", onboarding, shown)
    add_view(account, "Accounts", "Nothing here", criterion("Account_Type", "equal", "Never used"), shown)
    add_view(account, "Contacts", "Skalin Contacts", criterion("Role", "not_equal", "${EMPTY}"), ("Full_Name", "Email"))
    won = {"group_operator": "and", "group": [
        criterion("Stage", "equal", "Closed Won"), criterion("Contract_Start", "not_equal", "${EMPTY}"),
    ]}  # fmt: skip
    add_view(account, "Deals", "Won, with a start", won, ("Deal_Name", "Amount", "Stage"))
