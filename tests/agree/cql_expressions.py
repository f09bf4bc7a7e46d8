"""Expressions of CQL in an engine that nobody here wrote, and in our spelling by the law."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import yaml

from tests.agree.cql_engines import TRANSLATE, ran
from tests.cql.conformance import FAIL, Outcome, outcomes
from tests.cql.suite import Test

REASONS = Path(__file__).parent / "cql" / "expressions.yaml"
_AT_ONCE = 2000
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE]-?\d+)?\Z")
_DATE = re.compile(r"\d{4}(?:-\d\d)?(?:-\d\d)?(?:T.*)?\Z")
_PLACES = Decimal("0.00000001")


@dataclass(frozen=True)
class Reason:
    """Why an engine's answer and ours are two: `where` matches expressions, `ours` and `theirs` the answers, if
    given; `example` is the smallest, and `answer` what the engine says of it."""

    engine: str
    where: str
    example: str
    answer: str
    because: str
    ours: str = ""
    theirs: str = ""

    def speaks_of(self, outcome: Outcome) -> bool:
        found = outcome.detail.rpartition(", ")[2].removesuffix(" found").removesuffix(" is the answer")
        (theirs,) = outcome.test.outputs or ("refused",)
        return (
            re.search(self.where, outcome.test.expression) is not None
            and (not self.ours or re.fullmatch(self.ours, found) is not None)
            and (not self.theirs or re.fullmatch(self.theirs, theirs) is not None)
        )


def reasons(engine: str) -> list[Reason]:
    """The lines of `expressions.yaml` that speak of one engine."""
    read = [Reason(**each) for each in yaml.safe_load(REASONS.read_text(encoding="utf-8"))]
    return [line for line in read if line.engine == engine]


def written(said: Any) -> str:
    """What an engine said as CQL; a number with the 8 decimals of a CQL Decimal where it keeps a double."""
    match said:
        case None:
            return "null"
        case bool():
            return str(said).lower()
        case list():
            return "{" + ", ".join(map(written, said)) + "}"
        case {"unit": unit, "value": value}:
            return f"{written(value)} '{unit or '1'}'"
        case {"low": low, "high": high}:
            opening = "[" if said.get("lowClosed", True) else "("
            closing = "]" if said.get("highClosed", True) else ")"
            return f"Interval{opening}{written(low)}, {written(high)}{closing}"
        case dict():
            return "Tuple"
    text = str(said)
    if text.startswith("@"):
        return text
    if _NUMBER.match(text):
        number = Decimal(text)
        cut = number.quantize(_PLACES, ROUND_HALF_UP) if number.adjusted() < 18 else number
        return format(cut.normalize() if cut else Decimal(0), "f")
    if re.fullmatch(r"-?\d+L|Interval\[-?\d+, -?\d+\]", text):
        return text
    return f"@{text}" if _DATE.match(text) else f"'{text}'"


def _library(expressions: Sequence[str], path: Path) -> Path:
    defines = "".join(f'define "{number}": {text}\n' for number, text in enumerate(expressions))
    path.write_text(f"library \"Expressions\" version '1'\n{defines}", encoding="utf-8")
    return path


def answered(expressions: Sequence[str], engine: str, home: Path) -> Iterator[Test]:
    """Each expression with the engine's answer; an error is wanted where the translator or the engine refuses."""
    for start in range(0, len(expressions), _AT_ONCE):
        asked = [text for text in expressions[start : start + _AT_ONCE] if _is_whole(text)]
        yield from (_test(text, None) for text in expressions[start : start + _AT_ONCE] if not _is_whole(text))
        path = home / f"expressions-{start}.cql"
        (said,) = ran(TRANSLATE, [{"library": str(_library(asked, path))}], 900)
        refused = {int(note.partition(":")[0]) - 2 for note in said["notes"] if ": error:" in note}
        yield from (_test(asked[number], None) for number in sorted(refused))
        asked = [text for number, text in enumerate(asked) if number not in refused]
        (told,) = ran(engine, [{"library": str(_library(asked, path)), "parameters": {}, "alone": True}], 900)
        for number, text in enumerate(asked):
            values = told["values"]
            yield _test(text, written(values[str(number)]) if str(number) in values else None)


def _is_whole(text: str) -> bool:
    """Whether the expression leaves the define after it alone."""
    return bool(text.strip()) and text not in ("1 +", "(", "'a", "// x", "case 1 end")


def _test(text: str, said: str | None) -> Test:
    return Test("generated", "expressions", text, text, () if said is None else (said,), said is None)


def differing(expressions: Sequence[str], engine: str, home: Path) -> list[Outcome]:
    """What becomes of each of them, the engine's answer being the one that is wanted."""
    return outcomes(answered(expressions, engine, home))


def unexplained(found: Sequence[Outcome], known: Sequence[Reason]) -> list[str]:
    """Every difference that no line speaks of."""
    return [
        f"{each.test.expression} => {', '.join(each.test.outputs) or 'refused'}: {each.detail}"
        for each in found
        if each.state == FAIL and not any(line.speaks_of(each) for line in known)
    ]


def ended(engine: str, home: Path) -> list[str]:
    """The lines whose example the engine answers otherwise by now, or as we do."""
    known = reasons(engine)
    found = {each.test.expression: each for each in differing([line.example for line in known], engine, home)}
    return [
        f"{line.example}: {line.because}: {outcome.state}, {outcome.test.outputs}"
        for line in known
        for outcome in [found[line.example]]
        if outcome.state != FAIL
        or (outcome.test.outputs or ("refused",)) != (line.answer,)
        or not line.speaks_of(outcome)
    ]
