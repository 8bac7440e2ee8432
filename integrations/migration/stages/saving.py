"""Saves a stage: its gate measured anew, what must never be, refused; then a version, a preview, and the run that applies it.

While a stage waits for its run the connection rests: a schedule must not apply what nobody has looked at.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from integrations.setup.saving import Data
from integrations.sync import runs
from integrations.sync.configuration import VersionMoved, restore, save_version, write
from integrations.sync.configuration.snapshot import meaning
from integrations.sync.configuration.versions import locked
from integrations.sync.models import Connection, Run, Version
from integrations.sync.runs import RunRefused

from .. import gates
from ..facts import not_arrived
from ..models import Move, Passage
from ..steps import ActRefused
from .owners import other_writers

STILL_THERE = ("snapshot",)
"""What the gate asked for and may be gone by the time that the stage runs: the way back from it."""


def save(move: Move, stage: str, data: Data, by: User, *, expected: int) -> Passage:
    """Raises Closed, ActRefused or VersionMoved; nothing was saved then."""
    gates.require(move, stage)
    refuse_what_must_not_be(move, stage)
    connection = move.new
    assert connection is not None
    try:
        with transaction.atomic():
            rested = locked(connection.pk, expected)
            if rested.state == Connection.State.ON:
                runs.pause(rested, by.label)
            write(connection, data)
            connection.refresh_from_db()
            note = _("Move to HubSpot, stage %(stage)s") % {"stage": stage.upper()}
            save_version(connection, by, note)
            connection.refresh_from_db()
            passage = Passage.objects.create(
                move=move, stage=stage, version=connection.version, former=expected, by=by.label[:160]
            )
            audit.record(by, "saved a stage", move, after={"stage": stage.upper(), "version": connection.version})
    except VersionMoved as moved:
        said = {"number": moved.now.number if moved.now else 0}
        text = _("Version %(number)s was saved since you opened this page. Look at the difference, then save again.")
        raise ActRefused(text % said) from None
    preview(passage, by)
    return passage


def preview(passage: Passage, by: User) -> None:
    """Anew, where the former one can no longer be applied."""
    connection = _connection(passage)
    try:
        made = runs.request_run(connection, Run.Kind.PREVIEW, by=by.label)
    except RunRefused as refusal:
        if refusal.run is None:
            raise ActRefused(refusal.reason) from None
        made = refusal.run
    Passage.objects.filter(pk=passage.pk).update(preview_id=made.pk)
    passage.refresh_from_db()


def begin_run(passage: Passage, by: User) -> Run:
    """Applies exactly what the preview showed, and lets the schedule go on."""
    connection = _connection(passage)
    gates.require(passage.move, passage.stage, only=STILL_THERE)
    refuse_what_must_not_be(passage.move, passage.stage)
    shown = Run.objects.filter(pk=passage.preview_id or 0).first()
    if shown is None:
        raise ActRefused(_("Preview the stage first: what it does is looked at before it is done."))
    if passage.run_id is not None:
        raise ActRefused(_("Run %(n)s does it already. Nothing else was started.") % {"n": passage.run_id})
    try:
        with transaction.atomic():
            locked(connection.pk)
            connection.refresh_from_db()
            if connection.state == Connection.State.PAUSED:
                runs.resume(connection, by.label)
                shown.refresh_from_db()
            made = runs.apply_preview(shown, by.label)
            Passage.objects.filter(pk=passage.pk).update(run_id=made.pk)
            audit.record(by, "ran a stage", passage.move, after={"stage": passage.stage.upper(), "run": made.pk})
    except RunRefused as refusal:
        raise ActRefused(refusal.reason) from None
    passage.refresh_from_db()
    return made


def withdraw(passage: Passage, by: User) -> None:
    """A stage that has not run goes: the configuration is as it was before it."""
    connection = _connection(passage)
    if passage.run_id is not None:
        raise ActRefused(_("This stage has run. Take its run back on the run’s own page."))
    with transaction.atomic():
        locked(connection.pk)
        for run in Run.objects.filter(pk=passage.preview_id or 0):
            runs.discard(run, by.label)
        if passage.former and connection.version == passage.version:
            restore(connection, passage.former, by, read=None)
        connection.refresh_from_db()
        if connection.state == Connection.State.PAUSED:
            # It rested for this stage alone.
            runs.resume(connection, by.label)
        audit.record(by, "withdrew a stage", passage.move, after={"stage": passage.stage.upper()})
        passage.delete()


def refuse_what_must_not_be(move: Move, stage: str) -> None:
    """No reason opens these: two owners of one ID, or customers that nothing would recognise any more."""
    if writers := other_writers(move):
        said = {"names": ", ".join(writers)}
        raise ActRefused(
            _("%(names)s still writes Customer IDs of customers that move. Disable its blocks first: chapter 3.") % said
        )
    if stage == "b" and (number := not_arrived(move).count()):
        text = _("%(n)s customers have no HubSpot ID yet: without the old ID nothing would recognise them. Bring them "
                 "to HubSpot, link them, or let them stay behind.")  # fmt: skip
        raise ActRefused(text % {"n": number})


def is_outdated(move: Move, passage: Passage) -> bool:
    """A later stage is a later version, and what was withdrawn left its former words; all else is not of this move."""
    if move.new is None or Passage.objects.filter(move=move, pk__gt=passage.pk).exists():
        return False
    if move.new.version == passage.version:
        return False
    numbers = (move.new.version, passage.version)
    found = dict(Version.objects.filter(connection=move.new, number__in=numbers).values_list("number", "data"))
    # A version of an earlier release says more or less than one of now that decides the same.
    now, then = (meaning(found.get(number) or {}) for number in numbers)
    return now != then


def passage_of(move: Move, stage: str) -> Passage | None:
    return Passage.objects.filter(move=move, stage=stage).first()


def _connection(passage: Passage) -> Connection:
    connection = Connection.objects.get(pk=passage.move.new_id or 0)
    if connection.version != passage.version:
        said = {"now": connection.version, "then": passage.version}
        text = _("The configuration is at version %(now)s, this stage is version %(then)s. Save the stage again.")
        raise ActRefused(text % said)
    return connection
