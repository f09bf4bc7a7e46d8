"""One person answer by answer: after each, the chaining engine, the law and the verifier have to agree."""

from __future__ import annotations

import datetime

from screening.audit.verify import Verifier
from screening.errors import DefectError, EngineFault, VerificationError
from screening.interpreters import forward
from screening.interpreters.incremental import Incremental
from screening.interpreters.reference import Law
from screening.language.library import Library
from screening.outcome.determination import Determination, determine
from screening.outcome.trace import Trace
from screening.record.subject import Subject
from screening.sources.profile import read_profile
from screening.sources.site import SiteDeclaration
from screening.values.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Screened:
    """The person as the record now is, with every step of the verdict."""

    subject: Subject
    trace: Trace
    determination: Determination


class Following:
    """A library and a day for which one person is screened again and again. `close` gives the engine back.

    Where the engine is not installed, the law screens alone.
    """

    def __init__(self, library: Library, as_of: datetime.date, site: SiteDeclaration | None, name: str) -> None:
        self.library, self.as_of, self.site, self.name = library, as_of, site, name
        self._law, self._verifier = Law(library), Verifier(library)
        self._chain = Incremental(library) if forward.available() else None

    @property
    def sessions(self) -> int:
        """How many sessions the chaining engine needed: one, and one more for each answer that was changed."""
        return 0 if self._chain is None else self._chain.sessions

    def screened(self, text: str) -> Screened:
        """The person of a profile. Raises RecordError for one that cannot be read, DefectError for no verdict."""
        subject = read_profile(text, self.library, name=self.name, site=self.site)
        trace = law = self._law.trace(subject, self.as_of)
        if self._chain is not None:
            try:
                trace = self._chain.trace(subject, self.as_of)
            except EngineFault as fault:
                raise DefectError("the chaining engine failed; there is no verdict") from fault
        if trace.steps != law.steps:
            places = (a.place for a, b in zip(trace.steps, law.steps, strict=False) if a != b)
            place = next(places, "the end of the trace")
            raise DefectError(f"the chaining engine and the reference interpreter disagree at {place}")
        try:
            self._verifier.verify(subject, trace)
        except VerificationError as refused:
            raise DefectError("the verifier refuses the trace; there is no verdict") from refused
        return Screened(subject, trace, determine(self.library, trace))

    def close(self) -> None:
        """Gives back what the chaining engine holds."""
        if self._chain is not None:
            self._chain.dispose()
            self._chain = None
