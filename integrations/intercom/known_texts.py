"""Texts of conversations as a sync read them: of what has not changed since, the replies are not asked for once more."""

from collections.abc import Mapping

from integrations.engine.records import LinkState
from integrations.engine.values import is_blank
from integrations.sync.models import Block, Connection
from integrations.sync.rules import rules_hash
from integrations.sync.store.links import known_links

from .interactions.sources import TEXT
from .values import seconds_of


def known_texts(connection: Connection, data_type: str, stamps: Mapping[str, int]) -> dict[str, str]:
    """Conversation → text; only where the very mapping of today settled it, at the very change that it shows now."""
    block = Block.objects.filter(connection=connection.pk, object=data_type).first()
    names = list(block.lines.filter(crm_field=TEXT, transform="").values_list("hub_field", flat=True)) if block else []
    if block is None or not names or not stamps:
        return {}
    today, found = rules_hash(block), {}
    for number, known in known_links(connection.pk, data_type, stamps).items():
        changed, pair = known.columns["modified_at"], known.link.settled.get(names[0])
        is_same = changed is not None and seconds_of(changed) == stamps[number] and known.rules_hash == today
        if is_same and known.link.state is LinkState.LINKED and pair is not None and not pair.is_unread:
            found[number] = "" if is_blank(pair.crm) else str(pair.crm)
    return found
