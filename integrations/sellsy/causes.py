"""Sellsy's refusals in plain words, with what repairs them; pages show these beside the vendor's own text."""

from integrations.engine.reasons import Sentence, say

CAUSES: dict[str, Sentence] = {
    # Signing in
    "invalid_client": Sentence(
        say("Sellsy does not accept this client ID and secret together."),
        say("Copy both again from Sellsy, Settings, Developer portal. A personal app only signs in as an app."),
    ),
    "invalid_grant": Sentence(
        say("The permission to read this account has ended."),
        say("Connect again. Nothing that was read is lost."),
    ),
    "invalid_request": Sentence(
        say("Sellsy does not accept this answer to a sign-in: it was used before, or took longer than ten minutes."),
        say("Connect again."),
    ),
    "access_denied": Sentence(
        say("The connection was refused on Sellsy's page."),
        say("Connect again and allow it, with a colleague who may do so."),
    ),
    "UNAUTHORIZED": Sentence(
        say("Sellsy ended the access and does not accept the renewed one."),
        say("Connect again."),
    ),
    "NO_APP": Sentence(
        say("No app is set up through which people could sign in."),
        say("Enter the client ID and secret of an app from Sellsy, Settings, Developer portal."),
    ),
    # What the app or the account may do
    "FORBIDDEN": Sentence(
        say("The app lacks a scope for this in Sellsy, or the colleague who signed in lacks the right."),
        say(
            "Grant the app the scopes listed on the page of the sign-in, give the colleague the right, then try again."
        ),
    ),
    "PLAN_LIMIT": Sentence(
        say("The Sellsy plan allows no more of these."),
        say("Make room in Sellsy, or widen the plan, then try again."),
    ),
    "TOO_MANY_REQUESTS": Sentence(
        say("Too many calls came to Sellsy within a second or a minute."),
        say("The run goes on by itself."),
    ),
    "QUOTA_SPENT": Sentence(
        say("The account has used up its API calls of the day or of the month."),
        say("The run goes on by itself as soon as there is room; other integrations use the same allowance."),
    ),
    "QUOTA_RESERVE": Sentence(
        say("The account's API calls are used up to the share that this connection leaves to others."),
        say(
            "The run asks again by itself and goes on as soon as there is room. To let it use more, lower “Share of the "
            "daily calls left to others” on the connection's page and try again now."
        ),
    ),
    # The set-up
    "view-gone": Sentence(
        say("The chosen view is gone from Sellsy, or hidden from the signed-in colleague."),
        say("Choose another view, or none. Nobody is churned by its absence."),
    ),
    "E_PRIV_LIMITED": Sentence(
        say("The app may not create custom fields in Sellsy."),
        say("Grant it the scope “api-v1”, or create the two number fields by hand and choose them here."),
    ),
    "E_PARAM_INVALID": Sentence(
        say("Sellsy does not accept the field as it was to be created."),
        say("Create the two number fields by hand in Sellsy, for clients, and choose them here."),
    ),
    "INVALID": Sentence(
        say("Sellsy does not accept a value that was sent."),
        say("Look at the field that is named; the text is Sellsy's own."),
    ),
    "NOT_FOUND": Sentence(say("The record was deleted in Sellsy, or merged into another one."), ""),
    "NO_ROUTE": Sentence(
        say("This address is no Sellsy API."),
        say("Correct the address, or have it corrected by whoever runs this console."),
    ),
    # The connection itself
    "HOST_REFUSED": Sentence(
        say("This address does not belong to Sellsy."),
        say("Correct the address, or have it listed by whoever runs this console."),
    ),
    "TLS_UNTRUSTED": Sentence(
        say("The certificate of this address cannot be trusted, so nothing was sent."),
        say("Check the address; an authority of your own can be added by whoever runs this console."),
    ),
}
