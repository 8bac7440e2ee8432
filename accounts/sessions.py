"""How long a sign-in lasts: 8 hours idle, 7 days in all, and ended at once when an admin says so."""

from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User

SIGNED_IN_AT = "signed_in_at"
SEEN_AT = "seen_at"
# Noting each request would take the database's write lock away from the runs; a minute is exact enough for 8 hours.
NOTE_EVERY = timedelta(minutes=1)


def begin(session: SessionBase) -> None:
    session[SIGNED_IN_AT] = session[SEEN_AT] = timezone.now().timestamp()


def is_too_old(session: SessionBase, limit: timedelta) -> bool:
    """A session without a beginning was not made by our sign-in: it counts as too old."""
    return timezone.now().timestamp() - float(session.get(SIGNED_IN_AT, 0)) > limit.total_seconds()


def note_activity(request: HttpRequest) -> None:
    now = timezone.now()
    if now.timestamp() - float(request.session.get(SEEN_AT, 0)) < NOTE_EVERY.total_seconds():
        return
    # Saving the session also moves its expiry: this is what makes the 8 hours idle ones.
    request.session[SEEN_AT] = now.timestamp()
    User.objects.filter(pk=request.user.pk or 0).update(last_seen=now)
    UserSession.objects.filter(session_key=request.session.session_key).update(last_seen_at=now)


def end_all(user: User, *, but: str | None = None) -> int:
    """End every session of a person, except the one whose key is given; says how many were ended."""
    found = UserSession.objects.filter(user=user).exclude(session_key=but or "")
    # Rows of sessions that expired by themselves go too, but they do not count as ended now.
    ended = [(session.exists(), session.end())[0] for session in found]
    return sum(ended)
