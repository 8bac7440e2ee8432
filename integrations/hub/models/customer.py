"""The customer: everything in the hub hangs on one."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .vocabulary import CsmOwner, HealthProfile, Stage, Tag


class Customer(models.Model):
    ref_id = models.CharField(_("customer ID"), max_length=120, blank=True)
    ref_writer = models.BigIntegerField(null=True, editable=False)
    """The connection whose id stands in ref_id; one owner at a time, and a bare id of another system never matches it."""
    name = models.CharField(_("name"), max_length=255)
    name_key = models.CharField(max_length=255, editable=False, default="")
    domain = models.CharField(_("domain"), max_length=255, blank=True)
    domain_key = models.CharField(max_length=255, editable=False, default="")
    stage = models.ForeignKey(Stage, models.PROTECT, verbose_name=_("stage"))
    profile = models.ForeignKey(
        HealthProfile, models.PROTECT, null=True, blank=True, verbose_name=_("health-score profile")
    )
    csm = models.ForeignKey(CsmOwner, models.SET_NULL, null=True, blank=True, verbose_name=_("CSM owner"))
    team = models.ManyToManyField(CsmOwner, blank=True, related_name="helped_customers", verbose_name=_("team members"))
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="children", verbose_name=_("parent")
    )
    pulse = models.PositiveSmallIntegerField(_("CSM Pulse"), null=True, blank=True)
    health_score = models.PositiveSmallIntegerField(_("health score"), null=True, blank=True)
    tags = models.ManyToManyField(Tag, blank=True, verbose_name=_("tags"))
    custom = models.JSONField(_("custom fields"), default=dict, blank=True)
    touched = models.JSONField(default=dict, editable=False)
    """field → when it last changed (ISO), by whomever; of a field that is missing, creation was the last change."""
    last_activity_at = models.DateTimeField(_("last activity"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        ordering = ("name", "pk")
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        indexes = (
            models.Index(fields=["ref_id"], name="hub_customer_ref"),
            models.Index(fields=["name_key", "id"], name="hub_customer_name"),
            models.Index(fields=["domain_key"], name="hub_customer_domain"),
        )
        constraints = (
            models.CheckConstraint(condition=~Q(name=""), name="hub_customer_named"),
            models.CheckConstraint(condition=Q(parent=None) | ~Q(parent=F("id")), name="hub_customer_not_own_parent"),
            models.CheckConstraint(condition=Q(pulse=None) | Q(pulse__range=(1, 5)), name="hub_customer_pulse"),
            models.CheckConstraint(
                condition=Q(health_score=None) | Q(health_score__range=(1, 10)), name="hub_customer_health"
            ),
            models.UniqueConstraint(
                fields=["ref_writer", "ref_id"],
                condition=~Q(ref_id="") & Q(ref_writer__isnull=False),
                name="hub_customer_ref_once_per_writer",
            ),
        )

    def __str__(self) -> str:
        return self.name
