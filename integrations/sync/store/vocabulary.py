"""The hub's words by name: stages and profiles that exist, and colleagues, who are added when a CRM names them."""

from collections.abc import Iterable

from integrations.engine.compare import normal_email
from integrations.hub.models import CsmOwner, HealthProfile, Stage

from .bulk import upsert


def stages() -> tuple[dict[str, int], int]:
    """Name → id, and the stage that new customers get."""
    rows = list(Stage.objects.values_list("name", "pk", "is_default"))
    default = next((pk for _, pk, is_default in rows if is_default), rows[0][1] if rows else 0)
    return {name: pk for name, pk, _ in rows}, default


def profiles() -> dict[str, int]:
    return dict(HealthProfile.objects.values_list("name", "pk"))


def people(emails: Iterable[str]) -> dict[str, int]:
    """A colleague the hub has not met is added; two workers that add the same one at once end up with one row."""
    asked = sorted({normal_email(email) for email in emails} - {""})
    if not asked:
        return {}
    found = dict(CsmOwner.objects.filter(email__in=asked).values_list("email", "pk"))
    missing = [email for email in asked if email not in found]
    if missing:
        upsert(CsmOwner, ["email", "name"], [(email[:254], "") for email in missing], conflict=["email"])
        found = dict(CsmOwner.objects.filter(email__in=asked).values_list("email", "pk"))
    return found
