"""An expression of the language, evaluated for one person in the names of a protocol."""

from __future__ import annotations

import datetime

from screening.audit.verify import Verifier
from screening.errors import DefectError, VerificationError
from screening.interpreters.reference import Law
from screening.language.library import Definition, Library
from screening.outcome.answer import Answer
from screening.outcome.determination import open_behind
from screening.outcome.trace import RowsFound
from screening.record.rows import is_unknown
from screening.record.subject import Subject
from screening.values.bounds import Bounds, is_exact


def answer(library: Library, name: str, subject: Subject, as_of: datetime.date) -> Answer:
    """What a definition is worth for a person, by the law.

    Raises DefectError where the verifier does not accept the trace: then nothing is said of the person.
    """
    trace = Law(library).trace(subject, as_of)
    try:
        Verifier(library).verify(subject, trace)
    except VerificationError as refused:
        raise DefectError("the verifier refuses the trace; nothing was concluded") from refused
    definition: Definition = next(d for d in library.definitions if d.name == name)
    place = definition.expression.place
    value = next(step.value for step in trace.steps if step.place == place and not step.row)
    assert not isinstance(value, RowsFound), "a definition has a single value"
    settled = is_exact(value) if isinstance(value, Bounds) else not is_unknown(value)
    kept = () if settled else open_behind(library, trace, name)
    return Answer(library, definition, subject.as_of(as_of), trace, value, kept)
