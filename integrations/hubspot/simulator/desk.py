"""The portal as its own people see it: objects with their properties, choices and owners by name."""

from collections.abc import Sequence
from typing import Any

from integrations.simulation.control import Control
from integrations.simulation.desk import Field, Kind, Shelf
from integrations.simulation.document_desk import DocumentDesk
from integrations.simulation.documents import Record

from .kinds import kind_of
from .owners import KIND as OWNERS
from .portal import Portal
from .properties import Property

_KINDS = {
    "number": Kind.NUMBER, "bool": Kind.FLAG, "date": Kind.DAY, "datetime": Kind.MOMENT, "enumeration": Kind.CHOICE,
}  # fmt: skip
_LINES = {"textarea", "html"}
_LED = {"associatedcompanyid": "companies", "hs_parent_company_id": "companies"}
_STAGES, _PIPELINES = {"dealstage", "hs_pipeline_stage"}, {"pipeline", "hs_pipeline"}
_NAMED_BY = {"companies": "name", "deals": "dealname"}
Choices = tuple[tuple[str, str], ...]


class HubSpotDesk(DocumentDesk):
    field_example = "companies.industry"
    shelves = (
        Shelf("companies", "Company", "Companies", ("name", "domain", "lifecyclestage", "industry", "city")),
        Shelf("contacts", "Contact", "Contacts", ("email", "firstname", "lastname", "jobtitle")),
        Shelf("deals", "Deal", "Deals", ("dealname", "dealstage", "amount", "closedate")),
        Shelf("leads", "Lead", "Leads", ("hs_lead_name",), mergeable=False),
        Shelf("meetings", "Meeting", "Meetings", ("hs_meeting_title", "hs_timestamp"), mergeable=False),
        Shelf("calls", "Call", "Calls", ("hs_call_title", "hs_timestamp"), mergeable=False),
        Shelf("emails", "E-mail", "E-mails", ("hs_email_subject", "hs_timestamp"), mergeable=False),
        Shelf("notes", "Note", "Notes", ("hs_note_body", "hs_timestamp"), mergeable=False, is_prose=True),
        Shelf("tasks", "Task", "Tasks", ("hs_task_subject", "hs_task_status", "hs_timestamp"), mergeable=False),
    )

    def __init__(self, portal: Portal, control: Control) -> None:
        super().__init__(portal.store, control)
        self.portal = portal

    def fields(self, shelf: Shelf) -> Sequence[Field]:
        owners = self._owners()
        needed = {names[0] for names in kind_of(shelf.name).required} | {_NAMED_BY.get(shelf.name)}
        known = [one for one in self.portal.schema.of(shelf.name).values() if not one.hidden and one.writable]
        return [self._field(shelf.name, one, owners, one.name in needed) for one in known]

    def _field(self, kind: str, one: Property, owners: Choices, needed: bool) -> Field:
        choices = self._choices(kind, one, owners)
        how = _KINDS.get(one.type, Kind.LINES if one.field in _LINES else Kind.TEXT)
        if how is Kind.CHOICE and one.multiple:
            how = Kind.CHOICES
        if how in {Kind.CHOICE, Kind.CHOICES} and not choices:
            how = Kind.TEXT
        return Field(one.name, one.label, how, choices, to=_LED.get(one.name, ""), needed=needed)

    def _choices(self, kind: str, one: Property, owners: Choices) -> Choices:
        if one.refers_to == "OWNER":
            return owners
        pipelines = self.portal.pipelines(kind)
        if one.name in _STAGES:
            return tuple((stage["id"], stage["label"]) for line in pipelines for stage in line["stages"])
        if one.name in _PIPELINES:
            return tuple((line["id"], line["label"]) for line in pipelines)
        return () if one.type == "bool" else tuple((value, label) for label, value in one.options)

    def _owners(self) -> Choices:
        return tuple(
            (one.id, f"{one.body['firstName']} {one.body['lastName']}") for one in self.book.find(OWNERS, gone=None)
        )

    def title(self, record: Record) -> str:
        name = " ".join(record.body[part] for part in ("firstname", "lastname") if record.body.get(part))
        return name or super().title(record)

    def keep(self, one: Field, value: Any, before: Any) -> Any:
        # All values are texts here: several choices stand in one, behind one another.
        return ";".join(value) if one.kind is Kind.CHOICES else value
