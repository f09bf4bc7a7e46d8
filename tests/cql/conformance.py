"""The published tests against our own parser and law: each passes, fails, or is outside what the language has.

A test that does not pass is *deliberate* or *disputed* if a line of `deviations.yaml` speaks of it, with its
reason; every other one fails. The answer that the suite gives is itself an expression, read like any other.
"""

from __future__ import annotations

import datetime
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from screening.errors import RuleError, UnitFault
from screening.interpreters import reference
from screening.reading.question import definition_of, opened
from screening.record.subject import Subject
from screening.values.bounds import Bounds
from screening.values.quantity import convert, parse_unit
from screening.values.truth import UNKNOWN
from tests.cql.pieces import UNKNOWN_NAMES, OutsideSubset, Piece
from tests.cql.spelling import spelled
from tests.cql.suite import Test

DEVIATIONS = Path(__file__).parent / "deviations.yaml"
AS_OF = datetime.date(2026, 11, 22)
_TYPES = {"truth": "Boolean", "number": "Decimal", "day": "Date", "instant": "DateTime", "word": "String"}
PASS, FAIL, OUTSIDE, DELIBERATE, DISPUTED = "pass", "fail", "outside", "deliberate", "disputed"


@dataclass(frozen=True)
class Deviation:
    """Where our answer is another than the suite's, and why; `tests` are named, `where` matches expressions."""

    kind: str
    because: str
    where: str = ""
    tests: tuple[str, ...] = ()
    answer: str = ""

    def speaks_of(self, test: Test, found: str) -> bool:
        if self.answer and found not in self.answer.split(" or "):
            return False
        if self.tests:
            return test.place in self.tests
        marks = "invalid " * test.invalid
        return re.search(self.where, marks + " ".join(test.expression.split()), re.IGNORECASE) is not None


@dataclass(frozen=True)
class Outcome:
    """What became of one test: `state`, the reason or what was answered instead, the line that speaks of it."""

    test: Test
    state: str
    detail: str = ""
    spelling: str = ""
    deviation: int = -1


def deviations() -> list[Deviation]:
    """The lines of `deviations.yaml`."""
    read = yaml.safe_load(DEVIATIONS.read_text(encoding="utf-8"))
    return [Deviation(**{**each, "tests": tuple(each.get("tests", ()))}) for each in read]


@dataclass(frozen=True)
class Answer:
    """A value, and the unit of a quantity."""

    value: Any
    unit: str | None = None


class Asking:
    """One library without criteria of its own, asked one expression after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known: dict[tuple[str, ...], Path] = {}

    def _file(self, spelling: str) -> Path:
        units = tuple(sorted(set(re.findall(r'"Unknown Amount ([^"]*)"', spelling))))
        if units not in self.known:
            wanted = {name: f"{{type: {_TYPES[kind]}}}" for kind, name in UNKNOWN_NAMES.items()}
            wanted |= {f"Unknown Amount {unit}": f"{{type: Quantity, unit: '{unit}'}}" for unit in units}
            lines = "".join(f"  {name}: {declared}\n" for name, declared in wanted.items())
            path = self.folder / f"asked-{len(self.known)}.yaml"
            path.write_text(
                f"library: {path.stem}\nversion: '1'\ntitle: The published tests\nstatus: draft\n"
                f"sources: {{tests: the published tests}}\nrequirements:\n{lines}"
                "criteria:\n  - id: INC01\n    category: inclusion\n    text: nothing\n"
                '    source: {tests: none}\n    expression: |\n      "Unknown Truth"\n',
                encoding="utf-8",
            )
            self.known[units] = path
        return self.known[units]

    def value(self, piece: Piece) -> Answer:
        """What the law says of an expression. Raises OutsideSubset, RuleError."""
        if piece.kind in ("interval", "list", "duration"):
            raise OutsideSubset(f"{'an' if piece.kind == 'interval' else 'a'} {piece.kind} as a value")
        protocol = opened(self._file(piece.text), [self.folder], {}, "the tests")
        definition = definition_of(piece.text, protocol)
        library = protocol.library({"asked": definition}, {})
        found = reference.evaluate(library, Subject("nobody", {}), AS_OF)["asked"]
        return Answer(found, definition.type.unit if definition.type.name == "Quantity" else None)

    def expected(self, test: Test) -> Answer:
        """The answer that the suite gives: a value, or the bounds of an uncertain one. Raises OutsideSubset."""
        if len(test.outputs) != 1:
            raise OutsideSubset("several answers")
        wanted = spelled(test.outputs[0] or "null")
        if wanted.kind == "interval":
            assert wanted.low is not None and wanted.high is not None
            low, high = self.value(wanted.low), self.value(wanted.high)
            return Answer(Bounds(low.value.low, high.value.high), low.unit)
        return self.value(wanted)


def _is_unknown(found: Any) -> bool:
    return found is UNKNOWN or found == () or (isinstance(found, Bounds) and found == Bounds(None, None))


def _in_unit(answer: Answer, unit: str) -> Any:
    old, new = parse_unit(answer.unit or "1"), parse_unit(unit or "1")
    return Bounds(*(None if end is None else convert(end, old, new) for end in answer.value))


def _is_same(answer: Answer, expected: Answer) -> bool:
    found, wanted = answer.value, expected.value
    if _is_unknown(wanted):
        return _is_unknown(found)
    if isinstance(wanted, Bounds) and isinstance(found, Bounds):
        ends = [*found, *wanted]
        if any(isinstance(end, datetime.datetime) for end in ends):
            # A day as an answer is midnight to the last second where an instant was asked for.
            return [str(end)[:16] for end in found] == [str(end)[:16] for end in wanted]
        if answer.unit != expected.unit:
            return bool(_in_unit(answer, expected.unit or "1") == wanted)
        return found == wanted
    return bool(found == wanted)


def outcome(test: Test, asking: Asking, lines: list[Deviation]) -> Outcome:
    """What becomes of one test."""
    spelling, answer = "", ""
    try:
        piece = spelled(test.expression)
        spelling = piece.text
        found = asking.value(piece)
        answer = _written(found.value)
        if test.invalid:
            state, detail = FAIL, f"an error was wanted, {answer} is the answer"
        else:
            wanted = asking.expected(test)
            same = _is_same(found, wanted)
            state, detail = (PASS, "") if same else (FAIL, f"{_written(wanted.value)} wanted, {answer} found")
    except OutsideSubset as outside:
        return Outcome(test, OUTSIDE, str(outside), spelling)
    except RuleError as error:
        answer = "refused"
        if test.invalid:
            return Outcome(test, PASS, "", spelling)
        if isinstance(error, UnitFault):
            return Outcome(test, OUTSIDE, "amounts of two dimensions, which no file may compare", spelling)
        state, detail = FAIL, f"refused: {error.diagnostics[0].message}"
    except (AssertionError, AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        # Written otherwise than any published test so far: it counts against us, and the others still run.
        state, detail = FAIL, f"it could not be read: {type(error).__name__}"
    if state == PASS:
        return Outcome(test, PASS, "", spelling)
    for number, line in enumerate(lines):
        if line.speaks_of(test, answer):
            return Outcome(test, line.kind, line.because, spelling, number)
    return Outcome(test, state, detail, spelling)


def _written(found: Any) -> str:
    if _is_unknown(found):
        return "UNKNOWN"
    if isinstance(found, Bounds):
        return str(found.low) if found.low == found.high else f"{found.low}..{found.high}"
    return str(getattr(found, "value", found))


def outcomes(tests: Iterable[Test]) -> list[Outcome]:
    """What becomes of all of them."""
    lines = deviations()
    with tempfile.TemporaryDirectory() as folder:
        asking = Asking(Path(folder))
        return [outcome(test, asking, lines) for test in tests]
