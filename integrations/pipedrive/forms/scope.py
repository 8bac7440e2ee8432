"""Organizations with a won deal come in by themselves; what is left to say is who churns, and how parents are known."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from integrations.setup.forms.step_form import StepForm
from integrations.setup.looks import Looks
from integrations.setup.saving import Data

RELATED = ""


class ScopeForm(StepForm):
    churn_missing = forms.BooleanField(
        label=_("Churn customers that no longer have a won deal"), required=False
    )  # fmt: skip
    keep_hierarchy = forms.BooleanField(label=_("Keep parent and child organizations"), required=False)
    parent_field = forms.ChoiceField(
        label=_("Where the parent stands"),
        required=False,
        help_text=_(
            "Relationships between organizations cost one call for each customer at every complete reading. A field costs "
            "none."
        ),
    )

    def __init__(self, looks: Looks, data: Any = None) -> None:
        super().__init__(looks, data)
        self.initial.update(
            churn_missing=self.connection.churn_missing,
            keep_hierarchy=self.connection.keep_hierarchy,
            parent_field=self.connection.parent_field,
        )
        options = {
            one.path: one.label for one in looks.schema("customers").fields if one.type == "org" and one.is_custom
        }
        if (kept := self.connection.parent_field) and kept not in options:
            options[kept] = _now("%(field)s (gone from Pipedrive)") % {"field": kept}
        self.fields["parent_field"].choices = [  # type: ignore[attr-defined]
            (RELATED, _now("In the relationships of organizations: “parent”")),
            *options.items(),
        ]

    def apply_to(self, data: Data) -> None:
        data["settings"].update(parent_field=self.cleaned_data["parent_field"])
        data["options"].update(
            churn_missing=self.cleaned_data["churn_missing"], keep_hierarchy=self.cleaned_data["keep_hierarchy"]
        )
