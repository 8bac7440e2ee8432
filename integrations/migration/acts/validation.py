"""What chapter 7 does on a button: the number that is expected, and a person's word on what was measured."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.layout import ConsoleFormHelper
from accounts.models import User

from .. import keydata, words
from ..checks.validation import expected_of, mark_of_created
from ..models import Move
from ..sample import sample_of
from ..steps import Act


class ExpectedForm(forms.Form):
    expected = forms.IntegerField(
        label=gettext_lazy("Customers that you expect from HubSpot"), min_value=0, max_value=10**9
    )
    expected_why = forms.CharField(label=gettext_lazy("Why this number"), max_length=255)

    def __init__(self, move: Move, data: Any = None) -> None:
        initial = {"expected": expected_of(move), "expected_why": move.expected_why}
        super().__init__(data, initial=initial, prefix="count")
        self.helper = ConsoleFormHelper()


def _expect(move: Move, _by: User, cleaned: Mapping[str, Any]) -> str:
    told = {"expected": cleaned["expected"], "expected_why": cleaned["expected_why"]}
    Move.objects.filter(pk=move.pk).update(**told)
    return _("%(n)s customers are expected.") % {"n": intcomma(cleaned["expected"])}


EXPECT = Act(
    "expect", gettext_lazy("Expect this number"), _expect, form=ExpectedForm,
    offered=lambda move: has_failed(move, "count"),
)  # fmt: skip


class WhyForm(forms.Form):
    why = forms.CharField(label=gettext_lazy("Why it is right so"), max_length=500)

    def __init__(self, prefix: str, data: Any = None) -> None:
        super().__init__(data, prefix=prefix)
        self.helper = ConsoleFormHelper()


def _accept_key_data(move: Move, by: User, cleaned: Mapping[str, Any]) -> str:
    found = keydata.compare(move, frozenset(sample_of(move)))
    words.say(move, "key-data", by, cleaned["why"], found.mark)
    return _("%(n)s differences are accepted as they stand now.") % {"n": intcomma(found.changed)}


ACCEPT = Act(
    "accept", gettext_lazy("These differences are right"), _accept_key_data,
    form=lambda _move, data: WhyForm("key-data", data), offered=lambda move: has_failed(move, "key-data"),
)  # fmt: skip


def has_failed(move: Move, step: str) -> bool:
    return move.steps.filter(step=step, state="failed").exists()


def _keep_them(move: Move, by: User, cleaned: Mapping[str, Any]) -> str:
    words.say(move, "cleanup", by, cleaned["why"], mark_of_created(move))
    return _("Those that were created stay.")


STAY = Act(
    "stay", gettext_lazy("They stay"), _keep_them, form=lambda _move, data: WhyForm("cleanup", data),
    offered=lambda move: has_failed(move, "cleanup"),
)  # fmt: skip
