"""The steps behind a criterion as statements within statements: each with its worth, its facts, its place.

What a statement refers to by name (a definition, an input) stands by itself and once; a link leads there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath

from screening.errors import Span
from screening.language import expression as e
from screening.language.expression import AnyNode, Expression, parts
from screening.language.text import spell
from screening.language.types import Type
from screening.outcome.trace import RowsFound, Step
from screening.record.subject import Value
from screening.reports import value as values
from screening.reports.account import Account
from screening.reports.steps import value_words
from screening.reports.words import joined, safe
from screening.values.bounds import Bounds
from screening.values.frozen import dataclass
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth

HOLDS, FAILS, OPEN, VALUE = "holds", "fails", "open", "value"
_KINDS = {TRUE: HOLDS, FALSE: FAILS, UNKNOWN: OPEN}


@dataclass(frozen=True, slots=True)
class Cited:
    """A fact that a step rests on: its id, and where it stands in the page."""

    id: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Branch:
    """One statement: its place in the trace, what it is worth in words, as it is written, and what it is made of.

    `kind` is holds, fails, open or value; `refers` is the anchor of what it names; `row` the entry tried.
    """

    place: str
    kind: str
    worth: str
    written: str
    why: str = ""
    row: str = ""
    file: str = ""
    refers: str = ""
    facts: tuple[Cited, ...] = ()
    parts: tuple[Branch, ...] = ()


class Tree:
    """The steps of one account, put together as the rule file nests them."""

    def __init__(self, account: Account, anchors: Mapping[str, str], facts: Mapping[str, str]) -> None:
        """`anchors` says where what is named stands in the page, `facts` where each fact does."""
        self.account, self.anchors, self.facts = account, anchors, facts
        self.by_row: dict[str, list[Step]] = {}
        for step in account.trace.steps:
            if step.row:
                self.by_row.setdefault(step.place, []).append(step)

    def of(self, expression: Expression) -> tuple[Branch, ...]:
        """A whole expression, from its first statement on."""
        return (self._branch(expression),)

    def _branch(self, node: AnyNode) -> Branch:
        below = tuple(self._below(node))
        return self._made(node, self.account.step(node), below)

    def _below(self, node: AnyNode) -> Iterator[Branch]:
        if isinstance(node, e.Where | e.Fires):
            yield self._branch(node.source)
            yield from self._tried(node.condition)
            return
        yield from map(self._branch, parts(node))

    def _tried(self, node: AnyNode) -> Iterator[Branch]:
        """What the condition of a query says of each entry."""
        for step in self.by_row.get(node.place, ()):
            yield self._made(node, step, ())
        for part in parts(node):
            yield from self._tried(part)

    def _made(self, node: AnyNode, step: Step, below: tuple[Branch, ...]) -> Branch:
        conflict = "the facts contradict each other" if step.conflict else ""
        return Branch(
            place=safe(node.place),
            kind=_KINDS[step.value] if isinstance(step.value, Truth) else VALUE,
            worth=_worth(self.account, node, step.value),
            written=" ".join(safe(spell(node)).split()),
            why=joined((step.reason, conflict)),
            row=safe(step.row),
            file=where(node.span),
            refers=self.anchors.get(node.name, "") if isinstance(node, e.Reference) else "",
            facts=self.cited(step.facts),
            parts=below,
        )

    def cited(self, ids: Sequence[str]) -> tuple[Cited, ...]:
        """Facts by their ids, each with the place where it stands in the page."""
        return tuple(Cited(safe(id), self.facts.get(id, "")) for id in ids)


def _worth(account: Account, node: AnyNode, found: Value | RowsFound) -> str:
    """What a step is worth: a truth in words, a number with its unit, nothing rounded."""
    if isinstance(found, Truth | RowsFound):
        return value_words(found)
    type = _type(account, node)
    return values.value_text(found, type) if type is not None and isinstance(found, Bounds) else value_words(found)


def _type(account: Account, node: AnyNode) -> Type | None:
    if isinstance(node, e.Reference) and node.name in account.requirements:
        return account.requirements[node.name].type
    found = getattr(node, "type", None)
    return found if isinstance(found, Type) else None


def where(span: Span) -> str:
    """A place in a rule file: the file and its line, the same on every machine."""
    file = PurePath(span.file).name
    return f"{safe(file)}:{span.line}" if span.line else ""
