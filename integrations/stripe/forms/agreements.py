"""Subscriptions as agreements: there is one question, whether they come in. What they are worth is said, not asked."""

from collections import Counter
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from integrations.setup.forms.step_form import StepForm, mode_field
from integrations.setup.looks import Looks
from integrations.setup.saving import Data, first_block, set_constant
from integrations.sync.blocks import AgreementSource
from integrations.sync.configuration import snapshot
from integrations.sync.models import Block, Connection
from integrations.sync.models.connection import Mode

from ..defaults import CONSTANTS
from ..mrr import Why, worth_of

NAME = "agreements"
SAID: Mapping[Why, tuple[str | Promise, str | Promise]] = {
    Why.TRIAL: (_("On trial"), _("0 until the trial is over. The agreement starts then.")),
    Why.PAUSED: (_("Payments paused"), _("0 while nothing is collected. The agreement is paused.")),
    Why.ENDING: (_("Cancelled at the end of the period"), _("Counts until then. The end date says when.")),
    Why.METERED: (_("Metered items"), _("0: what will be used is not known beforehand. Other items count.")),
    Why.TIERED: (_("Tiered prices"), _("By the quantity: in all tiers, or in the one that it falls into.")),
    Why.COUPON: (_("Coupons that last for ever"), _("Taken off.")),
    Why.COUPON_ENDS: (_("Coupons for once, or for some months"), _("Not taken off: they end, the agreement goes on.")),
    Why.UNKNOWN: (_("Price not readable"), _("No amount. It is not taken for 0.")),
}


class StripeAgreementsForm(StepForm):
    data_type = NAME
    mode = mode_field()

    def __init__(self, looks: Looks, data: Any = None) -> None:
        super().__init__(looks, data)
        self.kept: Data | None = snapshot(self.connection)["blocks"].get(NAME)
        self.initial["mode"] = self.kept["mode"] if self.kept else Mode.INPUT.value

    @property
    def number(self) -> int:
        return self.looks.agreement_count(AgreementSource("subscription"))

    @cached_property
    def looked_at(self) -> Sequence[Any]:
        connector: Any = self.looks.connector
        return self.looks.kept("newest-subscriptions", lambda: list(connector.newest(NAME)))

    @property
    def decisions(self) -> list[tuple[str | Promise, str | Promise, int]]:
        """Each case, how it is decided, and how many of the newest hundred are one."""
        met = Counter(why for row in self.looked_at for why in worth_of(row).why)
        return [(label, said, met[why]) for why, (label, said) in SAID.items() if why is not Why.UNKNOWN or met[why]]

    @property
    def before(self) -> list[Connection]:
        """Connections whose agreements count where they have any: Stripe’s are then shown, and in no sum."""
        read = Block.objects.filter(object=NAME).exclude(mode=Mode.DISABLED)
        earlier = Connection.objects.filter(order__lt=self.connection.order, blocks__in=read)
        return list(earlier.exclude(state=Connection.State.ARCHIVED).exclude(pk=self.connection.pk).order_by("order"))

    def apply_to(self, data: Data) -> None:
        block = deepcopy(self.kept) if self.kept else self._first()
        data["blocks"][NAME] = {**block, "mode": self.cleaned_data["mode"]}

    def _first(self) -> Data:
        block = first_block(self.guide, NAME, self.looks.schema(NAME))
        for name, value in CONSTANTS.items():
            set_constant(block, name, value)
        source = AgreementSource(
            "subscription", "customer", source_label=_now("Subscriptions"), customer_field_label=_now("Customer")
        )
        return {**block, "settings": source.settings}
