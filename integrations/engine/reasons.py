"""Why something was decided: a code with its parameters, and the sentence that a page shows for it.

The journal keeps code and parameters; pages translate the sentence, so that history follows the reader's language.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Params = Mapping[str, "str | int"]


def as_shown(params: Params) -> Params:
    """A value of a CRM's list goes by the word that people see there."""
    return {**params, "value": params["shown"]} if "shown" in params else params


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    params: Params = field(default_factory=dict)

    def __str__(self) -> str:
        return SENTENCES[self.code].why.format_map(self.as_shown)

    @property
    def cure(self) -> str:
        return SENTENCES[self.code].cure.format_map(self.as_shown)

    @property
    def as_shown(self) -> Params:
        return as_shown(self.params)


@dataclass(frozen=True, slots=True)
class Sentence:
    why: str
    cure: str = ""
    """What a person can do about it; empty where nothing needs doing."""


def say(text: str) -> str:
    """Marks a text for translation without Django (makemessages reads `say` as a gettext keyword)."""
    return text


# One table keeps every sentence of the journal in sight. Parameters: `system` (the CRM's name) everywhere but where
# nothing happened; `label` (a hub field), `value`, `count` and others where a sentence names them.
_MATCHING: dict[str, Sentence] = {
    "linked-by-key": Sentence(say("Matched on {label} {value}: one hit.")),
    "took-over": Sentence(
        say("{former} was merged into it in {system}, so it takes over the row of {former} and all that was settled.")
    ),
    "no-key-matched": Sentence(say("No key matched: nothing here has {keys}.")),
    "no-key-filled": Sentence(say("No key could be asked: {keys} is blank in {system}.")),
    "no-keys": Sentence(say("No key was asked: the record is new here.")),
    "waits-for-row": Sentence(
        say("Nothing here has {keys}. {system} adds to what is here and creates nothing, so this record waits."),
        say(
            "Give its row here one of these values, or correct the record in {system}. The next sync takes it up by itself."
        ),
    ),
    "waits-keyless": Sentence(
        say("{system} holds nothing to recognise its row by, and creates none, so this record waits."),
        say("Fill in {system} what the merge keys ask for, or link the record to its row by hand."),
    ),
    "shared-key": Sentence(
        say("{count} records of {system} share {label} {value}, so it recognised none of them."),
        say("Correct {label} in {system} where it is wrong, or stop matching on {label} in the mapping."),
    ),
    "other-row": Sentence(
        say("Its {label} {value} names another row here than the key that linked it."),
        say("Look at both rows: merge them if they are one, or correct {label} on the wrong side."),
    ),
    "claimed-by-several": Sentence(
        say("{count} records of {system} carry {label} {value}. Nothing is written for any of them."),
        say("Tell them apart in the list of collisions: link, create or exclude each. Or correct {label} in {system}."),
    ),
    "several-hub-rows": Sentence(
        say("More than one row here has {label} {value}. Nothing is written."),
        say("Choose its row in the list of collisions, or merge the rows here if they are one."),
    ),
    "hub-row-taken": Sentence(
        say("The row with {label} {value} is already linked to {other} of {system}. Nothing is written."),
        say("Merge the two records in {system}, or choose in the list of collisions which of them has the row."),
    ),
    "rivals": Sentence(
        say(
            "Found by {label} {value}, but other records of {system} found the same row ({count}). Nothing is written."
        ),
        say("Tell them apart in the list of collisions: link, create or exclude each. Or correct {label} in {system}."),
    ),
    "likely-duplicate": Sentence(
        say(
            "It looks like “{title}”, which stands here already for the same customer: same start, title and people. "
            "Nothing is written."
        ),
        say("Link it to that row in the list of collisions, or create it as new if they are two."),
    ),
    "same-calendar-id": Sentence(
        say(
            "It has the calendar ID and the start of “{title}”, which stands here already for the same customer. "
            "Nothing is written."
        ),
        say("Link it to that row in the list of collisions, or create it as new if they are two."),
    ),
    "namesake": Sentence(
        say(
            "It bears the name of “{title}”, who stands here already at the same customer, and no e-mail address tells "
            "whether they are one. Nothing is written."
        ),
        say("Link it to that row in the list of collisions, or create it as new if they are two."),
    ),
    "same-name": Sentence(
        say("A customer named “{value}” is here already. Names alone are no proof, so this becomes another one."),
        say("Merge the two if they are one, or let the name be a merge key before the first sync."),
    ),
    "own-domain": Sentence(
        say("The domain {value} is your own, so it recognises nobody."),
        say("Correct the website in {system}, or map the domain from another field."),
    ),
}
_FIELDS: dict[str, Sentence] = {
    "unchanged": Sentence(say("Neither side has changed since the two were settled.")),
    "agreed": Sentence(say("Both sides hold the same {label}.")),
    "created": Sentence(say("Taken from {system} with the new record.")),
    "first-in": Sentence(say("{label} is settled anew: the line is input, so the value of {system} is taken.")),
    "first-out": Sentence(say("{label} is settled anew: the line is output, so the hub’s value goes to {system}.")),
    "only-crm-moved": Sentence(say("Only {system} changed it; the hub did not.")),
    "only-hub-moved": Sentence(say("Only the hub changed it; {system} did not.")),
    "both-moved-in": Sentence(say("Both sides changed {label}. The line is input, so {system} wins.")),
    "both-moved-out": Sentence(say("Both sides changed {label}. The line is output, so the hub wins.")),
    "filled-wins": Sentence(
        say("Only one side has a value for {label}, and a blank never erases: it fills the other.")
    ),
    "conflict-crm": Sentence(say("The two sides differ on {label}. The rule lets {system} win.")),
    "conflict-hub": Sentence(say("The two sides differ on {label}. The rule lets the hub win.")),
    "latest-crm": Sentence(say("The two sides differ on {label}. {system} changed it last and wins.")),
    "latest-hub": Sentence(say("The two sides differ on {label}. The hub changed it last and wins.")),
    "ask": Sentence(
        say("The two sides differ on {label}, and the rule asks a person. Both keep what they have."),
        say("Choose a side in the list of conflicts, or give its line another rule in the mapping."),
    ),
    "ask-unknown": Sentence(
        say("The two sides differ on {label}, and it is not known which changed last. Both keep what they have."),
        say("Choose a side in the list of conflicts, or give its line another rule in the mapping."),
    ),
    "chosen-crm": Sentence(say("{by} chose the value of {system} for {label}.")),
    "chosen-hub": Sentence(say("{by} chose the hub’s value for {label}.")),
    "frozen": Sentence(
        say("{label} went back and forth in three syncs in a row and was frozen. Neither side is written."),
        say("Find what else writes {label} in {system} or here, then thaw it on the record."),
    ),
    "no-way-back": Sentence(
        say("{label}: “{value}” cannot be turned back into a value of {system}. Nothing was sent."),
        say("Give the line of {label} a value map in which each value stands once, or make the line input."),
    ),
    "unread-there": Sentence(
        say("{label}: {system} holds “{value}”, which its line cannot read. Both keep what they have."),
        say("Choose the hub’s value, mend the other in {system}, or map it in the values of {label}."),
    ),
    "hub-default": Sentence(say("The hub has no {label}, and {system} insists on one: “{value}” was sent.")),
    "blank-kept": Sentence(say("{label} is blank in {system}. Blanks never erase, so the hub keeps its value.")),
    "hub-blank-kept": Sentence(say("{label} is blank here. Blanks never erase, so {system} keeps its value.")),
    "blank-erases": Sentence(
        say("Blanks rule of {label} is “erase”."),
        say("To keep such values, set the blanks rule of {label} to “keep” and preview again."),
    ),
    "only-if-empty": Sentence(say("{label} is filled only where it is empty. Both sides keep what they have.")),
    "earlier-writes": Sentence(
        say(
            "The connection “{other}” comes first and writes {label}. From {system} it is filled only where it is empty."
        ),
        say("If {system} should write {label}, give its connection an earlier place."),
    ),
    "crm-edit-stands": Sentence(
        say("{system} changed {label}, but the line is output. The hub keeps its value."),
        say("If {system} should decide {label}, change the line’s direction."),
    ),
    "hub-edit-stands": Sentence(
        say("{label} was changed here, but the line is input. Nothing was sent to {system}."),
        say("If the hub should decide {label}, change the line’s direction, or correct it in {system}."),
    ),
}
_VALUES: dict[str, Sentence] = {
    "too-long": Sentence(
        say("{label} has {length} characters and the hub takes {limit}. It was not cut; the record waits."),
        say("Shorten it in {system}, or map {label} from another field."),
    ),
    "cut": Sentence(
        say("{label} has {length} characters; the first {limit} were kept."),
        say("Read the rest in {system}."),
    ),
    "not-a-number": Sentence(
        say("{label}: “{value}” is not a plain number, and it was not guessed. The record waits."),
        say("Correct it in {system}, or let the line read numbers from text with the right decimal mark."),
    ),
    "not-a-whole-number": Sentence(
        say("{label}: {value} is not a whole number. The record waits."),
        say("Correct it in {system}, or map {label} from another field."),
    ),
    "too-large": Sentence(
        say("{label}: {value} is beyond what the hub can hold. The record waits."),
        say("Correct it in {system}, or map {label} from another field."),
    ),
    "out-of-range": Sentence(
        say("{label}: {value} is outside {low} to {high}. The record waits."),
        say("Correct it in {system}, or map {label} from another field."),
    ),
    "not-a-date": Sentence(
        say("{label}: “{value}” is not a date. The record waits."),
        say("Correct it in {system}, or let the line read dates from text in the right order."),
    ),
    "date-has-time": Sentence(
        say("{label} is a date, and {value} is a date and time. The day was not guessed; the record waits."),
        say("Let the line take the day of a date and time, or map {label} from a date field."),
    ),
    "not-a-moment": Sentence(
        say("{label}: “{value}” is not a date and time with a time zone. The record waits."),
        say("Map {label} from a field that holds a date and time."),
    ),
    "not-yes-no": Sentence(
        say("{label}: “{value}” is neither yes nor no. The record waits."),
        say("Let the line say which values mean yes, or map {label} from a checkbox."),
    ),
    "not-an-email": Sentence(
        say("{label}: “{value}” is not an e-mail address. It was taken as typed and recognises nobody."),
        say("Correct the address in {system}."),
    ),
    "bad-argument": Sentence(
        say("The line of {label} changes its value in a way that is not set up. The record waits."),
        say("Open the mapping and complete the line of {label}."),
    ),
    "unknown-transform": Sentence(
        say("The line of {label} names a way to change its value that does not exist. The record waits."),
        say("Open the mapping and choose another for the line of {label}."),
    ),
    "unmapped-value": Sentence(
        say("{label}: nothing here is mapped to “{value}”. The field keeps what it has."),
        say("Map “{value}” in the values of {label}."),
    ),
    "not-a-domain": Sentence(
        say("{label}: “{value}” names no website. The field keeps what it has."),
        say("Correct the website in {system}."),
    ),
    "not-a-person": Sentence(
        say("{label}: “{value}” is not the e-mail address of a colleague. The field keeps what it has."),
        say("Map {label} from the e-mail address of a user field."),
    ),
    "field-absent": Sentence(
        say("{system} did not send the field “{value}”. {label} keeps what it has."),
        say("Check that the field still exists and that the connection may read it."),
    ),
    "cleaned": Sentence(
        say("{label} was taken without {count} characters that cannot be stored."),
        say("Retype it in {system} if something is missing."),
    ),
}
_RECORDS: dict[str, Sentence] = {
    "created-out": Sentence(say("Made here. It is created in {system}.")),
    "nothing-goes-out": Sentence(
        say("Made here. No field of it goes to {system} yet, so it waits and is not created there."),
        say("Let its fields go out or both ways in the mapping of {system}. The next sync then creates it there."),
    ),
    "by-hand": Sentence(say("Changed here by {by}.")),
    "made-by-hand": Sentence(say("Made here by {by}.")),
    "follows": Sentence(say("It follows from what was changed.")),
    "day-started": Sentence(say("It started on {day}.")),
    "day-ended": Sentence(say("It ended on {day}.")),
    "by-import": Sentence(say("Imported here by {by}.")),
    "by-api": Sentence(say("Written through the API by {by}.")),
    "deleted-by-hand": Sentence(say("Deleted here by {by}, with all its values kept in the journal.")),
    "hard-deleted": Sentence(
        say("Deleted for good by {by} in bulk hard delete {number}, after a backup."),
        say("An Admin can bring it back from the backup, on the page of that deletion."),
    ),
    "back-to-snapshot": Sentence(say("Back to the snapshot of {day}, by {by}.")),
    "hard-restored": Sentence(say("Brought back by {by} from the backup of bulk hard delete {number}.")),
    "re-keyed": Sentence(
        say("{by} gave it the ID of another system, in re-key {number}."),
        say("An Admin can take it back on the page of that re-key."),
    ),
    "re-key-taken-back": Sentence(say("{by} took re-key {number} back: it has its former ID again.")),
    "id-moved": Sentence(
        say("Its ID was changed since, by somebody or something else. It was left as it is."),
        say("Look at its history, and type the ID on its page if it should be another."),
    ),
    "id-no-longer-offered": Sentence(
        say("What named its new ID no longer does: the link was parted, or the field was emptied."),
        say("Link it again or fill the field, then start another re-key."),
    ),
    "id-taken-since": Sentence(
        say("Another row has been given that ID since."),
        say("Merge the two rows if they are one, or correct the other one’s ID."),
    ),
    "deleted-here": Sentence(
        say("Its row was deleted here. Nothing is written."),
        say("Take it in again from the list of excluded records if it should return."),
    ),
    "deleted-out": Sentence(
        say("Deleted here, and the block says to delete it in {system} too."),
        say("Restore it from the recycle bin of {system} if it was a mistake."),
    ),
    "customer-not-linked": Sentence(
        say("Its customer is not in {system} yet. It is sent as soon as the customer is."),
        say("Link its customer, or let the customers block create it in {system}."),
    ),
    "paused-record": Sentence(
        say("This record is paused. Nothing is written on either side."),
        say("Resume it on its page; the next run then decides it anew."),
    ),
    "undone": Sentence(
        say("A run that took it in was taken back. It stays out until it changes in {system}, or somebody allows it."),
        say("Allow it in the list of excluded records."),
    ),
    "churn-undone": Sentence(
        say("Its churn was taken back. It keeps its stage until it is in scope again; {system} has it out of scope."),
        say("Correct the scope, or set the stage by hand."),
    ),
    "brake-dropped": Sentence(
        say(
            "{by} left it out when the brake held it. It stays out until it changes in {system}, or somebody allows it."
        ),
        say("Allow it in the list of excluded records."),
    ),
    "crm-refused": Sentence(
        say("{system} refused the write: {message} ({code})."),
        say("Correct the value here or the rule in {system}, then retry the record."),
    ),
    "write-ignored": Sentence(
        say("{system} accepted the write of {label} and kept its own value."),
        say("Look for a rule or a flow in {system} that sets {label}, or make the line input."),
    ),
    "record-taken": Sentence(
        say(
            "{system} holds such a record already ({other}), and it is linked to another row here. Nothing was linked."
        ),
        say("Merge the two rows here, or correct the values by which {system} took them for one."),
    ),
    "record-kept-out": Sentence(
        say(
            "{system} holds such a record already ({other}), and somebody keeps it out of the hub. Nothing was linked."
        ),
        say("Take that record in again, or correct the values by which {system} took the two for one."),
    ),
    "stored-otherwise": Sentence(say("{system} keeps {label} as “{value}”; that is what is settled.")),
    "unanswered": Sentence(
        say("{system} never answered whether it created this record, and there is no key to look it up by."),
        say(
            "Look for it in {system}. If it is there, merge the two rows here once it was read; else choose it and retry."
        ),
    ),
    "taken-back": Sentence(say("Run {run} was taken back.")),
    "touched-since": Sentence(
        say("Somebody or something changed this row after the run. It was left as it is."),
        say("Compare the two in its biography, and set the field by hand if the former value was right."),
    ),
    "hung-on-since": Sentence(
        say("Something hangs on this row by now, so it was not removed."),
        say("Move or delete what hangs on it, then delete the row by hand."),
    ),
    "stays-in-crm": Sentence(
        say("This was written in {system} and stays so: it cannot be taken back there, or nobody asked for it."),
        say("Correct, delete or restore the record in {system} by hand if it should not be so."),
    ),
    "made-outside": Sentence(
        say("Made here; in {system} it is not among the records that come in. It keeps its stage and is not synced."),
        say("Fill in what the view asks for in {system}, or widen the view: then it is synced like any other."),
    ),
    "lines-only-read": Sentence(
        say("The lines that wrote this no longer write {system}, so it stays there as it is."),
        say("Correct the record in {system} by hand if the former values were right."),
    ),
    "too-long-to-keep": Sentence(
        say("{label}: what {system} held before was too long to be kept whole, so it cannot be brought back."),
        say("Correct the record in {system} by hand; the log has the beginning of what stood there."),
    ),
    "crm-touched-since": Sentence(
        say("The record in {system} is no longer as the run left it. It was left as it is."),
        say("Look at the record in {system}, and correct it there if the former values were right."),
    ),
    "back-in-sync": Sentence(say("Nothing to write. The record counts as linked again.")),
    "settled": Sentence(say("Nothing to write here. What was last settled moves on.")),
    "unchurned": Sentence(say("Back in {system}. The sync had churned it, so it returns to “{stage}”.")),
    "unchurn-left": Sentence(
        say("Back in {system}. Its stage has been changed since it was churned and is left alone."),
    ),
    "output-only": Sentence(
        say("The block only writes to {system}, so this record is not taken in."),
        say("Set the block to input or two-way to take such records in."),
    ),
    "hub-row-gone": Sentence(
        say("The row that the record is linked to no longer exists here. Nothing is written."),
        say("Restore the row from a backup; the next run then goes on with it."),
    ),
    "excluded-by-hand": Sentence(
        say("Somebody excluded this record by hand. Nothing is written."),
        say("Take it in again in the list of excluded records; no run does so by itself."),
    ),
    "kept-out-by-hand": Sentence(
        say("{by} excluded this record. Nothing is written."),
        say("Take it in again in the list of excluded records; no run does so by itself."),
    ),
    "parted-by-hand": Sentence(
        say("{by} parted this record from its row here. Nothing is written."),
        say("Link it to a row or take it in again on its page; no run does so by itself."),
    ),
    "linked-by-hand": Sentence(say("{by} linked this record to this row.")),
    "new-by-hand": Sentence(say("{by} said that this record is new here. The next sync creates its row.")),
    "allowed-by-hand": Sentence(say("{by} took this record in again. The next sync decides it anew.")),
    "merged-by-hand": Sentence(say("{by} merged {value} into this row.")),
    "second-record": Sentence(
        say("Its row was merged into one that is linked to {other} of {system} already. Nothing is written."),
        say("Merge the two records in {system}; the link follows. Or exclude this one."),
    ),
    "made-to-win": Sentence(say("{by} let the other value of {label} win.")),
    "taken-back-by-hand": Sentence(say("{by} took a change back.")),
    "out-of-scope": Sentence(
        say("Not in what the connection takes from {system}. Nothing is written."),
        say("Change the view or the scope; the record is taken up when it enters."),
    ),
    "customer-out-of-scope": Sentence(
        say("None of its customers is in scope. Nothing is written."),
        say("It is taken up as soon as its customer enters the scope."),
    ),
    "no-customer": Sentence(
        say("It belongs to no customer in {system}. Nothing is written."),
        say("Give it a customer in {system}; it is then taken up."),
    ),
    "scope-entered": Sentence(say("It has entered the scope since the last run.")),
    "left-scope": Sentence(
        say("No longer in what the connection takes from {system}. Nothing was deleted here."),
        say("Bring it back into the view or scope of {system} if it still is a customer."),
    ),
    "deleted-in-crm": Sentence(
        say("Deleted in {system}. Nothing was deleted here."),
        say("Restore it in {system} if it was a mistake; the next run links it again."),
    ),
    "deleted-with-record": Sentence(
        say("Deleted in {system}, and the connection says to delete it here too."),
        say("Take the run back if it was a mistake: the row returns with everything that hung on it."),
    ),
    "kept-for-other": Sentence(
        say("Not deleted here: “{other}” still has it."),
        say("Delete it by hand if nobody needs it any more."),
    ),
    "deletion-undone": Sentence(
        say("Its deletion was taken back. It stays here, although {system} no longer has it."),
        say("Restore it in {system}, or delete it by hand."),
    ),
    "returns-to-nothing": Sentence(
        say("Its customer is gone, so it cannot come back."),
        say("Bring the customer back first, if it was deleted in bulk."),
    ),
    "merged-in-crm": Sentence(
        say("Merged into {survivor} in {system}. Nothing was deleted here."),
        say("If that was a mistake, restore it in {system}; the next run links it again."),
    ),
    "stage-kept": Sentence(
        say("Not churned: “{other}” still has the customer, and only what writes its stage may churn it."),
        say("If {system} should decide about churn, give its connection an earlier place."),
    ),
    "missing-once": Sentence(
        say("Not in the complete listing of {system}, for the first time. Nothing happens before the next one.")
    ),
    "missing-twice": Sentence(
        say("Missing from two complete listings of {system} in a row. Nothing was deleted here."),
        say("Bring it back into the view or scope of {system} if it still is a customer."),
    ),
    "incomplete-read": Sentence(
        say("{system} was not read to the end, so nothing is concluded from the record’s absence.")
    ),
    "empty-listing": Sentence(
        say("{system} listed no records at all, so nothing is concluded from the record’s absence."),
        say("Check the view and the rights of the connection."),
    ),
    "already-gone": Sentence(say("Already known to be gone from {system}. Nothing to do.")),
    "parent-out-of-scope": Sentence(
        say("Its parent {parent} is out of scope, so nothing here hangs from it."),
        say("Bring the parent into the scope if the group should be shown."),
    ),
    "flattened": Sentence(
        say("It is {depth} levels below its head in {system}. The hub has two, so it hangs from {parent} directly.")
    ),
    "loop-cut": Sentence(
        say("Its parents form a circle in {system} ({members}). It was cut at {parent}, which became the head."),
        say("Correct the parent of one of them in {system}."),
    ),
    "too-deep": Sentence(
        say("More than {depth} levels of parents in {system}. It was left without a parent."),
        say("Correct the parents in {system}."),
    ),
    "source-moved": Sentence(
        say("Changed in {system} after it was decided what to do. This row was not applied."),
        say("The next run decides it anew; a preview shows what that will be."),
    ),
    "hub-moved": Sentence(
        say("Changed here after the run had decided. This row was not applied."),
        say("The next run decides it anew."),
    ),
    "row-arrived": Sentence(
        say("Its row came here after this was decided: by another connection, by hand or by an import. None was made."),
        say("The next run links the two."),
    ),
    "not-found": Sentence(
        say("{system} no longer knows this record. Nothing was deleted here."),
        say("Restore it in {system} if it was a mistake; the next run links it again."),
    ),
    "crashed-record": Sentence(
        say("Working on this record failed three times. It was set aside, and the run went on without it."),
        say("Retry it alone; if it fails again, send its log lines to support."),
    ),
}
_RUNS: dict[str, Sentence] = {
    "held-by-brake": Sentence(
        say("Held by the brake. The safe part of the run was applied; this row was not."),
        say("Look at the held rows, then apply or drop them."),
    ),
    "brake-churned": Sentence(
        say("The run would churn {count} of {linked} linked records; the brake holds above {limit}."),
        say("Look at the held rows, then apply or drop them."),
    ),
    "brake-emptied": Sentence(
        say("The run would empty fields of {count} of {linked} linked records; the brake holds above {limit}."),
        say("Look at the held rows, then apply or drop them."),
    ),
    "brake-deleted": Sentence(
        say("The run would delete {count} of {linked} linked records; the brake holds above {limit}."),
        say("Look at the held rows, then apply or drop them."),
    ),
    "brake-deleted-out": Sentence(
        say(
            "The run would delete {count} records in {system}, beside {linked} linked records; the brake holds above "
            "{limit}."
        ),
        say(
            "Look at the held rows, then apply or drop them. Only {system} itself can bring back what is deleted there."
        ),
    ),
    "brake-rekeyed": Sentence(
        say("The run would give another ID to {count} of {linked} linked records; the brake holds above {limit}."),
        say("Look at the held rows, then apply or drop them."),
    ),
    "misconfigured": Sentence(
        say("{system} cannot be read as it is set up. The run stopped; nothing more was written."),
        say("Open the connection, correct what is marked, and run again."),
    ),
    "no-scope": Sentence(
        say("It is not said which records of {system} come in, so no sync starts: all of them would."),
        say("Choose the scope in the set-up; the next sync then starts by itself."),
    ),
    "view-gone": Sentence(
        say("The view “{view}” no longer exists in {system}, or the connection may not see it. The run stopped."),
        say("Choose another view on the scope page, or restore this one in {system}."),
    ),
    "field-gone": Sentence(
        say("The field “{field}” is gone from {system}. The sync stopped for it; nothing more was written."),
        say("Choose its successor in the mapping, or drop the line."),
    ),
    "field-type-changed": Sentence(
        say(
            "The field “{field}” of {system} is of another type now. The sync stopped for it; nothing more was written."
        ),
        say("Check its line in the mapping and save it, or choose another field."),
    ),
    "field-locked": Sentence(
        say(
            "The signed-in user may no longer write the field “{field}” of {system}. The sync stopped for it; nothing "
            "more was written."
        ),
        say("Have an administrator of {system} allow it, or let its line only read."),
    ),
    "value-new": Sentence(
        say(
            "A list of {system} has new values that nothing is mapped to (“{field}”). The sync stopped for them; nothing "
            "more was written."
        ),
        say("Map them in the mapping and save it; saving it without them leaves them unmapped."),
    ),
    "required-new": Sentence(
        say(
            "{system} insists on fields that nothing fills: “{field}”. The sync stopped for them; nothing more was "
            "written."
        ),
        say("Map them outwards, or save the mapping as it is and give them by hand in {system}."),
    ),
    "key-field-gone": Sentence(
        say(
            "The field “{field}” of {system}, by which records made here are found again, is gone or hidden. The sync "
            "stopped for it; nothing more was written."
        ),
        say("Add it again on the mapping page, or save the mapping as it is to go on without it."),
    ),
}
_AGREEMENTS: dict[str, Sentence] = {
    "ends-before-start": Sentence(
        say("It would end on {end}, before its start on {start}. The record waits."),
        say("Correct the dates, or map start or end from another field."),
    ),
    "start-is-closing-date": Sentence(
        say("The field “{field}” says when the deal was closed. An agreement usually starts on another day."),
        say("Map the field that holds the start of the contract, if there is one."),
    ),
    "no-currency-line": Sentence(
        say("No currency is mapped: every amount is taken as one of the reporting currency."),
        say("Map the currency field, or give the currency as a constant."),
    ),
    "two-ends": Sentence(
        say("The end is answered twice: where the end date is filled, it outranks the duration."),
        say("Keep the one of the two that your team maintains."),
    ),
    "two-notices": Sentence(
        say("The notice is answered twice: where the notice date is filled, it outranks the notice period."),
        say("Keep the one of the two that your team maintains."),
    ),
    "brake-revenue": Sentence(
        say("The run would move total MRR in {currency} from {before} to {after}, more than {percent} %."),
        say("Look at the changes of amounts and dates, then approve or drop them."),
    ),
}
SENTENCES: dict[str, Sentence] = _MATCHING | _FIELDS | _VALUES | _RECORDS | _AGREEMENTS | _RUNS
