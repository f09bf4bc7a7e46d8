"""A library as one Python function of a record: for many single people, fast, without a trace.

The tree is written out once as plain statements (`compiled_text`), each expression that is asked twice worked out
once, and Python compiles them. The same values as the law for every name; what stands behind them is not told.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from screening.interpreters.compiled_row import Rows
from screening.interpreters.compiled_text import Text
from screening.language.library import ROOTS, Library
from screening.outcome.row import Row
from screening.record.subject import Subject, Value
from screening.values.truth import Truth

ENGINE = "compiled"


class Screened(NamedTuple):
    """What the verdict is read off, for one person.

    `eligible`, `favourable`, `review` and `arranged` are the roots (semantics 6.1 to 6.4). `criteria` has the
    truth of every criterion by its id, `alerts` the ids of those whose alert fired, `anchors` the truths of the
    protocol's anchors, which its standing is read off.
    """

    eligible: Truth
    favourable: Truth
    review: Truth
    arranged: Truth
    criteria: Mapping[str, Truth]
    alerts: tuple[str, ...]
    anchors: tuple[Truth, ...]


class Compiled:
    """A library, compiled; with `as_of` its as-of date is a constant, worth it for many people of one day.

    The subject is seen as of that day: what is dated wholly later does not exist. Each of the three questions is
    written and compiled when it is first asked. Raises UnsupportedError for a node that it does not speak.
    """

    def __init__(self, library: Library, as_of: datetime.date | None = None) -> None:
        self.library = library
        self.as_of = as_of
        self._everything: dict[bool, Callable[[Subject, datetime.date], dict[str, Value]]] = {}
        self._screened: dict[bool, Callable[[Subject, datetime.date], Screened]] = {}
        self._rows: dict[bool, Rows] = {}

    def evaluate(self, subject: Subject, as_of: datetime.date) -> dict[str, Value]:
        """Every requirement, definition, criterion and root by name."""
        is_constant = as_of == self.as_of
        run = self._everything.get(is_constant)
        if run is None:
            text, names = everything_as_text(self.library, as_of if is_constant else None)
            run = self._everything[is_constant] = _function(text, names)
        return run(subject, as_of)

    def verdict(self, subject: Subject, as_of: datetime.date) -> Screened:
        """What the verdict, the standing and the alerts are read off, and the truth of every criterion."""
        is_constant = as_of == self.as_of
        run = self._screened.get(is_constant)
        if run is None:
            text, names = verdict_as_text(self.library, as_of if is_constant else None)
            run = self._screened[is_constant] = _function(text, names)
        return run(subject, as_of)

    def row(self, subject: Subject, as_of: datetime.date) -> Row:
        """Everything that a cohort keeps of one person, but not what stands behind the anchors."""
        is_constant = as_of == self.as_of
        if is_constant not in self._rows:
            self._rows[is_constant] = Rows(self.library, as_of if is_constant else None)
        return self._rows[is_constant].row(subject, as_of)


def everything_as_text(library: Library, day: datetime.date | None) -> tuple[str, dict[str, Any]]:
    """The function of `evaluate` as text, and what its names stand for."""
    text = Text(library, [name for name, _ in library.order], day)
    values = ", ".join(f"{name!r}: {value}" for name, value in text.entries.items())
    return _written(text, f"{{{values}}}")


def verdict_as_text(library: Library, day: datetime.date | None) -> tuple[str, dict[str, Any]]:
    """The function of `verdict` as text, and what its names stand for."""
    alerts = {c.id: c.alert.definition for c in library.criteria if c.alert is not None}
    wanted = [*ROOTS, *(c.id for c in library.criteria), *alerts.values(), *library.anchors]
    text = Text(library, wanted, day)
    found = text.entries
    roots = ", ".join(found[root] for root in ROOTS)
    criteria = ", ".join(f"{c.id!r}: {found[c.id]}" for c in library.criteria)
    fired = " + ".join(f"(({id!r},) if {found[name]} is TRUE else ())" for id, name in alerts.items()) or "()"
    anchors = "".join(f"{found[name]}, " for name in library.anchors)
    # As `Screened(...)`, at half the cost.
    text.page.bind("Screened", Screened)
    text.page.bind("made", tuple.__new__)
    return _written(text, f"made(Screened, ({roots}, {{{criteria}}}, {fired}, ({anchors})))")


def _written(text: Text, answer: str) -> tuple[str, dict[str, Any]]:
    lines = ["evidence, conflicts = subject.evidence.get, []", *text.page.blocks[0], f"return {answer}"]
    return "\n".join(["def written(subject, day):", *(f"    {line}" for line in lines)]), text.page.names


def _function(text: str, names: dict[str, Any]) -> Callable[[Subject, datetime.date], Any]:
    # INVARIANT: names of requirements, fields, definitions and criteria stand in the text as quoted constants
    # (`repr`) alone; every other word of it is made here.
    exec(compile(text, "<compiled library>", "exec"), names)
    made: Callable[[Subject, datetime.date], Any] = names["written"]
    return made
