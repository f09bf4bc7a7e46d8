"""Finished parts of a long run, kept in a folder beside its result: what a killed run has done is not done again.

A part is named by the digest of everything that it was made of, and lies on the disk before it counts. The folder
`.NAME.parts` holds records of people, for its owner alone; without it the next run makes everything anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from screening.errors import UnreadableRecord
from screening.output.folder import remove_left_over

_ENDING = ".part"
# What a run saw of its files lies beside its parts (`unchanged`).
SEEN = "seen.json"


class Parts:
    """The parts of one result, taken by one run at a time."""

    def __init__(self, result: Path, is_whole: Callable[[bytes], bool]) -> None:
        self.folder = beside(result)
        self.is_whole = is_whole
        self.lock: int | None = None
        self.result = result

    def __enter__(self) -> Self:
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        os.chmod(self.folder, 0o700)
        self.lock = _locked(self.folder)
        if self.lock is None and os.name == "posix":
            raise UnreadableRecord(f"another run is preparing `{self.result.name}`; wait for it, or end it")
        for path in self.folder.glob("*.partial"):
            path.unlink(missing_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.lock is not None:
            os.close(self.lock)

    def path(self, key: str) -> Path:
        return self.folder / f"{key}{_ENDING}"

    def has(self, key: str) -> bool:
        """Whether a part is there and whole; a broken one is removed."""
        try:
            data = self.path(key).read_bytes()
        except OSError:
            return False
        if not self.is_whole(data):
            self.path(key).unlink(missing_ok=True)
            return False
        return True

    def keep(self, key: str, data: bytes) -> None:
        """Writes a part; it is there whole, or not at all, whatever happens."""
        made = self.folder / f"{key}.partial"
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(made, self.path(key))
        self.flush()

    def flush(self) -> None:
        """Asks that the names of the parts be on the disk."""
        if self.lock is not None:
            os.fsync(self.lock)

    def read(self, key: str) -> bytes:
        return self.path(key).read_bytes()

    def only(self, keys: Collection[str]) -> None:
        """Removes what no longer belongs to the result."""
        kept = {SEEN, *(f"{key}{_ENDING}" for key in keys)}
        for path in self.folder.iterdir():
            if path.name not in kept:
                path.unlink(missing_ok=True)


def tidied(result: Path) -> None:
    """Removes what a killed run left beside a result that stands, unless a living one is at work there."""
    if beside(result).is_dir():
        # Where nothing may be removed, nothing was written either.
        with suppress(UnreadableRecord, OSError), Parts(result, bool):
            remove_left_over(result)


def beside(result: Path) -> Path:
    """The folder of the parts of a result."""
    result = Path(os.path.abspath(result))
    return result.with_name(f".{result.name}.parts")


def _locked(folder: Path) -> int | None:
    """Holds a folder as long as this process lives; None where another one does, or the system has no locks."""
    if os.name != "posix":
        return None
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
