"""The seven chapters, in their order. Each is a module that says its steps; nothing else knows how many there are."""

from collections.abc import Iterator
from typing import NamedTuple

from ..steps import Chapter, Step
from .directions import CHAPTER as DIRECTIONS
from .hub_ready import CHAPTER as HUB_READY
from .hubspot_ready import CHAPTER as HUBSPOT_READY
from .old_off import CHAPTER as OLD_OFF
from .stages import CHAPTER as STAGES
from .tools import CHAPTER as TOOLS
from .validation import CHAPTER as VALIDATION

CHAPTERS: tuple[Chapter, ...] = (HUBSPOT_READY, HUB_READY, OLD_OFF, STAGES, DIRECTIONS, TOOLS, VALIDATION)


class Place(NamedTuple):
    number: str
    """ "4.2": the chapter, and the place in it."""
    chapter: Chapter
    step: Step


def places() -> Iterator[Place]:
    for chapter in CHAPTERS:
        for place, step in enumerate(chapter.steps, 1):
            yield Place(f"{chapter.number}.{place}", chapter, step)


def all_steps() -> Iterator[Step]:
    return (place.step for place in places())


def place_of(key: str) -> Place:
    """Raises KeyError."""
    return {place.step.key: place for place in places()}[key]


def step_of(key: str) -> Step:
    """Raises KeyError."""
    return place_of(key).step


def chapter_of(key: str) -> Chapter:
    """Raises KeyError."""
    return {chapter.key: chapter for chapter in CHAPTERS}[key]


def number_of(key: str) -> str:
    """Raises KeyError."""
    return place_of(key).number
