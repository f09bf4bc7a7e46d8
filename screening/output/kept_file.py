"""One file that is written anew after each answer, and that nothing else may change meanwhile."""

from __future__ import annotations

import os
import sys
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from screening.errors import UnreadableRecord
from screening.output.folder import write_private


class KeptFile:
    """A file with a text; whoever writes it looks first whether it still holds what was written last.

    `restored` says that it was deleted meanwhile, and written again.
    """

    def __init__(self, path: Path, begun: str) -> None:
        self.path, self.restored = path, False
        self._begun = begun.encode()
        self._last: bytes | None = None

    def write(self, text: str) -> None:
        """Writes the file whole or not at all.

        Raises UnreadableRecord where something else wrote it, OSError where it cannot be written.
        """
        with _alone(self.path.parent):
            if self.path.exists():
                if self.path.read_bytes().removeprefix(BOM_UTF8) not in (self._last, self._begun):
                    raise UnreadableRecord(
                        f"`{self.path.name}` was changed by something else; this answer was not kept"
                    )
            else:
                self.restored |= self._last is not None
            write_private(self.path, text)
            self._last = text.encode()

    def holds(self, text: str) -> bool:
        """Whether the file holds a text; one that was deleted is written again."""
        try:
            if not self.path.exists():
                self.write(text)
            return self.path.read_bytes() == text.encode()
        except (OSError, UnreadableRecord):
            return False


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two programs that write into a folder wait for each other, so that neither overlooks the other's file."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some file systems know no locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
