# ruff: noqa: E501 (tables of texts, one case a line)
from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from screening.language import expression as e
from screening.language.expression import Expression
from screening.language.types import BOOLEAN, DATE, DATETIME, DECIMAL, INTEGER, Type, quantity
from screening.reading.tree import nodes
from screening.values.bounds import OPEN, exactly
from tests.reading.made import loaded, refused, with_definition

REQUIREMENTS = """  WPI: {type: Integer, scale: [0, 19]}
  CDAI: {type: Decimal}
  CRP: {type: Quantity, unit: mg/L}
  Weight: {type: Quantity, unit: kg}
  Height: {type: Quantity, unit: m}
  Rate: {type: Quantity, unit: /min}
  Temperature: {type: Quantity, unit: Cel}
  Onset: {type: Date}
  Start: {type: DateTime}
  Word: {type: String}
  Reason: {type: Code}
  RA: {type: Boolean}
  Judged: {type: Judgement}
  Trials:
    type: Records
    fields: {days: Integer, dose: {type: Quantity, unit: mg}, kind: {type: String, values: [a, b]}, kept: Boolean}
"""


def settled(folder: Path, expression: str) -> Expression:
    library = loaded(folder, with_definition(expression, REQUIREMENTS))
    return next(d.expression for d in library.definitions if d.name == "Answer")


def faults(folder: Path, expression: str) -> list[str]:
    return refused(folder, with_definition(expression, REQUIREMENTS))


@pytest.mark.parametrize(
    ("expression", "type"),
    [
        ("WPI + 1", INTEGER),
        ("WPI * WPI - 3", INTEGER),
        ("WPI / 2", DECIMAL),
        ("WPI ^ 2", DECIMAL),
        ("WPI + CDAI", DECIMAL),
        ("-WPI", INTEGER),
        ("Ln(WPI)", DECIMAL),
        ("Abs(WPI)", INTEGER),
        ("Round(CRP, 1)", quantity("mg/L")),
        ("Mean({WPI, WPI})", DECIMAL),
        ("Max({WPI, CDAI})", DECIMAL),
        ("Min({Onset, Start})", DATE),
        ("Sum({CRP, CRP})", quantity("mg/L")),
        ("CRP * 2", quantity("mg/L")),
        ("2 / Rate", quantity("min")),
        ("Weight / (Height * Height)", quantity("kg/m2")),
        ("Height ^ 2", quantity("m2")),
        ("CRP / 1 'mg/dL'", DECIMAL),
        ("Weight - 1 '[lb_av]'", quantity("kg")),
        ("if RA then WPI else CDAI", DECIMAL),
        ("if RA then null else CRP", quantity("mg/L")),
        ("if RA then Judged else null", BOOLEAN),
        ("if RA then null else null", BOOLEAN),
        ("if RA then Onset else Start", DATE),
        ("if RA then Word else 'a'", Type("String")),
        ("Coalesce(WPI, CDAI, 0)", DECIMAL),
        ("Agree(CRP, 3 'mg/dL')", quantity("mg/L")),
        ("date of CRP", DATE),
        ("Start + 3 hours", DATETIME),
        ("Onset + (WPI) months", DATE),
        ("months between Onset and Start", INTEGER),
        ("hours between Start and Start", INTEGER),
        ("CalculateAgeInYearsAt(Onset, Start)", INTEGER),
        ("Count(Trials)", INTEGER),
        ("Count({RA, Judged} X where true)", INTEGER),
        ("Max((Trials T return T.dose))", quantity("mg")),
        ("Judged", BOOLEAN),
        ("null", BOOLEAN),
        ("Onset", DATE),
    ],
)
def test_every_value_has_its_type(tmp_path: Path, expression: str, type: Type) -> None:
    library = loaded(tmp_path, with_definition(expression, REQUIREMENTS))
    assert next(d.type for d in library.definitions if d.name == "Answer") == type


def test_a_limit_is_converted_once_and_for_all(tmp_path: Path) -> None:
    found = settled(tmp_path, "CRP > 1.2 'mg/dL'")
    assert isinstance(found, e.Compare)
    assert isinstance(found.right, e.Literal)
    assert (found.right.value, found.right.type) == (exactly(Decimal(12)), quantity("mg/L"))
    assert found.right.text == "1.2 'mg/dL'"
    turned = settled(tmp_path, "1.2 'mg/dL' < CRP")
    assert isinstance(turned, e.Compare)
    assert isinstance(turned.left, e.Literal)
    assert turned.left.value == exactly(Decimal(12))


def test_what_is_measured_is_converted_when_it_is_compared(tmp_path: Path) -> None:
    found = settled(tmp_path, "CRP + 1 'mg/dL' > Weight / (Height * Height * Height)")
    (conversion,) = (node for node in nodes(found) if isinstance(node, e.Convert))
    assert (conversion.source, conversion.target) == ("kg/m3", "mg/L")
    assert not any(isinstance(n, e.Convert) for n in nodes(settled(tmp_path, "Rate > 3 '{beats}/min'")))


def test_degrees_are_compared_and_not_added(tmp_path: Path) -> None:
    found = settled(tmp_path, "Temperature >= 100.4 '[degF]'")
    assert isinstance(found, e.Compare)
    assert isinstance(found.right, e.Literal)
    assert found.right.value == exactly(Decimal(38))
    for text in ("Temperature * 2", "Temperature + Temperature", "Temperature / 3 'K'", "Temperature ^ 2"):
        assert len(faults(tmp_path, f"{text} > 3 'Cel'")) == 1


def test_a_missing_item_is_null_in_spite_of_its_scale(tmp_path: Path) -> None:
    found = settled(tmp_path, "WPI is null and Coalesce(WPI, 3) > 2 and CDAI is null")
    selects = [node for node in nodes(found) if isinstance(node, e.Select)]
    assert [select.scale for select in selects] == [OPEN, OPEN]
    assert [n.name for n in nodes(found) if isinstance(n, e.Reference)] == ["CDAI"]


def test_an_instant_is_its_day_unless_hours_are_counted(tmp_path: Path) -> None:
    found = settled(
        tmp_path, "Start 3 days or less before Onset and Start = Onset and Start 3 hours or less before Start"
    )
    assert sum(isinstance(node, e.DayOf) for node in nodes(found)) == 2
    assert not any(isinstance(n, e.DayOf) for n in nodes(settled(tmp_path, "Onset same day as Onset")))


def test_codes_of_a_code_and_words_of_a_word(tmp_path: Path) -> None:
    found = settled(tmp_path, "Reason in {'SNOMED 1', 'LOCAL x'} and Reason = 'SNOMED 1' and Word in {'SNOMED 1'}")
    sets = [node for node in nodes(found) if isinstance(node, e.InSet)]
    assert [str(code) for code in sets[0].codes] == ["SNOMED 1", "LOCAL x"]
    assert [str(code) for code in sets[1].codes] == ["'SNOMED 1'"]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("Word > 'a'", "`>` is for values with an order, and `Word` is a String"),
        ("RA < true", "`<` is for values with an order, and `RA` is a Boolean"),
        ("WPI = Word", "`WPI` is an Integer and `Word` is a String"),
        ("RA + 1", "`+` is for numbers, and `RA` is a Boolean"),
        ("-Onset", "`-` is for numbers, and `Onset` is a Date"),
        ("Ln(RA)", "`Ln` is for numbers, and `RA` is a Boolean"),
        ("Abs(Onset)", "`Abs` is for numbers, and `Onset` is a Date"),
        ("Sum({Onset, Onset})", "`Sum` is for numbers, and `Onset` is a Date"),
        ("Max({RA, RA})", "`Max` is for values with an order, and `RA` is a Boolean"),
        ("Agree(WPI)", "`Agree` holds two or more measurements of one thing against another"),
        ("Round(WPI, CDAI)", "a number of units is whole, and `CDAI` is a Decimal"),
        ("Onset + 3 hours", "`Onset` is a day and has no hours"),
        ("WPI + 3 days", "a day is wanted, and `WPI` is an Integer"),
        ("hours between Onset and Start", "`Onset` is a day and has no hours"),
        ("RA between 1 and 2", "`RA` is a Boolean and lies in no range"),
        ("WPI in Interval[1, Onset]", "`WPI` is an Integer and `Onset` is a Date"),
        ("date of Trials", "`Trials` is not one dated value"),
        ("Max((Trials T return T.kind))", "`Max` does not go with `kind`, which is of type String"),
        ("Mean((Trials T return T.date))", "a query returns what the rows say, not when they were recorded"),
        ("Count((Trials T where T.days))", "`where` asks a condition, and `T.days` is an Integer"),
        ("exists ((Trials T where T.kept) T where T.kept)", ""),
        ("exists (Trials T where exists (Trials T where T.kept))", "another row is called `T` already"),
        ("exists (Trials T where Judged)", "the judgement `Judged` stands in a query, where no answer is surely the favourable one"),
        ("Judged is null", "the judgement `Judged` stands where availability chooses, where no answer is surely the favourable one"),
        ("WPI in \"Anything\"", "`in` is for codes and words, and `WPI` is an Integer"),
        ("Reason in \"Anything\"", "there is no value set `Anything`"),
        ("exists Onset and Onset", "`and` is for conditions, and `Onset` is a Date"),
        ("T.date < Onset", "no row is called `T` here"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_told(tmp_path: Path, expression: str, message: str) -> None:
    if not message:
        settled(tmp_path, expression)
        return
    assert faults(tmp_path, expression) == [message]


def test_several_faults_of_one_expression_are_told_at_once(tmp_path: Path) -> None:
    assert len(faults(tmp_path, "WPO > 3 and Onset + 3 > 4 and (CRP > 3 or Nobody)")) == 4


def test_a_faulty_definition_is_not_told_at_its_uses(tmp_path: Path) -> None:
    more = "valuesets: {}\n"
    text = with_definition("WPO > 3", REQUIREMENTS, more).replace(
        "criteria:", "  Other: Answer and Other Answer\n  Third: Answer and not Answer\ncriteria:"
    )
    found = refused(tmp_path, text)
    assert len(found) == 2
    assert found[0] == "`WPO` is not declared"
