"""One conflict as a person decides it: both values, who put them there and when, what each choice writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from integrations.engine.values import from_json
from integrations.hub.models import Stage

from .models import Change, Conflict
from .origin import record_url
from .registry import system_of
from .search.names import field_labels
from .words import sentence


@dataclass(frozen=True, slots=True)
class SideOfIt:
    value: Any
    who: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Dispute:
    conflict: Conflict
    label: str | Promise
    why: str
    short: str
    crm: SideOfIt
    hub: SideOfIt
    agreed: Any
    """What both last held; None where the two never met."""
    has_agreed: bool
    alike: int
    """How many other conflicts the same answer may decide."""
    crm_url: str


def dispute_of(conflict: Conflict, alike: int) -> Dispute:
    connection = conflict.connection
    labels, stages = field_labels(), dict(Stage.objects.values_list("name", "label"))
    return Dispute(
        conflict=conflict,
        label=labels.get((conflict.object, conflict.field), conflict.field),
        why=sentence(conflict.reason_code, conflict.reason_params),
        short=system_of(connection.system).abilities.short,
        crm=SideOfIt(
            _shown(conflict.field, conflict.crm_value, stages),
            _who_there(conflict),
            conflict.crm_changed_at,
        ),
        hub=SideOfIt(_shown(conflict.field, conflict.hub_value, stages), _who_here(conflict), conflict.hub_changed_at),
        agreed=_shown(conflict.field, conflict.settled[0], stages) if conflict.settled else None,
        has_agreed=bool(conflict.settled),
        alike=alike,
        crm_url=record_url(connection, conflict.object, conflict.source_id),
    )


def _shown(field: str, kept: Any, stages: Mapping[str, str]) -> Any:
    value = from_json(kept)
    return stages.get(value, value) if field == "stage" and isinstance(value, str) else value


def _who_there(conflict: Conflict) -> str:
    """A CRM knows who touched the record last, not who touched this field."""
    said = {"name": conflict.connection.name, "who": conflict.crm_changed_by}
    if conflict.crm_changed_by:
        return _("in %(name)s the record was last changed by %(who)s") % said
    abilities = system_of(conflict.connection.system).abilities
    if any(one.object == conflict.object and one.tells_who for one in abilities.objects):
        return _("changed in %(name)s; by whom was not read") % said
    return _("changed in %(name)s; it does not say by whom") % said


def _who_here(conflict: Conflict) -> str:
    """By the journal: the latest change of the field that was written here."""
    changes = Change.objects.filter(object=conflict.object, hub_id=conflict.hub_id, outcome=Change.Outcome.DONE)
    # A run that wrote another field names those in dispute too: what counts is that this one was written.
    written = changes.filter(fields__contains=f" {conflict.field} ", after__has_key=conflict.field)
    written = written.exclude(action__in=["push", "ask"])
    latest = written.order_by("-pk").values("actor", "run_id").first()
    if latest is None:
        return _("not in the journal")
    if latest["run_id"]:
        return _("written by run %(run)s") % {"run": latest["run_id"]}
    return _("changed here by %(name)s") % {"name": latest["actor"]}
