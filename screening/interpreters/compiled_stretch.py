"""Lines of a written function in stretches that rest on the same requirements: what silence lets pass over.

It knows names and lines alone. A name is a word with a number behind it; each is given once, but lists that a loop
adds to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_NAME = re.compile(r"\b[a-z]+\d+\b")
_GIVEN = re.compile(r"([a-z]+\d+(?:, [a-z]+\d+)*) = ")
_CHANGED = re.compile(r"\b([a-z]+\d+)(?=\.append\(| \+= |(?:, [a-z]+\d+)* = )")
_CALLED = re.compile(r"\b(?!evidence\(|taken\(|on_scale\()[a-z_]+\(")


def names_in(text: str) -> list[str]:
    """The names that stand in a text."""
    return _NAME.findall(text)


class Stretch(NamedTuple):
    """Lines that rest on the requirements `below`, with the names that they give and those that stand in them."""

    lines: list[str]
    below: int
    given: frozenset[str]
    names: frozenset[str]

    @property
    def is_dear(self) -> bool:
        """Whether it pays to ask if it can be passed over: not for single values that are answered in place."""
        return _CALLED.search("\n".join(self.lines)) is not None

    def followed_by(self, other: Stretch) -> Stretch:
        """Both as one."""
        below = self.below | other.below
        return Stretch([*self.lines, *other.lines], below, self.given | other.given, self.names | other.names)


def stretches(lines: list[str], below: int, rests: dict[str, int]) -> list[Stretch]:
    """The lines of one name, which rests on `below`, in stretches.

    `rests` has what each name rests on, and learns it of those that are given here.
    """
    found: list[Stretch] = []
    for statement in _statements(lines):
        text = "\n".join(statement)
        given = frozenset(m[1].split(", ") if (m := _GIVEN.match(text)) else ())
        names = frozenset(names_in(text))
        # What is contradicted may be so in any line before this one.
        on = below if ".isdisjoint(conflicts)" in text else 0
        for name in names:
            on |= rests.get(name, 0)
        stretch = Stretch(statement, on, given, names)
        changed = frozenset(_CHANGED.findall(text)) if text.startswith(("for ", "if ")) else frozenset()
        # INVARIANT: a list that a loop adds to is begun in the same stretch, so it is never one that is kept.
        first = next((n for n, earlier in enumerate(found) if not changed.isdisjoint(earlier.given)), len(found))
        if first and first == len(found) and found[-1].below == on:
            first -= 1
        while len(found) > first:
            stretch = found.pop().followed_by(stretch)
        found.append(stretch)
        rests.update(dict.fromkeys(stretch.given, stretch.below))
    return found


def _statements(lines: list[str]) -> Iterator[list[str]]:
    """Lines statement by statement: what is indented, or begins with `else`, belongs to what is before it."""
    statement: list[str] = []
    for line in lines:
        if statement and not line.startswith((" ", "else:", "elif ")):
            yield statement
            statement = []
        statement.append(line)
    if statement:
        yield statement
