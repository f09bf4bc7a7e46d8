"""Lists in columns: which entries are certain or possible, whether there is one, how many, how many different.

Every list is two truths over the entries of its source, `certain` and `all` (certain or possible), with what may
be missing from it: the row that nobody wrote down, and the attested absences that a query has left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from screening.interpreters import warehouse_term as t
from screening.interpreters.warehouse_source import AbsenceSource, Entry, Row, Source
from screening.interpreters.warehouse_term import NO, OPEN_TRUTH, YES, Term
from screening.interpreters.warehouse_value import MIXED, NEAR, PERHAPS_ONE, Doubt, Range, halfway, too_large
from screening.record import tables as roles
from screening.values.frozen import dataclass

ENTRY = "an entry that does not fit the columns"
DENIED = "entries beside an absence that speaks of some concepts alone"
SYSTEMS = "codes of several code systems"
_MOST_CONCEPTS = 40


@dataclass(frozen=True, slots=True)
class Rows:
    """A list. `unlisted`: whether the row that nobody wrote down is left, a truth of the person."""

    source: Source
    certain: Term
    all: Term
    unlisted: Term
    unlisted_row: Row
    absences: AbsenceSource | None
    absent: Term
    concepts: int

    @property
    def possible(self) -> Term:
        return t.conjunction(self.all, t.negation(self.certain))

    def filtered(self, row: Term, unlisted: Term, absence: Term) -> Rows:
        """What a condition leaves, given what it says of an entry, of the unlisted row and of an absence."""
        return replace(
            self,
            certain=t.conjunction(self.certain, t.surely(row)),
            all=t.conjunction(self.all, t.perhaps(row)),
            unlisted=t.conjunction(self.unlisted, t.perhaps(unlisted)),
            absent=t.conjunction(self.absent, t.perhaps(absence)),
        )


@dataclass(frozen=True, slots=True)
class Weighed:
    """Rows held against the denials: truths over entries, and whether the list is closed (of the person)."""

    standing: Term
    contradicted: Term
    open: Term
    every: Term
    closed: Term


def weighed(rows: Rows, doubt: Doubt) -> Weighed:
    listed = rows.absences
    if listed is None or rows.absent is NO:
        return Weighed(rows.certain, NO, rows.possible, rows.all, t.negation(rows.unlisted))
    whole = t.conjunction(rows.absent, t.unknown(listed.concepts))
    special = listed.any(t.conjunction(rows.absent, t.known(listed.concepts)))
    doubt(DENIED, t.conjunction(special, rows.source.any(rows.all)))
    denied = listed.any(whole)
    last, latest = listed.over("max", listed.high, whole), listed.over("max", listed.low, whole)
    endless = listed.any(t.conjunction(whole, t.unknown(listed.high)))
    when = rows.source.row.when
    later = t.conjunction(t.negation(endless), t.surely(t.compared("lt", last, when.low)))
    against = t.conjunction(denied, t.negation(later))
    answered = t.surely(t.compared("le", when.high, latest))
    standing = t.conjunction(rows.certain, t.negation(against))
    doubtful = t.conjunction(rows.possible, t.negation(answered))
    nobody = t.negation(t.disjunction(rows.source.any(rows.certain), rows.source.any(doubtful)))
    if 0 < rows.concepts <= _MOST_CONCEPTS:
        each = [listed.any(t.conjunction(rows.absent, listed.names(i))) for i in range(rows.concepts)]
        denied = t.disjunction(denied, t.conjunction(*each))
    elif rows.concepts:
        doubt(DENIED, t.conjunction(special, t.negation(denied)))
    closed = t.disjunction(t.negation(rows.unlisted), t.conjunction(nobody, denied))
    every = t.disjunction(rows.certain, doubtful)
    return Weighed(standing, t.conjunction(rows.certain, against), doubtful, every, closed)


def exists(rows: Rows, doubt: Doubt) -> tuple[Term, Term]:
    """`exists`, and whether a row is recorded as present and as absent."""
    found = weighed(rows, doubt)
    there, against, maybe = (rows.source.any(x) for x in (found.standing, found.contradicted, found.open))
    open_ = t.disjunction(against, maybe)
    truth = t.cases((there, YES), (open_, OPEN_TRUTH), (found.closed, NO), otherwise=OPEN_TRUTH)
    return truth, t.conjunction(against, t.negation(there))


def count(rows: Rows, doubt: Doubt) -> tuple[Range, Term]:
    """`Count`: the certain rows to the certain and possible ones; and the contradiction."""
    found, source = weighed(rows, doubt), rows.source
    low = source.number(found.standing)
    every = source.number(found.every)
    high = t.chosen(found.closed, every, t.null("int"))
    return Range(low, high, least=_least(rows, found.standing, low)), source.any(found.contradicted)


def may_be_one(rows: Rows, among: Term, number: Term) -> Term:
    """Whether some of two or more entries may be one and the same."""
    if rows.source.apart is YES:
        return NO
    together = rows.source.any(t.conjunction(among, t.negation(rows.source.apart)))
    return t.conjunction(together, t.surely(t.compared("le", t.number(2), number)))


def _least(rows: Rows, among: Term, number: Term) -> Term | None:
    doubtful = may_be_one(rows, among, number)
    return None if doubtful is NO else t.chosen(doubtful, t.number(1), number)


def enough(rows: Rows, among: Term, readings: int, doubt: Doubt) -> Term:
    """Whether so many distinct entries are among some."""
    number = rows.source.number(among)
    found = t.surely(t.compared("le", t.number(readings), number))
    doubt(PERHAPS_ONE, t.conjunction(found, may_be_one(rows, among, number)))
    return found


def count_distinct(
    rows: Rows,
    key: Term,
    values: Mapping[str, tuple[str, ...]],
    cap: int | None,
    bits: bool,
    doubt: Doubt,
    coded: bool,
    is_listed: bool = False,
) -> tuple[Range, Term]:
    """Distinct known keys of certain rows, at least; every further key that is possible, at most.

    `values` are the keys that there can be, with the texts that each is written as; `is_listed`: every row that is
    left is of one of them. `bits`: gather them as one number.
    """
    found, source = weighed(rows, doubt), rows.source
    every = found.every
    if coded:
        system = t.plain("system", source.row.code(), type="text")
        first, last = (source.over(which, system, found.standing) for which in ("min", "max"))
        doubt(SYSTEMS, t.negation(t.same(first, last)))
    if values:
        if not is_listed:
            doubt(
                ENTRY,
                source.any(
                    t.conjunction(
                        every,
                        t.known(key),
                        t.negation(t.one_of(key, tuple(text for texts in values.values() for text in texts))),
                    )
                ),
            )
        sure, most = (_listed(source, key, among, values, bits) for among in (found.standing, every))
    else:
        sure, most = (source.over("different", key, among) for among in (found.standing, every))
    low = sure
    if not is_listed:  # a certain row is of one key at least, if of an unknown one; else its key is in the list
        some = t.chosen(source.any(found.standing), t.number(1), t.number(0))
        low = t.chosen(t.surely(t.compared("eq", sure, t.number(0))), some, sure)
    unnamed = source.number(t.conjunction(every, t.unknown(key)))
    high: Term = t.plain("plus", most, unnamed)
    if cap is not None:
        high = t.lesser_of(high, t.number(cap))
    high = t.chosen(found.closed, high, t.null("int") if cap is None else t.number(cap))
    if cap is not None or not is_listed:
        high = t.chosen(t.surely(t.compared("lt", high, low)), low, high)
    return Range(low, high), source.any(found.contradicted)


def _listed(source: Source, key: Term, among: Term, values: Mapping[str, tuple[str, ...]], bits: bool) -> Term:
    if bits and len(values) <= 62:
        places = [(t.one_of(key, texts), t.number(1 << i)) for i, texts in enumerate(values.values())]
        return t.plain("ones", source.over("bits", t.cases(*places, otherwise=t.number(0)), among), type="int")
    found: Term = t.number(0)
    each = [source.any(t.conjunction(among, t.one_of(key, texts))) for texts in values.values()]
    parts: list[Term] = [t.chosen(one, t.number(1), t.number(0)) for one in each]
    while len(parts) > 1:  # balanced: engines walk their expressions recursively
        parts = [
            t.plain("plus", *parts[i : i + 2]) if i + 1 < len(parts) else parts[i] for i in range(0, len(parts), 2)
        ]
    return parts[0] if parts else found


def over_rows(rows: Rows, value: Range, function: str, doubt: Doubt) -> tuple[Range, Term]:
    """Min, Max, Sum or Mean of a field over rows; open unless every row is certain and the list complete."""
    found, source = weighed(rows, doubt), rows.source
    against = source.any(found.contradicted)
    number = source.number(found.standing)
    some = t.surely(t.compared("le", t.number(1), number))
    usable = t.conjunction(found.closed, some, t.negation(t.disjunction(against, source.any(found.open))))
    if function in ("Sum", "Mean"):
        doubt(PERHAPS_ONE, t.conjunction(usable, may_be_one(rows, found.standing, number)))
        result = gathered(source, value, found.standing, number, function == "Mean", usable, doubt)
    else:
        result = ends(source, value, found.standing, function == "Max")
    null = t.null(result.kind)
    low, high = t.chosen(usable, result.low, null), t.chosen(usable, result.high, null)
    return Range(low, high), against


def ends(source: Source, value: Range, among: Term, is_greatest: bool) -> Range:
    """The least or the greatest of many partly known values."""
    which = "max" if is_greatest else "min"
    strict, lenient = (value.high, value.low) if is_greatest else (value.low, value.high)
    missing = source.any(t.conjunction(among, t.unknown(strict)))
    sure = t.chosen(missing, t.null(value.kind), source.over(which, strict, among))
    other = source.over(which, lenient, among)
    return Range(other, sure) if is_greatest else Range(sure, other)


def gathered(
    source: Source, value: Range, among: Term, number: Term, is_mean: bool, usable: Term, doubt: Doubt
) -> Range:
    """The sum or the mean of entries, back on the grid of 8 decimals."""

    def end_of(end: Term) -> Term:
        if end.type != "float":
            end = t.plain("float", end, type="float")
        missing = source.any(t.conjunction(among, t.unknown(end)))
        total = t.chosen(missing, t.null("float"), source.over("sum", end, among))
        doubt(NEAR, t.conjunction(usable, source.any(t.conjunction(among, too_large(end)))))
        doubt(NEAR, t.conjunction(usable, too_large(total)))
        total = t.plain("snap", total)
        if not is_mean:
            return total
        quotient = t.plain("over", total, t.plain("float", number, type="float"))
        alone = t.surely(t.compared("eq", number, t.number(1)))
        doubt(NEAR, t.conjunction(usable, t.negation(alone), halfway(quotient, 8, 0.0)))
        return t.plain("snap", quotient)

    low = end_of(value.low)
    return Range(low, low if value.is_plane else end_of(value.high))


def alarming(rows: Rows) -> Term:
    """The entries that an alert is tried on: certain and unconfirmed ones, not those coded as something else."""
    row = rows.source.row
    if not rows.concepts or not isinstance(row, Entry) or roles.CODE not in row.columns:
        return rows.all
    foreign = t.conjunction(t.known(row.code()), t.unknown(row.concept()))
    return t.disjunction(rows.certain, t.conjunction(rows.possible, t.negation(foreign)))


__all__ = ["DENIED", "ENTRY", "MIXED", "Rows", "Weighed", "alarming", "count", "count_distinct", "ends", "enough",
           "exists", "gathered", "may_be_one", "over_rows", "weighed"]  # fmt: skip
