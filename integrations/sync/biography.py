"""Answers the hub's pages from the journal, the links and the mapping: who writes a field, what happened, how it came."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.hub import panels

from .lines import Line, lines_of, spoken
from .models import Change, Connection, FieldMapping, RecordLink
from .models.journal import Action
from .registry import system_of

EVENTS = 50
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
            events=[_event(line, names) for line in lines_of(changes)],
            arrivals=self.arrivals(entity, hub_id),
            links=[(_("Explain it"), _explain(changes, hub_id))],
        )

    def arrivals(self, entity: str, hub_id: int) -> dict[tuple[str, str], panels.Arrival]:
        met = _of(entity, hub_id).filter(action__in=[Action.LINK, Action.CREATE], outcome=Change.Outcome.DONE)
        names = dict(Connection.objects.values_list("pk", "name"))
        # Newest first, so that the first meeting stays: later ones only found again what was known.
        return {
            (names.get(change.connection_id or 0, ""), change.source_id): panels.Arrival(
                change.action == Action.LINK, change.at, spoken(change.reason_code, change.reason_params)
            )
            for change in met
        }

    def connections(self) -> list[tuple[str, str]]:
        return list(Connection.objects.exclude(state=Connection.State.DRAFT).values_list("slug", "name"))

    def rows_of(self, entity: str, slug: str) -> QuerySet[Any]:
        links = RecordLink.objects.filter(object=entity, connection__slug=slug, hub_id__isnull=False)
        return links.values("hub_id")


def _of(entity: str, hub_id: int) -> QuerySet[Change]:
    return Change.objects.filter(object=entity, hub_id=hub_id).order_by("-id")


def _explain(changes: list[Change], hub_id: int) -> str:
    # A CRM's id names one record; a bare hub id could also be somebody else's customer number.
    asked = next((change.source_id for change in changes if change.source_id), str(hub_id))
    return f"{reverse('sync:explain')}?{urlencode({'q': asked})}"


def _event(line: Line, names: dict[int, str]) -> panels.Event:
    change: Change = line.row
    fields = dict.fromkeys([*change.after, *change.before])
    return panels.Event(
        at=change.at,
        state=line.state,
        word=line.word,
        short="SK" if change.actor else line.short,
        by=change.actor or names.get(change.connection_id or 0) or _("the sync"),
        reason=line.reason,
        steps=[
            panels.FieldStep(name, said.label, said.before, said.after, said.reason)
            for name, said in zip(fields, line.fields, strict=True)
        ],
        notes=line.notes,
        url=reverse("sync:run", args=[change.run_id]) if change.run_id else "",
    )


def _writers(entity: str, hub_id: int) -> dict[str, panels.Writer]:
    """The first live connection of the row writes a field; later ones only fill blanks."""
    living = [Connection.State.ON, Connection.State.PAUSED]
    connections = Connection.objects.filter(links__object=entity, links__hub_id=hub_id, state__in=living)
    lines = (
        FieldMapping.objects.filter(block__object=entity, block__connection__in=connections)
        .select_related("block__connection")
        .order_by("block__connection__order", "block__connection", "position")
    )
    writers: dict[str, panels.Writer] = {}
    for line in lines:
        writers.setdefault(line.hub_field, _writer(line))
    return writers


def _writer(line: FieldMapping) -> panels.Writer:
    connection = line.block.connection
    rule = str(BLANKS[FieldMapping.Blanks(line.blanks)])
    if line.direction == FieldMapping.Direction.BOTH:
        rule = f"{line.get_on_conflict_display()}, {rule}"
    return panels.Writer(
        short=system_of(connection.system).abilities.short,
        label=connection.name,
        direction=line.direction,
        rule=_("a fixed value") if line.constant is not None else rule,
        is_resting=line.suspended_at is not None,
    )
