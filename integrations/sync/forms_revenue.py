"""Between which two days the revenue page compares: GET, so that each comparison is a link."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

DAY = forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d")
EARLIEST = date(1990, 1, 1)


class Days(forms.Form):
    since = forms.DateField(label=gettext_lazy("From the evening of"), widget=DAY)
    until = forms.DateField(label=gettext_lazy("to the evening of"), widget=DAY)

    def __init__(self, asked: Any) -> None:
        today = timezone.localdate()
        # The month so far: from the last evening of the one before.
        usual = {"since": today.replace(day=1) - timedelta(days=1), "until": today}
        super().__init__({name: asked.get(name) or day for name, day in usual.items()})
        self.usual = usual

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and since < EARLIEST:
            self.add_error("since", _("From 1990 on."))
        if since and until and until <= since:
            self.add_error("until", _("A day after the first one."))
        if until and until > timezone.localdate() + timedelta(days=3660):
            self.add_error("until", _("At most ten years from now."))
        return cleaned

    @property
    def days(self) -> tuple[date, date]:
        """The month so far where what was asked cannot be compared."""
        found = self.cleaned_data if self.is_valid() else self.usual
        return found["since"], found["until"]

    @property
    def known_since(self) -> date | None:
        """Set where an earlier day is compared: what amounts were then is told by changes that the log no longer keeps."""
        first = timezone.localdate() - timedelta(days=settings.JOURNAL_DAYS)
        return first if settings.JOURNAL_DAYS and self.days[0] < first else None
