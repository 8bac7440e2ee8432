"""The old connection, silenced and retired: two systems never write IDs at once."""

from django.utils.translation import gettext_lazy as _

from ..steps import Chapter

CHAPTER = Chapter(
    3, "old-off", _("Old connection off"), _("Before HubSpot is connected, the old CRM stops writing."), ()
)
