"""Sellsy's own columns of a connection, and the proxies that give the shared tables its name in admin and permissions."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.sync.models import Change, Connection, FieldMapping, RecordLink, Run

SYSTEM = "sellsy"


class SellsyConnection(Connection):
    class SignIn(models.TextChoices):
        APP = "app", _("As a personal app (client credentials)")
        WEB = "web", _("Sign in to Sellsy in the browser")

    sign_in = models.CharField(_("how to sign in"), max_length=10, choices=SignIn.choices, default=SignIn.APP)
    client_id = models.CharField(_("client ID"), max_length=255, blank=True)
    with_archived = models.BooleanField(_("archived clients too"), default=False)
    company_view = models.CharField(_("saved view of companies"), max_length=18, blank=True)
    company_view_label = models.CharField(max_length=255, blank=True, editable=False)
    contact_view = models.CharField(_("saved view of contacts"), max_length=18, blank=True)
    contact_view_label = models.CharField(max_length=255, blank=True, editable=False)
    without_colleagues = models.BooleanField(_("without own colleagues"), default=False)
    own_domains = models.CharField(_("own domains"), max_length=255, blank=True)
    account_key = models.CharField(max_length=64, blank=True, editable=False)
    """Ids mean something within one account only: signing in to another one must not go unnoticed."""

    class Meta:
        verbose_name = _("Sellsy connection")
        verbose_name_plural = _("Sellsy connections")


class SellsyMapping(FieldMapping):
    system = SYSTEM

    class Meta:
        proxy = True
        verbose_name = _("Sellsy mapping line")
        verbose_name_plural = _("Sellsy mapping lines")


class SellsyRun(Run):
    class Meta:
        proxy = True
        verbose_name = _("Sellsy run")
        verbose_name_plural = _("Sellsy runs")


class SellsyChange(Change):
    class Meta:
        proxy = True
        verbose_name = _("Sellsy change")
        verbose_name_plural = _("Sellsy changes")


class SellsyLink(RecordLink):
    class Meta:
        proxy = True
        verbose_name = _("Sellsy record link")
        verbose_name_plural = _("Sellsy record links")
