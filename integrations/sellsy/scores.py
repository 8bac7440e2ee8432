"""Scores go out to custom fields of the company, beside its customer: a channel of its own, though nothing else is written.

The two fields are made by the old RPC, the newer API having no way to do so; they are found again by their code.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Mode
from integrations.setup.scores import LABELS
from integrations.sync.connector import ObjectAbility
from integrations.wire.errors import Misconfigured

from .client import SellsyClient

USES = ("useOn_client", "useOn_prospect")
"""On prospects as well: a field of clients alone would vanish with a record that is converted back."""
SCORES = ObjectAbility(
    object="scores",
    source_object="Company",
    source_label=_("Scores"),
    modes=(Mode.DISABLED, Mode.OUTPUT),
    deletes=_("Scores are only written, to the company of each linked customer; nothing of them is read or deleted."),
)


def code_of(score: str) -> str:
    """`skalin-healthscore`: what the field is found again by, whatever somebody renames it to."""
    return slugify(LABELS[score])


def create_field(client: SellsyClient, score: str, definitions: Iterable[Mapping[str, Any]]) -> str:
    """The path of the field. Looked for first: two fields with one code are refused, and one is wanted."""
    found = _found(definitions, score)
    if found is None:
        try:
            found = client.create_custom_field(type_="numeric", name=LABELS[score], code=code_of(score), uses=USES)
        except Misconfigured:
            # Refused for being there: somebody else pressed the same button a moment ago.
            found = _found(client.custom_fields(), score)
            if found is None:
                raise
    return f"cf.{found}"


def _found(definitions: Iterable[Mapping[str, Any]], score: str) -> str | None:
    return next((str(one["id"]) for one in definitions if one.get("code") == code_of(score)), None)
