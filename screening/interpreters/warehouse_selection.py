"""The one value that a selection takes out of a list, in columns: the latest, the highest, the mean of a day.

First the day (and clock time) of the certain row that comes last is found, then the rows that none surely follows,
then what those say together: three passes over the entries, each an aggregate of the one before.
"""

from __future__ import annotations

from screening.interpreters import warehouse_term as t
from screening.interpreters.warehouse_day import ordinal
from screening.interpreters.warehouse_rows import SYSTEMS, Rows, ends, enough, gathered
from screening.interpreters.warehouse_source import CellSource, Entry
from screening.interpreters.warehouse_term import NO, YES, Term
from screening.interpreters.warehouse_value import Doubt, Range, Value, within
from screening.language.types import Type
from screening.record import tables as roles
from screening.values.frozen import dataclass

_CLOCKS = 1 << 20  # more than there are clock times in a list


@dataclass(frozen=True, slots=True)
class Taken:
    """What a selection says: its value, and whether two certain candidates contradict each other."""

    value: Value
    conflict: Term


def _set_aside(rows: Rows) -> Term:
    row = rows.source.row
    return row.role(roles.SET_ASIDE, "bool", NO) if isinstance(row, Entry) else NO


def _wanted(rows: Rows, readings: int, doubt: Doubt) -> Term:
    """Whether there are certain rows, and as many as are wanted."""
    some = rows.source.any(rows.certain)
    return some if readings < 2 else enough(rows, rows.certain, readings, doubt)


def select(rows: Rows, take: str, readings: int, blank: Value, type: Type, doubt: Doubt) -> Taken:
    """One value out of the rows; `blank` is what is known when nothing is."""
    source = rows.source
    value = source.row.value(type)
    if isinstance(source, CellSource):
        usable = t.surely(rows.certain) if readings < 2 else NO
        if isinstance(value, Range):
            # What is not there has no value: a certain cell needs no further condition.
            whole = rows.certain is source.certain and rows.certain.op == "known" and readings < 2
            held = t.chosen(usable, value.low, t.null(value.kind))
            found = value if whole else Range(held, held)
            return Taken(within(found, blank) if isinstance(blank, Range) else found, NO)
        return Taken(t.chosen(usable, value, t.null(value.type)), NO)
    usable = _wanted(rows, readings, doubt)
    if isinstance(value, Range):
        assert isinstance(blank, Range)
        if take == "mean of latest day":
            taken = Taken(_mean_of_latest_day(rows, value, readings, usable, doubt), NO)
        elif take in ("highest", "lowest"):
            taken = Taken(_extreme(rows, value, take), NO)
        else:
            taken = _hull(rows, value, candidates(rows, take))
        assert isinstance(taken.value, Range)
        found = taken.value
        # A value taken lies in its scale too; where none is taken, the scale is what is known.
        low, high = (t.chosen(usable, end, t.null(found.kind)) for end in (found.low, found.high))
        bare = Range(low, high)
        return Taken(within(bare, blank), t.conjunction(usable, taken.conflict))
    among = candidates(rows, take)
    unusable = source.any(t.conjunction(among, _set_aside(rows)))
    usable = t.conjunction(usable, t.negation(unusable))
    alike = _one_text if value.type == "text" else _one_truth
    found_one, conflict = alike(rows, value, among, type, doubt)
    return Taken(t.chosen(usable, found_one, t.null(value.type)), t.conjunction(usable, conflict))


def candidates(rows: Rows, take: str) -> Term:
    """The rows that may be the latest (or the first): those that no certain row surely follows (precedes)."""
    source, when, row = rows.source, rows.source.row.when, rows.source.row
    first = take == "first"
    if t.is_null(when.low) or t.is_null(when.high):
        return rows.all
    if not isinstance(row, Entry) or roles.CLOCK not in row.columns:
        if first:
            edge = source.over("min", when.high, rows.certain)
            out = t.surely(t.compared("lt", edge, when.low))
        else:
            edge = source.over("max", when.low, rows.certain)
            out = t.surely(t.compared("lt", when.high, edge))
        return t.conjunction(rows.all, t.negation(out))
    # Day and clock time as one number: of rows of one exact day the clock decides, where both have one.
    exact = t.surely(t.compared("eq", when.low, when.high))
    ticks = row.role(roles.CLOCK, "int", t.number(0))
    timed = t.conjunction(exact, t.compared("lt", t.number(0), ticks))
    day_of, limit = (when.high, "min") if first else (when.low, "max")
    other = t.number(_CLOCKS - 1 if first else 0)
    instant = t.plain("plus", _days(day_of), t.chosen(timed, ticks, other))
    edge = source.over(limit, instant, rows.certain)
    own = t.plain("plus", _days(when.low), ticks)
    if first:
        out = t.disjunction(
            t.surely(t.compared("lt", edge, _days(when.low))),
            t.conjunction(timed, t.surely(t.compared("lt", edge, own))),
        )
        # Of that day, a row without a clock keeps every other one.
    else:
        after = t.plain("plus", _days(when.high), t.number(_CLOCKS))
        out = t.disjunction(
            t.surely(t.compared("le", after, edge)),
            t.conjunction(timed, t.surely(t.compared("lt", own, edge))),
        )
    return t.conjunction(rows.all, t.negation(out))


def _days(day: Term) -> Term:
    return t.plain("times", ordinal(day), t.literal(_CLOCKS, "int"))


def _hull(rows: Rows, value: Range, among: Term) -> Taken:
    source = rows.source
    unusable = source.any(t.conjunction(among, _set_aside(rows)))
    null = t.null(value.kind)

    def end(term: Term, which: str) -> Term:
        missing = t.disjunction(unusable, source.any(t.conjunction(among, t.unknown(term))))
        return t.chosen(missing, null, source.over(which, term, among))

    sure = t.conjunction(rows.certain, among)
    lows, highs = source.over("max", value.low, sure), source.over("min", value.high, sure)
    conflict = t.conjunction(t.negation(unusable), t.surely(t.compared("lt", highs, lows)))
    return Taken(Range(end(value.low, "min"), end(value.high, "max")), conflict)


def _one_truth(rows: Rows, value: Term, among: Term, type: Type, doubt: Doubt) -> tuple[Term, Term]:
    """What all candidates say, and whether certain ones say yes and no."""
    source = rows.source
    yes, no = t.surely(value), t.surely(t.negation(value))
    met, failed = (source.any(t.conjunction(among, x)) for x in (yes, no))
    open_ = source.any(t.conjunction(among, t.unknown(value)))
    found = t.cases(
        (t.disjunction(open_, t.conjunction(met, failed)), t.null("bool")), (met, YES), (failed, NO),
        otherwise=t.null("bool"),
    )  # fmt: skip
    both = t.conjunction(*(source.any(t.conjunction(rows.certain, among, x)) for x in (yes, no)))
    return found, both


def _one_text(rows: Rows, value: Term, among: Term, type: Type, doubt: Doubt) -> tuple[Term, Term]:
    source = rows.source
    first, last = (source.over(which, value, among) for which in ("min", "max"))
    open_ = source.any(t.conjunction(among, t.unknown(value)))
    alike = t.conjunction(t.negation(open_), t.surely(t.compared("eq", first, last)))
    sure = t.conjunction(rows.certain, among)
    least, most = (source.over(which, value, sure) for which in ("min", "max"))
    different = t.negation(t.same(least, most))
    if type.name == "Code":
        systems = (t.plain("system", x, type="text") for x in (least, most))
        doubt(SYSTEMS, t.conjunction(different, t.negation(t.same(*systems))))
    return t.chosen(alike, first, t.null("text")), different


def _extreme(rows: Rows, value: Range, take: str) -> Range:
    """Highest: the greatest low of the certain rows .. the greatest high of all; lowest mirrored."""
    source = rows.source
    unusable = source.any(t.conjunction(rows.all, _set_aside(rows)))
    null = t.null(value.kind)
    if take == "highest":
        low, high = source.over("max", value.low, rows.certain), ends(source, value, rows.all, True).high
    else:
        low, high = ends(source, value, rows.all, False).low, source.over("min", value.high, rows.certain)
    return Range(t.chosen(unusable, null, low), t.chosen(unusable, null, high))


def _may_be_extreme(rows: Rows, value: Range, take: str) -> Term:
    source = rows.source
    if take == "highest":
        edge, end = source.over("max", value.low, rows.certain), value.high
        out = t.surely(t.compared("lt", end, edge))
    else:
        edge, end = source.over("min", value.high, rows.certain), value.low
        out = t.surely(t.compared("lt", edge, end))
    out = t.conjunction(out, t.negation(_set_aside(rows)))
    return t.conjunction(rows.all, t.negation(out))


def _alone(rows: Rows) -> Term:
    one = t.number(1)
    numbers = [rows.source.number(x) for x in (rows.certain, rows.all)]
    return t.conjunction(*(t.surely(t.compared("eq", n, one)) for n in numbers))


def _latest_day(rows: Rows) -> tuple[Term, Term]:
    """The certain rows of the latest exact day, and whether anything puts that day in doubt."""
    source, when = rows.source, rows.source.row.when
    exact = t.surely(t.compared("eq", when.low, when.high))
    day = source.over("max", when.low, t.conjunction(rows.certain, exact))
    taken = t.conjunction(rows.certain, exact, t.surely(t.compared("eq", when.low, day)))
    reaching = t.perhaps(t.compared("le", day, when.high))
    doubtful = source.any(t.conjunction(rows.all, t.negation(taken), reaching))
    return taken, t.disjunction(t.unknown(day), doubtful)


def _mean_of_latest_day(rows: Rows, value: Range, readings: int, usable: Term, doubt: Doubt) -> Range:
    taken, doubtful = _latest_day(rows)
    settled = t.conjunction(usable, t.negation(doubtful))
    if readings > 1:
        settled = t.conjunction(settled, enough(rows, taken, readings, doubt))
    number = rows.source.number(taken)
    mean = gathered(rows.source, value, taken, number, True, settled, doubt)
    null = t.null(mean.kind)
    low, high = (t.chosen(settled, end, null) for end in (mean.low, mean.high))
    found = Range(low, high)
    if readings > 1:
        return found
    alone = _alone(rows)
    single = gathered(rows.source, value, rows.certain, t.number(1), False, alone, doubt)
    return Range(t.chosen(alone, single.low, found.low), t.chosen(alone, single.high, found.high))


def date_of(rows: Rows, take: str, readings: int, type: Type, doubt: Doubt) -> Range:
    """The days of the evidence that the selection takes; open if it takes none."""
    source, when = rows.source, rows.source.row.when
    usable = _wanted(rows, readings, doubt)
    value = source.row.value(type)
    if take == "mean of latest day":
        among, doubtful = _latest_day(rows)
        settled = t.negation(doubtful)
        if readings > 1:
            settled = t.conjunction(settled, enough(rows, among, readings, doubt))
        alone = _alone(rows)
        among = t.disjunction(among, t.conjunction(alone, rows.certain))
        usable = t.conjunction(usable, t.disjunction(settled, alone))
    elif take in ("highest", "lowest") and isinstance(value, Range):
        among = _may_be_extreme(rows, value, take)
    else:
        among = candidates(rows, take)

    def end(term: Term, which: str) -> Term:
        missing = source.any(t.conjunction(among, t.unknown(term)))
        return t.chosen(
            t.conjunction(usable, t.negation(missing)), source.over(which, term, among), t.null("date")
        )

    return Range(end(when.low, "min"), end(when.high, "max"))
