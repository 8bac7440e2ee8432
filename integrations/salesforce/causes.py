"""Salesforce's codes in plain words, with what repairs them; pages show these beside the vendor's own text."""

from integrations.engine.reasons import Sentence, say

from .write_causes import WRITE_CAUSES

NO_API_ACCESS = Sentence(
    say("This Salesforce user has no API access."),
    say("Use a user with the permission “API Enabled”, in an edition that includes the API."),
)

CAUSES: dict[str, Sentence] = {
    # Signing in
    "INVALID_LOGIN": Sentence(
        say("Salesforce does not accept this user name, password or security token."),
        say("Check all three. A new password also makes a new security token, sent to the user by e-mail."),
    ),
    "LOGIN_MUST_USE_SECURITY_TOKEN": Sentence(
        say("Salesforce asks for the security token of this user."),
        say("Add the token, or let an administrator list this server's address as trusted."),
    ),
    "INVALID_OPERATION_WITH_EXPIRED_PASSWORD": Sentence(
        say("The password of this user has expired or was reset."),
        say("Set a new password in Salesforce, then enter it here with the new security token."),
    ),
    "PASSWORD_LOCKOUT": Sentence(
        say("Salesforce has locked this user after too many wrong passwords."),
        say("Let an administrator unlock the user, then sign in again."),
    ),
    "invalid_grant": Sentence(
        say("The permission to read this organisation has ended."),
        say("Connect again. Nothing that was read is lost."),
    ),
    "access_denied": Sentence(
        say("The connection was refused on Salesforce's page."),
        say("Connect again and choose Allow, with a user who may do so."),
    ),
    "invalid_client_id": Sentence(
        say("Salesforce does not know this consumer key."),
        say("Copy the key of the external client app again; a new app needs some minutes until it is known."),
    ),
    "invalid_client": Sentence(
        say("The consumer secret does not belong to this consumer key."),
        say("Copy the secret of the external client app again."),
    ),
    "redirect_uri_mismatch": Sentence(
        say("The app in Salesforce lists another callback address."),
        say("Enter the callback address shown here in the external client app, letter by letter."),
    ),
    "MY_DOMAIN_NEEDED": Sentence(
        say("This way to sign in works on the organisation's own address only."),
        say("Enter the address that ends in .my.salesforce.com."),
    ),
    "INVALID_SESSION_ID": Sentence(
        say("Salesforce ended the session and does not accept the renewed one."),
        say("Connect again."),
    ),
    # What the user or the organisation may do
    "API_DISABLED_FOR_ORG": NO_API_ACCESS,
    "API_CURRENTLY_DISABLED": NO_API_ACCESS,
    "INSUFFICIENT_ACCESS": Sentence(
        say("The connecting user may not do this in Salesforce."),
        say("Widen the user's permissions on this object, then run again."),
    ),
    "UNSUPPORTED_API_VERSION": Sentence(
        say("Salesforce does not offer this version of its API here."),
        say("Connect through Salesforce's own sign-in page instead of a password."),
    ),
    "REQUEST_LIMIT_EXCEEDED": Sentence(
        say("The organisation has used up its API calls of the last 24 hours."),
        say("The run goes on by itself as soon as there is room; other integrations use the same allowance."),
    ),
    "QUOTA_RESERVE": Sentence(
        say("The organisation's API calls are used up to the share that this connection leaves to others."),
        say(
            "The run asks again by itself and goes on as soon as there is room. To let it use more, lower “Share of the "
            "daily calls left to others” on the connection's page and try again now."
        ),
    ),
    # The set-up
    "INVALID_FIELD": Sentence(
        say("A mapped field is gone from Salesforce, or hidden from the connecting user."),
        say("Show the field to the user (field-level security), or take it out of the mapping."),
    ),
    "INVALID_TYPE": Sentence(
        say("Salesforce has no such object for the connecting user."),
        say("Give the user access to the object."),
    ),
    "NOT_FOUND": Sentence(
        say("Salesforce does not have this (any more), or hides it from the connecting user."),
        say("If it is the view: choose another one, or share it with the user. Nobody is churned by its absence."),
    ),
    "ENTITY_IS_DELETED": Sentence(say("The record was deleted in Salesforce."), ""),
    # The connection itself
    "HOST_REFUSED": Sentence(
        say("This address does not belong to Salesforce."),
        say("Correct the address, or have it listed by whoever runs this console."),
    ),
    "TLS_UNTRUSTED": Sentence(
        say("The certificate of this address cannot be trusted, so nothing was sent."),
        say("Check the address; an authority of your own can be added by whoever runs this console."),
    ),
    **WRITE_CAUSES,
}
