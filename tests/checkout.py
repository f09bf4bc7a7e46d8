"""Where the checkout is and what it holds, for the tests that look at the project itself."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parent.parent


def absent(what: str) -> NoReturn:
    """Skip for want of something that may be missing on a developer's machine and may not in CI."""
    if os.environ.get("CI"):
        pytest.fail(f"CI must have it: {what}")
    pytest.skip(what)


def tracked() -> list[str]:
    """The repository's files; outside CI with those that would be added by `git add`."""
    if not (ROOT / ".git").exists():
        absent("not a git checkout")
    new = [] if os.environ.get("CI") else ["--others", "--exclude-standard"]
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", *new], cwd=ROOT, capture_output=True, check=True, text=True
    )
    return sorted(name for name in set(listed.stdout.split("\0")) - {""} if (ROOT / name).is_file())


def record(name: str) -> Path:
    """One of the repository's records, wherever it keeps them."""
    for path in tracked():
        if Path(path).name == name:
            return ROOT / path
    absent(f"no record named {name}")
