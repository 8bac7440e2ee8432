"""Configuration with memory: the whole of a connection as plain data, numbered versions of it, and one file format."""

from .changes import Labels, Part, differences, parted
from .export import to_yaml
from .files import Draft, FileRefused, apply_yaml, draft_differences, read_yaml
from .mapping import save_mapping
from .snapshot import snapshot, write
from .versions import Archived, VersionMoved, locked, restore, save_version
from .words import in_words, scope_in_words

__all__ = [
    "Archived",
    "Draft",
    "FileRefused",
    "Labels",
    "Part",
    "VersionMoved",
    "apply_yaml",
    "differences",
    "draft_differences",
    "in_words",
    "locked",
    "parted",
    "read_yaml",
    "restore",
    "save_mapping",
    "save_version",
    "scope_in_words",
    "snapshot",
    "to_yaml",
    "write",
]
