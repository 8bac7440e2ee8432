"""Which fields of a CRM can take a score."""

from integrations.engine.mapping import Kind
from integrations.sync.connector import CrmField

LABELS = {"health_score": "Skalin Healthscore", "pulse": "Skalin CSM Pulse"}
"""What the fields are called that this console makes in a CRM; not translated, so that they are found again."""
NUMBERS = frozenset({Kind.INTEGER, Kind.NUMBER, Kind.MONEY})
TEXTS = frozenset({Kind.TEXT, Kind.LONG_TEXT})


def takes_a_number(field: CrmField) -> bool:
    return field.is_updateable and field.kind in NUMBERS


def takes_a_pulse(field: CrmField) -> bool:
    """A list too: each pulse is then one of its values."""
    return field.is_updateable and not field.is_id and field.kind in NUMBERS | TEXTS | {Kind.CHOICE}
