"""What HubSpot can do here; pages, refusals and docs read it from this table."""

from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Mode
from integrations.sync.connector import Abilities, ObjectAbility

from .client import BATCH
from .interactions.abilities import INTERACTIONS
from .models import SYSTEM
from .schema import WORDS
from .scores import SCORES

MODES = (Mode.INPUT, Mode.TWO_WAY, Mode.DISABLED)

ABILITIES = Abilities(
    system=SYSTEM,
    label="HubSpot",
    short="HS",
    connection_model="hubspot.HubSpotConnection",
    type_words=WORDS,
    # An owner may come back, and a record that is named may still be made.
    waiting_codes=frozenset({"OWNER_DEPARTED", "CUSTOMER_GONE"}),
    objects=(
        ObjectAbility(
            object="customers",
            source_object="company",
            source_label=_("Companies"),
            modes=MODES,
            deletes=_("Deleted and merged companies are noticed at the next sync, by comparing all IDs."),
            default_keys=("ref_id", "domain"),
            has_hierarchy=True,
            # The first page of a listing says how many it holds.
            counts=False,
            creates=True,
            deletes_out=True,
            write_batch=BATCH,
            has_key_field=True,
        ),
        ObjectAbility(
            object="contacts",
            source_object="contact",
            source_label=_("Contacts"),
            modes=MODES,
            deletes=_(
                "Deleted and merged contacts are asked for at every sync; HubSpot keeps deleted ones for 90 days. "
                "Erased ones are noticed at the next complete reading."
            ),
            default_keys=("ref_id", "email"),
            creates=True,
            deletes_out=True,
            write_batch=BATCH,
            customer_path="associatedcompanyid",
            # Which contacts hang on the companies in scope is what their reading finds out.
            counts=False,
            has_key_field=True,
        ),
        ObjectAbility(
            object="agreements",
            source_object="deal",
            source_label=_("Agreements"),
            modes=(Mode.INPUT, Mode.DISABLED),
            deletes=_(
                "Deleted and merged deals are asked for at every sync; HubSpot keeps deleted ones for 90 days. They stay "
                "here, flagged."
            ),
            default_keys=("ref_id",),
            counts=False,
        ),
        *INTERACTIONS,
        SCORES,
    ),
)
