"""The versions with which errors began: what the configuration's history and the runs say of each other."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.engine.onset import Onset, Went, onset

from .models import Connection, Run, Version
from .repair import VIEWS, wanted_sign_in
from .tallies import COUNTS_ALL, sum_of

SAMPLE = 20
"""Runs of a version and sort that are looked at, from its beginning and from its end."""
BETWEEN = 200
"""Runs behind those first ones that are looked through for one that went well; of what came later nobody can tell."""
REACH = 20
"""Versions before the first one asked about, among which the runs before it are looked for."""
COLUMNS = ("version", "kind", "state", "counts", "totals", "reason_code", "reason_params")
JUDGED = (Run.State.DONE, Run.State.HELD, Run.State.FAILED)
NO_VERSION = {"stuck", *VIEWS}
"""Reasons of a failed run that no configuration gives: it crashed, or somebody took the view away in the CRM."""
Sorted = Mapping[tuple[int, bool], list[Went]]


@dataclass(frozen=True, slots=True)
class OnsetOfRun:
    """What a run's page says of the version that it ran under."""

    sentence: str
    version: Version
    before: Version | None
    """The one to go back to."""
    is_open: bool
    """Whether going back would change it: the version is still in use, and the connection not archived."""


def onsets_of(connection: Connection, numbers: Iterable[int]) -> dict[int, Onset]:
    """Version → what began with it; one statement for any number of versions, and of runs."""
    asked = list(numbers)
    if not asked:
        return {}
    went = _went(connection, min(asked) - REACH, max(asked))
    found = ((number, onset(list(_before(went, number)), list(_since(went, number)))) for number in asked)
    return {number: one for number, one in found if one is not None}


def onset_of_run(run: Run) -> OnsetOfRun | None:
    if run.slot != Run.Slot.REAL or run.state not in JUDGED or not went(run).is_troubled:
        return None
    found = onsets_of(run.connection, [run.version]).get(run.version)
    if found is None or not _hangs_on_it(run):
        return None
    versions = list(run.connection.versions.filter(number__lte=run.version)[:2])
    if not versions or versions[0].number != run.version:
        return None
    before = versions[1] if len(versions) > 1 else None
    is_open = run.version == run.connection.version and not run.connection.is_archived
    return OnsetOfRun(_began(found), versions[0], before, is_open)


def in_words(found: Onset) -> str:
    """`Errors began with this version: 2 of its first 3 runs. Refused in one run: up to 7 records. Before: none.`"""
    return " ".join((_how_many(found), *_what(found)))


def went(run: Run) -> Went:
    # Whoever has to sign in again has no error of the configuration.
    has_failed = run.state == Run.State.FAILED and not (wanted_sign_in(run) or _is_of_no_version(run))
    return Went(run.version, run.kind in COUNTS_ALL, has_failed, sum_of(run).refused_anywhere)


def _is_of_no_version(run: Run) -> bool:
    # A view that cannot serve any more is told by the CRM's code alone.
    return not NO_VERSION.isdisjoint((run.reason_code, run.reason_params.get("code")))


def _hangs_on_it(run: Run) -> bool:
    """Whether the version's first errors reach to this run: it is one of the first, or none of its sort went well since."""
    is_complete = Q(kind__in=COUNTS_ALL)
    of_sort = is_complete if run.kind in COUNTS_ALL else ~is_complete
    earlier = _judged(run.connection, run.version, run.version).filter(of_sort, pk__lt=run.pk).order_by("pk")
    seen = list(earlier.only(*COLUMNS)[: SAMPLE + BETWEEN + 1])
    if len(seen) < SAMPLE:
        return True
    begun = next((place for place, one in enumerate(seen[:SAMPLE]) if went(one).is_troubled), None)
    if begun is None or len(seen) > SAMPLE + BETWEEN:
        return False
    return not any(one.state == Run.State.DONE and not went(one).is_troubled for one in seen[begun:])


def _judged(connection: Connection, first: int, last: int) -> QuerySet[Run]:
    return Run.objects.filter(
        connection=connection, slot=Run.Slot.REAL, state__in=JUDGED, version__gte=first, version__lte=last
    ).exclude(kind=Run.Kind.UNDO)


def _went(connection: Connection, first: int, last: int) -> Sorted:
    found: defaultdict[tuple[int, bool], list[Went]] = defaultdict(list)
    for run in _samples(connection, first, last):
        one = went(run)
        found[one.version, one.is_complete].append(one)
    return found


def _samples(connection: Connection, first: int, last: int) -> QuerySet[Run]:
    """The ends of each version alone: a version that stood for a year has thousands of runs."""
    runs = _judged(connection, first, last)
    of_one = [F("version"), F("kind")]
    ends = runs.annotate(
        from_start=Window(RowNumber(), partition_by=of_one, order_by=F("pk").asc()),
        from_end=Window(RowNumber(), partition_by=of_one, order_by=F("pk").desc()),
    ).filter(Q(from_start__lte=SAMPLE) | Q(from_end__lte=SAMPLE))
    return Run.objects.filter(pk__in=ends.values("pk")).only(*COLUMNS).order_by("pk")


def _before(went: Sorted, number: int) -> Iterator[Went]:
    """Of each sort the last runs under the latest earlier version that has any."""
    for is_complete in (True, False):
        earlier = [version for version, sort in went if sort is is_complete and version < number]
        if earlier:
            yield from went[max(earlier), is_complete][-SAMPLE:]


def _since(went: Sorted, number: int) -> Iterator[Went]:
    for is_complete in (True, False):
        yield from went.get((number, is_complete), [])[:SAMPLE]


def _began(found: Onset) -> str:
    said = _("Errors began with version %(number)d.") if found.is_new else _("Errors rose with version %(number)d.")
    return " ".join((said % {"number": found.version}, *_what(found)))


def _how_many(found: Onset) -> str:
    said = {"troubled": found.troubled, "runs": found.runs}
    if found.is_new:
        text = ngettext(
            "Errors began with this version: %(troubled)d of its first %(runs)d run.",
            "Errors began with this version: %(troubled)d of its first %(runs)d runs.",
            found.runs,
        )
    else:
        text = ngettext(
            "Errors rose with this version: %(troubled)d of its first %(runs)d run.",
            "Errors rose with this version: %(troubled)d of its first %(runs)d runs.",
            found.runs,
        )
    return text % said


def _what(found: Onset) -> Iterator[str]:
    if found.failed:
        text = ngettext("%(n)d run failed.", "%(n)d runs failed.", found.failed)
        yield text % {"n": found.failed}
    if found.refused:
        text = ngettext(
            "Refused in one run: up to %(n)d record.", "Refused in one run: up to %(n)d records.", found.refused
        )
        yield text % {"n": found.refused}
    yield _("Before: none.") if found.is_new else _("Before: up to %(n)d.") % {"n": found.before}
