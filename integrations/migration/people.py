"""Who looks at the checklist just now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from accounts.models import User

from .chapters import CHAPTERS
from .models import Move, Presence

LINGERS = timedelta(seconds=45)
"""Three rounds of the page's own asking."""


@dataclass(frozen=True, slots=True)
class Present:
    name: str
    chapter: int
    is_me: bool


def present(move: Move, me: User) -> Sequence[Present]:
    numbers = {chapter.key: chapter.number for chapter in CHAPTERS}
    found = Presence.objects.filter(move=move, seen_at__gte=timezone.now() - LINGERS).select_related("user")
    return [Present(one.user.label, numbers.get(one.chapter, 1), one.user_id == me.pk) for one in found]
