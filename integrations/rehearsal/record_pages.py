"""Records "in the CRM": find them, change them, delete, take back, merge; the same pages for every system."""

# ruff: noqa: ARG001  all handlers have one signature

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.simulation.app import Refusal
from integrations.simulation.desk import Entry, Shelf, Unfit, Values
from integrations.simulation.messages import Request, Response

from .page_context import NotDone, Practice
from .record_forms import controls, filled, typed

PAGE = 50


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    to: str = ""


def listing(practice: Practice, request: Request, name: str) -> Response:
    shelf, desk = practice.shelf(name), practice.desk
    words, gone, newest = request.query.get("q", "").strip(), "deleted" in request.query, "newest" in request.query
    number = max(1, request.number("page", 1))
    found, count = desk.find(shelf, words, gone=gone, newest=newest, limit=PAGE, offset=(number - 1) * PAGE)
    known = {one.name: one for one in desk.fields(shelf)}
    columns = [known[column] for column in shelf.columns if column in known]
    rows = [(entry, [(one.label, filled(one, entry.values.get(one.name))) for one in columns[1:]]) for entry in found]
    return practice.page(
        "records.html", request, shelf=shelf, columns=columns, rows=rows, q=words, count=count, number=number,
        deleted=gone, newest=newest, older=number + 1 if number * PAGE < count else None,
        newer=number - 1 if number > 1 else None,
    )  # fmt: skip


def form(practice: Practice, request: Request, name: str, record_id: str) -> Response:
    shelf = practice.shelf(name)
    return _form(practice, request, shelf, _entry(practice, shelf, record_id))


def blank(practice: Practice, request: Request, name: str) -> Response:
    return _form(practice, request, _makeable(practice, name), None)


def _makeable(practice: Practice, name: str) -> Shelf:
    shelf = practice.shelf(name)
    if not shelf.makeable:
        raise NotDone(_("Records of this kind come about by themselves; none can be added here."))
    return shelf


def _entry(practice: Practice, shelf: Shelf, record_id: str) -> Entry:
    entry = practice.desk.get(shelf, record_id)
    if entry is None:
        raise NotDone(_("There is no record with this ID: it was deleted for good, or merged into another."), 404)
    return entry


def _form(
    practice: Practice, request: Request, shelf: Shelf, entry: Entry | None, given: Values | None = None,
    error: Unfit | None = None,
) -> Response:  # fmt: skip
    reasons = error.reasons if error else {}
    fields = practice.desk.fields(shelf)
    first, rest = controls(shelf, fields, {**(entry.values if entry else {}), **(given or {})}, reasons)
    below = practice.desk.below(shelf, entry.id) if entry else []
    names = {one.name: one.one for one in practice.shelves}
    return practice.page(
        "record.html", request, 400 if error else 200, shelf=shelf, entry=entry, first=first, rest=rest,
        is_editable=any(one.writable for one in fields), refused=bool(error), reason=reasons.get("", ""),
        below=[(kind, names[kind], record_id, title) for kind, record_id, title in below],
    )  # fmt: skip


def create(practice: Practice, request: Request, name: str) -> Response:
    shelf = _makeable(practice, name)
    given: Values = {}
    try:
        given = typed(practice.desk.fields(shelf), request, {}, is_new=True)
        record_id = _tried(lambda: practice.desk.create(shelf, given))
    except Unfit as error:
        return _form(practice, request, shelf, None, _as_typed(request), error)
    return practice.go(f"/{name}/{record_id}", _("Created in %(system)s.") % {"system": practice.listening.label})


def save(practice: Practice, request: Request, name: str, record_id: str) -> Response:
    shelf = practice.shelf(name)
    entry = _entry(practice, shelf, record_id)
    try:
        given = typed(practice.desk.fields(shelf), request, entry.values)
        if given:
            _tried(lambda: practice.desk.save(shelf, entry.id, given))
    except Unfit as error:
        return _form(practice, request, shelf, entry, _as_typed(request), error)
    said = ngettext(
        "%(count)s field changed in %(system)s.", "%(count)s fields changed in %(system)s.", len(given)
    )  # fmt: skip
    return practice.go(f"/{name}/{entry.id}", said % {"count": len(given), "system": practice.listening.label})


def _tried(write: Any) -> Any:
    try:
        return write()
    except Refusal as refusal:
        raise Unfit({"": str(refusal)}) from None


def _as_typed(request: Request) -> Values:
    return {name: request.form.get(name, "") for name in request.form if f"is-{name}" in request.form}


def act(practice: Practice, request: Request, name: str, record_id: str, verb: str) -> Response:
    shelf = practice.shelf(name)
    entry = _entry(practice, shelf, record_id)
    if not shelf.removable:
        raise NotDone(_("These records are neither deleted nor merged here."))
    return _ACTS[verb](practice, request.form, shelf, entry)


def _change(practice: Practice, verb: str, shelf: Shelf, entry: Entry, **more: Any) -> str:
    return practice.app.control.change(verb, {"object": shelf.name, "id": entry.id, **more})


def _delete(practice: Practice, form: Mapping[str, str], shelf: Shelf, entry: Entry) -> Response:
    _change(practice, "delete", shelf, entry)
    return practice.go(f"/{shelf.name}/{entry.id}", _("Deleted. It can be taken back."))


def _undelete(practice: Practice, form: Mapping[str, str], shelf: Shelf, entry: Entry) -> Response:
    _change(practice, "undelete", shelf, entry)
    return practice.go(f"/{shelf.name}/{entry.id}", _("Taken back."))


def _merge(practice: Practice, form: Mapping[str, str], shelf: Shelf, entry: Entry) -> Response:
    loser = practice.desk.get(shelf, form.get("loser", "").strip())
    if loser is None:
        raise NotDone(_("There is no record with the ID of the one to merge. Nothing was changed."), 404)
    if not shelf.mergeable or loser.id == entry.id or loser.gone or entry.gone:
        raise NotDone(_("Two different records that are not deleted can be merged. Nothing was changed."))
    stays = _change(practice, "merge", shelf, entry, losers=[loser.id])
    return practice.go(f"/{shelf.name}/{stays}", _("Merged: %(name)s went into this record.") % {"name": loser.title})


_ACTS = {"delete": _delete, "undelete": _undelete, "merge": _merge}
