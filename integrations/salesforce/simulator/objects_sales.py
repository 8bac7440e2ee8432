"""The objects that salespeople fill: accounts, contacts, leads, opportunities and contracts, with this org's own fields.

And one object that the org made itself: the subscriptions of its customers.
"""

from .fields import (
    Field,
    SObject,
    area,
    business_object,
    checkbox,
    currency,
    double,
    lookup,
    picklist,
    plain,
    postal_address,
    read_only,
    setup_object,
    text,
    whole,
)

SOURCES = "Web|Phone Inquiry|Partner Referral|Purchased List|Other"
CLEAN = "Matched|Different|Acknowledged|NotFound|Inactive|Pending|SelectMatch|Skipped"
SALUTATIONS = "Mr.|Ms.|Mrs.|Dr.|Prof."
INDUSTRIES = (
    "Agriculture|Apparel|Banking|Biotechnology|Chemicals|Communications|Construction|Consulting|Education|Electronics|Energy|"
    "Engineering|Entertainment|Environmental|Finance|Food & Beverage|Government|Healthcare|Hospitality|Insurance|Machinery|"
    "Manufacturing|Media|Not For Profit|Recreation|Retail|Shipping|Technology|Telecommunications|Transportation|Utilities|Other"
)
STAGES = (
    ("Prospecting", 10, "Pipeline"), ("Qualification", 10, "Pipeline"), ("Needs Analysis", 20, "Pipeline"),
    ("Value Proposition", 50, "Pipeline"), ("Id. Decision Makers", 60, "Pipeline"), ("Perception Analysis", 70, "Pipeline"),
    ("Proposal/Price Quote", 75, "Pipeline"), ("Negotiation/Review", 90, "Pipeline"),
    ("Closed Won", 100, "Closed"), ("Closed Lost", 0, "Omitted"),
)  # fmt: skip
STAGE_NAMES = "|".join(stage for stage, _, _ in STAGES)
LIFECYCLE = "Onboarding|Adoption|Growth|Renewal|At risk|Paused|Former customer"
SEGMENTS = "Strategic|Enterprise|Mid-market|Small business"
PLANS = "Starter|Team|Business|Enterprise"
RENEWALS = "Renews by itself|Ends at its term|To be negotiated"
ROLES = "Ambassador|Sponsor|Key user|End user|Decision maker|Billing"


def _owner() -> Field:
    return lookup("OwnerId", "Owner ID", "User", required=True, defaulted=True)


def _viewed() -> tuple[Field, ...]:
    return (
        read_only(plain("date", "LastActivityDate", "Last Activity")),
        read_only(plain("datetime", "LastViewedDate", "Last Viewed Date")),
        read_only(plain("datetime", "LastReferencedDate", "Last Referenced Date")),
    )


ACCOUNT = business_object(
    "Account", "Accounts", "001", merges=True, views=True,
    fields=(
        text("Name", "Account Name", required=True, name_field=True),
        picklist("Type", "Account Type", "Prospect|Customer - Direct|Customer - Channel|Channel Partner / Reseller|"
                 "Installation Partner|Technology Partner|Other"),
        lookup("ParentId", "Parent Account ID", "Account", children="ChildAccounts"),
        *postal_address("Billing"), *postal_address("Shipping"),
        plain("phone", "Phone", "Account Phone", 40), plain("phone", "Fax", "Account Fax", 40),
        text("AccountNumber", "Account Number", 40), plain("url", "Website", "Website", 255),
        read_only(plain("url", "PhotoUrl", "Photo URL", 255)), text("Sic", "SIC Code", 20),
        picklist("Industry", "Industry", INDUSTRIES), currency("AnnualRevenue", "Annual Revenue"),
        whole("NumberOfEmployees", "Employees"), picklist("Ownership", "Ownership", "Public|Private|Subsidiary|Other"),
        text("TickerSymbol", "Ticker Symbol", 20), area("Description", "Account Description"),
        picklist("Rating", "Account Rating", "Hot|Warm|Cold"), text("Site", "Account Site", 80), _owner(), *_viewed(),
        text("Jigsaw", "Data.com Key", 20), read_only(text("JigsawCompanyId", "Jigsaw Company ID", 20)),
        picklist("CleanStatus", "Clean Status", CLEAN, 40), picklist("AccountSource", "Account Source", SOURCES),
        text("DunsNumber", "D-U-N-S Number", 9), text("Tradestyle", "Tradestyle"), text("NaicsCode", "NAICS Code", 8),
        text("NaicsDesc", "NAICS Description", 120), text("YearStarted", "Year Started", 4),
        text("SicDesc", "SIC Description", 80),
        lookup("CSM__c", "CSM", "User"), picklist("Lifecycle_Stage__c", "Lifecycle stage", LIFECYCLE),
        picklist("Segment__c", "Segment", SEGMENTS), text("Customer_Number__c", "Customer number", 40, external_id=True, id_lookup=True),
        area("Onboarding_Notes__c", "Onboarding notes", 131_072), plain("date", "Renewal_Date__c", "Renewal date"),
        currency("Annual_Spend__c", "Annual spend"), checkbox("Is_Strategic__c", "Strategic"),
    ),
)  # fmt: skip

CONTACT = business_object(
    "Contact", "Contacts", "003", merges=True, views=True,
    fields=(
        lookup("AccountId", "Account ID", "Account", children="Contacts", cascades=True),
        text("LastName", "Last Name", 80, required=True), text("FirstName", "First Name", 40),
        picklist("Salutation", "Salutation", SALUTATIONS, 40),
        read_only(text("Name", "Full Name", 121, required=True, name_field=True)),
        *postal_address("Other"), *postal_address("Mailing"),
        plain("phone", "Phone", "Business Phone", 40), plain("phone", "Fax", "Business Fax", 40),
        plain("phone", "MobilePhone", "Mobile Phone", 40), plain("phone", "HomePhone", "Home Phone", 40),
        plain("phone", "OtherPhone", "Other Phone", 40), plain("phone", "AssistantPhone", "Asst. Phone", 40),
        lookup("ReportsToId", "Reports To ID", "Contact"), plain("email", "Email", "Email", 80, id_lookup=True),
        text("Title", "Title", 128), text("Department", "Department", 80), text("AssistantName", "Assistant's Name", 40),
        picklist("LeadSource", "Lead Source", SOURCES), plain("date", "Birthdate", "Birthdate"),
        area("Description", "Contact Description"), _owner(), *_viewed(),
        text("EmailBouncedReason", "Email Bounced Reason"), plain("datetime", "EmailBouncedDate", "Email Bounced Date"),
        read_only(checkbox("IsEmailBounced", "Is Email Bounced")), read_only(plain("url", "PhotoUrl", "Photo URL", 255)),
        text("Jigsaw", "Data.com Key", 20), read_only(text("JigsawContactId", "Jigsaw Contact ID", 20)),
        picklist("CleanStatus", "Clean Status", CLEAN, 40),
        picklist("Role__c", "Role", ROLES), text("Contact_Number__c", "Contact number", 40, external_id=True, id_lookup=True),
    ),
)  # fmt: skip

LEAD = business_object(
    "Lead", "Leads", "00Q", merges=True, views=True,
    fields=(
        text("LastName", "Last Name", 80, required=True), text("FirstName", "First Name", 40),
        picklist("Salutation", "Salutation", SALUTATIONS, 40),
        read_only(text("Name", "Full Name", 121, required=True, name_field=True)),
        text("Title", "Title", 128), text("Company", "Company", required=True),
        plain("phone", "Phone", "Phone", 40), plain("phone", "MobilePhone", "Mobile Phone", 40),
        plain("email", "Email", "Email", 80, id_lookup=True), plain("url", "Website", "Website", 255),
        area("Description", "Description"), picklist("LeadSource", "Lead Source", SOURCES),
        picklist("Status", "Status", "Open - Not Contacted|Working - Contacted|Closed - Converted|Closed - Not Converted",
                 required=True, defaulted=True, default="Open - Not Contacted"),
        picklist("Industry", "Industry", INDUSTRIES), picklist("Rating", "Rating", "Hot|Warm|Cold"), _owner(),
        read_only(checkbox("IsConverted", "Converted")), read_only(plain("date", "ConvertedDate", "Converted Date")),
        read_only(lookup("ConvertedAccountId", "Converted Account ID", "Account")),
        read_only(lookup("ConvertedContactId", "Converted Contact ID", "Contact")),
        read_only(lookup("ConvertedOpportunityId", "Converted Opportunity ID", "Opportunity")), *_viewed(),
    ),
)  # fmt: skip

OPPORTUNITY = business_object(
    "Opportunity", "Opportunities", "006", views=True,
    fields=(
        lookup("AccountId", "Account ID", "Account", children="Opportunities", cascades=True),
        checkbox("IsPrivate", "Private"), text("Name", "Name", 120, required=True, name_field=True),
        area("Description", "Description"), picklist("StageName", "Stage", STAGE_NAMES, required=True),
        currency("Amount", "Amount"), plain("percent", "Probability", "Probability (%)", precision=3),
        read_only(currency("ExpectedRevenue", "Expected Amount")),
        double("TotalOpportunityQuantity", "Quantity"), plain("date", "CloseDate", "Close Date", required=True),
        picklist("Type", "Opportunity Type", "New Business|Existing Business"), text("NextStep", "Next Step"),
        picklist("LeadSource", "Lead Source", SOURCES), read_only(checkbox("IsClosed", "Closed")),
        read_only(checkbox("IsWon", "Won")),
        picklist("ForecastCategoryName", "Forecast Category", "Omitted|Pipeline|Best Case|Commit|Closed"),
        read_only(checkbox("HasOpportunityLineItem", "Has Line Item")),
        lookup("RecordTypeId", "Record Type ID", "RecordType"), _owner(), *_viewed(),
        read_only(plain("datetime", "LastStageChangeDate", "Last Stage Change Date")),
        read_only(whole("FiscalQuarter", "Fiscal Quarter")), read_only(whole("FiscalYear", "Fiscal Year")),
        lookup("ContactId", "Contact ID", "Contact", updateable=False),
        picklist("Plan__c", "Plan", PLANS), plain("date", "Contract_Start__c", "Contract start"),
        whole("Term_Months__c", "Term (months)"), plain("date", "Notice_Date__c", "Notice date"),
        currency("Setup_Fee__c", "Setup fee"), picklist("Renewal_Terms__c", "Renewal terms", RENEWALS),
    ),
)  # fmt: skip

OPPORTUNITY_CONTACT_ROLE = business_object(
    "OpportunityContactRole", "Opportunity Contact Roles", "00K", label="Opportunity Contact Role",
    fields=(
        lookup("OpportunityId", "Opportunity ID", "Opportunity", required=True, children="OpportunityContactRoles", cascades=True),
        lookup("ContactId", "Contact ID", "Contact", required=True, cascades=True),
        picklist("Role", "Role", "Business User|Decision Maker|Economic Buyer|Evaluator|Executive Sponsor|Influencer|Other"),
        checkbox("IsPrimary", "Primary"),
    ),
)  # fmt: skip

OPPORTUNITY_STAGE = setup_object(
    "OpportunityStage", "Opportunity Stages", "01J", label="Opportunity Stage",
    fields=(
        text("MasterLabel", "Master Label", name_field=True), text("ApiName", "API Name"), checkbox("IsActive", "Is Active"),
        whole("SortOrder", "Sort Order"), checkbox("IsClosed", "Closed"), checkbox("IsWon", "Won"),
        text("ForecastCategory", "Forecast Category", 40), text("ForecastCategoryName", "Forecast Category Name"),
        plain("percent", "DefaultProbability", "Probability (%)", precision=3), text("Description", "Description"),
    ),
)  # fmt: skip

CONTRACT = business_object(
    "Contract", "Contracts", "800", views=True,
    fields=(
        lookup("AccountId", "Account ID", "Account", required=True, children="Contracts", cascades=True), _owner(),
        picklist("OwnerExpirationNotice", "Owner Expiration Notice", "15|30|45|60|90|120", 40),
        plain("date", "StartDate", "Contract Start Date"), read_only(plain("date", "EndDate", "Contract End Date")),
        whole("ContractTerm", "Contract Term"),
        picklist("Status", "Status", "In Approval Process|Activated|Draft", 40, required=True, defaulted=True, default="Draft"),
        read_only(picklist("StatusCode", "Status Category", "Draft|InApproval|Activated", 40)),
        area("SpecialTerms", "Special Terms", 4000), read_only(plain("datetime", "ActivatedDate", "Activated Date")),
        area("Description", "Description"),
        read_only(text("ContractNumber", "Contract Number", 30, required=True, name_field=True, auto_number=True, defaulted=True)),
        picklist("Plan__c", "Plan", PLANS), currency("Monthly_Fee__c", "Monthly fee"), *_viewed(),
    ),
)  # fmt: skip

SUBSCRIPTION = business_object(
    "Subscription__c", "Subscriptions", "a01", label="Subscription", views=True,
    fields=(
        text("Name", "Subscription Name", 80, required=True, name_field=True), _owner(),
        lookup("Customer__c", "Customer", "Account", children="Subscriptions__r", cascades=True),
        lookup("Billed_To__c", "Billed to", "Account", children="Billed_Subscriptions__r"),
        picklist("Plan__c", "Plan", PLANS), currency("MRR__c", "MRR"), currency("Setup_Fee__c", "Setup fee"),
        text("Currency__c", "Currency", 3), plain("date", "Starts__c", "Starts"), plain("date", "Ends__c", "Ends"),
        double("Notice_Months__c", "Notice (months)", 3, 0), checkbox("Renews_Itself__c", "Renews itself"), *_viewed(),
    ),
)  # fmt: skip

OBJECTS: tuple[SObject, ...] = (
    ACCOUNT, CONTACT, LEAD, OPPORTUNITY, OPPORTUNITY_CONTACT_ROLE, OPPORTUNITY_STAGE, CONTRACT, SUBSCRIPTION,
)  # fmt: skip
