"""The rows of one made-up person as terms: every model of them is a record that could be written down.

A requirement has a few slots. A slot that is here is a certain row with an exact day, none later than the as-of
date and no two of one list on one day: slot 0 is the latest. A list is complete or not, or denied as a whole where
no slot is here. Lists longer than the slots, partial days, doubtful codes and ties are not made up: what is not
found among such people is not thereby shown not to exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import z3

from screening.interpreters import symbolic_table as table
from screening.interpreters.symbolic import Reader, kind_of
from screening.interpreters.symbolic_leaves import every_node, requirement_of, said_in
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
    exact,
    follows,
    number,
    opposite,
)
from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.language.library import AS_OF, DataRequirement, Library
from screening.language.types import ORDERED, Type
from screening.values.bounds import OPEN, Bounds, intersect
from screening.values.coding import Code, Codings

PLACES = 2
_LIFE = 44_000  # days


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


class RowReader(Reader):
    """The same reading with one row in scope: its fields are read anew, names are those of the whole."""

    def __init__(self, outer: Reader, alias: str, row: Slot) -> None:
        self.__dict__.update(outer.__dict__)
        self.outer, self._kept, self.scope = outer, {}, {**outer.scope, alias: row}

    def fresh(self, sort: str = "Real") -> Term:
        """A new term of which nothing is known."""
        return self.outer.fresh(sort)

    def named(self, name: str) -> Symbol:
        """What the library evaluates under a name."""
        return self.outer.named(name)


class Rows:
    """Leaves that are read off the slots of one person."""

    def __init__(self, library: Library, slots: Mapping[str, int] | None = None) -> None:
        self.library, self.slots = library, slots or {}
        self.listed: dict[str, Listed] = {}
        self._said = said_in(library)
        # What is recorded for an age is a day of birth: the type of the rows is that of who takes a value of them.
        self._taken = {requirement_of(node): node.type for node in every_node(library) if isinstance(node, e.Select)}

    # ----------------------------------------------------------------------------- what is asked

    def leaf(self, node: Any, reader: Reader) -> Symbol:
        """What a node says of the slots."""
        match node:
            case e.Field(alias, name, type):
                return _field(reader.scope[alias], name, type)
            case e.Select(source, take, readings, scale, type):
                return self._selected(self._rows(source, reader), take, readings, scale, type)
            case e.DateOf(taken):
                return self._dated(self._rows(taken.source, reader), taken.take, taken.readings)
            case e.Exists(source):
                found = self._rows(source, reader)
                none = opposite(either((*found.sure, *found.maybe)))
                return Rails(either(found.sure), both((none, found.closed)))
            case e.Count(source):
                return _counted(self._rows(source, reader))
            case e.CountDistinct(source, key, cap):
                return _distinct(self._rows(source, reader), key, cap)
            case e.RowValues(source, field_name, function):
                return _over(self._rows(source, reader), field_name, function, node.type)
            case e.Fires(source, alias, condition):
                found = self._rows(source, reader)
                fires = either(
                    both((here, RowReader(reader, alias, slot).truth(condition).met))
                    for here, slot in zip(_any(found), found.listed.slots, strict=True)
                )
                return Rails(fires, opposite(fires))
        raise TypeError(type(node).__name__)

    def conflict(self, place: str) -> Formula:
        """Rows of different days contradict nothing."""
        return False

    def silent(self, node: e.Silence, operand: Rails, reader: Reader) -> Rails:
        """UNKNOWN becomes FALSE where there is no row and no denial at all."""
        found = self._rows(node.source, reader)
        silent = both((table.is_open(operand), opposite(either((*_any(found), found.denied)))))
        return Rails(operand.met, either((operand.unmet, silent)))

    def state(self, node: e.Is, value: Symbol, reader: Reader) -> Formula:
        """`is null`, `is true`, `is false`."""
        if node.state == "null":
            return self.absent(node.operand, value, reader)
        assert isinstance(value, Rails)
        return value.met if node.state == "true" else value.unmet

    def absent(self, node: e.Expression, value: Symbol, reader: Reader) -> Formula:
        """Whether nothing at all is known of a value."""
        match value:
            case Rails():
                return table.is_open(value)
            case Span():
                return both((value.low_open, value.high_open))
        return opposite(either(value.chosen))

    # -------------------------------------------------------------------------------- the rows

    def _rows(self, node: AnyNode, reader: Reader) -> Found:
        match node:
            case e.Retrieve(requirement):
                listed = self.list_of(requirement, reader)
                here = tuple(slot.here for slot in listed.slots)
                never = (False,) * len(here)
                return Found(listed, here, never, opposite(listed.complete), listed.denied)
            case e.Where(source, alias, condition):
                found = self._rows(source, reader)
                said = [RowReader(reader, alias, slot).truth(condition) for slot in found.listed.slots]
                missing = RowReader(reader, alias, self._missing(found.listed, reader)).truth(condition)
                keeps = opposite(missing.unmet)
                opened = [table.is_open(truth) for truth in said]
                return Found(
                    found.listed,
                    tuple(both((sure, truth.met)) for sure, truth in zip(found.sure, said, strict=True)),
                    tuple(
                        either((both((sure, is_open)), both((maybe, opposite(truth.unmet)))))
                        for sure, maybe, truth, is_open in zip(found.sure, found.maybe, said, opened, strict=True)
                    ),
                    both((found.unlisted, keeps)),
                    both((found.denied, keeps)),
                )
        raise TypeError(type(node).__name__)

    def list_of(self, name: str, reader: Reader) -> Listed:
        """What may be written down of a requirement, made once."""
        if name not in self.listed:
            self.listed[name] = self._made(self.library.requirement(name), reader)
        return self.listed[name]

    def kind_of(self, requirement: DataRequirement) -> str:
        """How the ends of its values are written."""
        return kind_of(self._taken.get(requirement.name, requirement.type))

    def field_kind(self, requirement: DataRequirement, name: str) -> str:
        """How the ends of the values of a field are written."""
        return next(kind_of(field.type) for field in requirement.fields if field.name == name)

    def _made(self, requirement: DataRequirement, reader: Reader) -> Listed:
        count = self.slots.get(requirement.name, 2)
        slots = tuple(self._slot(requirement, at, reader) for at in range(count))
        complete, denied = z3.Bool(f"complete {requirement.name}"), z3.Bool(f"denied {requirement.name}")
        # Readings of one day are told apart by their clock times, facts of a list by their days.
        is_measured = requirement.type.name in ORDERED
        for later, earlier in zip(slots, slots[1:], strict=False):
            before = earlier.day.low <= later.day.low if is_measured else earlier.day.low < later.day.low
            reader.facts.append(follows(earlier.here, both((later.here, before))))
        if is_measured:
            reader.facts.append(opposite(denied))
        reader.facts.append(follows(denied, both((opposite(complete), *(opposite(slot.here) for slot in slots)))))
        return Listed(requirement, slots, complete, denied)

    def _slot(self, requirement: DataRequirement, at: int, reader: Reader) -> Slot:
        name = f"{requirement.name} {at}"
        day = z3.ToReal(z3.Int(f"day {name}"))
        as_of = constant(reader.parameters[AS_OF]).high  # type: ignore[arg-type]
        reader.facts.append(both((day <= as_of, day >= as_of - _LIFE)))
        kind = self._taken.get(requirement.name, requirement.type)
        fields = {f.name: self._value(f"{f.name} {name}", f.type, OPEN, f.values, reader) for f in requirement.fields}
        within = intersect(requirement.scale, requirement.plausible) or requirement.scale
        within = within if kind == requirement.type else OPEN
        codes = tuple(sorted(min(concept) for concept in requirement.concepts))
        value = None if kind.name == "Records" else self._value(f"value {name}", kind, within, requirement.codes, reader)
        if isinstance(value, Rails) and requirement.name not in self._taken:
            value = Rails(True, False)  # an entry of a list says that a thing is there
        return Slot(
            z3.Bool(f"here {name}"),
            exact(day),
            value,
            _word(f"code {name}", tuple((code,) for code in codes), reader) if codes else None,
            fields,
        )

    def _value(self, name: str, type: Type, within: Bounds, values: Iterable[Any], reader: Reader) -> Symbol:
        if type.name in ("String", "Code"):
            named = [(value if isinstance(value, Code) else Code("", value),) for value in values]
            return _word(name, tuple(sorted({*named, *(self._said if not named else ())})), reader)
        if type.name not in ORDERED:
            said = z3.Bool(name)
            return Rails(said, opposite(said))
        term = z3.ToReal(z3.Int(name))
        if type.name not in ("Integer", "Date", "DateTime"):
            term = term / number(10**PLACES)
        if within.low is not None:
            reader.facts.append(term >= number(within.low))
        if within.high is not None:
            reader.facts.append(term <= number(within.high))
        if type.name in ("Date", "DateTime"):
            as_of = constant(reader.parameters[AS_OF]).high  # type: ignore[arg-type]
            reader.facts.append(both((term <= as_of + _LIFE, term >= as_of - _LIFE)))
        return exact(term)

    def _missing(self, listed: Listed, reader: Reader) -> Slot:
        """The row that nobody wrote down."""
        last = constant(reader.parameters[AS_OF]).high  # type: ignore[arg-type]
        return Slot(True, Span(last, last, True, False), None, None, {})

    # ------------------------------------------------------------------------------- selection

    def _selected(self, found: Found, take: str, readings: int, scale: Bounds, type: Type) -> Symbol:
        values = [slot.value for slot in found.listed.slots]
        blank = _blank(scale, type, values)
        enough = _many(found.sure, readings)
        if take in ("highest", "lowest"):
            return table.picked(enough, _extreme(found, take), blank)
        order = range(len(values)) if take != "first" else range(len(values) - 1, -1, -1)
        if take == "mean of latest day":
            return self._mean(found, readings, blank)
        result = blank
        # From the far end to the near one: the value of the nearest sure row, with those that may be nearer.
        for at in reversed(order):
            value = values[at]
            assert value is not None
            beyond = table.picked(found.sure[at], value, result)
            nearer = _hulled(value, result)
            sure_behind = either(found.sure[other] for other in order if _behind(order, at, other))
            result = table.picked(both((found.maybe[at], sure_behind)), nearer, beyond)
        return table.picked(enough, result, blank)

    def _mean(self, found: Found, readings: int, blank: Symbol) -> Symbol:
        """The mean of the sure readings of the latest day; a doubtful one of that day or later leaves it blank."""
        slots = found.listed.slots
        result = blank
        for at in reversed(range(len(slots))):
            day = slots[at].day.low
            same_day = [both((sure, slots[other].day.low == day)) for other, sure in enumerate(found.sure)]
            doubt = either(both((maybe, slots[other].day.low >= day)) for other, maybe in enumerate(found.maybe))
            enough = both((opposite(doubt), _many(tuple(same_day), readings)))
            values = [slot.value for slot in slots]
            term = _average(same_day, [value for value in values if isinstance(value, Span)])
            taken = table.picked(enough, exact(term), blank)
            result = table.picked(found.sure[at], taken, result)
        return result

    def _dated(self, found: Found, take: str, readings: int) -> Span:
        listed = found.listed
        slots = tuple(slot._replace(value=slot.day) for slot in listed.slots)
        if take in ("highest", "lowest"):
            raise TypeError("date of an extreme")
        of_days = found._replace(listed=listed._replace(slots=slots))
        taken = self._selected(of_days, take, readings, OPEN, Type("Date"))
        assert isinstance(taken, Span)
        return taken


def _any(found: Found) -> tuple[Formula, ...]:
    return tuple(either(pair) for pair in zip(found.sure, found.maybe, strict=True))


def _behind(order: range, at: int, other: int) -> bool:
    return order.index(other) > order.index(at)


def _word(name: str, among: tuple[Codings, ...], reader: Reader) -> Words:
    chosen_one = tuple(z3.Bool(f"{name} is {at}") for at in range(len(among)))
    if chosen_one:
        reader.facts += [z3.AtMost(*chosen_one, 1), z3.Or(*chosen_one)]
    return Words(among, chosen_one)


def _field(row: Slot, name: str, type: Type) -> Symbol:
    found: Symbol | None = row.day if name == "date" else row.codes if name == "code" else row.fields.get(name)
    if name == "value":
        found = row.value
    return _blank(OPEN, type, ()) if found is None else found


def _blank(scale: Bounds, type: Type, values: Iterable[Symbol | None]) -> Symbol:
    """What nothing known is."""
    if type.name in ORDERED:
        return constant(scale)
    if type.name in ("String", "Code"):
        among = next((value.among for value in values if isinstance(value, Words)), ())
        return Words(among, (False,) * len(among))
    return Rails(False, False)


def _many(formulas: tuple[Formula, ...], least: int) -> Formula:
    if least <= 1:
        return either(formulas)
    return z3.Sum([table.one_if(formula) for formula in formulas]) >= least


def _hulled(a: Symbol, b: Symbol) -> Symbol:
    """What is known of a value that is one of two."""
    if isinstance(a, Span) and isinstance(b, Span):
        return table.enclosing((a, b))
    if isinstance(a, Rails) and isinstance(b, Rails):
        return Rails(both((a.met, b.met)), both((a.unmet, b.unmet)))
    assert isinstance(a, Words) and isinstance(b, Words)  # noqa: PT018
    return Words(a.among, tuple(both(pair) for pair in zip(a.chosen, b.chosen, strict=True)))


def _extreme(found: Found, take: str) -> Span:
    """Highest: from the greatest of the sure rows to the greatest of all; lowest mirrored."""
    ends: list[Span] = []
    for here in (found.sure, _any(found)):
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


def _counted(found: Found) -> Span:
    low = z3.Sum([number(0), *map(table.one_if, found.sure)])
    high = z3.Sum([number(0), *map(table.one_if, _any(found))])
    return Span(low, high, False, opposite(found.closed))


def _distinct(found: Found, key: str, cap: int | None) -> Span:
    keys = [_field(slot, key, Type("Code")) for slot in found.listed.slots]
    low, high = (_different(here, keys) for here in (found.sure, _any(found)))
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
    assert isinstance(a, Words) and isinstance(b, Words)  # noqa: PT018
    return either(both(pair) for pair in zip(a.chosen, b.chosen, strict=True))


def _over(found: Found, field_name: str, function: str, type: Type) -> Span:
    """Min, Max, Sum and Mean over rows: open unless every row is sure and the list closed."""
    values = [_field(slot, field_name, type) for slot in found.listed.slots]
    spans = [value for value in values if isinstance(value, Span)]
    settled = both((found.closed, opposite(either(found.maybe)), either(found.sure)))
    match function:
        case "Sum":
            term = _summed(found.sure, spans)
        case "Mean":
            term = _average(found.sure, spans)
        case _:
            of_values = found._replace(
                listed=found.listed._replace(
                    slots=tuple(s._replace(value=v) for s, v in zip(found.listed.slots, spans, strict=True))
                )
            )
            term = _extreme(of_values, "lowest" if function == "Min" else "highest").low
    return Span(term, term, opposite(settled), opposite(settled))


def _summed(here: Sequence[Formula], values: Sequence[Span]) -> Term:
    return z3.Sum([number(0), *(z3.If(_z3(one), v.low, number(0)) for one, v in zip(here, values, strict=True))])


def _average(here: Sequence[Formula], values: Sequence[Span]) -> Term:
    """The mean of those that are here, of which there is at least one; rounding is left to the law."""
    total, term = _summed(here, values), _summed(here, values)
    count = z3.Sum([number(0), *map(table.one_if, here)])
    for many in range(2, len(values) + 1):
        term = z3.If(count == many, total / many, term)
    return term


def _z3(formula: Formula) -> Any:
    return z3.BoolVal(formula) if isinstance(formula, bool) else formula
