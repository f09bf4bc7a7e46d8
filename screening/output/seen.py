"""What a run saw of its files, so that one which stands there as it did need not be read to know that.

A file counts as the same while its size, the times of its last change (of its bytes, and of the file itself, which
no program sets back) and its place on the disk are the same, as `rsync` and git have it. A disk counts time
in steps: a file that was changed so shortly before it was looked at that a second change might fall on the same
step is not relied on, and nor is one whose times lie in the future. Its contents are compared the next time.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

# In nanoseconds. No file system in use counts in longer steps than two seconds.
STEP = 2_000_000_000
_WAIT, _MOST_WAIT = 0.002, 3.0


class Look(NamedTuple):
    """Files as they stood there: a digest of all that tells them, and whether it can be relied on."""

    digest: str
    is_settled: bool


def look(paths: Iterable[str], endings: tuple[str, ...] = (), is_deep: bool = True) -> Look:
    """Files, and those that lie in folders, or in folders of these as well, with one of some endings if given.

    Links to folders are not followed, and where there is one nothing is relied on. What is not there is told as
    well, so that it is seen when it comes.
    """
    now = time.time_ns()
    seen, is_settled = hashlib.sha256(), True
    for path in paths:
        for name, status in _every(path, endings, is_deep):
            told: list[object] = [name]
            # What lies behind a link to a folder is not looked at.
            is_settled &= status is not None or not os.path.islink(name)
            if status is not None:
                told += [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_dev]
                is_settled &= max(status.st_mtime_ns, status.st_ctime_ns) + STEP < now
            seen.update(json.dumps(told).encode() + b"\n")
    return Look(seen.hexdigest(), is_settled)


def _every(
    path: str, endings: tuple[str, ...] = (), is_deep: bool = True
) -> Iterator[tuple[str, os.stat_result | None]]:
    try:
        status = os.stat(path)
    except OSError:
        yield path, None
        return
    if not os.path.isdir(path):
        yield path, status
        return
    for folder, folders, files in os.walk(path):
        folders.sort()
        links = (os.path.join(folder, name) for name in folders if is_deep)
        yield from ((link, None) for link in links if os.path.islink(link))
        for name in sorted(files):
            if not endings or name.endswith(endings):
                yield from _every(os.path.join(folder, name))
        if not is_deep:
            folders.clear()


def passed(folder: Path, result: Path) -> bool:
    """Waits until the disk tells a change of a result from its making; whether it does within a moment.

    `folder` is on the same disk as the result.
    """
    last = max((status.st_ctime_ns for _, status in _every(str(result)) if status is not None), default=0)
    clock = folder / ".clock"
    until = time.monotonic() + _MOST_WAIT
    try:
        while time.monotonic() < until:
            with suppress(FileNotFoundError):
                clock.unlink()
            os.close(os.open(clock, os.O_WRONLY | os.O_CREAT, 0o600))
            if clock.stat().st_mtime_ns > last:
                return True
            time.sleep(_WAIT)
        return False
    finally:
        clock.unlink(missing_ok=True)
