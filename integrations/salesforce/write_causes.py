"""Salesforce's ways to refuse what is written, and ours to refuse before it is sent, in plain words with what repairs them."""

from integrations.engine.reasons import Sentence, say

NOT_EDITABLE = Sentence(
    say("The connecting user may not change this in Salesforce."),
    say("Give the user the right to edit the field and the record, or set the field's direction to input only."),
)
NOT_MADE = Sentence(
    say("Automation in your Salesforce (a trigger or a flow) stopped the record; its own text says why."),
    say("Correct what it asks for, or let the automation make an exception for the connecting user."),
)
DOUBLE = Sentence(
    say("Salesforce holds a record that looks the same, and a duplicate rule refuses a second one."),
    say("Link this record to the one in Salesforce, or relax the rule for the connecting user."),
)
NO_SHIFT = Sentence(
    say("A date and a time are two things: the one turned into the other could shift by a day."),
    say("Map the field to one of the same type."),
)

WRITE_CAUSES: dict[str, Sentence] = {
    # The record's own values
    "REQUIRED_FIELD_MISSING": Sentence(
        say("Salesforce asks for a field that was empty."),
        say(
            "Map the field and fill it in the hub, or type on the mapping page, under “Sent where the hub has nothing”, what "
            "a new record gets instead."
        ),
    ),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": Sentence(
        say("A validation rule of your Salesforce refused the record; its own text says which."),
        say("Correct the value, or let the rule make an exception for the connecting user."),
    ),
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": Sentence(
        say("The list in Salesforce does not hold this value and takes no other."),
        say("Map the hub's value to one of the list, or add it to the list in Salesforce."),
    ),
    "STRING_TOO_LONG": Sentence(
        say("The text is longer than the field in Salesforce."),
        say("Shorten the text, or map it to a longer field."),
    ),
    "NUMBER_OUTSIDE_VALID_RANGE": Sentence(
        say("The number has more digits than the field in Salesforce."),
        say("Correct the number, or widen the field in Salesforce."),
    ),
    "INVALID_EMAIL_ADDRESS": Sentence(
        say("Salesforce does not take this for an e-mail address."),
        say("Correct the address in the hub."),
    ),
    "JSON_PARSER_ERROR": Sentence(
        say("The value does not fit the type of the field in Salesforce."),
        say("Correct the value, or map it to a field of its type."),
    ),
    "MALFORMED_ID": Sentence(
        say("The field in Salesforce holds the ID of a record, and this is none."),
        say("Map another hub field to it, or take the line out of the mapping."),
    ),
    "FIELD_INTEGRITY_EXCEPTION": Sentence(
        say("Values of this record do not fit together in Salesforce; its own text says which."),
        say("Correct the values in the hub."),
    ),
    "DATE_WITHOUT_TIME": NO_SHIFT,
    "TIME_IN_A_DATE": NO_SHIFT,
    "TIME_WITHOUT_ZONE": NO_SHIFT,
    "EMAIL_WAS_SENT": Sentence(
        say("Salesforce lets nobody change an e-mail that was sent."),
        say("Write what is to be added as a note."),
    ),
    # Other records
    "DUPLICATE_VALUE": Sentence(
        say("Another record in Salesforce holds this value already, and it may stand in one only."),
        say("Correct the value, or link this record to the other one."),
    ),
    "DUPLICATES_DETECTED": DOUBLE,
    "DUPLICATE_EXTERNAL_ID": Sentence(
        say("Several records in Salesforce carry the same key, so that none can be told to be this one."),
        say("Empty the key in all but one of them, then try again."),
    ),
    "INVALID_CROSS_REFERENCE_KEY": Sentence(
        say("The record names another one that Salesforce does not have, or hides from the connecting user."),
        say("Look at the customer and the owner of the record; give the user access to them."),
    ),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": Sentence(
        say("The connecting user may not attach anything to the customer or owner of this record."),
        say("Give the user access to that record in Salesforce, then try again."),
    ),
    "DELETE_FAILED": Sentence(
        say("Other records in Salesforce depend on this one, so that it cannot be deleted."),
        say("Delete or move those first, or keep the record."),
    ),
    # People
    "UNKNOWN_USER": Sentence(
        say("Salesforce has no user with this e-mail address."),
        say("Give the colleague a user in Salesforce with the same address, or choose somebody else."),
    ),
    "SEVERAL_USERS": Sentence(
        say("Several active users of Salesforce share this e-mail address."),
        say("Give each of them an address of their own in Salesforce."),
    ),
    "INACTIVE_OWNER_OR_USER": Sentence(
        say("The owner is no longer active in Salesforce."),
        say("Choose an active owner."),
    ),
    # Rights and automation
    "INVALID_FIELD_FOR_INSERT_UPDATE": NOT_EDITABLE,
    "INSUFFICIENT_ACCESS_OR_READONLY": NOT_EDITABLE,
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": NOT_MADE,
    "UNKNOWN_EXCEPTION": Sentence(
        say("Salesforce broke off while it saved this record, and names an error number instead of a cause."),
        say("Try again; if it stays, Salesforce's support can look the number up."),
    ),
    "ENTITY_IS_LOCKED": Sentence(
        say("The record waits for an approval in Salesforce and is locked until then."),
        say("It can be tried again once the approval is through."),
    ),
    "STORAGE_LIMIT_EXCEEDED": Sentence(
        say("Your Salesforce has no storage left for new records."),
        say("Free or buy storage in Salesforce, then try again."),
    ),
    # A moment's trouble
    "UNABLE_TO_LOCK_ROW": Sentence(
        say("Somebody else was changing the same record in Salesforce."),
        say("It is tried again by itself."),
    ),
    "NOT_PROCESSED": Sentence(
        say("Salesforce ended the bulk job before it came to this record."),
        say("It is tried again by itself."),
    ),
    # Fields of our own
    "KEY_FIELD_GONE": Sentence(
        say("The field for this console's own key is gone from Salesforce, or hidden from the connecting user."),
        say(
            "Add it again on the mapping page of the data type: it is offered there under “Field for our own ID”. Without "
            "it you are asked about each new record whose answer gets lost."
        ),
    ),
    "BULK_NEEDS_KEY": Sentence(
        say("So many new records at once need a key by which they are told apart."),
        say("Let this console add it: the mapping page of the data type offers it under “Field for our own ID”."),
    ),
    "FIELD_NOT_ALLOWED": Sentence(
        say("The connecting user may not add fields in Salesforce."),
        say(
            "Give the user the permissions “Customize Application” and “View Setup and Configuration” for this one moment."
        ),
    ),
    "FIELD_HIDDEN": Sentence(
        say("The field exists in Salesforce, and the connecting user cannot write it."),
        say("Open the field to the user (field-level security: visible, not read-only)."),
    ),
    "FIELD_TAKEN": Sentence(
        say("A field of this name exists in Salesforce and has another type."),
        say("Rename that field in Salesforce, or map to a field of your own."),
    ),
}
