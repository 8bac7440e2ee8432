"""Which companies come in: the clients. What most teams never need stands behind “See more parameters”."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from integrations.hub.fields import fields_of
from integrations.setup.forms.step_form import StepForm
from integrations.setup.looks import Looks
from integrations.setup.saving import Data
from integrations.setup.trouble import trouble_of
from integrations.sync.configuration import snapshot
from integrations.wire.errors import Misconfigured


class ScopeForm(StepForm):
    churn_missing = forms.BooleanField(
        label=_("Make customers churn if they are not Sellsy clients any more"), required=False
    )
    with_archived = forms.BooleanField(label=_("Archived clients too"), required=False)
    company_view = forms.ChoiceField(
        label=_("Only the clients of a saved view"),
        required=False,
        help_text=_("Whoever changes the view in Sellsy decides who comes in. A view on top of being a client."),
    )
    merge_keys = forms.MultipleChoiceField(
        label=_("Recognise customers that are already here by"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Untick the domain if your customers have no website, or stand in Sellsy with a generic one such as gmail.com."
        ),
    )

    def __init__(self, looks: Looks, data: Any = None) -> None:
        super().__init__(looks, data)
        self.block: Data = snapshot(self.connection)["blocks"]["customers"]
        self.initial.update(
            churn_missing=self.connection.churn_missing,
            with_archived=self.connection.with_archived,
            company_view=self.connection.company_view,
            merge_keys=list(self.block["merge_keys"]),
        )
        self.views = {view.id: view.label for view in looks.views("customers")}
        self._offer_views()
        self._offer_merge_keys()

    def _offer_views(self) -> None:
        stored = self.connection.company_view
        choices = [("", _now("No view: all clients")), *self.views.items()]
        self.lost_view = stored if stored and stored not in self.views else ""
        if self.lost_view:
            label = self.connection.company_view_label or stored
            choices.append((stored, _now("%(view)s (gone from Sellsy)") % {"view": label}))
        self.fields["company_view"].choices = choices  # type: ignore[attr-defined]

    def _offer_merge_keys(self) -> None:
        mapped = {line["hub"] for line in self.block["lines"]}
        known = fields_of("customers")
        names = [name for name, one in known.items() if one.key and name in mapped | set(self.block["merge_keys"])]
        self.fields["merge_keys"].choices = [(name, str(known[name].label)) for name in names]  # type: ignore[attr-defined]

    # --- What it would be

    @property
    def number(self) -> int | None:
        """Clients as the page has them now; None where the chosen view cannot be asked."""
        try:
            return self._count(with_archived=bool(self["with_archived"].value()))
        except Misconfigured:
            return None

    @property
    def archived(self) -> int | None:
        """How many of them are archived."""
        try:
            return self._count(with_archived=True) - self._count(with_archived=False)
        except Misconfigured:
            return None

    def _count(self, *, with_archived: bool) -> int:
        view, connector = str(self["company_view"].value() or ""), self.looks.connector
        ask: Any = connector
        return self.looks.kept(
            f"clients:{view}:{int(with_archived)}",
            lambda: int(ask.count_companies(with_archived=with_archived, view_id=view)),
        )

    @property
    def opens_more(self) -> bool:
        """Unfolded where something in it is chosen or wrong; hidden until then."""
        return bool(self.connection.company_view or self.connection.with_archived or self.errors)

    # --- What was chosen

    def clean_company_view(self) -> str:
        chosen: str = self.cleaned_data["company_view"]
        if chosen and chosen == self.lost_view:
            raise forms.ValidationError(_("This view is gone from Sellsy. Choose another one, or none."))
        return chosen

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                self._count(with_archived=cleaned["with_archived"])
            except Misconfigured as refused:
                trouble = trouble_of(self.guide, refused)
                self.add_error("company_view", trouble.in_one)
        return cleaned

    def apply_to(self, data: Data) -> None:
        view = self.cleaned_data["company_view"]
        data["settings"].update(
            with_archived=self.cleaned_data["with_archived"],
            company_view=view,
            company_view_label=self.views.get(view, ""),
        )
        data["options"].update(churn_missing=self.cleaned_data["churn_missing"])
        ticked = self.cleaned_data["merge_keys"]
        kept = [name for name in self.block["merge_keys"] if name in ticked]
        data["blocks"]["customers"]["merge_keys"] = [*kept, *(name for name in ticked if name not in kept)]
