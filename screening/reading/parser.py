"""Expression text to expressions, by the grammar; each faulty expression is one diagnostic.

What is built here are the nodes of the language itself. Names stand in them as they are written
(`Reference`, `Field`, `Retrieve`), types are open; `check` settles both.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from lark import Lark, Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from screening.errors import Span, SyntaxFault
from screening.language import expression as e
from screening.reading.build import Build
from screening.reading.document import Scalar
from screening.reading.faults import Faults, meant, shown
from screening.reading.pieces import Piece, Slip

LONGEST = 20_000
GRAMMAR = Path(__file__).with_name("expression.lark")


class Until(NamedTuple):
    """`14 days after "Last Dose"`, or a window: an amount, a unit and a name."""

    amount: e.Expression
    unit: str
    name: str
    span: Span


@lru_cache(maxsize=1)
def _grammar() -> tuple[Lark, Build]:
    build = Build()
    # INVARIANT: LALR decides by one word and neither recurses nor goes back, so a long text takes no long time.
    lark = Lark(
        GRAMMAR.read_text(encoding="utf-8"),
        parser="lalr",
        lexer="basic",
        start=["expression", "window", "until"],
        keep_all_tokens=True,
        maybe_placeholders=False,
        transformer=build,
    )
    return lark, build


def parse(text: Scalar, faults: Faults, criterion: str = "") -> e.Expression | None:
    """The expression that a text says, or None with the fault noted."""
    found = _parse(text, "expression", faults, criterion)
    return found.node if isinstance(found, Piece) else None


def parse_window(text: Scalar, faults: Faults) -> Until | None:
    """`6 months`, or `30 days before "Infusion Date"`; the name is "" where none is given."""
    return _until(_parse(text, "window", faults, ""))


def parse_until(text: Scalar, faults: Faults, criterion: str = "") -> Until | None:
    """`14 days after "Last Dose"`."""
    return _until(_parse(text, "until", faults, criterion))


def _until(found: Any) -> Until | None:
    return None if found is None else Until(*found)


def _parse(text: Scalar, start: str, faults: Faults, criterion: str) -> Any:
    def fault(at: int, length: int, message: str, help: str = "") -> None:
        faults.add(SyntaxFault, text.within(at, length), message, help=help, criterion=criterion)

    if not text.starts:
        faults.add(
            SyntaxFault,
            text.span,
            "an expression of several lines is a literal block",
            help="write `|` after the colon and the expression on the lines below",
            criterion=criterion,
        )
        return None
    if len(text.text) > LONGEST:
        fault(0, 1, f"the expression is longer than {LONGEST} characters", "name its parts as definitions")
        return None
    if not text.text.strip():
        faults.add(SyntaxFault, text.span, "the expression is empty", criterion=criterion)
        return None
    lark, build = _grammar()
    build.within = text.within
    try:
        return lark.parse(text.text, start=start)
    except Slip as slip:
        fault(slip.start, slip.end - slip.start, slip.message, slip.help)
    except UnexpectedInput as error:
        fault(*_explained(lark, text.text, start, error))
    return None


# -------------------------------------------------------------------------- what an author is told

_FUNCTIONS = (
    "Ln", "Exp", "Sqrt", "Abs", "Round", "Min", "Max", "Sum", "Mean", "Count", "Exists", "Agree", "Coalesce",
    "CalculateAgeInYearsAt",
)  # fmt: skip
_OTHERWISE = {
    "avg": "Mean", "average": "Mean", "log": "Ln", "power": "^", "pow": "^", "length": "Count", "size": "Count",
    "root": "Sqrt", "ageinyearsat": "CalculateAgeInYearsAt",
}  # fmt: skip
_CLOCK = ("today", "now", "timeofday", "ageinyears", "calculateageinyears", "currentdate")
_SIGNS = {
    "&": "write `and`", "|": "write `or`", "!": "write `not`, or `!=` for not equal",
    "\u2265": "write `>=`", "\u2264": "write `<=`", "\u2260": "write `!=`", "\u00d7": "write `*`",
    "\u201c": 'write straight quotes: `"`', "\u201d": 'write straight quotes: `"`',
    "\u2018": "write straight quotes: `'`", "\u2019": "write straight quotes: `'`",
    "%": "put the unit in single quotes: `35 '%'`", ":": "a row's field is written `T.outcome`",
    "~": "write `=`", "#": "a comment begins with `//`", ";": "one expression, without `;`",
}  # fmt: skip
_SPELT = {
    "LEFT": "`(`", "RIGHT": "`)`", "SQUARE": "`[`", "SQUARE_CLOSE": "`]`", "LIST_OPEN": "`{`", "LIST_CLOSE": "`}`",
    "COMMA": "`,`", "TEXT": "a text in single quotes", "NUMBER": "a number", "QUOTED": "a name",
    "IDENTIFIER": "a name", "FIELD": "a field such as `.date`", "UNIT": "a unit such as `months`", "DAY": "`day`",
    "$END": "the end", "DATE_WORD": "`date`", "INTERVAL": "`Interval[`",
}  # fmt: skip
_KEYWORDS = {
    "IF": "if", "THEN": "then", "ELSE": "else", "IMPLIES": "implies", "OR": "or", "XOR": "xor", "AND": "and",
    "NOT": "not", "IN": "in", "IS": "is", "BETWEEN": "between", "TRUE": "true", "FALSE": "false", "NULL": "null",
    "LESS": "less", "MORE": "more", "ON": "on", "BEFORE": "before", "AFTER": "after", "WITHIN": "within",
    "SAME": "same", "AS": "as", "OF": "of", "WHERE": "where", "RETURN": "return", "DISTINCT": "distinct",
    "EXISTS": "exists", "DAY": "day", "DATE_WORD": "date",
}  # fmt: skip
_BEGINNINGS = ("not", "exists", "if")
_UNITS = ("years", "months", "weeks", "days", "hours")

_Told = tuple[int, int, str, str]


def _tokens(lark: Lark, text: str, before: int) -> list[Token]:
    found = []
    try:
        for token in lark.lex(text):
            if token.start_pos is None or token.start_pos >= before:
                break
            found.append(token)
    except UnexpectedCharacters:
        pass
    return found


def _explained(lark: Lark, text: str, start: str, error: UnexpectedInput) -> _Told:
    """Where the text stops being an expression, what was expected there, and what may have been meant."""
    if isinstance(error, UnexpectedCharacters):
        at: Any = error.pos_in_stream
        return _strange(text, at)
    assert isinstance(error, UnexpectedToken)
    token = error.token
    at_end = token.type == "$END"
    at = len(text.rstrip()) if at_end else int(token.start_pos or 0)
    length = 1 if at_end else len(str(token))
    history = _tokens(lark, text, len(text) + 1 if at_end else at)
    accepted = set(error.accepts or error.expected)
    special = _called(history, token, text) or _slipped(history, token, accepted, at, length, text, start)
    if special is not None:
        return special
    wanted = _wanted(accepted)
    if at_end:
        return at, 1, f"{wanted} was expected and the expression ends here", ""
    return at, length, f"{wanted} was expected and `{shown(str(token))}` stands here", ""


def _strange(text: str, at: int) -> _Told:
    character = text[at]
    if character in "'\"":
        what = "name" if character == '"' else "text"
        line = text.find("\n", at)
        end = len(text) if line < 0 else line
        return at, max(1, end - at), f"this {what} has no closing `{character}`", ""
    if character == "@":
        return at, 1, "a day was expected after `@`", "write it as `@2026-08-15`, `@2026-08` or `@2026`"
    named = character if character.isprintable() else f"U+{ord(character):04X}"
    return at, 1, f"`{named}` is not part of the language", _SIGNS.get(character, "")


def _called(history: list[Token], token: Token, text: str) -> _Told | None:
    """A function that the language does not have: a word with a bracket directly behind it."""
    tokens = [*history, token]
    for name, bracket in pairwise(tokens):
        adjacent = bracket.start_pos == name.end_pos
        if name.type == "IDENTIFIER" and bracket.type == "LEFT" and adjacent:
            said = str(name)
            if said.lower() in _CLOCK:
                help = 'nothing reads the clock: use "Screening Date", the as-of date'
            else:
                near = meant(said, [*_FUNCTIONS, "Average", "Length"])
                found = _OTHERWISE.get(said.lower()) or _OTHERWISE.get(near.lower(), near)
                help = f"did you mean `{found}`" if found else ""
            return int(name.start_pos or 0), len(said), f"`{shown(said)}` is no function of the language", help
    return None


def _slipped(
    history: list[Token], token: Token, accepted: set[str], at: int, length: int, text: str, start: str
) -> _Told | None:
    """The common slips, told by what stands before and at the fault."""
    last = history[-1] if history else None
    previous = last.type if last is not None else ""
    said = str(token)
    before = int(last.start_pos or 0) if last is not None else 0
    expected = f"{_wanted(accepted)} was expected and `{shown(said)}` stands here"
    if token.type == "IDENTIFIER":
        units = _UNITS if "UNIT" in accepted else ()
        near = meant(said, [*(_KEYWORDS[a] for a in accepted if a in _KEYWORDS), *units], 0.6)
        if near:
            return at, length, expected, f"did you mean `{near}`"
    if previous == "IDENTIFIER" and last is not None and token.type != "$END":
        near = meant(str(last), _BEGINNINGS, 0.6)
        if near:
            return before, len(str(last)), f"`{last}` is not expected here", f"did you mean `{near}`"
    if previous == "NUMBER" and token.type in ("IDENTIFIER", "QUOTED", "SQUARE") and last is not None:
        unit = text[at:].split()[0].strip('"')
        return at, length, expected, f"a unit stands in single quotes: `{last} '{shown(unit, 20)}'`"
    if len(history) >= 2 and previous == "QUOTED" and history[-2].type == "NUMBER" and "UNIT" in accepted:
        unit = str(last).strip('"')
        return (
            before,
            len(str(last)),
            f"`{last}` is a name, not a unit",
            f"write `{history[-2]} '{shown(unit, 20)}'`",
        )
    if token.type == "IDENTIFIER" and previous in ("IDENTIFIER", "QUOTED"):
        if len(history) >= 2 and history[-2].type == "EXISTS":
            return at, length, expected, "put the query in brackets: `exists (T where ...)`"
        return at, length, expected, 'a name of several words stands in double quotes: `"Systolic Pressure"`'
    if token.type in ("BEFORE", "AFTER") and previous in ("UNIT", "DAY"):
        return at, length, expected, f"write `or less {said}` or `or more {said}`"
    if token.type in ("ORDER", "EQUALITY"):
        if previous in ("ORDER", "EQUALITY") and last is not None:
            both = {"==": "=", "=>": ">=", "=<": "<=", "<>": "!=", "!==": "!="}.get(f"{last}{said}", "")
            return at, length, f"`{last}{said}` is no operator", f"write `{both}`" if both else ""
        if "AND" in accepted:
            return at, length, "a comparison has two sides, and this is a third", "join two comparisons with `and`"
    if token.type == "UNIT" or (token.type == "BETWEEN" and any(t.type == "BETWEEN" for t in history)):
        help = "a duration or range inside another expression stands in brackets: `(months between A and B)`"
        return at, length, expected, help
    if token.type == "CARET":
        return at, length, expected, "brackets say what is meant: `-(x ^ 2)`, `(x ^ 2) ^ 3`"
    if start != "expression":
        form = "`6 months`" if start == "window" else '`14 days after "Last Dose"`'
        if token.type == "$END":
            return at, 1, f"{_wanted(accepted)} was expected and the text ends here", f"it is written as {form}"
        return at, length, expected, f"it is written as {form}"
    return None


def _wanted(accepted: set[str]) -> str:
    """What may stand at a place, in plain words."""
    if "FUNCTION" in accepted:
        return "a value or a condition"
    found: list[str] = []
    if "PLUS" in accepted:
        # After a value: between its two ends only `and` goes on, elsewhere any operator.
        found = [
            "an operator such as `and`" if "OR" in accepted else "`and`" if "AND" in accepted else "an operator"
        ]
    elif {"AND", "OR", "IN"} <= accepted:
        found = ["`and` or another operator"]
    after_value = bool(found)
    for terminal in sorted(accepted):
        if after_value and terminal not in _CLOSING:
            continue
        word = _SPELT.get(terminal) or (f"`{_KEYWORDS[terminal]}`" if terminal in _KEYWORDS else "")
        if word and word not in found:
            found.append(word)
    if len(found) > 1:
        return ", ".join(found[:-1]) + " or " + found[-1]
    return found[0] if found else "something else"


# What may follow a value that is complete.
_CLOSING = ("RIGHT", "SQUARE_CLOSE", "LIST_CLOSE", "COMMA", "$END", "THEN", "ELSE", "RETURN")
