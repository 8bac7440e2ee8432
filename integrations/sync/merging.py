"""Two rows of the hub become one: the survivor takes what was picked and everything that hung on the other; it can be taken back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.engine.merge import same
from integrations.engine.plan import SECOND_RECORD, Action
from integrations.engine.reasons import Reason
from integrations.engine.records import LinkState
from integrations.engine.values import Value, all_to_json, is_blank
from integrations.hub.fields import TAG, fields_here
from integrations.hub.models import CustomField, CustomKey

from .decisions import DecisionRefused, forget_plans
from .models import Change, Conflict, HubMark, Outbox, RecordLink
from .registry import system_of
from .search.names import field_labels
from .store.hub_rows import CUSTOM, SCORE, HubTable, Loaded, table_of
from .store.journal import write_changes
from .store.marks import mark
from .store.merged_rows import HANGING, SHARED, Image, drop_tags, hand_over, lift_children, row_columns, take_back_rows
from .store.planned import fields_column, said

MERGEABLE = tuple(HANGING)
MERGED = "merged-by-hand"
CHILDREN = "customer.parent_id"
OF_MERGE = "merge"
"""Under which name the journal keeps the merge that was taken back."""
IN_THE_WAY = (Action.RESTORE.value, Action.MERGE.value, Action.DELETE.value)
OVER = gettext_lazy("This merge can no longer be taken back: its rows were merged, deleted or taken back since.")
LINK_COLUMNS = ("state", "hub_id", "source_hash", "excluded_by_hand", "reason_code", "reason_params", "wanted_at")
COLUMNS_OF = {
    "stage": ("stage_id",), "profile": ("profile_id",), "csm": ("csm_id",), "parent": ("parent_id",),
    "customer": ("customer_id",), "ref_id": ("ref_id", "ref_writer"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    field: str
    label: str | Promise
    kept: Value
    lost: Value

    @property
    def suggests_other(self) -> bool:
        """Where only the row that goes has a value."""
        return is_blank(self.kept) and not is_blank(self.lost)


def differences(object_name: str, keep: int, lose: int) -> list[Difference]:
    table = table_of(object_name)
    found = table.load(0, [keep, lose])
    if len(found) < 2:
        raise DecisionRefused(_("One of the two rows is no longer here. Nothing was merged."))
    labels = field_labels()
    kept, lost = found[keep].hub.values, found[lose].hub.values
    names = [*fields_here(object_name), table.hangs_on]
    return [
        Difference(name, labels.get((object_name, name), name), kept.get(name), lost.get(name))
        for name in names
        if not same(kept.get(name), lost.get(name))
    ]


def merge(object_name: str, keep: int, lose: int, taken: Sequence[str], *, by: str) -> Change:
    """`taken`: the fields whose value comes from the row that goes; all others stay as the survivor has them."""
    if keep == lose:
        raise DecisionRefused(_("Choose two different rows. Nothing was merged."))
    table, now = table_of(object_name), timezone.now()
    with transaction.atomic():
        found = table.load(0, [keep, lose], lock=True)
        if len(found) < 2:
            raise DecisionRefused(_("One of the two rows is no longer here. Nothing was merged."))
        _require_nothing_under_way(object_name, lose)
        # The record that was never heard of has turned up, or a person makes do without it.
        Outbox.objects.filter(object=object_name, hub_id=keep, state=Outbox.State.DOUBTFUL).delete()
        known = {*fields_here(object_name), table.hangs_on}
        picked = [name for name in taken if name in known]
        before = {name: found[keep].hub.values.get(name) for name in picked}
        after = {name: found[lose].hub.values.get(name) for name in picked}
        image = _image(object_name, keep, lose)
        image["links"] = _move_links(object_name, keep, lose, now)
        image["tags"] = drop_tags(object_name, _tags_that_go(found[keep], found[lose], picked))
        image["moved"], image["shared"] = hand_over(object_name, keep, lose)
        table.model._default_manager.filter(pk=lose).delete()
        image["written"] = _write_survivor(table, found[keep], found[lose], picked, lose, now)
        image["lifted"] = lift_children(object_name, keep, image["moved"].get(CHILDREN, []))
        HubMark.objects.filter(object=object_name, hub_id=lose).delete()
        mark(object_name, [keep], now)
        name = _name(found[lose])
        reason = Reason(MERGED, {"by": by, "value": name})
        return _journal(object_name, keep, lose, before, after, found[lose], reason, by, now, image)


def undo(change: Change, *, by: str) -> list[str | Promise]:
    """Both rows as they were, with what hung on each; returns the fields that stay because they changed since."""
    image: dict[str, Any] = change.undo
    table, now = table_of(change.object), timezone.now()
    with transaction.atomic():
        keep, lose = int(image["keep"]["id"]), int(image["lose"]["id"])
        manager = table.model._default_manager
        current = manager.select_for_update().filter(pk=keep).values().first()
        if current is None or manager.filter(pk=lose).exists():
            raise DecisionRefused(OVER)
        later = Change.objects.filter(object=change.object, hub_id=keep, pk__gt=change.pk)
        if why := hindrance(change, later.filter(action__in=IN_THE_WAY)):
            raise DecisionRefused(why)
        left = take_back_rows(change.object, image, current)
        _give_links_back(image["links"], now)
        mark(change.object, [keep, lose], now)
        write_changes([_restored(change, row, by, now) for row in (keep, lose)])
    labels = field_labels()
    return [labels.get((change.object, name), name) for name in left]


def survivor_of(object_name: str, hub_id: int) -> int | None:
    """The living row that a row became part of, however often it was merged on; None where it was not merged away."""
    rows, seen, found = table_of(object_name).model._default_manager, set[int](), hub_id
    while found not in seen and not rows.filter(pk=found).exists():
        seen.add(found)
        following = _merged_into(object_name, found)
        if following is None:
            return None
        found = following
    return found if found != hub_id else None


def _merged_into(object_name: str, hub_id: int) -> int | None:
    """Both rows of the journal were written together."""
    gone = Change.objects.filter(object=object_name, hub_id=hub_id, action=Action.DELETE.value, reason_code=MERGED)
    latest = gone.order_by("-pk").values_list("pk", flat=True).first()
    if latest is None:
        return None
    merges = Change.objects.filter(object=object_name, action=Action.MERGE.value, pk__gt=latest)
    merge = merges.order_by("pk").values_list("hub_id", "undo").first()
    return merge[0] if merge and merge[1]["lose"]["id"] == hub_id else None


def hindrance(change: Change, later: Iterable[Change]) -> str | Promise:
    """Why the merge cannot be taken back now; empty: it can. `later`: what happened to its survivor since.

    The last of several goes back first: each puts the survivor back as it stood before it.
    """
    since = list(later)
    back = taken_back(since)
    # A row that a merge removed came back when that merge was taken back: nothing of it is missing.
    is_deleted = any(one.action == Action.DELETE and one.reason_code != MERGED for one in since)
    if change.pk in back or is_deleted:
        return OVER
    if any(one.action == Action.MERGE and one.pk not in back for one in since):
        return _("Another row was merged into this one since. Take that merge back first; nothing was changed.")
    return ""


def taken_back(changes: Iterable[Change]) -> set[int]:
    """The merges of which these say that they were taken back."""
    return {int(one.undo[OF_MERGE]) for one in changes if OF_MERGE in one.undo}


def _require_nothing_under_way(object_name: str, lose: int) -> None:
    """A creation that the CRM was sent and has not answered names the row: its answer must find it."""
    sent = Outbox.objects.filter(object=object_name, hub_id=lose)
    if sent.filter(state=Outbox.State.SENT).exists():
        raise DecisionRefused(_("The CRM still owes an answer about the row that would go. Merge once it has come."))
    sent.delete()


def _image(object_name: str, keep: int, lose: int) -> Image:
    keys = CustomKey.objects.filter(field__entity=object_name, row_id__in=[keep, lose])
    return {
        "keep": row_columns(object_name, keep),
        "lose": row_columns(object_name, lose),
        "keys": [list(row) for row in keys.order_by("pk").values_list("pk", "field_id", "row_id", "value")],
    }


def _move_links(object_name: str, keep: int, lose: int, now: datetime) -> list[list[Any]]:
    """[id, columns before, columns after] of every link concerned."""
    links = RecordLink.objects.select_for_update(of=("self",)).select_related("connection")
    mine = {link.connection_id: link for link in links.filter(object=object_name, hub_id=keep)}
    told: list[list[Any]] = []
    theirs = list(links.filter(object=object_name, hub_id=lose).order_by("pk"))
    forget_plans([*mine.values(), *theirs])
    for link in theirs:
        holder = mine.get(link.connection_id)
        if holder is not None and _yields(holder, link):
            told.append(_moved(holder, now, hub_id=None))
            holder = None
        if holder is None:
            told.append(_moved(link, now, hub_id=keep))
            continue
        # A row has one record of a connection: the second waits for somebody to merge the two there.
        system = system_of(link.connection.system).abilities.label
        other = holder.name or holder.source_id
        told.append(
            _moved(
                link,
                now,
                hub_id=None,
                state=LinkState.COLLISION.value,
                excluded_by_hand=True,
                reason_code=SECOND_RECORD,
                reason_params={"other": other, "system": system},
            )
        )
    ids = [link.pk for link in theirs]
    for connection, source_id in RecordLink.objects.filter(pk__in=ids).values_list("connection", "source_id"):
        Conflict.objects.filter(connection=connection, object=object_name, source_id=source_id).delete()
    return told


def _yields(holder: RecordLink, link: RecordLink) -> bool:
    """What is no longer in the CRM gives the row up to a record that is."""
    gone = {RecordLink.State.MERGED, RecordLink.State.GONE}
    return holder.state in gone and link.state not in gone


def _moved(link: RecordLink, now: datetime, **columns: Any) -> list[Any]:
    before = _columns(link)
    for name, value in {**columns, "source_hash": "", "wanted_at": now}.items():
        setattr(link, name, value)
    link.save(update_fields=LINK_COLUMNS)
    return [link.pk, before, _columns(link)]


def _columns(link: RecordLink) -> dict[str, Any]:
    found = {name: getattr(link, name) for name in LINK_COLUMNS}
    return {**found, "wanted_at": link.wanted_at.isoformat() if link.wanted_at else None}


def _give_links_back(told: Sequence[Sequence[Any]], now: datetime) -> None:
    """Those that no run has touched are as they were; the others get their row back and are decided anew."""
    links = RecordLink.objects.select_for_update().in_bulk([pk for pk, _before, _after in told])
    forget_plans(list(links.values()))
    # First all rows are let go, or two links would hold one row for a moment.
    RecordLink.objects.filter(pk__in=links).update(hub_id=None)
    for pk, before, after in told:
        link = links.get(pk)
        if link is None:
            continue
        is_untouched = _columns(link) == after
        for name, value in before.items():
            setattr(link, name, value)
        if link.wanted_at:
            link.wanted_at = datetime.fromisoformat(str(link.wanted_at))
        if not is_untouched:
            link.source_hash, link.wanted_at = "", now
        link.save(update_fields=LINK_COLUMNS)


def _write_survivor(
    table: HubTable, keep: Loaded, lose: Loaded, picked: Sequence[str], gone: int, now: datetime
) -> dict[str, Any]:
    """Column by column, so that an id keeps the connection that wrote it. Returns the fields with what was written."""
    columns: dict[str, Any] = {name: keep.columns[name] for name in table.columns}
    custom = dict(columns["custom"])
    for name in picked:
        if name.startswith(CUSTOM):
            key = name.removeprefix(CUSTOM)
            custom = {**{k: v for k, v in custom.items() if k != key}, **_one(lose.columns["custom"], key)}
        else:
            columns |= {column: lose.columns[column] for column in COLUMNS_OF.get(name, (name,))}
    columns["custom"] = custom
    columns["touched"] = {**columns["touched"], **dict.fromkeys(picked, now.isoformat())}
    if columns.get("parent_id") in {gone, keep.hub.hub_id}:
        above = lose.columns["parent_id"]
        columns["parent_id"] = above if above != keep.hub.hub_id else None
    table.derive(columns)
    table.model._default_manager.filter(pk=keep.hub.hub_id).update(**columns, updated_at=now)
    _move_keys(table.object, keep.hub.hub_id, gone, picked)
    return row_columns(table.object, keep.hub.hub_id)


def _one(custom: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {key: custom[key]} if key in custom else {}


def _move_keys(object_name: str, keep: int, lose: int, picked: Sequence[str]) -> None:
    keys = [name.removeprefix(CUSTOM) for name in picked if name.startswith(CUSTOM)]
    fields = CustomField.objects.filter(entity=object_name, key__in=keys).values_list("pk", flat=True)
    theirs = CustomKey.objects.filter(field__entity=object_name, row_id=lose)
    if fields:
        CustomKey.objects.filter(field__in=list(fields), row_id=keep).delete()
        theirs.filter(field__in=list(fields)).update(row_id=keep)
    theirs.delete()


def _tags_that_go(keep: Loaded, lose: Loaded, picked: Sequence[str]) -> dict[int, list[int]]:
    """Hub row → its tags whose value is not the one that stays."""
    gone: dict[int, list[int]] = {}
    for name in {*keep.hub.values, *lose.hub.values}:
        stays, goes = (lose, keep) if name in picked else (keep, lose)
        is_tag = name.startswith(CUSTOM + TAG)
        if is_tag and goes.hub.values.get(name) is True and stays.hub.values.get(name) is not True:
            gone.setdefault(goes.hub.hub_id, []).append(int(name.removeprefix(CUSTOM + TAG)))
    return gone


def _name(loaded: Loaded) -> str:
    values = loaded.hub.values
    names = [str(values.get(name) or "") for name in ("name", "first_name", "last_name")]
    return " ".join(filter(None, names)) or str(values.get("email") or loaded.hub.hub_id)


def _journal(
    object_name: str,
    keep: int,
    lose: int,
    before: Mapping[str, Value],
    after: Mapping[str, Value],
    gone: Loaded,
    reason: Reason,
    by: str,
    now: datetime,
    image: Image,
) -> Change:
    why = said(reason)
    kept = {n: value for n, value in gone.hub.values.items() if not is_blank(value) and not n.startswith(SCORE)}
    common: dict[str, Any] = {
        "at": now, "run_id": None, "connection_id": None, "system": "", "object": object_name, "source_id": "",
        "outcome": Change.Outcome.DONE.value, "reason_code": reason.code, "reason_params": dict(reason.params),
        "notes": [], "actor": by[:160],
    }  # fmt: skip
    write_changes([
        {
            **common, "hub_id": lose, "action": Action.DELETE.value, "before": all_to_json(kept),
            "after": all_to_json(dict.fromkeys(kept)), "field_reasons": {}, "fields": fields_column(kept), "erases": False,
        },
        {
            **common, "hub_id": keep, "action": Action.MERGE.value, "before": all_to_json(before),
            "after": all_to_json(after), "field_reasons": dict.fromkeys(after, why), "fields": fields_column(after),
            "erases": any(is_blank(value) and not is_blank(before[name]) for name, value in after.items()), "undo": image,
        },
    ])  # fmt: skip
    return Change.objects.filter(object=object_name, hub_id=keep, action=Action.MERGE.value).latest("pk")


def _restored(change: Change, hub_id: int, by: str, now: datetime) -> dict[str, Any]:
    return {
        "at": now, "run_id": None, "connection_id": None, "system": "", "object": change.object, "hub_id": hub_id,
        "source_id": "", "action": Action.RESTORE.value, "outcome": Change.Outcome.DONE.value, "before": {}, "after": {},
        "field_reasons": {}, "reason_code": "taken-back-by-hand", "reason_params": {"by": by}, "notes": [], "fields": "",
        "erases": False, "actor": by[:160], "undo": {OF_MERGE: change.pk},
    }  # fmt: skip


def moves(object_name: str, lose: int) -> list[tuple[str | Promise, int]]:
    """What hangs on the row that would go, in words: shown before anything is merged."""
    counted = [
        (model._meta.verbose_name_plural, _number(model, column, lose))
        for model, column in HANGING.get(object_name, ())
    ]
    counted += [(_("linked records"), RecordLink.objects.filter(object=object_name, hub_id=lose).count())]
    counted += [(label, _number(through, mine, lose)) for through, mine, _other, label in SHARED.get(object_name, ())]
    return [(label or "", number) for label, number in counted if number]


def _number(model: type[models.Model], column: str, pk: int) -> int:
    return model._default_manager.filter(**{column: pk}).count()
