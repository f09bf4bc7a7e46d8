"""The rows of one made-up person as terms: every model of them is a record that could be written down.

A requirement has a few slots. A slot that is here is a certain row with an exact day, none later than the as-of
date and no two of one list on one day: slot 0 is the latest. A list is complete or not, or denied as a whole where
no slot is here. Lists longer than the slots, partial days, doubtful codes, several codings and ties are not made
up: what is not found among such people is not thereby shown not to exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

import z3

from screening.interpreters import symbolic_table as table
from screening.interpreters.symbolic import Reading
from screening.interpreters.symbolic_leaves import every_node, requirement_of, said_in
from screening.interpreters.symbolic_list import (
    Found,
    Listed,
    Slot,
    anyway,
    at_least,
    average,
    blank,
    counted,
    distinct,
    extreme,
    field_of,
    gathered,
    hulled,
    is_behind,
)
from screening.interpreters.symbolic_table import kind_of
from screening.interpreters.symbolic_term import (
    Formula,
    Rails,
    Span,
    Symbol,
    Term,
    Words,
    both,
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


class RowReading(Reading):
    """The same reading with one row in scope: its fields are read anew, names are those of the whole."""

    def __init__(self, outer: Reading, alias: str, row: Slot) -> None:
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

    def __init__(
        self,
        library: Library,
        slots: Mapping[str, int] | None = None,
        said: Iterable[Codings] | None = None,
        places: int = PLACES,
    ) -> None:
        """`said` are the words that a person may say, if more than those that the library speaks of.

        `places` is how many decimals a measured number may have.
        """
        self.library, self.slots, self.places = library, slots or {}, places
        self.listed: dict[str, Listed] = {}
        self._said = said_in(library) if said is None else tuple(said)
        # What is recorded for an age is a day of birth: the type of the rows is that of who takes a value of them.
        self._taken = {
            requirement_of(node): node.type for node in every_node(library) if isinstance(node, e.Select)
        }

    # ----------------------------------------------------------------------------- what is asked

    def leaf(self, node: Any, reader: Reading) -> Symbol:
        """What a node says of the slots."""
        match node:
            case e.Field(alias, name, of_type):
                return field_of(reader.scope[alias], name, of_type)
            case e.Select(source, take, readings, scale, of_type):
                return self._selected(self._rows(source, reader), take, readings, scale, of_type)
            case e.DateOf(taken):
                return self._dated(self._rows(taken.source, reader), taken.take, taken.readings, reader)
            case e.Exists(source):
                found = self._rows(source, reader)
                none = opposite(either((*found.sure, *found.maybe)))
                return Rails(either(found.sure), both((none, found.closed)))
            case e.Count(source):
                return counted(self._rows(source, reader))
            case e.CountDistinct(source, key, cap):
                return distinct(self._rows(source, reader), key, cap)
            case e.RowValues(source, field_name, function):
                return gathered(self._rows(source, reader), field_name, function, node.type)
            case e.Fires(source, alias, condition):
                found = self._rows(source, reader)
                fires = either(
                    both((here, RowReading(reader, alias, slot).truth(condition).met))
                    for here, slot in zip(anyway(found), found.listed.slots, strict=True)
                )
                return Rails(fires, opposite(fires))
        raise TypeError(type(node).__name__)

    def conflict(self, place: str) -> Formula:
        """Rows of different days contradict nothing."""
        return False

    def silent(self, node: e.Silence, operand: Rails, reader: Reading) -> Rails:
        """UNKNOWN becomes FALSE where there is no row and no denial at all."""
        found = self._rows(node.source, reader)
        silent = both((table.is_open(operand), opposite(either((*anyway(found), found.denied)))))
        return Rails(operand.met, either((operand.unmet, silent)))

    def state(self, node: e.Is, value: Symbol, reader: Reading) -> Formula:
        """`is null`, `is true`, `is false`."""
        if node.state == "null":
            return self.absent(node.operand, value, reader)
        assert isinstance(value, Rails)
        return value.met if node.state == "true" else value.unmet

    def absent(self, node: e.Expression, value: Symbol, reader: Reading) -> Formula:
        """Whether nothing at all is known of a value."""
        match value:
            case Rails():
                return table.is_open(value)
            case Span():
                return both((value.low_open, value.high_open))
        return opposite(either(value.chosen))

    # -------------------------------------------------------------------------------- the rows

    def _rows(self, node: AnyNode, reader: Reading) -> Found:
        match node:
            case e.Retrieve(requirement):
                listed = self.list_of(requirement, reader)
                here = tuple(slot.here for slot in listed.slots)
                never = (False,) * len(here)
                return Found(listed, here, never, opposite(listed.complete), listed.denied)
            case e.Where(source, alias, condition):
                found = self._rows(source, reader)
                said = [RowReading(reader, alias, slot).truth(condition) for slot in found.listed.slots]
                missing = RowReading(reader, alias, self._missing(found.listed, reader)).truth(condition)
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

    def list_of(self, name: str, reader: Reading) -> Listed:
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

    def _made(self, requirement: DataRequirement, reader: Reading) -> Listed:
        count = self.slots.get(requirement.name, 2)
        slots = tuple(self._slot(requirement, at, reader) for at in range(count))
        complete, denied = z3.Bool(f"complete {requirement.name}"), z3.Bool(f"denied {requirement.name}")
        # Readings of one day are told apart by their clock times, facts of a list by their days.
        is_measured = requirement.type.name in ORDERED
        for later, earlier in pairwise(slots):
            before = earlier.day.low <= later.day.low if is_measured else earlier.day.low < later.day.low
            reader.facts.append(follows(earlier.here, both((later.here, before))))
        if is_measured:
            reader.facts.append(opposite(denied))
        reader.facts.append(follows(denied, both((opposite(complete), *(opposite(slot.here) for slot in slots)))))
        return Listed(requirement, slots, complete, denied)

    def _slot(self, requirement: DataRequirement, at: int, reader: Reading) -> Slot:
        name = f"{requirement.name} {at}"
        day = z3.ToReal(z3.Int(f"day {name}"))
        as_of = constant(reader.parameters[AS_OF]).high
        reader.facts.append(both((day <= as_of, day >= as_of - _LIFE)))
        kind = self._taken.get(requirement.name, requirement.type)
        fields = {
            f.name: self._value(f"{f.name} {name}", f.type, OPEN, f.values, reader) for f in requirement.fields
        }
        within = intersect(requirement.scale, requirement.plausible) or requirement.scale
        within = within if kind == requirement.type else OPEN
        codes = tuple(sorted(min(concept) for concept in requirement.concepts))
        value = (
            None
            if kind.name == "Records"
            # The codes of a question that a word answers are no answers to it.
            else self._value(
                f"value {name}", kind, within, () if kind.name == "String" else requirement.codes, reader
            )
        )
        if isinstance(value, Span) and (requirement.kind == "birth date" or requirement.take.startswith("age ")):
            reader.facts.append(value.high <= as_of)  # nobody is born after the day
        if isinstance(value, Rails) and requirement.name not in self._taken:
            value = Rails(True, False)  # an entry of a list says that a thing is there
        return Slot(
            z3.Bool(f"here {name}"),
            exact(day),
            value,
            _word(f"code {name}", tuple((code,) for code in codes), reader) if codes else None,
            fields,
        )

    def _value(self, name: str, type: Type, within: Bounds, values: Iterable[Any], reader: Reading) -> Symbol:
        if type.name in ("String", "Code"):
            named = [(value if isinstance(value, Code) else Code("", value),) for value in values]
            return _word(name, tuple(sorted({*named, *(self._said if not named else ())})), reader)
        if type.name not in ORDERED:
            said = z3.Bool(name)
            return Rails(said, opposite(said))
        term = z3.ToReal(z3.Int(name))
        if type.name not in ("Integer", "Date"):
            term = term / number(1440 if type.name == "DateTime" else 10**self.places)  # minutes, or decimals
        if within.low is not None:
            reader.facts.append(term >= number(within.low))
        if within.high is not None:
            reader.facts.append(term <= number(within.high))
        if type.name in ("Date", "DateTime"):
            as_of = constant(reader.parameters[AS_OF]).high
            reader.facts.append(both((term <= as_of + _LIFE, term >= as_of - _LIFE)))
        return exact(term)

    def _missing(self, listed: Listed, reader: Reading) -> Slot:
        """The row that nobody wrote down."""
        last = constant(reader.parameters[AS_OF]).high
        return Slot(True, Span(last, last, True, False), None, None, {})

    # ------------------------------------------------------------------------------- selection

    def _selected(self, found: Found, take: str, readings: int, scale: Bounds, type: Type) -> Symbol:
        values = [slot.value for slot in found.listed.slots]
        unknown = blank(scale, type, values)
        enough = at_least(found.sure, readings)
        if take in ("highest", "lowest"):
            return table.picked(enough, extreme(found, take), unknown)
        order = range(len(values)) if take != "first" else range(len(values) - 1, -1, -1)
        if take == "mean of latest day":
            return self._mean(found, readings, unknown)
        result = unknown
        # From the far end to the near one: the value of the nearest sure row, with those that may be nearer.
        for at in reversed(order):
            value = values[at]
            assert value is not None
            beyond = table.picked(found.sure[at], value, result)
            nearer = hulled(value, result)
            sure_behind = either(found.sure[other] for other in order if is_behind(order, at, other))
            result = table.picked(both((found.maybe[at], sure_behind)), nearer, beyond)
        return table.picked(enough, result, unknown)

    def _mean(self, found: Found, readings: int, unknown: Symbol) -> Symbol:
        """The mean of the sure readings of the latest day; unknown if a doubtful one is of that day or later."""
        slots = found.listed.slots
        result = unknown
        for at in reversed(range(len(slots))):
            day = slots[at].day.low
            same_day = [both((sure, slots[other].day.low == day)) for other, sure in enumerate(found.sure)]
            doubt = either(both((maybe, slots[other].day.low >= day)) for other, maybe in enumerate(found.maybe))
            enough = both((opposite(doubt), at_least(tuple(same_day), readings)))
            values = [slot.value for slot in slots]
            term = average(same_day, [value for value in values if isinstance(value, Span)])
            taken = table.picked(enough, exact(term), unknown)
            result = table.picked(found.sure[at], taken, result)
        return result

    def _dated(self, found: Found, take: str, readings: int, reader: Reading) -> Span:
        listed = found.listed
        slots = tuple(slot._replace(value=slot.day) for slot in listed.slots)
        if take in ("highest", "lowest"):
            return self._dated_extreme(found, readings, reader)
        of_days = found._replace(listed=listed._replace(slots=slots))
        taken = self._selected(of_days, take, readings, OPEN, Type("Date"))
        assert isinstance(taken, Span)
        return taken

    def _dated_extreme(self, found: Found, readings: int, reader: Reading) -> Span:
        """The day of the highest or lowest: that of the only row; of several any day up to now, or not known."""
        first, last = z3.ToReal(reader.fresh("Int")), z3.ToReal(reader.fresh("Int"))
        day = Span(first, last, reader.fresh("Bool"), reader.fresh("Bool"))
        as_of = constant(reader.parameters[AS_OF]).high
        reader.facts.append(both((first <= last, last <= as_of)))
        every = anyway(found)
        for at, slot in enumerate(found.listed.slots if readings <= 1 else ()):
            others = either(here for other, here in enumerate(every) if other != at)
            known = both((opposite(day.low_open), opposite(day.high_open)))
            same = both((known, first == slot.day.low, last == slot.day.low))
            reader.facts.append(follows(both((found.sure[at], opposite(others))), same))
        return day


def _word(name: str, among: tuple[Codings, ...], reader: Reading) -> Words:
    # Named after what it says, so that two editions speak of one word by one name.
    said = [" = ".join(f"{code.system} {code.code}" for code in one) for one in among]
    chosen_one = tuple(z3.Bool(f"{name} is {text}") for text in said)
    if chosen_one:
        reader.facts += [z3.AtMost(*chosen_one, 1), z3.Or(*chosen_one)]
    return Words(among, chosen_one)
