"""What a protocol says of one person day after day, if nothing but time goes on.

Each stretch of days begins on a day that the law was asked about; between the breakpoints nothing can change. It
follows from the rules and the record as it is: a new result, a new diagnosis, a stopped medicine are not in it.
"""

from __future__ import annotations

import datetime

from screening.errors import DefectError
from screening.guidance.breakpoints import breakpoints
from screening.interpreters.compiled import Compiled, Screened
from screening.interpreters.reference import Law
from screening.language.library import Library
from screening.outcome.determination import Determination, determine
from screening.outcome.timeline import Change, Stretch, Timeline
from screening.record.subject import Subject

_DAY = datetime.timedelta(days=1)


def timeline(library: Library, subject: Subject, as_of: datetime.date, last: datetime.date) -> Timeline:
    """What a library says of a person on each day from the as-of date to `last`.

    Raises ValueError if `last` lies before it, and DefectError where law and compiled form differ.
    """
    if last < as_of:
        raise ValueError("the last day lies before the as-of date")
    compiled, law = Compiled(library), Law(library)
    starts = [as_of]
    said = compiled.verdict(subject, as_of)
    for day in breakpoints(subject, library, as_of, last):
        now = compiled.verdict(subject, day)
        if now != said:
            starts.append(day)
            said = now
    ends = [*(day - _DAY for day in starts[1:]), last]
    found: list[Stretch] = []
    for first, end in zip(starts, ends, strict=True):
        trace = law.trace(subject, first)
        made = determine(library, trace)
        _refuse_differing(compiled.verdict(subject, first), made)
        found.append(Stretch(first, end, trace, made, _changes(found[-1].determination, made) if found else ()))
    return Timeline(tuple(found))


def _changes(before: Determination, after: Determination) -> tuple[Change, ...]:
    pairs = zip(before.findings, after.findings, strict=True)
    return tuple(Change(a.id, a.truth, b.truth) for a, b in pairs if a.truth is not b.truth)


def _refuse_differing(compiled: Screened, made: Determination) -> None:
    for finding in made.findings:
        if compiled.criteria[finding.id] is not finding.truth:
            raise DefectError(f"the compiled form and the law differ at {finding.id}")
    for root in ("eligible", "favourable", "review", "arranged"):
        if getattr(compiled, root) is not getattr(made, root):
            raise DefectError(f"the compiled form and the law differ at {root}")
