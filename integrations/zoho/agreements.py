"""Which module of an organisation may hold its agreements, what ties it to an account, and which of its records belong."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from integrations.setup.guided import Candidate
from integrations.sync.blocks import AgreementSource

from .coql import is_one_of
from .schema import Described
from .scope import ACCOUNTS, ITSELF, NAMES, Source

DEALS, STAGE = "Deals", "Stage"
USUAL = (DEALS, ACCOUNTS)
ALSO_STANDARD = ("Quotes", "Sales_Orders", "Invoices")
"""Standard modules in which an organisation may keep what a customer has bought."""
USUAL_LOOKUP = "Account_Name"
SUBJECTS = dict.fromkeys(ALSO_STANDARD, "Subject")
WON = "Closed Won"
"""How Zoho forecasts a stage, whatever its name."""
FIRST_CHOICE = AgreementSource(DEALS, USUAL_LOOKUP)


def chosen_source(settings: Mapping[str, Any]) -> AgreementSource:
    """As saved; where nothing is said yet, deals."""
    saved = AgreementSource.read(settings)
    return saved if saved.source else FIRST_CHOICE


def source_of(choice: AgreementSource, view_condition: str, won: Sequence[str] = ()) -> Source:
    """Without a view: of deals the won ones, of anything else all that hangs on an account in scope."""
    is_won_only = asks_for_won(choice)
    return Source(
        choice.source,
        ITSELF if choice.source == ACCOUNTS else choice.customer_field or USUAL_LOOKUP,
        NAMES.get(choice.source) or SUBJECTS.get(choice.source, "Name"),
        is_one_of(STAGE, won) if is_won_only and won else view_condition,
        STAGE if is_won_only else "",
        tuple(won) if is_won_only else (),
    )


def asks_for_won(choice: AgreementSource) -> bool:
    return choice.source == DEALS and not choice.view


def won_of_fields(described: Described) -> tuple[str, ...]:
    """The stages that mean won, where the field itself tells it."""
    stages = (described.raw.get(STAGE) or {}).get("pick_list_values") or ()
    return tuple(str(one["actual_value"]) for one in stages if one.get("forecast_type") == WON)


def won_of_pipelines(pipelines: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    maps = (one for pipeline in pipelines for one in pipeline.get("maps") or ())
    return tuple(dict.fromkeys(str(one["actual_value"]) for one in maps if one.get("forecast_type") == WON))


def may_hold(module: Mapping[str, Any]) -> bool:
    """Modules of the organisation's own; subforms and linking modules are no records that anybody opens."""
    is_own = module.get("generated_type") == "custom"
    is_open = module.get("api_supported", True) and module.get("viewable", True)
    return bool(is_open and (is_own or module["api_name"] in {*USUAL, *ALSO_STANDARD}))


def candidate_of(module: Mapping[str, Any], described: Described) -> Candidate | None:
    """None where nothing in it leads to an account."""
    name = str(module["api_name"])
    lookups = (ITSELF,) if name == ACCOUNTS else described.lookups_to(ACCOUNTS)
    usual_first = tuple(sorted(lookups, key=lambda field: field != USUAL_LOOKUP))
    return Candidate(name, str(module.get("plural_label") or name), usual_first) if usual_first else None


def rank(one: Candidate) -> tuple[int, str]:
    known = (*USUAL, *ALSO_STANDARD)
    return (known.index(one.object), "") if one.object in known else (len(known), one.label.casefold())
