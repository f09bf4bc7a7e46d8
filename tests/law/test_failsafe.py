"""No completion of what is unknown makes an ELIGIBLE verdict wrong: tried on the shipped rule files.

A person who is eligible with everything recorded loses answers; whoever is still ELIGIBLE is then given
answers by chance for everything that is missing, and has to stay ELIGIBLE. And nobody of whom nothing is
known is ever ELIGIBLE, under any rule file: a score is no exception.
"""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from screening import screen
from screening.interpreters import reference
from screening.language.library import Library
from screening.outcome.determination import Verdict, verdict_of
from tests.law.completion import answer

ROOT = Path(__file__).parents[2]
AS_OF = datetime.date(2026, 11, 22)
PROTOCOLS = (
    "ketamine-ra-fm", "ketamine-safety", "ra-difficult-to-treat", "fibromyalgia-acr-1990", "fibromyalgia-acr-2010",
    "fibromyalgia-acr-2011", "fibromyalgia-acr-2016", "fibromyalgia-aapt-2019", "ketamine-infusion-day",
    "ketamine-guideline", "ketamine-trial-strict", "ketamine-uk-smpc", "kidney-function", "stop-bang",
)  # fmt: skip
# What a protocol asks for beyond the completed person. The FIQR is not among the protocols: by its published rule
# answered items speak for missing ones, a choice that no completion has to bear out.
_SEEN = "2026-11-20"
_UNEXPLAINED = {"Other Disorder Explains Pain": {"value": "FALSE", "date": _SEEN, "by": "rheumatologist K2"}}
BEYOND: dict[str, dict[str, Any]] = {
    "fibromyalgia-acr-1990": {
        **{
            name: {"value": "TRUE", "date": _SEEN}
            for name in (
                "Pain on Left Side", "Pain on Right Side", "Pain above Waist", "Pain below Waist", "Axial Pain"
            )
        },
        "Tender Points Total": {"value": "12", "date": _SEEN},
        "Widespread Pain Onset": {"value": "@2022-10", "date": _SEEN},
    },
    "fibromyalgia-acr-2010": {**_UNEXPLAINED, "Somatic Symptoms Rating": {"value": "2", "date": _SEEN}},
    "fibromyalgia-acr-2011": _UNEXPLAINED,
    "fibromyalgia-aapt-2019": {
        "AAPT Sites Total": {"value": "7", "date": _SEEN},
        "AAPT Fatigue Level": {"value": "2", "date": _SEEN},
        "AAPT Sleep Problem Severity": {"value": "'severe'", "date": _SEEN},
        "Multisite Pain Onset": {"value": "@2022-10", "date": _SEEN},
    },
}  # fmt: skip
# Who is ELIGIBLE under a protocol that the completed case is not for, and on which day.
OTHERS = {"ketamine-infusion-day": ("infusion-day-no-hold.yaml", datetime.date(2026, 11, 25))}
FILES = sorted(path for path in (ROOT / "rules").glob("*.yaml") if not path.name.endswith(".cases.yaml"))
EVERY = [path.stem for path in FILES if "\ncriteria:" in path.read_text(encoding="utf-8")]  # others only lend
ROOTS = ("eligible", "favourable", "review", "arranged")


class Bench:
    """One protocol with a person who is ELIGIBLE under it."""

    def __init__(self, protocol: str) -> None:
        self.library: Library = screen.load_library(protocol)
        self.law = reference.Law(self.library)
        record, self.day = OTHERS.get(protocol, ("index-completed.yaml", AS_OF))
        text = (ROOT / "rules" / "records" / record).read_text(encoding="utf-8")
        self.record: dict[str, Any] = yaml.load(text, yaml.BaseLoader)
        self.record["evidence"] |= BEYOND.get(protocol, {})
        self.requirements = {r.name: r for r in self.library.requirements}
        used = {name for name, _ in self.library.order} | set(self.record["evidence"])
        self.names = sorted(name for name in self.requirements if name in used)

    def verdict(self, evidence: dict[str, Any]) -> Verdict:
        record = {**self.record, "evidence": evidence}
        subject = screen.read_record(json.dumps(record).encode(), self.library, "person.json")
        values = self.law.evaluate(subject, self.day)
        return verdict_of(*(values[root] for root in ROOTS))  # type: ignore[arg-type]

    def contradicts(self, evidence: dict[str, Any]) -> bool:
        """Whether the answers contradict what is recorded: that is no completion of it."""
        record = {**self.record, "evidence": evidence}
        subject = screen.read_record(json.dumps(record).encode(), self.library, "person.json")
        return any(step.conflict for step in self.law.trace(subject, self.day).steps)

    def without(self, names: set[str]) -> dict[str, Any]:
        return {name: item for name, item in self.record["evidence"].items() if name not in names}

    def filled(self, evidence: dict[str, Any], rng: Random) -> dict[str, Any]:
        missing = [name for name in self.names if name not in evidence]
        return evidence | {name: answer(rng, self.requirements[name], str(self.day)) for name in missing}


@pytest.fixture(scope="module", params=PROTOCOLS)
def bench(request: pytest.FixtureRequest) -> Bench:
    return Bench(request.param)


def test_the_completed_person_is_eligible(bench: Bench) -> None:
    assert bench.verdict(bench.without(set())) is Verdict.ELIGIBLE


@pytest.mark.parametrize("protocol", EVERY)
def test_nothing_known_is_never_eligible(protocol: str) -> None:
    assert Bench(protocol).verdict({}) in (Verdict.UNDETERMINED, Verdict.REVIEW)


def test_whoever_is_eligible_with_gaps_stays_eligible_whatever_fills_them(bench: Bench) -> None:
    rng = Random(20261122)
    names = [name for name in bench.record["evidence"] if name in bench.requirements]
    withheld = [{name} for name in names] + [set(rng.sample(names, min(len(names), 3))) for _ in range(40)]
    survived = 0
    for gap in withheld:
        left = bench.without(gap)
        if bench.verdict(left) is not Verdict.ELIGIBLE:
            continue
        survived += 1
        for _ in range(6):
            whole = bench.filled(left, rng)
            if not bench.contradicts(whole):
                assert bench.verdict(whole) is Verdict.ELIGIBLE, f"without {sorted(gap)}"
    assert survived < len(withheld), "no answer of the completed person matters"
