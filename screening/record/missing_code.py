"""Numbers by which surveys say that there is no value, and which numbers of one input are likely such codes.

Nothing is taken for missing by this: it is asked of whoever maps a table, and counted where nobody declared it.
"""

from __future__ import annotations

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
# So many different numbers has a column at most of which each number stands for an answer.
MOST_ANSWERS = 15


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
