"""Answers the hub's pages from the journal, the links and the mapping: who writes a field, what happened, how it came."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.engine.mapping import Direction, Mode
from integrations.engine.merge import within
from integrations.engine.plan import Action as Decided
from integrations.engine.values import from_json, is_blank
from integrations.hub import panels

from .bonds import bonds_of
from .choices import waiting
from .lines import Line, lines_of, spoken
from .merging import survivor_of, taken_back
from .models import Change, Connection, DataType, FieldMapping, RecordLink
from .models import Mode as FieldMode
from .models.journal import Action
from .registry import system_of
from .store.holders import HOLDS, LIVING
from .store.taken_back import BY_THE_DAYS
from .taking_back import follows, hindrance, is_takeable

EVENTS = 50
CRM_WON = frozenset({"both-moved-in", "conflict-crm", "latest-crm", "chosen-crm", "first-in"})
HUB_WON = frozenset({"both-moved-out", "conflict-hub", "latest-hub", "chosen-hub", "first-out"})
"""Reasons by which one value stood against another, rather than came alone."""
BLANKS = {
    FieldMapping.Blanks.KEEP: gettext_lazy("blanks never erase"),
    FieldMapping.Blanks.ERASE: gettext_lazy("blanks erase"),
    FieldMapping.Blanks.FILL: gettext_lazy("only if empty"),
}


class JournalDesk:
    """Each answer takes a constant number of statements."""

    def story(self, entity: str, hub_id: int) -> panels.Story:
        changes = list(_of(entity, hub_id)[:EVENTS])
        names = dict(Connection.objects.values_list("pk", "name"))
        return panels.Story(
            writers=_writers(entity, hub_id),
            events=_events(lines_of(changes), names),
            disputes=_disputes(entity, hub_id),
            arrivals=_arrivals(entity, hub_id, names),
            links=[(_("Explain it"), _explain(changes, hub_id))],
        )

    def arrivals(self, entity: str, hub_id: int) -> dict[tuple[str, str], panels.Arrival]:
        return _arrivals(entity, hub_id, dict(Connection.objects.values_list("pk", "name")))

    def bonds(self, hub_id: int) -> dict[str, list[str]]:
        return bonds_of(hub_id)

    def undo_url(self, entity: str, hub_id: int) -> str:
        latest = _of(entity, hub_id).filter(run_id=None).first()
        return reverse("sync:take-back", args=[latest.pk]) if latest and is_takeable(latest) else ""

    def merged_into(self, entity: str, hub_id: int) -> int | None:
        return survivor_of(entity, hub_id)

    def connections(self) -> list[tuple[str, str]]:
        return list(Connection.objects.exclude(state=Connection.State.DRAFT).values_list("slug", "name"))

    def rows_of(self, entity: str, slug: str) -> QuerySet[Any]:
        links = RecordLink.objects.filter(object=entity, connection__slug=slug, hub_id__isnull=False)
        return links.values("hub_id")


def _of(entity: str, hub_id: int) -> QuerySet[Change]:
    return Change.objects.filter(object=entity, hub_id=hub_id).order_by("-id")


def _arrivals(entity: str, hub_id: int, names: dict[int, str]) -> dict[tuple[str, str], panels.Arrival]:
    met = _of(entity, hub_id).filter(action__in=[Action.LINK, Action.CREATE], outcome=Change.Outcome.DONE)
    # Newest first, so that the first meeting stays: later ones only found again what was known.
    return {
        (names.get(change.connection_id or 0, ""), change.source_id): panels.Arrival(
            change.action == Action.LINK, change.at, spoken(change.reason_code, change.reason_params)
        )
        for change in met
    }


def _explain(changes: list[Change], hub_id: int) -> str:
    # A CRM's id names one record; a bare hub id could also be somebody else's customer number.
    asked = next((change.source_id for change in changes if change.source_id), str(hub_id))
    return f"{reverse('sync:explain')}?{urlencode({'q': asked})}"


def _disputes(entity: str, hub_id: int) -> dict[str, str]:
    open_ones = waiting().filter(object=entity, hub_id=hub_id).order_by("-pk")
    return {one.field: f"{reverse('sync:conflicts')}?show={one.pk}" for one in open_ones}


def _events(lines: list[Line], names: dict[int, str]) -> list[panels.Event]:
    """Newest first: only what nothing newer has touched can be taken back, or won back."""
    events, touched, decided = [], set[str](), set[tuple[int | None, str]]()
    changes: list[Change] = [line.row for line in lines]
    back = taken_back(changes)
    for place, (line, change) in enumerate(zip(lines, changes, strict=True)):
        fields = {*change.after, *change.before}
        about = (change.connection_id, change.source_id)
        # A merge that was taken back left every field as it was before: none of its values can win any more.
        is_undone = change.pk in back
        shut = frozenset(touched | fields if is_undone else touched)
        is_last = not shut & fields and not (change.source_id and about in decided)
        is_last = is_last and not hindrance(change, changes[:place])
        events.append(_event(line, names, is_last=is_last, touched=shut))
        if change.reason_code not in BY_THE_DAYS and not is_undone:
            touched |= fields
        decided.add(about)
    return events


def _event(line: Line, names: dict[int, str], *, is_last: bool, touched: frozenset[str]) -> panels.Event:
    change: Change = line.row
    fields = dict.fromkeys([*change.after, *change.before])
    return panels.Event(
        at=change.at,
        state=line.state,
        word=line.word,
        short="SK" if change.actor and not change.run_id else line.short,
        by=change.actor or names.get(change.connection_id or 0) or _("the sync"),
        reason=line.reason,
        steps=[
            panels.FieldStep(
                name,
                said.label,
                said.before,
                said.after,
                said.reason,
                _side(change),
                _won(change, name),
                "" if name in touched else _win_url(change, name),
                said.read_as,
            )
            for name, said in zip(fields, line.fields, strict=True)
        ],
        notes=line.notes,
        url=line.run_url,
        run=change.run_id,
        undo_url=reverse("sync:take-back", args=[change.pk]) if is_last and is_takeable(change) else "",
    )


def _side(change: Change) -> str:
    """On which side of the seam the value stood that came of it."""
    return "crm" if change.run_id and change.action not in {Decided.PUSH, Decided.CREATE_OUT} else "hub"


def _won(change: Change, name: str) -> bool:
    code = change.field_reasons.get(name, {}).get("code", "")
    is_contest = code in CRM_WON | HUB_WON
    return is_contest and not is_blank(from_json(change.before.get(name)))


def _win_url(change: Change, name: str) -> str:
    """Only a value that was there can win: nothing is emptied by this button."""
    if change.outcome != Change.Outcome.DONE or name not in change.after or name not in change.before:
        return ""
    if follows(change, name):
        return ""
    is_one = not is_blank(from_json(change.before[name])) and change.before[name] != change.after[name]
    is_kept = change.action not in {Decided.DELETE, Decided.CREATE_OUT, Decided.DELETE_OUT}
    return reverse("sync:make-win", args=[change.pk]) if is_one and is_kept else ""


def _writers(entity: str, hub_id: int) -> dict[str, panels.Writer]:
    """The first live connection of the row writes a field; later ones only fill blanks."""
    links = RecordLink.objects.filter(object=entity, hub_id=hub_id)
    lines = (
        FieldMapping.objects.filter(
            _of_entity(entity),
            block__connection__in=links.values("connection"),
            block__connection__state__in=LIVING,
        )
        .annotate(holds=Exists(links.filter(connection=OuterRef("block__connection"), state__in=HOLDS)))
        .select_related("block__connection")
        # Of the same order the older one comes first, as `engine.precedence` has it; by itself Django would go by names.
        .order_by("block__connection__order", "block__connection_id", "position")
    )
    writers: dict[str, panels.Writer] = {}
    for line in sorted(lines, key=_standing):
        writers.setdefault(line.hub_field, _writer(line))
    return writers


def _of_entity(entity: str) -> Q:
    """Scores go out to the records of customers; what is written into the hub as well says so first."""
    own = Q(block__object=entity)
    uploads = Q(block__object=DataType.SCORES, block__mode=FieldMode.OUTPUT) & ~Q(crm_field="")
    return own | uploads if entity == DataType.CUSTOMERS else own


def _standing(line: FieldMapping) -> tuple[bool, bool, bool]:
    """Falls behind where its connection lost the row, rests, or does not carry the field in."""
    direction = _direction(line)
    carries_in = direction is not None and direction.writes_hub
    return not line.holds, not carries_in, not line.block.connection.is_live  # type: ignore[attr-defined]


def _direction(line: FieldMapping) -> Direction | None:
    """The block's mode is a ceiling: a two-way line of an input block only comes in. A score only goes out."""
    own = Direction.OUT if line.block.object == DataType.SCORES else Direction(line.direction)
    return within(Mode(line.block.mode), own)


def _writer(line: FieldMapping) -> panels.Writer:
    connection = line.block.connection
    rule = str(BLANKS[FieldMapping.Blanks(line.blanks)])
    direction = _direction(line)
    if direction is Direction.BOTH:
        rule = f"{line.get_on_conflict_display()}, {rule}"
    return panels.Writer(
        short=system_of(connection.system).abilities.short,
        label=connection.name,
        direction=(direction or Direction(line.direction)).value,
        rule=_("a fixed value") if line.constant is not None else rule,
        is_resting=line.suspended_at is not None or direction is None,
    )
