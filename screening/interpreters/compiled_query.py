"""Rows of a record as Python text: lists, conditions tried on one row after the other, fields of a row.

What may find a contradiction is written where the law would evaluate it, for each row anew; all else as far out of
the loops as it can be, and only once.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
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
        self.often: Counter[AnyNode] = Counter()
        self.together: dict[AnyNode, list[e.Where]] = {}

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
                    self.keep(node, found, 0)
                case e.Where(source):
                    found = self._where(node, self.rows(source))
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
        return self.page.inner(max([self.page.level(source), *inner]))

    @contextmanager
    def _block(self, level: int, header: str) -> Iterator[int]:
        """A block inside the one of a level; what is written in it is found in it alone."""
        inner, self.seen[level + 1 :] = self.seen[level + 1 :], [{}]
        with self.page.block(level, header) as inside:
            yield inside
        self.seen[level + 1 :] = inner

    @contextmanager
    def _each(self, level: int, alias: str, rows: str) -> Iterator[str]:
        """A loop over rows, in which an alias stands for one of them."""
        outer, seen = self.aliases.get(alias), self.seen
        row = self.page.new("row")
        if outer is not None:
            # INVARIANT: under a name that is given anew, nothing that was said of the other row may be found.
            self.seen = [seen[0], *({} for _ in seen[1:])]
        with self._block(level, f"for {row} in {rows}:") as inside:
            self.page.place(row, inside)
            self.aliases[alias] = _Alias(row, inside)
            yield row
        self.seen = seen
        del self.aliases[alias]
        if outer is not None:
            self.aliases[alias] = outer

    @contextmanager
    def _tried(self, condition: Expression) -> Iterator[Rails]:
        """A condition, tried on one row; what is written inside is reached only while it may still be met."""
        counted, within = self.often, Counter(every_node(condition))
        # What is asked of a row counts within its query, however many queries ask the same.
        self.often = Counter({part: counted[part] if _is_free(part) else n for part, n in within.items()})
        operands = condition.operands if isinstance(condition, e.And) else (condition,)
        left: list[Rails] = []
        with ExitStack() as blocks:
            # What may find a contradiction comes first: no other part may keep it from being asked.
            for operand in sorted(operands, key=lambda one: not self.is_loud(one)):
                one = self.rails(operand)
                if not self.is_loud(operand):
                    if one.unmet != "False":
                        blocks.enter_context(self._block(self.page.here, f"if not {one.unmet}:"))
                    one = Rails(one.met, "False", one.reads)
                left.append(one)
            yield joined(left, every, some)
        self.often = counted

    def _where(self, node: e.Where, source: Listed) -> Listed:
        """The rows for which a condition holds, together with those of other queries of the same list."""
        page, level = self.page, self._level_of(node, source)
        queries = self.together.get(node, [node])
        found = [self._found(source, level) for _ in queries]
        with self._each(level, node.alias, source.sure) as row:
            for query, listed in zip(queries, found, strict=True):
                with self._tried(query.condition) as sides:
                    page.write(page.here, f"if {sides.met}: {listed.sure}.append({row})")
                    page.write(page.here, "else:" if sides.unmet == "False" else f"elif not {sides.unmet}:")
                    page.write(page.here, f"    {listed.maybe}.append({row})")
        # Denials and the missing row are tried like any other.
        other = f"{source.maybe} or {source.denials} or {source.lacks} is not None"
        with self._block(level, f"if {other}:") as inside:
            kept = [page.new("kept") for _ in queries]
            page.write(inside, *(f"{each} = []" for each in kept))
            rows = f"others({source.maybe}, {source.denials}, {source.lacks})"
            with self._each(inside, node.alias, rows) as row:
                for query, each in zip(queries, kept, strict=True):
                    with self._tried(query.condition) as sides:
                        guard = "" if sides.unmet == "False" else f"if not {sides.unmet}: "
                        page.write(page.here, f"{guard}{each}.append({row})")
            for listed, each in zip(found, kept, strict=True):
                page.write(inside, f"more, {listed.denials}, {listed.lacks} = taken_apart({each})")
                page.write(inside, f"{listed.maybe} += more")
        for query, listed in zip(queries, found, strict=True):
            self.keep(query, listed, page.level(listed))
        return found[queries.index(node)]

    def _found(self, source: Listed, level: int) -> Listed:
        """The list that a query leaves, empty before it is answered."""
        page = self.page
        sure, maybe, denials, lacks = (page.place(page.new(name), level) for name in Listed._fields[:4])
        page.write(level, f"{sure}, {maybe}, {denials}, {lacks} = [], [], {source.denials}, {source.lacks}")
        return Listed(sure, maybe, denials, lacks, source.concepts)

    def gather(self, expressions: Iterable[Expression]) -> None:
        """Notes which queries can be answered in one loop: those of one list that ask of its rows alone."""
        groups: dict[tuple[AnyNode, str], dict[e.Where, None]] = {}
        for expression in expressions:
            for node in every_node(expression):
                if isinstance(node, e.Where) and isinstance(node.source, e.Retrieve) and _asks_rows_alone(node):
                    groups.setdefault((node.source, node.alias), {}).setdefault(node)
        for group in groups.values():
            self.together.update({node: list(group) for node in group})

    def fires(self, node: e.Fires, source: e.Rows, alias: str, condition: Expression) -> str:
        """An alert does not wait for certainty: one row suffices, certain or possible."""
        page, found = self.page, self.rows(source)
        level = self._level_of(node, found)
        fires = page.place(page.new("v"), level)
        page.write(level, f"{fires} = FALSE")
        rows = f"alarming({found.sure}, {found.maybe}, {found.concepts})"
        with self._each(level, alias, rows), self._tried(condition) as sides:
            page.write(page.here, f"if {sides.met}: {fires} = TRUE")
        return fires

    def named(self, alias: str, text: str) -> str:
        """Something of the row that an alias stands for, asked once."""
        row, level = self.aliases[alias]
        key = e.Field(alias, text, Type("text"))
        for seen in self.seen[level:]:
            if key in seen:
                found: str = seen[key][0]
                return found
        found = self.page.let(text, (row,))
        self.seen[self.page.level((found,))][key] = found, key
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


def _is_free(node: AnyNode) -> bool:
    """Whether a node asks nothing of any row."""
    return not any(isinstance(part, e.Field) for part in every_node(node))


def _asks_rows_alone(query: e.Where) -> bool:
    leaves = [part for part in every_node(query.condition) if not parts(part)]
    return all(
        isinstance(leaf, e.Literal | e.Parameter) or (isinstance(leaf, e.Field) and leaf.alias == query.alias)
        for leaf in leaves
    )


def class_of(type: Type) -> str:
    """The Python class of the values of a type."""
    return "Bounds" if type.name in ORDERED else "tuple" if is_worded(type) else "Truth"


def blank_of(node: e.Select) -> Any:
    """What is known of a selection that gives nothing."""
    return node.scale if node.type.name in ORDERED else unknown(node.type)
