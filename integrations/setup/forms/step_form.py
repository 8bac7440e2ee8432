"""What the forms of all steps share: they belong to a connection, and speak of its CRM in that CRM's own words."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from crispy_forms.layout import Layout
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.layout import ConsoleFormHelper
from integrations.sync.connector import CrmField, Schema
from integrations.sync.key_fields import is_lost, keep
from integrations.sync.models import Block
from integrations.sync.models.connection import Mode
from integrations.sync.store.marks import OUTWARD
from integrations.wire.errors import Misconfigured, NotFound, Rejected, WireError

from ..guide import Guide
from ..looks import Looks
from ..saving import Data, line_of
from ..trouble import trouble_of
from .both_ways import let_go_out, nothing_goes_out
from .offers import offered

MEANINGS = {
    Mode.INPUT: _("Input only: a change in %(system)s changes the hub. A change in the hub never reaches %(system)s."),
    Mode.OUTPUT: _(
        "Output only: a change in the hub changes %(system)s. A change in %(system)s never reaches the hub."
    ),
    Mode.TWO_WAY: _("Two ways: a change on either side reaches the other, for each field whose mapping says so."),
    Mode.DISABLED: _("Disabled: nothing is read and nothing is written."),
}


class StepForm(forms.Form):
    data_type = ""
    """Whose modes the field `mode` offers."""
    key_field = ""
    """The field of the CRM that holds our own key; empty where there is none."""
    lost_key = ""
    """The one that did, and is gone from the CRM."""

    def __init__(self, looks: Looks, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        self.looks = looks
        self.made_keys: dict[str, str] = {}
        """Data type → the field for our key that was made for it; kept once the step is saved."""
        self.guide = looks.guide
        self.connection: Any = looks.connection
        self.helper = ConsoleFormHelper()
        if "mode" in self.fields:
            self.fields["mode"].choices = modes_of(self.guide, self.data_type)  # type: ignore[attr-defined]
        for field in self.fields.values():
            speak(self.guide, field)

    @property
    def offers_two_way(self) -> bool:
        return any(mode is Mode.TWO_WAY for mode in map(Mode, dict(modes_of(self.guide, self.data_type))))

    # --- Whether the mode alone decides -------------------------------------------------------------------------------------
    def offer_both_ways(self, block: Data) -> None:
        """A mode alone writes nothing. Ticked where it begins to send: what was left input on purpose stays so."""
        may_send = any(mode in OUTWARD for mode, _meaning in modes_of(self.guide, self.data_type))
        if not may_send or not nothing_goes_out(block):
            del self.fields["both_ways"]
        self.initial["both_ways"] = block["mode"] not in OUTWARD

    def apply_both_ways(self, block: Data, schema: Schema) -> None:
        if self.cleaned_data.get("both_ways") and block["mode"] in OUTWARD:
            let_go_out(self.data_type, block, schema)

    # --- The field for our own key ---------------------------------------------------------------------------------------
    def offer_key_field(self, schema: Schema) -> None:
        """Where the CRM can keep our key in a field of its own, an admin may have it made; once, or again where it went."""
        self.key_field, self.lost_key = self.key_of(self.data_type, schema)
        if not self.guide.abilities.of(self.data_type).has_key_field or self.key_field:
            del self.fields["make_key"]

    def key_of(self, data_type: str, schema: Schema | None) -> tuple[str, str]:
        """The field that is there, and the one that was."""
        block = self.rows_kept.get(data_type)
        if block is None:
            return "", ""
        return ("", block.key_field) if is_lost(block, schema) else (block.key_field, "")

    @cached_property
    def rows_kept(self) -> dict[str, Block]:
        return {block.object: block for block in self.connection.blocks.all()}

    @property
    def keyless(self) -> list[str]:
        """The data types that are given a field where the form asks for it."""
        return [self.data_type]

    def makes_key_field(self, request: HttpRequest) -> bool:
        """Where it was asked for; False where the CRM refused it."""
        if not self.cleaned_data.get("make_key"):
            return True
        try:
            connector = self.guide.connector(self.connection, interactive=True)
            for data_type in self.keyless:
                self.made_keys[data_type] = connector.create_key_field(data_type)
        except WireError as refused:
            if self.made_keys:
                self.keep_made(request)
            if not isinstance(refused, Misconfigured | Rejected | NotFound):
                raise
            trouble = trouble_of(self.guide, refused)
            self.add_error("make_key", trouble.in_one)
            return False
        self.looks.forget()
        return True

    def keep_made(self, request: HttpRequest) -> None:
        """What was made before the refusal stands in the CRM, whether or not this page is ever saved."""
        keep(request, self.connection, self.made_keys)
        self.looks.forget()

    def lay_out(self, *fields: Any) -> None:
        self.helper.layout = Layout(*fields)

    def offer_fields(
        self, data_type: str, schema: Schema, block: Data, suiting: Mapping[str, Callable[[CrmField], bool]]
    ) -> None:
        """Each of these form fields offers what suits it, with samples that are fetched once for all of them."""
        fields = {name: offered(self.guide, schema, suits, line_of(block, name)) for name, suits in suiting.items()}
        paths = list(dict.fromkeys(field.path for found in fields.values() for field in found))
        samples = self.looks.metadata(data_type, paths).samples
        for name, found in fields.items():
            line = line_of(block, name)
            self.fields[name].offer(self.guide, found, samples, line)  # type: ignore[attr-defined]
            self.initial[name] = line["crm"] if line else ""

    def check_by(self, ask: Callable[[], object]) -> None:
        """Asked now, so that what cannot be read is refused here and not in the first run."""
        try:
            ask()
        except Misconfigured as refused:
            trouble = trouble_of(self.guide, refused)
            raise forms.ValidationError(trouble.in_one) from None


def key_field_of_ours() -> forms.BooleanField:
    return forms.BooleanField(
        label=_("Add a field for our own ID in %(system)s"),
        required=False,
        help_text=_(
            "For records that are made here and created there: after a lost answer they are found again by it, and none "
            "stands there twice. It is added when this page is saved."
        ),
    )


def mode_field() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Mode"), widget=forms.RadioSelect)


def modes_of(guide: Guide, data_type: str) -> list[tuple[str, Any]]:
    return [(mode.value, MEANINGS[Mode(mode.value)]) for mode in guide.abilities.of(data_type).modes]


def speak(guide: Guide, field: forms.Field) -> None:
    """Our texts are about any CRM; the page names the one that is being set up."""
    field.label, field.help_text = guide.say(field.label), guide.say(field.help_text)
    field.error_messages = {code: guide.say(text) for code, text in field.error_messages.items()}
    if isinstance(field, forms.ChoiceField):
        offered: Any = field.choices
        field.choices = [(value, _spoken(guide, label)) for value, label in offered]


def _spoken(guide: Guide, label: Any) -> Any:
    if isinstance(label, list | tuple):
        return [(value, guide.say(text)) for value, text in label]
    return guide.say(label)
