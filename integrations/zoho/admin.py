"""Zoho's own part of the raw rows, to look at only: the shared tables, narrowed to this system."""

from integrations.sync.admin import ChangeAdmin, FieldMappingAdmin, RecordLinkAdmin, RunAdmin, register_system

from .models import SYSTEM, ZohoChange, ZohoConnection, ZohoLink, ZohoMapping, ZohoRun

register_system(
    SYSTEM,
    ZohoConnection,
    {FieldMappingAdmin: ZohoMapping, RunAdmin: ZohoRun, RecordLinkAdmin: ZohoLink, ChangeAdmin: ZohoChange},
    shows=("name", "state", "sign_in", "data_centre", "account", "organisation", "account_types", "version"),
    filters=("state", "data_centre"),
)
