"""Whatever a record may say: each node that rests on rows as terms of its own, bound by nothing but its type.

Two different windows over one list know nothing of each other here, so a model need not be a person. What is
proved of all such values holds of every record: a proof needs no rows, a witness does (`symbolic_rows`). A word or
code may have any number of codings, of one system or several, as a record may say one thing in many ways.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import z3

from screening.interpreters import symbolic_table as table
from screening.interpreters.symbolic import OF_ROWS, Reading
from screening.interpreters.symbolic_product import MEAN
from screening.interpreters.symbolic_term import (
    Formula,
    Rails,
    Span,
    Symbol,
    Words,
    both,
    either,
    follows,
    number,
    opposite,
)
from screening.language import expression as e
from screening.language.expression import AnyNode, parts
from screening.language.library import AS_OF, DataRequirement, Library
from screening.language.types import ORDERED
from screening.values.bounds import Bounds, intersect
from screening.values.coding import Code, Codings

_WORDS = ("String", "Code")
_PART = re.compile(r"(\.\d+)+\Z")


def requirement_of(node: AnyNode) -> str:
    """The requirement whose rows a query is of."""
    while not isinstance(node, e.Retrieve):
        node = parts(node)[0]
    return node.requirement


def every_node(library: Library) -> Iterator[AnyNode]:
    """Every node of every expression of a library."""
    for _, expression in library.order:
        yield from every_part(expression)


def every_part(node: AnyNode) -> Iterator[AnyNode]:
    """A node and all that it is made of, the whole first."""
    walk = [node]
    while walk:
        node = walk.pop()
        yield node
        walk.extend(parts(node))


def said_in(library: Library) -> tuple[Codings, ...]:
    """Every word and code that the expressions of a library speak of, each alone."""
    found: set[Code] = set()
    for node in every_node(library):
        if isinstance(node, e.InSet):
            found.update(node.codes)
        elif isinstance(node, e.Literal) and isinstance(node.value, tuple) and not isinstance(node.value, Bounds):
            found.update(node.value)
    # INVARIANT: of every system there is a code that nobody speaks of, and a word: two of one system differ, two
    # of different systems may be one thing. Values that are held against each other may each have one of its own.
    others = ["another", *(f"another {n}" for n in range(2, _held_against_each_other(library) + 1))]
    unsaid = {Code(system, code) for system in {"", *(code.system for code in found)} for code in others}
    return tuple((code,) for code in sorted(found | unsaid))


def _held_against_each_other(library: Library) -> int:
    """How many words a library takes of rows, where it asks of two of them whether they are one."""
    nodes = list(every_node(library))
    asked = (n for n in nodes if isinstance(n, e.Compare) and n.left.type.name in _WORDS)
    if all(isinstance(n.left, e.Literal) or isinstance(n.right, e.Literal) for n in asked):
        return 1
    return len({n for n in nodes if isinstance(n, e.Select | e.Field) and n.type.name in _WORDS})


def is_of_whole(node: Any) -> bool:
    """Whether a value that rests on rows is a whole number or day: the mean of whole numbers need not be one."""
    is_mean = (isinstance(node, e.Select) and node.take == MEAN) or (
        isinstance(node, e.RowValues) and node.function == "Mean"
    )
    return node.type.name in ("Integer", "Date") and not is_mean


def read_as(requirement: DataRequirement) -> tuple[object, ...]:
    """What of a record is read for a requirement, and how: two that differ in it may take one record otherwise."""
    r = requirement
    coded = (r.kind, frozenset(r.concepts), r.reasons, r.missing, r.uncoded, r.active_only)
    measured = (r.scale, r.plausible, r.floor, r.factors, r.unit_missing, r.units, r.unusable)
    return (r.name, r.type, r.fields, *coded, *measured)


class Anything:
    """Values of which nothing is known but what their type, scale and plausible range say; exact or not."""

    def __init__(
        self, library: Library, beside: Anything | None = None, same: frozenset[str] = frozenset()
    ) -> None:
        """`beside` is what another edition says of the same record; the names in `same` mean the same in both."""
        self.library, self._same, self._is_other = library, same, beside is not None
        said = set(said_in(library)) if beside is None else {*said_in(library), *beside._said}
        self._said: tuple[Codings, ...] = tuple(sorted(said))
        self._leaves: dict[Any, Symbol] = {} if beside is None else beside._leaves
        self._silences: dict[Any, Formula] = {} if beside is None else beside._silences
        self._conflicts: dict[str, Formula] = {}

    def leaf(self, node: Any, reader: Reading) -> Symbol:
        """The value of a node that rests on rows; equal nodes are one value."""
        key = (node, read_as(self.library.requirement(requirement_of(node))))
        if key not in self._leaves:
            self._leaves[key] = self._made(node, reader)
        return self._leaves[key]

    def conflict(self, place: str) -> Formula:
        """Whether the rows contradict each other there: they may."""
        is_apart = self._is_other and _PART.sub("", place) not in self._same
        return self._conflicts.setdefault(place, z3.Bool(f"conflict {'apart ' if is_apart else ''}{place}"))

    def silent(self, node: e.Silence, operand: Rails, reader: Reading) -> Rails:
        """UNKNOWN becomes FALSE where there is no row at all."""
        key = (node.source, read_as(self.library.requirement(requirement_of(node.source))))
        silent = self._silences.setdefault(key, z3.Bool(f"no row {len(self._silences)}"))
        return Rails(operand.met, either((operand.unmet, both((table.is_open(operand), silent)))))

    def state(self, node: e.Is, value: Symbol, reader: Reading) -> Formula:
        """`is null`, `is true` and `is false`."""
        if node.state == "null":
            return self.absent(node.operand, value, reader)
        assert isinstance(value, Rails)
        return value.met if node.state == "true" else value.unmet

    def absent(self, node: e.Expression, value: Symbol, reader: Reading) -> Formula:
        """Whether nothing at all is known of a value."""
        match value:
            case Rails():
                return table.is_open(value)
            case Span():
                return both((value.low_open, value.high_open))
        return opposite(either(value.chosen))

    def _made(self, node: Any, reader: Reading) -> Symbol:
        requirement = self.library.requirement(requirement_of(node))
        if isinstance(node, e.Fires):
            fires = reader.fresh("Bool")
            return Rails(fires, opposite(fires))
        if node.type.name in _WORDS:
            return self._words(node, requirement, reader)
        if node.type.name not in ORDERED:
            met, unmet = reader.fresh("Bool"), reader.fresh("Bool")
            reader.facts.append(opposite(both((met, unmet))))
            return Rails(met, unmet)
        return self._span(node, requirement, reader)

    def _span(self, node: Any, requirement: DataRequirement, reader: Reading) -> Span:
        is_whole = is_of_whole(node)
        low, high = (reader.fresh("Int" if is_whole else "Real") for _ in range(2))
        found = Span(
            z3.ToReal(low) if is_whole else low,
            z3.ToReal(high) if is_whole else high,
            reader.fresh("Bool"),
            reader.fresh("Bool"),
        )
        reader.facts.append(
            follows(both((opposite(found.low_open), opposite(found.high_open))), found.low <= found.high)
        )
        reader.facts.extend(self._known(node, requirement, found, reader))
        return found

    def _known(self, node: Any, requirement: DataRequirement, found: Span, reader: Reading) -> list[Formula]:
        """What is known of an ordered value before anything is recorded."""
        match node:
            case e.Count() | e.CountDistinct():
                facts = [opposite(found.low_open), found.low >= 0]
                if isinstance(node, e.CountDistinct) and node.cap is not None:
                    facts += [opposite(found.high_open), found.high <= node.cap]
                return facts
            case e.Select(scale=scale):
                blank = _within(scale, found)
                plausible = intersect(scale, requirement.plausible) or scale
                return [
                    blank,
                    either(
                        (both((found.low_open, found.high_open)), *_is(scale, found), _meets(plausible, found))
                    ),
                ]
            case e.DateOf():
                as_of = table.literal(reader.parameters[AS_OF])
                assert isinstance(as_of, Span)
                return [either((found.low_open, as_of.high_open, found.low <= as_of.high))]
        return []

    def _words(self, node: Any, requirement: DataRequirement, reader: Reading) -> Words:
        declared = {(code,) for code in requirement.codes}
        every = tuple(sorted({*declared, *self._said, (Code("other system", "other"),)}))
        chosen = tuple(reader.fresh("Bool") for _ in every)
        # A record may give several codings of one thing, also two of one system; of a gender it gives one.
        if requirement.kind == "gender" or requirement.is_sex_at_birth:
            reader.facts.append(z3.AtMost(*chosen, 1))
        return Words(every, chosen)


def _within(scale: Bounds, found: Span) -> Formula:
    """A value lies in its scale, partly known or not."""
    facts: list[Formula] = []
    if scale.low is not None:
        facts += [opposite(found.low_open), found.low >= number(scale.low)]
        facts.append(either((found.high_open, found.high >= number(scale.low))))
    if scale.high is not None:
        facts += [opposite(found.high_open), found.high <= number(scale.high)]
    return both(facts)


def _is(scale: Bounds, found: Span) -> tuple[Formula, ...]:
    """A value of which nothing but its scale is known."""
    if scale.low is None or scale.high is None:
        return ()
    return (both((found.low == number(scale.low), found.high == number(scale.high))),)


def _meets(plausible: Bounds, found: Span) -> Formula:
    """A value that is not wholly implausible."""
    facts = []
    if plausible.low is not None:
        facts.append(either((found.high_open, found.high >= number(plausible.low))))
    if plausible.high is not None:
        facts.append(either((found.low_open, found.low <= number(plausible.high))))
    return both(facts)


class Completion:
    """The same person with every gap filled, in any way that contradicts nothing: what was known stays known.

    `honoured` are the places of choosing constructs that decide as they did before: what a named source or site
    said of silence then stands. The others decide anew.
    """

    def __init__(self, before: Reading, honoured: frozenset[str] | None = None) -> None:
        self.before, self.honoured = before, honoured
        self.choosing: list[str] = []
        self._leaves: dict[AnyNode, Symbol] = {}

    def _stands(self, place: str) -> bool:
        if place not in self.choosing:
            self.choosing.append(place)
        return self.honoured is None or place in self.honoured

    def leaf(self, node: Any, reader: Reading) -> Symbol:
        """A value that fills in what the node's value left open."""
        if node not in self._leaves:
            self._leaves[node] = refined(self.before.value(node), node, reader)
        return self._leaves[node]

    def conflict(self, place: str) -> Formula:
        """A completion contradicts nothing: what contradicted itself still does."""
        return self.before.conflict(place)

    def silent(self, node: e.Silence, operand: Rails, reader: Reading) -> Rails:
        """Silence that was read as an answer stays one where that is honoured."""
        if not self._stands(node.place):
            return operand
        before = self.before.value(node)
        assert isinstance(before, Rails)
        return Rails(both((operand.met, opposite(before.unmet))), either((operand.unmet, before.unmet)))

    def state(self, node: e.Is, value: Symbol, reader: Reading) -> Formula:
        """What was found recorded or not stays so where that is honoured; else everything is recorded now."""
        if self._stands(node.place):
            return self.before.leaves.state(node, self.before.value(node.operand), self.before)
        if node.state == "null":
            return False
        assert isinstance(value, Rails)
        return value.met if node.state == "true" else value.unmet

    def absent(self, node: e.Expression, value: Symbol, reader: Reading) -> Formula:
        """Whether nothing was known: of that, alternatives by availability decide."""
        if self._stands(node.place):
            return self.before.leaves.absent(node, self.before.value(node), self.before)
        return False


def refined(before: Symbol, node: Any, reader: Reading) -> Symbol:
    """A wholly known value that lies in one that was perhaps open."""
    match before:
        case Rails():
            met = reader.fresh("Bool")
            reader.facts += [follows(before.met, met), follows(before.unmet, opposite(met))]
            return Rails(met, opposite(met))
        case Span():
            value = reader.fresh("Int" if is_of_whole(node) else "Real")
            term = z3.ToReal(value) if is_of_whole(node) else value
            reader.facts += [
                either((before.low_open, term >= before.low)),
                either((before.high_open, term <= before.high)),
            ]
            return Span(term, term, False, False)
    # Codings may come to light beside those that were known; `narrowed` keeps what those already said.
    chosen = tuple(reader.fresh("Bool") for _ in before.among)
    reader.facts.append(z3.Or(*chosen))
    reader.facts += [follows(one, other) for one, other in zip(before.chosen, chosen, strict=True)]
    return Words(before.among, chosen)


def narrowed(before: Reading, after: Reading) -> None:
    """Nothing contradicts itself anew; what the solver has no function for is narrowed as its arguments are.

    Whether a word is of a set, or another word, stays so when more of its codings come to light.
    """
    for node in _of_words(before.library):
        was, found = before.truth(node), after.truth(node)
        after.facts += [follows(was.met, found.met), follows(was.unmet, found.unmet)]
    after.facts += [follows(found, before.conflict(place)) for place, found in after.conflicts.items()]
    for wide, narrow in zip(before.opaque, after.opaque, strict=True):
        after.facts += [
            either(
                (
                    wide.result.low_open,
                    both((opposite(narrow.result.low_open), narrow.result.low >= wide.result.low)),
                )
            ),
            either(
                (
                    wide.result.high_open,
                    both((opposite(narrow.result.high_open), narrow.result.high <= wide.result.high)),
                )
            ),
        ]


def _of_words(library: Library) -> Iterator[e.InSet | e.Compare]:
    """What is asked of a word or code of the whole person, not of single rows."""
    waiting: list[AnyNode] = [expression for _, expression in library.order]
    while waiting:
        node = waiting.pop()
        if isinstance(node, e.InSet) or (isinstance(node, e.Compare) and node.left.type.name in _WORDS):
            yield node
        if not isinstance(node, OF_ROWS):
            waiting.extend(parts(node)[: 1 if isinstance(node, e.Silence) else None])
