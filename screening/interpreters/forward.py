"""One subject by forward chaining: leaves are decided in Python, everything they imply by the engine.

A library is compiled once: each statement becomes a node of one three-valued network, what is no
connective becomes an atom of it, and every node of the tree has its place in one list. For a person the
list is walked: an atom that is TRUE or FALSE is told, one that is open is not, and what the network has
raised by then is the truth of the connectives above. A rail that is not raised is UNKNOWN.
"""

from __future__ import annotations

import datetime
from typing import NamedTuple, Protocol, TypeAlias

from screening.errors import UnsupportedError
from screening.interpreters import memory
from screening.interpreters.blueprint import Blueprint, Firing, Literal, NetworkTooLarge, positive
from screening.interpreters.leaves import Leaf, Leaves, Run
from screening.interpreters.network import Network, available, engine_version
from screening.interpreters.table import is_truth
from screening.language import expression as e
from screening.language.expression import AnyNode, Expression
from screening.language.library import Library
from screening.outcome.trace import Step, Trace
from screening.record.subject import Subject
from screening.values.frozen import dataclass
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth

__all__ = ["ENGINE", "Derived", "Forward", "Rail", "available", "engine_version"]

ENGINE = "durable-rules"


class Rails(Protocol):
    """What the walk through a library needs of a live session: leaves are told to it, nodes are read off it."""

    def tell(self, atom: int, truth: bool) -> None: ...

    def truth(self, node: int) -> bool | None: ...


class Rail(NamedTuple):
    """One answer about one node: the place that it is first written at, and whether it is met."""

    place: str
    met: bool


@dataclass(frozen=True, slots=True)
class Derived:
    """One rail that was raised, and those that raised it; a decided leaf or a constant rests on none."""

    rail: Rail
    premises: tuple[Rail, ...] = ()


@dataclass(frozen=True, slots=True)
class _Told:
    """A leaf, and the atom that its truth is told to."""

    leaf: Leaf
    atom: int


@dataclass(frozen=True, slots=True)
class _Read:
    """A connective or a constant: its node in the network, and its step for each answer of that node."""

    node: int
    steps: dict[bool | None, Step]


@dataclass(frozen=True, slots=True)
class _Named:
    """A statement made before: its name, and the step for each truth it may have."""

    name: str
    steps: dict[Truth, Step]


_Piece: TypeAlias = _Told | _Read | _Named


class _Statement(NamedTuple):
    """A name that is worth a truth: its nodes in order, parts first; the last one's truth is its own."""

    name: str
    pieces: tuple[_Piece, ...]


class _Worth(NamedTuple):
    """A name that is worth a number, a day, a word or a code."""

    name: str
    leaf: Leaf


def _answers(literal: Literal) -> dict[bool | None, Truth]:
    """What a literal is worth, given what the network knows of its node."""
    met = literal == positive(literal // 2)
    return {True: TRUE if met else FALSE, False: FALSE if met else TRUE, None: UNKNOWN}


class _Drawing:
    """Draws a library into a blueprint, node by node, in the order of the trace."""

    def __init__(self, library: Library) -> None:
        self.blueprint = Blueprint()
        self.leaves = Leaves(library)
        self.named: dict[str, Literal] = {}
        self.atoms: dict[Expression, int] = {}
        self.places: dict[int, str] = {}
        self.program = tuple([self.entry(name, expression) for name, expression in library.order])

    def entry(self, name: str, expression: Expression) -> _Statement | _Worth:
        """One entry of the order."""
        if not is_truth(expression.type):
            return _Worth(name, self.leaves.leaf(expression))
        pieces: list[_Piece] = []
        self.named[name] = self.draw(expression, pieces)
        return _Statement(name, tuple(pieces))

    def draw(self, node: Expression, pieces: list[_Piece]) -> Literal:
        """A statement as a literal of the network; its nodes are added to the pieces, parts first."""
        if isinstance(node, e.Reference) and node.name in self.named:
            pieces.append(_Named(node.name, {truth: Step(node.place, "", truth) for truth in Truth}))
            return self.named[node.name]
        literal = self.gate(node, pieces)
        if literal is None:
            atom = self.atom(node)
            pieces.append(_Told(self.leaves.leaf(node), atom))
            literal = positive(atom)
        else:
            answers = _answers(literal)
            pieces.append(_Read(literal // 2, {known: Step(node.place, "", t) for known, t in answers.items()}))
        if literal == positive(literal // 2):
            self.places.setdefault(literal // 2, node.place)
        return literal

    def gate(self, node: Expression, pieces: list[_Piece]) -> Literal | None:
        """A connective or a constant as a literal; None for what is decided in Python."""
        blueprint = self.blueprint
        match node:
            case e.Literal(value) if value is not UNKNOWN:
                return positive(blueprint.constant(value is TRUE))
            case e.And(operands):
                parts = [self.draw(operand, pieces) for operand in operands]
                return parts[0] if len(set(parts)) == 1 else positive(blueprint.conjunction(parts))
            case e.Or(operands):
                parts = [self.draw(operand, pieces) for operand in operands]
                return parts[0] if len(set(parts)) == 1 else positive(blueprint.disjunction(parts))
            case e.Not(operand):
                return self.draw(operand, pieces) ^ 1
            case e.Implies(left, right):
                a, b = self.draw(left, pieces), self.draw(right, pieces)
                return positive(blueprint.disjunction((a ^ 1, b)))
            case e.Xor(left, right):
                a, b = self.draw(left, pieces), self.draw(right, pieces)
                return positive(blueprint.exclusive(a, b))
            case e.If(condition, then, otherwise):
                c, a, b = (self.draw(part, pieces) for part in (condition, then, otherwise))
                return positive(blueprint.choice(c, a, b))
        return None

    def atom(self, node: Expression) -> int:
        """The atom of a leaf; equal leaves are one question, so they are one atom."""
        # INVARIANT: what asks for contradictions asks what was found so far, which changes on the way.
        if _asks_for_contradictions(node):
            return self.blueprint.atom(node.place)
        if node not in self.atoms:
            self.atoms[node] = self.blueprint.atom(node.place)
        return self.atoms[node]


def _asks_for_contradictions(node: AnyNode) -> bool:
    return isinstance(node, e.Contradicted) or any(_asks_for_contradictions(part) for part in e.parts(node))


class Forward:
    """The chaining interpreter of one library, for any number of people, one after the other.

    Raises UnsupportedError if the library is too large for one network, EngineFault if the engine is absent.
    """

    def __init__(self, library: Library) -> None:
        try:
            drawing = _Drawing(library)
            self._network = Network(drawing.blueprint)
        except NetworkTooLarge as error:
            raise UnsupportedError(f"the library is too large for the chaining engine: {error}") from error
        self.library = library
        self._program = drawing.program
        self._places = drawing.places
        self._fired: tuple[Firing, ...] = ()
        self._people = 0

    def trace(self, subject: Subject, as_of: datetime.date) -> Trace:
        """The steps of one person as of a day: every node, parts before the whole.

        The subject is seen as of that day. Raises EngineFault if the engine fails; there is no trace then.
        """
        if self._people == 1:
            memory.keep()
        self._people += 1
        run = Run(subject, as_of)
        with self._network.session() as network:
            self.chain(network, run)
            self._fired = network.firings
        return Trace(self.library.name, as_of, ENGINE, tuple(run.steps))

    @property
    def network(self) -> Network:
        """The network of the library; who opens a session of it by itself closes it, too."""
        return self._network

    def chain(self, network: Rails, run: Run) -> None:
        """Walks the library for one person: every leaf is decided and told, every step is left in the run.

        The session may know leaves already, all of them of this person.
        """
        tell, truth, note, values = network.tell, network.truth, run.note, run.values
        for entry in self._program:
            if isinstance(entry, _Worth):
                values[entry.name] = entry.leaf(run, ())
                continue
            name, pieces = entry
            for piece in pieces:
                if isinstance(piece, _Told):
                    found = piece.leaf(run, ())
                    if found is not UNKNOWN:
                        tell(piece.atom, found is TRUE)
                    continue
                if isinstance(piece, _Named):
                    step = piece.steps[values[piece.name]]
                else:
                    # INVARIANT: all atoms below a connective precede it, so nothing more will be raised.
                    step = piece.steps[truth(piece.node)]
                found = step.value
                note(step)
            values[name] = found

    @property
    def derivation(self) -> tuple[Derived, ...]:
        """How the last trace came about: every rail that was raised, in order, each after its premises."""
        behind: dict[Literal, tuple[Rail, ...]] = {}
        found: list[Derived] = []
        for firing in self._fired:
            premises = tuple(dict.fromkeys(rail for literal in firing.premises for rail in behind[literal]))
            place = self._places.get(firing.literal // 2)
            if place is None:
                behind[firing.literal] = premises  # a fold of a wide connective stands for its parts
                continue
            rail = Rail(place, firing.literal == positive(firing.literal // 2))
            behind[firing.literal] = (rail,)
            found.append(Derived(rail, premises))
        return tuple(found)

    def dispose(self) -> None:
        """Give the memory of the network back; no trace can be made afterwards."""
        self._network.dispose()
