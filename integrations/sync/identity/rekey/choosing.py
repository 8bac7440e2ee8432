"""Which IDs which rows shall get: asked for by a person, looked at in the background, and nothing is changed by it."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from accounts.models import User
from integrations.hub.models import Contact, Customer

from ... import paged_job
from ...models import Block, Connection, DataType, Mode, RecordLink, ReKey, ReKeyRow
from ...store.bulk import upsert
from .file import Line
from .offered import LIVING, fields_offered

OBJECTS = (DataType.CUSTOMERS, DataType.CONTACTS)
MODELS = {DataType.CUSTOMERS.value: Customer, DataType.CONTACTS.value: Contact}
LINE = ("job", "line", "old_id", "new_id", "name", "fate", "step", "why")


class NotChosen(Exception):  # noqa: N818 (a sentence for a person)
    """Which field of the form, and what to do about it."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


def prepare(
    object_name: str,
    source: str,
    by: User,
    *,
    connection: Connection | None = None,
    field: str = "",
    lines: Sequence[Line] = (),
    file_name: str = "",
    replaces: Connection | None = None,
) -> ReKey:
    """`connection`: whose IDs the new ones are; `replaces`: whose IDs they take the place of."""
    _require_source(object_name, source, connection, field, lines)
    with transaction.atomic():
        job = ReKey.objects.create(
            object=object_name, source=source, field=field if source == ReKey.Source.FIELD else "",
            file_name=file_name[:120], connection_id=connection.pk if connection else None,
            replaces=replaces.pk if replaces else None, asked_by=by.label[:160],
            counts={"rows": MODELS[object_name]._default_manager.count()},
        )  # fmt: skip
        rows = [(job.pk, one.number, one.old, one.new, "", ReKeyRow.Fate.LINE.value, "", "") for one in lines]
        upsert(ReKeyRow, LINE, rows)
        paged_job.ring(job)
    return job


def _require_source(
    object_name: str, source: str, connection: Connection | None, field: str, lines: Sequence[Line]
) -> None:
    if object_name not in OBJECTS:
        raise NotChosen("object", _("Choose customers or contacts."))
    if source not in ReKey.Source.values:
        raise NotChosen("source", _("Choose where the new IDs come from."))
    if source == ReKey.Source.LINKS:
        if connection is None:
            raise NotChosen("connection", _("Choose the connection whose records are linked to the rows here."))
        links = RecordLink.objects.filter(connection=connection, object=object_name, state__in=LIVING)
        if not links.filter(hub_id__isnull=False).exists():
            text = _(
                "%(name)s has linked no record of this data type yet. Sync it, or preview it and link its records."
            )
            raise NotChosen("connection", text % {"name": connection.name})
    if source == ReKey.Source.FIELD and field not in dict(fields_offered(object_name)):
        raise NotChosen("field", _("Choose a field of your own that holds the new IDs."))
    if source == ReKey.Source.FILE and not lines:
        raise NotChosen("file", _("Choose a file whose lines hold two IDs: the old one and the new one."))


def concerned(object_name: str) -> list[int]:
    """Connections that carry this data type: one that is archived syncs no more."""
    blocks = Block.objects.filter(object=object_name).exclude(mode=Mode.DISABLED)
    living = blocks.exclude(connection__state=Connection.State.ARCHIVED)
    return sorted(living.values_list("connection_id", flat=True))


def owners(object_name: str) -> list[tuple[int | None, int]]:
    """Whose IDs the rows have at present, each with their number; None: nobody's, typed or imported. Most first."""
    rows = MODELS[object_name]._default_manager.exclude(ref_id="").order_by()
    found = rows.values_list("ref_writer").annotate(n=Count("pk")).values_list("ref_writer", "n")
    return sorted(found, key=lambda one: (-one[1], one[0] or 0))
