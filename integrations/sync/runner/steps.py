"""Which steps a run takes, in order: read, then decide over the whole stage, then apply, then send. Fixed when the run begins.

Only what a person lets through, a preview or what the brake held, is looked at once more first.
"""

from collections.abc import Mapping, Sequence

from integrations.engine.mapping import Mode

from ..connector import ObjectAbility
from ..models import Run

# Deletions are read first: a record that is listed afterwards is alive, whatever was deleted under its id before.
OF_CUSTOMERS = ("deleted", "changed", "ids", "entered", "evidence", "wanted")
OF_CUSTOMERS_THAT_SAY_IT = ("deleted", "changed", "wanted")
OF_THE_REST = ("deleted", "changed", "dependents", "wanted")
DECIDE = ("discard", "match", "plan", "hang", "absent")
APPLY = ("apply", "send", "finish")
RECHECK = ("verify", "customers.returned")
"""Before a preview, or what the brake held, is applied after all: hours may have passed, and the CRM goes on."""
SHARED = frozenset({"deleted", "changed", "dependents", "all"})
"""Steps that one data type can take for others of its walk."""
OF_A_TIME = frozenset({"deleted", "changed"})
"""Of those, the ones that begin where the last reading ended: only who stands at the same moment goes together."""


def steps_of(
    kind: str,
    modes: Mapping[str, str],
    since: Mapping[str, str | None],
    *,
    walks: Mapping[str, ObjectAbility] | None = None,
    is_owed_answers: bool = False,
    lists_customers: bool = True,
) -> list[str]:
    """ "customers.all", "contacts.match", …: a data type and what is done with it, or a step of the whole run.

    `modes`: data type → its block's mode. One that only goes out is not read at all. `walks`: what the CRM
    offers for each, the walks that it shares with others among it. `is_owed_answers`: an earlier run ended before the CRM had answered all that was sent.
    `lists_customers`: whether a delta asks who is in scope.
    """
    # Before anything is read or applied: a record that was made there without a word would be taken for a new one.
    owed = ["answers"] if is_owed_answers else []
    if kind == Run.Kind.APPLY:
        return [*owed, "adopt", *RECHECK, *APPLY]
    reading = [name for name, mode in modes.items() if mode != Mode.OUTPUT]
    separate = _delta(reading, lists_customers) if kind == Run.Kind.DELTA else _complete(reading, since)
    read = _together(separate, walks or {}, since)
    decide = [f"{name}.{step}" for name in reading for step in DECIDE if step != "hang" or name == "customers"]
    # After everything that was read is decided: what changed here meets what was learned there.
    outgoing = [f"{name}.outgoing" for name in modes]
    if kind == Run.Kind.PREVIEW:
        return [*read, *decide, *outgoing, "brake", "finish"]
    return [*owed, *read, *decide, *outgoing, "brake", *APPLY]


def _complete(objects: Sequence[str], since: Mapping[str, str | None]) -> list[str]:
    deleted = [f"{name}.deleted" for name in objects if since.get(name)]
    # Records that did not change are merely seen: those that somebody asked for are read by id and decided all the same.
    rest = [f"{name}.{step}" for step in ("wanted", "evidence") for name in objects]
    return [*deleted, *(f"{name}.all" for name in objects), *rest]


def _delta(objects: Sequence[str], lists_customers: bool) -> list[str]:
    of_customers = OF_CUSTOMERS if lists_customers else OF_CUSTOMERS_THAT_SAY_IT
    return [f"{name}.{step}" for name in objects for step in (of_customers if name == "customers" else OF_THE_REST)]


def _together(steps: Sequence[str], walks: Mapping[str, ObjectAbility], since: Mapping[str, str | None]) -> list[str]:
    """Of data types that share a walk only the first one walks."""
    led: set[tuple[str, ...]] = set()
    kept = []
    for step in steps:
        name, _, kind = step.rpartition(".")
        walk = _walk(walks, name, kind)
        shared = (walk, kind, (since.get(name) or "") if kind in OF_A_TIME else "")
        if walk and shared in led:
            continue
        led.add(shared)
        kept.append(step)
    return kept


def led_by(
    name: str, kind: str, steps: Sequence[str], walks: Mapping[str, ObjectAbility], since: Mapping[str, str | None]
) -> list[str]:
    """The data types that have no such step of their own because this one takes it for them."""
    walk = _walk(walks, name, kind)
    others = (one for one in walks if walk and _walk(walks, one, kind) == walk and f"{one}.{kind}" not in steps)
    return [one for one in others if kind not in OF_A_TIME or since.get(one) == since.get(name)]


def _walk(walks: Mapping[str, ObjectAbility], name: str, kind: str) -> str:
    ability = walks.get(name) if kind in SHARED else None
    if ability is None:
        return ""
    return (ability.walk_of_deleted if kind == "deleted" else "") or ability.walk
