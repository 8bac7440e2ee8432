"""The seven chapters, in their order. Each is a module that says its steps; nothing else knows how many there are."""

from collections.abc import Iterator

from ..steps import Chapter, Step
from .directions import CHAPTER as DIRECTIONS
from .hub_ready import CHAPTER as HUB_READY
from .hubspot_ready import CHAPTER as HUBSPOT_READY
from .old_off import CHAPTER as OLD_OFF
from .stages import CHAPTER as STAGES
from .tools import CHAPTER as TOOLS
from .validation import CHAPTER as VALIDATION

CHAPTERS: tuple[Chapter, ...] = (HUBSPOT_READY, HUB_READY, OLD_OFF, STAGES, DIRECTIONS, TOOLS, VALIDATION)


def all_steps() -> Iterator[Step]:
    for chapter in CHAPTERS:
        yield from chapter.steps


def step_of(key: str) -> Step:
    """Raises KeyError."""
    return {step.key: step for step in all_steps()}[key]


def chapter_of(key: str) -> Chapter:
    """Raises KeyError."""
    return {chapter.key: chapter for chapter in CHAPTERS}[key]


def number_of(key: str) -> str:
    """ "4.2": the chapter, and the place in it."""
    for chapter in CHAPTERS:
        for place, step in enumerate(chapter.steps, 1):
            if step.key == key:
                return f"{chapter.number}.{place}"
    raise KeyError(key)
