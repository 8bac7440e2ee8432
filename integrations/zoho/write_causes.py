"""Zoho's ways to refuse what is written, and ours to refuse before it is sent, in plain words with what repairs them."""

from integrations.engine.reasons import Sentence, say

NO_SHIFT = Sentence(
    say("A date and a time are two things: the one turned into the other could shift by a day."),
    say("Map the field to one of the same type."),
)

WRITE_CAUSES: dict[str, Sentence] = {
    # The record's own values
    "MANDATORY_NOT_FOUND": Sentence(
        say("Zoho asks for a field that was empty."),
        say(
            "Map the field and fill it in the hub, or type on the mapping page, under “Sent where the hub has nothing”, what "
            "a new record gets instead."
        ),
    ),
    "INVALID_DATA": Sentence(
        say("The value does not fit the field in Zoho: its type, its length, or the record that it names."),
        say("Correct the value in the hub, or map it to a field of its type."),
    ),
    "DEPENDENT_MISMATCH": Sentence(
        say("Values of this record do not fit together in Zoho; its own text says which."),
        say("Correct the values in the hub."),
    ),
    "FRACTION_IN_A_WHOLE": Sentence(
        say("The field in Zoho takes whole numbers only, and this one has a fraction."),
        say("Correct the number, or map it to a field for decimals."),
    ),
    "DATE_WITHOUT_TIME": NO_SHIFT,
    "TIME_IN_A_DATE": NO_SHIFT,
    "TIME_WITHOUT_ZONE": NO_SHIFT,
    "EMAIL_WAS_SENT": Sentence(
        say("Zoho lets nobody change an e-mail that was logged."),
        say("Write what is to be added as a note."),
    ),
    # Other records
    "DUPLICATE_DATA": Sentence(
        say("Another record in Zoho holds this value already, and it may stand in one only."),
        say("Correct the value, or link this record to the other one."),
    ),
    "MULTIPLE_OR_MULTI_ERRORS": Sentence(
        say("Several values of this record were refused by Zoho; its own text names them."),
        say("Correct the values in the hub."),
    ),
    # People
    "UNKNOWN_USER": Sentence(
        say("Zoho has no user with this e-mail address."),
        say("Give the colleague a user in Zoho with the same address, or choose somebody else."),
    ),
    "SEVERAL_USERS": Sentence(
        say("Several active users of Zoho share this e-mail address."),
        say("Give each of them an address of their own in Zoho."),
    ),
    "INACTIVE_USER": Sentence(
        say("The owner is no longer active in Zoho."),
        say("Choose an active owner."),
    ),
    # A moment's trouble
    "RECORD_LOCKED": Sentence(
        say("The record is locked in Zoho: it waits for an approval, or is just being merged."),
        say("It can be tried again once that is through."),
    ),
    # Fields of our own
    "KEY_FIELD_GONE": Sentence(
        say("The field for this console's own key is gone from Zoho, or hidden from the connecting user."),
        say(
            "Add it again on the mapping page of the data type: it is offered there under “Field for our own ID”. Without "
            "it you are asked about each new record whose answer gets lost."
        ),
    ),
    "FIELD_GONE": Sentence(
        say("A field that was to be written is gone from Zoho, or hidden from the connecting user."),
        say("Show the field to the user's profile, or take it out of the mapping."),
    ),
    "FIELD_NOT_ALLOWED": Sentence(
        say("Zoho did not let the connecting user add a field."),
        say(
            "Give the user's profile “Customize Zoho CRM” for this one moment, or free one of the unique fields that Zoho "
            "allows for each module."
        ),
    ),
    "FIELD_HIDDEN": Sentence(
        say("The field exists in Zoho, and the connecting user cannot write it."),
        say("Open the field to the user's profile for reading and writing."),
    ),
    "FIELD_TAKEN": Sentence(
        say("A field of this label exists in Zoho and has another type."),
        say("Rename that field in Zoho, or map to a field of your own."),
    ),
}
