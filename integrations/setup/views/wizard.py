"""The set-up, one page per step. Each can be left and taken up again; only an admin changes anything."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, requires
from integrations.wire.errors import WireError

from ..guide import guide_named
from ..looks import Looks
from ..steps import step_of, url_of
from ..trouble import trouble_of
from .frame import frame, in_plain_words
from .step_agreements import agreements_step
from .step_connect import connect_step
from .step_contacts import contacts_step
from .step_customers import customers_step
from .step_interactions import interactions_step
from .step_review import review_step
from .step_scores import scores_step

Page = Callable[[HttpRequest, Looks], HttpResponse]
PAGES: dict[str, Page] = {
    "connect": connect_step,
    "customers": customers_step,
    "contacts": contacts_step,
    "agreements": agreements_step,
    "interactions": interactions_step,
    "scores": scores_step,
    "review": review_step,
}


@requires(Permission.SEE_INTEGRATIONS, to_change=Permission.EDIT_INTEGRATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def wizard(request: HttpRequest, system: str, slug: str, step: str) -> HttpResponse:
    guide = guide_named(system)
    connection = get_object_or_404(guide.model._default_manager.select_related("live"), slug=slug)
    if step_of(guide, step) is None:
        raise Http404
    if not request.user.may(Permission.EDIT_INTEGRATIONS):  # type: ignore[union-attr]
        return render(request, "setup/read_only.html", frame(connection, step) | in_plain_words(connection))
    if step != "connect" and not connection.account:
        return redirect(url_of(connection, "connect"))
    looks = Looks(connection)
    if "again" in request.GET:
        looks.forget()
        return redirect(request.path)
    try:
        return (guide.pages.get(step) or PAGES[step])(request, looks)
    except WireError as error:
        page = "setup/parts/trouble.html" if "part" in request.GET else "setup/trouble.html"
        return render(request, page, frame(connection, step) | {"trouble": trouble_of(guide, error)})
