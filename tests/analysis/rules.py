"""Small rule files for the solver: written into a folder, loaded, and enumerated."""

from __future__ import annotations

from pathlib import Path

from screening.language.library import Library
from screening.reading.load import load

HEAD = """library: {name}
version: "{version}"
title: A library of a test
status: draft
sources:
  report: A report of a test
requirements:
  Score: {{type: Integer, scale: [0, 6], code: LOINC 1-1, source: {{report: table}}}}
  Other: {{type: Integer, scale: [0, 6], code: LOINC 2-2, source: {{report: table}}}}
  Disease: {{type: Boolean, condition: SNOMED 1, source: {{report: table}}}}
definitions:
{definitions}
criteria:
{criteria}
{tail}
"""


def library(
    folder: Path,
    *criteria: str,
    definitions: str = "",
    tail: str = "",
    name: str = "small",
    version: str = "0.1",
) -> Library:
    """A library of inclusions, `(exclusion) EXPRESSION` of exclusions; each is `C1`, `C2` and so on."""
    text = "".join(_criterion(number, each) for number, each in enumerate(criteria, 1))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.yaml"
    path.write_text(
        HEAD.format(name=name, version=version, criteria=text, tail=tail, definitions=definitions),
        encoding="utf-8",
    )
    return load(path, [folder])


def _criterion(number: int, said: str) -> str:
    category = "exclusion" if said.startswith("(exclusion) ") else "inclusion"
    expression, _, more = said.removeprefix("(exclusion) ").partition(" ;; ")
    return (
        f"  - id: C{number}\n    category: {category}\n    text: Sentence {number}\n"
        "    source: {report: table}\n"
        + (f"    {more}\n" if more else "")
        + f"    expression: |\n      {expression}\n"
    )
