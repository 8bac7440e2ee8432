"""Zoho's own columns of a connection, and the proxies that give the shared tables its name in admin and permissions."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.sync.models import Change, Connection, FieldMapping, RecordLink, Run

SYSTEM = "zoho"


class ZohoConnection(Connection):
    class SignIn(models.TextChoices):
        WEB = "web", _("Sign in to Zoho in the browser")
        APP = "app", _("As an app (client credentials)")

    class Centre(models.TextChoices):
        US = "us", _("United States (zoho.com)")
        EU = "eu", _("Europe (zoho.eu)")
        IN = "in", _("India (zoho.in)")
        AU = "au", _("Australia (zoho.com.au)")
        JP = "jp", _("Japan (zoho.jp)")
        CA = "ca", _("Canada (zohocloud.ca)")
        SA = "sa", _("Saudi Arabia (zoho.sa)")
        CN = "cn", _("China (zoho.com.cn)")
        OWN = "own", _("Another address")

    sign_in = models.CharField(_("how to sign in"), max_length=10, choices=SignIn.choices, default=SignIn.WEB)
    data_centre = models.CharField(_("data centre"), max_length=4, choices=Centre.choices, default=Centre.EU)
    client_id = models.CharField(_("client ID"), max_length=255, blank=True)
    organisation_number = models.CharField(_("organisation number"), max_length=20, blank=True)
    """Asked for where nobody signs in: an app names the organisation itself."""
    account_types = models.TextField(_("account types"), blank=True)
    """Separated by `;`, which no value of a Zoho list holds; empty: all of them."""
    account_types_label = models.TextField(blank=True, editable=False)
    filter_field = models.CharField(_("further filter, field"), max_length=80, blank=True)
    filter_field_label = models.CharField(max_length=255, blank=True, editable=False)
    filter_values = models.TextField(_("further filter, values"), blank=True)
    filter_values_label = models.TextField(blank=True, editable=False)
    contact_view = models.CharField(_("contact view"), max_length=20, blank=True)
    contact_view_label = models.CharField(max_length=255, blank=True, editable=False)
    organization_id = models.CharField(max_length=20, blank=True, editable=False)
    """Ids mean something within one organisation only: signing in to another one must not go unnoticed."""
    credits_limit = models.PositiveIntegerField(default=0, editable=False)
    """Credits of a day by the licence; 0: not known. Zoho's answers tell only what is left of them."""

    class Meta:
        verbose_name = _("Zoho connection")
        verbose_name_plural = _("Zoho connections")


class ZohoMapping(FieldMapping):
    system = SYSTEM

    class Meta:
        proxy = True
        verbose_name = _("Zoho mapping line")
        verbose_name_plural = _("Zoho mapping lines")


class ZohoRun(Run):
    class Meta:
        proxy = True
        verbose_name = _("Zoho run")
        verbose_name_plural = _("Zoho runs")


class ZohoChange(Change):
    class Meta:
        proxy = True
        verbose_name = _("Zoho change")
        verbose_name_plural = _("Zoho changes")


class ZohoLink(RecordLink):
    class Meta:
        proxy = True
        verbose_name = _("Zoho record link")
        verbose_name_plural = _("Zoho record links")
