"""Salesforce's own part of the raw rows, to look at only: the shared tables, narrowed to this system."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from integrations.sync.admin import ChangeAdmin, FieldMappingAdmin, RawAdmin, RecordLinkAdmin, RunAdmin

from .models import SYSTEM, SalesforceChange, SalesforceConnection, SalesforceLink, SalesforceMapping, SalesforceRun


class OfSalesforce:
    """`path` leads from the shared row to the column that names its system."""

    path: ClassVar[str]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return rows.filter(**{self.path: SYSTEM})


@admin.register(SalesforceConnection)
class SalesforceConnectionAdmin(RawAdmin):
    list_display = (
        "name",
        "state",
        "sign_in",
        "environment",
        "account",
        "organisation",
        "account_view_label",
        "version",
    )
    list_filter = ("state", "environment")
    # As text: a form for rows that nobody changes would only bring its own defaults along.
    readonly_fields = [field.name for field in SalesforceConnection._meta.fields]


@admin.register(SalesforceMapping)
class SalesforceMappingAdmin(OfSalesforce, FieldMappingAdmin):
    path = "block__connection__system"


@admin.register(SalesforceRun)
class SalesforceRunAdmin(OfSalesforce, RunAdmin):
    path = "connection__system"


@admin.register(SalesforceLink)
class SalesforceLinkAdmin(OfSalesforce, RecordLinkAdmin):
    path = "connection__system"


@admin.register(SalesforceChange)
class SalesforceChangeAdmin(OfSalesforce, ChangeAdmin):
    path = "system"
