"""Lists of what belongs to a record: its contacts, deals, notes and activities."""

# Source: the V7 pages "Related Lists Metadata" and "Get Related Records".

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from integrations.simulation.messages import Request, Response

from . import listing, writing
from .account import Account, items_of
from .errors import invalid
from .ids import named_id
from .schema import Module
from .selecting import Selection


@dataclass(frozen=True, slots=True)
class RelatedList:
    name: str
    label: str
    module: str
    lookup: str

    def id_in(self, module: str) -> str:
        return named_id("related list", module, self.name)


_ACTIVITIES = (
    RelatedList("Tasks", "Tasks", "Tasks", "What_Id"), RelatedList("Events", "Meetings", "Events", "What_Id"),
    RelatedList("Calls", "Calls", "Calls", "What_Id"),
)  # fmt: skip
_OF_PERSON = tuple(RelatedList(one.name, one.label, one.module, "Who_Id") for one in _ACTIVITIES)
_NOTES = RelatedList("Notes", "Notes", "Notes", "Parent_Id")
_STANDARD = {
    "Accounts": (
        _NOTES, RelatedList("Contacts", "Contacts", "Contacts", "Account_Name"),
        RelatedList("Deals", "Deals", "Deals", "Account_Name"), *_ACTIVITIES,
        RelatedList("Child_Accounts", "Member Accounts", "Accounts", "Parent_Account"),
    ),
    "Contacts": (_NOTES, RelatedList("Deals", "Deals", "Deals", "Contact_Name"), *_OF_PERSON),
    "Deals": (_NOTES, *_ACTIVITIES), "Leads": (_NOTES, *_OF_PERSON),
}  # fmt: skip


def lists_of(account: Account, module: Module) -> Iterator[RelatedList]:
    """The standard ones, and one for each custom field elsewhere that leads here."""
    yield from _STANDARD.get(module.name, (_NOTES, *_ACTIVITIES) if module.custom else ())
    for other in account.schema.modules.values():
        for field in other.fields.values():
            if field.custom and field.type == "lookup" and field.to == module.name:
                name = other.name if other.custom else f"{other.name}_{field.name}"
                yield RelatedList(name, other.plural, other.name, field.name)


# --- Over HTTP -------------------------------------------------------------------------------------------------------
def related_lists(account: Account, request: Request) -> Response:
    account.require(request, "ZohoCRM.settings.related_lists.READ")
    module = account.named_module(request)
    found = [_shape(account, module, one, number) for number, one in enumerate(lists_of(account, module), 1)]
    found.append(_emails(module, len(found) + 1))
    return Response({"related_lists": found})


def _shape(account: Account, module: Module, one: RelatedList, number: int) -> dict[str, Any]:
    return {
        "module": account.schema.modules[one.module].ref, "type": "default", "sequence_number": str(number),
        "display_label": one.label, "customize_sort": True, "customize_fields": True, "api_name": one.name,
        "customize_display_label": False, "name": one.label, "action": None,
        "href": f"{module.name}/{{ENTITYID}}/{one.name}", "id": one.id_in(module.name), "status": "visible",
        "connectedmodule": None, "linkingmodule": None,
    }  # fmt: skip


def _emails(module: Module, number: int) -> dict[str, Any]:
    """E-mails belong to records, but are no module."""
    return {
        "module": {"api_name": "Emails", "id": named_id("module", "Emails")}, "type": "default",
        "sequence_number": str(number), "display_label": "Emails", "customize_sort": False, "customize_fields": False,
        "api_name": "Emails", "customize_display_label": False, "name": "Emails", "action": None,
        "href": f"{module.name}/{{ENTITYID}}/Emails", "id": named_id("related list", module.name, "Emails"),
        "status": "visible", "connectedmodule": None, "linkingmodule": None,
    }  # fmt: skip


def related(account: Account, request: Request, module: str, record_id: str, name: str) -> Response:
    parent = account.module(request, module, "READ")
    if account.store.get(parent.name, record_id) is None:
        raise invalid("the related id given seems to be invalid", resource_path_index=1)
    one = next((r for r in lists_of(account, parent) if r.name == name), None)
    if one is None:
        raise invalid("the relation name given seems to be invalid", resource_path_index=2)
    target = account.module(request, one.module, "READ")
    asked = listing.read(request)
    where, values = f"json_extract(body, '$.{one.lookup}') = ? COLLATE NOCASE", [record_id]
    if asked.since:
        where, values = f"{where} AND updated > ?", [record_id, asked.since]
    selection = Selection(account.store, target, where, values, is_narrow=True)
    bound = f"{parent.name}/{record_id}/{name}"
    return listing.respond(account, request, target, asked, selection, bound=bound)


def add_notes(account: Account, request: Request, module: str, record_id: str) -> Response:
    """A note made below its parent need not name it."""
    parent = account.module(request, module, "READ")
    if account.store.get(parent.name, record_id) is None:
        raise invalid("the related id given seems to be invalid", resource_path_index=1)
    notes = account.module(request, "Notes", "CREATE")
    belongs = {"Parent_Id": {"id": record_id, "module": {"api_name": parent.name}}}
    given = [{**one, **belongs} if isinstance(one, dict) else one for one in items_of(request, "data", writing.MOST)]
    writer = writing.Writer(account, request, notes)
    return writer.batch(given, writer.insert, good=201)
