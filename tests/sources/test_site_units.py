"""Units as exports really write them: set aside unless the site says what they are, and told with the way."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from screening import people
from screening.errors import RuleError
from screening.language.library import Library
from screening.outcome.coverage import Coverage
from screening.prepare import Preparation, prepared
from screening.record.subject import SetAside, Subject
from screening.screen import load_library
from screening.sources.joint import declared_as
from screening.sources.site import SiteDeclaration, adapted, read_site
from tests.sources.test_fhir_columns import agree
from tests.sources.test_prepared import counted_alike

UCUM, MIMIC = "http://unitsofmeasure.org", "http://mimic.mit.edu/fhir/mimic/CodeSystem/mimic-units"
RULES = """
library: small
version: "1"
status: draft
sources: {study: none}
requirements:
  Systolic: {type: Quantity, unit: "mm[Hg]", code: LOINC 8480-6, take: latest}
  Creatinine: {type: Quantity, unit: mg/dL, code: LOINC 2160-0, take: latest}
  Leukocytes: {type: Quantity, unit: 10*9/L, code: LOINC 6690-2, take: latest}
  Dizzy: {type: Boolean, code: LOINC 8480-7, take: latest}
criteria:
  - {id: EXC01, category: exclusion, text: a, source: {study: "1"}, expression: "Systolic > 140 'mm[Hg]'"}
  - {id: EXC02, category: exclusion, text: b, source: {study: "2"}, expression: "Creatinine > 2 'mg/dL'"}
  - {id: EXC03, category: exclusion, text: c, source: {study: "3"}, expression: "Leukocytes < 4 '10*9/L'"}
  - {id: EXC04, category: exclusion, text: d, source: {study: "4"}, expression: Dizzy}
"""
HEAD = "site: A\nowner: B\nsigned by: K7\ndate: 2026-11-01\n"
UNITS = HEAD + (
    'units: {mmHg: "mm[Hg]", "mm Hg": "mm[Hg]", "\u00b5g/mL": ug/mL, mg/dL: mg/dL, K/uL: 10*3/uL}\n'
    'without unit: {Systolic: "mm[Hg]"}\n'
)
# A quantity, and its worth in the unit of the requirement where the site says what the units are.
QUANTITIES: list[tuple[str, dict[str, Any], str, str]] = [
    ("8480-6", {"unit": "mmHg"}, "unknown unit", "120"),
    ("8480-6", {"unit": "mm Hg"}, "unknown unit", "120"),
    ("8480-6", {"unit": "mmHg", "system": UCUM, "code": "mm[Hg]"}, "120", "120"),
    ("8480-6", {"unit": "mmHg", "system": UCUM, "code": "mmHg"}, "unknown unit", "120"),
    ("8480-6", {"unit": "mmHg", "system": MIMIC, "code": "mmHg"}, "unknown unit", "120"),
    ("8480-6", {}, "no unit", "120"),
    ("8480-6", {"unit": "Torr"}, "unknown unit", "unknown unit"),
    ("2160-0", {"unit": "mg/dL"}, "120", "120"),
    ("2160-0", {"unit": "mg/dL", "system": MIMIC, "code": "mg/dL"}, "unknown unit", "120"),
    ("2160-0", {"unit": "\u00b5g/mL"}, "unknown unit", "12"),
    ("2160-0", {"unit": "\u03bcg/mL"}, "unknown unit", "12"),
    ("2160-0", {}, "no unit", "no unit"),
    ("6690-2", {"unit": "K/uL"}, "unit of another dimension", "120"),
    ("6690-2", {"unit": "10*3/uL", "system": UCUM, "code": "10*3/uL"}, "120", "120"),
]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    path = tmp_path_factory.mktemp("rules") / "small.yaml"
    path.write_text(RULES, encoding="utf-8")
    return load_library(path)


@pytest.fixture
def export(tmp_path: Path) -> list[Path]:
    """Everybody with one quantity; nothing else is the same in two of them."""
    folder = tmp_path / "bulk"
    folder.mkdir()
    persons = [{"resourceType": "Patient", "id": f"p{n:02}"} for n in range(len(QUANTITIES))]
    entries = [
        {
            "resourceType": "Observation",
            "id": f"o{n:02}",
            "status": "final",
            "subject": {"reference": f"Patient/p{n:02}"},
            "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "effectiveDateTime": "2026-10-01",
            "valueQuantity": {"value": 120, **quantity},
        }
        for n, (code, quantity, *_) in enumerate(QUANTITIES)
    ]
    files = []
    for kind, every in (("Patient", persons), ("Observation", entries)):
        files.append(folder / f"{kind}.ndjson")
        files[-1].write_text("".join(json.dumps(one) + "\n" for one in every), encoding="utf-8")
    return files


def worth(found: Subject) -> str:
    (row,) = (row for rows in found.evidence.values() for row in rows if row.concepts)
    if isinstance(row.value, SetAside):
        return row.value.why
    return str(row.value.low)  # type: ignore[union-attr]


def declared(text: str = UNITS) -> SiteDeclaration:
    return read_site(text, "site.yaml")


def test_a_unit_is_read_where_the_site_says_what_it_is(export: list[Path], library: Library) -> None:
    folder = export[0].parent
    for site, column in ((None, 2), (declared(), 3)):
        found = [worth(one) for one in people.people_of(folder, library, site) if isinstance(one, Subject)]
        assert found == [each[column] for each in QUANTITIES]


def test_so_it_is_in_columns(export: list[Path], library: Library) -> None:
    for site in (None, declared()):
        agree(export, library, site)


def made(folder: Path, library: Library, site: SiteDeclaration | None) -> Path:
    out = folder.with_name("out" if site is None else "declared")
    prepared(Preparation(folder, (library,), site), out, lambda read, total: None)
    return out


def unread(found: Coverage) -> dict[str, dict[str, int]]:
    return {
        each.requirement.name: {f"{unit or '-'}, {why}": people for (why, unit), people in each.unread.items()}
        for each in found.covered
        if each.unread
    }


def test_the_units_and_the_people_are_told(export: list[Path], library: Library) -> None:
    folder = export[0].parent
    found = people.coverage(folder, library)
    assert unread(found) == {
        "Systolic": {
            "mmHg, unknown unit": 2, "mm Hg, unknown unit": 1, "mmHg of another code system, unknown unit": 1,
            "-, no unit": 1, "Torr, unknown unit": 1,
        },
        "Creatinine": {
            "mg/dL of another code system, unknown unit": 1, "\u00b5g/mL, unknown unit": 1,
            "\u03bcg/mL, unknown unit": 1, "-, no unit": 1,
        },
        "Leukocytes": {"K/uL, unit of another dimension": 1},
    }  # fmt: skip
    text = " ".join(line.text.strip() for line in people.covered(found, "bulk"))
    for said in (
        "`mmHg` of 2 people",
        "`mm Hg` of 1 person",
        "no unit of 1 person",
        "(unit of another dimension)",
    ):
        assert said in text
    assert "(--site), as `units: {" in text and "without unit: {Systolic: UNIT}" in text
    # The example is what a site can write, and it is a declaration that holds.
    example = text[text.index("`units:") + 1 :].partition("`")[0]
    assert 'mmHg: "mm[Hg]"' in example and declared(HEAD + example).units["mm Hg"] == "mm[Hg]"
    data = json.loads(people.coverage_text(found))["requirements"][0]["units not read"]
    assert {"unit": "mmHg", "why": "unknown unit", "people": 2, "did you mean": "mm[Hg]"} in data
    assert {"unit": "", "why": "no unit", "people": 1, "did you mean": ""} in data
    told = people.coverage(folder, library, declared())
    assert unread(told) == {"Systolic": {"Torr, unknown unit": 1}, "Creatinine": {"-, no unit": 1}}


def test_a_prepared_cohort_tells_the_same(export: list[Path], library: Library) -> None:
    folder = export[0].parent
    for site in (None, declared()):
        everybody = list(people.people_of(folder, library, site))
        counted_alike(made(folder, library, site), library, everybody, site)


def test_what_is_no_unit_may_be_a_name_and_is_not_shown(export: list[Path], library: Library) -> None:
    lines = export[1].read_text(encoding="utf-8").replace('"mmHg"', '"for Ann Example"')
    export[1].write_text(lines, encoding="utf-8")
    found = people.coverage(export[0].parent, library)
    assert "Ann" not in people.coverage_text(found) + str(people.covered(found, "bulk"))
    assert unread(found)["Systolic"]["a text of several words, unknown unit"] == 3


def test_a_number_is_no_answer_to_a_question_in_whatever_unit_the_site_writes(library: Library) -> None:
    dizzy = next(one for one in adapted(library, declared()).requirements if one.name == "Dizzy")
    assert dict(dizzy.units)["mmHg"] == "mm[Hg]" and "" not in dict(dizzy.units)


def test_a_declaration_without_units_reads_everything_as_no_declaration_does(library: Library) -> None:
    plain, same = library.requirements[0], adapted(library, declared(HEAD)).requirements[0]
    other = adapted(library, declared()).requirements[0]
    assert declared_as(plain, library) == declared_as(same, library) != declared_as(other, library)
    assert declared_as(replace(other, units=()), library) == declared_as(plain, library)


@pytest.mark.parametrize(
    ("units", "place", "message"),
    [
        ("units: {mmHg: mmHg}", "5:15", "this is no unit of UCUM; did you mean `mm[Hg]`"),
        ("units: {mg: g}", "5:9", "this is a unit of UCUM, and another one"),
        ("units: {'[degF]': Cel}", "5:9", "this is a unit of UCUM, and another one"),
        ("units: {x: [a, b]}", "5:12", "this is no unit of UCUM; write the unit in UCUM, as `mm[Hg]`"),
        ("units: mmHg", "5:8", "`units` is written as keys with values"),
        ("without unit: {Systolic: ''}", "5:26", "this is no unit of UCUM; write the unit in UCUM, as `mm[Hg]`"),
    ],
)
def test_what_is_wrong_with_declared_units(units: str, place: str, message: str) -> None:
    with pytest.raises(RuleError) as wrong:
        declared(f"{HEAD}{units}\n")
    (fault,) = wrong.value.diagnostics
    assert f"{fault.span.line}:{fault.span.column}" == place
    assert (f"{fault.message}; {fault.help}" if fault.help else fault.message) == message


def test_a_unit_that_cannot_be_that_of_the_requirement_stays_set_aside(
    export: list[Path], library: Library
) -> None:
    site = declared(f"{HEAD}without unit: {{Systolic: kg}}\nunits: {{mmHg: mg/dL}}\n")
    found = [worth(one) for one in people.people_of(export[0].parent, library, site) if isinstance(one, Subject)]
    assert [found[0], found[5]] == ["unit of another dimension"] * 2
