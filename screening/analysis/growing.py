"""A person who loses what more of one value should never take away: made up, and confirmed by the law."""

from __future__ import annotations

from dataclasses import replace

from screening.analysis.correction import chained, corrections
from screening.analysis.proofs import truth_of_name
from screening.analysis.search import ROUNDS, Search
from screening.analysis.witness import Model, subject_of
from screening.interpreters.reference import Law
from screening.interpreters.symbolic import Reading
from screening.interpreters.symbolic_table import end_of, kind_of
from screening.interpreters.symbolic_term import Formula, Span, Term, both, exact, number, opposite
from screening.language import expression as e
from screening.language.library import Library, Property
from screening.record.subject import Subject
from screening.values.bounds import Bounds, exactly, is_exact
from screening.values.truth import TRUE


def within(library: Library, name: str, term: Term) -> Formula:
    """That a number lies in the scale of what is recorded under a name; of a definition nothing is known."""
    scale = next((node.scale for key, node in library.order if key == name and isinstance(node, e.Select)), None)
    if scale is None:
        return True
    low = True if scale.low is None else term >= number(scale.low)
    return both((low, True if scale.high is None else term <= number(scale.high)))


class Growing:
    """One claim that more of a value keeps a statement, asked for a person of whom it is not so."""

    def __init__(self, library: Library, claim: Property, name: str, search: Search) -> None:
        self.library, self.more, self.name, self.search = library, claim.more, name, search
        self.type = dict(library.order)[claim.more].type
        self.reader = Reading(library, exactly(search.as_of), search.rows, "with more")
        is_whole = self.type.name in ("Integer", "Date")
        value = self.reader.fresh("Int" if is_whole else "Real")
        self.value = exact(value + number(0) if is_whole else value)
        self.reader.suppose(claim.more, self.value)
        del self.reader.expressions[claim.more]  # more of it is not bound by what it is made of

    def person(self) -> tuple[Subject, tuple[str, str]] | None:
        """The smallest person that was found; how much of the value keeps the statement, how much does not."""
        less = self.search.reader.named(self.more)
        assert isinstance(less, Span)
        first, second = truth_of_name(self.search.reader, self.name), truth_of_name(self.reader, self.name)
        known = (opposite(less.low_open), opposite(less.high_open), less.low == less.high)
        grown = (self.value.low > less.low, within(self.library, self.more, self.value.low))
        wanted = both((*known, *grown, first.met, opposite(second.met)))
        self.search.tell(self.search.reader)
        self.search.tell(self.reader)
        opaques = [*self.search.reader.opaque, *self.reader.opaque]
        for _ in range(ROUNDS):
            _, way = self.search.facts.check(wanted)
            if way is None:
                return None
            model = Model(way)
            subject = subject_of(self.search.rows, model, self.search.as_of)
            found = end_of(model.number(self.value.low), kind_of(self.type))
            if found is not None and (said := self._lost(subject, Bounds(found, found))) is not None:
                return self._least(subject, Bounds(found, found), said)
            lemmas = [lemma for opaque in opaques for lemma in corrections(opaque, model)]
            if not lemmas:
                return None
            self.search.facts.add((*lemmas, *chained(opaques, model)[0]))
        return None

    def _least(self, subject: Subject, more: Bounds, said: Bounds) -> tuple[Subject, tuple[str, str]]:
        """The same with nothing recorded that it does not need."""
        fewer = self.search.reduced(subject, lambda other: self._lost(other, more) == said)
        return fewer, (str(said.low), str(more.low))

    def _lost(self, subject: Subject, more: Bounds) -> Bounds | None:
        """How much of the value there was, if by the law the statement holds with it and not with more."""
        before = Law(self.library).evaluate(subject, self.search.as_of)
        less = before[self.more]
        if before[self.name] is not TRUE or not isinstance(less, Bounds) or not is_exact(less):
            return None
        if more.low is None or less.low is None or not more.low > less.low:
            return None
        given = tuple(
            (key, e.Literal(more, self.type) if key == self.more else x) for key, x in self.library.order
        )
        after = Law(replace(self.library, order=given)).evaluate(subject, self.search.as_of)
        return less if after[self.name] is not TRUE else None
