"""What holds of every record: proved of terms that stand for anything a record may say (`symbolic_leaves`)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import z3

from screening.analysis.facts import Facts
from screening.interpreters.symbolic import Reading
from screening.interpreters.symbolic_leaves import Anything, Completion, narrowed
from screening.interpreters.symbolic_table import is_open, one_if
from screening.interpreters.symbolic_term import (
    Formula,
    Rails,
    Span,
    asserted,
    both,
    either,
    exact,
    follows,
    opposite,
)
from screening.language import expression as e
from screening.language.expression import AnyNode, parts
from screening.language.library import Library
from screening.outcome.finding import EVERY_RECORD, NOT_DECIDED, Finding
from screening.values.bounds import exactly
from screening.values.truth import FALSE, TRUE, Truth

# Steps of the solver, not seconds: the same question has the same answer on a busy machine.
STEPS = 40_000_000
_NAMED = 6


class Proofs:
    """Anything that a record may say, and any completion of it: what cannot be of these is of no record."""

    def __init__(self, library: Library, as_of: datetime.date | None) -> None:
        """`as_of` None is any day, the same of a record and of its completion."""
        self.library, self.as_of = library, as_of
        day = exact(z3.ToReal(z3.Int("any day"))) if as_of is None else exactly(as_of)
        self.before = Reading(library, day, Anything(library), "record")
        names = [name for name, _ in library.order]
        for name in names:
            self.before.named(name)
        self.completion = Completion(self.before)
        self.after = Reading(library, day, self.completion, "completed")
        for name in names:
            self.after.named(name)
        narrowed(self.before, self.after)
        self.facts = Facts(STEPS)
        self._told = (0, 0)

    def is_never(self, formula: Formula) -> bool:
        """Whether no record at all makes it so."""
        if isinstance(formula, bool):
            return not formula
        self.tell()
        return self.facts.is_never(formula)

    def tell(self) -> None:
        """The facts that have come up since something was last asked."""
        for reader, told in zip((self.before, self.after), self._told, strict=True):
            self.facts.add(reader.facts[told:])
        self._told = len(self.before.facts), len(self.after.facts)


def formula_of(rails: Rails, truth: Truth) -> Formula:
    """That a statement has a truth."""
    return rails.met if truth is TRUE else rails.unmet if truth is FALSE else is_open(rails)


def truth_of_name(reader: Reading, name: str) -> Rails:
    """The rails of a criterion or another named statement."""
    found = reader.named(name)
    assert isinstance(found, Rails)
    return found


def is_eligible(reader: Reading) -> Formula:
    """That the verdict is ELIGIBLE."""
    eligible, arranged, review = (truth_of_name(reader, name) for name in ("eligible", "arranged", "review"))
    return both((eligible.met, arranged.met, review.unmet))


def statements(node: AnyNode) -> Iterator[AnyNode]:
    """A node and all that it is made of, without what is asked of single rows."""
    yield node
    if isinstance(node, e.Select | e.Exists | e.Count | e.CountDistinct | e.RowValues | e.DateOf | e.Fires):
        return
    for part in parts(node)[: 1 if isinstance(node, e.Silence) else None]:
        yield from statements(part)


def fail_safe(proofs: Proofs) -> Finding:
    """No completion of what is unknown makes ELIGIBLE wrong; the constructs that choose are named.

    Proved of whatever day a person is screened on; where that is not settled, of the one day of the analysis.
    """
    for each in (Proofs(proofs.library, None), proofs):
        if is_proved := _is_fail_safe(each):
            break
    day = f"as of {each.as_of}" if each.as_of else "on whatever day"
    text = f"no completion of what is unknown makes ELIGIBLE wrong, {day}"
    places = _places(proofs)
    if places:
        more = f" and {len(places) - _NAMED} more" if len(places) > _NAMED else ""
        named = ", ".join(places[:_NAMED]) + more
        text += f", as far as what the file itself reads out of silence is granted: {named}"
    return Finding("fail-safe", (), text, EVERY_RECORD if is_proved else NOT_DECIDED, False)


def _is_fail_safe(proofs: Proofs) -> bool:
    """Whether nobody who is ELIGIBLE can stop being so by what comes to light."""
    ends = is_eligible(proofs.before), opposite(is_eligible(proofs.after))
    proofs.tell()
    solver = z3.Solver()
    solver.set("rlimit", STEPS)
    solver.add(*proofs.facts.all, *map(asserted, ends))
    return bool(solver.check() == z3.unsat) or _by_parts(proofs)


def _by_parts(proofs: Proofs) -> bool:
    """The same, part by part from the leaves on: what is proved of a part is granted to what rests on it."""
    solver = z3.Solver()
    solver.set("rlimit", STEPS)
    solver.add(*proofs.facts.all)
    for _, expression in proofs.library.order:
        for node in reversed(list(statements(expression))):
            for lemma in _standing(node, proofs):
                if lemma is not True and solver.check(asserted(opposite(lemma))) == z3.unsat:
                    solver.add(asserted(lemma))
    ends = is_eligible(proofs.before), opposite(is_eligible(proofs.after))
    return bool(solver.check(*map(asserted, ends)) == z3.unsat)


def _standing(node: AnyNode, proofs: Proofs) -> Iterator[Formula]:
    """That a part, once completed, lies within what was known of it; of a sum every addend by itself."""
    was, found = proofs.before.value(node), proofs.after.value(node)  # type: ignore[arg-type]
    if isinstance(node, e.CountTrue):
        for operand in node.operands:
            before, after = proofs.before.truth(operand), proofs.after.truth(operand)
            yield one_if(before.met) <= one_if(after.met)
            yield one_if(opposite(after.unmet)) <= one_if(opposite(before.unmet))
    if isinstance(was, Rails) and isinstance(found, Rails):
        yield both((follows(was.met, found.met), follows(was.unmet, found.unmet)))
    elif isinstance(was, Span) and isinstance(found, Span):
        yield either((was.low_open, both((opposite(found.low_open), found.low >= was.low))))
        yield either((was.high_open, both((opposite(found.high_open), found.high <= was.high))))


def _places(proofs: Proofs) -> list[str]:
    """Where the file chooses by what is recorded, by file and line."""
    spans = {part.place: part.span for _, node in proofs.library.order for part in statements(node) if part.place}
    found = sorted({(spans[p].file, spans[p].line) for p in proofs.completion.choosing if p in spans})
    return [f"{file.rpartition('/')[2]}:{line}" for file, line in found]
