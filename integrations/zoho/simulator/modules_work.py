"""The standard modules of what is sold and done: Deals, Products, Notes, Tasks, Events, Calls."""

from .field import Field, lookup, options, picklist, shared, system, user

_PARENT = ".What_Id"
STAGES = (
    # Stored value, shown value, probability, forecast type. Two of them were renamed once: value and label differ.
    ("Qualification", "Qualification", 10, "Open"), ("Needs Analysis", "Needs Analysis", 20, "Open"),
    ("Value Proposition", "Value Proposition", 40, "Open"),
    ("Id. Decision Makers", "Identify Decision Makers", 60, "Open"),
    ("Proposal/Price Quote", "Proposal/Price Quote", 75, "Open"),
    ("Negotiation/Review", "Negotiation/Review", 90, "Open"),
    ("Closed Won", "Closed Won", 100, "Closed Won"), ("Closed Lost", "Closed Lost", 0, "Closed Lost"),
    ("Closed Lost to Competition", "Closed-Lost to Competition", 0, "Closed Lost"),
)  # fmt: skip
STANDARD_PIPELINE = "Standard (Standard)"
_ACTIVITY = (
    Field("Subject", "Subject", size=300, mandatory=True), lookup("Who_Id", "Contact Name", "Contacts"),
    lookup("What_Id", "Related To", _PARENT), system("Last_Activity_Time", "Last Activity Time"),
    Field("Description", "Description", "textarea", 32_000, textarea="large", filterable=False),
)  # fmt: skip

DEALS = (
    *shared("Deal"), Field("Deal_Name", "Deal Name", size=120, mandatory=True),
    lookup("Account_Name", "Account Name", "Accounts"), lookup("Contact_Name", "Contact Name", "Contacts"),
    Field("Stage", "Stage", "picklist", options=options(*(f"{value}={shown}" for value, shown, _, _ in STAGES)),
          mandatory=True),
    Field("Pipeline", "Pipeline", "picklist", options=options(STANDARD_PIPELINE), mandatory=True),
    Field("Closing_Date", "Closing Date", "date", required=True), Field("Amount", "Amount", "currency", decimals=2),
    Field("Probability", "Probability (%)", "integer", 3),
    Field("Expected_Revenue", "Expected Revenue", "currency", writable=False, computed=True, decimals=2),
    picklist("Type", "Type", "Existing Business", "New Business"), Field("Next_Step", "Next Step", size=100),
    picklist("Lead_Source", "Lead Source", "Advertisement", "Cold Call", "Partner", "Trade Show", "Web Research"),
    Field("Reason_For_Loss__s", "Reason For Loss", "picklist",
    options=options("-None-", "Expectation Mismatch", "Price")),
    Field("Description", "Description", "textarea", 32_000, textarea="large", filterable=False),
    system("Last_Activity_Time", "Last Activity Time"), system("Locked__s", "Locked", "boolean"),
)  # fmt: skip
PRODUCTS = (
    *shared("Product"), Field("Product_Name", "Product Name", size=200, mandatory=True),
    Field("Product_Code", "Product Code", size=40),
    lookup("Vendor_Name", "Vendor Name", "Vendors"), Field("Product_Active", "Product Active", "boolean"),
    picklist("Manufacturer", "Manufacturer"),
    picklist("Product_Category", "Product Category", "Hardware", "Software", "CRM Applications"),
    Field("Sales_Start_Date", "Sales Start Date", "date"), Field("Sales_End_Date", "Sales End Date", "date"),
    Field("Support_Start_Date", "Support Start Date", "date"), Field("Support_Expiry_Date", "Support End Date", "date"),
    Field("Unit_Price", "Unit Price", "currency", decimals=2),
    Field("Commission_Rate", "Commission Rate", "currency", decimals=2),
    Field("Tax", "Tax", "multiselectpicklist"), Field("Taxable", "Taxable", "boolean"),
    picklist("Usage_Unit", "Usage Unit", "Box", "Each"),
    Field("Qty_Ordered", "Qty Ordered", "double"), Field("Qty_in_Stock", "Quantity in Stock", "double"),
    Field("Reorder_Level", "Reorder Level", "double"), user("Handler", "Handler"),
    Field("Qty_in_Demand", "Quantity in Demand", "double"),
    Field("Description", "Description", "textarea", 32_000, textarea="large", filterable=False),
    Field("Record_Image", "Product Image", "profileimage"), system("Last_Activity_Time", "Last Activity Time"),
    system("Locked__s", "Locked", "boolean"),
)  # fmt: skip
NOTES = (
    *shared("Note")[:5], Field("Note_Title", "Note Title", size=120),
    Field("Note_Content", "Note Content", "textarea", 32_000, mandatory=True, textarea="large", filterable=False),
    Field("Parent_Id", "Parent ID", "lookup", to=".Parent_Id", mandatory=True),
)  # fmt: skip
TASKS = (
    *shared("Task"), *_ACTIVITY, Field("Due_Date", "Due Date", "date"), system("Closed_Time", "Closed Time"),
    picklist("Status", "Status", "Not Started", "Deferred", "In Progress", "Completed", "Waiting for input"),
    picklist("Priority", "Priority", "High", "Highest", "Low", "Lowest", "Normal"),
)  # fmt: skip
EVENTS = (
    *shared("Event"), Field("Event_Title", "Title", size=255, mandatory=True), *_ACTIVITY[1:],
    Field("Start_DateTime", "From", "datetime", mandatory=True),
    Field("End_DateTime", "To", "datetime", mandatory=True),
    Field("All_day", "All day", "boolean"), Field("Venue", "Location", size=255),
)  # fmt: skip
CALLS = (
    *shared("Call"), *_ACTIVITY,
    Field("Call_Type", "Call Type", "picklist", options=options("Outbound", "Inbound", "Missed"), mandatory=True),
    Field("Call_Start_Time", "Call Start Time", "datetime", mandatory=True),
    Field("Call_Duration", "Call Duration", size=15, mandatory=True),
    Field("Call_Duration_in_seconds", "Call Duration (in seconds)", "integer", writable=False, computed=True),
    picklist("Call_Purpose", "Call Purpose", "Prospecting", "Administrative", "Negotiation", "Demo", "Project", "Desk"),
    picklist("Call_Result", "Call Result", "Interested", "Not interested", "No response/Busy", "Requested more info"),
    picklist("Outbound_Call_Status", "Outgoing Call Status", "Scheduled", "Completed", "Overdue", "Cancelled"),
    Field("Call_Status", "Call Status", size=50, writable=False, computed=True),
    Field("Call_Agenda", "Call Agenda", "textarea", 2000, textarea="small"), system("Caller_ID", "Caller ID", "text"),
    system("Dialled_Number", "Dialled Number", "text"), Field("Reminder", "Reminder", "datetime"),
)  # fmt: skip
