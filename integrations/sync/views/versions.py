from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import audit
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest
from integrations.wire.errors import WireError

from ..configuration import (
    Archived,
    Labels,
    ReadsScores,
    VersionMoved,
    WouldErase,
    differences,
    parted,
    refusal_of,
    restore,
    snapshot,
    to_yaml,
)
from ..connector import LostView
from ..erasures import as_shown, erasures_in
from ..models import Connection, Version
from ..onsets import in_words, onsets_of
from ..registry import connector_for, system_of

PAGE = 20
FIRST, FOLDED_FROM = 4, 6


@dataclass(frozen=True, slots=True)
class VersionLine:
    version: Version
    said: list[str]
    is_current: bool
    onset: str = ""
    """That errors began, or rose, with the runs of this version; empty: they did not."""

    @property
    def first(self) -> list[str]:
        """A version that set up a whole data type says dozens: a few stand in the list, the rest folds."""
        return self.said if len(self.said) <= FOLDED_FROM else self.said[:FIRST]

    @property
    def more(self) -> list[str]:
        return self.said[len(self.first) :]


def address_of(connection: Connection, version: Version) -> str:
    """Where a version stands in the list: without a gap, newest first."""
    page = max(connection.version - version.number, 0) // PAGE + 1
    return f"{reverse('sync:versions', args=[connection.slug])}?page={page}#version-{version.number}"


@requires(Permission.SEE_INTEGRATIONS)
@require_GET
def versions(request: SignedInRequest, slug: str) -> HttpResponse:
    connection = get_object_or_404(Connection, slug=slug)
    page = Paginator(connection.versions.all(), PAGE).get_page(request.GET.get("page"))
    context = {"connection": connection, "page": page, "lines": _lines(connection, list(page.object_list))}
    return render(request, "sync/versions.html", context)


@requires(Permission.EDIT_INTEGRATIONS)
@require_http_methods(["GET", "POST"])
def restore_version(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    """GET shows what going back would change and empty; POST does it, unless that is not what was shown."""
    connection = get_object_or_404(Connection, slug=slug)
    version = get_object_or_404(connection.versions, number=number)
    if request.method == "GET":
        return _show(request, connection, version, came_between=False)
    shown = request.POST.get("version", "")
    expected = int(shown) if shown.isdecimal() and len(shown) < 10 else -1
    try:
        made = restore(connection, number, request.user, expected=expected, read=request.POST.get("read", ""))
    except VersionMoved:
        return _show(request, connection, version, came_between=True)
    except WouldErase:
        return _show(request, connection, version, came_between=False)
    except (Archived, ReadsScores) as refusal:
        messages.error(request, str(refusal))
        return redirect("sync:versions", slug=slug)
    if made is None:
        messages.info(request, _("Version %(number)d says the same as now; nothing was changed.") % {"number": number})
    else:
        audit.record(request, audit.Verb.CHANGED, connection, after={"changes": made.diff}, note=made.note)
        said = {"number": number, "made": made.number}
        messages.info(request, _("Version %(made)d says what version %(number)d said. The next sync uses it.") % said)
        _warn_of_lost_views(request, connection)
    return redirect("sync:versions", slug=slug)


def _show(request: SignedInRequest, connection: Connection, version: Version, *, came_between: bool) -> HttpResponse:
    connection.refresh_from_db()
    parts = parted(snapshot(connection), version.data, Labels(connection))
    context = {
        "connection": connection, "number": version.number, "version": version, "came_between": came_between,
        "parts": parts, "number_of_changes": sum(len(part.said) for part in parts),
        "refusal": refusal_of(connection, version.data), **as_shown(erasures_in(connection, version.data)),
    }  # fmt: skip
    return render(request, "sync/restore.html", context)


def _warn_of_lost_views(request: SignedInRequest, connection: Connection) -> None:
    """An old version may point to a view that was deleted since. It is restored all the same, and so is what else it says."""
    try:
        lost = connector_for(connection, read_only=True, interactive=True).lost_views()
    except WireError:
        # The CRM cannot be asked now; a run that finds the view gone says so, and churns nobody.
        return
    for view in lost:
        messages.error(request, _lost(connection, view))


def _lost(connection: Connection, view: LostView) -> str:
    text = _(
        "The view “%(view)s” is gone from %(name)s, so nothing is read and nobody churns until another one is chosen."
    )
    said = text % {"view": view.label, "name": connection.name}
    wizard = system_of(connection.system).urls.get("wizard")
    if not wizard:
        return said
    address = reverse(wizard, args=[connection.slug, view.step])
    return format_html('{} <a href="{}">{}</a>', said, address, _("Choose another view"))


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
    labels, onsets = Labels(connection), onsets_of(connection, [version.number for version in shown])
    for version, older in zip(shown, [*shown[1:], before], strict=True):
        old: dict[str, Any] = older.data if older else {}
        onset = onsets.get(version.number)
        said, is_current = differences(old, version.data, labels), version.number == connection.version
        found.append(VersionLine(version, said, is_current, in_words(onset) if onset else ""))
    return found
