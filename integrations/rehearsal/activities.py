"""What the team of the made-up world did with its customers: calls, meetings, e-mails and notes of the last year and a half."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from .world import SEED, World

KINDS = ("call", "call", "meeting", "email", "email", "old email", "note", "paper note", "task note", "open task")
SUBJECTS = {
    "call": ("Monthly check-in", "Question about the invoice", "Adoption review", "Renewal talk", "Call back about the import"),
    "meeting": ("Quarterly review", "Kick-off", "Training for key users", "Roadmap session", "Success plan workshop"),
    "email": ("Your question about exports", "Summary of our meeting", "New release", "Thank you for the feedback"),
    "note": ("Who decides what", "Wishes for next year", "Reorganisation ahead", "What they measure"),
    "open task": ("Send the updated offer", "Prepare the review"),
}  # fmt: skip
TEXTS = (
    "They are content with the first month. Two more teams want to start in spring.",
    "Numbers of active users are up. The report on usage is read by the whole board.",
    "They wait for the export of invoices; promised an answer within the week.",
    "New sponsor since this month. An introduction is planned.\nThe old one moves to another subsidiary.",
    "Short one: all fine & on time <no open points>.",
)
LONGEST_AGO = 540
"""Days; what lies back further than a year is in the archive of a CRM that has one."""


@dataclass(frozen=True, slots=True)
class Activity:
    number: int
    kind: str
    company: int
    person: int | None
    address: str | None
    owner: int
    subject: str
    text: str
    days_ago: int
    hour: int
    minutes: int
    incoming: bool


def activities(world: World) -> Iterator[Activity]:
    """Of customers only, none in the worlds of a size: those are for counting."""
    if world.accounts is not None:
        return
    rng = random.Random(SEED + 2)
    people = {person.company: person for person in world.people() if person.company}
    number = 0
    for company in world.companies():
        for _ in range(rng.choice((0, 1, 2, 4)) if "customer" in company.relation else 0):
            number += 1
            kind, person = rng.choice(KINDS), people.get(company.number)
            sort = "email" if "email" in kind else "note" if "note" in kind else kind
            yield Activity(
                number, kind, company.number, person.number if person else None, person.email if person else None,
                company.manager or company.owner, rng.choice(SUBJECTS[sort]), rng.choice(TEXTS),
                rng.randrange(1, LONGEST_AGO), rng.randrange(7, 16), rng.choice((10, 15, 30, 45, 60)), rng.random() < 0.4,
            )  # fmt: skip
