"""Rows of one made-up person as terms: what a query keeps of them, how many, how many different."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import z3

from screening.interpreters import symbolic_table as table
from screening.interpreters.symbolic_term import (
    Formula,
    Rails,
    Span,
    Symbol,
    Term,
    Words,
    both,
    chosen,
    constant,
    either,
    number,
    opposite,
)
from screening.language.library import DataRequirement
from screening.language.types import ORDERED, Type
from screening.values.bounds import OPEN, Bounds


class Slot(NamedTuple):
    """One row that may be there: its day, its value, its codes, its named fields."""

    here: Formula
    day: Span
    value: Symbol | None
    codes: Words | None
    fields: Mapping[str, Symbol]


class Listed(NamedTuple):
    """All that may be written down of one requirement."""

    requirement: DataRequirement
    slots: tuple[Slot, ...]
    complete: Formula
    denied: Formula


class Found(NamedTuple):
    """The rows of a query: surely, perhaps; whether a row may be missing; whether it is denied as a whole."""

    listed: Listed
    sure: tuple[Formula, ...]
    maybe: tuple[Formula, ...]
    unlisted: Formula
    denied: Formula

    @property
    def closed(self) -> Formula:
        return either((opposite(self.unlisted), both((self.denied, opposite(either((*self.sure, *self.maybe)))))))


def anyway(found: Found) -> tuple[Formula, ...]:
    return tuple(either(pair) for pair in zip(found.sure, found.maybe, strict=True))


def is_behind(order: range, at: int, other: int) -> bool:
    return order.index(other) > order.index(at)


def field_of(row: Slot, name: str, type: Type) -> Symbol:
    found: Symbol | None = row.day if name == "date" else row.codes if name == "code" else row.fields.get(name)
    if name == "value":
        found = row.value
    return blank(OPEN, type, ()) if found is None else found


def blank(scale: Bounds, type: Type, values: Iterable[Symbol | None]) -> Symbol:
    """What nothing known is."""
    if type.name in ORDERED:
        return constant(scale)
    if type.name in ("String", "Code"):
        among = next((value.among for value in values if isinstance(value, Words)), ())
        return Words(among, (False,) * len(among))
    return Rails(False, False)


def at_least(formulas: tuple[Formula, ...], least: int) -> Formula:
    if least <= 1:
        return either(formulas)
    return z3.Sum([table.one_if(formula) for formula in formulas]) >= least


def hulled(a: Symbol, b: Symbol) -> Symbol:
    """What is known of a value that is one of two."""
    if isinstance(a, Span) and isinstance(b, Span):
        return table.enclosing((a, b))
    if isinstance(a, Rails) and isinstance(b, Rails):
        return Rails(both((a.met, b.met)), both((a.unmet, b.unmet)))
    assert isinstance(a, Words)
    assert isinstance(b, Words)
    return table.agreed_word(a, b)


def extreme(found: Found, take: str) -> Span:
    """Highest: from the greatest of the sure rows to the greatest of all; lowest mirrored."""
    ends: list[Span] = []
    for here in (found.sure, anyway(found)):
        best: Span | None = None
        seen: Formula = False
        for is_here, slot in zip(here, found.listed.slots, strict=True):
            assert isinstance(slot.value, Span)
            pair = (best, slot.value) if best is not None else (slot.value, slot.value)
            further = table.greatest(pair) if take == "highest" else table.least(pair)
            kept = table.picked(seen, further, slot.value)
            best = kept if best is None else table.picked(is_here, kept, best)  # type: ignore[assignment]
            seen = either((seen, is_here))
        assert best is not None
        ends.append(best)
    sure, every = ends
    low, high = (sure.low, every.high) if take == "highest" else (every.low, sure.high)
    return Span(low, high, False, False)


# ------------------------------------------------------------------------- counting and gathering


def counted(found: Found) -> Span:
    low = z3.Sum([number(0), *map(table.one_if, found.sure)])
    high = z3.Sum([number(0), *map(table.one_if, anyway(found))])
    return Span(low, high, False, opposite(found.closed))


def distinct(found: Found, key: str, cap: int | None) -> Span:
    keys = [field_of(slot, key, Type("Code")) for slot in found.listed.slots]
    low, high = (_different(here, keys) for here in (found.sure, anyway(found)))
    is_open = opposite(found.closed)
    if cap is not None:
        high = chosen(is_open, number(cap), z3.If(high <= cap, high, number(cap)))
        return Span(low, z3.If(high >= low, high, low), False, False)
    return Span(low, high, False, is_open)


def _different(here: tuple[Formula, ...], keys: list[Symbol]) -> Term:
    """How many different keys the rows that are here have: those that no row before them has."""
    counted = []
    for at, key in enumerate(keys):
        again = [both((here[before], _is_same(keys[before], key))) for before in range(at)]
        counted.append(table.one_if(both((here[at], opposite(either(again))))))
    return z3.Sum([number(0), *counted])


def _is_same(a: Symbol, b: Symbol) -> Formula:
    if isinstance(a, Span) and isinstance(b, Span):
        return a.low == b.low
    if isinstance(a, Rails) and isinstance(b, Rails):
        return table.alike(a, b).met
    assert isinstance(a, Words)
    assert isinstance(b, Words)
    return either(both(pair) for pair in zip(a.chosen, b.chosen, strict=True))


def gathered(found: Found, field_name: str, function: str, type: Type) -> Span:
    """Min, Max, Sum and Mean over rows: open unless every row is sure and the list closed."""
    values = [field_of(slot, field_name, type) for slot in found.listed.slots]
    spans = [value for value in values if isinstance(value, Span)]
    settled = both((found.closed, opposite(either(found.maybe)), either(found.sure)))
    match function:
        case "Sum":
            term = _summed(found.sure, spans)
        case "Mean":
            term = average(found.sure, spans)
        case _:
            of_values = found._replace(
                listed=found.listed._replace(
                    slots=tuple(s._replace(value=v) for s, v in zip(found.listed.slots, spans, strict=True))
                )
            )
            term = extreme(of_values, "lowest" if function == "Min" else "highest").low
    return Span(term, term, opposite(settled), opposite(settled))


def _summed(here: Sequence[Formula], values: Sequence[Span]) -> Term:
    return z3.Sum([number(0), *(z3.If(_z3(one), v.low, number(0)) for one, v in zip(here, values, strict=True))])


def average(here: Sequence[Formula], values: Sequence[Span]) -> Term:
    """The mean of those that are here, of which there is at least one; rounding is left to the law."""
    total, term = _summed(here, values), _summed(here, values)
    count = z3.Sum([number(0), *map(table.one_if, here)])
    for many in range(2, len(values) + 1):
        term = z3.If(count == many, total / many, term)
    return term


def _z3(formula: Formula) -> Any:
    return z3.BoolVal(formula) if isinstance(formula, bool) else formula
