"""The report: everything that was done and measured, as plain words, so that what is signed can never change afterwards.

The first signature freezes it: everybody signs the same text. An Admin may write it anew, which drops the signatures.
"""

from collections.abc import Mapping
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from integrations.engine.values import digest
from integrations.sync.models import Run
from integrations.sync.nouns import counted
from integrations.sync.tallies import came_of_it

from . import checking, figures, gates
from .board import SHOWN
from .chapters import CHAPTERS, all_steps
from .models import Move, Override, Passage, Signature, Stay, StepState, Word
from .snapshot import AT_WORK, figures_then, is_at_work
from .steps import ActRefused, Step

MOST_STAYS = 2_000
NOT_NEEDED = "c"
"""Whoever stops after stage B has met everything that is asked."""
Told = dict[str, Any]


def build(move: Move) -> Told:
    """The same few statements for any number of rows: what was measured is read, not measured."""
    states = checking.states_of(move)
    excused = excuses(move)
    chapters = [
        {
            "number": chapter.number, "title": str(chapter.title),
            "steps": [
                _step(f"{chapter.number}.{place}", step, states.get(step.key), excused)
                for place, step in enumerate(chapter.steps, 1)
            ],
        }
        for chapter in CHAPTERS
    ]  # fmt: skip
    stays = Stay.objects.filter(move=move).order_by("name", "pk")
    lines = [line for chapter in chapters for line in chapter["steps"]]  # type: ignore[attr-defined]
    return {
        "old": move.old.name, "new": move.new.name if move.new else "HubSpot", "carrier": move.carrier,
        "begun": moment(move.created_at), "begun_by": move.created_by, "day": moment(move.day),
        "attendees": [str(one) for one in move.attendees], "kept": moment(move.kept_at), "as_of": moment(timezone.now()),
        "chapters": chapters, "met": sum(one["is_met"] for one in lines), "total": len(lines),
        "missing": [f"{one['number']} {one['title']}" for one in lines if not one["is_met"] and not one["excuse"]],
        "gates": _gates(move), "stages": _stages(move), "figures": _figures(move), "words": _words(move),
        "stays": [[one.name, one.reason, one.by] for one in stays[:MOST_STAYS]], "stays_number": stays.count(),
    }  # fmt: skip


def missing(move: Move) -> list[str]:
    states, excused = checking.states_of(move), excuses(move)
    return [
        f"{chapter.number}.{place} {step.title}"
        for chapter in CHAPTERS
        for place, step in enumerate(chapter.steps, 1)
        if not checking.is_met(step, states.get(step.key)) and step.key not in excused
    ]


def excuses(move: Move) -> Mapping[str, str]:
    """Step → why it need not be met: an Admin opened its gate although it was missing, or nobody went on to stage C."""
    found: dict[str, str] = {}
    if not Passage.objects.filter(move=move, stage=Passage.Stage.C).exists():
        found |= {
            step.key: _("Stage C need not be: nobody has gone on to it.")
            for step in all_steps()
            if step.needs == NOT_NEEDED
        }
    for override in Override.objects.filter(move=move):
        said = _("Opened by %(who)s: %(why)s") % {"who": override.by, "why": override.reason}
        found |= dict.fromkeys(override.steps, said)
    return found


def mark(told: Told) -> str:
    """Of what the report says, whenever it was measured."""
    passing = {"measured", "said", "rows", "left"}
    steps = [
        {name: value for name, value in step.items() if name not in passing}
        for chapter in told["chapters"]
        for step in chapter["steps"]
    ]
    return digest([steps, told["gates"], told["stages"], told["stays"]])


# --- Signing


@transaction.atomic
def sign(move: Move, by: User, said: str) -> None:
    open_move = _locked(move)
    if not open_move.report:
        open_move.report = build(open_move)
        open_move.save(update_fields=["report"])
    Signature.objects.update_or_create(
        move=move, user=by, defaults={"name": by.label[:160], "said": said.strip()[:500]}
    )
    audit.record(by, "signed the report of a move", move, note=said[:500])


@transaction.atomic
def unsign(move: Move, by: User) -> None:
    _locked(move)
    if not Signature.objects.filter(move=move, user=by).delete()[0]:
        raise ActRefused(_("You have not signed. Nothing was changed."))
    if not Signature.objects.filter(move=move).exists():
        Move.objects.filter(pk=move.pk).update(report={})
    audit.record(by, "took a signature back", move)


@transaction.atomic
def anew(move: Move, by: User) -> None:
    """Another text, so other signatures."""
    _locked(move)
    number = Signature.objects.filter(move=move).delete()[0]
    Move.objects.filter(pk=move.pk).update(report={})
    audit.record(by, "wrote the report anew", move, note=f"{number} signatures dropped")


def close(move: Move, by: User) -> None:
    """Measured once more; then nothing of the move changes any more."""
    with transaction.atomic():
        _locked(move)
    checking.check_all(move, [step for step in all_steps() if step.check], by.label)
    with transaction.atomic():
        frozen = _locked(move)
        if lacking := missing(frozen):
            raise ActRefused(_("Still missing: %(what)s. Nothing was closed.") % {"what": "; ".join(lacking)})
        if is_at_work(frozen):
            raise ActRefused(AT_WORK)
        if not frozen.report or not Signature.objects.filter(move=move).exists():
            raise ActRefused(_("Nobody has signed the report. Nothing was closed."))
        if frozen.report["missing"] or mark(frozen.report) != mark(build(frozen)):
            raise ActRefused(
                _(
                    "The checklist says something else than the report that was signed. Write the report anew, and let it be signed."
                )
            )
        frozen.state, frozen.closed_by, frozen.closed_at = Move.State.SIGNED, by.label[:160], timezone.now()
        frozen.save(update_fields=["state", "closed_by", "closed_at"])
        audit.record(by, "closed a move", frozen)


def _locked(move: Move) -> Move:
    found = Move.objects.select_for_update(of=("self",)).select_related("old", "new").get(pk=move.pk)
    if not found.is_open:
        raise ActRefused(_("This move is over. Its report stays as it was signed."))
    return found


# --- What it says


def _step(number: str, step: Step, state: StepState | None, excused: Mapping[str, str]) -> Told:
    met = checking.is_met(step, state)
    state = state or StepState(step=step.key)
    return {
        "key": step.key, "number": number, "title": str(step.title), "is_met": met, "state": state.state,
        "word": str(SHOWN[state.state][1]), "said": state.said, "rows": [row[:2] for row in state.rows],
        "left": max(0, state.total - len(state.rows)), "by": state.signed_by, "signed": moment(state.signed_at),
        "note": state.note, "measured": moment(state.measured_at), "excuse": "" if met else excused.get(step.key, ""),
    }  # fmt: skip


def _gates(move: Move) -> list[Told]:
    return [
        {
            "title": str(gates.gate_of(one.gate).title), "by": one.by, "at": moment(one.at), "reason": one.reason,
            "missing": one.missing,
        }
        for one in Override.objects.filter(move=move).order_by("pk")
    ]  # fmt: skip


def _stages(move: Move) -> list[Told]:
    passages = list(Passage.objects.filter(move=move).order_by("pk"))
    runs = Run.objects.in_bulk([one.run_id for one in passages if one.run_id])
    found = []
    for one in passages:
        run = runs.get(one.run_id or 0)
        found.append({
            "title": str(one.get_stage_display()), "version": one.version, "by": one.by, "at": moment(one.at),
            "run": one.run_id or "", "state": str(run.get_state_display()) if run else "",
            "ended": moment(run.finished_at) if run else "", "came": came_of_it(run) if run else "",
        })  # fmt: skip
    return found


def _figures(move: Move) -> list[list[str]]:
    """[what, before, now]."""
    then, now = figures_then(move), figures.figures_now()
    rows = [
        [_called(name), str(intcomma(then[name])) if name in then else "", str(intcomma(now[name]))]
        for name in ("customers", "contacts", "agreements", "interactions")
    ]
    return [*rows, [_("MRR"), figures.worth(then["mrr"]) if "mrr" in then else "", figures.worth(now["mrr"])]]


def _called(name: str) -> str:
    return counted(name, 2).partition(" ")[2].capitalize()


def _words(move: Move) -> list[list[str]]:
    """[step, who, when, what]: accepted differences, and confirmations beside a signature."""
    titles = {step.key: str(step.title) for step in all_steps()}
    said = Word.objects.filter(move=move)
    return [[titles.get(one.step, one.step), one.by, moment(one.at), one.said] for one in said]


def moment(at: Any) -> str:
    return date_format(timezone.localtime(at), "j M Y, H:i") if at else ""
