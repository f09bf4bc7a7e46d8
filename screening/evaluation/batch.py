"""A list of calculations, each with inputs and perhaps with what is expected; one that fails stops no other."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from screening.errors import NOWHERE, Diagnostic, NameFault, ScreeningError
from screening.evaluation.calculate import calculate
from screening.evaluation.file import Listed
from screening.outcome.answer import Calculation
from screening.outcome.batch import Tried
from screening.outcome.codec import number_text
from screening.reading.naming import folded
from screening.sources.number import number_of
from screening.sources.site import SiteDeclaration
from screening.values.bounds import Bounds, is_exact
from screening.values.truth import Truth


def tried(
    listed: Sequence[Listed],
    folders: Sequence[Path],
    *,
    name: str = "",
    library: str = "",
    as_of: datetime.date | None = None,
    site: SiteDeclaration | None = None,
) -> list[Tried]:
    """Every calculation of a list, in its order; `name` is that of those which name none."""
    found = []
    for number, one in enumerate(listed, 1):
        called = one.name or name
        try:
            if not called:
                help = "give each its `name:`, or name the definition on the command line"
                raise NameFault(Diagnostic(NOWHERE, "a calculation names no definition", NameFault, help=help))
            day = datetime.date.fromisoformat(one.as_of) if one.as_of else as_of
            got = calculate(called, one.inputs, folders, library=one.library or library, as_of=day, site=site)
        except ScreeningError as wrong:
            found.append(
                Tried(one.case or str(number), called, None, tuple(wrong.diagnostics), bool(one.expected))
            )
        else:
            differs = tuple(_differs(got, one.expected))
            found.append(Tried(one.case or str(number), called, got, (), bool(one.expected), differs))
    return found


def _differs(got: Calculation, expected: Mapping[str, str]) -> list[str]:
    """In what a calculation is otherwise than expected: the score as it is rounded, classes by their words."""
    found = []
    score, value = expected.get("score"), score_text(got)
    if score is not None and not _is_near(value, score, expected.get("tolerance", "")):
        found.append(f"score {value or 'open'}, expected {score}")
    classes = {category.definition.name: category.word for category in got.categories}
    first = next(iter(classes.values()), value)
    for key, wanted in expected.items():
        if key not in ("score", "tolerance"):
            word = first if key == "class" else _of(classes, key)
            if folded(word) != folded(wanted):
                found.append(f"{key} {word or 'open'}, expected {wanted}")
    return found


def _of(classes: Mapping[str, str], name: str) -> str:
    return next((word for each, word in classes.items() if folded(each) == folded(name)), "")


def score_text(got: Calculation) -> str:
    """An exact value as text; "" while it is open."""
    value = got.value
    if isinstance(value, Truth):
        return "" if value is Truth.UNKNOWN else value.value
    if isinstance(value, Bounds):
        return number_text(value.low) if is_exact(value) else ""
    return " ".join(f"{code.system} {code.code}".strip() for code in value)


def _is_near(value: str, expected: str, tolerance: str) -> bool:
    """Whether a value is the expected one, rounded to as many places as that is written with."""
    number, wanted, width = number_of(value), number_of(expected.strip()), number_of(tolerance)
    if not isinstance(number, Decimal) or not isinstance(wanted, Decimal):
        return bool(value) and folded(value) == folded(expected)
    places = len(expected.strip().partition(".")[2])
    allowed = width if isinstance(width, Decimal) else Decimal(1).scaleb(-places) / 2
    return abs(number - wanted) <= allowed
