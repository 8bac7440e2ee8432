"""HubSpot's codes in plain words, with what repairs them; pages show these beside HubSpot's own text."""

from integrations.engine.reasons import Sentence, say

NOT_INSTALLED = Sentence(
    say("HubSpot did not let this person connect an app to the portal."),
    say("Only a super admin may: sign in as one, or let one of your super admins connect."),
)
BAD_APP = Sentence(
    say("HubSpot does not know this app, or its secret is another one."),
    say("Copy the client ID and the client secret of the app again."),
)
ENDED = Sentence(
    say("The permission to read this portal has ended."), say("Connect again. Nothing that was read is lost.")
)
KEY_ENDED = Sentence(
    say("HubSpot does not accept this key (any more)."),
    say("Let a super admin make another service key, and enter it here. Nothing that was read is lost."),
)
CAUSES: dict[str, Sentence] = {
    "access_denied": NOT_INSTALLED,
    "MISSING_SCOPES": Sentence(
        say("This sign-in may not do that in HubSpot: a scope is missing."),
        say("Add the scope that HubSpot names below to the key or the app; as a super admin, then connect again."),
    ),
    "BAD_CLIENT_ID": BAD_APP,
    "BAD_CLIENT_SECRET": BAD_APP,
    "BAD_REDIRECT_URI": Sentence(
        say("The app in HubSpot lists another redirect address."),
        say("Enter the callback address shown here in the app, letter by letter."),
    ),
    "BAD_AUTH_CODE": ENDED,
    "BAD_REFRESH_TOKEN": ENDED,
    "BAD_GRANT_TYPE": ENDED,
    "invalid_grant": ENDED,
    "KEY_REFUSED": KEY_ENDED,
    "CREDENTIAL_REFUSED": KEY_ENDED,
    "EXPIRED_AUTHENTICATION": KEY_ENDED,
    "INVALID_AUTHENTICATION": KEY_ENDED,
    "NO_STAGE": Sentence(
        say("No lifecycle stage is chosen."), say("Choose at least one: without one, nobody would come in.")
    ),
    # One record
    "INVALID_OPTION": Sentence(
        say("The value is none of those that this property of HubSpot offers."),
        say("Translate it in the mapping, or add it to the property in HubSpot."),
    ),
    "INVALID_EMAIL": Sentence(say("HubSpot takes this for no e-mail address."), say("Correct the address.")),
    "CONFLICT": Sentence(
        say("Another contact in HubSpot has this e-mail address."), say("Merge the two, or correct the address.")
    ),
    "PROPERTY_DOESNT_EXIST": Sentence(
        say("HubSpot has no such property (any more)."), say("Choose another one in the mapping.")
    ),
    "READ_ONLY_VALUE": Sentence(
        say("HubSpot works this property out by itself."), say("Let its line only read, or choose another property.")
    ),
    "MISSING_REQUIRED_PROPERTY": Sentence(
        say("Your HubSpot asks for a property that this record does not fill."),
        say(
            "Map the property and fill it in the hub, or type on the mapping page, under “Sent where the hub has nothing”, what "
            "a new record gets instead."
        ),
    ),
    "MISSING_CONDITIONAL_REQUIRED_PROPERTY": Sentence(
        say("A rule of your HubSpot asks for another property together with this change."),
        say("Map that property, or change the rule in HubSpot."),
    ),
    "UNKNOWN_OWNER": Sentence(
        say("HubSpot has no owner with this e-mail address."),
        say("Give the colleague a seat in HubSpot with the same address, or choose somebody else."),
    ),
    "SEVERAL_OWNERS": Sentence(
        say("Several owners in HubSpot share this e-mail address."), say("Give each an address of their own.")
    ),
    "OWNER_DEPARTED": Sentence(say("The owner is no longer active in HubSpot."), say("Choose an active owner.")),
    # Properties of our own
    "KEY_FIELD_GONE": Sentence(
        say("The property for this console's own key is gone from HubSpot, or hidden from this sign-in."),
        say(
            "Add it again on the mapping page of the data type: it is offered there under “Field for our own ID”. Without "
            "it you are asked about each new record whose answer gets lost."
        ),
    ),
    "FIELD_NOT_ALLOWED": Sentence(
        say("This sign-in may not add properties in HubSpot."),
        say("Give it the scopes crm.schemas.companies.write and crm.schemas.contacts.write."),
    ),
    "FIELD_TAKEN": Sentence(
        say("A property of this name exists in HubSpot and is of another kind."),
        say("Rename that property in HubSpot, or map to one of your own."),
    ),
}
