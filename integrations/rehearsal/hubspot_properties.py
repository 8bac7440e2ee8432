"""What the people of the made-up team added to their portal: properties of every kind, and some segments."""

from typing import Any

from integrations.hubspot.simulator.catalogue import STANDARD

from .people import EMEA

Definition = dict[str, Any]
_MADE = "2022-01-10T08:00:00Z"
FORMER = "94862137"
"""The stage of former customers."""
_STAGES = ("Onboarding", "Adoption", "Growth", "Renewal", "At risk", "Paused", "Former customer")
_SEGMENTS = ("Strategic", "Enterprise", "Mid-market", "Small business")


def own(
    name: str, label: str, kind: str, field: str, *, unique: bool = False, owner: bool = False, **more: Any
) -> Definition:
    return {
        "updatedAt": _MADE, "createdAt": _MADE, "name": name, "label": label, "type": kind, "fieldType": field,
        "description": "",
        "groupName": "aldervale", "options": more.pop("options", []),
        **({"referencedObjectType": "OWNER"} if owner else {}),
        "createdUserId": "60000001", "updatedUserId": "60000001", "displayOrder": -1, "calculated": False,
        "externalOptions": owner,
        "archived": False, "hasUniqueValue": unique, "hidden": False,
        "modificationMetadata": {"archivable": True, "readOnlyDefinition": False, "readOnlyValue": False},
        "formField": False,
        "dataSensitivity": "non_sensitive", **more,
    }  # fmt: skip


def options(*pairs: tuple[str, str]) -> list[Definition]:
    return [
        {"label": label, "value": value, "description": "", "displayOrder": place, "hidden": False}
        for place, (value, label) in enumerate(pairs)
    ]


def lifecycle(kind: str) -> Definition:
    """HubSpot's stages and one of the team's own: such a one has a number for its value."""
    told = STANDARD[kind]["lifecyclestage"].definition()
    former = {"label": "Former customer", "value": FORMER, "displayOrder": len(told["options"]), "hidden": False}
    return {**told, "options": [*told["options"], former]}


PROPERTIES: dict[str, list[Definition]] = {
    "companies": [
        own("csm", "Customer success manager", "enumeration", "select", owner=True),
        # The values are the labels, one of them is gone from the list that old records still have.
        own("customer_stage", "Customer stage", "enumeration", "select", options=options(*((s, s) for s in _STAGES))),
        own("customer_profile", "Customer profile", "enumeration", "radio",
             options=options(*((s, s) for s in _SEGMENTS))),
        # Not unique, as nobody ticked it: twins share a number.
        own("customer_number", "Customer number", "string", "text"),
        own("old_crm_id", "Old CRM ID", "string", "text", unique=True),
        own("onboarding_notes", "Onboarding notes", "string", "textarea"),
        own("is_strategic", "Strategic account", "bool", "booleancheckbox",
             options=options(("true", "Yes"), ("false", "No"))),
        own("renewal_date", "Renewal date", "date", "date"),
        own("annual_spend", "Annual spend", "number", "number", showCurrencySymbol=True),
        own("products", "Products", "enumeration", "checkbox",
             options=options(("academy", "Academy"), ("support", "Premium support"), ("api", "API access"))),
    ],
    "contacts": [
        own("contact_number", "Contact number", "string", "text", unique=True),
        own("speaks", "Speaks", "enumeration", "checkbox",
             options=options(("fr", "French"), ("en", "English"), ("de", "German"))),
    ],
    "deals": [
        own("plan", "Plan", "enumeration", "select", options=options(
            ("starter", "Starter"), ("team", "Team"), ("business", "Business"), ("enterprise", "Enterprise"))),
        own("contract_start", "Contract start", "date", "date"), own("contract_end", "Contract end", "date", "date"),
        own("term_months", "Term in months", "number", "number"), own("notice_date", "Notice date", "date", "date"),
        own("monthly_fee", "Monthly fee", "number", "number", showCurrencySymbol=True),
        own("setup_fee", "Set-up fee", "number", "number", showCurrencySymbol=True),
        own("renewal_terms", "Renewal terms", "enumeration", "radio", options=options(
            ("renews", "Renews by itself"), ("ends", "Ends at its term"), ("negotiated", "To be negotiated"))),
    ],
}  # fmt: skip
_CUSTOMERS = {"propertyName": "lifecyclestage", "operator": "IN", "values": ["customer", "evangelist"]}
LISTS: tuple[dict[str, Any], ...] = (
    {"listId": "11", "name": "Active customers (CS)", "objectTypeId": "0-2",
     "filterGroups": [{"filters": [_CUSTOMERS]}]},
    {"listId": "12", "name": "EMEA key accounts", "objectTypeId": "0-2", "filterGroups": [{"filters": [
        _CUSTOMERS, {"propertyName": "is_strategic", "operator": "EQ", "value": "true"},
        {"propertyName": "country", "operator": "IN", "values": [one.lower() for one in EMEA]}]}]},
    {"listId": "13", "name": "Onboarding", "objectTypeId": "0-2", "filterGroups": [
        {"filters": [{"propertyName": "customer_stage", "operator": "EQ", "value": "Onboarding"}]}]},
    {"listId": "14", "name": "Contacts with a buying role", "objectTypeId": "0-1", "filterGroups": [
        {"filters": [{"propertyName": "hs_buying_role", "operator": "HAS_PROPERTY"}]}]},
    {"listId": "15", "name": "Invited to the user day", "objectTypeId": "0-1", "processingType": "MANUAL",
     "members": []},
)  # fmt: skip
