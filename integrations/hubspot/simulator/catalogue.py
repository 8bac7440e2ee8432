"""The properties HubSpot itself gives to its objects: those a sync may meet, not all 250 of each."""

from .catalogue_activities import ACTIVITY_PROPERTIES
from .kinds import BY_NAME
from .properties import (
    Property,
    choice,
    computed,
    flag,
    moment,
    money,
    number,
    rollup,
    system,
    text,
)  # fmt: skip

STAGES = (
    ("Subscriber", "subscriber"), ("Lead", "lead"), ("Marketing Qualified Lead", "marketingqualifiedlead"),
    ("Sales Qualified Lead", "salesqualifiedlead"), ("Opportunity", "opportunity"), ("Customer", "customer"),
    ("Evangelist", "evangelist"), ("Other", "other"),
)  # fmt: skip
# Some of the vendor's 150: those that the practice companies are in.
INDUSTRIES = (
    "Accounting=ACCOUNTING|Apparel & Fashion=APPAREL_FASHION|Computer Software=COMPUTER_SOFTWARE|"
    "Consumer Goods=CONSUMER_GOODS|Entertainment=ENTERTAINMENT|Food & Beverages=FOOD_BEVERAGES|"
    "Food Production=FOOD_PRODUCTION|"
    "Hospital & Health Care=HOSPITAL_HEALTH_CARE|"
    "Information Technology and Services=INFORMATION_TECHNOLOGY_AND_SERVICES|"
    "Insurance=INSURANCE|Logistics and Supply Chain=LOGISTICS_AND_SUPPLY_CHAIN|Machinery=MACHINERY|Maritime=MARITIME|"
    "Management Consulting=MANAGEMENT_CONSULTING|Media Production=MEDIA_PRODUCTION|Oil & Energy=OIL_ENERGY|"
    "Printing=PRINTING|"
    "Textiles=TEXTILES|Transportation/Trucking/Railroad=TRANSPORTATION_TRUCKING_RAILROAD|Utilities=UTILITIES"
)
# The definition is open, the list of options as well.
_OPEN = {"archivable": True, "readOnlyDefinition": False}
BUYING_ROLES = (
    "Champion=CHAMPION|Executive Sponsor=EXECUTIVE_SPONSOR|Decision Maker=DECISION_MAKER|End User=END_USER|"
    "Budget Holder=BUDGET_HOLDER|Influencer=INFLUENCER|Blocker=BLOCKER|"
    "Legal & Compliance=LEGAL_AND_COMPLIANCE|Other=OTHER"
)
_LEAD_STATUS = (
    "New=NEW|Open=OPEN|In Progress=IN_PROGRESS|Open Deal=OPEN_DEAL|Unqualified=UNQUALIFIED|"
    "Attempted to Contact=ATTEMPTED_TO_CONTACT|Connected=CONNECTED|Bad Timing=BAD_TIMING"
)


def _lifecycle(group: str) -> tuple[Property, ...]:
    dates = tuple(
        computed(moment(f"hs_v2_date_entered_{value}", f'Date entered "{label}"', group=group))
        for label, value in STAGES
    )
    return (
        choice(
            "lifecyclestage",
            "Lifecycle Stage",
            STAGES,
            "radio",
            group=group,
            external=True,
            order=14,
            form=True,
            described=False,
        ),
        moment("hs_v2_date_entered_current_stage", "Date entered current stage", group=group, read_only=True),
        moment("hs_v2_time_in_current_stage", "Time in current stage", group=group, read_only=True),
        choice("hs_pipeline", "Pipeline", "", group=group, external=True, hidden=True),
        choice("hs_lead_status", "Lead Status", _LEAD_STATUS, "radio", group="sales_properties", order=15, form=True),
        *dates,
    )


def _activity(group: str) -> tuple[Property, ...]:
    return (
        moment("notes_last_updated", "Last Activity Date", group=group, read_only=True, order=6),
        moment("notes_last_contacted", "Last Contacted", group=group, read_only=True),
        number("num_notes", "Number of Sales Activities", group=group, read_only=True),
    )


_C = "companyinformation"
COMPANIES = (
    text("name", "Company name", group=_C, order=0, form=True),
    text("domain", "Company Domain Name", group=_C, order=9, form=True),
    text("website", "Website URL", group=_C, order=8, form=True),
    text("phone", "Phone Number", "phonenumber", group=_C, order=1, form=True),
    text("address", "Street Address", group=_C), text("city", "City", group=_C, order=3, form=True),
    text("state", "State/Region", group=_C), text("zip", "Postal Code", group=_C),
    text("country", "Country/Region", group=_C, order=7, form=True, limits=_OPEN),
    text("description", "Description", "textarea", group=_C), text("about_us", "About Us", "textarea", group=_C),
    money("annualrevenue", "Annual Revenue", group=_C, order=13, form=True),
    text("hs_annual_revenue_currency_code", "Annual revenue currency code", group=_C),
    number("numberofemployees", "Number of Employees", group=_C, order=10, form=True),
    choice("industry", "Industry", INDUSTRIES, group=_C, order=12, form=True, described=False,
           limits=_OPEN | {"readOnlyOptions": False}),
    choice("type", "Type", "Prospect=PROSPECT|Partner=PARTNER|Reseller=RESELLER|Vendor=VENDOR|Other=OTHER", "radio",
           group=_C, order=16, form=True),
    choice("hs_csm_sentiment", "CSM Sentiment", "At-Risk=at_risk|Neutral=neutral|Healthy=healthy", group=_C,
           described=False, limits={"archivable": False, "readOnlyDefinition": False}),
    flag("is_public", "Is Public", group=_C),
    flag("hs_is_target_account", "Target Account", group="targetaccountsinformation"),
    moment("closedate", "Close Date", group=_C, order=20),
    Property("hs_additional_domains", "Additional Domains", "enumeration", "checkbox", _C, hidden=True),
    Property("hs_all_owner_ids", "All owner IDs", "enumeration", "select", _C, read_only=True, external=True,
             hidden=True, order=8),
    Property("hs_parent_company_id", "Parent Company", "number", "number", _C, read_only=True, external=True,
             refers_to="COMPANY", order=16),
    number("hs_num_child_companies", "Number of child companies", group=_C, read_only=True, order=17),
    rollup("num_associated_contacts", "Number of Associated Contacts", group=_C),
    rollup("num_associated_deals", "Number of Associated Deals", group="deal_information"),
    rollup("hs_num_open_deals", "Number of open deals", group="deal_information"),
    rollup("hs_num_blockers", "Number of Blockers", group=_C),
    rollup("hs_num_decision_makers", "Number of decision makers", group=_C),
    rollup("hs_num_contacts_with_buying_roles", "Number of contacts with a buying role", group=_C),
    text("hs_task_label", "Task label", group=_C, read_only=True, hidden=True),
    *_lifecycle(_C), *_activity("company_activity"),
    *system("createdate", "hs_lastmodifieddate", _C, noun="Company", activity="company_activity",
            sales="sales_properties"),
)  # fmt: skip

_P = "contactinformation"
CONTACTS = (
    text("email", "Email", group=_P, unique=True, order=3, form=True),
    text("firstname", "First Name", group=_P, order=0, form=True),
    text("lastname", "Last Name", group=_P, order=1, form=True),
    text("phone", "Phone Number", "phonenumber", group=_P, form=True),
    text("mobilephone", "Mobile Phone Number", "phonenumber", group=_P, form=True),
    text("jobtitle", "Job Title", group=_P, form=True), text("company", "Company Name", group=_P, form=True),
    text("website", "Website URL", group=_P), text("city", "City", group=_P),
    text("country", "Country/Region", group=_P),
    Property("hs_buying_role", "Buying Role", "enumeration", "checkbox", "sales_properties",
             choice("x", "x", BUYING_ROLES).options),
    Property("associatedcompanyid", "Primary Associated Company ID", "number", "number", _P, refers_to="COMPANY",
             external=True),
    text("hs_additional_emails", "Additional email addresses", group=_P),
    text("hs_all_contact_vids", "All vids for a contact", group=_P, read_only=True, hidden=True),
    text("hs_email_domain", "Email Domain", group=_P, read_only=True),
    text("hs_full_name_or_email", "Full name or email", group=_P, read_only=True),
    flag("hs_is_contact", "Is a contact", group=_P, read_only=True, hidden=True),
    flag("hs_is_unworked", "Contact unworked", group=_P, read_only=True, hidden=True),
    moment("hs_lifecyclestage_lead_date", "Became a Lead Date", group=_P, read_only=True),
    number("hs_associated_target_accounts", "Associated target accounts", group=_P, read_only=True),
    flag("hs_currently_enrolled_in_prospecting_agent", "Currently enrolled in prospecting agent", group=_P,
         read_only=True),
    number("hs_membership_has_accessed_private_content", "Has accessed private content", group=_P, read_only=True),
    number("hs_prospecting_agent_actively_enrolled_count", "Active prospecting agents", group=_P, read_only=True),
    number("hs_prospecting_agent_total_enrolled_count", "Prospecting agents", group=_P, read_only=True),
    number("hs_registered_member", "Registered member", group=_P, read_only=True),
    text("hs_searchable_calculated_phone_number", "Phone number for search", "phonenumber", group=_P,
         read_only=True, hidden=True),
    number("hs_sequences_actively_enrolled_count", "Active sequences", group=_P, read_only=True),
    rollup("num_associated_deals", "Number of Associated Deals", group="deal_information"),
    *_lifecycle(_P), *_activity("contact_activity"),
    *system("createdate", "lastmodifieddate", _P, noun="Contact", activity="contact_activity",
            sales="sales_properties"),
)  # fmt: skip

_D = "dealinformation"
DEALS = (
    text("dealname", "Deal Name", group=_D, order=0), money("amount", "Amount", group=_D, order=1),
    choice("dealstage", "Deal Stage", "", "radio", group=_D, external=True),
    choice("pipeline", "Pipeline", "", group=_D, external=True),
    moment("closedate", "Close Date", group=_D, order=3), text("description", "Deal Description", "textarea", group=_D),
    choice("dealtype", "Deal Type", "New Business=newbusiness|Existing Business=existingbusiness", "radio", group=_D),
    choice("hs_priority", "Priority", "Low=low|Medium=medium|High=high", group=_D),
    text("deal_currency_code", "Currency", group=_D),
    money("amount_in_home_currency", "Amount in company currency", group=_D,
    calculated=True), flag("hs_is_closed", "Is Deal Closed?", group=_D, calculated=True),
    flag("hs_is_closed_won", "Is Closed Won", group=_D, calculated=True),
    flag("hs_is_closed_lost", "Is closed lost", group=_D, calculated=True),
    number("hs_deal_stage_probability", "Deal probability", group=_D),
    money("hs_closed_amount", "Closed Deal Amount", group=_D, calculated=True),
    money("hs_projected_amount", "Weighted amount", group=_D, calculated=True),
    # Line items make these three; a deal without any has none.
    money("hs_mrr", "Monthly recurring revenue", group=_D, calculated=True),
    money("hs_arr", "Annual recurring revenue", group=_D, calculated=True),
    money("hs_tcv", "Total contract value", group=_D, calculated=True),
    number("days_to_close", "Days to close", group=_D, calculated=True),
    number("num_associated_contacts", "Number of Associated Contacts", group=_D, read_only=True),
    *_activity("deal_activity"), *system("createdate", "hs_lastmodifieddate", _D),
)  # fmt: skip

_L = "leadinformation"
LEADS = (
    text("hs_lead_name", "Lead name", group=_L),
    choice("hs_lead_type", "Lead type", "NEW_BUSINESS|UPSELL|RE_ATTEMPTING", group=_L),
    choice("hs_lead_label", "Lead label", "WARM|COLD|HOT", group=_L),
    choice("hs_pipeline", "Pipeline", "", group=_L, external=True),
    choice("hs_pipeline_stage", "Pipeline stage", "", group=_L, external=True),
    *system("hs_createdate", "hs_lastmodifieddate", _L),
)  # fmt: skip

_T = "ticketinformation"
TICKETS = (
    text("subject", "Ticket name", group=_T), text("content", "Ticket description", "textarea", group=_T),
    choice("hs_pipeline", "Pipeline", "", group=_T, external=True),
    choice("hs_pipeline_stage", "Ticket status", "", group=_T, external=True),
    choice("hs_ticket_category", "Category", "PRODUCT_ISSUE|BILLING_ISSUE|FEATURE_REQUEST|GENERAL_INQUIRY", "checkbox",
           group=_T),
    choice("hs_ticket_priority", "Priority", "LOW|MEDIUM|HIGH|URGENT", group=_T),
    *system("createdate", "hs_lastmodifieddate", _T),
)  # fmt: skip

STANDARD: dict[str, dict[str, Property]] = {
    name: {one.name: one for one in found}
    for name, found in {
        "companies": COMPANIES, "contacts": CONTACTS, "deals": DEALS, "leads": LEADS, "tickets": TICKETS,
        **{
            name: (*own, *system("hs_createdate", "hs_lastmodifieddate", BY_NAME[name].group))
            for name, own in ACTIVITY_PROPERTIES.items()
        },
    }.items()
}  # fmt: skip
