"""Survey tables in which what is missing is coded: asked of the person who maps them, counted, never guessed."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from screening.outcome import coverage as counting
from screening.outcome.coverage import Coverage, coverage_data, unmapped_absolute_exclusions
from screening.people import coverage, covered
from screening.sources.look import Shape
from screening.sources.proposal import propose
from screening.sources.survey import asked_of_age, asked_of_answers
from screening.values.coding import Code
from tests.sources.test_proposal import LIBRARY

SAS_ZERO = "5.397605346934028e-79"


def shape(*cells: object) -> Shape:
    found = Shape()
    for cell in cells:
        found.take(str(cell))
    return found


@pytest.mark.parametrize(
    ("cells", "codes"),
    [
        ((1, 2, 7, 9), ["7", "9"]),  # yes, no, refused, don't know
        (("1.0", "2.0", "9.0"), ["9"]),  # as programs write it that know only fractions
        ((1, 2, 3, 4, 5, 7, 9), ["7", "9"]),
        ((*range(11), 77, 99), ["77", "99"]),  # a scale up to 10
        (range(11), []),
        ((1, 2, 3, 4, 5, 6, 7), []),
        ((*range(31), 77, 88, 99), ["77", "88", "99"]),  # days of a month
        ((*range(18, 86), -1, -9), ["-9", "-1"]),  # a panel survey's negative codes
        ((1, 2, -8, -7, -1), ["-8", "-7", "-1"]),
        ((-3, -2.5, 0, 1, 2), []),  # a column of differences
        ((*[18.5 + n / 3 for n in range(60)], 7777, 9999), ["7777", "9999"]),
        (range(60, 110), []),
        ((99,), ["99"]),
        ((), []),
    ],
)
def test_numbers_that_stand_apart_are_likely_codes(cells: tuple[object, ...], codes: list[str]) -> None:
    assert shape(*cells).odd_codes() == codes


def test_likely_codes_are_told_of_columns_that_nobody_has_placed_yet(tmp_path: Path) -> None:
    cells = "".join(f"{n},{1 + n % 2}.0,{n % 12}\n" for n in range(40))
    (tmp_path / "t.csv").write_text(f"id,MCQ160F,ALQ\n{cells}90,9.0,777\n91,7.0,999\n", encoding="utf-8")
    text = " ".join(propose([tmp_path / "t.csv"], LIBRARY).text.split()).replace(" # ", " ")
    assert "may say that there is no value, for `missing:` of a column: MCQ160F 7, 9; ALQ 777, 999" in text


def test_codes_that_nobody_declared_are_counted_where_they_stand_apart(tmp_path: Path) -> None:
    """Also such as are values elsewhere: 77 beside five to nine hours of sleep."""
    values = ["5.5", "6", "6.5", "7", "8", "9"] * 20 + ["77"] * 5 + ["99"] * 3 + ["-1"]
    rows = "".join(f"{number},{value}\n" for number, value in enumerate(values))
    (tmp_path / "t.csv").write_text(f"id,crp\n{rows}", encoding="utf-8")
    mapping = tmp_path / "map.yaml"
    columns = "{crp: {for: CRP, unit: mg/L}}"
    mapping.write_text(f"tables: {{t.csv: {{people: true, id: id, columns: {columns}}}}}", encoding="utf-8")
    by_name = {each.requirement.name: each for each in coverage(tmp_path, LIBRARY, mapping=mapping).covered}
    assert by_name["CRP"].like_codes == 9


@pytest.mark.parametrize(
    ("cells", "form"),
    [
        (("10/31/2026", "11/05/2026", "99/99/9999"), "MM/DD/YYYY"),
        (("31/10/2026", "5/11/2026", "00/00/0000", "01/01/1900"), "DD/MM/YYYY"),
        (("10/31/2026", "31/10/2026"), "?"),  # both, so neither is sure
        (("1/2/2026",), "?"),
        (("2026-10-31", "9999-12-31", "1900-01-01T00:00:00"), ""),
    ],
)
def test_a_day_that_is_none_says_nothing_of_the_form_of_dates(cells: tuple[str, ...], form: str) -> None:
    found = shape(*cells)
    assert (found.is_date, found.date_form()) == (True, form)
    assert set(found.missing) == {each for each in cells if "9999" in each or "0000" in each or "1900" in each}


def test_the_codes_that_stand_there_are_those_that_are_asked_about() -> None:
    assert "1: TRUE, 2: FALSE" in asked_of_answers(shape("1.0", "2.0", "9.0"))
    assert "1: TRUE, 0: FALSE" in asked_of_answers(shape(0, 1, 2))


def test_the_letters_of_sas_are_words_for_missing() -> None:
    found = shape(".", ".A", ".R", ".z", "3.5")
    assert sorted(found.missing) == [".", ".A", ".R", ".z"]
    assert found.numbers == 1


def test_an_age_that_stands_for_all_older_people_is_asked() -> None:
    ages = [age for age in range(20, 80) for _ in range(3)]
    assert asked_of_age(shape(*ages)) == []
    assert asked_of_age(shape(*ages, *[60] * 40)) == []
    (asked,) = asked_of_age(shape(*ages, *[80] * 20, 777))
    assert '`words: {80: ">=80"}`' in asked


def survey(folder: Path) -> Path:
    rng = random.Random(3)
    rows = ["SEQN,RIAGENDR,pain,crp_mg_l,smoker,sbp_mmhg"]
    for n in range(300):
        pain = rng.choice(["77", "99", SAS_ZERO, *map(str, range(11))])
        crp = rng.choice([".", SAS_ZERO, f"{rng.uniform(0.1, 80):.2f}", "-9"])
        rows.append(f"{n},{rng.choice('12')},{pain},{crp},{rng.choice('1279')},{rng.choice(['118', '7777', ''])}")
    (folder / "survey.csv").write_text("\n".join(rows) + "\n")
    return folder / "survey.csv"


def test_likely_codes_are_asked_and_not_applied(tmp_path: Path) -> None:
    text = propose([survey(tmp_path)], LIBRARY).text
    asked = " ".join(text.replace("\n      # ", " ").split())
    assert "does 77 or 99 say that there is no value" in asked
    assert '`missing: ["77", "99"]`' in asked
    assert "does 7 or 9 say that" in asked
    assert "does -9 say that" in asked
    assert f'`words: {{"{SAS_ZERO}": 0}}`' in asked
    for line in text.splitlines():
        if not line.strip().startswith("#"):
            assert "77" not in line
            assert SAS_ZERO not in line
    assert 'missing: ["."]' in text


MAPPING = """
tables:
  survey.csv:
    id: SEQN
    missing: ["."]
    columns:
      RIAGENDR: {for: Gender, words: {1: male, 2: female}}
      pain: %s
      crp_mg_l: {for: CRP, unit: mg/L, words: {"5.397605346934028e-79": 0}}
      smoker: {for: Smoker, words: {1: TRUE, 2: FALSE}, missing: ["7"]}
      sbp_mmhg: {for: Systolic Pressure, unit: "mm[Hg]"}
"""


def counted(folder: Path, pain: str) -> Coverage:
    path = folder / "map.yaml"
    path.write_text(MAPPING % pain)
    return coverage(survey(folder), LIBRARY, mapping=path)


def test_a_value_beyond_its_scale_is_counted_and_so_is_every_declared_code(tmp_path: Path) -> None:
    cells = [line.split(",") for line in survey(tmp_path).read_text().splitlines()[1:]]
    found = counted(tmp_path, "Pain")
    beyond = sum(cell[2] in ("77", "99") for cell in cells)
    by_name = {one.requirement.name: one for one in found.covered}
    assert by_name["Pain"].beyond == found.rejected["off scale"] == beyond > 0

    told = f'{{for: Pain, missing: ["77", "99"], words: {{"{SAS_ZERO}": 0}}}}'
    found = counted(tmp_path, told)
    by_name = {one.requirement.name: one for one in found.covered}
    assert found.subjects == len(cells)
    assert by_name["Pain"].coded == {code: sum(cell[2] == code for cell in cells) for code in ("77", "99")}
    assert by_name["Pain"].people == len(cells) - by_name["Pain"].coded.total()
    assert by_name["Smoker"].coded == {"7": sum(cell[4] == "7" for cell in cells)}
    assert by_name["Smoker"].set_aside == {"neither yes nor no": sum(cell[4] == "9" for cell in cells)}
    assert by_name["CRP"].coded == {".": sum(cell[3] == "." for cell in cells)}
    assert by_name["CRP"].like_codes == sum(cell[3] == "-9" for cell in cells)
    assert by_name["Systolic Pressure"].like_codes == sum(cell[5] == "7777" for cell in cells)


def test_the_screen_says_it_without_a_value(tmp_path: Path) -> None:
    text = "\n".join(line.text for line in covered(counted(tmp_path, "Pain"), "survey.csv"))
    assert "Pain: " in text
    assert "rejected, outside its scale" in text
    assert "set aside, not a whole number" in text
    assert "set aside, neither yes nor no" in text
    assert "coded 7, not known" in text
    assert "written like codes for a missing value" in text
    for value in ("7777", "-9", SAS_ZERO):
        assert value not in text
        assert value not in json.dumps(coverage_data(counted(tmp_path, "Pain")))


def test_an_absolute_exclusion_without_a_source_is_said() -> None:
    from screening import screen

    library = screen.load_protocol("ketamine-ra-fm", [])
    every = {requirement.name for requirement in library.requirements}
    assert unmapped_absolute_exclusions(library, every) == ()
    nothing = unmapped_absolute_exclusions(library, ())
    absolute = [c.id for c in library.criteria if c.category == "exclusion" and c.strength == "absolute"]
    assert [one.criterion for one in nothing] == absolute
    last = nothing[-1]
    for name in last.requirements:
        left = unmapped_absolute_exclusions(library, {name})
        assert last.criterion not in [one.criterion for one in left]


def test_of_codes_that_are_as_rare_the_same_are_kept_in_whatever_order_they_came(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Codes that are counted in columns come in no order."""
    monkeypatch.setattr(counting, "MOST_CODES", 2)
    codes = [(Code("SNOMED", str(n)), "condition") for n in range(5)]
    kept = []
    for order in (codes, codes[::-1]):
        made = counting.begun(LIBRARY)
        made.unmapped.update(order)
        counting.keep_most(made)
        kept.append(counting.coverage_data(made)["unmapped codes"])
    assert kept[0] == kept[1] and len(kept[0]) == 2
