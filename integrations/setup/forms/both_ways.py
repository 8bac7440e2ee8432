"""Two ways, and no line that goes out: which lines may, and what saving a step makes of them."""

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Direction, FieldRule, Kind, Mode
from integrations.engine.writing import has_way_back
from integrations.hub.fields import fields_of
from integrations.sync.connector import Schema
from integrations.sync.drift import WRITING

from ..saving import Data

STAY_INPUT = frozenset({Kind.ID, Kind.PARENT})
"""IDs are made by the CRM, and a parent is the CRM's to say."""


def both_ways_field() -> forms.BooleanField:
    return forms.BooleanField(
        label=_("Let every field that %(system)s lets us write go both ways"),
        required=False,
        help_text=_(
            "Once Two ways is chosen: without it no field goes out, and nothing that is made here is created in "
            "%(system)s. Where both sides differ, %(system)s wins; where one is blank, the other fills it. IDs, and "
            "values that cannot be turned back, stay input. The mapping changes each field."
        ),
    )


def nothing_goes_out(block: Data) -> bool:
    return not any(line["direction"] in WRITING for line in block["lines"])


def let_go_out(data_type: str, block: Data, schema: Schema) -> None:
    """Every line that may, as far as the block's mode lets it; the conflict rule of each stays."""
    # An output block has no both ways: the mapping refuses to save it.
    direction = Direction.OUT if block["mode"] == Mode.OUTPUT else Direction.BOTH
    known = fields_of(data_type)
    for line in block["lines"]:
        field = known.get(line["hub"])
        if field and field.kind not in STAY_INPUT and may_go_out(line, field.kind, schema):
            line["direction"] = direction.value


def may_go_out(line: Data, kind: Kind, schema: Schema) -> bool:
    """What may be written by the CRM's own word, and reads again as it was sent."""
    found = schema.get(line["crm"]) if line["crm"] else None
    rule = FieldRule(
        line["hub"], "", kind, crm_field=line["crm"], value_map=line["values"], transform=line["transform"],
        argument=line["argument"],
    )  # fmt: skip
    return found is not None and found.is_updateable and has_way_back(rule)
