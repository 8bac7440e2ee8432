"""Objects that Salesforce lists for nobody: a query must say whose rows it wants."""

from ..errors import ApiError
from .tree import Compare, Condition, Junction, Path, Query

WANTED = {"contentdocumentlink": frozenset({"contentdocumentid", "linkedentityid"})}
_MESSAGE = (
    "Implementation restriction: ContentDocumentLink requires a filter by a single Id on ContentDocumentId or "
    "LinkedEntityId using the equals operator or multiple Id's using the IN operator."
)


def require_filter(query: Query) -> None:
    wanted = WANTED.get(query.sobject.lower())
    if wanted and not (query.where and _filters(query.where, wanted)):
        raise ApiError("MALFORMED_QUERY", _MESSAGE)


def _filters(condition: Condition, wanted: frozenset[str]) -> bool:
    if isinstance(condition, Junction):
        return condition.word == "AND" and any(_filters(part, wanted) for part in condition.parts)
    if not isinstance(condition, Compare) or not isinstance(condition.left, Path):
        return False
    is_named = len(condition.left.parts) == 1 and condition.left.parts[0].lower() in wanted
    # A sub-select is refused here too: whether every org takes it is not certain.
    is_listed = condition.operator == "=" or (condition.operator == "IN" and isinstance(condition.right, tuple))
    return is_named and is_listed
