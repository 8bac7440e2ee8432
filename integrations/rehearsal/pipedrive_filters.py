"""The filters that the team of the made-up company saved in its Pipedrive: what others call views."""

from typing import Any

from integrations.pipedrive.simulator import PipedriveBook

from .pipedrive_fields import CustomFields
from .pipedrive_users import user_id
from .world import BEGINNING

Condition = dict[str, Any]
_OBJECTS = {"org": "organization", "people": "person", "deals": "deal", "activity": "activity"}


def fill(book: PipedriveBook, fields: CustomFields) -> None:
    makes = _Maker(book, fields)
    for number, (name, kind, conditions, visible_to, user) in enumerate(makes.filters(), 1):
        groups = [{"glue": "and", "conditions": conditions}, {"glue": "or", "conditions": []}]
        body = {
            "name": name, "type": kind, "user_id": user_id(user), "visible_to": visible_to,
            "conditions": {"glue": "and", "conditions": groups},
        }  # fmt: skip
        book.load("filter", [(number, body, BEGINNING, BEGINNING)])


class _Maker:
    def __init__(self, book: PipedriveBook, fields: CustomFields) -> None:
        self._fields = fields
        self._numbers = {(e, f.key): f.number for e in _OBJECTS.values() for f in book.fields(e)}

    def filters(self) -> list[tuple[str, str, list[Condition], str, int]]:
        onboarding = self._fields.option("organization", "Lifecycle stage", "Onboarding")
        strategic = self._fields.option("organization", "Strategic", "Yes")
        return [
            ("All organizations", "org", [self._is("organization", "name", "IS NOT NULL")], "7", 1),
            ("Active customers (CS)", "org", [self._is("organization", "won_deals_count", ">", "0")], "7", 1),
            ("Key accounts", "org", [self._own("organization", "Strategic", "=", strategic),
                                     self._is("deal", "status", "=", "won")], "7", 3),
            ("Onboarding 2026", "org", [self._own("organization", "Lifecycle stage", "=", onboarding),
                                        self._own("organization", "Renewal date", ">=", "2026-01-01")], "7", 3),
            ("Nothing here", "org", [self._is("organization", "name", "=", "Nobody is called so")], "7", 1),
            ("Helena's own list", "org", [self._is("organization", "name", "LIKE 'A%'", "")], "1", 7),
            ("Contacts with a role", "people", [self._own("person", "Role", "IS NOT NULL")], "7", 1),
            ("To be reviewed", "people", [self._own("person", "Job title", "=", "Review")], "7", 1),
            ("Won, with a start", "deals", [self._is("deal", "status", "=", "won"),
                                            self._own("deal", "Contract start", "IS NOT NULL")], "7", 1),
            ("Meetings", "activity", [self._is("activity", "type", "=", "meeting")], "7", 1),
        ]  # fmt: skip

    def _is(self, entity: str, key: str, operator: str, value: Any = None) -> Condition:
        number = str(self._numbers[entity, key])
        text = None if value is None else str(value)
        return {"object": entity, "field_id": number, "operator": operator, "value": text, "extra_value": None}

    def _own(self, entity: str, name: str, operator: str, value: Any = None) -> Condition:
        return self._is(entity, self._fields.key(entity, name), operator, value)
