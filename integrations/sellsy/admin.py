"""Sellsy's own part of the raw rows, to look at only: the shared tables, narrowed to this system."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from integrations.sync.admin import ChangeAdmin, FieldMappingAdmin, RawAdmin, RecordLinkAdmin, RunAdmin

from .models import SYSTEM, SellsyChange, SellsyConnection, SellsyLink, SellsyMapping, SellsyRun


class OfSellsy:
    """`path` leads from the shared row to the column that names its system."""

    path: ClassVar[str]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return rows.filter(**{self.path: SYSTEM})


@admin.register(SellsyConnection)
class SellsyConnectionAdmin(RawAdmin):
    list_display = (
        "name",
        "state",
        "sign_in",
        "with_archived",
        "account",
        "organisation",
        "company_view_label",
        "version",
    )
    list_filter = ("state", "sign_in")
    # As text: a form for rows that nobody changes would only bring its own defaults along.
    readonly_fields = [field.name for field in SellsyConnection._meta.fields]


@admin.register(SellsyMapping)
class SellsyMappingAdmin(OfSellsy, FieldMappingAdmin):
    path = "block__connection__system"


@admin.register(SellsyRun)
class SellsyRunAdmin(OfSellsy, RunAdmin):
    path = "connection__system"


@admin.register(SellsyLink)
class SellsyLinkAdmin(OfSellsy, RecordLinkAdmin):
    path = "connection__system"


@admin.register(SellsyChange)
class SellsyChangeAdmin(OfSellsy, ChangeAdmin):
    path = "system"
