"""Which fields a record's form shows first, and what was typed in it as the API would take it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations.salesforce.simulator.fields import NUMBERS, Field, SObject
from integrations.salesforce.simulator.store import Row, Store

FIRST = {
    "Account": (
        "Name", "Type", "Website", "Phone", "ParentId", "OwnerId", "CSM__c", "Lifecycle_Stage__c", "Segment__c",
        "Customer_Number__c", "Renewal_Date__c", "Annual_Spend__c", "Is_Strategic__c", "Industry", "BillingCity", "BillingCountry",
        "Onboarding_Notes__c",
    ),
    "Contact": ("FirstName", "LastName", "Email", "Phone", "Title", "AccountId", "Role__c", "OwnerId", "Contact_Number__c"),
    "Opportunity": (
        "Name", "AccountId", "StageName", "CloseDate", "Amount", "Plan__c", "Contract_Start__c", "Term_Months__c",
        "Notice_Date__c", "Setup_Fee__c", "Renewal_Terms__c", "OwnerId", "NextStep",
    ),
    "Contract": ("AccountId", "Status", "StartDate", "ContractTerm", "OwnerExpirationNotice", "Plan__c", "Monthly_Fee__c"),
    "Subscription__c": (
        "Name", "Customer__c", "Billed_To__c", "Plan__c", "MRR__c", "Setup_Fee__c", "Currency__c", "Starts__c", "Ends__c",
        "Notice_Months__c", "Renews_Itself__c",
    ),
    "User": ("FirstName", "LastName", "Email", "Username", "Alias", "IsActive", "ProfileId"),
}  # fmt: skip
_INPUTS = {"date": "date", "boolean": "checkbox", "email": "text", "phone": "tel"}


@dataclass(frozen=True, slots=True)
class Control:
    field: Field
    value: str
    checked: bool
    choices: tuple[tuple[str, str], ...]
    error: str = ""

    @property
    def kind(self) -> str:
        if self.choices and self.field.type == "reference":
            return "select"
        if self.field.type == "textarea" and self.field.length > 255:
            return "textarea"
        return _INPUTS.get(self.field.type, "text")


def controls(
    store: Store, sobject: SObject, row: Row, error_fields: Mapping[str, str]
) -> tuple[list[Control], list[Control]]:
    """The fields that matter, and all the others."""
    writable = [f for f in sobject.fields if f.stored and (f.createable or f.updateable)]
    first = FIRST.get(sobject.name, ())
    shown = sorted((f for f in writable if f.name in first), key=lambda f: first.index(f.name))
    rest = [f for f in writable if f.name not in first]

    def control(f: Field) -> Control:
        value = row.get(f.name)
        return Control(
            f, "" if value is None else str(value), bool(value), _choices(store, f), error_fields.get(f.name, "")
        )

    return [control(f) for f in shown], [control(f) for f in rest]


def _choices(store: Store, field: Field) -> tuple[tuple[str, str], ...]:
    if field.type == "picklist":
        return tuple((v, v) for v in field.values)
    if field.to in {("User",), ("Profile",)}:
        rows = store.execute(f'SELECT "Id", "Name" FROM "{field.to[0]}" ORDER BY "Name" LIMIT 200')  # noqa: S608
        return tuple(rows.fetchall())
    return ()


def typed(sobject: SObject, form: Mapping[str, str], row: Row) -> dict[str, Any]:
    """Only what was changed: a value that a browser cannot hold unharmed must survive the saving of its neighbours."""
    found: dict[str, Any] = {}
    for f in sobject.fields:
        if f"is-{f.name}" not in form:
            continue
        if f.type == "boolean":
            if (f.name in form) != bool(row.get(f.name)):
                found[f.name] = f.name in form
            continue
        before = "" if row.get(f.name) is None else str(row[f.name])
        after = form.get(f.name, "")
        if _plain(after) != _plain(before):
            found[f.name] = (
                after.replace("\r\n", "\n").replace(",", ".") if f.type in NUMBERS else after.replace("\r\n", "\n")
            )
    return found


def _plain(text: str) -> str:
    # What a form control does to a value by itself: line ends become one kind, NUL becomes a replacement.
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
