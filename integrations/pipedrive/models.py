"""Pipedrive's own columns of a connection, and the proxies that give the shared tables its name in admin and permissions."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.sync.models import Change, Connection, FieldMapping, RecordLink, Run

SYSTEM = "pipedrive"


class PipedriveConnection(Connection):
    class SignIn(models.TextChoices):
        WEB = "web", _("Sign in to Pipedrive in the browser")
        TOKEN = "token", _("API token of one user")

    sign_in = models.CharField(_("how to sign in"), max_length=10, choices=SignIn.choices, default=SignIn.WEB)
    client_id = models.CharField(_("client ID"), max_length=255, blank=True)
    parent_field = models.CharField(_("field for the parent"), max_length=80, blank=True)
    """A field of organizations that names another one; empty: the relationships that people note between two."""
    organization_id = models.CharField(max_length=20, blank=True, editable=False)
    """Ids mean something within one company only: signing in to another one must not go unnoticed."""

    class Meta:
        verbose_name = _("Pipedrive connection")
        verbose_name_plural = _("Pipedrive connections")


class PipedriveMapping(FieldMapping):
    system = SYSTEM

    class Meta:
        proxy = True
        verbose_name = _("Pipedrive mapping line")
        verbose_name_plural = _("Pipedrive mapping lines")


class PipedriveRun(Run):
    class Meta:
        proxy = True
        verbose_name = _("Pipedrive run")
        verbose_name_plural = _("Pipedrive runs")


class PipedriveChange(Change):
    class Meta:
        proxy = True
        verbose_name = _("Pipedrive change")
        verbose_name_plural = _("Pipedrive changes")


class PipedriveLink(RecordLink):
    class Meta:
        proxy = True
        verbose_name = _("Pipedrive record link")
        verbose_name_plural = _("Pipedrive record links")
