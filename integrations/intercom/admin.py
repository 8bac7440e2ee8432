"""Intercom's own part of the raw rows, to look at only: the shared tables, narrowed to this system."""

from integrations.sync.admin import ChangeAdmin, FieldMappingAdmin, RecordLinkAdmin, RunAdmin, register_system

from .models import SYSTEM, IntercomChange, IntercomConnection, IntercomLink, IntercomMapping, IntercomRun

register_system(
    SYSTEM,
    IntercomConnection,
    {
        FieldMappingAdmin: IntercomMapping, RunAdmin: IntercomRun, RecordLinkAdmin: IntercomLink,
        ChangeAdmin: IntercomChange,
    },
    shows=("name", "state", "sign_in", "region", "account", "organisation", "version"),
    filters=("state", "region"),
)  # fmt: skip
