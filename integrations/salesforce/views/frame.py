"""What surrounds every step: its place among the others, and where its buttons lead."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from integrations.sync.configuration import in_words, scope_in_words, snapshot
from integrations.sync.models import Connection

from ..looks import Looks
from ..models import SalesforceConnection
from ..saving import save
from ..steps import STEPS, chosen, following, preceding, reach, strip, url_of

LABELS = {step.name: step.label for step in STEPS}


def frame(connection: SalesforceConnection, step: str) -> dict[str, Any]:
    taken = chosen(connection)
    before, after = preceding(step, taken), following(step)
    return {
        "connection": connection,
        "step": step,
        "label": LABELS[step],
        "steps": strip(connection, step, taken),
        "back": (before.label, url_of(connection, before.name)) if before else None,
        "next": after.label if after else "",
        "is_draft": connection.state == Connection.State.DRAFT,
    }


def in_plain_words(connection: SalesforceConnection) -> dict[str, Any]:
    """Without a call: what stands in our own rows."""
    blocks = connection.blocks.prefetch_related("lines")
    words = [(block.get_object_display(), in_words(block, connection.name)) for block in blocks]
    return {"scope": scope_in_words(connection), "words": words}


def show(request: HttpRequest, looks: Looks, step: str, **context: Any) -> HttpResponse:
    page = frame(looks.connection, step) | {"read_at": looks.read_at, **context}
    return render(request, f"salesforce/{step}.html", page)


def save_step(request: HttpRequest, looks: Looks, step: str, form: Any) -> HttpResponse:
    """The one end of every step's form: the configuration, a version, the audit trail, and on."""
    connection = looks.connection
    data = snapshot(connection)
    form.apply_to(data)
    save(request, connection, data, str(LABELS[step]))
    after = following(step)
    assert after is not None
    reach(connection, after.name)
    if request.POST.get("do") == "leave":
        return redirect("sync:connection", slug=connection.slug)
    return redirect(url_of(connection, after.name))
