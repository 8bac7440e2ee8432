"""Why something was decided: a code with its parameters, and the sentence that a page shows for it.

The journal keeps code and parameters; pages translate the sentence, so that history follows the reader's language.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Params = Mapping[str, "str | int"]


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    params: Params = field(default_factory=dict)

    def __str__(self) -> str:
        return SENTENCES[self.code].why.format_map(self.params)


@dataclass(frozen=True, slots=True)
class Sentence:
    why: str
    cure: str = ""
    """What a person can do about it; empty where nothing needs doing."""


def say(text: str) -> str:
    """Marks a text for translation without Django (makemessages reads `say` as a gettext keyword)."""
    return text


# Filled below by the rules' own modules would hide the list; one table keeps every sentence of the journal in sight.
SENTENCES: dict[str, Sentence] = {}
