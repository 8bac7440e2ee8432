"""The customers that people look at: drawn once, so that it is the same sample before and after."""

from .facts import to_move
from .models import Move

SIZE = 20


def sample_of(move: Move) -> list[int]:
    """Draws it where there is none yet, and anew where one of it is no longer here."""
    known = list(to_move(move).filter(pk__in=move.sample).values_list("pk", flat=True))
    if move.sample and len(known) == len(move.sample):
        return list(move.sample)
    drawn = sorted(to_move(move).order_by("?").values_list("pk", flat=True)[:SIZE])
    Move.objects.filter(pk=move.pk).update(sample=drawn)
    move.sample = drawn
    return list(drawn)
