"""Pipedrive's codes in plain words: why, and what repairs it."""

from integrations.engine.reasons import Sentence, say

CAUSES: dict[str, Sentence] = {
    "SCOPE_MISSING": Sentence(
        say("The app may not do this: a permission is not ticked in it."),
        say(
            "Tick contacts, deals, activities, users, recent changes, search and the fields of contacts in the app in "
            "Pipedrive’s Developer Hub, then sign in again."
        ),
    ),
    "ERR_FORBIDDEN": Sentence(
        say("The signed-in user has no right to do this in Pipedrive."),
        say("Sign in as an administrator, or have the right added to the user’s permission set."),
    ),
    "HTTP_403": Sentence(
        say("The signed-in user has no right to do this in Pipedrive."),
        say("Sign in as an administrator, or have the right added to the user’s permission set."),
    ),
    "ACCOUNT_CLOSED": Sentence(
        say("This Pipedrive is closed: the trial is over, or a bill is open."),
        say("Once it is open again, run the sync."),
    ),
    "UNAUTHORIZED": Sentence(
        say("Pipedrive does not accept the access any more."),
        say("Sign in again; an API token may have been made anew in Pipedrive."),
    ),
    "CREDENTIAL_REFUSED": Sentence(
        say("Pipedrive does not accept this API token."),
        say("Copy it again: in Pipedrive under Personal preferences, API."),
    ),
    "invalid_grant": Sentence(
        say("The app was removed in Pipedrive, or nobody used it for 60 days."),
        say("Sign in again."),
    ),
    "user_denied": Sentence(
        say("The connection was refused on Pipedrive's page."),
        say("Try again and choose “Allow and install”, or ask an administrator of Pipedrive to."),
    ),
    "DAILY_BUDGET_SPENT": Sentence(
        say("The company has used up the API tokens that Pipedrive gives it for a day; all its apps share them."),
        say("The sync goes on by itself when there are new ones, after midnight."),
    ),
    "BLOCKED": Sentence(
        say("Pipedrive shuts out for a while whoever calls on after its limit."),
        say("The sync waits and goes on by itself. Look for another program with the same token."),
    ),
    "FIELD_GONE": Sentence(
        say("A mapped field is gone from Pipedrive, or cannot be written."),
        say("Take its line out of the mapping, or choose another field."),
    ),
    "KEY_FIELD_GONE": Sentence(
        say("The field for our own number is gone from Pipedrive."),
        say(
            "Add it again on the mapping page of the data type: it is offered there under “Field for our own ID”. Without "
            "it you are asked about each new record whose answer gets lost."
        ),
    ),
    "FIELD_NOT_ALLOWED": Sentence(
        say("The signed-in user may not add fields in Pipedrive, or the plan has no room for another one."),
        say("Sign in as an administrator, or choose a field that exists."),
    ),
    "FIELD_TAKEN": Sentence(
        say("Another field, of another type, has this name in Pipedrive."),
        say("Rename that one in Pipedrive, or choose a field that exists."),
    ),
    "UNKNOWN_OPTION": Sentence(
        say("The list in Pipedrive has no such option."),
        say("Add it there, or match the value with an option in the mapping."),
    ),
    "FRACTION_IN_A_WHOLE": Sentence(
        say("The field in Pipedrive takes whole numbers only, and this one has a fraction."),
        say("Correct the number, or map it to a field for decimals."),
    ),
    "TIME_IN_A_DATE": Sentence(
        say("A time does not fit into a date field: its day depends on where one looks."),
        say("Map it to a field for times, or send a date."),
    ),
    "UNKNOWN_USER": Sentence(
        say("Pipedrive has no user with this address."),
        say("Invite the person to Pipedrive, or choose somebody else here."),
    ),
    "SEVERAL_USERS": Sentence(
        say("Several active users of Pipedrive share this e-mail address."),
        say("Give each of them an address of their own in Pipedrive."),
    ),
    "INACTIVE_USER": Sentence(
        say("This person is no longer active in Pipedrive."),
        say("Choose somebody else here, or have the user activated."),
    ),
    "NO_APP": Sentence(
        say("No app is set up through which people could sign in."),
        say("Enter the client ID and secret of an app from Pipedrive’s Developer Hub, or use an API token."),
    ),
    "view-gone": Sentence(
        say("The chosen pipeline is gone from Pipedrive, or hidden from the signed-in user."),
        say("Choose another pipeline. Nothing is removed by its absence."),
    ),
}
