"""A channel's address: checked before it is kept, sealed at rest, shown with its secret part masked."""

import re

from django.conf import settings
from django.utils.translation import gettext as _

from integrations.wire.errors import Misconfigured
from integrations.wire.hosts import HostPolicy, origin_of

from ..credentials import seal, unseal
from ..models import AlertChannel

# The chats whose bodies apprise knows. Their hosts are fixed here: apprise never sees an address that names another.
CHATS = {
    "slack": re.compile(r"https://hooks\.slack\.com/services/[A-Za-z0-9]+/[A-Za-z0-9]+/[A-Za-z0-9]+/?"),
    "discord": re.compile(r"https://discord\.com/api/webhooks/[0-9]+/[A-Za-z0-9_-]+/?"),
    "google": re.compile(
        r"https://chat\.googleapis\.com/v1/spaces/[A-Za-z0-9_-]+/messages\?key=[\w%-]+&token=[\w%-]+", re.ASCII
    ),
}
SHOWN_END = 4


def chat_of(url: str) -> str:
    """Empty: no chat of ours, so it gets the plain webhook."""
    return next((name for name, form in CHATS.items() if form.fullmatch(url)), "")


def policy_for(url: str) -> HostPolicy:
    """The address's own host, at addresses that the whole world reaches; what the deployment lists may be nearer."""
    return HostPolicy(vendor_suffixes=(origin_of(url).host,), extra_hosts=tuple(settings.ALERT_EXTRA_HOSTS))


def check(url: str) -> None:
    """Raises Misconfigured for an address that nothing may be sent to."""
    policy_for(url).check(url)
    if "#" in url:
        raise Misconfigured("HOST_REFUSED", _("The address must not hold a #."))


def keep(channel: AlertChannel, url: str) -> None:
    """Fills in what is stored; the caller saves."""
    check(url)
    channel.sealed = seal(owner_of(channel), {"url": url})
    channel.shown = masked(url)


def open_url(channel: AlertChannel) -> str:
    """Raises NeedsSignIn where it opens with none of the keys."""
    return str(unseal(owner_of(channel), bytes(channel.sealed))["url"])


def masked(url: str) -> str:
    """The host, and of a long rest the last characters: enough to tell two rooms apart."""
    origin = origin_of(url)
    rest = url.split(origin.host, 1)[-1]
    end = rest[-SHOWN_END:] if len(rest) > SHOWN_END * 4 else ""
    return f"https://{origin.host}/…{end}"


def owner_of(channel: AlertChannel) -> str:
    return f"alert channel {channel.key}"
