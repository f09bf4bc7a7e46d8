"""Texts, files and people as the tests of this room need them."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from screening.errors import Diagnostic, RuleError, Span
from screening.interpreters import reference
from screening.language.expression import Expression
from screening.language.library import Library
from screening.reading.document import Scalar
from screening.reading.faults import Faults
from screening.reading.load import load
from screening.reading.parser import parse
from screening.record.subject import Completeness, Evidence, Subject
from screening.values.bounds import Bounds, exactly
from screening.values.truth import TRUE

AS_OF = datetime.date(2026, 11, 22)
RULES = Path(__file__).parent / "rules"

HEAD = """library: made
version: "1"
sources:
  report: A report, 2020
"""
CRITERION = """criteria:
  - id: INC01
    category: inclusion
    text: A sentence
    source: {report: page 1}
    expression: |
      Anything
"""


def scalar(text: str) -> Scalar:
    """A text as a literal block that begins in column 1."""
    starts = tuple((n + 1, 1) for n in range(text.count("\n") + 1))
    return Scalar(text, Span("made.yaml", 1, 1), "|", starts)


def read(text: str) -> Expression:
    """An expression, unsettled."""
    faults = Faults()
    found = parse(scalar(text), faults)
    assert found is not None, [str(d) for d in faults.found]
    return found


def told(text: str) -> Diagnostic:
    """The one thing wrong with an expression."""
    faults = Faults()
    assert parse(scalar(text), faults) is None
    (found,) = faults.found
    return found


def rule_file(folder: Path, text: str, name: str = "made") -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def loaded(folder: Path, text: str, **more: Any) -> Library:
    return load(rule_file(folder, text), [folder], **more)


def refused(folder: Path, text: str, **more: Any) -> list[str]:
    """The messages of a faulty file."""
    with pytest.raises(RuleError) as caught:
        loaded(folder, text, **more)
    return [d.message for d in caught.value.diagnostics]


def with_definition(expression: str, requirements: str = "", more: str = "") -> str:
    """A rule file with one definition `Answer`, which may choose by availability."""
    indented = expression.replace("\n", "\n      ")
    return (
        f"{HEAD}requirements:\n  Anything: {{type: Boolean}}\n{requirements}{more}definitions:\n  Answer:\n"
        f"    by_availability: {{report: page 1}}\n    expression: |\n      {indented}\n{CRITERION}"
    )


def one(requirement: str, value: Any, when: str = "2026-11-20", **fields: Any) -> Evidence:
    """A row of a requirement."""
    day = datetime.date.fromisoformat(when)
    kept = value if isinstance(value, tuple) else value if not isinstance(value, int) else exactly(value)
    return Evidence(f"{requirement}#{value}{when}", requirement, kept, exactly(day), fields=fields)


def person(*rows: Evidence, complete: tuple[str, ...] = ()) -> Subject:
    """A person with these rows, the named lists being complete."""
    evidence: dict[str, tuple[Evidence, ...]] = {}
    for row in rows:
        evidence[row.requirement] = (*evidence.get(row.requirement, ()), row)
    return Subject("SYN-MADE", evidence, complete={name: Completeness(None, "record") for name in complete})


def answer(folder: Path, expression: str, requirements: str, *rows: Evidence, **more: Any) -> Any:
    """What `Answer` is worth by the law."""
    library = loaded(folder, with_definition(expression, requirements))
    return reference.evaluate(library, person(*rows, **more), AS_OF)["Answer"]


__all__ = ["TRUE", "Bounds"]
