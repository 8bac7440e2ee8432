from django.contrib import admin

from accounts.admin_site import ReadOnlyAdmin
from accounts.models import AuditEntry, Team, User

# People and teams are changed on their own pages, which keep the last admin and write the audit trail.


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    list_display = ("email", "name", "role", "is_active", "last_seen")
    list_filter = ("role", "is_active")
    search_fields = ("email", "name")
    fields = ("email", "name", "role", "is_active", "date_joined", "last_seen", "last_login")


@admin.register(Team)
class TeamAdmin(ReadOnlyAdmin):
    list_display = ("name",)
    search_fields = ("name",)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor", "verb", "kind", "label", "address")
    list_filter = ("verb", "kind")
    search_fields = ("actor", "label")
    show_full_result_count = False
