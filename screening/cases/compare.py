"""What a case expects, against what the rules say; and the names that it uses, against those of the protocol."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as Map
from decimal import Decimal, InvalidOperation
from typing import Any

from screening.cases.document import TRUTHS, WORDS, Case, Expectation
from screening.errors import NameFault, TypeFault, UnitFault
from screening.language.library import ROOTS, Criterion, Definition, Library
from screening.language.types import Type
from screening.outcome.case import Difference
from screening.outcome.determination import Determination, is_bar, standing_of, verdict_of
from screening.outcome.trace import Trace
from screening.reading.document import Scalar
from screening.reading.faults import Faults, did_you_mean, listed, shown
from screening.record.subject import Value
from screening.values.bounds import Bounds, exactly, is_exact, is_open
from screening.values.quantity import UnknownUnit, convert, parse_unit, same_dimension
from screening.values.truth import TRUE, Truth

_UNIT = re.compile(r"(.*?)\s*'([^']+)'\Z")
_TRUTH = {truth.value: truth for truth in Truth}
_TRUTHS = tuple(_TRUTH)
_ABOUT = "about "
Expected = Callable[[Value], bool]


class NoValue(Exception):
    """A text that no value of this type can be; says what would be one."""


def _named(library: Library) -> dict[str, Definition]:
    """What has a single value: requirements used as such, and definitions."""
    return {d.name: d for d in library.definitions if d.origin in ("definition", "requirement")}


def names_fit(case: Case, library: Library, faults: Faults) -> None:
    """Notes every name of an expectation that the protocol does not have, and every value that cannot be."""
    expect = case.expect
    for scalar in (expect.verdict, expect.standing):
        if scalar is not None and not library.criteria:
            message = f"{library.name} has no criteria, and so there is no verdict"
            faults.add(NameFault, scalar.span, message, help="expect `values:` of its definitions")
    criteria = [criterion.id for criterion in library.criteria]
    values = _named(library)
    requirements = [requirement.name for requirement in library.requirements]
    for key in ("criteria", "until"):
        _known((name for name, _ in expect.named.get(key, ())), criteria, "criterion", library, faults)
    for key in ("alerts", "reasons", "review", "review exactly"):
        _known(expect.lists.get(key, ()), criteria, "criterion", library, faults)
    for key in ("obtain", "obtain exactly"):
        _known(expect.lists.get(key, ()), requirements, "requirement", library, faults)
    for name, text in expect.named.get("criteria", ()):
        if name.text in criteria and truth_said(text.text, library.criterion(name.text)) not in TRUTHS:
            message = f"{name.text} cannot be `{shown(text.text)}`"
            faults.add(TypeFault, text.span, message, help=_words_of(library.criterion(name.text)))
    for name, text in expect.named.get("values", ()):
        if name.text not in values:
            message = f"{library.name} has no value `{shown(name.text)}`"
            if name.text in requirements:
                listed = library.requirement(name.text).type.name == "Records"
                why = "is a list of records and" if listed else "is used by no criterion and"
                message = f"`{shown(name.text)}` {why} has no single value"
            faults.add(NameFault, name.span, message, help=did_you_mean(name.text, values))
            continue
        try:
            expected(text.text, values[name.text].type)
        except NoValue as wrong:
            help = f"{shown(name.text)} is a value of type {values[name.text].type}; {wrong}"
            kind = UnitFault if "unit" in str(wrong) else TypeFault
            faults.add(kind, text.span, f"`{shown(text.text)}` cannot be expected", help=help)


def _words_of(criterion: Criterion) -> str:
    kind = "administrative" if criterion.strength == "administrative" else criterion.category
    return f"of this criterion it is said that it is {listed((*WORDS[kind], *WORDS['']))}"


def _known(names: Iterable[Scalar], known: list[str], what: str, library: Library, faults: Faults) -> None:
    for name in names:
        if name.text not in known:
            message = f"{library.name} has no {what} `{shown(name.text)}`"
            faults.add(NameFault, name.span, message, help=did_you_mean(name.text, known))


def holds_at_a_glance(case: Case, library: Library, values: Map[str, Value]) -> bool:
    """Whether the plain values show that everything is as expected; what needs the steps is not seen so."""
    expect = case.expect
    if expect.named.get("until") or set(expect.lists) - {"alerts", "reasons"}:
        return False
    criteria = {criterion.id: criterion for criterion in library.criteria}
    for name, text in expect.named.get("criteria", ()):
        # Whether a criterion is applicable at all is said by a part of it.
        criterion = criteria[name.text]
        wanted = _TRUTH.get(truth_said(text.text, criterion))
        if criterion.applies or values[criterion.id] is not wanted:
            return False
    types = {name: definition.type for name, definition in _named(library).items()}
    for name, text in expect.named.get("values", ()):
        if not expected(text.text, types[name.text])(values[name.text]):
            return False
    fired = [c.id for c in library.criteria if c.alert and values[c.alert.definition] is TRUE]
    bars = [c.id for c in library.criteria if is_bar(c, _truth(values[c.id]))]
    for key, found in (("alerts", fired), ("reasons", bars)):
        if key in expect.lists and sorted(scalar.text for scalar in expect.lists[key]) != sorted(found):
            return False
    verdict = verdict_of(*(_truth(values[root]) for root in ROOTS))
    standing = standing_of(verdict, [_truth(values[anchor]) for anchor in library.anchors])
    read_off = ((expect.verdict, verdict.value), (expect.standing, standing.value))
    return all(scalar is None or scalar.text == found for scalar, found in read_off)


def truth_said(text: str, criterion: Criterion) -> str:
    """The truth that a word of the screens says of a criterion; a truth is itself."""
    kind = "administrative" if criterion.strength == "administrative" else criterion.category
    return {**WORDS[kind], **WORDS[""]}.get(text, text)


def _truth(value: Value) -> Truth:
    assert isinstance(value, Truth)
    return value


def compared(case: Case, library: Library, trace: Trace, determination: Determination) -> Iterator[Difference]:
    """Everything in which a case is otherwise than expected, in the order in which it is said."""
    expect = case.expect
    if expect.verdict is not None and determination.verdict.value != expect.verdict.text:
        yield Difference("verdict", "", expect.verdict.text, determination.verdict.value, expect.verdict.span)
    if expect.standing is not None and determination.standing.value != expect.standing.text:
        yield Difference("standing", "", expect.standing.text, determination.standing.value, expect.standing.span)
    for name, text in expect.named.get("criteria", ()):
        found, wanted = determination.finding(name.text).shown, truth_said(text.text, library.criterion(name.text))
        if found != wanted:
            yield Difference("criteria", name.text, wanted, found, text.span)
    yield from _values(expect, library, trace)
    for name, text in expect.named.get("until", ()):
        until = determination.finding(name.text).until
        if until != exactly(datetime.date.fromisoformat(text.text)):
            yield Difference("until", name.text, text.text, "no day" if until is None else until, text.span)
    yield from _lists(expect, determination)


def _values(expect: Expectation, library: Library, trace: Trace) -> Iterator[Difference]:
    named = expect.named.get("values", ())
    if not named:
        return
    steps = {step.place: step.value for step in trace.steps if not step.row}
    values = _named(library)
    for name, text in named:
        definition = values[name.text]
        found: Any = steps[definition.expression.place]
        if not expected(text.text, definition.type)(found):
            yield Difference("values", name.text, text.text, found, text.span)


def _lists(expect: Expectation, determination: Determination) -> Iterator[Difference]:
    every = {
        "alerts": [alert.criterion for alert in determination.alerts],
        "reasons": sorted(determination.reasons),
        "review": list(determination.to_review),
        "obtain": [item.requirement for item in determination.to_obtain],
    }
    for key, scalars in expect.lists.items():
        wanted = [scalar.text for scalar in scalars]
        aspect, _, exactly_so = key.partition(" ")
        found = every[aspect]
        if aspect in ("review", "obtain") and not exactly_so:
            missing = [name for name in wanted if name not in found]
            if missing:
                yield Difference(aspect, "", ", ".join(missing), ", ".join(found), expect.spans[key])
        elif sorted(wanted) != sorted(found):
            yield Difference(aspect, "", ", ".join(wanted), ", ".join(found), expect.spans[key])


# ------------------------------------------------------------------------------ expected values


def expected(text: str, type: Type) -> Expected:
    """What a text asks of a value of a type: a truth, a word, a day, a number, its bounds, or nothing known.

    `about 4.4770` is a number within half of its last digit; `5..8`, `..4` and `3..` are bounds; a number of
    a Quantity may have a unit, `115 'umol/L'`. Raises NoValue where no value of the type could be meant.
    """
    match type.name:
        case "Boolean" | "Judgement":
            if text not in _TRUTHS:
                raise NoValue("write TRUE, FALSE or UNKNOWN")
            return lambda value: isinstance(value, Truth) and value.value == text
        case "String" | "Code":
            return lambda value: _word(value, text)
    if text == "unknown":
        return lambda value: isinstance(value, Bounds) and is_open(value)
    end = _day if type.name in ("Date", "DateTime") else _number(type)
    if text.startswith(_ABOUT) and type.name not in ("Date", "DateTime"):
        return _about(text.removeprefix(_ABOUT), type)
    if ".." in text:
        low, _, high = text.partition("..")
        ends = [None if not part.strip() else end(part.strip()) for part in (low, high)]
        return lambda value: isinstance(value, Bounds) and [_plain(each) for each in value] == ends
    wanted = end(text)
    return lambda value: isinstance(value, Bounds) and is_exact(value) and _plain(value.low) == wanted


def _word(value: Any, text: str) -> bool:
    wanted = [] if text == "unknown" else [text.strip("'")]
    return [f"{code.system} {code.code}".strip() for code in value] == wanted


def _plain(end: Any) -> Any:
    return Decimal(end) if isinstance(end, int) and not isinstance(end, bool) else end


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text.removeprefix("@"))
    except ValueError:
        raise NoValue("write a day as 2026-11-22, bounds as 2026-11-01..2026-11-30, or `unknown`") from None


def _number(type: Type) -> Callable[[str], Decimal]:
    """Reads a number in the unit of a type; one with another unit of its dimension is converted."""

    def number(text: str) -> Decimal:
        found = _UNIT.match(text)
        plain, unit = (found[1], found[2]) if found else (text, "")
        try:
            wanted = Decimal(plain)
            if not wanted.is_finite():
                raise InvalidOperation
        except InvalidOperation:
            raise NoValue("write a number, `about 4.48`, bounds as `5..8`, or `unknown`") from None
        if not unit:
            return wanted
        try:
            old, new = parse_unit(unit), parse_unit(type.unit or "1")
        except UnknownUnit as unknown:
            raise NoValue(f"{unknown}, which is no unit") from None
        if not same_dimension(old, new):
            raise NoValue(f"its unit is `{type.unit}`" if type.unit else "it has no unit")
        return convert(wanted, old, new)

    return number


def _about(text: str, type: Type) -> Expected:
    wanted = _number(type)(text)
    unit = _UNIT.match(text)
    exponent = Decimal(unit[1] if unit else text).as_tuple().exponent
    assert isinstance(exponent, int)
    half = Decimal(5).scaleb(exponent - 1)
    return lambda value: isinstance(value, Bounds) and is_exact(value) and abs(_plain(value.low) - wanted) <= half
