"""The objects of a portal: their names and numbers, what a read tells without being asked, which scope opens them."""

from dataclasses import dataclass
from functools import cached_property

from .errors import ApiError


@dataclass(frozen=True)
class Kind:
    name: str
    """Plural, as in paths."""
    number: str
    singular: str
    defaults: tuple[str, ...] = ()
    created: str = "hs_createdate"
    modified: str = "hs_lastmodifieddate"
    scope: str = "contacts"
    """The area whose scopes open it: activities go with the contacts."""
    group: str = ""
    required: tuple[tuple[str, ...], ...] = ()
    """Of each set of properties one must be given at creation."""
    searchable: tuple[str, ...] = ()
    """Where a query without a property looks."""

    @property
    def word(self) -> str:
        """As error messages shout it."""
        return self.singular.upper()

    @cached_property
    def system(self) -> tuple[str, ...]:
        return (self.created, self.modified, "hs_object_id")

    def may(self, action: str) -> tuple[str, ...]:
        """Any one is enough: who may write may read."""
        if self.scope == "tickets":
            # The one object whose scope was never split.
            return ("tickets",)
        names = ("read", "write") if action == "read" else ("write",)
        return tuple(f"crm.objects.{self.scope}.{name}" for name in names)


_TIMED = (("hs_timestamp",),)
KINDS = (
    Kind("contacts", "0-1", "contact", ("email", "firstname", "lastname"), "createdate", "lastmodifieddate",
         group="contactinformation", searchable=("email", "firstname", "lastname", "phone", "hs_additional_emails")),
    Kind("companies", "0-2", "company", ("domain", "name"), "createdate", scope="companies", group="companyinformation",
         searchable=("name", "domain", "website", "phone")),
    Kind("deals", "0-3", "deal", ("amount", "closedate", "dealname", "dealstage", "pipeline"), "createdate",
         scope="deals", group="dealinformation",
         searchable=("dealname", "pipeline", "dealstage", "description", "dealtype")),
    Kind("tickets", "0-5", "ticket", ("content", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_category", "subject"),
         "createdate", scope="tickets", group="ticketinformation", searchable=("subject", "content")),
    Kind("tasks", "0-27", "task", group="task", required=_TIMED, searchable=("hs_task_subject", "hs_task_body")),
    Kind("notes", "0-46", "note", group="note", required=_TIMED, searchable=("hs_note_body",)),
    Kind("meetings", "0-47", "meeting", group="meeting", required=(("hs_timestamp", "hs_meeting_start_time"),),
         searchable=("hs_meeting_title", "hs_meeting_body")),
    Kind("calls", "0-48", "call", group="call", required=_TIMED, searchable=("hs_call_title", "hs_call_body")),
    Kind("emails", "0-49", "email", group="email", required=_TIMED, searchable=("hs_email_subject",)),
    Kind("leads", "0-136", "lead", scope="leads", group="leadinformation", required=(("hs_lead_name",),),
         searchable=("hs_lead_name",)),
)  # fmt: skip
BY_NAME = {
    key: kind
    for kind in KINDS
    for key in (kind.name, kind.singular, kind.number, kind.number.removeprefix("0-"))
}  # fmt: skip
ACTIVITIES = ("tasks", "notes", "meetings", "calls", "emails")
RECORDS = tuple(kind.name for kind in KINDS)


def kind_of(name: str) -> Kind:
    # Case does not matter, one and many neither: a recording asks for COMPANY.
    kind = BY_NAME.get(name.lower())
    if kind is None:
        raise ApiError(f"Unable to infer object type from: {name}", category=None)
    return kind
