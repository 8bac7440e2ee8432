"""The one way two values are recognised as the same: what a merge key compares, and what counts as no key at all."""

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache

import idna

from .generic_domains import GENERIC_DOMAINS
from .mapping import Compare
from .values import Value

# Invisible to people, so they must not keep two records apart: controls, formats (zero width, direction marks), and
# lone surrogates, which no database stores.
_INVISIBLE = {"Cc", "Cf", "Cs"}
_SCHEME = re.compile(r"^(?:[a-z][a-z0-9+.\-]*:)?//|^mailto:")
_WWW = re.compile(r"^(?:www\.)+")
_AUTHORITY_END = re.compile(r"[/?#]")
_NOT_LOCAL = re.compile(r"[\s,;:<>()\[\]\"\\@]")
_NOT_HOST = re.compile(r"[\s/?#:\\]")
_SHORT_ID = re.compile(r"00[A-Za-z0-9]{13}", re.ASCII)
"""How the browser and old exports of Salesforce show the ID of a standard object; its API says 18 characters."""
_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_ASCII_HOST = re.compile(r"(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_\-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9\-]*[a-z0-9]")


def written(value: Value) -> str:
    """A value as a person would write it, so that 501, 501.0 and "501" are one id."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return _plain(value)
    if isinstance(value, tuple):
        return "; ".join(value)
    return value if isinstance(value, str) else str(value)


def _plain(number: Decimal) -> str:
    # A number that fills a page is nobody's id; format(…, "f") of 1E+400 would write four hundred zeros.
    if not number.is_finite() or abs(number.adjusted()) > 40:
        return str(number)
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Case, spaces and Unicode forms folded; the same text folded twice is the same."""
    folded = _visible(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()))
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def _visible(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    # White space is a control character too (tab, line break): it separates words and is folded later.
    return "".join(char for char in text if char.isspace() or unicodedata.category(char) not in _INVISIBLE)


@lru_cache(maxsize=8192)
def normal_domain(text: str) -> str:
    """`https://user@www.Bücher.example:8080/shop` → `xn--bcher-kva.example`; empty where it names no host."""
    # Lower case, not case folding: straße.example and strasse.example are two hosts.
    typed = _visible(unicodedata.normalize("NFKC", text)).lower().strip()
    host = _SCHEME.sub("", typed.replace("\\", "/"))
    host = _AUTHORITY_END.split(host, maxsplit=1)[0].rpartition("@")[2]
    host, _, port = host.partition(":")
    if port and not port.isdecimal():
        return ""
    host = _WWW.sub("", _ascii(host.rstrip(".")))
    return host if _ASCII_HOST.fullmatch(host) else ""


def _ascii(host: str) -> str:
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except UnicodeError:
        return ""


def normal_email(text: str) -> str:
    """Local part folded too: no provider of today tells Anna@ from anna@; empty where it is no address."""
    local, _, host = text.strip().rpartition("@")
    folded, domain = fold(local), normal_domain(host)
    is_address = bool(folded and domain) and not _NOT_LOCAL.search(folded) and not _NOT_HOST.search(host)
    return f"{folded}@{domain}" if is_address else ""


def compared(compare: Compare, value: Value) -> str:
    """The form that two records must share to be recognised as one; empty never matches."""
    text = written(value)
    if not text:
        return ""
    match compare:
        case Compare.ID:
            return whole_id(_visible(text).strip())
        case Compare.TEXT:
            return fold(text)
        case Compare.EMAIL:
            return normal_email(text)
        case Compare.DOMAIN:
            return normal_domain(text)


def whole_id(text: str) -> str:
    """The 18 characters of a Salesforce ID that was written with 15; whatever else stays as it is."""
    return text + id_suffix(text) if _SHORT_ID.fullmatch(text) else text


def id_suffix(short: str) -> str:
    """What tells two IDs of 15 characters apart where capitals are not kept."""
    return "".join(_checksum(short[start : start + 5]) for start in (0, 5, 10))


def _checksum(five: str) -> str:
    return _CHECKSUM[sum(1 << place for place, letter in enumerate(five) if "A" <= letter <= "Z")]


def is_generic(domain: str) -> bool:
    """Shared by strangers (free mail, social pages), so it says nothing about which company."""
    return domain in GENERIC_DOMAINS


def is_own(domain: str, own: frozenset[str]) -> bool:
    return any(domain == ours or domain.endswith(f".{ours}") for ours in own)


def domain_key(value: Value, own: frozenset[str] = frozenset()) -> str:
    """The domain as a merge key; generic domains and the team's own recognise nobody."""
    domain = compared(Compare.DOMAIN, value)
    return "" if is_generic(domain) or is_own(domain, own) else domain
