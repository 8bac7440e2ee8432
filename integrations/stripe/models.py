"""Stripe's own columns of a connection, and the proxies that give the shared tables its name in admin and permissions."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.sync.models import Change, Connection, FieldMapping, RecordLink, Run

SYSTEM = "stripe"


class StripeConnection(Connection):
    account_key = models.CharField(max_length=64, blank=True, editable=False)
    """The account, and whether it is its sandbox: the two hold different records."""

    class Meta:
        verbose_name = _("Stripe connection")
        verbose_name_plural = _("Stripe connections")


class StripeMapping(FieldMapping):
    system = SYSTEM

    class Meta:
        proxy = True
        verbose_name = _("Stripe mapping line")
        verbose_name_plural = _("Stripe mapping lines")


class StripeRun(Run):
    class Meta:
        proxy = True
        verbose_name = _("Stripe run")
        verbose_name_plural = _("Stripe runs")


class StripeChange(Change):
    class Meta:
        proxy = True
        verbose_name = _("Stripe change")
        verbose_name_plural = _("Stripe changes")


class StripeLink(RecordLink):
    class Meta:
        proxy = True
        verbose_name = _("Stripe record link")
        verbose_name_plural = _("Stripe record links")
