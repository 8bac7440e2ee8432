"""Stripe's own part of the raw rows, to look at only: the shared tables, narrowed to this system."""

from integrations.sync.admin import ChangeAdmin, FieldMappingAdmin, RecordLinkAdmin, RunAdmin, register_system

from .models import SYSTEM, StripeChange, StripeConnection, StripeLink, StripeMapping, StripeRun

register_system(
    SYSTEM,
    StripeConnection,
    {FieldMappingAdmin: StripeMapping, RunAdmin: StripeRun, RecordLinkAdmin: StripeLink, ChangeAdmin: StripeChange},
    shows=("name", "state", "account", "organisation", "version"),
    filters=("state",),
)
