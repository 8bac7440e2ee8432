"""What people typed in the course of a history, and what may therefore stand at its end: no edit is lost unseen."""

from dataclasses import dataclass, field
from typing import Any

from integrations.engine.merge import same
from integrations.engine.values import is_blank

Place = tuple[str, str]
"""Record or hub row, and field."""
UNIQUE = {"name": "{} {}", "domain": "n{1}.{0}"}


@dataclass(frozen=True, slots=True)
class Word:
    """The last thing that somebody typed into a field of one side; turn 0: it stood there when the history began."""

    turn: int
    value: Any
    is_unique: bool = False
    """Nobody ever typed it elsewhere, so that it is certain that its side moved."""
    in_a_run: bool = False


@dataclass
class Typed:
    turn: int = 0
    there: dict[Place, Word] = field(default_factory=dict)
    here: dict[Place, Word] = field(default_factory=dict)
    merged: set[str] = field(default_factory=set)
    """Records and hub rows of which the CRM, or a person who put two rows together, decided what they hold."""
    chosen: set[str] = field(default_factory=set)
    """Records of which a person decided a conflict, to either side."""
    undone: set[str] = field(default_factory=set)
    """Records and hub rows about which a run decided that was taken back: the sides may differ as that left them."""

    def new(self, name: str, value: Any) -> Any:
        """Every second value is one of its kind; the others are typed by many, and agree by chance."""
        self.turn += 1
        return value if is_blank(value) or self.turn % 2 else UNIQUE[name].format(value, self.turn)

    def word(self, value: Any, *, in_a_run: bool = False) -> Word:
        return Word(self.turn, value, str(self.turn) in str(value), in_a_run)

    def forget(self, undone: set[str], until: int) -> None:
        """What was typed before a run was taken back is no longer what must stand: the sides are as that left them."""
        self.undone |= undone
        for words in (self.there, self.here):
            for place in [place for place, word in words.items() if place[0] in undone and word.turn <= until]:
                del words[place]

    def may_stand(self, direction: str, on_conflict: str, there: Word, here: Word) -> list[Any]:
        """The values of which one must stand on a side that is written; by the order of the last words, where that tells.

        Two edits that no sync came between are a conflict, whichever was first: only the rule's own side is sure to win.
        """
        if not there.turn or not here.turn:
            return [there.value if there.turn else here.value]
        last = there if there.turn > here.turn else here
        wins = {"in": "crm", "out": "hub"}.get(direction, on_conflict)
        # What a colleague types between our reading and our writing, no CRM keeps from being overwritten.
        is_raced = there.in_a_run and direction != "in"
        if last.is_unique and ((wins == "crm" and last is there and not is_raced) or (wins == "hub" and last is here)):
            return [last.value]
        return [there.value, here.value]


def stands(value: Any, among: list[Any]) -> bool:
    return any(same(value, one) for one in among)
