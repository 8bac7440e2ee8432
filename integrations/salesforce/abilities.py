"""What Salesforce can do here; pages, refusals and docs read it from this table."""

from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Mode
from integrations.sync.connector import Abilities, ObjectAbility

from .models import SYSTEM
from .schema import WORDS

MODES = (Mode.INPUT, Mode.DISABLED)

ABILITIES = Abilities(
    system=SYSTEM,
    label="Salesforce",
    short="SF",
    connection_model="salesforce.SalesforceConnection",
    type_words=WORDS,
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
            has_hierarchy=True,
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
        ),
    ),
)
