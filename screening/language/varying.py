"""What of a library depends on one of its parameters, and at which places a truth can change as that varies.

A truth changes where a parameter is held against something else: at the ends of what it is held against. Where a
parameter stands anywhere else than in such a place (a quotient, a power, a shifted day), that is said, and only
single values of it can be tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from screening.language import expression as e
from screening.language.expression import AnyNode, Expression, parts
from screening.language.library import ROOTS, Library
from screening.values.frozen import dataclass
from screening.values.unit import parse_unit

_COUNTED = ("days", "weeks", "months", "years")
_RELATED = ("+", "-", "*")


@dataclass(frozen=True, slots=True)
class Undoing:
    """One step from a calculated number back to the parameter in it; `beside` is the operator's other side."""

    operator: str
    beside: Expression | None = None
    is_left: bool = True
    units: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Held:
    """A place at which the parameter is held against `other`; `undone` leads from there back to the parameter."""

    other: Expression
    undone: tuple[Undoing, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """A place at which the parameter is the length of a window between two days, in completed units."""

    operand: Expression
    reference: Expression
    unit: str


@dataclass(frozen=True, slots=True)
class Varying:
    """What depends on a parameter.

    `names` are the names to be worked out anew for each value, in the order of the library, the roots among them.
    `criteria` are those of them that are criteria. `held` and `windows` are all places at which a truth can
    change; `elsewhere` names the places where the parameter stands otherwise, so that these are not all.
    """

    parameter: str
    names: tuple[str, ...]
    criteria: tuple[str, ...]
    held: tuple[Held, ...]
    windows: tuple[Window, ...]
    elsewhere: tuple[str, ...]


def varying(library: Library, parameter: str) -> Varying:
    """What of a library, as far as verdict and standing go, depends on a parameter."""
    return _Search(library, parameter).found()


def depends_on(node: AnyNode, parameter: str, names: Iterable[str]) -> bool:
    """Whether a node asks for the parameter, or for a name that does."""
    match node:
        case e.Parameter(name):
            return name == parameter
        case e.Reference(name):
            return name in names
        case e.Contradicted(criterion):
            # Whatever lies below a criterion that depends on nothing depends on nothing.
            return criterion in names
    return any(depends_on(part, parameter, names) for part in parts(node))


def wanted(library: Library) -> frozenset[str]:
    """All names that verdict and standing rest on."""
    entries = dict(library.order)
    found: set[str] = set()
    waiting = [*ROOTS, *library.anchors, *(criterion.id for criterion in library.criteria)]
    while waiting:
        name = waiting.pop()
        if name in entries and name not in found:
            found.add(name)
            waiting += _references(entries[name])
    return frozenset(found)


def _references(node: AnyNode) -> Iterator[str]:
    if isinstance(node, e.Reference):
        yield node.name
    for part in parts(node):
        yield from _references(part)


def _is_exact(source: str, target: str) -> bool:
    """Whether a conversion of every decimal ends, so that nothing is rounded."""
    rest = (parse_unit(source).factor / parse_unit(target).factor).denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


class _Search:
    """Looks through the expressions of a library for a parameter."""

    def __init__(self, library: Library, parameter: str) -> None:
        self.library, self.parameter = library, parameter
        self.entries: Mapping[str, Expression] = dict(library.order)
        reached = wanted(library)
        self.names: dict[str, None] = {}
        for name, expression in library.order:
            if name in reached and depends_on(expression, parameter, self.names):
                self.names[name] = None
        self.held: dict[Held, None] = {}
        self.windows: dict[Window, None] = {}
        self.elsewhere: dict[str, None] = {}

    def found(self) -> Varying:
        for name in self.names:
            self.look(self.entries[name])
        criteria = {criterion.id for criterion in self.library.criteria}
        every = dict.fromkeys((*self.names, *(root for root in ROOTS if root in self.entries)))
        return Varying(
            self.parameter,
            tuple(name for name, _ in self.library.order if name in every),
            tuple(name for name in self.names if name in criteria),
            tuple(self.held),
            tuple(self.windows),
            tuple(self.elsewhere),
        )

    def depends(self, node: AnyNode) -> bool:
        return depends_on(node, self.parameter, self.names)

    def flows(self, node: AnyNode) -> bool:
        """Whether the value of a node may be another for each value of the parameter: it goes into a
        calculation.
        """
        match node:
            case e.Parameter(name):
                return name == self.parameter
            case e.Reference(name):
                return name in self.names and self.flows(self.entries[name])
            case e.If(_, then, otherwise):
                return self.flows(then) or self.flows(otherwise)
            case e.Coalesce() | e.Arithmetic() | e.Function() | e.Negate() | e.Convert():
                return any(self.flows(part) for part in parts(node))
            case e.Shift() | e.Duration() | e.Age() | e.DayOf():
                return any(self.flows(part) for part in parts(node))
        return False

    def look(self, node: AnyNode) -> None:
        """Notes the places below a node at which a truth can change."""
        if not self.depends(node):
            return
        match node:
            case e.Compare(_, left, right):
                self.against(node, left, right)
                self.against(node, right, left)
            case e.Between(operand, low, high) | e.InInterval(operand, low, high):
                for end in (low, high):
                    self.against(node, end, operand)
                    self.against(node, operand, end)
            case e.Timing(operand, _, _, amount, unit, reference):
                self.window(node, operand, amount, unit, reference)
            case e.InSet() | e.Is() | e.Function("Agree"):
                if any(self.flows(part) for part in parts(node)):
                    self.elsewhere[node.place] = None
        for part in parts(node):
            self.look(part)

    def against(self, node: AnyNode, side: Expression, other: Expression) -> None:
        if not self.flows(side):
            return
        ways = list(self.ways(side, ()))
        if self.depends(other) or None in ways:
            self.elsewhere[node.place] = None
            return
        for way in ways:
            assert way is not None
            self.held[Held(other, way)] = None

    def ways(self, node: Expression, undone: tuple[Undoing, ...]) -> Iterator[tuple[Undoing, ...] | None]:
        """From the value of a node back to the parameter, each way there is; None for one that leads nowhere."""
        if not self.flows(node):
            return
        match node:
            case e.Parameter():
                yield undone
            case e.Reference(name):
                yield from self.ways(self.entries[name], undone)
            case e.If(_, then, otherwise):
                yield from self.ways(then, undone)
                yield from self.ways(otherwise, undone)
            case e.Coalesce(operands) | e.Function("Min" | "Max", operands):
                for operand in operands:
                    yield from self.ways(operand, undone)
            case e.Negate(operand):
                yield from self.ways(operand, (*undone, Undoing("negate")))
            case e.Convert(operand, source, target) if _is_exact(source, target):
                yield from self.ways(operand, (*undone, Undoing("convert", units=(source, target))))
            case e.Arithmetic(operator, left, right) if operator in _RELATED:
                for side, beside, is_left in ((left, right, True), (right, left, False)):
                    if self.depends(side) and self.depends(beside):
                        yield None
                    else:
                        yield from self.ways(side, (*undone, Undoing(operator, beside, is_left)))
            case _:
                yield None

    def window(
        self, node: e.Timing, operand: Expression, amount: Expression, unit: str, reference: Expression
    ) -> None:
        if self.flows(operand) or self.flows(reference):
            self.elsewhere[node.place] = None
        if not self.flows(amount):
            return
        is_plain = isinstance(amount, e.Parameter) and unit in _COUNTED
        if not is_plain or self.depends(operand) or self.depends(reference):
            self.elsewhere[node.place] = None
            return
        self.windows[Window(operand, reference, unit)] = None
