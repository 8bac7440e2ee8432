"""Makes a system known to the syncs and to the guided set-up; called from its AppConfig.ready()."""

from django.utils.translation import gettext as _

from integrations.sync.connector import Registered
from integrations.sync.registry import register as register_system

from .guide import Guide, register
from .trouble import OURS


def enlist(guide: Guide, *, scope: tuple[str, ...], home: str) -> None:
    """`scope`: its own columns that say what is read; `home`: the one that tells its organisations apart."""

    def plain_words(code: str, _message: str) -> tuple[str, str] | None:
        known = guide.trouble(code) or OURS.get(code)
        return (guide.say(_(known.why)), guide.say(_(known.cure)) if known.cure else "") if known else None

    space = guide.namespace
    pages = {"start": f"{space}:start", "wizard": f"{space}:wizard", "sign_in": f"{space}:connect"}
    register_system(
        Registered(guide.connector.abilities, guide.connector, pages, plain_words, scope, home, guide.missing_scope)
    )
    register(guide)
