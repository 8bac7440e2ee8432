"""What every job over many hub rows keeps of itself: whose turn it is, how far it is, why it stopped."""

from typing import ClassVar

from django.db import models


class PagedJob(models.Model):
    """Done a page at a time, each in one transaction; see `paged_job.py`. A child brings its `state` and its pages."""

    ACTIVE: ClassVar[tuple[str, ...]]
    """States in which a worker has it, or should have."""
    STILL: ClassVar[tuple[str, ...]]
    """States in which no sync of the connections concerned starts."""

    state = models.CharField(max_length=12)
    """Each job has its own."""
    trouble = models.TextField(blank=True)
    """Why it stopped, in the machine's words; empty: it did not."""
    cancel_asked = models.BooleanField(default=False)
    stuck = models.PositiveSmallIntegerField(default=0)
    """Starts in a row without a page done."""
    fence = models.PositiveBigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    progress_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_active(self) -> bool:
        return self.state in self.ACTIVE

    @property
    def stills(self) -> list[int] | None:
        """Ids of the connections whose syncs wait for it; None: all wait."""
        return None
