"""How deals look in a Pipedrive account: two pipelines, statuses beside the stages, archived ones, and a few leads."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from integrations.pipedrive.simulator import PipedriveBook

from .deals import Deal, deals
from .pipedrive_fields import CustomFields
from .pipedrive_users import user_id
from .world import BEGINNING, Company, World

Row = dict[str, Any]
Loaded = tuple[int | str, Row, datetime, datetime]
PIPELINES = (
    ("Pipeline", ("Qualified", "Contact Made", "Demo Scheduled", "Proposal Made", "Negotiations Started")),
    ("Renewals", ("Renewal due", "Renewal offered", "Renewal agreed")),
)
PLAIN_FROM = 100_000
"""Numbers of the deals that were noted with a title and a value only."""
ARCHIVED_EVERY = 40
LEADS_EVERY = 9


def fill(book: PipedriveBook, fields: CustomFields, world: World) -> None:
    book.load("pipeline", _pipelines())
    book.load("stage", _stages())
    told = list(deals(world))
    with_deal = {one.company.number for one in told}
    maker = _Maker(fields)
    book.load("deal", ((one.company.number, maker.deal(one), _at(one), _at(one)) for one in told))
    book.load(
        "deal", (row for company in world.companies() if company.number not in with_deal for row in _plain(company))
    )
    if world.accounts is None:
        book.load(
            "lead",
            (_lead(one) for one in world.companies() if one.relation == "prospect" and one.number % LEADS_EVERY == 0),
        )


def _pipelines() -> Iterator[Loaded]:
    for number, (name, _) in enumerate(PIPELINES, 1):
        yield number, {"name": name, "order_nr": number, "is_deal_probability_enabled": True}, BEGINNING, BEGINNING


def _stages() -> Iterator[Loaded]:
    number = 0
    for pipeline, (_, names) in enumerate(PIPELINES, 1):
        for order, name in enumerate(names, 1):
            number += 1
            body = {
                "name": name, "order_nr": order, "pipeline_id": pipeline, "deal_probability": 100,
                "is_deal_rot_enabled": False,
                "days_to_rotten": None,
            }  # fmt: skip
            yield number, body, BEGINNING, BEGINNING


def _base(company: Company, title: str, value: float) -> Row:
    owner = user_id(company.owner)
    return {
        "title": title, "creator_user_id": owner, "owner_id": owner, "value": value, "currency": "EUR",
        "org_id": company.number,
        "person_id": None, "pipeline_id": 1, "stage_id": 5, "status": "open", "visible_to": 3, "label_ids": [],
        "is_archived": False, "origin": "ManuallyCreated", "acv": None, "arr": None, "mrr": None,
    }  # fmt: skip


def _plain(company: Company) -> Iterator[Loaded]:
    """Whoever pays has won once, whoever left has one that was lost afterwards."""
    status = {"customer": "won", "channel customer": "won", "former": "lost"}.get(company.relation)
    if status:
        at = _moment(company.changed)
        body = _base(company, f"{company.name[:100]} deal", float(company.spend or 0))
        body |= {"status": status, f"{status}_time": at, "close_time": at}
        if status == "lost":
            body["lost_reason"] = "Chose another supplier"
        elif company.number % ARCHIVED_EVERY == 0:
            body |= {"is_archived": True, "archive_time": at}
        yield PLAIN_FROM + company.number, body, company.changed, company.changed


class _Maker:
    def __init__(self, fields: CustomFields) -> None:
        self._fields = fields

    def deal(self, one: Deal) -> Row:
        renewal = one.company.number % 2 == 0
        body = _base(one.company, f"{one.company.name[:100]} plan", float(one.yearly or 0))
        body |= {
            "currency": one.currency,
            "pipeline_id": 2 if renewal else 1,
            "stage_id": self._stage(one, renewal=renewal),
        }
        if one.is_won:
            at = _moment(datetime(one.closed.year, one.closed.month, one.closed.day, 12, tzinfo=UTC))
            body |= {"status": "won", "won_time": at, "close_time": at}
        body["expected_close_date"] = one.closed.isoformat()
        return {**body, "custom_fields": self._custom(one)}

    def _stage(self, one: Deal, *, renewal: bool) -> int:
        if one.is_won:
            return 8 if renewal else 5
        return 6 + one.step % 3 if renewal else 1 + one.step % 5

    def _custom(self, one: Deal) -> Row:
        money = lambda amount: None if amount is None else {"value": float(amount), "currency": one.currency}  # noqa: E731
        values = {
            "Plan": self._fields.option("deal", "Plan", one.plan),
            "Contract period": {"value": one.starts.isoformat(), "until": one.ends.isoformat()},
            "Contract start": one.starts.isoformat(), "Term in months": one.months,
            "Notice date": one.notice.isoformat() if one.notice else None, "Setup fee": money(one.fee),
            "Monthly fee": money(one.monthly), "Renewal terms": one.renewal,
        }  # fmt: skip
        return {self._fields.key("deal", name): value for name, value in values.items() if value is not None}


def _lead(company: Company) -> Loaded:
    owner = user_id(company.owner)
    body = {
        "title": f"{company.name[:100]} lead", "owner_id": owner, "creator_id": owner, "label_ids": [],
        "person_id": None,
        "org_id": company.number, "source_name": "Manually created", "origin": "ManuallyCreated", "is_archived": False,
        "was_seen": True, "value": {"amount": 1000 + company.number, "currency": "EUR"}, "visible_to": 3,
        "custom_fields": {},
    }  # fmt: skip
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"lead {company.number}")), body, company.changed, company.changed


def _at(one: Deal) -> datetime:
    return one.company.changed


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
