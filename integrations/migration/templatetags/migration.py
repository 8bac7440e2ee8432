"""What the pages of a move draw beside the console's own parts."""

from collections.abc import Mapping
from typing import Any

from django import forms, template
from django.utils.safestring import SafeString

from accounts.templatetags.console import icon
from accounts.vocabulary import STATES

from ..board import Line
from ..models import Move
from ..steps import Act

register = template.Library()


@register.simple_tag
def lamp_css(state: str) -> str:
    return STATES[state].css


@register.simple_tag
def lamp_icon(state: str) -> SafeString:
    return icon(STATES[state].icon)


@register.simple_tag
def act_form(line: Line, act: Act, move: Move, wrong: Mapping[str, forms.Form] | str) -> forms.Form | None:
    """As it was sent, where it was refused; else a new one."""
    return _form(wrong, f"{line.step.key}.{act.key}", act.form(move, None) if act.form else None)


@register.simple_tag
def sign_form(line: Line, move: Move, wrong: Mapping[str, forms.Form] | str) -> forms.Form | None:
    return _form(wrong, line.step.key, line.step.form(move, None) if line.step.form else None)


def _form(wrong: Any, key: str, new: forms.Form | None) -> forms.Form | None:
    return wrong.get(key, new) if isinstance(wrong, Mapping) else new
