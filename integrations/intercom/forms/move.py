"""Other IDs than before: an attribute is made in Intercom, each sync fills it with the IDs of here, and it recognises.

One line does all three, from the hub's ID out to the attribute. Links outrank every key, so none is lost by it.
"""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Direction, Mode
from integrations.setup.forms.step_form import StepForm
from integrations.setup.looks import Looks
from integrations.setup.saving import Data, line_of, set_line
from integrations.setup.trouble import trouble_of
from integrations.sync.configuration import snapshot
from integrations.sync.models import RecordLink
from integrations.wire.errors import WireError

from ..schema import CUSTOM
from .ids import REF

PROPOSED = {"customers": "hubspot_company_id", "contacts": "hubspot_contact_id"}
NAME = re.compile(r"[A-Za-z0-9_ $€£-]{1,100}")


class Standing:
    """How far one data type has come."""

    def __init__(self, form: "MoveForm", data_type: str) -> None:
        self.data_type, self.bound = data_type, form[data_type]
        line = line_of(form.blocks[data_type], REF) or {}
        self.attribute = str(line.get("seen", {}).get("label") or line.get("crm") or "")
        self.writes = line.get("direction") == Direction.OUT.value
        links = RecordLink.objects.filter(connection=form.connection.pk, object=data_type)
        self.linked = links.filter(state=RecordLink.State.LINKED).count()
        self.waiting = links.filter(state=RecordLink.State.EXCLUDED).count()
        # Only a line that goes out settles the ID of a record that is merely linked.
        settled = links.filter(state=RecordLink.State.LINKED, settled__has_key=REF) if self.writes else links.none()
        self.filled = settled.count()

    @property
    def is_done(self) -> bool:
        return self.writes and self.filled == self.linked


class MoveForm(StepForm):
    customers = forms.CharField(
        label=_("Attribute of companies"), required=False, max_length=100,
        help_text=_("Made in Intercom if it is not there. Empty: companies keep the Ref ID that they have."),
    )  # fmt: skip
    contacts = forms.CharField(
        label=_("Attribute of contacts"), required=False, max_length=100,
        help_text=_("Another name than that of companies: Intercom takes each name once."),
    )  # fmt: skip
    consent = forms.BooleanField(
        label=_("Create these attributes in Intercom, and let each sync write the IDs of here into them"),
        required=False,
    )

    def __init__(self, looks: Looks, data: Any = None) -> None:
        super().__init__(looks, data)
        self.blocks: dict[str, Data] = snapshot(self.connection)["blocks"]
        self.paths: dict[str, str] = {}
        for data_type, proposed in PROPOSED.items():
            line = line_of(self.blocks[data_type], REF)
            writes = line is not None and line["direction"] == Direction.OUT.value
            held = line["crm"].removeprefix(CUSTOM) if line and writes else ""
            self.initial[data_type] = held or proposed

    @property
    def standing(self) -> list[Standing]:
        return [Standing(self, data_type) for data_type in PROPOSED]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        names = {data_type: str(cleaned.get(data_type) or "").strip() for data_type in PROPOSED}
        for data_type, name in names.items():
            if name and not NAME.fullmatch(name):
                self.add_error(data_type, _("Letters, digits, spaces, hyphens and underscores alone."))
        chosen = [name.casefold() for name in names.values() if name]
        if len(chosen) > len(set(chosen)):
            self.add_error("contacts", _("Intercom takes each name once: give contacts another one."))
        if chosen and not cleaned.get("consent"):
            self.add_error("consent", _("Tick this, or leave both names empty: nothing is made in Intercom unasked."))
        return {**cleaned, **names}

    def makes_attributes(self) -> bool:
        """Done twice, it makes one of each; False where Intercom refused it."""
        connector: Any = self.guide.connector(self.connection, interactive=True)
        for data_type in PROPOSED:
            if name := self.cleaned_data[data_type]:
                try:
                    self.paths[data_type] = connector.create_attribute(data_type, name)
                except WireError as refused:
                    self.add_error(data_type, trouble_of(self.guide, refused).in_one)
        self.looks.forget()
        return not self.errors

    def apply_to(self, data: Data) -> None:
        connector: Any = self.guide.connector(self.connection, read_only=True, interactive=True)
        for data_type, path in self.paths.items():
            block = data["blocks"][data_type]
            field = connector.fields(data_type).get(path)
            set_line(block, REF, path, field, direction=Direction.OUT.value, on_conflict="hub")
            block.update(mode=Mode.TWO_WAY.value, ref_is_common=True)
