"""Measures steps, keeps what was found with who asked, and lets people sign what no software can see."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from integrations.wire.errors import WireError

from .models import Move, StepState
from .steps import ActRefused, Finding, Step

State = StepState.State


def check(move: Move, step: Step, by: str = "") -> StepState:
    """What cannot be asked just now says so and changes no verdict into a better one."""
    if step.check is None:
        return standing(move, step)
    try:
        found = step.check(move)
    except WireError as trouble:
        found = Finding(None, _("The CRM could not be asked: %(why)s") % {"why": trouble})
    return _keep(move, step, found, by)


def check_all(move: Move, steps: Iterable[Step], by: str = "") -> list[StepState]:
    return [check(move, step, by) for step in steps]


def wake(move: Move, steps: Iterable[Step], by: str = "") -> None:
    """Measures those that had to wait: what was done since may be what they waited for."""
    states = states_of(move)
    for step in steps:
        state = states.get(step.key)
        if state is not None and state.state == State.NOT_STARTED and state.measured_at:
            check(move, step, by)


def sign(move: Move, step: Step, by: User, cleaned: Mapping[str, Any], note: str = "") -> StepState:
    """A person says that it is done; where it can be measured as well, that is done at once."""
    if not step.is_signed:
        raise ActRefused(_("This step is measured. Nobody can sign it."))
    with transaction.atomic():
        if step.keep is not None:
            step.keep(move, cleaned)
        StepState.objects.update_or_create(
            move=move,
            step=step.key,
            defaults={
                "state": State.DONE, "signed_by": by.label[:160], "signed_at": timezone.now(), "note": note[:500],
            },
        )  # fmt: skip
        audit.record(by, "signed a step", move, after={"step": str(step.title)}, note=note[:500])
    # Measuring may ask a CRM: no transaction waits for that.
    return check(move, step, by.label)


def unsign(move: Move, step: Step, by: User) -> None:
    """What was measured stays; the word of the person goes."""
    with transaction.atomic():
        signed = StepState.objects.filter(move=move, step=step.key).exclude(signed_by="")
        if not signed.update(state=State.NOT_STARTED, signed_by="", signed_at=None, note=""):
            raise ActRefused(_("Nobody has signed this step. Nothing was changed."))
        audit.record(by, "took a signature back", move, after={"step": str(step.title)})
    check(move, step, by.label)


def standing(move: Move, step: Step) -> StepState:
    found = StepState.objects.filter(move=move, step=step.key).first()
    return found or StepState(move=move, step=step.key)


def states_of(move: Move) -> dict[str, StepState]:
    return {state.step: state for state in StepState.objects.filter(move=move)}


def is_met(step: Step, state: StepState | None) -> bool:
    """Measured and holding; signed where it is signed, and then not contradicted by what was measured."""
    if state is None:
        return False
    if step.is_signed:
        return bool(state.signed_by) and state.state in {State.DONE, State.VERIFIED}
    return state.state == State.VERIFIED


def _keep(move: Move, step: Step, found: Finding, by: str) -> StepState:
    former = standing(move, step)
    columns = {
        "state": _verdict(step, former, found), "measured_at": timezone.now(), "measured_for": by[:160],
        "said": found.said[:500], "rows": found.kept_rows, "total": found.total or len(found.rows),
        "cure": found.cure[:500],
    }  # fmt: skip
    kept, _created = StepState.objects.update_or_create(move=move, step=step.key, defaults=columns)
    return kept


def _verdict(step: Step, former: StepState, found: Finding) -> str:
    if found.holds is None:
        return State.DONE if former.signed_by else State.NOT_STARTED
    if not found.holds:
        return State.FAILED
    if step.is_signed and not former.signed_by:
        # What was measured holds, and the person has still to say so.
        return State.NOT_STARTED
    return State.VERIFIED
