"""HubSpot's own part of the raw rows, to look at only: the shared tables, narrowed to this system."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from integrations.sync.admin import ChangeAdmin, FieldMappingAdmin, RawAdmin, RecordLinkAdmin, RunAdmin

from .models import SYSTEM, HubSpotChange, HubSpotConnection, HubSpotLink, HubSpotMapping, HubSpotRun


class OfHubSpot:
    """`path` leads from the shared row to the column that names its system."""

    path: ClassVar[str]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return rows.filter(**{self.path: SYSTEM})


@admin.register(HubSpotConnection)
class HubSpotConnectionAdmin(RawAdmin):
    list_display = (
        "name",
        "state",
        "sign_in",
        "account",
        "organisation",
        "stages_label",
        "version",
    )
    list_filter = ("state", "sign_in")
    # As text: a form for rows that nobody changes would only bring its own defaults along.
    readonly_fields = [field.name for field in HubSpotConnection._meta.fields]


@admin.register(HubSpotMapping)
class HubSpotMappingAdmin(OfHubSpot, FieldMappingAdmin):
    path = "block__connection__system"


@admin.register(HubSpotRun)
class HubSpotRunAdmin(OfHubSpot, RunAdmin):
    path = "connection__system"


@admin.register(HubSpotLink)
class HubSpotLinkAdmin(OfHubSpot, RecordLinkAdmin):
    path = "connection__system"


@admin.register(HubSpotChange)
class HubSpotChangeAdmin(OfHubSpot, ChangeAdmin):
    path = "system"
