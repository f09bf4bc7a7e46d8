"""Words and codes in columns: membership, and equality, by system and code."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_

import polars as pl

from screening.interpreters.cohort_truth import Known, column
from screening.values.coding import NOT_CODED, Code, Codings, same
from screening.values.frozen import dataclass
from screening.values.truth import TRUE, UNKNOWN


@dataclass(frozen=True, slots=True)
class Word:
    """A coded value: a column of `system|code`, or of plain words; or a constant."""

    word: pl.Expr | Codings
    is_plain: bool = False


NOTHING = Word(NOT_CODED)
MOST_COMPARED = 6


def spelt(code: Code, is_plain: bool) -> str:
    """A coding as such a column has it."""
    return code.code if is_plain else f"{code.system}|{code.code}"


def is_blank(a: Word) -> pl.Expr | bool:
    """Whether no coding is known."""
    return a.word.is_null() if isinstance(a.word, pl.Expr) else not a.word


def member(a: Word, codes: Iterable[Code]) -> Known:
    """Membership: FALSE needs a coding of a system that the codes cover."""
    wanted = tuple(codes)
    if not isinstance(a.word, pl.Expr):
        if not a.word or not wanted:
            return None
        found = same(a.word, wanted)
        return None if found is UNKNOWN else found is TRUE
    if a.is_plain:
        wanted = tuple(code for code in wanted if not code.system)
    if not wanted:
        return None
    hit = _hit(a.word, wanted, a.is_plain)
    if a.is_plain:
        return hit
    covered = [a.word.str.starts_with(f"{system}|") for system in sorted({code.system for code in wanted})]
    return pl.when(hit).then(True).when(pl.any_horizontal(covered)).then(False)


def _hit(word: pl.Expr, wanted: tuple[Code, ...], is_plain: bool) -> pl.Expr:
    exact = [spelt(code, is_plain) for code in wanted]
    # A few comparisons are cheaper than a look into a table.
    is_few = len(exact) <= MOST_COMPARED
    hit = reduce(or_, [word == text for text in exact]) if is_few else word.is_in(exact)
    for code in wanted:
        if code.code.endswith("*"):
            stem = code._replace(code=code.code[:-1])
            bare = stem._replace(code=stem.code.rstrip("."))
            hit = hit | word.str.starts_with(spelt(stem, is_plain)) | (word == spelt(bare, is_plain))
    return hit


def alike(a: Word, b: Word) -> Known:
    """Equality of two coded values."""
    for one, other in ((a, b), (b, a)):
        if not isinstance(other.word, pl.Expr):
            return member(one, other.word) if other.word else None
    left, right = full(a), full(b)
    system = [x.str.extract(r"^([^|]*)\|") for x in (left, right)]
    return pl.when(left == right).then(True).when(system[0] == system[1]).then(False)


def full(a: Word) -> pl.Expr:
    """The column as `system|code`; null is no coding, or a constant of more than one."""
    if isinstance(a.word, pl.Expr):
        return "|" + a.word if a.is_plain else a.word
    return pl.lit(spelt(a.word[0], False) if len(a.word) == 1 else None, dtype=pl.String)


def chosen(condition: Known, a: Word, b: Word) -> Word:
    """`if` over coded values: where the condition is open, the coding of both branches if it is one."""
    if isinstance(condition, bool):
        return a if condition else b
    left, right = full(a), full(b)
    known = column(condition)
    return Word(pl.when(known).then(left).when(~known).then(right).when(left == right).then(left), is_plain=False)
