"""In which currency revenue is added up, how it is shown, and at which rates other currencies are converted."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .agreement import Agreement


class MoneySettings(models.Model):
    """One row."""

    currency = models.CharField(_("reporting currency"), max_length=3, default="EUR")
    shown_as = models.CharField(
        _("revenue is shown as"), max_length=3, choices=Agreement.Format.choices, default=Agreement.Format.MRR
    )

    class Meta:
        verbose_name = _("money settings")
        verbose_name_plural = _("money settings")
        constraints = (models.CheckConstraint(condition=Q(id=1), name="hub_money_settings_once"),)

    def __str__(self) -> str:
        return self.currency

    @classmethod
    def current(cls) -> "MoneySettings":
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @property
    def shows_year(self) -> bool:
        return self.shown_as == Agreement.Format.ARR


class ExchangeRate(models.Model):
    """Typed by an admin, valid from its day until the next one of the same two currencies."""

    currency = models.CharField(_("currency"), max_length=3)
    into = models.CharField(_("into"), max_length=3)
    """Kept beside the rate, so that another reporting currency does not give old rates a new meaning."""
    day = models.DateField(_("valid from"))
    rate = models.DecimalField(_("rate"), max_digits=18, decimal_places=8)
    """How much of `into` one unit of `currency` is."""

    class Meta:
        ordering = ("currency", "-day")
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        constraints = (
            models.UniqueConstraint(fields=["currency", "into", "day"], name="hub_exchange_rate_once"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="hub_exchange_rate_positive"),
            models.CheckConstraint(condition=~Q(currency=models.F("into")), name="hub_exchange_rate_two_currencies"),
        )

    def __str__(self) -> str:
        return f"{self.currency} → {self.into}, {self.day}"
