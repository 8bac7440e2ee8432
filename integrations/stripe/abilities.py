"""What Stripe can do here; pages, refusals and docs read it from this table."""

from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Mode
from integrations.sync.connector import Abilities, ObjectAbility

from .models import SYSTEM
from .schema import WORDS

OVERLAP_SECONDS = 300
"""An event may stand in the list some seconds after its own time."""

ABILITIES = Abilities(
    system=SYSTEM,
    label="Stripe",
    short="ST",
    connection_model="stripe.StripeConnection",
    type_words=WORDS,
    objects=(
        ObjectAbility(
            object="customers",
            source_object="Customer",
            source_label=_("Customers"),
            modes=(Mode.INPUT, Mode.DISABLED),
            deletes=_(
                "Stripe’s list of events tells them for thirty days; complete readings ask by name about the rest."
            ),
            default_keys=("name", "domain"),
            overlap_seconds=OVERLAP_SECONDS,
            counts=False,
            # There is no scope: whoever is in the list of events is in the account.
            tells_scope=True,
            makes_rows=False,
        ),
        ObjectAbility(
            object="agreements",
            source_object="Subscription",
            source_label=_("Subscriptions"),
            modes=(Mode.INPUT, Mode.DISABLED),
            deletes=_("A subscription is never deleted in Stripe: it is cancelled, and so is its agreement here."),
            default_keys=("ref_id",),
            overlap_seconds=OVERLAP_SECONDS,
            counts=False,
            customer_path="customer",
        ),
    ),
)
