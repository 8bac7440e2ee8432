"""Chapter 4, measured: what the saved stages say, read from their versions, and how their runs ended."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.template.defaultfilters import date
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.engine.duplicates import NAMESAKE
from integrations.hub.fields import fields_of
from integrations.setup.guide import guide_of
from integrations.sync.configuration import scope_in_words
from integrations.sync.models import Change, FieldMapping, Mode, RecordLink, Run, Version
from integrations.sync.registry import system_of
from integrations.sync.tallies import tallies_from

from ..models import Move, Passage
from ..stages.drafts import CONTACTS, CUSTOMERS, Data, lines_sent
from ..stages.overwrites import overwrites_of
from ..stages.owners import other_writers
from ..stages.saving import is_outdated, passage_of
from ..steps import SHOWN, Finding, Row
from .directions import Emptied, judged, still_empty

IN = FieldMapping.Direction.IN.value


def _saved(move: Move, stage: str) -> tuple[Passage, Data] | Finding:
    """What the stage saved; a Finding where nothing can be said of it."""
    passage = passage_of(move, stage)
    if passage is None:
        return Finding(None, _("Stage %(stage)s is not saved yet.") % {"stage": stage.upper()})
    version = Version.objects.filter(connection=move.new_id, number=passage.version).first()
    if version is None:
        return Finding(None, _("Version %(n)s is not there any more.") % {"n": passage.version})
    if move.new is not None and is_outdated(move, passage):
        said = {"now": move.new.version, "then": passage.version}
        text = _("Version %(now)s was saved since; stage %(stage)s was version %(then)s.")
        return Finding(False, text % {**said, "stage": stage.upper()}, cure=_("Save the stage again."))
    return passage, dict(version.data)


Check = Callable[[Move], Finding]
Look = Callable[[Move, Passage, Data], Finding]


def _on(stage: str) -> Callable[[Look], Check]:
    """Looks at the stage as it was saved; says why where nothing can be said of it."""

    def looking(look: Look) -> Check:
        def check(move: Move) -> Finding:
            found = _saved(move, stage)
            return found if isinstance(found, Finding) else look(move, *found)

        return check

    return looking


def saved(stage: str) -> Check:
    @_on(stage)
    def check(_move: Move, passage: Passage, _data: Data) -> Finding:
        said = {"n": passage.version, "who": passage.by, "when": _moment(passage.at)}
        return Finding(True, _("Version %(n)s, saved by %(who)s, %(when)s.") % said)

    return check


@_on("a")
def a_ref_id(move: Move, passage: Passage, data: Data) -> Finding:
    wrong = [name for name in (CUSTOMERS, CONTACTS) if _path(data, name, "ref_id") != _record_id(move, name)]
    said = _("Read from version %(n)s: customers and contacts take HubSpot’s Record ID.") % {"n": passage.version}
    if wrong:
        return Finding(False, _("The ID of %(what)s is another property.") % {"what": ", ".join(wrong)})
    return Finding(True, said)


@_on("a")
def a_scope(move: Move, _passage: Passage, _data: Data) -> Finding:
    assert move.new is not None
    said = scope_in_words(move.new, only=system_of(move.new.system).scope)
    return Finding(True, "; ".join(f"{label}: {value}" for label, value in said) or _("All companies."))


@_on("a")
def a_keys(move: Move, _passage: Passage, data: Data) -> Finding:
    keys = data["blocks"][CUSTOMERS]["merge_keys"]
    fields = fields_of(CUSTOMERS)
    named = ", ".join(str(fields[key].label) if key in fields else key for key in keys)
    if not keys or keys[0] != move.old_id_field:
        return Finding(False, _("The first merge key is %(key)s.") % {"key": named or "–"},
                       cure=_("The old CRM ID has to be asked first: names repeat, IDs do not."))  # fmt: skip
    return Finding(True, _("In this order: %(keys)s.") % {"keys": named})


@_on("a")
def a_input(_move: Move, _passage: Passage, data: Data) -> Finding:
    modes = {name: block["mode"] for name, block in data["blocks"].items() if block["mode"] != Mode.DISABLED}
    wrong = [name for name, mode in modes.items() if mode != Mode.INPUT]
    writing = [line["hub"] for name in modes for line in data["blocks"][name]["lines"] if line["direction"] != IN]
    number = sum(len(data["blocks"][name]["lines"]) for name in modes)
    if wrong or writing:
        return Finding(False, _("May write to HubSpot: %(what)s.") % {"what": ", ".join([*wrong, *writing])})
    return Finding(True, _("%(n)s lines, none of them may write to HubSpot.") % {"n": number})


@_on("a")
def a_contacts(_move: Move, _passage: Passage, data: Data) -> Finding:
    keys = data["blocks"].get(CONTACTS, {}).get("merge_keys", [])
    if keys != ["email"]:
        return Finding(False, _("Contacts are recognised by %(keys)s.") % {"keys": ", ".join(keys) or "–"})
    return Finding(True, _("Contacts are recognised by their e-mail address."))


def one_owner(move: Move) -> Finding:
    if writers := other_writers(move):
        rows = [Row(name, _("writes Customer IDs of customers that move")) for name in writers]
        return Finding(
            False, _("Another connection writes the same IDs."), rows, cure=_("Disable its blocks: chapter 3.")
        )
    return Finding(True, _("No other connection writes the ID of a customer that moves."))


def emptied(stage: str) -> Check:
    @_on(stage)
    def check(move: Move, passage: Passage, _data: Data) -> Finding:
        if passage.run_id is not None:
            return _emptied_by(move, passage)
        shown = Run.objects.filter(pk=passage.preview_id or 0).first()
        if shown is None or shown.state != Run.State.DONE:
            return Finding(None, _("Waits for the preview of the stage."))
        found = overwrites_of(shown, move.old_id_field)
        number = found.emptied + found.changed
        said = _("The preview empties %(emptied)s and changes %(changed)s values that the hub holds.")
        text = said % {"emptied": found.emptied, "changed": found.changed}
        if number:
            return Finding(
                False, text, found.rows, number, _("Correct the values in HubSpot, or the lines of the stage.")
            )
        return Finding(True, text)

    return check


def emptied_by(move: Move, stage: str) -> Emptied:
    """By the run of the stage, and empty still."""
    passage = passage_of(move, stage)
    return still_empty(Change.objects.filter(run_id=passage.run_id if passage and passage.run_id else 0))


def _emptied_by(move: Move, passage: Passage) -> Finding:
    run = Run.objects.filter(pk=passage.run_id or 0).first()
    if run is not None and run.is_active:
        return Finding(None, _("Run %(n)s is under way: %(word)s.") % {"n": run.pk, "word": _far(run)})
    found = emptied_by(move, passage.stage)
    said = _("Of what run %(run)s emptied, %(n)s values are empty now.") % {"run": passage.run_id, "n": found.number}
    return judged(move, f"{passage.stage}-emptied", found, said) if found.number else Finding(True, said)


def run_ended(stage: str) -> Check:
    """Done. What waits for a person is listed by the gate’s other conditions; what was refused is said here."""

    def check(move: Move) -> Finding:
        passage = passage_of(move, stage)
        run = Run.objects.filter(pk=passage.run_id).first() if passage and passage.run_id else None
        if run is None:
            return Finding(None, _("Stage %(stage)s has not run yet.") % {"stage": stage.upper()})
        rows = [Row(_("Run %(n)s") % {"n": run.pk}, str(run.get_state_display()), reverse("sync:run", args=[run.pk]))]
        if run.is_active:
            return Finding(None, _("Run %(n)s is under way: %(word)s.") % {"n": run.pk, "word": _far(run)}, rows)
        if run.state != Run.State.DONE:
            return Finding(False, _("Run %(n)s did not end well: %(state)s.") % {"n": run.pk, "state": run.get_state_display()},
                           rows, cure=_("Its page says why and what cures it."))  # fmt: skip
        said = _("Run %(n)s ended %(when)s.") % {"n": run.pk, "when": _moment(run.finished_at)}
        if refused := sum(one.refused_anywhere for one in tallies_from(run.counts, run.totals)):
            text = ngettext(
                "%(n)s record was refused: its page says why, and how to retry it.",
                "%(n)s records were refused: its page says why, and how to retry them.",
                refused,
            )  # fmt: skip
            said += " " + text % {"n": f"{refused:,}"}
        return Finding(True, said, rows)

    return check


@_on("b")
def b_keys(_move: Move, _passage: Passage, data: Data) -> Finding:
    keys = data["blocks"][CUSTOMERS]["merge_keys"]
    if keys != ["ref_id"]:
        return Finding(False, _("Customers are recognised by %(keys)s.") % {"keys": ", ".join(keys) or "–"})
    return Finding(True, _("Customers are recognised by HubSpot’s Record ID alone."))


@_on("b")
def b_lines(_move: Move, _passage: Passage, data: Data) -> Finding:
    lines = lines_sent(data)
    both = [line["hub"] for line in lines if line["direction"] != FieldMapping.Direction.OUT]
    fields = fields_of(CUSTOMERS)
    rows = [Row(str(fields[line["hub"]].label), line["seen"].get("label") or line["crm"])
            for line in lines if line["hub"] in fields]  # fmt: skip
    if both:
        return Finding(False, _("Not Output only: %(what)s.") % {"what": ", ".join(both)}, rows)
    if not lines:
        return Finding(
            False, _("No line brings a value of the hub to HubSpot."), cure=_("Choose the fields of stage B.")
        )
    return Finding(True, _("%(n)s lines, all of them Output only.") % {"n": len(lines)}, rows)


@_on("c")
def c_lines(_move: Move, _passage: Passage, data: Data) -> Finding:
    both = [line for line in lines_sent(data) if line["direction"] == FieldMapping.Direction.BOTH]
    fields = fields_of(CUSTOMERS)
    rows = [Row(str(fields[line["hub"]].label), line["seen"].get("label") or line["crm"])
            for line in both if line["hub"] in fields]  # fmt: skip
    if not both:
        return Finding(
            False, _("No line is two-way."), cure=_("Choose at least one, or stop after stage B: sign the move then.")
        )
    return Finding(True, _("%(n)s lines are two-way.") % {"n": len(both)}, rows)


def _path(data: Mapping[str, Any], object_name: str, hub_field: str) -> str:
    lines = data["blocks"].get(object_name, {}).get("lines", [])
    return next((str(line["crm"]) for line in lines if line["hub"] == hub_field), "")


def _record_id(move: Move, object_name: str) -> str:
    assert move.new is not None
    lines = guide_of(move.new).default_lines(object_name)
    return next(line["crm_field"] for line in lines if line["hub_field"] == "ref_id")


def _far(run: Run) -> str:
    return str(run.get_phase_display()).lower()


def _moment(at: datetime | None) -> str:
    return date(localtime(at), "j M, H:i") if at else ""


def namesakes(move: Move) -> Finding:
    """Contacts that a name alone recognises: e-mail cannot, and a second one would be made of each."""
    passage = passage_of(move, "a")
    if passage is None or passage.run_id is None:
        return Finding(None, _("Stage A has not run yet."))
    waiting = waiting_namesakes(move)
    number = waiting.count()
    if not number:
        return Finding(True, _("No contact waits for somebody to say who it is."))
    rows = [
        Row(link.name or link.source_id, _("bears the name of %(title)s") % link.reason_params, _collision(link.pk))
        for link in waiting.order_by("name", "pk")[:SHOWN]
    ]
    text = _("%(n)s contacts have no e-mail address, here or there, and bear the name of somebody at their customer.")
    cure = _("Link them all, or look at each in the list of collisions.")
    return Finding(False, text % {"n": number}, rows, number, cure)


def waiting_namesakes(move: Move) -> QuerySet[RecordLink]:
    return RecordLink.objects.filter(
        connection=move.new_id or 0, object=CONTACTS, state=RecordLink.State.COLLISION, reason_code=NAMESAKE
    )


def _collision(pk: int) -> str:
    return f"{reverse('sync:collisions')}?show={pk}"
