"""The lists of a library's requirements in tables, and what is counted of them; what is noted beside values."""

from __future__ import annotations

import datetime

from screening.interpreters import warehouse_number as numbers
from screening.interpreters import warehouse_rows as lists
from screening.interpreters import warehouse_term as t
from screening.interpreters.warehouse_rows import Rows
from screening.interpreters.warehouse_source import COMPLETE, AbsenceSource, Entry, Row, source_of
from screening.interpreters.warehouse_term import NO, OPEN_TRUTH, YES, Term
from screening.interpreters.warehouse_value import Range, add, multiply, opposite, settled
from screening.interpreters.warehouse_word import bare, spelled
from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.language.library import Library
from screening.record.tables import Entries, Tables
from screening.values.coding import Code


class Notes:
    """What is noted while values are made: doubts by reason, contradictions by the place of their node."""

    def __init__(self) -> None:
        self.doubts: dict[str, Term] = {}
        self.conflicts: dict[str, Term] = {}

    def doubt(self, reason: str, truth: Term) -> None:
        """Somebody of whom this is TRUE is left to the law."""
        self.doubts[reason] = t.disjunction(self.doubts.get(reason, NO), truth)

    def conflict(self, place: str, truth: Term) -> None:
        self.conflicts[place] = t.disjunction(self.conflicts.get(place, NO), truth)


class Lists:
    """The lists of one library in one set of tables on a day."""

    def __init__(self, library: Library, tables: Tables, as_of: datetime.date, bits: bool) -> None:
        self.library, self.tables, self.as_of, self.bits = library, tables, as_of, bits
        self.requirements = {r.name: r for r in library.requirements}
        self.notes = Notes()
        self.lists: dict[str, Rows] = {}

    def retrieve(self, name: str) -> Rows:
        if name in self.lists:
            return self.lists[name]
        requirement, held = self.requirements[name], self.tables.requirements.get(name)
        source = source_of(requirement, held, self.as_of)
        self.notes.doubt(lists.ENTRY, source.any(source.odd))
        absences = None
        if isinstance(held, Entries) and held.absences:
            absences = AbsenceSource(requirement, held, self.as_of)
        unlisted, last = self._completeness(name)
        rows = Rows(
            source=source,
            certain=source.certain,
            all=source.visible,
            unlisted=unlisted,
            unlisted_row=Row(Range(t.null("date"), last)),
            absences=absences,
            absent=NO if absences is None else absences.visible,
            concepts=len(requirement.concepts),
        )
        self.lists[name] = rows
        return rows

    def _completeness(self, name: str) -> tuple[Term, Term]:
        """Whether a row may be missing from the list, and the last day that it may be of."""
        said, held = self.tables.complete.get(name), self.tables.requirements.get(name)
        day = datetime.timedelta(days=1)
        unlisted, last = YES, t.literal(self.as_of, "date")
        if said is not None:
            unlisted = NO if said.since is None else YES
            last = last if said.since is None else t.literal(said.since - day, "date")
        if not (isinstance(held, Entries) and held.complete):
            return unlisted, last
        key = COMPLETE + name
        since = t.aggregate(key, "max", t.column("since", "date", key))
        stated = t.aggregate(key, "any", YES)
        before = t.plain("shift", since, extra=(-1, "days"))
        return t.chosen(stated, t.known(since), unlisted), t.chosen(stated, before, last)

    def distinct(self, node: AnyNode, rows: Rows, key: str, cap: int | None, notes: Notes) -> tuple[Range, Term]:
        row, requirement = rows.source.row, self.requirements[_requirement(node)]
        if key == "code":
            named = row.concept() if isinstance(row, Entry) else t.null("int")
            term = t.chosen(t.known(named), t.plain("text", named, type="text"), row.code())
            return lists.count_distinct(rows, term, {}, cap, False, notes.doubt, coded=True)
        declared = next((f for f in requirement.fields if f.name == key), None)
        type = requirement.type if key == "value" or declared is None else declared.type
        value = row.value(type) if key == "value" else row.field(key, type)
        if isinstance(value, Range):
            known = value.low if value.is_plane else t.chosen(settled(value), value.low, t.null(value.kind))
            return lists.count_distinct(rows, known, {}, cap, False, notes.doubt, coded=False)
        listed = _listed(node.source, key) if isinstance(node, e.CountDistinct) else ()
        values = listed or (declared.values if declared is not None else ())
        if value.type == "text" and values:
            texts = {word: spelled(Code("", word), value) for word in values}
            return lists.count_distinct(rows, value, texts, cap, self.bits, notes.doubt, False, bool(listed))
        term = bare(value) if value.type == "text" else value
        if type.name == "Code":
            notes.doubt(lists.SYSTEMS, rows.source.any(rows.all))
        return lists.count_distinct(rows, term, {}, cap, False, notes.doubt, coded=False)


def _requirement(node: AnyNode) -> str:
    match node:
        case e.Retrieve(requirement):
            return requirement
        case e.Where(source) | e.CountDistinct(source):
            return _requirement(source)
    raise AssertionError(node.place)


def _listed(rows: AnyNode, key: str) -> tuple[str, ...]:
    """The words that a key can be of in rows for which a condition says so: `T.class in {'a', 'b'}`."""
    if not isinstance(rows, e.Where):
        return ()
    conditions = rows.condition.operands if isinstance(rows.condition, e.And) else (rows.condition,)
    for condition in conditions:
        if isinstance(condition, e.And):
            conditions = (*conditions, *condition.operands)
    for condition in conditions:
        match condition:
            case e.InSet(e.Field(rows.alias, name), _, codes) if name == key:
                if not any(code.system or code.code.endswith("*") for code in codes):
                    return tuple(dict.fromkeys(code.code for code in codes))
    return _listed(rows.source, key)


def equal(a: Term, b: Term) -> Term:
    """Whether two truths are the same; UNKNOWN with UNKNOWN."""
    for x, y in ((a, b), (b, a)):
        if x.is_constant:
            return OPEN_TRUTH if x.extra is None else y if x.extra else t.negation(y)
    return t.compared("eq", a, b)


def alike_terms(a: Term, b: Term) -> Term:
    return t.same(bare(a), bare(b)) if a.type == "text" else t.same(a, b)


def total(parts: list[Term]) -> Term:
    """A sum, folded evenly: engines walk their expressions recursively."""
    while len(parts) > 1:
        pairs = [parts[i : i + 2] for i in range(0, len(parts), 2)]
        parts = [t.plain("plus", *pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return parts[0]


def signed(amount: Range, sign: int) -> Range:
    if sign > 0:
        return amount
    return opposite(amount)


def arithmetic(operator: str, a: Range, b: Range, notes: Notes) -> Range:
    match operator:
        case "+":
            return add(a, b, notes.doubt)
        case "-":
            return add(a, opposite(b), notes.doubt)
        case "*":
            return multiply(a, b, notes.doubt)
        case "/":
            return numbers.divide(a, b, notes.doubt)
    return numbers.power(a, b, notes.doubt)
