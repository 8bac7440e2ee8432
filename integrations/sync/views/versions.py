from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import audit
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest

from ..configuration import Labels, differences, restore, to_yaml
from ..models import Connection, Version

PAGE = 20


@dataclass(frozen=True, slots=True)
class VersionLine:
    version: Version
    said: list[str]
    is_current: bool


@requires(Permission.SEE_INTEGRATIONS)
@require_GET
def versions(request: SignedInRequest, slug: str) -> HttpResponse:
    connection = get_object_or_404(Connection, slug=slug)
    page = Paginator(connection.versions.all(), PAGE).get_page(request.GET.get("page"))
    context = {"connection": connection, "page": page, "lines": _lines(connection, list(page.object_list))}
    return render(request, "sync/versions.html", context)


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def restore_version(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    connection = get_object_or_404(Connection, slug=slug)
    get_object_or_404(connection.versions, number=number)
    made = restore(connection, number, request.user)
    if made is None:
        messages.info(request, _("Version %(number)d says the same as now; nothing was changed.") % {"number": number})
    else:
        audit.record(request, audit.Verb.CHANGED, connection, after={"changes": made.diff}, note=made.note)
        said = {"number": number, "made": made.number}
        messages.info(request, _("Version %(made)d says what version %(number)d said. The next sync uses it.") % said)
    return redirect("sync:versions", slug=slug)


@requires(Permission.EDIT_INTEGRATIONS)
@require_GET
def export(_request: SignedInRequest, slug: str) -> HttpResponse:
    connection = get_object_or_404(Connection, slug=slug)
    answer = HttpResponse(to_yaml(connection), content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{connection.slug}.yaml"'
    return answer


def _lines(connection: Connection, shown: list[Version]) -> list[VersionLine]:
    """The words are found anew, in the reader's language; only the one before the last shown is read beside them."""
    if not shown:
        return []
    before = connection.versions.filter(number=shown[-1].number - 1).first()
    found: list[VersionLine] = []
    labels = Labels()
    for version, older in zip(shown, [*shown[1:], before], strict=True):
        old: dict[str, Any] = older.data if older else {}
        found.append(VersionLine(version, differences(old, version.data, labels), version.number == connection.version))
    return found
