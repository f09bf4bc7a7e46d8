"""CQL's numbers, literals and what is put together of them: all that binds more tightly than a comparison."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace

from tests.cql.arithmetic import calculated, divided
from tests.cql.forms import comparison, date_of, day_of, first_that_holds, word_of
from tests.cql.functions import function
from tests.cql.pieces import NULL, OutsideSubset, Piece, value
from tests.cql.relations import stepped
from tests.cql.tokens import Cursor

UNITS = {"year", "month", "week", "day", "hour", "minute", "second", "millisecond"}
PLURALS = {f"{unit}s": unit for unit in UNITS}
# What may follow a list without being the name of its items in a query.
_AFTER_A_LIST = frozenset(
    ["contains", "in", "includes", "included", "properly", "and", "or", "xor", "implies", "is", "as", "then",
     "else", "when", "end", "union", "intersect", "except", "same", "before", "after", "on", "during"]
)  # fmt: skip


def singular(word: str) -> str:
    return PLURALS.get(word, word)


class Terms(Cursor, ABC):
    """Reads terms, and sums, products and powers of them."""

    @abstractmethod
    def implication(self) -> Piece:
        """A whole expression, as it stands in brackets."""

    def additive(self) -> Piece:
        found = self.multiplicative()
        while self.now.kind == "symbol" and self.now.text in "+-&" and self.now.text:
            sign = self.next().text
            if sign == "&":
                raise OutsideSubset("words put together")
            found = calculated(found, sign, self.multiplicative())
        return found

    def multiplicative(self) -> Piece:
        found = self.power()
        while True:
            if self.now.kind == "symbol" and self.now.text in ("*", "/"):
                sign = self.next().text
                found = calculated(found, sign, self.power())
            elif self.ahead("div") or self.ahead("mod"):
                found = divided(found, self.next().text, self.power())
            else:
                return found

    def power(self) -> Piece:
        found = self.signed()
        while self.take("^"):
            found = calculated(found, "^", self.signed())
        return found

    def signed(self) -> Piece:
        if self.take("-"):
            operand = self.signed()
            if operand.kind == "duration":
                return replace(operand, text=f"-{operand.text}")
            return replace(value(operand), text=f"(-{operand.text})") if operand.kind != "null" else operand
        if self.take("+"):
            return self.signed()
        return self.postfix()

    # ------------------------------------------------------------------------------------- terms

    def postfix(self) -> Piece:
        found = self.term()
        if self.ahead(".") or self.ahead("["):
            raise OutsideSubset("a part of a value")
        if found.kind == "list" and self.now.kind == "word" and self.now.text not in _AFTER_A_LIST:
            raise OutsideSubset("a query")
        return found

    def term(self) -> Piece:
        token = self.next()
        match token.kind:
            case "number":
                return self._number(token.text)
            case "text":
                return word_of(token.text)
            case "time":
                raise OutsideSubset("a time of day without a day")
            case "date":
                return date_of(token.text)
            case "symbol" if token.text == "(":
                found = self.implication()
                self.want(")")
                return replace(found, text=found.within()) if found.text else found
            case "symbol" if token.text == "{":
                return self._list()
            case "word":
                return self._word(token.text)
        raise OutsideSubset(f"`{token.text}`" if token.text else "an expression that ends too early")

    def _number(self, text: str) -> Piece:
        plain, is_whole = text.removesuffix("L"), "." not in text
        if self.now.kind == "text":
            unit = self.next().text[1:-1]
            if self.ahead(":"):
                raise OutsideSubset("a ratio")
            return Piece(f"{plain} '{unit}'", "quantity", unit)
        if self.now.kind == "word" and singular(self.now.text) in UNITS:
            return Piece(plain, "duration", singular(self.next().text))
        return Piece(plain, "number", is_whole=is_whole)

    def _list(self) -> Piece:
        items = [] if self.take("}") else self._items("}")
        return Piece("", "list", items=tuple(items))

    def _items(self, closing: str) -> list[Piece]:
        if self.take(closing):
            return []
        found = [self.implication()]
        while self.take(","):
            found.append(self.implication())
        self.want(closing)
        return found

    def _word(self, word: str) -> Piece:
        match word:
            case "true" | "false":
                return Piece(word, "truth")
            case "null":
                return NULL
            case "if":
                condition = self.implication()
                self.want("then")
                then = self.implication()
                self.want("else")
                return first_that_holds([(condition, then)], self.implication())
            case "case":
                return self._case()
            case "Interval" if self.ahead("[") or self.ahead("("):
                return self._interval()
            case "start" | "end" if self.take("of"):
                return self._end(word)
            case "width" if self.take("of"):
                return self._width()
            case "date" if self.take("from"):
                return day_of(value(self.signed()))
            case "List" | "Tuple" | "Code" | "Concept" | "Quantity" | "Ratio" if self.ahead("{") or self.ahead(
                "<"
            ):
                raise OutsideSubset(f"a {word} put together")
        if self.take("("):
            return function(word, self._items(")"))
        raise OutsideSubset(f"`{word}`")

    def _case(self) -> Piece:
        compared = None if self.ahead("when") else self.implication()
        branches: list[tuple[Piece, Piece]] = []
        while self.take("when"):
            condition = self.implication()
            if compared is not None:
                condition = comparison(compared, "=", condition)
            self.want("then")
            branches.append((condition, self.implication()))
        self.want("else")
        otherwise = self.implication()
        self.want("end")
        return first_that_holds(branches, otherwise)

    def _interval(self) -> Piece:
        low_closed = self.next().text == "["
        low = self.implication()
        self.want(",")
        high = self.implication()
        closing = self.next().text
        if closing not in ("]", ")"):
            raise OutsideSubset(f"`{closing}`")
        if {"interval", "list"} & {low.kind, high.kind}:
            raise OutsideSubset("an interval of what has no order")
        return Piece("", "interval", "", low, high, low_closed, closing == "]")

    def _end(self, word: str) -> Piece:
        interval = self.signed()
        if interval.kind != "interval":
            raise OutsideSubset("the end of what is no interval")
        return self._end_of(interval, word)

    def _end_of(self, interval: Piece, word: str) -> Piece:
        end = interval.low if word == "start" else interval.high
        closed = interval.low_closed if word == "start" else interval.high_closed
        if end is None or end.kind == "null":
            raise OutsideSubset("an end without a value")
        return end if closed or end.is_null else stepped(end, 1 if word == "start" else -1)

    def _width(self) -> Piece:
        interval = self.signed()
        if interval.kind != "interval":
            raise OutsideSubset("the width of what is no interval")
        low, high = self._end_of(interval, "start"), self._end_of(interval, "end")
        if low.kind not in ("number", "quantity") or high.kind not in ("number", "quantity"):
            raise OutsideSubset("the width of an interval of days")
        return calculated(high, "-", low)
