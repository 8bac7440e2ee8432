"""Takes secrets out of everything that is written down: logs, error texts, call records."""

import logging
import re
from collections.abc import Iterable
from urllib.parse import quote

MASK = "•••"

KEYS = (
    "access_token|refresh_token|id_token|token|client_secret|client_assertion|assertion|password|passwd|secret"
    "|security_token|securitytoken|session_id|sessionid|sid|signature|code_verifier|api_key|apikey|hapikey|api_token"
    "|authorization|cookie|set-cookie"
)
# A `code` is a secret where a browser or a form carries it; in a JSON answer it is the name of an error.
FORM_KEYS = f"{KEYS}|code"
KEY_STARTS = r"(?<![A-Za-z0-9])"

PATTERNS = (
    # Header lines, also as Python or JSON show them: Authorization: Bearer xyz, 'Cookie': 'a=b'
    re.compile(rf"(?i)({KEY_STARTS}(?:authorization|cookie|set-cookie)[\"']?\s*[:=]\s*[\"']?)[^\"'\r\n]+"),
    re.compile(r"(?i)(\b(?:bearer|basic|oauth|zoho-oauthtoken)\s+)[A-Za-z0-9+/=._~!\-]{6,}"),
    # A JSON or Python literal; the value may hold escaped quotes, and may have lost its end.
    re.compile(rf"(?i)([\"'](?:{KEYS})[\"']\s*:\s*\")(?:[^\"\\]|\\.)*"),
    re.compile(rf"(?i)([\"'](?:{KEYS})[\"']\s*:\s*')(?:[^'\\]|\\.)*"),
    # Query strings and forms.
    re.compile(rf"(?i)({KEY_STARTS}(?:{FORM_KEYS})=)(?![\"'])[^&\s\"'<>,;)]+"),
    re.compile(rf"(?i)({KEY_STARTS}(?:{FORM_KEYS})=)(?:\"[^\"]*|'[^']*)"),
    # SOAP.
    re.compile(rf"(?is)(<(?:[\w.-]+:)?(?:{KEYS})(?:\s[^>]*)?>)[^<]+"),
    # https://user:password@host
    re.compile(r"(?i)(\bhttps?://)[^/\s@\"']+(?=@)"),
    # Session ids and refresh tokens by their shape: vendors echo them in free text.
    re.compile(r"()\b00D[A-Za-z0-9]{12,15}(?:!|%21)[A-Za-z0-9._~+/=%\-]+"),
    re.compile(r"()\b5Aep[A-Za-z0-9._~+/=\-]{10,}"),
)


def redact(text: str) -> str:
    for pattern in PATTERNS:
        text = pattern.sub(rf"\g<1>{MASK}", text)
    return text


def mask(text: str, secrets: Iterable[str]) -> str:
    """Blots out known secrets wherever they stand, the longest first so that no tail stays visible."""
    forms = {form for secret in secrets if secret for form in (secret, quote(secret), quote(secret, safe=""))}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, MASK)
    return text


class RedactingFilter(logging.Filter):
    """For every handler: the message with its arguments, and the traceback's text, leave without secrets."""

    formatter = logging.Formatter()

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), None
        if record.exc_info:
            record.exc_text = redact(record.exc_text or self.formatter.formatException(record.exc_info))
        return True
