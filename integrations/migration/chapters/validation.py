"""After the first sync: number, duplicates, IDs, key data, and the people who work with them."""

from django.utils.translation import gettext_lazy as _

from ..steps import Chapter

CHAPTER = Chapter(
    7, "validation", _("Validation"), _("Number, duplicates, IDs and key data, measured; then the team confirms."), ()
)
