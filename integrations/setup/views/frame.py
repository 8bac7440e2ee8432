"""What surrounds every step: its place among the others, and where its buttons lead."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from integrations.sync import runs
from integrations.sync.configuration import in_words, scope_in_words, snapshot
from integrations.sync.key_fields import keep
from integrations.sync.models import Connection

from ..guide import guide_of
from ..looks import Looks
from ..saving import save
from ..steps import chosen, following, preceding, reach, step_of, strip, url_of


def frame(connection: Connection, step: str) -> dict[str, Any]:
    guide, taken = guide_of(connection), chosen(connection)
    before, after, this = preceding(guide, step, taken), following(guide, step), step_of(guide, step)
    return {
        "connection": connection,
        "guide": guide,
        "words": guide.words,
        "step": step,
        "label": this.label if this else step,
        "steps": strip(connection, step, taken),
        "back": (before.label, url_of(connection, before.name)) if before else None,
        "next": after.label if after else "",
        "connect_url": url_of(connection, "connect"),
        "disconnect_url": reverse(f"{guide.namespace}:disconnect", args=[connection.slug]),
        "is_draft": connection.state == Connection.State.DRAFT,
        "waits": runs.why_it_waits(connection),
    }


def came_from(request: HttpRequest) -> str:
    """The page of ours that sent somebody here to change one thing."""
    asked = request.GET.get("back", "")
    return asked if url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else ""


def in_plain_words(connection: Connection) -> dict[str, Any]:
    """Without a call: what stands in our own rows."""
    blocks = connection.blocks.prefetch_related("lines")
    words = [(block.get_object_display(), in_words(block, connection.name)) for block in blocks]
    return {"scope": scope_in_words(connection), "words_of_blocks": words}


def show(request: HttpRequest, looks: Looks, step: str, **context: Any) -> HttpResponse:
    """A system's own template of a step goes before the shared one."""
    page = frame(looks.connection, step) | {"read_at": looks.read_at, **context}
    return render(request, [f"{looks.guide.system}/{step}.html", f"setup/{step}.html"], page)


def save_step(request: HttpRequest, looks: Looks, step: str, form: Any) -> HttpResponse:
    """The one end of every step's form: the configuration, a version, the audit trail, and on."""
    connection, this, after = looks.connection, step_of(looks.guide, step), following(looks.guide, step)
    assert this is not None
    assert after is not None
    data = snapshot(connection)
    form.apply_to(data)
    save(request, connection, data, str(this.label))
    keep(request, connection, getattr(form, "made_keys", {}))
    reach(connection, after.name)
    if request.POST.get("do") == "leave":
        return redirect(came_from(request) or reverse("sync:connection", args=[connection.slug]))
    return redirect(url_of(connection, after.name))
