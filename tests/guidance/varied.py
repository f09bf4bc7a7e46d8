"""Generated libraries in which limits and lengths of windows are parameters."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from screening.errors import RuleError
from screening.language.library import Library
from screening.reading.load import load
from screening.record.subject import Subject
from screening.sources.profile import read_profile
from screening.values.bounds import exactly
from tests.agree import generate

_LIMIT = re.compile(r"(<=|>=|<|>|!=|=) (\d+(?:\.\d+)?)\b(?! ')")
_LENGTH = re.compile(r"\b(\d+) (days|weeks|months|years) or ")
SOURCE = {"made": "by chance"}


def library(seed: int, folder: Path, share: float = 0.5) -> Library | None:
    """A library by chance with the parameters `Limit` (a decimal), `Number` and `Length` (whole numbers)."""
    rng, file = Random(seed), generate.library(seed)

    def limit(found: re.Match[str]) -> str:
        names = ['"Limit"'] if "." in found[2] else ['"Limit"', '"Number"']
        return f"{found[1]} {rng.choice(names)}" if rng.random() < share else found[0]

    def length(found: re.Match[str]) -> str:
        return f'"Length" {found[2]} or ' if rng.random() < share else found[0]

    def written(text: str) -> str:
        return _LENGTH.sub(length, _LIMIT.sub(limit, text))

    for entry in (*file["criteria"], *file.get("definitions", {}).values()):
        entry["expression"] = written(entry["expression"])
    # With many criteria almost nobody's verdict would turn on one limit.
    asked = [c for c in file["criteria"] if re.search('"(Limit|Number|Length)"', c["expression"])]
    file["criteria"] = (asked or file["criteria"])[:2]
    for requirement in file["requirements"].values():
        if "within" in requirement and rng.random() < share:
            requirement["within"] = re.sub(r"^\d+", '"Length"', requirement["within"])
    file["parameters"] = {
        "Screening Date": "Date",
        "Limit": {"type": "Decimal", "value": "5", "source": SOURCE},
        "Number": {"type": "Integer", "value": "3", "source": SOURCE},
        "Length": {"type": "Integer", "value": "6", "source": SOURCE},
    }
    path = folder / "chance.yaml"
    path.write_text(json.dumps(file), encoding="utf-8")
    try:
        return load(path, [folder])
    except RuleError:
        return None


def people(seed: int, library: Library, count: int) -> list[Subject]:
    """People of such a library."""
    file: dict[str, Any] = generate.library(seed)
    return [
        read_profile(json.dumps(generate.person(file, seed * 1000 + n)).encode(), library, name="chance.json")
        for n in range(count)
    ]


def with_value(library: Library, name: str, value: object) -> Library:
    """The library with another value of a parameter."""
    made = tuple(replace(p, value=exactly(value)) if p.name == name else p for p in library.parameters)
    return replace(library, parameters=made)


def probes(points: list[Fraction], is_whole: bool) -> list[Fraction]:
    """Values at which a curve is held against a full run: every point, and between every two."""
    found = set(points)
    for low, high in pairwise(points):
        found |= {(low + high) / 2, low + (high - low) / 1000}
    return sorted(value for value in found if not is_whole or value.denominator == 1)
