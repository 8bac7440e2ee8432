"""The properties of notes, calls, e-mails, meetings and tasks."""

from .properties import Property, choice, flag, moment, number, text


def _when(group: str) -> Property:
    return moment("hs_timestamp", "Activity date", group=group)


def _body(name: str, label: str, group: str) -> Property:
    return text(name, label, "html", group=group)


ACTIVITY_PROPERTIES: dict[str, tuple[Property, ...]] = {
    "notes": (
        _when("note"), _body("hs_note_body", "Note body", "note"),
        text("hs_attachment_ids", "Attached IDs", group="note"),
    ),
    "calls": (
        _when("call"), text("hs_call_title", "Call title", group="call"), _body("hs_call_body", "Call notes", "call"),
        # Milliseconds.
        number("hs_call_duration", "Call duration", group="call"),
        choice("hs_call_direction", "Call direction", "Inbound=INBOUND|Outbound=OUTBOUND", group="call"),
        choice("hs_call_status", "Call status", "BUSY|CALLING_CRM_USER|CANCELED|COMPLETED|CONNECTING|"
               "FAILED|IN_PROGRESS|MISSED|NO_ANSWER|QUEUED|RINGING", group="call"),
        text("hs_call_disposition", "Call outcome", group="call"),
        text("hs_call_from_number", "From number", group="call"),
        text("hs_call_to_number", "To number", group="call"),
    ),
    "emails": (
        _when("email"), text("hs_email_subject", "Email subject", group="email"),
        text("hs_email_text", "Text body", "textarea", group="email"), _body("hs_email_html", "HTML body", "email"),
        choice("hs_email_direction", "Email direction", "EMAIL|INCOMING_EMAIL|FORWARDED_EMAIL", group="email"),
        choice("hs_email_status", "Email send status", "BOUNCED|FAILED|SCHEDULED|SENDING|SENT", group="email"),
        # JSON in a text: from, to, cc.
        text("hs_email_headers", "Email headers", "textarea", group="email"),
        text("hs_email_from_email", "Email from address", group="email", read_only=True),
        text("hs_email_to_email", "Email to address", group="email", read_only=True),
        text("hs_email_message_id", "Email message ID", group="email"),
    ),
    "meetings": (
        _when("meeting"), text("hs_meeting_title", "Meeting title", group="meeting"),
        _body("hs_meeting_body", "Meeting description", "meeting"),
        moment("hs_meeting_start_time", "Start time", group="meeting"),
        moment("hs_meeting_end_time", "End time", group="meeting"),
        text("hs_meeting_location", "Location", group="meeting"),
        choice("hs_meeting_outcome", "Meeting outcome", "SCHEDULED|COMPLETED|RESCHEDULED|NO_SHOW|CANCELED",
               group="meeting"),
        _body("hs_internal_meeting_notes", "Internal notes", "meeting"),
        text("hs_meeting_external_url", "External URL", group="meeting"),
    ),
    "tasks": (
        _when("task"), text("hs_task_subject", "Task title", group="task"), _body("hs_task_body", "Task notes", "task"),
        choice("hs_task_status", "Task status", "NOT_STARTED|IN_PROGRESS|WAITING|COMPLETED|DEFERRED", group="task"),
        choice("hs_task_priority", "Priority", "NONE|LOW|MEDIUM|HIGH", group="task"),
        choice("hs_task_type", "Task type", "TODO|EMAIL|CALL|MEETING|LINKED_IN", group="task"),
        moment("hs_task_completion_date", "Completed at", group="task", read_only=True),
        flag("hs_task_is_completed", "Task is completed", group="task", read_only=True),
    ),
}  # fmt: skip
