"""What Zoho CRM can do here; pages, refusals and docs read it from this table."""

from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Mode
from integrations.sync.connector import Abilities, ObjectAbility

from .client import MOST_WRITTEN
from .coql import IDS_PER_QUERY
from .interactions.abilities import INTERACTIONS
from .models import SYSTEM
from .schema import WORDS
from .scope import ACCOUNT_OF_CONTACT, ACCOUNTS, CONTACTS
from .scores import SCORES

MODES = (Mode.INPUT, Mode.TWO_WAY, Mode.DISABLED)
OVERLAP = 120
"""Seconds. Zoho's stamps are whole seconds of its own clock, and a query sees what is written at once."""
DELETES = _(
    "Deleted ones are asked for at every sync; Zoho remembers them for 60 days. A merged one only shows as deleted: Zoho "
    "does not say which record took its place, and what hung on it follows at the next complete reading."
)

ABILITIES = Abilities(
    system=SYSTEM,
    label="Zoho CRM",
    short="ZO",
    connection_model="zoho.ZohoConnection",
    type_words=WORDS,
    # Locked until an approval or a merge is through; or an owner who is not active again.
    waiting_codes=frozenset({"RECORD_LOCKED", "INACTIVE_USER"}),
    objects=(
        ObjectAbility(
            object="customers",
            source_object=ACCOUNTS,
            source_label=_("Accounts"),
            modes=MODES,
            deletes=DELETES,
            default_keys=("ref_id", "domain"),
            tells_who=True,
            has_hierarchy=True,
            tells_scope=True,
            overlap_seconds=OVERLAP,
            creates=True,
            deletes_out=True,
            write_batch=MOST_WRITTEN,
            calls_read_back=IDS_PER_QUERY // MOST_WRITTEN,
            has_key_field=True,
        ),
        ObjectAbility(
            object="contacts",
            source_object=CONTACTS,
            source_label=_("Contacts"),
            modes=MODES,
            deletes=DELETES,
            default_keys=("ref_id", "email"),
            tells_who=True,
            overlap_seconds=OVERLAP,
            creates=True,
            deletes_out=True,
            write_batch=MOST_WRITTEN,
            calls_read_back=IDS_PER_QUERY // MOST_WRITTEN,
            customer_path=ACCOUNT_OF_CONTACT,
            has_key_field=True,
        ),
        ObjectAbility(
            object="agreements",
            source_object="Deals",
            source_label=_("Agreements"),
            modes=(Mode.INPUT, Mode.DISABLED),
            deletes=_(
                "Deleted ones are asked for at every sync; Zoho remembers them for 60 days. They stay here, flagged."
            ),
            default_keys=("ref_id",),
            overlap_seconds=OVERLAP,
        ),
        *INTERACTIONS,
        SCORES,
    ),
)
