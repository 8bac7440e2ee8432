"""A key with which a program writes scores: only its digest is kept, so nobody can read it again."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ApiToken(models.Model):
    """Revoked, never deleted: the journal names it for years."""

    name = models.CharField(_("name"), max_length=80, help_text=_("Which program uses it, such as “Nightly scoring”."))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    ending = models.CharField(max_length=4, editable=False)
    """By which people tell it from others; too little to guess the rest."""
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.CharField(_("created by"), max_length=160, editable=False)
    used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)
    revoked_by = models.CharField(_("revoked by"), max_length=160, blank=True, editable=False)
    minute = models.DateTimeField(null=True, editable=False)
    calls = models.PositiveIntegerField(default=0, editable=False)
    """Calls within `minute`: counted where every process sees it."""

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return self.name
