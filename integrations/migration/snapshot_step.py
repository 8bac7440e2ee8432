"""The step that keeps every value before stage A, so that it can be compared and brought back."""

from collections.abc import Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from integrations.sync.nouns import counted

from . import snapshot
from .models import KeptJob, Move
from .steps import Act, Finding, Step

TAKE_IT = gettext_lazy("Take the snapshot while no sync runs, then come back.")


def standing_job(move: Move, kind: str = KeptJob.Kind.TAKE) -> KeptJob | None:
    return KeptJob.objects.filter(move=move, kind=kind).first()


def _check(move: Move) -> Finding:
    job = standing_job(move)
    if job is not None and job.is_active:
        if job.trouble:
            said = _("It stopped: %(why)s") % {"why": job.trouble}
            return Finding(False, said, cure=_("Go on with it; what was kept stays kept."))
        return Finding(
            None,
            _("Being taken: %(done)s of %(all)s rows are kept.") % {"done": f"{job.done:,}", "all": f"{job.total:,}"},
        )
    if move.kept_at is None:
        return Finding(False, _("No snapshot was taken."), cure=str(TAKE_IT))
    if run := snapshot.run_since(move):
        said = _("Run %(run)s of %(name)s began after it was taken, and may have changed values.")
        return Finding(False, said % {"run": run.pk, "name": run.connection.name}, cure=_("Take it anew."))
    numbers = snapshot.kept_numbers(move)
    what = ", ".join(counted(name, numbers.get(name, 0)) for name in snapshot.OBJECTS)
    when = date_format(localtime(move.kept_at), "j M Y, H:i")
    return Finding(True, _("%(what)s with every value, as of %(when)s.") % {"what": what, "when": when})


def _take(move: Move, by: User, _cleaned: Mapping[str, Any]) -> str:
    snapshot.take(move, by)
    return _("The snapshot is being taken in the background. No sync of the two connections starts meanwhile.")


def _go_on(move: Move, _by: User, _cleaned: Mapping[str, Any]) -> str:
    snapshot.go_on(move)
    return _("The snapshot goes on where it stopped.")


def _give_up(move: Move, _by: User, _cleaned: Mapping[str, Any]) -> str:
    snapshot.give_up(move)
    return _("The snapshot was given up. Take it anew.")


def _may_take(move: Move) -> bool:
    job = standing_job(move)
    return (job is None or not job.is_active) and snapshot.stage_a_ran(move) is None


def _is_stopped(move: Move) -> bool:
    job = standing_job(move)
    return job is not None and job.is_active and bool(job.trouble)


def _more(move: Move) -> Mapping[str, Any]:
    return {"job": standing_job(move), "kept_at": move.kept_at}


SNAPSHOT = Step(
    key="snapshot",
    title=gettext_lazy("A snapshot of every value is taken"),
    why=gettext_lazy(
        "Customers, contacts and agreements as they stand before HubSpot writes anything: to compare afterwards, and to "
        "go back to."
    ),
    check=_check,
    acts=(
        Act("take", gettext_lazy("Take the snapshot"), _take, offered=_may_take),
        Act("go-on", gettext_lazy("Go on with the snapshot"), _go_on, offered=_is_stopped),
        Act("give-up", gettext_lazy("Give the snapshot up"), _give_up, offered=_is_stopped),
    ),
    template="migration/snapshot_part.html",
    more=_more,
)
