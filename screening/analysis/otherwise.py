"""Whether a changed expression says anything else of anybody: a person of whom it does, or a proof.

The person is made up by the solver and confirmed by the law of both; a proof is of every record. Between them is
what no made-up person shows and no proof settles, and it is said to be so.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from screening.analysis.proofs import Proofs
from screening.analysis.search import Search
from screening.analysis.witness import Values
from screening.interpreters.reference import Law, Meaning, Run, plain
from screening.interpreters.symbolic_leaves import every_part
from screening.interpreters.symbolic_term import (
    Formula,
    Rails,
    Span,
    Symbol,
    Words,
    both,
    either,
    opposite,
)
from screening.language import expression as e
from screening.language.expression import Expression
from screening.language.library import Library
from screening.outcome.finding import EVERY_RECORD, MADE_UP, NOT_DECIDED, SHOWN
from screening.record.subject import Subject, Value
from screening.values.frozen import dataclass

CHANGED = "\0changed"


@dataclass(frozen=True, slots=True)
class Otherwise:
    """How sure it is that a changed expression differs (`SHOWN`, with the person) or never does."""

    sure: str
    subject: Subject | None = None

    @property
    def is_equivalent(self) -> bool:
        """Whether nobody is known of whom it would say anything else."""
        return self.sure in (EVERY_RECORD, MADE_UP)


class _Both(Law):
    """The law of a library, which also says what one changed expression is worth."""

    changed: Meaning | None = None

    def evaluate(self, subject: Subject, as_of: datetime.date) -> dict[str, Value]:
        """Every name, and under `CHANGED` what the changed expression is worth."""
        values = super().evaluate(subject, as_of)
        if self.changed is not None:
            run = Run(self.parameters, subject.as_of(as_of), as_of)
            run.values = values
            values[CHANGED] = self.changed(run, {})
        return values


class _Anew(Search):
    """A search that keeps nobody: what a changed expression is worth of one person is another thing each time."""

    def _evaluated(self, subject: Subject) -> Values:
        return self.law.evaluate(subject, self.as_of)


class Changes:
    """One library, asked of one changed expression after another."""

    def __init__(self, library: Library, as_of: datetime.date) -> None:
        self.library, self.as_of = library, as_of
        self.search = _Anew(library, as_of)
        self.law = self.search.law = _Both(library)
        self._proofs: Proofs | None = None
        # The solver's terms are kept by the identity of a node: none of them may be another one later.
        self._asked: list[Expression] = []

    def otherwise(self, name: str, changed: Expression) -> Otherwise:
        """Whether the expression under a name, changed so, comes out otherwise for anybody."""
        self._asked.append(changed)
        self.law.changed = plain(changed)
        reader = self.search.reader
        try:
            wanted = _differ(reader.named(name), reader.value(changed))
        except (TypeError, KeyError, NotImplementedError):
            return Otherwise(NOT_DECIDED)
        # Somebody of whom no logarithm or power is known is soon found, where there is one (a value as recorded).
        plainly = [both((o.result.low_open, o.result.high_open)) for o in reader.opaque]
        sought = self.search.person(both((wanted, *plainly)), lambda values: values[name] != values[CHANGED])
        if sought.subject is None and plainly:
            sought = self.search.person(wanted, lambda values: values[name] != values[CHANGED])
        if sought.subject is not None:
            fewer = self.search.smallest(sought.subject, lambda values: values[name] != values[CHANGED])
            return Otherwise(SHOWN, fewer)
        if not sought.none:
            return Otherwise(NOT_DECIDED)
        return Otherwise(EVERY_RECORD if self._is_proved(name, changed) else MADE_UP)

    def _is_proved(self, name: str, changed: Expression) -> bool:
        # What rests on silence, on a word that says what is not known, or on what contradicts itself is told apart
        # by places in a proof, and a change keeps its place: of those nothing is proved.
        if any(isinstance(part, e.Silence | e.Is | e.Contradicted) for part in every_part(changed)):
            return False
        if self._proofs is None:
            self._proofs = Proofs(self.library, self.as_of)
        before = self._proofs.before
        ours, theirs = before.named(name), before.value(changed)
        return self._proofs.is_never(_differ(ours, theirs))


def _differ(a: Symbol, b: Symbol) -> Formula:
    """That two values are not the same, what is not known of them included."""
    return either(_differences(a, b))


def _differences(a: Symbol, b: Symbol) -> Iterator[Formula]:
    match a, b:
        case Rails(), Rails():
            yield from (_unlike(a.met, b.met), _unlike(a.unmet, b.unmet))
        case Span(), Span():
            for open_a, open_b, end_a, end_b in (
                (a.low_open, b.low_open, a.low, b.low),
                (a.high_open, b.high_open, a.high, b.high),
            ):
                yield _unlike(open_a, open_b)
                yield both((opposite(open_a), opposite(open_b), end_a != end_b))
        case Words(), Words():
            chosen = [dict(zip(words.among, words.chosen, strict=True)) for words in (a, b)]
            for word in sorted({*chosen[0], *chosen[1]}):
                yield _unlike(chosen[0].get(word, False), chosen[1].get(word, False))


def _unlike(a: Formula, b: Formula) -> Formula:
    return either((both((a, opposite(b))), both((opposite(a), b))))
