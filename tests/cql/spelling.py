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
    months between a and b     Max({0, there}) - Max({0, back}): CQL counts whole ones backwards too
    Interval[1, null)          ends with Max({1, an input of which nothing is recorded}): not before it starts
"""

from __future__ import annotations

from tests.cql.durations import difference, duration
from tests.cql.forms import between, comparison, equivalent, exists, in_list
from tests.cql.pieces import OutsideSubset, Piece, alike, unknown, value
from tests.cql.relations import related
from tests.cql.terms import PLURALS, UNITS, Terms, singular
from tests.cql.tokens import tokens

_KINDS = {
    "Boolean": "truth", "Integer": "number", "Long": "number", "Decimal": "number", "String": "word",
    "Date": "day", "DateTime": "day", "Quantity": "number",
}  # fmt: skip


def spelled(text: str) -> Piece:
    """An expression of CQL in our spelling. Raises OutsideSubset."""
    reader = _Reader(tokens(text))
    found = reader.implication()
    if reader.now.kind != "end":
        raise OutsideSubset(f"`{reader.now.text}`")
    return found


class _Reader(Terms):
    """Reads tokens from the loosest operator to the tightest: what follows is looser than a sum."""

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
                found = comparison(found, sign, other)
        return found

    def inequality(self) -> Piece:
        found = self.timing()
        while self.now.kind == "symbol" and self.now.text in ("<", "<=", ">", ">="):
            sign = self.next().text
            found = comparison(found, sign, self.timing())
        return found

    # ------------------------------------------------------------------------------------ timing

    def _precision(self) -> str:
        if self.now.kind == "word" and self.now.text in UNITS and self.read[self.at + 1].text == "of":
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
                raise OutsideSubset("a list compared with a list")
            if name.startswith("~"):
                found = related(self.test(), name[1:], found, precision)
            else:
                found = related(found, name, self.test(), precision)
        return found

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
        if self.now.kind == "word" and self.now.text in UNITS:
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
            return exists(self.test())
        if self.ahead("difference", "in"):
            return self._difference()
        if self.ahead("duration", "in"):
            raise OutsideSubset("the duration of an interval")
        if self.now.kind == "word" and self.now.text in PLURALS and self.read[self.at + 1].text == "between":
            return duration(singular(self.next().text), *self._dates())
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
                found = between(found, low, self.additive())
            else:
                return found

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
        if name not in _KINDS:
            raise OutsideSubset(f"a value of type {name}")
        if operand.kind != "null":
            is_whole = name == "Integer"
            kinds = {"Quantity": ("quantity",), "DateTime": ("day", "instant")}.get(name, (_KINDS[name],))
            if operand.kind not in kinds or operand.is_whole != is_whole:
                raise OutsideSubset("a value as one of another type")
            return operand
        return unknown(_KINDS[name])

    def _dates(self) -> tuple[Piece, Piece]:
        self.want("between")
        left = self.additive()
        self.want("and")
        left, right = alike(value(left), value(self.additive()))
        if left.kind == "null":
            left = right = unknown("day")
        return left, right

    def _difference(self) -> Piece:
        self.want("difference")
        self.want("in")
        return difference(singular(self.next().text), *self._dates())
