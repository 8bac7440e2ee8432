"""Intercom's refusals in plain words, with what repairs them; pages show these beside the vendor's own text."""

from integrations.engine.reasons import Sentence, say

_SIGN_IN = say("Connect again, with a new access token or in the browser. Nothing that was read is lost.")

CAUSES: dict[str, Sentence] = {
    # Signing in
    "unauthorized": Sentence(
        say("Intercom does not accept this access token."),
        say(
            "Copy it again from Intercom’s Developer Hub, and check where the workspace is hosted: a token opens one region."
        ),
    ),
    "token_revoked": Sentence(say("The access token was revoked in Intercom."), _SIGN_IN),
    "token_not_found": Sentence(say("Intercom does not know this access token."), _SIGN_IN),
    "token_blocked": Sentence(say("Intercom blocked this access token."), _SIGN_IN),
    "CREDENTIAL_REFUSED": Sentence(
        say("Intercom does not accept this access token."),
        say(
            "Copy it again from Intercom’s Developer Hub, and check where the workspace is hosted: a token opens one region."
        ),
    ),
    "code_not_found": Sentence(
        say("Intercom does not accept this answer to a sign-in: it was used before, or took too long."),
        say("Connect again."),
    ),
    "access_denied": Sentence(
        say("The connection was refused on Intercom’s page."),
        say("Connect again and allow it, as an admin of Intercom."),
    ),
    "NO_APP": Sentence(
        say("No app is set up through which people could sign in."),
        say("Enter the client ID and secret of an app from Intercom’s Developer Hub, or use an access token."),
    ),
    # What the app or the workspace may do
    "api_plan_restricted": Sentence(
        say("The plan of this workspace, or the app, does not allow this."),
        say("Tick the permission for it in Intercom’s Developer Hub, or have the plan widened, then try again."),
    ),
    "forbidden": Sentence(
        say("The app may not do this in Intercom."),
        say("Tick the permissions named on the page of the sign-in in Intercom’s Developer Hub, then connect again."),
    ),
    "rate_limit_exceeded": Sentence(
        say("Too many calls came to Intercom within ten seconds."), say("The run goes on by itself.")
    ),
    "scroll_exists": Sentence(
        say("Companies of this workspace are being listed already: Intercom allows one such listing at a time."),
        say(
            "The run tries again by itself, a minute later. If it never succeeds, look which other tool lists companies."
        ),
    ),
    "QUOTA_RESERVE": Sentence(
        say(
            "Other integrations use up Intercom’s calls at the moment, up to the share that this connection leaves to them."
        ),
        say("The run goes on by itself within seconds."),
    ),
    # Attributes and records
    "ATTRIBUTE_NOT_ALLOWED": Sentence(
        say("Intercom does not make the attribute."),
        say("Create it by hand in Intercom, as a text, and choose it under Companies or Contacts."),
    ),
    "ATTRIBUTE_OF_OTHERS": Sentence(
        say("Intercom holds another attribute of this name: one name serves companies or people, not both."),
        say("Choose another name."),
    ),
    "parameter_invalid": Sentence(
        say("Intercom does not accept a value that was sent."),
        say("Look at the attribute that is named; the text is Intercom’s own. An archived attribute takes no value."),
    ),
    "not_found": Sentence(say("The record was deleted, archived or merged in Intercom."), ""),
    "company_not_found": Sentence(say("The company was deleted in Intercom."), ""),
    "LINKS_ONLY": Sentence(
        say("This console creates and deletes nothing in Intercom."), say("Create the record in Intercom.")
    ),
    # The connection itself
    "HOST_REFUSED": Sentence(
        say("This address does not belong to Intercom."),
        say("Correct the address, or have it listed by whoever runs this console."),
    ),
    "media_type_not_acceptable": Sentence(
        say("Something between here and Intercom changes the calls."),
        say("Have it checked by whoever runs the network: a proxy must pass the headers on as they are."),
    ),
}
