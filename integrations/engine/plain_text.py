"""Formatted text as plain text, and back: CRMs keep notes and many e-mails as HTML, the hub keeps what people read."""

import html
import re
from html.parser import HTMLParser

BLOCKS = frozenset({"p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "table"})
UNREAD = frozenset({"style", "script", "head", "title"})
_RAW = re.compile(r"<(/?)(style|script)\b", re.IGNORECASE)
_TOO_MANY_BREAKS = re.compile(r"\n{3,}")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNREAD:
            self._unread += 1
        elif tag == "br":
            self.parts.append("\n")
        elif tag in BLOCKS or tag == "body":
            # What people read begins here, though nothing has ended the head before it.
            self._unread = 0
            self._begin_line()
            if tag == "li":
                self.parts.append("• ")

    def handle_endtag(self, tag: str) -> None:
        if tag in UNREAD:
            self._unread = max(0, self._unread - 1)
        elif tag in BLOCKS:
            self._begin_line()

    def handle_data(self, data: str) -> None:
        # Line breaks of the source are spaces to a reader.
        text = data.replace("\r", "").replace("\n", " ").replace("\xa0", " ")
        if not self._unread and (text.strip() or not self._is_at_line_start):
            self.parts.append(text)

    @property
    def _is_at_line_start(self) -> bool:
        return not self.parts or self.parts[-1].endswith("\n")

    def _begin_line(self) -> None:
        if not self._is_at_line_start:
            self.parts.append("\n")


def of_html(text: str) -> str:
    reader = _Reader()
    reader.feed(_with_ends(text))
    reader.close()
    lines = (line.strip() for line in "".join(reader.parts).split("\n"))
    return _TOO_MANY_BREAKS.sub("\n\n", "\n".join(lines)).strip()


def _with_ends(text: str) -> str:
    """A style or script that is never ended would take everything behind it as its own: it counts as a piece of head."""
    last = {found[2].lower(): found for found in _RAW.finditer(text)}
    for found in sorted(last.values(), key=lambda one: -one.start()):
        if not found[1]:
            text = f"{text[: found.start()]}<head{text[found.end() :]}"
    return text


def to_html(text: str) -> str:
    """One paragraph for each line; whatever was typed stays text."""
    return "".join(f"<p>{html.escape(line) or '<br>'}</p>" for line in text.splitlines())
