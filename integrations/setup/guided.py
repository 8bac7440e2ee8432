"""A connector whose connection is set up step by step: what its pages ask beside what the runner asks."""

from abc import abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from integrations.sync.blocks import AgreementSource
from integrations.sync.connector import Breakdown, Connector
from integrations.wire.quota import Quota
from integrations.wire.session import Session


@dataclass(frozen=True, slots=True)
class Candidate:
    """An object that may hold agreements."""

    object: str
    label: str
    lookups: tuple[str, ...] = ()
    """Fields by which it names the customer, the usual one first."""

    @property
    def usual_lookup(self) -> str:
        return self.lookups[0] if self.lookups else ""


class GuidedConnector(Connector):
    @property
    def session(self) -> Session | None:
        """None as long as nothing was asked: looking at what was called opens no way to the CRM."""
        return self.client.session if "client" in self.__dict__ else None  # type: ignore[attr-defined]  # each its own

    @property
    def calls(self) -> Counter[str]:
        return self.session.calls_by_kind if self.session else Counter()

    @property
    def quota(self) -> Quota | None:
        return self.session.quota if self.session else None

    @cached_property
    def agreements(self) -> AgreementSource:
        """May be set: how it would be with another choice than the saved one."""
        return self.saved_agreements()

    @abstractmethod
    def saved_agreements(self) -> AgreementSource:
        """Where they stand; where nothing is said yet, where they usually do."""

    @property
    @abstractmethod
    def scope_key(self) -> str:
        """The chosen scope in one word: what was counted in it is kept under it."""

    @abstractmethod
    def chosen_view(self, object_name: str) -> tuple[str, str]:
        """Id and label; empty where none is chosen."""

    @abstractmethod
    def count_contacts(self, view_id: str) -> Breakdown:
        """As they would be with this contact view, or with none, whatever is chosen at present."""

    @abstractmethod
    def count_agreements(self, choice: AgreementSource) -> Breakdown: ...

    @abstractmethod
    def candidates(self) -> Sequence[Candidate]: ...

    @abstractmethod
    def value_counts(self, object_name: str, path: str) -> dict[str, int]:
        """How often each value of a field occurs in the scope; empty where the CRM cannot count it in a call or two."""

    @abstractmethod
    def activities(self, data_type: str, since: date | None) -> int:
        """Interactions of the records in scope since a day."""

    @abstractmethod
    def children(self, view_id: str) -> int | None:
        """Records of the view that have a parent; None where that is hidden, or cannot be counted."""

    @abstractmethod
    def calls_to_read(self, rows: int) -> int:
        """About how many calls a first reading of so many rows takes."""

    def calls_to_read_activities(self, rows: int) -> int:
        """The same of interactions, where one of them takes calls of its own."""
        return self.calls_to_read(rows)

    def create_score_field(self, score: str) -> str:
        """Makes (or finds) the field for a score (`health_score`, `pulse`) and returns its path; done twice, it makes one.

        Only where the guide says `creates_scores`. Misconfigured says what an administrator has to do.
        """
        raise NotImplementedError
