"""What each line of the grammar stands for: the nodes of the language, names in them as they are written.

The names of the methods are those of the grammar. No text is looked at twice and nothing recurses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, cast

from lark import Token, Transformer

from screening.errors import NOWHERE, Span
from screening.language import expression as e
from screening.language.types import BOOLEAN, DATE, DATETIME, DECIMAL, INTEGER, STRING, Type, quantity
from screening.reading.pieces import Piece, Rows, Side, Slip, ends_of
from screening.reading.tree import DEEPEST, UNSETTLED, same_but
from screening.values.bounds import OPEN, exactly
from screening.values.calendar import clock_of, days_of, instants_of
from screening.values.coding import Code, word
from screening.values.truth import FALSE, TRUE, UNKNOWN

MOST_DIGITS = 28
MOST_PARTS = 20_000

NULL = Type("Null")
"""The type of `null` until its neighbours say which value is unknown."""


def _unquoted(token: Token) -> str:
    return str(token).strip('"')


def _pieces(children: Sequence[Any]) -> list[Piece]:
    return [child for child in children if isinstance(child, Piece)]


class Build(Transformer[Token, Any]):
    """Makes the nodes. `within` turns a stretch of the text into its place in the file."""

    within: Callable[[int, int], Span]

    def __init__(self) -> None:
        super().__init__(visit_tokens=False)
        self.within = lambda start, length: NOWHERE

    def made(
        self, children: Sequence[Any], kind: Callable[..., e.Expression], *args: Any, ends: Sequence[Any] = ()
    ) -> Piece:
        """A node over these children; a node too deep is refused where it begins."""
        below = [child for child in children if isinstance(child, Piece | Rows)]
        spanned = ends or children
        start, end = ends_of(spanned[0])[0], ends_of(spanned[-1])[1]
        depth = 1 + max((child.depth for child in below), default=0)
        size = 1 + sum(child.size for child in below)
        node = kind(*args, span=self.within(start, end - start))
        piece = Piece(node, start, end, depth, size)
        if depth > DEEPEST:
            raise Slip(
                piece, f"the expression is nested more than {DEEPEST} deep", "name its parts as definitions"
            )
        return piece

    # ------------------------------------------------------------------------------ conditions

    def choice(self, c: list[Any]) -> Piece:
        condition, then, otherwise = _pieces(c)
        return self.made(c, e.If, condition.node, then.node, otherwise.node, UNSETTLED)

    def implies(self, c: list[Any]) -> Piece:
        return self.made(c, e.Implies, c[0].node, c[2].node)

    def either(self, c: list[Any]) -> Piece:
        found: Piece = c[0]
        chain: list[Piece] = [found]
        for operator, right in zip(c[1::2], c[2::2], strict=True):
            if operator.type == "XOR":
                left = self.joined(e.Or, chain)
                chain = [self.made([left, right], e.Xor, left.node, right.node)]
            else:
                chain.append(right)
        return self.joined(e.Or, chain)

    def both(self, c: list[Any]) -> Piece:
        return self.joined(e.And, _pieces(c))

    def joined(self, kind: Callable[..., e.Expression], chain: Sequence[Piece], ends: Sequence[Any] = ()) -> Piece:
        if len(chain) == 1:
            return chain[0]
        return self.made(chain, kind, tuple(piece.node for piece in chain), ends=ends)

    def in_set(self, c: list[Any]) -> Piece:
        return self.made(c, e.InSet, c[0].node, _unquoted(c[2]), ())

    def in_list(self, c: list[Any]) -> Piece:
        operand, items = c[0], [item for child in c if isinstance(child, list) for item in child]
        words = [item.node for item in items if isinstance(item.node, e.Literal) and item.node.type == STRING]
        if len(words) == len(items):
            codes = tuple(code for node in words for code in cast(tuple[Code, ...], node.value))
            return self.made([operand, *items], e.InSet, operand.node, "", codes, ends=c)
        if (operand.size + 1) * len(items) > MOST_PARTS:
            raise Slip(operand, "this list asks for too much at once", "name the value as a definition")
        each = [self.made([operand, item], e.Compare, "=", operand.node, item.node) for item in items]
        return self.joined(e.Or, each, ends=c)

    def in_interval(self, c: list[Any]) -> Piece:
        operand, low, high = _pieces(c)
        closed = c[3].type == "SQUARE", c[-1].type == "SQUARE_CLOSE"
        return self.made(c, e.InInterval, operand.node, low.node, high.node, *closed)

    def compare(self, c: list[Any]) -> Piece:
        return self.made(c, e.Compare, str(c[1]), c[0].node, c[2].node)

    def between(self, c: list[Any]) -> Piece:
        operand, low, high = _pieces(c)
        return self.made(c, e.Between, operand.node, low.node, high.node)

    def duration(self, c: list[Any]) -> Piece:
        left, right = _pieces(c)
        return self.made(c, e.Duration, str(c[0]), left.node, right.node)

    def state(self, c: list[Any]) -> Piece:
        negated = len(c) == 4
        return self.made(c, e.Is, c[0].node, str(c[-1]), negated)

    def negation(self, c: list[Any]) -> Piece:
        return self.made(c, e.Not, c[1].node)

    def exists(self, c: list[Any]) -> Piece:
        query = next(child for child in c if isinstance(child, Rows))
        if query.items:
            return self.joined(e.Or, self.asked(query), ends=c)
        return self.made(c, e.Exists, query.rows)

    # --------------------------------------------------------------------------------- windows

    def day_of(self, c: list[Any]) -> str:
        return "day of"

    def side(self, c: list[Any]) -> Side:
        words = [str(word) for word in c]
        return Side("before" if "before" in words else "after", "on" in words, "day of" in words)

    def unit(self, c: list[Token]) -> Token:
        text = str(c[0])
        return Token.new_borrow_pos("UNIT", text if text.endswith("s") else text + "s", c[0])

    def amount(self, c: list[Any]) -> Piece:
        if len(c) == 3:
            return self.brackets(c)
        return self.number(c) if c[0].type == "NUMBER" else self.reference([c[0]])

    def days(self, piece: Piece, by_day: bool) -> e.Expression:
        return e.DayOf(piece.node, span=piece.node.span) if by_day else piece.node

    def beside(self, c: list[Any]) -> Piece:
        a, amount, b = _pieces(c)
        unit, side = str(c[2]), next(child for child in c if isinstance(child, Side))
        how = next(t.type for t in c if isinstance(t, Token) and t.type in ("LESS", "MORE"))
        kind = f"or {how.lower()} {side.direction}"
        left, right = self.days(a, side.by_day), self.days(b, side.by_day)
        return self.made(c, e.Timing, left, kind, side.inclusive, amount.node, unit, right)

    def ordered(self, c: list[Any]) -> Piece:
        a, side, b = c
        operator = ("<" if side.direction == "before" else ">") + ("=" if side.inclusive else "")
        return self.made(c, e.Compare, operator, self.days(a, side.by_day), self.days(b, side.by_day))

    def within_phrase(self, c: list[Any]) -> Piece:
        a, amount, b = _pieces(c)
        unit, word = str(c[3]), str(c[4])
        kind = "around" if word == "of" else f"or less {word}"
        by_day = "day of" in c
        return self.made(c, e.Timing, self.days(a, by_day), kind, True, amount.node, unit, self.days(b, by_day))

    def same_day(self, c: list[Any]) -> Piece:
        return self.made(c, e.Compare, "=", self.days(c[0], True), self.days(c[-1], True))

    def window(self, c: list[Any]) -> tuple[Any, ...]:
        amount, unit = c[0], str(c[1])
        name = _unquoted(c[3]) if len(c) == 4 else ""
        span = self.within(*_stretch(c[3])) if name else NOWHERE
        return amount.node, unit, name, span

    until = window

    # --------------------------------------------------------------------------------- numbers

    def arithmetic(self, c: list[Any]) -> Piece:
        return self.made(c, e.Arithmetic, str(c[1]), c[0].node, c[2].node, UNSETTLED)

    def shift(self, c: list[Any]) -> Piece:
        sign = 1 if c[1].type == "PLUS" else -1
        return self.made(c, e.Shift, c[0].node, c[2].node, str(c[3]), sign)

    def minus(self, c: list[Any]) -> Piece:
        return self.made(c, e.Negate, c[1].node, UNSETTLED)

    def number(self, c: list[Token]) -> Piece:
        text = str(c[0])
        value = Decimal(text) if "." in text else int(self.digits(c[0]))
        self.digits(c[0])
        return self.made(c, e.Literal, exactly(value), DECIMAL if "." in text else INTEGER, text)

    def digits(self, token: Token) -> str:
        if len(token) > MOST_DIGITS:
            raise Slip(token, f"a number has at most {MOST_DIGITS} digits")
        return str(token)

    def quantity(self, c: list[Token]) -> Piece:
        value, unit = Decimal(self.digits(c[0])), _text(c[1])
        return self.made(c, e.Literal, exactly(value), quantity(unit), f"{c[0]} {c[1]}")

    def text(self, c: list[Token]) -> Piece:
        return self.made(c, e.Literal, word(_text(c[0])), STRING, str(c[0]))

    def date(self, c: list[Token]) -> Piece:
        written = str(c[0])[1:]
        try:
            timed = bool(clock_of(written))
            value = instants_of(written) if timed else days_of(written)
        except ValueError:
            help = "write it as `@2026-08-15`, `@2026-08` or `@2026`"
            raise Slip(c[0], f"`{str(c[0])[:40]}` is no day of the calendar", help) from None
        return self.made(c, e.Literal, value, DATETIME if timed else DATE, str(c[0]))

    def truth(self, c: list[Token]) -> Piece:
        value = {"TRUE": TRUE, "FALSE": FALSE, "NULL": UNKNOWN}[c[0].type]
        return self.made(c, e.Literal, value, NULL if value is UNKNOWN else BOOLEAN, str(c[0]))

    def name(self, c: list[Token]) -> Token:
        return c[0]

    def reference(self, c: list[Token]) -> Piece:
        return self.made(c, e.Reference, _unquoted(c[0]), UNSETTLED)

    def field(self, c: list[Token]) -> Piece:
        return self.made(c, e.Field, str(c[0]), _field(c[1]), UNSETTLED)

    def brackets(self, c: list[Any]) -> Piece:
        return Piece(c[1].node, ends_of(c[0])[0], ends_of(c[2])[1], c[1].depth, c[1].size)

    def date_of(self, c: list[Any]) -> Piece:
        rows = e.Retrieve(_unquoted(c[2]), span=self.within(*_stretch(c[2])))
        selection = e.Select(rows, "", 1, OPEN, UNSETTLED, span=rows.span)
        return self.made(c, e.DateOf, selection)

    def items(self, c: list[Any]) -> list[Piece]:
        return _pieces(c)

    def function(self, c: list[Any]) -> Piece:
        name = str(c[0])
        items = [item for child in c for item in (child if isinstance(child, list) else _pieces([child]))]
        operands = tuple(item.node for item in items)
        if name == "Coalesce":
            return self.made(items, e.Coalesce, operands, UNSETTLED, ends=c)
        return self.made(items, e.Function, name, operands, UNSETTLED, ends=c)

    listed_function = function

    def age(self, c: list[Any]) -> Piece:
        born, on = _pieces(c)
        return self.made(c, e.Age, born.node, on.node)

    # ------------------------------------------------------------------------------------ rows

    def all_rows(self, c: list[Any]) -> Rows:
        token = next(child for child in c if str(child) not in "()")
        start, end = ends_of(token)
        rows = e.Retrieve(_unquoted(token), span=self.within(start, end - start))
        return Rows(rows, (), "", None, "", start, end, 1, 1)

    present = all_rows

    def list_source(self, c: list[Any]) -> Rows:
        items = tuple(c[1])
        deep, size = max(item.depth for item in items), sum(item.size for item in items)
        return Rows(None, items, "", None, "", ends_of(c[0])[0], ends_of(c[2])[1], deep, size)

    def row_brackets(self, c: list[Any]) -> Rows:
        query: Rows = c[1]
        return query._replace(start=ends_of(c[0])[0], end=ends_of(c[2])[1])

    def query(self, c: list[Any]) -> Rows:
        source, alias, key = c[0], str(c[1]), ""
        if source.key:
            raise Slip(source, "`return` stands at the end of the outermost query only")
        if c[-1].type == "FIELD" if isinstance(c[-1], Token) else False:
            if str(c[-2]) != alias:
                raise Slip(c[-2], f"`{c[-2]}` is not the row of this query", f"write `return {alias}{c[-1]}`")
            key = _field(c[-1])
        condition = next(iter(_pieces(c)), None)
        start, end = source.start, ends_of(c[-1])[1]
        if source.items:
            if source.alias:
                raise Slip(source, "a list can be asked only once")
            deep = source.depth + (condition.depth if condition else 0)
            size = source.size + (condition.size if condition else 0)
            return Rows(None, source.items, alias, condition, key, start, end, deep, size)
        rows = source.rows
        if condition is not None:
            rows = e.Where(rows, alias, condition.node, span=self.within(start, end - start))
        below = [source, *([condition] if condition else [])]
        deep, size = 1 + max(child.depth for child in below), 1 + sum(child.size for child in below)
        return Rows(rows, (), alias, None, key, start, end, deep, size)

    def asked(self, query: Rows) -> list[Piece]:
        """One condition for each item of a list."""
        if query.condition is None:
            raise Slip(query, "a list is asked for a condition", "write `{A, B} X where X`")
        if query.key:
            raise Slip(query, "a list of values has no fields to return")
        condition, alias = query.condition, query.alias
        if isinstance(condition.node, e.Reference) and condition.node.name == alias:
            return list(query.items)
        if condition.size * (sum(item.size for item in query.items) + len(query.items)) > MOST_PARTS:
            raise Slip(query, "this list asks for too much at once", "name its parts as definitions")
        found = []
        for item in query.items:
            node = same_but(condition.node, alias, item.node)
            deep, size = condition.depth + item.depth, condition.size * item.size
            found.append(Piece(node, condition.start, condition.end, deep, size))
        return found

    def count(self, c: list[Any]) -> Piece:
        query: Rows = c[2]
        if query.items:
            each = self.asked(query)
            return self.made(each, e.CountTrue, tuple(piece.node for piece in each), ends=c)
        if query.key:
            raise Slip(
                query, "rows are counted without `return`", "for different values write `Count(distinct (...))`"
            )
        return self.made(c, e.Count, query.rows)

    def count_distinct(self, c: list[Any]) -> Piece:
        query: Rows = c[3]
        if query.items or not query.key:
            help = "write `Count(distinct (T R where ... return R.mechanism))`"
            raise Slip(query, "different values of which field are counted is not said", help)
        return self.made(c, e.CountDistinct, query.rows, query.key, None)

    def row_function(self, c: list[Any]) -> Piece:
        query: Rows = c[2]
        if query.items or not query.key:
            raise Slip(query, f"of which field `{c[0]}` is taken is not said", "end it with `return R.days`")
        return self.made(c, e.RowValues, query.rows, query.key, str(c[0]), UNSETTLED)


# `within` is the place of a stretch of text above, and the word of a window in the grammar.
def _stretch(token: Token) -> tuple[int, int]:
    start, end = ends_of(token)
    return start, end - start


def _text(token: Token) -> str:
    return re.sub(r"\\(.)", r"\1", str(token)[1:-1])


def _field(token: Token) -> str:
    return str(token)[1:].strip(' \t"')
