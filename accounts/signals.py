"""What sign-in leaves behind: the beginning of the session and lines in the audit trail."""

from typing import Any

from allauth.account import signals as account_signals
from django.contrib.auth import signals as auth_signals
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts import audit, sessions
from accounts.audit import Verb
from accounts.models import User


@receiver(auth_signals.user_logged_in)
def _begin_session(request: HttpRequest, user: User, **_: Any) -> None:
    sessions.begin(request.session)
    User.objects.filter(pk=user.pk).update(last_seen=timezone.now())


@receiver(account_signals.user_logged_in)
def _signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    audit.record(request, Verb.SIGNED_IN, user)


@receiver(auth_signals.user_logged_out)
def _signed_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None:
        audit.record(request, Verb.SIGNED_OUT, user)


@receiver(auth_signals.user_login_failed)
def _sign_in_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    # What was typed as e-mail is kept, what was typed as password never: it is often the right one with one letter off.
    typed = str(credentials.get("email") or credentials.get("username") or "")
    audit.record(request, Verb.SIGN_IN_FAILED, User.objects.filter(email=typed.lower()).first() or typed)


@receiver(account_signals.password_changed)
@receiver(account_signals.password_set)
@receiver(account_signals.password_reset)
def _password_changed(request: HttpRequest, user: User, **_: Any) -> None:
    # Whoever knew the old password is out; the session that changed it stays.
    ended = sessions.end_all(user, but=request.session.session_key)
    audit.record(request, Verb.PASSWORD_CHANGED, user, after={"other sessions ended": ended})
