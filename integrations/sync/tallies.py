"""What a run counted, by data type and decision; whether it adds up to what the source says it holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import DataType, Run
from .models.journal import Action

COUNTS_ALL = (Run.Kind.FIRST, Run.Kind.FULL, Run.Kind.PREVIEW, Run.Kind.APPLY)
"""Only a complete reading can be compared with the source's own number; a preview's counts go over to the run that applies it."""
UNCHANGED = "unchanged"
UPDATES = (Action.UPDATE, Action.UNCHURN)
SENT = (Action.PUSH, Action.CREATE_OUT, Action.DELETE_OUT)
RESTORED = "restored"
UNREAD = "unread"
"""Decided because the hub changed, not because the record was read: the record counts as unchanged there already. So does
one whose leaving was refused: it is none of those that the source counted."""
UNSAID = "unsaid"
"""Rows made here of which no field goes out: they wait, and nothing of them is sent."""
SUPERSEDED = "superseded"
"""Records of the scope whose change the brake held until another run had the say: decided here, done nowhere."""
DECIDED = (
    Action.CREATE, Action.LINK, *UPDATES, Action.PUSH, Action.DELETE_OUT, UNCHANGED, Action.SETTLE, Action.EXCLUDE,
    Action.REFUSE, Action.COLLISION, Action.ASK,
)  # fmt: skip
"""Of records in the scope; churned and gone ones are no longer in what the source counts."""
ASKS_TOO = "asks"
"""Records of which a field waits for a person while others were written: counted beside their own action."""
SAID: Sequence[tuple[tuple[str, ...], str | Promise]] = (
    ((Action.CREATE,), gettext_lazy("%(n)s created")),
    ((Action.LINK,), gettext_lazy("%(n)s linked")),
    (UPDATES, gettext_lazy("%(n)s updated")),
    (SENT, gettext_lazy("%(n)s written to the CRM")),
    ((UNSAID,), gettext_lazy("%(n)s made here and not sent, as no field goes out")),
    (("sent.refused",), gettext_lazy("%(n)s refused by the CRM")),
    (("sent.doubtful",), gettext_lazy("%(n)s never answered")),
    ((f"{RESTORED}.done",), gettext_lazy("%(n)s taken back")),
    ((Action.CHURN,), gettext_lazy("%(n)s churned")),
    ((Action.GONE,), gettext_lazy("%(n)s gone")),
    ((Action.DELETE,), gettext_lazy("%(n)s deleted here")),
    ((Action.REFUSE,), gettext_lazy("%(n)s refused")),
    ((Action.COLLISION,), gettext_lazy("%(n)s in collision")),
    ((Action.ASK, ASKS_TOO), gettext_lazy("%(n)s to decide")),
    ((Action.EXCLUDE,), gettext_lazy("%(n)s excluded")),
    ((UNCHANGED, Action.SETTLE), gettext_lazy("%(n)s unchanged")),
)


@dataclass(frozen=True, slots=True)
class Tally:
    object: str
    total: int | None
    """The source's own number, where the run asked for it."""
    counts: Mapping[str, int]

    @property
    def label(self) -> str | Promise:
        return DataType(self.object).label

    @property
    def read(self) -> int:
        return self.counts.get("read", 0)

    @property
    def created(self) -> int:
        return self.of(Action.CREATE)

    @property
    def linked(self) -> int:
        return self.of(Action.LINK)

    @property
    def updated(self) -> int:
        return self.of(*UPDATES)

    @property
    def sent(self) -> int:
        """To the CRM: changed, created and deleted there. Before it has answered, what was decided."""
        has_answered = any(name.startswith("sent.") for name in self.counts)
        return self.counts.get("sent.done", 0) if has_answered else self.of(*SENT)

    @property
    def not_taken(self) -> int:
        """Sent, and refused by the CRM or never answered."""
        return self.of("sent.refused", "sent.doubtful")

    @property
    def refused_anywhere(self) -> int:
        return self.refused + self.not_taken

    @property
    def pushed(self) -> int:
        """Of what was read: records whose change goes out."""
        return self.of(Action.PUSH, Action.DELETE_OUT)

    @property
    def unread(self) -> int:
        return self.of(UNREAD)

    @property
    def unchanged(self) -> int:
        return self.of(UNCHANGED, Action.SETTLE)

    @property
    def churned(self) -> int:
        return self.of(Action.CHURN, Action.GONE, Action.DELETE)

    @property
    def excluded(self) -> int:
        return self.of(Action.EXCLUDE)

    @property
    def refused(self) -> int:
        return self.of(Action.REFUSE)

    @property
    def collisions(self) -> int:
        return self.of(Action.COLLISION)

    @property
    def asked(self) -> int:
        return self.of(Action.ASK, ASKS_TOO)

    @property
    def taken_back(self) -> int:
        return self.of(RESTORED) - self.left

    @property
    def left(self) -> int:
        """Decisions of a run that stay, though the run was taken back."""
        return self.counts.get(f"{RESTORED}.refused", 0)

    @property
    def sent_back(self) -> int:
        return self.counts.get("sent.done", 0)

    @property
    def unsettled(self) -> int:
        return self.refused + self.collisions + self.of(Action.ASK)

    @property
    def superseded(self) -> int:
        return self.of(SUPERSEDED)

    @property
    def explained(self) -> int:
        """Records of the scope with a decision."""
        return self.of(*DECIDED) + self.superseded - self.unread

    @property
    def missing(self) -> int:
        return (self.total or 0) - self.explained

    def of(self, *actions: str) -> int:
        return sum(self._of(action) for action in actions)

    def _of(self, action: str) -> int:
        if action in self.counts:
            return self.counts[action]
        return sum(number for name, number in self.counts.items() if name.startswith(f"{action}."))

    def reasons(self, action: str) -> list[tuple[str, int]]:
        """Per reason code, the largest first."""
        found = [(k.removeprefix(f"{action}."), n) for k, n in self.counts.items() if k.startswith(f"{action}.")]
        return sorted(found, key=lambda pair: -pair[1])


def tallies_of(run: Run) -> list[Tally]:
    return tallies_from(run.counts, run.totals)


def tallies_from(counts: Mapping[str, int], totals: Mapping[str, int]) -> list[Tally]:
    by_object: dict[str, dict[str, int]] = {name: {} for name in totals}
    for key, number in counts.items():
        object_name, _dot, what = key.partition(".")
        if object_name in DataType.values and what:
            by_object.setdefault(object_name, {})[what] = number
    ordered = [name for name in DataType.values if name in by_object]
    return [Tally(name, totals.get(name), by_object[name]) for name in ordered]


def sum_of(run: Run) -> Tally:
    """All data types as one; its data type is only a placeholder."""
    counts: dict[str, int] = {}
    for tally in tallies_of(run):
        for what, number in tally.counts.items():
            counts[what] = counts.get(what, 0) + number
    return Tally(DataType.CUSTOMERS, sum(run.totals.values()) if run.totals else None, counts)


def to_compare(run: Run) -> list[Tally]:
    """The data types whose numbers may be held against the source's: read whole, and to the end."""
    if run.kind not in COUNTS_ALL or run.state not in {Run.State.DONE, Run.State.HELD}:
        return []
    return [tally for tally in tallies_of(run) if tally.total is not None]


def came_of_it(run: Run) -> str:
    """`4 created, 312 updated, 953 unchanged`; a run that found nothing to do says so."""
    tally = sum_of(run)
    found = [(tally.sent if actions is SENT else tally.of(*actions), text) for actions, text in SAID]
    said = [str(text) % {"n": intcomma(number)} for number, text in found if number]
    return ", ".join(said) or _("nothing to do")
