"""Chapter 1: the property of the old ID, the expected number, and the listing of the companies."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import audit
from accounts.models import User
from integrations.sync import metadata

from .. import census, old_id
from ..facts import links_of, names_of, to_move
from ..models import Move, Stay
from ..portal import Waits, portal_of
from ..steps import ActRefused


def choose_property(move: Move, _by: User, said: Mapping[str, Any]) -> str:
    return _chosen(move, str(said["property"]))


def make_property(move: Move, _by: User, said: Mapping[str, Any]) -> str:
    connector = portal_of(move, read_only=False)
    name = connector.create_old_id_field(said["name"], said["label"], is_number=old_id.is_number(move))
    metadata.forget(connector.connection, "customers")
    return _chosen(move, name)


def expect(move: Move, _by: User, said: Mapping[str, Any]) -> str:
    Move.objects.filter(pk=move.pk).update(expected=said["expected"], expected_why=said["why"])
    return _("%(n)s customers are expected.") % {"n": f"{said['expected']:,}"}


def list_companies(move: Move, _by: User, _said: Mapping[str, Any]) -> str:
    try:
        census.begin(move)
    except Waits as waits:
        raise ActRefused(str(waits)) from None
    return _("HubSpot’s companies are being listed. This page may be left; the steps are measured when it is through.")


def may_list(move: Move) -> bool:
    return bool(move.old_id_property) and not census.census_of(move).is_running


def stay_behind(move: Move, by: User, said: Mapping[str, Any]) -> str:
    """By their IDs in the old CRM; one that nobody has refuses them all, by name."""
    wanted = list(dict.fromkeys(said["ids"]))
    links = dict(links_of(move.old_id).filter(source_id__in=wanted).values_list("source_id", "hub_id"))
    if strange := [one for one in wanted if one not in links]:
        text = _("No customer here has the ID %(ids)s in the old CRM. Nothing was changed.")
        raise ActRefused(text % {"ids": ", ".join(strange[:5])})
    return declare_stays(move, by, [hub_id for hub_id in links.values() if hub_id], str(said["reason"]))


def declare_stays(move: Move, by: User, hub_ids: list[int], reason: str) -> str:
    with transaction.atomic():
        moving = list(to_move(move).filter(pk__in=hub_ids).values_list("pk", flat=True))
        names = names_of(moving)
        rows = [
            Stay(move=move, hub_id=pk, name=names[pk][:255], reason=reason[:500], by=by.label[:160]) for pk in moving
        ]
        Stay.objects.bulk_create(rows, ignore_conflicts=True)
        audit.record(by, "left customers behind", move, after={"customers": len(moving)}, note=reason[:500])
    said = ngettext(
        "%(n)s customer stays behind: HubSpot need not have it.",
        "%(n)s customers stay behind: HubSpot need not have them.",
        len(moving),
    )  # fmt: skip
    return said % {"n": len(moving)}


def take_stay_back(move: Move, by: User, stay: Stay) -> None:
    with transaction.atomic():
        audit.record(by, "takes a customer along again", move, after={"customer": stay.name}, note=stay.reason)
        stay.delete()


def _chosen(move: Move, name: str) -> str:
    Move.objects.filter(pk=move.pk).update(old_id_property=name)
    return _("The old ID is kept in HubSpot’s property “%(name)s”.") % {"name": name}
