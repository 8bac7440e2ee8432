"""What a run asked of a CRM, in people's words: the kinds that clients count their calls by."""

from collections import Counter

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .models import Run

KINDS: dict[str, str | Promise] = {
    "sign-in": _("sign-in"),
    "userinfo": _("who am I"),
    "versions": _("versions of its interface"),
    "limits": _("calls left"),
    "describe": _("fields"),
    "views": _("views"),
    "query": _("records"),
    "retrieve": _("records by ID"),
    "updated": _("changed IDs"),
    "deleted": _("deletions"),
    "bulk": _("bulk"),
    "content": _("contents of notes"),
    "tooling": _("the field for our key"),
    "create_many": _("creating"),
    "update_many": _("updating"),
    "upsert_many": _("creating or updating"),
    "delete_many": _("deleting"),
    **dict.fromkeys(("account", "me", "org"), _("who am I")),
    **dict.fromkeys(("properties", "fields", "custom-fields", "layouts", "modules", "attributes"), _("fields")),
    **dict.fromkeys(("owners", "users", "staffs", "admins"), _("colleagues")),
    **dict.fromkeys(("search", "coql", "list", "scroll", "full-data"), _("records")),
    **dict.fromkeys(("read", "named"), _("records by ID")),
    **dict.fromkeys(("associations", "links", "related", "relationships"), _("ties between records")),
    **dict.fromkeys(("associate", "dissociate"), _("tying records")),
    **dict.fromkeys(
        ("create_property", "create_field", "create-field", "create-attribute"), _("making a field of ours")
    ),
    **dict.fromkeys(("create", "insert"), _("creating")),
    **dict.fromkeys(("update", "write"), _("updating")),
    **dict.fromkeys(("email", "log_emails"), _("e-mails")),
    **dict.fromkeys(("recents", "events"), _("changes")),
    "delete": _("deleting"),
    "ids": _("IDs"),
    "count": _("counting"),
    "quotas": _("calls left"),
    "pipelines": _("pipelines"),
    "segments": _("segments"),
    "samples": _("samples"),
    "batch": _("several requests in one"),
}


def calls_in_words(run: Run) -> list[tuple[str, int]]:
    """The largest number first; a kind that has no word yet keeps its own, and kinds of one word are one."""
    found: Counter[str] = Counter()
    for kind, number in run.calls_by_kind.items():
        found[kind_in_words(kind)] += number
    return found.most_common()


def kind_in_words(kind: str) -> str:
    return str(KINDS.get(kind, kind))
