"""The export and the law, person by person, in two CQL engines that nobody here wrote.

The engines are npm packages in a folder of their own (`SCREENING_CQL_NODE`, made by `.ci/cql`); the type model of
CQL's own types, which no package ships, stands beside the runner.
"""

from __future__ import annotations

import datetime
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from screening.interpreters import cql, cql_record
from screening.interpreters.cql_name import (
    DAYS,
    ENTRIES,
    INSTANTS,
    NUMBER,
    TRUTH,
    WORDS,
    kind_of,
    list_of,
    named,
)
from screening.interpreters.reference import Law
from screening.language import expression as e
from screening.language.library import ROOTS, Library
from screening.outcome.determination import verdict_of
from screening.record.subject import Subject, Value
from screening.values.bounds import Bounds, exactly
from screening.values.truth import TRUE, UNKNOWN, Truth
from tests.agree.crossed import Crossed

EXECUTION, FRAMEWORK, TRANSLATE = "cql-execution", "cqframework", "translate"
APART = " of These"
RUNNER = Path(__file__).parent / "cql" / "engines.mjs"
MODEL = RUNNER.parent / "system-modelinfo.xml"
# Values are compared to so many decimals: one engine counts in doubles, the other cuts a quotient off.
NEAR = Decimal("0.000001")


def folder() -> Path | None:
    """Where the engines are installed, if anywhere."""
    named = os.environ.get("SCREENING_CQL_NODE")
    return Path(named) if named and shutil.which("node") and (Path(named) / "node_modules").is_dir() else None


def ran(
    engine: str, lines: Sequence[dict[str, Any]], seconds: float, head: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """What one engine says of each line: `library` is a file, `parameters` one person's; see the runner."""
    home = folder()
    assert home is not None
    asked = [head] if head else []
    asked += [{"id": number, **line} for number, line in enumerate(lines)]
    found = subprocess.run(
        ["node", "--stack-size=4000", str(RUNNER), engine, str(MODEL)],
        input="\n".join(map(json.dumps, asked)),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        env={**os.environ, "SCREENING_CQL_NODE": str(home), "TZ": "UTC"},
    )
    assert found.returncode == 0, found.stderr[-2000:]
    # ENGINE: the reference engine writes its own log among the answers.
    told = [json.loads(line) for line in found.stdout.splitlines() if line.startswith('{"id":')]
    assert [each["id"] for each in told] == list(range(len(lines))), f"{len(told)} answers for {len(lines)} people"
    return told


@dataclass
class Agreement:
    """What came of comparing an engine with the law."""

    people: int = 0
    values: int = 0
    differing: list[tuple[int, str, str]] = field(default_factory=list)


def _written(value: Value, kind: str) -> Any:
    if kind == "truth":
        return None if value is UNKNOWN else value is TRUE
    assert not isinstance(value, Truth)
    if isinstance(value, Bounds):
        if kind == "number":
            return {"low": value.low, "high": value.high}
        if kind == "instant":
            return {"begin": _instant(value.low), "finish": _instant(value.high)}
        return {"first": _day(value.low), "last": _day(value.high)}
    return [code.code if not code.system else f"{code.system}|{code.code}" for code in value] or None


def _instant(end: Any) -> str | None:
    return None if end is None else end.isoformat(timespec="seconds")  # type: ignore[no-any-return]


def _day(end: Any) -> str | None:
    return None if end is None else str(end)[:10]


def _is_near(a: Any, b: Any) -> bool:
    """Two ends of a number, the second as an engine writes it."""
    if a is None or b is None:
        return a is None and b is None
    size = max(Decimal(1), abs(Decimal(a)))
    return abs(Decimal(a) - Decimal(b)) <= NEAR * size


def _same(wanted: Any, found: Any, kind: str) -> bool:
    if kind == "number":
        found = found or {}
        return _is_near(wanted["low"], found.get("low")) and _is_near(wanted["high"], found.get("high"))
    if kind in ("day", "instant"):
        return bool(wanted == (found or dict.fromkeys(wanted)))
    return bool(wanted == (found or None)) if kind == "word" else wanted is found


# ENGINE: the JavaScript build of the reference engine cuts the results of these to the decimals of their operands
# (`test_cql.py` holds the smallest examples), so that it is asked for all else: what rests on them is handed in.
_CALCULATED = ("*", "/", "^", "Ln", "Exp", "Sqrt", "Mean", "Round")


def calculated(library: Library) -> frozenset[str]:
    """The values of a library that are multiplied, divided, or averaged to be what they are."""
    found = set()
    for name, node in library.order:
        for below in _nodes(node):
            match below:
                case e.Arithmetic(operator=mark) | e.Function(name=mark) | e.RowValues(function=mark):
                    is_calculated = mark in _CALCULATED
                case e.Select(take=take):
                    is_calculated = take == "mean of latest day"
                case _:
                    is_calculated = isinstance(below, e.Convert)
            if is_calculated and kind_of(node.type):
                found.add(name)
    return frozenset(found)


def written(library: Library, engine: str, home: Path) -> tuple[Path, frozenset[str]]:
    """The export in a file, as one engine is asked, and the names of what is handed in."""
    given = calculated(library) if engine == FRAMEWORK else frozenset[str]()
    exported = cql.export(library, given)
    path = home / f"{library.name}.{engine}.cql"
    path.write_text(exported.text, encoding="utf-8")
    return path, given | {name for name, _ in exported.gaps}


def asked(library: Library, subject: Subject, values: dict[str, Value], handed: frozenset[str]) -> dict[str, Any]:
    """The parameters of one person; what is handed in is what the law says."""
    as_of = values[""].low  # type: ignore[union-attr]
    given = cql_record.parameters(library, subject, as_of)
    types = {name: node.type for name, node in library.order}
    return given | {n: cql_record.handed(values[n], types[n]) for n in handed if kind_of(types[n])}


def compared(
    library: Library, subjects: Sequence[Subject], as_of: datetime.date, engine: str, home: Path, seconds: float
) -> Agreement:
    """Every value of every person, in one engine and by the law."""
    path, handed = written(library, engine, home)
    law = Law(library)
    kinds = {name: kind for name, node in library.order if (kind := kind_of(node.type)) and name not in handed}
    wanted, lines = [], []
    for subject in subjects:
        values = dict(law.evaluate(subject, as_of))
        wanted.append(values)
        given = asked(library, subject, {**values, "": exactly(as_of)}, handed)
        lines.append({"library": str(path), "parameters": given})
    found = Agreement(people=len(wanted))
    for number, (told, values) in enumerate(zip(ran(engine, lines, seconds), wanted, strict=True)):
        found.values += len(kinds)
        found.differing += [(number, name, what) for name, what in differences(values, kinds, told)]
    return found


def differences(
    values: Mapping[str, Value], kinds: Mapping[str, str], told: Mapping[str, Any]
) -> list[tuple[str, str]]:
    """The names by which an engine says another value than the law, each with both."""
    if "error" in told:
        return [("", str(told["error"]))]
    found = []
    for name, kind in kinds.items():
        wanted, said = _written(values[name], kind), told["values"].get(name)
        if not _same(wanted, said, kind):
            found.append((name, f"{wanted} by the law, {said} there"))
    verdict = verdict_of(*(values[root] for root in ROOTS)).value  # type: ignore[arg-type]
    if told["values"].get("Verdict") != verdict:
        found.append(("Verdict", f"{verdict} by the law, {told['values'].get('Verdict')} there"))
    return found


_TYPES = {"number": NUMBER, "day": DAYS, "instant": INSTANTS, "truth": TRUTH, "word": WORDS, "": TRUTH}


def apart(library: Library, exported: str) -> str:
    """The export with every define under a name of its own, which refers to the others as to parameters."""
    types = {name: _TYPES[kind_of(node.type)] for name, node in library.order}
    types |= {parameter.name: _TYPES[kind_of(parameter.type)] for parameter in library.parameters}
    types |= {list_of(requirement.name): ENTRIES for requirement in library.requirements} | {"Verdict": "String"}
    names = re.findall(r'^define "((?:[^"\\]|\\.)*)":', exported, re.MULTILINE)
    plain = {named(name)[1:-1]: type for name, type in types.items()}
    handed = "".join(f'parameter "{name}" {plain.get(name, TRUTH)}\n' for name in names)
    text = re.sub(r'^define "((?:[^"\\]|\\.)*)":', rf'define "\1{APART}":', exported, flags=re.MULTILINE)
    return text.replace("\ncontext Unfiltered\n", f"\n{handed}\ncontext Unfiltered\n", 1)


@dataclass
class Kept:
    """What was said of each value so far: whether an engine's value, by its number, is the law's."""

    kinds: Mapping[str, str]
    said: list[list[Any]] = field(init=False)
    same: list[dict[tuple[Any, int], bool]] = field(init=False)

    def __post_init__(self) -> None:
        self.said = [[] for _ in range(len(self.kinds) + 1)]
        self.same = [{} for _ in range(len(self.kinds) + 1)]

    def differing(self, values: Mapping[str, Value], told: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The names by which one person has another value than by the law."""
        if "error" in told:
            return [("", str(told["error"]))]
        for place, value in told["fresh"]:
            self.said[place].append(value)
        found = []
        for (name, kind), numbers, said, same in zip(
            self.kinds.items(), told["said"], self.said, self.same, strict=False
        ):
            wanted = values[name]
            key = (wanted, numbers)
            if key not in same:
                same[key] = _same(_written(wanted, kind), said[numbers], kind)
            if not same[key]:
                found.append((name, f"{_written(wanted, kind)} by the law, {said[numbers]} there"))
        verdict = verdict_of(*(values[root] for root in ROOTS)).value  # type: ignore[arg-type]
        if self.said[-1][told["said"][-1]] != verdict:
            found.append(("Verdict", f"{verdict} by the law, {self.said[-1][told['said'][-1]]} there"))
        return found


def many(
    library: Library, crossed: Crossed, count: int, engine: str, home: Path, seconds: float, afresh: int
) -> Agreement:
    """Every value of very many people; for one of so many all is evaluated afresh, and must be what was kept."""
    path, handed = written(library, engine, home)
    if engine == FRAMEWORK:
        text, path = apart(library, path.read_text(encoding="utf-8")), path.with_suffix(".apart.cql")
        path.write_text(text, encoding="utf-8")
    kinds = {name: kind for name, node in library.order if (kind := kind_of(node.type)) and name not in handed}
    types = {name: node.type for name, node in library.order}
    given = sorted(name for name in handed if kind_of(types[name]))
    law, kept, found = Law(library), Kept(kinds), Agreement()
    wanted, lines = [], []
    pools = {name: list(values) for name, values in crossed.pools.items()}
    numbers: dict[str, dict[Any, int]] = {name: {} for name in given}
    for number, (subject, chosen) in enumerate(crossed.people(count)):
        values = law.evaluate(subject, crossed.as_of)
        wanted.append({name: values[name] for name in (*kinds, *ROOTS)})
        for name in given:
            pool = pools.setdefault(name, [])
            if values[name] not in numbers[name]:
                numbers[name][values[name]] = len(pool)
                pool.append(cql_record.handed(values[name], types[name]))
        choice = [0, *chosen.values(), *(numbers[name][values[name]] for name in given)]
        lines.append({"chosen": choice, "afresh": number % afresh == 0})
    head = {"library": str(path), "parameters": pools, "names": [*kinds, "Verdict"]}
    for number, (told, values) in enumerate(zip(ran(engine, lines, seconds, head), wanted, strict=True)):
        found.people += 1
        found.values += len(kinds) + 1
        found.differing += [(number, name, what) for name, what in kept.differing(values, told)]
    return found


def _nodes(node: e.AnyNode) -> Iterator[e.AnyNode]:
    yield node
    for part in e.parts(node):
        yield from _nodes(part)
