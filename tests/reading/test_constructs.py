# ruff: noqa: E501 (tables of texts, one case a line)
"""Every construct of the language, read from a file and evaluated by the law."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from screening.values.bounds import OPEN, Bounds, exactly
from screening.values.coding import Code, word
from screening.values.truth import FALSE, TRUE, UNKNOWN
from tests.reading.made import answer, one

REQUIREMENTS = """  WPI: {type: Integer, scale: [0, 19]}
  CDAI: {type: Decimal}
  CRP: {type: Quantity, unit: mg/L}
  Onset: {type: Date}
  Start: {type: DateTime}
  Word: {type: String}
  Reason: {type: Code}
  RA: {type: Boolean}
  FM: {type: Boolean, condition: SNOMED 203082005}
  Recent: {type: Integer, within: 30 days}
  Birth: {type: Integer, take: age on Screening Date}
  Trials:
    type: Records
    fields: {days: Integer, kind: {type: String, values: [a, b]}, kept: Boolean, stopped: Date}
"""


def day(text: str) -> Bounds:
    return exactly(datetime.date.fromisoformat(text))


PERSON = (
    one("WPI", 9),
    one("CDAI", exactly(Decimal("12.5"))),
    one("CRP", exactly(Decimal(12))),
    one("Onset", day("2026-05-22")),
    one("Start", Bounds(*(datetime.datetime.fromisoformat("2026-11-20T09:00"),) * 2)),
    one("Word", word("yes")),
    one("Reason", (Code("SNOMED", "58848006"),)),
    one("RA", TRUE),
    one("Recent", 3, "2026-10-01"),
    one("Birth", day("1980-11-23")),
    one("Trials", UNKNOWN, "2026-01-01", kind=word("a"), days=exactly(100), kept=TRUE, stopped=day("2026-04-01")),
    one("Trials", UNKNOWN, "2026-02-01", kind=word("b"), days=exactly(10), kept=FALSE),
    one("Trials", UNKNOWN, "2026-03-01", days=exactly(200)),
)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("true and not false or null", TRUE),
        ("RA xor RA", FALSE),
        ("RA implies FM", UNKNOWN),
        ("FM is null and RA is true and RA is not false", TRUE),
        ("if RA then WPI else CDAI", exactly(9)),
        ("Coalesce(Recent, WPI)", exactly(9)),
        ("WPI = 9 and WPI != 8 and WPI < 10 and WPI <= 9 and WPI > 8 and WPI >= 9", TRUE),
        ("WPI between 4 and 9", TRUE),
        ("WPI in Interval[1, 9)", FALSE),
        ("WPI in Interval(8, 9]", TRUE),
        ("WPI in {7, 9}", TRUE),
        ("Word in {'yes', 'no'} and Word = 'yes'", TRUE),
        ("Reason in {'SNOMED 58848006'} and Reason != 'SNOMED 1'", TRUE),
        ("WPI + 1 - 2 * 3 / 4 ^ 2", exactly(Decimal("9.625"))),
        ("-WPI", exactly(-9)),
        ("Ln(1) + Exp(0) + Sqrt(4) + Abs(-3)", exactly(6)),
        ("Round(CDAI) + Round(2.345, 2)", exactly(Decimal("15.35"))),
        ("Min({WPI, 3}) + Max({WPI, 3}) + Sum({1, 2}) + Mean({1, 2})", exactly(Decimal("16.5"))),
        ("Agree(WPI, 9)", exactly(9)),
        ("CRP >= 1.2 'mg/dL'", TRUE),
        ("Count({RA, FM} X where X)", Bounds(1, 2)),
        ("Count({WPI, 3} X where X > 3)", exactly(1)),
        ("exists ({RA, FM} X where X)", TRUE),
        ("Onset 6 months or less on or before day of \"Screening Date\"", TRUE),
        ("Onset 6 months or more before \"Screening Date\"", TRUE),
        ("Onset (WPI) months or less before \"Screening Date\"", TRUE),
        ("Onset before \"Screening Date\" and \"Screening Date\" after Onset and Onset on or before @2026-05-22", TRUE),
        ("Onset within 1 month of @2026-06", UNKNOWN),
        ("Start within 2 days before \"Screening Date\"", TRUE),
        ("Start same day as @2026-11-20", TRUE),
        ("Start 3 hours or less before @2026-11-20T12:00", TRUE),
        ("hours between Start and @2026-11-20T12:30", exactly(3)),
        ("months between Onset and \"Screening Date\"", exactly(6)),
        ("Onset + 6 months", day("2026-11-22")),
        ("\"Screening Date\" - (WPI) days", day("2026-11-13")),
        ("date of WPI", day("2026-11-20")),
        ("CalculateAgeInYearsAt(Onset, @2030-05-21)", exactly(3)),
        ("Birth", exactly(45)),
        ("Recent", OPEN),
        ("exists Trials", TRUE),
        ("Count(Trials)", exactly(3)),
        ("Count(Trials T where T.days > 50)", exactly(2)),
        ("Count(Trials T where T.kind = 'a')", Bounds(1, 2)),
        ("Count(distinct (Trials T return T.kind))", exactly(2)),
        ("Max((Trials T where T.days < 150 return T.days))", exactly(100)),
        ("exists (Trials T where T.kept and T.date 1 year or less before \"Screening Date\")", TRUE),
        ("Count((Trials T where T.days > 5) S where S.stopped < @2026-05-01)", Bounds(1, 3)),
        ("exists (Trials T where T.kind is null)", TRUE),
        ("FM", UNKNOWN),
    ],
)  # fmt: skip
def test_it_is_evaluated(tmp_path: Path, expression: str, value: object) -> None:
    assert answer(tmp_path, expression, REQUIREMENTS, *PERSON, complete=("Trials",)) == value
