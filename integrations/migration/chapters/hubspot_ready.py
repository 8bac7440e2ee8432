"""What must stand in HubSpot before anything is connected."""

from django.utils.translation import gettext_lazy as _

from ..steps import Chapter

CHAPTER = Chapter(
    1,
    "hubspot",
    _("HubSpot preparation"),
    _("Who carries the connection, the old IDs, and which companies count as customers."),
    (),
)
