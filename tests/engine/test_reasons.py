import ast
import string
from pathlib import Path

import pytest

import integrations.engine
from integrations.engine.reasons import SENTENCES, Params, Reason

ENGINE = Path(integrations.engine.__file__).parent
CODE_LIKE = {"refused", "_refused", "Reason", "CannotTransformError"}
PARAMS: Params = {
    "system": "Salesforce", "label": "Domain", "value": "acme.example", "count": 3, "keys": "Domain acme.example",
    "other": "001B", "length": 40000, "limit": 255, "low": "1", "high": "5", "survivor": "001C", "former": "001F", "parent": "001D",
    "depth": 3, "members": "001A, 001B", "linked": 240, "stage": "run", "view": "All Accounts", "field": "Tier__c",
    "before": "picklist", "after": "text", "by": "Inès", "code": "X", "message": "no", "run": 7, "number": 12, "percent": 10,
    "currency": "EUR", "start": "2026-01-01", "end": "2025-01-01",
    "title": "Renewal", "day": "2026-01-01",
}  # fmt: skip
NEED_A_CURE = {
    "claimed-by-several", "several-hub-rows", "hub-row-taken", "rivals", "too-long", "not-a-number",
    "not-a-whole-number", "too-large", "out-of-range", "not-a-date", "date-has-time", "not-a-moment", "not-yes-no",
    "not-an-email", "bad-argument", "unknown-transform", "output-only", "hub-row-gone", "excluded-by-hand",
    "out-of-scope", "customer-out-of-scope", "no-customer", "left-scope", "deleted-in-crm", "merged-in-crm",
    "missing-twice", "source-moved", "hub-moved", "row-arrived", "not-found", "crashed-record", "held-by-brake", "misconfigured",
    "view-gone", "field-gone", "field-type-changed", "own-domain", "ask", "ask-unknown",
    "likely-duplicate", "same-calendar-id", "namesake", "cut", "waits-for-row", "waits-keyless",
    "nothing-goes-out", "no-scope",
}  # fmt: skip
FOR_THE_RUNNER = {"scope-entered", "missing-once"}


def codes_in_engine() -> set[str]:
    """Every text constant of the rules that stands where a reason's code is made or returned."""
    codes: set[str] = set()
    for path in ENGINE.glob("*.py"):
        if path.name == "reasons.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in CODE_LIKE and node.args:
                first = node.args[0]
                branches = (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,)
                codes |= {b.value for b in branches if isinstance(b, ast.Constant) and isinstance(b.value, str)}
    return codes


def fields_of(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_engine_codes_each_have_a_sentence():
    found = codes_in_engine()

    assert len(found) > 35
    assert found - SENTENCES.keys() == set()


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_sentence_formats_with_known_parameters(code):
    sentence = SENTENCES[code]

    text = str(Reason(code, PARAMS))

    assert fields_of(sentence.why) | fields_of(sentence.cure) <= PARAMS.keys()
    assert text[0].isupper() or text[0].isdecimal()
    assert text.endswith((".", "”."))
    assert "{" not in text + Reason(code, PARAMS).cure


@pytest.mark.requirement("C14")
@pytest.mark.parametrize("code", sorted(NEED_A_CURE))
def test_refusal_names_a_cure(code):
    cure = Reason(code, PARAMS).cure

    assert cure.endswith(".")
    assert cure != str(Reason(code, PARAMS))


def test_reasons_of_the_runner_exist():
    missing = (NEED_A_CURE | FOR_THE_RUNNER) - SENTENCES.keys()

    assert missing == set()


def test_settled_pair_sentence_names_the_system():
    assert str(Reason("only-crm-moved", {"system": "HubSpot"})) == ("Only HubSpot changed it; the hub did not.")
