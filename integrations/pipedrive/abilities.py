"""What Pipedrive can do here; pages, refusals and docs read it from this table."""

from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Mode
from integrations.sync.connector import Abilities, ObjectAbility

from .gone import RECENT
from .interactions.abilities import INTERACTIONS
from .models import SYSTEM
from .schema import WORDS
from .scores import SCORES
from .writing import MOST_WRITTEN

MODES = (Mode.INPUT, Mode.TWO_WAY, Mode.DISABLED)
OVERLAP = 120
"""Seconds. Stamps are whole seconds of Pipedrive's own clock, and a new record gets its first one a little late."""
DELETES = _(
    "Asked for at every sync: a missing record is looked up by its number, and says for 30 days that it was deleted. A "
    "merged one only shows as deleted: Pipedrive does not say which record took its place."
)

ABILITIES = Abilities(
    system=SYSTEM,
    label="Pipedrive",
    short="PD",
    connection_model="pipedrive.PipedriveConnection",
    type_words=WORDS,
    ids_are_numbers=True,
    # Custom fields have keys of 40 letters and digits.
    has_plain_paths=False,
    # An owner who may be active again.
    waiting_codes=frozenset({"INACTIVE_USER"}),
    objects=(
        ObjectAbility(
            object="customers",
            source_object="organization",
            source_label=_("Organizations"),
            modes=MODES,
            deletes=DELETES,
            default_keys=("ref_id", "domain"),
            has_hierarchy=True,
            overlap_seconds=OVERLAP,
            creates=True,
            deletes_out=True,
            write_batch=MOST_WRITTEN,
            # A number that a second walk over all of them would tell is worth less than its calls.
            counts=False,
            has_key_field=True,
        ),
        ObjectAbility(
            object="contacts",
            source_object="person",
            source_label=_("Persons"),
            modes=MODES,
            deletes=DELETES,
            default_keys=("ref_id", "email"),
            overlap_seconds=OVERLAP,
            creates=True,
            deletes_out=True,
            write_batch=MOST_WRITTEN,
            customer_path="org_id",
            counts=False,
            walk_of_deleted=RECENT,
            has_key_field=True,
        ),
        ObjectAbility(
            object="agreements",
            source_object="deal",
            source_label=_("Agreements"),
            modes=(Mode.INPUT, Mode.DISABLED),
            deletes=DELETES,
            default_keys=("ref_id",),
            overlap_seconds=OVERLAP,
            counts=False,
            walk_of_deleted=RECENT,
        ),
        *INTERACTIONS,
        SCORES,
    ),
)
