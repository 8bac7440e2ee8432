from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from integrations.engine.values import Value

from .. import panels
from ..fields import fields_here
from ..models import CsmOwner, Customer, HealthProfile, Stage
from ..shown import value_of
from .row import Choices, RowForm

PULSES = 5


class CustomerForm(RowForm):
    entity = "customers"
    required = ("name", "stage")

    def __init__(
        self,
        data: Any = None,
        *,
        values: Mapping[str, Value],
        writers: Mapping[str, panels.Writer] | None = None,
        owner: str = "",
    ) -> None:
        """`owner`: who looks after the customer must be this person, for it would be out of their reach else."""
        self.owner = owner
        self.colleagues = list(CsmOwner.objects.values_list("email", "name"))
        super().__init__(data, values=values, writers=writers)
        self.fields["csm"].widget.attrs["list"] = "colleagues"
        if owner and not self.now["csm"]:
            self.fields["csm"].initial = owner

    def choices_of(self, name: str) -> Choices | None:
        match name:
            case "stage":
                return list(Stage.objects.values_list("name", "label"))
            case "profile":
                return [("", _("none")), *((one, one) for one in HealthProfile.objects.values_list("name", flat=True))]
            case "pulse":
                return [("", _("not said")), *((str(n), str(n)) for n in range(1, PULSES + 1))]
        return None

    def clean_csm(self) -> str:
        csm: str = self.cleaned_data["csm"].strip()
        if self.owner and csm.lower() != self.owner.lower():
            self.add_error(
                "csm", _("You create customers that you look after yourself: %(who)s.") % {"who": self.owner}
            )
        return csm


def values_of(row: Customer) -> dict[str, Value]:
    """As the door takes them: stage and profile by name, the colleague by e-mail."""
    named = {
        "stage": row.stage.name,
        "profile": row.profile.name if row.profile else None,
        "csm": row.csm.email if row.csm else None,
    }
    return {
        name: named[name] if name in named else value_of(row, field) for name, field in fields_here("customers").items()
    }
