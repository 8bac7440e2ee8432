"""A database that nothing else uses: a file of its own, or on PostgreSQL a database made for the occasion."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit


@contextmanager
def fresh_database(folder: Path) -> Iterator[str]:
    address = urlsplit(os.environ.get("DATABASE_URL", ""))
    if not address.scheme.startswith("postgres"):
        yield f"sqlite:///{folder / 'bench.sqlite3'}"
        return
    import psycopg

    name, server = f"bench_{os.getpid()}", urlunsplit(address._replace(path="/postgres"))
    with psycopg.connect(server, autocommit=True) as made:
        made.execute(f'CREATE DATABASE "{name}"')
    try:
        yield urlunsplit(address._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(server, autocommit=True) as made:
            made.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
