"""The hub's own words: stages, health-score profiles, tags, colleagues, and the fields a team adds."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class HubObject(models.TextChoices):
    CUSTOMERS = "customers", _("Customers")
    CONTACTS = "contacts", _("Contacts")
    AGREEMENTS = "agreements", _("Agreements")
    INTERACTIONS = "interactions", _("Interactions")
    LEADS = "leads", _("Leads")
    OPPORTUNITIES = "opportunities", _("Opportunities")


TAGGED = (HubObject.CUSTOMERS, HubObject.CONTACTS)
"""Whose rows carry tags: no other tag can be made, offered or mapped."""


class Stage(models.Model):
    """A phase of the customer's life. The name is technical and stays; the label is what people read."""

    name = models.SlugField(_("name"), max_length=60, unique=True)
    label = models.CharField(_("label"), max_length=80)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_default = models.BooleanField(_("given to new customers"), default=False)
    is_churn = models.BooleanField(_("means churned"), default=False)

    class Meta:
        ordering = ("position", "name")
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        constraints = (
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="hub_one_default_stage"),
            models.UniqueConstraint(fields=["is_churn"], condition=Q(is_churn=True), name="hub_one_churn_stage"),
            models.UniqueConstraint(Lower("label"), name="hub_stage_label_unique"),
        )

    def __str__(self) -> str:
        return self.label


class HealthProfile(models.Model):
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        ordering = ("name",)
        verbose_name = _("health-score profile")
        verbose_name_plural = _("health-score profiles")
        constraints = (models.UniqueConstraint(Lower("name"), name="hub_profile_name_unique"),)

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    name = models.CharField(_("name"), max_length=80)
    entity = models.CharField(_("for"), max_length=20, choices=HubObject.choices)
    color = models.CharField(_("colour"), max_length=7, blank=True)
    is_system = models.BooleanField(_("system tag"), default=False)

    class Meta:
        ordering = ("name",)
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        constraints = (models.UniqueConstraint(Lower("name"), "entity", "is_system", name="hub_tag_unique"),)

    def __str__(self) -> str:
        return self.name


class CsmOwner(models.Model):
    """A colleague as CRMs know them, by e-mail; joined to a person of the console where one has that e-mail."""

    email = models.EmailField(_("e-mail"), unique=True, help_text=_("Kept in lower case: it is compared, not shown."))
    name = models.CharField(_("name"), max_length=160, blank=True)
    person = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="csm_owner",
        verbose_name=_("person here"),
    )

    class Meta:
        ordering = ("name", "email")
        verbose_name = _("CSM owner")
        verbose_name_plural = _("CSM owners")

    def __str__(self) -> str:
        return self.name or self.email


def new_key() -> str:
    return secrets.token_hex(8)


class CustomField(models.Model):
    """A field that the team adds. Its values live in the row's `custom` JSON under `key`; the type never changes."""

    class Type(models.TextChoices):
        STRING = "STRING", _("Text, up to 500 characters")
        NUMBER = "NUMBER", _("Number")
        CURRENCY = "CURRENCY", _("Amount of money")
        DATE = "DATE", _("Date")
        DATETIME = "DATETIME", _("Date and time")
        BOOLEAN = "BOOLEAN", _("Yes or no")

    key = models.CharField(_("key"), max_length=16, unique=True, default=new_key, editable=False)
    entity = models.CharField(_("for"), max_length=20, choices=HubObject.choices)
    name = models.CharField(_("name"), max_length=80)
    type = models.CharField(_("type"), max_length=10, choices=Type.choices)
    is_key = models.BooleanField(_("may recognise records"), default=False)

    class Meta:
        ordering = ("entity", "name")
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")
        constraints = (models.UniqueConstraint(Lower("name"), "entity", name="hub_custom_field_unique"),)

    def __str__(self) -> str:
        return self.name


class CustomKey(models.Model):
    """The compared form of a custom field that recognises records: what built-in fields keep in a column of their own."""

    field = models.ForeignKey(CustomField, models.CASCADE)
    row_id = models.BigIntegerField()
    value = models.CharField(max_length=500)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["field", "row_id"], name="hub_custom_key_once"),)
        indexes = (models.Index(fields=["field", "value"], name="hub_custom_key_value"),)

    def __str__(self) -> str:
        return self.value
