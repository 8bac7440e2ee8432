"""Which path and method leads to which handler, under which kind it is counted, and which scopes it takes."""

import re

from integrations.simulation import consent
from integrations.simulation.messages import Handler, Request, Response, Route, route
from integrations.simulation.problems import NoRoute

from . import (
    activities,
    addresses,
    batch,
    converting,
    doings,
    everything,
    field_pages,
    links,
    oauth,
    patching,
    quotas,
    rpc,
    sales,
    short_lists,
    staffs,
    tags,
    thirds,
    verbs,
    webhooks,
    writing,
)
from .account import Account
from .kind import Kind
from .sales import EVENT_LABEL, PIPELINE, SOURCE, STEP, TASK_LABEL
from .writing import Writing

_NUMBER = re.compile(r"\{(\w+)\}")
SCOPES: dict[Route, tuple[str, ...]] = {}
"""Of every route; the vendor grants them to the client, not to the person."""


def _at(method: str, path: str, kind: str, scopes: str, handler: Handler) -> Route:
    """Ids in a path are numbers: anything else is no route at all (recorded)."""
    made = route(method, "/v2" + _NUMBER.sub(r"(?P<\1>\\d+)", path), kind, handler)
    SCOPES[made] = tuple(scopes.split())
    return made


def _shared(path: str, scope: str, rules: Writing) -> tuple[Route, ...]:
    """List, search, create, read, change, delete."""
    kind, read, write = rules.kind, f"{scope}.read", f"{scope}.write"
    name = path.strip("/")
    return (
        _at("GET", path, f"{name}.list", read, verbs.list_of(kind)),
        _at("POST", path, f"{name}.create", write, verbs.create_of(rules)),
        _at("POST", f"{path}/search", f"{name}.search", read, verbs.search_of(kind)),
        _at("GET", path + "/{number}", f"{name}.read", read, verbs.read_of(kind)),
        _at("PUT", path + "/{number}", f"{name}.update", write, verbs.update_of(rules)),
        _at("DELETE", path + "/{number}", f"{name}.delete", write, verbs.delete_of(kind)),
    )


def _favourites(path: str, scope: str, kind: Kind) -> tuple[Route, ...]:
    read = short_lists.favourites_of(kind)
    return (_at("GET", f"{path}/favourite-filters", "favourite-filters", f"{scope}.read", read),)


def _around(path: str, scope: str, kind: Kind, *, addressed: bool = True) -> tuple[Route, ...]:
    """Custom values, tags, saved views and addresses of one object."""
    own, name, read, write = path + "/{number}", kind.name, f"{scope}.read", f"{scope}.write"
    at = path + "/{owner}/addresses"
    found = (
        *_favourites(path, scope, kind),
        _at("GET", f"{own}/custom-fields", "values.read", f"{read} custom-fields.read", field_pages.values_of(name)),
        _at(
            "PUT",
            f"{own}/custom-fields",
            "values.update",
            f"{write} custom-fields.write",
            field_pages.set_values_of(name),
        ),
        _at("GET", f"{own}/smart-tags", "tags.read", f"{read} smart-tags.read", tags.tags_of(name)),
        _at("POST", f"{own}/smart-tags", "tags.update", f"{write} smart-tags.write", tags.set_tags_of(name)),
    )
    if not addressed:
        return found
    return (
        *found,
        _at("GET", at, "addresses.list", read, addresses.list_at(name)),
        _at("POST", at, "addresses.create", write, addresses.create_at(name)),
        _at("GET", at + "/{number}", "addresses.read", read, addresses.read_at(name)),
        _at("PUT", at + "/{number}", "addresses.update", write, addresses.update_at(name)),
        _at("DELETE", at + "/{number}", "addresses.delete", write, addresses.delete_at(name)),
    )


def _linked(path: str, scope: str, kind: Kind) -> tuple[Route, ...]:
    one, read, write = path + "/{number}/contacts/{contact}", f"{scope}.read", f"{scope}.write"
    return (
        _at("GET", path + "/{number}/contacts", "links.read", f"{read} contacts.read", links.contacts_of(kind)),
        _at("POST", one, "links.create", f"{write} contacts.read", links.link_to(kind)),
        _at("PUT", one, "links.update", f"{write} {read}", links.roles_at(kind)),
        _at("DELETE", one, "links.delete", f"{write} contacts.read", links.unlink_from(kind)),
    )


def _convert(path: str, scope: str, rules: Writing) -> Route:
    return _at("POST", path + "/{number}/convert", "convert", f"{scope}.write", converting.convert_of(rules.kind))


COMPANIES = Writing(thirds.COMPANY, thirds.COMPANY_POST, thirds.COMPANY_PUT)
INDIVIDUALS = Writing(thirds.INDIVIDUAL, thirds.INDIVIDUAL_POST, thirds.INDIVIDUAL_PUT)
CONTACTS = Writing(thirds.CONTACT, thirds.CONTACT_POST, thirds.CONTACT_PUT)
DEALS = Writing(sales.DEAL, sales.POST, sales.PUT, writing.check_deal)
COMMENTS = Writing(doings.COMMENT, doings.COMMENT_POST, doings.COMMENT_PUT, writing.check_comment)
CALLS = Writing(doings.CALL, doings.CALL_POST, doings.CALL_PUT, writing.check_call)
EVENTS = Writing(doings.EVENT, doings.EVENT_POST, doings.EVENT_PUT, writing.check_event)
TASKS = Writing(doings.TASK, doings.TASK_POST, doings.TASK_PUT)

_PLACES = {"companies": "company", "individuals": "individual", "contacts": "contact", "opportunities": "opportunity"}


def record_page(account: Account, request: Request, place: str = "", number: str = "") -> Response:
    """Where people look at a record: the practice account has no pages of its own, others show it."""
    if not account.pages or (place and place not in _PLACES):
        raise NoRoute(request.method)
    return Response(None, 302, {"Location": f"{account.pages}/{_PLACES[place]}/{number}" if place else account.pages})


OPEN_ROUTES = (
    route("GET", "/", "control", record_page),
    route("GET", r"/(?P<place>companies|individuals|contacts|opportunities)/(?P<number>\d+)", "control", record_page),
    route("GET", "/oauth2/authorization", "authorize", oauth.authorize),
    route("POST", "/oauth2/authorization", "authorize", oauth.consent),
    route("GET", consent.STYLE_PATH, "control", consent.style),
    route("POST", "/oauth2/access-tokens", "token", oauth.token),
)

_DEAL = "opportunities.read"
DATA_ROUTES = (
    *_shared("/companies", "companies", COMPANIES),
    *_around("/companies", "companies", thirds.COMPANY),
    *_linked("/companies", "companies", thirds.COMPANY),
    _convert("/companies", "companies", COMPANIES),
    *_shared("/individuals", "individuals", INDIVIDUALS),
    *_around("/individuals", "individuals", thirds.INDIVIDUAL),
    # The vendor's document knows no way to link a contact to an individual, only to read who is.
    _at(
        "GET",
        "/individuals/{number}/contacts",
        "links.read",
        "individuals.read contacts.read",
        links.contacts_of(thirds.INDIVIDUAL),
    ),
    _convert("/individuals", "individuals", INDIVIDUALS),
    *_shared("/contacts", "contacts", CONTACTS),
    *_around("/contacts", "contacts", thirds.CONTACT),
    _at("GET", "/contacts/{number}/companies", "links.read", "companies.read contacts.read", links.companies_of),
    *_shared("/opportunities", "opportunities", DEALS),
    *_around("/opportunities", "opportunities", sales.DEAL, addressed=False),
    _at("PATCH", "/opportunities/{number}", "opportunities.patch", "opportunities.write", patching.patch_of(DEALS)),
    _at("PATCH", "/opportunities/{number}/step-rank", "opportunities.rank", "opportunities.write", short_lists.rank_deal),
    _at("GET", "/opportunities/pipelines", "pipelines", _DEAL, verbs.list_of(PIPELINE)),
    _at("POST", "/opportunities/pipelines/search", "pipelines", _DEAL, verbs.search_of(PIPELINE)),
    _at("GET", "/opportunities/pipelines/{pipeline}/steps", "steps", _DEAL, short_lists.steps_of),
    _at("POST", "/opportunities/pipelines/{pipeline}/steps/search", "steps", _DEAL, short_lists.search_steps_of),
    _at("POST", "/opportunities/steps/search", "steps", _DEAL, verbs.search_of(STEP)),
    _at("GET", "/opportunities/sources", "sources", _DEAL, verbs.list_of(SOURCE)),
    _at("POST", "/opportunities/sources/search", "sources", _DEAL, verbs.search_of(SOURCE)),
    _at("GET", "/opportunities/categories/{category}/sources", "sources", _DEAL, short_lists.sources_of),
    *_shared("/comments", "comments", COMMENTS),
    *_shared("/phone-calls", "phonecalls", CALLS),
    *_shared("/calendar-events", "calendars", EVENTS),
    _at("GET", "/calendar-events/labels", "labels", "calendars.read", verbs.list_of(EVENT_LABEL)),
    *_shared("/tasks", "tasks", TASKS),
    _at("GET", "/tasks/labels", "labels", "tasks.read", verbs.list_of(TASK_LABEL)),
    _at("POST", "/activities/search", "activities.search", "activities.read", activities.search),
    _at(
        "POST", "/timeline/(?P<sort>company|individual|contact|opportunity)/{number}/search", "timeline.search",
        "activities.read", activities.timeline,
    ),
    _at("GET", "/emails/(?P<number>[A-Za-z0-9]+)", "emails.read", "emails.read", activities.read_email),
    _at("GET", "/custom-fields", "custom-fields.list", "custom-fields.read", field_pages.list_fields),
    _at("POST", "/custom-fields/search", "custom-fields.search", "custom-fields.read", field_pages.search_fields),
    _at("GET", "/custom-fields/{number}", "custom-fields.read", "custom-fields.read", field_pages.read_field),
    _at("GET", "/smart-tags/(?P<sort>company|contact|individual)/autocomplete", "tags.read", "smart-tags.read",
        tags.autocomplete),
    _at("DELETE", "/smart-tags/{number}", "tags.delete", "smart-tags.write", tags.delete),
    _at("GET", "/staffs", "staffs", "staffs.read", staffs.list_staffs),
    _at("POST", "/staffs/search", "staffs", "staffs.read", staffs.search_staffs),
    _at("GET", "/staffs/me", "staffs", "staffs.read", staffs.read_me),
    _at("GET", "/staffs/{number}", "staffs", "staffs.read", staffs.read_staff),
    _at("GET", "/search", "search", "search.read", everything.search),
    _at("GET", "/quotas", "quotas", "accounts.read", quotas.read_quotas),
    _at("GET", "/webhooks", "webhooks", "webhooks.read", verbs.list_of(webhooks.WEBHOOK)),
    _at("POST", "/webhooks", "webhooks", "webhooks.write", webhooks.create),
    _at("POST", "/webhooks/search", "webhooks", "webhooks.read", verbs.search_of(webhooks.WEBHOOK)),
    _at("GET", "/webhooks/events", "webhooks", "webhooks.read", webhooks.events),
    _at("GET", "/webhooks/{number}", "webhooks", "webhooks.read", verbs.read_of(webhooks.WEBHOOK)),
    _at("PUT", "/webhooks/{number}", "webhooks", "webhooks.write", webhooks.update),
    _at("DELETE", "/webhooks/{number}", "webhooks", "webhooks.write", webhooks.delete),
    _at("POST", "/batch", "batch", "", batch.batch),
    route("POST", "/0", "rpc", rpc.call),
)  # fmt: skip
