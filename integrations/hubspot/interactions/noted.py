"""A note of HubSpot is one text without a title. A first line that stands alone in bold is taken for one, and written as one."""

import html
import re

from integrations.engine.plain_text import of_html, to_html
from integrations.engine.values import Value

from .words import LONGEST_SUBJECT, Held

COLUMN = "hs_note_body"
_TITLED = re.compile(r"\s*(?:<div[^>]*>\s*)?<p[^>]*>\s*<(strong|b)\b[^>]*>(?P<title>[^<]*)</\1>\s*</p>", re.IGNORECASE)


def title(held: Held) -> Value:
    found = _TITLED.match(_html(held))
    return html.unescape(found["title"]).strip()[:LONGEST_SUBJECT] or None if found else None


def body(held: Held) -> Value:
    text = _html(held)
    found = _TITLED.match(text)
    return of_html(text[found.end() :] if found else text) or None


def written(title: str, text: str) -> str:
    line = " ".join(title.split())
    return (f"<p><strong>{html.escape(line)}</strong></p>" if line else "") + to_html(text)


def _html(held: Held) -> str:
    return str(held.get(COLUMN) or "")
