"""Raw rows of the syncs, to look at only: each is written by its own page or by a run, with checks that a form here would skip."""

from django.contrib import admin

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
