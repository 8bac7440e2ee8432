"""Which decisions of a run can be taken back, and which later ones stand in the way."""

from collections.abc import Collection

from django.db.models import Case, CharField, Exists, Model, OuterRef, Q, QuerySet, Value, When

from integrations.engine.undo import LISTINGS, TAKEN_BACK
from integrations.hub.fields import INTERACTION_TYPES
from integrations.hub.models import Agreement, Contact, Customer, Interaction

from ..models import Change, Run
from ..models.journal import Action
from .merged_rows import HANGING, SHARED

DATA_TYPES: dict[type[Model], Collection[str]] = {
    Customer: ("customers",),
    Contact: ("contacts",),
    Agreement: ("agreements",),
    Interaction: tuple(INTERACTION_TYPES),
}
"""Under which data types the journal knows the rows of a table."""

BY_THE_DAYS = ("day-started", "day-ended")
LISTED = LISTINGS - {Action.EXCLUDE.value}
NOT_TOUCHING = (Action.PUSH, Action.DELETE_OUT, Action.EXCLUDE, Action.SETTLE)
"""Later decisions that left the row here as it was: the restored values are carried on like any other change."""
TURNED = {Action.PUSH: Action.PUSH, Action.CREATE_OUT: Action.DELETE_OUT, Action.DELETE_OUT: Action.CREATE_OUT}
"""Under which action the journal says that it was taken back; all others: restored."""


def decided(run_id: int, earlier: Collection[int] = ()) -> QuerySet[Change]:
    """`earlier`: runs that began to take it back; what they did needs no doing again."""
    done = Q(outcome=Change.Outcome.DONE, action__in=sorted(TAKEN_BACK))
    rows = Change.objects.filter(done | Q(action__in=sorted(LISTED)), run_id=run_id)
    if not earlier:
        return rows
    turned = Case(
        *(When(action=of, then=Value(to)) for of, to in TURNED.items()), default=Value(Action.RESTORE.value),
        output_field=CharField(),
    )  # fmt: skip
    back = Change.objects.filter(
        run_id__in=earlier, outcome=Change.Outcome.DONE, object=OuterRef("object"), source_id=OuterRef("source_id"),
        action=OuterRef("turned"),
    )  # fmt: skip
    return rows.annotate(turned=turned).filter(~Exists(back))


def touching(but_of: Collection[int]) -> QuerySet[Change]:
    """Decisions that wrote to a row here, or made a record of it elsewhere, of any but these runs."""
    rows = Change.objects.filter(outcome=Change.Outcome.DONE).exclude(action__in=NOT_TOUCHING)
    # The days moved it on, nobody else: its fields stand as they were written.
    rows = rows.exclude(run_id=None, reason_code__in=BY_THE_DAYS)
    return rows.filter(Q(run_id=None) | ~Q(run_id__in=list(but_of)))


def touched(run_id: int, earlier: Collection[int] = ()) -> QuerySet[Change]:
    """Decisions of the run that stay, because a later one wrote to the same row."""
    later = touching([run_id, *earlier]).filter(
        object=OuterRef("object"), hub_id=OuterRef("hub_id"), pk__gt=OuterRef("pk")
    )
    held = decided(run_id, earlier).exclude(action__in=[*LISTINGS, Action.CREATE_OUT, Action.DELETE_OUT])
    return held.filter(Exists(later))


def hung(run_id: int, earlier: Collection[int] = ()) -> QuerySet[Change]:
    """Rows that the run made and that stay, because something hangs on them that it did not make."""
    made = Change.objects.filter(run_id=run_id, action=Action.CREATE, outcome=Change.Outcome.DONE)
    held = Q(pk=None)
    for object_name, hanging in HANGING.items():
        for model, column in hanging:
            too = made.filter(object__in=DATA_TYPES.get(model, ()), hub_id=OuterRef("pk"))
            children = model._default_manager.filter(~Exists(too), **{column: OuterRef("hub_id")})
            held |= Q(Exists(children), object=object_name)
    mine = made.filter(object__in=DATA_TYPES[Interaction], hub_id=OuterRef("interaction_id"))
    for object_name, beside in SHARED.items():
        for through, column, other, _label in beside:
            rows = through._default_manager.filter(**{column: OuterRef("hub_id")})
            held |= Q(Exists(rows.filter(~Exists(mine)) if other == "interaction_id" else rows), object=object_name)
    return decided(run_id, earlier).filter(held, action=Action.CREATE)


def earlier_attempts(run: Run) -> list[int]:
    return list(run.undone_by.order_by("pk").values_list("pk", flat=True))
