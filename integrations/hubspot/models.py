"""HubSpot's own columns of a connection, and the proxies that give the shared tables its name in admin and permissions."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.sync.models import Change, Connection, FieldMapping, RecordLink, Run

SYSTEM = "hubspot"
USUAL_STAGES = ("customer", "evangelist")
"""Who counts as a customer where nobody has said otherwise."""
BETWEEN = ";"
"""Between the values of a column that holds several: no value of a HubSpot list may hold it."""


class HubSpotConnection(Connection):
    class SignIn(models.TextChoices):
        WEB = "web", _("Sign in to HubSpot in the browser")
        KEY = "key", _("With a service key or the token of a private app")

    class Operator(models.TextChoices):
        ANY = "any", _("is any of")
        NONE = "none", _("is none of")
        FILLED = "filled", _("is filled in")
        EMPTY = "empty", _("is empty")
        LEAST = "least", _("is at least")
        MOST = "most", _("is at most")

    sign_in = models.CharField(_("how to sign in"), max_length=10, choices=SignIn.choices, default=SignIn.WEB)
    client_id = models.CharField(_("client ID"), max_length=255, blank=True)
    stages = models.CharField(_("lifecycle stages"), max_length=1000, blank=True, default=BETWEEN.join(USUAL_STAGES))
    stages_label = models.CharField(max_length=1000, blank=True, editable=False)
    filter_field = models.CharField(_("filtered by"), max_length=100, blank=True)
    filter_field_label = models.CharField(max_length=255, blank=True, editable=False)
    filter_operator = models.CharField(_("how it is filtered"), max_length=10, choices=Operator.choices, blank=True)
    filter_values = models.CharField(_("values of the filter"), max_length=1000, blank=True)
    filter_values_label = models.CharField(max_length=1000, blank=True, editable=False)
    portal_id = models.CharField(max_length=20, blank=True, editable=False)
    """Ids mean something within one portal only: signing in to another one must not go unnoticed."""

    class Meta:
        verbose_name = _("HubSpot connection")
        verbose_name_plural = _("HubSpot connections")


class HubSpotMapping(FieldMapping):
    system = SYSTEM

    class Meta:
        proxy = True
        verbose_name = _("HubSpot mapping line")
        verbose_name_plural = _("HubSpot mapping lines")


class HubSpotRun(Run):
    class Meta:
        proxy = True
        verbose_name = _("HubSpot run")
        verbose_name_plural = _("HubSpot runs")


class HubSpotChange(Change):
    class Meta:
        proxy = True
        verbose_name = _("HubSpot change")
        verbose_name_plural = _("HubSpot changes")


class HubSpotLink(RecordLink):
    class Meta:
        proxy = True
        verbose_name = _("HubSpot record link")
        verbose_name_plural = _("HubSpot record links")
