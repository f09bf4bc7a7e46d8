"""CQL as we spell it: an expression of the published tests as the text of one of ours.

Nothing is evaluated here. What has no spelling in the language raises OutsideSubset with what it is. Where CQL and
the language share a spelling it is kept; the others are these:

    DateTime(2012, 2, 12)      @2012-02-12             Power(a, b)         a ^ b
    if c then a else b,        if c is true then a     Today()             "Screening Date"
    case when c then a ...     else ..., since CQL takes the other branch where the condition is not known
    IsNull(x), IsTrue(x)       x is null, x is true    Avg, Product        Mean, a * b
    x contains y, x during y   y in x                  Log(a, b)           Ln(a) / Ln(b)
    Exists({a, b})             Count({a is not null, b is not null} X where X) > 0
    same day or before         on or before day of     1L                  1
    difference in days         days between, of days   null as Integer     an input of which nothing is recorded
    a ~ b                      a = b is true, or both null (not of decimals and words)
    Floor(x), Ceiling(x)       Round(x - 0.499999995), Round(x + 0.499999995): exact, since numbers have 8 decimals
    Truncate(x), a div b       Floor or Ceiling by the sign; a mod b is a - b * (a div b), of b = 0 not known
"""

from __future__ import annotations

from dataclasses import replace

from tests.cql.forms import (
    count_of_known,
    date_of,
    day_of,
    equivalent,
    first_that_holds,
    in_list,
    of_list,
    put_together,
    rounded,
    truncated,
    word_of,
)
from tests.cql.pieces import NULL, OutsideSubset, Piece, alike, unknown, value
from tests.cql.relations import compared, point, related, stepped
from tests.cql.tokens import Token, tokens

_UNITS = {"year", "month", "week", "day", "hour", "minute", "second", "millisecond"}
_PLURALS = {f"{unit}s": unit for unit in _UNITS}
_KINDS = {
    "Boolean": "truth", "Integer": "number", "Long": "number", "Decimal": "number", "String": "word",
    "Date": "day", "DateTime": "day", "Quantity": "number",
}  # fmt: skip
# What may follow a list without being the name of its items in a query.
_AFTER_A_LIST = frozenset(
    [
        "contains",
        "in",
        "includes",
        "included",
        "properly",
        "and",
        "or",
        "xor",
        "implies",
        "is",
        "as",
        "then",
        "else",
        "when",
        "end",
        "union",
        "intersect",
        "except",
        "same",
        "before",
        "after",
        "on",
        "during",
    ]
)


def spelled(text: str) -> Piece:
    """An expression of CQL in our spelling. Raises OutsideSubset."""
    reader = _Reader(tokens(text))
    found = reader.implication()
    if reader.now.kind != "end":
        raise OutsideSubset(f"`{reader.now.text}`")
    return found


def _unit(word: str) -> str:
    return _PLURALS.get(word, word)


class _Reader:
    """Reads tokens from the loosest operator to the tightest."""

    def __init__(self, read: list[Token]) -> None:
        self.read, self.at = read, 0

    # ------------------------------------------------------------------------------------ tokens

    @property
    def now(self) -> Token:
        return self.read[self.at]

    def ahead(self, *words: str) -> bool:
        following = self.read[self.at : self.at + len(words)]
        kept = [token.text for token in following if token.kind in ("word", "symbol")]
        return kept == list(words)

    def take(self, *words: str) -> bool:
        if self.ahead(*words):
            self.at += len(words)
            return True
        return False

    def want(self, word: str) -> None:
        if not self.take(word):
            raise OutsideSubset(f"`{self.now.text}`")

    def next(self) -> Token:
        self.at += 1
        return self.read[self.at - 1]

    # -------------------------------------------------------------------------------- conditions

    def _truths(self, left: Piece, word: str, right: Piece) -> Piece:
        for piece in (left, right):
            if piece.kind not in ("truth", "null"):
                raise OutsideSubset("a connective of what is no truth")
        return Piece(f"{left.within()} {word} {right.within()}", "truth")

    def implication(self) -> Piece:
        found = self.disjunction()
        while self.take("implies"):
            found = self._truths(found, "implies", self.disjunction())
        for word in ("union", "intersect", "except"):
            if self.ahead(word):
                raise OutsideSubset(f"`{word}`")
        return found

    def disjunction(self) -> Piece:
        found = self.conjunction()
        while self.ahead("or") or self.ahead("xor"):
            found = self._truths(found, self.next().text, self.conjunction())
        return found

    def conjunction(self) -> Piece:
        found = self.membership()
        while self.take("and"):
            found = self._truths(found, "and", self.membership())
        return found

    def membership(self) -> Piece:
        found = self.equality()
        while self.ahead("in") or self.ahead("contains"):
            word = self.next().text
            precision = self._precision()
            other = self.equality()
            found = (
                self._member(found, other, precision) if word == "in" else self._member(other, found, precision)
            )
        return found

    def _member(self, item: Piece, among: Piece, precision: str = "") -> Piece:
        if among.kind == "list":
            return in_list(item, among)
        return related(item, "included in", among, precision)

    def equality(self) -> Piece:
        found = self.inequality()
        while self.now.kind == "symbol" and self.now.text in ("=", "!=", "~", "!~"):
            sign = self.next().text
            other = self.inequality()
            if sign in ("~", "!~"):
                found = equivalent(found, other)
                found = found if sign == "~" else Piece(f"not ({found.text})", "truth")
                continue
            if "interval" in (found.kind, other.kind):
                same = related(found, "same", other)
                found = same if sign == "=" else Piece(f"not ({same.text})", "truth")
            else:
                found = self._compared(found, sign, other)
        return found

    def _compared(self, left: Piece, sign: str, right: Piece) -> Piece:
        left, right = alike(value(left), value(right))
        if left.kind == right.kind == "null":
            return unknown("truth")
        if "word" in (left.kind, right.kind) and sign not in ("=", "!="):
            raise OutsideSubset("the order of words")
        return Piece(compared(left, sign, right), "truth")

    def inequality(self) -> Piece:
        found = self.timing()
        while self.now.kind == "symbol" and self.now.text in ("<", "<=", ">", ">="):
            sign = self.next().text
            found = self._compared(found, sign, self.timing())
        return found

    # ------------------------------------------------------------------------------------ timing

    def _precision(self) -> str:
        if self.now.kind == "word" and self.now.text in _UNITS and self.read[self.at + 1].text == "of":
            found = self.next().text
            self.next()
            return found
        return ""

    def timing(self) -> Piece:
        found = self.test()
        while (relation := self._relation()) is not None:
            name, precision = relation
            outer = found if name.startswith("~") else None
            if "included in" in name and "list" in (found.kind, *(() if outer is None else (outer.kind,))):
                found = self._sublist(found, name)
                continue
            if name.startswith("~"):
                found = related(self.test(), name[1:], found, precision)
            else:
                found = related(found, name, self.test(), precision)
        return found

    def _sublist(self, found: Piece, name: str) -> Piece:
        raise OutsideSubset("a list compared with a list")

    def _relation(self) -> tuple[str, str] | None:
        """The relation that stands here and its precision; with `~`, of the sides the other way round."""
        if self.ahead("same"):
            return self._same()
        for words, name in (
            (("properly", "included", "in"), "properly included in"),
            (("properly", "during"), "properly included in"),
            (("properly", "includes"), "~properly included in"),
            (("included", "in"), "included in"),
            (("during",), "included in"),
            (("includes",), "~included in"),
            (("overlaps", "before"), "overlaps before"),
            (("overlaps", "after"), "overlaps after"),
            (("overlaps",), "overlaps"),
            (("meets", "before"), "meets before"),
            (("meets", "after"), "meets after"),
            (("meets",), "meets"),
            (("on", "or", "before"), "on or before"),
            (("on", "or", "after"), "on or after"),
            (("before", "or", "on"), "on or before"),
            (("after", "or", "on"), "on or after"),
            (("before",), "before"),
            (("after",), "after"),
        ):
            if self.take(*words):
                return name, self._precision()
        for word in ("starts", "ends"):
            if self.take(word):
                if self.now.kind == "number":
                    raise OutsideSubset("a window beside the end of an interval")
                return word, self._precision()
        return None

    def _same(self) -> tuple[str, str]:
        self.next()
        precision = ""
        if self.now.kind == "word" and self.now.text in _UNITS:
            precision = self.next().text
        if self.take("or"):
            name = f"on or {self.next().text}"
        else:
            self.want("as")
            name = "same"
        return name, precision

    # ------------------------------------------------------------------------------------- tests

    def test(self) -> Piece:
        if self.take("not"):
            operand = self.test()
            return Piece(f"not {operand.within()}", "truth")
        if self.take("exists"):
            return self._exists(self.test())
        if self.ahead("difference", "in"):
            return self._difference()
        if self.ahead("duration", "in"):
            raise OutsideSubset("the duration of an interval")
        if self.now.kind == "word" and self.now.text in _PLURALS and self.read[self.at + 1].text == "between":
            return self._between_dates(_unit(self.next().text))
        if self.take("cast"):
            operand = self.additive()
            self.want("as")
            return self._as(operand)
        found = self.additive()
        while True:
            if self.take("is"):
                negated = " not" if self.take("not") else ""
                state = self.next().text
                if state not in ("null", "true", "false"):
                    raise OutsideSubset("a question for the type of a value")
                found = Piece(f"{value(found).within()} is{negated} {state}", "truth")
            elif self.take("as"):
                found = self._as(found)
            elif self.ahead("between") or self.ahead("properly", "between"):
                if self.next().text == "properly":
                    raise OutsideSubset("`properly between`")
                low = self.additive()
                self.want("and")
                found = self._between(found, low, self.additive())
            else:
                return found

    def _between(self, x: Piece, low: Piece, high: Piece) -> Piece:
        known = next((piece for piece in (x, low, high) if piece.kind != "null"), None)
        if known is None:
            return unknown("truth")
        texts = [alike(known, value(piece))[1].within() for piece in (x, low, high)]
        return Piece(f"{texts[0]} between {texts[1]} and {texts[2]}", "truth")

    def _as(self, operand: Piece) -> Piece:
        name = self.next().text
        while self.take("."):
            name = self.next().text
        if self.take("<"):
            item = self.next().text
            while self.take("."):
                item = self.next().text
            if self.take("<"):
                raise OutsideSubset("a nested type")
            self.want(">")
            if name == "Interval" and item in _KINDS and operand.kind == "null":
                end = unknown(_KINDS[item])
                return Piece("", "interval", "", end, end, False, False)
            raise OutsideSubset(f"a null {name} of {item}s")
        if operand.kind != "null":
            return operand
        if name not in _KINDS:
            raise OutsideSubset(f"a value of type {name}")
        return unknown(_KINDS[name])

    def _exists(self, operand: Piece) -> Piece:
        if operand.kind != "list" or not operand.items:
            raise OutsideSubset("an empty list")
        return Piece(f"{count_of_known(operand)} > 0", "truth")

    def _dates(self) -> tuple[Piece, Piece]:
        self.want("between")
        left = self.additive()
        self.want("and")
        left, right = alike(value(left), value(self.additive()))
        if left.kind == "null":
            left = right = unknown("day")
        return left, right

    def _difference(self) -> Piece:
        self.next()
        self.next()
        unit = self.next().text
        left, right = self._dates()
        if _unit(unit) != "day":
            raise OutsideSubset(f"boundaries of a {_unit(unit)} crossed (`difference in`)")
        # The boundaries of days that are crossed are the days between the two days.
        texts = [day_of(piece).within() for piece in (left, right)]
        return Piece(f"days between {texts[0]} and {texts[1]}", "number", is_whole=True)

    def _between_dates(self, unit: str) -> Piece:
        left, right = self._dates()
        if unit in ("minute", "second", "millisecond"):
            raise OutsideSubset(f"a duration in {unit}s")
        if unit == "hour" and "day" in (left.kind, right.kind):
            raise OutsideSubset("hours counted from a day")
        if left.kind == right.kind == "instant" and unit != "hour":
            return self._between_instants(unit, left, right)
        if unit == "day" and left.kind == right.kind == "day":
            return Piece(f"days between {left.within()} and {right.within()}", "number", is_whole=True)
        return self._between_dates_in(unit, left, right)

    def _between_instants(self, unit: str, left: Piece, right: Piece) -> Piece:
        """Whole days and weeks are so many hours each; months end at the clock time at which they began."""
        if unit in ("day", "week"):
            hours = self._between_dates_in("hour", left, right)
            return truncated(Piece(f"({hours.text} / {24 if unit == 'day' else 168})", "number"))
        first, second = sorted((left.text, right.text))
        if not (first[0] == second[0] == "@") or first.partition("T")[2] > second.partition("T")[2]:
            raise OutsideSubset(f"{unit}s counted between clock times")
        return self._between_dates_in(unit, left, right)

    def _between_dates_in(self, unit: str, left: Piece, right: Piece) -> Piece:
        there, back = (f"{unit}s between {a.within()} and {b.within()}" for a, b in ((left, right), (right, left)))
        # Backwards, CQL counts whole periods too (`-6`; ours is the largest number that is not too large, `-7`).
        return Piece(f"(Max({{0, {there}}}) - Max({{0, {back}}}))", "number", is_whole=True)

    # ----------------------------------------------------------------------------------- numbers

    def additive(self) -> Piece:
        found = self.multiplicative()
        while self.now.kind == "symbol" and self.now.text in "+-&" and self.now.text:
            sign = self.next().text
            if sign == "&":
                raise OutsideSubset("words put together")
            found = self._calculated(found, sign, self.multiplicative())
        return found

    def multiplicative(self) -> Piece:
        found = self.power()
        while True:
            if self.now.kind == "symbol" and self.now.text in ("*", "/"):
                sign = self.next().text
                found = self._calculated(found, sign, self.power())
            elif self.ahead("div") or self.ahead("mod"):
                found = self._divided(found, self.next().text, self.power())
            else:
                return found

    def _divided(self, left: Piece, word: str, right: Piece) -> Piece:
        """Whole division and its rest; of quantities of one unit only the rest is one."""
        left, right = value(left), value(right)
        if word == "div" and "quantity" in (left.kind, right.kind):
            raise OutsideSubset("`div` of quantities")
        if left.kind == right.kind == "quantity" and left.unit != right.unit:
            raise OutsideSubset("`mod` of two units")
        quotient = truncated(self._calculated(left, "/", right))
        if word == "div":
            return quotient
        left, right = alike(left, right)
        if right.kind == "null":
            return unknown("number")
        rest = self._calculated(left, "-", self._calculated(right, "*", quotient))
        # Nothing times an open quotient is nothing: the rest of a division by 0 is said not to be known.
        zero = f"0 '{right.unit}'" if right.kind == "quantity" else "0"
        text = f"(if {right.within()} = {zero} then {unknown(rest.kind, left.unit).text} else {rest.text})"
        return replace(rest, text=text)

    def power(self) -> Piece:
        found = self.signed()
        while self.take("^"):
            found = self._calculated(found, "^", self.signed())
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

    def _calculated(self, left: Piece, sign: str, right: Piece) -> Piece:
        if right.kind == "duration":
            if right.text.lstrip("(").startswith("-"):
                sign = "-" if sign == "+" else "+"
                right = replace(right, text=right.text.strip("()-"))
            if left.kind not in ("day", "instant", "null"):
                raise OutsideSubset("a calendar duration as a value")
            if right.unit in ("minute", "second", "millisecond"):
                raise OutsideSubset(f"a shift by {right.unit}s")
            if left.kind == "day" and right.unit == "hour":
                raise OutsideSubset("a day shifted by hours")
            left = unknown("day") if left.kind == "null" else left
            return replace(left, text=f"({left.within()} {sign} {right.text} {right.unit}s)")
        left, right = value(left), value(right)
        if left.kind == right.kind == "null":
            left = right = unknown("number")
        left, right = alike(left, right)
        kinds = {left.kind, right.kind}
        if not kinds <= {"number", "quantity"}:
            raise OutsideSubset("arithmetic of what are no numbers")
        if sign in "+-" and len(kinds) == 2:
            raise OutsideSubset("a quantity and a number added")
        whole = left.is_whole and right.is_whole and sign in "+-*"
        kind, unit = ("quantity", left.unit or right.unit) if "quantity" in kinds else ("number", "")
        if sign == "/" and left.unit == right.unit:
            kind, unit = "number", ""
        text = f"({left.within()} {sign} {right.within()})"
        return Piece(text, kind, unit, is_whole=whole)

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
        if self.now.kind == "word" and _unit(self.now.text) in _UNITS:
            return Piece(plain, "duration", _unit(self.next().text))
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
            return self._function(word, self._items(")"))
        raise OutsideSubset(f"`{word}`")

    def _case(self) -> Piece:
        compared = None if self.ahead("when") else self.implication()
        branches: list[tuple[Piece, Piece]] = []
        while self.take("when"):
            condition = self.implication()
            if compared is not None:
                condition = self._compared(compared, "=", condition)
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
        end = interval.low if word == "start" else interval.high
        closed = interval.low_closed if word == "start" else interval.high_closed
        if end is None or end.kind == "null":
            raise OutsideSubset("an end that is not known")
        return end if closed else stepped(end, 1 if word == "start" else -1)

    def _width(self) -> Piece:
        interval = self.signed()
        low, high = (point(interval).low, point(interval).high) if interval.kind == "interval" else (None, None)
        if low is None or high is None or not (interval.low_closed and interval.high_closed):
            raise OutsideSubset("the width of an open interval")
        if low.kind not in ("number", "quantity") or high.kind not in ("number", "quantity"):
            raise OutsideSubset("the width of an interval of days")
        return self._calculated(high, "-", low)

    # --------------------------------------------------------------------------------- functions

    def _function(self, name: str, operands: list[Piece]) -> Piece:
        listed = list(operands[0].items) if len(operands) == 1 and operands[0].kind == "list" else None
        match name, len(operands):
            case "DateTime" | "Date", _:
                return put_together(operands)
            case "Today", 0:
                return Piece('"Screening Date"', "day")
            case "IsNull" | "IsTrue" | "IsFalse", 1:
                return Piece(f"{value(operands[0]).within()} is {name[2:].lower()}", "truth")
            case "Abs" | "Ln" | "Exp" | "Round", 1 | 2 if listed is None:
                if name != "Round" and len(operands) == 2:
                    raise OutsideSubset(f"{name} of two")
                numbers = [alike(Piece("0", "number"), value(operand))[1] for operand in operands]
                text = ", ".join(number.text for number in numbers)
                return Piece(f"{name}({text})", numbers[0].kind, numbers[0].unit, is_whole=False)
            case "Floor" | "Ceiling" | "Truncate", 1:
                number = alike(Piece("0", "number"), value(operands[0]))[1]
                if number.kind != "number":
                    raise OutsideSubset(f"{name} of a quantity")
                return truncated(number) if name == "Truncate" else rounded(number, name == "Floor")
            case "Power", 2:
                return self._calculated(operands[0], "^", operands[1])
            case "Log", 2:
                numbers = [alike(Piece("0", "number"), value(operand))[1] for operand in operands]
                return Piece(f"(Ln({numbers[0].text}) / Ln({numbers[1].text}))", "number")
            case "Coalesce", _:
                items = operands if listed is None else listed
                known = next((item for item in items if item.kind != "null"), None)
                if known is None:
                    return NULL
                texts = [alike(known, value(item))[1].text for item in items]
                return Piece(f"Coalesce({', '.join(texts)})", known.kind, known.unit)
            case "Exists", 1:
                return self._exists(operands[0])
            case _ if listed:
                return of_list(name, listed, operands[0])
        raise OutsideSubset(f"the function {name}")
