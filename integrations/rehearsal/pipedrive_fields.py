"""The custom fields that the made-up company made in its Pipedrive, with the kinds that trip a synchroniser."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from integrations.pipedrive.simulator import PipedriveBook
from integrations.pipedrive.simulator.setup import make_field

from .deals import PLANS
from .world import ROLES, SEGMENTS, STAGES

RELATIONS = {
    "customer": "Customer", "channel customer": "Channel customer", "prospect": "Prospect", "former": "Former customer",
    "partner": "Partner",
}  # fmt: skip
MODULES = ("Reports", "Surveys", "Playbooks", "Portal")
# Entity, name, type, options. There is no boolean among Pipedrive's types, so that yes and no are options.
_FIELDS: tuple[tuple[str, str, str, tuple[str, ...] | None], ...] = (
    ("organization", "Customer number", "varchar", None),
    ("organization", "Relation", "enum", tuple(RELATIONS.values())),
    ("organization", "Lifecycle stage", "enum", (*dict.fromkeys(STAGES), "Former customer", "Legacy (do not use)")),
    # An older field of the same name, which an import left behind: only the keys tell them apart.
    ("organization", "Segment", "varchar", None),
    ("organization", "Segment", "enum", tuple(dict.fromkeys(SEGMENTS))),
    ("organization", "Customer success manager", "user", None),
    ("organization", "Renewal date", "date", None),
    ("organization", "Annual spend", "monetary", None),
    ("organization", "Strategic", "enum", ("Yes", "No")),
    ("organization", "Modules", "set", MODULES),
    ("organization", "Onboarding notes", "text", None),
    ("organization", "Parent company", "org", None),
    ("organization", "Switchboard", "phone", None),
    ("person", "Role", "enum", (*(role for role in dict.fromkeys(ROLES) if role), "Retired role")),
    ("person", "Contact number", "varchar", None),
    ("person", "Job title", "varchar", None),
    ("deal", "Plan", "enum", tuple(dict.fromkeys(PLANS))),
    ("deal", "Contract period", "daterange", None),
    ("deal", "Contract start", "date", None),
    ("deal", "Term in months", "double", None),
    ("deal", "Notice date", "date", None),
    ("deal", "Setup fee", "monetary", None),
    ("deal", "Monthly fee", "monetary", None),
    ("deal", "Renewal terms", "varchar_auto", None),
)


@dataclass
class CustomFields:
    """Keys by entity and name (the later one where a name repeats), and the numbers of their options by label."""

    keys: dict[tuple[str, str], str] = field(default_factory=dict)
    numbers: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)

    def key(self, entity: str, name: str) -> str:
        return self.keys[entity, name]

    def option(self, entity: str, name: str, label: str | None) -> int | None:
        return self.numbers[entity, name].get(label) if label else None


def make_fields(book: PipedriveBook, at: datetime) -> CustomFields:
    made = CustomFields()
    for place, (entity, name, kind, labels) in enumerate(_FIELDS):
        # The same in every practice account, and as good as random to whoever reads it.
        key = hashlib.sha256(f"{place} {entity} {name}".encode()).hexdigest()[:40]
        made.keys[entity, name] = key
        made.numbers[entity, name] = make_field(book, entity, name, kind, labels, key=key, at=at)
    return made
