"""The fields that every account has before anybody makes one: key, name, type, and what is special about each."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SystemField:
    key: str
    name: str
    type: str
    mandatory: bool = True
    """v1's flag: true for nearly all system fields, whatever it once meant."""
    editable: bool = False
    optional: bool = False


_LABEL = SystemField("label_ids", "Labels", "set", mandatory=False, editable=True)
_VISIBLE = SystemField("visible_to", "Visible to", "visible_to", editable=True)
_COUNTS = (
    SystemField("next_activity_id", "Next activity", "activity", optional=True),
    SystemField("activities_count", "Total activities", "int", optional=True),
    SystemField("done_activities_count", "Done activities", "int", optional=True),
    SystemField("undone_activities_count", "Activities to do", "int", optional=True),
    SystemField("email_messages_count", "Email messages count", "int", optional=True),
)
_DEALS = (
    SystemField("open_deals_count", "Open deals", "double", optional=True),
    SystemField("won_deals_count", "Won deals", "int", optional=True),
    SystemField("lost_deals_count", "Lost deals", "int", optional=True),
    SystemField("closed_deals_count", "Closed deals", "int", optional=True),
)


def _common(noun: str) -> tuple[SystemField, ...]:
    return (
        SystemField("id", "ID", "int"),
        SystemField("add_time", f"{noun} created", "date"),
        SystemField("update_time", "Update time", "date"),
    )


SYSTEM_FIELDS: dict[str, tuple[SystemField, ...]] = {
    "organization": (
        SystemField("name", "Name", "varchar", editable=True), _LABEL,
        SystemField("owner_id", "Owner", "user", editable=True),
        SystemField("people_count", "People", "double", optional=True),
        *_common("Organization"), _VISIBLE, *_COUNTS, *_DEALS,
        SystemField("address", "Address", "address", mandatory=False, editable=True),
        SystemField("website", "Website", "varchar", mandatory=False, editable=True),
        SystemField("linkedin", "LinkedIn profile", "varchar", mandatory=False, editable=True),
        SystemField("industry", "Industry", "enum", mandatory=False, editable=True),
        SystemField("annual_revenue", "Annual revenue", "double", mandatory=False, editable=True),
        SystemField("employee_count", "Number of employees", "int", mandatory=False, editable=True),
    ),
    "person": (
        SystemField("name", "Name", "varchar", editable=True), _LABEL,
        SystemField("phones", "Phone", "phone", editable=True),
        SystemField("emails", "Email", "varchar", editable=True),
        SystemField("org_id", "Organization", "org", mandatory=False, editable=True),
        SystemField("owner_id", "Owner", "user", editable=True), *_common("Person"), _VISIBLE, *_COUNTS, *_DEALS,
        SystemField("picture_id", "Profile picture", "picture"),
    ),
    "deal": (
        SystemField("title", "Title", "varchar", editable=True),
        SystemField("value", "Value", "monetary", editable=True),
        SystemField("currency", "Currency", "varchar", editable=True), _LABEL,
        SystemField("owner_id", "Owner", "user", editable=True), SystemField("creator_user_id", "Creator", "user"),
        SystemField("org_id", "Organization", "org", mandatory=False, editable=True),
        SystemField("person_id", "Contact person", "people", mandatory=False, editable=True),
        SystemField("pipeline_id", "Pipeline", "double", editable=True),
        SystemField("stage_id", "Stage", "stage", editable=True),
        SystemField("status", "Status", "status", editable=True),
        SystemField("probability", "Probability", "int", mandatory=False, editable=True),
        SystemField("lost_reason", "Lost reason", "varchar_options", mandatory=False, editable=True),
        SystemField("expected_close_date", "Expected close date", "date", mandatory=False, editable=True),
        SystemField("won_time", "Won time", "date"), SystemField("lost_time", "Lost time", "date"),
        SystemField("close_time", "Deal closed on", "date"),
        SystemField("stage_change_time", "Last stage change", "date"),
        *_common("Deal"), _VISIBLE, *_COUNTS,
    ),
    "activity": (
        SystemField("subject", "Subject", "varchar", editable=True), SystemField("type", "Type", "enum", editable=True),
        SystemField("owner_id", "Assigned to user", "user", editable=True),
        SystemField("due_date", "Due date", "date", editable=True),
        SystemField("due_time", "Due time", "time", editable=True),
        SystemField("duration", "Duration", "time", editable=True),
        SystemField("done", "Done", "boolean", editable=True),
        SystemField("deal_id", "Deal", "deal", editable=True), SystemField("person_id", "Contact person", "people"),
        SystemField("org_id", "Organization", "org", editable=True), SystemField("note", "Note", "text", editable=True),
        SystemField("location", "Location", "address", editable=True), *_common("Activity"),
    ),
}  # fmt: skip
FIRST_NUMBER = {"organization": 4002, "person": 9040, "deal": 12_450, "activity": 101}
"""Of the system fields in v1: numbers that no two accounts share."""
LABELS = {
    "organization": ("Customer", "Hot lead", "Warm lead", "Cold lead"),
    "person": ("Customer", "Hot lead", "Warm lead", "Cold lead"),
    "deal": ("Hot", "Warm", "Cold"),
}  # fmt: skip
INDUSTRIES = (
    "Transportation", "Food & Beverage", "Machinery", "Healthcare", "Energy", "Apparel", "Technology", "Consulting",
    "Insurance",
    "Media", "Shipping", "Entertainment",
)  # fmt: skip
STATUSES = (("open", "Open"), ("won", "Won"), ("lost", "Lost"), ("deleted", "Deleted"))
VISIBILITIES = ((1, "Item owner"), (3, "All users"))
