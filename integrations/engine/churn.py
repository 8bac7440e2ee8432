"""Decides a record that a run did not find: churned, gone, excluded, or not yet. Churned is never deleted."""

from dataclasses import replace
from enum import StrEnum

from .plan import STAGE, Action, Decision, FieldChange
from .reasons import Reason
from .records import Link, LinkState

MISSES_THAT_DECIDE = 2
TAKEN_BACK = "churn-undone"
"""Churned once, and a person took it back: the same absence does not churn it again."""


class Evidence(StrEnum):
    NONE = "none"
    """Merely not listed."""
    DELETED = "deleted"
    OUTSIDE = "outside"
    """Still there, but its stage, type, list or view is now another."""
    MERGED = "merged"


_STATE = {
    Evidence.NONE: LinkState.GONE,
    Evidence.DELETED: LinkState.GONE,
    Evidence.OUTSIDE: LinkState.EXCLUDED,
    Evidence.MERGED: LinkState.MERGED,
}
_CODE = {
    Evidence.NONE: "missing-twice",
    Evidence.DELETED: "deleted-in-crm",
    Evidence.OUTSIDE: "left-scope",
    Evidence.MERGED: "merged-in-crm",
}


def absent(
    link: Link,
    *,
    source_id: str,
    evidence: Evidence,
    complete: bool,
    listing_size: int | None,
    churn_on: bool = False,
    stage: str = "",
    churn_stage: str = "",
    system: str = "the CRM",
    survivor: str = "",
    reason: Reason | None = None,
) -> Decision:
    """Contacts have no stage: leave `churn_on` off for them.

    `complete`: every reading that the evidence rests on (the listing, or the feed of deletions) came to its end
    without an error. `listing_size`: ids that the listing held; None where none was read, e.g. in a delta. `reason`
    says more precisely why it is outside. A CHURN's stage before is what the link's `churned_from` becomes.
    """
    said = {"system": system, "survivor": survivor}
    unchanged = Decision(
        source_id, Action.UNCHANGED, Reason("already-gone", said), link.state, link.hub_id, settled=link.settled
    )
    if link.excluded_by_hand or (link.churned_from and evidence is not Evidence.MERGED):
        return unchanged
    doubt = _doubt(evidence, complete=complete, listing_size=listing_size)
    if doubt:
        return replace(unchanged, reason=Reason(doubt, said))
    state = _STATE[evidence]
    churns = churn_on and evidence is not Evidence.MERGED and _may_churn(link, stage, churn_stage)
    if not churns and link.state in {state, LinkState.MERGED}:
        return unchanged
    if evidence is Evidence.NONE and link.misses + 1 < MISSES_THAT_DECIDE:
        return replace(unchanged, action=Action.MISS, reason=Reason("missing-once", said))
    why = reason or Reason(_CODE[evidence], said)
    if churns:
        change = FieldChange(STAGE, stage, churn_stage, why)
        return replace(unchanged, action=Action.CHURN, reason=why, link_state=state, changes=(change,))
    action = Action.EXCLUDE if evidence is Evidence.OUTSIDE else Action.GONE
    return replace(unchanged, action=action, reason=why, link_state=state)


def _doubt(evidence: Evidence, *, complete: bool, listing_size: int | None) -> str:
    """Why nothing may be concluded yet; empty: the evidence stands."""
    if not complete:
        return "incomplete-read"
    if listing_size == 0 and evidence in {Evidence.NONE, Evidence.OUTSIDE}:
        # An emptied view or a lost right looks exactly like every customer leaving at once.
        return "empty-listing"
    return "incomplete-read" if evidence is Evidence.NONE and listing_size is None else ""


def _may_churn(link: Link, stage: str, churn_stage: str) -> bool:
    """A stage that a person or the CRM already set to churn is theirs: it would not be ours to take back."""
    was_taken_back = link.reason is not None and link.reason.code == TAKEN_BACK
    return link.hub_id is not None and bool(churn_stage) and stage != churn_stage and not was_taken_back
