"""Where the entries of a requirement come from: a table of entries, a column of the people's table, or nowhere.

A source says what the columns of one entry are worth as terms, and gathers over the entries of a person. Entries
dated wholly after the as-of date do not exist; one that goes on ends on that day.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import field

from screening.interpreters import warehouse_term as t
from screening.interpreters.warehouse_term import NO, YES, Term
from screening.interpreters.warehouse_value import KINDS, Range, Value, blank
from screening.language.library import DataRequirement
from screening.language.types import ORDERED, Type
from screening.record import tables as roles
from screening.record.tables import Entries, Held
from screening.values.frozen import dataclass

ABSENCES, COMPLETE, ENTRIES = "absences: ", "complete: ", "entries: "  # with the name, the keys of sources
_OPEN_DAYS = Range(t.null("date"), t.null("date"))


@dataclass(frozen=True, slots=True)
class Row:
    """One entry as a condition sees it: its days, its value, its fields, its code. Here of nothing that is known:
    the row that nobody wrote down, or the days that an absence speaks of."""

    when: Range = _OPEN_DAYS

    def value(self, type: Type) -> Value:
        return blank(type)

    def field(self, name: str, type: Type) -> Value:
        return blank(type)

    def code(self) -> Term:
        return t.null("text")


@dataclass(frozen=True, slots=True)
class Entry(Row):
    """An entry of a table: `columns` has the roles that the table holds, `scope` is the key of its source."""

    columns: Mapping[str, str] = field(default_factory=dict)
    scope: str = ""

    def role(self, name: str, type: str, default: Term | None = None) -> Term:
        """The term of a role; `default` (or null) where the table has none."""
        if name not in self.columns:
            return t.null(type) if default is None else default
        found = t.column(self.columns[name], type, self.scope)
        return found if default is None else t.coalesce(found, default)

    def value(self, type: Type) -> Value:
        return self._worth("", type)

    def field(self, name: str, type: Type) -> Value:
        return self._worth(f"{name}.", type)

    def code(self) -> Term:
        return self.role(roles.CODE, "text")

    def concept(self) -> Term:
        return self.role(roles.CONCEPT, "int")

    def _worth(self, before: str, type: Type) -> Value:
        kind = KINDS[type.name]
        if type.name in ORDERED:
            return Range(self.role(before + roles.LOW, kind), self.role(before + roles.HIGH, kind))
        return self.role(before + (roles.WORD if kind == "text" else roles.TRUTH), kind)


@dataclass(frozen=True, slots=True)
class Cell(Row):
    """What a column of the people's table says."""

    held: Held = field(default_factory=lambda: Held(""))

    def value(self, type: Type) -> Value:
        kind = KINDS[type.name]
        if not self.held.words:
            found = t.column(self.held.column, kind)
            return Range(found, found) if type.name in ORDERED else found
        text = t.column(self.held.column, "text")
        words: list[tuple[Term, Term]] = []
        for written, meaning in self.held.words.items():
            meant = (
                t.literal(meaning == "true", "bool") if kind == "bool" else t.literal(plain_word(meaning), "text")
            )
            words.append((t.compared("eq", text, t.literal(written, "text")), meant))
        return t.cases(*words, otherwise=t.null(kind))


def plain_word(text: str) -> str:
    """`|female` is the word `female`."""
    return text[1:] if text.startswith("|") else text


class Source:
    """The entries of one requirement. This one has none."""

    row: Row = Row()
    visible: Term = NO
    certain: Term = NO
    apart: Term = YES
    odd: Term = NO

    def any(self, truth: Term) -> Term:
        """Whether a truth is TRUE of any entry."""
        return NO

    def number(self, truth: Term) -> Term:
        """Of how many entries it is."""
        return t.number(0)

    def over(self, function: str, value: Term, where: Term) -> Term:
        """`max min sum bits different` over the entries for which `where` is TRUE."""
        return t.number(0) if function in ("bits", "different") else t.null(value.type)


class CellSource(Source):
    """At most one entry a person, exact and certain."""

    def __init__(self, requirement: DataRequirement, held: Held, as_of: datetime.date) -> None:
        when = _OPEN_DAYS
        # An age is held as the day of birth, whatever the type of the age.
        own = "date" if requirement.kind == "birth date" else KINDS[requirement.type.name]
        present = t.known(t.column(held.column, "text" if held.words else own))
        if held.date:
            day = t.column(held.date, "date")
            when = Range(day, day)
            present = t.conjunction(present, t.perhaps(t.compared("le", day, t.literal(as_of, "date"))))
        self.row, self.visible, self.certain = Cell(when, held), present, present
        if held.words:
            # An answer that the table does not explain is no answer that a column can hold.
            text = t.column(held.column, "text")
            self.odd = t.conjunction(present, t.negation(t.one_of(text, tuple(held.words))))

    def any(self, truth: Term) -> Term:
        return t.surely(truth)

    def number(self, truth: Term) -> Term:
        return t.chosen(truth, t.number(1), t.number(0))

    def over(self, function: str, value: Term, where: Term) -> Term:
        if function == "different":
            return self.number(t.conjunction(where, t.known(value)))
        return t.chosen(where, value, t.number(0) if function == "bits" else t.null(value.type))


class EntrySource(Source):
    """The entries of a table."""

    def __init__(self, requirement: DataRequirement, entries: Entries, as_of: datetime.date) -> None:
        self.key = ENTRIES + requirement.name
        entry = Entry(_OPEN_DAYS, entries.columns, self.key)
        low, high = entry.role(roles.WHEN_LOW, "date"), entry.role(roles.WHEN_HIGH, "date")
        today = t.literal(as_of, "date")
        if low is not high:
            high = t.coalesce(high, t.chosen(t.known(low), today, t.null("date")))
        self.row = Entry(Range(low, high), entries.columns, self.key)
        self.visible = t.perhaps(t.compared("le", low, today))
        set_aside = entry.role(roles.SET_ASIDE, "bool", NO)
        sure = t.conjunction(entry.role(roles.CERTAIN, "bool", YES), t.negation(set_aside))
        self.certain = t.conjunction(self.visible, sure)
        self.apart = entry.role(roles.APART, "bool", YES)
        self.odd = t.conjunction(self.visible, entry.role(roles.ODD, "bool", NO))

    def any(self, truth: Term) -> Term:
        return t.aggregate(self.key, "any", truth)

    def number(self, truth: Term) -> Term:
        return t.aggregate(self.key, "count", truth)

    def over(self, function: str, value: Term, where: Term) -> Term:
        return t.aggregate(self.key, function, value, where)


class AbsenceSource(EntrySource):
    """The attested absences of a requirement: `when` are the days that one surely speaks of."""

    def __init__(self, requirement: DataRequirement, entries: Entries, as_of: datetime.date) -> None:
        self.key = ABSENCES + requirement.name
        self.low, self.high = (t.column(name, "date", self.key) for name in (roles.WHEN_LOW, roles.WHEN_HIGH))
        self.concepts = t.column("concepts", "list", self.key)
        self.row = Row(Range(t.null("date"), self.low))
        self.visible = t.perhaps(t.compared("le", self.low, t.literal(as_of, "date")))

    def names(self, concept: int) -> Term:
        """Whether an absence speaks of a concept of the requirement."""
        return t.surely(t.plain("has", self.concepts, type="bool", extra=concept))


def source_of(requirement: DataRequirement, held: Held | Entries | None, as_of: datetime.date) -> Source:
    """Where a requirement's entries come from."""
    if held is None:
        return Source()
    if isinstance(held, Held):
        return CellSource(requirement, held, as_of)
    return EntrySource(requirement, held, as_of)
