"""What an admin types about money: the reporting currency, how revenue is shown, and dated exchange rates."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.layout import ConsoleFormHelper
from integrations.engine.currencies import CURRENCIES

from ..models import ExchangeRate, MoneySettings

CODES = [(code, code) for code in CURRENCIES]


class MoneyForm(forms.ModelForm):
    currency = forms.ChoiceField(
        label=gettext_lazy("Reporting currency"),
        choices=CODES,
        help_text=gettext_lazy("Every sum is in it. Rates into another currency stay, and rest."),
    )

    class Meta:
        model = MoneySettings
        fields = ("currency", "shown_as")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = ConsoleFormHelper()


class RateForm(forms.ModelForm):
    currency = forms.ChoiceField(label=gettext_lazy("Currency"), choices=CODES)
    rate = forms.DecimalField(
        label=gettext_lazy("Rate"),
        min_value=Decimal("0.00000001"),
        max_digits=18,
        decimal_places=8,
        error_messages={"invalid": gettext_lazy("A number such as 0.92.")},
    )
    day = forms.DateField(
        label=gettext_lazy("Valid from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    class Meta:
        model = ExchangeRate
        fields = ("currency", "rate", "day")

    def __init__(self, data: Any = None, *, into: str, asked: str = "") -> None:
        super().__init__(data, initial={"day": timezone.localdate(), "currency": asked})
        self.instance.into = into
        self.fields["rate"].help_text = _("How much %(into)s one unit is.") % {"into": into}
        self.helper = ConsoleFormHelper()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        into = self.instance.into
        if cleaned.get("currency") == into:
            self.add_error("currency", _("%(into)s is the reporting currency: it needs no rate.") % {"into": into})
        day = cleaned.get("day")
        if day and ExchangeRate.objects.filter(currency=cleaned.get("currency"), into=into, day=day).exists():
            self.add_error("day", _("That day has a rate already. Remove it first, or choose another day."))
        return cleaned
