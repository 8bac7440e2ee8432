"""People, permissions, views, activities and notes: what surrounds the sales objects."""

from .fields import (
    SObject,
    area,
    business_object,
    checkbox,
    lookup,
    picklist,
    plain,
    read_only,
    setup_object,
    text,
    whole,
)  # fmt: skip

USER = setup_object(
    "User", "Users", "005",
    fields=(
        text("Username", "Username", 80, required=True, id_lookup=True), text("LastName", "Last Name", 80, required=True),
        text("FirstName", "First Name", 40), read_only(text("Name", "Full Name", 121, required=True, name_field=True)),
        text("CompanyName", "Company Name", 80), text("Department", "Department", 80), text("Title", "Title", 80),
        plain("email", "Email", "Email", 128, required=True), plain("phone", "Phone", "Phone", 40),
        plain("phone", "MobilePhone", "Mobile", 40), text("Alias", "Alias", 8, required=True),
        checkbox("IsActive", "Active"), lookup("ProfileId", "Profile ID", "Profile", required=True),
        read_only(picklist("UserType", "User Type", "Standard|PowerPartner|CSPLitePortal|AutomatedProcess|CsnOnly|Guest", 40)),
        text("TimeZoneSidKey", "Time Zone", 40), text("LocaleSidKey", "Locale", 40), text("LanguageLocaleKey", "Language", 40),
        lookup("ManagerId", "Manager ID", "User"), read_only(plain("datetime", "LastLoginDate", "Last Login")),
        text("FederationIdentifier", "SAML Federation ID", 512),
    ),
)  # fmt: skip

PROFILE = setup_object(
    "Profile", "Profiles", "00e",
    fields=(
        text("Name", "Name", required=True, name_field=True), picklist("UserType", "User Type", "Standard|Guest", 40),
        text("Description", "Description"),
    ),
)  # fmt: skip

RECORD_TYPE = setup_object(
    "RecordType", "Record Types", "012", label="Record Type",
    fields=(
        text("Name", "Name", 80, required=True, name_field=True), text("DeveloperName", "Record Type Name", 80, required=True),
        text("SobjectType", "SObject Type Name", 40, required=True), checkbox("IsActive", "Active"),
        text("Description", "Description"),
    ),
)  # fmt: skip

LIST_VIEW = setup_object(
    "ListView", "List Views", "00B", label="List View",
    fields=(
        text("Name", "View Name", 40, name_field=True), text("DeveloperName", "API Name", 80),
        text("NamespacePrefix", "Namespace Prefix", 15), text("SobjectType", "SObject Type", 40, required=True),
        checkbox("IsSoqlCompatible", "Is SOQL Compatible"),
    ),
)  # fmt: skip

PERMISSION_SET = setup_object(
    "PermissionSet", "Permission Sets", "0PS", label="Permission Set",
    fields=(
        text("Name", "Permission Set Name", 80, required=True, name_field=True), text("Label", "Permission Set Label", 80),
        checkbox("IsOwnedByProfile", "Is Owned By Profile"), lookup("ProfileId", "Profile ID", "Profile"),
    ),
)  # fmt: skip

FIELD_PERMISSIONS = setup_object(
    "FieldPermissions", "Field Permissions", "01k", label="Field Permissions",
    fields=(
        lookup("ParentId", "Parent ID", "PermissionSet", required=True), text("SobjectType", "Sobject Type Name", 40, required=True),
        text("Field", "Field Name", 255, required=True), checkbox("PermissionsRead", "Read Field"),
        checkbox("PermissionsEdit", "Edit Field"),
    ),
)  # fmt: skip

_WHO = "Contact|Lead"
_WHAT = "Account|Opportunity|Contract"

TASK = business_object(
    "Task", "Tasks", "00T", views=True,
    fields=(
        lookup("WhoId", "Name ID", _WHO), lookup("WhatId", "Related To ID", _WHAT, children="Tasks", cascades=True),
        plain("combobox", "Subject", "Subject", 255, values=("Call", "Email", "Send letter", "Other"), name_field=True),
        plain("date", "ActivityDate", "Due Date Only"),
        picklist("Status", "Status", "Not Started|In Progress|Completed|Waiting on someone else|Deferred", 40,
                 required=True, defaulted=True, default="Not Started"),
        picklist("Priority", "Priority", "High|Normal|Low", 40, required=True, defaulted=True, default="Normal"),
        lookup("OwnerId", "Assigned To ID", "User", required=True, defaulted=True), area("Description", "Description"),
        read_only(lookup("AccountId", "Account ID", "Account")), read_only(checkbox("IsClosed", "Closed")),
        whole("CallDurationInSeconds", "Call Duration"), picklist("CallType", "Call Type", "Internal|Inbound|Outbound", 40),
        read_only(checkbox("IsArchived", "Archived")),
        picklist("TaskSubtype", "Task Subtype", "Task|Email|Call|ListEmail|LinkedIn|Cadence", 40, updateable=False, default="Task"),
        read_only(plain("datetime", "CompletedDateTime", "Completed Date")),
    ),
)  # fmt: skip

EVENT = business_object(
    "Event", "Events", "00U", views=False,
    fields=(
        lookup("WhoId", "Name ID", _WHO), lookup("WhatId", "Related To ID", _WHAT, children="Events", cascades=True),
        plain("combobox", "Subject", "Subject", 255, values=("Call", "Email", "Meeting", "Other"), name_field=True),
        text("Location", "Location"), checkbox("IsAllDayEvent", "All-Day Event"),
        plain("datetime", "ActivityDateTime", "Due Date Time"), plain("date", "ActivityDate", "Due Date Only"),
        whole("DurationInMinutes", "Duration"), plain("datetime", "StartDateTime", "Start Date Time"),
        plain("datetime", "EndDateTime", "End Date Time"), area("Description", "Description"),
        read_only(lookup("AccountId", "Account ID", "Account")),
        lookup("OwnerId", "Assigned To ID", "User", required=True, defaulted=True), checkbox("IsPrivate", "Private"),
        picklist("ShowAs", "Show Time As", "Busy|OutOfOffice|Free", 40), read_only(checkbox("IsArchived", "Archived")),
        read_only(checkbox("IsChild", "Is Child")), read_only(checkbox("IsRecurrence", "Create Recurring Series of Events")),
    ),
)  # fmt: skip

EMAIL_MESSAGE = business_object(
    "EmailMessage", "Email Messages", "02s", label="Email Message",
    fields=(
        lookup("ActivityId", "Activity ID", "Task"), area("TextBody", "Text Body", 131_072), area("HtmlBody", "HTML Body", 131_072),
        text("Subject", "Subject", 3000, name_field=True), text("FromName", "From Name", 1000),
        plain("email", "FromAddress", "From Address", 1000), text("ToAddress", "To Address", 4000),
        text("CcAddress", "CC Address", 4000), checkbox("Incoming", "Is Incoming"),
        picklist("Status", "Status", "0|1|2|3|4|5", 40, required=True, defaulted=True, default="3"),
        plain("datetime", "MessageDate", "Message Date"), text("MessageIdentifier", "Message ID"),
        lookup("RelatedToId", "Related To ID", _WHAT, children="Emails", cascades=True),
    ),
)  # fmt: skip

NOTE = business_object(
    "Note", "Notes", "002",
    fields=(
        lookup("ParentId", "Parent ID", "Account|Contact|Opportunity|Contract|Lead", required=True, updateable=False,
               children="Notes", cascades=True),
        text("Title", "Title", 80, required=True, name_field=True), checkbox("IsPrivate", "Private"), area("Body", "Body"),
        lookup("OwnerId", "Owner ID", "User", required=True, defaulted=True),
    ),
)  # fmt: skip

OBJECTS: tuple[SObject, ...] = (
    USER, PROFILE, RECORD_TYPE, LIST_VIEW, PERMISSION_SET, FIELD_PERMISSIONS, TASK, EVENT, EMAIL_MESSAGE, NOTE,
)  # fmt: skip
