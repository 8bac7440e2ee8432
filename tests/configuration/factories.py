from typing import Any

from integrations.hub.models import CustomField
from integrations.salesforce.models import SalesforceConnection
from integrations.sync.models import Block, Connection, FieldMapping, RecordLink
from tests.configuration.fakes import SYSTEM

CUSTOMER_LINES = {"ref_id": "Id", "name": "Name", "domain": "Website"}
CONTACT_LINES = {"ref_id": "Id", "last_name": "Last", "email": "Mail"}


def connect(slug: str = "brook", **columns: Any) -> Connection:
    """A connection that is on, with a view, two data types and their first lines."""
    own = {
        "state": Connection.State.ON,
        "account_view": "00B1",
        "account_view_label": "All companies",
        "client_id": "app-1",
    }
    child = SalesforceConnection(system=SYSTEM, name=columns.pop("name", slug.title()), slug=slug, **(own | columns))
    child.save()
    for object_name, keys, lines in (
        ("customers", ["ref_id", "domain"], CUSTOMER_LINES),
        ("contacts", ["ref_id", "email"], CONTACT_LINES),
    ):
        block = Block.objects.create(connection=child, object=object_name, merge_keys=keys)
        map_lines(block, lines)
    return Connection.objects.get(pk=child.pk)


def map_lines(block: Block, lines: dict[str, str]) -> None:
    for position, (hub, crm) in enumerate(lines.items()):
        FieldMapping.objects.create(block=block, position=position, hub_field=hub, crm_field=crm)


def link(connection: Connection, row: Any, source_id: str = "", **columns: Any) -> RecordLink:
    return RecordLink.objects.create(
        connection=connection,
        object=columns.pop("object", "customers"),
        source_object="Company",
        source_id=source_id or f"src-{row.pk}",
        name=str(row),
        state=columns.pop("state", RecordLink.State.LINKED),
        hub_id=row.pk,
        **columns,
    )


def own_field(name: str = "Annual revenue", **columns: Any) -> CustomField:
    return CustomField.objects.create(
        **{"entity": "customers", "name": name, "type": CustomField.Type.CURRENCY, **columns}
    )
