"""The backup's file: compressed lines, one for each page, appended and never rewritten; `zcat` reads it.

A page that changed between its backup and its deletion is appended once more: the later line counts.
"""

import gzip
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings


class BackupBroken(Exception):  # noqa: N818 (something that happened, not somebody's error)
    """The file is not there, or is not what was written: its words say which."""


@dataclass(frozen=True, slots=True)
class Piece:
    offset: int
    length: int
    digest: str


def path_of(name: str) -> Path:
    return Path(settings.BACKUP_DIR) / name


def append(name: str, size: int, raw: bytes) -> Piece:
    """On the disk before it returns. `size`: where the file ends for us; a page that no transaction knows is cut off."""
    path = path_of(name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    packed = gzip.compress(raw + b"\n", mtime=0)
    # Personal data: for nobody else on the machine.
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        if os.fstat(file.fileno()).st_size < size:
            # Another machine's, or one that somebody emptied: a gap would look like a backup.
            raise BackupBroken(f"{name}: shorter than what was written")
        file.truncate(size)
        file.seek(size)
        file.write(packed)
        file.flush()
        os.fsync(file.fileno())
    return Piece(size, len(packed), hashlib.sha256(packed).hexdigest())


def read(name: str, piece: Piece) -> bytes:
    try:
        with path_of(name).open("rb") as file:
            file.seek(piece.offset)
            packed = file.read(piece.length)
    except OSError as error:
        raise BackupBroken(f"{name}: {error.strerror or error}") from error
    if hashlib.sha256(packed).hexdigest() != piece.digest:
        raise BackupBroken(f"{name}: not what was written, from byte {piece.offset}")
    return gzip.decompress(packed)


def forget(name: str) -> None:
    if name:
        path_of(name).unlink(missing_ok=True)
