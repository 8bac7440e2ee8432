from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts import audit
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest
from integrations.sync.models import DataType, Mode

from ..blocks import STARTS_DISABLED
from ..configuration import VersionMoved, in_words, save_mapping
from ..connector import ObjectAbility
from ..erasures import Erasure, as_shown, erasures_of, seal
from ..forms_mapping import CEILING
from ..ids_only import said_mode
from ..mapping_page import PREFIX, MappingPage, tally
from ..metadata import forget, metadata_of
from ..models import Block, Connection, Version
from ..never_sent import never_sent
from ..nouns import counted
from ..registry import system_of
from ..succession import CannotSucceed, succeed


@requires(Permission.SEE_INTEGRATIONS, to_change=Permission.EDIT_INTEGRATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def mapping(request: SignedInRequest, slug: str, object_name: str) -> HttpResponse:
    block, ability = _block(slug, object_name)
    data = _typed(request.POST) if request.method == "POST" else None
    page = _page(request, block, data)
    if data is None or _only_looks(data):
        return _shown(request, page, ability)
    if not (page.formset.is_valid() and page.keys.is_valid() and page.deletions.is_valid()):
        return _shown(request, page, ability)
    page.write_out()
    erasures = erasures_of(block, page.formset.lines, {name: str(f.label) for name, f in page.fields.items()})
    if erasures and data.get("read") != seal(erasures):
        return _shown(request, page, ability, erasures=erasures)
    return _saved(request, page) or _shown(request, page, ability)


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def read_again(request: SignedInRequest, slug: str, object_name: str) -> HttpResponse:
    block, _ability = _block(slug, object_name)
    forget(block.connection, object_name)
    found = metadata_of(block.connection, object_name, (), may_ask=True)
    if found.schema and not found.trouble:
        number = len(found.schema.fields)
        said = {"n": number, "name": block.connection.name}
        text = ngettext("%(name)s has %(n)d field.", "%(name)s has %(n)d fields, read just now.", number)
        messages.info(request, text % said)
    else:
        messages.error(request, found.trouble)
    return redirect("sync:mapping", slug=slug, object_name=object_name)


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def take_successor(request: SignedInRequest, slug: str, object_name: str, hub_field: str) -> HttpResponse:
    """One click beside a lost field, wherever it is told of."""
    block, _ability = _block(slug, object_name)
    line = get_object_or_404(block.lines.select_related("block"), hub_field=hub_field, suspended_at__isnull=False)
    metadata = metadata_of(block.connection, object_name, (), may_ask=True)
    try:
        path, expected = request.POST.get("path", ""), _expected(request)
        version = succeed(block, line, path, metadata, author=request.user, expected=expected)
    except CannotSucceed as refusal:
        messages.error(request, str(refusal))
    except VersionMoved as moved:
        messages.error(request, _moved(moved.now))
    else:
        _say_saved(request, block.connection, version)
    there = reverse("sync:mapping", kwargs={"slug": slug, "object_name": object_name})
    return redirect(f"{there}#row-{hub_field}")


def _block(slug: str, object_name: str) -> tuple[Block, ObjectAbility]:
    connection = get_object_or_404(Connection, slug=slug)
    abilities = system_of(connection.system).abilities
    ability = next((found for found in abilities.objects if found.object == object_name), None)
    if ability is None:
        raise Http404
    # A block that the wizard has not reached yet is shown empty; looking at it writes nothing.
    block = connection.blocks.filter(object=object_name).first()
    mode = Mode.DISABLED if object_name in STARTS_DISABLED else Mode.INPUT
    new = Block(connection=connection, object=object_name, mode=mode, merge_keys=list(ability.default_keys))
    return block or new, ability


def _page(request: SignedInRequest, block: Block, data: QueryDict | None) -> MappingPage:
    may_ask = request.user.may(Permission.EDIT_INTEGRATIONS)
    paths = list(block.lines.exclude(crm_field="").values_list("crm_field", flat=True)) if block.pk else []
    metadata = metadata_of(block.connection, block.object, paths, may_ask=may_ask)
    return MappingPage(block, data, metadata, may_ask=may_ask)


def _typed(posted: QueryDict) -> QueryDict:
    """A successor's button puts it into the line of the lost field, as if it had been typed, and saves like any other."""
    data = posted.copy()
    name, _sign, path = data.get("use", "").partition(":")
    if path:
        data[f"{PREFIX}-{name}-crm"] = path
    return data


def _only_looks(data: QueryDict) -> bool:
    return bool(data.get("count"))


def _saved(request: SignedInRequest, page: MappingPage) -> HttpResponse | None:
    """None where somebody else saved first: what was typed stays on the page."""
    block, note = page.block, request.POST.get("note", "").strip()
    try:
        version = save_mapping(
            block,
            page.formset.lines,
            merge_keys=page.keys.merge_keys,
            ref_is_common=page.keys.cleaned_data["ref_is_common"],
            on_delete=page.deletions.chosen,
            author=request.user,
            note=note,
            expected=_expected(request),
            seen=page.metadata.schema,
        )
    except VersionMoved as moved:
        messages.error(request, _moved(moved.now))
        page.block.connection.refresh_from_db()
        return None
    _say_saved(request, block.connection, version)
    return redirect("sync:mapping", slug=block.connection.slug, object_name=block.object)


def _expected(request: SignedInRequest) -> int:
    typed = request.POST.get("version", "")
    return int(typed) if typed.isdecimal() and len(typed) < 10 else -1


def _moved(now: Version | None) -> str:
    said = {"number": now.number, "name": now.author_name} if now else {"number": 0, "name": ""}
    return _(
        "Nothing was saved: %(name)s saved version %(number)s since you opened this page. "
        "What you typed is kept below; look at the difference, then save again."
    ) % (said)


def _say_saved(request: SignedInRequest, connection: Connection, version: Version | None) -> None:
    if version is None:
        messages.info(request, _("Nothing was changed, so no version was made."))
        return
    audit.record(request, audit.Verb.CHANGED, connection, after={"changes": version.diff}, note=version.note)
    number = len(version.diff)
    text = ngettext(
        "Version %(version)d saved: %(n)d change. The next sync uses it.",
        "Version %(version)d saved: %(n)d changes. The next sync uses it.",
        number,
    )
    messages.info(request, text % {"version": version.number, "n": number})


def _shown(
    request: SignedInRequest, page: MappingPage, ability: ObjectAbility, *, erasures: list[Erasure] | None = None,
) -> HttpResponse:  # fmt: skip
    rows, connection = page.rows, page.block.connection
    tabs = _tabs(connection)
    shown = request.GET.get("show", "")
    context: dict[str, Any] = {
        "connection": connection,
        "data_type": page.block,
        "ability": ability,
        "short": system_of(connection.system).abilities.short,
        "object_label": DataType(page.block.object).label,
        "objects": tabs,
        "mode": next(tab["mode"] for tab in tabs if tab["name"] == ability.object) or page.block.get_mode_display(),
        "page": page,
        "rows": rows,
        "tally": tally(rows),
        "shown": shown if shown in tally(rows) else "",
        "key_rows": page.key_rows,
        "allowed": CEILING[page.block.mode],
        **as_shown(erasures or []),
        "note": request.POST.get("note", ""),
        "next_version": connection.version + 1,
        "in_words": in_words(page.block, connection.name) if page.block.pk else [],
        "may_edit": page.may_ask,
        **_never_sent(page.block),
    }
    return render(request, "sync/mapping.html", context)


def _never_sent(block: Block) -> dict[str, Any]:
    found = never_sent(block)
    number = found.number if found else 0
    return {"never_sent": counted(block.object, number)} if number else {}


def _tabs(connection: Connection) -> list[dict[str, Any]]:
    blocks = {block.object: block for block in connection.blocks.prefetch_related("lines")}
    return [
        {
            "name": ability.object,
            "label": DataType(ability.object).label,
            "number": len(blocks[ability.object].lines.all()) if ability.object in blocks else 0,
            "mode": said_mode(blocks[ability.object], ability) if ability.object in blocks else "",
        }
        for ability in system_of(connection.system).abilities.objects
    ]
