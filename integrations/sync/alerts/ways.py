"""The ways out: mail, chat, webhook. Each sends once and returns, or raises SendFailed with words that hold no secret."""

import smtplib
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from integrations.wire.errors import WireError
from integrations.wire.messages import Request
from integrations.wire.session import Session

from . import channels
from .texts import Told

LARGEST_ANSWER = 1024 * 1024


class SendFailed(Exception):  # noqa: N818 (says what happened, like the wire's)
    pass


def mail(address: str, told: Told, key: str) -> None:
    # The same Message-ID at every attempt: mail programs show a message that came twice once.
    message = EmailMessage(told.title, told.text, to=[address], headers={"Message-ID": f"<{key}@skalin-sync>"})
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        raise SendFailed(_("The mail server did not take it (%(error)s).") % {"error": type(error).__name__}) from None


def channel(url: str, told: Told, key: str, details: dict[str, Any]) -> None:
    if name := channels.chat_of(url):
        chat(name, url, told)
    else:
        webhook(url, told, key, details)


def chat(name: str, url: str, told: Told) -> None:
    """One plugin each, never apprise's own reading of an address: that would open every service it knows."""
    # They take a moment to load; only who sends to a chat waits for that.
    from apprise.plugins.discord import NotifyDiscord
    from apprise.plugins.google_chat import NotifyGoogleChat
    from apprise.plugins.slack import NotifySlack

    plugin: Any = {"discord": NotifyDiscord, "google": NotifyGoogleChat, "slack": NotifySlack}[name]
    try:
        parts = plugin.parse_native_url(url)
        taken = parts is not None and plugin(**parts).notify(title=told.title, body=told.text)
    except TypeError:
        # How apprise refuses a token that cannot be one.
        taken = False
    if not taken:
        raise SendFailed(_("The chat did not take it. Is the address still the room’s?"))


def webhook(url: str, told: Told, key: str, details: dict[str, Any]) -> None:
    body = {"text": f"{told.title}\n\n{told.text}", "title": told.title, "url": told.url, "key": key, **details}
    session = None
    try:
        session = Session(
            channels.policy_for(url),
            ca_file=settings.CRM_EXTRA_CA_FILE,
            # The queue tries again later, minutes apart; a task must not sit and wait.
            max_wait=0,
            largest_body=LARGEST_ANSWER,
        )
        headers = {"Idempotency-Key": key}
        session.send(Request("POST", url, headers=headers, json=body, replayable=False, needs=None))
    except WireError as error:
        # What the other side wrote may hold the address; its class and status say enough.
        status = f"HTTP {error.status}" if error.status else error.code
        raise SendFailed(_("The webhook did not take it (%(error)s).") % {"error": status}) from None
    finally:
        if session is not None:
            session.close()
