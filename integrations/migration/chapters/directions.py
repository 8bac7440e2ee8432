"""What each direction means, and what a careless first sync would empty."""

from django.utils.translation import gettext_lazy as _

from ..acts.directions import accept
from ..checks.directions import emptied_since, nothing_lost
from ..steps import Chapter, Part, Step

CHAPTER = Chapter(
    5,
    "directions",
    _("Directions"),
    _("Who writes what, and what a first sync could empty."),
    (
        Part(
            _("Who writes what"),
            _("A direction belongs to each field, not only to a data type"),
            (
                Step(
                    "directions-read",
                    _("Everybody at the table knows the three directions"),
                    _("Input: HubSpot is right; as few fields as possible at first. Output only: the hub is right, as for stage, "
                      "CSM owner, profile, tags and custom fields. Two-way: only where both sides agree."),
                    sign=_("We have read this"),
                ),
                Step(
                    "overwrite-read",
                    _("Everybody knows what a new configuration may overwrite"),
                    _("A field that is mapped into the hub follows HubSpot: where HubSpot has nothing and blanks erase, the value "
                      "here goes at the next sync. That is why there are three stages, and why each shows the records and "
                      "fields before it runs."),
                    sign=_("We have read this"),
                ),
                Step(
                    "nothing-lost",
                    _("No run of this move emptied a value here"),
                    _("Read from the journal of the stages’ runs, and of every sync of HubSpot since."),
                    nothing_lost,
                    acts=(accept("nothing-lost", emptied_since),),
                ),
            ),
        ),
    ),
)  # fmt: skip
