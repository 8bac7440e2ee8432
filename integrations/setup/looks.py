"""What the wizard's pages know of the CRM: asked once, kept for ten minutes, read again on demand."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from typing import TypeVar, cast

from django.core.cache import cache
from django.utils import timezone

from integrations.sync import metadata
from integrations.sync.blocks import AgreementSource
from integrations.sync.connector import Breakdown, Schema, View
from integrations.sync.models import Connection
from integrations.wire.errors import Misconfigured, NotFound

from .guide import Guide, guide_of
from .guided import Candidate, GuidedConnector
from .history import first_day

T = TypeVar("T")
KEPT_SECONDS = 600
COUNTED_AT_ONCE = 6
"""Views that a page counts by itself: two calls each."""


class Looks:
    """Reads only: the guard in the wire refuses anything else. Every call may raise the wire's errors."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.guide: Guide = guide_of(connection)
        self.read_at: datetime | None = None

    @cached_property
    def connector(self) -> GuidedConnector:
        return self.guide.connector(self.connection, read_only=True, interactive=True)

    def forget(self) -> None:
        cache.set(self._prefix, timezone.now().isoformat(), KEPT_SECONDS)
        for object_name in (ability.object for ability in self.guide.abilities.objects):
            metadata.forget(self.connection, object_name)

    # --- Views

    def views(self, object_name: str) -> list[View]:
        return self._kept(f"views:{object_name}", lambda: list(self.connector.views(object_name)))

    def view(self, object_name: str, view_id: str) -> View | None:
        return next((view for view in self.views(object_name) if view.id == view_id), None)

    def count(self, object_name: str, view_id: str) -> Breakdown:
        """Records of a view by type; contacts of the chosen scope, with a contact view or without."""
        key = f"count:{object_name}:{self._scope}:{view_id}"
        if object_name == "contacts":
            return self._kept(key, lambda: self.connector.count_contacts(view_id))
        return self._kept(key, lambda: self.connector.count(object_name, view_id))

    def known_count(self, object_name: str, view_id: str) -> Breakdown | None:
        found = cache.get(self._key(f"count:{object_name}:{self._scope}:{view_id}"))
        return cast("Breakdown", found[0]) if found else None

    def activities(self, data_type: str, months: int) -> int | None:
        """Interactions of the records in scope; None where the signed-in user may not see them."""
        return self._kept(f"activities:{data_type}:{self._scope}:{months}", lambda: self._activities(data_type, months))

    def _activities(self, data_type: str, months: int) -> int | None:
        try:
            return self.connector.activities(data_type, first_day(self.connection, months))
        except Misconfigured as refused:
            if refused.code not in self.guide.hidden:
                raise
            return None

    def children(self, view_id: str) -> int | None:
        return self._kept(f"children:{view_id}", lambda: self.connector.children(view_id))

    # --- Fields and their values

    def schema(self, object_name: str) -> Schema:
        """As remembered; where nothing is, the CRM is asked, and its refusal is the page."""
        return self.metadata(object_name, []).schema or self.connector.schema(object_name)

    def metadata(self, object_name: str, paths: list[str]) -> metadata.Metadata:
        return metadata.metadata_of(self.connection, object_name, paths, may_ask=True)

    def value_counts(self, object_name: str, path: str) -> dict[str, int]:
        contact_view, _label = self.connector.chosen_view("contacts")
        key = f"values:{object_name}:{self._scope}:{contact_view}:{path}"
        return self._kept(key, lambda: self.connector.value_counts(object_name, path))

    # --- Agreements, as they would be with a choice that is not saved yet

    def candidates(self) -> list[Candidate]:
        connector = self.connector
        return self._kept("candidates", lambda: list(connector.candidates()))

    def agreement_fields(self, choice: AgreementSource) -> Schema:
        def ask() -> Schema:
            self.connector.agreements = choice
            return self.connector.schema("agreements")

        return self._kept(f"agreements:{choice.source}:fields", ask)

    def agreement_samples(self, choice: AgreementSource, paths: Sequence[str]) -> dict[str, tuple[str, ...]]:
        def ask() -> dict[str, tuple[str, ...]]:
            self.connector.agreements = choice
            return self.connector.samples("agreements", paths)

        return self._kept(f"agreements:{choice.source}:{choice.view}:samples", ask)

    def agreement_views(self, choice: AgreementSource) -> list[View]:
        """Empty too where the CRM offers none for the object."""

        def ask() -> list[View]:
            self.connector.agreements = choice
            try:
                return [view for view in self.connector.views("agreements") if view.is_usable]
            except NotFound:
                return []

        return self._kept(f"agreements:{choice.source}:views", ask)

    def agreement_count(self, choice: AgreementSource) -> int:
        def ask() -> int:
            self.connector.agreements = choice
            return self.connector.count_agreements(choice).total

        key = f"agreements:{choice.source}:{choice.customer_field}:{choice.view}:{self._scope}:number"
        return self._kept(key, ask)

    # --- Kept

    def kept(self, what: str, ask: Callable[[], T]) -> T:
        """For what only one system's own page asks."""
        return self._kept(f"own:{what}", ask)

    @property
    def _scope(self) -> str:
        return self.connector.scope_key

    @property
    def _prefix(self) -> str:
        organisation = getattr(self.connection, self.guide.organisation_column)
        return f"set-up:{self.connection.pk}:{organisation}"

    def _key(self, what: str) -> str:
        return f"{self._prefix}:{cache.get(self._prefix) or 'first'}:{what}".replace(" ", "_")

    def _kept(self, what: str, ask: Callable[[], T]) -> T:
        key = self._key(what)
        found = cache.get(key)
        if found is None:
            found = (ask(), timezone.now())
            cache.set(key, found, KEPT_SECONDS)
        self.read_at = min(filter(None, (self.read_at, found[1])))
        return cast("T", found[0])
