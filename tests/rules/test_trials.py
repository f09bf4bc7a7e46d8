"""The registered trials: what names them, what they never say, whose words they are, and every limit by itself."""

from __future__ import annotations

import datetime
import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from screening import screen
from screening.interpreters import reference
from screening.language.library import WHOLE, DataRequirement, Library
from screening.outcome.determination import Determination, Verdict, determine
from screening.reading.load import load
from tests.checkout import ROOT, absent
from tests.law.completion import answer

HERE = Path(__file__).parent
RULES = ROOT / "rules"
SHARED = ROOT.parent / "shared"
REGISTERED = SHARED / "data" / "trials" / "lct"
SAFETY = SHARED / "clinical" / "ketamine-safety-and-trials.md"
NUMBERS = sorted(path.stem for path in RULES.glob("nct*.yaml") if not path.name.endswith(".cases.yaml"))
INCOMPLETE = [
    name for name in NUMBERS if re.search(r"(?m)^incomplete:", (RULES / f"{name}.yaml").read_text("utf-8"))
]
COMPLETE = [name for name in NUMBERS if name not in INCOMPLETE]


# What a date does not belong to: ages are dated by themselves, rows of a list each have their own.
SEEN = "2026-11-22"
UNDATED = ("date", "born", "age", "records")


def read(path: Path) -> dict[str, Any]:
    """A YAML file with every scalar as it is written."""
    found: dict[str, Any] = yaml.load(path.read_text("utf-8"), yaml.BaseLoader)
    return found


@functools.cache
def trial(name: str) -> Library:
    return load(RULES / f"{name}.yaml", [RULES])


@functools.cache
def satisfied(name: str) -> dict[str, Any]:
    """The record of a person who satisfies all that the file of a trial holds, as its worked cases give it."""
    file = read(RULES / f"{name}.cases.yaml")
    evidence: dict[str, Any] = {}
    for requirement, item in file["given"].items():
        found = {"value": item} if isinstance(item, str) else item
        stated = any(key in found for key in UNDATED)
        evidence[requirement] = found if stated else {**found, "date": file["date"]}
    return {"as of": file["as of"], "subject": "SYN-CASE", "synthetic": "true", "evidence": evidence}


def judged(library: Library, record: dict[str, Any], evidence: dict[str, Any]) -> Determination:
    as_of = datetime.date.fromisoformat(record["as of"])
    whole = {key: value for key, value in record.items() if key != "as of"} | {"evidence": evidence}
    subject = screen.read_record(json.dumps(whole).encode(), library, "person.json")
    return determine(library, reference.Law(library).trace(subject, as_of))


# ------------------------------------------------------------------------------------------- names


def test_there_are_trials_of_every_kind() -> None:
    assert len(NUMBERS) >= 15
    assert INCOMPLETE
    assert COMPLETE


@pytest.mark.parametrize("name", NUMBERS)
def test_a_trial_is_named_by_its_registration(name: str) -> None:
    library = trial(name)
    assert re.fullmatch(r"nct\d{8}", name)
    assert (library.name, library.registration) == (name, name.upper())
    assert (library.status, bool(library.incomplete)) == ("draft", name in INCOMPLETE)
    assert library.registration in dict(library.sources)["registry"]
    assert "screening exercises; the registry record is a snapshot" in " ".join(library.intended_use.split())
    assert any("snapshot" in words for words in library.fixed_words)
    assert library.anchors
    for criterion in library.criteria:
        if criterion.id not in (WHOLE, "DEAD"):
            assert criterion.source.source == "registry", criterion.id
            # What a registry excludes is absolute; what is only arranged is not.
            assert criterion.strength in ("absolute", "administrative"), criterion.id


@pytest.mark.parametrize("name", NUMBERS)
def test_a_trial_has_worked_cases_of_each_kind(name: str) -> None:
    cases = read(RULES / f"{name}.cases.yaml")["cases"]
    expected = [case["expect"] for case in cases]
    assert len(cases) >= 3
    assert expected[0]["verdict"] == ("UNDETERMINED" if name in INCOMPLETE else "ELIGIBLE")
    assert any(e.get("verdict") == "INELIGIBLE" for e in expected)
    assert any("UNKNOWN" in e.get("criteria", {}).values() for e in expected[1:])


# ------------------------------------------------------------------------------- never more than known


@pytest.mark.parametrize("name", INCOMPLETE)
def test_a_file_that_is_incomplete_never_says_eligible(name: str, tmp_path: Path) -> None:
    library, record = trial(name), satisfied(name)
    best = judged(library, record, record["evidence"])
    assert best.verdict is Verdict.UNDETERMINED
    assert (best.to_obtain, best.to_review, best.to_arrange) == ((), (), ())
    # The missing part alone keeps the person out: without its mark the same file says ELIGIBLE.
    text = (RULES / f"{name}.yaml").read_text("utf-8")
    unmarked = tmp_path / f"{name}.yaml"
    unmarked.write_text(re.sub(r"(?m)^incomplete: .*\n", "", text), encoding="utf-8")
    whole = load(unmarked, [tmp_path, RULES])
    assert judged(whole, record, record["evidence"]).verdict is Verdict.ELIGIBLE
    rng = Random(20261122)
    for _ in range(30):
        assert judged(library, record, by_chance(rng, library, record["evidence"])).verdict is not Verdict.ELIGIBLE


def by_chance(rng: Random, library: Library, evidence: dict[str, Any], changed: int = 3) -> dict[str, Any]:
    """The evidence with some answers given by chance."""
    drawn = rng.sample(list(library.requirements), min(changed, len(library.requirements)))
    return evidence | {requirement.name: answer(rng, requirement, SEEN) for requirement in drawn}


@pytest.mark.parametrize("name", NUMBERS)
def test_nobody_of_whom_nothing_is_known_is_eligible(name: str) -> None:
    assert judged(trial(name), satisfied(name), {}).verdict is Verdict.UNDETERMINED


@pytest.mark.parametrize("name", COMPLETE)
def test_whoever_is_eligible_with_a_gap_stays_so_whatever_fills_it(name: str) -> None:
    library, record = trial(name), satisfied(name)
    evidence = record["evidence"]
    requirements = {requirement.name: requirement for requirement in library.requirements}
    assert judged(library, record, evidence).verdict is Verdict.ELIGIBLE
    rng = Random(20261122)
    decisive = 0
    for gap in evidence:
        left = {n: item for n, item in evidence.items() if n != gap}
        if judged(library, record, left).verdict is not Verdict.ELIGIBLE:
            decisive += 1
            continue
        for _ in range(4):
            filled = judged(library, record, left | {gap: answer(rng, requirements[gap], SEEN)})
            assert filled.verdict is Verdict.ELIGIBLE, f"without {gap}"
    assert decisive, "no answer matters"


# ------------------------------------------------------------------- the same thing, the same requirement


def asked(requirement: DataRequirement) -> tuple[object, ...]:
    """What a requirement asks for and where it is found. Windows are each protocol's own."""
    return (
        requirement.type, requirement.kind, requirement.concepts, requirement.scale, requirement.floor,
        requirement.take, requirement.active_only, requirement.factors, requirement.text, requirement.label,
    )  # fmt: skip


# What is asked on the day of an infusion is asked of that day alone, under the names of the screening.
OF_THE_DAY = "ketamine-infusion-day"


def test_a_requirement_of_one_name_is_one_thing_in_every_file() -> None:
    every = (p for p in sorted(RULES.glob("*.yaml")) if not p.name.endswith(".cases.yaml"))
    shipped = [path for path in every if path.stem != OF_THE_DAY]
    first: dict[str, tuple[str, tuple[object, ...]]] = {}
    other = []
    for path in shipped:
        if not re.search(r"(?m)^criteria:", path.read_text("utf-8")):
            continue
        for requirement in load(path, [RULES]).requirements:
            seen = first.setdefault(requirement.name, (path.stem, asked(requirement)))
            if "nct" in path.stem + seen[0] and seen[1] != asked(requirement):
                other.append((requirement.name, seen[0], path.stem))
    assert not other


# ---------------------------------------------------------------------------------- whose words they are


def shingles(text: str) -> set[tuple[str, ...]]:
    """Every run of eight words of a text, without case and punctuation."""
    words = re.findall(r"[a-z0-9]+", text.casefold())
    return set(zip(*(words[n:] for n in range(8)), strict=False))


def test_no_words_are_the_registry_s() -> None:
    texts = sorted(REGISTERED.glob("*.txt"))
    if not texts:
        absent("no registered texts beside the checkout (shared data)")
    registered = {path.name: shingles(path.read_text("utf-8")) for path in texts}
    assert all(registered.values())
    for name in NUMBERS:
        for path in (RULES / f"{name}.yaml", RULES / f"{name}.cases.yaml"):
            own = shingles(path.read_text("utf-8"))
            for source, theirs in registered.items():
                assert not own & theirs, f"{path.name} has words of {source}"


def test_a_copied_sentence_would_be_seen() -> None:
    sentence = "patients residing far from the site of the research are not taken"
    assert shingles(f"text: {sentence}.") & shingles(f"  -  {sentence.title()};")


# ------------------------------------------------------------------------------------------ every limit

_NAME = r'(?:"[^"]+"|[A-Za-z][\w.]*|\))'
_SPAN = r"(\d+) ((?:day|week|month|year)s?)"
_COMPARED = re.compile(rf"({_NAME}) (>=|<=|>|<) ([\d.]+)(?: '([^']+)')?")
_WINDOW = re.compile(rf'("[^"]+"|\w\.date) {_SPAN} or (more|less)')
_SHIFTED = re.compile(rf'("[^"]+") (before|after) day of (?:"Screening Date" - {_SPAN}|@([\d-]+))')


def limits(written: str) -> list[str]:
    """Every number of a condition with what it is compared to and how, in the order in which they stand."""
    text = " ".join(written.split())
    found: list[tuple[int, str]] = []
    for m in _COMPARED.finditer(text):
        name = "Count" if m[1] == ")" else m[1].strip('"')
        found.append((m.start(), " ".join(part for part in (name, m[2], m[3], m[4]) if part)))
    for m in _WINDOW.finditer(text):
        found.append((m.start(), f"{m[1].strip(chr(34))}: {m[2]} {m[3]} or {m[4]}"))
    for m in _SHIFTED.finditer(text):
        found.append((m.start(), f"{m[1].strip(chr(34))} {m[2]} {f'{m[3]} {m[4]}' if m[3] else m[5]}"))
    return [limit for _, limit in sorted(found)]


def numbers(written: str) -> Iterator[str]:
    """Every number that stands in a condition, outside names and words."""
    bare = re.sub(r"\"[^\"]*\"|'[^']*'|@[\d-]+", "", written)
    yield from re.findall(r"(?<![\w.])\d+(?:\.\d+)?", bare)


def test_every_limit_is_the_registry_s() -> None:
    table: dict[str, dict[str, list[str]]] = read(HERE / "trial_limits.yaml")
    assert sorted(table) == sorted(name.upper() for name in NUMBERS if _limited(name))
    for name in NUMBERS:
        encoded = {c.id: limits(c.written) for c in trial(name).criteria if limits(c.written)}
        assert encoded == table.get(name.upper(), {}), name


def _limited(name: str) -> bool:
    return any(limits(criterion.written) for criterion in trial(name).criteria)


def test_no_number_of_a_condition_is_left_out_of_the_table() -> None:
    for name in NUMBERS:
        for criterion in trial(name).criteria:
            dated = len(re.findall(r"@[\d-]+", criterion.written))
            assert len(list(numbers(criterion.written))) + dated == len(limits(criterion.written)), criterion.id


# ------------------------------------------------------ the same limits, read off the reference by another way

# What the reference calls a quantity, and the names under which a trial asks for it.
_CALLED = {
    "age_years": ("Age",), "pain_nrs": ("Pain",), "pain_nrs_mean_7d": ("Pain Mean 7 Days", "Pain"),
    "pain_vas": ("Pain VAS",), "stop_bang": ("STOP-Bang",), "mme_day": ("MME",), "dn4": ("DN4",),
    "opioid_months": ("Opioid Months",), "bmi": ("BMI",), "weight_kg": ("Weight",), "sbp": ("Systolic Pressure",),
    "dbp": ("Diastolic Pressure",), "qtc_ms": ("QTcF",), "hr": ("Heart Rate",), "or_hr": ("Heart Rate",),
    "madrs": ("MADRS",), "ymrs": ("YMRS",), "moca": ("MoCA",), "qids": ("QIDS",), "qids_sr": ("QIDS",),
    "cgi_s": ("CGI-S",), "ciwa": ("CIWA",), "promis_pi_t": ("PROMIS Pain Interference",),
    "failed_antidepressants": ("Antidepressants Failed",),
    "completed_infusions": ("Ketamine Infusions Completed",),
    "failed_therapy_classes": ("Pain Treatment Classes Failed",), "lft_xuln": ("ALT",),
}  # fmt: skip
_SIGNS = {"min": ">=", "max": "<=", "gt": ">", "lt": "<", "part1_min": ">="}
_SIGNED = {"sbp_gt": "Systolic Pressure >", "or_dbp_gt": "Diastolic Pressure >", "sbp_lt": "Systolic Pressure <",
           "dbp_lt": "Diastolic Pressure <", "or_lt": "BMI <"}  # fmt: skip


def stated(conditions: list[dict[str, Any]]) -> Iterator[tuple[str, ...]]:
    """The limits of a block of the reference, each as the spellings that a trial may give it."""
    for condition in conditions:
        for key, value in condition.items():
            if not isinstance(value, dict):
                continue
            for sign, number in value.items():
                if sign in _SIGNED:
                    yield (f"{_SIGNED[sign]} {number}",)
                elif key in _CALLED and sign in _SIGNS:
                    yield tuple(f"{name} {_SIGNS[sign]} {number}" for name in _CALLED[key])


def test_the_limits_are_those_of_the_reference() -> None:
    if not SAFETY.exists():
        absent("no clinical reference beside the checkout (shared data)")
    block = re.search(r"(?s)\n## 4\..*?```yaml\n(.*?)```", SAFETY.read_text("utf-8"))
    assert block
    records = yaml.safe_load(block[1])
    assert len(records) >= 15
    checked = 0
    for record in records:
        name = record["id"].lower()
        assert name in NUMBERS, name
        if record.get("trunc"):
            assert name in INCOMPLETE, name
        own = [limit for criterion in trial(name).criteria for limit in limits(criterion.written)]
        bare = {re.sub(r"^(.* (?:>=|<=|>|<) [\d.]+).*$", r"\1", limit) for limit in own}
        for spellings in stated([*record.get("include", []), *record.get("exclude", [])]):
            assert bare & set(spellings), f"{name}: {spellings[0]}"
            checked += 1
    assert checked >= 50
