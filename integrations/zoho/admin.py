"""Zoho's own part of the raw rows, to look at only: the shared tables, narrowed to this system."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from integrations.sync.admin import ChangeAdmin, FieldMappingAdmin, RawAdmin, RecordLinkAdmin, RunAdmin

from .models import SYSTEM, ZohoChange, ZohoConnection, ZohoLink, ZohoMapping, ZohoRun


class OfZoho:
    """`path` leads from the shared row to the column that names its system."""

    path: ClassVar[str]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return rows.filter(**{self.path: SYSTEM})


@admin.register(ZohoConnection)
class ZohoConnectionAdmin(RawAdmin):
    list_display = ("name", "state", "sign_in", "data_centre", "account", "organisation", "account_types", "version")
    list_filter = ("state", "data_centre")
    # As text: a form for rows that nobody changes would only bring its own defaults along.
    readonly_fields = [field.name for field in ZohoConnection._meta.fields]


@admin.register(ZohoMapping)
class ZohoMappingAdmin(OfZoho, FieldMappingAdmin):
    path = "block__connection__system"


@admin.register(ZohoRun)
class ZohoRunAdmin(OfZoho, RunAdmin):
    path = "connection__system"


@admin.register(ZohoLink)
class ZohoLinkAdmin(OfZoho, RecordLinkAdmin):
    path = "connection__system"


@admin.register(ZohoChange)
class ZohoChangeAdmin(OfZoho, ChangeAdmin):
    path = "system"
