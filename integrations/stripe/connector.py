"""Stripe as the runner and the pages know it. Raw JSON ends here."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from math import ceil
from typing import Any, cast

from django.utils.translation import gettext as _

from integrations.setup.guided import Candidate, GuidedConnector
from integrations.sync.blocks import AgreementSource
from integrations.sync.connector import Breakdown, How, Identity, Page, Read, Schema, View
from integrations.sync.models import Connection, FieldMapping
from integrations.wire.errors import Misconfigured, NotFound, Rejected

from . import defaults, ways
from .abilities import ABILITIES
from .client import PAGE, StripeClient
from .models import StripeConnection
from .opening import Meter, open_client
from .reading import LISTS, Reader, query_of
from .rows import METADATA, customer, subscription
from .schema import fields_of

SUBSCRIPTION = "subscription"
MOST_COUNTED = 20
"""Pages that are walked through to count, where the search is not open."""
MOST_SAMPLES = 3


class StripeConnector(GuidedConnector):
    abilities = ABILITIES

    def __init__(self, connection: Connection, *, read_only: bool = False, interactive: bool = False) -> None:
        super().__init__(connection, read_only=read_only, interactive=interactive)
        self.stripe = cast("StripeConnection", connection)
        self.meter = Meter()
        self._newest: dict[str, Sequence[Mapping[str, Any]]] = {}

    @cached_property
    def client(self) -> StripeClient:
        return open_client(
            self.stripe, self.meter, read_only=self.read_only, interactive=self.interactive, on_call=self.on_call
        )

    @cached_property
    def reader(self) -> Reader:
        return Reader(self.client, self.now)

    def now(self) -> datetime:
        """By Stripe's own clock, as soon as it told it."""
        return self.meter.clock or self.client.session.clock()

    # --- Who and what

    def whoami(self) -> Identity:
        account = self.client.account()
        name = ways.name_of(account)
        return Identity(
            user=str(account.get("email") or name),
            organisation=name,
            web_url=self.stripe.web_url or ways.web_url(self.stripe, is_sandbox=False),
            clock=self.now(),
        )

    def schema(self, object_name: str) -> Schema:
        """Without a call for a run; the pages also offer what the newest records have in their metadata."""
        keys = self._mapped_keys(object_name)
        if self.interactive:
            keys |= {key for row in self.newest(object_name) for key in row.get("metadata") or {}}
        return Schema(object_name, fields_of(object_name, keys))

    def _mapped_keys(self, object_name: str) -> set[str]:
        """What is mapped stays a field, also while no record has it: it may come back with the next one."""
        lines = FieldMapping.objects.filter(
            block__connection=self.connection.pk, block__object=object_name, crm_field__startswith=METADATA
        )
        return {path.removeprefix(METADATA) for path in lines.values_list("crm_field", flat=True)}

    def newest(self, object_name: str) -> Sequence[Mapping[str, Any]]:
        """A hundred records to look at, read once in the life of this connector."""
        if object_name not in self._newest:
            # All that a mapping might want: the pages show what decides the MRR.
            query = query_of(Read(object_name, How.ALL, ("mrr", "plan")))
            self._newest[object_name] = self.client.page(LISTS[object_name], query).rows
        return self._newest[object_name]

    # --- The scope: all there is

    def saved_agreements(self) -> AgreementSource:
        return AgreementSource(SUBSCRIPTION)

    @property
    def scope_key(self) -> str:
        return "all"

    def views(self, object_name: str) -> Sequence[View]:
        return ()

    def chosen_view(self, object_name: str) -> tuple[str, str]:
        return "", ""

    # --- Counting before saving

    def count(self, object_name: str, view_id: str = "") -> Breakdown:
        if object_name not in LISTS:
            return Breakdown(0)
        try:
            return Breakdown(self.client.total(LISTS[object_name]))
        except (Misconfigured, NotFound, Rejected):
            # The search is not open to every account.
            return Breakdown(self._walked(object_name))

    def _walked(self, object_name: str) -> int:
        number, after = 0, ""
        for _page in range(MOST_COUNTED):
            found = self.client.page(LISTS[object_name], query_of(Read(object_name, How.IDS)), after=after)
            number, after = number + len(found.rows), found.next
            if not after:
                break
        return number

    def count_contacts(self, view_id: str) -> Breakdown:
        return Breakdown(0)

    def count_agreements(self, choice: AgreementSource) -> Breakdown:
        return self.count("agreements")

    def count_matching(self, object_name: str, field_path: str, values: Sequence[str]) -> int:
        raise Misconfigured("NOT_COUNTABLE", f"Stripe cannot count by {field_path}.", fields=(field_path,))

    def value_counts(self, object_name: str, path: str) -> dict[str, int]:
        return {}

    def calls_to_read(self, rows: int) -> int:
        return max(1, ceil(rows / PAGE))

    def activities(self, data_type: str, since: date | None) -> int:
        return 0

    def children(self, view_id: str) -> None:
        """Customers of Stripe have no parents."""

    def candidates(self) -> list[Candidate]:
        return [Candidate(SUBSCRIPTION, _("Subscriptions"), ("customer",))]

    def samples(self, object_name: str, paths: Sequence[str]) -> dict[str, tuple[str, ...]]:
        known = {field.path for field in self.schema(object_name).fields}
        shown = [path for path in paths if path in known]
        make = customer if object_name == "customers" else subscription
        found: dict[str, dict[str, None]] = {path: {} for path in shown}
        for row in self.newest(object_name) if shown else ():
            for path, value in make(row, shown).values.items():
                if value not in (None, "") and len(found[path]) < MOST_SAMPLES:
                    found[path][", ".join(value) if isinstance(value, tuple) else str(value)] = None
        return {path: tuple(values) for path, values in found.items()}

    # --- Reading

    def read(self, read: Read, token: str = "") -> Page:
        return self.reader.page(read, token)

    def fields_needed(self, object_name: str) -> tuple[str, ...]:
        return ("id",)

    # --- Without a call

    @classmethod
    def default_lines(cls, object_name: str) -> tuple[dict[str, Any], ...]:
        return defaults.default_lines(object_name)

    @classmethod
    def web_link(cls, web_url: str, object_name: str, source_id: str) -> str:
        return f"{web_url}/{LISTS.get(object_name, 'customers')}/{source_id}"
