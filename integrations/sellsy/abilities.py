"""What Sellsy can do here; pages, refusals and docs read it from this table."""

from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Mode
from integrations.sync.connector import Abilities, ObjectAbility

from .interactions.abilities import INTERACTIONS
from .models import SYSTEM
from .schema import WORDS
from .scores import SCORES
from .writing import WRITE_BATCH

MODES = (Mode.INPUT, Mode.DISABLED)
OVERLAP_SECONDS = 120
"""Stamps are whole seconds, and the searches show at once what was written."""

ABILITIES = Abilities(
    system=SYSTEM,
    label="Sellsy",
    short="SE",
    connection_model="sellsy.SellsyConnection",
    type_words=WORDS,
    ids_are_numbers=True,
    objects=(
        ObjectAbility(
            object="customers",
            source_object="Company",
            source_label=_("Companies"),
            modes=MODES,
            deletes=_(
                "Sellsy keeps no list of deletions: every sync lists all clients, and asks by name about those it misses."
            ),
            default_keys=("ref_id", "domain"),
            overlap_seconds=OVERLAP_SECONDS,
            # Every page says how many there are.
            counts=False,
            # Of scores alone, whose lines stand on the records of customers.
            write_batch=WRITE_BATCH,
        ),
        ObjectAbility(
            object="contacts",
            source_object="Contact",
            source_label=_("Contacts"),
            modes=MODES,
            deletes=_(
                "Sellsy keeps no list of deletions: every sync asks about the known contacts, thousands in one call."
            ),
            default_keys=("ref_id", "email"),
            overlap_seconds=OVERLAP_SECONDS,
            # Only by way of their companies, all of which would have to be listed first.
            counts=False,
        ),
        ObjectAbility(
            object="agreements",
            source_object="Opportunity",
            source_label=_("Agreements"),
            modes=MODES,
            deletes=_(
                "Every sync lists all won opportunities and asks by name about those it misses. They stay here, flagged."
            ),
            default_keys=("ref_id",),
            overlap_seconds=OVERLAP_SECONDS,
            counts=False,
        ),
        *INTERACTIONS,
        SCORES,
    ),
)
