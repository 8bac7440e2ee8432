"""A failed call to Salesforce as people read it: what it means, what repairs it, and Salesforce's own words."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from integrations.engine.reasons import Sentence, say
from integrations.wire.errors import Misconfigured, NeedsSignIn, RateLimited, WireError

from .causes import CAUSES

OURS: dict[str, Sentence] = {
    "view-gone": Sentence(
        say("The chosen view is gone from Salesforce, or hidden from the signed-in user."),
        say("Choose another view, or share it with that user. Nobody is churned by its absence."),
    ),
    "view-unusable": Sentence(
        say("What this view shows depends on who looks."),
        say("Choose a view that shows the same accounts to everybody."),
    ),
    "NOT_SIGNED_IN": Sentence(say("Nobody is signed in to Salesforce for this connection."), say("Connect first.")),
    "CREDENTIALS_UNREADABLE": Sentence(
        say("The sign-in that was kept does not open with the keys of this console."),
        say("Sign in again, or have whoever runs this console add the former key to CREDENTIAL_KEY_FALLBACKS."),
    ),
    "OTHER_ORGANISATION": Sentence(
        say("This is another Salesforce organisation than before. Its IDs mean nothing to the records linked here."),
        say("Sign in to the former organisation, or add a new connection for this one. Nothing has been changed."),
    ),
    "NO_APP": Sentence(
        say("No app is set up through which people could sign in."),
        say("Enter the client ID and secret of an external client app of your Salesforce."),
    ),
}
ENDED = Sentence(say("Salesforce no longer accepts our sign-in."), say("Connect again. Nothing that was read is lost."))
BUSY = Sentence(say("Salesforce asks us to wait."), say("Try again in some minutes."))
WRONG = Sentence(
    say("Salesforce refused this, and waiting will not help."), say("Its own words beside this say what to change.")
)
SILENT = Sentence(say("Salesforce does not answer at the moment."), say("Try again; what you set up so far is kept."))
BY_KIND: tuple[tuple[type[WireError], Sentence], ...] = (
    (NeedsSignIn, ENDED),
    (RateLimited, BUSY),
    (Misconfigured, WRONG),
)


@dataclass(frozen=True, slots=True)
class Trouble:
    why: str
    cure: str
    said: str
    needs_sign_in: bool = False


def trouble_of(error: WireError) -> Trouble:
    sentence = sentence_of(error)
    cure = _(sentence.cure) if sentence.cure else ""
    return Trouble(_(sentence.why), cure, str(error), isinstance(error, NeedsSignIn))


def trouble_of_code(code: str, message: str) -> Trouble:
    """Of a failure that was kept: its kind is gone, its code is not."""
    return trouble_of(Misconfigured(code, message))


def sentence_of(error: WireError) -> Sentence:
    known = OURS.get(error.code) or CAUSES.get(error.code)
    return known or next((said for kind, said in BY_KIND if isinstance(error, kind)), SILENT)
