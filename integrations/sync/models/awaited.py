"""Whom an interaction names before the hub has them."""

from django.db import models

from integrations.hub.models import Interaction

from .connection import Connection


class AwaitedContact(models.Model):
    """A contact of a CRM that an interaction named when it was written: it is hung on it once it comes in.

    `Interaction.contact_refs` says the same, but no index finds a name in it.
    """

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="+")
    source_id = models.CharField(max_length=64)
    interaction = models.ForeignKey(Interaction, models.CASCADE, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["connection", "source_id", "interaction"], name="sync_awaited_once"),
        )

    def __str__(self) -> str:
        return f"{self.source_id} {self.interaction_id}"
