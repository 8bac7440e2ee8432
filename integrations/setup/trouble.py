"""A failed call to a CRM as people read it: what it means, what repairs it, and the CRM's own words."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from integrations.engine.reasons import Sentence, say
from integrations.wire.errors import Misconfigured, NeedsSignIn, NotFound, RateLimited, Rejected, WireError

from .guide import Guide

OURS: dict[str, Sentence] = {
    "NOT_SIGNED_IN": Sentence(say("Nobody is signed in to %(system)s for this connection."), say("Connect first.")),
    "CREDENTIALS_UNREADABLE": Sentence(
        say("The sign-in that was kept does not open with the keys of this console."),
        say("Sign in again, or have whoever runs this console add the former key to CREDENTIAL_KEY_FALLBACKS."),
    ),
    "OTHER_ORGANISATION": Sentence(
        say("This is another organisation of %(system)s than before. Its IDs mean nothing to the records linked here."),
        say("Sign in to the former one, or add a new connection for this one. Nothing has been changed."),
    ),
}
ENDED = Sentence(say("%(system)s no longer accepts our sign-in."), say("Connect again. Nothing that was read is lost."))
BUSY = Sentence(say("%(system)s asks us to wait."), say("Try again in some minutes."))
WRONG = Sentence(
    say("%(system)s refused this, and waiting will not help."), say("Its own words beside this say what to change.")
)
MISSING = Sentence(
    say("%(system)s does not find what this needs."),
    say("It may be deleted, or hidden from the signed-in user. Its own words beside this name it."),
)
SILENT = Sentence(say("%(system)s does not answer at the moment."), say("Try again; what you set up so far is kept."))
BY_KIND: tuple[tuple[type[WireError], Sentence], ...] = (
    (NeedsSignIn, ENDED),
    (RateLimited, BUSY),
    (Misconfigured, WRONG),
    (Rejected, WRONG),
    (NotFound, MISSING),
)


@dataclass(frozen=True, slots=True)
class Trouble:
    why: str
    cure: str
    said: str
    needs_sign_in: bool = False
    in_one: str = ""
    """All three, for where nothing else can stand beside it."""


def trouble_of(guide: Guide, error: WireError) -> Trouble:
    sentence = sentence_of(guide, error)
    cure = guide.say(_(sentence.cure)) if sentence.cure else ""
    why, said = guide.say(_(sentence.why)), str(error)
    quoted = guide.say(_("%(system)s said: ")) + said if said else ""
    in_one = " ".join(part for part in (why, cure, quoted) if part)
    return Trouble(why, cure, said, isinstance(error, NeedsSignIn), in_one)


def trouble_of_code(guide: Guide, code: str, message: str) -> Trouble:
    """Of a failure that was kept: its kind is gone, its code is not."""
    return trouble_of(guide, Misconfigured(code, message))


def sentence_of(guide: Guide, error: WireError) -> Sentence:
    known = guide.trouble(error.code) or OURS.get(error.code)
    return known or next((said for kind, said in BY_KIND if isinstance(error, kind)), SILENT)
