"""One person with one answer more: what any node is worth then, by the law, every part of it worked out once.

What does not rest on the answered requirement is worth what it was, and is looked up. How a node is worked out is
settled once for a library, whoever is asked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from screening.guidance.gaps import Gaps
from screening.guidance.reading import OF_ROWS, Reading
from screening.interpreters.reference import Meaning, Run, Scope, meaning_of
from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.outcome.completion import Completion
from screening.record.subject import Subject

# Under this name a run has the values of the person as recorded, by place; places of its own follow beside it.
_RECORDED = "?"


class Trial:
    """One answer of one person. `value` is by the law; `contradicts` says so of everything asked up to now."""

    def __init__(self, gaps: Gaps, answer: Completion) -> None:
        self.gaps, self.answer = gaps, answer
        self._stand_in = gaps.stand_ins.get(answer.requirement) or _stand_in(gaps, answer.requirement)
        self._run = Run(gaps.reading.parameters, self._stand_in, gaps.as_of)
        self._run.values = {_RECORDED: gaps.steps}

    def value(self, node: AnyNode) -> Any:
        """What a node is worth with the answer."""
        name, person = self.answer.requirement, self._stand_in
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
    if isinstance(node, e.Reference):
        return meaning(reading, node, requirement)
    return meaning_of(node, lambda part: _of_rows(reading, part, requirement))


def _recorded(place: str) -> Meaning:
    return lambda run, scope: run.values[_RECORDED][place]


def _once(meaning: Meaning, key: str) -> Meaning:
    def found(run: Run, scope: Scope) -> Any:
        values = run.values
        if key not in values:
            values[key] = meaning(run, scope)
        return values[key]

    return found
