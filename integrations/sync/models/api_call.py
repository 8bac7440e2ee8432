"""The calls of a run to its CRM, as the inspector shows them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.wire.decisions import Decision


class ApiCall(models.Model):
    """One sending, masked before it came here. Of a run only the latest are kept, and the latest that failed."""

    class Decided(models.TextChoices):
        TAKEN = Decision.TAKEN.value, _("used")
        AGAIN = Decision.AGAIN.value, _("sent again")
        RENEWED = Decision.RENEWED.value, _("access renewed, sent again")
        WAITS = Decision.WAITS.value, _("the run waits and asks again")
        PARKED = Decision.PARKED.value, _("the run waits for quota")
        SIGN_IN = Decision.SIGN_IN.value, _("stopped: needs sign-in")
        REFUSED = Decision.REFUSED.value, _("noted on the record")
        GONE = Decision.GONE.value, _("taken as not there")
        EXISTS = Decision.EXISTS.value, _("linked to the record that exists")
        ASKED = Decision.ASKED.value, _("a person is asked")
        STOPPED = Decision.STOPPED.value, _("handed to the run, which stops or does without")

    run_id = models.BigIntegerField()
    at = models.DateTimeField()
    method = models.CharField(max_length=10)
    address = models.TextField()
    kind = models.CharField(max_length=30, blank=True)
    status = models.PositiveSmallIntegerField()
    """0: no answer came."""
    milliseconds = models.PositiveIntegerField()
    bytes = models.PositiveBigIntegerField()
    attempt = models.PositiveSmallIntegerField()
    decision = models.CharField(max_length=10, choices=Decided.choices)
    code = models.CharField(max_length=120, blank=True)
    has_failed = models.BooleanField()

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("call to a CRM")
        verbose_name_plural = _("calls to CRMs")
        indexes = (
            models.Index(fields=["run_id", "has_failed", "-id"], name="sync_call_of_run"),
            models.Index(fields=["at"], name="sync_call_time"),
        )

    def __str__(self) -> str:
        return f"{self.method} {self.status}"
