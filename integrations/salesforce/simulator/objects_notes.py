"""Notes of the enhanced kind: a note is a document, and links say on which records it hangs."""

from .fields import SObject, business_object, lookup, picklist, plain, read_only, text, whole

_SHARES = "V|C|I"
_LINKED = "Account|Contact|Opportunity|Contract|Lead|User"
SNOTE = "SNOTE"

CONTENT_DOCUMENT = business_object(
    "ContentDocument", "Content Documents", "069", label="Content Document",
    fields=(
        text("Title", "Title", required=True, name_field=True), read_only(text("FileType", "File Type", 20)),
        read_only(text("FileExtension", "File Extension", 40)), read_only(whole("ContentSize", "Size")),
        read_only(text("LatestPublishedVersionId", "Latest Published Version ID", 18)),
        lookup("OwnerId", "Owner ID", "User", required=True, defaulted=True),
    ),
)  # fmt: skip

CONTENT_NOTE = business_object(
    "ContentNote", "Notes", "069", label="Note",
    fields=(
        text("Title", "Title", required=True, name_field=True), plain("base64", "Content", "Content"),
        read_only(text("TextPreview", "Text Preview")), read_only(text("FileType", "File Type", 20)),
        read_only(whole("ContentSize", "Size")),
        lookup("OwnerId", "Owner ID", "User", required=True, defaulted=True),
    ),
)  # fmt: skip

CONTENT_DOCUMENT_LINK = business_object(
    "ContentDocumentLink", "Content Document Links", "06A", label="Content Document Link",
    fields=(
        lookup("LinkedEntityId", "Linked Entity ID", _LINKED, required=True, updateable=False,
               children="ContentDocumentLinks", cascades=True),
        lookup("ContentDocumentId", "ContentDocument ID", "ContentDocument", required=True, updateable=False, cascades=True),
        picklist("ShareType", "Share Type", _SHARES, 40), picklist("Visibility", "Visibility", "AllUsers|InternalUsers|SharedUsers", 40),
    ),
)  # fmt: skip

# The document before the note: both carry the same id, and a link points to the document.
OBJECTS: tuple[SObject, ...] = (CONTENT_DOCUMENT, CONTENT_NOTE, CONTENT_DOCUMENT_LINK)
