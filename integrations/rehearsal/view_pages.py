"""Saved lists of a practice CRM whose people can edit them here: how many records each has, and its condition."""

from django.utils.translation import gettext as _

from integrations.simulation.desk import Views
from integrations.simulation.messages import Request, Response

from .page_context import NotDone, Practice


def _views(practice: Practice) -> Views:
    if practice.desk.views is None:
        raise NotDone(_("The lists of this system are not edited here."), 404)
    return practice.desk.views


def listing(practice: Practice, request: Request) -> Response:
    return practice.page("views.html", request, views=_views(practice).all())


def change(practice: Practice, request: Request, view_id: str) -> Response:
    views = _views(practice)
    view = next((one for one in views.all() if one.id == view_id), None)
    if view is None:
        raise NotDone(_("There is no such list view."), 404)
    verb = request.form.get("verb", "")
    views.change(view, verb, request.form.get("condition", "").strip())
    said = {
        "delete": _("%(label)s is deleted."),
        "hide": _("%(label)s is hidden from the API."),
        "show": _("%(label)s is visible to the API."),
    }.get(verb, _("%(label)s has a new condition."))
    return practice.go("/views", said % {"label": view.label})
