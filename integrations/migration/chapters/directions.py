"""What each direction means, and what a careless first sync would empty."""

from django.utils.translation import gettext_lazy as _

from ..steps import Chapter

CHAPTER = Chapter(5, "directions", _("Directions"), _("Who writes what, and what a first sync could empty."), ())
