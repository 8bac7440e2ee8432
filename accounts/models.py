from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, Role
from accounts.verbs import Verb

# Whoever may write a schedule of the queue may run any function of the process: nobody does that in a browser.
READ_ONLY_APPS = {"django_q"}


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A person. What they may do follows from the role alone: no groups, no single permissions, no superuser."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.READ_ONLY)
    is_active = models.BooleanField(_("may sign in"), default=True)
    date_joined = models.DateTimeField(_("added"), default=timezone.now)
    last_seen = models.DateTimeField(_("last seen"), null=True, blank=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ("name", "email")
        constraints = (
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="user_role_is_known"),
            # Sign-in compares in lower case: two spellings of one address would be two people with one door.
            models.UniqueConstraint(models.functions.Lower("email"), name="user_email_in_any_case"),
        )

    def __str__(self) -> str:
        return self.label

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.strip().lower()
        super().save(*args, **kwargs)

    @property
    def label(self) -> str:
        return self.name or self.email

    @property
    def role_of(self) -> Role:
        return Role(self.role)

    def may(self, permission: Permission) -> bool:
        return self.is_active and self.role_of.may(permission)

    @property
    def visible_owners(self) -> list[str] | None:
        """The e-mails of owners whose customers this person may see; None means everybody's."""
        return self.own_and_teams if self.role_of.sees_only_own_customers else None

    @property
    def own_and_teams(self) -> list[str]:
        colleagues = User.objects.filter(teams__in=self.teams.all()).exclude(pk=self.pk)
        return [self.email, *colleagues.order_by("email").values_list("email", flat=True).distinct()]

    @property
    def is_staff(self) -> bool:
        return self.may(Permission.SEE_RAW)

    def has_perm(self, perm: str, _obj: object = None) -> bool:
        """Django's admin asks here: Admin may do all, Support may look."""
        if not self.is_staff:
            return False
        app, _dot, codename = perm.partition(".")
        if codename.startswith("view_"):
            return True
        return self.role_of.may_change_raw_rows and app not in READ_ONLY_APPS

    def has_perms(self, perm_list: list[str], _obj: object = None) -> bool:
        return all(self.has_perm(perm) for perm in perm_list)

    def has_module_perms(self, _app_label: str) -> bool:
        return self.is_staff


class Team(models.Model):
    """People who see each other's customers although their role shows them only their own."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    members = models.ManyToManyField(User, verbose_name=_("members"), related_name="teams", blank=True)

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class AppendOnly(models.QuerySet["AuditEntry"]):
    def update(self, **_kwargs: Any) -> NoReturn:
        raise TypeError("An audit trail is only added to.")

    def delete(self) -> NoReturn:
        raise TypeError("An audit trail is only added to.")

    def bulk_update(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise TypeError("An audit trail is only added to.")


class AuditEntry(models.Model):
    """What a person did, as it stood then: names are copied, so that the trail outlives the rows that it names."""

    at = models.DateTimeField(_("time"), default=timezone.now)
    actor_id = models.BigIntegerField(null=True)
    actor = models.CharField(_("person"), max_length=254)
    address = models.GenericIPAddressField(_("address"), null=True)
    verb = models.CharField(_("what"), max_length=40)
    kind = models.CharField(_("object"), max_length=60, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    label = models.CharField(_("name"), max_length=254, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    note = models.TextField(blank=True)

    objects = AppendOnly.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=["actor_id", "-id"]),
            models.Index(fields=["verb", "-id"]),
            models.Index(fields=["kind", "object_id", "-id"]),
            models.Index(fields=["at"]),
        )

    def __str__(self) -> str:
        return f"{self.actor} {self.verb} {self.label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("An audit trail is only added to.")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise TypeError("An audit trail is only added to.")

    @property
    def said(self) -> str:
        """The act in words; what people do to themselves needs no object."""
        verb = dict(Verb.choices).get(self.verb, self.verb)
        to_oneself = bool(self.actor_id) and self.label == self.actor
        return str(verb) if to_oneself else " ".join(part for part in (str(verb), self.kind, self.label) if part)

    @property
    def changes(self) -> list[tuple[str, Any, Any]]:
        before, after = self.before or {}, self.after or {}
        return [(name, before.get(name), after.get(name)) for name in {**before, **after}]
