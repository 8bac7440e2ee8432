"""Configuration with memory: the whole of a connection as plain data, numbered versions of it, and one file format."""

from .admission import ReadsScores, WouldErase, admit, refusal_of
from .changes import Labels, Part, differences, parted
from .export import to_yaml
from .files import Draft, FileRefused, apply_yaml, draft_differences, draft_erasures, read_yaml
from .history import hand_on_versions
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
    "ReadsScores",
    "VersionMoved",
    "WouldErase",
    "admit",
    "apply_yaml",
    "differences",
    "draft_differences",
    "draft_erasures",
    "hand_on_versions",
    "in_words",
    "locked",
    "parted",
    "read_yaml",
    "refusal_of",
    "restore",
    "save_mapping",
    "save_version",
    "scope_in_words",
    "snapshot",
    "to_yaml",
    "write",
]
