"""Names of a mapping and of a site declaration that a protocol does not ask: told, each at its place."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from screening.errors import NameFault
from screening.language.library import Library
from screening.record.unasked import Unasked, unasked_data, unasked_of
from screening.screen import load_library
from screening.sources.mapped import open_tables
from screening.sources.mapping import read_mapping
from screening.sources.site import adapted, read_site
from screening.sources.unasked import unasked
from tests.cli.calls import SMALL, call

RULES = """
library: small
version: "1"
status: draft
parameters:
  Highest Creatinine: {type: Quantity, unit: mg/dL, value: 2}
requirements:
  Serum Creatinine: {type: Quantity, unit: mg/dL, code: LOINC 2160-0, take: latest}
  Tender Joints 28: {type: Integer, take: latest, short names: [TJC28]}
  Glucose: {type: Quantity, unit: mg/dL, take: latest}
  Fasting Glucose: {type: Quantity, unit: mg/dL, take: latest}
definitions:
  Kidney: {expression: '"Serum Creatinine" > "Highest Creatinine"'}
criteria:
  - {id: EXC01, category: exclusion, text: kidney, source: {study: "1"}, expression: Kidney}
  - {id: EXC02, category: exclusion, text: joints, source: {study: "2"}, expression: '"Tender Joints 28" > 3'}
  - {id: EXC03, category: exclusion, text: sugar, source: {study: "3"}, expression: '"Fasting Glucose" < Glucose'}
sources: {study: none}
"""
MAPPING = """\
tables:
  people.csv:
    id: id
    columns:
      tj68: Tender Joints 68
      crea: {for: Creatinine in Serum, unit: mg/dL}
      sugar:
        for: [Sugar, Fasting Glucose]
        unit: mg/dL
      joints: TJC28
      most: Highest Creatinine
      kidney: Kidney
      shoe: Shoe Size
"""
SITE = """\
site: A
owner: B
signed by: K7
date: 2026-11-01
codes:
  Serum Creatinine Level: LOCAL 1
  Lactate: [LOCAL 2, LONIC 2524-7, LOINC 2524-7]
complete:
  - {requirement: Allergy, since: ever, because: asked of everybody}
parameters: {Highest Lactate: 3 mmol/L}
alerts: {EXC09: {escalate: X}}
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    path = tmp_path_factory.mktemp("rules") / "small.yaml"
    path.write_text(RULES, encoding="utf-8")
    return load_library(path)


def told(every: Sequence[Unasked]) -> list[tuple[str, ...]]:
    marks = {True: "no source", False: ""}
    return [(o.name, o.place, o.known_as, o.meant, marks[o.is_missed], "other" * o.is_of_another) for o in every]


def test_every_name_that_is_not_asked_is_told_at_its_line(library: Library) -> None:
    mapping = read_mapping(MAPPING, "folder/site.yaml")
    found = unasked([library], mapping, None, {"Fasting Glucose"}, lambda: ["Tender Joints 68"])
    assert told(found) == [
        ("Tender Joints 68", "site.yaml:5", "", "Tender Joints 28", "no source", "other"),
        ("Creatinine in Serum", "site.yaml:6", "", "Serum Creatinine", "no source", ""),
        ("Sugar", "site.yaml:8", "", "", "", ""),
        ("TJC28", "site.yaml:10", "", "Tender Joints 28", "no source", ""),
        ("Highest Creatinine", "site.yaml:11", "parameter", "", "", ""),
        ("Kidney", "site.yaml:12", "definition", "", "", ""),
        ("Shoe Size", "site.yaml:13", "", "", "", ""),
    ]
    assert [unasked_of(unasked_data(one)) for one in found] == list(found)


def test_nobody_is_asked_about_other_protocols_where_every_name_is_asked(library: Library) -> None:
    mapping = read_mapping("tables: {a.csv: {id: id, columns: {x: Fasting Glucose}}}", "m.yaml")

    def never() -> list[str]:
        raise AssertionError

    assert unasked([library], mapping, None, None, never) == ()


def test_names_of_a_site_declaration_are_told_too(library: Library) -> None:
    site = read_site(SITE, "folder/declared.yaml")
    found = unasked([library], None, site, {"Serum Creatinine"})
    assert [(one.name, one.place, one.given_as, one.meant, one.is_missed) for one in found] == [
        ("Serum Creatinine Level", "declared.yaml:6", "requirement", "Serum Creatinine", False),
        ("Lactate", "declared.yaml:7", "requirement", "", False),
        ("LONIC", "declared.yaml:7", "code system", "LOINC", False),
        ("Allergy", "declared.yaml:9", "requirement", "", False),
        ("Highest Lactate", "declared.yaml:10", "parameter", "", False),
        ("EXC09", "declared.yaml:11", "criterion", "", False),
    ]


def test_a_code_system_all_but_a_known_one_is_told(library: Library) -> None:
    rows = "{list: observations, code: c, system: %s, value: v}"
    text = "tables:\n" + "".join(
        f"  {name}.csv:\n    id: id\n    rows: {rows % system}\n"
        for name, system in (("a", "LONIC"), ("b", "LOINC"), ("c", "column"), ("d", "WARD"))
    )
    found = unasked([library], read_mapping(text, "site.yaml"), None, None)
    assert [(one.name, one.place, one.given_as, one.meant) for one in found] == [
        ("LONIC", "site.yaml:4", "code system", "LOINC")
    ]


def mapped(library: Library, folder: Path, columns: str, beside: Sequence[str] = ()) -> None:
    (folder / "people.csv").write_text("id,a,b\nX,1,2\n", encoding="utf-8")
    mapping = read_mapping(f"tables: {{people.csv: {{id: id, columns: {columns}}}}}", "site.yaml")
    open_tables(folder, mapping, library, beside=lambda: beside)


def test_a_name_all_but_the_same_is_a_fault_unless_it_is_another_protocols(
    library: Library, tmp_path: Path
) -> None:
    with pytest.raises(NameFault) as wrong:
        mapped(library, tmp_path, "{a: Tender Joints 68}")
    (fault,) = wrong.value.diagnostics
    assert (fault.span.line, fault.help) == (1, "did you mean `Tender Joints 28`")
    mapped(library, tmp_path, "{a: Tender Joints 68}", ["Tender Joints 68"])
    # Beside the one that it is like it is no slip.
    mapped(library, tmp_path, "{a: Tender Joints 68, b: Tender Joints 28}")


def test_a_fault_of_a_site_declaration_has_its_place(library: Library) -> None:
    text = SITE.replace("Serum Creatinine Level", "Serum Creatinin")
    with pytest.raises(NameFault) as wrong:
        adapted(library, read_site(text, "declared.yaml"))
    assert [str(fault.span) for fault in wrong.value.diagnostics] == ["declared.yaml:6:3"]
    both = text.replace("  Lactate:", "  Serum Creatinine:")
    assert adapted(library, read_site(both, "declared.yaml")).requirements[0].concepts


def test_coverage_and_prepare_say_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "people.csv").write_text("id,born,hurts,shoe\nX,1970-01-01,5,40\n", encoding="utf-8")
    mapping = tmp_path / "site.yaml"
    columns = "born: Age\n      hurts: Airway and Neck\n      shoe: Shoe Size\n"
    mapping.write_text(f"tables:\n  people.csv:\n    id: id\n    columns:\n      {columns}", encoding="utf-8")
    source = (str(tmp_path / "people.csv"), "--map", str(mapping), *SMALL)
    done = call(monkeypatch, "coverage", *source)
    out = str(tmp_path / "out")
    ready = call(monkeypatch, "prepare", source[0], out, *source[1:])
    again = call(monkeypatch, "coverage", out, *SMALL)
    assert (done.status, ready.status, again.status) == (0, 0, 0)
    for text in (done.out, again.out):
        assert "? site.yaml:7: `Shoe Size`, no protocol here asks it\n" in text
        assert "x site.yaml:6: `Airway and Neck`" in text
        assert text.index("site.yaml:6") < text.index("Nobody has a value")
    assert "Named and not asked" in ready.out and "`Shoe Size` (site.yaml:7)" in " ".join(ready.out.split())
    data = [
        json.loads(call(monkeypatch, "coverage", *each, "--format", "json").out)
        for each in (source, (out, *SMALL))
    ]
    assert data[0]["names that are not asked"] == data[1]["names that are not asked"]
    assert [one["name"] for one in data[0]["names that are not asked"]] == ["Airway and Neck", "Shoe Size"]
    assert data[0]["names that are not asked"][0]["no source of it"] is True


def test_boxes_and_named_rows_are_no_other(library: Library) -> None:
    text = """\
tables:
  redcap.csv:
    id: record_id
    people: true
    checkboxes:
      - form: history_complete
        columns:
          history___1: Fasting Glucose
          history___2: {for: Angina}
  drugs.csv:
    id: record_id
    rows:
      - list: medications
        name: drug
        names:
          mtx: Methotrexate
          sugar: Fasting Glucose
      - {for: Drug Trials, date: start}
"""
    found = unasked([library], read_mapping(text, "site.yaml"), None, {"Fasting Glucose"})
    assert [(one.name, one.place) for one in found] == [
        ("Angina", "site.yaml:9"),
        ("Methotrexate", "site.yaml:16"),
        ("Drug Trials", "site.yaml:18"),
    ]
