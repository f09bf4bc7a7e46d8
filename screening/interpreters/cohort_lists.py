"""The rows of a query out of the tables of a cohort: fields, days, completeness, attested absences.

The row that nobody wrote down and the days of a denial are tried like any other row, once for the person.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from screening.interpreters.cohort_distinct import Keys
from screening.interpreters.cohort_rows import Alone, Days, Denial, Entered, Listed, Rows, plain
from screening.interpreters.cohort_selection import Value
from screening.interpreters.cohort_tables import BESIDE, Aside, People, row_column
from screening.interpreters.cohort_truth import (
    Known,
    Plain,
    column,
    conjoined,
    disjoined,
    is_false,
    is_open,
    is_true,
    negated,
)
from screening.interpreters.cohort_value import UNKNOWN, Doubt, Ordered, single
from screening.interpreters.cohort_word import NOTHING, Word
from screening.language.library import DataRequirement
from screening.language.types import NUMBERS, ORDERED, Type
from screening.record import tables as roles
from screening.record.tables import Entries, Held
from screening.values.frozen import dataclass

MOST_DENIALS = 4
DENIED_OFTEN = "more attested absences of one requirement than the query has room for"
NOT_FITTING = "an entry that does not fit the columns"
UNEXPLAINED = "an answer that the words of the table do not explain"
_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Scope:
    """What an alias stands for: a row whose fields are found by name; `number` is that of its requirement."""

    number: int
    field: Callable[[str, Type], Value]


def blank(type: Type) -> Value:
    """What nothing known is, by type."""
    return UNKNOWN if type.name in ORDERED else NOTHING if type.name in ("String", "Code") else None


def of_day(number: int, when: Ordered) -> Scope:
    """A row of which only its days are known."""
    return Scope(number, lambda name, type: when if name == "date" else blank(type))


def _is_short(number: pl.Expr) -> pl.Expr:
    """Whether a number has at most 15 digits, 8 of them decimals: a double gives it back."""
    whole = (number * 1e8).round()
    return (number.abs() < 1e7).fill_null(True) & (whole / 1e8 == number).fill_null(True)


class Source:
    """One requirement in the tables: what its rows are, before anything is asked of them."""

    def __init__(
        self, people: People, requirement: DataRequirement, number: int, is_asked_for_codes: bool = True
    ) -> None:
        self.people, self.requirement, self.number = people, requirement, number
        self.is_asked_for_codes = is_asked_for_codes
        self.at = people.tables.requirements.get(requirement.name)
        self.unlisted, self.open = self._completeness()
        self.denials = self._denials()

    # --------------------------------------------------------------------------------- fields

    def _entry(self, role: str) -> pl.Expr | None:
        assert isinstance(self.at, Entries)
        return pl.col(row_column(self.number, role)) if role in self.at.columns else None

    def _ordered(self, low_role: str, high_role: str) -> Ordered:
        assert isinstance(self.at, Entries)
        low, high = self._entry(low_role), self._entry(high_role)
        if low is None or high is None:
            return UNKNOWN
        # Two roles of one column are exact.
        return single(low) if self.at.columns[low_role] == self.at.columns[high_role] else Ordered(low, high)

    def when(self) -> Ordered:
        """The days of an entry; what began and has no known end is seen up to the as-of date."""
        if isinstance(self.at, Held):
            return single(pl.col(self.at.date)) if self.at.date else UNKNOWN
        found = self._ordered(roles.WHEN_LOW, roles.WHEN_HIGH)
        if found.is_single:
            return found
        ongoing = found.high.is_null() & found.low.is_not_null()
        return Ordered(found.low, pl.when(ongoing).then(pl.lit(self.people.as_of)).otherwise(found.high))

    def scope(self) -> Scope:
        """The fields of an entry."""
        return Scope(self.number, self._held if isinstance(self.at, Held) else self._field)

    def _field(self, name: str, type: Type) -> Value:
        if name == "date":
            return self.when()
        assert isinstance(self.at, Entries)
        if name == "code":
            code = self._entry(roles.CODE)
            return NOTHING if code is None else Word(code)

        def role(of: str) -> str:
            return of if name == "value" else roles.of_field(name, of)

        if type.name in ORDERED:
            return self._ordered(role(roles.LOW), role(roles.HIGH))
        if type.name in ("String", "Code"):
            word = self._entry(role(roles.WORD))
            # A site's own column has its words as they are; a prepared one has `system|code`.
            is_plain = type.name == "String" and self.at.columns.get(role(roles.WORD)) != role(roles.WORD)
            return NOTHING if word is None else Word(word, is_plain)
        return self._entry(role(roles.TRUTH))

    def _held(self, name: str, type: Type) -> Value:
        assert isinstance(self.at, Held)
        if name == "date":
            return self.when()
        if name != "value":
            return blank(type)
        found = pl.col(self.at.column)
        if self.at.words:
            is_word = type.name in ("String", "Code")
            new: list[Any] = [x if is_word else x == "true" for x in self.at.words.values()]
            kind = pl.String if is_word else pl.Boolean
            text = found.cast(pl.String)
            found = text.replace_strict(list(self.at.words), new, default=None, return_dtype=kind)
        if self.at.date:
            found = pl.when(self.present()).then(found)
        if type.name in ORDERED:
            return single(found)
        is_plain = not self.at.words and type.name == "String"
        return Word(found, is_plain) if type.name in ("String", "Code") else found

    def present(self) -> pl.Expr:
        """Whether there is a value in the column, not dated later."""
        assert isinstance(self.at, Held)
        there = pl.col(self.at.column).is_not_null()
        if not self.at.date:
            return there
        return there & (pl.col(self.at.date) <= self.people.as_of).fill_null(True)

    # ------------------------------------------------------------------- completeness, absences

    def _completeness(self) -> tuple[Ordered, Plain]:
        """The days of the row that nobody wrote down, and whether there may be one."""
        said = self.people.tables.complete.get(self.requirement.name)
        last: Any = self.people.as_of
        is_open: Plain = True
        if said is not None:
            last, is_open = (None, False) if said.since is None else (said.since - _DAY, True)
        if not isinstance(self.at, Entries) or not self.at.complete:
            return Ordered(None, last), is_open
        key, own, since = (f"complete{self.number}:{x}" for x in ("key", "own", "since"))
        reduced = (pl.col("since").first().alias(since), pl.len().alias(own))
        self.people.beside(Aside(self.at.complete, key, reduced))
        is_own = pl.col(own).is_not_null()
        ends = pl.when(is_own).then(pl.col(since) - _DAY).otherwise(pl.lit(last, dtype=pl.Date))
        return Ordered(None, ends), pl.when(is_own).then(pl.col(since).is_not_null()).otherwise(is_open)

    def _denials(self) -> tuple[tuple[pl.Expr, Denial], ...]:
        if not isinstance(self.at, Entries) or not self.at.absences:
            return ()
        key, count, low, high, concepts = (
            f"denied{self.number}:{x}" for x in ("key", "count", "low", "high", "concepts")
        )
        first = pl.col(roles.WHEN_LOW)
        reduced = (
            pl.len().alias(count),
            first.alias(low),
            pl.col(roles.WHEN_HIGH).alias(high),
            pl.col("concepts").alias(concepts),
        )
        there = first.is_null() | (first <= self.people.as_of)
        self.people.beside(Aside(self.at.absences, key, reduced, there))
        denials = []
        for n in range(MOST_DENIALS):
            there = (pl.col(count) > n).fill_null(False)
            parts = [self.people.keep(pl.col(x).list.get(n, null_on_oob=True)) for x in (low, high, concepts)]
            denials.append((there, Denial(self.people.keep(there), *parts)))
        return tuple(denials)

    def unexplained(self) -> Plain:
        """Whether there is an answer that the words of the table do not give a meaning."""
        if not isinstance(self.at, Held) or not self.at.words:
            return False
        text = pl.col(self.at.column).cast(pl.String)
        return (text.is_not_null() & ~text.is_in(list(self.at.words))).fill_null(False)

    def too_often(self) -> Plain:
        """Whether somebody has more denials than there is room for."""
        if not self.denials:
            return False
        return (pl.col(f"denied{self.number}:count") > MOST_DENIALS).fill_null(False)

    # ------------------------------------------------------------------------------------ rows

    def rows(self, conditions: Sequence[pl.Expr]) -> Rows | None:
        """What reduces the entries; None where nobody has any."""
        if self.at is None:
            return None
        if isinstance(self.at, Held):
            return Alone(self.people, self.present())
        beside = [d.low for _, d in self.denials]
        return Entered(self.people.child(self.number, self.at, [*conditions, *beside]))

    def listed(
        self, tried: Callable[[Scope], tuple[Known, list[tuple[str, Plain]]]], doubt: Doubt
    ) -> tuple[Listed, Rows | None]:
        """The rows for which a condition holds; `tried` says what it says of a row."""
        missing, unclear = tried(of_day(self.number, self.unlisted))
        closed = plain(disjoined((negated(self.open), is_false(missing))))
        denials = []
        for _, denial in self.denials:
            said, more = tried(of_day(self.number, Ordered(None, denial.low)))
            unclear = [*unclear, *more]
            kept = conjoined((denial.present, negated(is_false(said))))
            denials.append(Denial(kept, denial.low, denial.high, denial.concepts))
        for reason, of in unclear:
            doubt(reason, of)
        concepts = len(self.requirement.concepts)
        if self.at is None:
            return Listed(None, False, False, closed, tuple(denials), concepts, Days(UNKNOWN)), None
        counts, doubts = tried(self.scope())
        conditions = [x for x in (counts, *(of for _, of in doubts)) if isinstance(x, pl.Expr)]
        rows = self.rows(conditions)
        assert rows is not None
        set_aside: Plain = False
        days = Days(self.when())
        foreign: Plain = False
        base: Known = True
        if isinstance(self.at, Entries):
            certain, aside, is_odd = (self._entry(x) for x in (roles.CERTAIN, roles.SET_ASIDE, roles.ODD))
            set_aside = aside.fill_null(False) if aside is not None else False
            if certain is not None or aside is not None:
                certainly = conjoined((True if certain is None else certain.fill_null(False), negated(set_aside)))
                base = pl.when(column(certainly)).then(True)
            concept, code = self._entry(roles.CONCEPT), self._entry(roles.CODE)
            days = Days(self.when(), self._entry(roles.CLOCK), self._entry(roles.APART), concept)
            if concepts and code is not None:
                foreign = code.is_not_null() & (True if concept is None else concept.is_null())
            if is_odd is not None:
                doubt(NOT_FITTING, rows.some(self._unfit(is_odd.fill_null(False))))
        for reason, doubtful in doubts:
            doubt(reason, rows.some(doubtful))
        counts = conjoined((base, counts))
        if isinstance(counts, pl.Expr):
            counts = rows.keep(counts)
            sure, maybe, either = is_true(counts), plain(is_open(counts)), plain(counts.fill_null(True))
        else:
            sure, maybe, either = counts is True, counts is None, counts is not False
        if isinstance(rows, Entered):
            rows = Entered(rows.child, either)
        listed = Listed(rows, sure, maybe, closed, tuple(denials), concepts, days, foreign, set_aside, either)
        return listed, rows

    def _unfit(self, is_odd: pl.Expr) -> pl.Expr:
        """Which entries do not fit the columns.

        One that has nothing but several codings fits where its codes are not asked about, and nobody denies it.
        """
        assert isinstance(self.at, Entries)
        if not self.at.is_exact or self.is_asked_for_codes or self.denials:
            return is_odd
        asked, fields = self.requirement, self.requirement.fields
        # An age is kept as the day of birth.
        is_born = asked.kind == "birth date" or asked.take.startswith("age")
        own = [] if is_born or any(each.name == "value" for each in fields) else [("", asked.type)]
        own += [("" if each.name == "value" else each.name, each.type) for each in fields]
        numbers = [
            self._entry(roles.of_field(name, role) if name else role)
            for name, type in own
            if type.name in NUMBERS
            for role in (roles.LOW, roles.HIGH)
        ]
        long = [~_is_short(number) for number in numbers if number is not None]
        return is_odd & pl.any_horizontal(pl.col(row_column(self.number, BESIDE)), *long)

    def keys(self, name: str, type: Type | None) -> Keys | None:
        """What `distinct` counts of a row; None where nothing of it is known."""
        if self.at is None:
            return None
        found = self.scope().field(name, type or Type("Code"))
        match found:
            case Ordered(low, high) if isinstance(low, pl.Expr) and isinstance(high, pl.Expr):
                return Keys(low if low is high else pl.when(low == high).then(low))
            case Word(word) if isinstance(word, pl.Expr):
                if found.is_plain:
                    return Keys(word)
                system = word.str.extract(r"^([^|]*)\|")
                concept = self._entry(roles.CONCEPT) if name == "code" and isinstance(self.at, Entries) else None
                if concept is not None:
                    word = pl.when(concept.is_not_null()).then(pl.format("{}", concept)).otherwise(word)
                return Keys(word, system)
            case pl.Expr():
                return Keys(found)
        return None
