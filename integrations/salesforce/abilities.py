"""What Salesforce can do here; pages, refusals and docs read it from this table."""

from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Mode
from integrations.sync.connector import Abilities, ObjectAbility

from .interactions.abilities import INTERACTIONS
from .models import SYSTEM
from .schema import WORDS
from .scores import SCORES
from .writing_client import MOST_WRITTEN

MODES = (Mode.INPUT, Mode.TWO_WAY, Mode.DISABLED)
CALLS_READ_BACK = 5
"""One call shows two thousand records; a worker that dies asks again about a thousand at most."""
BULK_FROM = 2000
"""Ten calls of collections; a job takes about seven, however many records it holds."""
BULK_BATCH = 10_000
"""What Salesforce itself works on at a time; and a worker that dies asks again about so many at most."""

ABILITIES = Abilities(
    system=SYSTEM,
    label="Salesforce",
    short="SF",
    connection_model="salesforce.SalesforceConnection",
    type_words=WORDS,
    # Locked until an approval is through; naming a record that is not there yet, or an owner who is not active again.
    waiting_codes=frozenset({"ENTITY_IS_LOCKED", "INVALID_CROSS_REFERENCE_KEY", "INACTIVE_OWNER_OR_USER"}),
    objects=(
        ObjectAbility(
            object="customers",
            source_object="Account",
            source_label=_("Accounts"),
            modes=MODES,
            deletes=_(
                "Deleted and merged accounts are asked for at every sync; Salesforce remembers them for 15 days."
            ),
            default_keys=("ref_id", "domain"),
            tells_who=True,
            has_hierarchy=True,
            creates=True,
            deletes_out=True,
            write_batch=MOST_WRITTEN,
            calls_read_back=CALLS_READ_BACK,
            bulk_from=BULK_FROM,
            bulk_batch=BULK_BATCH,
            has_key_field=True,
        ),
        ObjectAbility(
            object="contacts",
            source_object="Contact",
            source_label=_("Contacts"),
            modes=MODES,
            deletes=_(
                "Deleted and merged contacts are asked for at every sync; Salesforce remembers them for 15 days."
            ),
            default_keys=("ref_id", "email"),
            tells_who=True,
            creates=True,
            deletes_out=True,
            write_batch=MOST_WRITTEN,
            calls_read_back=CALLS_READ_BACK,
            bulk_from=BULK_FROM,
            bulk_batch=BULK_BATCH,
            customer_path="AccountId",
            has_key_field=True,
        ),
        ObjectAbility(
            object="agreements",
            source_object="Opportunity",
            source_label=_("Agreements"),
            modes=(Mode.INPUT, Mode.DISABLED),
            deletes=_(
                "Deleted ones are asked for at every sync; Salesforce remembers them for 15 days. They stay here, flagged."
            ),
            default_keys=("ref_id",),
        ),
        *INTERACTIONS,
        SCORES,
    ),
)
