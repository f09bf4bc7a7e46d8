"""What is open of one person: the nodes without an answer, and the missing items that they wait for.

Read off one trace of the law. A settled node is never looked behind: what is filled in later does not change it.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from functools import cached_property
from typing import Any

from screening.guidance.reading import OF_ROWS, Reading, conditions, every, listed, names
from screening.interpreters.reference import Law
from screening.language import expression as e
from screening.language.expression import AnyNode, Expression, parts
from screening.language.library import ROOTS
from screening.outcome.completion import Completion
from screening.outcome.determination import Verdict, verdict_of
from screening.outcome.trace import RowsFound, Trace
from screening.record.rows import is_unknown
from screening.record.subject import Evidence, Subject
from screening.values.bounds import Bounds, is_exact
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth

_NOTHING: frozenset[str] = frozenset()
Group = tuple[tuple[str, ...], frozenset[str]]


class Gaps:
    """The open nodes of one person on one day, with what each of them waits for.

    `seen` is the person as of that day: answers are put to it, so what they are dated must not lie after it.
    """

    def __init__(
        self, reading: Reading, subject: Subject, as_of: datetime.date, trace: Trace | None = None
    ) -> None:
        self.reading, self.as_of = reading, as_of
        self.seen = subject.as_of(as_of)
        made = trace or Law(reading.library).trace(subject, as_of)
        self.steps = {step.place: step.value for step in made.steps if not step.row}
        self.conflicts = frozenset(step.place for step in made.steps if step.conflict and not step.row)
        self.values = {name: self.steps[node.place] for name, node in reading.library.order}
        self._by_node: dict[int, frozenset[str]] = {}
        self._waits: dict[str, frozenset[str]] = {}
        self._turns: dict[str, bool] = {}
        self._alone: dict[str, list[AnyNode]] = {}
        # The person once for each requirement that is tried: `trial` gives them their answers.
        self.stand_ins: dict[str, Subject] = {}
        # The answer that each of them has, and what conditions that read one entry alone say of entries.
        self.given: dict[str, Completion] = {}
        self.of_entries: dict[tuple[int, int], tuple[Evidence, Truth]] = {}
        self._asked: frozenset[str] | None = None
        unknown = [c for c in reading.library.criteria if self.values[c.id] is UNKNOWN]
        asked = _NOTHING.union(*(self.waits_of(c.id) for c in unknown))
        # What could only turn a settled criterion around (`is null`) is not missing: nobody has to ask for it.
        self._asked = asked
        self._by_node, self._waits, self._turns = {}, {}, {}
        # The same with what nobody can answer among what is missing.
        self.whole = self

    def without(self, items: frozenset[str]) -> Gaps:
        """The same gaps where nobody answers some items: what waits for nothing else stays open."""
        found = copy(self)
        found._asked = (self._asked or _NOTHING) - items
        found._by_node, found._waits, found._turns, found._alone = {}, {}, {}, {}
        for name in ("_open", "contradicted"):
            vars(found).pop(name, None)
        return found

    @property
    def roots(self) -> tuple[Truth, Truth, Truth, Truth]:
        """What the verdict is read off, as it stands."""
        eligible, favourable, review, arranged = (self.values[root] for root in ROOTS)
        return eligible, favourable, review, arranged  # type: ignore[return-value]

    def is_open(self, node: AnyNode) -> bool:
        """Whether an answer may still change a node: it has no value yet, or the value asks what is recorded.

        An ordered value is open as long as it is not one single value.
        """
        return self._is_unsettled(node) or self.may_turn(node)

    def may_turn(self, node: AnyNode) -> bool:
        """Whether an answer may turn a settled value around, since it asks if anything is recorded."""
        # SPEC: semantics 1.2, the choosing constructs `is null` and `Coalesce`; section 6, open Judgements.
        match node:
            case e.Is(operand):
                return is_unknown(self.value(operand)) and bool(self.waits(operand))
            case e.Favoured(operand):
                return is_unknown(self.value(operand)) and bool(self.waits(operand))
            case e.Coalesce(operands):
                return any(is_unknown(self.value(one)) and bool(self.waits(one)) for one in operands)
            case e.Reference(name):
                return name in self.reading.choosing and self._may_turn_name(name)
            case e.Or(operands) if any(self._stays(one, TRUE) for one in operands):
                return False
            case e.And(operands) if any(self._stays(one, FALSE) for one in operands):
                return False
        if isinstance(node, OF_ROWS):
            return any(
                name in self.reading.choosing and self._may_turn_name(name) for name in names(conditions(node))
            )
        return any(self.may_turn(part) for part in parts(node))

    def _stays(self, node: AnyNode, truth: Truth) -> bool:
        return self.steps.get(node.place) is truth and not self.may_turn(node)

    def _may_turn_name(self, name: str) -> bool:
        found = self._turns.get(name)
        if found is None:
            found = self._turns[name] = self.may_turn(self.reading.expressions[name])
        return found

    def _is_unsettled(self, node: AnyNode) -> bool:
        value = self.steps.get(node.place)
        if isinstance(value, RowsFound):
            return bool(value.possible) or value.open
        if isinstance(value, Bounds):
            return not is_exact(value)
        return value is not None and is_unknown(value)

    def value(self, node: AnyNode) -> Any:
        return self.steps[node.place]

    def waits(self, node: AnyNode) -> frozenset[str]:
        """The requirements whose answer may still change the value of a node."""
        found = self._by_node.get(_identity(node))
        if found is None:
            found = self._by_node[_identity(node)] = self._waits_anew(node) if self.is_open(node) else _NOTHING
        return found

    def _waits_anew(self, node: AnyNode) -> frozenset[str]:
        match node:
            case e.Reference(name):
                return self.waits_of(name)
            case e.If(condition, then, otherwise) if not self.is_open(condition):
                return self.waits(then if self.value(condition) is TRUE else otherwise)
        if isinstance(node, OF_ROWS):
            found = frozenset(self._behind_rows(node)) if self._may_hold(listed(node)) else _NOTHING
            if isinstance(node, e.Silence):
                found |= self.waits(node.operand)
            return found if self._asked is None else found & self._asked
        return _NOTHING.union(*(self.waits(part) for part in parts(node)))

    def _may_hold(self, requirement: str) -> bool:
        """Whether there are entries of a requirement, or may be: of a complete empty list nothing is to be had."""
        basis = self.seen.complete.get(requirement)
        return bool(self.seen.evidence.get(requirement)) or basis is None or basis.since is not None

    def _behind_rows(self, node: AnyNode) -> Iterator[str]:
        yield listed(node)
        for name in names(conditions(node)):
            yield from self.waits_of(name)
        if isinstance(node, e.Silence):
            yield from self.waits(node.operand)

    def waits_of(self, name: str) -> frozenset[str]:
        """The requirements whose answer may still change the value of a name."""
        found = self._waits.get(name)
        if found is None:
            found = self._waits[name] = self.waits(self.reading.expressions[name])
        return found

    def open_criteria(self) -> tuple[str, ...]:
        """The criteria that an answer to something missing may still change, in the order of the rule file."""
        return self._open

    @cached_property
    def _open(self) -> tuple[str, ...]:
        return tuple(c.id for c in self.reading.library.criteria if self.waits_of(c.id))

    def missing(self) -> tuple[str, ...]:
        """What the unknown criteria wait for, in the order of the rule file."""
        wanted = self._asked or _NOTHING
        return tuple(r.name for r in self.reading.library.requirements if r.name in wanted)

    def waiting(self, requirement: str) -> tuple[str, ...]:
        """The open criteria that wait for one requirement, in the order of the rule file."""
        return tuple(id for id in self._open if requirement in self.waits_of(id))

    def in_order(self, name: str) -> Iterator[str]:
        """What a name waits for, in the order in which its expression asks for it; some of it more than once."""
        yield from self._in_order(self.reading.expressions[name])

    def _in_order(self, node: AnyNode) -> Iterator[str]:
        if not self.waits(node):
            return
        if isinstance(node, e.Reference):
            yield from (node.name,) if node.name in self.reading.requirements else self.in_order(node.name)
        elif isinstance(node, OF_ROWS):
            yield from self._behind_rows(node)
        else:
            for part in parts(node):
                yield from self._in_order(part)

    def alone(self, requirement: str) -> list[AnyNode]:
        """The largest open nodes that wait for one requirement and for nothing else.

        Everything that is said of the person rests on the requirement through these nodes alone. Where entries of
        it are weighed by conditions that wait for others too, the node that takes them is among them.
        """
        known = self._alone.get(requirement)
        if known is not None:
            return known
        found: dict[int, AnyNode] = {}
        seen: set[str] = set()

        def visit(node: AnyNode) -> None:
            waits = self.waits(node)
            if requirement not in waits:
                return
            if isinstance(node, e.Reference):
                if node.name not in seen:
                    seen.add(node.name)
                    visit(self.reading.expressions[node.name])
                return
            if len(waits) == 1:
                found[_identity(node)] = node
                return
            if isinstance(node, OF_ROWS):
                if listed(node) == requirement:
                    found[_identity(node)] = node
                for name in sorted(names(conditions(node))):
                    if name not in seen and requirement in self.waits_of(name):
                        seen.add(name)
                        visit(self.reading.expressions[name])
                return
            for part in parts(node):
                visit(part)

        for id in self.waiting(requirement):
            visit(self.reading.expressions[id])
        self._alone[requirement] = list(found.values())
        return self._alone[requirement]

    def verdict(self, answers: Sequence[Completion]) -> Verdict:
        """The law's verdict with some answers: what rests on one of them is worked out anew."""
        subject = self.seen
        for answer in answers:
            subject = answer.of(subject)
        changed = {answer.requirement for answer in answers}
        values = self.reading.roots(subject, self.as_of, self.values, changed, self.conflicts)
        return verdict_of(*(values[root] for root in ROOTS))

    def is_stuck(self, relative: bool) -> bool:
        """Whether a criterion that has to be cleared is not, and waits for nothing that could be answered.

        `relative` says that the relative ones have to be cleared too, and Judgements answered.
        """
        for criterion in self.reading.library.criteria:
            if criterion.strength == "relative" and not relative:
                continue
            cleared = TRUE if criterion.category == "inclusion" else FALSE
            name = criterion.id if relative else self.reading.favourable(criterion)
            if not self.waits_of(criterion.id) and self.values[name] is not cleared:
                return True
        return False

    @cached_property
    def contradicted(self) -> tuple[Expression, ...]:
        """Where what is recorded contradicts itself below a criterion, whatever that criterion says."""
        hard = {place for each in parts(self.reading.expressions["review"]) for place in _hard(each)}
        wanted = hard & self.conflicts
        if not wanted:
            return ()
        nodes = (node for expression in self.reading.expressions.values() for node in every(expression))
        return tuple(n for n in nodes if n.place in wanted and not isinstance(n, e.Retrieve | e.Where))

    def bearing_on(self, node: AnyNode) -> frozenset[str]:
        """The missing items that a node rests on, also where its value is settled."""
        return self.reading.read_by(node) & (self._asked or _NOTHING)

    def stays_contradicted(self) -> bool:
        """Whether what is recorded contradicts itself, and no missing answer bears on it."""
        return any(not self.bearing_on(node) for node in self.contradicted)

    def tried(self, node: AnyNode, answers: tuple[Completion, ...]) -> tuple[Any, bool]:
        """The law's value of a node with some answers, and whether they bring a contradiction into it."""
        value, conflicts = self._tried(node, answers)
        return value, not conflicts <= self.conflicts

    def tried_together(self, nodes: Sequence[AnyNode], answer: Completion) -> tuple[list[Any], bool]:
        """The law's values of several nodes with one answer, and whether it brings a contradiction into any."""
        subject, changed = answer.of(self.seen), {answer.requirement}
        values, conflicts = self.reading.tried_together(nodes, subject, self.as_of, self.values, changed)
        return values, not conflicts <= self.conflicts

    def conflicts_at(self, node: AnyNode, answers: tuple[Completion, ...]) -> set[str]:
        """Where a node contradicts itself with some answers."""
        return self._tried(node, answers)[1]

    def _tried(self, node: AnyNode, answers: tuple[Completion, ...]) -> tuple[Any, set[str]]:
        subject = self.seen
        for answer in answers:
            subject = answer.of(subject)
        changed = {answer.requirement for answer in answers}
        return self.reading.tried(node, subject, self.as_of, self.values, changed)


def _hard(node: AnyNode) -> tuple[str, ...]:
    return node.hard if isinstance(node, e.Contradicted) else ()


def _identity(node: AnyNode) -> int:
    # INVARIANT: the nodes live as long as the library does, so that their identity tells them apart.
    return id(node)


def grouped(named: Iterable[Group]) -> list[Group]:
    """Criteria with their items put together as far as they share any."""
    found: list[Group] = []
    for ids, items in named:
        apart = []
        for group in found:
            if group[1] & items:
                ids, items = (*group[0], *ids), items | group[1]
            else:
                apart.append(group)
        found = [*apart, (ids, items)]
    return found
