"""Who may make facts otherwise, of which nobody speaks, measurement errors and repeats, as files say them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from screening.language.library import (
    BY_CLINICIAN,
    BY_TIME,
    NEVER,
    Citation,
    DataRequirement,
    Library,
    MeasurementError,
    Repeat,
)
from screening.reading.encoding import decode, encode
from screening.reading.load import load
from tests.checkout import ROOT
from tests.reading.made import CRITERION, HEAD, loaded, refused


def declared(folder: Path, text: str) -> DataRequirement:
    file = f"{HEAD}requirements:\n  Anything: {{type: Boolean}}\n  It: {text}\n{CRITERION}"
    return loaded(folder, file).requirement("It")


def test_nobody_may_make_it_otherwise_where_nothing_is_said(tmp_path: Path) -> None:
    found = declared(tmp_path, "{type: Integer}")
    assert (found.modifiable, found.sensitive, found.measurement_error, found.repeat) == (NEVER, "", None, None)


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    text = """{type: Quantity, unit: "mm[Hg]", modifiable: by the treating clinician,
      measurement error: {value: "0.5 'cm[Hg]'", source: {report: page 2}},
      repeat: {text: after 5 minutes, source: {report: page 3}, chosen: true}}"""
    found = declared(tmp_path, text)
    assert found.modifiable == BY_CLINICIAN
    assert found.measurement_error == MeasurementError(Decimal(5), Citation("report", "page 2"))
    assert found.repeat == Repeat("after 5 minutes", Citation("report", "page 3"), True)
    assert declared(
        tmp_path, "{type: Integer, measurement error: {value: 0.5, chosen: true}}"
    ).measurement_error == (MeasurementError(Decimal("0.5"), None, True))


def test_a_definition_may_have_an_error_and_a_criterion_a_repeat(tmp_path: Path) -> None:
    text = f"""{HEAD}requirements:
  Joints: {{type: Integer, scale: [0, 28]}}
definitions:
  Score:
    measurement error: {{value: 0.6, source: {{report: page 5}}}}
    expression: |
      0.56 * Sqrt(Joints)
criteria:
  - id: INC01
    category: inclusion
    text: A sentence
    source: {{report: page 1}}
    repeat: {{text: once, source: {{report: page 6}}}}
    expression: |
      Score > 1
"""
    library = loaded(tmp_path, text)
    (score,) = (d for d in library.definitions if d.name == "Score")
    assert score.measurement_error == MeasurementError(Decimal("0.6"), Citation("report", "page 5"))
    assert library.criterion("INC01").repeat == Repeat("once", Citation("report", "page 6"))
    assert decode(encode(library)) == library


@pytest.mark.parametrize(
    "text",
    [
        "{type: Boolean, sensitive: pregnancy, modifiable: by time}",
        "{type: Boolean, medication: ATC N02A, modifiable: by the treating clinician}",
        "{type: Boolean, condition: [SNOMED 1, RxNorm 2], modifiable: by time}",
        "{type: Boolean, label: breastfeeding, modifiable: by time}",
        "{type: Boolean, text: any suicidal behaviour, modifiable: by the treating clinician}",
        "{type: Boolean, short names: [toxicology], modifiable: by time}",
    ],
)
def test_what_nobody_is_told_of_is_never_modifiable(tmp_path: Path, text: str) -> None:
    file = f"{HEAD}requirements:\n  Anything: {{type: Boolean}}\n  It: {text}\n{CRITERION}"
    (message,) = refused(tmp_path, file)
    assert message.startswith("requirement `It` is of the kind `") and " and is modifiable by t" in message
    kept = file.replace("modifiable: by time", "modifiable: never").replace(
        "modifiable: by the treating clinician", "modifiable: never"
    )
    assert loaded(tmp_path, kept).requirement("It").modifiable == NEVER


def _shipped() -> list[Library]:
    names = ("ketamine-ra-fm", "ketamine-infusion-day")
    return [load(ROOT / "rules" / f"{name}.yaml", [ROOT / "rules"]) for name in names]


def test_the_programme_speaks_of_little_and_never_of_what_is_sensitive() -> None:
    programme, day = _shipped()
    by = {r.name: r.modifiable for r in programme.requirements}
    assert {r.modifiable for r in day.requirements} == {NEVER}
    assert "Systolic Pressure" in {name for name, said in by.items() if said == BY_CLINICIAN}
    # A limit that lets in who has more of a disease: nobody is told that there would have to be more of it.
    assert by["DAS28 ESR Recorded"] == NEVER
    assert {name for name, said in by.items() if said == BY_TIME} == {
        "Hypertensive Emergency",
        "Last Seizure",
        "Attributed Episode Resolved",
    }
    for name in ("Age", "Sex at Birth", "Myocardial Infarction", "Pain", "ALT"):
        assert by[name] == NEVER
    for library in (programme, day):
        assert [r.name for r in library.requirements if r.is_sensitive and r.modifiable != NEVER] == []
    kinds = {r.name: r.sensitive for r in programme.requirements}
    assert kinds["Pregnant"] == "pregnancy" and kinds["C-SSRS Item 4 or 5"] == "suicidality"
    assert kinds["Drug Screen Positive"] == "drug screen" and kinds["MAO Inhibitor Last Dose"] == "medicine"
