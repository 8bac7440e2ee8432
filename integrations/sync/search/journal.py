"""Finds rows of the journal without ever counting or walking it: names by the hub, days by the ids of their first rows."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.days import day_field
from integrations.engine.compare import fold
from integrations.hub.models import Agreement, Contact, Customer, Interaction

from ..kinds import INTERACTIONS
from ..models import RECORDED, Change, Connection, RecordLink
from ..models.journal import Action
from ..notes import KINDS, noted
from ..tallies import SENT
from .forms import OBJECTS, FilterForm, begin_of, connection_choices, end_of, search_field
from .names import Labels, field_labels

FIELD_SEARCH_DAYS = 7
"""A field is looked for inside rows, so only a run's rows or a week's are looked through."""
NAMED = 200
"""A name that more rows bear than this is not a search yet."""
SKEW = 20_000
"""Rows of slices that commit later than they began stand this far from where their time would put them, at most."""
JOURNALED = [action for action in Action if action not in {Action.SETTLE, Action.MISS}]


class LogSearch(FilterForm):
    q = search_field(_("Name, e-mail, CRM ID or hub ID"))
    connection = forms.ChoiceField(label=_("Connection"), required=False)
    object = forms.ChoiceField(label=_("Data type"), required=False)
    outcome = forms.ChoiceField(label=_("Outcome"), required=False)
    field = forms.ChoiceField(label=_("Field"), required=False)
    run = forms.IntegerField(
        label=_("Run"),
        required=False,
        validators=[MinValueValidator(1, _("A run's number is 1 or more."))],
        error_messages={"invalid": _("A run is named by its number, such as 4816.")},
        widget=forms.TextInput(attrs={"size": 7}),
    )
    note = forms.ChoiceField(label=_("Note"), required=False, widget=forms.HiddenInput)
    first = day_field(_("From"))
    last = day_field(_("To"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("connection", connection_choices())
        self.offer("object", OBJECTS)
        self.offer(
            "outcome",
            [
                *((a.value, a.label) for a in JOURNALED),
                ("sent", _("Written to the CRM")),
                ("erases", _("Erases a value")),
            ],
        )
        self.labels = field_labels()
        self.offer("field", _fields(self.labels))
        self.offer("note", KINDS.items())

    @property
    def is_too_wide(self) -> bool:
        """A field or a note without a run or a short span of days would read the whole journal."""
        asked = self.asked
        return ("field" in asked or "note" in asked) and "run" not in asked and not _is_short(asked)

    def matching(self, rows: QuerySet[Change]) -> QuerySet[Change]:
        if not self.is_valid() or self.is_too_wide:
            return rows.none()
        for name, value in self.asked.items():
            rows = getattr(self, f"_by_{name}")(rows, value)
        return rows

    def _by_q(self, rows: QuerySet[Change], value: str) -> QuerySet[Change]:
        return rows.filter(about(value))

    def _by_connection(self, rows: QuerySet[Change], value: str) -> QuerySet[Change]:
        return rows.filter(connection_id__in=Connection.objects.filter(slug=value).values("pk"))

    def _by_object(self, rows: QuerySet[Change], value: str) -> QuerySet[Change]:
        return rows.filter(object=value)

    def _by_outcome(self, rows: QuerySet[Change], value: str) -> QuerySet[Change]:
        if value == "erases":
            return rows.filter(erases=True)
        if value == "sent":
            return rows.filter(action__in=SENT, outcome=Change.Outcome.DONE)
        if value == Action.REFUSE:
            return rows.filter(outcome=Change.Outcome.REFUSED)
        return rows.filter(action=value).exclude(outcome=Change.Outcome.REFUSED)

    def _by_field(self, rows: QuerySet[Change], value: str) -> QuerySet[Change]:
        return rows.filter(fields__contains=f" {value} ")

    def _by_note(self, rows: QuerySet[Change], value: str) -> QuerySet[Change]:
        return noted(rows, value)

    def _by_run(self, rows: QuerySet[Change], value: int) -> QuerySet[Change]:
        return rows.filter(run_id=value)

    def _by_first(self, rows: QuerySet[Change], value: Any) -> QuerySet[Change]:
        begin = begin_of(value)
        # Ids grow with time: the id of the day's first row spares reading every row's time.
        first = Change.objects.filter(at__gte=begin).order_by("at").values_list("pk", flat=True).first()
        return rows.filter(at__gte=begin, pk__gte=first - SKEW) if first else rows.none()

    def _by_last(self, rows: QuerySet[Change], value: Any) -> QuerySet[Change]:
        end = end_of(value)
        after = Change.objects.filter(at__gte=end).order_by("at").values_list("pk", flat=True).first()
        return rows.filter(at__lt=end, pk__lte=after + SKEW) if after else rows.filter(at__lt=end)


def about(words: str) -> Q:
    """Rows about whom the words name: an id of either side, or a name or address that the hub or a link knows."""
    links = RecordLink.objects.filter(name__icontains=words).exclude(state=RecordLink.State.LINKED)
    found = (
        Q(source_id=words)
        | Q(source_id__in=list(links.values_list("source_id", flat=True)[:NAMED]))
        | Q(object="customers", hub_id__in=list(customers_named(words).values_list("pk", flat=True)[:NAMED]))
        | Q(object="contacts", hub_id__in=list(contacts_named(words).values_list("pk", flat=True)[:NAMED]))
        | Q(object="agreements", hub_id__in=list(agreements_named(words).values_list("pk", flat=True)[:NAMED]))
        | Q(object__in=INTERACTIONS, hub_id__in=list(interactions_with_id(words).values_list("pk", flat=True)[:NAMED]))
    )
    return found | Q(object__in=RECORDED, hub_id=int(words)) if _is_id(words) else found


def customers_named(words: str) -> QuerySet[Customer]:
    folded = fold(words)
    return Customer.objects.filter(Q(name_key__contains=folded) | Q(domain_key=folded) | Q(ref_id=words))


def contacts_named(words: str) -> QuerySet[Contact]:
    folded = fold(words)
    return Contact.objects.filter(
        Q(name_key__contains=folded) | Q(email_key=folded) | Q(email__iexact=words) | Q(ref_id=words)
    )


def agreements_named(words: str) -> QuerySet[Agreement]:
    return Agreement.objects.filter(Q(plan__icontains=words) | Q(ref_id=words))


def interactions_with_id(words: str) -> QuerySet[Interaction]:
    """There are too many of them to look through their subjects; the list of interactions does that."""
    return Interaction.objects.filter(ref_id=words)


def interactions_named(type_: str, words: str) -> QuerySet[Interaction]:
    return Interaction.objects.filter(type=type_).filter(Q(subject__icontains=words) | Q(ref_id=words))


def _is_id(words: str) -> bool:
    # Longer than what a database's id holds is certainly something else.
    return words.isascii() and words.isdigit() and len(words) < 18


def _is_short(asked: dict[str, Any]) -> bool:
    first = asked.get("first")
    last = asked.get("last") or timezone.localdate()
    return first is not None and last - first < timedelta(days=FIELD_SEARCH_DAYS)


def _fields(known: Labels) -> list[tuple[str, Any]]:
    """Fields of all data types under one name each, as the journal writes them."""
    labels: dict[str, Any] = {}
    for (_entity, name), label in known.items():
        labels.setdefault(name, label)
    return sorted(labels.items(), key=lambda pair: str(pair[1]).casefold())
