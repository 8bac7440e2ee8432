"""What fills the hub beside the CRMs: whether a mailbox or a calendar is connected to it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class CaptureSettings(models.Model):
    """One row."""

    mailbox_connected = models.BooleanField(_("a mailbox is connected"), default=False)
    calendar_connected = models.BooleanField(_("a calendar is connected"), default=False)

    class Meta:
        verbose_name = _("mailbox and calendar")
        verbose_name_plural = _("mailbox and calendar")
        constraints = (models.CheckConstraint(condition=Q(id=1), name="hub_capture_settings_once"),)

    def __str__(self) -> str:
        return str(_("mailbox and calendar"))

    @classmethod
    def current(cls) -> "CaptureSettings":
        return cls.objects.filter(pk=1).first() or cls(pk=1)
