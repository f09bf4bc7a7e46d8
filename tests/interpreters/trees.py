"""Expressions and people drawn node by node, without a rule file: every node of the language, and every gap.

What `reading` would never build is left out (a number where a truth belongs), what it would refuse on
other grounds is not (`is null` anywhere), since an interpreter has to agree there too.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import fields, replace
from decimal import Decimal
from random import Random
from typing import Any, TypeVar

from hypothesis import strategies as st

from screening.language import expression as e
from screening.language.expression import AnyNode, Expression, Rows
from screening.language.library import AS_OF, DataRequirement, Library, ParameterValue
from screening.language.types import (
    BOOLEAN,
    CODE,
    DATE,
    DATETIME,
    DECIMAL,
    INTEGER,
    STRING,
    Type,
    quantity,
)
from screening.record.subject import Absence, Completeness, Evidence, SetAside, Subject, Value
from screening.values.bounds import OPEN, Bounds, exactly
from screening.values.calendar import clock_of, days_of, instants_of
from screening.values.coding import Code, Codings, word
from screening.values.truth import FALSE, TRUE, UNKNOWN

DAY = datetime.date(2026, 11, 22)
JUDGEMENT = Type("Judgement")
MG, G = quantity("mg/dL"), quantity("g/L")
REQUIREMENTS: dict[str, Type] = {
    "Item": INTEGER, "Level": DECIMAL, "Amount": MG, "Yes": BOOLEAN, "Judged": JUDGEMENT, "Since": DATE,
    "Minute": DATETIME, "Kind": STRING, "Term": CODE, "Finding": BOOLEAN,
    "Trials": Type("Records", records="Trials"),
}  # fmt: skip
ROW_FIELDS = {"kind": STRING, "weeks": INTEGER, "good": BOOLEAN, "stopped": DATE, "drug": CODE}
WORDS = ("alpha", "beta", "gamma")
CODES = (Code("SNOMED", "1"), Code("SNOMED", "2"), Code("ICD-10-CM", "M05.1"), Code("LOCAL", "x"))
WANTED = (Code("SNOMED", "1"), Code("ICD-10-CM", "M05.*"))
CONCEPTS = 2
DATES = ("2026-11-22", "2026-11-20", "2026-11-20T08:00", "2026-11-20T09:30", "2026-11", "2026-10-23", "2026-10",
         "2026-05-22", "2026-05-21", "2026", "2025-03-01", "2019", "2026-11-23")  # fmt: skip
UNITS = ("days", "weeks", "months", "years")
KINDS = ("or less before", "or more before", "or less after", "or more after", "around")
DENIABLE = ("Finding", "Trials", "Yes")
TAKES = ("latest", "first", "highest", "lowest", "mean of latest day")

NodeT = TypeVar("NodeT", bound=e.Node)


def placed(node: NodeT, place: str) -> NodeT:
    """The same tree, every node named by its position."""
    number = 0
    changes: dict[str, Any] = {"place": place}

    def part(one: AnyNode) -> AnyNode:
        nonlocal number
        number += 1
        return placed(one, f"{place}.{number}")

    for each in fields(node):
        value = getattr(node, each.name)
        if isinstance(node, e.DateOf) and each.name == "selection":
            changes["selection"] = replace(value, source=part(value.source), place=f"{place}.of")
        elif isinstance(value, e.Node):
            changes[each.name] = part(value)  # type: ignore[arg-type]
        elif isinstance(value, tuple) and value and isinstance(value[0], e.Node):
            changes[each.name] = tuple(part(one) for one in value)
    return replace(node, **changes)


def library(entries: dict[str, Expression], parameters: dict[str, tuple[Type, Value]] | None = None) -> Library:
    """A library of these named expressions, in this order."""
    given = tuple(ParameterValue(n, t, v, "") for n, (t, v) in (parameters or {}).items())
    order = tuple((name, placed(expression, name)) for name, expression in entries.items())
    return Library("trees", "1", "draft", "", (), given, (), (), (), (), (), order)


# --------------------------------------------------------------------------------------- people


def numbers() -> st.SearchStrategy[Any]:
    whole = st.integers(-3, 12)
    return st.one_of(whole, whole, st.sampled_from([Decimal("0.5"), Decimal("3.20"), Decimal("3.2"), Decimal(5)]))


@st.composite
def spans(draw: st.DrawFn) -> Bounds:
    """A number: exact mostly, else between bounds of which either may be open."""
    a, b = draw(numbers()), draw(numbers())
    match draw(st.integers(0, 6)):
        case 0:
            return Bounds(min(a, b), max(a, b))
        case 1:
            return Bounds(None, a)
        case 2:
            return Bounds(a, None)
        case 3:
            return OPEN
    return exactly(a)


def days() -> st.SearchStrategy[Bounds]:
    return st.sampled_from([*map(days_of, DATES), OPEN])


def codings() -> st.SearchStrategy[Codings]:
    return st.lists(st.sampled_from(CODES), max_size=2, unique=True).map(tuple)


def values(type: Type) -> st.SearchStrategy[Value]:
    """A value of a type, often only partly known."""
    match type.name:
        case "Boolean" | "Judgement":
            return st.sampled_from([TRUE, FALSE, UNKNOWN])
        case "Date":
            return days()
        case "DateTime":
            return st.sampled_from([*map(instants_of, DATES), OPEN])
        case "String":
            return st.sampled_from([*map(word, WORDS), ()])
        case "Code":
            return codings()
        case "Integer":
            return spans().filter(lambda b: all(end is None or isinstance(end, int) for end in b))
    return spans()


@st.composite
def evidence(draw: st.DrawFn, name: str, number: int) -> Evidence:
    """One row of a requirement."""
    type, date = REQUIREMENTS[name], draw(st.sampled_from(["", *DATES]))
    held: Any = TRUE if name == "Finding" else UNKNOWN if type.name == "Records" else draw(values(type))
    if type.name not in ("Records", "Judgement") and draw(st.integers(0, 9)) == 0:
        held = SetAside("not plausible")
    row_fields: dict[str, Any] = {}
    if type.name == "Records":
        for field, of in ROW_FIELDS.items():
            if draw(st.integers(0, 4)):
                row_fields[field] = draw(st.one_of(values(of), values(of), st.just(SetAside("no unit"))))
    return Evidence(
        f"{name[:2]}{number}", name, held, days_of(date) if date else OPEN, clock_of(date) if date else "",
        draw(st.sampled_from([TRUE, TRUE, UNKNOWN])), draw(codings()), row_fields,
        concepts=draw(st.frozensets(st.integers(0, CONCEPTS - 1))),
    )  # fmt: skip


@st.composite
def absences(draw: st.DrawFn, name: str, number: int) -> Absence:
    """Somebody recorded that a thing, or one concept of it, is not there."""
    concepts = draw(st.one_of(st.none(), st.frozensets(st.integers(0, CONCEPTS - 1), min_size=1)))
    return Absence(f"{name[:2]}-no{number}", name, draw(days()), concepts)


@st.composite
def subjects(draw: st.DrawFn) -> Subject:
    """A person; any requirement may be left out, and any list is open, complete or declared complete."""
    seen: dict[str, tuple[Evidence, ...]] = {}
    denied: dict[str, tuple[Absence, ...]] = {}
    complete: dict[str, Completeness] = {}
    for name in REQUIREMENTS:
        if draw(st.integers(0, 3)):
            count = draw(st.sampled_from([1, 1, 2, 3, 4]))
            seen[name] = tuple(draw(evidence(name, number)) for number in range(count))
        if name in DENIABLE and draw(st.booleans()):
            denied[name] = tuple(draw(absences(name, number)) for number in range(draw(st.integers(1, 2))))
        match draw(st.integers(0, 5)):
            case 0:
                complete[name] = Completeness(None, "record")
            case 1:
                complete[name] = Completeness(datetime.date(2026, 5, 1), "site declaration", "reviewed", "lead")
    concepts = {name: CONCEPTS for name in ("Finding", "Trials") if draw(st.booleans())}
    return Subject("SYN-1", seen, denied, complete, concepts)


# ---------------------------------------------------------------------------------------- trees


class Trees:
    """Draws expressions; `truths` and `worths` are the names that may be referred to, by type."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.named: dict[str, Type] = {}
        self.aliases: list[tuple[str, str]] = []  # alias and requirement of the rows in scope, innermost last

    def one(self, options: list[Callable[[], Any]]) -> Any:
        return self.draw(st.sampled_from(options))()

    def pick(self, options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def any_of(self, type: Type, depth: int) -> Expression:
        """An expression of a type."""
        match type.name:
            case "Boolean" | "Judgement":
                return self.truth(depth)
            case "Date":
                return self.day(depth)
            case "DateTime":
                return self.selected("Minute")
            case "String":
                return self.coded(STRING, depth)
            case "Code":
                return self.coded(CODE, depth)
        return self.number(depth)

    def literal(self, type: Type) -> Expression:
        return e.Literal(self.draw(values(type)), type)

    def reference(self, *types: str) -> Expression | None:
        names = [name for name, type in self.named.items() if type.name in types]
        if not names:
            return None
        name = self.pick(names)
        return e.Reference(name, self.named[name])

    def field(self, *types: str) -> Expression | None:
        options = []
        for alias, requirement in dict(self.aliases).items():  # an inner alias hides an outer one
            declared = {"date": DATE, "code": CODE}
            if requirement == "Trials":
                declared |= ROW_FIELDS
            else:
                declared["value"] = REQUIREMENTS[requirement]
            options += [e.Field(alias, name, of) for name, of in declared.items() if of.name in types]
        return self.pick(options) if options else None

    def selected(self, name: str) -> Expression:
        type = REQUIREMENTS[name]
        takes = TAKES if type.name in ("Integer", "Decimal", "Quantity") else TAKES[:2]
        scale = Bounds(0, 10) if name == "Item" else Bounds(0, None) if name == "Amount" else OPEN
        return e.Select(self.rows(name, 1), self.pick(takes), self.pick([1, 1, 1, 2]), scale, type)

    def rows(self, name: str, depth: int) -> Rows:
        """The rows of a requirement, perhaps filtered."""
        if depth <= 0 or len(self.aliases) > 1 or self.pick([True, False]):
            return e.Retrieve(name)
        source = self.rows(name, depth - 1)
        alias = self.pick(["R", "S"])
        self.aliases.append((alias, name))
        condition = self.one([lambda: self.timing(e.Field(alias, "date", DATE), 0), lambda: self.truth(depth)])
        self.aliases.pop()
        return e.Where(source, alias, condition)

    def timing(self, day: Expression, depth: int) -> Expression:
        amount = self.one([lambda: e.Literal(exactly(self.pick([1, 6, 30])), INTEGER), lambda: self.number(depth)])
        reference = self.one([lambda: e.Parameter(AS_OF, DATE), lambda: self.day(depth)])
        return e.Timing(day, self.pick(KINDS), self.pick([True, False]), amount, self.pick(UNITS), reference)

    def truth(self, depth: int) -> Expression:
        """A statement."""
        pick = self.pick

        def parts() -> tuple[Expression, ...]:
            return tuple(self.truth(depth - 1) for _ in range(pick([1, 2, 2, 3])))

        def pair() -> tuple[Expression, Expression]:
            return self.truth(depth - 1), self.truth(depth - 1)

        simple: list[Callable[[], Any]] = [
            lambda: self.literal(BOOLEAN),
            lambda: e.Parameter("Strict", BOOLEAN),
            lambda: self.reference("Boolean", "Judgement") or self.literal(BOOLEAN),
            lambda: self.field("Boolean", "Judgement") or self.selected(pick(["Yes", "Judged"])),
            lambda: self.selected(pick(["Yes", "Judged"])),
            lambda: e.Exists(self.rows(pick([*REQUIREMENTS, "Finding", "Finding"]), 1)),
            lambda: e.InSet(self.coded(CODE, 0), "Wanted", WANTED),
            lambda: e.InSet(self.coded(STRING, 0), "", (Code("", "alpha"), Code("", "beta"))),
        ]
        if depth <= 0:
            return self.one(simple)  # type: ignore[no-any-return]
        deep: list[Callable[[], Any]] = [
            lambda: e.And(parts()),
            lambda: e.And(parts()),
            lambda: e.Or(parts()),
            lambda: e.Or(parts()),
            lambda: e.Not(self.truth(depth - 1)),
            lambda: e.Xor(*pair()),
            lambda: e.Implies(*pair()),
            lambda: e.If(self.truth(depth - 1), *pair(), BOOLEAN),
            lambda: self.compared(depth - 1),
            lambda: self.compared(depth - 1),
            lambda: e.Between(self.number(depth - 1), self.number(0), self.number(0)),
            lambda: e.InInterval(
                self.number(depth - 1), self.number(0), self.number(0), pick([True, False]), pick([True, False])
            ),
            lambda: self.timing(self.day(depth - 1), depth - 1),
            lambda: e.Is(
                self.any_of(pick([INTEGER, DATE, CODE, BOOLEAN]), depth - 1), "null", pick([True, False])
            ),
            lambda: e.Is(self.truth(depth - 1), pick(["true", "false"]), pick([True, False])),
            lambda: e.Favoured(self.truth(depth - 1), pick([TRUE, FALSE])),
            lambda: e.Silence(self.truth(depth - 1), self.rows(pick(["Finding", "Trials"]), 1)),
            lambda: self.fires(depth),
            lambda: e.Coalesce(pair(), BOOLEAN),
        ]
        return self.one(simple + deep)  # type: ignore[no-any-return]

    def compared(self, depth: int) -> Expression:
        type = self.pick([INTEGER, INTEGER, INTEGER, DATE, STRING, CODE, BOOLEAN, DATETIME])
        ordered = type.name not in ("String", "Code", "Boolean")
        operator = self.pick(["=", "!=", "<", "<=", ">", ">="] if ordered else ["=", "!="])
        return e.Compare(operator, self.any_of(type, depth), self.any_of(type, depth))

    def fires(self, depth: int) -> Expression:
        name = self.pick(["Item", "Level", "Trials"])
        source = self.rows(name, 1)
        self.aliases.append(("row", name))
        condition = self.truth(depth - 1)
        self.aliases.pop()
        return e.Fires(source, "row", condition)

    def number(self, depth: int) -> Expression:
        pick = self.pick
        simple: list[Callable[[], Any]] = [
            lambda: self.literal(DECIMAL),
            lambda: e.Parameter("Limit", INTEGER),
            lambda: self.reference("Integer", "Decimal") or self.literal(INTEGER),
            lambda: self.field("Integer", "Decimal") or self.selected("Item"),
            lambda: self.selected(pick(["Item", "Level"])),
            lambda: e.Count(self.rows(pick(list(REQUIREMENTS)), 1)),
            lambda: e.CountDistinct(self.rows("Trials", 1), pick([*ROW_FIELDS, "code"]), pick([None, 1, 3])),
            lambda: e.RowValues(self.rows("Trials", 1), "weeks", pick(["Min", "Max", "Sum", "Mean"]), DECIMAL),
            lambda: e.RowValues(self.rows("Item", 1), "value", pick(["Min", "Max", "Sum", "Mean"]), DECIMAL),
        ]
        if depth <= 0:
            return self.one(simple)  # type: ignore[no-any-return]

        def several() -> tuple[Expression, ...]:
            return tuple(self.number(depth - 1) for _ in range(pick([1, 2, 3])))

        deep: list[Callable[[], Any]] = [
            lambda: e.Arithmetic(pick("+-*/"), self.number(depth - 1), self.number(depth - 1), DECIMAL),
            lambda: e.Arithmetic(
                "^", self.number(depth - 1), e.Literal(pick([exactly(2), Bounds(1, 2)]), INTEGER), DECIMAL
            ),
            lambda: e.Function(pick(["Ln", "Exp", "Sqrt", "Abs", "Round"]), (self.number(depth - 1),), DECIMAL),
            lambda: e.Function(
                "Round", (self.number(depth - 1), e.Literal(pick([exactly(1), Bounds(0, 1)]), INTEGER)), DECIMAL
            ),
            lambda: e.Function(pick(["Min", "Max", "Sum", "Mean", "Agree"]), several(), DECIMAL),
            lambda: e.Function("Agree", several(), DECIMAL),
            lambda: e.Negate(self.number(depth - 1), DECIMAL),
            lambda: e.If(self.truth(depth - 1), self.number(depth - 1), self.number(depth - 1), DECIMAL),
            lambda: e.Coalesce(several(), DECIMAL),
            lambda: e.Convert(self.selected("Amount"), "mg/dL", "g/L", G),
            lambda: e.CountTrue(tuple(self.truth(depth - 1) for _ in range(3))),
            lambda: e.Duration(pick(UNITS), self.day(depth - 1), self.day(depth - 1)),
            lambda: e.Age(self.day(depth - 1), e.Parameter(AS_OF, DATE)),
        ]
        return self.one(simple + deep)  # type: ignore[no-any-return]

    def day(self, depth: int) -> Expression:
        simple: list[Callable[[], Any]] = [
            lambda: self.literal(DATE),
            lambda: e.Parameter(AS_OF, DATE),
            lambda: self.reference("Date") or self.literal(DATE),
            lambda: self.field("Date") or self.selected("Since"),
            lambda: self.selected("Since"),
            lambda: e.DateOf(self.selected(self.pick(["Item", "Level", "Yes"]))),  # type: ignore[arg-type]
            lambda: e.DayOf(self.selected("Minute")),
        ]
        if depth <= 0:
            return self.one(simple)  # type: ignore[no-any-return]
        whole = e.Literal(self.pick([exactly(2), Bounds(1, 3), OPEN]), INTEGER)
        deep: list[Callable[[], Any]] = [
            lambda: e.Shift(self.day(depth - 1), whole, self.pick(UNITS), self.pick([1, -1])),
            lambda: e.If(self.truth(depth - 1), self.day(depth - 1), self.day(depth - 1), DATE),
        ]
        return self.one(simple + deep)  # type: ignore[no-any-return]

    def coded(self, type: Type, depth: int) -> Expression:
        simple: list[Callable[[], Any]] = [
            lambda: self.literal(type),
            lambda: self.reference(type.name) or self.literal(type),
            lambda: self.field(type.name) or self.literal(type),
            lambda: self.selected("Kind" if type is STRING else "Term"),
        ]
        if depth > 0:
            simple.append(lambda: e.If(self.truth(depth - 1), self.coded(type, 0), self.coded(type, 0), type))
        return self.one(simple)  # type: ignore[no-any-return]


@st.composite
def libraries(draw: st.DrawFn, entries: int = 5, depth: int = 3) -> Library:
    """A library of several named expressions, later ones referring to earlier ones, contradictions last."""
    trees = Trees(draw)
    order: dict[str, Expression] = {}
    for number in range(draw(st.integers(1, entries))):
        type = draw(st.sampled_from([BOOLEAN, BOOLEAN, BOOLEAN, INTEGER, DATE, CODE, STRING]))
        expression = trees.any_of(type, draw(st.integers(0, depth)))
        order[f"N{number}"] = expression
        trees.named[f"N{number}"] = expression.type
    for name in [name for name, type in trees.named.items() if type.name in ("Boolean", "Judgement")][:2]:
        inside = [place for other in order for place in _conflicting(placed(order[other], other))]
        split = draw(st.integers(0, len(inside)))
        order[f"contradicted:{name}"] = e.Contradicted(name, tuple(inside[:split]), tuple(inside[split:]))
    strict = draw(values(BOOLEAN))
    return library(order, {"Strict": (BOOLEAN, strict), "Limit": (INTEGER, draw(values(INTEGER)))})


def _conflicting(node: AnyNode) -> list[str]:
    found = [place for part in e.parts(node) for place in _conflicting(part)]
    if isinstance(node, e.Exists | e.Select) or (isinstance(node, e.Function) and node.name == "Agree"):
        found.append(node.place)
    return found


# --------------------------------------------------------------------------- people for a rule file


def some_person(random: Random, made: Library, withheld: float) -> Subject:
    """A person for a library that was read from a file; each requirement is left out with this probability."""
    seen: dict[str, tuple[Evidence, ...]] = {}
    denied: dict[str, tuple[Absence, ...]] = {}
    complete: dict[str, Completeness] = {}
    for requirement in made.requirements:
        if random.random() < withheld:
            continue
        name = requirement.name
        rows = [_some_row(random, requirement, number) for number in range(random.choice([0, 1, 1, 1, 2, 3]))]
        seen[name] = tuple(rows)
        if requirement.codes and random.random() < 0.4:
            denied[name] = (Absence(f"{name}-no", name, days_of(random.choice(DATES))),)
        if random.random() < 0.5:
            since = random.choice([None, None, datetime.date(2019, 1, 1)])
            complete[name] = Completeness(since, random.choice(["record", "site declaration"]))
    concepts = {requirement.name: len(requirement.concepts) for requirement in made.requirements}
    return Subject("SYN-1", seen, denied, complete, concepts)


def _some_row(random: Random, requirement: DataRequirement, number: int) -> Evidence:
    date = random.choice(["", *DATES[:8], *DATES[:8], *DATES])
    held: Any = UNKNOWN
    if requirement.type.name == "Boolean" and requirement.codes and not requirement.take:
        held = TRUE
    elif requirement.kind == "birth date":
        held = days_of(random.choice(["1969-02-03", "1999-05", "2008-11-22", "1940"]))
    elif requirement.type.name != "Records":
        held = _some_value(random, requirement.type, requirement.scale)
    if random.random() < 0.05:
        held = SetAside("not plausible")
    row_fields = {
        each.name: _some_value(random, each.type, OPEN, each.values)
        for each in requirement.fields
        if random.random() < 0.8
    }
    return Evidence(
        f"{requirement.name}-{number}", requirement.name, held, days_of(date) if date else OPEN,
        clock_of(date) if date else "", random.choice([TRUE, TRUE, TRUE, UNKNOWN]),
        tuple(random.sample(sorted(requirement.codes), min(1, len(requirement.codes)))), row_fields,
        concepts=frozenset(random.sample(range(9), 1)) & frozenset(range(len(requirement.concepts))),
    )  # fmt: skip


def _some_value(random: Random, type: Type, scale: Bounds, declared: tuple[str, ...] = ()) -> Value:
    match type.name:
        case "Boolean" | "Judgement":
            return random.choice([TRUE, FALSE, UNKNOWN])
        case "Date":
            return days_of(random.choice(DATES))
        case "DateTime":
            return instants_of(random.choice(DATES))
        case "String":
            return word(random.choice([*declared, "female", "male", "failed"]))
        case "Code":
            return (random.choice(CODES),)
    low, high = (0 if scale.low is None else scale.low), (200 if scale.high is None else scale.high)
    number = random.randint(int(low), int(high))
    spread = random.choice([0, 0, 0, 0, 1])
    return Bounds(number, min(number + spread, int(high)))
