"""The state machine over the paper CRM: some histories at every run; CI and `make soak` play thousands, in rounds."""

import math
import os

import pytest

from tests.contract.machine import CONFIGURATIONS, Rules, play

from .paper_side import PaperSide

EXAMPLES = int(os.environ.get("HISTORIES") or 80)


@pytest.mark.django_db
@pytest.mark.requirement("I1", "I2", "I3", "I4", "I5", "I7", "F3", "F5", "F6", "F12", "F17", "F25", "F34", "F35")
@pytest.mark.parametrize("rules_of_lines", CONFIGURATIONS, ids="-".join)
def test_two_sides_end_equal_whatever_happens(rules_of_lines: Rules) -> None:
    """A shard for each way of deciding, so that they spread over the processors."""
    play(PaperSide(rules_of_lines), rules_of_lines, math.ceil(EXAMPLES / len(CONFIGURATIONS)))
