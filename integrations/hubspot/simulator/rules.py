"""What an account's own people require of a record: since 2026-09 the API obeys it too, the older versions do not."""

from collections.abc import Mapping
from typing import Any

from .errors import invalid_values
from .kinds import Kind
from .portal import Portal
from .values import Flaw

OBEYED_BY = ("2026-09",)


def check_rules(portal: Portal, kind: Kind, kept: Mapping[str, str], before: Mapping[str, Any], version: str) -> None:
    """Rules are kept as {"companies": {"always": [names], "when": {"lifecyclestage=customer": [names]}}}."""
    rules = portal.store.state("rules", {}).get(kind.name)
    if rules is None or version not in OBEYED_BY:
        return
    after = {**before, **kept}
    # A rule looks at what this write says: an old record that breaks it may still be changed elsewhere.
    flaws = [
        _flaw("MISSING_REQUIRED_PROPERTY", name)
        for name in rules.get("always", ())
        if not after.get(name) and (not before or name in kept)
    ]
    for condition, names in rules.get("when", {}).items():
        name, _, value = condition.partition("=")
        if kept.get(name) == value:
            flaws += [_flaw("MISSING_CONDITIONAL_REQUIRED_PROPERTY", one) for one in names if not after.get(one)]
    if flaws:
        raise invalid_values(flaws)


def _flaw(code: str, name: str) -> Flaw:
    return {"message": f'Property "{name}" is required.', "error": code, "name": name}
