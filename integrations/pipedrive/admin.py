"""Pipedrive's own part of the raw rows, to look at only: the shared tables, narrowed to this system."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from integrations.sync.admin import ChangeAdmin, FieldMappingAdmin, RawAdmin, RecordLinkAdmin, RunAdmin

from .models import SYSTEM, PipedriveChange, PipedriveConnection, PipedriveLink, PipedriveMapping, PipedriveRun


class OfPipedrive:
    """`path` leads from the shared row to the column that names its system."""

    path: ClassVar[str]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return rows.filter(**{self.path: SYSTEM})


@admin.register(PipedriveConnection)
class PipedriveConnectionAdmin(RawAdmin):
    list_display = ("name", "state", "sign_in", "account", "organisation", "parent_field", "version")
    list_filter = ("state", "sign_in")
    # As text: a form for rows that nobody changes would only bring its own defaults along.
    readonly_fields = [field.name for field in PipedriveConnection._meta.fields]


@admin.register(PipedriveMapping)
class PipedriveMappingAdmin(OfPipedrive, FieldMappingAdmin):
    path = "block__connection__system"


@admin.register(PipedriveRun)
class PipedriveRunAdmin(OfPipedrive, RunAdmin):
    path = "connection__system"


@admin.register(PipedriveLink)
class PipedriveLinkAdmin(OfPipedrive, RecordLinkAdmin):
    path = "connection__system"


@admin.register(PipedriveChange)
class PipedriveChangeAdmin(OfPipedrive, ChangeAdmin):
    path = "system"
