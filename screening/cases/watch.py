"""Case files run again whenever something that they were read from changes: only those that are affected."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path

from screening.cases.run import Running
from screening.outcome.case import CasesOutcome

# How often is looked, in seconds: several times in the second within which an author should see what an edit does.
EVERY = 0.2

Stamp = tuple[int, int, int]
Listed = Callable[[], Sequence[Path]]


class Watch:
    """Case files and what became of them; `listed` says which there are at the moment."""

    def __init__(self, running: Running, listed: Listed) -> None:
        self.running, self.listed = running, listed
        self.outcomes: dict[Path, CasesOutcome] = {}
        self.stamps: dict[str, Stamp | None] = {}

    def first(self) -> Iterator[CasesOutcome]:
        """Every case file, one after another."""
        yield from self._run(self.listed())

    def changes(self) -> Iterator[tuple[tuple[str, ...], Iterator[CasesOutcome]]]:
        """What has changed, and what becomes of the case files that it affects; without an end."""
        while True:
            time.sleep(EVERY)
            changed = self.changed()
            if changed:
                yield changed, self.again(changed)

    def changed(self) -> tuple[str, ...]:
        """The files that are other than they were when they were looked at last, those that are new among them."""
        listed = {path.as_posix() for path in self.listed()}
        new = listed - self.stamps.keys()
        seen = {name: _stamp(name) for name in (*self.stamps, *new)}
        changed = sorted(name for name, stamp in seen.items() if name in new or stamp != self.stamps[name])
        self.stamps = seen
        return tuple(changed)

    def again(self, changed: Collection[str]) -> Iterator[CasesOutcome]:
        """Runs what was read from any of these files, its own cases first, and drops case files that are gone."""
        self.running.forget(changed)
        listed = list(self.listed())
        for path in [path for path in self.outcomes if path not in listed]:
            del self.outcomes[path]
            self.stamps.pop(path.as_posix(), None)
        affected = [path for path in listed if self._is_affected(path, set(changed))]
        stems = tuple(f"{Path(name).stem}." for name in changed)
        # Its own cases are what an author of a file looks at first, then those that are soon done.
        yield from self._run(sorted(affected, key=lambda p: (not p.name.startswith(stems), self._length(p))))

    def _is_affected(self, path: Path, changed: set[str]) -> bool:
        outcome = self.outcomes.get(path)
        return outcome is None or bool(outcome.files & changed)

    def _length(self, path: Path) -> int:
        outcome = self.outcomes.get(path)
        return 0 if outcome is None else len(outcome.cases)

    def _run(self, paths: Iterable[Path]) -> Iterator[CasesOutcome]:
        for path in paths:
            # INVARIANT: looked at before it is read, so that what is saved in between is seen as a change.
            self.stamps.setdefault(path.as_posix(), _stamp(path.as_posix()))
            outcome = self.running.run(path)
            self.outcomes[path] = outcome
            for name in outcome.files:
                self.stamps.setdefault(name, _stamp(name))
            yield outcome


def _stamp(name: str) -> Stamp | None:
    """What tells one state of a file from another; None while it is not there."""
    try:
        status = os.stat(name)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
