from django.db import models
from django.utils.translation import gettext_lazy as _


class Verb(models.TextChoices):
    """The words that people search the trail by; other apps may record words of their own."""

    SIGNED_IN = "signed in", _("signed in")
    SIGN_IN_FAILED = "sign-in failed", _("sign-in failed")
    SIGNED_OUT = "signed out", _("signed out")
    INVITED = "invited", _("invited")
    CREATED = "created", _("created")
    CHANGED = "changed", _("changed")
    DELETED = "deleted", _("deleted")
    DISABLED = "disabled", _("disabled")
    PASSWORD_CHANGED = "password changed", _("password changed")
    SESSIONS_ENDED = "sessions ended", _("sessions ended")
