"""What needs a person, the gravest first: each matter says what happened, since when, and the one thing to do."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.vocabulary import STATES

from .drift_words import Told, say_all
from .durations import spoken
from .models import Connection, ConnectionState, RecordLink, Run
from .nouns import causes, counted, records, rows, writes
from .repair import Repair, lacks_scope, of_connection, of_run, sign_in_url, wanted_sign_in
from .situation import Situation, Trouble, live_of
from .words import cure, sentence

COLLIDED: Mapping[str, str | Promise] = {
    "claimed-by-several": gettext_lazy("%(things)s shared their %(label)s with another: nothing was guessed"),
    "several-hub-rows": gettext_lazy("%(things)s matched several rows here by %(label)s: nothing was guessed"),
    "hub-row-taken": gettext_lazy("%(things)s matched a row by %(label)s that another record has: nothing was guessed"),
    "rivals": gettext_lazy("%(things)s found one row here by %(label)s: nothing was guessed"),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A cure of one click: the button of an admin."""

    label: str
    url: str
    path: str
    version: int
    """Of the configuration that was looked at: another one refuses the click."""


@dataclass(frozen=True, slots=True)
class Matter:
    state: str
    """A key of accounts.vocabulary.STATES: its colour and icon."""
    title: str
    detail: str
    since: datetime | None
    url: str
    verb: str
    said: str = ""
    """The CRM's own words, where it refused."""
    offers: Sequence[Offer] = ()

    @property
    def css(self) -> str:
        return STATES[self.state].css

    @property
    def icon(self) -> str:
        return STATES[self.state].icon


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the sentences need beyond the situation itself; the bare number of matters does without."""

    samples: Mapping[int, RecordLink] = field(default_factory=dict)
    waiting: Mapping[int, int] = field(default_factory=dict)
    drifted: Mapping[int, Sequence[Told]] = field(default_factory=dict)


def number_of(situation: Situation) -> int:
    """How many matters there are, from what the rail has read anyway."""
    return sum(1 for _matter in _all(situation, _Facts()))


def matters(situation: Situation) -> list[Matter]:
    samples = RecordLink.objects.in_bulk([trouble.sample_id for trouble in situation.troubles])
    waiting = {run_id: sum(numbers.values()) for run_id, numbers in situation.held.items()}
    return list(_all(situation, _Facts(samples, waiting, situation.drifted)))


def _all(situation: Situation, facts: _Facts) -> Iterator[Matter]:
    # Silent workers stand first: while they are silent, nothing else on the list can get better.
    yield from _silent_workers(situation)
    yield from _sign_ins(situation)
    yield from _open_scopes(situation)
    yield from _held(situation, facts)
    yield from _failed(situation)
    yield from _refused(situation, facts)
    yield from _unsent(situation)
    yield from _conflicts(situation)
    yield from _collisions(situation, facts)
    yield from _suspended(situation, facts)
    yield from _changed(situation, facts)
    yield from _unmapped(situation)


def _silent_workers(situation: Situation) -> Iterator[Matter]:
    health = situation.workers
    if health.is_alive or not situation.connections:
        return
    ever = health.last_answer_at is not None
    silence = spoken(situation.now - health.last_answer_at) if health.last_answer_at else ""
    yield Matter(
        "bad",
        _("The workers have not answered for %(time)s") % {"time": silence}
        if ever
        else _("No worker has answered yet"),
        _("Nothing is read or written until they do. What was begun goes on from where it stopped."),
        health.last_answer_at,
        reverse("sync:workers"),
        _("Look at the workers"),
    )


def _sign_ins(situation: Situation) -> Iterator[Matter]:
    for connection in situation.connections:
        live = live_of(connection)
        if live.health != ConnectionState.Health.SIGN_IN:
            continue
        yield Matter(
            "key",
            _("%(name)s no longer accepts our sign-in") % {"name": connection.name},
            f"{_told(of_connection(live))} {_('What was read stays, and the next sync goes on from there.')}",
            live.health_since,
            sign_in_url(connection),
            _("Sign in again"),
        )


def _open_scopes(situation: Situation) -> Iterator[Matter]:
    for connection in situation.connections:
        live = live_of(connection)
        if not (connection.is_live and lacks_scope(live)):
            continue
        found = of_connection(live)
        way = next(iter(found.ways), None) if found else None
        yield Matter(
            "bad",
            _("%(name)s: no sync starts, for no scope is chosen") % {"name": connection.name},
            _told(found),
            live.health_since,
            way.url if way else reverse("sync:connection", args=[connection.slug]),
            way.label if way else _("Look at the connection"),
        )


def _held(situation: Situation, facts: _Facts) -> Iterator[Matter]:
    for connection in situation.connections:
        for run in situation.runs.get(connection.pk, ()):
            if run.state != Run.State.HELD:
                continue
            number = facts.waiting.get(run.pk, 0)
            yield Matter(
                "brake",
                _("%(name)s: %(rows)s held by the brake") % {"name": connection.name, "rows": rows(number)},
                f"{_told(of_run(run))} {_('Everything else of run %(run)s was applied.') % {'run': run.pk}}".strip(),
                run.finished_at or run.created_at,
                reverse("sync:run", args=[run.pk]) + "#held",
                ngettext("Look at the %(n)s row", "Look at the %(n)s rows", number) % {"n": number},
            )


def _failed(situation: Situation) -> Iterator[Matter]:
    for connection in situation.connections:
        latest = next((r for r in situation.runs.get(connection.pk, ()) if r.slot == Run.Slot.REAL), None)
        # A dead sign-in also ends its run: one matter is enough, and none once somebody has signed in again.
        if latest is None or latest.state != Run.State.FAILED or wanted_sign_in(latest):
            continue
        if live_of(connection).health == ConnectionState.Health.SIGN_IN:
            continue
        found = of_run(latest)
        way = next(iter(found.ways), None) if found else None
        yield Matter(
            "bad",
            _("%(name)s: run %(run)s failed") % {"name": connection.name, "run": latest.pk},
            _told(found) or _("Nothing was written after that."),
            latest.finished_at or latest.created_at,
            way.url if way else reverse("sync:run", args=[latest.pk]),
            way.label if way else _("See where"),
            said=found.said if found else "",
        )


def _told(found: Repair | None) -> str:
    return f"{found.why} {found.cure}".strip() if found else ""


def _troubles(situation: Situation, state: str) -> Iterator[tuple[Connection, str, Sequence[Trouble]]]:
    by_connection = defaultdict(list)
    for trouble in situation.troubles:
        if trouble.state == state:
            by_connection[trouble.connection_id].append(trouble)
    for connection in situation.connections:
        found = sorted(by_connection[connection.pk], key=attrgetter("object"))
        for object_name, group in groupby(found, key=attrgetter("object")):
            yield connection, object_name, list(group)


def _refused(situation: Situation, facts: _Facts) -> Iterator[Matter]:
    for connection, object_name, group in _troubles(situation, RecordLink.State.FAILING):
        number = sum(trouble.number for trouble in group)
        largest = max(group, key=attrgetter("number"))
        yield Matter(
            "refused",
            _("%(name)s: %(things)s refused, for %(causes)s")
            % {"name": connection.name, "things": counted(object_name, number), "causes": causes(len(group))},
            f"{_largest(largest, facts)} {_given_up(sum(trouble.given_up for trouble in group))}".strip(),
            None,
            reverse("sync:records", args=[connection.slug, object_name]) + "?state=failing",
            _("See the causes"),
        )


def _given_up(number: int) -> str:
    if not number:
        return ""
    text = ngettext(
        "%(n)s is given up: no run tries it by itself.", "%(n)s are given up: no run tries them by itself.", number
    )
    return text % {"n": intcomma(number)}


def _unsent(situation: Situation) -> Iterator[Matter]:
    """Also those that are still tried by themselves: a value that the CRM refuses is refused again."""
    for connection in situation.connections:
        number = connection.unsent  # type: ignore[attr-defined]
        if not number:
            continue
        address = reverse("sync:records", args=[connection.slug, connection.unsent_of])  # type: ignore[attr-defined]
        detail = _(
            "The hub keeps its values; the CRM has not taken them. Mend the value here, or what the CRM insists on."
        )
        yield Matter(
            "refused",
            _("%(name)s: %(writes)s not taken by the CRM") % {"name": connection.name, "writes": writes(number)},
            f"{detail} {_given_up(connection.unsent_given_up)}".strip(),  # type: ignore[attr-defined]
            connection.unsent_since,  # type: ignore[attr-defined]
            f"{address}?state=unsent",
            _("See the causes"),
        )


def _largest(trouble: Trouble, facts: _Facts) -> str:
    sample = facts.samples.get(trouble.sample_id)
    if sample is None:
        return ""
    return _("%(records)s like %(name)s: %(why)s") % {
        "records": records(trouble.number),
        "name": sample.name or sample.source_id,
        "why": sentence(sample.reason_code, sample.reason_params) if sample.reason_code else "",
    }


def _collisions(situation: Situation, facts: _Facts) -> Iterator[Matter]:
    for connection, object_name, group in _troubles(situation, RecordLink.State.COLLISION):
        for trouble in group:
            sample = facts.samples.get(trouble.sample_id)
            yield Matter(
                "collision",
                f"{connection.name}: {_collided(trouble, sample.reason_params if sample else {})}",
                cure(trouble.reason_code, sample.reason_params) if sample else "",
                None,
                f"{reverse('sync:collisions')}?connection={connection.slug}&object={object_name}",
                _("Tell them apart"),
            )


def _conflicts(situation: Situation) -> Iterator[Matter]:
    for connection in situation.connections:
        number = connection.open_conflicts  # type: ignore[attr-defined]
        if not number:
            continue
        said = {"name": connection.name, "n": intcomma(number)}
        text = ngettext(
            "%(name)s: both sides changed %(n)s field, and its rule asks you",
            "%(name)s: both sides changed %(n)s fields, and their rules ask you",
            number,
        )
        yield Matter(
            "conflict",
            text % said,
            _("Both sides keep what they have until somebody chooses."),
            connection.conflicts_since,  # type: ignore[attr-defined]
            f"{reverse('sync:conflicts')}?connection={connection.slug}",
            ngettext("Decide %(n)s conflict", "Decide %(n)s conflicts", number) % {"n": intcomma(number)},
        )


def _collided(trouble: Trouble, params: Mapping[str, Any]) -> str:
    said = {"things": counted(trouble.object, trouble.number), "label": params.get("label", _("a key"))}
    text = COLLIDED.get(trouble.reason_code, _("%(things)s could not be told apart: nothing was guessed"))
    if trouble.reason_code == "claimed-by-several" and trouble.number == params.get("count"):
        text = _("%(things)s share one %(label)s: nothing was guessed")
    return str(text) % said


def _suspended(situation: Situation, facts: _Facts) -> Iterator[Matter]:
    for connection in situation.connections:
        number = connection.suspended  # type: ignore[attr-defined]
        if not number:
            continue
        told = [one for one in facts.drifted.get(connection.pk, ()) if one.rests]
        yield Matter(
            "suspended",
            ngettext("%(name)s: %(n)s mapping line is suspended", "%(name)s: %(n)s mapping lines are suspended", number)
            % {"name": connection.name, "n": number},
            _("%(what)s. All other lines go on.") % {"what": say_all(one.as_details for one in told)} if told else "",
            min((one.since for one in told), default=None),
            _mapping_of(connection, told),
            _("Choose a successor"),
            offers=[offer for one in told for offer in _offers(connection, one)],
        )


def _changed(situation: Situation, facts: _Facts) -> Iterator[Matter]:
    """Lines that go on, fields that the CRM has come to insist on, and the lost field for our key: settled when somebody
    saves the mapping."""
    for connection in situation.connections:
        number = connection.noticed + connection.required + connection.keyless  # type: ignore[attr-defined]
        if not number:
            continue
        told = [one for one in facts.drifted.get(connection.pk, ()) if not one.rests]
        yield Matter(
            "suspended",
            _("%(name)s: its CRM is no longer as it was when the mapping was saved") % {"name": connection.name},
            _("%(what)s. The sync goes on.") % {"what": say_all(one.as_details for one in told)} if told else "",
            min((one.since for one in told), default=None),
            _mapping_of(connection, told),
            _("Look at the mapping"),
        )


def _mapping_of(connection: Connection, told: Sequence[Told]) -> str:
    if not told:
        return reverse("sync:connection", args=[connection.slug])
    first = told[0]
    address = reverse("sync:mapping", args=[connection.slug, first.object])
    return f"{address}#row-{first.hub_field}" if first.hub_field else address


def _offers(connection: Connection, told: Told) -> Iterator[Offer]:
    for path, label in told.successors:
        text = _("Map to %(label)s instead of %(lost)s") % {"label": label, "lost": told.label}
        address = reverse("sync:succeed", args=[connection.slug, told.object, told.hub_field])
        yield Offer(text, address, path, connection.version)


def _unmapped(situation: Situation) -> Iterator[Matter]:
    names = {connection.pk: connection for connection in situation.connections}
    for found in situation.unmapped:
        connection = names[found.connection_id]
        said = {"name": connection.name, "things": counted(found.object, found.number), "label": found.label}
        text = ngettext(
            "%(name)s: %(things)s has a value of %(label)s that nothing is mapped to",
            "%(name)s: %(things)s have a value of %(label)s that nothing is mapped to",
            found.number,
        )
        address = reverse("sync:mapping", args=[connection.slug, found.object])
        yield Matter(
            "suspended",
            text % said,
            _("They keep what they have here. Once the value is mapped, the next sync takes it."),
            None,
            f"{address}#row-{found.field}",
            _("Map the values"),
        )
