"""Stages and health-score profiles that a mapping asks for and the hub lacks: made when the mapping is saved, never before."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import Max
from django.http import HttpRequest
from django.utils.text import slugify

from accounts import audit
from accounts.models import User
from integrations.engine.compare import fold
from integrations.hub.models import HealthProfile, Stage

Author = HttpRequest | User | None
MARK = "+"
"""Before a hub value that is to be made: "+Strategic"."""
MADE_HERE = ("stage", "profile")
LONGEST = 80


def new(label: str) -> str:
    return MARK + label[:LONGEST].strip()


def is_new(wanted: str) -> bool:
    return wanted.startswith(MARK)


def realise_lines(lines: Iterable[dict[str, Any]], author: Author) -> None:
    for line in lines:
        line["values"] = realise(line["hub"], line["values"], author)


def realise(hub_field: str, values: Mapping[str, str], author: Author) -> dict[str, str]:
    """CRM value → hub value, with what had to be made; two CRM values of one name share one."""
    if hub_field not in MADE_HERE or not any(map(is_new, values.values())):
        return dict(values)
    known = named(hub_field)
    return {given: _made(hub_field, wanted, known, author) for given, wanted in values.items()}


def named(hub_field: str) -> dict[str, str]:
    """Every folded name and label of the hub's own values → the name that mappings store."""
    rows = (
        Stage.objects.values_list("name", "label")
        if hub_field == "stage"
        else ((name, name) for name in HealthProfile.objects.values_list("name", flat=True))
    )
    return {fold(said): name for name, label in rows for said in (label, name)}


def _made(hub_field: str, wanted: str, known: dict[str, str], author: Author) -> str:
    if not is_new(wanted):
        return wanted
    if fold(wanted) in known:
        return known[fold(wanted)]
    label = wanted.removeprefix(MARK)
    if fold(label) not in known:
        row = _stage(label, known.values()) if hub_field == "stage" else HealthProfile(name=label)
        known[fold(label)] = _kept(row, author)
    return known[fold(label)]


def _kept(row: Stage | HealthProfile, author: Author) -> str:
    """A colleague may have made the same one a moment ago: then theirs serves."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        return _there(row)
    audit.record(author, audit.Verb.CREATED, row, after={"name": str(row)})
    return row.name


def _there(row: Stage | HealthProfile) -> str:
    said: dict[str, Any] = {"label__iexact": row.label} if isinstance(row, Stage) else {"name__iexact": row.name}
    model: type[models.Model] = type(row)
    return str(model._default_manager.values_list("name", flat=True).get(**said))


def _stage(label: str, taken: Iterable[str]) -> Stage:
    last: int = Stage.objects.aggregate(last=Max("position"))["last"] or 0
    return Stage(name=_free_slug(label, set(taken)), label=label, position=last + 1)


def _free_slug(label: str, taken: set[str]) -> str:
    # A label in another script leaves nothing that an address could carry.
    wanted = slugify(label)[:54] or "stage"
    numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (wanted, *numbered) if slug not in taken)
