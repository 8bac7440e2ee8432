"""Adding and changing people. Every rule is checked inside the transaction that acts, and every act is recorded."""

from collections.abc import Iterable
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.utils import user_pk_to_url_str
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import audit, sessions
from accounts.audit import Verb
from accounts.models import Team, User
from accounts.permissions import Role


class LastAdminError(ValidationError):
    def __init__(self) -> None:
        super().__init__(
            _("This is the last admin. Make somebody else an admin first; nothing was changed."), code="last_admin"
        )


def add_person(
    by: HttpRequest | User | None, *, email: str, name: str, role: str, teams: Iterable[Team] = (), password: str = ""
) -> User:
    with transaction.atomic():
        person = User.objects.create_user(email, password or None, name=name, role=role)
        person.teams.set(teams)
        audit.record(by, Verb.CREATED, person, after={name: value for name, value in _picture(person).items() if value})
    return person


def change_person(
    by: HttpRequest | User | None, person: User, *, name: str, role: str, teams: Iterable[Team], is_active: bool
) -> User:
    with transaction.atomic():
        _keep_an_admin(person, role=role, is_active=is_active)
        stored = User.objects.select_for_update().get(pk=person.pk)
        before = _picture(stored)
        stored.name, stored.role, stored.is_active = name, role, is_active
        stored.save(update_fields=["name", "role", "is_active"])
        stored.teams.set(teams)
        old, new = audit.changes(before, _picture(stored))
        if new:
            audit.record(by, Verb.CHANGED if is_active else Verb.DISABLED, stored, before=old, after=new)
    if not is_active:
        sessions.end_all(stored)
    return stored


def one_time_link(person: User) -> str:
    """Opens the page that sets a password: once, for three days, and only until the next password or sign-in."""
    token: str = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(person)
    link: str = get_adapter().get_reset_password_from_key_url(f"{user_pk_to_url_str(person)}-{token}")
    return link


def invite(by: HttpRequest, person: User) -> str:
    link = one_time_link(person)
    get_adapter().send_mail("account/email/invitation", person.email, {"person": person, "link": link, "by": by.user})
    audit.record(by, Verb.INVITED, person)
    return link


def end_sessions(by: HttpRequest, person: User) -> int:
    ended = sessions.end_all(person)
    audit.record(by, Verb.SESSIONS_ENDED, person, after={"ended": ended})
    return ended


def _keep_an_admin(person: User, *, role: str, is_active: bool) -> None:
    # Locked, so that two admins who demote each other in the same second cannot both succeed.
    admins = {user.pk for user in User.objects.select_for_update().filter(role=Role.ADMIN, is_active=True)}
    if admins == {person.pk} and not (role == Role.ADMIN and is_active):
        raise LastAdminError


def _picture(person: User) -> dict[str, Any]:
    return {
        "e-mail": person.email,
        "name": person.name,
        "role": str(person.role_of.label),
        "teams": [team.name for team in person.teams.all()],
        "may sign in": person.is_active,
    }
