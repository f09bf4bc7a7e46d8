"""A small protocol with a requirement of every kind, for the tests of what reads records."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from screening.language.library import Library
from screening.reading.load import load

RULES = """\
library: every-kind
version: "0.1"
title: A requirement of every kind
status: draft
sources: {made: for the tests}
parameters:
  Upper Limit: {type: Integer, value: 5, chosen: true, source: {made: here}}
requirements:
  Age: {type: Integer, take: age on Screening Date}
  Gender: {type: String, take: gender, obtain: ask}
  Died: {type: Boolean, take: death}
  WPI: {type: Integer, scale: [0, 19], obtain: questionnaire, text: Widespread pain index}
  Fatigue: {type: Integer, scale: [0, 3], missing: ["77", "99", NA], obtain: questionnaire}
  DAS28: {type: Decimal, floor: 0}
  CRP: {type: Quantity, unit: mg/L, code: LOINC 1988-5, floor: 0, within: 30 days, obtain: blood, chosen: window}
  Creatinine:
    type: Quantity
    unit: umol/L
    factor: {from: mg/dL, by: 88.4, because: molar mass of creatinine}
    obtain: blood
  Systolic Pressure:
    {type: Quantity, unit: "mm[Hg]", code: LOINC 8480-6, plausible: [60, 260],
     take: mean of latest day, readings: 2}
  INR: {type: Quantity, unit: "1"}
  Pregnant: {type: Boolean, obtain: blood}
  Psychosis: {type: Boolean, condition: [SNOMED 58214004, SNOMED 69322001, SNOMED 13746004]}
  Arthritis: {type: Boolean, condition: [ICD-10-CM M05.*, [SNOMED 69896004, ICD-10-CM M06.9]]}
  Registry: {type: Boolean, condition: SNOMED 203082005, uncoded: ignore, because: the registry codes everything}
  Onset: {type: Date}
  Infusion: {type: DateTime}
  Hand: {type: String}
  Stop Reason: {type: Code, label: why}
  Judged: {type: Judgement}
  Skipped: {type: Decimal, unusable: skip, because: {made: here}}
  Trials:
    type: Records
    medication: [[RxNorm 6851, ATC L04AX03], RxNorm 214555]
    fields:
      drug: Code
      mechanism:
        {type: String, values: [TNF, JAK, csDMARD], by code: {TNF: [RxNorm 214555], csDMARD: [RxNorm 6851]}}
      outcome: {type: String, values: [failed, ongoing]}
      days: Integer
      dose: {type: Quantity, unit: mg}
      stopped: Date
criteria:
  - id: INC01
    category: inclusion
    text: Old enough
    source: {made: here}
    expression: Age >= 18
    alert: {expression: '"Systolic Pressure" >= 180 ''mm[Hg]''', text: look at it, escalate: somebody}
"""


@cache
def library() -> Library:
    """The protocol, read as any other."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "every-kind.yaml"
        path.write_text(RULES, encoding="utf-8")
        return load(path, [Path(folder)])
