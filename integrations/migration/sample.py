"""The customers that people look at: drawn once, so that it is the same sample before and after."""

from .facts import to_move
from .models import Move

SIZE = 20


def sample_of(move: Move) -> list[int]:
    """Draws it where there is none yet; one that is gone meanwhile stays in it."""
    if not move.sample:
        move.sample = sorted(to_move(move).order_by("?").values_list("pk", flat=True)[:SIZE])
        Move.objects.filter(pk=move.pk, sample=[]).update(sample=move.sample)
        move.refresh_from_db(fields=["sample"])
    return list(move.sample)
