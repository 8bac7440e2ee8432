"""A database that nothing else uses: a file of its own, or on PostgreSQL a database made for the occasion."""

import os
from pathlib import Path
from urllib.parse import urlsplit


def fresh_database(folder: Path) -> str:
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        return f"sqlite:///{folder / 'bench.sqlite3'}"
    import psycopg

    name = f"{urlsplit(url).path.removeprefix('/')}_bench"
    with psycopg.connect(url.rsplit("/", 1)[0] + "/postgres", autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}"')
    return url.rsplit("/", 1)[0] + f"/{name}"
