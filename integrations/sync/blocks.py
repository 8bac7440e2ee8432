"""What a data type asks for itself, beside its lines: kept in `Block.settings`, and checked wherever it comes from."""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Settings = Mapping[str, Any]
API_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,79}", re.ASCII)
LONGEST_VIEW = 255


@dataclass(frozen=True, slots=True)
class Asked:
    """One setting of a data type."""

    label: str | Promise
    problem: Callable[[Any], str]
    """What is wrong with a value, in words; empty: nothing."""
    shown_by: str = ""
    """The setting that keeps its name as the CRM's people see it."""
    is_shown: bool = True
    """A name that only accompanies another setting decides nothing, and no file carries it."""


def no_name(value: Any) -> str:
    """Names go into the questions that a CRM is asked, so nothing but a name may stand there."""
    if value == "" or (isinstance(value, str) and API_NAME.fullmatch(value)):
        return ""
    return _("must be the name that the CRM’s API gives it")


def no_text(value: Any) -> str:
    if isinstance(value, str) and len(value) <= LONGEST_VIEW:
        return ""
    return _("must be a text of at most %(longest)d characters") % {"longest": LONGEST_VIEW}


def no_months(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1200:
        return ""
    return _("must be a number of months, 0 for everything")


AGREEMENTS: Mapping[str, Asked] = {
    "source": Asked(gettext_lazy("object that holds the agreements"), no_name, shown_by="source_label"),
    "source_label": Asked(gettext_lazy("name of the object"), no_text, is_shown=False),
    "customer_field": Asked(gettext_lazy("field that names the customer"), no_name, shown_by="customer_field_label"),
    "customer_field_label": Asked(gettext_lazy("name of the field"), no_text, is_shown=False),
    "view": Asked(gettext_lazy("view"), no_text, shown_by="view_label"),
    "view_label": Asked(gettext_lazy("name of the view"), no_text, is_shown=False),
}
INTERACTIONS: Mapping[str, Asked] = {"since_months": Asked(gettext_lazy("months of history"), no_months)}
ASKED: Mapping[str, Mapping[str, Asked]] = {
    "agreements": AGREEMENTS,
    **dict.fromkeys(("emails", "meetings", "calls", "notes"), INTERACTIONS),
}


STARTS_DISABLED = frozenset({*ASKED, "scores"})
"""Until their own questions are answered, nothing of them is read; and no score is written before somebody says so."""


def asked_of(object_name: str) -> Mapping[str, Asked]:
    return ASKED.get(object_name, {})


def deciding(object_name: str, settings: Settings) -> dict[str, Any]:
    """Without the names that only accompany: what a run reads by, what a file carries."""
    asked = asked_of(object_name)
    return {name: value for name, value in settings.items() if name not in asked or asked[name].is_shown}


def changed(object_name: str, old: Settings, said: Settings) -> dict[str, Any]:
    """`old` with what was said; the name of another view than before is not known."""
    stale = {
        asked.shown_by
        for name, asked in asked_of(object_name).items()
        if asked.shown_by and name in said and said[name] != old.get(name)
    }
    return {name: value for name, value in {**old, **said}.items() if name not in stale - set(said)}


@dataclass(frozen=True, slots=True)
class AgreementSource:
    """Where a CRM keeps its agreements."""

    source: str = ""
    """The CRM's object; empty: not chosen yet."""
    customer_field: str = ""
    """The field of it that names the customer."""
    view: str = ""
    view_label: str = ""
    source_label: str = ""
    customer_field_label: str = ""

    @classmethod
    def read(cls, settings: Settings) -> Self:
        """Unknown and unfit settings are left out: a later release may have written them."""
        known = {one.name for one in fields(cls)}
        fit = {n: v for n, v in settings.items() if n in known and not AGREEMENTS[n].problem(v)}
        return cls(**fit)

    @property
    def settings(self) -> dict[str, str]:
        return asdict(self)
