"""Atoms and gates of a three-valued network, and the rules that say when a rail of a node is raised.

Each node has two rails, *met* and *not met*; a rail is raised only by premises that are raised, both never,
neither means UNKNOWN. The limits are those within which the chaining engine is safe: `durable-rules.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from screening.errors import DefectError
from screening.values.frozen import dataclass

Literal: TypeAlias = int  # 2 * node + rail; rail 1 is met, rail 0 is not met
Premises: TypeAlias = tuple[Literal, ...]

WIDTH = 8
"""Premises of one rule; a wider one is folded. ENGINE: with 17 the rule is accepted and never fires."""
FAN_OUT = 200
"""Rules that may wait for one literal. ENGINE: at 256 an unrelated rule fires, from 257 on it is refused."""
MAX_RULES = 4_000
"""Rules of one network, the boot rule included. ENGINE: 4,096."""
MAX_NODES = 8_000
"""Nodes of one network, those made by folding included: 250 groups. ENGINE: 512 groups would hang."""


class NetworkTooLarge(ValueError):
    """The library needs more than one network; what was built before the refused gate is still good."""


@dataclass(frozen=True, slots=True)
class Firing:
    """One rail raised: by whom, which one, and what it rests on; an atom or a constant rests on nothing."""

    rule: str
    literal: Literal
    premises: Premises = ()


def positive(node: int) -> Literal:
    """The literal that says: this node is met."""
    return 2 * node + 1


def negative(node: int) -> Literal:
    """The literal that says: this node is not met."""
    return 2 * node


class Blueprint:
    """Atoms and gates, and the rules that say when a rail is raised.

    A gate takes literals, so that a child may be negated, and returns its node; equal gates are one node.

    >>> blueprint = Blueprint()
    >>> adult, pregnant = blueprint.atom("adult"), blueprint.atom("pregnant")
    >>> both = blueprint.conjunction([positive(adult), negative(pregnant)])
    >>> [(rule.premises, rule.literal == positive(both)) for rule in blueprint.rules]
    [((1, 2), True), ((0,), False), ((3,), False)]
    """

    def __init__(self) -> None:
        self.nodes = 0
        self.atoms: dict[str, int] = {}
        self.constants: dict[int, Literal] = {}
        self.rules: list[Firing] = []
        self.folds: set[int] = set()
        self._waiting: dict[Literal, int] = {}
        self._gates: dict[tuple[object, ...], int] = {}

    def atom(self, name: str) -> int:
        """A node whose truth is told; the same name is the same node."""
        if name not in self.atoms:
            self.atoms[name] = self._node()
        return self.atoms[name]

    def constant(self, truth: bool) -> int:
        """A node whose truth is given when a session opens."""
        node = self._gate(("constant", truth), [], [])
        self.constants[node] = positive(node) if truth else negative(node)
        return node

    def conjunction(self, literals: Iterable[Literal]) -> int:
        """Met when all are, not met when one is not; the empty one is TRUE."""
        children = self._known(literals)
        if not children:
            return self.constant(True)
        return self._gate(("and", *children), [children], [(child ^ 1,) for child in children])

    def disjunction(self, literals: Iterable[Literal]) -> int:
        """Met when one is, not met when all are not; the empty one is FALSE."""
        # INVARIANT: one rule per branch. ENGINE: `$or` and `any` fire once per way to be true.
        children = self._known(literals)
        if not children:
            return self.constant(False)
        none = tuple(child ^ 1 for child in children)
        return self._gate(("or", *children), [(child,) for child in children], [none])

    def exclusive(self, left: Literal, right: Literal) -> int:
        """Met when exactly one is; open while either is open."""
        # SPEC: semantics 1.1.
        self._known((left, right))
        a, b = sorted((left, right))
        return self._gate(("xor", a, b), [(a, b ^ 1), (a ^ 1, b)], [(a, b), (a ^ 1, b ^ 1)])

    def choice(self, condition: Literal, then: Literal, otherwise: Literal) -> int:
        """`if condition then .. else ..`; with an open condition the truth on which both branches agree."""
        # SPEC: semantics 1.3.
        self._known((c := condition, a := then, b := otherwise))
        met = [(c, a), (c ^ 1, b), (a, b)]
        return self._gate(("if", c, a, b), met, [(c, a ^ 1), (c ^ 1, b ^ 1), (a ^ 1, b ^ 1)])

    def _node(self) -> int:
        if self.nodes == MAX_NODES:
            raise NetworkTooLarge(f"more than {MAX_NODES} nodes")
        self.nodes += 1
        return self.nodes - 1

    def _known(self, literals: Iterable[Literal]) -> Premises:
        """These literals, each once and in order."""
        children = tuple(sorted(set(literals)))
        if children and not 0 <= children[0] <= children[-1] < 2 * self.nodes:
            raise DefectError("a gate was given a literal of another blueprint")
        return children

    def _gate(self, key: tuple[object, ...], met: Sequence[Premises], unmet: Sequence[Premises]) -> int:
        if key not in self._gates:
            node = self._node()
            for premises in met:
                self._rule(premises, positive(node))
            for premises in unmet:
                self._rule(premises, negative(node))
            self._gates[key] = node
        return self._gates[key]

    def _rule(self, premises: Premises, literal: Literal) -> None:
        # INVARIANT: premises are distinct. A rule that asks for both rails of a node could never fire.
        distinct = dict.fromkeys(premises)
        if any(premise ^ 1 in distinct for premise in distinct):
            return
        needed = tuple(distinct)
        while len(needed) > WIDTH:  # of a fold's node only the rail `met` is ever raised
            parts = [needed[start : start + WIDTH] for start in range(0, len(needed), WIDTH)]
            folds = [self._gate(("fold", *part), [part], []) for part in parts]
            self.folds.update(folds)
            needed = tuple(map(positive, folds))
        if len(self.rules) + 2 > MAX_RULES:
            raise NetworkTooLarge(f"more than {MAX_RULES} rules")
        if any(self._waiting.get(premise, 0) == FAN_OUT for premise in needed):
            raise NetworkTooLarge(f"more than {FAN_OUT} rules wait for one literal")
        for premise in needed:
            self._waiting[premise] = self._waiting.get(premise, 0) + 1
        self.rules.append(Firing(f"R{len(self.rules)}", literal, needed))

    def settled(self) -> dict[Literal, set[int]]:
        """Of each literal that rules wait for, the nodes that these settle; a fold settles its whole gate."""
        found: dict[Literal, set[int]] = {}
        for rule in reversed(self.rules):  # the rule that asks for a fold comes after the fold's own
            node = rule.literal // 2
            settles = found.get(rule.literal, set()) if node in self.folds else {node}
            for premise in rule.premises:
                found.setdefault(premise, set()).update(settles)
        return found
