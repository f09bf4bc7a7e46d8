"""Text of a Python function as it is written, statement by statement, each in the loop that it belongs to.

It knows no node of the language. What does not change from row to row is written before the loop over the rows,
and what does not change from person to person is worked out here and stands in the text as a constant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from screening.values.bounds import OPEN
from screening.values.coding import NOT_CODED
from screening.values.truth import FALSE, TRUE, UNKNOWN

_WIDEST = 700  # characters of a condition; a longer part of it gets a name of its own


class Rails(NamedTuple):
    """A statement as two Python conditions, *met* and *not met*, and the variables that they read."""

    met: str
    unmet: str
    reads: tuple[str, ...] = ()

    @property
    def is_wide(self) -> bool:
        """Whether it is too long to stand inside another condition."""
        return len(self.met) + len(self.unmet) > _WIDEST

    def turned(self) -> Rails:
        """The opposite statement."""
        return Rails(self.unmet, self.met, self.reads)


def every(conditions: Iterable[str]) -> str:
    """All of several conditions."""
    left = list(dict.fromkeys(c for c in conditions if c != "True"))
    if "False" in left:
        return "False"
    return f"({' and '.join(left)})" if len(left) > 1 else left[0] if left else "True"


def some(conditions: Iterable[str]) -> str:
    """At least one of several conditions."""
    left = list(dict.fromkeys(c for c in conditions if c != "False"))
    if "True" in left:
        return "True"
    return f"({' or '.join(left)})" if len(left) > 1 else left[0] if left else "False"


def joined(each: list[Rails], met: Any, unmet: Any) -> Rails:
    reads = tuple(dict.fromkeys(name for one in each for name in one.reads))
    return Rails(met(one.met for one in each), unmet(one.unmet for one in each), reads)


class Page:
    """The statements of one function; a name that the text gives is assigned once."""

    def __init__(self) -> None:
        self.constants: dict[str, Any] = {
            "TRUE": TRUE, "FALSE": FALSE, "UNKNOWN": UNKNOWN, "OPEN": OPEN, "NOT_CODED": NOT_CODED,
        }  # fmt: skip
        self.names: dict[str, Any] = dict(self.constants)
        self.blocks: list[list[str]] = [[]]
        self._loops: list[bool] = [True]
        self._levels: dict[str, int] = {}
        self._known: dict[str, str] = {repr(value): name for name, value in self.constants.items()}
        self._count = 0

    # ------------------------------------------------------------------------------- names

    def new(self, letter: str) -> str:
        """A name that is not in use."""
        self._count += 1
        return f"{letter}{self._count}"

    def bind(self, name: str, thing: Any) -> str:
        """A function or table that the text asks by name; it is no constant, for it says more than one thing."""
        self.names[name] = thing
        return name

    def constant(self, value: Any) -> str:
        """A constant by name, the same one for equal values."""
        key = repr(sorted(value) if isinstance(value, frozenset) else value)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self.new("k")
            self.names[known] = self.constants[known] = value
        return known

    def level(self, reads: Iterable[str]) -> int:
        """The innermost loop in which any of these names is given."""
        return max((self._levels.get(name, 0) for name in reads), default=0)

    def place(self, name: str, level: int) -> str:
        """A name that the text gives at a level."""
        self._levels[name] = level
        return name

    # -------------------------------------------------------------------------- statements

    @property
    def here(self) -> int:
        """The level of the block that is being written."""
        return len(self.blocks) - 1

    def write(self, level: int, *lines: str) -> None:
        """Statements at a level."""
        self.blocks[level].extend(lines)

    def let(self, text: str, reads: Sequence[str], level: int = 0) -> str:
        """A name for what an expression is worth, worked out as far out as it can be, but not outside `level`."""
        if reads and all(name in self.constants for name in reads):
            # INVARIANT: the text is made of the names given here and of this program's own functions.
            return self.constant(eval(text, self.names))
        level = self.inner(max(level, self.level(reads)))
        name = self.place(self.new("v"), level)
        self.write(level, f"{name} = {text}")
        return name

    @contextmanager
    def block(self, level: int, header: str) -> Iterator[int]:
        """A block inside the one of a level; yields its own level."""
        inner, self.blocks[level + 1 :] = self.blocks[level + 1 :], [[]]
        loops, self._loops[level + 1 :] = self._loops[level + 1 :], [header.startswith("for ")]
        yield level + 1
        lines = self.blocks.pop()
        self.blocks[level].extend([header, *(f"    {line}" for line in lines or ["pass"])])
        self.blocks.extend(inner)
        self._loops[level + 1 :] = loops

    def inner(self, level: int) -> int:
        """The same turn of a loop, but under every condition that is being written in it."""
        while level < self.here and not self._loops[level + 1]:
            level += 1
        return level

    # ------------------------------------------------------------------------------- parts

    def truth(self, sides: Rails, level: int = 0) -> str:
        """A statement as a truth."""
        if sides.met == "True" or sides.unmet == "True":
            return "TRUE" if sides.met == "True" else "FALSE"
        if sides.met == sides.unmet == "False":
            return "UNKNOWN"
        name = sides.met.removesuffix(" is TRUE")
        if name in sides.reads and sides == self.sides(name):
            return name
        if sides.unmet == f"not {sides.met}":
            return self.let(f"TRUE if {sides.met} else FALSE", ("", *sides.reads), level)
        if sides.met == "False":
            return self.let(f"FALSE if {sides.unmet} else UNKNOWN", ("", *sides.reads), level)
        if sides.unmet == "False":
            return self.let(f"TRUE if {sides.met} else UNKNOWN", ("", *sides.reads), level)
        return self.let(f"TRUE if {sides.met} else FALSE if {sides.unmet} else UNKNOWN", ("", *sides.reads), level)

    def sides(self, name: str) -> Rails:
        """The two conditions of a truth that has a name."""
        if name in self.constants:
            return Rails(str(name == "TRUE"), str(name == "FALSE"))
        return Rails(f"{name} is TRUE", f"{name} is FALSE", (name,))

    def end(self, name: str, which: int) -> str:
        """The lower (0) or upper (1) end of bounds."""
        if name not in self.constants:
            return f"{name}[{which}]"
        found = self.constants[name][which]
        if found is None or (isinstance(found, int) and not isinstance(found, bool)):
            return repr(found)
        return self.constant(found)

    def ordered(self, left: str, operator: str, right: str) -> str:
        """Whether one end lies before another; an open end lies nowhere."""
        if "None" in (left, right):
            return "False"
        guards = []
        if left.endswith("]"):
            guards, left = [f"(x := {left}) is not None"], "x"
        if right.endswith("]"):
            guards, right = [*guards, f"(y := {right}) is not None"], "y"
        if not guards:
            return str(bool(eval(f"{left} {operator} {right}", self.names)))
        return f"({' and '.join(guards)} and {left} {operator} {right})"

    def less(self, a: str, b: str, equal: bool = False) -> Rails:
        """`a < b`, or `a <= b`, bound against bound."""
        # SPEC: semantics 2.3.
        met = self.ordered(self.end(a, 1), "<=" if equal else "<", self.end(b, 0))
        return Rails(met, self.ordered(self.end(a, 0), ">" if equal else ">=", self.end(b, 1)), (a, b))

    def equal(self, a: str, b: str) -> Rails:
        """`a = b`: met if both are one and the same value, not met if they lie apart."""
        if a in self.constants:
            a, b = b, a
        low, high, least, most = self.end(a, 0), self.end(a, 1), self.end(b, 0), self.end(b, 1)
        met = f"({low} is not None and {low} == {high} == {least} == {most})"
        if b in self.constants:
            is_exact = self.constants[b][0] is not None and self.constants[b][0] == self.constants[b][1]
            met = f"({low} == {least} == {high})" if is_exact else "False"
            if is_exact and a in self.constants:
                met = str(bool(eval(met, self.names)))
        unmet = some([self.ordered(high, "<", least), self.ordered(most, "<", low)])
        return Rails(met, unmet, (a, b))
