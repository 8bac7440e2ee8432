"""List views of the practice org: how many records each has, and its condition to edit."""

from django.utils.translation import gettext as _

from integrations.salesforce.simulator.errors import ApiError
from integrations.salesforce.simulator.soql.run import Asker, run
from integrations.salesforce.simulator.views import View, find_view, remove_view
from integrations.simulation.messages import Request, Response

from .page_context import Practice


def listing(practice: Practice, request: Request) -> Response:
    rows = practice.store.execute("SELECT id, hidden FROM _view ORDER BY sobject, label").fetchall()
    views = [
        (view, bool(hidden), _count(practice, view)) for view_id, hidden in rows if (view := _view(practice, view_id))
    ]
    return practice.page("views.html", request, views=views)


def _view(practice: Practice, view_id: str) -> View | None:
    return find_view(practice.store, view_id, with_hidden=True)


def _count(practice: Practice, view: View) -> str:
    try:
        answer = run(practice.store, view.query, Asker(practice.org.user_id(), ""))
    except ApiError as error:
        return error.message.strip().splitlines()[-1]
    return str(answer["totalSize"])


def change(practice: Practice, request: Request, view_id: str) -> Response:
    view = _view(practice, view_id)
    if view is None:
        raise ApiError("NOT_FOUND", _("There is no such list view."), 404)
    match request.form.get("verb"):
        case "delete":
            remove_view(practice.store, view)
            said = _("%(label)s is deleted.")
        case "hide" | "show" as verb:
            practice.store.execute("UPDATE _view SET hidden = ? WHERE id = ?", (int(verb == "hide"), view.id))
            said = _("%(label)s is hidden from the API.") if verb == "hide" else _("%(label)s is visible to the API.")
        case _:
            condition = request.form.get("condition", "").strip()
            practice.store.execute("UPDATE _view SET condition = ? WHERE id = ?", (condition, view.id))
            said = _("%(label)s has a new condition.")
    return practice.go("/salesforce/views", said % {"label": view.label})
