"""Salesforce's own columns of a connection, and the proxies that give the shared tables its name in admin and permissions."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.sync.models import Change, Connection, FieldMapping, RecordLink, Run

SYSTEM = "salesforce"


class SalesforceConnection(Connection):
    class SignIn(models.TextChoices):
        WEB = "web", _("Sign in to Salesforce in the browser")
        APP = "app", _("As an app (client credentials)")
        PASSWORD = "password", _("User name, password and security token")

    class Environment(models.TextChoices):
        LIVE = "live", _("Live")
        SANDBOX = "sandbox", _("Sandbox")
        DOMAIN = "domain", _("Own domain")

    sign_in = models.CharField(_("how to sign in"), max_length=10, choices=SignIn.choices, default=SignIn.WEB)
    environment = models.CharField(
        _("environment"), max_length=10, choices=Environment.choices, default=Environment.LIVE
    )
    client_id = models.CharField(_("client ID"), max_length=255, blank=True)
    username = models.CharField(_("user name"), max_length=255, blank=True)
    account_view = models.CharField(_("account view"), max_length=18, blank=True)
    account_view_label = models.CharField(max_length=255, blank=True, editable=False)
    contact_view = models.CharField(_("contact view"), max_length=18, blank=True)
    contact_view_label = models.CharField(max_length=255, blank=True, editable=False)
    organization_id = models.CharField(max_length=18, blank=True, editable=False)
    """Ids mean something within one organisation only: signing in to another one must not go unnoticed."""

    class Meta:
        verbose_name = _("Salesforce connection")
        verbose_name_plural = _("Salesforce connections")


class SalesforceMapping(FieldMapping):
    system = SYSTEM

    class Meta:
        proxy = True
        verbose_name = _("Salesforce mapping line")
        verbose_name_plural = _("Salesforce mapping lines")


class SalesforceRun(Run):
    class Meta:
        proxy = True
        verbose_name = _("Salesforce run")
        verbose_name_plural = _("Salesforce runs")


class SalesforceChange(Change):
    class Meta:
        proxy = True
        verbose_name = _("Salesforce change")
        verbose_name_plural = _("Salesforce changes")


class SalesforceLink(RecordLink):
    class Meta:
        proxy = True
        verbose_name = _("Salesforce record link")
        verbose_name_plural = _("Salesforce record links")
