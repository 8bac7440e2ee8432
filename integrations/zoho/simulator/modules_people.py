"""The standard modules of companies and people, with names and lengths as a real organisation has them."""

from .field import Field, lookup, picklist, shared, system

_INDUSTRIES = (
    "ASP (Application Service Provider)", "Data/Telecom OEM", "ERP (Enterprise Resource Planning)",
    "Government/Military",
    "Large Enterprise", "ManagementISV", "MSP (Management Service Provider)", "Network Equipment Enterprise",
    "Non-management ISV", "Optical Networking", "Service Provider", "Small/Medium Enterprise", "Storage Equipment",
    "Storage Service Provider", "Systems Integrator", "Wireless Industry", "ERP", "Management ISV",
)  # fmt: skip
_SOURCES = (
    "Advertisement", "Cold Call", "Employee Referral", "External Referral", "Online Store", "X (Twitter)", "Facebook",
    "Partner",
    "Public Relations", "Sales Email Alias", "Seminar Partner", "Internal Seminar", "Trade Show", "Web Download",
    "Web Research", "Chat",
)  # fmt: skip
_RATINGS = ("Acquired", "Active", "Market Failed", "Project Cancelled", "Shut Down")
SALUTATIONS = ("Mr.", "Mrs.", "Ms.", "Dr.", "Prof.")


def _address(prefix: str, code: str = "Code") -> tuple[Field, ...]:
    """The one-line address and the coordinates follow from the parts."""
    name = f"{prefix}_" if prefix else ""
    words = f"{prefix} " if prefix else ""
    return (
        Field(f"{name}Street", f"{words}Street", size=250), Field(f"{name}City", f"{words}City", size=100),
        Field(f"{name}State", f"{words}State", size=100),
        Field(f"{name}{code}", f"{words}{code.replace('_', ' ')}", size=30),
        Field(f"{name}Country", f"{words}Country", size=100),
        Field(f"{name}Flat_House_No_Building_Apartment_Name", f"{words}Flat / House No. / Building / Apartment Name"),
        Field(f"{name}Latitude", f"{words}Latitude", "double"),
        Field(f"{name}Longitude", f"{words}Longitude", "double"),
        Field(f"{name}Coordinates", f"{words}Coordinates", writable=False, computed=True),
        Field(f"{name}Address", f"{words}Address", writable=False, computed=True),
    )  # fmt: skip


def _person(owner: str) -> tuple[Field, ...]:
    return (
        *shared(owner), Field("First_Name", "First Name", size=40),
        Field("Last_Name", "Last Name", size=80, mandatory=True),
        Field("Full_Name", "Full Name", size=120, writable=False, computed=True),
        picklist("Salutation", "Salutation", *SALUTATIONS, size=25), Field("Email", "Email", "email", 100),
        Field("Phone", "Phone", "phone"), Field("Mobile", "Mobile", "phone"), Field("Fax", "Fax", size=30),
        Field("Skype_ID", "Skype ID", size=50), Field("Twitter", "Twitter", size=50),
        Field("Secondary_Email", "Secondary Email", "email", 100), Field("Email_Opt_Out", "Email Opt Out", "boolean"),
        picklist("Lead_Source", "Lead Source", *_SOURCES),
        Field("Description", "Description", "textarea", 32_000, textarea="large", filterable=False),
        system("Last_Activity_Time", "Last Activity Time"), system("Unsubscribed_Time", "Unsubscribed Time"),
        system("Unsubscribed_Mode", "Unsubscribed Mode", "picklist"), Field("Record_Image", "Image", "profileimage"),
        system("Locked__s", "Locked", "boolean"), system("nearby_distance__s", "Nearby distance", "double"),
    )  # fmt: skip


LEADS = (
    *_person("Lead"), Field("Company", "Company", size=200), Field("Designation", "Title", size=100),
    Field("Website", "Website", "website", 255), Field("No_of_Employees", "No. of Employees", "integer"),
    Field("Annual_Revenue", "Annual Revenue", "currency", decimals=2),
    picklist("Lead_Status", "Lead Status", "Attempted to Contact", "Contact in Future", "Contacted", "Junk Lead",
    "Lost Lead",
             "Not Contacted", "Pre-Qualified", "Not Qualified"),
    picklist("Industry", "Industry", *_INDUSTRIES), picklist("Rating", "Rating", *_RATINGS), *_address("", "Zip_Code"),
    system("Converted__s", "Is Converted", "boolean"), system("Converted_Date_Time", "Lead Conversion Time"),
    system("Record_Status__s", "Record Status", "picklist"),
)  # fmt: skip
CONTACTS = (
    *_person("Contact"), lookup("Account_Name", "Account Name", "Accounts"),
    lookup("Vendor_Name", "Vendor Name", "Vendors"),
    lookup("Reporting_To", "Reporting To", "Contacts"), Field("Title", "Title", size=100),
    Field("Department", "Department", size=50), Field("Home_Phone", "Home Phone", "phone"),
    Field("Other_Phone", "Other Phone", "phone"), Field("Asst_Phone", "Asst Phone", "phone"),
    Field("Assistant", "Assistant", size=50), Field("Date_of_Birth", "Date of Birth", "date"),
    *_address("Mailing", "Zip"),
    *_address("Other", "Zip"),
)  # fmt: skip
ACCOUNTS = (
    *shared("Account"), Field("Account_Name", "Account Name", size=200, mandatory=True),
    lookup("Parent_Account", "Parent Account", "Accounts"), Field("Account_Number", "Account Number", "bigint", 18),
    picklist("Account_Type", "Account Type", "Analyst", "Competitor", "Customer", "Distributor", "Integrator",
    "Investor",
             "Other", "Partner", "Press", "Prospect", "Reseller", "Supplier", "Vendor"),
    Field("Account_Site", "Account Site", size=80), Field("Phone", "Phone", "phone"), Field("Fax", "Fax", size=30),
    Field("Website", "Website", "website", 255), Field("Ticker_Symbol", "Ticker Symbol", size=30),
    Field("Employees", "Employees", "integer"), Field("Annual_Revenue", "Annual Revenue", "currency", decimals=2),
    Field("SIC_Code", "SIC Code", "integer"), picklist("Industry", "Industry", *_INDUSTRIES),
    picklist("Ownership", "Ownership", "Other", "Private", "Public", "Subsidiary", "Partnership", "Government",
             "Privately Held", "Public Company"),
    picklist("Rating", "Rating", *_RATINGS),
    Field("Description", "Description", "textarea", 32_000, textarea="large", filterable=False),
    system("Last_Activity_Time", "Last Activity Time"), Field("Record_Image", "Account Image", "profileimage"),
    system("Locked__s", "Locked", "boolean"), system("nearby_distance__s", "Nearby distance", "double"),
    *_address("Billing"), *_address("Shipping"),
)  # fmt: skip
