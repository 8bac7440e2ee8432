"""Which accounts come in: one list view, and the two options that hang on it."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.setup.forms.step_form import StepForm
from integrations.setup.looks import COUNTED_AT_ONCE, Looks
from integrations.setup.saving import Data
from integrations.sync.connector import Breakdown, View

GONE = _(
    "This view is gone from Salesforce, or hidden from the signed-in user. Choose another one; nothing was changed."
)


@dataclass(frozen=True, slots=True)
class ViewRow:
    view: View
    is_chosen: bool
    known: Breakdown | None


class ScopeForm(StepForm):
    account_view = forms.CharField(
        label=_("Account view"), max_length=18, error_messages={"required": _("Choose a view.")}
    )
    churn_missing = forms.BooleanField(label=_("Churn customers that leave the view"), required=False)
    keep_hierarchy = forms.BooleanField(label=_("Keep parent and child accounts"), required=False)

    def __init__(self, looks: Looks, data: Any = None, *, search: str = "") -> None:
        connection: Any = looks.connection
        self.views = looks.views("customers")
        self.search = search.strip().casefold()
        initial = {
            "account_view": connection.account_view or self._proposed(),
            "churn_missing": connection.churn_missing,
            "keep_hierarchy": connection.keep_hierarchy,
        }
        super().__init__(looks, data, initial=initial)

    @property
    def chosen(self) -> str:
        return str(self["account_view"].value() or "")

    @property
    def chosen_view(self) -> View | None:
        return self._named(self.chosen)

    @property
    def is_lost(self) -> bool:
        """A view was chosen once and is not there any more."""
        return bool(self.chosen) and self.chosen_view is None

    @property
    def first_rows(self) -> list[ViewRow]:
        return self._rows()[:COUNTED_AT_ONCE]

    @property
    def more_rows(self) -> list[ViewRow]:
        return self._rows()[COUNTED_AT_ONCE:]

    def clean_account_view(self) -> str:
        chosen: str = self.cleaned_data["account_view"]
        view = self._named(chosen)
        if view is None:
            raise forms.ValidationError(GONE)
        if not view.is_usable:
            raise forms.ValidationError(f"{view.label}: {view.why_not}.")
        self.check_by(lambda: self.looks.count("customers", chosen))
        return chosen

    def apply_to(self, data: Data) -> None:
        view = self._named(self.cleaned_data["account_view"])
        assert view is not None
        data["settings"].update(account_view=view.id, account_view_label=view.label)
        data["options"].update(
            churn_missing=self.cleaned_data["churn_missing"], keep_hierarchy=self.cleaned_data["keep_hierarchy"]
        )

    def _rows(self) -> list[ViewRow]:
        found = [view for view in self.views if self.search in view.label.casefold() or view.id == self.chosen]
        # The chosen one is always in sight; the standard one stands first of the others.
        found.sort(key=lambda view: (not view.is_usable, view.id != self.chosen))
        return [
            ViewRow(
                view, view.id == self.chosen, self.looks.known_count("customers", view.id) if view.is_usable else None
            )
            for view in found
        ]

    def _proposed(self) -> str:
        return next((view.id for view in self.views if view.is_usable), "")

    def _named(self, view_id: str) -> View | None:
        return next((view for view in self.views if view.id == view_id), None)
