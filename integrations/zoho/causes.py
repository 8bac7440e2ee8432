"""Zoho's codes in plain words, with what repairs them; pages show these beside the vendor's own text."""

from integrations.engine.reasons import Sentence, say

from .write_causes import WRITE_CAUSES

NOT_ALLOWED = Sentence(
    say("The profile of the connecting user does not allow this in Zoho."),
    say("Let an administrator of Zoho add the permission that it names to the profile, then try again."),
)

CAUSES: dict[str, Sentence] = {
    # Signing in
    "invalid_code": Sentence(
        say("The permission to read this organisation has ended, or was given to another data centre."),
        say("Connect again. Nothing that was read is lost."),
    ),
    "NO_REFRESH_TOKEN": Sentence(
        say("Zoho gave an access that ends within the hour and cannot be renewed."),
        say("Connect again and choose Accept on Zoho's page."),
    ),
    "access_denied": Sentence(
        say("The connection was refused on Zoho's page."),
        say("Connect again and choose Accept, with a user who may do so."),
    ),
    "invalid_client": Sentence(
        say("Zoho does not know this client ID at this data centre."),
        say(
            "Copy the client ID from Zoho's API console again; in its settings, allow the client for all data centres."
        ),
    ),
    "invalid_client_secret": Sentence(
        say("The client secret does not belong to this client ID."),
        say("Copy the secret from Zoho's API console again: each data centre may have its own."),
    ),
    "invalid_redirect_uri": Sentence(
        say("The client in Zoho's API console lists another redirect address."),
        say("Enter the address shown here in the API console, letter by letter."),
    ),
    "invalid_soid": Sentence(
        say("The client may not sign in alone to an organisation of this number."),
        say("Compare the organisation number with the one under Setup, Company Details, in Zoho."),
    ),
    "Access Denied": Sentence(
        say("Zoho was asked for an access too often within ten minutes."),
        say("Nothing is wrong with the sign-in: it goes on by itself a little later."),
    ),
    "INVALID_TOKEN": Sentence(
        say("Zoho ended the session and does not accept the renewed one."), say("Connect again.")
    ),
    "OAUTH_SCOPE_MISMATCH": Sentence(
        say("The access was given for fewer things than are needed now."),
        say("Connect again and accept all that Zoho lists."),
    ),
    # What the user or the organisation may do
    "NO_PERMISSION": NOT_ALLOWED,
    "NOT_SUPPORTED": NOT_ALLOWED,
    "TOO_MANY_REQUESTS": Sentence(
        say("Zoho takes no more calls at the moment: the day's credits are used up, or too many came at one time."),
        say("The run goes on by itself as soon as there is room; other integrations use the same credits."),
    ),
    "QUOTA_RESERVE": Sentence(
        say("The organisation's API credits are used up to the share that this connection leaves to others."),
        say(
            "The run asks again by itself and goes on as soon as there is room. To let it use more, lower “Share of the "
            "daily calls left to others” on the connection's page and try again now."
        ),
    ),
    # The set-up
    "INVALID_MODULE": Sentence(
        say("Zoho has no such module, or hides it from the connecting user."),
        say("Give the user's profile access to the module, or choose another one."),
    ),
    "INVALID_QUERY": Sentence(
        say("A mapped field is gone from Zoho, or hidden from the connecting user."),
        say("Show the field to the user's profile, or take it out of the mapping."),
    ),
    "FILTER_FIELD_GONE": Sentence(
        say("The field by which accounts are filtered is gone from Zoho, or hidden from the connecting user."),
        say("Choose another field under Scope, or none. Nobody is churned by its absence."),
    ),
    "NO_WON_STAGE": Sentence(
        say("No stage of deals is forecast as won in Zoho, so no deal counts as a contract."),
        say("Choose a view of deals, or another module, under Agreements."),
    ),
    # The connection itself
    "HOST_REFUSED": Sentence(
        say("This address does not belong to Zoho."),
        say("Correct the address, or have it listed by whoever runs this console."),
    ),
    "TLS_UNTRUSTED": Sentence(
        say("The certificate of this address cannot be trusted, so nothing was sent."),
        say("Check the address; an authority of your own can be added by whoever runs this console."),
    ),
    **WRITE_CAUSES,
}
