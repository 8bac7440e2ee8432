"""The customers that people look at: drawn once, so that it is the same sample before and after."""

from .facts import to_move
from .models import Move

SIZE = 20


def draw(move: Move) -> int:
    """Only where there is none yet. How many they are."""
    if not move.sample:
        move.sample = sorted(to_move(move).order_by("?").values_list("pk", flat=True)[:SIZE])
        Move.objects.filter(pk=move.pk, sample=[]).update(sample=move.sample)
        move.refresh_from_db(fields=["sample"])
    return len(move.sample)
