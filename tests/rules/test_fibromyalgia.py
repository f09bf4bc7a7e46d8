"""The fibromyalgia sets against their rules said again in plain numbers, over every index and every scale."""

from __future__ import annotations

import datetime
import itertools
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest

from screening import screen
from screening.interpreters import reference
from screening.language.library import Library
from screening.reading.load import load
from screening.values.bounds import Bounds, is_exact
from screening.values.truth import FALSE, TRUE, Truth, truth_of

RULES = Path(__file__).parents[2] / "rules"
AS_OF = datetime.date(2026, 11, 22)
EDITIONS = ("acr-1990", "acr-2010", "acr-2011", "acr-2016", "aapt-2019", "wpi", "psd", "fiqr")
JUDGED = {"value": "FALSE", "date": "2026-11-20", "by": "clinician K2"}


def evaluated(library: Library, law: reference.Law, evidence: dict[str, Any]) -> dict[str, Any]:
    items = {n: i if isinstance(i, dict) else {"value": str(i), "date": "2026-11-20"} for n, i in evidence.items()}
    record = {"subject": "SYN-1", "synthetic": "true", "evidence": items}
    subject = screen.read_record(json.dumps(record).encode(), library, "person.json")
    return law.evaluate(subject, AS_OF)


def before_2016(index: int, scale: int) -> bool:
    """The rule of 2010 and 2011 as it is printed."""
    return (index >= 7 and scale >= 5) or (3 <= index <= 6 and scale >= 9)


def of_2016(index: int, scale: int) -> bool:
    """The rule of 2016 as it is printed, with all regions painful."""
    return (index >= 7 and scale >= 5) or (4 <= index <= 6 and scale >= 9)


@pytest.mark.parametrize(
    ("edition", "scale", "rule"),
    [
        ("acr-2010", "SSS 2010 Total", before_2016),
        ("acr-2011", "SSS Total", before_2016),
        ("acr-2016", "SSS Total", of_2016),
    ],
)
def test_every_index_with_every_scale(edition: str, scale: str, rule: Callable[[int, int], bool]) -> None:
    library = screen.load_library(f"fibromyalgia-{edition}")
    law = reference.Law(library)
    (criterion,) = library.criteria
    common = {"FM Symptom Months": 3, "Painful Regions Total": 5, "Other Disorder Explains Pain": JUDGED}
    asked = {r.name for r in library.requirements}
    common = {name: item for name, item in common.items() if name in asked}
    for index, severity in itertools.product(range(20), range(13)):
        found = evaluated(library, law, {**common, "WPI Total": index, scale: severity})
        assert found[criterion.id] is truth_of(rule(index, severity)), (index, severity)
        if found[criterion.id] is TRUE:
            # Who meets a set has a distress scale of 12 or more, and an index of 3 or more.
            assert index + severity >= 12
            assert index >= 3


def test_the_sets_of_2010_and_2011_are_not_met_before_a_clinician_has_judged() -> None:
    for edition in ("acr-2010", "acr-2011"):
        library = screen.load_library(f"fibromyalgia-{edition}")
        law = reference.Law(library)
        (criterion,) = library.criteria
        common = {"WPI Total": 19, "SSS Total": 12, "SSS 2010 Total": 12, "FM Symptom Months": 60}
        assert evaluated(library, law, common)[criterion.id] is Truth.UNKNOWN
        for judged, met in (("FALSE", TRUE), ("TRUE", FALSE)):
            answer = {"Other Disorder Explains Pain": {**JUDGED, "value": judged}}
            assert evaluated(library, law, {**common, **answer})[criterion.id] is met


def test_the_impact_questionnaire_multiplies_the_answered_items() -> None:
    library = screen.load_library("fibromyalgia-fiqr")
    law = reference.Law(library)
    rng = Random(2009)
    domains = {"Function": (9, Fraction(1, 3)), "Overall": (2, Fraction(1)), "Symptom": (10, Fraction(1, 2))}
    for _ in range(60):
        evidence: dict[str, Any] = {}
        wanted = Fraction(0)
        for domain, (items, weight) in domains.items():
            answered = sorted(rng.sample(range(1, items + 1), rng.randint(1, items)))
            scores = [rng.randint(0, 10) for _ in answered]
            evidence |= {f"FIQR {domain} {n}": score for n, score in zip(answered, scores, strict=True)}
            wanted += weight * Fraction(sum(scores) * items, len(answered))
        found = evaluated(library, law, evidence)["FIQR"]
        assert isinstance(found, Bounds)
        assert is_exact(found)
        assert abs(Fraction(str(found.low)) - wanted) < Fraction(1, 10**7)


def test_the_editions_share_what_they_ask_for(tmp_path: Path) -> None:
    """One file may include them all: nothing of one name is asked for in two ways."""
    included = "\n".join(
        f'  - {{library: fibromyalgia-{edition}, version: "0.1", criteria: all}}' for edition in EDITIONS
    )
    text = f'library: every-edition\nversion: "0.1"\ninclude:\n{included}\n'
    (tmp_path / "every-edition.yaml").write_text(text, encoding="utf-8")
    library = load(tmp_path / "every-edition.yaml", [tmp_path, RULES])
    assert len(library.criteria) == len(EDITIONS)


@pytest.mark.parametrize("edition", EDITIONS)
def test_an_edition_says_what_it_is(edition: str) -> None:
    library = screen.load_library(f"fibromyalgia-{edition}")
    # What the sets share, and scales, are no editions to be compared with them.
    assert library.family == ("" if edition in ("wpi", "psd", "fiqr") else "fibromyalgia")
    assert library.status == "draft"
    assert library.intended_use
    assert len(library.criteria) == 1


@pytest.mark.parametrize("edition", ["acr-1990", "aapt-2019"])
def test_no_site_or_point_is_derived_from_the_index(edition: str) -> None:
    library = screen.load_library(f"fibromyalgia-{edition}")
    areas = {r.name for r in screen.load_library("fibromyalgia-wpi").requirements} - {"Recorded FM"}
    assert not areas & {r.name for r in library.requirements}
