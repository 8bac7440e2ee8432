"""Which agreements come in: the won deals of one pipeline or several, or fields of the organizations."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from integrations.setup.forms.agreements import AgreementsForm
from integrations.sync.blocks import AgreementSource

from ..agreements import NAMES, ORGANIZATION, SEPARATOR, joined, pipelines_of


class DealsForm(AgreementsForm):
    view = forms.MultipleChoiceField(
        label=_("Pipelines"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Several can be ticked. Nothing ticked means all pipelines."),
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.initial["view"] = list(pipelines_of(self.choice))

    def _choice(self) -> AgreementSource:
        choice = super()._choice()
        if choice.source == ORGANIZATION:
            # A company stands in no pipeline.
            return replace(choice, view="", view_label="")
        if not self.is_bound:
            return choice
        posted: Sequence[str] = (
            self.data.getlist("view") if hasattr(self.data, "getlist") else self.data.get("view", ())
        )
        return replace(choice, view=joined(posted), view_label="")

    def _offer_views(self) -> None:
        names = {view.id: view.label for view in self.looks.agreement_views(self.choice)}
        chosen = pipelines_of(self.choice)
        gone = [one for one in chosen if one not in names]
        self.lost_view = self.choice.view if gone else ""
        known = dict(zip(self.saved.view.split(SEPARATOR), self.saved.view_label.split(NAMES), strict=False))
        lost = [(one, _now("%(view)s (gone from Pipedrive)") % {"view": known.get(one) or one}) for one in gone]
        offered = [(one, self._counted(label, one)) for one, label in names.items()]
        self.fields["view"].choices = [*offered, *lost]  # type: ignore[attr-defined]
        self.views = {**names, self.choice.view: NAMES.join(names.get(one, one) for one in chosen)}

    def clean_view(self) -> str:
        if self.lost_view:
            raise forms.ValidationError(_("A ticked pipeline is gone from Pipedrive. Untick it."))
        self.check_by(lambda: self.looks.agreement_count(self.choice))
        return self.choice.view
