"""Salesforce's own part of the raw rows, to look at only: the shared tables, narrowed to this system."""

from integrations.sync.admin import ChangeAdmin, FieldMappingAdmin, RecordLinkAdmin, RunAdmin, register_system

from .models import SYSTEM, SalesforceChange, SalesforceConnection, SalesforceLink, SalesforceMapping, SalesforceRun

register_system(
    SYSTEM,
    SalesforceConnection,
    {
        FieldMappingAdmin: SalesforceMapping,
        RunAdmin: SalesforceRun,
        RecordLinkAdmin: SalesforceLink,
        ChangeAdmin: SalesforceChange,
    },
    shows=(
        "name",
        "state",
        "sign_in",
        "environment",
        "account",
        "organisation",
        "account_view_label",
        "version",
    ),
    filters=("state", "environment"),
)
