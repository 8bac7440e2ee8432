"""Which object of an organisation may hold its agreements, what ties it to an account, and which of its records belong."""

from collections.abc import Iterable, Mapping
from typing import Any

from integrations.setup.guided import Candidate
from integrations.sync.blocks import AgreementSource

from .scope import ITSELF, Source

ACCOUNT, OPPORTUNITY, CONTRACT = "Account", "Opportunity", "Contract"
USUAL = (OPPORTUNITY, ACCOUNT, CONTRACT)
ALSO_STANDARD = ("Order", "Asset", "ServiceContract", "Quote")
"""Standard objects in which an organisation may keep what a customer has bought."""
USUAL_LOOKUP = "AccountId"
NAMES = {CONTRACT: "ContractNumber", "Order": "OrderNumber"}
"""Objects whose records are called by a number."""
MARKS = ("IsWon", "IsClosed")
WON = "IsWon = true AND IsClosed = true"
PREFIXES = {"001": ACCOUNT, "006": OPPORTUNITY, "800": CONTRACT}
FIRST_CHOICE = AgreementSource(OPPORTUNITY, USUAL_LOOKUP)


def chosen_source(settings: Mapping[str, Any]) -> AgreementSource:
    """As saved; where nothing is said yet, opportunities."""
    saved = AgreementSource.read(settings)
    return saved if saved.source else FIRST_CHOICE


def source_of(choice: AgreementSource, view_condition: str) -> Source:
    """Without a view: of opportunities the won ones, of anything else all that hangs on an account in scope."""
    is_won_only = choice.source == OPPORTUNITY and not choice.view
    return Source(
        choice.source,
        ITSELF if choice.source == ACCOUNT else choice.customer_field or USUAL_LOOKUP,
        NAMES.get(choice.source, "Name"),
        WON if is_won_only else view_condition,
        MARKS if is_won_only else (),
    )


def candidates(objects: Iterable[Mapping[str, Any]], children: Iterable[Mapping[str, Any]]) -> list[Candidate]:
    """The usual ones first. `objects`: all of the organisation; `children`: what points to an account, as its describe says."""
    lookups: dict[str, tuple[str, ...]] = {ACCOUNT: (ITSELF,)}
    for child in children:
        name, field = str(child["childSObject"]), str(child["field"])
        if name != ACCOUNT and not child.get("deprecatedAndHidden"):
            lookups[name] = tuple(dict.fromkeys((*lookups.get(name, ()), field)))
    found = [
        Candidate(one["name"], one["labelPlural"], _usual_first(lookups[one["name"]]))
        for one in objects
        if one["name"] in lookups and may_hold(one)
    ]
    return sorted(found, key=_rank)


def may_hold(described: Mapping[str, Any]) -> bool:
    """Shares, histories and the like of a custom object end in another way than the object itself."""
    is_readable = described.get("queryable") and described.get("replicateable")
    is_own = described["name"].endswith("__c") and not described.get("customSetting")
    return bool(is_readable and (is_own or described["name"] in {*USUAL, *ALSO_STANDARD}))


def _usual_first(lookups: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(lookups, key=lambda field: field != USUAL_LOOKUP))


def _rank(one: Candidate) -> tuple[int, str]:
    known = (*USUAL, *ALSO_STANDARD)
    return (known.index(one.object), "") if one.object in known else (len(known), one.label.casefold())
