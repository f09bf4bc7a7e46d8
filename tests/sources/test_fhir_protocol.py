"""From a rule file and a bundle to what the law says: the way a person is really screened."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from screening import screen
from screening.interpreters.reference import evaluate
from screening.language.library import Library
from screening.sources.fhir import read_bundle
from screening.sources.site import read_site
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth
from tests.sources.bundles import RXNORM, bundle, concept, every_shared, prescription, read, resource, shared

RULES = """
library: small
version: "0.1"
title: A small protocol
status: draft
sources: {label: A label}
valuesets:
  Rheumatoid Arthritis:
    concepts: [[SNOMED 69896004, ICD-10-CM M06.9]]
    source: {label: codes}
anchors: [RA]
requirements:
  RA: {type: Boolean, condition: Rheumatoid Arthritis, source: {label: 1}}
  Systolic: {type: Quantity, unit: "mm[Hg]", code: LOINC 8480-6, readings: 2, within: 30 days, source: {label: 2}}
  Diastolic: {type: Quantity, unit: "mm[Hg]", code: LOINC 8462-4, readings: 2, within: 30 days, source: {label: 2}}
  MAO Inhibitor: {type: Boolean, medication: [RxNorm 8123, RxNorm 10734], within: 14 days, source: {label: 3}}
  Dead: {type: Boolean, take: death, source: {label: 4}}
criteria:
  - {id: INC01, category: inclusion, text: RA, source: {label: 1}, expression: RA}
  - id: EXC01
    category: exclusion
    text: Blood pressure
    source: {label: 2}
    expression: |
      Systolic >= 160 'mm[Hg]' or Diastolic >= 100 'mm[Hg]'
    alert:
      expression: |
        Systolic >= 180 'mm[Hg]' or Diastolic >= 110 'mm[Hg]'
      text: Urgent
  - {id: EXC02, category: exclusion, text: MAO inhibitor, source: {label: 3}, expression: '"MAO Inhibitor"'}
  - {id: EXC03, category: exclusion, text: Dead, source: {label: 4}, expression: Dead}
"""
SITE = """
site: Clinic
owner: A
signed by: B
date: 2026-11-01
complete: [{list: medications, since: ever, because: every prescription is kept}]
"""
DAY = datetime.date(2026, 11, 10)


@pytest.fixture(scope="module")
def protocol(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder: Path = tmp_path_factory.mktemp("rules")
    (folder / "small.yaml").write_text(RULES, encoding="utf-8")
    return screen.load_library("small", [folder])


@pytest.mark.parametrize("path", every_shared() or ["absent"])
def test_every_shared_bundle_gives_a_verdict_that_the_verifier_accepts(path: str, protocol: Library) -> None:
    subject = screen.read_record(shared(path), protocol, path)
    done = screen.screen(protocol, subject, DAY)
    screen.verify(done.certificate, protocol, subject)
    assert done.determination.verdict.name != "ELIGIBLE"


def test_one_high_reading_raises_its_alert_while_the_criterion_is_open(protocol: Library) -> None:
    path = "pysynthea-raised-incidence/Lorita_Langosh_ad4d9fc7.json"
    subject = screen.read_record(shared(path), protocol, path)
    done = screen.screen(protocol, subject, DAY)
    assert evaluate(protocol, subject, DAY)["EXC01"] is UNKNOWN
    (alert,) = done.determination.alerts
    assert (alert.criterion, len(alert.facts)) == ("EXC01", 1)


def test_the_dead_are_ruled_out(protocol: Library) -> None:
    path = "synthea-java/Laticia_Dibbert.json"
    subject = screen.read_record(shared(path), protocol, path)
    assert evaluate(protocol, subject, DAY)["EXC03"] is TRUE


def given(day: str) -> dict[str, Any]:
    drug = concept("8123", RXNORM)
    return resource(
        "MedicationAdministration", status="completed", medicationCodeableConcept=drug, effectiveDateTime=day
    )


@pytest.mark.parametrize(
    ("entry", "truth"),
    [
        # Who was prescribed it years ago may have taken it yesterday, whatever the status says.
        (prescription("8123", authoredOn="2020-01-01"), UNKNOWN),
        (prescription("8123", authoredOn="2020-01-01", status="stopped"), UNKNOWN),
        (prescription("8123", authoredOn="2026-11-07"), TRUE),
        (given("2026-11-07"), TRUE),
        (given("2026-10-20"), FALSE),
        (prescription("8123", authoredOn="2026-11-07", status="cancelled"), FALSE),
        (prescription("8123", authoredOn="2026-11-07", status="entered-in-error"), FALSE),
        (prescription(medicationCodeableConcept={"text": "phenelzine"}), UNKNOWN),
        (prescription("1049504"), UNKNOWN),
        (prescription("8123", authoredOn=None), UNKNOWN),
    ],
)
def test_a_complete_list_of_medicines_and_the_last_dose(
    entry: dict[str, Any], truth: Truth, protocol: Library
) -> None:
    site = read_site(SITE, "site.yaml")
    data = json.dumps(bundle(entry))
    subject = read_bundle(data, protocol, name="record.json", site=site)
    assert evaluate(protocol, subject, DAY)["EXC02"] is truth
    without = read_bundle(data, protocol, name="record.json")
    assert evaluate(protocol, without, DAY)["EXC02"] is (TRUE if truth is TRUE else UNKNOWN)


def test_no_list_of_medicines_is_no_answer(protocol: Library) -> None:
    subject = read(bundle(), *protocol.requirements)
    assert evaluate(protocol, subject, DAY)["EXC02"] is UNKNOWN
