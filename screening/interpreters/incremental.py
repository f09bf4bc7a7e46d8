"""One person answer by answer, in one session of the chaining engine: what an answer settles is added to it.

Evidence only settles what was open, so most answers raise further rails and lower none. Where an answer changes
one that was given, or a selection now chooses another value, a leaf that was told is another or is open again. The
safe path takes nothing back, since nothing derived would be undone: the session is closed, and a new one is told
everything.
"""

from __future__ import annotations

import datetime

from screening.interpreters.forward import ENGINE, Forward
from screening.interpreters.leaves import Run
from screening.interpreters.network import Network
from screening.language.library import Library
from screening.outcome.trace import Trace
from screening.record.subject import Subject


class _Changed(Exception):
    """A leaf that this session was told is now another, or is open again."""


class _Telling:
    """A live session that is told only what is new; what has changed ends it."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.told: dict[int, bool] = {}
        self.now: set[int] = set()

    def tell(self, atom: int, truth: bool) -> None:
        """An answer that was told already is not told again."""
        self.now.add(atom)
        known = self.told.get(atom)
        if known is not None and known is not truth:
            raise _Changed
        if known is None:
            self.network.tell(atom, truth)
            self.told[atom] = truth

    def truth(self, node: int) -> bool | None:
        """What is known of a node so far."""
        return self.network.truth(node)


class Incremental:
    """A library that follows one person through an interview.

    `sessions` counts the sessions of the engine that were needed, `told` the leaves that were told in all of them.
    """

    def __init__(self, library: Library) -> None:
        self._forward = Forward(library)
        self._telling: _Telling | None = None
        self.library = library
        self.sessions = 0
        self.told = 0

    def trace(self, subject: Subject, as_of: datetime.date) -> Trace:
        """The steps of the person as the record now is: every node, parts before the whole.

        Raises EngineFault if the engine fails; there is no trace then.
        """
        if self._telling is not None:
            try:
                return self._follow(self._telling, subject, as_of)
            except _Changed:
                self.close()
        self._forward.network.open()
        self.sessions += 1
        self._telling = _Telling(self._forward.network)
        return self._follow(self._telling, subject, as_of)

    def _follow(self, telling: _Telling, subject: Subject, as_of: datetime.date) -> Trace:
        run = Run(subject, as_of)
        before = len(telling.told)
        telling.now = set()
        try:
            self._forward.chain(telling, run)
        finally:
            self.told += len(telling.told) - before
        # INVARIANT: a leaf that was told and is open now would leave rails behind that nothing raises any more.
        if telling.told.keys() - telling.now:
            raise _Changed
        return Trace(self.library.name, as_of, ENGINE, tuple(run.steps))

    def close(self) -> None:
        """End the session; the next trace begins a new one."""
        self._telling = None
        self._forward.network.close()

    def dispose(self) -> None:
        """Give the memory of the network back; no trace can be made afterwards."""
        self.close()
        self._forward.dispose()
