"""Follows every link of every page, as somebody signed in would, and every raw row that there is."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.test import Client
from django.urls import reverse

LINK = re.compile(r'\b(?:href|hx-get)="([^"]*)"')
FIRST = ("sync:board", "accounts:audit", "accounts:me", "sync:log", "sync:explain", "admin:index")
SWITCHES = {"show", "outcome", "state"}
SAMPLES = 4
MOST = 600


def pages(client: Client, *more: str) -> Iterator[tuple[str, Any]]:
    """(address, answer) of everything within reach. Addresses that differ in their values only are opened once."""
    waiting = [*map(reverse, FIRST), *more]
    known = {shape(address) for address in waiting}
    opened = 0
    while waiting:
        address = waiting.pop()
        opened += 1
        assert opened < MOST, f"The crawl does not end; it is at {address}"
        response = client.get(address)
        yield address, response
        for found in links_of(response, address):
            if shape(found) not in known:
                known.add(shape(found))
                waiting.append(found)


def links_of(response: Any, address: str) -> list[str]:
    if response.status_code in {301, 302}:
        return inner([urljoin(address, response["Location"])])
    if response.streaming or not response["Content-Type"].startswith("text/html"):
        return []
    found = (urljoin(address, unescape(link)) for link in LINK.findall(response.content.decode()))
    return inner(found)


def inner(links: Any) -> list[str]:
    parts = (urlsplit(link) for link in links if link)
    return [
        f"{part.path}?{part.query}" if part.query else part.path
        for part in parts
        if not part.scheme and not part.netloc and not part.path.startswith("/static/") and "logout" not in part.path
    ]


def shape(address: str) -> tuple[str, tuple[str, ...]]:
    """One of a kind is enough: pages of one path differ by what they are asked, not by every value of it."""
    parts = urlsplit(address)
    # Some rows of each table stand for the rest, and one question of each list of raw rows for all.
    path = re.sub(r"/(\d+)/", lambda found: f"/{int(found[1]) % SAMPLES}/", parts.path)
    if path.startswith("/raw/"):
        return path, ()
    asked = (f"{name}={value}" if name in SWITCHES else name for name, value in parse_qsl(parts.query))
    return path, tuple(sorted(asked))


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content
