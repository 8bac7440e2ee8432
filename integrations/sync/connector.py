"""What a system must be able to do, and the few shapes in which it answers. Raw JSON never leaves its folder."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from django.utils.functional import Promise

from integrations.engine.mapping import Kind, Mode
from integrations.engine.placeholders import Placeholders, none
from integrations.engine.records import Record
from integrations.engine.values import Value
from integrations.wire.messages import Call
from integrations.wire.quota import Quota

from .models import Block, Connection


@dataclass(frozen=True, slots=True)
class ObjectAbility:
    """What a system offers for one data type; pages, refusals and docs read it from here."""

    object: str
    source_object: str
    source_label: str | Promise
    """"Accounts": as the CRM's own people call them."""
    modes: tuple[Mode, ...]
    deletes: str | Promise
    """How deletions are noticed and how late, in words."""
    default_keys: tuple[str, ...] = ()
    has_hierarchy: bool = False
    overlap_seconds: int = 600
    """How far a delta reaches back behind its cursor: the system shows late what it stamped early."""
    creates: bool = False
    """Rows made here may be created there."""
    placeholders: Placeholders = none
    """What the connector puts into a new record where the hub has nothing and the CRM insists; never taken back as data."""
    deletes_out: bool = False
    write_batch: int = 0
    """Records of one write call; 0: it cannot be written."""
    calls_read_back: int = 1
    """So many full calls go out before one reading shows what the CRM made of them; of new records only where our key
    would find them again, for of all that goes out at once the answers are lost together."""
    bulk_from: int = 0
    """From so many records on a bulk job takes fewer calls; 0: there is none."""
    bulk_batch: int = 0
    """Records of one bulk job at most."""
    customer_path: str = ""
    """The field that ties its records to a customer (`AccountId`); the runner sends it as `@customer`."""
    counts: bool = True
    """How many there are is asked before a reading; where not, its pages say so (`Page.total`), or nobody knows."""
    tells_scope: bool = False
    """Of customers: one that left or entered the scope comes with the changes, and says itself on which side it is now.
    A delta then lists all ids only when the scope itself was chosen anew; where not, it lists them every time."""
    walk: str = ""
    """Data types of one name stand in one list of the CRM: whoever reads one of them has the others before their eyes."""
    walk_of_deleted: str = ""
    """The same of the list that tells what was deleted, where it is another one."""
    has_key_field: bool = False
    """A field for our own key can be created, so that a lost answer never doubles a record."""
    makes_rows: bool = True
    """A record that no key recognises becomes a row here. False: links only, as of a tool that stands beside the CRM. Such
    a record is left out and waits; it is taken up once a row has one of its keys, and the row's `ref_id` stays another's."""
    tells_who: bool = False
    """A record says by name who changed it last, in the same answer as its values (`Read.asks_who`)."""
    key_paths: Mapping[str, str] = field(default_factory=dict)
    """Merge key → where a record holds it, though no line is mapped to it: rows are recognised by it, and nothing flows."""


@dataclass(frozen=True, slots=True)
class Abilities:
    system: str
    label: str
    short: str
    objects: tuple[ObjectAbility, ...]
    connection_model: str
    """`app_label.Model` of the Connection child."""
    type_words: Mapping[str, str | Promise] = field(default_factory=dict)
    """The vendor's words for its types → how people call them."""
    has_plain_paths: bool = True
    """What its fields are stored by says something to people; where not, they choose and see them by their labels."""
    waiting_codes: frozenset[str] = frozenset()
    """The vendor's codes for a refused write that another record may lift: tried again as one that waits, not as one
    that needs a person."""
    ids_are_numbers: bool = False
    """Its ids are numbers that any list of numbers holds: not the 18 digits that only a text keeps whole."""
    window: str | Promise = ""
    """What its calls are counted over ("10 seconds"); empty: a day."""

    def say_type(self, type_: str) -> str:
        return str(self.type_words.get(type_, type_))

    def of(self, object_name: str) -> ObjectAbility:
        return next(ability for ability in self.objects if ability.object == object_name)


class ReadingLost(Exception):  # noqa: N818 (something that happened, not somebody's error)
    """A page token died (a cursor expired in the CRM): only starting the reading again helps."""


class How(StrEnum):
    ALL = "all"
    """Everything in scope, with values."""
    CHANGED = "changed"
    """Changed in [since, until), in scope or not; rows out of scope say so, or are told by the ids."""
    IDS = "ids"
    """The ids of everything in scope."""
    DELETED = "deleted"
    """Deleted or merged in [since, until); with ids, what became of those, whenever it was. Empty where nobody knows."""
    BY_ID = "by-id"
    """The named records with values, in scope or not; missing ones are simply not in the answer."""
    DEPENDENTS = "dependents"
    """All records that hang on the named customers."""


@dataclass(frozen=True, slots=True)
class Read:
    object: str
    how: How
    fields: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    ids: tuple[str, ...] = ()
    beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Other data types of the same walk → their fields: asked for by the same calls."""
    asks_who: bool = False
    """Also who changed each record last, as far as that takes no further call: only where a person may have to decide."""


@dataclass(frozen=True, slots=True)
class Gone:
    source_id: str
    deleted_at: datetime | None = None
    merged_into: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    records: Sequence[Record] = ()
    ids: Sequence[str] = ()
    gone: Sequence[Gone] = ()
    next: str = ""
    """Opaque; empty: this was the last page."""
    total: int | None = None
    """Records of the whole listing, where the answer says so; with `counts` off, this is the source's own number."""
    counted_too: int = 0
    """Of these records: how many `count` counted although they say themselves that they do not belong."""
    covered_until: datetime | None = None
    beside: Mapping[str, "Page"] = field(default_factory=dict)
    """What the same answer says of the other data types that were asked for."""


@dataclass(frozen=True, slots=True)
class Identity:
    user: str
    organisation: str
    web_url: str
    clock: datetime
    """The source's own clock at the answer."""


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class CrmField:
    path: str
    """`Website`, `Owner.Email`: what a mapping line stores."""
    label: str
    type: str
    """The vendor's word for its type; people are shown `Abilities.say_type` of it."""
    kind: Kind
    choices: tuple[Choice, ...] = ()
    is_custom: bool = False
    is_id: bool = False
    """May serve as an ID: the record's own, an external id, a unique text or number."""
    is_person: bool = False
    """Points to a user of the CRM."""
    length: int | None = None
    is_updateable: bool = False
    is_createable: bool = False
    is_required: bool = False
    """The CRM creates no record without it."""


@dataclass(frozen=True, slots=True)
class Schema:
    object: str
    fields: tuple[CrmField, ...]

    def get(self, path: str) -> CrmField | None:
        return next((found for found in self.fields if found.path == path), None)


@dataclass(frozen=True, slots=True)
class View:
    """A saved list of the CRM that may serve as the scope."""

    id: str
    label: str
    is_usable: bool = True
    why_not: str | Promise = ""
    detail: str | Promise = ""


@dataclass(frozen=True, slots=True)
class Breakdown:
    total: int
    groups: tuple[tuple[str, int], ...] = ()
    """By the source's own type of record, largest first."""


@dataclass(frozen=True, slots=True)
class LostView:
    """A view that the set-up names and the CRM does not show (any more)."""

    label: str
    step: str
    """Of the wizard, where another one is chosen."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """A user of the CRM, as it names them."""

    email: str
    name: str
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Send:
    """One record to write. `source_id` empty: create it; `key`: our own id of it, the same at every attempt."""

    source_id: str = ""
    key: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    """By CRM path, as `engine.writing.outgoing` says them: `Owner.Email` is a colleague's address, which the
    connector turns into the user's id; `@customer` is the customer's source id. None empties the field."""
    delete: bool = False
    kind: str = ""
    """The data type's own sort of record, where it has several (`Task`, `Event`)."""


class Unsendable(Exception):  # noqa: N818 (something that a value is, not somebody's error)
    """A value that has no way out: its own record is refused by name, the others of its batch go."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class Answer(StrEnum):
    DONE = "done"
    REFUSED = "refused"
    """By the record's own fault; retried by hand, or after a change."""
    BUSY = "busy"
    """Locked or throttled for a moment: worth another try."""
    EXISTS = "exists"
    """The CRM holds such a record already: `source_id` names it, and it is linked."""
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Sent:
    """What the CRM said about one record, in the order of the sends."""

    answer: Answer
    source_id: str = ""
    code: str = ""
    message: str = ""
    fields: tuple[str, ...] = ()
    stored: Record | None = None
    """What was sent, as the CRM's own answer says that it keeps it; None: the record is read back."""


class Connector(ABC):
    """Stateless between calls but for its session: a page token alone resumes a reading after any crash.

    Every call may raise the wire's errors (integrations.wire.errors); nothing else.
    """

    abilities: ClassVar[Abilities]

    def __init__(self, connection: Connection, *, read_only: bool = False, interactive: bool = False) -> None:
        """`read_only` arms the dry-run guard; `interactive` calls may use the quota reserve."""
        self.connection = connection
        self.read_only = read_only
        self.interactive = interactive
        self.kept: Mapping[str, Mapping[str, Any]] = {}
        """Data type → its settings, as the run began with them."""
        self.on_call: Callable[[Call], None] | None = None
        """Who is told of every sending; to be set before the first one."""

    def settings_of(self, object_name: str) -> Mapping[str, Any]:
        """What the data type asks for itself: as the run began with it, else as it is saved."""
        if object_name in self.kept:
            return self.kept[object_name]
        blocks = Block.objects.filter(connection=self.connection.pk, object=object_name)
        return blocks.values_list("settings", flat=True).first() or {}

    @property
    @abstractmethod
    def calls(self) -> Counter[str]:
        """API calls of this instance so far, by kind ("query", "describe", …)."""

    @property
    @abstractmethod
    def quota(self) -> Quota | None: ...

    @abstractmethod
    def whoami(self) -> Identity: ...

    @abstractmethod
    def schema(self, object_name: str) -> Schema: ...

    @abstractmethod
    def views(self, object_name: str) -> Sequence[View]: ...

    @abstractmethod
    def count(self, object_name: str, view_id: str = "") -> Breakdown:
        """How many records the scope (or the given view) holds, and of which types."""

    @abstractmethod
    def count_matching(self, object_name: str, field_path: str, values: Sequence[str]) -> int:
        """How many records of the scope hold one of the values: shown before a filter or a tag is saved."""

    def value_counts(self, object_name: str, path: str) -> dict[str, int]:
        """How many records of the scope hold each value of the field, in one call; empty where nobody can tell."""
        return {}

    @abstractmethod
    def samples(self, object_name: str, paths: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Up to three filled sample values per field, as text, from records in scope; one call."""

    @abstractmethod
    def read(self, read: Read, token: str = "") -> Page:
        """One page. `token` is the `next` of the page before; empty starts.

        Raises `ReadingLost` when the token has died: the runner starts that reading again.
        """

    @abstractmethod
    def fields_needed(self, object_name: str) -> tuple[str, ...]:
        """Paths every reading needs beside the mapped ones."""

    # --- The way out. A system that only reads keeps these as they are.

    def write(self, object_name: str, sends: Sequence[Send], *, key_field: str = "") -> Sequence[Sent]:
        """At most `write_batch` records for each of `calls_read_back`: so many calls for each of creates, updates and
        deletes (and one for colleagues).

        A create that an earlier attempt is found to have made comes as an update among creates.

        A wire error means that nobody knows what was written: the runner looks up by the key before it sends again.
        """
        raise NotImplementedError

    def start_bulk(self, object_name: str, sends: Sequence[Send], *, key_field: str = "") -> str:
        """Hands a bulk job over and returns its token."""
        raise NotImplementedError

    def bulk_answers(self, token: str, sends: Sequence[Send]) -> Sequence[Sent] | None:
        """None while the job still works."""
        raise NotImplementedError

    def find_by_key(self, object_name: str, key_field: str, keys: Sequence[str]) -> Mapping[str, str]:
        """Our key → source id, of the records that the CRM shows by now."""
        raise NotImplementedError

    def find_made(self, object_name: str, sends: Sequence[Send], since: datetime) -> Mapping[str, Sequence[str]] | None:
        """The same where no field holds our key: key → records made since then that say just what is sent, oldest first.

        None: nobody can tell, a person looks.
        """
        return None

    def create_key_field(self, object_name: str) -> str:
        """Creates (or finds) the field for our own key, visible to the signed-in user, and returns its path."""
        raise NotImplementedError

    def lost_views(self) -> Sequence[LostView]:
        """Chosen views that are gone; one call for each chosen view at most."""
        return ()

    def fitted(
        self, settings: Mapping[str, str | int | bool | None]
    ) -> tuple[dict[str, str | int | bool | None], list[str]]:
        """The scope of another connection in this one's organisation: ids of views found by their names.

        Also the names that were not found: their settings come empty.
        """
        return dict(settings), []

    def fitted_block(self, object_name: str, settings: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """The same for what a data type asks for itself."""
        return dict(settings), []

    def people(self, emails: Sequence[str]) -> Mapping[str, Colleague]:
        """Who the CRM's users with these e-mail addresses are, by address in lower case; whom it does not know is missing."""
        return {}

    @classmethod
    @abstractmethod
    def web_link(cls, web_url: str, object_name: str, source_id: str) -> str:
        """Where people see the record in the CRM; `web_url` is the connection's."""


@dataclass(frozen=True, slots=True)
class Registered:
    abilities: Abilities
    connector: type[Connector]
    urls: dict[str, str] = field(default_factory=dict)
    """Names of the system's own pages: "start" (no argument), "wizard" (slug, step), "sign_in" (slug)."""
    words: Callable[[str, str], tuple[str, str] | None] | None = None
    """(vendor's code, its text) → what it means and what repairs it; None where only the vendor knows."""
    scope: tuple[str, ...] = ()
    """Which of the system's own columns say what is read, as opposed to how to sign in."""
    home: str = "organisation"
    """The column that tells one organisation of the CRM from another: ids mean something within one only."""
    missing_scope: Callable[[Any], str | Promise] | None = None
    """(the system's own row) → what is not chosen yet of which records come in, without a call; empty where all is."""
