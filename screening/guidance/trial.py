"""One person with one answer more: what any node is worth then, by the law, every part of it worked out once.

What does not rest on the answered requirement is worth what it was, and is looked up. How a node is worked out is
settled once for a library, whoever is asked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from screening.guidance.gaps import Gaps
from screening.guidance.reading import OF_ROWS, Reading, every
from screening.interpreters.reference import Meaning, Run, Scope, meaning_of
from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.outcome.completion import Completion
from screening.record.subject import Subject

# Under these names a run has the values of the person as recorded, by place, and what conditions say of single
# entries; places of its own follow beside them.
_RECORDED, _OF_ENTRIES = "?", "#"


class Trial:
    """One answer of one person. `value` is by the law; `contradicts` says so of everything asked up to now."""

    def __init__(self, gaps: Gaps, answer: Completion) -> None:
        self.gaps, self.answer = gaps, answer
        self._stand_in = gaps.stand_ins.get(answer.requirement) or _stand_in(gaps, answer.requirement)
        self._run = Run(gaps.reading.parameters, self._stand_in, gaps.as_of)
        self._run.values = {_RECORDED: gaps.steps, _OF_ENTRIES: gaps.of_entries}

    def value(self, node: AnyNode) -> Any:
        """What a node is worth with the answer."""
        name, person = self.answer.requirement, self._stand_in
        if self.gaps.given.get(name) is not self.answer:
            self.gaps.given[name] = self.answer
            person.evidence[name], person.absences[name] = self.answer.rows, self.answer.absences  # type: ignore[index]
            if self.answer.complete is not None:
                person.complete[name] = self.answer.complete  # type: ignore[index]
            else:
                person.complete.pop(name, None)  # type: ignore[attr-defined]
        return meaning(self.gaps.reading, node, name)(self._run, {})

    @property
    def contradicts(self) -> bool:
        """Whether the answer brings a contradiction into any node that was asked."""
        return not self._run.conflicts <= self.gaps.conflicts


def _stand_in(gaps: Gaps, requirement: str) -> Subject:
    """The person as recorded, to be given one answer to a requirement after the other.

    Hundreds of them are tried for one question: they share everything that is not theirs.
    """
    seen = gaps.seen
    concepts = {requirement: len(gaps.reading.requirements[requirement].concepts), **seen.concepts}
    found = gaps.stand_ins[requirement] = replace(
        seen,
        evidence=dict(seen.evidence),
        absences=dict(seen.absences),
        complete=dict(seen.complete),
        concepts=concepts,
    )
    return found


def meaning(reading: Reading, node: AnyNode, requirement: str) -> Meaning:
    """What a node means for somebody of whom one requirement is answered otherwise than before."""
    # INVARIANT: a node is kept beside its meaning, so that its identity stays its own.
    found = reading.retried.get((id(node), requirement))
    if found is None:
        found = reading.retried[id(node), requirement] = node, _anew(reading, node, requirement)
    return found[1]


def _anew(reading: Reading, node: AnyNode, requirement: str) -> Meaning:
    if isinstance(node, e.Reference):
        # A name in a condition on single entries leaves no step of its own: what it names does.
        named = reading.expressions[node.name]
        found = meaning(reading, named, requirement)
        return _once(found, f"={node.name}") if requirement in reading.reads(node.name) else found
    if requirement not in reading.read_by(node) and node.place:
        return _recorded(node.place)
    if isinstance(node, OF_ROWS):
        found = meaning_of(node, lambda part: _of_rows(reading, part, requirement))
        return _once(found, node.place) if node.place else found
    return meaning_of(node, lambda part: meaning(reading, part, requirement))


def _of_rows(reading: Reading, node: AnyNode, requirement: str) -> Meaning:
    """What a part of a taking of rows means: nothing is looked up that is tried on single rows, but names are."""
    match node:
        case e.Reference():
            return meaning(reading, node, requirement)
        case e.Where(source, alias, condition) if not reading.read_by(condition) and not _may_contradict(
            condition
        ):
            taken = _of_rows(reading, source, requirement)
            told = _once_an_entry(_of_rows(reading, condition, requirement), alias, id(condition))
            return meaning_of(node, lambda part: told if part is condition else taken)
    return meaning_of(node, lambda part: _of_rows(reading, part, requirement))


def _may_contradict(condition: AnyNode) -> bool:
    return any(isinstance(part, e.Function) and part.name == "Agree" for part in every(condition))


def _once_an_entry(meaning: Meaning, alias: str, key: int) -> Meaning:
    """A condition that reads one entry alone: what it says of that it says in every list that holds it."""

    def found(run: Run, scope: Scope) -> Any:
        if len(scope) > 1:
            # Within the condition on another entry it may read that one, too.
            return meaning(run, scope)
        row, known = scope[alias], run.values[_OF_ENTRIES]
        told = known.get((key, id(row)))
        if told is None:
            # INVARIANT: an entry is kept beside what is said of it, so that its identity stays its own.
            told = known[key, id(row)] = row, meaning(run, scope)
        return told[1]

    return found


def _recorded(place: str) -> Meaning:
    return lambda run, scope: run.values[_RECORDED][place]


def _once(meaning: Meaning, key: str) -> Meaning:
    def found(run: Run, scope: Scope) -> Any:
        values = run.values
        if key not in values:
            values[key] = meaning(run, scope)
        return values[key]

    return found
