"""Values that may stand in one record only: a contact's e-mail address, and properties that were made unique."""

from collections.abc import Iterable, Mapping, Sequence

from .errors import ApiError
from .kinds import Kind
from .portal import Portal


class TakenError(ApiError):
    """A contact with this address is there already."""

    def __init__(self, existing: str) -> None:
        super().__init__(f"Contact already exists. Existing ID: {existing}", 409, "CONFLICT")
        self.existing = existing


def check_unique(portal: Portal, kind: Kind, kept: Mapping[str, str], record_id: str) -> None:
    for name, value in kept.items():
        one = portal.schema.of(kind.name)[name]
        if not one.unique or value == "":
            continue
        holder = find_by(portal, kind, name, [value]).get(value.casefold())
        if holder is None or holder == record_id:
            continue
        if (kind.name, name) == ("contacts", "email"):
            raise TakenError(holder)
        place = (
            f"PropertyValueCoordinates{{portalId={portal.portal_id}, "
            f"objectTypeId=ObjectTypeId{{legacyObjectType={kind.word}}}, "
            f"propertyName={name}, value={value}}}"
        )
        # A record that is yet to be made has the number it would have got.
        raise ApiError(f"Cannot set {place} on {record_id or portal.store.new_id()}. {holder} already has that value.")


def find_by(portal: Portal, kind: Kind, name: str, wanted: Sequence[str]) -> dict[str, str]:
    """By the folded value, the id of the record that has it: in one statement, on the property's index."""
    marks = ", ".join("?" * len(wanted))
    # The index is a partial one: the kind must stand in the statement itself.
    sql = f"""SELECT json_extract(body, '$.{name}'), id FROM _record WHERE kind = '{kind.name}' AND gone IS NULL
        AND json_extract(body, '$.{name}') COLLATE NOCASE IN ({marks})"""  # noqa: S608  both names come from the schema
    return {value.casefold(): record_id for value, record_id in portal.store.execute(sql, wanted).fetchall()}


def require_unique(portal: Portal, kind: Kind, names: Iterable[str]) -> None:
    for name in names:
        one = portal.schema.of(kind.name).get(name)
        if one is None or not one.unique:
            what = f"non-unique {kind.number} property {name} in portal ID {portal.portal_id}"
            raise ApiError(f"Unable to perform update/upsert by {what}")
