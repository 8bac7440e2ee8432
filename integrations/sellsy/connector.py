"""Sellsy as the runner and the pages know it. Raw JSON ends here."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time
from functools import cached_property
from math import ceil
from typing import Any, cast

from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.engine.generic_domains import GENERIC_DOMAINS
from integrations.setup.guided import Candidate, GuidedConnector
from integrations.setup.history import first_day, months_of
from integrations.setup.samples import samples_of
from integrations.sync.blocks import AgreementSource
from integrations.sync.connector import (
    Breakdown,
    Colleague,
    CrmField,
    How,
    Identity,
    LostView,
    Page,
    Read,
    Schema,
    Send,
    Sent,
    View,
)
from integrations.sync.models import Connection, RecordLink
from integrations.sync.store.hub_rows import own_domains
from integrations.wire.errors import Misconfigured

from . import defaults, scores, ways, writing
from .abilities import ABILITIES
from .agreements import NAMES, candidates, chosen_source, joined, pipelines_of
from .client import PAGE, SellsyClient
from .counting import LONGEST_SAMPLE, SAMPLE_ROWS, company_ids, contacts_of
from .fields import custom_of
from .interactions.reading import Around, InteractionReader
from .interactions.sources import SOURCES as INTERACTIONS
from .interactions.sources import fields_of as interaction_fields
from .models import SellsyConnection
from .opening import Meter, open_client
from .people import Staff, name_of
from .reading import PATHS, Reader, Source
from .schema import fields_of
from .scope import COMPANIES, CONTACTS, OPPORTUNITIES, Scope

OBJECTS = {"customers": "company", "scores": "company", "contacts": "contact", "agreements": "opportunity"}
WEB_PATHS = {"customers": "companies", "scores": "companies", "contacts": "contacts", "agreements": "opportunities"}


class SellsyConnector(GuidedConnector):
    abilities = ABILITIES

    def __init__(self, connection: Connection, *, read_only: bool = False, interactive: bool = False) -> None:
        super().__init__(connection, read_only=read_only, interactive=interactive)
        self.sellsy = cast("SellsyConnection", connection)
        self.meter = Meter()
        self._definitions: list[Mapping[str, Any]] | None = None

    @cached_property
    def client(self) -> SellsyClient:
        return open_client(
            self.sellsy, self.meter, read_only=self.read_only, interactive=self.interactive, on_call=self.on_call
        )

    @cached_property
    def staff(self) -> Staff:
        return Staff(self.client)

    @cached_property
    def reader(self) -> Reader:
        source = Source(
            scope=lambda: self.scope,
            fields=self.fields_of,
            email_of=self.email_of,
            own_domains=self.own_domains,
            known=self.known,
        )
        return Reader(self.client, source)

    @cached_property
    def interactions(self) -> InteractionReader:
        return InteractionReader(self.client, Around(self.floor, self.is_colleague, self.known))

    def is_colleague(self, address: str) -> bool:
        return self.staff.is_colleague(address)

    def floor(self, data_type: str) -> datetime | None:
        return start_of(first_day(self.connection, months_of(self.settings_of(data_type))))

    # --- Who and what

    def whoami(self) -> Identity:
        me = self.client.me()
        return Identity(
            user=name_of(me) or str(me["id"]),
            organisation=self.sellsy.organisation or ways.domain_of(me),
            web_url=ways.web_url(self.sellsy),
            clock=self.meter.clock or self.client.session.clock(),
        )

    def schema(self, object_name: str) -> Schema:
        if object_name in INTERACTIONS:
            return Schema(object_name, interaction_fields(object_name))
        return Schema(object_name, tuple(self.fields(object_name).values()))

    def fields(self, object_name: str) -> dict[str, CrmField]:
        """One call for the custom fields of all objects, in the life of this connector."""
        if self._definitions is None:
            self._definitions = list(self.client.custom_fields())
        return {field.path: field for field in fields_of(OBJECTS[object_name], self._definitions)}

    def fields_of(self, object_name: str, paths: Sequence[str]) -> Mapping[str, CrmField]:
        """What is not the account's own is known without a call."""
        if any(custom_of(path) for path in paths):
            return self.fields(object_name)
        return {field.path: field for field in fields_of(OBJECTS[object_name], ())}

    def email_of(self, number: Any) -> str:
        """The colleagues are asked for when the first record names one."""
        return self.staff.email_of(number)

    # --- The scope

    @property
    def scope(self) -> Scope:
        return Scope(
            with_archived=self.sellsy.with_archived,
            company_view=self.sellsy.company_view,
            contact_view=self.sellsy.contact_view,
            pipelines=pipelines_of(self.agreements),
        )

    @property
    def scope_key(self) -> str:
        return f"{self.sellsy.company_view}-{int(self.sellsy.with_archived)}"

    def saved_agreements(self) -> AgreementSource:
        return chosen_source(self.settings_of("agreements"))

    def own_domains(self) -> Collection[str]:
        """Whose contacts are left out; never a domain that strangers share."""
        if not self.sellsy.without_colleagues:
            return ()
        typed = {one.strip().lower() for one in self.sellsy.own_domains.split(",") if one.strip()}
        return (typed or own_domains()) - GENERIC_DOMAINS

    def views(self, object_name: str) -> Sequence[View]:
        """Saved views; of agreements, the pipelines. Interactions follow their customers: no view narrows them down."""
        if object_name in INTERACTIONS:
            return ()
        if object_name == "agreements":
            return [View(str(one["id"]), str(one["name"])) for one in self.client.pipelines()]
        return [View(str(one["id"]), str(one["name"])) for one in self.client.favourites(PATHS[object_name])]

    def chosen_view(self, object_name: str) -> tuple[str, str]:
        match object_name:
            case "customers" | "scores":
                return self.sellsy.company_view, self.sellsy.company_view_label
            case "contacts":
                return self.sellsy.contact_view, self.sellsy.contact_view_label
        return self.agreements.view, self.agreements.view_label

    def lost_views(self) -> Sequence[LostView]:
        steps = {"customers": "scope", "contacts": "contacts", "agreements": "agreements"}
        lost = []
        for object_name, step in steps.items():
            chosen, label = self.chosen_view(object_name)
            wanted = {one for one in chosen.split(",") if one}
            if wanted and not wanted <= {view.id for view in self.views(object_name)}:
                lost.append(LostView(label or chosen, step))
        return lost

    def fitted(
        self, settings: Mapping[str, str | int | bool | None]
    ) -> tuple[dict[str, str | int | bool | None], list[str]]:
        found, lost = dict(settings), []
        for object_name, column in (("customers", "company_view"), ("contacts", "contact_view")):
            label = str(settings.get(f"{column}_label") or "")
            if not settings.get(column):
                continue
            known = {view.label: view.id for view in self.views(object_name)}
            found[column], found[f"{column}_label"] = known.get(label, ""), label if label in known else ""
            if label not in known:
                lost.append(label or str(settings[column]))
        return found, lost

    def fitted_block(self, object_name: str, settings: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        wanted = AgreementSource.read(settings)
        if object_name != "agreements" or not wanted.view:
            return dict(settings), []
        known = {view.label: view.id for view in self.views(object_name)}
        names = wanted.view_label.split(NAMES) if wanted.view_label else [wanted.view]
        kept = [name for name in names if name in known]
        fitted = {**settings, "view": joined([known[name] for name in kept]), "view_label": NAMES.join(kept)}
        return fitted, [name for name in names if name not in known]

    # --- Counting before saving

    def count(self, object_name: str, view_id: str = "") -> Breakdown:
        if object_name in INTERACTIONS:
            return Breakdown(self.interactions.count(object_name, self.floor(object_name)))
        match object_name:
            case "contacts":
                return self.count_contacts(view_id or self.sellsy.contact_view)
            case "agreements":
                return self.count_agreements(self.agreements)
        filters = self.scope.companies | ({"favourite_filter": int(view_id)} if view_id else {})
        return Breakdown(self.client.count(COMPANIES, filters))

    def count_companies(self, *, with_archived: bool, view_id: str) -> int:
        """As they would be with this choice, whatever is saved."""
        return self.client.count(COMPANIES, Scope(with_archived=with_archived, company_view=view_id).companies)

    def count_contacts(self, view_id: str) -> Breakdown:
        companies = company_ids(self.client, self.scope.companies)
        return Breakdown(contacts_of(self.client, companies, Scope(contact_view=view_id).contacts))

    def count_agreements(self, choice: AgreementSource) -> Breakdown:
        return Breakdown(self.client.count(OPPORTUNITIES, Scope(pipelines=pipelines_of(choice)).opportunities))

    def count_matching(self, object_name: str, field_path: str, values: Sequence[str]) -> int:
        raise Misconfigured("NOT_COUNTABLE", f"Sellsy cannot count by {field_path}.", fields=(field_path,))

    def value_counts(self, object_name: str, path: str) -> dict[str, int]:
        """No search filters by a custom field."""
        return {}

    def calls_to_read(self, rows: int) -> int:
        return max(1, ceil(rows / PAGE))

    def activities(self, data_type: str, since: date | None) -> int:
        """Of the whole account: no search narrows them down to the companies in scope by one question."""
        return self.interactions.count(data_type, start_of(since))

    def children(self, view_id: str) -> None:
        """There is no parent of a company in Sellsy."""

    def candidates(self) -> list[Candidate]:
        return candidates(_("Opportunities"))

    def samples(self, object_name: str, paths: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Out of one page of the scope; of contacts, of any company."""
        if object_name in INTERACTIONS:
            return self.interactions.samples(object_name, paths)
        known = self.fields(object_name)
        shown = tuple(path for path in paths if path in known)
        if not shown:
            return {}
        filters: dict[str, Mapping[str, Any]] = {
            COMPANIES: self.scope.companies, CONTACTS: self.scope.contacts, OPPORTUNITIES: self.scope.opportunities,
        }  # fmt: skip
        path = PATHS[object_name]
        records = self.reader.first_rows(Read(object_name, How.ALL, shown), path, filters[path], SAMPLE_ROWS)
        return samples_of((record.values for record in records), shown, longest=LONGEST_SAMPLE)

    def people(self, emails: Sequence[str]) -> Mapping[str, Colleague]:
        return self.staff.colleagues(emails)

    # --- Reading

    def read(self, read: Read, token: str = "") -> Page:
        if read.object in INTERACTIONS:
            return self.interactions.page(read, token)
        return self.reader.page(read, token)

    def fields_needed(self, object_name: str) -> tuple[str, ...]:
        return ("id",)

    def known(self, object_name: str, after: int, most: int) -> Sequence[tuple[int, str]]:
        links = RecordLink.objects.filter(
            connection=self.connection.pk, object=object_name, state=RecordLink.State.LINKED, pk__gt=after
        )
        return list(links.order_by("pk").values_list("pk", "source_id")[:most])

    # --- Writing: scores alone

    def write(self, object_name: str, sends: Sequence[Send], *, key_field: str = "") -> Sequence[Sent]:
        if OBJECTS.get(object_name) != "company":
            raise Misconfigured("INPUT_ONLY", f"{object_name} are only read from Sellsy.")
        return writing.write(self.client, sends, self.fields(object_name))

    def create_score_field(self, score: str) -> str:
        # Looked up as it is now: somebody may have made it since.
        path = scores.create_field(self.client, score, list(self.client.custom_fields()))
        self._definitions = None
        return path

    # --- Without a call

    @classmethod
    def default_lines(cls, object_name: str) -> tuple[dict[str, Any], ...]:
        return defaults.default_lines(object_name)

    @classmethod
    def web_link(cls, web_url: str, object_name: str, source_id: str) -> str:
        """An interaction has no page of its own there: people see it at its company."""
        return f"{web_url}/{WEB_PATHS[object_name]}/{source_id}" if object_name in WEB_PATHS else web_url


def start_of(day: date | None) -> datetime | None:
    return datetime.combine(day, time.min, timezone.get_default_timezone()) if day else None
