"""Pipelines, their steps, sources, labels and saved views: what a client reads once."""

from integrations.simulation.messages import Request, Response

from .account import Account
from .filters import body
from .kind import Condition, Kind
from .listing import listed, searched
from .rules import verified
from .sales import DEAL, FAVOURITE, SOURCE, STEP, STEP_RANK
from .verbs import Handler, nothing
from .writing import check_references


def favourites_of(kind: Kind) -> Handler:
    def read(account: Account, request: Request) -> Response:
        return listed(account, request, FAVOURITE, [(f"{body('object')} = ?", [kind.name])])

    return read


def _in_pipeline(number: str) -> Condition:
    return f"{body('pipeline')} = ?", [int(number)]


def steps_of(account: Account, request: Request, pipeline: str) -> Response:
    account.must_get("pipeline", pipeline)
    return listed(account, request, STEP, [_in_pipeline(pipeline)])


def search_steps_of(account: Account, request: Request, pipeline: str) -> Response:
    account.must_get("pipeline", pipeline)
    return searched(account, request, STEP, [_in_pipeline(pipeline)])


def sources_of(account: Account, request: Request, category: str) -> Response:
    return listed(account, request, SOURCE, [(f"{body('category_id')} = ?", [int(category)])])


def rank_deal(account: Account, request: Request, number: str) -> Response:
    """Before another one of its step, or at the end of it."""
    record = account.must_get(DEAL.name, number)
    sent = verified(STEP_RANK, request.json)
    check_references(account, DEAL.name, {"step": sent["step"]})
    account.faults.on_write()
    step = account.must_get("step", sent["step"])
    before = sent.get("before_sibling")
    sibling = account.must_get(DEAL.name, before) if before else None
    rank = (sibling.body.get("step_rank") or 0) - 1 if sibling else int(record.id)
    record.body.update(step=sent["step"], pipeline=step.body["pipeline"], step_rank=rank)
    account.store.write(record)
    return nothing()
