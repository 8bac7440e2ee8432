"""Chapter 7, measured: number, duplicates, IDs, what the pages show, key data, and whether both sides add up."""

from collections.abc import Sequence
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.engine.values import digest
from integrations.hub.models import Customer
from integrations.sync.durations import spoken as span
from integrations.sync.models import Block, Change, Connection, HardDelete, RecordLink, Run
from integrations.sync.nouns import counted

from .. import facts, keydata, sums, twins, words
from ..models import Move
from ..sample import sample_of
from ..steps import SHOWN, Finding, Row

WHO_MADE_MANY = gettext_lazy(
    "Look at the lifecycle stages of those that were created: partners and former customers do not belong."
)


def listed(move: Move, side: str, key: str) -> str:
    return reverse("migration:list", args=[move.pk, side, key])


def _n(number: int) -> str:
    return str(intcomma(number))


def _whole(move: Move, key: str, rows: list[Row], number: int) -> list[Row]:
    """Where more stand behind it than are shown, the last one leads to all of them."""
    if number <= len(rows):
        return rows
    return [
        *rows[: SHOWN - 1],
        Row(_("All %(n)s") % {"n": _n(number)}, _("the whole list"), listed(move, "check", key)),
    ]


def _waits(move: Move) -> Finding | None:
    """Until the first run is over nothing can be said; meanwhile, how long it may take."""
    if sums.last_complete_run(move) is not None:
        return None
    said = _("Waits for the first run. A first sync may last one to two hours, by the number of records.")
    preview = Run.objects.filter(
        connection=move.new_id or 0, kind=Run.Kind.PREVIEW, started_at__isnull=False, finished_at__isnull=False
    ).first()
    if preview is not None and preview.started_at and preview.finished_at:
        took = span(preview.finished_at - preview.started_at)
        said += " " + _("Its preview took %(span)s for the same reading.") % {"span": took}
    return Finding(None, said)


# --- Number


def expected_of(move: Move) -> int:
    return move.expected if move.expected is not None else facts.to_move(move).count()


def count(move: Move) -> Finding:
    if waits := _waits(move):
        return waits
    there = sums.there(move)
    if there is None:
        return Finding(False, _("HubSpot’s own number is not known."), cure=_("Let a complete reading of HubSpot run."))
    said = _added_up(there)
    if there.missing:
        text = _("%(sum)s: %(n)s are not explained.") % {"sum": said, "n": _n(there.missing)}
        if deleted := deleted_since(move):
            text += " " + _("Meanwhile %(what)s went in a bulk hard delete.") % {"what": counted("customers", deleted)}
            again = _("Correct the filter in step 1.7, then save stage A again and run it: it counts anew.")
            return Finding(False, text, cure=again)
        return Finding(False, text, cure=_("Read HubSpot completely once more; if it stays, look for missing rights."))
    came, expected = there.of("matched") + there.of("created"), expected_of(move)
    waiting = there.of("collision") + there.of("failing")
    told = {"sum": said, "came": _n(came), "expected": _n(expected), "why": _why_expected(move)}
    if came == expected:
        return Finding(True, _("%(sum)s. %(came)s came, as expected %(why)s.") % told, _created_rows(move))
    if came < expected:
        text = _("%(sum)s. %(came)s came, %(expected)s are expected %(why)s.") % told
        cure = (
            _("Decide the collisions first.") if waiting else _("The completeness report says where each of them is.")
        )
        rows = [Row(fate.name, str(sums.HERE[fate.key]), _customer(fate.hub_id)) for fate in _first_fates(move)]
        return Finding(False, text, rows, expected - came, cure)
    text = _("%(sum)s. %(came)s came, only %(expected)s are expected %(why)s.") % told
    rows = _stage_rows(move) or _created_rows(move)
    return Finding(False, text, rows, cure=str(WHO_MADE_MANY))


def deleted_since(move: Move) -> int:
    """Customers of HubSpot that were deleted in bulk after it was last read completely."""
    run = sums.last_complete_run(move)
    if run is None or run.finished_at is None:
        return 0
    jobs = HardDelete.objects.filter(state=HardDelete.State.DELETED, finished_at__gt=run.finished_at)
    return sum(job.customers for job in jobs.only("customers", "connections") if move.new_id in job.connections)


def _added_up(there: sums.Sum) -> str:
    parts = [("matched", _("matched")), ("created", _("created")), ("excluded", _("excluded")),
             ("collision", _("in collision")), ("failing", _("failing"))]  # fmt: skip
    named = [f"{_n(there.of(key))} {word}" for key, word in parts if there.of(key) or key in {"matched", "created"}]
    return _("%(total)s in the source set = %(parts)s") % {"total": _n(there.total), "parts": " + ".join(named)}


def _why_expected(move: Move) -> str:
    if move.expected is None:
        return _("(every customer that moves)")
    return f"({move.expected_why})" if move.expected_why else ""


def _stage_rows(move: Move) -> list[Row]:
    url = listed(move, "there", "created")
    return [
        Row(
            _("Lifecycle stage %(stage)s") % {"stage": stage} if stage else _("No stage known"),
            _("%(n)s created") % {"n": _n(number)},
            url,
        )
        for stage, number in sums.stages_of_created(move)
    ]


def _created_rows(move: Move) -> list[Row]:
    rows = sums.created(move).order_by("name", "pk").values_list("pk", "name", "domain")[:SHOWN]
    return [Row(name, _("created, %(domain)s") % {"domain": domain or "–"}, _customer(pk)) for pk, name, domain in rows]


def _first_fates(move: Move) -> list[sums.Fate]:
    found: list[sums.Fate] = []
    for fate in sums.fates(move):
        found.append(fate)
        if len(found) == SHOWN:
            break
    return found


# --- Duplicates


def no_duplicates(move: Move) -> Finding:
    if waits := _waits(move):
        return waits
    made, number = sums.created(move).count(), twins.twins(move).count()
    told = {"made": _n(made), "matched": _n(sums.matched(move).count()), "n": _n(number)}
    if not number:
        text = _("%(matched)s matched, %(made)s created; none of them shares name, domain, old ID or a contact’s e-mail "
                 "with another customer.")  # fmt: skip
        return Finding(True, text % told)
    rows = [Row(one.made.name, str(one.by), merge_url(one.made.pk, one.other)) for one in twins.pairs(move)]
    text = _("%(n)s of %(made)s created ones may be here already.") % told
    return Finding(
        False, text, rows, number, _("Merge the pairs that are one; correct what they share where they are two.")
    )


def merge_url(one: int, other: int) -> str:
    return f"{reverse('sync:merge', args=['customers'])}?{urlencode([('row', other), ('row', one)])}"


# --- IDs


def ref_ids(move: Move) -> Finding:
    if waits := _waits(move):
        return waits
    total, wrong = facts.to_move(move).count(), without_its_id(move)
    if not total:
        return Finding(None, _("No customer to move: the old connection has linked none, or all stay behind."))
    number = wrong.count()
    if not number:
        return Finding(
            True, _("%(n)s customers carry an ID that the HubSpot connection wrote, each its own.") % {"n": _n(total)}
        )
    rows = [Row(row.name, why_not_its_id(move, row), _customer(row.pk)) for row in wrong[:SHOWN]]
    rows = _whole(move, "no-id", rows, number)
    if move.new is not None and wrong.exclude(company=None).exists():
        # Only where a company is linked does the link know the right ID.
        rows = [
            Row(_("Set them in one go"), _("a re-key by the links, looked at before it is done"), rekey_url(move)),
            *rows,
        ]
    said = _("%(good)s of %(total)s customers carry their HubSpot ID; %(n)s do not.")
    told = {"good": _n(total - number), "total": _n(total), "n": _n(number)}
    cure = _("Decide its collision, bring it to HubSpot, link it by hand, or let it stay behind; then let a sync run.")
    return Finding(False, said % told, rows, number, cure)


def rekey_url(move: Move) -> str:
    assert move.new is not None
    asked = {"object": "customers", "source": "links", "connection": move.new.slug, "replaces": move.old.slug}
    return f"{reverse('sync:rekeys')}?{urlencode(asked)}"


def without_its_id(move: Move) -> QuerySet[Any]:
    """Not written by HubSpot's connection, or another than the company that it is linked to. `company`: that one's ID."""
    link = facts.arrivals(move).filter(hub_id=OuterRef("pk"))
    found = facts.to_move(move).annotate(company=Subquery(link.values("source_id")[:1]))
    found = found.annotate(writer=Coalesce("ref_writer", 0))
    return found.filter(
        ~Q(writer=move.new_id or 0) | Q(ref_id="") | ~Q(ref_id=F("company")) | Q(company=None)
    ).order_by("pk")


def why_not_its_id(move: Move, row: Any) -> str:
    if row.company is None:
        return _("%(id)s: no HubSpot company is linked to it") % {"id": row.ref_id or "–"}
    if row.ref_writer not in {None, move.new_id}:
        writer = Connection.objects.filter(pk=row.ref_writer).values_list("name", flat=True).first() or _(
            "another system"
        )
        return _("%(id)s still belongs to %(name)s") % {"id": row.ref_id, "name": writer}
    return _("%(id)s; its HubSpot company is %(company)s") % {"id": row.ref_id or "–", "company": row.company}


# --- What the pages show


def shown(move: Move) -> Finding:
    if waits := _waits(move):
        return waits
    arrived, hidden = facts.arrived(move), without_date(move)
    total, number = arrived.count(), hidden.count()
    if not total:
        return Finding(
            False, _("No customer has arrived from HubSpot."), cure=_("Look at the number of customers first.")
        )
    rows = [_preview(row) for row in (hidden if number else arrived).order_by("name", "pk")[: SHOWN if number else 5]]
    if number:
        said = _("%(n)s of %(total)s customers show no date of a sync with HubSpot.") % {
            "n": _n(number),
            "total": _n(total),
        }
        return Finding(False, said, rows, number, _("Retry the failing records, and let a sync run."))
    said = _("%(total)s customers that were here before show HubSpot and the date of its last sync: each was matched.")
    return Finding(True, said % {"total": _n(total)}, rows, len(rows))


def without_date(move: Move) -> QuerySet[Customer]:
    """What the eye preview would show: the later of the record's and, where it is linked, its block's."""
    dated = facts.arrivals(move).filter(hub_id=OuterRef("pk"))
    caught_up = Block.objects.filter(
        connection=move.new_id or 0, object="customers", caught_up_at__isnull=False
    ).exists()
    has_date = Q(synced_at__isnull=False) | (Q(state=RecordLink.State.LINKED) if caught_up else Q(pk__in=[]))
    return facts.arrived(move).filter(~Exists(dated.filter(has_date)))


def _preview(row: Customer) -> Row:
    return Row(
        row.name, _("ID %(id)s, open its preview") % {"id": row.ref_id}, reverse("hub:customer-peek", args=[row.pk])
    )


# --- Key data


def key_data(move: Move) -> Finding:
    if waits := _waits(move):
        return waits
    if move.kept_at is None:
        return Finding(False, _("There is no snapshot to compare with."), cure=_("It is taken before stage A."))
    found = keydata.compare(move, frozenset(sample_of(move)))
    same = found.in_sample - found.changed_in_sample
    said = _("Sample: %(same)s of %(sample)s as in the snapshot. All: %(good)s of %(all)s.") % {
        "same": _n(same), "sample": _n(found.in_sample), "good": _n(found.looked_at - found.changed),
        "all": _n(found.looked_at),
    }  # fmt: skip
    if found.contacts_since or found.interactions_since:
        since = (("contacts", found.contacts_since), ("interactions", found.interactions_since))
        said += " " + _("New since: %(what)s.") % {"what": ", ".join(counted(*one) for one in since if one[1])}
    rows = _whole(
        move, "changed", [Row(one.name, one.said, _customer(one.hub_id)) for one in found.first], found.changed
    )
    if not found.changed:
        return Finding(True, said)
    if word := words.accepted(move, "key-data", found.mark):
        said += " " + _("%(who)s says that the differences are right: %(why)s") % {"who": word.by, "why": word.said}
        return Finding(True, said, rows, found.changed)
    return Finding(False, said, rows, found.changed, _("Restore them from the snapshot, or say why they are right."))


# --- Completeness


def complete(move: Move) -> Finding:
    if waits := _waits(move):
        return waits
    here, there = sums.here(move), sums.there(move)
    if there is None:
        return Finding(False, _("HubSpot’s own number is not known."), cure=_("Let a complete reading of HubSpot run."))
    open_ones = sum(here.of(key) for key in sums.UNEXPLAINED)
    told = {
        "here": _n(here.total), "arrived": _n(here.of("arrived")), "stays": _n(here.of("stays")),
        "rest": _n(here.total - here.of("arrived") - here.of("stays")), "there": _n(there.total),
        "explained": _n(there.explained),
    }  # fmt: skip
    said = _("Of %(here)s customers %(arrived)s arrived, %(stays)s stay behind, %(rest)s are missing for a reason that is "
             "listed. Of %(there)s HubSpot companies %(explained)s are explained.") % told  # fmt: skip
    rows = [
        *(Row(str(one.label), _n(one.number), listed(move, "here", one.key)) for one in here.parts),
        *(Row(str(one.label), _n(one.number), listed(move, "there", one.key)) for one in there.parts),
    ]
    if here.missing or there.missing or open_ones:
        number = abs(here.missing) + abs(there.missing) + open_ones
        said += " " + _("%(n)s are not explained.") % {"n": _n(number)}
        cure = _("List HubSpot’s companies anew (chapter 1), and let a complete reading run.")
        return Finding(False, said, rows, len(rows), cure)
    return Finding(True, said, rows, len(rows))


# --- Too many


def cleanup(move: Move) -> Finding:
    if waits := _waits(move):
        return waits
    made = sums.created(move).count()
    run, too_many = sums.last_complete_run(move), sums.matched(move).count() + made - expected_of(move)
    if not made:
        return Finding(True, _("No customer was created that nobody had: there is nothing to clean up."))
    told = {"made": _n(made), "n": _n(max(too_many, 0))}
    if too_many <= 0:
        return Finding(
            True, _("%(made)s were created, no more than expected: none has to go.") % told, _created_rows(move), made
        )
    if word := words.accepted(move, "cleanup", mark_of_created(move)):
        text = _("%(made)s were created. %(who)s says that they stay: %(why)s")
        return Finding(True, text % {**told, "who": word.by, "why": word.said}, _created_rows(move), made)
    rows = [Row(_("Delete the customers that run %(n)s created") % {"n": pk}, _("with a backup, by an Admin"),
                f"{reverse('sync:hard-deletes')}?{urlencode({'run': pk})}") for pk in _creating_runs(move, run)]  # fmt: skip
    text = _("%(made)s were created, %(n)s more than expected.") % told
    return Finding(
        False,
        text,
        [*rows, *_stage_rows(move)],
        cure=_("Delete them in bulk and start from a clean base, or say that they stay."),
    )


def _creating_runs(move: Move, last: Run | None) -> Sequence[int]:
    made = Change.objects.filter(
        connection_id=move.new_id, object="customers", action="create", hub_id__in=sums.created(move).values("pk")
    )
    found = made.exclude(run_id=None).order_by("run_id").values_list("run_id", flat=True).distinct()[:5]
    return [pk for pk in found if pk] or ([last.pk] if last else [])


def mark_of_created(move: Move) -> str:
    """Of exactly those that were created: one more, and it is asked again."""
    return digest(list(sums.created(move).order_by("pk").values_list("pk", flat=True)))


def _customer(pk: int) -> str:
    return reverse("hub:customer", args=[pk])
