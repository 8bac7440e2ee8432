"""What Intercom can do here; pages, refusals and docs read it from this table."""

from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Mode
from integrations.sync.connector import Abilities, ObjectAbility

from .interactions.abilities import INTERACTIONS
from .models import SYSTEM
from .schema import WORDS
from .writing import MOST_WRITTEN

MODES = (Mode.INPUT, Mode.TWO_WAY, Mode.DISABLED)

ABILITIES = Abilities(
    system=SYSTEM,
    label="Intercom",
    short="IC",
    connection_model="intercom.IntercomConnection",
    type_words=WORDS,
    window=_("10 seconds"),
    objects=(
        ObjectAbility(
            object="customers",
            source_object="company",
            source_label=_("Companies"),
            modes=MODES,
            deletes=_(
                "Every sync reads all companies that somebody belongs to. One that is deleted, or that its last contact "
                "left, shows at the next complete reading."
            ),
            default_keys=("ref_id",),
            # The listing says how many it holds.
            counts=False,
            tells_scope=True,
            write_batch=MOST_WRITTEN,
            makes_rows=False,
        ),
        ObjectAbility(
            object="contacts",
            source_object="contact",
            source_label=_("Contacts"),
            modes=MODES,
            deletes=_("An archived, deleted or merged contact shows at the next complete reading."),
            default_keys=("ref_id", "email"),
            # New ones may take minutes until a search finds them.
            overlap_seconds=900,
            counts=False,
            write_batch=MOST_WRITTEN,
            makes_rows=False,
            key_paths={"email": "email"},
        ),
        *INTERACTIONS,
    ),
)
