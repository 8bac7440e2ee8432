"""Raw rows of the syncs, to look at only: each is written by its own page or by a run, with checks that a form here would skip."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin_site import ReadOnlyAdmin

from .models import (
    Block,
    Change,
    Connection,
    ConnectionState,
    DailyTotal,
    FieldMapping,
    Heartbeat,
    PlannedChange,
    RecordLink,
    Run,
    Staged,
    Version,
)


class RawAdmin(ReadOnlyAdmin):
    # The journal and the links grow to millions of rows: neither counted nor joined.
    show_full_result_count = False
    list_per_page = 50


@admin.register(Connection)
class ConnectionAdmin(RawAdmin):
    list_display = ("name", "slug", "system", "state", "version", "next_run_at")
    list_filter = ("system", "state")
    # As text: a form for rows that nobody changes would only bring its own defaults along.
    readonly_fields = [field.name for field in Connection._meta.fields]


@admin.register(ConnectionState)
class ConnectionStateAdmin(RawAdmin):
    list_display = ("connection", "health", "health_since", "quota_used", "quota_limit", "parked_until")
    list_select_related = ("connection",)
    # The envelope of the credentials is nobody's to look at, encrypted or not.
    exclude = ("credentials", "lease_owner", "lease_until", "credentials_version")


@admin.register(Block)
class BlockAdmin(RawAdmin):
    list_display = ("connection", "object", "mode", "cursor", "caught_up_at", "counted", "unexplained")
    list_select_related = ("connection",)


@admin.register(FieldMapping)
class FieldMappingAdmin(RawAdmin):
    list_display = ("block", "hub_field", "crm_field", "direction", "blanks", "suspended_code")
    list_filter = ("direction", "blanks")
    list_select_related = ("block",)


@admin.register(Version)
class VersionAdmin(RawAdmin):
    list_display = ("connection", "number", "at", "author_name", "note")
    list_select_related = ("connection",)


@admin.register(Run)
class RunAdmin(RawAdmin):
    list_display = ("id", "connection", "kind", "state", "phase", "created_at", "finished_at", "calls", "attempt")
    list_filter = ("kind", "state")
    list_select_related = ("connection",)


@admin.register(RecordLink)
class RecordLinkAdmin(RawAdmin):
    list_display = ("source_id", "connection", "object", "name", "hub_id", "state", "reason_code", "synced_at")
    list_filter = ("state", "object")
    list_select_related = ("connection",)
    search_fields = ("=source_id", "name")


@admin.register(Change)
class ChangeAdmin(RawAdmin):
    list_display = ("id", "at", "system", "object", "source_id", "hub_id", "action", "outcome", "reason_code")
    list_filter = ("action", "outcome", "object")
    search_fields = ("=source_id",)


@admin.register(PlannedChange)
class PlannedChangeAdmin(RawAdmin):
    list_display = ("id", "run_id", "object", "source_id", "name", "action", "is_held", "reason_code")
    list_filter = ("action", "is_held")
    search_fields = ("=source_id",)


@admin.register(Staged)
class StagedAdmin(RawAdmin):
    list_display = ("id", "run_id", "object", "source_id", "name", "evidence")
    search_fields = ("=source_id",)


@admin.register(DailyTotal)
class DailyTotalAdmin(RawAdmin):
    list_display = ("day", "connection_id", "object", "action", "outcome", "number")


@admin.register(Heartbeat)
class HeartbeatAdmin(RawAdmin):
    list_display = ("name", "asked_at", "answered_at", "restarted_at", "restarts")


class OfSystem:
    """`path` leads from the shared row to the column that names its system."""

    system: ClassVar[str]
    path: ClassVar[str]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return rows.filter(**{self.path: self.system})


SYSTEM_OF: dict[type[RawAdmin], str] = {
    FieldMappingAdmin: "block__connection__system",
    RunAdmin: "connection__system",
    RecordLinkAdmin: "connection__system",
    ChangeAdmin: "system",
}


def register_system(
    system: str,
    connection: type[models.Model],
    shared: Mapping[type[RawAdmin], type[models.Model]],
    *,
    shows: Sequence[str],
    filters: Sequence[str],
) -> None:
    """A system's own part of the raw rows, to look at only: its connections, and the shared tables narrowed to it.

    `shared`: how a table is shown → the system's proxy of it.
    """
    # As text: a form for rows that nobody changes would only bring its own defaults along.
    as_text = [field.name for field in connection._meta.fields]
    look = {"list_display": shows, "list_filter": filters, "readonly_fields": as_text}
    admin.site.register(connection, type(f"{connection.__name__}Admin", (RawAdmin,), look))
    for shown, proxy in shared.items():
        narrowed = {"system": system, "path": SYSTEM_OF[shown]}
        admin.site.register(proxy, type(f"{proxy.__name__}Admin", (OfSystem, shown), narrowed))
