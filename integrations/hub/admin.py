"""Raw rows of the hub. Customers and what hangs on them come through the syncs alone; the hub's own words are kept here."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Field
from django.http import HttpRequest

from accounts.admin_site import ReadOnlyAdmin

from .models import (
    TAGGED,
    Agreement,
    Contact,
    CsmOwner,
    Customer,
    CustomField,
    HealthProfile,
    Interaction,
    Lead,
    Opportunity,
    Stage,
    Tag,
)


class HubRowAdmin(ReadOnlyAdmin):
    # Counting half a million rows twice for each page of a list helps nobody.
    show_full_result_count = False
    list_per_page = 50


@admin.register(Customer)
class CustomerAdmin(HubRowAdmin):
    list_display = ("name", "ref_id", "domain", "stage", "csm", "updated_at")
    list_filter = ("stage", "profile")
    list_select_related = ("stage", "csm")
    search_fields = ("name", "domain", "ref_id")


@admin.register(Contact)
class ContactAdmin(HubRowAdmin):
    list_display = ("__str__", "email", "customer", "ref_id", "gone_at", "updated_at")
    list_filter = ("is_champion", "is_sponsor", "is_key_user", "is_end_user")
    list_select_related = ("customer",)
    search_fields = ("name_key", "email", "ref_id")


@admin.register(Agreement)
class AgreementAdmin(HubRowAdmin):
    list_display = ("plan", "customer", "status", "amount", "currency", "start_date", "end_date")
    list_filter = ("status", "type")
    list_select_related = ("customer",)


@admin.register(Interaction)
class InteractionAdmin(HubRowAdmin):
    list_display = ("__str__", "customer", "type", "origin", "starts_at")
    list_filter = ("type", "origin")
    list_select_related = ("customer",)


@admin.register(Lead)
class LeadAdmin(HubRowAdmin):
    list_display = ("name", "company", "email", "status")
    search_fields = ("name", "company", "email")


@admin.register(Opportunity)
class OpportunityAdmin(HubRowAdmin):
    list_display = ("name", "customer", "status", "amount", "currency", "closes_on")
    list_filter = ("status",)
    list_select_related = ("customer",)


@admin.register(CsmOwner)
class CsmOwnerAdmin(HubRowAdmin):
    list_display = ("email", "name", "person")
    search_fields = ("email", "name")


@admin.register(Stage)
class StageAdmin(admin.ModelAdmin):
    list_display = ("label", "name", "position", "is_default", "is_churn")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # Mappings, the journal and files name a stage by it.
        return ("name",) if obj else ()


@admin.register(HealthProfile)
class HealthProfileAdmin(admin.ModelAdmin):
    list_display = ("name",)


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin):
    list_display = ("name", "entity", "is_system")
    list_filter = ("entity",)

    def formfield_for_choice_field(
        self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> forms.TypedChoiceField | None:
        if db_field.name == "entity":
            kwargs["choices"] = [("", "---------"), *((one.value, one.label) for one in TAGGED)]
        return super().formfield_for_choice_field(db_field, request, **kwargs)


@admin.register(CustomField)
class CustomFieldAdmin(admin.ModelAdmin):
    list_display = ("name", "entity", "type", "is_key", "key")
    list_filter = ("entity",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # The values that rows already hold were read as this type, for this object.
        return ("entity", "type", "key") if obj else ()
