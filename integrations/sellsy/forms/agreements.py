"""Which agreements come in: the won opportunities of one pipeline or several."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from integrations.setup.forms.agreements import AgreementsForm
from integrations.sync.blocks import AgreementSource

from ..agreements import NAMES, SEPARATOR, joined


class SellsyAgreementsForm(AgreementsForm):
    view = forms.MultipleChoiceField(
        label=_("Pipelines"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Several can be ticked. Nothing ticked means all pipelines."),
    )

    def _choice(self) -> AgreementSource:
        choice = super()._choice()
        if not self.is_bound:
            return choice
        posted: Sequence[str] = (
            self.data.getlist("view") if hasattr(self.data, "getlist") else self.data.get("view", ())
        )
        view = joined([one for one in posted if one.isdecimal()])
        return replace(choice, view=view, view_label="")

    def _offer_views(self) -> None:
        names = {view.id: view.label for view in self.looks.agreement_views(self.choice)}
        chosen = [one for one in self.choice.view.split(SEPARATOR) if one]
        gone = [one for one in chosen if one not in names]
        self.lost_view = self.choice.view if gone else ""
        known = dict(zip(self.saved.view.split(SEPARATOR), self.saved.view_label.split(NAMES), strict=False))
        lost = [(one, _now("%(view)s (gone from Sellsy)") % {"view": known.get(one) or one}) for one in gone]
        offered = [(one, self._counted(label, one)) for one, label in names.items()]
        self.fields["view"].choices = [*offered, *lost]  # type: ignore[attr-defined]
        self.views = {**names, self.choice.view: NAMES.join(names.get(one, one) for one in chosen)}

    def clean_view(self) -> str:
        if self.lost_view:
            raise forms.ValidationError(_("A ticked pipeline is gone from Sellsy. Untick it."))
        self.check_by(lambda: self.looks.agreement_count(self.choice))
        return self.choice.view

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.initial["view"] = [one for one in self.choice.view.split(SEPARATOR) if one]
