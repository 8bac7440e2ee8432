"""Intercom's own columns of a connection, and the proxies that give the shared tables its name in admin and permissions."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.sync.models import Change, Connection, FieldMapping, RecordLink, Run

SYSTEM = "intercom"


class IntercomConnection(Connection):
    class SignIn(models.TextChoices):
        TOKEN = "token", _("With an access token")
        WEB = "web", _("Sign in to Intercom in the browser")

    class Region(models.TextChoices):
        US = "us", _("United States")
        EU = "eu", _("Europe")
        AU = "au", _("Australia")

    sign_in = models.CharField(_("how to sign in"), max_length=10, choices=SignIn.choices, default=SignIn.TOKEN)
    region = models.CharField(
        _("where the workspace is hosted"), max_length=2, choices=Region.choices, default=Region.US
    )
    client_id = models.CharField(_("client ID"), max_length=255, blank=True)
    workspace_id = models.CharField(max_length=64, blank=True, editable=False)
    """Ids mean something within one workspace only: signing in to another one must not go unnoticed."""

    class Meta:
        verbose_name = _("Intercom connection")
        verbose_name_plural = _("Intercom connections")


class IntercomMapping(FieldMapping):
    system = SYSTEM

    class Meta:
        proxy = True
        verbose_name = _("Intercom mapping line")
        verbose_name_plural = _("Intercom mapping lines")


class IntercomRun(Run):
    class Meta:
        proxy = True
        verbose_name = _("Intercom run")
        verbose_name_plural = _("Intercom runs")


class IntercomChange(Change):
    class Meta:
        proxy = True
        verbose_name = _("Intercom change")
        verbose_name_plural = _("Intercom changes")


class IntercomLink(RecordLink):
    class Meta:
        proxy = True
        verbose_name = _("Intercom record link")
        verbose_name_plural = _("Intercom record links")
