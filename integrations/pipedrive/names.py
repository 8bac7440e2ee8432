"""The keys of custom fields in what is said about them, as the names that people gave the fields."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from integrations.sync.connector import Sent
from integrations.wire.errors import WireError

KEY = re.compile(r"(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])")
NameOf = Callable[[str], str]


def named(text: str, name_of: NameOf) -> str:
    return KEY.sub(lambda found: name_of(found[0]), text)


def named_answer(sent: Sent, name_of: NameOf) -> Sent:
    return replace(sent, message=named(sent.message, name_of)) if KEY.search(sent.message) else sent


@contextmanager
def naming(name_of: NameOf) -> Iterator[None]:
    try:
        yield
    except WireError as error:
        error.message = named(error.message, name_of)
        error.args = (error.code, error.message)
        raise
