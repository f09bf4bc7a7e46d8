"""`screening what-if`: curves equal full runs, effects equal runs of other rules, and nothing is touched or
promised.
"""

from __future__ import annotations

import datetime
import hashlib
import re
import shutil
import xml.etree.ElementTree as ET
from collections import Counter
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from screening import amendment, screen
from screening.errors import RuleError, UnreadableRecord, UnsupportedError
from screening.interpreters import cohort_varied
from screening.outcome.curve import Step
from tests.checkout import ROOT
from tests.cli.calls import Called
from tests.cli.cohorts import RECORDS, SMALL, called, cohort, spread_people, table
from tests.cli.test_screens import NEVER

RULES = ROOT / "tests" / "cli" / "rules"
DAY = datetime.date(2026, 11, 22)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with 60 people, as records and prepared."""
    folder = tmp_path_factory.mktemp("what-if")
    spread_people(folder / "people", 60)
    done = called(folder, "prepare", "people", *SMALL[:4], "prepared")
    assert done.status == 0, done.err
    return folder


def what_if(folder: Path, *more: str, source: str = "people") -> Called:
    return called(folder, "what-if", "small", source, *SMALL[2:], *more)


def verdicts(folder: Path, out: str) -> Counter[str]:
    return Counter(row["verdict"] for row in table(folder / out / "people.csv"))


def counts(step: Step) -> Counter[str]:
    return +Counter(dict(step.people))


# ------------------------------------------------------------------------------------- curves


@pytest.mark.parametrize("least", [0, 10_000])
@pytest.mark.parametrize("source", ["people", "prepared"])
def test_a_curve_is_a_full_run_at_every_value(site: Path, source: str, least: int) -> None:
    library = screen.load_protocol("small", [RULES])
    laboratory = amendment.Laboratory(library, [amendment.Origin(site / source)], DAY, least=least)
    curve = laboratory.curve(amendment.setting(library, "Lowest Pain=0..10"))
    assert curve.people == 60
    assert curve.criteria == ("INC06",)
    assert curve.present == "4"
    assert curve.breakpoints
    for value in range(11):
        assert cohort(site, source, "--parameter", f"Lowest Pain={value}", out="run").status == 0
        assert counts(curve.at(value)) == verdicts(site, "run"), value
    with pytest.raises(ValueError, match="outside"):
        curve.at(11)


def test_columns_that_the_law_contradicts_are_not_believed(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = screen.load_protocol("small", [RULES])
    wanted = amendment.setting(library, "Lowest Pain=0..10")
    laboratory = amendment.Laboratory(library, [amendment.Origin(site / "prepared")], DAY, least=0)
    right = laboratory.curve(wanted)
    assert right.odd < 60
    monkeypatch.setattr(cohort_varied, "verdict_column", lambda meaning: pl.lit("ELIGIBLE"))
    again = laboratory.curve(wanted)
    assert again.odd == 60
    assert again.steps == right.steps


def test_a_curve_of_a_measurement_has_both_sides_of_every_value(site: Path) -> None:
    library = screen.load_protocol("small", [RULES])
    upper = {"type": "Quantity", "unit": "mm[Hg]", "value": "140", "source": {"what-if": "x"}}
    more = {"parameters": {"Upper": upper}}
    added = amendment.added('exclusion: "Systolic Pressure" > "Upper"') | more
    with amendment.rule_file(library, [c.id for c in library.criteria], added) as path:
        wider = screen.load_protocol(str(path), [RULES])
    laboratory = amendment.Laboratory(wider, [amendment.Origin(site / "people")], DAY)
    curve = laboratory.curve(amendment.setting(wider, "Upper=100..200"))
    assert curve.unit == "mm[Hg]"
    assert len(curve.breakpoints) > 1
    points = sorted({curve.low, *curve.breakpoints, curve.high})
    tried = [*points, *((a + b) / 2 for a, b in pairwise(points))]
    for value in tried:
        written = amendment.number_text(value)
        rows = laboratory.rows(amendment.changed(wider, "Upper", written))
        assert counts(curve.at(value)) == Counter(rows["verdict"].to_list()), written


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Lowest Pain", "write it as `PARAMETER=VALUE`"),
        ("Lowest Pian=3", "did you mean `Lowest Pain`"),
        ("Lowest Pain=high", "no whole number"),
        ("Lowest Pain=7..3", "runs downwards"),
        ("Lowest Pain=1..2.5", "no whole number"),
    ],
)
def test_what_cannot_be_set_is_told(site: Path, text: str, says: str) -> None:
    done = what_if(site, "--set", text)
    assert done.status == 3
    assert says in " ".join(done.err.split())
    assert done.out == ""


@pytest.mark.parametrize(
    "text", ["140..180", "140..180 mmHg", "140 'mm[Hg]'..180 'mm[Hg]'", "140..180 mm[Hg]", "14 cm[Hg]..18 cm[Hg]"]
)
def test_a_range_is_written_with_or_without_units(text: str) -> None:
    library = screen.load_library("ketamine-ra-fm")
    wanted = amendment.setting(library, f"Upper Systolic={text}")
    assert (wanted.low, wanted.high) == (140, 180)
    assert amendment.setting(library, "Upper Systolic=150 mmHg").written == "150 'mm[Hg]'"
    with pytest.raises(RuleError, match="kg"):
        amendment.setting(library, "Upper Systolic=140..180 kg")


def test_a_parameter_that_is_calculated_with_takes_single_values() -> None:
    library = screen.load_library("ketamine-ra-fm")
    with pytest.raises(UnsupportedError, match="try single values"):
        amendment.Laboratory(library, [amendment.Origin(RECORDS)], DAY).curve(
            amendment.setting(library, "Rounding=0..1")
        )


# ------------------------------------------------------------------------------------ effects


def test_a_single_value_moves_those_whom_a_full_run_moves(site: Path) -> None:
    assert cohort(site, "people", out="before").status == 0
    assert cohort(site, "people", "--parameter", "Lowest Pain=10", out="then").status == 0
    runs = [table(site / out / "people.csv") for out in ("before", "then")]
    before, then = ({row["id"]: row["verdict"] for row in rows} for rows in runs)
    done = what_if(site, "--set", "Lowest Pain=10", "--people", "moves.csv")
    assert (done.status, done.err) == (0, "")
    moves = {(row["person"], row["before"], row["now"]) for row in table(site / "moves.csv")}
    assert moves == {(id, before[id], then[id]) for id in before if before[id] != then[id]}
    assert moves


def test_dropped_and_added_criteria(site: Path) -> None:
    library = screen.load_protocol("small", [RULES])
    laboratory = amendment.Laboratory(library, [amendment.Origin(site / "people")], DAY)
    own = {row["id"]: row for row in laboratory.rows().iter_rows(named=True)}
    with amendment.rule_file(library, ["INC03"]) as path:
        without = screen.load_protocol(str(path), [RULES])
    assert [c.id for c in without.criteria] == [c.id for c in library.criteria if c.id != "INC03"]
    for row in laboratory.rows(without).iter_rows(named=True):
        bars = [id for id in own[row["id"]]["deciding_reasons"].split("|") if id]
        if own[row["id"]]["verdict"] == "INELIGIBLE":
            assert (row["verdict"] == "INELIGIBLE") is (bars != ["INC03"]), row["id"]
    with amendment.rule_file(library, (), amendment.added("exclusion: Age > 40")) as path:
        wider = screen.load_protocol(str(path), [RULES])
    effect = laboratory.effect("with Age > 40", wider)
    assert sum(effect.moves.values()) == 60
    assert all(move.now == "INELIGIBLE" for move in effect.changed)
    back = laboratory.effect("nothing", library)
    assert not back.changed
    assert all(shift.difference in (0.0, None) for shift in back.shifts["possible"])


def test_a_file_of_criteria_is_added_and_its_faults_are_told(site: Path) -> None:
    (site / "more.yaml").write_text(
        "requirements:\n  Weight: {type: Quantity, unit: kg, obtain: examine, source: {what-if: asked here}}\n"
        "criteria:\n  - {id: NEW1, category: exclusion, text: heavy, expression: \"Weight > 150 'kg'\"}\n",
        encoding="utf-8",
    )
    done = what_if(site, "--add", "more.yaml")
    assert (done.status, done.err) == (0, "")
    (site / "wrong.yaml").write_text("category: exclusion\nexpression: Agee > 40\n", encoding="utf-8")
    done = what_if(site, "--add", "wrong.yaml")
    assert done.status == 3
    assert "Agee" in done.err
    assert done.err.startswith("what-if.yaml:")
    assert what_if(site, "--add", "no such file").status == 3
    assert "did you mean `INC03`" in " ".join(what_if(site, "--drop", "INC3").err.split())


def test_the_rows_of_a_run_are_no_cohort(site: Path) -> None:
    assert cohort(site, "people", out="ran").status == 0
    done = what_if(site, source="ran")
    assert done.status == 3
    assert "name its source" in done.err


def test_everything_dropped_is_refused() -> None:
    library = screen.load_protocol("small", [RULES])
    with (
        pytest.raises(RuleError, match="everybody would be ELIGIBLE"),
        amendment.rule_file(library, [c.id for c in library.criteria]),
    ):
        pass


# ------------------------------------------------------------------------------- as it is told


def test_nothing_is_touched_and_nothing_is_promised(site: Path) -> None:
    def digest() -> str:
        files = sorted([*RULES.glob("*"), *(site / "people").glob("*")])
        return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()

    before = digest()
    done = what_if(
        site, "--set", "Lowest Pain=0..10", "--set", "Lowest Pain=10", "--drop", "INC03", "--attribution", "--all"
    )
    assert (done.status, done.err) == (0, "")
    assert digest() == before
    text = " ".join(done.out.split())
    first = done.out.splitlines()[:2]
    assert "DRAFT" in first[0]
    assert "2026-11-22" in first[1]
    assert "no forecast of recruitment" in text
    assert "in force 4 (report: page 142)" in text
    assert not NEVER.search(text)
    assert max(map(len, done.out.splitlines())) <= 80
    assert what_if(site, "--set", "Lowest Pain=0..10").out == what_if(site, "--set", "Lowest Pain=0..10").out


def test_attribution_adds_up_to_the_people_ruled_out(site: Path) -> None:
    library = screen.load_protocol("small", [RULES])
    found = amendment.Laboratory(library, [amendment.Origin(site / "people")], DAY).attribution()
    assert cohort(site, "people", out="out").status == 0
    rows = table(site / "out" / "people.csv")
    assert found.people == len(rows)
    assert found.ruled_out == sum(row["verdict"] == "INELIGIBLE" for row in rows)
    assert sum(share.share for share in found.shares.values()) == found.ruled_out
    bars = [row["deciding_reasons"].split("|") for row in rows if row["verdict"] == "INELIGIBLE"]
    for id, share in found.shares.items():
        assert share.share == sum((Fraction(1, len(each)) for each in bars if id in each), Fraction(0))
        assert share.alone == sum(each == [id] for each in bars)
        assert share.in_order == sum(each[0] == id for each in bars)
    done = what_if(site)
    assert "Shapley" in done.out
    assert "Only what is known bars" in " ".join(done.out.split())


def test_tables_figure_and_page(site: Path) -> None:
    done = what_if(site, "--set", "Lowest Pain=0..10", "--format", "csv")
    lines = done.out.splitlines()
    assert lines[0].startswith("parameter,unit,from,value,certain")
    assert all(line.startswith("Lowest Pain,,at,") for line in lines[1:])
    svg = what_if(site, "--set", "Lowest Pain=0..10", "--format", "svg").out
    assert ET.fromstring(svg).tag.endswith("svg")
    assert not re.search(r"https?://(?!www\.w3\.org)", svg)
    assert "no forecast" in svg
    for name in ("c.svg", "c.png", "c.html"):
        assert what_if(site, "--set", "Lowest Pain=0..10", "--drop", "INC03", "--figure", name).status == 0
    assert (site / "c.png").read_bytes().startswith(b"\x89PNG")
    page = (site / "c.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in page
    assert "DRAFT" in page
    assert not re.search(r"(src|href)=.https?:", page)
    assert what_if(site, "--drop", "INC03", "--figure", "x.svg").status == 3


def test_small_cells_are_hidden_and_few_movers_joined(site: Path) -> None:
    done = what_if(
        site,
        "--set",
        "Lowest Pain=0..10",
        "--set",
        "Lowest Pain=10",
        "--attribution",
        "--suppress",
        "5",
        "--format",
        "csv",
    )
    assert done.status == 0
    curve, effects, attribution = (part.splitlines() for part in done.out.strip().split("\n\n"))
    numbers = [cell for line in curve[1:] for cell in line.split(",")[4:]]
    numbers += [cell for line in effects[1:] for cell in line.split(",")[3:7] if "." not in cell]
    numbers += [cell for line in attribution[1:] for cell in line.split(",")[-4:]]
    assert numbers
    assert not [cell for cell in numbers if cell in ("1", "2", "3", "4")]
    assert what_if(site, "--suppress", "2").status == 3


def test_two_sites_are_a_group_of_their_own(site: Path) -> None:
    spread_people(site / "other", 20)
    done = called(site, "what-if", "small", "people", "other", *SMALL[2:], "--set", "Lowest Pain=10", "--all")
    assert done.status == 0
    assert "site: other" in done.out
    library = screen.load_protocol("small", [RULES])
    twice = [amendment.Origin(site / "people"), amendment.Origin(site / "people")]
    with pytest.raises(UnreadableRecord, match="one name"):
        amendment.Laboratory(library, twice, DAY)


def test_people_are_named_by_pseudonyms_where_asked(site: Path) -> None:
    done = what_if(site, "--set", "Lowest Pain=10", "--people", "p.csv", "--identification", "ids.csv")
    assert done.status == 0
    rows = table(site / "p.csv")
    assert rows
    assert not [row for row in rows if re.fullmatch(r"SYN-\d{4}", row["person"])]


def test_nobody_left_is_no_success(tmp_path: Path) -> None:
    """Where every record is rejected the status is that of `screening cohort`; one who is left is enough."""
    people = tmp_path / "people"
    people.mkdir()
    for number in range(3):
        (people / f"{number}.yaml").write_text(
            f"subject: SYN-{number}\nevidence:\n  Pain: {{value: much}}\n", "utf-8"
        )
    done = called(tmp_path, "prepare", "people", *SMALL[:4], "prepared")
    assert done.status == 3
    curve, drop = ("--set", "Lowest Pain=0..10"), ("--drop", "INC06")
    for source, asked in (
        ("people", curve),
        ("prepared", curve),
        ("people", drop),
        ("people", ("--attribution",)),
    ):
        found = what_if(tmp_path, *asked, source=source)
        assert found.status == 3, (source, asked)
        assert "not counted: 3" in found.err and "every record of the source was rejected" in found.err
        assert "much" not in found.err
    shutil.copy(RECORDS / "eligible.yaml", people)
    found = what_if(tmp_path, "--set", "Lowest Pain=0..10")
    assert found.status == 0 and "not counted: 3" in found.err


def test_what_was_rejected_in_preparing_is_told_in_columns_too(tmp_path: Path) -> None:
    spread_people(tmp_path / "people", 5)
    (tmp_path / "people" / "wrong.yaml").write_text("subject: SYN-9\nevidence:\n  Pain: {value: much}\n", "utf-8")
    assert called(tmp_path, "prepare", "people", *SMALL[:4], "prepared").status == 0
    library = screen.load_protocol("small", [RULES])
    for least in (0, 10_000):
        laboratory = amendment.Laboratory(library, [amendment.Origin(tmp_path / "prepared")], DAY, least=least)
        assert laboratory.curve(amendment.setting(library, "Lowest Pain=0..10")).people == 5
        assert (laboratory.people, laboratory.rejected) == (5, 1)
        laboratory.rows()
        assert (laboratory.people, laboratory.rejected) == (5, 1)
