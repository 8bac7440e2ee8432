"""The vendors' clients that run on Node, installed once beside the project where CI asks for it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings


def installed(package: str, *, version: int, variable: str, label: str) -> Path:
    """The folder that the package is installed in; the test is skipped where there is none. `variable` names another one."""
    folder = Path(os.environ.get(variable, settings.BASE_DIR / ".tools" / package))
    if not shutil.which("node"):
        pytest.skip(f"there is no Node on this machine, so {label} was not tried")
    if not (folder / "node_modules" / package).exists():
        if not (os.environ.get("CI") and shutil.which("npm")):
            pytest.skip(f"{label} is not installed: set {variable}, or CI=1 with npm")
        folder.mkdir(parents=True, exist_ok=True)
        npm = ["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(folder), f"{package}@{version}"]
        done = subprocess.run(npm, capture_output=True, timeout=300, check=False)
        if done.returncode:
            pytest.skip(f"npm could not install {label}")
    return folder
