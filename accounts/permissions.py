"""Who may do what: one table, and the marks by which every view declares its row.

The marks do not check anything themselves. `accounts.middleware.SignInRequired` does, for every view,
so that a view that forgot its mark is closed rather than open.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

V = TypeVar("V")


class Permission(models.TextChoices):
    ENTER = "enter", _("sign in")
    SEE_HUB = "see_hub", _("see customers")
    EDIT_HUB = "edit_hub", _("work on customers")
    SEE_INTEGRATIONS = "see_integrations", _("see connections")
    EDIT_INTEGRATIONS = "edit_integrations", _("create or change connections")
    SEE_RUNS = "see_runs", _("see runs and previews")
    RUN_SYNC = "run_sync", _("start, apply or undo runs")
    RETRY = "retry", _("retry records")
    SEE_LOG = "see_log", _("read the sync log")
    SEE_PEOPLE = "see_people", _("see people and the audit trail")
    EDIT_PEOPLE = "edit_people", _("manage people")
    SEE_RAW = "see_raw", _("see raw rows")
    HARD_DELETE = "hard_delete", _("delete in bulk for good")

    @property
    def roles(self) -> list["Role"]:
        return [role for role in Role if role.may(self)]


class Role(models.TextChoices):
    ADMIN = "admin", _("Admin")
    MANAGER = "manager", _("Manager")
    CSM = "csm", _("CSM")
    RESTRICTED_CSM = "restricted_csm", _("Restricted CSM")
    SUPPORT = "support", _("Support")
    READ_ONLY = "read_only", _("Read-only")

    def may(self, permission: Permission) -> bool:
        return permission in GRANTS[self]

    @property
    def sees_only_own_customers(self) -> bool:
        return self is Role.RESTRICTED_CSM

    @property
    def edits_all_customers(self) -> bool:
        """The others who work on customers work on those that they or their teams look after."""
        return self in {Role.ADMIN, Role.MANAGER}

    @property
    def may_change_raw_rows(self) -> bool:
        return self is Role.ADMIN

    @property
    def meaning(self) -> Promise:
        return MEANINGS[self]


_READS = {
    Permission.ENTER,
    Permission.SEE_HUB,
    Permission.SEE_INTEGRATIONS,
    Permission.SEE_RUNS,
    Permission.SEE_LOG,
}

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset(Permission),
    Role.MANAGER: frozenset(_READS | {Permission.EDIT_HUB, Permission.SEE_PEOPLE}),
    Role.CSM: frozenset(_READS | {Permission.EDIT_HUB}),
    Role.RESTRICTED_CSM: frozenset({Permission.ENTER, Permission.SEE_HUB, Permission.EDIT_HUB}),
    Role.SUPPORT: frozenset(_READS | {Permission.RETRY, Permission.SEE_PEOPLE, Permission.SEE_RAW}),
    Role.READ_ONLY: frozenset({Permission.ENTER, Permission.SEE_HUB}),
}

MEANINGS: dict[Role, Promise] = {
    Role.ADMIN: _("Everything, including connections, people and deleting for good."),
    Role.MANAGER: _("Works on all customers. Reads connections, runs, the log and the list of people."),
    Role.CSM: _("Reads all customers and works on their own and their teams’. Reads connections, runs and the log."),
    Role.RESTRICTED_CSM: _("Works on their own customers and those of their teams. Sees no connection."),
    Role.SUPPORT: _("Reads everything, raw rows included, and retries records. Changes nothing else."),
    Role.READ_ONLY: _("Reads customers. Changes nothing."),
}


def requires(permission: Permission, *, to_change: Permission | None = None) -> Callable[[V], V]:
    """Mark a view (function, class, or what `as_view()` returned); `to_change` is asked of anything but a reading."""

    def mark(view: V) -> V:
        view.required_permission = permission  # type: ignore[attr-defined]
        view.permission_to_change = to_change or permission  # type: ignore[attr-defined]
        return view

    return mark


def public(view: V) -> V:
    """Mark one of the few views that anybody may call without signing in."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def mark_of(view: Callable[..., Any], name: str) -> Any:
    # Class-based views carry their marks on the class; as_view() hands out a function that remembers it.
    return getattr(view, name, None) or getattr(getattr(view, "view_class", None), name, None)
