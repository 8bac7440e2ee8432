"""HubSpot, configured in three stages, each behind a gate."""

from django.utils.translation import gettext_lazy as _

from ..steps import Chapter

CHAPTER = Chapter(
    4,
    "stages",
    _("Configure HubSpot"),
    _("Three stages: find the customers that are here, bring the hub’s values to HubSpot, then let both sides write."),
    (),
)
