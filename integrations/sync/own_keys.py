"""Fields of the team's own that recognise records: made with consent, or made of one that is there and holds values already."""

from django.db import transaction

from integrations.engine.compare import compared, fold
from integrations.engine.mapping import Compare
from integrations.engine.values import from_json
from integrations.hub.models import Contact, Customer, CustomField, CustomKey

from .store.bulk import upsert

MODELS = {"customers": Customer, "contacts": Contact}
PAGE = 1000


@transaction.atomic
def key_field(entity: str, name: str, type_: str = CustomField.Type.STRING) -> CustomField:
    """The field of this name and type, made where there is none; whoever asks twice gets the same one."""
    known = {fold(one.name): one for one in CustomField.objects.filter(entity=entity, type=type_)}
    found = known.get(fold(name))
    if found is None:
        return CustomField.objects.create(entity=entity, name=name, type=type_, is_key=True)
    return recognising(found)


@transaction.atomic
def recognising(field: CustomField) -> CustomField:
    """What its rows hold is compared from now on, also what was there before."""
    if field.is_key:
        return field
    field.is_key = True
    field.save(update_fields=["is_key"])
    rows = MODELS[field.entity]._default_manager.filter(custom__has_key=field.key).order_by("pk")
    after = 0
    # Whole: a key of digits alone would be asked for as a place in a list.
    while page := list(rows.filter(pk__gt=after).values_list("pk", "custom")[:PAGE]):
        after = page[-1][0]
        values = [(field.pk, pk, compared(Compare.ID, from_json(custom[field.key]))[:500]) for pk, custom in page]
        upsert(CustomKey, ["field", "row_id", "value"], values, conflict=["field", "row_id"], update=["value"])
    return field
