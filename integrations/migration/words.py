"""What people say about a step beside its signature: each person once, and about exactly what was measured."""

from django.db.models import QuerySet
from django.utils import timezone

from accounts import audit
from accounts.models import User

from .models import Move, Word


def say(move: Move, step: str, by: User, said: str, about: str = "") -> Word:
    told = {"about": about, "said": said.strip()[:500], "by": by.label[:160], "at": timezone.now()}
    made, _created = Word.objects.update_or_create(move=move, step=step, user=by, defaults=told)
    audit.record(by, "said a word on a step", move, after={"step": step}, note=made.said)
    return made


def unsay(move: Move, step: str, by: User) -> bool:
    number, _rows = Word.objects.filter(move=move, step=step, user=by).delete()
    if number:
        audit.record(by, "took a word on a step back", move, after={"step": step})
    return bool(number)


def words_on(move: Move, step: str, about: str = "") -> QuerySet[Word]:
    return Word.objects.filter(move=move, step=step, about=about)


def accepted(move: Move, step: str, about: str) -> Word | None:
    """Nobody accepts what was measured as nothing."""
    return words_on(move, step, about).first() if about else None
