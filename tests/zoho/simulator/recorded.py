"""Answers of a real Zoho, and the shape of an answer: its keys and types, whatever the values."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
FOLDER = Path(os.environ.get("SPECS_DIR", ROOT.parent / "shared" / "specs")) / "zoho"
needs_recordings = pytest.mark.skipif(not FOLDER.exists(), reason=f"needs the recorded answers in {FOLDER} (SPECS_DIR)")


def load(name: str) -> Any:
    return json.loads((FOLDER / name).read_text())


def recorded_files(pattern: str) -> list[str]:
    return sorted(path.name for path in (FOLDER / "recorded").glob(pattern))


def shape(value: Any) -> Any:
    """Null fits anything: whether a field is filled is no matter of shape. An array has that of its items together."""
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items()}
    if isinstance(value, list):
        return [merged([shape(one) for one in value])] if value else []
    return None if value is None else "number" if type(value) in (int, float) else type(value).__name__


def merged(shapes: list[Any]) -> Any:
    known = [one for one in shapes if one is not None]
    if not known:
        return None
    if all(isinstance(one, dict) for one in known):
        keys = {key for one in known for key in one}
        return {key: merged([one.get(key) for one in known]) for key in sorted(keys)}
    if all(isinstance(one, list) for one in known):
        inner = [item for one in known for item in one]
        return [merged(inner)] if inner else []
    return known[0]


def differences(real: Any, ours: Any, at: str = "$") -> list[str]:
    """What a real answer has and ours lacks, or has otherwise, or ours alone has."""
    if real is None or ours is None:
        return []
    if isinstance(real, dict) and isinstance(ours, dict):
        found = [f"{at}.{key} is missing" for key in sorted(real.keys() - ours.keys())]
        found += [f"{at}.{key} is ours alone" for key in sorted(ours.keys() - real.keys())]
        for key in sorted(real.keys() & ours.keys()):
            found += differences(real[key], ours[key], f"{at}.{key}")
        return found
    if isinstance(real, list) and isinstance(ours, list):
        return differences(real[0], ours[0], f"{at}[]") if real and ours else []
    return [] if real == ours else [f"{at}: {real} there, {ours} here"]
