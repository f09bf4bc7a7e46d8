"""Numbers by which surveys say that there is no value, and which numbers of one input are likely such codes.

Nothing is taken for missing by this: it is asked of whoever maps a table, and counted where nobody declared it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal

# Codes by which surveys say refused, not known, not asked or not ascertained; the negative ones are of panels.
MISSING_CODES = frozenset(
    Decimal(code)
    for code in (
        *(digit * times for digit in "789" for times in range(1, 7)),
        *(f"-{digit}" for digit in range(1, 10)),
        *(f"-{digit * times}" for digit in "789" for times in range(2, 5)),
        *("97", "98", "997", "998", "9997", "9998", "996", "9996"),
    )
)
# How programs write a cell in which nothing stands; any other word for what is missing says that nobody knows.
_NULLS = frozenset((".", "na", "nan", "nat", "none", "null", "\\n"))
# So many different numbers has a column at most of which each number stands for an answer.
MOST_ANSWERS = 15


# Programs that know only fractions write 9 as `9.0`, with a comma `9,0`; R writes 100000 as `1e+05`. Three zeros
# behind a comma may be thousands, and a big E or a zero at the end is of a spreadsheet, which leaves digits out.
_FRACTION = re.compile(r"(-?[0-9]+)(?:\.0+|,00?)\Z")
_POWER = re.compile(r"(-?[0-9])(?:\.([0-9]{0,14}[1-9]))?e\+(0[0-9]|1[0-5])\Z")


def bare(text: str) -> str:
    """A code as it is declared, however a program writes a whole number; any other text as it is.

    >>> bare("9.0"), bare("9,0"), bare("1e+05"), bare("7.7777e+04")
    ('9', '9', '100000', '77777')
    >>> bare("9.5"), bare("a.0"), bare("1,000"), bare("1.30E+05"), bare("1.25e+01")
    ('9.5', 'a.0', '1,000', '1.30E+05', '1.25e+01')
    """
    if text.isalnum():
        return text
    if found := _FRACTION.match(text):
        return found[1]
    if found := _POWER.match(text):
        rest, places = found[2] or "", int(found[3])
        return found[1] + rest.ljust(places, "0") if len(rest) <= places else text
    return text


def is_null(text: str) -> bool:
    """Whether a cell is empty, or holds the word by which a program writes an empty one.

    >>> [is_null(text) for text in ("", "NA", ".", "None", "99", "refused")]
    [True, True, True, True, False, False]
    """
    return not text or text.casefold() in _NULLS


def standing_apart(values: Collection[Decimal]) -> list[Decimal]:
    """Codes among different numbers that stand apart from all others there, ascending.

    Apart is below numbers none of which is negative; far above all others; and above them with a gap where each
    number stands for an answer, as 7 and 9 do above 1 to 5.
    """
    codes = set(values) & MISSING_CODES
    usual = _usual(codes, set(values) - codes)
    others = [value for value in values if value not in codes or value in usual]
    highest, lowest = max(others, default=Decimal(0)), min(others, default=Decimal(0))
    found = []
    for code in sorted(codes):
        above = code > 3 * max(highest, Decimal(1)) or (code >= 77 and code > highest * Decimal("1.2"))
        if len(others) <= MOST_ANSWERS:
            above = above or code > highest + 1
        if above or (code < 0 and lowest >= 0):
            found.append(code)
    return found


def _usual(codes: set[Decimal], known: set[Decimal]) -> set[Decimal]:
    """Those of the codes of one digit that follow on the numbers below them: 7 to 9 on a scale up to 10."""
    found: set[Decimal] = set()
    for code in sorted(code for code in codes if 0 < code < 10):
        if code - 1 in known | found:
            found.add(code)
    return found


@dataclass(slots=True)
class Numbers:
    """The numbers of one input, as far as telling codes takes them: how often each code, and a few others."""

    codes: Counter[Decimal] = field(default_factory=Counter)
    others: set[Decimal] = field(default_factory=set)

    def take(self, value: Decimal) -> None:
        """One number; of others the lowest and the highest are kept, and so many that a scale can be told."""
        if value in MISSING_CODES:
            self.codes[value] += 1
        elif value not in self.others:
            self.others.add(value)
            if len(self.others) > MOST_ANSWERS + 3:
                self.others.remove(sorted(self.others)[1])

    def likely_codes(self) -> int:
        """How many of the numbers are likely codes; of one digit few enough values look like any."""
        found = standing_apart(self.codes.keys() | self.others)
        return sum(self.codes[code] for code in found if not 0 < code < 10)
