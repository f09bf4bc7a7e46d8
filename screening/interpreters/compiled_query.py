"""Rows of a record as Python text: lists, conditions tried on one row after the other, fields of a row.

What may find a contradiction is written where the law would evaluate it, for each row anew; all else as far out of
the loops as it can be, and only once.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from screening.interpreters.compiled_page import Page, Rails, every, joined, some
from screening.language import expression as e
from screening.language.expression import AnyNode, Expression, parts
from screening.language.types import ORDERED, Type, unknown

_LOUD = (e.Select, e.Exists, e.Count, e.CountDistinct, e.RowValues, e.Contradicted)


class Listed(NamedTuple):
    """The names of the five parts of a list: see `compiled_rows`."""

    sure: str
    maybe: str
    denials: str
    lacks: str
    concepts: str


class _Alias(NamedTuple):
    row: str
    level: int


def every_node(node: AnyNode) -> Iterator[AnyNode]:
    yield node
    for part in parts(node):
        yield from every_node(part)


def is_truth(type: Type) -> bool:
    return type.name in ("Boolean", "Judgement")


def is_worded(type: Type) -> bool:
    return type.name in ("String", "Code")


class Queries(ABC):
    """Writes what is asked of rows; what is asked of values and statements is written by `compiled_text`."""

    def __init__(self, page: Page, missing: str) -> None:
        self.page = page
        self.missing = missing
        self.loud: dict[int, bool] = {}
        self.aliases: dict[str, _Alias] = {}
        self.same_place: dict[str, str] = {}
        self.seen: list[dict[AnyNode, tuple[Any, AnyNode]]] = [{}]

    @abstractmethod
    def value(self, node: Expression) -> str:
        """The name of what a node is worth."""

    @abstractmethod
    def rails(self, node: Expression) -> Rails:
        """The two conditions of a statement."""

    # ---------------------------------------------------------------------- what was written before

    def is_loud(self, node: AnyNode) -> bool:
        """Whether a contradiction may be found in a node."""
        found = self.loud.get(id(node))
        if found is None:
            found = isinstance(node, _LOUD) or (isinstance(node, e.Function) and node.name == "Agree")
            found = found or any(self.is_loud(part) for part in parts(node))
            self.loud[id(node)] = found
        return found

    def known(self, node: AnyNode) -> Any:
        """What was written of an equal node; None if nothing was, or if it has to be found for each row anew."""
        if self.page.here and self.is_loud(node):
            return None
        for seen in reversed(self.seen):
            if node in seen:
                found, first = seen[node]
                if first is not node and self.is_loud(node):
                    # A contradiction in one of them is one in both.
                    for here, there in zip(every_node(node), every_node(first), strict=True):
                        self.same_place[here.place] = self.same_place.get(there.place, there.place)
                return found
        return None

    def keep(self, node: AnyNode, found: Any, level: int) -> None:
        late = isinstance(node, e.Contradicted) or any(isinstance(p, e.Contradicted) for p in parts(node))
        if not late and not (self.page.here and self.is_loud(node)):
            self.seen[level][node] = found, node

    def least(self, node: AnyNode) -> int:
        """What is found anew for each row stays in the loop over the rows."""
        return self.page.here if self.is_loud(node) else 0

    def taken(self, node: e.Select, requirement: str) -> str:
        """The one value of a requirement: most have one certain row or none, which are answered in place."""
        page, least = self.page, self.least(node)
        blank, kind = page.constant(blank_of(node)), class_of(node.type)
        found, rows, row = page.place(page.new("v"), least), page.new("rows"), page.new("row")
        where = f"subject, {requirement!r}, day, {node.take!r}, {blank}, conflicts, {node.place!r}"
        page.write(
            least,
            f"{found}, {rows} = {blank}, evidence({requirement!r})",
            f"if {rows}:",
            f"    {row} = {rows}[0]",
            f"    {found}, when = {row}.value, {row}.when",
            f"    if (len({rows}) != 1 or {row}.certainty is not TRUE or {found}.__class__ is not {kind}",
            "            or (when is not OPEN and when[0] is not None and when[0] > day)):",
            f"        {found} = taken({where})",
        )
        if kind == "Bounds" and blank != "OPEN":
            # An exact value needs no scale: one outside it stays as it is.
            page.write(least, f"    elif {found}[0] is not {found}[1] or {found}[0] is None:")
            page.write(least, f"        {found} = on_scale({found}, {blank})")
        return found

    # ------------------------------------------------------------------------------- rows and fields

    def rows(self, node: e.Rows) -> Listed:
        """The names of the parts of a list."""
        found: Listed | None = self.known(node)
        if found is None:
            match node:
                case e.Retrieve(requirement):
                    text = f"listed(subject, {requirement!r}, day, {self.missing})"
                    found = self._parts(text, 0)
                case e.Where(source, alias, condition):
                    found = self._where(node, self.rows(source), alias, condition)
            self.keep(node, found, self.page.level(found))
        return found

    def _parts(self, text: str, level: int) -> Listed:
        page = self.page
        found = Listed(
            *(page.place(page.new(letter), level) for letter in ("sure", "maybe", "denials", "lacks", "n"))
        )
        page.write(level, f"{', '.join(found)} = {text}")
        return found

    def _level_of(self, node: e.Where | e.Fires, source: Listed) -> int:
        """The loop in which a query is to be answered: that of the rows of other queries which it asks about."""
        if self.is_loud(node.condition):
            return self.page.here
        used = {part.alias for part in every_node(node.condition) if isinstance(part, e.Field)} - {node.alias}
        inner = [self.aliases[alias].level for alias in used if alias in self.aliases]
        return max([self.page.level(source), *inner])

    @contextmanager
    def _each(self, level: int, alias: str, rows: str) -> Iterator[str]:
        """A loop over rows, in which an alias stands for one of them."""
        page, outer = self.page, self.aliases.get(alias)
        row = page.new("row")
        hidden, self.seen[level + 1 :] = self.seen[level + 1 :], [{}]
        kept = self.seen[: level + 1]
        if outer is not None:
            # INVARIANT: under a name that is given anew, nothing that was said of the other row may be found.
            self.seen[1 : level + 1] = [{} for _ in range(level)]
        with page.loop(level, f"for {row} in {rows}:") as inside:
            page.place(row, inside)
            self.aliases[alias] = _Alias(row, inside)
            yield row
        self.seen = [*kept, *hidden]
        del self.aliases[alias]
        if outer is not None:
            self.aliases[alias] = outer

    def _tried(self, condition: Expression) -> Rails:
        """A condition, tried on one row: a part that is not met ends it, where no contradiction can be lost."""
        if not isinstance(condition, e.And):
            return self.rails(condition)
        left: list[Rails] = []
        for operand in sorted(condition.operands, key=lambda one: not self.is_loud(one)):
            one = self.rails(operand)
            if not self.is_loud(operand):
                self.page.write(self.page.here, f"if {one.unmet}: continue")
                one = Rails(one.met, "False", one.reads)
            left.append(one)
        return joined(left, every, some)

    def _where(self, node: e.Where, source: Listed, alias: str, condition: Expression) -> Listed:
        """The rows for which a condition holds; denials and the missing row are tried like any other."""
        page, level = self.page, self._level_of(node, source)
        sure, maybe = (page.place(page.new(letter), level) for letter in ("sure", "maybe"))
        denials, lacks = (page.place(page.new(letter), level) for letter in ("denials", "lacks"))
        page.write(level, f"{sure}, {maybe}, {denials}, {lacks} = [], [], {source.denials}, {source.lacks}")
        with self._each(level, alias, source.sure) as row:
            sides = self._tried(condition)
            page.write(page.here, f"if {sides.met}: {sure}.append({row})")
            page.write(page.here, f"elif not {sides.unmet}: {maybe}.append({row})")
        kept, more = page.new("kept"), page.new("more")
        page.write(level, f"{kept} = {more} = ()")
        page.write(level, f"if {source.maybe} or {source.denials} or {source.lacks} is not None:")
        page.write(level, f"    {kept}, {more} = [], others({source.maybe}, {source.denials}, {source.lacks})")
        with self._each(level, alias, more) as row:
            sides = self._tried(condition)
            page.write(page.here, f"if not {sides.unmet}: {kept}.append({row})")
        page.write(level, f"if {more}:")
        page.write(level, f"    {more}, {denials}, {lacks} = taken_apart({kept})")
        page.write(level, f"    {maybe} += {more}")
        return Listed(sure, maybe, denials, lacks, source.concepts)

    def fires(self, node: e.Fires, source: e.Rows, alias: str, condition: Expression) -> str:
        """An alert does not wait for certainty: one row suffices, certain or possible."""
        page, found = self.page, self.rows(source)
        level = self._level_of(node, found)
        fires = page.place(page.new("v"), level)
        page.write(level, f"{fires} = FALSE")
        with self._each(level, alias, f"alarming({found.sure}, {found.maybe}, {found.concepts})"):
            sides = self._tried(condition)
            page.write(page.here, f"if {sides.met}: {fires} = TRUE")
        return fires

    def named(self, alias: str, text: str) -> str:
        """Something of the row that an alias stands for, asked once."""
        row, level = self.aliases[alias]
        key = e.Field(alias, text, Type("text"))
        if key not in self.seen[level]:
            self.seen[level][key] = self.page.let(text, (row,)), key
        found: str = self.seen[level][key][0]
        return found

    def fields(self, alias: str) -> str:
        return self.named(alias, f"{self.aliases[alias].row}.fields")

    def field(self, node: e.Field) -> str:
        """A field of a row; what is not there or cannot be used is what nothing known is."""
        row = self.aliases[node.alias].row
        match node.name:
            case "date":
                return self.named(node.alias, f"{row}.when")
            case "code":
                return self.named(node.alias, f"{row}.codes")
            case "value":
                found = self.named(node.alias, f"{row}.value")
            case name:
                found = self.named(node.alias, f"{self.fields(node.alias)}.get({name!r})")
        blank, kind = self.page.constant(unknown(node.type)), class_of(node.type)
        return self.page.let(f"{found} if {found}.__class__ is {kind} else {blank}", (found,))


def class_of(type: Type) -> str:
    """The Python class of the values of a type."""
    return "Bounds" if type.name in ORDERED else "tuple" if is_worded(type) else "Truth"


def blank_of(node: e.Select) -> Any:
    """What is known of a selection that gives nothing."""
    return node.scale if node.type.name in ORDERED else unknown(node.type)
