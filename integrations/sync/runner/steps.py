"""Which steps a run takes, in order: read, then decide over the whole stage, then apply. Fixed when the run begins."""

from collections.abc import Mapping, Sequence

from ..models import Run

# Deletions are read first: a record that is listed afterwards is alive, whatever was deleted under its id before.
DECIDE = ("discard", "match", "plan", "hang", "absent")


def steps_of(kind: str, objects: Sequence[str], since: Mapping[str, str | None]) -> list[str]:
    """ "customers.all", "contacts.match", …: an object and what is done with it, or a step of the whole run."""
    if kind == Run.Kind.APPLY:
        return ["adopt", "verify", "apply", "finish"]
    read = _delta(objects) if kind == Run.Kind.DELTA else _complete(objects, since)
    decide = [f"{name}.{step}" for name in objects for step in DECIDE if (name, step) != ("contacts", "hang")]
    return [*read, *decide, "brake", *(["finish"] if kind == Run.Kind.PREVIEW else ["apply", "finish"])]


def _complete(objects: Sequence[str], since: Mapping[str, str | None]) -> list[str]:
    deleted = [f"{name}.deleted" for name in objects if since.get(name)]
    return [*deleted, *(f"{name}.all" for name in objects), *(f"{name}.evidence" for name in objects)]


def _delta(objects: Sequence[str]) -> list[str]:
    steps = []
    if "customers" in objects:
        steps += ["customers.deleted", "customers.changed", "customers.ids", "customers.entered", "customers.evidence"]
    if "contacts" in objects:
        steps += ["contacts.deleted", "contacts.changed", "contacts.dependents"]
    return steps
