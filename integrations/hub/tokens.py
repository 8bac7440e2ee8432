"""Makes, knows, counts and revokes the tokens of the API."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from .models import ApiToken

PREFIX = "sks_"
"""So that a scanner of leaked secrets, and whoever finds one in a file, knows what it is."""
SCHEME = "Bearer "
LONGEST = 200
CALLS_PER_MINUTE = 60


def make(name: str, by: str) -> tuple[ApiToken, str]:
    """The row and the token itself, which is kept nowhere: 256 random bits, so a plain digest cannot be turned around."""
    token = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken.objects.create(name=name, digest=_digest(token), ending=token[-4:], created_by=by[:160])
    return row, token


def token_of(header: str) -> ApiToken | None:
    """The living token that an Authorization header carries."""
    if not header.startswith(SCHEME) or len(header) > LONGEST:
        return None
    return ApiToken.objects.filter(digest=_digest(header.removeprefix(SCHEME).strip()), revoked_at=None).first()


def may_call(token: ApiToken, now: datetime) -> bool:
    """Counts the call; False where the minute is used up. Conditional updates: two processes never count past the limit."""
    minute = now.replace(second=0, microsecond=0)
    living = ApiToken.objects.filter(pk=token.pk, revoked_at=None)
    in_this = living.filter(minute=minute, calls__lt=CALLS_PER_MINUTE)

    def goes_on() -> int:
        return in_this.update(calls=F("calls") + 1, used_at=now)

    def begins() -> int:
        return living.exclude(minute=minute).update(minute=minute, calls=1, used_at=now)

    # Where another process began the minute in between, this call is one more of it.
    return bool(goes_on() or begins() or goes_on())


def seconds_left(now: datetime) -> int:
    """Until the next minute begins."""
    return max(1, int((now.replace(second=0, microsecond=0) + timedelta(minutes=1) - now).total_seconds() + 0.999))


def revoke(token: ApiToken, by: str) -> bool:
    """False where somebody did already."""
    living = ApiToken.objects.filter(pk=token.pk, revoked_at=None)
    return bool(living.update(revoked_at=timezone.now(), revoked_by=by[:160]))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
