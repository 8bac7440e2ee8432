"""Contacts that come in after an interaction that names them: they are hung on it then. Two statements a page."""

from collections.abc import Iterable, Mapping, Sequence

from integrations.hub.models import Interaction

from ..models import AwaitedContact
from .bulk import upsert

COLUMNS = ("connection", "source_id", "interaction")
LONGEST_ID = 64
Through = Interaction.contacts.through


def await_contacts(
    connection_id: int | None, missing: Mapping[int, Iterable[str]], rewritten: Sequence[int] = ()
) -> None:
    """`missing`: interaction → the CRM's ids that the hub has no contact for. `rewritten`: what may name others now."""
    if rewritten:
        AwaitedContact.objects.filter(interaction__in=rewritten).delete()
    rows = [
        (connection_id, ref, interaction)
        for interaction, refs in missing.items()
        for ref in sorted(refs)
        if len(ref) <= LONGEST_ID
    ]
    if connection_id and rows:
        upsert(AwaitedContact, COLUMNS, rows, conflict=COLUMNS)


def hang_arrived(connection_id: int, contacts: Mapping[str, int]) -> None:
    """Source id → hub id of contacts that have just come in. What waited is kept: one that is taken back may come again."""
    if not contacts:
        return
    waiting = AwaitedContact.objects.filter(connection=connection_id, source_id__in=list(contacts))
    rows = [(pk, contacts[ref]) for ref, pk in waiting.order_by("pk").values_list("source_id", "interaction_id")]
    upsert(Through, ["interaction", "contact"], rows, conflict=["interaction", "contact"])
