"""Pipedrive's own part of the raw rows, to look at only: the shared tables, narrowed to this system."""

from integrations.sync.admin import ChangeAdmin, FieldMappingAdmin, RecordLinkAdmin, RunAdmin, register_system

from .models import SYSTEM, PipedriveChange, PipedriveConnection, PipedriveLink, PipedriveMapping, PipedriveRun

register_system(
    SYSTEM,
    PipedriveConnection,
    {
        FieldMappingAdmin: PipedriveMapping,
        RunAdmin: PipedriveRun,
        RecordLinkAdmin: PipedriveLink,
        ChangeAdmin: PipedriveChange,
    },
    shows=("name", "state", "sign_in", "account", "organisation", "parent_field", "version"),
    filters=("state", "sign_in"),
)
