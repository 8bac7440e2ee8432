"""Takes the field list of an object from a describe that a real org once gave."""

from collections.abc import Mapping
from typing import Any

from .fields import Field
from .schema import OBJECTS
from .store import Store


def adopt_describe(store: Store, body: Mapping[str, Any]) -> None:
    """The object's fields become the recorded ones: those that only the made-up org has are gone."""
    name = body["name"]
    known = {f.name: f for f in OBJECTS[name].fields}
    store.schema.changes.replaced[name] = [_field(f, known.get(f["name"])) for f in body["fields"]]
    store.save_schema()
    store.set_state(f"recorded:{name}", {f["name"]: f for f in body["fields"]})


def _field(body: Mapping[str, Any], known: Field | None) -> Field:
    values = tuple(v["value"] for v in body["picklistValues"] if v["active"])
    retired = tuple(v["value"] for v in body["picklistValues"] if not v["active"])
    default = next((v["value"] for v in body["picklistValues"] if v["defaultValue"]), None)
    return Field(
        body["name"], body["label"], body["type"], body["length"], body["precision"] or body["digits"], body["scale"],
        required=not body["nillable"], createable=body["createable"], updateable=body["updateable"],
        defaulted=body["defaultedOnCreate"], default=0 if body["type"] == "boolean" else default, to=tuple(body["referenceTo"]),
        relationship=body["relationshipName"] if body["type"] == "reference" else None,
        children=known.children if known else None, cascades=bool(known and known.cascades), values=values, retired=retired,
        restricted=body["restrictedPicklist"], external_id=body["externalId"], id_lookup=body["idLookup"], unique=body["unique"],
        name_field=body["nameField"], calculated=body["calculated"], auto_number=body["autoNumber"],
        compound=body["compoundFieldName"] if body["compoundFieldName"] != body["name"] else None,
    )  # fmt: skip
