"""What each fault is called on the pages; a system has the ones that its simulator declares."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Words:
    label: Promise | str
    unit: Promise | str = ""
    """Empty: a switch."""


_CALLS, _RECORDS, _SECONDS = _("calls"), _("records"), _("seconds")
FAULTS: Mapping[str, Words] = {
    # --- Any system ------------------------------------------------------------------------------------------------------
    "burst": Words(_("Refuse the next calls: too many, or out of service"), _CALLS),
    "burst_status": Words(_("Status of those refusals"), _("429 or 503")),
    "retry_after": Words(_("Wait that those refusals ask for"), _SECONDS),
    "fail_every": Words(_("Answer every so-many-th call with 500"), _CALLS),
    "truncate": Words(_("Cut the body of the next answers in half"), _CALLS),
    "html": Words(_("Answer the next calls with a maintenance page and 200"), _CALLS),
    "reset": Words(_("Break the connection in the middle of the next answers"), _CALLS),
    "drop": Words(_("Break the connection before the next calls are heard"), _CALLS),
    "hold_calls": Words(_("Do what is asked, then hold the answer"), _CALLS),
    "hold_seconds": Words(_("How long it is held"), _SECONDS),
    "latency_ms": Words(_("Make every call slower"), _("milliseconds")),
    "expire_after": Words(_("End all sessions after so many calls"), _CALLS),
    "session_seconds": Words(_("How long a new session lasts"), _SECONDS),
    "reject_every": Words(_("Refuse every so-many-th record that is written"), _RECORDS),
    "index_lag": Words(_("Show what was written late in searches"), _SECONDS),
    "unlimited": Words(_("No limit on calls")),
    "may_not_customize": Words(_("The user may not make fields")),
    "concurrent_limit": Words(_("The next calls meet too many others"), _CALLS),
    "bulk_looks": Words(_("Looks at a bulk job that find it unfinished"), _("looks")),
    # --- Of one or two -----------------------------------------------------------------------------------------------------
    "commit_lag": Words(_("Show new records late, as slow transactions do"), _SECONDS),
    "lock_rows": Words(_("Say that the next rows are locked"), _RECORDS),
    "lock_records": Words(_("Say that the next records are locked"), _RECORDS),
    "locked": Words(_("Say that another change is under way"), _CALLS),
    "conflicts": Words(_("Refuse the next writes with a conflict"), _RECORDS),
    "daily_quota_exhausted": Words(_("The quota of the day is used up")),
    "credits_exhausted": Words(_("The credits of the day are used up")),
    "api_disabled": Words(_("The org has no API access")),
    "account_closed": Words(_("The account is closed")),
    "password_expired": Words(_("The password has expired")),
    "rotate_refresh_tokens": Words(_("Refresh tokens rotate")),
    "refresh_exchanged": Words(_("The next refreshes come too late: the token was used"), _("refreshes")),
    "refresh_invalid_grant": Words(_("A dead refresh token is refused as an invalid grant")),
    "refresh_ends_sessions": Words(_("A refresh ends the sessions before it")),
    "bulk_stops_after": Words(_("A bulk job fails after so many rows; -1: never"), _("rows")),
    "bulk_fails": Words(_("Bulk jobs fail")),
    "count_lag": Words(_("Counts are this old"), _SECONDS),
    "property_lag": Words(_("Show a new property late"), _SECONDS),
    "stamp_lag": Words(_("A new row has no time of change for so long"), _SECONDS),
    "emails_unavailable": Words(_("The search for e-mails is down")),
    "migrating": Words(_("Say that the account moves to another data centre"), _CALLS),
    "gateway": Words(_("Answer the next calls with a page of the gateway"), _CALLS),
    "gateway_status": Words(_("Status of those pages"), _("502 to 524")),
    "not_super_admin": Words(_("The person who signs in may not install apps")),
    "may_not_associate": Words(_("The user may not link records")),
    "unlink_on_delete": Words(_("People and deals lose the number of a deleted organization")),
    "retired_v1_gone": Words(_("The retired calls of the first version have vanished")),
    "null_custom_fields": Words(_("No row tells its custom fields")),
    "hide_daily_headers": Words(_("Answers do not tell the budget of the day")),
    "broken_nesting": Words(_("The next writes fail with an unknown error"), _CALLS),
    "empty_pages": Words(_("The next pages are empty though more follow"), _("pages")),
    "batch_costs_lines": Words(_("Each line of a batch counts as a call")),
    "batch_most": Words(_("Lines that a batch may have; 0: any number"), _("lines")),
    "quiet_values": Words(_("Changed custom values leave the time of change alone")),
    "single_embeds_ignored": Words(_("A single company comes without its custom fields")),
    "old_events": Words(_("Events tell their objects in an old version")),
    "staffs_are_shy": Words(_("Only the caller is told of among the staff")),
}
COUNTERS = frozenset({"seen", "written"})
"""No faults: what the faults count with."""
NUMBERS: Mapping[str, Words] = {
    "quota_max": Words(_("Calls a day")), "quota_used": Words(_("Calls used today")),
    "daily_max": Words(_("Calls a day")), "daily_used": Words(_("Calls used today")),
    "clock_offset": Words(_("The clock is ahead by"), _SECONDS),
}  # fmt: skip
"""Done at once, with a number; an empty one changes nothing."""
FIELDS: Mapping[str, Words] = {
    "hide_fields": Words(_("Hide fields from the API")), "show_fields": Words(_("Show fields again")),
    "lock_fields": Words(_("Make fields read-only")), "unlock_fields": Words(_("Make fields writable again")),
    "remove_fields": Words(_("Remove fields")), "restore_fields": Words(_("Bring removed fields back")),
    "purge_fields": Words(_("Delete fields for good, with their values")),
    "import_salesforce_ids": Words(_("Import the Salesforce IDs into fields")),
    "import_pipedrive_ids": Words(_("Import the Pipedrive IDs into fields")),
}  # fmt: skip
ACTIONS: Mapping[str, Promise | str] = {
    "expire_sessions": _("End all sessions"),
    "revoke_grants": _("Revoke every grant"),
    "reset_password": _("Reset the password"),
    "regenerate_api_token": _("Make a new API token"),
    "fresh_limits": _("Give every call of the day back"),
    "forget_bursts": _("Give every call of these seconds back"),
    "clear_quotas": _("Give every call back"),
    "expire_keys": _("Let all keys expire"),
    "grant_permissions": _("Give the restricted key all permissions again"),
    "forget_events": _("Forget all events, as thirty days do"),
    "purge_deleted": _("Empty the bin of what is long deleted"),
    "clear": _("Clear all faults"),
}
