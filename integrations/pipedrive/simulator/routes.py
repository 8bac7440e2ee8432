"""Which path and method leads to which handler, under which kind it is counted, what it costs, which scopes open it."""

from integrations.simulation import consent
from integrations.simulation.messages import Request, Response, route

from . import (
    calls,
    history,
    leads,
    mailbox,
    merging,
    metadata,
    metadata_v1,
    notes,
    oauth,
    participants,
    pipelines,
    reads,
    recents,
    relationships,
    retired,
    saved_filters,
    searching,
    small_lists,
    users,
    webhooks,
    writes,
)  # fmt: skip
from .account import Account
from .errors import v1_missing
from .prices import ACTIVITIES, BASE, CONTACTS, DEALS, LEADS, MAIL, Call, v1, v2

_SEARCH = ("search:read",)
_ADMIN = ("admin",)
_RECENT = ("recents:read",)
_PHONE = ("phone-integration",)
_CONTACT_FIELDS = ("contact-fields:full", "admin")
_DEAL_FIELDS = ("deal-fields:full", "admin")
_FULL = {
    "organizations": "contacts:full",
    "persons": "contacts:full",
    "deals": "deals:full",
    "activities": "activities:full",
}
_READ = {"organizations": CONTACTS, "persons": CONTACTS, "deals": DEALS, "activities": ACTIVITIES}
_FILTERS = ("deals:full", "activities:full", "contacts:full")
_ANY_FILTERS = (*DEALS, *ACTIVITIES, *CONTACTS)
_NOTES, _NOTES_FULL = (*DEALS, *CONTACTS), ("deals:full", "contacts:full")
_PAGES = {"organization": "organization", "person": "person", "deal": "deal", "activities": "activity"}


def record_page(account: Account, _request: Request, place: str, number: str) -> Response:
    """Where people look at a record: the practice account has no pages of its own, others show it."""
    if not account.pages or place not in _PAGES:
        raise v1_missing("Page")
    return Response(None, 302, {"Location": f"{account.pages}/{_PAGES[place]}/{number}"})


OPEN_ROUTES = (
    route("GET", "/oauth/authorize", "authorize", oauth.authorize),
    route("POST", "/oauth/authorize", "authorize", oauth.consent),
    route("GET", consent.STYLE_PATH, "control", consent.style),
    route("POST", "/oauth/token", "token", oauth.token),
    route("POST", "/oauth/revoke", "revoke", oauth.revoke),
    route("GET", "/(?P<place>organization|person|deal|activities)/{number}", "control", record_page),
)


def _object_routes(plural: str) -> tuple[Call, ...]:
    reading, full = _READ[plural], (_FULL[plural],)
    named = f"/(?P<plural>{plural})"
    return (
        v2("GET", named, plural, reads.list_records, 10, reading),
        v2("POST", named, "create", writes.create_record, 5, full),
        v2("GET", f"{named}/{{number}}", "read", reads.read_record, 1, reading),
        v2("PATCH", f"{named}/{{number}}", "update", writes.update_record, 5, full),
        v2("DELETE", f"{named}/{{number}}", "delete", writes.delete_record, 3, full),
        v1("GET", named, "retired", retired.list_records, 20, reading, retired=True),
        v1("GET", f"{named}/{{number}}", "retired", retired.read_record, 2, reading, retired=True),
        v1("DELETE", f"{named}/{{number}}", "retired", retired.delete_record, 6, full, retired=True),
    )


def _field_routes(plural: str, reading: tuple[str, ...], making: tuple[str, ...]) -> tuple[Call, ...]:
    # Renaming a field and its options is open to more apps than making or deleting one.
    changing = (*making, *(one for one in reading if one in _FULL.values()))
    named = f"/(?P<plural>{plural})"
    code = f"{named}/{{code}}"
    return (
        v2("GET", named, "fields", metadata.list_fields, 10, reading),
        v2("GET", code, "fields", metadata.read_field, 1, reading),
        *((
            v2("POST", named, "create_field", metadata.create_field, 5, making),
            v2("PATCH", code, "create_field", metadata.update_field, 5, changing),
            v2("DELETE", code, "create_field", metadata.delete_field, 3, making),
            v2("POST", f"{code}/options", "options", metadata.add_options, 5, changing),
            v2("PATCH", f"{code}/options", "options", metadata.update_options, 5, changing),
            v2("DELETE", f"{code}/options", "options", metadata.delete_options, 3, changing),
        ) if making else ()),
    )  # fmt: skip


_V2 = (
    # A fixed word before the number that would take it.
    v2("GET", "/deals/archived", "deals", reads.list_archived, 20, DEALS),
    *(
        v2("GET", f"/(?P<plural>{plural})/search", "search", searching.search, 20, (*scopes, *_SEARCH))
        for plural, scopes in (("organizations", CONTACTS), ("persons", CONTACTS), ("deals", DEALS), ("leads", LEADS))
    ),
    v2("GET", "/itemSearch", "search", searching.search_items, 20, _SEARCH),
    v2("GET", "/itemSearch/field", "search", searching.search_field, 20, _SEARCH),
    *_field_routes("organizationFields|personFields", (*CONTACTS, *_CONTACT_FIELDS), _CONTACT_FIELDS),
    *_field_routes("dealFields", (*DEALS, *_DEAL_FIELDS), _DEAL_FIELDS),
    *_field_routes("activityFields", _ADMIN, ()),
    v2("GET", "/(?P<plural>pipelines|stages)", "pipelines", pipelines.list_them, 5, (*DEALS, *_ADMIN)),
    v2("POST", "/(?P<plural>pipelines|stages)", "pipelines", pipelines.create, 5, _ADMIN),
    v2("GET", "/(?P<plural>pipelines|stages)/{number}", "pipelines", pipelines.read_one, 1, (*DEALS, *_ADMIN)),
    v2("PATCH", "/(?P<plural>pipelines|stages)/{number}", "pipelines", pipelines.update, 5, _ADMIN),
    v2("DELETE", "/(?P<plural>pipelines|stages)/{number}", "pipelines", pipelines.delete, 3, _ADMIN),
)

_V1 = (
    v1("GET", "/users", "users", users.list_users, 20, ("users:read",)),
    v1("POST", "/users", "users", users.invite, 10, _ADMIN),
    v1("PUT", "/users/{number}", "users", users.update_user, 10, _ADMIN),
    v1("GET", "/users/find", "users", users.find_users, 40, ("users:read",)),
    v1("GET", "/users/me", "me", users.me, 2, BASE),
    v1("GET", "/users/{number}", "users", users.read_user, 2, ("users:read",)),
    v1("GET", "/users/{number}/permissions", "users", users.permissions, 10, ("users:read",)),
    v1("GET", "/userSettings", "me", users.settings, 2, BASE),
    v1("GET", "/notes", "notes", notes.list_notes, 20, _NOTES),
    v1("POST", "/notes", "create", notes.create_note, 10, _NOTES_FULL),
    v1("GET", "/notes/{number}", "read", notes.read_note, 2, _NOTES),
    v1("PUT", "/notes/{number}", "update", notes.update_note, 10, _NOTES_FULL),
    v1("DELETE", "/notes/{number}", "delete", notes.delete_note, 6, _NOTES_FULL),
    v1("GET", "/notes/{number}/comments", "comments", notes.list_comments, 20, _NOTES),
    v1("POST", "/notes/{number}/comments", "comments", notes.create_comment, 10, _NOTES_FULL),
    v1("GET", "/notes/{number}/comments/{comment}", "comments", notes.read_comment, 2, _NOTES),
    v1("PUT", "/notes/{number}/comments/{comment}", "comments", notes.update_comment, 10, _NOTES_FULL),
    v1("DELETE", "/notes/{number}/comments/{comment}", "comments", notes.delete_comment, 6, _NOTES_FULL),
    v1("GET", "/noteFields", "fields", metadata_v1.note_fields, 20, _NOTES),
    v1("GET", "/filters", "filters", saved_filters.list_filters, 20, _ANY_FILTERS),
    v1("POST", "/filters", "filters", saved_filters.create_filter, 10, _FILTERS),
    v1("DELETE", "/filters", "filters", saved_filters.delete_filters, 10, _FILTERS),
    v1("GET", "/filters/helpers", "filters", saved_filters.helpers, 20, _ANY_FILTERS),
    v1("GET", "/filters/{number}", "filters", saved_filters.read_filter, 2, _ANY_FILTERS),
    v1("PUT", "/filters/{number}", "filters", saved_filters.update_filter, 10, _FILTERS),
    v1("DELETE", "/filters/{number}", "filters", saved_filters.delete_filter, 6, _FILTERS),
    v1("GET", "/leads", "leads", leads.list_leads, 20, LEADS),
    v1("POST", "/leads", "create", leads.create_lead, 10, ("leads:full",)),
    v1("GET", "/leads/archived", "leads", leads.list_archived, 40, LEADS),
    v1("GET", "/(?P<plural>leads)/search", "search", searching.search_v1, 40, (*LEADS, *_SEARCH)),
    v1("GET", "/leads/{number}", "read", leads.read_lead, 2, LEADS),
    v1("PATCH", "/leads/{number}", "update", leads.update_lead, 10, ("leads:full",)),
    v1("DELETE", "/leads/{number}", "delete", leads.delete_lead, 6, ("leads:full",)),
    v1("GET", "/leadFields", "fields", metadata_v1.list_lead_fields, 20, (*LEADS, *_ADMIN)),
    v1("GET", "/leadLabels", "leads", leads.list_labels, 10, LEADS),
    v1("POST", "/leadLabels", "leads", leads.create_label, 10, ("leads:full",)),
    v1("PATCH", "/leadLabels/{number}", "leads", leads.update_label, 10, ("leads:full",)),
    v1("DELETE", "/leadLabels/{number}", "leads", leads.delete_label, 6, ("leads:full",)),
    v1("GET", "/leadSources", "leads", leads.list_sources, 2, LEADS),
    v1("GET", "/organizationRelationships", "relationships", relationships.list_relationships, 20, CONTACTS),
    v1(
        "POST", "/organizationRelationships", "relationships", relationships.create_relationship, 10, ("contacts:full",)
    ),
    v1("GET", "/organizationRelationships/{number}", "relationships", relationships.read_relationship, 2, CONTACTS),
    v1(
        "PUT",
        "/organizationRelationships/{number}",
        "relationships",
        relationships.update_relationship,
        10,
        ("contacts:full",),
    ),
    v1(
        "DELETE",
        "/organizationRelationships/{number}",
        "relationships",
        relationships.delete_relationship,
        6,
        ("contacts:full",),
    ),
    v1("GET", "/activityTypes", "activity_types", small_lists.list_types, 20, (*ACTIVITIES, *_ADMIN)),
    v1("POST", "/activityTypes", "activity_types", small_lists.create_type, 10, _ADMIN),
    v1("PUT", "/activityTypes/{number}", "activity_types", small_lists.update_type, 10, _ADMIN),
    v1("DELETE", "/activityTypes/{number}", "activity_types", small_lists.delete_type, 6, _ADMIN),
    v1("GET", "/currencies", "currencies", small_lists.list_currencies, 20, BASE),
    v1("GET", "/billing/subscriptions/addons", "currencies", small_lists.list_addons, 20, ("users:read",)),
    v1("GET", "/callLogs", "calls", calls.list_calls, 20, _PHONE),
    v1("POST", "/callLogs", "create", calls.create_call, 10, _PHONE),
    v1("GET", "/callLogs/{number}", "read", calls.read_call, 2, _PHONE),
    v1("DELETE", "/callLogs/{number}", "delete", calls.delete_call, 6, _PHONE),
    v1("GET", "/mailbox/mailThreads", "mail", mailbox.list_threads, 20, MAIL),
    v1("GET", "/mailbox/mailThreads/{number}", "mail", mailbox.read_thread, 20, MAIL),
    v1("PUT", "/mailbox/mailThreads/{number}", "mail", mailbox.update_thread, 10, ("mail:full",)),
    v1("DELETE", "/mailbox/mailThreads/{number}", "mail", mailbox.delete_thread, 6, ("mail:full",)),
    v1("GET", "/mailbox/mailThreads/{number}/mailMessages", "mail", mailbox.messages_of_thread, 20, MAIL),
    v1("GET", "/mailbox/mailMessages/{number}", "mail", mailbox.read_message, 2, MAIL),
    v1("GET", "/(?P<plural>organizations|persons|deals)/{number}/mailMessages", "mail", mailbox.messages_of, 20, MAIL),
    v1("GET", "/(?P<plural>organizations|persons|deals)/{number}/flow", "history", history.flow, 40, _RECENT),
    v1("GET", "/(?P<plural>organizations|persons|deals)/{number}/changelog", "history", history.changelog, 20, _RECENT),
    v1(
        "GET",
        "/(?P<plural>organizations|persons)/{number}/permittedUsers",
        "users",
        small_lists.permitted_users,
        10,
        CONTACTS,
    ),
    v1("GET", "/(?P<plural>deals)/{number}/permittedUsers", "users", small_lists.permitted_users, 10, DEALS),
    v1("PUT", "/(?P<plural>organizations|persons)/{number}/merge", "merge", merging.merge, 40, ("contacts:full",)),
    v1("PUT", "/(?P<plural>deals)/{number}/merge", "merge", merging.merge, 40, ("deals:full",)),
    v1("GET", "/deals/{number}/participants", "participants", participants.list_participants, 10, DEALS),
    v1("POST", "/deals/{number}/participants", "participants", participants.add_participant, 10, ("deals:full",)),
    v1("GET", "/organizationFields", "fields", metadata_v1.list_fields, 20, (*CONTACTS, *_CONTACT_FIELDS)),
    v1("POST", "/organizationFields", "create_field", metadata_v1.create_field, 10, _CONTACT_FIELDS),
    v1("DELETE", "/organizationFields", "create_field", metadata_v1.delete_fields, 10, _CONTACT_FIELDS),
    v1("GET", "/organizationFields/{number}", "fields", metadata_v1.read_field, 2, (*CONTACTS, *_CONTACT_FIELDS)),
    v1("PUT", "/organizationFields/{number}", "create_field", metadata_v1.update_field, 10, _CONTACT_FIELDS),
    v1("DELETE", "/organizationFields/{number}", "create_field", metadata_v1.delete_field, 6, _CONTACT_FIELDS),
    v1("GET", "/recents", "recents", recents.recents, 20, (*_RECENT, *_SEARCH)),
    v1("GET", "/webhooks", "webhooks", webhooks.list_webhooks, 10, _ADMIN),
    v1("POST", "/webhooks", "webhooks", webhooks.create_webhook, 10, _ADMIN),
    v1("DELETE", "/webhooks/{number}", "webhooks", webhooks.delete_webhook, 6, _ADMIN),
    # Out of support.
    v1(
        "GET",
        "/(?P<plural>organizations)/search",
        "search",
        searching.search_v1,
        40,
        (*CONTACTS, *_SEARCH),
        retired=True,
    ),
    v1("POST", "/(?P<plural>organizations)", "retired", retired.create_record, 10, ("contacts:full",), retired=True),
    v1(
        "PUT",
        "/(?P<plural>organizations)/{number}",
        "retired",
        retired.update_record,
        10,
        ("contacts:full",),
        retired=True,
    ),
    v1("POST", "/(?P<plural>activities)", "retired", retired.create_record, 10, ("activities:full",), retired=True),
    v1(
        "PUT",
        "/(?P<plural>activities)/{number}",
        "retired",
        retired.update_record,
        10,
        ("activities:full",),
        retired=True,
    ),
    v1("GET", "/pipelines", "retired", retired.list_pipelines, 10, (*DEALS, *_ADMIN), retired=True),
)

DATA_ROUTES = (*_V2, *_V1, *(one for plural in _FULL for one in _object_routes(plural)))
