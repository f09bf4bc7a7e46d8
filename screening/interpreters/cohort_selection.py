"""The one value that a selection takes out of rows in columns: latest, first, highest, lowest, mean of a day."""

from __future__ import annotations

import polars as pl

from screening.interpreters.cohort_number import exact_mean, within
from screening.interpreters.cohort_rows import MAY_BE_ONE, Listed, Rows, least_rows, plain
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
from screening.interpreters.cohort_value import UNKNOWN, Doubt, Ordered, end_column, ends
from screening.interpreters.cohort_word import NOTHING, Word, full
from screening.values import bounds
from screening.values.bounds import Bounds
from screening.values.frozen import dataclass

SEVERAL = "several codings of several systems among readings of one time"
Value = Known | Ordered | Word


@dataclass(frozen=True, slots=True)
class Taken:
    """What a selection says: its value, and whether readings contradict each other."""

    value: Value
    conflict: Plain = False


@dataclass(frozen=True, slots=True)
class _Candidates:
    """The rows that a selection may take, where it takes any."""

    rows: Rows
    which: Plain
    sure: Plain
    usable: Plain


def select(listed: Listed, value: Value, take: str, readings: int, scale: Bounds, doubt: Doubt) -> Taken:
    """One value out of the rows; the scale, no coding or UNKNOWN where none is known."""
    # SPEC: semantics 5.6.
    blank: Value = scale_of(scale) if isinstance(value, Ordered) else NOTHING if isinstance(value, Word) else None
    if listed.rows is None:
        return Taken(blank)
    enough = _enough(listed, readings, doubt)
    if enough is False:
        return Taken(blank)
    if take == "mean of latest day":
        assert isinstance(value, Ordered)
        return Taken(_mean(listed, value, readings, scale, enough, doubt))
    if take in ("highest", "lowest"):
        assert isinstance(value, Ordered)
        return Taken(_extreme(listed, value, take, scale, enough))
    found = _candidates(listed, take, enough)
    match value:
        case Ordered():
            return _hull(found, value, scale)
        case Word():
            return _word(found, value, doubt)
    return _truth(found, value)


def scale_of(scale: Bounds) -> Ordered:
    """What is known of a value of which nothing is recorded."""
    return UNKNOWN if bounds.is_open(scale) else Ordered(scale.low, scale.high)


def _enough(listed: Listed, readings: int, doubt: Doubt) -> Plain:
    """Whether there is a certain row, and as many as are wanted."""
    rows = listed.rows
    assert rows is not None
    if readings == 1:
        return rows.some(listed.sure)
    return _many(listed, listed.sure, readings, doubt)


def _many(listed: Listed, which: Plain, readings: int, doubt: Doubt) -> Plain:
    least, most = least_rows(listed, which)
    if isinstance(most, int):
        return most >= readings
    met = end_column(least) >= readings
    if least is not most:
        doubt(MAY_BE_ONE, ~met & (most >= readings))
    return met


# -------------------------------------------------------------------------------- latest and first


def _candidates(listed: Listed, take: str, enough: Plain) -> _Candidates:
    """The rows that no certain row surely follows (precedes)."""
    rows, first = listed.rows, take == "first"
    assert rows is not None
    low, high = listed.days.when.low, listed.days.when.high
    which: Known = listed.either
    if isinstance(low, pl.Expr) and isinstance(high, pl.Expr):
        # What surely follows a row begins after it ends: the last to begin of the certain rows tells.
        near, far = (high, low) if first else (low, high)
        limit = rows.beside(near, listed.sure, least=first)
        reaches = (far <= limit) if first else (far >= limit)
        which = conjoined((which, reaches.fill_null(True)))
        clock = listed.days.clock
        if clock is not None:
            clock = rows.keep(pl.when(clock > 0).then(clock))
            timed = ((low == high) & (low == limit)).fill_null(False)
            edge = rows.beside(clock, plain(conjoined((listed.sure, timed))), least=first)
            passed = (clock > edge) if first else (clock < edge)
            which = conjoined((which, ~(timed & passed.fill_null(False))))
    kept = rows.keep(column(which)) if isinstance(which, pl.Expr) else plain(which)
    unusable = rows.some(plain(conjoined((kept, listed.set_aside))))
    return _Candidates(
        rows, kept, plain(conjoined((kept, listed.sure))), plain(conjoined((enough, negated(unusable))))
    )


def _hull(found: _Candidates, value: Ordered, scale: Bounds) -> Taken:
    rows, (low, high) = found.rows, ends(value)
    least, most = rows.least(low, found.which), rows.most(high, found.which)
    if low is high:
        # INVARIANT: a single reading that is not known is open; several are as open as one of them.
        open_low = open_high = column(rows.some(plain(conjoined((found.which, low.is_null())))))
    else:
        open_low, open_high = (
            column(rows.some(plain(conjoined((found.which, end.is_null()))))) for end in (low, high)
        )
    known = column(found.usable)
    inner = within(Ordered(pl.when(~open_low).then(least), pl.when(~open_high).then(most), value.computed), scale)
    planes = []
    for end, blank in zip(ends(inner), scale, strict=True):
        chosen = pl.when(known).then(end)
        planes.append(chosen if blank is None else chosen.otherwise(end_column(blank)))
    conflict = (rows.most(low, found.sure) > rows.least(high, found.sure)).fill_null(False)
    return Taken(Ordered(planes[0], planes[1], value.computed), plain(conjoined((found.usable, conflict))))


def _truth(found: _Candidates, value: Known) -> Taken:
    rows = found.rows

    def seen(what: Plain, among: Plain) -> Plain:
        return rows.some(plain(conjoined((among, what))))

    met, unmet = (seen(of, found.which) for of in (is_true(value), is_false(value)))
    blurred = seen(is_open(value), found.which)
    sure = conjoined((found.usable, negated(blurred)))
    conflict = conjoined((found.usable, seen(is_true(value), found.sure), seen(is_false(value), found.sure)))
    # Both, or neither, is not known.
    truth = pl.when(column(conjoined((sure, met, negated(unmet))))).then(True)
    return Taken(truth.when(column(conjoined((sure, unmet, negated(met))))).then(False), plain(conflict))


def _word(found: _Candidates, value: Word, doubt: Doubt) -> Taken:
    rows, word = found.rows, value.word if isinstance(value.word, pl.Expr) else full(value)
    first, last = rows.least(word, found.which), rows.most(word, found.which)
    blurred = rows.some(plain(conjoined((found.which, word.is_null()))))
    same = conjoined((found.usable, negated(blurred), (first == last).fill_null(False)))
    chosen = Word(pl.when(column(same)).then(first), value.is_plain)
    least, most = rows.least(word, found.sure), rows.most(word, found.sure)
    differ = (least != most).fill_null(False)
    if value.is_plain:
        return Taken(chosen, plain(conjoined((found.usable, differ))))
    system = rows.keep(word.str.extract(r"^([^|]*)\|"))
    one = (rows.least(system, found.sure) == rows.most(system, found.sure)).fill_null(False)
    doubt(SEVERAL, differ & ~one & (rows.different(word, found.sure) > 2))
    return Taken(chosen, plain(conjoined((found.usable, differ & one))))


# -------------------------------------------------------------------------- highest, lowest, mean


def _extreme(listed: Listed, value: Ordered, take: str, scale: Bounds, enough: Plain) -> Ordered:
    """Highest: the greatest low of the certain rows .. the greatest high of all; lowest mirrored."""
    rows, (low, high) = listed.rows, ends(value)
    assert rows is not None
    either, sure = listed.either, listed.sure
    unusable = rows.some(plain(conjoined((either, listed.set_aside))))
    if take == "highest":
        is_blurred = column(rows.some(plain(conjoined((either, high.is_null())))))
        planes = [rows.most(low, sure), pl.when(~is_blurred).then(rows.most(high, either))]
    else:
        is_blurred = column(rows.some(plain(conjoined((either, low.is_null())))))
        planes = [pl.when(~is_blurred).then(rows.least(low, either)), rows.least(high, sure)]
    known = column(conjoined((enough, negated(unusable))))
    inner = within(Ordered(planes[0], planes[1], value.computed), scale)
    made = []
    for end, blank in zip(ends(inner), scale, strict=True):
        chosen = pl.when(known).then(end)
        made.append(chosen if blank is None else chosen.otherwise(end_column(blank)))
    return Ordered(made[0], made[1], value.computed)


@dataclass(frozen=True, slots=True)
class _Day:
    """The latest exact day of certain rows: which rows are of it, and whether it is known to be the latest."""

    day: pl.Expr
    taken: Plain
    clear: Plain


def _latest_day(listed: Listed) -> _Day | None:
    rows, when = listed.rows, listed.days.when
    assert rows is not None
    if not (isinstance(when.low, pl.Expr) and isinstance(when.high, pl.Expr)):
        return None
    exact = rows.keep(pl.when(when.low == when.high).then(when.low))
    beside = rows.beside(exact, listed.sure)
    of_day = rows.keep(((exact == beside).fill_null(False)) & column(listed.sure))
    reaching = when.high.is_null() | (when.high >= beside).fill_null(False)
    doubtful = rows.some(plain(conjoined((listed.either, ~of_day, reaching))))
    day = rows.most(exact, listed.sure)
    return _Day(day, of_day, plain(conjoined((day.is_not_null(), negated(doubtful)))))


def _only(listed: Listed, readings: int) -> Plain:
    """Whether there is one certain row and nothing else, which is then taken whatever its day."""
    rows = listed.rows
    assert rows is not None
    if readings > 1:
        return False
    return plain(conjoined((end_column(rows.total(listed.sure)) == 1, negated(rows.some(listed.maybe)))))


def _mean(listed: Listed, value: Ordered, readings: int, scale: Bounds, enough: Plain, doubt: Doubt) -> Ordered:
    """The mean of the certain readings of the latest day; any doubt about that day leaves it blank."""
    rows, (low, high) = listed.rows, ends(value)
    assert rows is not None
    only, found = _only(listed, readings), _latest_day(listed)
    one: list[pl.Expr] = [
        exact_mean(pl.when(column(only)).then(rows.most(end, listed.sure)), pl.lit(1), doubt)
        for end in (low, high)
    ]
    known: Plain = plain(conjoined((enough, only)))
    planes = one
    if found is not None:
        clear = conjoined((enough, found.clear))
        if readings > 1:
            # Whether there are enough readings is only asked where the day is clear.
            def on_a_clear_day(why: str, of: Plain) -> None:
                doubt(why, plain(conjoined((found.clear, of))))

            clear = conjoined((clear, _many(listed, found.taken, readings, on_a_clear_day)))
        number = end_column(rows.total(found.taken))
        totals = []
        for end in (low, high):
            is_blurred = column(rows.some(plain(conjoined((found.taken, end.is_null())))))
            taken = pl.when(column(clear) & ~is_blurred & (number > 0)).then(rows.sum(end, found.taken))
            totals.append(exact_mean(taken, number, doubt))
        planes = [pl.when(column(only)).then(a).otherwise(b) for a, b in zip(one, totals, strict=True)]
        known = plain(disjoined((known, clear)))
    inner = within(Ordered(planes[0], planes[1], value.computed), scale)
    made = []
    for end, blank in zip(ends(inner), scale, strict=True):
        chosen = pl.when(column(known)).then(end)
        made.append(chosen if blank is None else chosen.otherwise(end_column(blank)))
    return Ordered(made[0], made[1], value.computed)


# ------------------------------------------------------------------------------------------- dates


def date_of(listed: Listed, value: Value, take: str, readings: int, doubt: Doubt) -> Ordered:
    """The days of the evidence that the selection takes; open if it takes none."""
    rows = listed.rows
    if rows is None:
        return UNKNOWN
    enough = _enough(listed, readings, doubt)
    low, high = ends(listed.days.when)
    which: Plain
    only = _only(listed, 1)
    match take:
        case "highest" | "lowest":
            assert isinstance(value, Ordered)
            bottom, top = ends(value)
            near, far = (bottom, top) if take == "highest" else (top, bottom)
            limit = rows.beside(near, listed.sure, least=take == "lowest")
            reaches = (far >= limit) if take == "highest" else (far <= limit)
            may = plain(disjoined((listed.set_aside, reaches.fill_null(True))))
            which = rows.keep(column(conjoined((listed.either, may))))
        case "mean of latest day":
            found = _latest_day(listed)
            if found is None:
                return UNKNOWN
            clear = conjoined((enough, found.clear))
            if readings > 1:
                clear = conjoined((clear, _many(listed, found.taken, readings, doubt)))
            alone = column(conjoined((enough, only)))
            planes = [
                pl.when(column(clear)).then(found.day).when(alone).then(rows.most(end, listed.sure))
                for end in (low, high)
            ]
            return Ordered(planes[0], planes[1])
        case _:
            which = _candidates(listed, take, enough).which
    made = []
    for end, reduced in ((low, rows.least(low, which)), (high, rows.most(high, which))):
        is_blurred = column(rows.some(plain(conjoined((which, end.is_null())))))
        made.append(pl.when(column(enough) & ~is_blurred).then(reduced))
    return Ordered(made[0], made[1])


def silent(truth: Known, recorded: Plain) -> Known:
    """An UNKNOWN of which nothing at all is recorded, read as no."""
    if recorded is True:
        return truth
    read = column(conjoined((is_open(truth), negated(recorded))))
    return pl.when(read).then(False).otherwise(column(truth))


__all__ = ["Taken", "Value", "date_of", "scale_of", "select", "silent"]
