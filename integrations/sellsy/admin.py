"""Sellsy's own part of the raw rows, to look at only: the shared tables, narrowed to this system."""

from integrations.sync.admin import ChangeAdmin, FieldMappingAdmin, RecordLinkAdmin, RunAdmin, register_system

from .models import SYSTEM, SellsyChange, SellsyConnection, SellsyLink, SellsyMapping, SellsyRun

register_system(
    SYSTEM,
    SellsyConnection,
    {FieldMappingAdmin: SellsyMapping, RunAdmin: SellsyRun, RecordLinkAdmin: SellsyLink, ChangeAdmin: SellsyChange},
    shows=(
        "name",
        "state",
        "sign_in",
        "with_archived",
        "account",
        "organisation",
        "company_view_label",
        "version",
    ),
    filters=("state", "sign_in"),
)
