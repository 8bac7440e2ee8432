"""Of deals, several pipelines may be chosen; companies have none."""

from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.setup.forms.agreements import AgreementsForm
from integrations.setup.looks import Looks
from integrations.sync.blocks import AgreementSource

from ..models import BETWEEN
from ..scope import several


class PipelinesForm(AgreementsForm):
    view = forms.MultipleChoiceField(
        label=_("Pipelines"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Won deals of these pipelines count; with none ticked, those of all pipelines."),
    )

    def __init__(self, looks: Looks, data: Any = None, *, before: "AgreementsForm | None" = None) -> None:
        super().__init__(looks, data, before=before)
        self.initial["view"] = list(several(self.choice.view))

    def _choice(self) -> AgreementSource:
        choice = super()._choice()
        if not self.is_bound or not self._is_shown(choice.source):
            return choice
        ticked = self.data.getlist("view") if hasattr(self.data, "getlist") else self.data.get("view") or []
        return replace(choice, view=BETWEEN.join(ticked), view_label="")

    def _offer_views(self) -> None:
        known = {view.id: view.label for view in self.looks.agreement_views(self.choice)}
        chosen = several(self.choice.view)
        lost = [one for one in chosen if one not in known]
        self.lost_view = BETWEEN.join(lost)
        # What was chosen together is called by all its names.
        self.views = {**known, self.choice.view: ", ".join(known.get(one, one) for one in chosen)}
        offered = [(one, self._counted(label, one)) for one, label in known.items()]
        self.fields["view"].choices = offered  # type: ignore[attr-defined]
        if not known:
            self.fields["view"].widget = forms.MultipleHiddenInput()

    def clean_view(self) -> str:
        self.check_by(lambda: self.looks.agreement_count(self.choice))
        return self.choice.view
