"""Whatever is sent to any route, the answer is an answer."""

import random
import re
from typing import Any

from integrations.rehearsal.practice_pipedrive import PracticePipedrive

from .caller import BASE

VALUES: list[Any] = [
    None, "", "x", 0, 1, -1, 3.5, True, [], {}, [1], ["a"], {"a": 1}, [{}], [{"value": 1}], [{"person_id": 1}], "2026-01-01",
    "2026-01-01T00:00:00Z", 10**30, "\x00", {"glue": "and", "conditions": [{"glue": "and", "conditions": [1]}]},
    {"value": 1, "currency": "EUR"}, 25_455_001,
]  # fmt: skip
KEYS = (
    "name", "title", "owner_id", "custom_fields", "address", "emails", "phones", "org_id", "person_id", "deal_id",
    "content",
    "status", "stage_id", "pipeline_id", "value", "done", "participants", "due_date", "subject", "field_name",
    "field_type",
    "options", "conditions", "type", "visible_to", "label_ids", "merge_with_id", "rel_owner_org_id",
    "rel_linked_org_id",
    "organization_id", "add_time", "is_archived", "email", "active_flag", "icon_key", "required_fields", "lost_reason",
)  # fmt: skip
PARAMETERS = (
    "limit", "start", "cursor", "ids", "owner_id", "filter_id", "updated_since", "sort_by", "include_fields",
    "status", "term",
    "fields", "entity_type", "field", "org_id", "since_timestamp", "items", "sort", "folder",
)  # fmt: skip
TEXTS = (
    "",
    "0",
    "1",
    "-1",
    "abc",
    "1,2",
    "9" * 24,
    "2026-01-01T00:00:00Z",
    "2026-01-01 00:00:00",
    "update_time",
    "name",
    "organization",
)
NUMBERS = ("1", "2", "abc", "0", "9" * 24)


def test_no_input_breaks_a_route(practice: PracticePipedrive) -> None:
    rng = random.Random(11)
    session = practice.session()
    session.headers.update(practice.headers())
    statuses = set()

    for call in list(practice.app.data_routes) * 8:
        path = _path(rng, call.pattern.pattern)
        params = {key: rng.choice(TEXTS) for key in rng.sample(PARAMETERS, 2)} if call.method == "GET" else {}
        body: Any = {key: rng.choice(VALUES) for key in rng.sample(KEYS, 4)} | {
            "name": "N",
            "title": "T",
            "content": "C",
        }
        sent = None if call.method == "GET" else rng.choice([body, body, body, rng.choice(VALUES)])
        answer = session.request(call.method, BASE + path, json=sent, params=params)
        statuses.add(answer.status_code)
        assert answer.json()["success"] in (True, False), (call.method, path, sent, params)

    assert {200, 201, 400, 404} <= statuses <= {200, 201, 400, 403, 404, 410}


def _path(rng: random.Random, pattern: str) -> str:
    path = pattern.replace("(?:/api)?", "/api").removesuffix("/?")
    path = re.sub(r"\(\?P<\w+>\[\^/\]\+\)", lambda _: rng.choice(NUMBERS), path)
    return re.sub(r"\(\?P<\w+>([^)]*)\)", lambda match: rng.choice(match[1].split("|")), path)
