"""What is looked for in a source at all: an absolute exclusion of which nothing is can rule out nobody."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from screening import people
from screening.language.library import Library
from screening.screen import load_library
from screening.sources.opening import looked_for
from screening.sources.site import SiteDeclaration, adapted, read_site

TABLES = {
    "PERSON": "person_id,gender_concept_id,year_of_birth\n1,8532,1970\n2,8507,1960\n",
    "CONCEPT": "concept_id,vocabulary_id,concept_code,concept_name\n101,SNOMED,444814009,\n",
    "CONDITION_OCCURRENCE": "person_id,condition_concept_id,condition_start_date\n2,101,2020-01-05\n",
    "MEASUREMENT": "person_id,measurement_concept_id,measurement_date\n",
    "OBSERVATION": "person_id,observation_concept_id,observation_date\n",
    "DRUG_EXPOSURE": "person_id,drug_concept_id,drug_exposure_start_date\n",
}
RULES = """
library: small
version: "1"
status: draft
sources: {study: none}
requirements:
  Stroke: {type: Boolean, condition: SNOMED 230690007}
  Ketamine Allergy: {type: Boolean, allergy: [[SNOMED 373464007, RxNorm 6130]]}
  Lithium: {type: Boolean, medication: RxNorm 6448}
  Neck: {type: Boolean, questionnaire: linkId wpi.neck}
  Mood: {type: Boolean, questionnaire: LOINC 44250-9}
  Judged: {type: Boolean}
criteria:
  - {id: EXC01, category: exclusion, text: a, source: {study: "1"}, expression: Stroke}
  - {id: EXC02, category: exclusion, text: b, source: {study: "2"}, expression: '"Ketamine Allergy"'}
  - {id: EXC03, category: exclusion, text: c, source: {study: "3"}, expression: Lithium}
  - {id: EXC04, category: exclusion, text: d, source: {study: "4"}, expression: Neck}
  - {id: EXC05, category: exclusion, text: e, source: {study: "5"}, expression: Mood}
  - {id: EXC06, category: exclusion, text: f, source: {study: "6"}, expression: Judged}
"""
HEAD = "site: A\nowner: B\nsigned by: K7\ndate: 2026-11-01\n"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    path = tmp_path_factory.mktemp("rules") / "small.yaml"
    path.write_text(RULES, encoding="utf-8")
    return load_library(path)


def without(source: Path, library: Library, site: SiteDeclaration | None = None) -> list[str]:
    """The exclusions that a coverage tells without a source; a run tells the same of them."""
    found = people.coverage(source, library, site)
    told = [one.criterion for one in found.without_source]
    assert [one["id"] for one in people.exclusions_without_source(source, library, site)] == told
    return told


@pytest.fixture
def cdm(tmp_path: Path) -> Path:
    folder = tmp_path / "cdm"
    folder.mkdir()
    for name, text in TABLES.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def test_a_table_that_is_not_there_is_no_source(cdm: Path, library: Library) -> None:
    assert without(cdm, library) == ["EXC02", "EXC04", "EXC06"]
    (cdm / "DRUG_EXPOSURE.csv").unlink()
    assert without(cdm, library) == ["EXC02", "EXC03", "EXC04", "EXC06"]
    for name in ("MEASUREMENT.csv", "OBSERVATION.csv", "CONDITION_OCCURRENCE.csv"):
        (cdm / name).unlink()
    assert without(cdm, library) == ["EXC01", "EXC02", "EXC03", "EXC04", "EXC05", "EXC06"]


def test_an_allergy_that_a_site_has_a_finding_for_is_looked_for(cdm: Path, library: Library) -> None:
    site = read_site(f"{HEAD}codes: {{Ketamine Allergy: SNOMED 444814009}}\n", "site.yaml")
    # Somebody is ruled out by it, so that nobody may say that nobody can be.
    assert without(cdm, library, site) == ["EXC04", "EXC06"]
    found = people.coverage(cdm, library, site)
    assert next(one.people for one in found.covered if one.requirement.name == "Ketamine Allergy") == 1


def bundle(id: str) -> str:
    return json.dumps(
        {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [{"resource": {"resourceType": "Patient", "id": id}}],
        }
    )


def test_bundles_are_held_to_what_resources_can_answer(tmp_path: Path, library: Library) -> None:
    folder = tmp_path / "bundles"
    folder.mkdir()
    (folder / "a.json").write_text(bundle("a"), encoding="utf-8")
    (folder / "b.json").write_text(bundle("b"), encoding="utf-8")
    (folder / "empty.json").write_text("\n", encoding="utf-8")
    (folder / "packed.json.gz").write_bytes(b"\x1f\x8b\x08")
    (folder / "gone.json").symlink_to("nowhere.json")
    assert without(folder, library) == ["EXC06"]
    assert without(folder / "a.json", library) == ["EXC06"]
    lines = tmp_path / "people.jsonl"
    lines.write_text(bundle("a") + "\n\n" + bundle("b") + "\n", encoding="utf-8")
    assert without(lines, library) == ["EXC06"]


@pytest.mark.parametrize("form", ["lines", "folder"])
def test_a_profile_may_answer_whatever_it_likes(tmp_path: Path, library: Library, form: str) -> None:
    profile = json.dumps({"subject": "p", "evidence": {"Judged": {"value": "TRUE"}}})
    if form == "lines":
        source = tmp_path / "people.jsonl"
        source.write_text("\n".join([bundle("a")] * 30 + [profile]) + "\n", encoding="utf-8")
    else:
        source = tmp_path / "people"
        source.mkdir()
        (source / "a.json").write_text(bundle("a"), encoding="utf-8")
        (source / "b.json").write_text(profile, encoding="utf-8")
    assert looked_for(source, adapted(library, None)) is None
    assert without(source, library) == []
