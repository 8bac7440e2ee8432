"""Decides what becomes of one decision when its run is taken back; a row that anybody touched since is left, and said why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .merge import same
from .plan import Action
from .reasons import Reason
from .values import Value

REWRITES = frozenset({Action.UPDATE, Action.LINK, Action.CHURN, Action.UNCHURN})
"""Changed values of a row that was there."""
OUTWARD = frozenset({Action.PUSH, Action.CREATE_OUT, Action.DELETE_OUT})
LISTINGS = frozenset({Action.EXCLUDE, Action.COLLISION, Action.REFUSE})
"""Wrote nothing: what is known of the record is all that they changed."""
FLAGS = frozenset({Action.GONE, Action.EXCLUDE, Action.SETTLE})
"""May have said of a row that the CRM no longer has it, or has it again."""
TAKEN_BACK = REWRITES | OUTWARD | LISTINGS | FLAGS | {Action.CREATE, Action.DELETE}


class Fate(StrEnum):
    RESTORE = "restore"
    """Its former values stand again."""
    REMOVE = "remove"
    """The run made the row: it goes."""
    RETURN = "return"
    """The run deleted the row: it comes back."""
    FLAG = "flag"
    """Only whether the CRM still has it goes back to what it was."""
    RELIST = "relist"
    """Nothing was written; the record is known as it was before, and decided anew."""
    SEND = "send"
    """The CRM is sent its former values."""
    DELETE_OUT = "delete-out"
    """The run made the record in the CRM: it is deleted there, because a person said so."""
    STAY = "stay"
    """Left as it is, and listed with its reason."""
    PASS = "pass"  # noqa: S105 (no password)
    """Nothing is left to take back, and nothing to say."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand now, of one decision that is asked about."""

    row: Mapping[str, Value] | None = None
    """The hub row; None: it is no longer there."""
    touched: bool = False
    """A later decision, a person's or another run's, wrote to the row."""
    flags: bool = False
    """The decision set or cleared the row's mark of being gone."""
    is_last_word: bool = True
    """No later run and no person decided about the record since."""
    in_crm: Mapping[str, Value] | None = None
    """What the CRM holds of the fields that it was sent, letter by letter; None: it has no such record."""
    left_in_crm: Mapping[str, Value] = field(default_factory=dict)
    """What it held of them once it had been sent them."""
    moved_in_crm: bool = False
    """The CRM's record was changed after we wrote it, whatever field it was."""
    may_delete_out: bool = False
    may_return: bool = False
    """What a deleted row hung on is still there."""


def fate_of(
    action: Action, after: Mapping[str, Value], standing: Standing, *, system: str = "the CRM"
) -> tuple[Fate, Reason | None]:
    """`after`: what the decision left in the fields that it wrote."""
    if action in OUTWARD:
        return _outward(action, after, standing, system)
    if action in LISTINGS and not standing.flags:
        return (Fate.RELIST if standing.is_last_word else Fate.PASS), None
    if action in FLAGS:
        if not standing.flags:
            return (Fate.RELIST if action is Action.GONE and standing.is_last_word else Fate.PASS), None
        return (Fate.STAY, Reason("touched-since")) if _is_touched(after, standing) else (Fate.FLAG, None)
    if action is Action.DELETE:
        return _deleted(standing)
    if _is_touched(after, standing):
        return Fate.STAY, Reason("touched-since")
    return (Fate.REMOVE if action is Action.CREATE else Fate.RESTORE), None


def _deleted(standing: Standing) -> tuple[Fate, Reason | None]:
    if standing.row is not None or not standing.is_last_word:
        return Fate.STAY, Reason("touched-since")
    return (Fate.RETURN, None) if standing.may_return else (Fate.STAY, Reason("returns-to-nothing"))


def _is_touched(after: Mapping[str, Value], standing: Standing) -> bool:
    if standing.row is None or standing.touched:
        return True
    return any(not same(standing.row.get(name), value) for name, value in after.items())


def _outward(action: Action, after: Mapping[str, Value], standing: Standing, system: str) -> tuple[Fate, Reason | None]:
    stays = Reason("stays-in-crm", {"system": system})
    moved = Reason("crm-touched-since", {"system": system})
    if action is Action.DELETE_OUT:
        return Fate.STAY, stays
    if action is Action.CREATE_OUT:
        if not standing.may_delete_out:
            return Fate.STAY, stays
        is_other = standing.moved_in_crm or _is_other_there(standing)
        return (Fate.STAY, moved) if is_other else (Fate.DELETE_OUT, None)
    if _is_touched(after, standing):
        return Fate.STAY, Reason("touched-since")
    return (Fate.STAY, moved) if _is_other_there(standing) else (Fate.SEND, None)


def _is_other_there(standing: Standing) -> bool:
    """Letter by letter: a colleague's edit may well read the same, and would be lost like any other."""
    there = standing.in_crm
    return there is None or any(not same(there[name], value) for name, value in standing.left_in_crm.items())
