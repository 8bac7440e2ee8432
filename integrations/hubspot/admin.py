"""HubSpot's own part of the raw rows, to look at only: the shared tables, narrowed to this system."""

from integrations.sync.admin import ChangeAdmin, FieldMappingAdmin, RecordLinkAdmin, RunAdmin, register_system

from .models import SYSTEM, HubSpotChange, HubSpotConnection, HubSpotLink, HubSpotMapping, HubSpotRun

register_system(
    SYSTEM,
    HubSpotConnection,
    {FieldMappingAdmin: HubSpotMapping, RunAdmin: HubSpotRun, RecordLinkAdmin: HubSpotLink, ChangeAdmin: HubSpotChange},
    shows=(
        "name",
        "state",
        "sign_in",
        "account",
        "organisation",
        "stages_label",
        "version",
    ),
    filters=("state", "sign_in"),
)
